"""``python -m experiments.scaling [--quick | --medium | --full]``: what k modules of n qubits cost on this computer."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.harness import Experiment, main
from experiments.scaling.figure import draw
from experiments.scaling.measure import Record, measure
from experiments.scaling.tasks import Task, tasks

HELP = {
    "quick": "small chains: under a minute",
    "medium": "up to 1000 modules and states of 20 qubits",
    "full": "up to 3000 modules and states of 22 qubits: under 20 minutes",
}
PACKAGES = ("cotengra",)
EXPERIMENT = Experiment("scaling", 1, Task, Record, tasks, measure, draw, HELP, PACKAGES)


def run(arguments: Sequence[str] | None = None) -> int:
    return main(EXPERIMENT, Path(__file__).parent, arguments)


if __name__ == "__main__":
    sys.exit(run())
