"""Orders of contraction: valid for any graph, and never larger than needed on chains and trees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

import networkx as nx
import numpy as np
import pytest

from cutq.exact.trees import contraction_tree

Leaves = list[list[Hashable]]


def of_graph(graph: nx.MultiGraph) -> Leaves:
    """A tensor for each node with an index for each edge; a loop's index occurs twice in its tensor."""
    leaves: Leaves = [[] for _ in graph]
    for number, (a, b, _) in enumerate(graph.edges(keys=True)):
        leaves[a].append(number)
        leaves[b].append(number)
    return leaves


def contracted(leaves: Leaves, tree: Sequence[tuple[int, int]]) -> tuple[list[frozenset[Hashable]], int]:
    """The open indices after each step, and how many indices the largest step looks at."""
    tensors: list[frozenset[Hashable] | None] = [
        frozenset(index for index, count in Counter(leaf).items() if count == 1) for leaf in leaves
    ]
    steps, most = [], 0
    for a, b in tree:
        one, two = tensors[a], tensors[b]
        assert one is not None, "a tensor is contracted once"
        assert two is not None, "a tensor is contracted once"
        assert a != b
        tensors[a] = tensors[b] = None
        steps.append(one ^ two)
        tensors.append(steps[-1])
        most = max(most, len(one | two))
    assert sum(tensor is not None for tensor in tensors) == 1
    assert not tensors[-1]
    return steps, most


@pytest.mark.parametrize("seed", range(40))
def test_any_graph_is_contracted_to_a_number(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 12))
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(size))
    graph.add_edges_from(rng.integers(0, size, (int(rng.integers(0, 2 * size)), 2)).tolist())
    leaves = of_graph(graph)
    tree = contraction_tree(leaves, {index: 4 for leaf in leaves for index in leaf})
    assert len(tree) == size - 1
    contracted(leaves, tree)


@pytest.mark.parametrize("seed", range(10))
def test_trees_are_contracted_without_growth(seed: int) -> None:
    graph = nx.MultiGraph(nx.random_labeled_tree(30, seed=seed))
    leaves = of_graph(graph)
    _, most = contracted(leaves, contraction_tree(leaves, dict.fromkeys(range(29), 4)))
    assert most <= max(len(leaf) for leaf in leaves)


def test_a_long_chain_has_one_step_for_each_bond() -> None:
    leaves = of_graph(nx.MultiGraph(nx.path_graph(3000)))
    tree = contraction_tree(leaves, dict.fromkeys(range(2999), 4))
    assert len(tree) == 2999
    steps, most = contracted(leaves, tree)
    assert most == 2
    assert max(map(len, steps)) == 1


def test_parallel_bonds_stay_a_chain() -> None:
    graph = nx.MultiGraph(nx.path_graph(50))
    graph.add_edges_from((k, k + 1) for k in range(0, 49, 2))
    leaves = of_graph(graph)
    _, most = contracted(leaves, contraction_tree(leaves, {index: 4 for leaf in leaves for index in leaf}))
    assert most <= 3


def test_branches_go_into_a_ring_before_it_is_contracted() -> None:
    graph = nx.MultiGraph(nx.cycle_graph(6))
    graph.add_edges_from((k, k + 6) for k in range(6))
    leaves = of_graph(graph)
    tree = contraction_tree(leaves, {index: 4 for leaf in leaves for index in leaf})
    assert {frozenset(pair) for pair in tree[:6]} == {frozenset((k, k + 6)) for k in range(6)}
    _, most = contracted(leaves, tree)
    assert most == 3


def test_parts_that_share_nothing_are_multiplied_last() -> None:
    tree = contraction_tree([["a"], [], ["a"], ["b"], ["b"]], {"a": 2, "b": 2})
    assert {frozenset(pair) for pair in tree[:2]} == {frozenset((0, 2)), frozenset((3, 4))}
    contracted([["a"], [], ["a"], ["b"], ["b"]], tree)


def test_one_tensor_needs_no_step() -> None:
    assert contraction_tree([[]], {}) == ()
    assert contraction_tree([["a", "a"]], {"a": 4}) == ()
