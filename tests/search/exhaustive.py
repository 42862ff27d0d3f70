"""Small random cutting problems, and their optimum by trying every set of cuts."""

from __future__ import annotations

import math
import random
from itertools import chain, combinations

import networkx as nx

WIRE = math.log(4)
PRICES = (0.0, 0.3, 1.0, math.log(3), math.log(7))


def wire_graph(gates: list[tuple[int, int, float]], wires: int) -> nx.MultiDiGraph:
    """The graph of two-wire nodes (wire, wire, price), with a one-wire node behind every third of them."""
    graph = nx.MultiDiGraph()
    last: dict[int, object] = {wire: ("in", wire) for wire in range(wires)}
    number = 0
    for a, b, price in gates:
        passes = [(a, b), (a,)] if number % 3 == 0 else [(a, b)]
        for through in passes:
            graph.add_node(number, **({"price": price} if len(through) == 2 else {}))
            for wire in through:
                graph.add_edge(last[wire], number, key=wire, price=WIRE)
                last[wire] = number
            number += 1
    for wire in range(wires):
        graph.add_edge(last[wire], ("out", wire), key=wire, price=WIRE)
    return graph


def random_graph(seed: int, wires: int, gates: int, *, uneven: bool = False) -> nx.MultiDiGraph:
    """Gates on random pairs; `uneven` gives every wire segment a price of its own and forbids some cuts."""
    rng = random.Random(seed)
    prices = (*PRICES, math.inf) if uneven else PRICES
    graph = wire_graph([(*rng.sample(range(wires), 2), rng.choice(prices)) for _ in range(gates)], wires)
    if uneven:
        for edge in graph.edges(keys=True):
            graph.edges[edge]["price"] = rng.choice((0.5, 1.0, WIRE, math.inf))
    return graph


def cost_and_width(graph: nx.MultiDiGraph, nodes: frozenset, edges: frozenset) -> tuple[float, int]:
    """The price of these cuts, and the largest number of wire segments in one fragment after them."""
    segments, at, pieces = nx.Graph(), {}, 0
    for node in nx.topological_sort(graph):
        through = []
        for u, v, wire in graph.in_edges(node, keys=True):
            if wire not in at or (u, v, wire) in edges:
                at[wire] = pieces
                segments.add_node(pieces)
                pieces += 1
            through.append(at[wire])
        if len(through) == 2 and node not in nodes:
            segments.add_edge(*through)
    price = sum(graph.nodes[node]["price"] for node in nodes) + sum(graph.edges[edge]["price"] for edge in edges)
    return price, max(map(len, nx.connected_components(segments)), default=0)


def cheapest(graph: nx.MultiDiGraph, max_qubits: int) -> float:
    """The least price of any set of cuts that is narrow enough; infinite if there is none.

    Wires are cut only where they enter a two-wire node that has a price, as the search promises.
    """
    nodes = [node for node, price in graph.nodes(data="price") if price is not None and price < math.inf]
    edges = [(u, v, wire) for u, v, wire, price in graph.edges(keys=True, data="price")
             if graph.nodes[v].get("price") and price < math.inf]  # fmt: skip
    subsets = chain.from_iterable(combinations([*nodes, *edges], size) for size in range(len(nodes + edges) + 1))
    tried = [frozenset(subset) for subset in subsets]
    priced = sorted(((sum(_price(graph, cut) for cut in cuts), cuts) for cuts in tried), key=lambda entry: entry[0])
    for price, cuts in priced:
        chosen = frozenset(cut for cut in cuts if isinstance(cut, int))
        if cost_and_width(graph, chosen, cuts - chosen)[1] <= max_qubits:
            return price
    return math.inf


def _price(graph: nx.MultiDiGraph, cut: object) -> float:
    return float(graph.nodes[cut]["price"] if isinstance(cut, int) else graph.edges[cut]["price"])
