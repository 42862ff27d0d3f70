"""The order in which tensors are contracted: branches from their leaves inwards, then what is left on loops."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Mapping, Sequence

import networkx as nx

from cutq.network.loops import pairwise_order

Tree = tuple[tuple[int, int], ...]
"""Pairs of tensors that are contracted; the k-th pair makes tensor ``leaves + k``."""


def contraction_tree(leaves: Sequence[Sequence[Hashable]], sizes: Mapping[Hashable, int]) -> Tree:
    """An order that contracts all tensors to a number, each index being shared by two of them.

    A tensor with one neighbour is contracted into it, which makes nothing larger. What is left has loops; its order is
    searched for. Parts that share no index are multiplied at the end.

    >>> contraction_tree([["a"], ["a", "b"], ["b"]], {"a": 2, "b": 2})
    ((0, 1), (2, 3))
    """
    graph = nx.Graph()
    graph.add_nodes_from(range(len(leaves)))
    owner: dict[Hashable, int] = {}
    for number, indices in enumerate(leaves):
        for index in indices:
            graph.add_edge(owner.setdefault(index, number), number)
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    tensor = dict(enumerate(range(len(leaves))))
    tree: list[tuple[int, int]] = []

    def contract(node: int, into: int) -> None:
        tree.append((tensor[node], tensor[into]))
        tensor[into] = len(leaves) + len(tree) - 1

    waiting = deque(node for node in graph if graph.degree(node) == 1)
    while waiting:
        node = waiting.popleft()
        if node not in graph or graph.degree(node) != 1:
            continue
        (neighbour,) = graph[node]
        contract(node, neighbour)
        graph.remove_node(node)
        if graph.degree(neighbour) == 1:
            waiting.append(neighbour)
    roots = []
    for part in map(sorted, nx.connected_components(graph)):
        if len(part) > 1:
            inside = set(part)
            ends = _open_indices(leaves, graph, inside)
            for first, second in pairwise_order([ends[node] for node in part], sizes):
                part.append(len(leaves) + len(tree))
                tree.append((tensor[part[first]], tensor[part[second]]))
                tensor[part[-1]] = part[-1]
        roots.append(tensor[part[-1]])
    while len(roots) > 1:
        tree.append((roots[0], roots[1]))
        roots = [*roots[2:], len(leaves) + len(tree) - 1]
    return tuple(tree)


def _open_indices(
    leaves: Sequence[Sequence[Hashable]], graph: nx.Graph, inside: set[int]
) -> dict[int, tuple[Hashable, ...]]:
    """The indices that each tensor on loops shares with another one there; its branches are contracted already."""
    count: dict[Hashable, int] = {}
    for node in inside:
        for index in leaves[node]:
            count[index] = count.get(index, 0) + 1
    return {node: tuple(index for index in leaves[node] if count[index] == 2) for node in inside}
