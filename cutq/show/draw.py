"""``draw``: a circuit with its cuts and its fragment graph as one picture."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from cutq.circuits.circuit import Circuit
from cutq.network.network import Network
from cutq.network.plan import CutPlan
from cutq.network.split import split
from cutq.show.captions import facts, heading, reading
from cutq.show.circuit_panel import draw_circuit
from cutq.show.compact_panel import draw_compact, grid
from cutq.show.files import check_picture, write_whole
from cutq.show.graph_panel import draw_graph, graph_picture
from cutq.show.layout import CircuitLayout, lay_out
from cutq.show.page import GAP, NARROWEST, SMALL_GAP, Panel, legend, pasted, rendered, title
from cutq.show.sheet import sheet

MOST_QUBITS, MOST_COLUMNS, MOST_GATES = 60, 150, 1200
"""Circuits beyond any of these are drawn without names of gates."""

LEGEND = 3.0
"""Width that the legend has at least."""
GRAPH_BESIDE = 5.2
"""Width that a fragment graph beside the circuit should keep to."""


def draw(circuit: Circuit, plan: CutPlan, path: str | Path) -> None:
    """Write a picture of a circuit, its cuts and its fragments, as svg or png by the path's ending.

    The same circuit and plan give the same bytes. Circuits too large for names of gates become thin lines.

    Raises:
        CutqError: the ending is neither ``.svg`` nor ``.png``, or the file cannot be written.
        PlanError: the plan does not fit the circuit.
    """
    target = Path(path)
    check_picture(target)
    network = split(circuit, plan)
    kind = target.suffix.lower()[1:]
    write_whole(target, rendered(lambda: figure(circuit, plan, network), kind))


def figure(circuit: Circuit, plan: CutPlan, network: Network) -> Figure:
    """The picture as a figure: title, circuit, and the fragment graph below, or beside a high circuit."""
    score, compact = _circuit_panel(lay_out(circuit, network), network)
    wide, high = score.size
    beside = high > max(1.15 * wide, 3.0)
    graph = graph_picture(network, (GRAPH_BESIDE, high) if beside else (max(wide, NARROWEST), 0.0))
    fragments = Panel(graph.size, lambda axes: draw_graph(axes, graph))
    column = max(wide, LEGEND) if beside else max(wide, graph.size[0], NARROWEST)
    marks = legend(reading(network, compact=compact), column)
    width = max(NARROWEST, column + GAP + graph.size[0]) if beside else column
    top = title(heading(circuit, network), facts(plan, network), width)
    below = top.size[1] + GAP
    end = below + high + (SMALL_GAP + marks.size[1] if marks.size[1] else 0.0)
    corners = [(0.0, 0.0), (0.0, below), (0.0, end - marks.size[1])]
    corners.append((column + GAP, below) if beside else (0.0, end + SMALL_GAP))
    return pasted([top, score, marks, fragments], corners)


def _circuit_panel(layout: CircuitLayout, network: Network) -> tuple[Panel, bool]:
    """The circuit's panel, and whether it is the one for large circuits."""
    large = layout.num_qubits > MOST_QUBITS or layout.num_columns > MOST_COLUMNS or len(layout.gates) > MOST_GATES
    if large:
        cells = grid(layout.num_columns, layout.num_qubits)
        return Panel(cells.size, lambda axes: draw_compact(axes, layout, cells, network)), True
    paper = sheet(layout)
    return Panel((paper.width, paper.height), lambda axes: draw_circuit(axes, layout, paper, network)), False
