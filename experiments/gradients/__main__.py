"""``python -m experiments.gradients [--quick | --medium | --full]``: what all derivatives cost in five ways."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.gradients.figure import draw
from experiments.gradients.measure import Record, measure
from experiments.gradients.tasks import Task, tasks
from experiments.harness import Experiment, main

HELP = {
    "quick": "12 to 48 parameters: some seconds",
    "medium": "12 to 9996 parameters, shots for 300 of them",
    "full": "12 to 9996 parameters, shots for 996 of them: some minutes",
}
EXPERIMENT = Experiment("gradients", 1, Task, Record, tasks, measure, draw, HELP)


def run(arguments: Sequence[str] | None = None) -> int:
    return main(EXPERIMENT, Path(__file__).parent, arguments)


if __name__ == "__main__":
    sys.exit(run())
