"""Large circuits at a glance: wires and gates as thin lines in the colour of their fragment, and the cuts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from cutq.network.network import Network
from cutq.show.circuit_panel import bond_colours
from cutq.show.layout import CircuitLayout, runs
from cutq.show.palette import INK, fragment_colour, legible, tint
from cutq.show.strokes import Point, badge, line, text

LEFT, RIGHT = 0.95, 0.2
MOST_WIDTH, MOST_HEIGHT = 12.0, 9.0
"""Inches that the circuit may take; smaller ones take what they need."""
LARGEST_CELL = (0.24, 0.14)
"""Width of a column and height of a wire where there is room."""
BADGE_ROOM = (0.22, 0.17)
"""Bond numbers closer than this are left out."""
MOST_MARKS = 400
"""More cut marks than this are drawn thinner, as pixels and without numbers."""

Stroke = tuple[Point, Point]


@dataclass(frozen=True)
class Grid:
    """A regular grid of columns and wires.

    Attributes:
        cell: width of a column and height of a wire, in inches.
        size: width and height of the panel.
    """

    cell: Point
    size: Point

    def at(self, column: float, qubit: float) -> Point:
        """The middle of a cell."""
        return LEFT + (column + 0.5) * self.cell[0], (qubit + 0.5) * self.cell[1]


def grid(num_columns: int, num_qubits: int) -> Grid:
    """The grid of a circuit's size.

    >>> grid(1000, 180).cell
    (0.012, 0.05)
    """
    wide = min(LARGEST_CELL[0], MOST_WIDTH / max(1, num_columns))
    high = min(LARGEST_CELL[1], MOST_HEIGHT / max(1, num_qubits))
    return Grid((wide, high), (LEFT + wide * num_columns + RIGHT, high * num_qubits))


def draw_compact(axes: Axes, layout: CircuitLayout, cells: Grid, network: Network) -> None:
    """Draw the circuit without names of gates on axes in inches."""
    _draw_names(axes, layout, cells)
    _draw_wires(axes, layout, cells)
    _draw_gates(axes, layout, cells)
    _draw_cuts(axes, layout, cells, network)


def spread(places: Iterable[tuple[int, Point]], room: Point) -> list[tuple[int, Point]]:
    """Of numbered places those that keep their distance from all kept before them.

    >>> spread([(0, (0.0, 0.0)), (1, (0.1, 0.0)), (2, (0.5, 0.0))], (0.2, 0.2))
    [(0, (0.0, 0.0)), (2, (0.5, 0.0))]
    """
    kept: list[tuple[int, Point]] = []
    taken: dict[tuple[int, int], list[Point]] = {}
    for number, (x, y) in places:
        home = (int(x // room[0]), int(y // room[1]))
        near = [p for dx in (-1, 0, 1) for dy in (-1, 0, 1) for p in taken.get((home[0] + dx, home[1] + dy), [])]
        if all(abs(x - other[0]) >= room[0] or abs(y - other[1]) >= room[1] for other in near):
            kept.append((number, (x, y)))
            taken.setdefault(home, []).append((x, y))
    return kept


def _draw_names(axes: Axes, layout: CircuitLayout, cells: Grid) -> None:
    every = next(step for step in (1, 2, 5, 10, 20, 50, 100, 10**9) if step * cells.cell[1] > 0.13)
    for qubit in range(0, layout.num_qubits, every):
        text(axes, (LEFT - 0.06, cells.at(0, qubit)[1]), f"q{qubit}", 6.0, INK, ha="right")
    below = -1.0
    for first, last, fragment in runs(layout.stretches):
        top, bottom = cells.at(0, first - 0.35)[1], cells.at(0, last + 0.35)[1]
        line(axes, [(0.5, top), (0.5, bottom)], fragment_colour(fragment), 3.5, solid_capstyle="butt")
        middle = (top + bottom) / 2
        if middle - below > 0.14:
            below = middle
            text(
                axes,
                (0.42, middle),
                f"F{fragment}",
                7.5,
                legible(fragment_colour(fragment)),
                ha="right",
                weight="bold",
            )


def _draw_wires(axes: Axes, layout: CircuitLayout, cells: Grid) -> None:
    strokes, colours = [], []
    for stretch in layout.stretches:
        left = LEFT if stretch.start is None else cells.at(stretch.start, 0)[0]
        stop = layout.num_columns - 0.5 if stretch.stop is None else stretch.stop
        y = cells.at(0, stretch.qubit)[1]
        strokes.append(((left, y), (cells.at(stop, 0)[0], y)))
        colours.append(tint(fragment_colour(stretch.fragment), 0.6))
    _add(axes, strokes, colours, 0.55 * cells.cell[1] * 72, zorder=1)


def _draw_gates(axes: Axes, layout: CircuitLayout, cells: Grid) -> None:
    """A bar on each of a gate's qubits, dark for cut gates, and thin lines between whole pairs."""
    pairs = [gate for gate in layout.gates if gate.bond is None and len(gate.operation.qubits) == 2]
    colours = [fragment_colour(gate.fragments[0]) for gate in pairs]
    ends = [(min(gate.operation.qubits), max(gate.operation.qubits)) for gate in pairs]
    columns = [gate.column for gate in pairs]
    strokes = [(cells.at(c, low), cells.at(c, high)) for c, (low, high) in zip(columns, ends, strict=True)]
    _add(axes, strokes, colours, max(0.35, 0.2 * cells.cell[0] * 72), zorder=2)
    bars, shades = [], []
    for gate in layout.gates:
        for qubit, fragment in zip(gate.operation.qubits, gate.fragments, strict=True):
            (x, y), half = cells.at(gate.column, qubit), 0.33 * cells.cell[0]
            bars.append(((x - half, y), (x + half, y)))
            shades.append(fragment_colour(fragment) if gate.bond is None else INK)
    _add(axes, bars, shades, 0.62 * cells.cell[1] * 72, zorder=3)


def _draw_cuts(axes: Axes, layout: CircuitLayout, cells: Grid, network: Network) -> None:
    """Lines of cut gates, short bars across cut wires, and bond numbers as far as they have room."""
    colours = bond_colours(network)
    marks: list[tuple[int, Stroke]] = []
    for gate in layout.gates:
        if gate.bond is not None:
            low, high = min(gate.operation.qubits), max(gate.operation.qubits)
            marks.append((gate.bond, (cells.at(gate.column, low), cells.at(gate.column, high))))
    for cut in layout.cuts:
        ends = cells.at(cut.column, cut.qubit - 0.6), cells.at(cut.column, cut.qubit + 0.6)
        marks.append((cut.bond, ends))
    shades = [colours[bond] for bond, _ in marks]
    many = len(marks) > MOST_MARKS
    _add(
        axes,
        [ends for _, ends in marks],
        shades,
        0.4 if many else 1.2,
        zorder=2 if many else 4,
        rasterized=many,
    )
    middles = [(bond, ((one[0] + two[0]) / 2, (one[1] + two[1]) / 2)) for bond, (one, two) in sorted(marks)]
    for bond, place in [] if many else spread(middles, BADGE_ROOM):
        badge(axes, place, bond, colours[bond])


def _add(
    axes: Axes,
    strokes: Sequence[Stroke],
    colours: Sequence[str],
    width: float,
    zorder: float,
    rasterized: bool = True,
) -> None:
    lines = LineCollection(
        strokes,
        colors=colours,
        linewidths=width,
        zorder=zorder,
        rasterized=rasterized,
        clip_on=False,
        capstyle="butt",
    )
    axes.add_artist(lines)
