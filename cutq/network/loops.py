"""Fragments on loops: the order of their contraction, found by cotengra and opt_einsum, which no other file imports."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

COMPLEX_FLOPS = 8
"""Real operations of one complex multiplication and addition."""

SMALL_ENTRIES = 2**22
"""Tensors up to this size are let grow on the way, whatever goes in and comes out."""

REPEATS, MOST_REPEATED = 32, 400
"""Random greedy paths that are tried beside the greedy one, for so many tensors at most; a bounded, seeded search."""

MOST_SLICES = 2**20
"""Larger tensors than would be cut down by so many slices are left as they are: they are never contracted."""

MOST_AMPLITUDES = 2**50
"""Rows of all fragments beyond which amplitudes are not contracted first."""

MANY = 1000
"""Tensors above which no path is searched for where only a price is asked for: one is contracted after another."""

MOST_SEARCHED = 10_000
"""The same where they are really contracted; greedy paths for so many take a second."""


@dataclass(frozen=True, eq=False)
class Loop:
    """How the fragments of a core are contracted.

    Attributes:
        squared: None where amplitudes are contracted first, to one tensor over the rows of all fragments. Else, for a
            contraction between bra and ket, for each fragment whether it enters as one tensor over its bra and ket
            indices, which is done where that is no larger than its amplitudes; or as bra and ket with common rows.
        tree: cotengra's contraction tree, or a sweep over many tensors.
        flops: floating-point operations of the contraction.
        entries: entries of its largest tensor.
    """

    squared: tuple[bool, ...] | None
    tree: Any
    flops: int
    entries: int

    def contract(self, arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
        """What the tensors contract to: amplitudes over the rows of all fragments, or a number."""
        return np.asarray(self.tree.contract(arrays))


def plan_loop(rows: Sequence[int], edges: Sequence[Mapping[Any, int]]) -> Loop:
    """The contraction of fragments on loops with the smallest largest tensor and, among small ones, the least work.

    Args:
        rows: for each fragment the dimension that its bra and ket share.
        edges: for each fragment the dimension of each of its edges.
    """
    if len(rows) > MANY or math.prod(rows) > MOST_AMPLITUDES:
        return _between_bra_and_ket(rows, edges)
    loops = (_amplitudes_first(rows, edges), _between_bra_and_ket(rows, edges))
    return min(loops, key=lambda loop: (max(loop.entries, SMALL_ENTRIES), loop.flops))


def _amplitudes_first(rows: Sequence[int], edges: Sequence[Mapping[Any, int]]) -> Loop:
    indices = [(("row", k), *dims) for k, dims in enumerate(edges)]
    sizes: dict[Hashable, int] = {("row", k): shared for k, shared in enumerate(rows)}
    for dims in edges:
        sizes |= dims
    return _loop(None, indices, tuple(("row", k) for k in range(len(rows))), sizes)


def _between_bra_and_ket(rows: Sequence[int], edges: Sequence[Mapping[Any, int]]) -> Loop:
    squared = tuple(math.prod(dims.values()) <= shared for shared, dims in zip(rows, edges, strict=True))
    indices: list[tuple[Hashable, ...]] = []
    sizes: dict[Hashable, int] = {("row", k): shared for k, shared in enumerate(rows)}
    for k, dims in enumerate(edges):
        bra, ket = (tuple((layer, name) for name in dims) for layer in ("bra", "ket"))
        indices += [bra + ket] if squared[k] else [(("row", k), *bra), (("row", k), *ket)]
        sizes |= dict(zip(bra + ket, (*dims.values(), *dims.values()), strict=True))
    return _loop(squared, indices, (), sizes)


def _loop(
    squared: tuple[bool, ...] | None,
    indices: Sequence[tuple[Hashable, ...]],
    output: tuple[Hashable, ...],
    sizes: Mapping[Hashable, int],
    slicing: bool = True,
    many: int = MANY,
) -> Loop:
    """The best path of a bounded search; without one where there are too many tensors, or too large ones for it."""
    if len(indices) <= many:
        with suppress(OverflowError):  # of dimensions beyond the range of floating-point numbers
            return _searched(squared, indices, output, sizes, slicing)
    orders = (tuple(range(len(indices))), tuple(_near(indices)))
    sweeps = [_Sweep(tuple(indices), output, sizes, order) for order in orders]
    flops, entries, sweep = min(((*sweep.cost(), sweep) for sweep in sweeps), key=lambda found: found[:2])
    return Loop(squared, sweep, flops, entries)


def _near(indices: Sequence[tuple[Hashable, ...]]) -> Iterator[int]:
    """Tensors in an order in which those that share an index are near each other."""
    owner: dict[Hashable, int] = {}
    graph = nx.Graph()
    graph.add_nodes_from(range(len(indices)))
    graph.add_edges_from((owner.setdefault(name, k), k) for k, own in enumerate(indices) for name in own)
    yield from nx.utils.reverse_cuthill_mckee_ordering(graph)


def _searched(
    squared: tuple[bool, ...] | None,
    indices: Sequence[tuple[Hashable, ...]],
    output: tuple[Hashable, ...],
    sizes: Mapping[Hashable, int],
    slicing: bool,
) -> Loop:
    """The cheapest of opt_einsum's greedy path and a bounded random search, or for many tensors cotengra's greedy path.

    Indices are fixed one value after another, so that no tensor on the way is larger than what goes in or comes out.
    """
    import cotengra
    import opt_einsum

    symbols = {name: opt_einsum.get_symbol(k) for k, name in enumerate(sizes)}
    inputs = [tuple(symbols[name] for name in own) for own in indices]
    result = tuple(symbols[name] for name in output)
    dims = {symbols[name]: size for name, size in sizes.items()}
    greedy = opt_einsum.paths.greedy([frozenset(own) for own in inputs], frozenset(result), dims)
    trees = [cotengra.ContractionTree.from_path(inputs, result, dims, path=greedy)]
    if len(inputs) <= MOST_REPEATED:
        search = cotengra.RandomGreedyOptimizer(REPEATS, seed=0, parallel=False)
        trees.append(cotengra.array_contract_tree(inputs, result, dims, optimize=search))
    else:
        trees.append(cotengra.array_contract_tree(inputs, result, dims, optimize="greedy"))
    tree = min(trees, key=lambda candidate: candidate.contraction_cost())
    largest = max(math.prod(dims[symbol] for symbol in own) for own in (*inputs, result))
    target = max(largest, SMALL_ENTRIES)
    if slicing and tree.max_size() <= MOST_SLICES * target:
        tree = tree.slice(target_size=target, seed=0)
    return Loop(squared, tree, COMPLEX_FLOPS * int(tree.contraction_cost()), int(tree.max_size()))


@dataclass(frozen=True, eq=False)
class _Sweep:
    """Tensors contracted one after another; for so many that a search takes too long.

    Attributes:
        indices: those of each tensor.
        output: those of the result.
        sizes: of all indices.
        order: the tensors in the order of their contraction.
    """

    indices: tuple[tuple[Hashable, ...], ...]
    output: tuple[Hashable, ...]
    sizes: Mapping[Hashable, int]
    order: tuple[int, ...]

    def get_ssa_path(self) -> list[tuple[int, int]]:
        """Pairs of tensors, as cotengra's trees give them."""
        number = len(self.indices)
        return [(number + k - 1 if k else self.order[0], self.order[k + 1]) for k in range(number - 1)]

    def cost(self) -> tuple[int, int]:
        """Real operations, and entries of the largest tensor that is made."""
        left = Counter(name for own in (*self.indices, self.output) for name in own)
        front: set[Hashable] = set()
        size, steps, largest = 1, 0, 1
        for number, own in enumerate(self.indices[k] for k in self.order):
            size *= math.prod(self.sizes[name] for name in own if name not in front)
            steps += size if number else 0
            front.update(own)
            left.subtract(own)
            done = [name for name in own if not left[name]]
            front.difference_update(done)
            size //= math.prod(self.sizes[name] for name in done)
            largest = max(largest, size if number else 1)
        return COMPLEX_FLOPS * steps, largest

    def contract(self, arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
        import cotengra

        tree = cotengra.ContractionTree.from_path(self.indices, self.output, self.sizes, ssa_path=self.get_ssa_path())
        return np.asarray(tree.contract(arrays))


def pairwise_order(indices: Sequence[Sequence[Hashable]], sizes: Mapping[Any, int]) -> list[tuple[int, int]]:
    """Pairs in which tensors on loops are contracted to a number; the k-th pair makes tensor ``len(indices) + k``.

    >>> pairwise_order([("a",), ("a",)], {"a": 2})
    [(0, 1)]
    """
    used = {name: sizes[name] for own in indices for name in own}
    loop = _loop(None, [tuple(own) for own in indices], (), used, slicing=False, many=MOST_SEARCHED)
    return [(int(first), int(second)) for first, second in loop.tree.get_ssa_path()]
