"""``python -m experiments.against_peers [--quick | --medium | --full]``: cutq beside its peers, in one run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.against_peers.figure import draw
from experiments.against_peers.measure import Record, measure
from experiments.against_peers.tasks import Task, tasks
from experiments.harness import Experiment, main

HELP = {
    "quick": "the smallest case of each part, every peer once: some seconds",
    "medium": "all parts, without what takes a peer tens of seconds",
    "full": "all that can be rerun: some minutes",
}
EXPERIMENT = Experiment("against_peers", 1, Task, Record, tasks, measure, draw, HELP)


def run(arguments: Sequence[str] | None = None) -> int:
    return main(EXPERIMENT, Path(__file__).parent, arguments)


if __name__ == "__main__":
    sys.exit(run())
