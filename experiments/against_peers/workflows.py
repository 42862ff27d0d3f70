"""From a circuit to an exact value, all of it: beside qiskit-addon-cutting with exact simulation, and uncut.

The addon partitions, generates all experiments, runs each with its exact sampler and reconstructs; cutq splits,
compiles and evaluates. Both begin with the circuit, and both are asked for one observable.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

import cutq
from benchmarks.families import Case
from benchmarks.shots_peers import _contents, _with_cut_wires
from cutq import GateCut
from experiments.against_peers import states
from experiments.against_peers.beside import Beside, counted, timed
from experiments.against_peers.cases import case_of
from experiments.against_peers.contraction import NO_ANGLES
from experiments.against_peers.tasks import Task


def compared(task: Task) -> Beside:
    """Seconds, or circuits, of a whole workflow."""
    case = case_of(task.case)
    if task.quantity != "seconds":
        which = 1 if task.quantity.startswith("distinct") else 0
        return counted(num_circuits(case), experiments(task.case)[which] if task.peer_rounds else np.nan)
    if task.peer == "lightning":
        return _beside_state(case, task)
    source, words = in_qiskit(case)
    difference = None if task.peer_rounds < 2 else abs(value(case) - addon_value(source, words))
    return timed(lambda: value(case), lambda: addon_value(source, words), task.rounds, task.peer_rounds, difference)


def _beside_state(case: Case, task: Task) -> Beside:
    theirs = states.uncut(case)[0]
    difference = abs(value(case) - theirs(NO_ANGLES))
    return timed(lambda: value(case), lambda: theirs(NO_ANGLES), task.rounds, task.peer_rounds, difference)


def value(case: Case) -> float:
    """The value by cutq, beginning with the circuit."""
    return float(cutq.expectation(cutq.split(case.circuit, case.plan), case.observables[0]))


def num_circuits(case: Case) -> int:
    """Different circuits that cutq would run on a device."""
    return sum(map(len, cutq.variants(cutq.split(case.circuit, case.plan), case.observables[0])))


def in_qiskit(case: Case) -> tuple[Any, Any]:
    """The circuit in Qiskit's terms with the addon's marks on cut wires, and its Pauli word."""
    from qiskit.quantum_info import PauliList

    gates = isinstance(case.plan.cuts[0], GateCut)
    source = cutq.to_qiskit(case.circuit) if gates else _with_cut_wires(case.network())
    seen = {int(one[1:]) for one in case.observables[0].split()}
    word = "".join("Z" if qubit in seen else "I" for qubit in range(source.num_qubits))
    return source, PauliList([word[::-1]])


def problem(source: Any, words: Any) -> Any:
    """The addon's partition: of a marked circuit at its wires, of others in two halves at their gates."""
    from qiskit_addon_cutting import cut_wires, expand_observables, partition_problem

    if any(step.operation.name == "cut_wire" for step in source.data):
        whole = cut_wires(source)
        return partition_problem(circuit=whole, observables=expand_observables(words, source, whole))
    half = source.num_qubits // 2
    return partition_problem(circuit=source, partition_labels="A" * half + "B" * half, observables=words)


def generated(parts: Any) -> tuple[Any, Any]:
    """All experiments of a partition, and their coefficients."""
    from qiskit_addon_cutting import generate_cutting_experiments

    return generate_cutting_experiments(parts.subcircuits, parts.subobservables, num_samples=np.inf)


def addon_value(source: Any, words: Any) -> float:
    """The value by the addon, beginning with the circuit."""
    from qiskit_addon_cutting import reconstruct_expectation_values
    from qiskit_addon_cutting.utils.simulation import ExactSampler

    parts = problem(source, words)
    circuits, coefficients = generated(parts)
    results = {label: ExactSampler().run(own).result() for label, own in circuits.items()}
    return float(reconstruct_expectation_values(results, coefficients, parts.subobservables)[0])


@cache
def experiments(name: str) -> tuple[int, int]:
    """How many circuits the addon makes, and how many of them are different."""
    circuits, _ = generated(problem(*in_qiskit(case_of(name))))
    return sum(map(len, circuits.values())), sum(len(set(map(_contents, own))) for own in circuits.values())
