"""Classical functions between modules: a table of named ones, and callables of the user; all act on flat vectors."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutq.compose.names import MOST_NUMBERS, reals, shown
from cutq.errors import ModuleError

Reals = NDArray[np.float64]
Value = Callable[[Reals, Reals], Reals]
Pull = Callable[[Reals, Reals, Reals], tuple[Reals, Reals]]


@dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes:
        value: outputs (..., m) from inputs (..., n) and weights (..., w), flat.
        pull: from inputs, weights and derivatives by the outputs: those by the inputs and by the weights;
            None where nothing is differentiated through it.
        weights: names and shapes of its weights, from n and m.
        same: whether m is n.
    """

    value: Value
    pull: Pull | None
    weights: Callable[[int, int], Mapping[str, tuple[int, ...]]] = lambda n, m: {}
    same: bool = True


def _elementwise(value: Callable[[Reals], Reals], slope: Callable[[Reals], Reals]) -> Row:
    return Row(lambda x, w: value(x), lambda x, w, bar: (bar * slope(x), np.zeros_like(w)))


def _sigmoid(x: Reals) -> Reals:
    return np.asarray(0.5 * (1 + np.tanh(x / 2)))


def _softmax(x: Reals) -> Reals:
    raised = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def _softmax_pull(x: Reals, w: Reals, bar: Reals) -> tuple[Reals, Reals]:
    y = _softmax(x)
    return y * (bar - (bar * y).sum(axis=-1, keepdims=True)), np.zeros_like(w)


def _affine(x: Reals, w: Reals) -> tuple[Reals, int]:
    """The matrix of a linear function, (..., m, n), and how many outputs it has; its last weights are the bias."""
    m = w.shape[-1] // (x.shape[-1] + 1)
    return w[..., : m * x.shape[-1]].reshape(*w.shape[:-1], m, x.shape[-1]), m


def _linear(x: Reals, w: Reals) -> Reals:
    matrix, m = _affine(x, w)
    return np.asarray((matrix @ x[..., None])[..., 0] + w[..., -m:])


def _linear_pull(x: Reals, w: Reals, bar: Reals) -> tuple[Reals, Reals]:
    matrix, _ = _affine(x, w)
    outer = bar[..., :, None] * x[..., None, :]
    back = (bar[..., None, :] @ matrix)[..., 0, :]
    return back, np.concatenate([outer.reshape(*outer.shape[:-2], math.prod(outer.shape[-2:])), bar], axis=-1)


FUNCTIONS: dict[str, Row] = {
    "identity": _elementwise(lambda x: x, np.ones_like),
    "negative": _elementwise(lambda x: -x, lambda x: -np.ones_like(x)),
    "tanh": _elementwise(np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "relu": _elementwise(lambda x: np.maximum(x, 0.0), lambda x: (x > 0).astype(float)),
    "sigmoid": _elementwise(_sigmoid, lambda x: _sigmoid(x) * (1 - _sigmoid(x))),
    "sin": _elementwise(np.sin, np.cos),
    "cos": _elementwise(np.cos, lambda x: -np.sin(x)),
    "square": _elementwise(np.square, lambda x: 2 * x),
    "half-turn": _elementwise(lambda x: math.pi * x, lambda x: np.full_like(x, math.pi)),
    "digit": Row(lambda x, w: np.rint(x), None),
    "softmax": Row(lambda x, w: _softmax(x), _softmax_pull),
    "linear": Row(_linear, _linear_pull, lambda n, m: {"weight": (m, n), "bias": (m,)}, same=False),
}
"""The functions by name; ``half-turn`` multiplies by pi, so that 1 becomes the angle of a flip; ``digit``
takes the nearest whole number, a decision, through which there is no gradient."""


@dataclass(frozen=True)
class Classical:
    """A classical function as the body of a module, or on a link.

    Attributes:
        function: its name in the table, or how a callable is shown.
        inputs, outputs: sizes.
        call: for a callable of the user: outputs (..., m) from inputs (..., n).
        pullback: for a callable: derivatives by the inputs, from inputs and derivatives by the outputs.

    Raises:
        ModuleError: no such function, or sizes that it cannot have.
    """

    function: str
    inputs: int
    outputs: int
    call: Callable[[Reals], Any] | None = field(default=None, compare=False)
    pullback: Callable[[Reals, Reals], Any] | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        for size in (self.inputs, self.outputs):
            if not isinstance(size, int | np.integer) or isinstance(size, bool) or not 1 <= size <= MOST_NUMBERS:
                raise ModuleError(
                    f"the sizes of {self.function!r} are whole numbers from 1 to {MOST_NUMBERS}, got {shown(size)}"
                )
        if self.call is None:
            row = named(self.function)
            if row.same and self.inputs != self.outputs:
                raise ModuleError(
                    f"{self.function!r} gives as many numbers as it takes, got {self.inputs} in and {self.outputs} out"
                )

    @property
    def weights(self) -> Mapping[str, tuple[int, ...]]:
        """Names and shapes of its weights."""
        return {} if self.call is not None else named(self.function).weights(self.inputs, self.outputs)

    def value(self, x: Reals, w: Reals) -> Reals:
        """Outputs (..., m) from inputs (..., n) and flat weights (..., w)."""
        if self.call is None:
            return named(self.function).value(x, w)
        return self._checked("", self.call(x), (*x.shape[:-1], self.outputs))

    def _checked(self, what: str, returned: Any, expected: tuple[int, ...]) -> Reals:
        """What a callable returned, as finite real numbers of the right shape."""
        try:
            found = reals(returned)
        except (TypeError, ValueError) as cause:
            raise ModuleError(f"{what}{self.function!r} gives real numbers, but returned {shown(returned)}") from cause
        if found.shape != expected:
            raise ModuleError(f"{what}{self.function!r} gives numbers of shape {expected}, but returned {found.shape}")
        if not np.isfinite(found).all():
            raise ModuleError(
                f"{what}{self.function!r} gives finite numbers, but returned nan or inf; limit its inputs"
            )
        return found

    def check_differentiable(self) -> None:
        """Raise :class:`ModuleError` where nothing is differentiated through it."""
        if self.call is not None and self.pullback is None:
            raise ModuleError(
                f"the callable {self.function!r} has no pullback, so there is no gradient through it; give "
                "cutq.classical(..., pullback=lambda x, bar: ...)"
            )
        if self.call is None and named(self.function).pull is None:
            raise ModuleError(
                f"there is no gradient through {self.function!r}, which decides like a sample does; send the "
                "expectation value itself, or freeze what is before it"
            )

    def pull(self, x: Reals, w: Reals, bar: Reals) -> tuple[Reals, Reals]:
        """Derivatives by inputs and weights.

        Raises:
            ModuleError: nothing is differentiated through it.
        """
        self.check_differentiable()
        if self.pullback is not None:
            return self._checked("the pullback of ", self.pullback(x, bar), x.shape), np.zeros_like(w)
        pull = named(self.function).pull
        assert pull is not None
        return pull(x, w, bar)


def named(function: object) -> Row:
    """The row of a function."""
    if not isinstance(function, str) or function not in FUNCTIONS:
        near = difflib.get_close_matches(str(function)[:200], FUNCTIONS, n=1, cutoff=0.0)[0]
        raise ModuleError(
            f"no classical function is called {shown(function)}; the nearest is {near!r} of {', '.join(FUNCTIONS)}"
        )
    return FUNCTIONS[function]
