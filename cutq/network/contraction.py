"""How a network will be contracted and what that costs, from its structure alone.

Leaves of the fragment graph are eliminated one by one; what is left of a connected part is its *core*: one fragment of
a tree, or the fragments on loops. A leaf with bond dimension ``D`` towards its parent and ``rows`` other entries is
squared into a ``D x D`` metric on the parent's index where ``D <= rows``; otherwise its amplitudes are absorbed into the
parent's. Neither ever makes a tensor larger than the two it came from, whatever the number of cuts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import networkx as nx

from cutq.network.network import Fragment, Network

COMPLEX_FLOPS = 8
"""Real operations of one complex multiplication and addition."""

BYTES_PER_AMPLITUDE = 16
"""A double-precision complex number."""

MAX_BYTES = 4_000_000_000
"""Cap on the size of one tensor; larger work is refused before it starts."""


@dataclass(frozen=True)
class Elimination:
    """One step: a fragment that has one neighbour left.

    Attributes:
        fragment: the fragment that goes.
        parent: its neighbour.
        squared: whether it leaves a metric; otherwise its amplitudes are absorbed.
    """

    fragment: int
    parent: int
    squared: bool


@dataclass(frozen=True)
class Contraction:
    """The order of a contraction.

    Attributes:
        steps: eliminations, children before parents, one branch after another.
        cores: what is left of each connected part; one fragment, or several on loops.
        flops: floating-point operations of the eliminations, for one Pauli word.
        entries: entries of the largest tensor.
        metric_entries: entries of the largest metric.
    """

    steps: tuple[Elimination, ...]
    cores: tuple[tuple[int, ...], ...]
    flops: int
    entries: int
    metric_entries: int


def plan_contraction(network: Network) -> Contraction:
    """The order in which a network is contracted.

    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> circuit = Circuit(2, (Operation("h", (0,)), Operation("cx", (0, 1))))
    >>> plan_contraction(split(circuit, CutPlan.from_partition(circuit, "AB"))).steps
    (Elimination(fragment=1, parent=0, squared=True),)
    """
    graph = fragment_graph(network)
    rows = {f: 1 << len(fragment.outputs) for f, fragment in enumerate(network.fragments)}
    left = {f: dict(graph[f]) for f in graph}
    entries = max((_entries(rows[f], left[f]) for f in graph), default=1)
    flops, metric_entries, steps, cores = 0, 0, [], []
    for part in sorted(map(sorted, nx.connected_components(graph))):
        core = _core(graph, part, rows)
        for child, parent in _leaves_first(graph, core):
            dim = graph[child][parent]["dim"]
            squared = dim <= rows[child]
            steps.append(Elimination(child, parent, squared))
            if squared:
                flops += COMPLEX_FLOPS * rows[child] * dim * (dim + _metric_dims(network, child, graph, parent))
                metric_entries = max(metric_entries, dim**2)
                rows[parent] *= dim
            else:
                flops += COMPLEX_FLOPS * rows[child] * dim * _entries(rows[parent], left[parent]) // dim
                rows[parent] *= rows[child]
            del left[parent][child]
        cores.append(tuple(core))
        flops += COMPLEX_FLOPS * sum(_entries(rows[f], left[f]) for f in core)
    return Contraction(tuple(steps), tuple(cores), flops, entries, metric_entries)


def fragment_graph(network: Network) -> nx.Graph:
    """The simple graph of fragments; edge attribute ``dim`` is the product of the bonds between two fragments."""
    graph = nx.Graph()
    graph.add_nodes_from(range(len(network.fragments)))
    for bond in network.bonds:
        first, second = bond.ends
        if first != second:
            known = graph.get_edge_data(first, second, {"dim": 1})["dim"]
            graph.add_edge(first, second, dim=known * math.prod(bond.dims))
    return graph


def tensor_entries(fragment: Fragment) -> int:
    """Entries of a fragment's amplitudes over all its outputs and legs."""
    return (1 << len(fragment.outputs)) * math.prod(leg.dim for leg in fragment.legs)


def _entries(rows: int, edges: dict[int, dict[str, int]]) -> int:
    return rows * math.prod(edge["dim"] for edge in edges.values())


def _metric_dims(network: Network, child: int, graph: nx.Graph, parent: int) -> int:
    return sum(edge["dim"] for other, edge in graph[child].items() if other != parent)


def _core(graph: nx.Graph, part: list[int], rows: dict[int, int]) -> list[int]:
    """The fragments on loops and between them; of a tree the fragment with the largest tensor."""
    core = sorted(nx.k_core(graph.subgraph(part), 2))
    return core or [max(part, key=lambda f: (_entries(rows[f], dict(graph[f])), -f))]


def _leaves_first(graph: nx.Graph, core: list[int]) -> Iterator[tuple[int, int]]:
    """Pairs (child, parent) of everything outside the core, each branch finished before the next begins."""
    inside = set(core)
    for root in core:
        branches = graph.subgraph((set(graph) - inside) | {root})
        parents = nx.dfs_predecessors(branches, root)
        yield from ((child, parents[child]) for child in nx.dfs_postorder_nodes(branches, root) if child != root)
