"""How a network will be contracted and what that costs, from its structure alone.

Leaves of the fragment graph are eliminated one by one; what is left of a connected part is its *core*: one fragment of
a tree, or the fragments on loops. A leaf with bond dimension ``D`` towards its parent and ``rows`` other entries is
squared into a ``D x D`` metric on the parent's index where ``D <= rows``; otherwise its amplitudes are absorbed into
the parent's. Neither ever makes a tensor larger than the two it came from, whatever the number of cuts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import networkx as nx

from cutq.errors import TooLargeError
from cutq.network.loops import COMPLEX_FLOPS, Loop, plan_loop
from cutq.network.network import Fragment, Network

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
class Core:
    """What eliminations leave of a connected part.

    Attributes:
        fragments: one fragment, or those on loops and between them.
        loop: how several are contracted; None for one.
    """

    fragments: tuple[int, ...]
    loop: Loop | None = None


@dataclass(frozen=True)
class Contraction:
    """The order of a contraction.

    Attributes:
        steps: eliminations, children before parents, one branch after another.
        cores: what is left of each connected part.
        flops: floating-point operations for one Pauli word.
        entries: entries of the largest tensor, those of the fragments included.
        metric_entries: entries of the largest metric or square that is held for each word.
    """

    steps: tuple[Elimination, ...]
    cores: tuple[Core, ...]
    flops: int
    entries: int
    metric_entries: int

    def check_size(self) -> None:
        """Raise :class:`TooLargeError` if its largest tensor would not fit in memory."""
        need = BYTES_PER_AMPLITUDE * self.entries
        if need > MAX_BYTES:
            raise TooLargeError(
                f"the contraction of the fragments needs a tensor of {size_text(need)}, more than the "
                f"{size_text(MAX_BYTES)} allowed; cut fewer gates and wires, or allow wider fragments"
            )


def size_text(num_bytes: int) -> str:
    """A number of bytes in words.

    >>> size_text(5_000_000_000), size_text(2**2000)
    ('5 GB', '2^2000 bytes')
    """
    return f"{num_bytes / 1e9:.3g} GB" if num_bytes < 10**300 else f"2^{num_bytes.bit_length() - 1} bytes"


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
    entries = max(map(tensor_entries, network.fragments), default=1)
    flops, metric_entries, steps, cores = 0, 0, [], []
    for part in sorted(map(sorted, nx.connected_components(graph))):
        own = nx.Graph(graph.subgraph(part))
        core = _core(network, own, rows)
        for child, parent in _leaves_first(own, core):
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
        cores.append(_planned(core, rows, left))
        flops += COMPLEX_FLOPS * sum(_entries(rows[f], left[f]) for f in core)
    loops = [core.loop for core in cores if core.loop]
    flops += sum(loop.flops for loop in loops)
    entries = max([entries, *(loop.entries for loop in loops)])
    metric_entries = max([metric_entries, *(loop.entries for loop in loops if loop.squared)])
    return Contraction(tuple(steps), tuple(cores), flops, entries, metric_entries)


Edge = tuple[int, int]
"""An edge of the fragment graph: two fragment positions, the smaller first."""


def edge(first: int, second: int) -> Edge:
    """The edge between two fragments."""
    return (first, second) if first < second else (second, first)


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


def _planned(core: list[int], rows: dict[int, int], left: dict[int, dict[int, dict[str, int]]]) -> Core:
    if len(core) == 1:
        return Core((core[0],))
    edges = [{edge(f, other): left[f][other]["dim"] for other in sorted(left[f])} for f in core]
    return Core(tuple(core), plan_loop([rows[f] for f in core], edges))


def _core(network: Network, graph: nx.Graph, rows: dict[int, int]) -> list[int]:
    """The fragments on loops and between them, roughly in the order of time, in which many are contracted; of a tree
    the fragment with the largest tensor."""
    core = sorted(nx.k_core(graph, 2), key=lambda f: (_begin(network.fragments[f]), f))
    return core or [max(graph, key=lambda f: (_entries(rows[f], dict(graph[f])), -f))]


def _begin(fragment: Fragment) -> int:
    return min((segment.piece for segment in fragment.segments), default=0)


def _leaves_first(graph: nx.Graph, core: list[int]) -> Iterator[tuple[int, int]]:
    """Pairs (child, parent) of everything outside the core, each branch finished before the next begins."""
    branches = graph.copy()
    branches.remove_edges_from(graph.subgraph(core).edges)
    for root in core:
        parents = nx.dfs_predecessors(branches, root)
        yield from ((child, parents[child]) for child in nx.dfs_postorder_nodes(branches, root) if child != root)
