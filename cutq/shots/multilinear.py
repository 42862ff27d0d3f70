"""Sums of contractions of one tensor network with different tensors at its nodes, and their environments.

Every quantity is such a sum: a term picks one tensor at each node, the leg tensor of a word or a derivative at a
fragment, the transfer matrix of a cut or its derivative at a bond. All terms are contracted together, as batches of
matrix products, and one pass back gives the environment of every node.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cutq.network.legspace import Reals
from cutq.network.loops import pairwise_order

Labels = tuple[int, ...]

MOST_BATCH = 2**22
"""Entries of the largest tensor of a batch up to which terms are contracted together."""


@dataclass(frozen=True)
class Step:
    """One product; factors are numbered nodes first, then products in their order.

    Attributes:
        left, right: the factors.
        left_axes: the axes of the left one, those that stay first, then those that are summed.
        right_axes: the axes of the right one, those that are summed first.
        shared: how many indices are summed.
        kept: the indices of the product.
    """

    left: int
    right: int
    left_axes: tuple[int, ...]
    right_axes: tuple[int, ...]
    shared: int
    kept: Labels


@dataclass(frozen=True)
class Tree:
    """An order of contraction.

    Attributes:
        labels: the indices of each node.
        sizes: the size of each index.
        steps: for each product its two factors, the axes that each keeps and those that are summed.
    """

    labels: tuple[Labels, ...]
    sizes: tuple[int, ...]
    steps: tuple[Step, ...]

    @property
    def largest(self) -> int:
        """Entries of the largest tensor of one term."""
        return max(
            (math.prod(self.sizes[i] for i in own) for own in (*self.labels, *(s.kept for s in self.steps))), default=1
        )


@lru_cache(maxsize=256)
def plan_tree(labels: tuple[Labels, ...], sizes: tuple[int, ...]) -> Tree:
    """The order in which tensors with these indices are contracted to a number.

    >>> plan_tree(((0,), (0, 1), (1,)), (4, 4)).largest
    16
    """
    pairs = pairwise_order(labels, dict(enumerate(sizes))) if len(labels) > 1 else []
    own, steps = list(labels), list[Step]()
    for left, right in pairs:
        shared = [i for i in own[left] if i in own[right]]
        first, last = ([i for i in own[k] if i not in shared] for k in (left, right))
        left_axes = tuple(own[left].index(i) for i in (*first, *shared))
        right_axes = tuple(own[right].index(i) for i in (*shared, *last))
        own.append((*first, *last))
        steps.append(Step(left, right, left_axes, right_axes, len(shared), own[-1]))
    return Tree(labels, sizes, tuple(steps))


def contract(tree: Tree, tensors: Sequence[Reals]) -> Reals:
    """The value of each term, (terms,), from tensors (terms or 1, sizes of the node's indices ...)."""
    return _forward(tree, tensors)[-1].reshape(-1)


def contract_and_environments(tree: Tree, tensors: Sequence[Reals]) -> tuple[Reals, list[Reals]]:
    """The value of each term, and for each node the derivative of each term's value by its tensor.

    Returns:
        (terms,), and for each node (terms, sizes of its indices ...).
    """
    found = _forward(tree, tensors)
    values = found[-1].reshape(-1)
    back: list[Reals | None] = [None] * len(found)
    back[-1] = np.ones_like(found[-1])
    for number in range(len(tree.steps) - 1, -1, -1):
        step = tree.steps[number]
        own = back[len(tree.labels) + number]
        assert own is not None
        back[step.left], back[step.right] = _pulled(step, own, found[step.left], found[step.right])
    count = len(values)
    return values, [np.broadcast_to(b, (count, *b.shape[1:])) for b in back[: len(tree.labels)] if b is not None]


def _forward(tree: Tree, tensors: Sequence[Reals]) -> list[Reals]:
    found = list(tensors) or [np.ones(1)]
    for step in tree.steps:
        left, right, shape = _matrices(step, found[step.left], found[step.right])
        product = np.matmul(left, right)
        found.append(product.reshape(len(product), *shape))
    return found


def _matrices(step: Step, left: Reals, right: Reals) -> tuple[Reals, Reals, tuple[int, ...]]:
    """The two factors as batches of matrices, and the shape of their product."""
    one = left.transpose(0, *(1 + a for a in step.left_axes))
    two = right.transpose(0, *(1 + a for a in step.right_axes))
    stay = one.ndim - step.shared
    outer, inner = one.shape[1:stay], one.shape[stay:]
    other = two.shape[1 + step.shared :]
    size = math.prod(inner)
    return (
        one.reshape(len(one), math.prod(outer), size),
        two.reshape(len(two), size, math.prod(other)),
        (*outer, *other),
    )


def _pulled(step: Step, own: Reals, left: Reals, right: Reals) -> tuple[Reals, Reals]:
    """The derivatives by the two factors from that by their product."""
    one, two, _ = _matrices(step, left, right)
    matrix = own.reshape(len(own), one.shape[1], two.shape[2])
    by_left = np.matmul(matrix, two.transpose(0, 2, 1))
    by_right = np.matmul(one.transpose(0, 2, 1), matrix)
    return _back(by_left, left, step.left_axes), _back(by_right, right, step.right_axes)


def _back(matrix: Reals, like: Reals, axes: tuple[int, ...]) -> Reals:
    shape = tuple(like.shape[1 + a] for a in axes)
    order = np.argsort(axes)
    return np.ascontiguousarray(matrix.reshape(len(matrix), *shape).transpose(0, *(1 + order)))


def gathered(stacks: Sequence[Reals], terms: NDArray[np.int64]) -> list[Reals]:
    """For each node the tensors that the terms pick from its stack; one for all where they all pick the same."""
    found = []
    for node, stack in enumerate(stacks):
        picked = terms[:, node]
        same = len(picked) and bool((picked == picked[0]).all())
        found.append(stack[picked[:1]] if same else stack[picked])
    return found
