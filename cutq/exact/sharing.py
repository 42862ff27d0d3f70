"""What many Pauli words share over a contraction tree: the distinct letters below each node."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.observable import Word
from cutq.errors import PlanError
from cutq.exact.homes import LeafSpec, Reading
from cutq.exact.pairwise import IntArray

Tree = Sequence[tuple[int, int]]
"""Pairs of nodes to contract: leaves are ``0 .. L-1``, the k-th pair makes node ``L + k``, the last is the root."""


@dataclass(frozen=True)
class Shape:
    """A checked tree: the children of each inner node, and the span of its leaves in an order of all leaves."""

    leaves: int
    pairs: tuple[tuple[int, int], ...]
    start: IntArray
    stop: IntArray

    @property
    def root(self) -> int:
        """The number of the last node."""
        return self.leaves + len(self.pairs) - 1


def check_tree(leaves: int, tree: Tree) -> Shape:
    """The shape of a tree; PlanError where its pairs do not contract the leaves to one node."""
    pairs = tuple((int(left), int(right)) for left, right in tree)
    used: set[int] = set()
    for number, pair in enumerate(pairs):
        for child in pair:
            if not 0 <= child < leaves + number or child in used:
                raise PlanError(
                    f"pair {number} of the contraction tree contracts node {child}, which is not there at that time: "
                    f"there are {leaves} leaves, the k-th pair makes node {leaves} + k, and each node is used once"
                )
            used.add(child)
    if leaves < 1 or len(pairs) != leaves - 1:
        raise PlanError(
            f"{len(pairs)} pairs do not contract {leaves} leaves to one node: it takes at least one leaf and one pair "
            f"fewer than leaves"
        )
    below = [1] * leaves + [0] * len(pairs)
    for number, (left, right) in enumerate(pairs):
        below[leaves + number] = below[left] + below[right]
    start = [0] * len(below)
    for number in range(len(pairs) - 1, -1, -1):
        left, right = pairs[number]
        start[left], start[right] = start[leaves + number], start[leaves + number] + below[left]
    return Shape(leaves, pairs, np.array(start, np.int64), np.array(start, np.int64) + np.array(below, np.int64))


def check_indices(leaves: Sequence[LeafSpec], sizes: Mapping[Hashable, int]) -> None:
    """Raise PlanError unless each index has a size and joins two different leaves."""
    holders: dict[Hashable, list[int]] = {}
    for number, leaf in enumerate(leaves):
        for index in leaf.indices:
            holders.setdefault(index, []).append(number)
    for index, on in holders.items():
        if len(on) != 2 or on[0] == on[1]:
            raise PlanError(
                f"index {index!r} is on the leaves {on}, but every index joins exactly two different leaves"
            )
        if sizes.get(index, 0) < 1:
            raise PlanError(
                f"index {index!r} has size {sizes.get(index)!r}, but every index needs a size of at least 1"
            )


@dataclass(frozen=True)
class Seen:
    """What the rests of the readouts are below one node, as far as the node is contracted for them.

    Attributes:
        readouts: those whose home is elsewhere and whose rest has letters below the node, in order.
        states: for each of them the number of its letters there, from 1; number 0 is the identity.
        left, right: for each number those of the two children (empty at a leaf).
        identity: whether the identity is needed.
    """

    readouts: IntArray
    states: IntArray
    left: IntArray
    right: IntArray
    identity: bool

    @property
    def top(self) -> int:
        """One more than the largest number of letters."""
        return int(self.states.max(initial=0)) + 1


_NONE = np.zeros(0, np.int64)


class Sharing:
    """The letters below each node, numbered from the leaves up; each readout is followed on its own paths only."""

    def __init__(self, shape: Shape, reading: Reading) -> None:
        self.shape = shape
        self.place = shape.start[np.array(reading.homes, np.int64)]
        self.counts = np.searchsorted(np.sort(self.place), np.arange(shape.leaves + 1)).tolist()
        self._left, self._right = (np.zeros(len(reading.homes), np.int64) for _ in range(2))
        self.nodes: list[Seen] = [self._leaf(leaf, seen) for leaf, seen in enumerate(reading.seen)]
        for number, (left, right) in enumerate(shape.pairs):
            self.nodes.append(self._merge(shape.leaves + number, self.nodes[left], self.nodes[right]))

    def _identity(self, node: int, touching: int) -> bool:
        """Whether some readout has its home elsewhere and no letter here."""
        inside = self.counts[self.shape.stop[node]] - self.counts[self.shape.start[node]]
        return bool(len(self.place) - inside > touching)

    def _leaf(self, leaf: int, seen: Mapping[Word, Sequence[int]]) -> Seen:
        readouts = np.array([number for numbers in seen.values() for number in numbers], np.int64)
        states = np.repeat(np.arange(1, len(seen) + 1), [len(numbers) for numbers in seen.values()])
        order = np.argsort(readouts, kind="stable")
        return Seen(readouts[order], states[order], _NONE, _NONE, self._identity(leaf, len(readouts)))

    def _merge(self, node: int, left: Seen, right: Seen) -> Seen:
        if not len(left.readouts) and not len(right.readouts):
            return Seen(_NONE, _NONE, _NONE, _NONE, self._identity(node, 0))
        readouts = np.union1d(left.readouts, right.readouts)
        readouts = readouts[~self.inside(node, readouts)]
        self._left[left.readouts], self._right[right.readouts] = left.states, right.states
        many = right.top
        codes, inverse = np.unique(self._left[readouts] * many + self._right[readouts], return_inverse=True)
        self._left[left.readouts], self._right[right.readouts] = 0, 0
        return Seen(readouts, inverse + 1, codes // many, codes % many, self._identity(node, len(readouts)))

    def inside(self, node: int, readouts: IntArray) -> NDArray[np.bool_]:
        """Which of the readouts have their home below the node."""
        place = self.place[readouts]
        found: NDArray[np.bool_] = (place >= self.shape.start[node]) & (place < self.shape.stop[node])
        return found

    def states(self, node: int, readouts: IntArray) -> IntArray:
        """For each of the readouts the number of its letters below the node."""
        seen = self.nodes[node]
        self._left[seen.readouts] = seen.states
        found = self._left[readouts]
        self._left[seen.readouts] = 0
        return found
