"""Bit strings as arrays, checked where they enter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.checks import shown
from cutq.errors import ObservableError

Bits = NDArray[np.uint8]
"""Bit strings, (number of strings, number of qubits); qubit 0 is column 0."""

BitString = str | Sequence[int] | NDArray[np.integer]
"""A bit string as a text such as ``"0101"`` or as zeros and ones; qubit 0 is leftmost."""


def checked_bits(strings: Iterable[BitString], num_qubits: int) -> Bits:
    """Bit strings as one array.

    Raises:
        ObservableError: a string has the wrong length or something else than 0 and 1.

    >>> checked_bits(["01", [1, 1]], 2)
    array([[0, 1],
           [1, 1]], dtype=uint8)
    """
    if isinstance(strings, np.ndarray) and strings.ndim == 2:
        return _checked_array(strings, num_qubits)
    if isinstance(strings, str) or not isinstance(strings, Iterable):
        raise ObservableError(f"amplitudes takes a list of bit strings, got {shown(strings)}; amplitude takes one")
    rows = [_checked_array([_letters(string)], num_qubits) for string in strings]
    return np.concatenate([np.zeros((0, num_qubits), dtype=np.uint8), *rows])


def _letters(string: BitString) -> Sequence[int] | NDArray[np.integer]:
    """A text as numbers; letters other than 0 and 1 become numbers other than 0 and 1."""
    return [ord(letter) - ord("0") for letter in string] if isinstance(string, str) else string


def _checked_array(rows: Any, num_qubits: int) -> Bits:
    try:
        array = np.asarray(rows)
    except ValueError:
        array = np.array(None)
    if array.ndim != 2 or (array.dtype.kind not in "iub" and array.size):
        raise ObservableError(f"a bit string is a text such as '0101' or a list of 0 and 1, got {shown(rows)}")
    if array.shape[1] != num_qubits:
        raise ObservableError(
            f"a bit string has one bit for each of {num_qubits} qubits, qubit 0 leftmost, got one of length "
            f"{array.shape[1]}"
        )
    wrong = np.argwhere((array != 0) & (array != 1))
    if len(wrong):
        raise ObservableError(f"a bit string has letters 0 and 1, but qubit {wrong[0, 1]} of one has another")
    return array.astype(np.uint8)
