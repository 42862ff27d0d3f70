"""In which order fragments are taken off a network, and so measured, from its structure alone.

A fragment that is taken off gives its bonds to another, its parent. Two shapes are tried: a tree, where leaves go
first and a fragment on a loop goes to the neighbour that becomes smallest; and, on loops, a line that sweeps across
the network, which keeps fewer edges open on a grid.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cutq.exact.state import AMPLITUDE_BYTES, bond_dims, parts, simulation_bytes
from cutq.network.network import Network

TYPICAL_SHOTS = 1000
"""So many walks through the stages weigh against the work of making them."""

MOST_STARTS = 16
"""Fragments from which a sweep is tried."""


@dataclass(frozen=True)
class Form:
    """How a canonical form is made.

    Attributes:
        steps: pairs of a fragment and its parent, in the order in which fragments are taken off.
        stages: all fragments in the order of measurement.
        children: for each fragment those whose parent it is, the last measured first.
        stack: the largest product of dimensions of the open edges.
        fan: the largest number of amplitudes of a fragment's outcomes, times the open edges after them.
        num_bytes: memory while the form is made.
    """

    steps: tuple[tuple[int, int], ...]
    stages: tuple[int, ...]
    children: Mapping[int, tuple[int, ...]]
    stack: int
    fan: int
    num_bytes: int


def plan_form(network: Network) -> Form:
    """The form of least work, for making it and for walking through it a thousand times.

    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> chain = Circuit(3, (Operation("cx", (0, 1)), Operation("cx", (1, 2))))
    >>> plan_form(split(chain, CutPlan.from_partition(chain, "ABC"))).steps
    ((0, 1), (2, 1))
    """
    chosen = [min(_candidates(network, part), key=lambda one: one.work) for part in parts(network)]
    kept = sum(sum(one.arrays.values()) for one in chosen)
    largest = max((one.largest for one in chosen), default=0)
    return Form(
        tuple(step for one in chosen for step in one.steps),
        tuple(fragment for one in chosen for fragment in one.stages),
        {fragment: own for one in chosen for fragment, own in one.children.items()},
        max((one.stack for one in chosen), default=1),
        max((one.fan for one in chosen), default=1),
        simulation_bytes(network.fragments) + AMPLITUDE_BYTES * (kept + 3 * largest),
    )


@dataclass(frozen=True)
class _Shape:
    """What a part becomes.

    Attributes:
        steps, stages, children, stack, fan: as in :class:`Form`.
        arrays: entries of the array that stays with each fragment.
        largest: entries of the largest tensor on the way.
        work: multiplications for making the form and for walking through it.
    """

    steps: tuple[tuple[int, int], ...]
    stages: tuple[int, ...]
    children: Mapping[int, tuple[int, ...]]
    stack: int
    fan: int
    arrays: Mapping[int, int]
    largest: int
    work: int


def _candidates(network: Network, part: Sequence[int]) -> Iterator[_Shape]:
    """The ways to take a part apart that are worth a comparison."""
    yield _Sizes(network, part).as_tree()
    joined = {tuple(sorted(bond.ends)) for bond in network.bonds if bond.ends[0] in part and len(set(bond.ends)) == 2}
    if len(joined) >= len(part):
        degrees = {f: sum(f in ends for ends in joined) for f in part}
        for start in sorted(part, key=lambda f: (degrees[f], f))[:MOST_STARTS]:
            yield _Sizes(network, part).as_line(start)


class _Sizes:
    """The sizes of the tensors of a part while fragments are taken off; short-lived."""

    def __init__(self, network: Network, part: Sequence[int]) -> None:
        self.part = part
        self.dims = {f: bond_dims(network.fragments[f]) for f in part}
        self.rows = {f: 1 << len(network.fragments[f].outputs) for f in part}
        self.ends = {bond: set(network.bonds[bond].ends) for dims in self.dims.values() for bond in dims}
        self.ranks: dict[int, int] = {}
        self.children: dict[int, list[int]] = {f: [] for f in part}
        self.steps: list[tuple[int, int]] = []
        self.sizes = [self._entries(f) for f in part]

    def as_tree(self) -> _Shape:
        """Take off leaves first; the root has the largest tensor."""
        root = max(self.part, key=lambda f: (self._entries(f), -f))
        left = set(self.part) - {root}
        leaves = self._leaves(left)
        while left:
            fragment = leaves.pop() if leaves else min(left, key=self._cheapest)
            left.discard(fragment)
            around = self._neighbours(fragment)
            self._take_off(fragment, self._cheapest(fragment)[1])
            leaves += self._leaves((around & left) - set(leaves))
        return self._shape(root)

    def as_line(self, start: int) -> _Shape:
        """Take off fragment after fragment, always next the one that leaves the fewest bonds open."""
        order, open_bonds, left = [start], dict(self.dims[start]), set(self.part) - {start}
        while left:
            near = {f for bond in open_bonds for f in self.ends[bond]} & left
            following = min(near, key=lambda f: (math.prod(_joined(open_bonds, self.dims[f]).values()), f))
            order.append(following)
            open_bonds = _joined(open_bonds, self.dims[following])
            left.remove(following)
        for fragment, parent in itertools.pairwise(order):
            self._take_off(fragment, parent)
        return self._shape(order[-1])

    def _leaves(self, fragments: Iterable[int]) -> list[int]:
        return [f for f in sorted(fragments, reverse=True) if len(self._neighbours(f)) == 1]

    def _neighbours(self, fragment: int) -> set[int]:
        return {f for bond in self.dims[fragment] for f in self.ends[bond]} - {fragment}

    def _rows(self, fragment: int) -> int:
        return self.rows[fragment] * math.prod(self.ranks[child] for child in self.children[fragment])

    def _entries(self, fragment: int) -> int:
        return self._rows(fragment) * math.prod(self.dims[fragment].values())

    def _rank(self, fragment: int) -> int:
        return min(self._rows(fragment), math.prod(self.dims[fragment].values()))

    def _cheapest(self, fragment: int) -> tuple[int, int]:
        """The entries of the smallest tensor that a neighbour would become as its parent, and that neighbour."""
        rank, own = self._rank(fragment), self.dims[fragment]
        return min(
            (self._rows(f) * rank * math.prod(_joined(own, self.dims[f]).values()), f)
            for f in self._neighbours(fragment)
        )

    def _take_off(self, fragment: int, parent: int) -> None:
        own = self.dims[fragment]
        self.ranks[fragment] = self._rank(fragment)
        self.dims[parent] = _joined(self.dims[parent], own)
        for bond in own:
            self.ends[bond] = self.ends[bond] - {fragment} | {parent}
        self.children[parent].append(fragment)
        self.steps.append((fragment, parent))
        self.sizes.append(self._entries(parent))

    def _shape(self, root: int) -> _Shape:
        """What was done, and what it costs: light branches are measured first, so that few edges wait on the stack."""
        weights = dict.fromkeys(self.part, 1)
        for fragment, parent in self.steps:
            weights[parent] += weights[fragment]
        children = {f: tuple(sorted(own, key=lambda child: -weights[child])) for f, own in self.children.items()}
        arrays = {f: self._rows(f) * self.ranks.get(f, 1) for f in self.part}
        stages, waiting, stack, most, fan, walk = [], [root], 1, 1, 1, 0
        while waiting:
            fragment = waiting.pop()
            stages.append(fragment)
            waiting += children[fragment]
            new = math.prod(self.ranks[child] for child in children[fragment])
            walk += stack * new
            stack = stack // self.ranks.get(fragment, 1) * new
            most, fan = max(most, stack), max(fan, stack * self.rows[fragment])
        work = sum(arrays[f] * self.ranks.get(f, 1) for f in self.part) + sum(self.sizes) + TYPICAL_SHOTS * walk
        return _Shape(tuple(self.steps), tuple(stages), children, most, fan, arrays, max(self.sizes), work)


def _joined(one: Mapping[int, int], two: Mapping[int, int]) -> dict[int, int]:
    """The bonds, with their dimensions, of one or the other but not of both."""
    return {bond: dim for bond, dim in (*one.items(), *two.items()) if not (bond in one and bond in two)}
