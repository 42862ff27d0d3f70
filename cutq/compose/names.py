"""Names, shapes and numbers as ports and weights have them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutq.errors import ModuleError

MOST_NUMBERS = 10**6
"""Numbers of a port or a weight."""

MOST_AXES = 16
"""Axes of a port or a weight."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:[.-][A-Za-z0-9_]+)*", re.ASCII)


def elements(name: str, shape: tuple[int, ...]) -> tuple[str, ...]:
    """Names of the elements of an array, row after row.

    >>> elements("w", (2, 2)), elements("w", ())
    (('w[0,0]', 'w[0,1]', 'w[1,0]', 'w[1,1]'), ('w',))
    """
    if not shape:
        return (name,)
    return tuple(f"{name}[{','.join(map(str, index))}]" for index in np.ndindex(*shape))


def checked_shape(name: str, shape: object) -> tuple[int, ...]:
    """A shape as a tuple of positive whole numbers; one number means one axis."""
    given = listed(shape) if isinstance(shape, tuple | list | np.ndarray) else (shape,)
    if given is None or not all(
        isinstance(size, int | np.integer) and not isinstance(size, bool) and size > 0 for size in given
    ):
        raise ModuleError(f"the shape of {name!r} is a tuple of positive whole numbers, got {shown(shape)}")
    found = tuple(int(size) for size in given)
    if math.prod(found) > MOST_NUMBERS or len(found) > MOST_AXES:
        raise ModuleError(
            f"{name!r} has at most {MOST_NUMBERS} numbers and {MOST_AXES} axes, got shape {shown(found)}; make several"
        )
    return found


def listed(values: Any) -> tuple[Any, ...] | None:
    """Several values as a tuple; None where they are not several, such as a text."""
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        return None
    try:
        return tuple(values)
    except TypeError:  # an array without axes
        return None


def shown(value: object) -> str:
    """A value in a message, shortened where it is long."""
    try:
        text = repr(value)
    except ValueError:
        text = "a number of thousands of digits"
    return text if len(text) <= 120 else f"{text[:117]}..."


def reals(values: Any) -> NDArray[np.float64]:
    """Numbers as an array.

    Raises:
        TypeError, ValueError: they are no real numbers, such as text.
    """
    array = np.asarray(values)
    if array.dtype.kind not in "biuf" and array.size:
        raise TypeError(f"no real numbers: {array.dtype}")
    return array.astype(np.float64, copy=False)


def check_name(name: object) -> str:
    """A name that is fit for modules, ports and weights."""
    if not isinstance(name, str) or len(name) > 200 or not _NAME.fullmatch(name):
        raise ModuleError(
            "a name has at most 200 letters, digits and _ and begins with no digit (parts joined by '.' or '-'), got "
            f"{shown(name)}"
        )
    return name
