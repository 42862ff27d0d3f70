"""Aer's sampler with seeds of its own for each call, and qiskit-addon-cutting on it.

Aer's ``SamplerV2`` begins from its seed for each group of circuits with equal shots, so that with one seed the counts
of several calls, and of circuits with different shots, are no independent draws. Here every group has a fresh seed.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

import cutq
from benchmarks.shots_cases import ANSATZ_QUBITS, OBSERVABLES, Ansatz

AER = {"backend_options": {"shot_branching_enable": True}}
"""Options of Aer: shots are simulated together up to where their measurements differ; the counts are the same."""


class FreshAer:
    """Aer's sampler with a fresh seed for each group of circuits.

    Attributes:
        results: what it returned last.
    """

    def __init__(self, seed: int) -> None:
        from qiskit_aer import AerSimulator

        self._seeds = np.random.default_rng(seed)
        self.backend = AerSimulator()
        self.results: list[Any] = []

    def run(self, pubs: Iterable[Any], *, shots: int | None = None) -> Any:
        """A job with the results of all circuits."""
        from qiskit.primitives import PrimitiveResult
        from qiskit.primitives.containers.sampler_pub import SamplerPub
        from qiskit_aer.primitives import SamplerV2

        wanted = [SamplerPub.coerce(pub, shots) for pub in pubs]
        groups: dict[Any, list[int]] = defaultdict(list)
        for k, pub in enumerate(wanted):
            groups[pub.shots].append(k)
        found: dict[int, Any] = {}
        for members in groups.values():
            sampler = SamplerV2(seed=int(self._seeds.integers(2**31)), options=AER)
            found.update(zip(members, sampler.run([wanted[k] for k in members]).result(), strict=True))
        self.results = [found[k] for k in range(len(wanted))]
        result = PrimitiveResult(self.results)
        return SimpleNamespace(result=lambda: result)


def aer_runner(seed: int) -> cutq.SamplerRunner:
    """cutq's runner on it."""
    return cutq.SamplerRunner(FreshAer(seed))


@dataclass(frozen=True)
class Answer:
    """What the addon said.

    Attributes:
        values: of all observables.
        shots: how many it took.
        seconds: CPU time of the reconstruction alone.
    """

    values: np.ndarray
    shots: int
    seconds: float


class Addon:
    """The addon on the ansatz with its gates cut: all experiments, shots divided equally over them."""

    def __init__(self, case: Ansatz) -> None:
        from qiskit.quantum_info import PauliList
        from qiskit_addon_cutting import generate_cutting_experiments, partition_problem

        words = ["".join("Z" if f"Z{q}" in text.split() else "I" for q in range(ANSATZ_QUBITS)) for text in OBSERVABLES]
        observables = PauliList([word[::-1] for word in words])
        problem = partition_problem(circuit=case.qiskit, partition_labels="AAAABBBB", observables=observables)
        self._observables = problem.subobservables
        self.experiments, self._coefficients = generate_cutting_experiments(
            problem.subcircuits, problem.subobservables, num_samples=np.inf
        )
        self.num_circuits = sum(map(len, self.experiments.values()))

    def estimate(self, shots: int, seed: int) -> Answer:
        """Its values with so many shots in total."""
        from qiskit_addon_cutting import reconstruct_expectation_values

        each, sampler = shots // self.num_circuits, FreshAer(seed)
        results = {label: sampler.run(own, shots=each).result() for label, own in self.experiments.items()}
        start = time.process_time()
        values = reconstruct_expectation_values(results, self._coefficients, self._observables)
        return Answer(np.asarray(values), each * self.num_circuits, time.process_time() - start)


def wire_chain_experiments(network: cutq.Network, observable: str) -> tuple[int, int]:
    """How many circuits the addon makes for a network of wire cuts, and how many of them are different."""
    from qiskit.quantum_info import PauliList
    from qiskit_addon_cutting import cut_wires, expand_observables, generate_cutting_experiments, partition_problem

    marked = _with_cut_wires(network)
    qubit = int(observable.removeprefix("Z"))
    word = PauliList(["".join("Z" if q == qubit else "I" for q in range(marked.num_qubits))[::-1]])
    whole = cut_wires(marked)
    problem = partition_problem(circuit=whole, observables=expand_observables(word, marked, whole))
    experiments, _ = generate_cutting_experiments(problem.subcircuits, problem.subobservables, num_samples=np.inf)
    return sum(map(len, experiments.values())), sum(len(set(map(_contents, own))) for own in experiments.values())


def _with_cut_wires(network: cutq.Network) -> Any:
    """The network's circuit in Qiskit's terms, with the addon's marks where wires are cut."""
    from qiskit import QuantumCircuit
    from qiskit_addon_cutting.instructions import CutWire

    source = cutq.to_qiskit(cutq.merge(network))
    cuts = {(bond.cut.after, bond.cut.qubit) for bond in network.bonds}
    marked = QuantumCircuit(source.num_qubits)
    for number, step in enumerate(source.data):
        qubits = [source.find_bit(qubit).index for qubit in step.qubits]
        marked.append(step.operation, qubits)
        for qubit in qubits:
            if (number, qubit) in cuts:
                marked.append(CutWire(), [qubit])
    return marked


def _contents(circuit: Any) -> str:
    """A text that equal circuits share."""
    rows = [
        (step.operation.name, str(step.operation.params), [circuit.find_bit(bit).index for bit in step.qubits],
         [circuit.find_bit(bit).index for bit in step.clbits])
        for step in circuit.data
    ]  # fmt: skip
    return repr(rows)
