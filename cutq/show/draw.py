"""``draw``: a circuit with its cuts and its fragment graph as one picture."""

from __future__ import annotations

import io
import math
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutq.circuits.circuit import Circuit
from cutq.errors import CutqError
from cutq.network.network import Network
from cutq.network.plan import CutPlan
from cutq.network.split import split
from cutq.show.captions import facts, heading, reading, wrapped
from cutq.show.circuit_panel import draw_circuit
from cutq.show.compact_panel import draw_compact, grid
from cutq.show.graph_panel import draw_graph, graph_picture
from cutq.show.layout import CircuitLayout, lay_out
from cutq.show.palette import GREY, INK
from cutq.show.sheet import sheet
from cutq.show.strokes import text

ENDINGS = (".svg", ".png")
"""Kinds of pictures."""

MOST_QUBITS, MOST_COLUMNS, MOST_GATES = 60, 150, 1200
"""Circuits beyond any of these are drawn without names of gates."""

NARROWEST = 7.0
"""Width of the smallest picture, in inches."""
LEGEND = 3.0
"""Width that the legend has at least."""
GRAPH_BESIDE = 5.2
"""Width that a fragment graph beside the circuit should keep to."""
MARGIN, GAP, SMALL_GAP = 0.2, 0.22, 0.08
HEADING_POINTS, FACTS_POINTS, READING_POINTS = 11.5, 8.5, 7.0

DPI, MOST_PIXELS = 160, 16_000_000
"""Pixels per inch, fewer where a picture would have more pixels than this."""


@dataclass(frozen=True)
class Panel:
    """A part of the picture.

    Attributes:
        size: its width and height, in inches.
        draw: what draws it on axes of that size.
    """

    size: tuple[float, float]
    draw: Callable[[Axes], None]


def draw(circuit: Circuit, plan: CutPlan, path: str | Path) -> None:
    """Write a picture of a circuit, its cuts and its fragments, as svg or png by the path's ending.

    The same circuit and plan give the same bytes. Circuits too large for names of gates become thin lines.

    Raises:
        CutqError: the ending is neither ``.svg`` nor ``.png``, or the file cannot be written.
        PlanError: the plan does not fit the circuit.
    """
    target = Path(path)
    check_path(target)
    network = split(circuit, plan)
    _write(target, render(circuit, plan, network, target.suffix.lower()[1:]))


def render(circuit: Circuit, plan: CutPlan, network: Network, kind: str) -> bytes:
    """The picture as the content of a file of this kind, ``"svg"`` or ``"png"``."""
    defaults = {key: value for key, value in matplotlib.rcParamsDefault.items() if not key.startswith("backend")}
    settings: dict[Any, Any] = {**defaults, "svg.fonttype": "none", "svg.hashsalt": "cutq"}
    buffer = io.BytesIO()
    with matplotlib.rc_context(settings):
        picture = figure(circuit, plan, network)
        width, height = picture.get_size_inches()
        dpi = min(DPI, math.sqrt(MOST_PIXELS / (width * height)))
        picture.savefig(buffer, format=kind, dpi=dpi, metadata={"Date": None} if kind == "svg" else None)
    return buffer.getvalue()


def figure(circuit: Circuit, plan: CutPlan, network: Network) -> Figure:
    """The picture as a figure: title, circuit, and the fragment graph below, or beside a high circuit."""
    score, compact = _circuit_panel(lay_out(circuit, network), network)
    wide, high = score.size
    beside = high > max(1.15 * wide, 3.0)
    graph = graph_picture(network, (GRAPH_BESIDE, high) if beside else (max(wide, NARROWEST), 0.0))
    fragments = Panel(graph.size, lambda axes: draw_graph(axes, graph))
    column = max(wide, LEGEND) if beside else max(wide, graph.size[0], NARROWEST)
    legend = _lines([(reading(network, compact=compact), READING_POINTS, GREY)], column)
    width = max(NARROWEST, column + GAP + graph.size[0]) if beside else column
    title = _title(circuit, plan, network, width)
    below = title.size[1] + GAP
    end = below + high + (SMALL_GAP + legend.size[1] if legend.size[1] else 0.0)
    corners = [(0.0, 0.0), (0.0, below), (0.0, end - legend.size[1])]
    corners.append((column + GAP, below) if beside else (0.0, end + SMALL_GAP))
    return _pasted([title, score, legend, fragments], corners)


def _circuit_panel(layout: CircuitLayout, network: Network) -> tuple[Panel, bool]:
    """The circuit's panel, and whether it is the one for large circuits."""
    large = layout.num_qubits > MOST_QUBITS or layout.num_columns > MOST_COLUMNS or len(layout.gates) > MOST_GATES
    if large:
        cells = grid(layout.num_columns, layout.num_qubits)
        return Panel(cells.size, lambda axes: draw_compact(axes, layout, cells, network)), True
    paper = sheet(layout)
    return Panel((paper.width, paper.height), lambda axes: draw_circuit(axes, layout, paper, network)), False


def _title(circuit: Circuit, plan: CutPlan, network: Network, width: float) -> Panel:
    return _lines([(heading(circuit, network), HEADING_POINTS, INK), (facts(plan, network), FACTS_POINTS, GREY)], width)


def _lines(paragraphs: list[tuple[str, float, str]], width: float) -> Panel:
    """A panel of text: (text, letter size, colour) for each paragraph."""
    rows = [(row, points, ink) for content, points, ink in paragraphs for row in wrapped(content, width, points)]

    def write(axes: Axes) -> None:
        y = 0.0
        for row, points, ink in rows:
            y += points * 1.5 / 72
            weight = "bold" if points == HEADING_POINTS else "normal"
            text(axes, (0.05, y), row, points, ink, ha="left", va="bottom", weight=weight)

    return Panel((width, sum(points * 1.5 / 72 for _, points, _ in rows)), write)


def _pasted(panels: Sequence[Panel], corners: Sequence[tuple[float, float]]) -> Figure:
    """Panels at their upper left corners; the unit of all axes is the inch, their origin that corner."""
    shown = [(panel, corner) for panel, corner in zip(panels, corners, strict=True) if min(panel.size) > 0]
    wide, high = (max(c[axis] + panel.size[axis] for panel, c in shown) + 2 * MARGIN for axis in (0, 1))
    picture = Figure(figsize=(wide, high), facecolor="white")
    for panel, (left, top) in shown:
        width, height = panel.size
        place = ((MARGIN + left) / wide, 1 - (MARGIN + top + height) / high, width / wide, height / high)
        axes = picture.add_axes(place, xlim=(0, width), ylim=(height, 0))
        axes.set_axis_off()
        panel.draw(axes)
    return picture


def check_path(target: Path) -> None:
    """Refuse a path that cannot become a picture."""
    if target.suffix.lower() not in ENDINGS:
        known = " or ".join(ENDINGS)
        raise CutqError(f"a picture's file ends in {known}, but {str(target)!r} ends in {target.suffix!r}")
    if not target.parent.is_dir() or not os.access(target.parent, os.W_OK):
        where = str(target.parent)
        raise CutqError(f"cannot write {str(target)!r}: {where!r} is no directory that can be written to")


def _write(target: Path, content: bytes) -> None:
    """Write the whole file or nothing."""
    try:
        with tempfile.TemporaryDirectory(prefix=".cutq-", dir=target.parent) as beside:
            part = Path(beside, target.name)
            part.write_bytes(content)
            os.replace(part, target)
    except OSError as error:
        raise CutqError(f"cannot write {str(target)!r}: {error}") from error
