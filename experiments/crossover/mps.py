"""Matrix product states by quimb: the smallest bond dimension that is right to the error asked for."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutq import Circuit
from experiments.harness import needed

Matrix = NDArray[np.complex128]
Gate = tuple[Matrix, tuple[int, ...]]

LARGEST_BOND = 512
CUTOFF = 1e-12
"""Of Schmidt values, so small that the bond dimension alone decides."""


class GivenUpError(Exception):
    """A method that takes too long; says why."""


@dataclass(frozen=True)
class Truncated:
    """A value from a truncated state.

    Attributes:
        value: of the parity, normalised.
        bond: the largest dimension allowed.
        seconds: CPU time that it took.
    """

    value: float
    bond: int
    seconds: float


def smallest(circuit: Circuit, exact: float, error: float, patience: float) -> Truncated:
    """The first of bond dimensions 2, 4, 8, ... whose value is right to this error.

    Raises:
        GivenUpError: none is, or one took too long.
    """
    gates = fused(circuit)
    parity([gates[0], gates[-1]], circuit.num_qubits, 2, math.inf)  # compiles, which no patience is for
    bond = 2
    while bond <= LARGEST_BOND:
        found = parity(gates, circuit.num_qubits, bond, patience)
        if abs(found.value - exact) <= error:
            return found
        bond *= 2
    raise GivenUpError(f"bond dimension above {LARGEST_BOND}")


def parity(gates: list[Gate], num_qubits: int, bond: int, patience: float) -> Truncated:
    """The parity of all qubits of a state that is truncated after each gate."""
    start = time.process_time()
    state = _run(gates, num_qubits, bond, start + patience)
    value = _product(state, (1.0, -1.0)) / _product(state, (1.0, 1.0))
    return Truncated(value, bond, time.process_time() - start)


def _product(state: list[Matrix], signs: tuple[float, float]) -> float:
    """The value of one diagonal matrix on every qubit, site by site; tensors are (left, right, physical)."""
    environment: Matrix = np.ones((1, 1), dtype=complex)
    for site in state:
        right = np.tensordot(environment, site, (1, 0))
        environment = np.tensordot(site.conj(), right * signs, ((0, 2), (0, 2)))
    return float(environment[0, 0].real)


def _run(gates: list[Gate], num_qubits: int, bond: int, deadline: float) -> list[Matrix]:
    simulator = needed("quimb.tensor", "experiments").CircuitMPS(num_qubits, max_bond=bond, cutoff=CUTOFF)
    for matrix, qubits in gates:
        simulator.apply_gate_raw(matrix, qubits)
        if time.process_time() > deadline:
            raise GivenUpError(f"too slow at bond dimension {bond}")
    return _sites(simulator.psi)


def _sites(state: Any) -> list[Matrix]:
    """Tensors from left to right, all of three axes."""
    state.permute_arrays("lrp")
    first, *others = state.arrays
    last = others.pop()
    return [first[None], *others, last[:, None]]


def fused(circuit: Circuit) -> list[Gate]:
    """The gates of a circuit without parameters, those on one qubit multiplied into the next on two."""
    waiting: dict[int, Matrix] = {}
    gates: list[Gate] = []
    for op in circuit.operations:
        before = [waiting.pop(qubit, np.eye(2)) for qubit in op.qubits]
        if len(op.qubits) == 1:
            waiting[op.qubits[0]] = op.unitary({}) @ before[0]
        else:
            gates.append((op.unitary({}) @ np.kron(*before), op.qubits))
    return gates + [(matrix, (qubit,)) for qubit, matrix in waiting.items()]
