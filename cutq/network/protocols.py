"""The table of cuts: for wires and for every two-qubit gate the exact form, gamma and the circuits on a device.

A two-qubit gate is cut exactly as ``U = sum_ij C_ij L_i (x) R_j`` with a family of ``chi`` local operations on each
side (its *letters*) and a coupling matrix ``C``; ``chi`` is the operator-Schmidt rank. Letters are fixed unitaries, so
that they can also be run; the angle of a gate lives in the coupling wherever that is possible.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.angles import Angle
from cutq.circuits.circuit import Operation
from cutq.circuits.gates import MATRIX_GATE, Matrix

RANK_TOLERANCE = 1e-12
"""Operator-Schmidt coefficients below this share of the largest are zero."""

WIRE_RANK = 2
WIRE_GAMMA = 4.0
"""Gamma of one wire cut by local operations: 4**n for n wires (Brenner, Piveteau, Sutter, arXiv:2302.03366)."""

WIRE_CIRCUITS = (3, 4)
"""Measurement bases upstream and SIC preparations downstream of a cut wire."""

GATE_CIRCUITS: dict[int, int] = {1: 1, 2: 5, 4: 22}
"""Local operations on each side of a cut gate by its rank: none to choose, the frame of Mitarai and Fujii
(NJP 23 023021), and the ancilla-free form of a general gate (Quantum 5 388)."""

_PAULI_LETTERS = ("id", "x", "y", "z")

GATE_LETTERS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    **dict.fromkeys(("cz", "cs", "csdg", "cp", "cu1", "crz", "rzz"), (("id", "z"), ("id", "z"))),
    **dict.fromkeys(("cx", "csx", "crx", "rzx"), (("id", "z"), ("id", "x"))),
    **dict.fromkeys(("cy", "cry"), (("id", "z"), ("id", "y"))),
    "ch": (("id", "z"), ("id", "h")),
    "rxx": (("id", "x"), ("id", "x")),
    "ryy": (("id", "y"), ("id", "y")),
    "ecr": (("x", "y"), ("id", "x")),
    "swap": (_PAULI_LETTERS, _PAULI_LETTERS),
    "iswap": (_PAULI_LETTERS, _PAULI_LETTERS),
}
"""Letters of the first and the second qubit by gate."""

CONTROLLED_U = ("cu3", "cu")
"""Gates that take their own target as a letter."""


@dataclass(frozen=True)
class SchmidtForm:
    """The exact form of a cut gate.

    Attributes:
        left: operations on the gate's first qubit, one for each value of the bond index.
        right: operations on its second qubit, as many.
        phase: for a controlled gate ``|0><0| (x) 1 + |1><1| (x) exp(i phase) V`` with the letters 1, Z and 1, V that
            phase; its coupling is then known without V, which may be near 1. Else None.
    """

    left: tuple[Operation, ...]
    right: tuple[Operation, ...]
    phase: Angle | None = None

    @property
    def rank(self) -> int:
        """Dimension of the bond."""
        return len(self.left)

    def coupling(self, op: Operation, values: Mapping[str, float]) -> Matrix:
        """``C`` of ``U = sum_ij C_ij L_i (x) R_j``, (rank, rank)."""
        if self.phase is not None:
            factor = np.exp(1j * self.phase.at(values))
            return np.array([[0.5, factor / 2], [0.5, -factor / 2]], dtype=complex)
        left = _columns([letter.unitary(values) for letter in self.left])
        right = _columns([letter.unitary(values) for letter in self.right])
        return np.linalg.pinv(left) @ _realigned(op.unitary(values)) @ np.linalg.pinv(right).T


@functools.lru_cache(maxsize=4096)
def schmidt_form(op: Operation) -> SchmidtForm:
    """The letters of a two-qubit gate, of its rank at these angles, or at any where an angle is a parameter.

    >>> form = schmidt_form(Operation("cx", (0, 1)))
    >>> [letter.name for letter in form.right], form.coupling(Operation("cx", (0, 1)), {}).real
    (['id', 'x'], array([[ 0.5,  0.5],
           [ 0.5, -0.5]]))
    """
    if not op.parameters and schmidt_rank(op.unitary({})) == 1:
        return _product_form(op.unitary({}))
    if op.name in GATE_LETTERS:
        left, right = GATE_LETTERS[op.name]
        return SchmidtForm(tuple(Operation(n, (0,)) for n in left), tuple(Operation(n, (0,)) for n in right))
    if op.name in CONTROLLED_U:
        identity, target = Operation("id", (0,)), Operation("u", (0,), op.params[:3])
        return SchmidtForm((identity, Operation("z", (0,))), (identity, target), sum(op.params[3:], Angle()))
    return _matrix_form(op.unitary({}))


def schmidt_coefficients(unitary: Matrix) -> NDArray[np.float64]:
    """Operator-Schmidt coefficients of a two-qubit unitary, falling, their squares summing to 1.

    >>> schmidt_coefficients(Operation("cz", (0, 1)).unitary({})).round(6)
    array([0.707107, 0.707107, 0.      , 0.      ])
    """
    return np.linalg.svd(_realigned(unitary), compute_uv=False) / 2


def schmidt_rank(unitary: Matrix) -> int:
    """Operator-Schmidt rank of a two-qubit unitary: 1, 2 or 4 (never 3: Dür, Vidal, Cirac, PRL 89 057901)."""
    coefficients = schmidt_coefficients(unitary)
    rank = int(np.count_nonzero(coefficients > RANK_TOLERANCE * coefficients[0]))
    return 4 if rank == 3 else rank


def gate_gamma(op: Operation) -> float:
    """Optimal gamma of cutting this gate alone, ``2 (sum |u_i|)**2 - 1`` (Schmitt, Piveteau, Sutter, arXiv:2312.11638).

    Where an angle is a parameter it is the worst case over the angle.

    >>> gate_gamma(Operation("cx", (0, 1))), gate_gamma(Operation("rzz", (0, 1), (0.4,)))
    (3.0, 1.778836684617)
    """
    return joint_gamma((op,))


@functools.lru_cache(maxsize=4096)
def gate_strength(op: Operation) -> float:
    """``sum |u_i|`` over the operator-Schmidt coefficients; of gates cut jointly these multiply.

    Coefficients of rank ``chi`` with squares that sum to 1 add up to at most ``sqrt(chi)``: the worst case.
    """
    if _turns_the_spectrum(op):
        return math.sqrt(schmidt_form(op).rank)
    return float(schmidt_coefficients(op.unitary(dict.fromkeys(op.parameters, 0.0))).sum())


def _turns_the_spectrum(op: Operation) -> bool:
    """Whether a parameter changes the coefficients: of a controlled U only theta and phi + lambda do."""
    if op.name in CONTROLLED_U:
        theta, phi, lam = op.params[:3]
        return bool(theta.parameters or (phi + lam).parameters)
    return bool(op.parameters)


def joint_gamma(ops: tuple[Operation, ...]) -> float:
    """Gamma of cutting gates jointly, ``2 prod_k (sum_i |u_i^(k)|)**2 - 1`` (arXiv:2312.11638).

    >>> joint_gamma((Operation("cx", (0, 1)), Operation("cx", (0, 1))))
    7.0
    """
    strength = math.prod(gate_strength(op) for op in ops)
    # Rounded, so that equal gates have equal prices whatever the rounding errors of their matrices.
    return round(2 * strength * strength - 1, 12)


def _realigned(unitary: Matrix) -> Matrix:
    """``U[ab, a'b']`` as the matrix from the first qubit's ``(a, a')`` to the second's ``(b, b')``, (4, 4)."""
    return unitary.reshape(2, 2, 2, 2).transpose(0, 2, 1, 3).reshape(4, 4)


def _columns(matrices: list[Matrix]) -> Matrix:
    return np.stack([matrix.ravel() for matrix in matrices], axis=1)


def _matrix_letter(matrix: NDArray[Any]) -> Operation:
    return Operation(MATRIX_GATE, (0,), matrix=tuple(map(tuple, matrix)))


def _product_form(unitary: Matrix) -> SchmidtForm:
    """Letters of ``U = A (x) B``."""
    columns, _, rows = np.linalg.svd(_realigned(unitary))
    left, right = (_matrix_letter(math.sqrt(2) * side.reshape(2, 2)) for side in (columns[:, 0], rows[0]))
    return SchmidtForm((left,), (right,))


def _matrix_form(unitary: Matrix) -> SchmidtForm:
    """Letters of a gate that is known by its matrix only."""
    if schmidt_rank(unitary) == 4:
        letters = tuple(Operation(name, (0,)) for name in _PAULI_LETTERS)
        return SchmidtForm(letters, letters)
    columns, _, rows = np.linalg.svd(_realigned(unitary))
    return SchmidtForm(
        _unitary_pair(columns[:, 0].reshape(2, 2), columns[:, 1].reshape(2, 2)),
        _unitary_pair(rows[0].reshape(2, 2), rows[1].reshape(2, 2)),
    )


def _unitary_pair(one: Matrix, two: Matrix) -> tuple[Operation, ...]:
    """Two unitaries that span the same space as the orthonormal ``one`` and ``two``, one side of a gate of rank 2.

    That space is ``span(1, W) a`` with ``a`` unitary and ``W`` a reflection, so each of its members times the adjoint
    of another commutes with ``W``: the projectors ``(1 +- W)/2`` are found there, and they split any member into the
    two singular ones, whose normalised sum and difference are unitary.
    """
    mixed = one @ two.conj().T
    commuting = [one @ one.conj().T, mixed + mixed.conj().T, 1j * (mixed - mixed.conj().T)]
    traceless = [matrix - np.trace(matrix) / 2 * np.eye(2) for matrix in commuting]
    _, axes = np.linalg.eigh(max(traceless, key=np.linalg.norm))
    halves = [(axis[:, None] * (axis.conj() @ one), axis[:, None] * (axis.conj() @ two)) for axis in axes.T]
    # Of a weak gate only the stronger member is known well, and it is unitary: both its halves are large.
    singular = [first if np.linalg.norm(first) > 0.5 else second for first, second in halves]
    plus, minus = (member / np.linalg.norm(member) for member in singular)
    return _matrix_letter(_nearest_unitary(plus + minus)), _matrix_letter(_nearest_unitary(plus - minus))


def _nearest_unitary(matrix: Matrix) -> Matrix:
    """Its polar factor: of a weak gate the space, and so the letters, are known only to rounding / strength."""
    columns, _, rows = np.linalg.svd(matrix)
    return np.asarray(columns @ rows)
