"""How large a module may be asked to be."""

from __future__ import annotations

import numpy as np

from cutq.errors import ModuleError


def sized(what: str, value: object, least: int = 1, most: int = 64) -> int:
    """A whole number in a range.

    Raises:
        ModuleError: it is no such number, with the range.
    """
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or not least <= value <= most:
        raise ModuleError(f"{what} is a whole number from {least} to {most}, got {value!r}")
    return int(value)
