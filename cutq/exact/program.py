"""Programs: everything about a network and its observables that does not depend on parameters, made once."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutq.circuits.checks import shown
from cutq.circuits.observable import Observable
from cutq.errors import ParameterError, TooLargeError
from cutq.exact import sweep, tape_kernels
from cutq.exact.alonestate import AloneState
from cutq.exact.apart import ApartState, densities_on, values_on
from cutq.exact.costs import Memory, copies, cost, memory
from cutq.exact.groups import Reals, State
from cutq.exact.lanestate import LanePlan, LaneStates
from cutq.exact.placing import Integers
from cutq.exact.plan import Plan
from cutq.exact.reference import ReferenceState
from cutq.exact.settings import Settings, on_threads
from cutq.network.contraction import size_text

BATCH_BYTES = 2**28
"""Rows of parameters are run in batches of about this size."""

EQUAL_ROWS = 8
"""Rows are handed to an executor in multiples of so many, so that each row meets the same lanes as without one."""

Pullback = Callable[[ArrayLike], NDArray[np.float64]]


class Program:
    """Values and derivatives of observables of a network, planned once by :func:`cutq.compile`, run often.

    Attributes:
        parameters: names of the parameters: the last axis of ``params`` and of derivatives.
        observables: the observables: the last axis of values.
        plan: what it is made of.
        settings: how it runs.
    """

    def __init__(self, plan: Plan, settings: Settings, observables: tuple[Observable, ...]) -> None:
        self.plan, self.settings, self.observables = plan, settings, observables
        self.parameters = plan.parameters

    def __call__(self, params: ArrayLike | None = None, *, executor: Executor | None = None) -> NDArray[np.float64]:
        """The values, (..., observables), from parameters (..., parameters).

        Args:
            params: the parameters, with any leading axes.
            executor: runs the fragments of each evaluation; the values are the same as without.
        """
        if executor is not None:
            check_executor(executor)
        rows, shape = self._rows(params)
        values = [self._run(batch, 1, executor).values for batch in self._batches(rows, 1)]
        return _joined(values, (*shape, len(self.observables)))

    def vjp(self, params: ArrayLike | None = None) -> tuple[NDArray[np.float64], Pullback]:
        """The values and the pullback, which takes weights (..., observables) to derivatives (..., parameters)."""
        rows, shape = self._rows(params)
        batches = list(self._batches(rows, GRADIENT_COPIES))
        kept = len(rows) * self._memory(GRADIENT_COPIES).together <= self.settings.max_bytes or len(batches) == 1
        runs = [self._run(batch, GRADIENT_COPIES) for batch in batches] if kept else []
        parts = (
            [run.values for run in runs] if kept else [self._run(batch, GRADIENT_COPIES).values for batch in batches]
        )
        values = _joined(parts, (*shape, len(self.observables)))

        def pullback(weights: ArrayLike) -> NDArray[np.float64]:
            left, pulled, first = _weights(weights, values.shape), [], 0
            for k, batch in enumerate(batches):
                # States of more rows than memory holds are made again.
                run = runs[k] if kept else self._run(batch, GRADIENT_COPIES)
                pulled.append(self._pull(run, left[first : first + len(batch)]))
                first += len(batch)
            return _joined(pulled, (*shape, len(self.parameters)))

        return values, pullback

    def value_and_jacobian(self, params: ArrayLike | None = None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The values, (..., observables), and their derivatives, (..., observables, parameters)."""
        values, pullback = self.vjp(params)
        columns = [pullback(np.broadcast_to(unit, values.shape)) for unit in np.eye(values.shape[-1])]
        empty = np.zeros((*values.shape[:-1], 0, len(self.parameters)))
        return values, np.stack(columns, axis=-2) if columns else empty

    def map(self, params: ArrayLike, *, executor: Executor) -> NDArray[np.float64]:
        """The values of a batch, (..., observables) from (..., parameters), its rows spread over an executor."""
        check_executor(executor)
        rows, shape = self._rows(params)
        step = EQUAL_ROWS * max(1, -(-len(rows) // (EQUAL_ROWS * 32)))
        tasks = [executor.submit(self, rows[start : start + step]) for start in range(0, len(rows), step)]
        return _joined([task.result() for task in tasks], (*shape, len(self.observables)))

    def describe(self) -> Description:
        """What one evaluation does and takes, from the plan alone."""
        plan, work = self.plan, cost(self.plan)
        groups = tuple(
            (group.members, group.shape.width, group.digits, len(group.shape.ops), group.placed.alone)
            for group in plan.groups
        )
        steps = [plan.tape.contractions[kind] for kind in plan.tape.steps[:, 0]]
        need = memory(plan, self.settings, 1)
        return Description(
            "gates" if plan.dtype == np.dtype(complex) else "fragments",
            groups,
            sum(len(source.places) for source in copies(plan)),
            len(plan.sums.words),
            len(steps),
            max((max(one.m * one.n, one.m * one.k, one.k * one.n) for one in steps), default=1),
            work.amplitude_flops,
            work.density_flops,
            work.contraction_flops,
            int(min(need.together, max(need.apart, need.together * (need.together <= self.settings.max_bytes)))),
            work.seconds,
        )

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("plan", "settings", "observables", "parameters")}

    # --- one batch of rows ---

    def _rows(self, params: ArrayLike | None) -> tuple[Reals, tuple[int, ...]]:
        """Parameters as (rows, parameters), and the leading shape."""
        array = checked_rows(self.parameters, params)
        rows = array.reshape(math.prod(array.shape[:-1]), len(self.parameters))
        # Compiled code takes one kind of array: contiguous and writable.
        return np.require(rows, requirements=["C", "W"]), array.shape[:-1]

    def _batches(self, rows: Reals, copies: int) -> Iterator[Reals]:
        need = self._memory(copies)
        step = max(1, int(min(BATCH_BYTES, self.settings.max_bytes) // max(need.together, 1)))
        for start in range(0, len(rows), step):
            yield rows[start : start + step]

    @functools.lru_cache(maxsize=4)  # noqa: B019  programs live as long as their caches are wanted
    def _memory(self, copies: int) -> Memory:
        """The memory of one row; refused where it is too much however fragments are run."""
        need = memory(self.plan, self.settings, copies)
        if min(need.apart, need.together) > self.settings.max_bytes:
            what = "values" if copies == 1 else "values and derivatives"
            raise TooLargeError(
                f"one evaluation of {what} needs {size_text(int(need.apart))}, more than the "
                f"{size_text(int(self.settings.max_bytes))} allowed; cut into narrower fragments or raise max_bytes"
            )
        return need

    def _run(self, params: Reals, copies: int, executor: Executor | None = None) -> Run:
        plan, settings = self.plan, self.settings
        data = np.zeros((len(params), plan.tape.entries), plan.dtype)
        exponents = np.zeros((len(params), len(plan.tape.shapes)), dtype=np.int64)
        plan.constants.write(data)
        if executor is None:
            states = self._states(params, data, self._memory(copies).together > settings.max_bytes)
        else:
            states = []
            densities_on(executor, plan.groups, params, data, settings)
        states += [source.start(params, data) for source in plan.sources]
        self._sweep_forward(data, exponents)
        words = np.ones((len(params), plan.sums.num_words))
        for state in states:
            state.write_values(data, exponents, words)
        if executor is not None:
            values_on(executor, plan.groups, params, data, exponents, words, settings)
        return Run(params, states, data, exponents, plan.sums.values(words))

    def _pull(self, run: Run, weights: Reals) -> Reals:
        out = np.zeros((len(run.params), len(self.parameters)))
        left = np.zeros_like(run.data)
        words = self.plan.sums.back(weights)
        bras = [state.pull(words, run.data, run.exponents, left) for state in run.states]
        self._sweep_backward(run, left)
        # Copies add their derivatives to those of the fragments before them, so the last comes first.
        for state, bra in reversed(list(zip(run.states, bras, strict=True))):
            state.push(bra, left, out)
        return out

    def _states(self, params: Reals, data: Reals, apart: bool) -> list[State]:
        """The final states of all fragments, with their densities written to the data."""
        settings, groups = self.settings, self.plan.groups
        each = on_threads(settings.threads)
        if settings.engine == "numpy":
            return [ReferenceState(group, params, data, np.dtype(settings.dtype)) for group in groups]
        found: list[State] = []
        for group in groups:
            if group.placed.alone and apart:
                found.append(ApartState.of(group, params, data, settings))
            elif group.placed.alone:
                found.append(AloneState(group, params, data, settings.real, each))
        if self._lane_plan.groups:
            found.append(LaneStates(self._lane_plan, params, data, each, settings.threads))
        return found

    @functools.cached_property
    def _lane_plan(self) -> LanePlan:
        return LanePlan([group for group in self.plan.groups if not group.placed.alone], self.settings.real)

    def _sweep_forward(self, data: Reals, exponents: Integers) -> None:
        tape = self.plan.tape
        if self._compiled:
            each = on_threads(self.settings.threads)
            each(len(data), lambda lo, hi: tape_kernels.forward(tape, data, exponents, lo, hi))
        else:
            sweep.forward(tape, data, exponents)

    def _sweep_backward(self, run: Run, left: Reals) -> None:
        tape = self.plan.tape
        if self._compiled:
            each = on_threads(self.settings.threads)
            each(len(left), lambda lo, hi: tape_kernels.backward(tape, run.data, run.exponents, left, lo, hi))
        else:
            sweep.backward(tape, run.data, run.exponents, left)

    @functools.cached_property
    def _compiled(self) -> bool:
        return self.settings.engine != "numpy" and self.plan.tape.small


GRADIENT_COPIES = 3
"""What derivatives need besides the states: bras, and states to run back."""


@dataclass(frozen=True, eq=False)
class Run:
    """What an evaluation leaves for its pullback."""

    params: Reals
    states: list[State]
    data: Reals
    exponents: Integers
    values: Reals


@dataclass(frozen=True)
class Description:
    """What one evaluation of a program does and takes; ``print`` shows it as a table.

    Attributes:
        route: "fragments", or "gates" where the uncut circuit is contracted gate by gate.
        groups: for fragments of one shape: how many, qubits, bits of their legs, operations, whether run one by one.
        copies: densities that are copied from those of equal fragments.
        words: different Pauli words.
        steps: pairwise contractions.
        largest: entries of the largest matrix in one of them.
        amplitude_flops, density_flops, contraction_flops: real operations, as in :class:`cutq.exact.costs.Cost`.
        bytes: memory of one row of parameters.
        seconds: a guess of the time.
    """

    route: str
    groups: tuple[tuple[int, int, int, int, bool], ...]
    copies: int
    words: int
    steps: int
    largest: int
    amplitude_flops: float
    density_flops: float
    contraction_flops: float
    bytes: int
    seconds: float

    @property
    def flops(self) -> float:
        """All operations."""
        return self.amplitude_flops + self.density_flops + self.contraction_flops

    def __str__(self) -> str:
        rows = [
            f"  {count:>6} x {width} qubits, {bits} leg bits, {ops} operations{', one by one' if alone else ''}"
            for count, width, bits, ops, alone in self.groups
        ]
        return "\n".join(
            [
                f"route        {self.route}",
                *(["fragments", *rows] if rows else []),
                *([f"copies       {self.copies} densities of equal fragments"] if self.copies else []),
                f"words        {self.words}",
                f"contraction  {self.steps} steps, largest tensor {self.largest} entries",
                f"operations   {self.flops:.3g} (amplitudes {self.amplitude_flops:.3g}, densities "
                f"{self.density_flops:.3g}, contraction {self.contraction_flops:.3g})",
                f"memory       {size_text(self.bytes)}",
                f"time         about {self.seconds:.2g} s",
            ]
        )


def check_executor(executor: object) -> None:
    """Raise :class:`ParameterError` where something is no executor."""
    if not isinstance(executor, Executor) and not callable(getattr(executor, "submit", None)):
        raise ParameterError(
            f"an executor is one of concurrent.futures, such as ProcessPoolExecutor(2), got {type(executor).__name__}"
        )


def checked_rows(parameters: Sequence[str], params: ArrayLike | None) -> NDArray[np.float64]:
    """Parameters with any leading axes, finite, (..., parameters)."""
    try:
        if params is not None and np.iscomplexobj(params):
            raise TypeError("complex numbers")
        array = np.asarray([] if params is None else params, dtype=float)
    except (TypeError, ValueError, OverflowError) as cause:
        raise ParameterError(
            f"parameter values are an array of real numbers, got {shown(params)}; circuit.values(...) makes one "
            "from names"
        ) from cause
    if array.ndim == 0 or array.shape[-1] != len(parameters):
        raise ParameterError(
            f"{len(parameters)} parameter values are needed on the last axis, but the given array has shape "
            f"{array.shape}"
        )
    if not np.isfinite(array).all():
        where = np.argwhere(~np.isfinite(array))[0]
        name = parameters[where[-1]]
        raise ParameterError(f"parameter values are finite numbers, got {name} = {array[tuple(where)]}")
    return array


def _weights(weights: ArrayLike, shape: tuple[int, ...]) -> Reals:
    """Weights of a pullback as (rows, observables)."""
    try:
        if np.iscomplexobj(weights):
            raise TypeError("complex numbers")
        array = np.array(weights, dtype=float)
    except (TypeError, ValueError, OverflowError) as cause:
        raise ParameterError(f"the weights of a pullback are an array of real numbers, got {shown(weights)}") from cause
    if array.shape != shape:
        raise ParameterError(f"a pullback takes weights of the shape of the values, {shape}, got {array.shape}")
    if not np.isfinite(array).all():
        raise ParameterError("the weights of a pullback are finite numbers, got nan or inf")
    return array.reshape(math.prod(shape[:-1]), shape[-1])


def _joined(parts: Sequence[Any], shape: tuple[int, ...]) -> NDArray[np.float64]:
    if len(parts) == 1:
        return np.asarray(parts[0]).reshape(shape)
    return np.concatenate(parts).reshape(shape) if parts else np.zeros(shape)
