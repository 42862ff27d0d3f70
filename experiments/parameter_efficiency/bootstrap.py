"""Means and correlations with bootstrap intervals; the same samples give the same intervals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
DRAWS, OUTSIDE = 10_000, (2.5, 97.5)
"""Bootstrap samples, and the percentiles between which an interval is."""


@dataclass(frozen=True)
class Interval:
    """A number with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:+.3f} [{self.low:+.3f}, {self.high:+.3f}]"


def resampled(samples: Reals) -> Interval:
    """The mean of samples, one for each seed; the interval is that of the means of seeds drawn again.

    Differences that are paired by seed are samples too.

    >>> resampled(np.array([1.0, 1.0, 1.0]))
    Interval(value=1.0, low=1.0, high=1.0)
    """
    drawn = samples[_drawn(len(samples), DRAWS)].mean(axis=1)
    low, high = np.percentile(drawn, OUTSIDE)
    return Interval(float(samples.mean()), float(low), float(high))


@cache
def _drawn(count: int, draws: int) -> NDArray[np.int64]:
    """Which samples each bootstrap sample has, the same each time."""
    return np.random.default_rng(7).integers(count, size=(draws, count))


def rank_correlation(x: Reals, y: Reals) -> float:
    """Spearman's, with mean ranks for ties; nan where all are equal.

    >>> rank_correlation(np.array([1.0, 2.0, 3.0]), np.array([1.0, 9.0, 10.0]))
    1.0
    """
    a, b = _ranks(x), _ranks(y)
    spread = float(np.std(a) * np.std(b))
    return float(np.mean((a - a.mean()) * (b - b.mean())) / spread) if spread else float("nan")


def _ranks(values: Reals) -> Reals:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[place]


def correlated(x: Reals, table: Reals) -> Interval:
    """Spearman's correlation of x (forms,) with means over seeds of a table (forms, seeds).

    The interval is over forms and seeds that are drawn again, both.
    """
    rng, drawn = np.random.default_rng(8), []
    for _ in range(DRAWS // 5):
        forms, seeds = (rng.integers(size, size=size) for size in table.shape)
        drawn.append(rank_correlation(x[forms], table[forms][:, seeds].mean(axis=1)))
    ends = np.nanpercentile(drawn, OUTSIDE) if np.isfinite(drawn).any() else (float("nan"),) * 2
    return Interval(rank_correlation(x, table.mean(axis=1)), float(ends[0]), float(ends[1]))
