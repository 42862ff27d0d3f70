"""The operator-Schmidt form of what a component of a bond carries, with unitary factors in the letters of its ends.

``U = sum_x u_x A_x (x) B_x`` with unitaries that are orthogonal on either side; optimal protocols need unitary factors.
A singular value decomposition has them only where no two coefficients are equal. Here gates of rank 2 are written as
diagonal in a product basis, and those of rank 4 by their Cartan decomposition.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cutq.circuits.gates import PAULIS
from cutq.circuits.qiskit.kak import kak
from cutq.network.legspace import Complexes
from cutq.network.network import Component
from cutq.network.protocols import schmidt_form

SAME_LETTERS = 1e-9
"""Letters that differ by less, but for a phase, are one: a controlled U where its parameters make U a phase."""

DIAGONAL = 1e-14
"""Couplings whose other entries are below this are diagonal."""


@dataclass(frozen=True, eq=False)
class OperatorSchmidt:
    """``U = sum_x u_x A_x (x) B_x``, or a product of several such, where ``x`` is a string.

    Attributes:
        weights: ``u_x``, (rank,).
        left: ``A_x`` in the letters of end 0, (rank, dim).
        right: ``B_x`` in the letters of end 1, (rank, dim).
        phases: ``g_xy`` for which ``g_xy A_x^+ A_y`` and ``g_xy B_x^+ B_y`` are their own inverses, (rank, rank).
    """

    weights: Complexes
    left: Complexes
    right: Complexes
    phases: Complexes


def operator_schmidt(component: Component, values: Mapping[str, float]) -> OperatorSchmidt:
    """The form of a component that is no star.

    >>> from cutq.circuits.circuit import Operation
    >>> found = operator_schmidt(Component((0,), Operation("rzz", (0, 1), (0.6,))), {})
    >>> np.abs(found.weights).round(6), np.round([np.cos(0.3), np.sin(0.3)], 6)
    (array([0.955336, 0.29552 ]), array([0.955336, 0.29552 ]))
    """
    coupling = component.coupling(values)
    left, right = _letters(component, values)
    return (_cartan if len(left) > 2 else _diagonal)(coupling, left, right)


def strings(forms: Sequence[OperatorSchmidt]) -> OperatorSchmidt:
    """The product of several forms in the product of their letters, the first one slowest.

    >>> strings([]).left.shape
    (1, 1)
    """
    one = np.ones((1, 1), dtype=complex)
    start = OperatorSchmidt(one[0], one, one, one)
    return functools.reduce(_product, forms, start)


def _product(one: OperatorSchmidt, two: OperatorSchmidt) -> OperatorSchmidt:
    return OperatorSchmidt(
        _kron(one.weights, two.weights),
        _kron(one.left, two.left),
        _kron(one.right, two.right),
        _kron(one.phases, two.phases),
    )


def _kron(one: Complexes, two: Complexes) -> Complexes:
    return np.kron(one, two).astype(complex)


def _letters(component: Component, values: Mapping[str, float]) -> tuple[Complexes, Complexes]:
    """The letters of end 0 and of end 1, (dim, 2, 2) each."""
    assert component.operation is not None
    form = schmidt_form(component.operation)
    left, right = (np.stack([letter.unitary(values) for letter in side]) for side in (form.left, form.right))
    return (right, left) if component.flipped else (left, right)


def _diagonal(coupling: Complexes, left: Complexes, right: Complexes) -> OperatorSchmidt:
    """Rank 2 and 1: ``exp(i d) (exp(i a W) (x) exp(i b W')) exp(i c W (x) W')`` on the first letters.

    With the projectors of ``L_0^+ L_1`` the letters are ``L_b = sum_q T_bq L_0 Q_q``; there the gate is diagonal.
    """
    (one, to_left), (two, to_right) = _projectors(left), _projectors(right)
    entries = one.T @ coupling @ two
    if 1 in entries.shape:
        plain = np.ones((1, 1), dtype=complex)
        return OperatorSchmidt(plain[0], entries[:, :1].T @ to_left, entries[:1] / entries[0, 0] @ to_right, plain)
    (p, q), (r, s) = np.angle(entries)
    d, a, b, c = (p + q + r + s) / 4, (p + q - r - s) / 4, (p - q + r - s) / 4, (p - q - r + s) / 4
    return OperatorSchmidt(
        np.exp(1j * d) * np.array([np.cos(c), 1j * np.sin(c)]),
        _turned(a) @ to_left,
        _turned(b) @ to_right,
        np.ones((2, 2), dtype=complex),
    )


def _turned(angle: float) -> Complexes:
    """``exp(i angle W)`` and ``exp(i angle W) W`` in the eigenbasis of ``W``, as rows."""
    phases = np.exp(1j * angle * np.array([1, -1]))
    return np.array([phases, phases * [1, -1]])


def _projectors(letters: Complexes) -> tuple[Complexes, Complexes]:
    """``T`` of ``L_b = sum_q T_bq L_0 Q_q`` and its inverse; with one column where there is only one letter."""
    if len(letters) == 1:
        return np.ones((1, 1), dtype=complex), np.ones((1, 1), dtype=complex)
    found = np.array([[1, 1], np.linalg.eigvals(letters[0].conj().T @ letters[1])])
    if abs(found[1, 0] - found[1, 1]) < SAME_LETTERS:
        return found[:, :1], np.array([[1, 0]], dtype=complex)
    return found, np.linalg.inv(found)


_PHASES = np.ones((4, 4), dtype=complex)
_PHASES[1:, 1:] = [[1, -1j, 1j], [1j, 1, -1j], [-1j, 1j, 1]]
"""``g_jk`` for which ``g_jk P_j P_k`` is a Pauli matrix: XY = iZ, YZ = iX, ZX = iY."""


def _cartan(coupling: Complexes, left: Complexes, right: Complexes) -> OperatorSchmidt:
    """Rank 4: the Paulis between the local unitaries of the Cartan decomposition, or as they are where they will do."""
    if np.abs(coupling - np.diag(np.diagonal(coupling))).max() < DIAGONAL:
        unit = np.eye(4, dtype=complex)
        return OperatorSchmidt(np.diagonal(coupling), unit, unit, _PHASES)
    found = kak(np.einsum("ij,iab,jcd->acbd", coupling, left, right).reshape(4, 4))
    one, two = (
        _in_letters([after @ PAULIS[letter] @ before for letter in "IXYZ"], letters)
        for after, before, letters in zip(found.after, found.before, (left, right), strict=True)
    )
    return OperatorSchmidt(found.weights, one, two, _PHASES)


def _in_letters(operators: Sequence[Complexes], letters: Complexes) -> Complexes:
    """Operators as combinations of four letters, (operators, 4)."""
    rows = np.stack([operator.ravel() for operator in operators])
    return np.asarray(np.linalg.solve(letters.reshape(4, 4).T, rows.T).T)
