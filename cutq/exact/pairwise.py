"""One pairwise contraction as a product of matrices, and the order of axes that moves least data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]

Labels = tuple[int, ...]
"""The indices of a tensor's axes, as small numbers."""


@dataclass(frozen=True)
class Contraction:
    """A pairwise contraction, as the matrix product ``out[m, n] = sum_k a[m, k] b[k, n]``.

    Attributes:
        a_shape, b_shape, out_shape: as the tensors are stored.
        a_axes: the permutation of a's axes to (axes that stay, contracted axes).
        b_axes: the permutation of b's axes to (contracted axes, axes that stay).
        out_axes: the permutation of (axes of a, axes of b) to the stored axes of the result.
        m, k, n: the sizes of the matrices.
    """

    a_shape: tuple[int, ...]
    b_shape: tuple[int, ...]
    out_shape: tuple[int, ...]
    a_axes: tuple[int, ...]
    b_axes: tuple[int, ...]
    out_axes: tuple[int, ...]
    m: int
    k: int
    n: int

    @property
    def matrix_shape(self) -> tuple[int, ...]:
        """The shape of (axes of a that stay, axes of b that stay), before ``out_axes``."""
        shape = [0] * len(self.out_shape)
        for axis, size in zip(self.out_axes, self.out_shape, strict=True):
            shape[axis] = size
        return tuple(shape)


@lru_cache(maxsize=4096)
def contraction(
    x: Labels, y: Labels, target: Labels | None, sizes: tuple[int, ...]
) -> tuple[Contraction, bool, Labels]:
    """The contraction of two tensors that permutes least, whether y comes first in it, and the axes of its result."""
    shared = [label for label in x if label in y]
    options = []
    for a, b, swapped in ((x, y, False), (y, x, True)):
        for contracted in (shared, [label for label in y if label in shared]):
            stay_a, stay_b = ([label for label in one if label not in shared] for one in (a, b))
            joined = (*stay_a, *stay_b)
            result = joined if target is None else target
            orders = ((a, (*stay_a, *contracted)), (b, (*contracted, *stay_b)), (joined, result))
            moved = sum(math.prod(sizes[label] for label in old) for old, new in orders if old != new)
            options.append((moved, swapped, orders, [math.prod(sizes[i] for i in s) for s in (stay_a, shared, stay_b)]))
    _, swapped, orders, (m, k, n) = min(options, key=lambda option: option[:2])
    a_axes, b_axes, out_axes = (tuple(old.index(label) for label in new) for old, new in orders)
    result = orders[2][1]
    a_shape, b_shape, shape = (tuple(sizes[i] for i in labels) for labels in (orders[0][0], orders[1][0], result))
    return Contraction(a_shape, b_shape, shape, a_axes, b_axes, out_axes, m, k, n), swapped, result


def places(one: Contraction) -> tuple[IntArray, IntArray, IntArray]:
    """For each entry of the matrices of a, b and out its place in the stored tensor."""
    a, b, out = (
        np.arange(math.prod(shape)).reshape(shape).transpose(axes).reshape(-1)
        for shape, axes in (
            (one.a_shape, one.a_axes),
            (one.b_shape, one.b_axes),
            (one.out_shape, np.argsort(one.out_axes).tolist()),
        )
    )
    return a, b, out
