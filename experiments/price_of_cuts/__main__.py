"""``python -m experiments.price_of_cuts [--quick | --medium | --full]``: shots for an error over the number of cuts."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.harness import Experiment, main
from experiments.price_of_cuts.figure import draw
from experiments.price_of_cuts.measure import Record, measure
from experiments.price_of_cuts.tasks import Task, tasks

HELP = {
    "quick": "1 to 8 cuts, two random circuits of each kind: some seconds",
    "medium": "1 to 32 cuts, eight random circuits of each kind",
    "full": "1 to 64 cuts, sixteen random circuits of each kind: some minutes",
}
EXPERIMENT = Experiment("price_of_cuts", 1, Task, Record, tasks, measure, draw, HELP)


def run(arguments: Sequence[str] | None = None) -> int:
    return main(EXPERIMENT, Path(__file__).parent, arguments)


if __name__ == "__main__":
    sys.exit(run())
