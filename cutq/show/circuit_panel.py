"""The circuit with all its gates: wires on bands coloured by fragment, cuts marked and numbered."""

from __future__ import annotations

from matplotlib.axes import Axes

from cutq.network.network import Network
from cutq.show.glyphs import Glyph, Shape, glyphs, line_text
from cutq.show.layout import CircuitLayout, PlacedCut, PlacedGate, runs
from cutq.show.palette import CUT, GREY, INK, fragment_colour, joint_colour, legible, tint
from cutq.show.sheet import ANGLE_POINTS, LEFT, NAME_POINTS, ROW, Sheet, box_width
from cutq.show.strokes import area, badge, box, disc, line, scissors, text

BOX = 0.29
"""Height of a gate's box."""
DOT, PLUS, CROSS = 0.04, 0.095, 0.065
"""Radii of a control, of a circled plus and of a swap's cross."""
STROKE = 0.17
"""Half length of a cut's dashed stroke."""


def draw_circuit(axes: Axes, layout: CircuitLayout, sheet: Sheet, network: Network) -> None:
    """Draw the circuit on axes in inches."""
    colours = bond_colours(network)
    _draw_names(axes, layout, sheet)
    for stretch in layout.stretches:
        colour = fragment_colour(stretch.fragment)
        for left, right, y in sheet.pieces(stretch):
            area(axes, (left, y - ROW / 2), (right - left, ROW), tint(colour))
            line(axes, [(left, y), (right, y)], colour, 1.4, zorder=1, solid_capstyle="butt")
    for gate in layout.gates:
        _draw_gate(axes, gate, sheet, colours)
    for cut in layout.cuts:
        _draw_wire_cut(axes, cut, sheet)


def bond_colours(network: Network) -> dict[int, str]:
    """The colour of each bond's marks: one for all single cuts, one for each joint cut."""
    joint = [position for position, bond in enumerate(network.bonds) if len(bond.ops) > 1]
    single = dict.fromkeys(range(len(network.bonds)), CUT)
    return single | {bond: joint_colour(position) for position, bond in enumerate(joint)}


def _draw_names(axes: Axes, layout: CircuitLayout, sheet: Sheet) -> None:
    """Qubits, and the fragments in which their wires begin, left of the wires."""
    for qubit in range(layout.num_qubits):
        for system in range(len(sheet.ends)):
            text(axes, (LEFT - 0.08, sheet.y(qubit, system)), f"q{qubit}", 7.5, INK, ha="right")
    for first, last, fragment in runs(layout.stretches):
        top, bottom = sheet.y(first - 0.4, 0), sheet.y(last + 0.4, 0)
        colour = fragment_colour(fragment)
        line(axes, [(0.44, top), (0.44, bottom)], colour, 3.5, solid_capstyle="butt")
        text(axes, (0.36, (top + bottom) / 2), f"F{fragment}", 8.5, legible(colour), ha="right", weight="bold")


def _draw_gate(axes: Axes, gate: PlacedGate, sheet: Sheet, colours: dict[int, str]) -> None:
    cut = gate.bond is not None
    colour = GREY if cut else fragment_colour(gate.fragments[0])
    qubits = gate.operation.qubits
    if len(qubits) == 2:
        ends = [sheet.at(gate.column, min(qubits)), sheet.at(gate.column, max(qubits))]
        line(axes, ends, colour, 1.3, zorder=2, linestyle=(0, (3, 1.6)) if cut else "-")
    for qubit, glyph in zip(qubits, glyphs(gate.operation), strict=True):
        _draw_glyph(axes, glyph, sheet.at(gate.column, qubit), colour, cut)
    middle = sheet.at(gate.column, (min(qubits) + max(qubits)) // 2 + 0.5)
    beside = line_text(gate.operation)
    if beside:
        text(
            axes,
            (middle[0] + (STROKE + 0.04 if cut else 0.05), middle[1]),
            beside,
            ANGLE_POINTS,
            INK,
            ha="left",
        )
    if gate.bond is not None:
        _draw_gate_cut(axes, middle, gate.bond, colours[gate.bond])


def _draw_glyph(axes: Axes, glyph: Glyph, place: tuple[float, float], colour: str, cut: bool) -> None:
    x, y = place
    if glyph.shape is Shape.DOT:
        disc(axes, place, DOT, colour, colour)
    elif glyph.shape is Shape.PLUS:
        disc(axes, place, PLUS, "white", colour)
        line(axes, [(x - PLUS, y), (x + PLUS, y)], colour, 1.1, zorder=4)
        line(axes, [(x, y - PLUS), (x, y + PLUS)], colour, 1.1, zorder=4)
    elif glyph.shape is Shape.CROSS:
        line(axes, [(x - CROSS, y - CROSS), (x + CROSS, y + CROSS)], colour, 1.5, zorder=4)
        line(axes, [(x - CROSS, y + CROSS), (x + CROSS, y - CROSS)], colour, 1.5, zorder=4)
    else:
        _draw_box(axes, glyph, place, colour, cut)


def _draw_box(axes: Axes, glyph: Glyph, place: tuple[float, float], colour: str, cut: bool) -> None:
    x, y = place
    style = {"linestyle": (0, (2.4, 1.4))} if cut else {}
    size = (box_width(glyph.name, glyph.angles), BOX)
    box(axes, place, size, "white" if cut else tint(colour, 0.62), colour, **style)
    if glyph.angles:
        text(axes, (x, y - 0.055), glyph.name, NAME_POINTS, INK)
        text(axes, (x, y + 0.075), glyph.angles, ANGLE_POINTS, INK)
    else:
        text(axes, (x, y + 0.005), glyph.name, NAME_POINTS, INK)


def _draw_gate_cut(axes: Axes, middle: tuple[float, float], bond: int, colour: str) -> None:
    """A dashed stroke across the gate's line."""
    x, y = middle
    line(axes, [(x - STROKE, y), (x + STROKE, y)], colour, 1.3, zorder=6, linestyle=(0, (1.8, 1.1)))
    badge(axes, middle, bond, colour)


def _draw_wire_cut(axes: Axes, cut: PlacedCut, sheet: Sheet) -> None:
    """A dashed stroke across the wire with scissors below, and the name of the fragment that begins."""
    x, y = sheet.at(cut.column, cut.qubit)
    line(axes, [(x, y - 0.47 * ROW), (x, y + 0.47 * ROW)], CUT, 1.5, zorder=6, linestyle=(0, (2.2, 1.2)))
    badge(axes, (x, y - 0.27 * ROW), cut.bond)
    scissors(axes, (x, y + 0.06), (0.0, -1.0))
    colour = legible(fragment_colour(cut.fragment))
    text(axes, (x + 0.1, y + 0.27 * ROW), f"F{cut.fragment}", 6.5, colour, ha="left", weight="bold")
