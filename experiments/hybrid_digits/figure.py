"""``python -m experiments.hybrid_digits.figure [FOLDER]``: learning curves and confusions, from the CSV alone."""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

STYLES = {"frozen": ("#0072b2", "-"), "fine-tuned": ("#d55e00", "--"), "from scratch": ("#009e73", ":")}
"""Colours of Okabe and Ito, told apart by their lines too."""

THOROUGH = ("full", "one seed", "quick")
"""Modes, the one that is drawn first; of several runs the latest."""


def draw(results: Path, into: Path) -> list[Path]:
    """Write ``hybrid_digits.svg`` and ``.png``; the same file gives the same svg."""
    import matplotlib

    style = {"svg.hashsalt": "hybrid_digits", "svg.fonttype": "none", "font.size": 9}
    paths = [into / f"hybrid_digits.{kind}" for kind in ("svg", "png")]
    with matplotlib.rc_context(style):
        figure = picture(chosen(results))
        for path in paths:
            figure.savefig(path, dpi=200, metadata={"Date": None} if path.suffix == ".svg" else None)
    return paths


def chosen(results: Path) -> list[dict[str, str]]:
    """The rows of one run: the latest of the most thorough mode."""
    with results.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    mode = next(mode for mode in THOROUGH if any(row["mode"] == mode for row in rows))
    started = max(row["started"] for row in rows if row["mode"] == mode)
    return [row for row in rows if row["started"] == started and row["mode"] == mode]


def curves(rows: list[dict[str, str]]) -> dict[str, np.ndarray]:
    """Test accuracies for each arm, (seeds, epochs)."""
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        found[row["arm"]][row["seed"]].append(float(row["accuracy"]))
    return {arm: np.array(list(seeds.values())) for arm, seeds in found.items()}


def confusion(rows: list[dict[str, str]], arm: str) -> np.ndarray:
    """Test images by class (rows) and name (columns), summed over the seeds."""
    found = [row["confusion"].split() for row in rows if row["arm"] == arm and row["confusion"]]
    return np.array(found, dtype=int).sum(axis=0).reshape(10, 10)


def picture(rows: list[dict[str, str]]) -> Any:
    """Both panels as a figure of matplotlib."""
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(7.6, 3.3), layout="constrained")
    left, right = drawing.subplots(1, 2)
    for arm, scores in curves(rows).items():
        colour, line = STYLES[arm]
        epochs = np.arange(1, scores.shape[1] + 1)
        left.plot(epochs, scores.mean(axis=0), line, color=colour, lw=1.6, label=arm)
        left.fill_between(epochs, scores.min(axis=0), scores.max(axis=0), color=colour, alpha=0.15, lw=0)
    left.set(xlabel="epoch", ylabel="test accuracy", title=f"mean and range of {len(scores)} seeds")
    left.legend(frameon=False, loc="lower right")
    _matrix(right, confusion(rows, "fine-tuned"))
    return drawing


def _matrix(axes: Any, counts: np.ndarray) -> None:
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="cividis", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            shade = "black" if shares[row, column] > 0.5 else "white"
            axes.text(column, row, count, ha="center", va="center", color=shade, fontsize=6.5)
    axes.set(
        xticks=range(10), yticks=range(10), xlabel="named", ylabel="digit", title="fine-tuned, test images of all seeds"
    )


if __name__ == "__main__":
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    draw(home / "results.csv", home)
