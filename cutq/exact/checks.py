"""What the public functions check before any work: the network, its parameters, whole numbers, and memory."""

from __future__ import annotations

import operator

import numpy as np
from numpy.typing import ArrayLike

from cutq.circuits.values import checked
from cutq.errors import ParameterError, PlanError, TooLargeError
from cutq.network.contraction import MAX_BYTES, size_text
from cutq.network.network import Network


def bound_values(network: Network, params: ArrayLike | None) -> dict[str, float]:
    """The values of the network's parameters by name; see :func:`cutq.circuits.values.checked`."""
    if not isinstance(network, Network):
        raise PlanError(f"states are those of a cutq.Network, got {type(network).__name__}; see cutq.split")
    return dict(zip(network.parameters, checked(network.parameters, params).tolist(), strict=True))


def check_bytes(need: int, max_bytes: float, what: str) -> None:
    """Raise :class:`TooLargeError` where ``what`` needs more memory than is allowed."""
    if isinstance(max_bytes, bool) or not isinstance(max_bytes, int | float) or not max_bytes > 0:
        raise ParameterError(f"max_bytes is a positive number of bytes such as {MAX_BYTES:.0e}, got {max_bytes!r}")
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
    if isinstance(value, bool | np.bool_) or number < least:
        raise ParameterError(f"{name} is a whole number from {least}, got {str(value)[:80]!r}")
    return number
