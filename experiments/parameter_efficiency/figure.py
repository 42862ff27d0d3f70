"""``python -m experiments.parameter_efficiency.figure [FOLDER]``: the figures, from the CSV alone."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.parameter_efficiency.arms import (
    PROBLEMS,
    Row,
    arm,
    curve,
    mean_score,
    parsed,
    per_problem,
    reads,
    scores,
    selected,
)
from experiments.parameter_efficiency.bootstrap import Interval, resampled
from experiments.parameter_efficiency.forms import variants
from experiments.parameter_efficiency.rows import compared

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE = (6.4, 3.6)
GREY, BLACK = "#808080", "#000000"


@dataclass(frozen=True)
class Style:
    """How a line looks; colours of Okabe and Ito, told apart by markers too."""

    label: str
    colour: str
    marker: str
    dash: str = "-"


CURVES = {
    ("entangled", "frozen"): Style("pretrained, frozen", "#0072b2", "o"),
    ("entangled", "random"): Style("random, frozen", "#56b4e9", "s"),
    ("entangled", "tuned"): Style("pretrained, tuned", "#cc79a7", "D"),
    ("entangled", "scratch"): Style("from scratch", "#d55e00", "^"),
    ("joined", "scratch"): Style("scratch, uncut whole", BLACK, "X", "--"),
    ("tanh", "frozen"): Style("tanh, pretrained", "#009e73", "v", ":"),
    ("tanh", "scratch"): Style("tanh, scratch", "#e69f00", "P", ":"),
}
DIFFERENCES = {
    "frozen - scratch": Style("scratch", "#d55e00", "^"),
    "frozen - random": Style("random weights", "#56b4e9", "s"),
    "frozen - tanh frozen, equal weights": Style("pretrained tanh,\nequal weights", "#009e73", "v"),
    "joined - side by side, scratch": Style("scratch: uncut\nwhole minus parts", BLACK, "X"),
}
NAMES = {
    "digits": "digits 0-9",
    "even_odd": "even or odd",
    "three_eight": "3 or 8",
    "parity": "parity",
    "phase": "Ising phase",
    "circles": "circles",
    "wine": "wine",
}


def pictures(results: Path) -> dict[str, Figure]:
    """By name the figures."""
    rows = _read(results)
    return {name: _figure(panel, rows) for name, panel in PANELS.items()}


def draw(results: Path, into: Path) -> list[Path]:
    """Write each figure as SVG and PNG; the same rows give the same bytes."""
    from cutq.show.page import rendered

    rows, paths = _read(results), []
    for name, panel in PANELS.items():
        for kind in ("svg", "png"):
            paths.append(into / f"{name}.{kind}")
            paths[-1].write_bytes(rendered(lambda panel=panel: _figure(panel, rows), kind))
    return paths


def _read(results: Path) -> list[Row]:
    with results.open(newline="", encoding="utf-8") as file:
        return parsed(csv.DictReader(file))


def _figure(panel: Callable[[Sequence[Row], Axes], None], rows: Sequence[Row]) -> Figure:
    from matplotlib.figure import Figure

    drawing = Figure(figsize=SIZE, layout="constrained")
    axes = drawing.subplots()
    panel(rows, axes)
    axes.spines[["top", "right"]].set_visible(False)
    return drawing


def efficiency(rows: Sequence[Row], axes: Axes) -> None:
    """Scores against parameters that are trained."""
    for (module, start), style in CURVES.items():
        for each in reads(rows, module):
            _cloud(axes, rows, arm(rows, module, start, each), style.colour)
        _line(axes, style, curve(rows, module, start))
    straight = selected(rows, kind="linear")
    _line(
        axes, Style("linear, no module", GREY, "*", "none"), [(per_problem(straight[0])[0], mean_score(rows, straight))]
    )
    best = mean_score(rows, selected(rows, kind="strong"))
    axes.hlines(best.value, 8, 350, color=GREY, lw=1.5, label="best classical")
    axes.set(xscale="log", xlabel="trained parameters for a problem, mean of seven", ylabel="normalised score, mean")
    axes.set_xlim(8, 350)
    axes.set_xticks([10, 30, 100, 300], ["10", "30", "100", "300"])
    axes.set_xticks([], minor=True)
    axes.set_title("Pretraining helps the smallest heads; a wire helps, by parity alone", loc="left", fontsize=11)
    _legend(axes)


def _cloud(axes: Axes, rows: Sequence[Row], chosen: Sequence[Row], colour: str) -> None:
    """The mean score of each seed."""
    if chosen:
        x = np.full(len(chosen), per_problem(chosen[0])[0])
        axes.scatter(x, scores(rows, chosen).mean(axis=1), s=5, color=colour, alpha=0.3, lw=0)


def tasks(rows: Sequence[Row], axes: Axes) -> None:
    """Differences of scores for each problem."""
    groups = [(name,) for name in PROBLEMS] + [PROBLEMS]
    for k, (name, style) in enumerate(DIFFERENCES.items()):
        found = [compared(rows, name, group) for group in groups]
        y = np.arange(len(groups)) + 0.19 * (k - 1.5)
        kept = [(place, one) for place, one in zip(y, found, strict=True) if one]
        places, ends = [place for place, _ in kept], ([one.low for _, one in kept], [one.high for _, one in kept])
        axes.hlines(places, *ends, color=style.colour, lw=1.5)
        values = [one.value for _, one in kept]
        axes.plot(values, places, style.marker, color=style.colour, ms=4.5, label=style.label)
    axes.axvspan(-0.001, 0.001, color=GREY, lw=0, zorder=0)
    axes.axhspan(len(PROBLEMS) - 0.5, len(PROBLEMS) + 0.5, color=GREY, alpha=0.12, lw=0, zorder=0)
    axes.set_yticks(range(len(groups)), [*NAMES.values(), "mean"])
    axes.set(xlabel="difference of normalised scores", ylabel="problem", ylim=(len(groups) - 0.5, -0.5))
    axes.set_title("Pretraining pays near its source only; a wire pays in parity", loc="left", fontsize=11)
    _legend(axes, "pretrained, frozen\nminus")


ENTANGLING = ((0.0, 0.2, "#e69f00"), (0.2, 0.6, "#009e73"), (0.6, 1.0, "#0072b2"))
"""From and to which entangling capability a colour stands for."""


def capability(rows: Sequence[Row], axes: Axes) -> None:
    """Scores of forms of the encoder against how expressive they are."""
    found = variants(rows)
    for start, marker, named in (("scratch", "^", "trained"), ("random", "s", "random")):
        for low, high, colour in ENTANGLING:
            own = [one for one in found if low <= one.entangling < high and len(one.scores[start])]
            means, x = [resampled(one.scores[start]) for one in own], [one.expressibility for one in own]
            axes.vlines(x, [one.low for one in means], [one.high for one in means], color=colour, lw=1)
            label = f"{named}, Q = {_range([one.entangling for one in own])}"
            axes.plot(x, [one.value for one in means], marker, ms=5, color=colour, label=label,
                      mfc=colour if start == "scratch" else "white")  # fmt: skip
    for named, key, colour, dash in (
        ("uncut whole, trained", ("joined", "scratch", 10.0), BLACK, "--"),
        ("tanh, trained", ("tanh", "scratch", 3.0), "#d55e00", ":"),
        ("linear, no module", None, GREY, "-"),
    ):
        chosen = arm(rows, *key) if key else selected(rows, kind="linear")
        axes.hlines(mean_score(rows, chosen).value, 1.5e-3, 0.4, color=colour, ls=dash, lw=1.2, label=named)
    axes.set(
        xscale="log", xlabel="expressibility: divergence from Haar [nats], 0 is best", ylabel="normalised score, mean"
    )
    axes.set_xlim(1.5e-3, 0.4)
    axes.set_title("Expressive circuits start better; training leaves little of it", loc="left", fontsize=11)
    _legend(axes)


def _range(values: Sequence[float]) -> str:
    low, high = (f"{end:.1f}" for end in (min(values), max(values))) if values else ("", "")
    return low if low == high else f"{low} to {high}"


PANELS: Mapping[str, Callable[[Sequence[Row], Axes], None]] = {
    "efficiency": efficiency,
    "tasks": tasks,
    "capability": capability,
}
"""By the name of its file what is in a figure."""


def _line(axes: Axes, style: Style, points: Sequence[tuple[float, Interval]]) -> None:
    """A line with the intervals of its means."""
    if points:
        x, y = [x for x, _ in points], [one.value for _, one in points]
        axes.vlines(x, [one.low for _, one in points], [one.high for _, one in points], color=style.colour, lw=1.2)
        axes.plot(x, y, ls=style.dash, color=style.colour, marker=style.marker, ms=4.5, lw=1.5, label=style.label)


def _legend(axes: Axes, title: str | None = None) -> None:
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=9, title=title)


if __name__ == "__main__":
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    draw(home / "results.csv", home)
