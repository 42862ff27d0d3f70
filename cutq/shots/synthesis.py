"""Gates for states, bases and matrices: on one qubit by name where they have one, on several by decompositions.

Everything is found up to phases that no shot can see: the global one and, before a measurement, one for each outcome.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from cutq.circuits.angles import angle
from cutq.circuits.circuit import Operation
from cutq.circuits.gates import GATES, MATRIX_GATE, Matrix
from cutq.circuits.qiskit.shannon import shannon
from cutq.errors import DeviceError
from cutq.network.frames import STATES

EXACT = 1e-10
"""Entries that differ by less are equal."""

LAWFUL = 1e-9
"""By how much vectors may break the law of their kind of place."""

MOST_QUBITS = 6
"""Qubits on which a general state or basis is decomposed; a basis takes about 4**qubits gates."""

BASES: dict[str, tuple[str, ...]] = {"Z": (), "X": ("h",), "Y": ("sdg", "h")}
"""Gates before a measurement, by the Pauli matrix that is measured."""

PREPARATIONS: dict[str, tuple[str, ...]] = {
    "0": (), "1": ("x",), "+": ("h",), "-": ("x", "h"), "r": ("h", "s"), "l": ("h", "sdg"),
}  # fmt: skip
"""Gates that make a state of ``|0>``, by its name; r and l are the eigenstates of Y for +1 and -1."""

_TURNS = (*BASES.values(), ("x",), ("z", "h"), ("s", "h"))
"""Gates before measurements of the Pauli matrices and of their negatives."""

_NAMED = ("id", "x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "sxdg")


def named(names: Sequence[str], qubit: int) -> tuple[Operation, ...]:
    """Gates without angles on one qubit."""
    return tuple(Operation(name, (qubit,)) for name in names)


def one_qubit(matrix: Matrix, qubit: int) -> tuple[Operation, ...]:
    """A unitary, (2, 2), as a gate up to its phase; none for the identity.

    >>> one_qubit(np.diag([1j, -1j]), 0)
    (Operation(name='z', qubits=(0,), params=(), matrix=None),)
    """
    for name in _NAMED:
        if _same(matrix, GATES[name].matrix()):
            return () if name == "id" else named((name,), qubit)
    theta, phi, lam = _angles(matrix)
    if theta < EXACT:
        return (Operation("rz", (qubit,), (angle(phi + lam),)),)
    return (Operation("u", (qubit,), (angle(theta), angle(phi), angle(lam))),)


def inverted(operations: Sequence[Operation]) -> tuple[Operation, ...]:
    """What undoes gates on one qubit, up to its phase."""
    undone = (one_qubit(op.unitary({}).conj().T, op.qubits[0]) for op in reversed(operations))
    return tuple(op for ops in undone for op in ops)


def preparation(state: Matrix, qubit: int) -> tuple[Operation, ...]:
    """Gates that make a state, (2,), of ``|0>``."""
    for name, names in PREPARATIONS.items():
        if _same(state, np.array(STATES[name])):
            return named(names, qubit)
    theta = 2 * math.atan2(abs(state[1]), abs(state[0]))
    phi = float(np.angle(state[1]) - np.angle(state[0]))
    if abs(math.sin(phi)) < EXACT:
        return (Operation("ry", (qubit,), (angle(theta * round(math.cos(phi))),)),)
    return (Operation("u", (qubit,), (angle(theta), angle(phi), angle(0.0))),)


def rotation(rows: Matrix, qubit: int) -> tuple[Operation, ...]:
    """Gates before a measurement whose outcome ``s`` has the amplitude ``sum_a rows[s, a] x[a]``, (2, 2)."""
    rows = without_phases(rows)
    for names in _TURNS:
        if np.abs(rows - without_phases(_product(names))).max() < EXACT:
            return named(names, qubit)
    return one_qubit(rows, qubit)


def prepared(state: Matrix, qubits: Sequence[int]) -> tuple[Operation, ...]:
    """Gates that make a state, (2**qubits,), first qubit most significant, of ``|0...0>``.

    >>> [op.name for op in prepared(np.array([1, 0, 0, 1]) / np.sqrt(2), (0, 1))]
    ['h', 'cx']
    """
    if len(qubits) == 1:
        return preparation(state, qubits[0])
    parts = split_first(state[None], 1, 2, 1.0)
    if parts is not None:
        return (*preparation(parts[0][0], qubits[0]), *prepared(parts[1][0], qubits[1:]))
    if len(qubits) == 2:
        return _schmidt(state.reshape(2, 2), qubits)
    return whole(completed(state[:, None]), qubits)


def rotated(rows: Matrix, qubits: Sequence[int]) -> tuple[Operation, ...]:
    """Gates before a measurement whose outcome ``s`` has the amplitude ``sum_a rows[s, a] x[a]``.

    Args:
        rows: a unitary, (2**qubits, 2**qubits), first qubit most significant.
        qubits: the qubits.

    >>> [op.name for op in rotated(np.kron([[1, 1], [1, -1]], np.eye(2)) / np.sqrt(2), (0, 1))]
    ['h']
    """
    if len(qubits) == 1:
        return rotation(rows, qubits[0])
    rows = without_phases(rows)
    parts = split_first(rows, 2, 2, math.sqrt(2))
    if parts is not None:
        return (*rotation(parts[0], qubits[0]), *rotated(parts[1], qubits[1:]))
    return whole(rows, qubits)


def whole(matrix: Matrix, qubits: Sequence[int]) -> tuple[Operation, ...]:
    """Gates whose product is a unitary on several qubits.

    Raises:
        DeviceError: it is on more than ``MOST_QUBITS``.
    """
    if len(qubits) > MOST_QUBITS:
        raise DeviceError(
            f"a joint state or basis that is no product of smaller ones is made on at most {MOST_QUBITS} qubits, got "
            f"{len(qubits)}; choose frames in which fewer places are joint"
        )
    return tuple(shannon(matrix, qubits))


def controlled(control: int, zero: Operation, one: Operation) -> tuple[Operation, ...]:
    """One of two operations on the same qubit, chosen by the state of another one.

    >>> identity, turn = Operation("id", (3,)), Operation("rx", (3,), (0.4,))
    >>> controlled(5, identity, turn)
    (Operation(name='crx', qubits=(5, 3), params=(0.4,), matrix=None),)
    """
    if zero == one:
        return () if zero.name == "id" else (zero,)
    qubits = (control, *zero.qubits)
    if zero.name == "id" and one.name in CONTROLLED:
        return (Operation(CONTROLLED[one.name], qubits, one.params),)
    block = np.zeros((4, 4), dtype=complex)
    block[:2, :2], block[2:, 2:] = zero.unitary({}), one.unitary({})
    return (matrix_gate(block, qubits),)


CONTROLLED = {
    "x": "cx", "y": "cy", "z": "cz", "h": "ch", "s": "cs", "sdg": "csdg", "sx": "csx", "p": "cp", "u1": "cu1",
    "rx": "crx", "ry": "cry", "rz": "crz", "u3": "cu3",
}  # fmt: skip
"""Controlled gates by the gate that they control."""


def matrix_gate(matrix: Matrix, qubits: Sequence[int]) -> Operation:
    """A gate by its matrix, on one or two qubits."""
    return Operation(MATRIX_GATE, tuple(qubits), (), tuple(tuple(map(complex, row)) for row in matrix))


def without_phases(rows: Matrix) -> Matrix:
    """The rows, each with a phase that makes its first entry that is not 0 positive; products stay products."""
    leading = np.take_along_axis(rows, (np.abs(rows) > 1e-7).argmax(axis=1)[:, None], axis=1)
    size = np.abs(leading)
    return np.asarray(rows * np.where(size > 0, leading.conj() / np.where(size > 0, size, 1.0), 1.0))


def split_first(table: Matrix, rows: int, columns: int, norm: float) -> tuple[Matrix, Matrix] | None:
    """The factors of ``table = first (x) rest`` with a first one of this shape and this norm; None if it is no product.

    >>> first, rest = split_first(np.kron([[0.6, 0.8]], [[1, 0, 0, 0]]), 1, 2, 1.0)
    >>> abs(first).round(6).tolist(), rest.shape
    ([[0.6, 0.8]], (1, 4))
    """
    split = table.reshape(rows, table.shape[0] // rows, columns, table.shape[1] // columns).transpose(0, 2, 1, 3)
    matrix = split.reshape(rows * columns, -1)
    # The cross through the largest entry is all that there is to a product.
    at, beside = divmod(int(np.abs(matrix).argmax()), matrix.shape[1])
    first, rest, pivot = matrix[:, beside], matrix[at], matrix[at, beside]
    if np.abs(matrix * pivot - np.outer(first, rest)).max() > EXACT * abs(pivot) ** 2 or not pivot:
        return None
    scale = norm / np.linalg.norm(first)
    return first.reshape(rows, columns) * scale, rest.reshape(split.shape[2:]) / (pivot * scale)


def completed(columns: Matrix, at: Sequence[int] = ()) -> Matrix:
    """A unitary with these orthonormal columns, (d, k), at these positions; the first ones where none are named."""
    size, count = columns.shape
    places = list(at or range(count))
    found = np.empty((size, size), dtype=complex)
    found[:, places] = columns
    found[:, [k for k in range(size) if k not in places]] = np.linalg.svd(columns)[0][:, count:]
    return found


def _schmidt(state: Matrix, qubits: Sequence[int]) -> tuple[Operation, ...]:
    """A state of two qubits, (2, 2), with one CX."""
    left, sizes, right = np.linalg.svd(state)
    first, second = qubits
    turn = preparation(sizes.astype(complex), first)
    return (*turn, Operation("cx", (first, second)), *one_qubit(left, first), *one_qubit(right.T, second))


def _same(one: Matrix, other: Matrix) -> bool:
    """Whether arrays of one norm are equal up to a phase."""
    overlap = complex(np.vdot(other, one))
    if abs(overlap) < 0.5:
        return False
    return bool(np.abs(one - other * (overlap / abs(overlap))).max() < EXACT)


def _product(names: Sequence[str]) -> Matrix:
    found = np.eye(2, dtype=complex)
    for name in names:
        found = GATES[name].matrix() @ found
    return found


def _angles(matrix: Matrix) -> tuple[float, float, float]:
    """``theta, phi, lambda`` of the ``u`` gate; of phases only those of its larger entries are taken."""
    phase = np.angle(matrix)
    theta = 2 * math.atan2(abs(matrix[1, 0]), abs(matrix[0, 0]))
    phi = phase[1, 0] - phase[0, 0]
    if abs(matrix[0, 0]) >= abs(matrix[1, 0]):
        lam = phase[1, 1] - phase[0, 0] - phi
    else:
        lam = np.angle(-matrix[0, 1]) - phase[0, 0]
    return theta, float(phi), float(lam)
