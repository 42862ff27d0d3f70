"""The cutting problem as a value: units on wires in an order of time, the ways to cut them, the seams between them.

The search reads a directed multigraph and nothing else, so that a circuit and a graph of modules are the same to it.
Edges ``(u, v, key=wire)`` are pieces of wires, with the attributes

- ``price``: natural logarithm of gamma of cutting the wire there, ``math.inf`` if it may not be cut;
- ``factors``: by what the cut multiplies the load of the fragment before and of the fragment behind it (1, 1);
- ``width``: qubits that the wire carries, the same on all its edges (1).

Nodes that several wires enter or leave are units, all others are passed over. A unit has the attributes

- ``price``: of cutting a node of two wires apart, 0 if its halves are independent anyway and ``math.inf`` (as where it
  is left out) if it may not be cut;
- ``factors``: what that does to the loads of its two fragments, in the order of its wires (1, 1);
- ``strength``: for joint cuts, the logarithm of what the node adds to a joint cut, see :func:`joint_price` (``price``);
- ``hubs``: for joint cuts, a mapping from each wire to the hub the node belongs to there, any value that compares;
- ``splits``: for nodes of more wires, triples (blocks of wires, price, factor of each block), one for each way to cut,
  or with the strength as a fourth member;
- ``width``: qubits that it needs besides its wires (0); a node without wires is a fragment of its own.

A *load* is a number that each fragment carries, the product of the factors of its legs: its circuits on a device, say.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import networkx as nx

from cutq.errors import PlanError

Node = Any
Edge = tuple[Node, Node, Any]
"""Nodes and wires are what the maker of the graph chose, as long as it can be hashed."""
Pair = tuple[float, float]

TOLERANCE = 1e-9
"""Prices closer than this are one price: the last bits of a sum depend on its order."""


class Seam(NamedTuple):
    """A place just before a unit where a wire may be cut; the wire of the first unit on it has none.

    Attributes:
        price: log gamma; infinite where the wire may not be cut.
        factors: what it multiplies the loads of the pieces before and behind it by.
        edge: the edge of the graph.
    """

    price: float
    factors: Pair
    edge: Edge


class Way(NamedTuple):
    """A way to cut a unit.

    Attributes:
        blocks: positions among the unit's wires, those together that stay together.
        price: log gamma.
        factors: what it multiplies the load of each block's fragment by.
        strength: what it adds to a joint cut.
    """

    blocks: tuple[tuple[int, ...], ...]
    price: float
    factors: tuple[float, ...]
    strength: float


@dataclass(frozen=True, slots=True)
class Unit:
    """Nodes that are either left whole together or cut together.

    Attributes:
        nodes: the nodes of the graph, in the order of time.
        wires: numbers of its wires.
        seams: for each wire the seam just before the unit; None where the wire begins.
        ways: the ways to cut it; none where it may not be cut.
        hubs: for each wire the hub it belongs to there, or None.
        width: qubits that it needs besides its wires.
    """

    nodes: tuple[Node, ...]
    wires: tuple[int, ...]
    seams: tuple[Seam | None, ...]
    ways: tuple[Way, ...]
    hubs: tuple[Hashable, ...] = (None, None)
    width: int = 0

    @property
    def cut(self) -> Way | None:
        """The way to cut a unit of two wires."""
        return self.ways[0] if self.ways else None


@dataclass(frozen=True, slots=True)
class Problem:
    """Units in an order of time.

    Attributes:
        units: the units.
        widths: qubits of each wire.
        names: what the graph calls each wire.
        free: where prices are paid, nodes of price 0: they fall apart by themselves and so are always cut.
        loads: whether fragments' loads are what is paid for; else prices are, and all factors are 1.
        star: price and factors of a star, with any number of units; None where there are no joint cuts.
        alone: fragments that no unit touches: wires of their own.
    """

    units: tuple[Unit, ...]
    widths: tuple[int, ...]
    names: tuple[Hashable, ...] = ()
    free: frozenset[Node] = frozenset()
    loads: bool = False
    star: tuple[float, Pair] | None = None
    alone: int = field(default=0)


def joint_price(strength: float) -> float:
    """The price of gates cut jointly whose strengths add up to this: log of ``2 prod s_k**2 - 1``, s = sum |u_i|.

    >>> round(joint_price(math.log(2.0)), 6) == round(math.log(3), 6)
    True
    """
    return math.log(2 * math.exp(strength) - 1) if strength < 700 else strength + math.log(2)


def problem(graph: nx.MultiDiGraph, *, loads: bool = False, star: tuple[float, Pair] | None = None) -> Problem:
    """The cutting problem of a graph; see the head of this file for its attributes.

    Args:
        graph: the graph.
        loads: whether the sum of the fragments' loads is paid for, instead of the sum of prices.
        star: price and factors of a star of units that share a hub; None if each unit is cut for itself.
    """
    reader = _Reader(graph, loads)
    units = reader.units()
    if not loads and star is None:
        units = _merged(units)
    return Problem(
        tuple(units),
        tuple(reader.widths),
        tuple(reader.numbers),
        frozenset(reader.free),
        loads,
        star,
        reader.alone(units),
    )


class _Reader:
    """Walks through a graph in the order of time; the short-lived state of :func:`problem`."""

    def __init__(self, graph: nx.MultiDiGraph, loads: bool) -> None:
        self.graph, self.loads = graph, loads
        self.numbers: dict[Hashable, int] = {}
        self.widths: list[int] = []
        self.free: list[Node] = []
        self.begun: set[int] = set()
        self.cheapest: dict[int, Seam] = {}
        """By wire the cheapest seam since the last unit on it."""

    def units(self) -> list[Unit]:
        """The units that have a price, in the order of time."""
        return [unit for node in nx.topological_sort(self.graph) if (unit := self._unit(node))]

    def alone(self, units: Sequence[Unit]) -> int:
        """How many wires no unit touches."""
        touched = {wire for unit in units for wire in unit.wires}
        return len(self.widths) - len(touched)

    def _unit(self, node: Node) -> Unit | None:
        wires = self._enter(node)
        about = self.graph.nodes[node]
        if len(wires) < 2 and not about.get("width"):
            return None
        if not wires:
            # Nothing but qubits of its own, like a wire that no unit touches.
            self._number(node, about)
            return None
        if not self.loads and len(wires) == 2 and about.get("price", math.inf) <= TOLERANCE:
            self.free.append(node)
            return None
        seams = tuple(self.cheapest.pop(wire) if wire in self.begun else None for wire in wires.values())
        for wire in wires.values():
            self.cheapest.pop(wire, None)
        self.begun.update(wires.values())
        hubs = about.get("hubs", {})
        order = sorted(wires, key=wires.__getitem__)
        by_wire = dict(zip(wires.values(), seams, strict=True))
        return Unit(
            about.get("nodes", (node,)),
            tuple(wires[key] for key in order),
            tuple(by_wire[wires[key]] for key in order),
            tuple(_ways(about, order)),
            tuple(hubs.get(key) for key in order),
            about.get("width", 0),
        )

    def _enter(self, node: Node) -> dict[Hashable, int]:
        """The wires of a node with their numbers, those that enter it and those that begin there."""
        wires: dict[Hashable, int] = {}
        for u, v, key, edge in self.graph.in_edges(node, keys=True, data=True):
            wire = wires[key] = self._number(key, edge)
            seam = Seam(float(edge["price"]), edge.get("factors", (1.0, 1.0)), (u, v, key))
            if wire not in self.cheapest or seam.price < self.cheapest[wire].price:
                self.cheapest[wire] = seam
        for _, _, key, edge in self.graph.out_edges(node, keys=True, data=True):
            if key not in wires:
                wires[key] = self._number(key, edge)
        return wires

    def _number(self, key: Hashable, edge: Mapping[str, Any]) -> int:
        if key not in self.numbers:
            self.numbers[key] = len(self.widths)
            self.widths.append(edge.get("width", 1))
        return self.numbers[key]


def _ways(about: Mapping[str, Any], order: Sequence[Hashable]) -> Iterator[Way]:
    """The ways to cut a node whose wires are in this order."""
    place = {key: position for position, key in enumerate(order)}
    for blocks, price, factors, *strength in about.get("splits", ()):
        numbered = tuple(tuple(place[key] for key in block) for block in blocks)
        yield Way(numbered, float(price), tuple(factors), float(strength[0] if strength else price))
    price = float(about.get("price", math.inf))
    if price < math.inf:
        if len(order) != 2:
            raise PlanError(
                f"a node of two wires has one price of being cut, but a node with price={price} joins {len(order)} "
                "wires; name its ways to be cut as splits"
            )
        factors = about.get("factors", {})
        yield Way(
            ((0,), (1,)), price, tuple(factors.get(key, 1.0) for key in order), float(about.get("strength", price))
        )


def _merged(units: Sequence[Unit]) -> list[Unit]:
    """Neighbours on the same two wires as one unit, whose price is the sum.

    Lossless where a wire cut between the two could as well sit before or behind them: one that separates a cut node
    from a whole one moves past the cut node, and one between two whole nodes moves behind them.
    """
    merged: list[Unit] = []
    last: dict[int, int] = {}
    for unit, later in zip(units, later_prices(units), strict=True):
        before = {last.get(wire) for wire in unit.wires}
        position = before.pop() if len(before) == 1 else None
        if position is not None and _movable(merged[position], unit, later):
            merged[position] = _together(merged[position], unit)
        else:
            last.update(dict.fromkeys(unit.wires, len(merged)))
            merged.append(unit)
    return merged


def later_prices(units: Sequence[Unit]) -> list[tuple[float, ...]]:
    """For each unit and wire the price of cutting the wire just after it; 0 where the wire ends."""
    upcoming: dict[int, float] = {}
    prices: list[tuple[float, ...]] = []
    for unit in reversed(units):
        prices.append(tuple(upcoming.get(wire, 0.0) for wire in unit.wires))
        upcoming |= {wire: seam.price if seam else 0.0 for wire, seam in zip(unit.wires, unit.seams, strict=True)}
    return prices[::-1]


def _movable(unit: Unit, following: Unit, later: Sequence[float]) -> bool:
    """Whether no wire cut between the two is cheaper than before and behind them."""
    if not len(unit.wires) == len(following.wires) == 2 or unit.width or following.width:
        return False
    around = zip(unit.seams, following.seams, later, strict=True)
    return all(between is not None and between.price >= max(before.price if before else 0.0, after)
               for before, between, after in around)  # fmt: skip


def _together(unit: Unit, following: Unit) -> Unit:
    ways = tuple(
        first._replace(price=first.price + second.price, strength=first.strength + second.strength)
        for first, second in zip(unit.ways, following.ways, strict=False)
    )
    return replace(unit, nodes=unit.nodes + following.nodes, ways=ways)


def allowed(problem: Problem, *, wires: bool, gates: bool) -> Problem:
    """The problem where wires, or units that are not free, may not be cut at all."""
    if wires and gates:
        return problem
    return replace(problem, units=tuple(_allowed(unit, wires, gates) for unit in problem.units))


def _allowed(unit: Unit, wires: bool, gates: bool) -> Unit:
    seams = tuple(seam and seam._replace(price=seam.price if wires else math.inf) for seam in unit.seams)
    ways = tuple(way for way in unit.ways if gates or way.price <= TOLERANCE)
    return replace(unit, seams=seams, ways=ways)
