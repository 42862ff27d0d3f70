"""Weights as a safetensors file: named float64 arrays and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.checks import shown
from cutq.compose.entries import converted
from cutq.compose.weight import Weight
from cutq.errors import ModuleError

MOST_HEADER = 2**20
"""Most bytes of the header, which names and places the arrays."""

RESERVED = "__metadata__"
"""A key of the header that is no array."""

Arrays = Mapping[str, NDArray[np.float64]]


def packed(arrays: Arrays, metadata: Mapping[str, str] | None = None) -> bytes:
    """Arrays as the content of a file; memory is written as it lies, so rows must come one after the other."""
    from safetensors.numpy import save

    plain = {name: np.array(array, dtype=np.float64, order="C") for name, array in arrays.items()}
    return save(plain, None if metadata is None else dict(metadata))


def unpacked(content: bytes) -> Arrays:
    """The arrays of a file, whatever their types."""
    from safetensors.numpy import load

    return load(content)


def weights_bytes(weights: Sequence[Weight]) -> bytes:
    """The file of those weights that have values.

    Raises:
        ModuleError: a weight has a name that the format keeps for itself.

    >>> content = weights_bytes([Weight("theta", (2,), [0.1, 0.2]), Weight("phi", (3,))])
    >>> read_weights("weights.safetensors", content, {"theta": (2,)})["theta"].tolist()
    [0.1, 0.2]
    """
    if any(one.name == RESERVED for one in weights):
        raise ModuleError(f"a weight cannot be saved under the name {RESERVED!r}; rename it")
    return packed({one.name: one.values for one in weights if one.values is not None})


def read_weights(where: str, content: bytes, shapes: Mapping[str, tuple[int, ...]]) -> Arrays:
    """The arrays of a file.

    Args:
        where: the file.
        content: what it holds.
        shapes: the names and shapes that they must have.

    Raises:
        ModuleError: this is no such file, or has other arrays, types or shapes, or numbers that are not finite.
    """
    _check_header(where, content, shapes)
    with converted(where):
        arrays = unpacked(content)
    for name, shape in shapes.items():
        found = arrays.get(name)
        if found is None or found.dtype != np.float64 or found.shape != shape:
            got = "none" if found is None else f"{found.dtype} of shape {found.shape}"
            raise ModuleError(
                f"{where}: weight {name!r} is an array of float64 of shape {shape}, got {got}; save the module again"
            )
        if not np.isfinite(found).all():
            raise ModuleError(
                f"{where}: the values of weight {name!r} are finite numbers, but some are not; train again"
            )
    return arrays


def _check_header(where: str, content: bytes, names: Mapping[str, object]) -> None:
    """Raise :class:`ModuleError` where the header is too long or names other arrays."""
    length = int.from_bytes(content[:8], "little")
    if len(content) < 8 or length > min(MOST_HEADER, len(content) - 8):
        raise ModuleError(
            f"{where}: the header of {length} bytes is longer than the file of {len(content)} bytes, or than "
            f"{MOST_HEADER}; save the module again"
        )
    with converted(where):
        header = json.loads(content[8 : 8 + length].decode("utf-8"))
    extra = [name for name in header if name not in names] if isinstance(header, dict) else [type(header).__name__]
    if extra:
        known = ", ".join(names)[:200] or "none"
        raise ModuleError(f"{where}: module.toml has no weight {shown(extra[0])}, but {known}; save the module again")
