"""``python -m experiments.hybrid_digits [--quick] [--full]``: train three arms and draw what came of it.

Rows are appended to ``results.csv``; the figures are drawn from it alone. One seed by default, five with ``--full``.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from experiments.hybrid_digits.figure import draw
from experiments.hybrid_digits.model import ARMS, train

HERE = Path(__file__).parent
PACKAGES = ("cutq", "numpy", "torch")
COLUMNS = ("started", "mode", "arm", "seed", "epoch", "loss", "accuracy", "seconds", "confusion", *PACKAGES)


@dataclass(frozen=True)
class Plan:
    """How much is done.

    Attributes:
        seeds, epochs: how many.
        rows: training images; None for all.
    """

    seeds: int
    epochs: int
    rows: int | None = None


PLANS = {"quick": Plan(1, 2, 320), "one seed": Plan(1, 15), "full": Plan(5, 15)}


def main(arguments: Sequence[str] | None = None) -> None:
    options = _options(arguments)
    results = options.into / "results.csv"
    options.into.mkdir(parents=True, exist_ok=True)
    mode = "full" if options.full else "quick" if options.quick else "one seed"
    started = datetime.now(UTC).isoformat(timespec="seconds")
    for row in rows(mode, started):
        append(results, row)
        print(*(row[name] for name in ("arm", "seed", "epoch", "loss", "accuracy")), sep="  ", flush=True)
    draw(results, options.into)


def rows(mode: str, started: str) -> Iterator[dict[str, object]]:
    """What is written for each epoch; the confusion matrix, its rows one after the other, after the last one."""
    plan, versions = PLANS[mode], {name: metadata.version(name) for name in PACKAGES}
    for seed in range(plan.seeds):
        for arm in ARMS:
            begin = time.perf_counter()
            for one in train(arm, seed, plan.epochs, plan.rows):
                last = one.number == plan.epochs
                yield {
                    "started": started, "mode": mode, "arm": arm, "seed": seed, "epoch": one.number,
                    "loss": f"{one.loss:.6f}", "accuracy": f"{one.accuracy:.6f}",
                    "seconds": f"{time.perf_counter() - begin:.2f}",
                    "confusion": " ".join(str(count) for line in one.confusion for count in line) if last else "",
                } | versions  # fmt: skip


def append(path: Path, row: dict[str, object]) -> None:
    """Add a row to a file, which begins with the names of the columns."""
    fresh = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        if fresh:
            writer.writeheader()
        writer.writerow(row)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m experiments.hybrid_digits")
    parser.add_argument("--quick", action="store_true", help="320 images, two epochs: under a minute")
    parser.add_argument("--full", action="store_true", help="five seeds")
    parser.add_argument("--into", type=Path, default=HERE, metavar="FOLDER", help="where results and figures go")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
