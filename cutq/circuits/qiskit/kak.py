"""The Cartan (KAK) decomposition of two-qubit gates, by Qiskit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cutq.circuits.gates import PAULIS, Matrix


@dataclass(frozen=True, eq=False)
class Kak:
    """A two-qubit gate as ``(A (x) B) exp(i (a XX + b YY + c ZZ)) (A' (x) B')`` times a phase.

    Attributes:
        angles: a, b, c in radians.
        after: the unitaries A on the first and B on the second qubit, (2, 2) each.
        before: the unitaries A' and B', (2, 2) each.
        phase: the angle of the phase, in radians.
    """

    angles: tuple[float, float, float]
    after: tuple[Matrix, Matrix]
    before: tuple[Matrix, Matrix]
    phase: float

    @property
    def weights(self) -> Matrix:
        """``u_k`` of ``U = sum_k u_k (A P_k A') (x) (B P_k B')`` over the Paulis P_k = 1, X, Y, Z, (4,)."""
        words = [np.kron(PAULIS[letter], PAULIS[letter]) for letter in "IXYZ"]
        whole = np.exp(1j * self.phase) * words[0]
        for turn, word in zip(self.angles, words[1:], strict=True):
            whole = whole @ (np.cos(turn) * words[0] + 1j * np.sin(turn) * word)
        return np.array([np.trace(whole @ word) / 4 for word in words])


def kak(unitary: Matrix) -> Kak:
    """The decomposition of a unitary on two qubits, the first one most significant, (4, 4).

    Kraus, Cirac, PRA 63 062309. Without Qiskit's rounding to special gates nearby, so that it is exact.

    >>> abs(kak(np.diag([1, 1, 1, -1])).weights).round(6)  # the operator-Schmidt coefficients of CZ
    array([0.707107, 0.707107, 0.      , 0.      ])
    """
    from qiskit.synthesis import TwoQubitWeylDecomposition

    found = TwoQubitWeylDecomposition(np.asarray(unitary, dtype=complex), fidelity=None)
    return Kak((found.a, found.b, found.c), (found.K1l, found.K1r), (found.K2l, found.K2r), found.global_phase)
