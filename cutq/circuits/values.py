"""Parameter values: one-dimensional arrays in the order of a circuit's parameters, checked where they enter."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutq.circuits.checks import shown
from cutq.errors import ParameterError

Values = NDArray[np.float64]


def from_mapping(parameters: Sequence[str], mapping: Mapping[str, float]) -> Values:
    """Named values as an array in the order of ``parameters``, (P,); every name exactly once.

    >>> from_mapping(("s", "t"), {"t": 0.3, "s": 1})
    array([1. , 0.3])
    """
    if not isinstance(mapping, Mapping):
        raise ParameterError(f"named values are a mapping such as {{'t': 0.3}}, got {shown(mapping)}")
    missing = [name for name in parameters if name not in mapping]
    if missing:
        raise ParameterError(f"no value for {_listed(missing)}; the parameters are {_listed(parameters)}")
    extra = [str(name) for name in mapping if name not in parameters]
    if extra:
        raise ParameterError(f"{_listed(extra)} is no parameter of this circuit{_hint(extra[0], parameters)}")
    return checked(parameters, [mapping[name] for name in parameters])


def checked(parameters: Sequence[str], values: ArrayLike | None) -> Values:
    """Values in the order of ``parameters`` as a finite array of shape (P,).

    >>> checked((), None)
    array([], dtype=float64)
    """
    try:
        if values is not None and np.iscomplexobj(values):
            raise TypeError("complex numbers")
        array = np.asarray([] if values is None else values, dtype=float)
    except (TypeError, ValueError, OverflowError) as cause:
        raise ParameterError(
            f"parameter values are an array of real numbers, got {shown(values)}; circuit.values(...) makes one "
            "from names"
        ) from cause
    if array.shape != (len(parameters),):
        raise ParameterError(
            f"{len(parameters)} parameter values are needed, in the order {_listed(parameters)}, "
            f"but the given array has shape {array.shape}"
        )
    wrong = [f"{name} = {value}" for name, value in zip(parameters, array, strict=True) if not np.isfinite(value)]
    if wrong:
        raise ParameterError(f"parameter values are finite numbers, got {', '.join(wrong)}")
    return array


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:8])
    return (shown + (", ..." if len(names) > 8 else "")) or "(none)"


def _hint(name: str, parameters: Sequence[str]) -> str:
    if not parameters:
        return ", which has none"
    near = difflib.get_close_matches(name, parameters, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; its parameters are {_listed(parameters)}"
