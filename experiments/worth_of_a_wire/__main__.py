"""``python -m experiments.worth_of_a_wire [--quick | --medium | --full]``: what opening wires gains, and its price."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.harness import Experiment, main
from experiments.worth_of_a_wire.figure import draw
from experiments.worth_of_a_wire.measure import Record, measure
from experiments.worth_of_a_wire.tasks import Task, tasks

HELP = {
    "quick": "one short chain and 96 digits, one seed: some seconds",
    "medium": "four chains and 640 digits, three seeds: two minutes",
    "full": "seven chains and 640 digits, six seeds: six minutes",
}
PACKAGES = ("scikit-learn", "scipy", "optax")
EXPERIMENT = Experiment("worth_of_a_wire", 1, Task, Record, tasks, measure, draw, HELP, PACKAGES)


def run(arguments: Sequence[str] | None = None) -> int:
    return main(EXPERIMENT, Path(__file__).parent, arguments)


if __name__ == "__main__":
    sys.exit(run())
