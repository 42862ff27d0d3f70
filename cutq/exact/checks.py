"""What the public functions check before any work: the network, its parameters, whole numbers, and memory."""

from __future__ import annotations

import operator

import numpy as np
from numpy.typing import ArrayLike

from cutq.circuits.checks import shown
from cutq.circuits.values import checked
from cutq.errors import ParameterError, PlanError, TooLargeError
from cutq.network.contraction import MAX_BYTES, size_text
from cutq.network.network import Network

LARGEST = 2**512
"""Whole numbers up to which they are taken: more than any count or seed, and no more than floats and messages hold."""


def bound_values(network: Network, params: ArrayLike | None) -> dict[str, float]:
    """The values of the network's parameters by name; see :func:`cutq.circuits.values.checked`."""
    checked_network("states", network)
    return dict(zip(network.parameters, checked(network.parameters, params).tolist(), strict=True))


def checked_network(what: str, network: object) -> None:
    """Raise :class:`PlanError` where a circuit or anything else stands for a network."""
    if not isinstance(network, Network):
        raise PlanError(f"{what} are those of a cutq.Network, got {type(network).__name__}; see cutq.split")


def check_bytes(need: int, max_bytes: float, what: str) -> None:
    """Raise :class:`TooLargeError` where ``what`` needs more memory than is allowed."""
    if isinstance(max_bytes, bool) or not isinstance(max_bytes, int | float) or not max_bytes > 0:
        raise ParameterError(f"max_bytes is a positive number of bytes such as {MAX_BYTES:.0e}, got {shown(max_bytes)}")
    if need > max_bytes:
        raise TooLargeError(
            f"{what} needs {size_text(need)}, more than the {max_bytes / 1e9:.3g} GB allowed; ask for less, cut into "
            "narrower fragments with fewer bonds, or raise max_bytes"
        )


def whole_number(name: str, value: object, least: int) -> int:
    """A whole number from ``least``.

    >>> whole_number("shots", 100, least=1)
    100
    """
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        number = least - 1
    if isinstance(value, bool | np.bool_) or not least <= number <= LARGEST:
        most = " to 2**512" if number > LARGEST else ""
        text = value if isinstance(value, str) else shown(value)
        raise ParameterError(f"{name} is a whole number from {least}{most}, got {shown(text)}")
    return number


def optional_number(name: str, value: object, least: int) -> int | None:
    """A whole number from ``least``, or None.

    >>> optional_number("max_shots", None, least=0)
    """
    return None if value is None else whole_number(name, value, least)
