"""Two tasks: digits by their principal components, and signs of sums of products; training and test rows by seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from experiments.encoding.encodings import Reals
from experiments.harness import needed

TRAIN, TEST = 1257, 540
CLIP = 3.0
"""Standard deviations beyond which a feature of a circuit is cut off, lest angles wrap around."""

FLAT = 1e-6
"""Deviations that are smaller than the largest by this are none: some pixels are the same in all images."""


@dataclass(frozen=True, eq=False)
class Data:
    """Rows of a task; the first :data:`TRAIN` are those to learn from.

    Attributes:
        x: features (rows, features) with mean 0 and deviation 1 over the rows to learn from, clipped, for circuits.
        plain: the same features not clipped.
        scaled: the features in one unit, as they are, for kernels.
        labels: whole numbers (rows,).
    """

    x: Reals
    plain: Reals
    scaled: Reals
    labels: NDArray[np.int64]


@lru_cache(maxsize=8)
def data(name: str, features: int, seed: int) -> Data:
    """A task with its rows drawn by a seed."""
    scaled, labels = SOURCES[name](features, seed)
    deviation = scaled[:TRAIN].std(axis=0)
    kept = deviation > FLAT * deviation.max()
    plain = np.where(kept, (scaled - scaled[:TRAIN].mean(axis=0)) / np.where(kept, deviation, 1.0), 0.0)
    return Data(np.clip(plain, -CLIP, CLIP), plain, scaled, labels)


def _digits(features: int, seed: int) -> tuple[Reals, NDArray[np.int64]]:
    """Principal components of the 64 pixels, found on the rows to learn from; classes are equally divided."""
    found = needed("sklearn.datasets", "experiments").load_digits()
    train, test = needed("sklearn.model_selection", "experiments").train_test_split(
        np.arange(len(found.target)), train_size=TRAIN, test_size=TEST, stratify=found.target, random_state=seed
    )
    rows = np.concatenate([train, test])
    pixels = found.data[rows] - found.data[train].mean(axis=0)
    axes = np.linalg.svd(pixels[:TRAIN], full_matrices=False)[2]
    # The sign of an axis is a matter of rounding; its largest entry is made positive.
    axes *= np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])[:, None]
    return pixels @ axes[:features].T, found.target[rows].astype(np.int64)


def _products(features: int, seed: int) -> tuple[Reals, NDArray[np.int64]]:
    """Normal features; the sign of the sum of the products of those that are half of all apart."""
    x = np.random.default_rng([seed, features]).normal(size=(TRAIN + TEST, features))
    first, second = np.split(x, 2, axis=1)
    return x, (np.sum(first * second, axis=1) > 0).astype(np.int64)


SOURCES: dict[str, Callable[[int, int], tuple[Reals, NDArray[np.int64]]]] = {"digits": _digits, "products": _products}
"""The tasks by name."""
