"""Bit strings: every form of them, and everything that is none."""

from __future__ import annotations

import numpy as np
import pytest

from cutq import ObservableError
from cutq.exact.bitstrings import checked_bits


def test_all_forms_give_the_same_array() -> None:
    forms = ["011", [0, 1, 1], (0, 1, 1), np.array([0, 1, 1], dtype=np.uint8), [False, True, True]]
    expected = np.array([[0, 1, 1]] * len(forms), dtype=np.uint8)
    np.testing.assert_array_equal(checked_bits(forms, 3), expected)
    np.testing.assert_array_equal(checked_bits(expected, 3), expected)
    assert checked_bits(iter(forms), 3).dtype == np.uint8


def test_none_and_empty_strings() -> None:
    assert checked_bits([], 3).shape == (0, 3)
    assert checked_bits([""], 0).shape == (1, 0)


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (["01"], "one bit for each of 3 qubits, qubit 0 leftmost, got one of length 2"),
        (["010", "0101"], "length 4"),
        (["012"], "letters 0 and 1, but qubit 2"),
        (["01x"], "letters 0 and 1"),
        (["\uff10\uff11\uff10"], "letters 0 and 1"),
        ([[0, 1, -1]], "letters 0 and 1"),
        ([[0, 1, 0.5]], "a text such as '0101'"),
        ([["0", "1", "0"]], "a text such as '0101'"),
        ([None], "a text such as '0101'"),
        ([[[0], [1, 0]]], "a text such as '0101'"),
        ("010", "amplitudes takes a list"),
        (7, "amplitudes takes a list"),
        (np.zeros((2, 4), dtype=int), "length 4"),
        (np.full((2, 3), 256), "letters 0 and 1, but qubit 0"),
    ],
)
def test_what_is_no_bit_string(what: object, message: str) -> None:
    with pytest.raises(ObservableError, match=message):
        checked_bits(what, 3)
