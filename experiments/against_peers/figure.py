"""``python -m experiments.against_peers.figure [FOLDER]``: the figures, from the CSV alone.

Every figure has one line for each case and, in it, a mark for each peer: filled where the peer was run, hollow where
its number is a published one.
"""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.against_peers.panels import PANELS, Panel
from experiments.against_peers.rows import Row, parsed, published_ratio

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, LEAST_HEIGHT, MOST_HEIGHT = 6.4, 3.6, 6.0
"""Inches; figures of many cases are higher."""

PUBLISHED = ", published"
"""End of the names of marks that are published numbers."""

Mark = tuple[float, float, float]
"""A ratio with its interval, which may be nan."""


@dataclass(frozen=True)
class Style:
    """How the marks of a peer look; colours of Okabe and Ito, told apart by markers too."""

    label: str
    colour: str
    marker: str
    size: float = 5.0
    offset: float = 0.0


STYLES = {
    "PennyLane": Style("PennyLane cut_circuit", "#cc79a7", "D"),
    "addon": Style("qiskit-addon-cutting", "#d55e00", "o", 6.5),
    "QCut": Style("QCut", "#56b4e9", "s", 4.0),
    "4^K loop": Style("loop over 4^K terms", "#56b4e9", "p"),
    "qTPU": Style("qTPU", "#cc79a7", "P"),
    "cutqc2": Style("cutqc2", "#d55e00", "h"),
    "cuTensorNet": Style("uncut: cuTensorNet, GPU", "#009e73", "<"),
    "lightning": Style("uncut: lightning", "#0072b2", "X"),
    "cotengra": Style("uncut: cotengra, NumPy", "#e69f00", "v"),
    "cotengra + JAX": Style("uncut: cotengra, JAX", "#009e73", "^"),
    "10000 shots": Style("10,000 shots in total", "#0072b2", "o", offset=-0.15),
    "100000 shots": Style("100,000 shots in total", "#e69f00", "s", offset=0.15),
}


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


def _figure(panel: Panel, rows: Sequence[Row]) -> Figure:
    from matplotlib.figure import Figure

    cases, notes = panel.cases(rows), panel.note(rows)
    labels = [*cases, *notes]
    drawing = Figure(figsize=(WIDTH, _height(len(labels))), layout="constrained")
    axes = drawing.subplots()
    for peer, style in STYLES.items():
        _plot(axes, style, _marks(cases.values(), peer, panel.absolute), hollow=False)
        _plot(axes, style, _published(cases.values(), peer, panel.absolute), hollow=True)
    if panel.absolute:
        own = {number: (found[0]["cutq_value"], math.nan, math.nan) for number, found in enumerate(cases.values())}
        _plot(axes, Style("cutq", "#000000", "|", 10.0), own, hollow=False)
    axes.vlines(1.0, -0.6, len(labels) - 0.4, color="0.4", lw=1, zorder=0, label=panel.line)
    axes.set(xscale="log", ylim=(len(labels) - 0.4, -0.6), xlabel=panel.xlabel, ylabel="case")
    axes.set_yticks(range(len(labels)), labels, fontsize=9)
    _decades(axes)
    for number, text in enumerate(notes.values(), len(cases)):
        axes.text(1.1, number, text, fontsize=9, va="center")
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(panel.title, loc="left", fontsize=11, x=_left(labels))
    _legend(drawing, axes)
    return drawing


def _legend(drawing: Figure, axes: Axes) -> None:
    """Each peer once, and one entry for all marks that are published numbers."""
    from matplotlib.lines import Line2D

    handles, names = axes.get_legend_handles_labels()
    short = [name.removesuffix(PUBLISHED) for name in names]
    entries = dict(reversed(list(zip(short, handles, strict=True))))  # of two the first one, which is filled
    if short != names:
        entries = {"hollow: published": Line2D([], [], marker="o", color="0.4", mfc="none", ms=7, lw=0), **entries}
    drawing.legend(
        list(entries.values())[::-1], list(entries)[::-1], loc="outside lower center", ncols=3, frameon=False,
        fontsize=9, handletextpad=0.3, columnspacing=1.2,
    )  # fmt: skip


def _height(cases: int) -> float:
    """Room for one line of each case, the title, the axis and the legend."""
    return min(MOST_HEIGHT, max(LEAST_HEIGHT, 1.6 + 0.165 * cases))


def _left(labels: Sequence[str]) -> float:
    """Where a title begins that starts above the labels, in widths of the axes."""
    return -0.0165 * max(map(len, labels), default=0)


def _marks(cases: Iterable[Sequence[Row]], peer: str, absolute: bool) -> dict[int, Mark]:
    """By line the ratio of a peer that was run, or its number."""
    return {
        number: (row["peer_value"], math.nan, math.nan) if absolute else (row["ratio"], row["low"], row["high"])
        for number, rows in enumerate(cases)
        for row in rows
        if row["peer"] == peer and row["kind"] == "rerun" and not math.isnan(row["ratio"])
    }


def _published(cases: Iterable[Sequence[Row]], peer: str, absolute: bool) -> dict[int, Mark]:
    """By line the peer's published number, or its ratio to cutq's here."""
    return {
        number: (row["published"] if absolute else published_ratio(row), math.nan, math.nan)
        for number, rows in enumerate(cases)
        for row in rows
        if row["peer"] == peer and not math.isnan(row["published"])
    }


def _plot(axes: Axes, style: Style, marks: Mapping[int, Mark], *, hollow: bool) -> None:
    """Marks with their intervals."""
    if not marks:
        return
    y, (x, low, high) = np.array(list(marks)) + style.offset, np.array(list(marks.values())).T
    known = ~np.isnan(low)
    axes.hlines(y[known], low[known], high[known], color=style.colour, lw=1.5)
    label = style.label + PUBLISHED if hollow else style.label
    face = "none" if hollow else style.colour
    size = style.size + 2 if hollow else style.size
    axes.plot(x, y, style.marker, color=style.colour, mfc=face, ms=size, mew=1.3, lw=0, label=label)


def _decades(axes: Axes) -> None:
    """Whole powers of ten with room for all marks; 1, 2, 5 where there are only two of them."""
    low, high = axes.dataLim.intervalx
    if high / low < 50:
        ticks = [one * 10.0**k for k in range(-2, 4) for one in (1, 2, 5) if low / 2.5 < one * 10.0**k < 2.5 * high]
        axes.set(xlim=(0.8 * low, 1.25 * high))
        axes.set_xticks(ticks, [f"{one:g}" for one in ticks])
    else:
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
        axes.set_xlim(0.8 * 10.0**first, 1.25 * 10.0**last)
        axes.set_xticks([10.0**k for k in range(first, last + 1, math.ceil((last - first) / 8))])
    axes.minorticks_off()


if __name__ == "__main__":
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    draw(home / "results.csv", home)
