"""The table of stars: two-qubit gates as controlled operations in an eigenbasis of one of their qubits, the hub.

With the projectors ``Pi_b = (1 + (-1)^b W) / 2`` of a reflection ``W`` on the hub the gate is ``sum_b Pi_b (x) V_b``.
Gates of one ``W`` on one hub, between which everything on the hub commutes with ``W``, all meet the same ``b``. So
together they are one bond of rank 2, however many they are: ``sum_sb C_sb W^s (x) V_b`` with the constant coupling
``C_sb = (-1)^(s b) / 2``, the hub's letters 1 and ``W`` at the first gate, and for each gate its own ``V_b`` elsewhere.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.circuit import Operation
from cutq.circuits.gates import MATRIX_GATE, Matrix, gate

STAR_RANK = 2

STAR_COUPLING: Matrix = np.array([[0.5, 0.5], [0.5, -0.5]], dtype=complex)
"""``C_sb`` above; it is symmetric, so the hub may be at either end."""
STAR_COUPLING.flags.writeable = False

STAR_GAMMA = 4.0
"""Gamma of a star by local operations with one ancilla, whatever its gates: four terms of norm 1, in ``Pi_0`` and
``Pi_1`` on the hub and ``V_0`` and ``V_1`` elsewhere. With feed-forward it is 3."""

BASES = ("z", "x", "y", "h")
"""The reflections ``W`` that a star may have on its hub, as gates."""

COMMUTING = 1e-13
"""Commutators below this are zero."""

Pair = tuple[Operation, Operation]


@dataclass(frozen=True)
class Arm:
    """One gate of a star, seen from its hub.

    Attributes:
        basis: the reflection on the hub, one of ``BASES``.
        letters: what the gate does on its other qubit, in time order; each is one operation for the hub's ``b = 0``
            and one for ``b = 1``.
    """

    basis: str
    letters: tuple[Pair, ...]


Letter = tuple[str, tuple[tuple[int, float], ...]]
"""An operation as its gate and, for each of its angles, which angle of the star's gate it is, and times what."""
Row = tuple[str, tuple[tuple[Letter, Letter], ...]]
"""The basis on the hub and the letters on the other qubit."""


def _turned(name: str, factor: float, angle: int = 0) -> Letter:
    return name, ((angle, factor),)


def _when_one(letter: Letter) -> tuple[Letter, Letter]:
    return ("id", ()), letter


def _fixed(name: str) -> tuple[tuple[Letter, Letter], ...]:
    return (_when_one((name, ())),)


def _either_way(name: str, factor: float) -> tuple[tuple[Letter, Letter], ...]:
    return ((_turned(name, factor), _turned(name, -factor)),)


_PHASE = (_when_one(_turned("p", 1.0)),)
_TARGET: tuple[tuple[int, float], ...] = ((0, 1.0), (1, 1.0), (2, 1.0))

ARMS: dict[str, tuple[Row | None, Row | None]] = {
    "cz": (("z", _fixed("z")), ("z", _fixed("z"))),
    "cs": (("z", _fixed("s")), ("z", _fixed("s"))),
    "csdg": (("z", _fixed("sdg")), ("z", _fixed("sdg"))),
    "cx": (("z", _fixed("x")), ("x", _fixed("z"))),
    "csx": (("z", _fixed("sx")), ("x", _fixed("s"))),
    "cy": (("z", _fixed("y")), ("y", _fixed("z"))),
    "ch": (("z", _fixed("h")), ("h", _fixed("z"))),
    "cp": (("z", _PHASE), ("z", _PHASE)),
    "cu1": (("z", _PHASE), ("z", _PHASE)),
    "crx": (("z", (_when_one(_turned("rx", 1.0)),)), ("x", _either_way("p", -0.5))),
    "cry": (("z", (_when_one(_turned("ry", 1.0)),)), ("y", _either_way("p", -0.5))),
    "crz": (("z", (_when_one(_turned("rz", 1.0)),)), ("z", _either_way("p", -0.5))),
    "rzz": (("z", _either_way("rz", 1.0)), ("z", _either_way("rz", 1.0))),
    "rxx": (("x", _either_way("rx", 1.0)), ("x", _either_way("rx", 1.0))),
    "ryy": (("y", _either_way("ry", 1.0)), ("y", _either_way("ry", 1.0))),
    "rzx": (("z", _either_way("rx", 1.0)), ("x", _either_way("rz", 1.0))),
    "cu3": (("z", (_when_one(("u3", _TARGET)),)), None),
    # The phase of a controlled U, exp(i g) = RZ(-2g) P(2g).
    "cu": (
        ("z", (_when_one(("u", _TARGET)), _when_one(_turned("rz", -2.0, 3)), _when_one(_turned("p", 2.0, 3)))),
        None,
    ),
}
"""Arms by gate: with its first and with its second qubit as the hub; None where the basis depends on the angles."""


