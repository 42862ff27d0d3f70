"""``python -m experiments.encoding [--quick | --medium | --full]``: features in circuits, split over modules."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.encoding.figure import draw
from experiments.encoding.measure import Record, measure
from experiments.encoding.tasks import Task, tasks
from experiments.harness import Experiment, main

HELP = {
    "quick": "4 and 16 features over 1 and 4 modules, one seed: some seconds",
    "medium": "4 to 16 features over 1 to 16 modules, three seeds",
    "full": "4 to 64 features over 1 to 16 modules, six seeds: some minutes",
}
PACKAGES = ("scikit-learn",)
EXPERIMENT = Experiment("encoding", 1, Task, Record, tasks, measure, draw, HELP, PACKAGES)


def run(arguments: Sequence[str] | None = None) -> int:
    return main(EXPERIMENT, Path(__file__).parent, arguments)


if __name__ == "__main__":
    sys.exit(run())
