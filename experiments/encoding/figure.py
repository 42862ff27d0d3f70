"""``python -m experiments.encoding.figure [FOLDER]``: the figures, from the CSV alone."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.encoding.rows import (
    ENCODINGS,
    Mean,
    Row,
    best_split,
    chosen,
    differences,
    mean,
    middle,
    numbers,
    parsed,
    points,
    series,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE = (6.4, 3.6)
Point = tuple[float, Mean]

SHOWN, FEATURES = "angle", 16
"""The encoding whose splits are drawn, and its features where only one number of them is: all of its ways were run."""


@dataclass(frozen=True)
class Style:
    """How a line looks; colours of Okabe and Ito, told apart by markers too."""

    label: str
    colour: str
    marker: str
    dash: str = "-"
    hollow: bool = False


COLOURS = dict(zip(ENCODINGS, ("#0072b2", "#009e73", "#56b4e9", "#cc79a7", "#e69f00"), strict=True))
MARKERS = dict(zip(ENCODINGS, "os^Dv", strict=True))
LOGISTIC = Style("logistic regression", "#000000", "P", ":")
KERNEL = Style("RBF-SVM", "#555555", "X", ":")
UNCUT = Style("one circuit, uncut", "#d55e00", "X", "--")
LINKED = Style("linked, exact", "#0072b2", "o")
LINKED_SHOTS = Style("linked, 10,000 shots", "#0072b2", "o", "--", True)
UNLINKED = Style("unlinked, exact", "#009e73", "s")
UNLINKED_SHOTS = Style("unlinked, 10,000 shots", "#009e73", "s", "--", True)
BASES = Style("unlinked, 3 bases,\n10,000 shots", "#cc79a7", "D", "--", True)


def pictures(results: Path) -> dict[str, Figure]:
    """By name the figures."""
    rows = _rows(results)
    return {name: _figure(panel, rows) for name, panel in PANELS.items()}


def _rows(results: Path) -> list[Row]:
    with results.open(newline="", encoding="utf-8") as file:
        return parsed(csv.DictReader(file))


def draw(results: Path, into: Path) -> list[Path]:
    """Write each figure as SVG and PNG; the same rows give the same bytes."""
    from cutq.show.page import rendered

    rows, paths = _rows(results), []
    for name, panel in PANELS.items():
        for kind in ("svg", "png"):
            paths.append(into / f"{name}.{kind}")
            paths[-1].write_bytes(rendered(lambda panel=panel: _figure(panel, rows), kind))
    return paths


def _figure(panel: Callable[[Sequence[Row], Axes], None], rows: Sequence[Row]) -> Figure:
    from matplotlib.figure import Figure

    drawing = Figure(figsize=SIZE, layout="constrained")
    axes = drawing.subplots()
    panel(chosen(rows, data="digits"), axes)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5), handlelength=2.6)
    return drawing


# --- accuracy ---


def accuracy(rows: Sequence[Row], axes: Axes) -> None:
    """Accuracy against features, each encoding at its best split and uncut."""
    for style in (KERNEL, LOGISTIC):
        _plot(axes, style, _by_features(chosen(rows, arm=style.label if style is KERNEL else "logistic")))
    for encoding in ENCODINGS:
        own = chosen(rows, encoding=encoding)
        style = Style(encoding, COLOURS[encoding], MARKERS[encoding])
        _plot(axes, style, _best(own))
        _plot(axes, replace(style, label=f"_{encoding}, uncut", dash="--", hollow=True), _by_features(_whole(own)))
    axes.plot([], [], "--", color="#555555", marker="o", ms=4.5, mfc="white", lw=1.2, label="dashed: uncut")
    axes.set_ylabel("test accuracy on digits, exact values")
    axes.set_title("Split or not, no encoding reads digits better than RBF-SVM", loc="left", fontsize=11)
    _doubled(axes, "features", numbers(rows, "features"))


def _whole(rows: Sequence[Row]) -> list[Row]:
    return chosen(rows, arm="uncut")


def _by_features(rows: Sequence[Row]) -> list[Point]:
    return [(d, mean(series(rows, "accuracy", features=d).values())) for d in numbers(rows, "features")]


def _best(rows: Sequence[Row]) -> list[Point]:
    """At each number of features the split with the best mean."""
    found = {d: best_split(rows, "accuracy", features=d) for d in numbers(rows, "features")}
    return [
        (d, mean(series(rows, "accuracy", features=d, arm=best[0], modules=best[1]).values()))
        for d, best in found.items()
        if best
    ]


# --- splitting ---


def splitting(rows: Sequence[Row], axes: Axes) -> None:
    """Accuracy against modules, with the circuits that they take."""
    own = chosen(rows, features=FEATURES, encoding=SHOWN)
    for style, arm, column in (
        (LINKED, "linked", "accuracy"),
        (UNLINKED, "unlinked", "accuracy"),
        (LINKED_SHOTS, "linked", "with_shots"),
        (UNLINKED_SHOTS, "unlinked", "with_shots"),
        (BASES, "unlinked", "three_with_shots"),
    ):
        _plot(axes, style, _by_modules(chosen(own, arm=arm), column))
    _plot(axes, UNCUT, _by_modules(_whole(own), "accuracy"))
    _plot(axes, replace(UNCUT, label="uncut, 10,000 shots", hollow=True), _by_modules(_whole(own), "with_shots"))
    _level(axes, LOGISTIC, series(rows, "accuracy", arm="logistic", features=FEATURES), numbers(own, "modules"))
    axes.set_ylabel(f"test accuracy on digits, {FEATURES} features")
    axes.set_title("Links add little to exact values, and the shots for their cuts cost more", loc="left", fontsize=11)
    _circuits(axes, own)


def _by_modules(rows: Sequence[Row], column: str) -> list[Point]:
    found = {m: series(rows, column, modules=m).values() for m in numbers(rows, "modules")}
    return [(m, mean(samples)) for m, samples in found.items() if samples]


def _level(axes: Axes, style: Style, samples: Mapping[float, float], places: Sequence[int]) -> None:
    """The same mean everywhere."""
    if samples:
        _plot(axes, style, [(place, mean(samples.values())) for place in places])


def _circuits(axes: Axes, rows: Sequence[Row]) -> None:
    """Along x the modules, which are also circuits without links, and below the circuits of linked ones."""
    places = numbers(rows, "modules")
    linked = {m: middle(rows, "circuits", arm="linked", modules=m) for m in places}
    _doubled(axes, "modules, a circuit each; below: circuits if linked", places)
    axes.set_xticks(places, [f"{m}\n{linked[m]:.0f}" if linked[m] == linked[m] else f"{m}\n" for m in places])


# --- gains ---


def gains(rows: Sequence[Row], axes: Axes) -> None:
    """What links and more bases add to unlinked modules, paired by seed, against the modules."""
    own = chosen(rows, features=FEATURES)
    for encoding in ENCODINGS:
        found = _differences(own, encoding)
        style = Style(f"{encoding}, linked", COLOURS[encoding], MARKERS[encoding])
        _plot(axes, style, _added(found, "linked"))
        bases = replace(style, label=f"_{encoding}, three bases", dash="--", hollow=True)
        _plot(axes, bases, _added(found, "three bases"))
    axes.plot([], [], "--", color="#555555", marker="o", ms=5, mfc="white", lw=1.4, label="dashed: unlinked,\n3 bases")
    found = _differences(own, SHOWN)
    _plot(axes, replace(UNCUT, label=f"{SHOWN}, uncut"), _added(found, "uncut"))
    _plot(axes, replace(LOGISTIC, label=f"logistic regression\nminus {SHOWN}"), _added(found, "logistic"))
    axes.set_ylabel("accuracy minus unlinked [points]")
    axes.set_title("Measuring in three bases adds more than links, for fewer circuits", loc="left", fontsize=11)
    _circuits(axes, chosen(own, encoding=SHOWN, arm="linked"))


def _differences(rows: Sequence[Row], encoding: str) -> dict[int, dict[str, Mean | None]]:
    """By modules what links and other ways add."""
    places = numbers(chosen(rows, encoding=encoding, arm="unlinked"), "modules")
    return {m: differences(rows, encoding, m) for m in places}


def _added(found: Mapping[int, Mapping[str, Mean | None]], what: str) -> list[Point]:
    """What one of them adds, in points of accuracy."""
    return [(m, points(one)) for m, own in found.items() if (one := own[what]) is not None]


# --- seconds ---


def seconds(rows: Sequence[Row], axes: Axes) -> None:
    """CPU time of 1,000 samples against features, with four of them in a module."""
    own = chosen(rows, encoding=SHOWN)
    for style, arm in ((replace(LINKED, label="4 in a module, linked"), "linked"), (UNLINKED, "unlinked")):
        quarter = [row for row in chosen(own, arm=arm) if row["features"] == 4 * row["modules"]]
        _plot(axes, replace(style, label=style.label.replace(", exact", "")), _times(quarter, "seconds"))
    cones = [row for row in _whole(own) if row["way"] == "light cones"]
    _plot(axes, replace(UNCUT, label="uncut, as a state"), _times(_whole(own), "uncut_seconds"))
    _plot(axes, Style("uncut, by light cones", "#e69f00", "v", "--"), _times(cones, "seconds"))
    for style, arm in ((KERNEL, "RBF-SVM"), (LOGISTIC, "logistic")):
        _plot(axes, style, _times(chosen(rows, arm=arm), "seconds"))
    axes.set(yscale="log", ylabel="CPU time of 1,000 samples [s]")
    axes.set_title("Cut chains and light cones take a time linear in the features", loc="left", fontsize=11)
    _doubled(axes, "features", numbers(rows, "features"))


def _times(rows: Sequence[Row], column: str) -> list[Point]:
    found = {d: list(series(rows, column, features=d).values()) for d in numbers(rows, "features")}
    return [(d, Mean(float(np.median(t)), min(t), max(t))) for d, t in found.items() if t]


PANELS: Mapping[str, Callable[[Sequence[Row], Axes], None]] = {
    "splitting": splitting,
    "accuracy": accuracy,
    "gains": gains,
    "seconds": seconds,
}
"""By the name of its file what is in a figure."""


def _plot(axes: Axes, style: Style, found: Iterable[Point]) -> None:
    """A line with the intervals of its means."""
    found = list(found)
    if found:
        x = np.array([place for place, _ in found], dtype=float)
        y, low, high = np.array([(one.value, one.low, one.high) for _, one in found]).T
        axes.fill_between(x, low, high, color=style.colour, alpha=0.1, lw=0)
        face = "white" if style.hollow else style.colour
        axes.plot(
            x, y, style.dash, color=style.colour, marker=style.marker, mfc=face, ms=5, lw=1.4, label=style.label
        )  # fmt: skip


def _doubled(axes: Axes, name: str, places: Sequence[int]) -> None:
    """Powers of two along x."""
    axes.set_xscale("log", base=2)
    axes.set_xticks(places, [str(place) for place in places])
    axes.set_xticks([], minor=True)
    axes.set_xlabel(name)


if __name__ == "__main__":
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    draw(home / "results.csv", home)
