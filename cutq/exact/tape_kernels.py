"""A tape run by compiled loops, forward and in reverse: the engine of many small tensors.

One call runs the whole tape for a range of rows, so that threads can share the rows. It leaves the same data as
:mod:`cutq.exact.sweep`, to rounding.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cutq.exact.tape import Tape

JIT = {"cache": True, "nogil": True, "fastmath": {"contract", "reassoc"}, "error_model": "numpy"}

SMALLEST = -1000
"""No result is scaled up by more than ``2**1000``, which a double still holds."""

MANTISSA, BIAS = 52, 1022
SIZE, NOT_FINITE = 2**63 - 1, 2047 << MANTISSA
"""A double in bits: those of its size, its exponent above the mantissa, and the least size that is not finite."""

NARROW = 8
"""Columns of a matrix below which a loop along its rows does not pay, unless there are many rows."""


def forward(tape: Tape, data: NDArray[Any], exponents: NDArray[np.int64], lo: int, hi: int) -> None:
    """Fill in the tensors of all steps for the rows ``lo .. hi``, in place; see :func:`cutq.exact.sweep.forward`."""
    data[lo:hi, -1], exponents[lo:hi, -1] = 1, 0
    reals = data.view(np.float64)
    views = (data, reals, reals.view(np.int64))
    tables = tape.tables
    _forward(tape.steps, tables.kinds, tables.places, tables.scratch, tape.offsets, *views, exponents, lo, hi)


def backward(
    tape: Tape, data: NDArray[Any], exponents: NDArray[np.int64], cotangents: NDArray[Any], lo: int, hi: int
) -> None:
    """Carry derivatives to the leaves for the rows ``lo .. hi``, in place; see :func:`cutq.exact.sweep.backward`."""
    tables = tape.tables
    _backward(
        tape.steps, tables.kinds, tables.places, tables.scratch, tape.offsets, data, exponents, cotangents, lo, hi
    )


# --- the whole tape ---------------------------------------------------------------------------------------------------


@njit(**JIT)
def _forward(steps, kinds, places, scratch, offsets, data, reals, bits, exponents, lo, hi):
    first = len(offsets) - 2 - len(steps)
    parts = reals.shape[1] // data.shape[1]
    work = np.empty(3 * scratch, data.dtype)
    for row in range(lo, hi):
        x, real, bit, exponent = data[row], reals[row], bits[row], exponents[row]
        for step in range(len(steps)):
            kind, a, b, out = steps[step, 0], steps[step, 1], steps[step, 2], first + step
            m, k, n = kinds[kind, 0], kinds[kind, 1], kinds[kind, 2]
            pa, pb, pc = kinds[kind, 3], kinds[kind, 4], kinds[kind, 5]
            ia, ib, ic = offsets[a], offsets[b], offsets[out]
            left, right, result = x, x, x
            if pa >= 0:
                _gather(x, ia, places, pa, work, 0, m * k)
                left, ia = work, 0
            if pb >= 0:
                _gather(x, ib, places, pb, work, scratch, k * n)
                right, ib = work, scratch
            if pc >= 0:
                result, ic = work, 2 * scratch
            _product(left, ia, right, ib, result, ic, m, k, n)
            if pc >= 0:
                _scatter(work, ic, x, offsets[out], places, pc, m * n)
            lo_real, hi_real = parts * offsets[out], parts * offsets[out + 1]
            shift = _scale(real[lo_real:hi_real], bit[lo_real:hi_real])
            exponent[out] = exponent[a] + exponent[b] + shift


@njit(**JIT)
def _backward(steps, kinds, places, scratch, offsets, data, exponents, cotangents, lo, hi):
    first = len(offsets) - 2 - len(steps)
    work = np.empty(5 * scratch, data.dtype)
    for row in range(lo, hi):
        x, bars, exponent = data[row], cotangents[row], exponents[row]
        for step in range(len(steps) - 1, -1, -1):
            kind, a, b, out = steps[step, 0], steps[step, 1], steps[step, 2], first + step
            m, k, n = kinds[kind, 0], kinds[kind, 1], kinds[kind, 2]
            pa, pb, pc = kinds[kind, 3], kinds[kind, 4], kinds[kind, 5]
            factor = math.ldexp(1.0, exponent[a] + exponent[b] - exponent[out])
            if not _load_bar(bars, offsets[out], places, pc, work, 2 * scratch, m * n, factor):
                continue
            ia, ib = offsets[a], offsets[b]
            left, right, left_bar, right_bar, ja, jb = x, x, bars, bars, ia, ib
            if pa >= 0:
                _gather(x, ia, places, pa, work, 0, m * k)
                work[3 * scratch : 3 * scratch + m * k] = 0
                left, left_bar, ia, ja = work, work, 0, 3 * scratch
            if pb >= 0:
                _gather(x, ib, places, pb, work, scratch, k * n)
                work[4 * scratch : 4 * scratch + k * n] = 0
                right, right_bar, ib, jb = work, work, scratch, 4 * scratch
            _pull(left, ia, right, ib, work, 2 * scratch, left_bar, ja, right_bar, jb, m, k, n)
            if pa >= 0:
                _scatter_add(work, ja, bars, offsets[a], places, pa, m * k)
            if pb >= 0:
                _scatter_add(work, jb, bars, offsets[b], places, pb, k * n)


# --- one step ---------------------------------------------------------------------------------------------------------


@njit(**JIT)
def _product(a, ia, b, ib, c, ic, m, k, n):
    """``c[m, n] = sum_k a[m, k] b[k, n]``."""
    if n == 1:
        right = b[ib : ib + k]
        for i in range(m):
            left = a[ia + i * k : ia + (i + 1) * k]
            total = left[0] * right[0]
            for j in range(1, k):
                total += left[j] * right[j]
            c[ic + i] = total
        return
    if n < NARROW and k <= 2 * NARROW:
        for i in range(m):
            for q in range(n):
                total = a[ia + i * k] * b[ib + q]
                for j in range(1, k):
                    total += a[ia + i * k + j] * b[ib + j * n + q]
                c[ic + i * n + q] = total
        return
    for i in range(m):
        _combine(a[ia + i * k : ia + (i + 1) * k], b[ib : ib + k * n], c[ic + i * n : ic + (i + 1) * n], k, n)


@njit(**JIT)
def _combine(weights, rows, out, k, n):
    """``out = sum_j weights[j] rows[j]``, four rows at a time, so that the result is read and written rarely."""
    if k >= 4:
        p, q, r, s = weights[0], weights[1], weights[2], weights[3]
        x, y, z, t = rows[:n], rows[n : 2 * n], rows[2 * n : 3 * n], rows[3 * n : 4 * n]
        for i in range(n):
            out[i] = p * x[i] + q * y[i] + r * z[i] + s * t[i]
        _combine_more(weights, rows, out, 4, k, n)
        return
    p, x = weights[0], rows[:n]
    for i in range(n):
        out[i] = p * x[i]
    _combine_more(weights, rows, out, 1, k, n)


@njit(**JIT)
def _combine_more(weights, rows, out, start, k, n):
    """``out += sum_j weights[j] rows[j]`` over ``j = start .. k - 1``."""
    j = start
    while j + 4 <= k:
        p, q, r, s = weights[j], weights[j + 1], weights[j + 2], weights[j + 3]
        block = rows[j * n : (j + 4) * n]
        x, y, z, t = block[:n], block[n : 2 * n], block[2 * n : 3 * n], block[3 * n :]
        for i in range(n):
            out[i] += p * x[i] + q * y[i] + r * z[i] + s * t[i]
        j += 4
    while j < k:
        p, x = weights[j], rows[j * n : (j + 1) * n]
        for i in range(n):
            out[i] += p * x[i]
        j += 1


@njit(**JIT)
def _pull(a, ia, b, ib, c, ic, a_bar, ja, b_bar, jb, m, k, n):
    """``a_bar += c b^T`` and ``b_bar += a^T c`` for the cotangent c of the product, ``(m, n)``."""
    for i in range(m):
        left, row = a[ia + i * k : ia + (i + 1) * k], c[ic + i * n : ic + (i + 1) * n]
        bar = a_bar[ja + i * k : ja + (i + 1) * k]
        if n == 1:
            right, right_bar, weight = b[ib : ib + k], b_bar[jb : jb + k], row[0]
            for j in range(k):
                bar[j] += weight * right[j]
            for j in range(k):
                right_bar[j] += weight * left[j]
            continue
        for j in range(k):
            right, right_bar, weight = b[ib + j * n : ib + (j + 1) * n], b_bar[jb + j * n : jb + (j + 1) * n], left[j]
            total = row[0] * right[0]
            for i2 in range(1, n):
                total += row[i2] * right[i2]
            bar[j] += total
            for i2 in range(n):
                right_bar[i2] += weight * row[i2]


# --- tensors ----------------------------------------------------------------------------------------------------------


@njit(**JIT)
def _gather(x, base, places, start, out, at, count):
    """A stored tensor in the order of its matrix: ``out = x[places]``."""
    source, table, target = x[base:], places[start : start + count], out[at : at + count]
    for i in range(count):
        target[i] = source[table[i]]


@njit(**JIT)
def _scatter(matrix, at, x, base, places, start, count):
    source, table, target = matrix[at : at + count], places[start : start + count], x[base:]
    for i in range(count):
        target[table[i]] = source[i]


@njit(**JIT)
def _scatter_add(matrix, at, x, base, places, start, count):
    source, table, target = matrix[at : at + count], places[start : start + count], x[base:]
    for i in range(count):
        target[table[i]] += source[i]


@njit(**JIT)
def _load_bar(bars, base, places, start, out, at, count, factor):
    """The cotangent of a step in the order of its matrix, scaled; whether any of it is not zero."""
    source, target = bars[base : base + count], out[at : at + count]
    some = False
    for i in range(count):
        value = source[places[start + i]] if start >= 0 else source[i]
        some |= value != 0
        target[i] = factor * value
    return some


@njit(**JIT)
def _scale(flat, bits):
    """Scale real numbers in place so that the largest is in [0.5, 1) in size; the power of two taken out.

    Sizes of doubles are in the order of their bits, read as integers, infinity and what is no number on top; so the
    largest is found by integers, eight at a time, and its exponent stands in its bits from ``MANTISSA`` on.
    """
    top = 0
    for i in range(len(bits)):
        top = max(top, bits[i] & SIZE)
    if top == 0 or top >= NOT_FINITE:
        return 0
    shift = max((top >> MANTISSA) - BIAS, SMALLEST)
    if shift != 0:
        factor = math.ldexp(1.0, -shift)
        for i in range(len(flat)):
            flat[i] *= factor
    return shift
