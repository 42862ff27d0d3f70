"""Two sides of a comparison: timed in turn, counted, or with the spread of their errors."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.table import LEAST_SECONDS
from experiments.harness import CONFIDENCE, Median, median

Step = Callable[[], object]
RESAMPLED = 2000
"""Bootstrap samples of a ratio of errors."""


@dataclass(frozen=True)
class Beside:
    """What a comparison gives.

    Attributes:
        ours, theirs: the two numbers, medians where they are times; theirs is nan where it is still to be read.
        ratio: theirs / ours, with an interval; None where there is none.
        difference: of the two sides' values, where both have one.
        remark: what else is to be said, such as that no answer came.
        ours_once, theirs_once: seconds that are spent once before: compiling or searching, and a first call.
    """

    ours: float
    theirs: float
    ratio: Median | None
    difference: float | None = None
    remark: str = ""
    ours_once: float | None = None
    theirs_once: float | None = None


def spent(step: Step) -> float:
    """CPU seconds of one call."""
    return _mean(step, 1)


def timed(ours: Step, theirs: Step | None, rounds: int, peer_rounds: int, difference: float | None = None) -> Beside:
    """CPU seconds of both steps; in turn where both are measured as often, so that a busy computer slows both.

    A peer that is measured once is not run before, so that its time is that of a first call; of no peer, the ratio is
    that of a number that is still to be read.
    """
    count = _calls(ours)
    if theirs is None or peer_rounds == 0:
        mine = median([_mean(ours, count) for _ in range(rounds)])
        return Beside(mine.value, math.nan, Median(1 / mine.value, 1 / mine.high, 1 / mine.low), difference)
    if peer_rounds == 1:
        other, own = spent(theirs), statistics.median(_mean(ours, count) for _ in range(rounds))
        return Beside(own, other, once(other / own))
    calls = _calls(theirs)
    pairs = [(_mean(ours, count), _mean(theirs, calls)) for _ in range(min(rounds, peer_rounds))]
    left, right = (statistics.median(column) for column in zip(*pairs, strict=True))
    return Beside(left, right, median([b / a for a, b in pairs]), difference)


def _calls(step: Step) -> int:
    """How many calls fill a measurement, after a first one; a step that takes long is not called again to find out."""
    if _mean(step, 1) > 1.0:
        return 1
    return max(1, round(LEAST_SECONDS / max(_mean(step, 1), 1e-7)))


def _mean(step: Step, calls: int) -> float:
    start = time.process_time()
    for _ in range(calls):
        step()
    return (time.process_time() - start) / calls


def once(ratio: float) -> Median:
    """A ratio that was measured once, and has no interval."""
    return Median(ratio, math.nan, math.nan)


def counted(ours: float, theirs: float, remark: str = "") -> Beside:
    """Two numbers that are known exactly."""
    exact = theirs / ours
    return Beside(ours, theirs, Median(exact, exact, exact), remark=remark)


def errors(ours: Sequence[float], theirs: Sequence[float], seed: int) -> Beside:
    """Root mean squared errors from the squared errors of single estimates; the interval is a bootstrap's."""
    rng = np.random.default_rng(seed)
    samples = [_resampled(side, rng) for side in (theirs, ours)]
    low, high = np.quantile(samples[0] / samples[1], [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    left, right = (math.sqrt(np.mean(side)) for side in (ours, theirs))
    return Beside(left, right, Median(right / left, float(low), float(high)))


def _resampled(squares: Sequence[float], rng: np.random.Generator) -> np.ndarray:
    """Root mean squares of samples with replacement."""
    return np.sqrt(rng.choice(np.asarray(squares), (RESAMPLED, len(squares))).mean(axis=1))
