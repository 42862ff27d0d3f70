"""Programs: everything about a network and its observables that does not depend on parameters, made once."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutq.circuits.observable import Observable
from cutq.errors import ParameterError, TooLargeError
from cutq.exact import sweep, tape_kernels
from cutq.exact.alonestate import AloneState
from cutq.exact.groups import Group, Integers, Reals, State
from cutq.exact.lanestate import Each, LanePlan, LaneStates
from cutq.exact.reference import ReferenceState
from cutq.exact.tape import Tape
from cutq.exact.sums import WordSums
from cutq.network.contraction import size_text

ROW_BYTES = 2**28
"""Rows of parameters are run in batches of about this size."""

Pullback = Callable[[ArrayLike], NDArray[np.float64]]


class Source(Protocol):
    """Tensors that depend on parameters."""

    def start(self, params: Reals, data: Any) -> State:
        """Write the tensors for some rows of parameters to the data."""


@dataclass(frozen=True, eq=False)
class Constants:
    """Tensors that depend on no parameter: the entries of a row of data that they fill."""

    places: Integers
    entries: Any

    @classmethod
    def of(cls, tensors: Iterable[tuple[int, Any]]) -> Constants:
        """Pairs (offset, tensor)."""
        pairs = [(offset, np.asarray(tensor).ravel()) for offset, tensor in tensors]
        places = [offset + np.arange(tensor.size) for offset, tensor in pairs]
        return cls(
            np.concatenate([np.zeros(0, np.int64), *places]), np.concatenate([np.zeros(0), *(t for _, t in pairs)])
        )


@dataclass(frozen=True, eq=False)
class Plan:
    """What a program is made of.

    Attributes:
        parameters: names of the parameters, in order.
        groups: the fragments that are simulated, those of one shape together.
        sources: what else depends on parameters: couplings of cut gates, gates that are contracted one by one.
        constants: what does not.
        tape: the contraction.
        sums: how observables are made of the values of words.
        dtype: the type of the contraction's tensors: real where every leaf is a density.
    """

    parameters: tuple[str, ...]
    groups: tuple[Group, ...]
    sources: tuple[Source, ...]
    constants: Constants
    tape: Tape
    sums: WordSums
    dtype: np.dtype[Any] = np.dtype(float)


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
            if getattr(self, name) not in known:
                raise ParameterError(f"{name} is {known[0]!r} or {known[1]!r}, got {getattr(self, name)!r}")
        if not isinstance(self.threads, int) or self.threads < 1:
            raise ParameterError(f"threads is a whole number from 1, got {self.threads!r}")
        if not self.max_bytes > 0:
            raise ParameterError(f"max_bytes is a positive number of bytes, got {self.max_bytes!r}")

    @property
    def real(self) -> np.dtype[Any]:
        """The type of real and imaginary parts."""
        return np.dtype(np.float32 if self.dtype == "complex64" else np.float64)


class Program:
    """Values and derivatives of observables of a network, planned once by :func:`cutq.compile`, run often.

    Attributes:
        parameters: names of the parameters: the last axis of ``params`` and of derivatives.
        observables: the observables: the last axis of values.
    """

    def __init__(self, plan: Plan, settings: Settings, observables: tuple[Observable, ...]) -> None:
        self._plan, self._settings, self.observables = plan, settings, observables
        self.parameters = plan.parameters

    @property
    def plan(self) -> Plan:
        """What it is made of."""
        return self._plan

    def __call__(self, params: ArrayLike | None = None) -> NDArray[np.float64]:
        """The values, (..., observables), from parameters (..., parameters)."""
        rows, shape = self._rows(params)
        values = [self._run(batch).values for batch in self._batches(rows, 1)]
        return _joined(values, (*shape, len(self.observables)))

    def vjp(self, params: ArrayLike | None = None) -> tuple[NDArray[np.float64], Pullback]:
        """The values and the pullback, which takes weights (..., observables) to derivatives (..., parameters)."""
        rows, shape = self._rows(params)
        runs = [self._run(batch) for batch in self._batches(rows, 4)]
        values = _joined([run.values for run in runs], (*shape, len(self.observables)))

        def pullback(weights: ArrayLike) -> NDArray[np.float64]:
            array = np.array(weights, dtype=float)
            if array.shape != values.shape:
                raise ParameterError(f"a pullback takes weights of the shape of the values, {values.shape}, got {array.shape}")
            parts = np.split(array.reshape(-1, values.shape[-1]), np.cumsum([len(run.values) for run in runs])[:-1])
            pulled = [self._pull(run, part) for run, part in zip(runs, parts, strict=True)]
            return _joined(pulled, (*shape, len(self.parameters)))

        return values, pullback

    def value_and_jacobian(self, params: ArrayLike | None = None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The values, (..., observables), and their derivatives, (..., observables, parameters)."""
        values, pullback = self.vjp(params)
        columns = [pullback(np.broadcast_to(unit, values.shape)) for unit in np.eye(values.shape[-1])]
        empty = np.zeros((*values.shape[:-1], 0, len(self.parameters)))
        return values, np.stack(columns, axis=-2) if columns else empty

    # --- one batch of rows ---

    def _rows(self, params: ArrayLike | None) -> tuple[Reals, tuple[int, ...]]:
        """Parameters as (rows, parameters), and the leading shape."""
        array = checked_rows(self.parameters, params)
        rows = array.reshape(math.prod(array.shape[:-1]), len(self.parameters))
        # Compiled code takes one kind of array: contiguous and writable.
        return np.require(rows, requirements=["C", "W"]), array.shape[:-1]

    def _batches(self, rows: Reals, copies: int) -> Iterator[Reals]:
        each = copies * self._row_bytes
        if each > self._settings.max_bytes:
            raise TooLargeError(
                f"one evaluation needs {size_text(int(each))}, more than the {size_text(int(self._settings.max_bytes))} "
                "allowed; cut into narrower fragments or raise max_bytes"
            )
        step = max(1, int(min(ROW_BYTES, self._settings.max_bytes) // max(each, 1)))
        for start in range(0, len(rows), step):
            yield rows[start : start + step]

    def _run(self, params: Reals) -> Run:
        plan, tape = self._plan, self._plan.tape
        each = on_threads(self._settings.threads)
        data = np.zeros((len(params), tape.entries), plan.dtype)
        exponents = np.zeros((len(params), len(tape.shapes)), dtype=np.int64)
        data[:, plan.constants.places] = plan.constants.entries
        states = self._states(params, data, each) + [source.start(params, data) for source in plan.sources]
        self._sweep_forward(data, exponents, each)
        words = np.ones((len(params), plan.sums.num_words))
        for state in states:
            state.write_values(data, exponents, words)
        return Run(params, states, data, exponents, plan.sums.values(words))

    def _pull(self, run: Run, weights: Reals) -> Reals:
        out = np.zeros((len(run.params), len(self.parameters)))
        left = np.zeros_like(run.data)
        words = self._plan.sums.back(weights)
        bras = [state.pull(words, run.data, run.exponents, left) for state in run.states]
        self._sweep_backward(run, left)
        for state, bra in zip(run.states, bras, strict=True):
            state.push(bra, left, out)
        return out

    def _states(self, params: Reals, data: Reals, each: Each) -> list[State]:
        """The final states of all fragments, with their densities written to the data."""
        settings, groups = self._settings, self._plan.groups
        if settings.engine == "numpy":
            return [ReferenceState(group, params, data, np.dtype(settings.dtype)) for group in groups]
        found: list[State] = [AloneState(group, params, data, settings.real, each) for group in groups if group.placed.alone]
        if self._lane_plan.groups:
            found.append(LaneStates(self._lane_plan, params, data, each, settings.threads))
        return found

    @functools.cached_property
    def _row_bytes(self) -> int:
        return row_bytes(self._plan, self._settings)

    @functools.cached_property
    def _lane_plan(self) -> LanePlan:
        return LanePlan([group for group in self._plan.groups if not group.placed.alone], self._settings.real)

    def _sweep_forward(self, data: Reals, exponents: Integers, each: Each) -> None:
        tape = self._plan.tape
        if self._compiled:
            each(len(data), lambda lo, hi: tape_kernels.forward(tape, data, exponents, lo, hi))
        else:
            sweep.forward(tape, data, exponents)

    def _sweep_backward(self, run: Run, left: Reals) -> None:
        tape = self._plan.tape
        if self._compiled:
            tape_kernels.backward(tape, run.data, run.exponents, left, 0, len(left))
        else:
            sweep.backward(tape, run.data, run.exponents, left)

    @functools.cached_property
    def _compiled(self) -> bool:
        return self._settings.engine != "numpy" and self._plan.tape.small


@dataclass(frozen=True, eq=False)
class Run:
    """What an evaluation leaves for its pullback."""

    params: Reals
    states: list[State]
    data: Reals
    exponents: Integers
    values: Reals


def row_bytes(plan: Plan, settings: Settings) -> int:
    """Memory of one row of parameters: amplitudes and the tensors of the contraction."""
    amplitudes = sum(group.members << group.shape.num_bits for group in plan.groups)
    return 2 * settings.real.itemsize * amplitudes + plan.dtype.itemsize * plan.tape.entries


def checked_rows(parameters: Sequence[str], params: ArrayLike | None) -> NDArray[np.float64]:
    """Parameters with any leading axes, finite, (..., parameters)."""
    try:
        array = np.asarray([] if params is None else params, dtype=float)
    except (TypeError, ValueError, OverflowError) as cause:
        raise ParameterError(f"parameter values are an array of real numbers, got {str(params)[:80]}") from cause
    if array.ndim == 0 or array.shape[-1] != len(parameters):
        raise ParameterError(
            f"{len(parameters)} parameter values are needed on the last axis, but the given array has shape {array.shape}"
        )
    if not np.isfinite(array).all():
        where = np.argwhere(~np.isfinite(array))[0]
        raise ParameterError(
            f"parameter values are finite numbers, got {parameters[where[-1]]} = {array[tuple(where)]}"
        )
    return array


def _joined(parts: Sequence[Reals], shape: tuple[int, ...]) -> NDArray[np.float64]:
    return np.concatenate(parts).reshape(shape) if parts else np.zeros(shape)


def on_threads(threads: int) -> Each:
    """Runs ranges of work on so many threads; which thread does what never changes a result."""
    if threads == 1:
        return lambda count, work: work(0, count)
    return functools.partial(_each, _pool(threads), threads)


def _each(pool: Executor, threads: int, count: int, work: Callable[[int, int], None]) -> None:
    parts = max(1, min(threads, count))
    edges = [count * k // parts for k in range(parts + 1)]
    list(pool.map(work, edges[:-1], edges[1:]))


@functools.cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads)


