"""The seven problems as inputs of one encoder: rows of copies of sixteen numbers between 0 and 1, with labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutq.compose.physics import ising_states
from experiments.harness import needed

Reals = NDArray[np.float64]
Labels = NDArray[np.int64]

INPUTS = 16
"""Numbers that a copy of the encoder takes: four qubits, four times."""

RELATED = ("digits", "even_odd", "three_eight")
PROBLEMS = (*RELATED, "parity", "phase", "circles", "wine")
"""Related to the digits that encoders were trained on, and not."""

SOURCE_ROWS = 597
"""Images that encoders are trained on beforehand; no problem has any of them."""

BITS, SITES, SNAPSHOTS = 8, 8, 4
"""Of parity; of the Ising chain, and measurements of its state in each of two bases."""


@dataclass(frozen=True, eq=False)
class Part:
    """Rows of a problem.

    Attributes:
        raw: what a model without a module sees, (rows, numbers), from 0 to 1.
        inputs: the same for copies of the encoder, (rows, copies, 16); numbers are repeated to fill a copy.
        labels: (rows,), from 0.
    """

    raw: Reals
    inputs: Reals
    labels: Labels


@dataclass(frozen=True, eq=False)
class Problem:
    """What is learned, and what it is judged by.

    Attributes:
        classes: how many.
        train, test: parts.
    """

    classes: int
    train: Part
    test: Part

    @property
    def copies(self) -> int:
        """Copies of the encoder side by side."""
        return self.train.inputs.shape[1]

    @property
    def outputs(self) -> int:
        """Logits of a head: one for two classes."""
        return 1 if self.classes == 2 else self.classes


@cache
def problem(name: str, seed: int) -> Problem:
    """A problem with the rows that a seed draws for it.

    >>> found = problem("parity", 0)
    >>> found.classes, found.train.inputs.shape, found.outputs
    (2, (128, 2, 16), 1)
    """
    return _MADE[name](np.random.default_rng([seed, PROBLEMS.index(name)]), seed)


def chance(name: str, seed: int) -> float:
    """The share of test rows in the class that is most frequent among those to learn from."""
    found = problem(name, seed)
    return float((found.test.labels == np.bincount(found.train.labels).argmax()).mean())


# --- digits ---


@cache
def source(seed: int) -> Problem:
    """The ten digits on images that no problem of this seed has; there is no test."""
    images, labels = _digits()
    chosen = _order(seed)[:SOURCE_ROWS]
    part = _images(images[chosen], labels[chosen])
    return Problem(10, part, part)


def _digits() -> tuple[Reals, Labels]:
    found = needed("sklearn.datasets", "experiments").load_digits()
    return found.images / 16.0, found.target.astype(np.int64)


def _order(seed: int) -> NDArray[np.int64]:
    return np.random.default_rng([seed, 99]).permutation(1797)


def _images(images: Reals, labels: Labels) -> Part:
    """Four quarters of 4 x 4 pixels are the copies."""
    quarters = images.reshape(-1, 2, 4, 2, 4).transpose(0, 1, 3, 2, 4).reshape(-1, 4, INPUTS)
    return Part(images.reshape(len(images), -1), quarters, labels)


def _of_digits(
    rows: int, classes: int, named: Callable[[Labels], Labels], kept: tuple[int, ...]
) -> Callable[[Any, int], Problem]:
    """So many rows to learn from, at most 400 others to be judged by."""

    def made(rng: np.random.Generator, seed: int) -> Problem:
        images, labels = _digits()
        own = rng.permutation(_order(seed)[SOURCE_ROWS:])
        own = own[np.isin(labels[own], kept)]
        parts = (own[:rows], own[rows : rows + 400])
        return Problem(classes, *(_images(images[one], named(labels[one])) for one in parts))

    return made


# --- others ---


def _parity(rng: np.random.Generator, seed: int) -> Problem:
    """Half of all strings of eight bits, and the other half; four bits for each of two copies."""
    strings = rng.permutation(2**BITS)
    bits = (strings[:, None] >> np.arange(BITS) & 1).astype(float)
    return _halved(2, bits, bits.reshape(-1, 2, BITS // 2), bits.sum(axis=1).astype(int) % 2, 2 ** (BITS - 1))


def _phase(rng: np.random.Generator, seed: int) -> Problem:
    """Whether the field of an Ising chain is below 1, from four snapshots of its ground state along Z and four along X.

    The numbers are the means of X on each site, and of ZZ on each bond and between the ends.
    """
    fields = rng.uniform(0.5, 1.5, 550)
    states = ising_states(SITES, fields)
    z, x = (_snapshots(rng, one) for one in (states, _turned(states)))
    means = np.stack([x.mean(axis=1), (z * np.roll(z, -1, axis=2)).mean(axis=1)], axis=1)
    given = (1 + means) / 2
    return _halved(2, given.reshape(len(fields), -1), given, (fields < 1).astype(int), 150)


def _turned(states: Reals) -> Reals:
    """Hadamard gates on all sites."""
    for site in range(SITES):
        pairs = states.reshape(len(states), 2**site, 2, -1)
        states = np.stack([pairs[:, :, 0] + pairs[:, :, 1], pairs[:, :, 0] - pairs[:, :, 1]], axis=2) / np.sqrt(2)
    return states.reshape(len(states), -1)


def _snapshots(rng: np.random.Generator, states: Reals) -> Reals:
    """Outcomes 1 and -1, (rows, snapshots, sites)."""
    ends = np.cumsum(states.reshape(len(states), -1) ** 2, axis=1)
    draws = rng.uniform(0, ends[:, -1:], (len(states), SNAPSHOTS))
    drawn = np.stack([np.searchsorted(*pair, side="right") for pair in zip(ends, draws, strict=True)])
    return 1.0 - 2.0 * (drawn[..., None] >> np.arange(SITES)[::-1] & 1)


def _circles(rng: np.random.Generator, seed: int) -> Problem:
    """Points of a square, and whether they are in the circle of half its area."""
    points = rng.uniform(-1, 1, (550, 2))
    inside = (points**2).sum(axis=1) < 2 / np.pi
    return _halved(2, (1 + points) / 2, (1 + points[:, None]) / 2, inside.astype(int), 150)


def _wine(rng: np.random.Generator, seed: int) -> Problem:
    """Three cultivars by 13 quantities, each between the extremes of the rows to learn from."""
    found = needed("sklearn.datasets", "experiments").load_wine()
    order, rows = rng.permutation(len(found.target)), len(found.target) // 2
    low, high = found.data[order[:rows]].min(axis=0), found.data[order[:rows]].max(axis=0)
    given = np.clip((found.data[order] - low) / (high - low), 0, 1)
    return _halved(3, given, given[:, None], found.target[order], rows)


def _halved(classes: int, raw: Reals, copies: Reals, labels: Any, rows: int) -> Problem:
    """The first rows to learn from; the numbers of a copy are repeated until there are sixteen."""
    inputs = np.take(copies, np.arange(INPUTS) % copies.shape[2], axis=2)
    parts = (slice(rows), slice(rows, None))
    return Problem(classes, *(Part(raw[one], inputs[one], labels[one].astype(np.int64)) for one in parts))


_MADE: dict[str, Callable[[np.random.Generator, int], Problem]] = {
    "digits": _of_digits(300, 10, lambda labels: labels, tuple(range(10))),
    "even_odd": _of_digits(200, 2, lambda labels: labels % 2, tuple(range(10))),
    "three_eight": _of_digits(100, 2, lambda labels: (labels == 8).astype(np.int64), (3, 8)),
    "parity": _parity,
    "phase": _phase,
    "circles": _circles,
    "wine": _wine,
}
