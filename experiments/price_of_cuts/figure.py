"""``python -m experiments.price_of_cuts.figure [FOLDER]``: the figures, from the CSV alone."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.price_of_cuts.paying import pays
from experiments.price_of_cuts.rows import ERROR, RATE, Point, Row, drawn, line, parsed, selected

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE = (6.4, 3.6)
PLACE, MAP_PLACE = (0.112, 0.13, 0.583, 0.785), (0.09, 0.27, 0.72, 0.65)
"""Of the axes in a figure, with room for the legend: left, bottom, width, height."""

SHOTS = "shots for an error of 0.01"


@dataclass(frozen=True)
class Style:
    """How a line looks; colours of Okabe and Ito, told apart by markers too."""

    label: str
    colour: str
    marker: str
    dash: str = "-"
    size: float = 4.5


UNCUT = Style("uncut circuit", "#d55e00", "X", "--")
EXACT = Style("exact fragments here,\nas shots at 1,000/s", "#000000", "v", ":")
BLUE, SKY, GREEN, PINK, ORANGE = "#0072b2", "#56b4e9", "#009e73", "#cc79a7", "#e69f00"
SIC = Style("contracted, uniform", BLUE, "o")
PILOT = Style("contracted, pilot", SKY, "s")
LOCC = Style("shot by shot, LOCC", GREEN, "^", "none")
LO = Style("shot by shot, LO", PINK, "D", "none")
POOLED = Style("drawn, averages\nof fragments\nmultiplied", ORANGE, "P", "-.")
LONGEST = 30
"""Cuts of the chains that are drawn; with few shots for each circuit there are longer ones."""


def pictures(results: Path) -> dict[str, Figure]:
    """By name the figures."""
    rows = _rows(results)
    return {name: _figure(panel, rows) for name, panel in PANELS.items()}


def draw(results: Path, into: Path) -> list[Path]:
    """Write each figure as SVG and PNG; the same rows give the same bytes."""
    from cutq.show.page import rendered

    rows, paths = _rows(results), []
    for name, panel in PANELS.items():
        for kind in ("svg", "png"):
            paths.append(into / f"{name}.{kind}")
            paths[-1].write_bytes(rendered(lambda panel=panel: _figure(panel, rows), kind))
    return paths


def _rows(results: Path) -> list[Row]:
    with results.open(newline="", encoding="utf-8") as file:
        return parsed(csv.DictReader(file))


def _figure(panel: Callable[[Sequence[Row], Axes], None], rows: Sequence[Row]) -> Figure:
    from matplotlib.figure import Figure

    drawing = Figure(figsize=SIZE)
    axes = drawing.add_axes(MAP_PLACE if panel is pays else PLACE)
    panel(rows, axes)
    axes.spines[["top", "right"]].set_visible(False)
    return drawing


def cuts(rows: Sequence[Row], axes: Axes) -> None:
    """Shots over the number of cuts of a chain."""
    own = [row for row in selected(rows, family="unitary", method=None) if row["cuts"] <= LONGEST]
    for style, method in ((LO, "LO"), (LOCC, "LOCC")):
        one_shot = selected(own, method=method)
        _law(axes, style.colour, line(one_shot, "shots"))
        _plot(axes, style, line(drawn(one_shot), "shots"))
    for style, method in ((POOLED, "pooled"), (SIC, "uniform"), (PILOT, "pilot"), (UNCUT, "uncut")):
        _plot(axes, style, line(selected(own, method=method), "shots"))
    _exact(axes, own)
    _formula(axes)
    _finish(axes, "cuts K in a chain, one wire each", SHOTS, (1, 1e16))
    axes.set_title("Contracted, shots grow as K²; drawn shot by shot, as $9^K$ to $16^K$", **TITLE)


def shapes(rows: Sequence[Row], axes: Axes) -> None:
    """Shots over the number of cuts of GHZ states of all shapes."""
    for shape, colour, marker in (
        ("star", ORANGE, "P"),
        ("tree", GREEN, "^"),
        ("ring", SKY, "s"),
        ("chain", BLUE, "o"),
    ):
        own = selected(rows, family="ghz", shape=shape, method="uniform")
        _plot(axes, Style(f"{shape}, contracted", colour, marker), line(own, "shots"))
    law = selected(rows, family="ghz", shape="tree", method="LO")
    _law(axes, LO.colour, line(law, "shots"))
    _formula(axes, "any shape, LO,\nshot by shot: $16^K$", LO.colour)
    _plot(axes, UNCUT, line(selected(rows, family="ghz", shape="chain", method="uncut"), "shots"))
    _exact(axes, rows, family="ghz", shape="chain")
    _finish(axes, "cuts K between fragments of a GHZ state", SHOTS, (1, 1e11))
    axes.set_title("Shots grow exponentially with the legs of a fragment, not with the cuts", **TITLE)


SHAPES = {
    "star": Style("star, contracted", ORANGE, "P"),
    "tree": Style("tree, contracted", GREEN, "^"),
    "ring": Style("ring, contracted", SKY, "s", size=8.0),
    "chain": Style("chain, contracted", BLUE, "o"),
}


def widths(rows: Sequence[Row], axes: Axes) -> None:
    """Shots over the number of wires between two fragments."""
    two = {"family": "unitary", "cuts": 1, "wires": None}
    for method, style in (("LO", LO), ("LOCC", LOCC)):
        own = selected(rows, method=method, **two)
        _law(axes, style.colour, line(own, "shots", "wires"))
        _plot(axes, style, line(drawn(own), "shots", "wires"))
    for frame, label, colour, marker in FRAMES:
        own = selected(rows, method="uniform", frame=frame, **two)
        _plot(axes, Style(label, colour, marker), line(own, "shots", "wires"))
    _plot(axes, UNCUT, line(selected(rows, method="uncut", **two), "shots", "wires"))
    _exact(axes, rows, "wires", **two)
    _formula(axes)
    _finish(axes, "wires w cut between two fragments", SHOTS, (1, 1e10))
    axes.set_xticks(sorted({row["wires"] for row in selected(rows, method="uncut", **two)}))
    axes.set_title("Each wire of one cut multiplies the shots, by 4 in the best frame", **TITLE)


FRAMES = (
    ("std4", "Pauli, four states", ORANGE, "P"),
    ("sic", "Pauli, SIC states", BLUE, "o"),
    ("mub", "unbiased bases", SKY, "s"),
)


def thin(rows: Sequence[Row], axes: Axes) -> None:
    """Shots times variance over the number of cuts, with few shots for each circuit."""
    for each, colour, marker in ((10, PINK, "D"), (100, GREEN, "^"), (1000, BLUE, "o")):
        own = selected(rows, family="unitary", method="uniform", each=each)
        _law(axes, colour, [(row["cuts"], *(row["law"],) * 3) for row in own])
        kept = [row for row in own if row["cuts"] in THIN]
        _plot(axes, Style(f"{each} shots a circuit", colour, marker, "none"), line(kept, "variance"))
    kept = [row for row in selected(rows, family="unitary", method="uncut") if row["cuts"] in THIN]
    _plot(axes, UNCUT, line(kept, "variance"))
    kept = [row for row in selected(rows, family="unitary", method="fragments") if row["cuts"] in THIN]
    _plot(axes, EXACT, line(kept, "seconds", scale=RATE * ERROR**2))
    _formula(axes)
    axes.set_xscale("log")
    _finish(axes, "cuts K in a chain", "shots times variance", (1e-4, 1e9))
    axes.set_xticks(THIN, [f"{k}" for k in THIN])
    axes.minorticks_off()
    axes.set_title("Too few shots for each circuit make a chain exponential after all", **TITLE)


THIN = (1, 2, 4, 8, 16, 32, 64)


def signal(rows: Sequence[Row], axes: Axes) -> None:
    """Shots for an error of a tenth of the value."""
    for method, family, observable, style in SIGNALS:
        own = selected(rows, family=family, shape="chain", observable=observable, method=method)
        _plot(axes, style, line(own, "relative"))
    own = selected(rows, family="contractive", observable="product", method="LOCC")
    _law(axes, GREEN, line(own, "relative"))
    _formula(axes, "Z on all qubits, LOCC,\nshot by shot", GREEN)
    _exact(axes, rows, family="contractive", observable="product")
    _finish(axes, "cuts K in a chain, one wire each", "shots for 10 % of the value", (1, 1e16))
    axes.set_title("From 8 cuts on, a product over all fragments takes fewer shots cut", **TITLE)


SIGNALS = (
    ("uncut", "contractive", "product", Style("Z on all qubits, uncut", UNCUT.colour, UNCUT.marker, "--")),
    ("pilot", "contractive", "product", Style("Z on all qubits, cut", BLUE, "o")),
    ("pilot", "ghz", "product", Style("X on all of GHZ, cut", PINK, "D")),
    ("pilot", "contractive", "local", Style("Z on the last qubit, cut", SKY, "s")),
    ("uncut", "contractive", "local", Style("Z on the last, uncut", ORANGE, "P", "--")),
)

TITLE: Mapping[str, Any] = {"loc": "left", "fontsize": 11}
PANELS: Mapping[str, Callable[[Sequence[Row], Axes], None]] = {
    "cuts": cuts, "shapes": shapes, "widths": widths, "thin": thin, "signal": signal, "pays": pays
}  # fmt: skip
"""By the name of its file what is in a figure."""


def _exact(axes: Axes, rows: Sequence[Row], x: str = "cuts", **settings: Any) -> None:
    """Exact fragments, as the shots that a device makes in that time."""
    _plot(axes, EXACT, line(selected(rows, method="fragments", **settings), "seconds", x, RATE))


def _finish(axes: Axes, x: str, y: str, limits: tuple[float, float]) -> None:
    axes.set(yscale="log", xlabel=x, ylabel=y, ylim=limits)
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=9)


def _law(axes: Axes, colour: str, points: Sequence[Point]) -> None:
    """A line without marks: a formula."""
    from matplotlib.collections import LineCollection

    axes.add_collection(
        LineCollection([[point[:2] for point in points]], colors=colour, linestyles=":", linewidths=1.5)
    )


def _formula(axes: Axes, label: str = "formula", colour: str = "#6b7280") -> None:
    """What the legend says of lines without marks."""
    from matplotlib.collections import LineCollection

    axes.add_collection(LineCollection([], colors=colour, linestyles=":", linewidths=1.5, label=label))


def _plot(axes: Axes, style: Style, points: Sequence[Point]) -> None:
    """A line with the intervals of what is in it."""
    if points:
        x, y, low, high = np.array(points).T
        axes.fill_between(x, np.maximum(low, 0.2 * y), high, color=style.colour, alpha=0.15, lw=0)
        axes.plot(
            x, y, ls=style.dash, color=style.colour, marker=style.marker, ms=style.size, lw=1.5, label=style.label
        )


if __name__ == "__main__":
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    draw(home / "results.csv", home)
