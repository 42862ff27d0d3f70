"""``python -m experiments.gradients.figure [FOLDER]``: the figures, from the CSV alone."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE = (6.4, 3.6)
RATE = 1000.0
"""Shots in a second, by which time on this computer is drawn as shots."""

Row = Mapping[str, str]


@dataclass(frozen=True)
class Style:
    """How a line looks; colours of Okabe and Ito, told apart by markers too."""

    label: str
    colour: str
    marker: str
    dash: str = "-"


STYLES = {
    "workflow shift": Style("shift, whole workflow", "#cc79a7", "D"),
    "fragment shift": Style("shift, one fragment", "#0072b2", "o"),
    "uncut shift": Style("shift, uncut", "#d55e00", "X", "--"),
    "fragment SPSA": Style("SPSA, fragments", "#56b4e9", "s"),
    "uncut SPSA": Style("SPSA, uncut", "#e69f00", "v", "--"),
    "adjoint": Style("adjoint, exact", "#009e73", "^"),
}


def pictures(results: Path) -> dict[str, Figure]:
    """By name the figures."""
    with results.open(newline="", encoding="utf-8") as file:
        rows = list({(row["method"], row["modules"]): row for row in csv.DictReader(file)}.values())
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
    low, high = axes.dataLim.intervalx
    axes.set(xscale="log", yscale="log", xlabel="parameters")
    # Whole powers of ten, which a logarithmic axis of any length can name.
    axes.set_xlim(0.8 * 10.0 ** np.floor(np.log10(low)), 1.25 * 10.0 ** np.ceil(np.log10(high)))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return drawing


def circuits(rows: Sequence[Row], axes: Axes) -> None:
    """Circuits for all derivatives."""
    for method, style in STYLES.items():
        if method != "adjoint":
            _plot(axes, style, _points(rows, method, "circuits", "circuits", "circuits"))
    axes.plot([], [], color="none", label="adjoint, exact: none")
    axes.set_ylabel("circuits")
    axes.set_title("Fragments shift alone: a multiple of the uncut rule, not its square", loc="left", fontsize=11)


def shots(rows: Sequence[Row], axes: Axes) -> None:
    """Shots for a gradient to a tenth."""
    for method in ("workflow shift", "fragment shift", "uncut shift"):
        _plot(axes, STYLES[method], _points(rows, method, "shots", "shots", "shots"))
    exact = _points(rows, "adjoint", "seconds", "low", "high")
    in_shots = [(x, *(RATE * one for one in seconds)) for x, *seconds in exact]
    _plot(axes, replace(STYLES["adjoint"], label="adjoint, exact: its\ntime at 1000 shots/s"), in_shots)
    axes.set_ylabel("shots for a relative error of 10 %")
    axes.set_title("No shift rule backpropagates: shots outgrow the parameters", loc="left", fontsize=11)


def seconds(rows: Sequence[Row], axes: Axes) -> None:
    """Time on this computer."""
    for method in ("workflow shift", "fragment shift", "uncut shift", "adjoint"):
        _plot(axes, STYLES[method], _points(rows, method, "seconds", "low", "high"))
    axes.set_ylabel("CPU time for all derivatives [s]")
    axes.set_title("The adjoint pass costs a few values, a shift two for each parameter", loc="left", fontsize=11)


PANELS: Mapping[str, Callable[[Sequence[Row], Axes], None]] = {"circuits": circuits, "shots": shots, "seconds": seconds}
"""By the name of its file what is in a figure."""


def _points(rows: Sequence[Row], method: str, *columns: str) -> list[tuple[float, ...]]:
    """(parameters, median, low, high) where there is a number."""
    own = [row for row in rows if row["method"] == method and row[columns[0]]]
    return sorted((float(row["parameters"]), *(float(row[name]) for name in columns)) for row in own)


def _plot(axes: Axes, style: Style, points: Sequence[tuple[float, ...]]) -> None:
    """A line with the intervals of its medians."""
    if points:
        x, y, low, high = np.array(points).T
        axes.fill_between(x, low, high, color=style.colour, alpha=0.2, lw=0)
        axes.plot(x, y, style.dash, color=style.colour, marker=style.marker, ms=4.5, lw=1.5, label=style.label)


if __name__ == "__main__":
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    draw(home / "results.csv", home)
