"""Operations of a large fragment in the order in which its state is walked through fewest times.

A *tile* is a part of the state that stays in the cache: all values of a few bits, with all others constant. Operations
that change only those bits are run on one tile after another, with a single pass over the memory. An operation may
be drawn forward past others as long as none changes a bit that the other looks at.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cutq.exact.placing import KINDS, Integers, Placed

TILE_BITS = 11
"""Bits of the rows of a tile: with eight lanes 256 kB of amplitudes in double precision."""

CHUNK_BITS = 3
"""The lowest bits belong to every tile, so that memory is read in runs of so many rows."""

DUPLICATE, MATRIX2, SWAP, PHASE, DIAGONAL, LANE_SWAP = (
    KINDS.index(kind) for kind in ("duplicate", "matrix2", "swap", "phase", "diagonal", "lane_swap")
)

Row = tuple[int, ...]
"""A row of ``Placed.ops``."""


@dataclass(frozen=True, eq=False)
class Pass:
    """Operations that are run tile by tile in one pass over the state.

    Attributes:
        ops: rows like ``Placed.ops``, on bits renumbered: those of the tile, then those that are constant in it.
        terms: rows like ``Placed.terms`` of its diagonal operations, renumbered.
        bits: bits of a tile.
        chunks: rows at which the runs of consecutive rows begin of which a tile is made.
        outer: the bits that are constant in a tile, in the order in which tiles are numbered.
    """

    ops: Integers
    terms: Integers
    bits: int
    chunks: Integers
    outer: Integers

    @property
    def tiles(self) -> int:
        """How many."""
        return 1 << len(self.outer)


@dataclass(frozen=True)
class Stage:
    """Passes over the state as long as its size stays; each stage after the first begins with a new highest bit."""

    width: int
    passes: tuple[Pass, ...]


@functools.lru_cache(maxsize=64)
def stages(placed: Placed) -> tuple[Stage, ...]:
    """The stages of a placement of one large fragment."""
    rows = [tuple(int(x) for x in op) for op in placed.ops]
    terms = {k: placed.terms[op[1] : op[2]] for k, op in enumerate(rows) if op[0] == DIAGONAL}
    ends = [k for k, op in enumerate(rows) if op[0] == DUPLICATE] + [len(rows)]
    found, first = [], 0
    for number, end in enumerate(ends):
        width = placed.first_bits + number
        found.append(Stage(width, _passes([(rows[k], terms.get(k)) for k in range(first, end)], width)))
        first = end + 1
    return tuple(found)


_Item = tuple[Row, "Integers | None"]
"""An operation and, of a diagonal one, its terms."""


def _passes(items: Sequence[_Item], width: int) -> tuple[Pass, ...]:
    found = []
    left = list(items)
    while left:
        taken, left, inside = _drawn(left, width)
        found.append(_pass(taken, sorted(inside), width))
    return tuple(found)


def _drawn(items: Sequence[_Item], width: int) -> tuple[list[_Item], list[_Item], set[int]]:
    """The operations that a next pass can run, those that are left, and the bits of its tiles."""
    size = min(TILE_BITS, width)
    # Some operations change two bits; there must be room for them beside the chunk.
    inside = set(range(max(0, min(CHUNK_BITS, size - 2))))
    taken: list[_Item] = []
    left: list[_Item] = []
    looked: set[int] = set()
    changed: set[int] = set()
    for k, item in enumerate(items):
        own, seen = _changed(item[0]), _bits(item)
        fits = len(inside | own) <= size
        if item[0][0] == LANE_SWAP and (left or not fits):
            # What stands behind it may look at the lanes.
            left += items[k:]
            break
        if fits and not own & looked and not seen & changed:
            taken.append(item)
            inside |= own
        else:
            left.append(item)
            looked |= seen
            changed |= own
    free = (bit for bit in range(width) if bit not in inside)
    return taken, left, inside | {bit for bit, _ in zip(free, range(size - len(inside)), strict=False)}


def _changed(op: Row) -> set[int]:
    """The bits of the rows that an operation changes."""
    kind, bit, other, both = op[:4]
    if kind in (PHASE, DIAGONAL):
        return set()
    return {bit, other} if kind in (MATRIX2, SWAP) or (KINDS[kind].startswith("rotate") and both) else {bit}


def _bits(item: _Item) -> set[int]:
    """The bits of the rows that an operation looks at."""
    op, terms = item
    if terms is not None:
        return {int(bit) for bit in terms[:, :2].ravel() if bit >= 0}
    own = op[1:2] if op[0] == LANE_SWAP else op[1:3]
    return {bit for bit in own if bit >= 0}


def _pass(items: Sequence[_Item], inside: Sequence[int], width: int) -> Pass:
    outer = [bit for bit in range(width) if bit not in inside]
    place = {bit: k for k, bit in enumerate([*inside, *outer])} | {-1: -1}
    ops, tables = [], [np.zeros((0, 3), np.int64)]
    first = 0
    for op, terms in items:
        if terms is None:
            other = op[2] if op[0] == LANE_SWAP else place[op[2]]
            moved = list(sorted((place[op[1]], other), reverse=True) if op[0] == PHASE else (place[op[1]], other))
            ops.append([op[0], *moved, *op[3:]])
            continue
        table = _renumbered(terms, place)
        lowest = min(min(int(bit) for bit in table[:, :2].ravel() if bit >= 0), len(inside))
        ops.append([op[0], first, first + len(table), lowest, *op[4:]])
        tables.append(table)
        first += len(table)
    run = next((k for k, bit in enumerate(inside) if bit != k), len(inside))
    return Pass(
        np.array(ops, dtype=np.int64).reshape(-1, 8),
        np.concatenate(tables),
        len(inside),
        deposit(inside[run:]),
        np.array(outer, dtype=np.int64),
    )


def _renumbered(terms: Integers, place: dict[int, int]) -> Integers:
    rows = [(*sorted((place[int(bit)], place[int(other)]), reverse=True), int(angle)) for bit, other, angle in terms]
    return np.array(sorted(rows), dtype=np.int64)


def deposit(bits: Sequence[int]) -> Integers:
    """For each number its bits at the given places.

    >>> deposit([0, 3]).tolist()
    [0, 1, 8, 9]
    """
    found = np.zeros(1, dtype=np.int64)
    for bit in bits:
        found = np.concatenate([found, found | (1 << bit)])
    return found
