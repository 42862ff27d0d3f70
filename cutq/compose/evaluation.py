"""Evaluations of a model: what is given is checked and laid out on a board, and the steps run over it and back."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutq.compose.names import reals, shown
from cutq.compose.planning import Planned
from cutq.compose.ports import ClassicalIn
from cutq.compose.steps import NetworkStep, Pull, Step
from cutq.errors import ParameterError
from cutq.exact.program import checked_rows

Reals = NDArray[np.float64]

MOST_NUMBERS = 2**27
"""Numbers of all rows and columns that are held at a time."""


@dataclass(frozen=True, eq=False)
class Gradients:
    """Derivatives by everything that a model is given.

    Attributes:
        params: by the parameters, of their shape.
        data: by the inputs, of their shapes.
    """

    params: Reals
    data: Mapping[str, Reals]


@dataclass(frozen=True, eq=False)
class Given:
    """Checked parameters and data, and the leading axes of the values."""

    params: Reals
    data: Mapping[str, Reals]
    lead: tuple[int, ...]

    def part(self, planned: Planned, rows: slice) -> tuple[Reals, dict[str, Reals]]:
        """Some rows, with one leading axis."""

        def cut(array: Reals, shape: tuple[int, ...]) -> Reals:
            return np.broadcast_to(array, (*self.lead, *shape)).reshape(math.prod(self.lead), *shape)[rows]

        data = {name: cut(array, planned.inputs[name].shape) for name, array in self.data.items()}
        return cut(self.params, (len(planned.parameters),)), data


@dataclass(frozen=True, eq=False)
class Run:
    """A board after an evaluation, and the way back."""

    board: Reals
    pulls: list[Pull]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a model does with parameters and data.

    Attributes:
        planned: its steps.
    """

    planned: Planned

    def given(self, params: ArrayLike | None, data: Mapping[str, ArrayLike] | None) -> Given:
        """Parameters and data, checked.

        Raises:
            ParameterError: they do not fit the model or each other.
        """
        weights = checked_rows(self.planned.parameters, self.known() if params is None else params)
        arrays = self.checked_data({} if data is None else data)
        leads = [
            (name, array.shape[: array.ndim - len(self.planned.inputs[name].shape)]) for name, array in arrays.items()
        ]
        leads.append(("params", weights.shape[:-1]))
        lead = max((shape for _, shape in leads), key=len)
        for name, own in leads:
            if own not in ((), lead):
                first = next(one for one, shape in leads if shape == lead)
                raise ParameterError(
                    f"leading axes are the same or none, but {first!r} has {lead} and {name!r} has {own}"
                )
        return Given(weights, arrays, lead)

    def known(self) -> Reals:
        """The weights that the modules came with; refused where one has no value."""
        missing = np.flatnonzero(np.isnan(self.planned.initial))
        if len(missing):
            name = self.planned.parameters[missing[0]]
            raise ParameterError(
                f"the weight {name!r} has no value yet; give params, or modules with values, such as "
                "module.initialised(seed=0)"
            )
        return self.planned.initial

    def checked_data(self, data: Mapping[str, ArrayLike]) -> dict[str, Reals]:
        """Data for all inputs, each (..., *its shape).

        Raises:
            ParameterError: an input is missing or not there, or its data have another shape or leave their range.
        """
        if not isinstance(data, Mapping):
            known = ", ".join(self.planned.inputs) or "none"
            raise ParameterError(f"data are a mapping from inputs to arrays, for {known}, got {shown(data)}")
        for name in data:
            if name not in self.planned.inputs:
                raise ParameterError(
                    f"there is no input {shown(name)}; the inputs are {', '.join(self.planned.inputs) or '(none)'}"
                )
        found = {}
        for name, port in self.planned.inputs.items():
            if name not in data:
                raise ParameterError(f"no data for the input {name!r} ({port.type})")
            found[name] = _checked(name, port, data[name])
        return found

    def boards(self, given: Given) -> list[Reals]:
        """The boards of some rows each, with everything that is given."""
        rows = math.prod(given.lead)
        step = max(1, MOST_NUMBERS // max(self.planned.width, 1))
        places, constants = self.planned.constants
        trained = len(self.planned.parameters)
        params = np.broadcast_to(given.params, (*given.lead, trained)).reshape(rows, trained)
        boards = []
        for start in range(0, max(rows, 1), step):
            count = min(step, rows - start)
            board = np.zeros((count, self.planned.width))
            board[:, :trained] = params[start : start + count]
            board[:, places] = constants
            for name, (port, columns) in self.planned.data.items():
                own = np.broadcast_to(given.data[name], (*given.lead, *port.shape)).reshape(rows, len(columns))
                board[:, columns] = own[start : start + count]
            boards.append(board)
        return boards

    @cached_property
    def alone(self) -> NetworkStep | None:
        """The one network that the model is, where its values and parameters are those of the model."""
        steps, asked = self.planned.steps, self.planned.outputs.products
        if len(steps) != 1 or not isinstance(steps[0], NetworkStep) or len(asked) != 1 or self.planned.inputs:
            return None
        numbers, weights, columns = asked[0]
        binding, plain = steps[0].binding, np.arange(len(self.planned.parameters))
        same = (
            columns.shape == (self.planned.outputs.count, 1)
            and np.array_equal(columns[:, 0], steps[0].outputs)
            and np.array_equal(numbers, np.arange(self.planned.outputs.count))
            and bool((weights == 1.0).all())
        )
        driven = not binding.mapped and np.array_equal(np.sort(binding.columns), plain)
        return steps[0] if same and driven else None

    def rows(self, params: ArrayLike | None) -> Reals:
        """Parameters in the order of the one network."""
        assert self.alone is not None
        given = checked_rows(self.planned.parameters, self.known() if params is None else params)
        return given[..., self.alone.binding.columns]

    def asked(self, board: Reals) -> Reals:
        """The outputs, (rows, outputs), of a board that was run."""
        return self.planned.outputs.value(board)

    def run(self, board: Reals) -> Reals:
        """Run all steps over a board."""
        for step in self.planned.steps:
            step.run(board)
        return board

    def start(self, board: Reals) -> Run:
        """Run all steps over a board, so that derivatives can come back."""
        differentiated = {id(step) for step in self.differentiated}
        pulls: list[Pull] = []
        for step in self.planned.steps:
            if id(step) in differentiated:
                pulls.append(step.start(board))
            else:
                step.run(board)
        return Run(board, pulls)

    def pull(self, run: Run, weights: Reals) -> Reals:
        """From weights of the outputs, (rows, outputs), derivatives by all numbers of the board."""
        bar = np.zeros_like(run.board)
        self.planned.outputs.back(run.board, weights, bar)
        for pull in reversed(run.pulls):
            pull(run.board, bar)
        return bar

    def vjp(self, given: Given) -> tuple[Reals, Callable[[Reals], Reals]]:
        """The values, (..., outputs), and the pullback, from (rows, outputs) to all numbers, (rows, columns).

        Raises:
            ModuleError: something on the way has no derivative, such as a decision.
        """
        for step in self.differentiated:
            step.check_differentiable()
        runs = [self.start(board) for board in self.boards(given)]
        values = np.concatenate([self.asked(run.board) for run in runs])

        def pullback(left: Reals) -> Reals:
            bars, first = [], 0
            for run in runs:
                bars.append(self.pull(run, left[first : first + len(run.board)]))
                first += len(run.board)
            return np.concatenate(bars)

        return values.reshape(*given.lead, self.planned.outputs.count), pullback

    def by_params(self, bar: Reals, given: Given) -> Reals:
        """Derivatives by the parameters, of their shape, summed over rows that share them."""
        count = len(self.planned.parameters)
        whole = bar[:, :count].reshape((*given.lead, count))
        extra = whole.ndim - given.params.ndim
        return np.asarray(whole.sum(axis=tuple(range(extra))) if extra else whole)

    def gradients(self, bar: Reals, given: Given) -> Gradients:
        """Derivatives by everything that was given, summed over rows that share it."""
        data = {}
        for name, (port, columns) in self.planned.data.items():
            whole = bar[:, columns].reshape((*given.lead, *port.shape))
            extra = whole.ndim - given.data[name].ndim
            data[name] = np.asarray(whole.sum(axis=tuple(range(extra))) if extra else whole)
        return Gradients(self.by_params(bar, given), data)

    @cached_property
    def differentiated(self) -> tuple[Step, ...]:
        """The steps that depend on parameters or data."""
        depends = np.zeros(self.planned.width, dtype=bool)
        depends[: len(self.planned.parameters)] = True
        for _, columns in self.planned.data.values():
            depends[columns] = True
        found = []
        for step in self.planned.steps:
            if depends[step.inputs].any():
                depends[step.outputs] = True
                found.append(step)
        return tuple(found)


def _checked(name: str, port: ClassicalIn, values: ArrayLike) -> Reals:
    """Data of an input: finite, in its range, with its shape on the last axes."""
    array = as_reals(f"data of the input {name!r} are", values)
    depth = len(port.shape)
    if array.ndim < depth or array.shape[array.ndim - depth :] != port.shape:
        raise ParameterError(f"data of the input {name!r} have shape (..., {str(port.shape)[1:]}, got {array.shape}")
    wrong = ~np.isfinite(array) | (array < port.low) | (array > port.high)
    if wrong.any():
        where = tuple(int(k) for k in np.argwhere(wrong)[0])
        raise ParameterError(
            f"data of the input {name!r} are finite and in the range {port.low:g} to {port.high:g}, but "
            f"{list(where)} is {array[where]:.6g}"
        )
    return array


def checked_weights(weights: ArrayLike, shape: tuple[int, ...]) -> Reals:
    """Weights of a pullback, finite and of the shape of the values, as (rows, outputs)."""
    array = as_reals("the weights of a pullback are", weights)
    if array.shape != shape:
        raise ParameterError(f"a pullback takes weights of the shape of the values, {shape}, got {array.shape}")
    if not np.isfinite(array).all():
        raise ParameterError("the weights of a pullback are finite numbers, got nan or inf")
    return array.reshape(math.prod(shape[:-1]), shape[-1])


def as_reals(what: str, values: ArrayLike) -> Reals:
    """Numbers as an array.

    Raises:
        ParameterError: they are none.
    """
    try:
        return reals(values)
    except (TypeError, ValueError) as cause:
        raise ParameterError(f"{what} real numbers, got {shown(values)}") from cause
