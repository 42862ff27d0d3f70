"""The one face that adapters see of programs and models: named weights, data in one row, values and derivatives."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutq.compose.model import Model
from cutq.errors import ParameterError
from cutq.exact.checks import whole_number
from cutq.exact.program import Program, checked_rows

Reals = NDArray[np.float64]
Shape = tuple[int, ...]

Pulled = Callable[[Reals], tuple[Reals, Reals]]
"""From weights (..., outputs) to derivatives by parameters and by data, of their shapes."""

PARAMS = "params"
"""The name of a program's one weight."""


@dataclass(frozen=True, eq=False)
class Face:
    """A program or a model as adapters use it.

    Attributes:
        program: what is run.
        names: names of the parameters.
        weights: the trainable weights with their shapes; together, in this order, they are the parameters.
        inputs: the inputs with their shapes; together, in this order, they are a row of data.
        low, high: the ranges of data, (data,).
        outputs: how many values.
    """

    program: Program | Model
    names: tuple[str, ...]
    weights: Mapping[str, Shape]
    inputs: Mapping[str, Shape]
    low: Reals
    high: Reals
    outputs: int

    @classmethod
    def of(cls, program: Program | Model) -> Face:
        """The face of a program, which has the one weight ``params`` and no data, or of a model.

        Raises:
            ParameterError: it is neither.
        """
        if isinstance(program, Program):
            none, count = np.empty(0), len(program.parameters)
            return cls(program, program.parameters, {PARAMS: (count,)}, {}, none, none, len(program.observables))
        if not isinstance(program, Model):
            raise ParameterError(
                "an adapter takes what cutq.compile or composition.compile returns, a cutq.Program or a cutq.Model, "
                f"got {type(program).__name__}"
            )
        ports = program.inputs.values()
        return cls(
            program,
            program.parameters,
            {name: shape for name, (_, shape) in program.weights.items()},
            {name: port.shape for name, port in program.inputs.items()},
            np.repeat([port.low for port in ports], [math.prod(port.shape) for port in ports]).astype(float),
            np.repeat([port.high for port in ports], [math.prod(port.shape) for port in ports]).astype(float),
            len(program.outputs),
        )

    @property
    def size(self) -> int:
        """How many numbers a row of data has."""
        return len(self.low)

    # --- weights ---

    def initial(self, params: ArrayLike | Mapping[str, ArrayLike] | None, init: int | None) -> dict[str, Reals]:
        """The weights to begin with.

        Args:
            params: the parameters, (parameters,), or some weights by name; left out, those that the modules have.
            init: seed of values, uniform in -pi to pi, for weights that have none.

        Raises:
            ParameterError: another shape, or a weight without value and no seed.
        """
        row = self._row(params)
        unknown = np.isnan(row)
        if init is not None:
            rng = np.random.default_rng(whole_number("init", init, 0))
            row = np.where(unknown, rng.uniform(-np.pi, np.pi, row.shape), row)
        elif unknown.any():
            raise ParameterError(
                f"the weight {self.names[int(np.argmax(unknown))]!r} has no value yet; give params=..., or init=0, the "
                "seed of random ones"
            )
        return self.named(row)

    def _row(self, params: ArrayLike | Mapping[str, ArrayLike] | None) -> Reals:
        initial = self.program.initial if isinstance(self.program, Model) else np.full(len(self.names), np.nan)
        if params is None:
            return initial
        if isinstance(params, Mapping) and isinstance(self.program, Model):
            return self.program.values(params)
        if isinstance(params, Mapping):
            if set(params) != {PARAMS}:
                raise ParameterError(f"a program has the one weight {PARAMS!r}, got {listed(map(repr, params))}")
            return self._row(params[PARAMS])
        row = checked_rows(self.names, params)
        if row.ndim != 1:
            raise ParameterError(f"params have shape {initial.shape}, got an array of shape {row.shape}")
        return row

    def named(self, row: Reals) -> dict[str, Reals]:
        """Parameters (parameters,) as weights."""
        sizes = [math.prod(shape) for shape in self.weights.values()]
        parts = np.split(row, np.cumsum(sizes)[:-1]) if sizes else []
        return {name: part.reshape(shape) for (name, shape), part in zip(self.weights.items(), parts, strict=True)}

    # --- data ---

    def lead(self, shapes: Mapping[str, Shape]) -> Shape:
        """The leading axes of arrays for all inputs, (..., *shape of the input): the same, or none.

        Raises:
            ParameterError: an input that is missing or is not there, or other shapes.
        """
        for name in shapes:
            if name not in self.inputs:
                raise ParameterError(f"there is no input {name!r}; the inputs are {listed(self.inputs)}")
        leads: dict[str, Shape] = {}
        for name, own in self.inputs.items():
            if name not in shapes:
                raise ParameterError(f"no data for the input {name!r}; the inputs are {listed(self.inputs)}")
            cut = len(shapes[name]) - len(own)
            if cut < 0 or shapes[name][cut:] != own:
                raise ParameterError(f"data of the input {name!r} have shape (..., {str(own)[1:]}, got {shapes[name]}")
            leads[name] = shapes[name][:cut]
        longest = max(leads.values(), key=len, default=())
        for name, one in leads.items():
            if one not in ((), longest):
                raise ParameterError(f"leading axes are the same or none, but {name!r} has {one} beside {longest}")
        return longest

    def check_row(self, shape: Shape) -> None:
        """Raise :class:`ParameterError` where an array has other than (..., data)."""
        if not self.inputs:
            raise ParameterError(
                "there are no inputs for data; open classical inputs of a composition are, such as those of an encoder"
            )
        if not shape or shape[-1] != self.size:
            ports = ", ".join(f"{name} {shape}" for name, shape in self.inputs.items())
            raise ParameterError(f"data have {self.size} numbers on the last axis ({ports}), got the shape {shape}")

    def data(self, x: Reals, precision: float = 0.0) -> dict[str, Reals] | None:
        """A row of data, (..., data), by inputs.

        Args:
            x: the row.
            precision: the relative rounding of its numbers: those that rounding alone led out of the range of their
                input, such as pi in single precision, are put back on its bound.
        """
        if not self.inputs:
            return None
        if precision and ((x < self.low) | (x > self.high)).any():
            x = self._rounded(x, precision)
        found, first = {}, 0
        for name, shape in self.inputs.items():
            count = math.prod(shape)
            found[name] = x[..., first : first + count].reshape((*x.shape[:-1], *shape))
            first += count
        return found

    def _rounded(self, x: Reals, precision: float) -> Reals:
        low, high = self.low, self.high
        below, above = precision * np.maximum(abs(low), 1.0), precision * np.maximum(abs(high), 1.0)
        x = np.where((x < low) & (x >= low - below), low, x)
        return np.where((x > high) & (x <= high + above), high, x)

    def joined(self, data: Mapping[str, Reals], lead: Shape) -> Reals:
        """What :meth:`data` takes apart."""
        parts = [data[name].reshape(*lead, math.prod(shape)) for name, shape in self.inputs.items()]
        return np.concatenate([np.empty((*lead, 0)), *parts], axis=-1)

    # --- values ---

    def values(self, params: Reals, x: Reals, precision: float = 0.0) -> Reals:
        """The values, (..., outputs)."""
        if isinstance(self.program, Program):
            return self.program(params)
        return self.program(params, self.data(x, precision))

    def vjp(self, params: Reals, x: Reals, precision: float = 0.0, *, by_data: bool = True) -> tuple[Reals, Pulled]:
        """The values, and the pullback to parameters and, unless they are not needed, to data."""
        data = self.data(x, precision)
        if data is None:
            values, pullback = self.program.vjp(params)
            return values, lambda weights: (pullback(weights), np.zeros_like(x))
        assert isinstance(self.program, Model)
        values, pull = self.program.vjp_all(params, data)

        def pulled(weights: Reals) -> tuple[Reals, Reals]:
            found = pull(weights)
            return found.params, self.joined(found.data, x.shape[:-1]) if by_data else np.zeros_like(x)

        return values, pulled


def listed(names: Iterable[str]) -> str:
    """Some names, for messages."""
    return ", ".join(list(names)[:8]) or "(none)"
