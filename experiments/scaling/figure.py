"""``python -m experiments.scaling.figure [FOLDER]``: the figures, from the CSV alone."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.scaling.rows import Row, law_width, line, parsed, per_gate, selected, wide_length, winner

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE = (6.4, 3.6)
CONTRACTED = 4
"""Modules in the chains whose contraction is drawn against their width: longer ones are not contracted."""


@dataclass(frozen=True)
class Style:
    """How a line looks; colours of Okabe and Ito, told apart by markers too."""

    label: str
    colour: str
    marker: str
    dash: str = "-"


SHAPES = {
    "chain": Style("chain, cut", "#0072b2", "o"),
    "tree": Style("tree, cut", "#56b4e9", "s"),
    "ring": Style("ring, cut", "#009e73", "^"),
    "grid": Style("grid of 3 rows, cut", "#cc79a7", "D"),
}
METHODS = {
    "fragments": Style("cut at the wires", "#0072b2", "o"),
    "statevector": Style("whole state, uncut", "#d55e00", "X", "--"),
    "gates": Style("contracted uncut", "#e69f00", "v", ":"),
}
SHARED = {
    1: Style("1 wire between modules", "#0072b2", "o"),
    2: Style("2 wires", "#009e73", "^"),
    3: Style("3 wires", "#cc79a7", "D"),
}


def pictures(results: Path) -> dict[str, Figure]:
    """By name the figures."""
    with results.open(newline="", encoding="utf-8") as file:
        rows = parsed(csv.DictReader(file))
    return {name: _figure(panel, rows) for name, panel in PANELS.items()}


def draw(results: Path, into: Path) -> list[Path]:
    """Write each figure as SVG and PNG; the same rows give the same bytes."""
    from cutq.show.page import rendered

    paths = []
    for name in PANELS:
        for kind in ("svg", "png"):
            paths.append(into / f"{name}.{kind}")
            paths[-1].write_bytes(rendered(lambda name=name: pictures(results)[name], kind))
    return paths


def _figure(panel: Callable[[Sequence[Row], Axes], None], rows: Sequence[Row]) -> Figure:
    from matplotlib.figure import Figure

    drawing = Figure(figsize=SIZE, layout="constrained")
    axes = drawing.subplots()
    panel(rows, axes)
    axes.spines[["top", "right"]].set_visible(False)
    return drawing


def modules(rows: Sequence[Row], axes: Axes) -> None:
    """Time of value and gradient against the number of modules."""
    width = law_width(rows)
    for shape, style in SHAPES.items():
        _plot(axes, style, line(selected(rows, shape=shape, num_wires=width, shared=1), "modules", "gradient_s", 1e3))
    for method in ("statevector", "gates"):
        chosen = selected(rows, shape="chain", method=method, num_wires=width, shared=1)
        _plot(axes, METHODS[method], line(chosen, "modules", "gradient_s", 1e3))
    axes.set(yscale="log", xlabel=f"modules of {width} qubits", ylabel="value and gradient [ms]")
    _decades(axes)
    axes.set_title("Cut systems cost a time linear in the modules; uncut states do not", loc="left", fontsize=11)
    _legend(axes)


def width(rows: Sequence[Row], axes: Axes) -> None:
    """Time for each gate against the width of a module."""
    length = wide_length(rows)
    for shared, style in SHARED.items():
        chosen = selected(rows, shape="chain", modules=length, shared=shared)
        _plot(axes, style, per_gate(chosen, "num_wires"))
    whole = selected(rows, shape="chain", method="statevector", shared=1)
    _plot(axes, METHODS["statevector"], per_gate(whole, "qubits"))
    contracted = selected(rows, shape="chain", method="gates", shared=1, modules=CONTRACTED)
    style = replace(METHODS["gates"], label=f"contracted uncut, {CONTRACTED} modules")
    _plot(axes, style, per_gate(contracted, "num_wires"))
    axes.set(yscale="log", xlabel="qubits of a module (uncut: of the whole)", ylabel="value, time per gate [ns]")
    axes.set_title(f"Each qubit of a module doubles the time of a gate ({length} modules)", loc="left", fontsize=11)
    _legend(axes)


def memory(rows: Sequence[Row], axes: Axes) -> None:
    """Memory of a value against the number of modules."""
    width = law_width(rows)
    for method, style in METHODS.items():
        chosen = selected(rows, shape="chain", method=method, num_wires=width, shared=1)
        _plot(axes, style, line(chosen, "modules", "memory_bytes", 1e-6))
    axes.set(yscale="log", xlabel=f"modules of {width} qubits in a chain", ylabel="memory of a value [MB]")
    _decades(axes)
    axes.set_title("Memory of cut chains is linear in the modules", loc="left", fontsize=11)
    _legend(axes)


def crossover(rows: Sequence[Row], axes: Axes) -> None:
    """Which way is fastest, by modules and qubits of a module."""
    cells = winner(rows)
    for method, style in METHODS.items():
        own = [place for place, (best, _) in cells.items() if best == method]
        points = np.array(own or [(np.nan, np.nan)])
        axes.plot(points[:, 1], points[:, 0], style.marker, color=style.colour, ms=9, label=style.label)
    axes.set(xscale="log", xlabel="modules in a chain", ylabel="qubits of a module")
    axes.set_title("The fastest of three ways to a value and its gradient", loc="left", fontsize=11)
    axes.margins(0.08)
    for axis, numbers in ((axes.yaxis, {n for n, _ in cells}), (axes.xaxis, {k for _, k in cells})):
        axis.set_ticks(sorted(numbers), [f"{one:g}" for one in sorted(numbers)])
        axis.set_ticks([], minor=True)
    _legend(axes)


PANELS: Mapping[str, Callable[[Sequence[Row], Axes], None]] = {
    "modules": modules,
    "width": width,
    "memory": memory,
    "crossover": crossover,
}
"""By the name of its file what is in a figure."""


def _plot(axes: Axes, style: Style, points: Sequence[tuple[float, float, float, float]]) -> None:
    """A line with the intervals of its medians."""
    if not points:
        return
    x, y, low, high = np.array(points).T
    axes.fill_between(x, low, high, color=style.colour, alpha=0.2, lw=0)
    axes.plot(x, y, style.dash, color=style.colour, marker=style.marker, ms=4.5, lw=1.5, label=style.label)


def _decades(axes: Axes) -> None:
    """Whole powers of ten along x, which a logarithmic axis of any length can name."""
    low, high = axes.dataLim.intervalx
    axes.set_xscale("log")
    axes.set_xlim(0.8 * 10.0 ** np.floor(np.log10(low)), 1.25 * 10.0 ** np.ceil(np.log10(high)))


def _legend(axes: Axes) -> None:
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))


if __name__ == "__main__":
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    draw(home / "results.csv", home)
