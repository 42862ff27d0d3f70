"""Weights: named arrays of trainable numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutq.compose.names import check_name, checked_shape, elements, reals, shown
from cutq.errors import ModuleError


@dataclass(frozen=True, eq=False)
class Weight:
    """A named array of trainable numbers.

    Attributes:
        name: its name; elements are named as those of :class:`ClassicalIn`.
        shape: its shape.
        values: the numbers; None where they are not chosen yet.
        frozen: whether training leaves it as it is.

    >>> Weight("theta", (2,), [0.1, 0.2]).elements
    ('theta[0]', 'theta[1]')
    """

    name: str
    shape: tuple[int, ...]
    values: NDArray[np.float64] | None = None
    frozen: bool = False

    def __post_init__(self) -> None:
        check_name(self.name)
        object.__setattr__(self, "shape", checked_shape(self.name, self.shape))
        if not isinstance(self.frozen, bool):
            raise ModuleError(f"weight {self.name!r} is frozen or not, True or False, got {shown(self.frozen)}")
        if self.values is not None:
            object.__setattr__(self, "values", weight_values(self.name, self.shape, self.values))

    @property
    def elements(self) -> tuple[str, ...]:
        """Names of its elements, row after row."""
        return elements(self.name, self.shape)

    @property
    def size(self) -> int:
        """How many numbers."""
        return math.prod(self.shape)


def weight_values(name: str, shape: tuple[int, ...], values: Any) -> NDArray[np.float64]:
    """Numbers of a weight as a read-only array of its shape."""
    try:
        array = reals(values).copy()
    except (TypeError, ValueError) as cause:
        raise ModuleError(f"the values of weight {name!r} are real numbers, got {shown(values)}") from cause
    if array.shape != shape:
        raise ModuleError(f"weight {name!r} has shape {shape}, but its values have shape {array.shape}")
    if not np.isfinite(array).all():
        where = tuple(int(k) for k in np.argwhere(~np.isfinite(array))[0])
        raise ModuleError(f"the values of weight {name!r} are finite numbers, got {array[where]} at {list(where)}")
    array.flags.writeable = False
    return array


def check_weights(values: object) -> None:
    """Raise :class:`ModuleError` where values of weights have no names."""
    if not isinstance(values, Mapping):
        raise ModuleError(
            f"values of weights are a mapping from names to arrays, such as {{'theta': [0.1]}}, got {shown(values)}"
        )
