"""Matrices of few operations, by which gates are compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from cutq.circuits.circuit import Operation
from cutq.circuits.gates import Matrix


def unitary(operations: Iterable[Operation], num_qubits: int, values: Mapping[str, float]) -> Matrix:
    """The matrix of operations on few qubits, qubit 0 most significant, (2**num_qubits, 2**num_qubits).

    >>> unitary([Operation("x", (1,))], 2, {}).real.astype(int).tolist()
    [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]
    """
    size = 2**num_qubits
    state = np.eye(size, dtype=complex).reshape((2,) * num_qubits + (size,))
    for op in operations:
        width = len(op.qubits)
        tensor = op.unitary(values).reshape((2,) * (2 * width))
        state = np.tensordot(tensor, state, (range(width, 2 * width), op.qubits))
        state = np.moveaxis(state, range(width), op.qubits)
    return state.reshape(size, size)


def phase_between(matrix: Matrix, other: Matrix) -> complex:
    """The factor of modulus 1 that brings the first matrix closest to the second."""
    overlap = complex(np.vdot(matrix, other))
    return overlap / abs(overlap) if overlap else 1.0


def trials(names: Sequence[str]) -> list[dict[str, float]]:
    """Fixed values of the parameters; gates that agree there are the same but for a set of measure 0."""
    rng = np.random.default_rng(1)
    return [dict(zip(names, rng.uniform(-3, 3, len(names)), strict=True)) for _ in range(2 if names else 1)]
