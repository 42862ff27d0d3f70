"""Unitaries on many qubits as rotations, CX and matrix gates on two qubits.

The quantum Shannon decomposition of Shende, Bullock and Markov, IEEE Trans. CAD 25, 1000 (2006), theorem 13.
Qiskit's own rounds factors that are near the identity, by up to 1e-5.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.angles import angle
from cutq.circuits.circuit import Operation
from cutq.circuits.gates import MATRIX_GATE, Matrix


def shannon(matrix: Matrix, qubits: Sequence[int]) -> list[Operation]:
    """Operations on one or two qubits whose product is the matrix.

    Args:
        matrix: a unitary, the first of ``qubits`` most significant.
        qubits: the qubits it acts on.

    >>> len(shannon(np.eye(8), (0, 1, 2)))
    34
    """
    from scipy.linalg import cossin

    if len(qubits) <= 2:
        entries = tuple(tuple(complex(entry) for entry in row) for row in matrix)
        return [Operation(MATRIX_GATE, tuple(qubits), (), entries)]
    half = len(matrix) // 2
    left, turns, right = cossin(matrix, p=half, q=half, separate=True)
    middle = _multiplexed("ry", 2 * turns, qubits)
    return [*_selected(right, qubits), *middle, *_selected(left, qubits)]


def _selected(blocks: tuple[Matrix, Matrix], qubits: Sequence[int]) -> list[Operation]:
    """``|0><0| (x) zero + |1><1| (x) one`` as ``(1 (x) V) diag(D, D^+) (1 (x) W)``."""
    from scipy.linalg import schur

    zero, one = blocks
    triangle, basis = schur(zero @ one.conj().T, output="complex")
    phases = np.angle(np.diagonal(triangle)) / 2
    rest = np.exp(1j * phases)[:, None] * (basis.conj().T @ one)
    return [
        *shannon(rest, qubits[1:]),
        *_multiplexed("rz", -2 * phases, qubits),
        *shannon(basis, qubits[1:]),
    ]


def _multiplexed(name: str, turns: NDArray[np.float64], qubits: Sequence[int]) -> list[Operation]:
    """The rotation of the first qubit by the angle that the state of the others selects."""
    target, *controls = qubits
    if not controls:
        return [Operation(name, (target,), (angle(float(turns[0])),))]
    zero, one = np.split(turns, 2)
    flip = Operation("cx", (controls[0], target))
    rest = (target, *controls[1:])
    return [
        *_multiplexed(name, (zero + one) / 2, rest),
        flip,
        *_multiplexed(name, (zero - one) / 2, rest),
        flip,
    ]
