"""The cutting problem as a value: bundles of two-wire nodes in time order, each with the prices of cutting at it."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import networkx as nx

from cutq.errors import PlanError

Node = Any
Edge = tuple[Node, Node, Any]
"""Nodes and wires are what the maker of the graph chose, as long as it can be hashed."""
Pair = tuple[float, float]

TOLERANCE = 1e-9
"""Prices closer than this are one price: the last bits of a sum depend on its order."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Two-wire nodes that follow each other on the same two wires; either all of them are cut, or none.

    `wires` are numbers in order of first appearance, the lower one first. `price` is the sum over `nodes`.
    `wire_prices[side]` is the price of cutting `wires[side]` just before this bundle, at `edges[side]`; it is 0 where
    the wire begins with this bundle, since such a cut separates nothing. Prices are natural logarithms of gamma.
    """

    wires: tuple[int, int]
    price: float
    wire_prices: Pair
    nodes: tuple[Node, ...]
    edges: tuple[Edge, Edge]


@dataclass(frozen=True, slots=True)
class Problem:
    """Bundles in an order of time, and the nodes of price 0, which fall apart by themselves and so are always cut."""

    bundles: tuple[Bundle, ...]
    free: frozenset[Node] = frozenset()


def problem(graph: nx.MultiDiGraph) -> Problem:
    """The cutting problem of a directed graph whose edges `(u, v, key=wire)` are wire segments.

    A node that two wires enter has the attribute `price`: log gamma of cutting it, `math.inf` if it may not be cut, 0
    if its two halves are independent anyway. Every edge has a `price`. The search reads nothing else, so that a graph
    of modules can be cut like a circuit.
    """
    singles = tuple(_singles(graph))
    free = frozenset(bundle.nodes[0] for bundle in singles if bundle.price <= TOLERANCE)
    return Problem(_merge(_without_free(singles)), free)


def later_prices(bundles: Sequence[Bundle]) -> list[Pair]:
    """For each bundle and side the price of cutting the wire just after it; 0 where the wire ends."""
    upcoming: dict[int, float] = {}
    prices: list[Pair] = []
    for bundle in reversed(bundles):
        a, b = bundle.wires
        prices.append((upcoming.get(a, 0.0), upcoming.get(b, 0.0)))
        upcoming[a], upcoming[b] = bundle.wire_prices
    return prices[::-1]


def _singles(graph: nx.MultiDiGraph) -> Iterator[Bundle]:
    """Every two-wire node as a bundle of its own, with the edges that enter it."""
    numbers: dict[Hashable, int] = {}
    for node in nx.topological_sort(graph):
        edges = [(numbers.setdefault(wire, len(numbers)), (u, v, wire), float(price))
                 for u, v, wire, price in graph.in_edges(node, keys=True, data="price")]  # fmt: skip
        if len(edges) > 2:
            raise PlanError(f"node {node!r} joins {len(edges)} wires, but the search cuts nodes of two: decompose it")
        if len(edges) == 2:
            (a, left, left_price), (b, right, right_price) = sorted(edges)
            yield Bundle((a, b), float(graph.nodes[node]["price"]), (left_price, right_price), (node,), (left, right))


def _without_free(singles: Sequence[Bundle]) -> list[Bundle]:
    """The bundles that have a price; a wire's first has nothing before it to be cut from."""
    begun: set[int] = set()
    bundles: list[Bundle] = []
    for bundle in singles:
        if bundle.price <= TOLERANCE:
            continue
        left, right = (price if wire in begun else 0.0
                       for wire, price in zip(bundle.wires, bundle.wire_prices, strict=True))  # fmt: skip
        bundles.append(replace(bundle, wire_prices=(left, right)))
        begun.update(bundle.wires)
    return bundles


def _merge(bundles: Sequence[Bundle]) -> tuple[Bundle, ...]:
    """Neighbours on the same two wires as one bundle.

    Lossless where a wire cut between the two could as well sit before or behind them: one that separates a cut node
    from a joined one moves past the cut node, and one between two joined nodes moves behind them.
    """
    merged: list[Bundle] = []
    last: dict[int, int] = {}
    for bundle, later in zip(bundles, later_prices(bundles), strict=True):
        a, b = bundle.wires
        before = last.get(a)
        if before is not None and before == last.get(b) and _movable(merged[before], bundle, later):
            merged[before] = replace(merged[before], price=merged[before].price + bundle.price,
                                     nodes=merged[before].nodes + bundle.nodes)  # fmt: skip
        else:
            last[a] = last[b] = len(merged)
            merged.append(bundle)
    return tuple(merged)


def _movable(bundle: Bundle, following: Bundle, later: Pair) -> bool:
    """Whether no wire cut between the two is cheaper than before and behind them."""
    around = zip(bundle.wire_prices, following.wire_prices, later, strict=True)
    return all(between >= max(before, after) for before, between, after in around)
