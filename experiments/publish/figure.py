"""The picture of a module: its circuit, with the ports at the ends of their wires."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutq import Circuit, CutPlan, Module, split
from cutq.compose.ports import ClassicalOut
from cutq.show.circuit_panel import draw_circuit
from cutq.show.layout import lay_out
from cutq.show.page import NARROWEST, SMALL_GAP, Panel, legend, pasted, rendered, title
from cutq.show.palette import GREY, INK
from cutq.show.sheet import Sheet, sheet, text_width
from cutq.show.strokes import text
from experiments.publish.small import small

POINTS = 7.5
"""Letter size of ports."""


def figure(module: Module) -> bytes:
    """The picture as svg; the same module gives the same bytes."""
    return small(rendered(lambda: picture(module), "svg"))


def picture(module: Module) -> Figure:
    """The picture as a figure."""
    circuit = module.body
    assert isinstance(circuit, Circuit)
    network = split(circuit, CutPlan.uncut())
    layout = lay_out(circuit, network)
    paper = sheet(layout)
    begins, ends = _begins(module, circuit.num_qubits), _ends(module, circuit.num_qubits)
    panels = [
        _names(begins, paper, 0, "right"),
        Panel((paper.width, paper.height), lambda axes: draw_circuit(axes, layout, paper, network)),
        _names(ends, paper, len(paper.ends) - 1, "left"),
    ]
    lefts = [sum(panel.size[0] for panel in panels[:k]) for k in range(3)]
    width = max(lefts[2] + panels[2].size[0], NARROWEST)
    top = title(module.name, module.card.summary, width)
    below = top.size[1] + SMALL_GAP
    marks = legend("; ".join(f"{port.name}: {port.type}" for port in module.ports), width)
    corners = [(0.0, 0.0), *((left, below) for left in lefts), (0.0, below + paper.height + SMALL_GAP)]
    return pasted([top, *panels, marks], corners)


def _begins(module: Module, count: int) -> list[str]:
    """What each wire begins with: a port's qubit, or 0."""
    found = ["|0⟩"] * count
    for port in module.quantum_inputs:
        for k, qubit in enumerate(port.qubits):
            found[qubit] = f"{port.name}[{k}]" if len(port.qubits) > 1 else port.name
    return found


def _ends(module: Module, count: int) -> list[str]:
    """Where each wire ends: in a port's qubit, in a number, or nowhere."""
    found = ["traced out"] * count
    for out in module.classical_outputs:
        for one in out.observables if isinstance(out, ClassicalOut) else ():
            for qubit, letter in (pair for word, _ in one.terms for pair in word):
                before = "" if found[qubit] == "traced out" else f"{found[qubit]}, "
                found[qubit] = f"{before}{letter} → {out.name}"
    for port in module.quantum_outputs:
        for k, qubit in enumerate(port.qubits):
            found[qubit] = f"{port.name}[{k}]" if len(port.qubits) > 1 else port.name
    return found


def _names(names: list[str], paper: Sheet, system: int, side: str) -> Panel:
    """A column of names beside the wires of a system."""
    width = max(text_width(name, POINTS) for name in names) + 0.1

    def write(axes: Axes) -> None:
        for qubit, name in enumerate(names):
            place = (width - 0.05 if side == "right" else 0.05, paper.y(qubit, system))
            text(axes, place, name, POINTS, GREY if name in ("|0⟩", "traced out") else INK, ha=side)

    return Panel((width, paper.height), write)
