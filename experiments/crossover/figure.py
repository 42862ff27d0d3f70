"""``python -m experiments.crossover.figure [FOLDER]``: the figures, from the CSV alone."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.crossover import projection as years
from experiments.crossover import rows as of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

    from experiments.crossover.rows import Point, Row

SIZE = (6.4, 3.6)
LONGEST = 1e4
"""Seconds that are drawn."""


@dataclass(frozen=True)
class Style:
    """How a line looks; colours of Okabe and Ito, told apart by markers too."""

    label: str
    colour: str
    marker: str
    dash: str = "-"


WAYS = {
    "state": Style("state, uncut", "#d55e00", "X", "--"),
    "mps": Style("MPS (quimb)", "#009e73", "^", "-."),
    "contraction": Style("contracted, uncut", "#e69f00", "v", ":"),
    "cut": Style("cut, simulated", "#0072b2", "o"),
    "device": Style("device, 10$^6$ shots/s", "#cc79a7", "D"),
}
DEVICES = {
    ("shots", "fast"): Style("device, cut, 10$^6$/s", "#cc79a7", "D"),
    ("shots", "slow"): Style("device, cut, 10$^3$/s", "#cc79a7", "s", "--"),
    ("uncut_shots", "fast"): Style("device, uncut, 10$^6$/s", "#000000", "P", ":"),
}
LINKS = {1: Style("1 link", "#0072b2", "o"), 2: Style("2 links", "#009e73", "^"), 3: Style("3 links", "#e69f00", "s")}
MAKERS = {"IBM": Style("IBM", "#56b4e9", "s"), "Quantinuum": Style("Quantinuum", "#d55e00", "^")}


def pictures(results: Path) -> dict[str, Figure]:
    """By name the figures."""
    rows = of.load(results)
    return {name: _figure(panel, rows) for name, panel in PANELS.items()}


def draw(results: Path, into: Path) -> list[Path]:
    """Write each figure as SVG and PNG; the same rows give the same bytes."""
    from cutq.show.page import rendered

    rows, paths = of.load(results), []
    for name, panel in PANELS.items():
        for kind in ("svg", "png"):
            paths.append(into / f"{name}.{kind}")
            paths[-1].write_bytes(rendered(partial(_figure, panel, rows), kind))
    return paths


def _figure(panel: Callable[[Sequence[Row], Axes], None], rows: Sequence[Row]) -> Figure:
    from matplotlib.figure import Figure

    drawing = Figure(figsize=SIZE, layout="constrained")
    axes = drawing.subplots()
    panel(rows, axes)
    axes.spines[["top", "right"]].set_visible(False)
    return drawing


def seconds(rows: Sequence[Row], axes: Axes) -> None:
    """Time to an error of a thousandth by the width of a deep module."""
    widest = max(point[0] for point in of.times(rows, "cut", "deep"))
    for method, law in of.laws(rows).items():
        points = of.times(rows, method, "deep")
        _plot(axes, WAYS[method], points)
        if method in of.EXTENDED:
            _extended(axes, WAYS[method], points, law, widest)
    for (column, rate), style in DEVICES.items():
        _modelled(axes, style, of.device(rows, column, "deep", of.RATES[rate]))
    axes.set(yscale="log", xlabel="qubits of a module (three modules, one link each)", ylim=(1e-5, 2 * LONGEST))
    axes.set_ylabel("time to an error of 10$^{-3}$ [s]")
    axes.set_title("Up to 18 qubits a module, one core beats cuts on a device", loc="left", fontsize=11)
    _whole(axes)
    _legend(axes, title="hollow: extrapolated,\nor a modelled device")


def fastest(rows: Sequence[Row], axes: Axes) -> None:
    """Which way is fastest, by width, depth and links."""
    cells = of.fastest(rows)
    for method, style in WAYS.items():
        for measured in (True, False):
            own = [place for place, best in cells.items() if (best.method, best.measured) == (method, measured)]
            if own:
                _cells(axes, style, own, measured)
    names = [f"{depth}, {links} link{'s' * (links > 1)}" for depth in of.DEPTHS for links in LINKS]
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="qubits of a module (three modules)", ylabel="modules and links")
    axes.set_title("Wide shallow modules stay classical, deep ones to 18 qubits", loc="left", fontsize=11)
    _whole(axes)
    axes.margins(0.06, 0.12)
    _legend(axes, title="hollow: extrapolated,\nor a modelled device")


def _cells(axes: Axes, style: Style, places: Sequence[tuple[str, int, int]], measured: bool) -> None:
    """Marks of one way, hollow where it was not measured."""
    x = [width for _, _, width in places]
    y = [of.DEPTHS.index(depth) * len(LINKS) + links - 1 for depth, links, _ in places]
    face = style.colour if measured else "none"
    label = style.label if measured or style is WAYS["device"] else f"_{style.label}"
    axes.plot(x, y, style.marker, color=style.colour, mfc=face, ms=8, label=label)


def reason(rows: Sequence[Row], axes: Axes) -> None:
    """Entanglement of a link and shots, by gamma."""
    for links, style in LINKS.items():
        label = f"bond, {style.label}"
        _plot(axes, Style(label, style.colour, style.marker), of.spreads(rows, links))
    for links, style in LINKS.items():
        label = f"shots of cuts, {style.label}"
        _modelled(axes, Style(label, style.colour, style.marker, ":"), of.variances(rows, links))
    uncut = sorted(point for links in LINKS for point in of.variances(rows, links, "uncut_shots"))
    axes.plot(*np.array(uncut).T[:2], "k+", ms=6, label="shots uncut")
    low, high = axes.dataLim.intervalx
    gammas = np.geomspace(low, high, 50)
    axes.fill_between(gammas, 1.0, (1 + gammas) / 2, color="0.9", lw=0, zorder=0)
    axes.set(xscale="log", yscale="log", xlabel="gamma of cutting the links together (1 without any link)")
    axes.set_ylabel("spread of the bond; shots x error$^2$")
    _numbers(axes.xaxis, (1, 2, 3, 5, 10, 15), low, high)
    _numbers(axes.yaxis, (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50), *axes.get_ylim())
    axes.set_title("One reason: what entangles little costs few shots and a small bond", loc="left", fontsize=11)
    _legend(axes, title="grey: up to (1 + gamma) / 2")


def _numbers(axis: Axis, numbers: Sequence[float], low: float, high: float) -> None:
    """Plain numbers on a logarithmic axis."""
    chosen = [one for one in numbers if 0.99 * low <= one <= 1.01 * high]
    axis.set_ticks(chosen, [f"{one:g}" for one in chosen])
    axis.set_ticks([], minor=True)


def projection(rows: Sequence[Row], axes: Axes) -> None:
    """Records, their projection, and how many qubits a device needs."""
    for maker, style in MAKERS.items():
        records = np.array(years.RECORDS[maker])
        axes.plot(*records.T, style.marker, color=style.colour, ms=5, label=f"{style.label}, announced")
        ahead = np.arange(np.ceil(records[-1, 0]) + 3, years.LAST_YEAR + 1, 5)
        line = records[-1, 1] + years.PER_YEAR * (ahead - records[-1, 0])
        label = f"{style.label}, projection"
        axes.plot(ahead, line, ":", marker=style.marker, mfc="none", color=style.colour, ms=5, label=label)
    top = _thresholds(axes, rows)
    axes.set(xlabel="year", ylabel="qubits (log$_2$ of a quantum volume)", xlim=(2019, years.LAST_YEAR), ylim=(0, top))
    axes.set_title("Projection: device that beats simulated cuts, if QV doubles yearly", loc="left", fontsize=11)
    axes.legend(frameon=False, loc="upper left", ncols=2, fontsize=9)


def _thresholds(axes: Axes, rows: Sequence[Row]) -> float:
    """Lines of how many qubits a device needs, their labels moved apart; up to where the axis goes."""
    found = sorted((one.qubits.value, one.label) for one in of.thresholds(rows) if 0 < one.qubits.value < 200)
    top = 1.2 * max([58.0, *(qubits for qubits, _ in found)])
    place = 0.0
    for qubits, label in found:
        place = max(qubits, place + 0.115 * top)
        axes.hlines(qubits, 2019, years.LAST_YEAR, color="0.5", lw=1)
        axes.text(years.LAST_YEAR + 0.7, place, label, va="center", fontsize=9)
    return top


PANELS: Mapping[str, Callable[[Sequence[Row], Axes], None]] = {
    "seconds": seconds,
    "map": fastest,
    "reason": reason,
    "projection": projection,
}
"""By the name of its file what is in a figure."""


def _plot(axes: Axes, style: Style, points: Sequence[Point]) -> None:
    """A line with the intervals of its medians."""
    if points:
        x, y, low, high = np.array(points).T
        axes.fill_between(x, low, high, color=style.colour, alpha=0.2, lw=0)
        axes.plot(x, y, style.dash, color=style.colour, marker=style.marker, ms=4.5, lw=1.5, label=style.label)


def _modelled(axes: Axes, style: Style, points: Sequence[Point]) -> None:
    """The same with hollow marks: what was not measured on a device."""
    if points:
        _plot(axes, style, points)
        axes.lines[-1].set_markerfacecolor("none")


def _extended(axes: Axes, style: Style, points: Sequence[Point], law: of.Law, widest: float) -> None:
    """A law beyond what was measured, with hollow marks."""
    x = np.arange(points[-1][0], widest + 1, 2)[1:] if points else np.array([])
    pairs = [(width, law.at(width)) for width in x if law.at(width) < LONGEST]
    if pairs:
        x, y = np.array(pairs).T
        axes.plot(x, y, ":", color=style.colour, marker=style.marker, mfc="none", ms=4.5, lw=1, label=f"_{style.label}")


def _whole(axes: Axes) -> None:
    """Whole numbers along x."""
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def _legend(axes: Axes, title: str | None = None) -> None:
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5), title=title, alignment="left", fontsize=9)


if __name__ == "__main__":
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    draw(home / "results.csv", home)
