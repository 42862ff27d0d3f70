"""The harness of the benchmarks: two steps timed in turn in one run, and tables of what was measured."""

from __future__ import annotations

import contextlib
import os
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from threadpoolctl import threadpool_limits

LEAST_SECONDS = 0.02
"""A measurement repeats a short step for this long, far above the resolution of the clocks."""

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # read by libraries that are loaded later

Clock = Callable[[], float]
Step = Callable[[], object]


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Libraries that are loaded already use one thread inside; CPU time is then the time of that thread."""
    with threadpool_limits(1):
        yield


def seconds(step: Step, *, clock: Clock = time.process_time) -> float:
    """Seconds of one run of a step that is run once."""
    start = clock()
    step()
    return clock() - start


@dataclass(frozen=True)
class Pair:
    """Two steps measured in turn.

    Attributes:
        ours, theirs: medians, in seconds for one call.
        ratio: the median of theirs / ours over the rounds.
    """

    ours: float
    theirs: float
    ratio: float


def paired(ours: Step, theirs: Step, *, rounds: int = 5, clock: Clock = time.process_time) -> Pair:
    """Both steps timed in turn, after a first call of each that is not counted."""
    counts = [_calls(step, clock) for step in (ours, theirs)]
    rows = [(_mean(ours, counts[0], clock), _mean(theirs, counts[1], clock)) for _ in range(rounds)]
    left, right = (statistics.median(column) for column in zip(*rows, strict=True))
    return Pair(left, right, statistics.median(b / a for a, b in rows))


def median(step: Step, *, rounds: int = 5, clock: Clock = time.process_time) -> float:
    """Median seconds for one call of one step, after a first call that is not counted."""
    count = _calls(step, clock)
    return statistics.median(_mean(step, count, clock) for _ in range(rounds))


def _calls(step: Step, clock: Clock) -> int:
    """How many calls fill a measurement."""
    step()
    return max(1, round(LEAST_SECONDS / max(seconds(step, clock=clock), 1e-7)))


def _mean(step: Step, calls: int, clock: Clock) -> float:
    start = clock()
    for _ in range(calls):
        step()
    return (clock() - start) / calls


def peak_megabytes() -> float:
    """The largest memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def time_text(value: float) -> str:
    """Seconds in the unit that reads best.

    >>> time_text(4.1e-05), time_text(0.0123), time_text(75.0)
    ('41 us', '12.3 ms', '75 s')
    """
    for unit, scale in (("s", 1.0), ("ms", 1e-3)):
        if value >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value / 1e-6:.3g} us"


def at_least(measured: float, target: float) -> str:
    """The verdict on a figure that should be large.

    >>> at_least(2300, 1000), at_least(500, 1000)
    ('met (>= 1000)', 'missed (>= 1000)')
    """
    return f"{'met' if measured >= target else 'missed'} (>= {target:g})"


def at_most(measured: float, target: float) -> str:
    """The verdict on a figure that should be small."""
    return f"{'met' if measured <= target else 'missed'} (<= {target:g})"


@dataclass(frozen=True)
class Table:
    """A table that is printed row by row.

    Attributes:
        titles: the names of the columns, with commas between; the first column and the last are aligned left.
        first: width of the first column.
    """

    titles: str
    first: int = 16

    def head(self, what: str) -> Table:
        """Print what the table shows and the names of its columns."""
        print(f"\n{what}")
        self.row(*self.titles.split(","))
        return self

    def row(self, *cells: object) -> None:
        """Print one row; numbers with four digits."""
        texts = [f"{cell:.4g}" if isinstance(cell, float) else str(cell) for cell in cells]
        widths = [max(len(title), 9) for title in self.titles.split(",")]
        middle = [text.rjust(width) for text, width in zip(texts[1:-1], widths[1:-1], strict=True)]
        print(texts[0].ljust(self.first), *middle, texts[-1], sep="  ", flush=True)