@functools.lru_cache(maxsize=4096)
def arm(op: Operation, hub: int) -> Arm | None:
    """A two-qubit gate as an arm of a star.

    Args:
        op: the gate.
        hub: which of its qubits is the hub, 0 or 1.

    Returns:
        The arm, its letters on qubit 0; None for a gate without an eigenbasis of ``BASES`` on that qubit.

    >>> found = arm(Operation("cx", (0, 1)), 1)
    >>> found.basis, [letter.name for letter in found.letters[0]]
    ('x', ['id', 'z'])
    """
    row = ARMS.get(op.name, (None, None))[hub]
    if row is not None:
        basis, letters = row
        return Arm(basis, tuple((_letter(zero, op), _letter(one, op)) for zero, one in letters))
    basis = next((basis for basis in BASES if keeps(op, hub, basis)), "")
    return Arm(basis, (_blocks(op, hub, basis),)) if basis and not op.parameters else None


@functools.lru_cache(maxsize=16384)
def keeps(op: Operation, position: int, basis: str) -> bool:
    """Whether an operation commutes with a reflection on one of its qubits, at every value of its parameters.

    Args:
        op: the operation, on one or two qubits.
        position: which of its qubits.
        basis: the reflection, one of ``BASES``.

    >>> keeps(Operation("cx", (0, 1)), 0, "z"), keeps(Operation("cx", (0, 1)), 1, "z")
    (True, False)
    """
    reflection = np.kron(
        np.kron(np.eye(2**position), gate(basis).matrix()), np.eye(2 ** (len(op.qubits) - 1 - position))
    )
    if not op.parameters and _commute(op.unitary({}), reflection):
        return True
    return op.name != MATRIX_GATE and all(_commute(factor, reflection) for factor in _factors(op))


def _factors(op: Operation) -> list[Matrix]:
    """What the operation is a product of; the generator stands for its exponential where the angle is a parameter."""
    factors = gate(op.name).factors
    angles = [0.0 if angle.parameters else angle.constant for angle in op.params]
    free = [factor.angle is not None and bool(op.params[factor.angle].parameters) for factor in factors]
    return [factor.matrix if open_ else factor.at(angles) for factor, open_ in zip(factors, free, strict=True)]


def _commute(one: NDArray[Any], two: NDArray[Any]) -> bool:
    return bool(np.abs(one @ two - two @ one).max() < COMMUTING)


def _letter(letter: Letter, op: Operation) -> Operation:
    name, angles = letter
    return Operation(name, (0,), tuple(factor * op.params[angle] for angle, factor in angles))


def _blocks(op: Operation, hub: int, basis: str) -> Pair:
    """``V_0`` and ``V_1`` from the matrix of a gate that commutes with the reflection."""
    tensor = op.unitary({}).reshape(2, 2, 2, 2)
    tensor = tensor if hub == 0 else tensor.transpose(1, 0, 3, 2)
    _, states = np.linalg.eigh(gate(basis).matrix())
    minus, plus = (np.einsum("a,abcd,c->bd", state.conj(), tensor, state) for state in states.T)
    zero, one = (Operation(MATRIX_GATE, (0,), matrix=tuple(map(tuple, block))) for block in (plus, minus))
    return zero, one
