"""``python -m experiments.hybrid_digits.figure [FOLDER]``: learning curves and confusions, from the CSV alone."""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STYLES = {"frozen": ("#0072b2", "o", "-"), "fine-tuned": ("#d55e00", "s", "--"), "from scratch": ("#009e73", "^", ":")}
"""Colours of Okabe and Ito, told apart by their marks and lines too."""

THOROUGH = ("full", "one seed", "quick")
"""Modes, the one that is drawn first; of several runs the latest."""

Row = dict[str, str]


def pictures(results: Path) -> dict[str, Figure]:
    """By name the figures."""
    rows = chosen(results)
    return {name: _figure(panel, size, rows) for name, (panel, size) in PANELS.items()}


def draw(results: Path, into: Path) -> list[Path]:
    """Write each figure as SVG and PNG; the same rows give the same bytes."""
    from cutq.show.page import rendered

    paths = []
    for name in PANELS:
        for kind in ("svg", "png"):
            paths.append(into / f"{name}.{kind}")
            paths[-1].write_bytes(rendered(lambda name=name: pictures(results)[name], kind))
    return paths


def chosen(results: Path) -> list[Row]:
    """The rows of one run: the latest of the most thorough mode."""
    with results.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    mode = next(mode for mode in THOROUGH if any(row["mode"] == mode for row in rows))
    started = max(row["started"] for row in rows if row["mode"] == mode)
    return [row for row in rows if row["started"] == started and row["mode"] == mode]


def curves(rows: Sequence[Row]) -> dict[str, np.ndarray]:
    """Test accuracies for each arm, (seeds, epochs)."""
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        found[row["arm"]][row["seed"]].append(float(row["accuracy"]))
    return {arm: np.array(list(seeds.values())) for arm, seeds in found.items()}


def confusion(rows: Sequence[Row], arm: str) -> np.ndarray:
    """Test images by class (rows) and name (columns), summed over the seeds."""
    found = [row["confusion"].split() for row in rows if row["arm"] == arm and row["confusion"]]
    return np.array(found, dtype=int).sum(axis=0).reshape(10, 10)


def learning(rows: Sequence[Row], axes: Axes) -> None:
    """Test accuracy after each epoch, means and ranges of the seeds."""
    for arm, scores in curves(rows).items():
        colour, marker, line = STYLES[arm]
        epochs = np.arange(1, scores.shape[1] + 1)
        axes.fill_between(epochs, scores.min(axis=0), scores.max(axis=0), color=colour, alpha=0.15, lw=0)
        axes.plot(epochs, scores.mean(axis=0), line, color=colour, marker=marker, ms=4, lw=1.6, label=arm)
    axes.set(xlabel="epoch", ylabel=f"test accuracy, mean and range of {len(scores)} seeds")
    axes.set_title("A published encoder helps at the start only", loc="left", fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="lower right")


def confusions(rows: Sequence[Row], axes: Axes) -> None:
    """How often which digit is taken for which, all seeds together."""
    counts = confusion(rows, "fine-tuned")
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.pcolormesh(shares, cmap="cividis", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            shade = "black" if shares[row, column] > 0.5 else "white"
            axes.text(column + 0.5, row + 0.5, count, ha="center", va="center", color=shade, fontsize=9)
    places = np.arange(10) + 0.5
    axes.set_xticks(places, range(10))
    axes.set_yticks(places, range(10))
    axes.set(xlabel="named", ylabel="digit", aspect="equal")
    axes.invert_yaxis()
    axes.set_title("Fine-tuned: test images of all seeds", loc="left", fontsize=11)


PANELS: Mapping[str, tuple[Callable[[Sequence[Row], Axes], None], tuple[float, float]]] = {
    "hybrid_digits": (learning, (6.4, 3.6)),
    "confusion": (confusions, (4.6, 4.4)),
}
"""By the name of its file what is in a figure, and its size in inches."""


def _figure(panel: Callable[[Sequence[Row], Axes], None], size: tuple[float, float], rows: Sequence[Row]) -> Figure:
    from matplotlib.figure import Figure

    drawing = Figure(figsize=size, layout="constrained")
    panel(rows, drawing.subplots())
    return drawing


if __name__ == "__main__":
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    draw(home / "results.csv", home)
