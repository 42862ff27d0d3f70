"""Lanes in compiled code: what is loaded is stored, and arithmetic acts entry by entry, in both precisions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numba import njit

from cutq.exact.lanes import LANES, fill, load, store

BOTH = pytest.mark.parametrize("dtype", [np.float64, np.float32])


@njit
def copied(source: Any, at: int, target: Any, to: int) -> None:
    store(target, to, load(source, at))


@njit
def filled(number: Any, target: Any, to: int) -> None:
    store(target, to, fill(number))


@njit
def added(a: Any, b: Any, out: Any) -> None:
    store(out, 0, load(a, 0) + load(b, 0))


@njit
def subtracted(a: Any, b: Any, out: Any) -> None:
    store(out, 0, load(a, 0) - load(b, 0))


@njit
def multiplied(a: Any, b: Any, out: Any) -> None:
    store(out, 0, load(a, 0) * load(b, 0))


@njit
def negated(a: Any, b: Any, out: Any) -> None:
    store(out, 0, -load(a, 0))


@njit
def summed(array: Any, out: Any) -> None:
    """Lanes live in a variable of a loop."""
    total = fill(array.dtype.type(0))
    for k in range(len(array) // LANES):
        total = total + load(array, LANES * k)
    store(out, 0, total)


@njit
def chosen(array: Any, second: bool, out: Any) -> None:
    """Lanes from either branch of a condition."""
    kept = load(array, LANES) if second else -load(array, 0)
    store(out, 0, kept)


@njit
def exchanged(array: Any, p: int, q: int) -> None:
    a, b = load(array, p), load(array, q)
    store(array, p, b)
    store(array, q, a)


@BOTH
@pytest.mark.parametrize(("at", "to"), [(0, 0), (8, 16), (1, 0), (0, 3), (5, 7), (13, 16)])
def test_eight_entries_go_from_any_place_to_any_place(dtype: type, at: int, to: int) -> None:
    source = np.random.default_rng(0).normal(size=24).astype(dtype)
    target = np.full(24, -7.0, dtype)
    expected = target.copy()
    expected[to : to + LANES] = source[at : at + LANES]
    copied(source, at, target, to)
    assert np.array_equal(target, expected)


@BOTH
def test_fill_repeats_one_number(dtype: type) -> None:
    target = np.zeros(10, dtype)
    filled(dtype(0.1), target, 1)
    assert np.array_equal(target, np.array([0] + [0.1] * LANES + [0], dtype))


@BOTH
@pytest.mark.parametrize(
    ("compiled", "plain"),
    [
        (added, np.add),
        (subtracted, np.subtract),
        (multiplied, np.multiply),
        (negated, lambda a, b: -a),
    ],
    ids=["+", "-", "*", "neg"],
)
def test_arithmetic_is_exact_entry_by_entry(dtype: type, compiled: Any, plain: Any) -> None:
    a, b = np.random.default_rng(1).normal(size=(2, LANES)).astype(dtype)
    out = np.zeros(LANES, dtype)
    compiled(a, b, out)
    assert np.array_equal(out, plain(a, b))


@BOTH
def test_nan_inf_and_the_sign_of_zero_survive(dtype: type) -> None:
    a = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, np.finfo(dtype).tiny, 2.0], dtype)
    out = np.zeros(LANES, dtype)
    negated(a, a, out)
    assert np.array_equal(out, -a, equal_nan=True)
    assert np.array_equal(np.signbit(out[1:]), np.signbit(-a[1:]))
    subtracted(a, a, out)
    assert np.array_equal(np.isnan(out), [True] * 3 + [False] * 5)


@BOTH
def test_lanes_live_in_loops_and_branches(dtype: type) -> None:
    array = np.random.default_rng(2).integers(-9, 9, 5 * LANES).astype(dtype)
    out = np.zeros(LANES, dtype)
    summed(array, out)
    assert np.array_equal(out, array.reshape(-1, LANES).sum(axis=0))
    chosen(array, True, out)
    assert np.array_equal(out, array[LANES : 2 * LANES])
    chosen(array, False, out)
    assert np.array_equal(out, -array[:LANES])


@BOTH
def test_both_are_loaded_before_either_is_stored(dtype: type) -> None:
    array = np.arange(24, dtype=dtype)
    exchanged(array, 2, 14)
    assert array.tolist() == [0, 1, *range(14, 22), 10, 11, 12, 13, *range(2, 10), 22, 23]
