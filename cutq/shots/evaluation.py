"""From data to quantities: leg tensors, their contraction, and the covariance of what comes out.

The covariance is that of first order (the delta method), with the exact covariance of everything that was read from one
circuit; and, unbiased, that of the doubled network, in which each fragment is a tensor over two copies of its legs.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cutq.network.legspace import Reals
from cutq.shots.experiment import Experiment
from cutq.shots.fit import Fit, fit
from cutq.shots.moments import Moments
from cutq.shots.multilinear import MOST_BATCH, contract, contract_and_environments, gathered, plan_tree

MOST_DOUBLED = 2**24
"""Entries of the doubled tensors, for all pairs of terms together, up to which the unbiased covariance is computed."""


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """How quantities depend on the data of one tomography, to first order.

    Attributes:
        rows: the quantities that do, (rows,).
        weights: what one unit of each datum changes in them, (rows, variants, outcomes, words).
    """

    rows: NDArray[np.int64]
    weights: Reals

    @property
    def flat(self) -> Reals:
        """(rows, variants, outcomes * words)."""
        rows, variants, outcomes, words = self.weights.shape
        return self.weights.reshape(rows, variants, outcomes * words)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Quantities from data.

    Attributes:
        values: the quantities, (quantities,).
        sensitivities: for each tomography how they depend on its data.
        tensors: for each tomography its leg tensors, (words, entries).
        fits: for each tomography its fit.
    """

    values: Reals
    sensitivities: tuple[Sensitivity, ...]
    tensors: tuple[Reals, ...]
    fits: tuple[Fit, ...]


def fits(asked: Experiment, data: Sequence[Moments]) -> tuple[Fit, ...]:
    """The fits for the shots of these data."""
    return tuple(fit(one, own.shots) for one, own in zip(asked.tomographies, data, strict=True))


def evaluate(asked: Experiment, data: Sequence[Moments], by: Sequence[Fit]) -> Evaluation:
    """The quantities, and how they depend on the data."""
    tensors = tuple(one.tensors(own) for one, own in zip(by, data, strict=True))
    values, environments = _contracted(asked, reading_stacks(asked, tensors))
    seen = sensitivities(_by_tomography(asked, environments, tensors), by)
    return Evaluation(asked.constants + values, seen, tensors, tuple(by))


Derivative = tuple[NDArray[np.int64], Reals]
"""The quantities that see a tomography, (rows,), and their derivatives by its leg tensors, (rows, words, entries)."""


def derivatives(asked: Experiment, data: Sequence[Moments], by: Sequence[Fit]) -> list[Derivative]:
    """How the quantities depend on the leg tensors, tomography by tomography."""
    tensors = tuple(one.tensors(own) for one, own in zip(by, data, strict=True))
    _, environments = _contracted(asked, reading_stacks(asked, tensors))
    return _by_tomography(asked, environments, tensors)


def sensitivities(back: Sequence[Derivative], by: Sequence[Fit]) -> tuple[Sensitivity, ...]:
    """How quantities depend on data, from how they depend on leg tensors and these on data."""
    return tuple(
        Sensitivity(rows, np.einsum("kwp,wpvs->kvsw", own, one.inverse, optimize=True))
        for (rows, own), one in zip(back, by, strict=True)
    )


def reading_stacks(asked: Experiment, tensors: Sequence[Reals]) -> list[Reals]:
    """For each node the tensors that terms may pick, (tensors, sizes of its indices ...)."""
    found = []
    for f, readings in enumerate(asked.readings):
        shape = [asked.tree.sizes[i] for i in asked.tree.labels[f]]
        stack = [sum(factor * tensors[t][w] for t, w, factor in reading) for reading in readings]
        found.append(np.array(stack).reshape(len(stack), *shape))
    return [*found, *asked.bonds]


