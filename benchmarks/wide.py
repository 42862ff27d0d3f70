"""Circuits that no state vector holds: ``python -m benchmarks.wide FILE WIDTH [FILE WIDTH ...]``.

Plans each circuit with a seeded layer of random u3 gates, evaluates one Pauli word across the borders of fragments, and
prints seconds, the peak memory of the process, and beside them the time of contracting the word's light cone uncut, by
cotengra over the circuit's gates (greedy path), with the difference of the two values.
"""

from __future__ import annotations

import resource
import sys
import time

import cotengra
import numpy as np

import cutq
from cutq.circuits.gates import PAULIS
from tests.zoo import u3_layer


def main() -> None:
    print(f"{'circuit':<22}{'width':>6}{'fragments':>10}{'plan s':>8}", end="")
    print(f"{'run s':>8}{'uncut s':>9}{'peak MB':>9}{'difference':>12}")
    for name, width in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        _measure(name, int(width))


def _measure(name: str, width: int) -> None:
    circuit = u3_layer(cutq.load(name))
    middle = circuit.num_qubits // 2
    word = {middle: "Z", middle + 1: "X", middle + width: "Y"}
    start = time.perf_counter()
    plan = cutq.find_cuts(circuit, width, objective="gamma")
    planned = time.perf_counter()
    value = cutq.expectation(cutq.split(circuit, plan), " ".join(f"{p}{q}" for q, p in word.items()))
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    uncut = light_cone_value(circuit, word)
    end = time.perf_counter()
    print(
        f"{name.rsplit('/', 1)[-1].removesuffix('.qasm'):<22}{width:>6}{len(plan.widths):>10}{planned - start:>8.2f}"
        f"{done - planned:>8.2f}{end - done:>9.2f}{peak:>9.0f}{value - uncut:>12.1e}",
        flush=True,
    )


def light_cone_value(circuit: cutq.Circuit, word: dict[int, str]) -> float:
    """The value of a word from the tensor network of the gates that it can see, without any cut."""
    cone, seen = [], set(word)
    for op in reversed(circuit.operations):
        if seen & set(op.qubits):
            seen |= set(op.qubits)
            cone.append(op)
    last = {qubit: (qubit, 0) for qubit in sorted(seen)}
    inputs, arrays = [], []

    def add(array: np.ndarray, *indices: object) -> None:
        inputs.append(indices)
        arrays.append(array)

    for layer in ("ket", "bra"):
        for qubit in last:
            add(np.array([1.0, 0.0], dtype=complex), (layer, qubit, 0))
    for op in reversed(cone):
        tensor = op.unitary({}).reshape((2,) * (2 * len(op.qubits)))
        before = [last[qubit] for qubit in op.qubits]
        last |= {qubit: (qubit, last[qubit][1] + 1) for qubit in op.qubits}
        after = [last[qubit] for qubit in op.qubits]
        for layer, array in (("ket", tensor), ("bra", tensor.conj())):
            add(array, *((layer, *index) for index in after), *((layer, *index) for index in before))
    for qubit, index in last.items():
        add(PAULIS[word.get(qubit, "I")], ("bra", *index), ("ket", *index))
    return float(cotengra.array_contract(arrays, inputs, (), optimize="greedy").real)


if __name__ == "__main__":
    main()
