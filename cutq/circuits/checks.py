"""Single values that users give: what messages show of them, and checks that never fail on their own."""

from __future__ import annotations

import math
from numbers import Real
from typing import TypeGuard

import numpy as np

from cutq.errors import ParameterError

SHOWN = 60
"""Characters of a wrong value that a message shows."""


def shown(value: object) -> str:
    """A value as messages show it: on one line, and not all of it where it is long.

    >>> shown("a" * 100)[-6:], shown(np.eye(2))
    ('aaa...', 'array([[1., 0.], [0., 1.]])')
    """
    try:
        text = " ".join(line.strip() for line in repr(value).splitlines())
    except Exception:  # Python prints no integer of thousands of digits, and an object's own repr may fail.
        return f"an object of type {type(value).__name__}"
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def as_real(value: object) -> float:
    """A real number as a float; NaN, which no bound lets pass, where it is none or too large for one.

    >>> as_real(2), as_real("2"), as_real(True)
    (2.0, nan, nan)
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.nan


def is_whole(value: object) -> TypeGuard[int]:
    """Whether a value is a whole number, of Python or NumPy, and no truth value.

    >>> is_whole(np.int64(2)), is_whole(2.0), is_whole(True)
    (True, False, False)
    """
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def is_one_of(value: object, known: tuple[str, ...]) -> bool:
    """Whether a value is one of these texts; arrays and the like compare to no single truth.

    >>> is_one_of("sic", ("sic", "six")), is_one_of(["sic"], ("sic", "six"))
    (True, False)
    """
    return isinstance(value, str) and value in known


def truth(name: str, value: object) -> bool:
    """True or False.

    >>> truth("share", np.True_)
    True
    """
    if not isinstance(value, bool | np.bool_):
        raise ParameterError(f"{name} is True or False, got {shown(value)}")
    return bool(value)


def is_ready(value: object, *methods: str) -> bool:
    """Whether an object has these methods, and is no class that was not called yet.

    >>> is_ready({}, "get"), is_ready(dict, "get")
    (True, False)
    """
    return not isinstance(value, type) and all(callable(getattr(value, name, None)) for name in methods)
