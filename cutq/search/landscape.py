"""A cutting problem as arrays for annealing, and what labels on its legs mean.

A leg is a wire of a unit; legs with one label share a device, and what joins legs of different labels is cut.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from cutq.search.cuts import Cuts
from cutq.search.problem import Problem

FORBIDDEN = 1e4
"""The price, in annealing, of what may not be cut."""

Numbers = NDArray[Any]


@dataclass(frozen=True)
class Landscape:
    """A problem of units of two wires as arrays for annealing.

    Attributes:
        problem: the problem.
        room: most qubits of each label; as many labels as there may be fragments.
    """

    problem: Problem
    room: tuple[int, ...]

    @cached_property
    def wires(self) -> list[int]:
        """The wires that some unit touches; they are numbered by their positions here."""
        return sorted({wire for unit in self.problem.units for wire in unit.wires})

    @cached_property
    def sizes(self) -> Numbers:
        """Qubits of each wire."""
        return np.array([self.problem.widths[wire] for wire in self.wires], dtype=np.int64)

    @cached_property
    def legs(self) -> tuple[Numbers, ...]:
        """Legs in the order of units, two for each; see :func:`cutq.search.anneal_kernels.anneal_legs`."""
        units, number = self.problem.units, 2 * len(self.problem.units)
        before, after = np.full((2, number), -1, np.int64)
        seam, old, new, price, factor = np.zeros((5, number))
        size = np.empty(number, np.int64)
        last: dict[int, int] = {}
        for index, unit in enumerate(units):
            for position, wire in enumerate(unit.wires):
                leg = 2 * index + position
                size[leg] = self.problem.widths[wire]
                price[leg] = _price(self.problem, index)
                factor[leg] = math.log(unit.ways[0].factors[position]) if unit.ways else 0.0
                own = unit.seams[position]
                if wire in last and own is not None:
                    before[leg], after[last[wire]] = last[wire], leg
                    seam[leg] = min(own.price, FORBIDDEN)
                    old[leg], new[leg] = map(math.log, own.factors)
                last[wire] = leg
        mate = np.arange(number) ^ 1
        return before, after, seam, old, new, size, mate, price, factor

    @cached_property
    def graph(self) -> nx.Graph:
        """Wires that meet, with the attribute ``weight``: what separating them costs."""
        found = nx.Graph()
        place = {wire: position for position, wire in enumerate(self.wires)}
        found.add_nodes_from(range(len(self.wires)))
        for index, unit in enumerate(self.problem.units):
            one, other = (place[wire] for wire in unit.wires)
            known = found.get_edge_data(one, other, {"weight": 0.0})["weight"]
            found.add_edge(one, other, weight=known + _price(self.problem, index))
        return found

    def cuts(self, label: Numbers) -> Cuts:
        """The cuts between legs of different labels."""
        before = self.legs[0]
        pairs = label.reshape(-1, 2)
        units = dict.fromkeys(np.flatnonzero(pairs[:, 0] != pairs[:, 1]).tolist(), 0)
        cut = np.flatnonzero((before >= 0) & (label[before] != label))
        return Cuts(units, frozenset((int(leg) // 2, int(leg) % 2) for leg in cut))

    def labels(self, part: Numbers) -> Numbers:
        """The labels of legs where whole wires have these."""
        place = {wire: position for position, wire in enumerate(self.wires)}
        return np.array([part[place[wire]] for unit in self.problem.units for wire in unit.wires], dtype=np.int64)


def _price(problem: Problem, index: int) -> float:
    """What cutting a unit costs; where gates are cut jointly, what it adds to what is cut already."""
    ways = problem.units[index].ways
    if not ways:
        return FORBIDDEN
    return ways[0].price if problem.star is None or problem.loads else ways[0].strength
