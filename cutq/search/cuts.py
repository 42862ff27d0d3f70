"""What a search finds, as a value: units and seams that are cut and stars among them; and what that costs.

This file says in plain Python what the compiled search counts; every plan is counted here once more.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from networkx.utils import UnionFind

from cutq.search.problem import Problem, joint_price

Segment = tuple[int, int]
"""A piece of a wire between two cut seams: the wire and the number of the piece, in the order of time."""


@dataclass(frozen=True)
class Star:
    """Units that are cut together as one star.

    Attributes:
        units: their positions in the problem.
        hub: the wire that is the hub.
    """

    units: tuple[int, ...]
    hub: int


@dataclass(frozen=True)
class Cuts:
    """Cuts of a problem.

    Attributes:
        units: for each unit that is cut the number of the way.
        seams: seams that are cut, each as (unit, position of the wire) just before which it is.
        stars: units that are cut together, on their far side all in one fragment.
    """

    units: Mapping[int, int]
    seams: frozenset[tuple[int, int]]
    stars: tuple[Star, ...] = ()


@dataclass(frozen=True)
class Fragments:
    """What cuts leave of a problem.

    Attributes:
        problem, cuts: what was cut, and where.
    """

    problem: Problem
    cuts: Cuts

    @cached_property
    def pieces(self) -> list[tuple[Segment, ...]]:
        """For each unit the segments of its wires."""
        current: dict[int, int] = {}
        found = []
        for index, unit in enumerate(self.problem.units):
            for position, wire in enumerate(unit.wires):
                current[wire] = current.get(wire, 0) + ((index, position) in self.cuts.seams)
            found.append(tuple((wire, current[wire]) for wire in unit.wires))
        return found

    @cached_property
    def home(self) -> dict[Segment, Hashable]:
        """The fragment of each segment, named by one of its segments."""
        union = UnionFind(segment for segments in self.pieces for segment in segments)
        for index, segments in enumerate(self.pieces):
            for block in self._blocks(index):
                union.union(*(segments[position] for position in block))
        for star in self.cuts.stars:
            union.union(*(self._far(star, index) for index in star.units))
        return {segment: union[segment] for segment in union}

    def _blocks(self, index: int) -> tuple[tuple[int, ...], ...]:
        unit = self.problem.units[index]
        way = self.cuts.units.get(index)
        return (tuple(range(len(unit.wires))),) if way is None else unit.ways[way].blocks

    def _far(self, star: Star, index: int) -> Segment:
        return next(segment for segment in self.pieces[index] if segment[0] != star.hub)

    @cached_property
    def widths(self) -> dict[Hashable, int]:
        """Qubits of each fragment, without reuse."""
        found: dict[Hashable, int] = defaultdict(int)
        for (wire, _), fragment in self.home.items():
            found[fragment] += self.problem.widths[wire]
        for index, unit in enumerate(self.problem.units):
            if unit.width and index not in self.cuts.units:
                found[self.home[self.pieces[index][0]]] += unit.width
        return found

    @cached_property
    def loads(self) -> dict[Hashable, float]:
        """The load of each fragment: the product of the factors of its legs."""
        found: dict[Hashable, float] = dict.fromkeys(self.home.values(), 1.0)
        for index, position in self.cuts.seams:
            seam, (wire, piece) = self.problem.units[index].seams[position], self.pieces[index][position]
            assert seam is not None
            found[self.home[wire, piece - 1]] *= seam.factors[0]
            found[self.home[wire, piece]] *= seam.factors[1]
        in_stars = {index for star in self.cuts.stars for index in star.units}
        for index, number in self.cuts.units.items():
            way = self.problem.units[index].ways[number]
            for block, factor in zip(way.blocks, way.factors, strict=True):
                if index not in in_stars:
                    found[self.home[self.pieces[index][block[0]]]] *= factor
        for star in self.cuts.stars:
            assert self.problem.star is not None
            for segment, factor in zip(self.pieces[star.units[0]], self.problem.star[1], strict=True):
                found[self.home[segment]] *= factor
        return found

    @cached_property
    def log_gamma(self) -> float:
        """The sum of all prices; with joint cuts, gates between two fragments that are in no star make one."""
        seams = (self.problem.units[index].seams[position] for index, position in self.cuts.seams)
        total = sum(seam.price for seam in seams if seam is not None)
        if self.problem.star is None:
            return total + sum(self.problem.units[index].ways[way].price for index, way in self.cuts.units.items())
        return total + self.problem.star[0] * len(self.cuts.stars) + sum(map(joint_price, self._strengths().values()))

    def _strengths(self) -> dict[Hashable, float]:
        """For each pair of fragments the strength of what is cut jointly between them."""
        in_stars = {index for star in self.cuts.stars for index in star.units}
        found: dict[Hashable, float] = defaultdict(float)
        for index, number in self.cuts.units.items():
            way = self.problem.units[index].ways[number]
            ends = frozenset(self.home[self.pieces[index][block[0]]] for block in way.blocks)
            if index not in in_stars:
                found[ends] += way.strength
        return found

    @cached_property
    def cost(self) -> float:
        """What the search minimises."""
        if not self.problem.loads:
            return self.log_gamma
        total = sum(self.loads.values()) + self.problem.alone
        return total if math.isfinite(total) else math.inf

    def reused_widths(self, order: Sequence[int]) -> dict[Hashable, int]:
        """Qubits of each fragment when a qubit whose wire has ended hosts another.

        The parts that a unit or a tie joins run one after the other, in the order that takes fewer qubits.

        Args:
            order: the units in the order of time, or of the reverse of time.
        """
        last = {segment: step for step, index in enumerate(order) for segment in self.pieces[index]}
        union, most, live = UnionFind(), dict[Segment, int](), dict[Segment, int]()

        def join(one: Segment, other: Segment) -> None:
            a, b = union[one], union[other]
            if a != b:
                widths = max(most[a], live[a] + most[b]), max(most[b], live[b] + most[a])
                union.union(a, b)
                most[union[a]], live[union[a]] = min(widths), live[a] + live[b]

        stars = {index: star for star in self.cuts.stars for index in star.units[1:]}
        for step, index in enumerate(order):
            unit, segments = self.problem.units[index], self.pieces[index]
            for segment in segments:
                if segment not in most:
                    most[union[segment]] = live[union[segment]] = self.problem.widths[segment[0]]
            for block in self._blocks(index):
                for position in block[1:]:
                    join(segments[block[0]], segments[position])
            if index in stars and self._far(stars[index], stars[index].units[0]) in most:
                join(self._far(stars[index], index), self._far(stars[index], stars[index].units[0]))
            if unit.width and index not in self.cuts.units:
                whole = union[segments[0]]
                most[whole] = max(most[whole], live[whole] + unit.width)
            for segment in segments:
                if last[segment] == step:
                    live[union[segment]] -= self.problem.widths[segment[0]]
        return {fragment: most[union[fragment]] for fragment in dict.fromkeys(self.home.values())}
