"""``python -m experiments.parameter_efficiency [--quick | --medium | --full]``: shared modules over seven problems."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.harness import Experiment, main
from experiments.parameter_efficiency.figure import draw
from experiments.parameter_efficiency.measure import Record, measure
from experiments.parameter_efficiency.tasks import Task, tasks

HELP = {
    "quick": "two seeds, three steps of training: some seconds",
    "medium": "four seeds: some minutes",
    "full": "ten seeds: about ten minutes",
}
PACKAGES = ("scikit-learn", "scipy")
EXPERIMENT = Experiment("parameter_efficiency", 1, Task, Record, tasks, measure, draw, HELP, PACKAGES)


def run(arguments: Sequence[str] | None = None) -> int:
    return main(EXPERIMENT, Path(__file__).parent, arguments)


if __name__ == "__main__":
    sys.exit(run())
