"""``python -m experiments.noise [--quick | --medium | --full]``: noisy fragments against one noisy circuit."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.harness import Experiment, main
from experiments.noise.figure import draw
from experiments.noise.measure import Record, measure
from experiments.noise.tasks import Task, tasks

HELP = {
    "quick": "7 qubits, one circuit of each kind: some seconds",
    "medium": "7 and 10 qubits, three circuits of each kind",
    "full": "7 and 10 qubits, eight circuits of each kind: some minutes",
}
PACKAGES = ("qiskit", "qiskit-aer")
EXPERIMENT = Experiment("noise", 1, Task, Record, tasks, measure, draw, HELP, PACKAGES)


def run(arguments: Sequence[str] | None = None) -> int:
    return main(EXPERIMENT, Path(__file__).parent, arguments)


if __name__ == "__main__":
    sys.exit(run())
