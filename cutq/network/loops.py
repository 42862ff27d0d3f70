"""Fragments on loops: the order of their contraction, found by cotengra and opt_einsum, which no other file imports."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

REPEATS = 32
"""Random greedy paths that are tried beside the greedy one; a bounded, seeded search."""


@dataclass(frozen=True, eq=False)
class Loop:
    """How the fragments of a core are contracted between bra and ket.

    Attributes:
        squared: for each fragment whether it enters as one tensor over its bra and ket indices, which is done where
            that is no larger than its amplitudes; else amplitudes enter twice, with their rows in common.
        tree: cotengra's contraction tree.
        flops: floating-point operations of the contraction, for one Pauli word.
        entries: entries of its largest tensor.
    """

    squared: tuple[bool, ...]
    tree: Any
    flops: int
    entries: int

    def value(self, arrays: Sequence[NDArray[Any]]) -> complex:
        """The number that the tensors contract to: for each fragment its square, or its bra and its ket."""
        return complex(self.tree.contract(arrays))


def plan_loop(rows: Sequence[int], edges: Sequence[Mapping[Any, int]]) -> Loop:
    """The contraction of fragments on loops.

    Args:
        rows: for each fragment the dimension that its bra and ket share.
        edges: for each fragment the dimension of each of its edges.
    """
    squared = tuple(math.prod(dims.values()) <= shared for shared, dims in zip(rows, edges, strict=True))
    indices: list[tuple[Hashable, ...]] = []
    sizes: dict[Hashable, int] = {("row", k): shared for k, shared in enumerate(rows)}
    for k, dims in enumerate(edges):
        bra, ket = (tuple((layer, name) for name in dims) for layer in ("bra", "ket"))
        indices += [bra + ket] if squared[k] else [(("row", k), *bra), (("row", k), *ket)]
        sizes |= dict(zip(bra + ket, (*dims.values(), *dims.values()), strict=True))
    tree = _tree(indices, sizes)
    return Loop(squared, tree, 8 * int(tree.contraction_cost()), int(tree.max_size()))


def _tree(indices: Sequence[tuple[Hashable, ...]], sizes: Mapping[Hashable, int]) -> Any:
    """The cheaper of opt_einsum's greedy path and a bounded random search."""
    import cotengra
    import opt_einsum

    symbols = {name: opt_einsum.get_symbol(k) for k, name in enumerate(sizes)}
    inputs = [tuple(symbols[name] for name in own) for own in indices]
    dims = {symbols[name]: size for name, size in sizes.items()}
    greedy = opt_einsum.paths.greedy([frozenset(own) for own in inputs], frozenset(), dims)
    search = cotengra.RandomGreedyOptimizer(REPEATS, seed=0)
    trees = (
        cotengra.ContractionTree.from_path(inputs, (), dims, path=greedy),
        cotengra.array_contract_tree(inputs, (), dims, optimize=search),
    )
    return min(trees, key=lambda tree: tree.contraction_cost())
