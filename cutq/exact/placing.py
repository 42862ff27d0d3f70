"""Where the bits of a fragment lie in memory, and its operations as the rows of integers that the kernels take.

Two placements. *Side by side*: the lanes are eight fragments of one shape. *Alone*: the lanes are three bits of one
large fragment; what looks at such a bit becomes a table of angles or matrix entries over the lanes, and what would
change it exchanges it for another bit first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cutq.exact.lowering import Op, Shape

LANES = 8
LANE_BITS = 3

KINDS = ("duplicate", "rotate_x", "rotate_y", "matrix", "matrix2", "flip", "swap", "phase", "diagonal", "lane_swap")
"""Kinds of operations by the number that kernels know them by."""

Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Placed:
    """A shape as kernels take it.

    Attributes:
        alone: whether lanes are bits of one fragment.
        ops: rows (kind, bit, other, value or both, sign, sign, angle or entry, 0), (operations, 8).
        terms: rows (bit, lower bit or -1, angle) of diagonal operations, (terms, 3).
        constants: matrix entries, real and imaginary in eight lanes, flat.
        places: the rows that start as 1; alone, pairs (row, lane).
        first_bits: bits of the rows at the start.
        num_bits: bits of the rows at the end.
        angles: for each of the kernels' angles the shape's angle it is, with a weight for each lane.
        order: the shape's bits at the end, the most significant first; alone, the last three are the lanes.
    """

    alone: bool
    ops: Integers
    terms: Integers
    constants: NDArray[np.float64]
    places: Integers
    first_bits: int
    num_bits: int
    angles: tuple[tuple[int, tuple[float, ...]], ...]
    order: tuple[int, ...]

    @property
    def scratch(self) -> int:
        """Rows of scratch space that its diagonal operations need."""
        return 1 << min(self.num_bits, 11)


ALL = (1.0,) * LANES


def side_by_side(shape: Shape) -> Placed:
    """The placement of eight fragments: qubits above virtual bits, the first qubit the most significant."""
    rows = [*range(shape.width), *(bit for _, bit in reversed(shape.incoming))]
    return _Placing(shape, rows, []).placed()


def alone(shape: Shape) -> Placed:
    """The placement of one fragment with three of its bits as lanes: virtual ones, which nothing changes, if it has so
    many, else those that are changed last."""
    virtual = range(shape.width, shape.num_bits)
    bits = [*range(shape.width), *(bit for _, bit in reversed(shape.incoming))]
    first = {bit: next((k for k, op in enumerate(shape.ops) if bit in changed(op)), len(shape.ops)) for bit in bits}
    lanes = sorted(bits, key=lambda bit: (-first[bit], -bit))
    if len(virtual) >= LANE_BITS:
        lanes = list(virtual[:LANE_BITS])
    lanes = sorted(lanes[:LANE_BITS], reverse=True)
    return _Placing(shape, [bit for bit in bits if bit not in lanes], lanes).placed()


def changed(op: Op) -> tuple[int, ...]:
    """The bits that an operation changes, or exchanges amplitudes between."""
    if op.kind in ("phase", "diagonal", "duplicate", "swap"):
        return ()
    return (op.bit, op.other) if op.both or op.kind == "matrix2" else (op.bit,)


class _Placing:
    """The short-lived state of a placement: ``rows`` and ``lanes`` from the most significant bit down."""

    def __init__(self, shape: Shape, rows: list[int], lanes: list[int]) -> None:
        self.shape, self.rows, self.lanes = shape, rows, lanes
        self.ops: list[list[int]] = []
        self.terms: list[list[int]] = []
        self.constants: list[NDArray[np.float64]] = []
        # Side by side the kernels' angles are the shape's, number by number.
        self.angles = [(k, ALL) for k in range(1 if lanes else shape.num_angles)]
        self.known = {key: k for k, key in enumerate(self.angles)}
        self.places = self._places()
        self.first_bits = len(rows)
        self.uses = [changed(op) for op in shape.ops]

    def placed(self) -> Placed:
        for number, op in enumerate(self.shape.ops):
            if op.kind == "duplicate":
                if op.bit not in self.lanes:
                    self._duplicate(op)
            elif op.kind == "swap" and self.lanes:
                self._relabel(op.bit, op.other)
            else:
                self._to_rows(number, op)
                self._place(op)
        empty = np.zeros(0)
        return Placed(
            bool(self.lanes),
            np.array(self.ops, dtype=np.int64).reshape(-1, 8),
            np.array(self.terms, dtype=np.int64).reshape(-1, 3),
            np.concatenate([empty, *self.constants]),
            self.places,
            self.first_bits,
            len(self.rows),
            tuple(self.angles),
            (*self.rows, *self.lanes),
        )

    def _places(self) -> Integers:
        """Rows (and lanes) whose incoming qubits agree with their bits; all other qubits are 0.

        A lane that is a bit which only appears later holds the same for both its values from the start.
        """
        early = [bit for bit in self.lanes if bit >= self.shape.width + len(self.shape.incoming)]
        pairs = (*self.shape.incoming, *((bit, bit) for bit in early))
        found = []
        for values in np.ndindex(*(2,) * len(pairs)):
            ones = {bit for pair, value in zip(pairs, values, strict=True) if value for bit in pair}
            row = sum(1 << self._position(bit) for bit in self.rows if bit in ones)
            lane = sum(1 << self._lane(bit) for bit in self.lanes if bit in ones)
            found.append((row, lane))
        return np.array(found, dtype=np.int64).reshape(-1, 2)

    def _position(self, bit: int) -> int:
        return len(self.rows) - 1 - self.rows.index(bit)

    def _lane(self, bit: int) -> int:
        return len(self.lanes) - 1 - self.lanes.index(bit)

    # --- moving bits ---

    def _duplicate(self, op: Op) -> None:
        """A new bit: above the virtual bits among the rows, so that the qubits stay the most significant; alone, above
        all, so that the state grows by a copy of itself."""
        first = next((k for k, bit in enumerate(self.rows) if bit >= self.shape.width), len(self.rows))
        at = 0 if self.lanes else first
        self.rows.insert(at, op.bit)
        self._emit("duplicate", self._position(op.bit))

    def _relabel(self, first: int, second: int) -> None:
        """A swap of two bits, without touching an amplitude."""
        moved = {first: second, second: first}
        self.rows = [moved.get(bit, bit) for bit in self.rows]
        self.lanes = [moved.get(bit, bit) for bit in self.lanes]

    def _to_rows(self, number: int, op: Op) -> None:
        """Exchange each lane that the operation changes for the row whose next change is farthest."""
        for bit in changed(op):
            if bit in self.lanes:
                out = max((row for row in self.rows if row not in op.bits), key=lambda row: self._next(number, row))
                self._emit("lane_swap", self._position(out), self._lane(bit))
                self.rows[self.rows.index(out)], self.lanes[self.lanes.index(bit)] = bit, out

    def _next(self, number: int, bit: int) -> int:
        return next((k for k in range(number, len(self.uses)) if bit in self.uses[k]), len(self.uses))

    # --- operations ---

    def _place(self, op: Op) -> None:
        if op.kind in ("rotate_x", "rotate_y"):
            self._rotation(op)
        elif op.kind in ("matrix", "flip"):
            self._matrix(op)
        elif op.kind == "matrix2":
            entry = self._entries([np.array(op.entries)] * LANES)
            self._emit("matrix2", self._position(op.bit), self._position(op.other), angle=entry)
        elif op.kind == "swap":
            self._emit("swap", self._position(op.bit), self._position(op.other))
        elif op.kind == "phase":
            bits = (op.bit,) if op.other < 0 else (op.bit, op.other)
            self._phases([(bits, op.angle)])
        else:
            self._phases(list(op.terms))

    def _rotation(self, op: Op) -> None:
        if op.other in self.lanes:
            signs = [float(op.signs[(lane >> self._lane(op.other)) & 1]) for lane in range(LANES)]
            self._emit(op.kind, self._position(op.bit), -1, 0, 1, 1, self._angle(op.angle, tuple(signs)))
            return
        other = -1 if op.other < 0 else self._position(op.other)
        self._emit(op.kind, self._position(op.bit), other, int(op.both), *op.signs, self._angle(op.angle, ALL))

    def _matrix(self, op: Op) -> None:
        """A matrix or a flip; controlled by a lane, it is another matrix in each lane."""
        if op.other not in self.lanes:
            other = -1 if op.other < 0 else self._position(op.other)
            entry = self._entries([np.array(op.entries)] * LANES) if op.kind == "matrix" else 0
            self._emit(op.kind, self._position(op.bit), other, op.value, angle=entry)
            return
        acting = np.array(op.entries) if op.kind == "matrix" else np.array([0, 1, 1, 0])
        control = self._lane(op.other)
        tables = [acting if (lane >> control) & 1 == op.value else np.array([1, 0, 0, 1]) for lane in range(LANES)]
        self._emit("matrix", self._position(op.bit), -1, 1, angle=self._entries(tables))

    def _phases(self, terms: Sequence[tuple[tuple[int, ...], int]]) -> None:
        """Phases of sets of bits; bits in lanes become weights, sets that are alike in the rows stay apart."""
        on_rows = []
        for bits, angle in terms:
            inside = [self._lane(bit) for bit in bits if bit in self.lanes]
            weights = tuple(float(all((lane >> k) & 1 for k in inside)) for lane in range(LANES))
            rows = sorted((self._position(bit) for bit in bits if bit not in self.lanes), reverse=True)
            on_rows.append(([*rows, -1, -1][:2], self._angle(angle, weights)))
        apart = len(terms) == 1 or len([rows for rows, _ in on_rows if rows[0] >= 0]) < 2
        for rows, angle in on_rows:
            if apart or rows[0] < 0:
                self._emit("phase", rows[0], rows[1], angle=angle)
        if not apart:
            table = sorted([*rows, angle] for rows, angle in on_rows if rows[0] >= 0)
            lowest = min(bit for rows, _ in on_rows for bit in rows if bit >= 0)
            self._emit("diagonal", len(self.terms), len(self.terms) + len(table), lowest)
            self.terms += table

    def _angle(self, angle: int, weights: tuple[float, ...]) -> int:
        """The number of an angle with these weights."""
        key = (angle, weights)
        if key not in self.known:
            self.known[key] = len(self.angles)
            self.angles.append(key)
        return self.known[key]

    def _entries(self, tables: Sequence[NDArray[np.complex128]]) -> int:
        """The number of the first entry of a matrix that is another one in each lane."""
        number = sum(len(part) for part in self.constants) // (2 * LANES)
        columns = np.array(tables).T
        self.constants.append(np.stack([columns.real, columns.imag], axis=1).ravel())
        return number

    def _emit(
        self, kind: str, bit: int, other: int = -1, value: int = 0, low: int = 0, high: int = 0, angle: int = 0
    ) -> None:
        self.ops.append([KINDS.index(kind), bit, other, value, low, high, angle, 0])


def leg_bits(shape: Shape) -> tuple[int, ...]:
    """The bits of the legs in the order in which amplitudes are laid out, the most significant first."""
    virtual = range(shape.num_bits - 1, shape.width - 1, -1)
    return (*range(shape.outputs, shape.width), *virtual)
