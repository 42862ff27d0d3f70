"""From a fragment to a program on bits: gates become few kinds of operations, diagonal ones are gathered.

A leg is made of *virtual qubits*: a bond of dimension ``2**m`` is m bits of the state beside the fragment's qubits. An
incoming wire starts as the identity between its qubit and its bit; a cut gate lets a new bit, whose values all hold the
same state, control the gate's letters. So a fragment with legs is an ordinary circuit on more bits.

Bits are numbered here by what they mean: the fragment's qubits from 0, then the virtual ones in the order in which they
appear. Where they lie in memory is decided by :mod:`cutq.exact.placing`.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.angles import Angle
from cutq.circuits.circuit import Operation
from cutq.circuits.gates import MATRIX_GATE, PAULIS, Factor, Matrix, gate
from cutq.network.network import Fragment, Slot

Affine = tuple[tuple[Angle, float], ...]
"""A weighted sum of angles."""

PAULI_LETTERS = ("id", "x", "y", "z")
FEW_TERMS = 3
"""Up to so many phases are applied one by one; more are gathered in one diagonal operation."""


@dataclass(frozen=True)
class Op:
    """One operation on bits.

    Attributes:
        kind: "duplicate" (a new bit), "rotate_x" and "rotate_y" (``exp(-i a s P)`` with ``P`` flipping ``bit``),
            "matrix", "matrix2", "flip", "swap", "phase" (``exp(-i a)`` where the bits are 1) or "diagonal".
        bit: the bit that it changes or, of two equal ones, the first.
        other: a second bit, or -1: the control of a matrix, flip or phase; of a rotation the bit that chooses the sign.
        value: of a control, the value at which it acts.
        both: whether a rotation flips ``other`` as well.
        signs: of a rotation, ``s`` where ``other`` is 0 and where it is 1; where 0 it does nothing.
        angle: number of its angle.
        entries: of a matrix, its entries row by row.
        terms: of a diagonal operation, its phases as (bits, angle).
    """

    kind: str
    bit: int = -1
    other: int = -1
    value: int = 1
    both: bool = False
    signs: tuple[int, int] = (1, 1)
    angle: int = -1
    entries: tuple[complex, ...] = ()
    terms: tuple[tuple[tuple[int, ...], int], ...] = ()

    @property
    def bits(self) -> tuple[int, ...]:
        """All bits that it looks at."""
        own = (self.bit, self.other, *(b for bits, _ in self.terms for b in bits))
        return tuple(sorted({b for b in own if b >= 0}))


@dataclass(frozen=True)
class Shape:
    """What fragments of one shape have in common: everything but the values of their angles.

    Attributes:
        width: qubits; the first ``outputs`` of them are outputs.
        outputs: how many.
        incoming: pairs (qubit, virtual bit) that start as the identity; other virtual bits appear in a "duplicate".
        ops: the operations.
        legs: for each leg the bits of its index, the most significant first.
        num_angles: how many angles; number 0 is that of the global phase ``exp(-i a)``.
    """

    width: int
    outputs: int
    incoming: tuple[tuple[int, int], ...]
    ops: tuple[Op, ...]
    legs: tuple[tuple[int, ...], ...]
    num_angles: int

    @property
    def num_bits(self) -> int:
        """Qubits and virtual bits."""
        return self.width + len(self.incoming) + sum(op.kind == "duplicate" for op in self.ops)


def lower(fragment: Fragment) -> tuple[Shape, tuple[Affine, ...]]:
    """The shape of a fragment, and its angles.

    >>> from cutq.network.network import Segment, Step
    >>> bell = (Step(0, Operation("h", (0,))), Step(1, Operation("cx", (0, 1))))
    >>> shape, _ = lower(Fragment((Segment(0), Segment(1)), bell, (), (0, 1)))
    >>> [op.kind for op in shape.ops]
    ['matrix', 'flip']
    """
    lowering = _Lowering(fragment)
    for item in fragment.items:
        if isinstance(item, Slot):
            lowering.slot(item)
        else:
            lowering.operation(item.operation, item.operation.qubits)
    return lowering.finished(), (tuple(lowering.phase), *map(tuple, lowering.angles))


@dataclass
class _Block:
    """The diagonal operation at the end, still growing: for each set of bits the angles of its phase."""

    terms: dict[tuple[int, ...], list[tuple[Angle, float]]] = field(default_factory=dict)

    def touches(self, bits: Sequence[int]) -> bool:
        return any(b in key for key in self.terms for b in bits)


class _Lowering:
    """The short-lived state of :func:`lower`."""

    def __init__(self, fragment: Fragment) -> None:
        self.fragment = fragment
        self.ops: list[Op] = []
        self.phase: list[tuple[Angle, float]] = []
        self.angles: list[list[tuple[Angle, float]]] = []
        self.block = _Block()
        self.virtual: dict[tuple[int, int], tuple[int, ...]] = {}
        self.next_bit = fragment.width
        self.incoming: list[tuple[int, int]] = []
        for k, leg in enumerate(fragment.legs):
            if leg.segment is not None and leg.end == 1:
                self.incoming.append((leg.segment, self.next_bit))
                self.virtual[k, 0] = (self.next_bit,)
                self.next_bit += 1

    def finished(self) -> Shape:
        self._flush()
        legs: list[tuple[int, ...]] = []
        for k, leg in enumerate(self.fragment.legs):
            if leg.segment is not None and leg.end == 0:
                legs.append((leg.segment,))
            else:
                legs.append(tuple(b for c in range(len(leg.dims)) for b in self.virtual.get((k, c), ())))
        return Shape(
            self.fragment.width,
            len(self.fragment.outputs),
            tuple(self.incoming),
            tuple(self.ops),
            tuple(legs),
            1 + len(self.angles),
        )

    # --- items ---

    def operation(self, op: Operation, bits: Sequence[int], control: tuple[int, int] | None = None) -> None:
        """A gate, factor by factor in time order; with ``control`` (bit, value) only where that bit has the value."""
        for factor, parameter in reversed(_factors(op)):
            if parameter is None:
                self._fixed(factor.matrix, bits, control)
            else:
                self._turning(factor, parameter, bits, control)

    def slot(self, slot: Slot) -> None:
        """A leg's letters, each where the leg's bits say so."""
        bits = self._leg_bits(slot)
        if len(slot.letters) == 1:
            self.operation(slot.letters[0], (slot.segment,))
        elif len(slot.letters) == 2:
            for value, letter in enumerate(slot.letters):
                self.operation(letter, (slot.segment,), (bits[0], value))
        else:
            assert tuple(letter.name for letter in slot.letters) == PAULI_LETTERS
            self._paulis(slot.segment, *bits)

    def _leg_bits(self, slot: Slot) -> tuple[int, ...]:
        key = (slot.leg, slot.component)
        if key not in self.virtual:
            count = (len(slot.letters) - 1).bit_length()
            self.virtual[key] = tuple(range(self.next_bit, self.next_bit + count))
            self.next_bit += count
            for bit in self.virtual[key]:
                self._emit(Op("duplicate", bit))
        return self.virtual[key]

    def _paulis(self, qubit: int, high: int, low: int) -> None:
        """1, X, Y, Z for the values 0 to 3 of two bits, as Z where the first is 1 and X where one is: ``Y = i X Z``."""
        self._phase_term((qubit, high), Angle((), math.pi), 1.0)
        self._phase_term((high,), Angle((), -math.pi / 2), 1.0)
        self._phase_term((high, low), Angle((), math.pi / 2), 1.0)
        self._emit(Op("flip", qubit, high))
        self._emit(Op("flip", qubit, low))

    # --- factors ---

    def _fixed(self, matrix: Matrix, bits: Sequence[int], control: tuple[int, int] | None) -> None:
        if _is_diagonal(matrix):
            phases = (-np.angle(np.diagonal(matrix))).tolist()
            self._diagonal(phases, Angle((), 1.0), bits, control)
        elif len(matrix) == 4:
            self._fixed_pair(matrix, bits)
        else:
            bit, value = control or (-1, 1)
            if np.array_equal(matrix, PAULIS["X"]):
                self._emit(Op("flip", bits[0], bit, value))
            else:
                self._emit(Op("matrix", bits[0], bit, value, entries=tuple(matrix.ravel().tolist())))

    def _fixed_pair(self, matrix: Matrix, bits: Sequence[int]) -> None:
        """A fixed gate on two bits: a controlled one, a swap, or dense."""
        if np.array_equal(matrix, gate("swap").matrix()):
            self._emit(Op("swap", bits[0], bits[1]))
        elif np.array_equal(matrix[:2], np.eye(4)[:2]):
            self._fixed(matrix[2:, 2:], bits[1:], (bits[0], 1))
        else:
            self._emit(Op("matrix2", bits[0], bits[1], entries=tuple(matrix.ravel().tolist())))

    def _turning(self, factor: Factor, angle: Angle, bits: Sequence[int], control: tuple[int, int] | None) -> None:
        if _turns_phases(factor):
            self._diagonal(np.diagonal(factor.matrix).real.tolist(), angle, bits, control)
            return
        rotation = _rotation(factor)
        bit, other = (bits[k] if k >= 0 else -1 for k in (rotation.bit, rotation.other))
        signs = rotation.signs
        if control is not None:
            other, signs = control[0], (1, 0) if control[1] == 0 else (0, 1)
        self.angles.append([(angle, 0.5)])
        self._emit(Op(rotation.kind, bit, other, both=rotation.both, signs=signs, angle=len(self.angles)))

    def _diagonal(
        self, energies: Sequence[float], angle: Angle, bits: Sequence[int], control: tuple[int, int] | None
    ) -> None:
        """``exp(-i angle energies)`` as phases of sets of bits that are 1, by inclusion and exclusion."""
        if len(bits) == 2:
            e00, e01, e10, e11 = energies
            terms = [((), e00), (bits[:1], e10 - e00), (bits[1:], e01 - e00), (tuple(bits), e11 - e10 - e01 + e00)]
        else:
            terms = [((), energies[0]), (tuple(bits), energies[1] - energies[0])]
        for key, weight in terms:
            if control is None:
                self._phase_term(key, angle, weight)
            elif control[1] == 1:
                self._phase_term((*key, control[0]), angle, weight)
            else:
                self._phase_term(key, angle, weight)
                self._phase_term((*key, control[0]), angle, -weight)

    def _phase_term(self, bits: Sequence[int], angle: Angle, weight: float) -> None:
        if weight == 0.0:
            return
        if not bits:
            self.phase.append((angle, weight))
        else:
            self.block.terms.setdefault(tuple(sorted(bits)), []).append((angle, weight))

    # --- scheduling ---

    def _emit(self, op: Op) -> None:
        """Append an operation that is not diagonal: before the growing block where it shares no bit with it."""
        if self.block.touches(op.bits):
            self._flush()
        self.ops.append(op)

    def _flush(self) -> None:
        terms = []
        for bits, affine in self.block.terms.items():
            self.angles.append(affine)
            terms.append((bits, len(self.angles)))
        if len(terms) > FEW_TERMS:
            self.ops.append(Op("diagonal", terms=tuple(terms)))
        else:
            self.ops += [Op("phase", bits[0], bits[1] if len(bits) == 2 else -1, angle=a) for bits, a in terms]
        self.block = _Block()


@dataclass(frozen=True)
class _Rotation:
    kind: str
    bit: int
    other: int = -1
    both: bool = False
    signs: tuple[int, int] = (1, 1)


_X, _Y, _Z, _ONE = PAULIS["X"], PAULIS["Y"], PAULIS["Z"], np.diag([0, 1])

_ROTATIONS: tuple[tuple[NDArray[Any], _Rotation], ...] = (
    (_X, _Rotation("rotate_x", 0)),
    (_Y, _Rotation("rotate_y", 0)),
    (np.kron(_ONE, _X), _Rotation("rotate_x", 1, 0, signs=(0, 1))),
    (np.kron(_ONE, _Y), _Rotation("rotate_y", 1, 0, signs=(0, 1))),
    (np.kron(_X, _X), _Rotation("rotate_x", 0, 1, both=True)),
    (np.kron(_Y, _Y), _Rotation("rotate_x", 0, 1, both=True, signs=(-1, 1))),
    (np.kron(_Z, _X), _Rotation("rotate_x", 1, 0, signs=(1, -1))),
)
"""Twice the generators of gates that are not diagonal, and the rotations they make."""


@functools.cache
def _rotation(factor: Factor) -> _Rotation:
    return next(
        rotation
        for generator, rotation in _ROTATIONS
        if generator.shape == factor.matrix.shape and np.allclose(2 * factor.matrix, generator)
    )


def _factors(op: Operation) -> list[tuple[Factor, Angle | None]]:
    """The factors of an operation, leftmost first, with the angles that drive them."""
    if op.name == MATRIX_GATE:
        return [(_matrix_factor(op), None)]
    return [(f, None if f.angle is None else op.params[f.angle]) for f in gate(op.name).factors]


@functools.lru_cache(maxsize=4096)
def _matrix_factor(op: Operation) -> Factor:
    return Factor(np.array(op.matrix, dtype=complex))


@functools.cache
def _turns_phases(factor: Factor) -> bool:
    """Whether the generator of a gate of the table is diagonal."""
    return _is_diagonal(factor.matrix)


def _is_diagonal(matrix: Matrix) -> bool:
    return bool(np.count_nonzero(matrix - np.diag(np.diagonal(matrix))) == 0)
