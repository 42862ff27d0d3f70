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

    Of the edges of a wire between two nodes that may separate something only the cheapest is tried.
    """
    nodes = [node for node, price in graph.nodes(data="price") if price is not None and price < math.inf]
    edges = [edge for edge in _cheapest_edges(graph) if graph.edges[edge]["price"] < math.inf]
    subsets = chain.from_iterable(combinations([*nodes, *edges], size) for size in range(len(nodes + edges) + 1))
    tried = [frozenset(subset) for subset in subsets]
    priced = sorted(((sum(_price(graph, cut) for cut in cuts), cuts) for cuts in tried), key=lambda entry: entry[0])
    for price, cuts in priced:
        chosen = frozenset(cut for cut in cuts if isinstance(cut, int))
        if cost_and_width(graph, chosen, cuts - chosen)[1] <= max_qubits:
            return price
    return math.inf


def _cheapest_edges(graph: nx.MultiDiGraph) -> list[tuple[object, object, int]]:
    """For each stretch of a wire between two nodes of two wires that have a price: its cheapest edge."""
    best: dict[int, tuple[object, object, int]] = {}
    begun: set[int] = set()
    found = []
    for node in nx.topological_sort(graph):
        for edge in graph.in_edges(node, keys=True):
            wire = edge[2]
            if wire not in best or graph.edges[edge]["price"] < graph.edges[best[wire]]["price"]:
                best[wire] = edge
            if graph.nodes[node].get("price"):
                if wire in begun:
                    found.append(best[wire])
                begun.add(wire)
                del best[wire]
    return found


def _price(graph: nx.MultiDiGraph, cut: object) -> float:
    return float(graph.nodes[cut]["price"] if isinstance(cut, int) else graph.edges[cut]["price"])


def loaded(graph: nx.MultiDiGraph, seed: int = 0) -> nx.MultiDiGraph:
    """The graph with factors of loads, and with hubs for stars at most of its nodes."""
    rng = random.Random(seed)
    nx.set_edge_attributes(graph, (3.0, 4.0), "factors")
    for node, about in graph.nodes(data=True):
        if 0 < about.get("price", 0.0) < math.inf:
            wires = [wire for _, _, wire in graph.in_edges(node, keys=True)]
            about["factors"] = dict.fromkeys(wires, 5.0)
            about["strength"] = math.log((math.exp(about["price"]) + 1) / 2)
            if rng.random() < 0.7:
                about["hubs"] = {wire: rng.randrange(2) for wire in wires}
    return graph
