"""``python -m experiments.crossover [--quick | --medium | --full]``: where would a device be needed?"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.crossover.figure import draw
from experiments.crossover.measure import Record, measure
from experiments.crossover.tasks import Task, tasks
from experiments.harness import Experiment, main

HELP = {
    "quick": "three modules of up to 8 qubits: some seconds",
    "medium": "up to 14 qubits: two minutes",
    "full": "up to 20 qubits: some minutes",
}
PACKAGES = ("quimb", "cotengra")
EXPERIMENT = Experiment("crossover", 1, Task, Record, tasks, measure, draw, HELP, PACKAGES)


def run(arguments: Sequence[str] | None = None) -> int:
    return main(EXPERIMENT, Path(__file__).parent, arguments)


if __name__ == "__main__":
    sys.exit(run())
