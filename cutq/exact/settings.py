"""How programs run: engine, precision, threads, memory."""

from __future__ import annotations

import functools
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from cutq.circuits.checks import is_one_of, is_whole, shown
from cutq.errors import ParameterError

Each = Callable[[int, Callable[[int, int], Any]], None]
"""Runs work on ranges (first, last) of so many pieces, on one thread or several."""


ADDRESSABLE = 2.0**62
"""Bytes that no memory has; limits above it are none."""


@dataclass(frozen=True)
class Settings:
    """How a program runs.

    Attributes:
        engine: "numba", or "numpy" for the readable reference.
        dtype: "complex128" or "complex64", of the fragments' amplitudes.
        threads: on how many threads.
        max_bytes: cap on memory.
    """

    engine: str = "numba"
    dtype: str = "complex128"
    threads: int = 1
    max_bytes: float = 4e9

    def __post_init__(self) -> None:
        for name, known in (("engine", ("numba", "numpy")), ("dtype", ("complex128", "complex64"))):
            if not is_one_of(getattr(self, name), known):
                raise ParameterError(f"{name} is {known[0]!r} or {known[1]!r}, got {shown(getattr(self, name))}")
        if not is_whole(self.threads) or self.threads < 1:
            raise ParameterError(f"threads is a whole number from 1, got {shown(self.threads)}")
        number = isinstance(self.max_bytes, Real) and not isinstance(self.max_bytes, bool)
        if not number or not self.max_bytes > 0:
            raise ParameterError(f"max_bytes is a positive number of bytes, got {shown(self.max_bytes)}")

    @property
    def real(self) -> np.dtype[Any]:
        """The type of real and imaginary parts."""
        return np.dtype(np.float32 if self.dtype == "complex64" else np.float64)


def on_threads(threads: int) -> Each:
    """Runs ranges of work on so many threads; which thread does what never changes a result."""
    if threads == 1:
        return lambda count, work: work(0, count)
    return functools.partial(_each, _pool(threads), threads)


def _each(pool: Executor, threads: int, count: int, work: Callable[[int, int], Any]) -> None:
    parts = max(1, min(threads, count))
    edges = [count * k // parts for k in range(parts + 1)]
    list(pool.map(work, edges[:-1], edges[1:]))


@functools.cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads)
