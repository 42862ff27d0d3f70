"""One line on a terminal that says where a search is, rewritten while it runs and wiped at its end."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TextIO

from cutq.search.options import Listener, Progress

INTERVAL = 0.1
"""Seconds from line to line; searches that take less show none."""
COLUMNS = 80
"""Width of terminals that do not tell theirs."""
WIPE = "\r\x1b[K"
"""Takes a terminal back to the beginning of an empty line."""


@contextmanager
def progress_line(seconds: float, stream: TextIO | None = None) -> Iterator[Listener | None]:
    """Who listens to the searches made meanwhile, which take this many seconds together; nobody without a terminal.

    The stream is the standard one for errors unless another is named.
    """
    out = sys.stderr if stream is None else stream
    if not out.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    try:
        yield _Line(out, seconds)
    finally:
        out.write(WIPE)
        out.flush()


class _Line:
    """A listener that writes; it counts its own time, since one command may search several times."""

    def __init__(self, out: TextIO, limit: float) -> None:
        self.out, self.limit, self.start = out, limit, monotonic()
        self.written = self.start

    def __call__(self, progress: Progress) -> None:
        now = monotonic()
        if now - self.written >= INTERVAL:
            self.written = now
            line = progress_text(progress, now - self.start, self.limit)
            self.out.write(f"{WIPE}{line[: _columns(self.out) - 1]}")
            self.out.flush()


def progress_text(progress: Progress, seconds: float, limit: float) -> str:
    """Progress in words.

    >>> progress_text(Progress("annealing", 1.0, 5.0, 50.0, 35.0), 3.21, 10.0)
    'annealing: 3.2 of 10 s, cost 50, bound 35'
    >>> progress_text(Progress("beams of 1 states", 0.1, 5.0), 0.1, 5.0)
    'beams of 1 states: 0.1 of 5 s, no plan yet'
    """
    known = math.isfinite(progress.cost)
    costs = f"cost {progress.cost:.6g}, bound {progress.bound:.6g}" if known else "no plan yet"
    return f"{progress.stage}: {seconds:.1f} of {limit:g} s, {costs}"


def _columns(out: TextIO) -> int:
    try:
        return os.get_terminal_size(out.fileno()).columns or COLUMNS
    except (OSError, ValueError):
        return COLUMNS
