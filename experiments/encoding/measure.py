"""Accuracy, gates, circuits, shots and seconds of one way to encode."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import cutq
from benchmarks.table import one_thread
from experiments.encoding import circuits
from experiments.encoding.circuits import Split
from experiments.encoding.data import data
from experiments.encoding.encodings import Reals
from experiments.encoding.heads import BASELINES, accuracy, classical, with_products
from experiments.encoding.tasks import Task
from experiments.encoding.values import (
    WIDEST_STATE,
    Values,
    narrow,
    state,
    three_bases,
    values,
    variances,
    with_shots,
)

ERROR = 0.1
"""Of a number, root mean square over all of a sample, for which shots are counted."""


@dataclass(frozen=True)
class Record:
    """What comes out.

    Attributes:
        accuracy: on test rows, of a linear head on exact values, or of a baseline.
        with_shots: the same where rows to learn from and test rows have the task's shots.
        with_products: the same on exact values and products of two modules' Z, where they are not linked.
        three_bases, three_with_shots: where modules are not linked, of values in three bases, with all shots as above.
        seconds: for 1,000 samples: their values, or names from a baseline that has been fitted.
        qubits, width: of all modules, and of the widest fragment.
        one_qubit, two_qubit, depth: gates of all modules, and of the deepest fragment one after another.
        circuits, formula: different circuits for a sample, counted and as they should be.
        shots_needed: for a sample, for an error of a tenth of each number.
        way, compiled: how values were found, "fragments" or "light cones", and seconds once.
        uncut_seconds, deviation: as a state uncut, for 1,000 samples; and the largest difference to it.
    """

    accuracy: float
    with_shots: float | None = None
    with_products: float | None = None
    three_bases: float | None = None
    three_with_shots: float | None = None
    seconds: float | None = None
    qubits: int | None = None
    width: int | None = None
    one_qubit: int | None = None
    two_qubit: int | None = None
    depth: int | None = None
    circuits: int | None = None
    formula: int | None = None
    shots_needed: float | None = None
    way: str | None = None
    compiled: float | None = None
    uncut_seconds: float | None = None
    deviation: float | None = None


def measure(task: Task) -> Record:
    """Run a way on all samples, and fit a head."""
    own = data(task.data, task.features, task.seed)
    with one_thread():
        if task.arm in BASELINES:
            score, seconds = classical(task.arm, own)
            return Record(score, seconds=seconds)
        case = circuits.split(task.encoding, task.features, task.modules, task.arm == "linked", task.seed)
        return _measured(task, case, case.rows(own.x), own.labels)


def _measured(task: Task, case: Split, rows: Reals, labels: np.ndarray) -> Record:
    found = values(case, rows)
    variance = variances(case, found.table, rows, task.seed)
    noisy = None if variance is None else with_shots(found.table, variance, task.shots, task.seed)
    more = _more(task, case, rows, found.table, labels) if task.arm == "unlinked" else {}
    uncut_seconds, deviation = _uncut(task, case, rows, found)
    single, double = circuits.gates(case.circuit)
    return Record(
        accuracy=accuracy(found.table, labels),
        with_shots=None if noisy is None else accuracy(noisy, labels),
        **more,
        seconds=found.seconds,
        qubits=case.circuit.num_qubits,
        width=max(case.network().widths),
        one_qubit=single,
        two_qubit=double,
        depth=circuits.depth(case),
        circuits=sum(map(len, cutq.variants(case.network(), case.observables(), rows[-1]))),
        formula=circuits.formula(task.modules, task.arm == "linked"),
        shots_needed=None if variance is None else float(np.mean(variance)) / ERROR**2,
        way=found.way,
        compiled=found.compiled,
        uncut_seconds=uncut_seconds,
        deviation=deviation,
    )


def _more(task: Task, case: Split, rows: Reals, table: Reals, labels: np.ndarray) -> dict[str, float]:
    """Accuracies of what can be had of modules without cutting a wire: products, which are free, and more bases."""
    found = {"with_products": accuracy(with_products(table, case.blocks), labels)}
    if narrow(case):
        wide, variance = three_bases(case, rows, table)
        found["three_bases"] = accuracy(wide, labels)
        found["three_with_shots"] = accuracy(with_shots(wide, variance, task.shots, task.seed), labels)
    return found


def _uncut(task: Task, case: Split, rows: Reals, found: Values) -> tuple[float | None, float | None]:
    """The whole as one state: seconds, and how far what was found is from it."""
    if task.arm == "unlinked" or case.circuit.num_qubits > WIDEST_STATE:
        return None, None
    if task.arm == "uncut" and found.way == "fragments":
        return found.seconds, None
    whole = state(case, rows)
    return whole.seconds, float(np.abs(found.table[: len(whole.table)] - whole.table).max())