def _contracted(asked: Experiment, stacks: Sequence[Reals]) -> tuple[Reals, list[Reals]]:
    """The sums over terms, (quantities,), and their derivatives by the readings, (quantities, readings, entries)."""
    values = np.zeros(len(asked.weights))
    back = [
        np.zeros((len(values), len(stack), int(np.prod(stack.shape[1:])))) for stack in stacks[: len(asked.readings)]
    ]
    size = max(1, MOST_BATCH // asked.tree.largest)
    for start in range(0, len(asked.terms), size):
        terms, weights = asked.terms[start : start + size], asked.weights[:, start : start + size]
        own, environments = contract_and_environments(asked.tree, gathered(stacks, terms))
        values += weights @ np.broadcast_to(own, len(terms))
        for f, total in enumerate(back):
            found = environments[f].reshape(len(environments[f]), -1)
            for j in np.unique(terms[:, f]):
                picked = terms[:, f] == j
                rows = found[picked] if len(found) == len(terms) else np.repeat(found, picked.sum(), axis=0)
                total[:, j] += weights[:, picked] @ rows
    return values, back


def _by_tomography(asked: Experiment, environments: Sequence[Reals], tensors: Sequence[Reals]) -> list[Derivative]:
    """For each tomography the quantities that see it, and their derivatives by it, (rows, words, entries)."""
    parts: list[list[tuple[int, Reals]]] = [[] for _ in tensors]
    for own, readings in zip(environments, asked.readings, strict=True):
        for j, reading in enumerate(readings):
            for t, w, factor in reading:
                parts[t].append((w, factor * own[:, j]))
    found = []
    for part, own in zip(parts, tensors, strict=True):
        seen = np.zeros(len(asked.weights), dtype=bool)
        for _, derivative in part:
            seen |= derivative.any(axis=1)
        rows = np.flatnonzero(seen)
        total = np.zeros((len(rows), *own.shape))
        for w, derivative in part:
            total[:, w] += derivative[rows]
        found.append((rows, total))
    return found


def shot_covariance(own: Moments) -> Reals:
    """The unbiased covariance of the data of one shot, (variants, outcomes * words, outcomes * words)."""
    num_variants, num_outcomes, num_words = own.first.shape
    total = np.maximum(own.shots, 1)[:, None, None]
    size = num_outcomes * num_words
    found = np.zeros((num_variants, num_outcomes, num_words, num_outcomes, num_words))
    for s in range(num_outcomes):
        found[:, s, :, s, :] = own.second[:, s] / total
    mean = (own.first / total).reshape(num_variants, size)
    flat = found.reshape(num_variants, size, size) - mean[:, :, None] * mean[:, None, :]
    scale = np.where(own.shots > 1, own.shots / np.maximum(own.shots - 1, 1), 1.0)
    return np.asarray(flat * scale[:, None, None])


def first_order(asked: Experiment, data: Sequence[Moments], found: Evaluation) -> tuple[Reals, Reals]:
    """The covariance of first order, (quantities, quantities), and each tomography's part of the variances."""
    count = len(found.values)
    parts, total = np.zeros((len(data), count)), np.zeros((count, count))
    for t, (own, seen) in enumerate(zip(data, found.sensitivities, strict=True)):
        share = shot_covariance(own) / np.maximum(own.shots, 1)[:, None, None]
        moved = np.einsum("kvx,vxy->kvy", seen.flat, share, optimize=True)
        part = np.einsum("kvy,lvy->kl", moved, seen.flat, optimize=True)
        parts[t, seen.rows] = np.diagonal(part)
        total[np.ix_(seen.rows, seen.rows)] += part
    return (total + total.T) / 2, parts


def tensor_covariance(own: Moments, by: Fit) -> Reals:
    """The covariance of a tomography's leg tensors, (words, entries, words, entries)."""
    num_variants, num_outcomes, num_words = own.first.shape
    entries = by.inverse.shape[1]
    share = shot_covariance(own) / np.maximum(own.shots, 1)[:, None, None]
    share = share.reshape(num_variants, num_outcomes, num_words, num_outcomes * num_words)
    moved = np.matmul(by.inverse.transpose(2, 0, 1, 3), share.transpose(0, 2, 1, 3))
    moved = moved.reshape(num_variants, num_words, entries, num_outcomes, num_words).transpose(4, 1, 2, 0, 3)
    size = num_variants * num_outcomes
    right = by.inverse.reshape(num_words, entries, size).transpose(0, 2, 1)
    found: Reals = np.matmul(moved.reshape(num_words, num_words * entries, size), right)
    return found.reshape(num_words, num_words, entries, entries).transpose(1, 2, 0, 3)


def doubled(asked: Experiment, data: Sequence[Moments], found: Evaluation) -> Reals | None:
    """The unbiased covariance, (quantities, quantities): that of the doubled network; None where it is too large.

    With ``M_f = T_f (x) T_f`` estimated at each fragment without the noise of the pair, ``T_f (x) T_f - Cov_f``, the
    contraction is an unbiased estimate of the product of two values.
    """
    if _shared(asked):
        return None
    pairs = list(itertools.combinations_with_replacement(range(len(asked.terms)), 2))
    labels = asked.tree.labels
    sizes = tuple(size * size for size in asked.tree.sizes)
    tree = plan_tree(labels, sizes)
    if len(pairs) * tree.largest > MOST_DOUBLED:
        return None
    first, second = (asked.terms[[pair[k] for pair in pairs]] for k in (0, 1))
    covariances = [tensor_covariance(own, by) for own, by in zip(data, found.fits, strict=True)]
    stacks = reading_stacks(asked, found.tensors)
    squares = [_square(stack[first[:, n]], stack[second[:, n]]) for n, stack in enumerate(stacks)]
    noise = [_reading_noise(asked, f, covariances, first[:, f], second[:, f]) for f in range(len(asked.readings))]
    clean = [
        square - _fused(noise[f].reshape(square_shape(stacks[f], len(pairs)))) if f < len(noise) else square
        for f, square in enumerate(squares)
    ]
    found_pairs = contract(tree, squares) - contract(tree, clean)
    matrix = np.zeros((len(asked.terms), len(asked.terms)))
    for (i, j), value in zip(pairs, np.broadcast_to(found_pairs, len(pairs)), strict=True):
        matrix[i, j] = matrix[j, i] = value
    return np.asarray(asked.weights @ matrix @ asked.weights.T)


def _shared(asked: Experiment) -> bool:
    """Whether two fragments use the same data, so that their errors are correlated."""
    users = [{t for reading in readings for t, _, _ in reading} for readings in asked.readings]
    return sum(map(len, users)) > len(set().union(*users))


def square_shape(stack: Reals, count: int) -> tuple[int, ...]:
    """(pairs, sizes ..., sizes ...)."""
    return (count, *stack.shape[1:], *stack.shape[1:])


def _square(one: Reals, two: Reals) -> Reals:
    """The products of two tensors over fused pairs of indices."""
    count, shape = len(one), one.shape[1:]
    product = one.reshape(count, *shape, *(1,) * len(shape)) * two.reshape(count, *(1,) * len(shape), *shape)
    return _fused(product)


def _fused(product: Reals) -> Reals:
    """(pairs, i, j, ..., i', j', ...) as (pairs, i i', j j', ...)."""
    rank = (product.ndim - 1) // 2
    order = [axis for k in range(rank) for axis in (1 + k, 1 + rank + k)]
    sizes = [product.shape[1 + k] ** 2 for k in range(rank)]
    return product.transpose(0, *order).reshape(len(product), *sizes)


def _reading_noise(
    asked: Experiment, f: int, covariances: Sequence[Reals], first: np.ndarray, second: np.ndarray
) -> Reals:
    """The covariance of two readings of a fragment, (pairs, entries, entries)."""
    cache: dict[tuple[int, int], Reals] = {}
    size = covariances[f].shape[1]
    found = np.zeros((len(first), size, size))
    for k, (i, j) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        if (i, j) not in cache:
            parts = [
                a * b * covariances[t][w, :, x, :]
                for t, w, a in asked.readings[f][i]
                for u, x, b in asked.readings[f][j]
                if t == u
            ]
            cache[i, j] = np.sum(parts, axis=0) if parts else np.zeros((size, size))
        found[k] = cache[i, j]
    return found
