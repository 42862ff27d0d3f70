"""Compiled loops over amplitudes, eight numbers at a time.

With ``large_kernels`` (states beyond the cache) and ``tape_kernels`` (contractions) this is all compiled code there is.

A state is two flat arrays, real and imaginary parts, of ``2**bits`` rows of eight lanes. The lanes are eight fragments
of one shape, each with its own angles, or three further bits of one large fragment; no operation mixes lanes but
``LANE_SWAP``. An operation is a row of integers, see :class:`cutq.exact.lowering.Op`; ``angles`` holds for each angle
its cosine and its sine in eight lanes, ``constants`` matrix entries in eight lanes.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from cutq.exact.lanes import LANES, fill, load, store

DUPLICATE, ROTATE_X, ROTATE_Y, MATRIX, MATRIX2, FLIP, SWAP, PHASE, DIAGONAL, LANE_SWAP = range(10)
"""Operations by the number in their first column."""

LOW_BITS = 11
"""A diagonal operation is worked on in blocks of so many bits, whose phases stay in the cache."""

MOST_SIGNS = 4
"""Words without X and Y up to so many are squared together, by the classes of rows in which they have equal signs."""

BLOCK_ROWS = 8
"""Rows of a state that are multiplied by a matrix before the next."""

JIT = {"cache": True, "nogil": True, "fastmath": {"contract"}, "error_model": "numpy"}


# --- one or two rows at a time --------------------------------------------------------------------------------------


@njit(inline="always", **JIT)
def _row(index, bit):
    """The index with a zero inserted at a bit: the ``index``-th row where that bit is 0."""
    low = index & ((1 << bit) - 1)
    return ((index - low) << 1) | low


@njit(**JIT)
def _turn_x(re, im, p, q, c, s):
    """``[[c, -i s], [-i s, c]]`` on the rows at positions p and q."""
    x, y, u, v = load(re, p), load(im, p), load(re, q), load(im, q)
    store(re, p, c * x + s * v)
    store(im, p, c * y - s * u)
    store(re, q, c * u + s * y)
    store(im, q, c * v - s * x)


@njit(**JIT)
def _turn_y(re, im, p, q, c, s):
    """``[[c, -s], [s, c]]`` on the rows at positions p and q."""
    x, y, u, v = load(re, p), load(im, p), load(re, q), load(im, q)
    store(re, p, c * x - s * u)
    store(im, p, c * y - s * v)
    store(re, q, s * x + c * u)
    store(im, q, s * y + c * v)


@njit(**JIT)
def _turn_phase(re, im, p, c, s):
    """``c - i s`` on the row at position p."""
    x, y = load(re, p), load(im, p)
    store(re, p, c * x + s * y)
    store(im, p, c * y - s * x)


@njit(**JIT)
def _exchange(re, im, p, q):
    x, y, u, v = load(re, p), load(im, p), load(re, q), load(im, q)
    store(re, p, u)
    store(im, p, v)
    store(re, q, x)
    store(im, q, y)


@njit(**JIT)
def _angle(angles, angle):
    """Cosines and sines of an angle: the first and the second half of ``angles``."""
    at = LANES * angle
    return load(angles, at), load(angles, len(angles) // 2 + at)


@njit(**JIT)
def _entry(constants, entry):
    return load(constants, 2 * LANES * entry), load(constants, 2 * LANES * entry + LANES)


@njit(**JIT)
def _sum(lanes_re, lanes_im, a, b, x, y):
    """``(lanes) + (a + i b)(x + i y)``."""
    return lanes_re + a * x - b * y, lanes_im + a * y + b * x


# --- whole operations on the pairs lo .. hi -------------------------------------------------------------------------


@njit(**JIT)
def _rotate(op, c, s, re, im, lo, hi):
    bit, other, both = op[1], op[2], op[3]
    step = (1 << bit) | ((1 << other) if both else 0)
    about_x = op[0] == ROTATE_X
    for index in range(lo, hi):
        row = _row(index, bit)
        sign = op[4]
        if other >= 0:
            sign = op[5] if (row >> other) & 1 else op[4]
        if sign == 0:
            continue
        turn = s if sign > 0 else -s
        if about_x:
            _turn_x(re, im, LANES * row, LANES * (row ^ step), c, turn)
        else:
            _turn_y(re, im, LANES * row, LANES * (row ^ step), c, turn)


@njit(**JIT)
def _matrix(op, constants, adjoint, re, im, lo, hi):
    bit, other, value = op[1], op[2], op[3]
    a, ai = _entry(constants, op[6])
    b, bi = _entry(constants, op[6] + 1)
    d, di = _entry(constants, op[6] + 2)
    e, ei = _entry(constants, op[6] + 3)
    if adjoint:
        ai, ei, b, bi, d, di = -ai, -ei, d, -di, b, -bi
    zero = a - a
    for index in range(lo, hi):
        row = _row(index, bit)
        if other >= 0 and (row >> other) & 1 != value:
            continue
        p, q = LANES * row, LANES * (row | (1 << bit))
        x, y, u, v = load(re, p), load(im, p), load(re, q), load(im, q)
        r, t = _sum(zero, zero, a, ai, x, y)
        r, t = _sum(r, t, b, bi, u, v)
        store(re, p, r)
        store(im, p, t)
        r, t = _sum(zero, zero, d, di, x, y)
        r, t = _sum(r, t, e, ei, u, v)
        store(re, q, r)
        store(im, q, t)


@njit(**JIT)
def _matrix2(op, constants, adjoint, re, im, lo, hi):
    """A dense matrix on two bits, the first the more significant."""
    first, second = op[1], op[2]
    near, far = min(first, second), max(first, second)
    work = np.empty((8, LANES), re.dtype)
    flat = work.reshape(8 * LANES)
    for index in range(lo, hi):
        row = _row(_row(index, near), far)
        for k in range(4):
            p = LANES * (row | ((k >> 1) << first) | ((k & 1) << second))
            store(flat, 2 * LANES * k, load(re, p))
            store(flat, 2 * LANES * k + LANES, load(im, p))
        for k in range(4):
            r = fill(re.dtype.type(0))
            t = r
            for j in range(4):
                if adjoint:
                    a, b = _entry(constants, op[6] + 4 * j + k)
                    b = -b
                else:
                    a, b = _entry(constants, op[6] + 4 * k + j)
                r, t = _sum(r, t, a, b, load(flat, 2 * LANES * j), load(flat, 2 * LANES * j + LANES))
            p = LANES * (row | ((k >> 1) << first) | ((k & 1) << second))
            store(re, p, r)
            store(im, p, t)


@njit(**JIT)
def _flip(op, re, im, lo, hi):
    bit, other, value = op[1], op[2], op[3]
    for index in range(lo, hi):
        row = _row(index, bit)
        if other < 0 or (row >> other) & 1 == value:
            _exchange(re, im, LANES * row, LANES * (row | (1 << bit)))


@njit(**JIT)
def _swap(op, re, im, lo, hi):
    near, far = min(op[1], op[2]), max(op[1], op[2])
    for index in range(lo, hi):
        row = _row(_row(index, near), far)
        _exchange(re, im, LANES * (row | (1 << near)), LANES * (row | (1 << far)))


@njit(**JIT)
def _phase(op, c, s, re, im, lo, hi):
    bit, other = op[1], op[2]
    if bit < 0:
        for row in range(2 * lo, 2 * hi):
            _turn_phase(re, im, LANES * row, c, s)
        return
    for index in range(lo, hi):
        row = _row(index, bit) | (1 << bit)
        if other < 0 or (row >> other) & 1:
            _turn_phase(re, im, LANES * row, c, s)


@njit(**JIT)
def _lane_swap(op, array, lo, hi):
    """Exchange a bit of the rows with a bit of the lanes."""
    bit, lane_bit = op[1], 1 << op[2]
    for index in range(lo, hi):
        p = LANES * _row(index, bit)
        q = p + (LANES << bit)
        for lane in range(LANES):
            if lane & lane_bit:
                kept = array[p + lane]
                array[p + lane] = array[q + (lane ^ lane_bit)]
                array[q + (lane ^ lane_bit)] = kept


@njit(**JIT)
def _duplicate(op, array, rows):
    """A new bit whose two values hold the same; from the last row down, so that no copy is needed."""
    width = LANES << op[1]
    for block in range((rows >> op[1]) - 1, -1, -1):
        source, target = block * width, 2 * block * width
        for k in range(width - 1, -1, -1):
            value = array[source + k]
            array[target + width + k] = value
            array[target + k] = value


@njit(**JIT)
def _fold(op, array, rows, add):
    """The reverse of a new bit: its first half, or the sum of both."""
    width = LANES << op[1]
    for block in range(rows >> (op[1] + 1)):
        target, source = block * width, 2 * block * width
        for k in range(width):
            array[target + k] = array[source + k] + (array[source + width + k] if add else 0)


# --- diagonal operations: phases exp(-i sum_k a_k b_k + a_jk b_j b_k) over bits b -----------------------------------


@njit(**JIT)
def _times(array, p, q, c, s):
    """Store at q the complex lanes at p times ``c - i s``."""
    x, y = load(array, p), load(array, p + LANES)
    store(array, q, c * x + s * y)
    store(array, q + LANES, c * y - s * x)


@njit(**JIT)
def _block_phases(op, terms, angles, block, low, phases, work):
    """The phases of the rows of one block, ``phases[(2 row, 2 row + 1)]``, by doubling bit after bit.

    Of the terms, (bit, other bit or -1, angle) with other < bit, those on bits above the block are constants there.
    """
    first, last, base = op[1], op[2], op[3]
    one, zero = fill(work.dtype.type(1)), fill(work.dtype.type(0))
    store(phases, 0, one)
    store(phases, LANES, zero)
    for term in range(first, last):
        bit, other, angle = terms[term, 0], terms[term, 1], terms[term, 2]
        if bit >= low and (block >> (bit - low)) & 1:
            if other < 0 or (other >= low and (block >> (other - low)) & 1):
                _times(phases, 0, 0, *_angle(angles, angle))
    term = first
    size = 1
    for bit in range(base, low):
        # work[x] = exp(-i (a_bit + sum over j < bit of a_j,bit b_j)) for the rows x below this bit.
        store(work, 0, one)
        store(work, LANES, zero)
        start = term
        while term < last and terms[term, 0] == bit:
            if terms[term, 1] < 0:
                angle = terms[term, 2]
                _times(work, 0, 0, *_angle(angles, angle))
            term += 1
        for above in range(term, last):
            if terms[above, 1] == bit and terms[above, 0] >= low and (block >> (terms[above, 0] - low)) & 1:
                angle = terms[above, 2]
                _times(work, 0, 0, *_angle(angles, angle))
        filled = 1
        top = 1
        for pair in range(start, term):
            if terms[pair, 1] < 0:
                continue
            angle, width = terms[pair, 2], 1 << (terms[pair, 1] - base)
            while filled < width:
                for k in range(2 * LANES * filled):
                    work[2 * LANES * filled + k] = work[k]
                filled *= 2
            c, s = _angle(angles, angle)
            for k in range(width):
                _times(work, 2 * LANES * k, 2 * LANES * (width + k), c, s)
            filled = 2 * width
        top = filled - 1
        for k in range(size):
            p, q = 2 * LANES * (k & top), 2 * LANES * k
            x, y, c, s = load(phases, q), load(phases, q + LANES), load(work, p), load(work, p + LANES)
            store(phases, q + 2 * LANES * size, c * x - s * y)
            store(phases, q + 2 * LANES * size + LANES, c * y + s * x)
        size *= 2


@njit(**JIT)
def _diagonal(op, terms, angles, adjoint, re, im, bits, lo, hi, phases, work):
    """A diagonal operation on the blocks lo .. hi."""
    low = min(bits, max(LOW_BITS, op[3]))
    for block in range(lo, hi):
        _diagonal_block(op, terms, angles, adjoint, re, im, block, low, LANES * (block << low), phases, work)


@njit(**JIT)
def _diagonal_block(op, terms, angles, adjoint, re, im, block, low, at, phases, work):
    """A diagonal operation on one block of ``2**low`` rows that begins at a position of the arrays."""
    base = op[3]
    _block_phases(op, terms, angles, block, low, phases, work)
    for k in range(1 << (low - base)):
        c, s = load(phases, 2 * LANES * k), load(phases, 2 * LANES * k + LANES)
        s = s if adjoint else -s
        start = at + LANES * (k << base)
        for inner in range(1 << base):
            _turn_phase(re, im, start + LANES * inner, c, s)


@njit(**JIT)
def _diagonal_back(op, terms, angles, re, im, bra_re, bra_im, bits, lo, hi, sums, work, gradient):
    """Add ``2 Im(conj(bra) state)``, summed over the rows that a term marks, to its angle; turn both back."""
    low = min(bits, max(LOW_BITS, op[3]))
    for block in range(lo, hi):
        at = LANES * (block << low)
        _diagonal_back_block(op, terms, angles, re, im, bra_re, bra_im, block, low, at, sums, work, gradient)


@njit(**JIT)
def _diagonal_back_block(op, terms, angles, re, im, bra_re, bra_im, block, low, at, sums, work, gradient):
    """The same on one block of ``2**low`` rows that begins at a position of the arrays."""
    base, first, last = op[3], op[1], op[2]
    zero = fill(work.dtype.type(0))
    _block_phases(op, terms, angles, block, low, sums, work)
    for k in range(1 << (low - base)):
        start = at + LANES * (k << base)
        c, s = load(sums, 2 * LANES * k), -load(sums, 2 * LANES * k + LANES)
        total = zero
        for inner in range(1 << base):
            total = total + _turned_back(re, im, bra_re, bra_im, start + LANES * inner, c, s)
        # The phase at 2 k is read already, so the sums grow over the phases.
        store(sums, LANES * k, total + total)
    term = last
    for bit in range(low - 1, base - 1, -1):
        # The upper half of sums are the rows where this bit is 1.
        half = 1 << (bit - base)
        total = zero
        for k in range(half):
            total = total + load(sums, LANES * (half + k))
        while term > first and terms[term - 1, 0] > bit:
            term -= 1
        end = term
        while term > first and terms[term - 1, 0] == bit:
            term -= 1
        quadratic = False
        for own in range(term, end):
            if terms[own, 1] < 0:
                place = LANES * terms[own, 2]
                store(gradient, place, load(gradient, place) + total)
            else:
                quadratic = True
        for above in range(end, last):
            if terms[above, 1] == bit and terms[above, 0] >= low and (block >> (terms[above, 0] - low)) & 1:
                place = LANES * terms[above, 2]
                store(gradient, place, load(gradient, place) + total)
        if quadratic:
            for k in range(LANES * half):
                work[k] = sums[LANES * half + k]
            size = half
            for own in range(end - 1, term - 1, -1):
                if terms[own, 1] < 0:
                    continue
                width = 1 << (terms[own, 1] - base)
                while size > 2 * width:
                    size //= 2
                    for k in range(size):
                        store(work, LANES * k, load(work, LANES * k) + load(work, LANES * (size + k)))
                marked = zero
                for k in range(width):
                    marked = marked + load(work, LANES * (width + k))
                place = LANES * terms[own, 2]
                store(gradient, place, load(gradient, place) + marked)
        for k in range(half):
            store(sums, LANES * k, load(sums, LANES * k) + load(sums, LANES * (half + k)))
    total = load(sums, 0)
    for own in range(first, last):
        bit, other = terms[own, 0], terms[own, 1]
        if bit >= low and (block >> (bit - low)) & 1:
            if other < 0 or (other >= low and (block >> (other - low)) & 1):
                place = LANES * terms[own, 2]
                store(gradient, place, load(gradient, place) + total)


# --- the way back: derivatives by an operation's angles, then its adjoint on the state and on the bra ---------------


@njit(**JIT)
def _rotate_back(op, c, s, re, im, bra_re, bra_im, lo, hi, gradient):
    bit, other, both = op[1], op[2], op[3]
    step = (1 << bit) | ((1 << other) if both else 0)
    about_x = op[0] == ROTATE_X
    total = fill(re.dtype.type(0))
    for index in range(lo, hi):
        row = _row(index, bit)
        sign = op[4]
        if other >= 0:
            sign = op[5] if (row >> other) & 1 else op[4]
        if sign == 0:
            continue
        p, q = LANES * row, LANES * (row ^ step)
        x, y, u, v = load(re, p), load(im, p), load(re, q), load(im, q)
        a, b, d, e = load(bra_re, p), load(bra_im, p), load(bra_re, q), load(bra_im, q)
        turn = -s if sign > 0 else s
        if about_x:
            part = a * v - b * u + d * y - e * x
            store(re, p, c * x + turn * v)
            store(im, p, c * y - turn * u)
            store(re, q, c * u + turn * y)
            store(im, q, c * v - turn * x)
            store(bra_re, p, c * a + turn * e)
            store(bra_im, p, c * b - turn * d)
            store(bra_re, q, c * d + turn * b)
            store(bra_im, q, c * e - turn * a)
        else:
            part = d * x + e * y - a * u - b * v
            store(re, p, c * x - turn * u)
            store(im, p, c * y - turn * v)
            store(re, q, turn * x + c * u)
            store(im, q, turn * y + c * v)
            store(bra_re, p, c * a - turn * d)
            store(bra_im, p, c * b - turn * e)
            store(bra_re, q, turn * a + c * d)
            store(bra_im, q, turn * b + c * e)
        total = total + part if sign > 0 else total - part
    at = LANES * op[6]
    store(gradient, at, load(gradient, at) + total + total)


@njit(**JIT)
def _phase_back(op, c, s, re, im, bra_re, bra_im, lo, hi, gradient):
    bit, other = op[1], op[2]
    total = fill(re.dtype.type(0))
    for index in range(lo, hi):
        row = _row(index, max(bit, 0)) | ((1 << bit) if bit >= 0 else 0)
        if bit < 0:
            total = total + _turned_back(re, im, bra_re, bra_im, LANES * (row | 1), c, s)
        if other < 0 or (row >> other) & 1:
            total = total + _turned_back(re, im, bra_re, bra_im, LANES * row, c, s)
    at = LANES * op[6]
    store(gradient, at, load(gradient, at) + total + total)


@njit(**JIT)
def _turned_back(re, im, bra_re, bra_im, p, c, s):
    """``Im(conj(bra) state)`` of a row, which is then turned back by ``c + i s`` in both."""
    x, y, a, b = load(re, p), load(im, p), load(bra_re, p), load(bra_im, p)
    store(re, p, c * x - s * y)
    store(im, p, c * y + s * x)
    store(bra_re, p, c * a - s * b)
    store(bra_im, p, c * b + s * a)
    return a * y - b * x


# --- programs -------------------------------------------------------------------------------------------------------


@njit(**JIT)
def pieces(op, bits):
    """How many pieces of work an operation on so many bits has: rows, pairs of rows, or blocks."""
    if op[0] == DIAGONAL:
        return 1 << (bits - min(bits, max(LOW_BITS, op[3])))
    if op[0] == MATRIX2 or op[0] == SWAP:
        return 1 << (bits - 2)
    return 1 << (bits - 1)


@njit(**JIT)
def act(op, terms, constants, angles, adjoint, re, im, bits, lo, hi, phases, work):
    """An operation, or its adjoint, on the pieces lo .. hi of a state."""
    kind = op[0]
    if kind == ROTATE_X or kind == ROTATE_Y or kind == PHASE:
        c, s = _angle(angles, op[6])
        s = -s if adjoint else s
        if kind == PHASE:
            _phase(op, c, s, re, im, lo, hi)
        else:
            _rotate(op, c, s, re, im, lo, hi)
    elif kind == DIAGONAL:
        _diagonal(op, terms, angles, adjoint, re, im, bits, lo, hi, phases, work)
    elif kind == FLIP:
        _flip(op, re, im, lo, hi)
    elif kind == MATRIX:
        _matrix(op, constants, adjoint, re, im, lo, hi)
    elif kind == MATRIX2:
        _matrix2(op, constants, adjoint, re, im, lo, hi)
    elif kind == SWAP:
        _swap(op, re, im, lo, hi)
    elif kind == LANE_SWAP:
        _lane_swap(op, re, lo, hi)
        _lane_swap(op, im, lo, hi)


@njit(**JIT)
def act_back(op, terms, constants, angles, re, im, bra_re, bra_im, bits, lo, hi, phases, work, gradient):
    """Add the derivatives by an operation's angles, ``gradient[angle, lane]``; undo it in the state and the bra."""
    kind = op[0]
    if kind == ROTATE_X or kind == ROTATE_Y:
        c, s = _angle(angles, op[6])
        _rotate_back(op, c, s, re, im, bra_re, bra_im, lo, hi, gradient)
    elif kind == PHASE:
        c, s = _angle(angles, op[6])
        _phase_back(op, c, s, re, im, bra_re, bra_im, lo, hi, gradient)
    elif kind == DIAGONAL:
        _diagonal_back(op, terms, angles, re, im, bra_re, bra_im, bits, lo, hi, phases, work, gradient)
    else:
        act(op, terms, constants, angles, True, re, im, bits, lo, hi, phases, work)
        act(op, terms, constants, angles, True, bra_re, bra_im, bits, lo, hi, phases, work)


@njit(**JIT)
def start(places, angles, alone, bits, re, im):
    """The state before the first operation: the first angle's phase at the given rows (alone: and lanes), else zero."""
    re[: LANES << bits] = 0
    im[: LANES << bits] = 0
    c, s = _angle(angles, 0)
    for k in range(len(places)):
        at = LANES * places[k, 0]
        if alone:
            re[at + places[k, 1]] = angles[places[k, 1]]
            im[at + places[k, 1]] = -angles[len(angles) // 2 + places[k, 1]]
        else:
            store(re, at, c)
            store(im, at, -s)


@njit(**JIT)
def duplicate(op, re, im, rows):
    """A new bit in both parts of a state."""
    _duplicate(op, re, rows)
    _duplicate(op, im, rows)


@njit(**JIT)
def fold(op, re, im, bra_re, bra_im, rows):
    """The reverse of :func:`duplicate`: half of the state, the sum of both halves of the bra."""
    _fold(op, re, rows, False)
    _fold(op, im, rows, False)
    _fold(op, bra_re, rows, True)
    _fold(op, bra_im, rows, True)


@njit(**JIT)
def forward(ops, terms, constants, places, alone, angles, bits, re, im, lo, hi, phases, work):
    """The final states of the lane groups lo .. hi; ``re``, ``im`` and ``angles`` are (groups, entries)."""
    for group in range(lo, hi):
        state_re, state_im, own = re[group], im[group], angles[group]
        width = bits
        start(places, own, alone, width, state_re, state_im)
        for k in range(len(ops)):
            op = ops[k]
            if op[0] == DUPLICATE:
                duplicate(op, state_re, state_im, 1 << width)
                width += 1
            else:
                act(op, terms, constants, own, False, state_re, state_im, width, 0, pieces(op, width), phases, work)


@njit(**JIT)
def backward(ops, terms, constants, angles, bits, re, im, bra_re, bra_im, gradient, lo, hi, phases, work):
    """Run the lane groups back from their final states and bras; derivatives go to ``gradient`` (groups, entries).

    ``bits`` are those of the final states. Both states are destroyed.
    """
    for group in range(lo, hi):
        state_re, state_im, own = re[group], im[group], angles[group]
        left_re, left_im, found = bra_re[group], bra_im[group], gradient[group]
        width = bits
        for k in range(len(ops) - 1, -1, -1):
            op = ops[k]
            if op[0] == DUPLICATE:
                fold(op, state_re, state_im, left_re, left_im, 1 << width)
                width -= 1
                continue
            act_back(
                op, terms, constants, own, state_re, state_im, left_re, left_im, width, 0, pieces(op, width), phases,
                work, found,
            )  # fmt: skip


# --- densities: what a state leaves on its legs, in eight lanes -----------------------------------------------------
#
# A final state is T[x, k]: x over the outputs, k over the bits of the legs. M[k, l] = sum_x conj(T[x, k]) U[x, l] lies
# at ``2 deal[k] + deal[l]``: each leg bit is one digit of a number in base 4, of bra bit and ket bit. In the Hermitian
# basis E00, (E01 + E10)/sqrt(2), i(E01 - E10)/sqrt(2), E11 of each digit a density is real.


@njit(**JIT)
def _word(re, im, rows, dim, flip, sign, power, out_re, out_im):
    """``W T`` of a Pauli word: row x is row ``x ^ flip`` times ``(-i)**power`` and the parity of ``x & sign``."""
    for x in range(rows):
        minus = parity(x & sign) ^ (power >> 1)
        source = LANES * dim * (x ^ flip)
        target = LANES * dim * x
        for k in range(dim):
            a, b = load(re, source + LANES * k), load(im, source + LANES * k)
            if power & 1:
                a, b = b, -a
            if minus:
                a, b = -a, -b
            store(out_re, target + LANES * k, a)
            store(out_im, target + LANES * k, b)


@njit(**JIT)
def parity(number):
    """Whether a number has an odd count of ones."""
    number ^= number >> 32
    number ^= number >> 16
    number ^= number >> 8
    number ^= number >> 4
    number ^= number >> 2
    number ^= number >> 1
    return number & 1


@njit(**JIT)
def _gram(re, im, other_re, other_im, rows, dim, deal, out):
    """``M[k, l] = sum_x conj(T[x, k]) U[x, l]`` over all rows."""
    if dim == 1:
        _gram_entry(re, im, other_re, other_im, rows, out)
    else:
        _gram_of(np.arange(rows), re, im, other_re, other_im, dim, deal, out)


@njit(**JIT)
def _gram_of(order, re, im, other_re, other_im, dim, deal, out):
    """``M[k, l] = sum_x conj(T[x, k]) U[x, l]`` over the rows of an order, which is Hermitian.

    A few rows at a time stay in the cache, two by two columns of them in registers.
    """
    rows = len(order)
    for first in range(0, rows, BLOCK_ROWS):
        last = min(first + BLOCK_ROWS, rows)
        for k in range(0, dim, 2):
            for j in range(k, dim, 2):
                r, t = _start(out, deal[k], deal[j], first)
                r1, t1 = _start(out, deal[k], deal[j + 1], first)
                r2, t2 = _start(out, deal[k + 1], deal[j], first)
                r3, t3 = _start(out, deal[k + 1], deal[j + 1], first)
                for place in range(first, last):
                    x = order[place]
                    p, q = LANES * (dim * x + k), LANES * (dim * x + j)
                    a, b, c, d = load(re, p), load(im, p), load(other_re, q), load(other_im, q)
                    r, t = r + a * c + b * d, t + a * d - b * c
                    e, f = load(other_re, q + LANES), load(other_im, q + LANES)
                    r1, t1 = r1 + a * e + b * f, t1 + a * f - b * e
                    a, b = load(re, p + LANES), load(im, p + LANES)
                    r2, t2 = r2 + a * c + b * d, t2 + a * d - b * c
                    r3, t3 = r3 + a * e + b * f, t3 + a * f - b * e
                _put(out, deal[k], deal[j], r, t)
                _put(out, deal[k], deal[j + 1], r1, t1)
                _put(out, deal[k + 1], deal[j], r2, t2)
                _put(out, deal[k + 1], deal[j + 1], r3, t3)


@njit(**JIT)
def _start(out, k, j, first):
    """An entry of a matrix so far; zero before the first rows."""
    p = 2 * LANES * (2 * k + j)
    zero = fill(out.dtype.type(0))
    if first == 0:
        return zero, zero
    return load(out, p), load(out, p + LANES)


@njit(**JIT)
def _gram_entry(re, im, other_re, other_im, rows, out):
    r = fill(re.dtype.type(0))
    t = r
    for x in range(rows):
        p = LANES * x
        a, b, c, d = load(re, p), load(im, p), load(other_re, p), load(other_im, p)
        r, t = r + a * c + b * d, t + a * d - b * c
    _put(out, 0, 0, r, t)


@njit(**JIT)
def _put(out, k, j, r, t):
    """An entry of a Hermitian matrix and its mirror image, at dealt indices."""
    p, q = 2 * LANES * (2 * k + j), 2 * LANES * (2 * j + k)
    store(out, q, r)
    store(out, q + LANES, -t)
    store(out, p, r)
    store(out, p + LANES, t)


@njit(**JIT)
def _to_basis(density, digits, turned):
    """From bra and ket bits to the Hermitian basis, in place; ``turned`` legs take the transposed basis."""
    half = fill(density.dtype.type(0.5**0.5))
    size = 4**digits
    for digit in range(digits):
        step = 2 * LANES * 4 ** (digits - 1 - digit)
        for k in range(size):
            p = 2 * LANES * k
            if (p // step) & 3 == 0:
                a, b = load(density, p + step), load(density, p + step + LANES)
                c, d = load(density, p + 2 * step), load(density, p + 2 * step + LANES)
                store(density, p + step, half * (a + c))
                store(density, p + step + LANES, half * (b + d))
                c, d = half * (b - d), half * (c - a)
                if turned[digit]:
                    c, d = -c, -d
                store(density, p + 2 * step, c)
                store(density, p + 2 * step + LANES, d)


@njit(**JIT)
def _from_basis(density, digits, turned):
    """The reverse of :func:`_to_basis`."""
    half = fill(density.dtype.type(0.5**0.5))
    size = 4**digits
    for digit in range(digits):
        step = 2 * LANES * 4 ** (digits - 1 - digit)
        for k in range(size):
            p = 2 * LANES * k
            if (p // step) & 3 == 0:
                a, b = load(density, p + step), load(density, p + step + LANES)
                c, d = load(density, p + 2 * step), load(density, p + 2 * step + LANES)
                if turned[digit]:
                    c, d = -c, -d
                store(density, p + step, half * (a - d))
                store(density, p + step + LANES, half * (b + c))
                store(density, p + 2 * step, half * (a + d))
                store(density, p + 2 * step + LANES, half * (b - c))


@njit(**JIT)
def _spread(other_re, other_im, density, rows, dim, deal, out_re, out_im, fresh=False):
    """Add ``U H`` to the amplitudes ``out``, or write it there; two by two entries stay in registers."""
    zero = fill(out_re.dtype.type(0))
    if dim == 1 or rows == 1:
        _spread_rows(other_re, other_im, density, 0, rows, dim, deal, out_re, out_im, fresh)
        return
    for first in range(0, rows, BLOCK_ROWS):
        for j in range(0, dim, 2):
            for x in range(first, min(first + BLOCK_ROWS, rows), 2):
                base, next_base = LANES * dim * x, LANES * dim * (x + 1)
                p, q = base + LANES * j, next_base + LANES * j
                r, t, r1, t1, r2, t2, r3, t3 = zero, zero, zero, zero, zero, zero, zero, zero
                if not fresh:
                    r, t, r1, t1 = load(out_re, p), load(out_im, p), load(out_re, p + LANES), load(out_im, p + LANES)
                    r2, t2, r3, t3 = load(out_re, q), load(out_im, q), load(out_re, q + LANES), load(out_im, q + LANES)
                for k in range(dim):
                    h, g = 2 * LANES * (2 * deal[k] + deal[j]), 2 * LANES * (2 * deal[k] + deal[j + 1])
                    a, b, c, d = load(density, h), load(density, h + LANES), load(density, g), load(density, g + LANES)
                    u, v = load(other_re, base + LANES * k), load(other_im, base + LANES * k)
                    r, t = _sum(r, t, a, b, u, v)
                    r1, t1 = _sum(r1, t1, c, d, u, v)
                    u, v = load(other_re, next_base + LANES * k), load(other_im, next_base + LANES * k)
                    r2, t2 = _sum(r2, t2, a, b, u, v)
                    r3, t3 = _sum(r3, t3, c, d, u, v)
                store(out_re, p, r)
                store(out_im, p, t)
                store(out_re, p + LANES, r1)
                store(out_im, p + LANES, t1)
                store(out_re, q, r2)
                store(out_im, q, t2)
                store(out_re, q + LANES, r3)
                store(out_im, q + LANES, t3)


@njit(**JIT)
def _spread_rows(other_re, other_im, density, lo, hi, dim, deal, out_re, out_im, fresh):
    zero = fill(out_re.dtype.type(0))
    for x in range(lo, hi):
        base = LANES * dim * x
        for j in range(dim):
            r, t = zero, zero
            if not fresh:
                r, t = load(out_re, base + LANES * j), load(out_im, base + LANES * j)
            for k in range(dim):
                h = 2 * LANES * (2 * deal[k] + deal[j])
                u, v = load(other_re, base + LANES * k), load(other_im, base + LANES * k)
                r, t = _sum(r, t, load(density, h), load(density, h + LANES), u, v)
            store(out_re, base + LANES * j, r)
            store(out_im, base + LANES * j, t)


@njit(**JIT)
def _gather(data, group, items, members, offsets, digits, density):
    """Densities of a lane group from the rows of ``data``; False where none of its items has one."""
    found = False
    density[: 2 * LANES * 4**digits] = 0
    for lane in range(LANES):
        item = LANES * group + lane
        if item < items and offsets[item % members] >= 0:
            found = True
            row, offset = item // members, offsets[item % members]
            for k in range(4**digits):
                density[2 * LANES * k + lane] = data[row, offset + k]
    return found


@njit(**JIT)
def _scatter(density, group, items, members, offsets, digits, data):
    """Add the densities of a lane group to the rows of ``data``."""
    for lane in range(LANES):
        item = LANES * group + lane
        if item < items and offsets[item % members] >= 0:
            row, offset = item // members, offsets[item % members]
            for k in range(4**digits):
                data[row, offset + k] += density[2 * LANES * k + lane]


@njit(**JIT)
def squares(
    re, im, rows, deal, digits, turned, words, offsets, items, members, data, lo, hi, work_re, work_im, density
):
    """Write the density of each word, ``words[w] = (flip, sign, power)``, at ``offsets[w, member]`` of each row."""
    dim = len(deal)
    together = 1 < len(words) <= MOST_SIGNS and dim > 1
    for w in range(len(words)):
        together = together and words[w, 0] == 0
    if together:
        _squares_of_signs(re, im, rows, deal, digits, turned, words, offsets, items, members, data, lo, hi, density)
        return
    for group in range(lo, hi):
        own_re, own_im = re[group], im[group]
        for w in range(len(words)):
            if words[w, 0] == 0 and words[w, 1] == 0:
                _gram(own_re, own_im, own_re, own_im, rows, dim, deal, density)
            else:
                _word(own_re, own_im, rows, dim, words[w, 0], words[w, 1], words[w, 2], work_re, work_im)
                _gram(own_re, own_im, work_re, work_im, rows, dim, deal, density)
            _to_basis(density, digits, turned)
            _scatter(density, group, items, members, offsets[w], digits, data)


@njit(**JIT)
def _squares_of_signs(re, im, rows, deal, digits, turned, words, offsets, items, members, data, lo, hi, part):
    """Densities of words that only change signs, together: each class of rows of equal signs is multiplied once."""
    count = len(words)
    classes = np.empty(rows, np.int64)
    for x in range(rows):
        classes[x] = 0
        for w in range(count):
            classes[x] |= parity(x & words[w, 1]) << w
    found = np.empty((count, len(part)), part.dtype)
    for group in range(lo, hi):
        found[:] = 0
        for own in range(1 << count):
            order = np.flatnonzero(classes == own)
            if len(order) == 0:
                continue
            _gram_of(order, re[group], im[group], re[group], im[group], len(deal), deal, part)
            for w in range(count):
                if (own >> w) & 1:
                    found[w] -= part
                else:
                    found[w] += part
        for w in range(count):
            _to_basis(found[w], digits, turned)
            _scatter(found[w], group, items, members, offsets[w], digits, data)


@njit(**JIT)
def squares_back(
    re,
    im,
    rows,
    deal,
    digits,
    turned,
    words,
    offsets,
    items,
    members,
    data,
    bra_re,
    bra_im,
    lo,
    hi,
    work_re,
    work_im,
    density,
):
    """Add to the bra of one lane group what the derivatives ``data`` by the densities mean for the amplitudes."""
    dim = len(deal)
    for group in range(lo, hi):
        for w in range(len(words)):
            if not _gather(data, group, items, members, offsets[w], digits, density):
                continue
            _from_basis(density, digits, turned)
            if words[w, 0] == 0 and words[w, 1] == 0:
                _spread(re[group], im[group], density, rows, dim, deal, bra_re[0], bra_im[0])
            else:
                _word(re[group], im[group], rows, dim, words[w, 0], words[w, 1], words[w, 2], work_re, work_im)
                _spread(work_re, work_im, density, rows, dim, deal, bra_re[0], bra_im[0])


# --- readouts: values of many words of one fragment in one environment ----------------------------------------------


@njit(**JIT)
def _hadamard(array, rows):
    """Sums over all rows with the parity of ``x & z`` as sign, for every z, in place."""
    step = 1
    while step < rows:
        for x in range(rows):
            if x & step == 0:
                a, b = load(array, LANES * x), load(array, LANES * (x | step))
                store(array, LANES * x, a + b)
                store(array, LANES * (x | step), a - b)
        step *= 2


@njit(**JIT)
def readouts(
    re,
    im,
    rows,
    deal,
    digits,
    turned,
    words,
    flips,
    columns,
    offsets,
    tensors,
    exponents,
    items,
    members,
    data,
    values,
    lo,
    hi,
    work_re,
    work_im,
    density,
    square,
    sums_re,
    sums_im,
):
    """Values of words in the environments at ``offsets[member]`` of each row.

    ``flips[f] = (flip, first word, last word)`` are groups of ``words[w] = (flip, sign, power)``; the value of word w
    of a member goes to ``values[row, columns[w, member]]``; ``exponents[row, tensors[member]]`` scales it.
    """
    dim = len(deal)
    alone = (flips[:, 0] != 0) & (flips[:, 2] == flips[:, 1] + 1)
    singles = flips[alone, 1]
    halves = np.empty(2 * LANES * len(singles), re.dtype)
    for group in range(lo, hi):
        if not _gather(data, group, items, members, offsets, digits, density):
            continue
        if len(words) == 1:
            # One word: its own density against the environment is less work than the environment on all amplitudes.
            _word(re[group], im[group], rows, dim, words[0, 0], words[0, 1], words[0, 2], work_re, work_im)
            _gram(re[group], im[group], work_re, work_im, rows, dim, deal, square)
            _to_basis(square, digits, turned)
            for lane in range(LANES):
                item = LANES * group + lane
                if item < items and columns[0, item % members] >= 0:
                    value = np.float64(0)
                    for k in range(4**digits):
                        value += density[2 * LANES * k + lane] * square[2 * LANES * k + lane]
                    row, member = item // members, item % members
                    values[row, columns[0, member]] = np.ldexp(value, exponents[row, tensors[member]])
            continue
        _from_basis(density, digits, turned)
        _spread(re[group], im[group], density, rows, dim, deal, work_re, work_im, True)
        _half_overlaps(work_re, work_im, re[group], im[group], rows, dim, words, singles, halves)
        for f in range(len(flips)):
            if flips[f, 0] == 0 or flips[f, 2] > flips[f, 1] + 1:
                _overlaps(work_re, work_im, re[group], im[group], rows, dim, flips[f, 0], sums_re, sums_im)
                _hadamard(sums_re, rows)
                _hadamard(sums_im, rows)
                for w in range(flips[f, 1], flips[f, 2]):
                    at = LANES * words[w, 1]
                    value = (sums_re[at : at + LANES], sums_im[at : at + LANES])
                    _read(value, words[w, 2], columns[w], group, items, members, exponents, tensors, values)
        for k in range(len(singles)):
            w = singles[k]
            value = (halves[2 * LANES * k : 2 * LANES * k + LANES], halves[2 * LANES * k + LANES : 2 * LANES * (k + 1)])
            _read(value, words[w, 2], columns[w], group, items, members, exponents, tensors, values)


@njit(**JIT)
def _read(value, power, columns, group, items, members, exponents, tensors, values):
    """Write the values of a word from its complex overlaps with all but ``(-i)**power``, one for each lane."""
    for lane in range(LANES):
        item = LANES * group + lane
        if item < items and columns[item % members] >= 0:
            number = value[1][lane] if power & 1 else value[0][lane]
            number = -number if power & 2 else number
            row, member = item // members, item % members
            values[row, columns[member]] = np.ldexp(np.float64(number), exponents[row, tensors[member]])


@njit(**JIT)
def _overlaps(left_re, left_im, re, im, rows, dim, flip, sums_re, sums_im):
    """``sum_k conj(G[x, k]) T[x ^ flip, k]`` for each row x."""
    for x in range(rows):
        r = fill(re.dtype.type(0))
        t = r
        for k in range(dim):
            p, q = LANES * (dim * x + k), LANES * (dim * (x ^ flip) + k)
            a, b, c, d = load(left_re, p), load(left_im, p), load(re, q), load(im, q)
            r = r + a * c + b * d
            t = t + a * d - b * c
        store(sums_re, LANES * x, r)
        store(sums_im, LANES * x, t)


@njit(**JIT)
def _half_overlaps(left_re, left_im, re, im, rows, dim, words, singles, found):
    """Overlaps of words that flip bits: rows x and ``x ^ flip`` are conjugate, so that half of them suffice."""
    found[:] = 0
    for x in range(rows):
        for number in range(len(singles)):
            w = singles[number]
            other = x ^ words[w, 0]
            if x > other:
                continue
            r = fill(re.dtype.type(0))
            t = r
            for k in range(dim):
                p, q = LANES * (dim * x + k), LANES * (dim * other + k)
                a, b, c, d = load(left_re, p), load(left_im, p), load(re, q), load(im, q)
                r, t = r + a * c + b * d, t + a * d - b * c
            at = 2 * LANES * number
            if parity(x & words[w, 1]):
                r, t = -r, -t
            store(found, at, load(found, at) + r + r)
            store(found, at + LANES, load(found, at + LANES) + t + t)


@njit(**JIT)
def readouts_back(
    re,
    im,
    rows,
    deal,
    digits,
    turned,
    words,
    flips,
    columns,
    offsets,
    tensors,
    exponents,
    items,
    members,
    data,
    weights,
    bra_re,
    bra_im,
    left,
    lo,
    hi,
    work_re,
    work_im,
    density,
    sums_re,
    sums_im,
):
    """From derivatives ``weights`` (rows, columns) by the values to bras, and to ``left`` by the environments."""
    dim = len(deal)
    for group in range(lo, hi):
        if not _gather(data, group, items, members, offsets, digits, density):
            continue
        _from_basis(density, digits, turned)
        work_re[: LANES * rows * dim] = 0
        work_im[: LANES * rows * dim] = 0
        for f in range(len(flips)):
            sums_re[: LANES * rows] = 0
            sums_im[: LANES * rows] = 0
            for w in range(flips[f, 1], flips[f, 2]):
                power, at = words[w, 2], LANES * words[w, 1]
                for lane in range(LANES):
                    item = LANES * group + lane
                    if item < items and columns[w, item % members] >= 0:
                        row, member = item // members, item % members
                        weight = np.ldexp(weights[row, columns[w, member]], exponents[row, tensors[member]])
                        weight = -weight if power & 2 else weight
                        if power & 1:
                            sums_im[at + lane] -= weight
                        else:
                            sums_re[at + lane] += weight
            _hadamard(sums_re, rows)
            _hadamard(sums_im, rows)
            for x in range(rows):
                c, d = load(sums_re, LANES * x), load(sums_im, LANES * x)
                for k in range(dim):
                    p, q = LANES * (dim * x + k), LANES * (dim * (x ^ flips[f, 0]) + k)
                    r, t = _sum(load(work_re, p), load(work_im, p), c, d, load(re[group], q), load(im[group], q))
                    store(work_re, p, r)
                    store(work_im, p, t)
        _spread(work_re, work_im, density, rows, dim, deal, bra_re[group], bra_im[group])
        _gram(re[group], im[group], work_re, work_im, rows, dim, deal, density)
        _to_basis(density, digits, turned)
        _scatter(density, group, items, members, offsets, digits, left)


# --- sines ----------------------------------------------------------------------------------------------------------

QUARTER = (1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21)
"""A quarter turn in three parts, the first with so few bits that its multiples up to 2**20 are exact."""

LARGEST = 1e6
"""Angles beyond are left to the library's functions."""


@njit(**JIT)
def sines(raw, cosines, sines):
    """Cosines and sines of flat arrays of angles, to rounding: a loop that needs no calls is run in registers.

    The angle is reduced to a distance from the nearest quarter turn; there the Taylor series of both functions end.
    """
    shift = 6755399441055744.0  # 1.5 * 2**52: adding it rounds to a whole number
    for k in range(len(raw)):
        x = raw[k]
        turns = (x * 0.6366197723675814 + shift) - shift
        x = ((x - turns * QUARTER[0]) - turns * QUARTER[1]) - turns * QUARTER[2]
        y = x * x
        s = 1 / 6227020800 - y / 1307674368000
        s = 1 / 362880 - y * (1 / 39916800 - y * s)
        s = x - x * y * (1 / 6 - y * (1 / 120 - y * (1 / 5040 - y * s)))
        c = 1 / 87178291200 - y / 20922789888000
        c = 1 / 3628800 - y * (1 / 479001600 - y * c)
        c = 1 - y * (1 / 2 - y * (1 / 24 - y * (1 / 720 - y * (1 / 40320 - y * c))))
        quadrant = np.int64(turns) & 3
        odd, flip_c, flip_s = quadrant & 1, (quadrant + 1) & 2, quadrant & 2
        a, b = (s, c) if odd else (c, s)
        cosines[k] = -a if flip_c else a
        sines[k] = -b if flip_s else b
    for k in range(len(raw)):
        if not abs(raw[k]) < LARGEST:
            cosines[k], sines[k] = math.cos(raw[k]), math.sin(raw[k])


# --- angles from parameters -----------------------------------------------------------------------------------------


@njit(**JIT)
def bind(params, starts, indices, weights, constants, members, count, alone, out, lo, hi):
    """Angles ``constant + sum weight * parameter`` of the items lo .. hi.

    ``starts`` delimits for each member and each of its ``count`` angles the terms; side by side an item's angle k goes
    to lane ``item % 8`` of ``out[(item - lo) // 8, k]``, alone the count runs over angles and lanes of ``out[item]``.
    """
    for item in range(lo, hi):
        row, member = item // members, item % members
        for k in range(count):
            at = member * count + k
            value = constants[at]
            for term in range(starts[at], starts[at + 1]):
                value += weights[term] * params[row, indices[term]]
            if alone:
                out[item, k] = value
            else:
                out[(item - lo) // LANES, LANES * k + item % LANES] = value


@njit(**JIT)
def unbind(gradient, starts, indices, weights, members, count, alone, rows, out):
    """Add the derivatives by angles to those by parameters, (rows, parameters)."""
    for item in range(rows * members):
        row, member = item // members, item % members
        for k in range(count):
            at = member * count + k
            value = gradient[item, k] if alone else gradient[item // LANES, LANES * k + item % LANES]
            for term in range(starts[at], starts[at + 1]):
                out[row, indices[term]] += weights[term] * value


# --- all groups of small fragments in one call ----------------------------------------------------------------------
#
# A row of ``headers`` says where a group's part of each flat table begins, in the order of the names below; ``layout``
# where its states and angles lie for the present number of rows: (lane groups, first state, first angle). Thread
# ``part`` of ``parts`` takes its share of the lane groups of every group.

(
    MEMBERS, ANGLES, STARTS, CONSTANTS, OPS, OPS_END, PLACES, PLACES_END, FIRST_BITS, BITS, ROWS, DIGITS, DEAL, TURNED,
    WORDS, WORDS_END, OFFSETS, READOUTS, READOUTS_END,
) = range(19)  # fmt: skip
HEADER = 19

READ_WORDS, READ_WORDS_END, READ_FLIPS, READ_FLIPS_END, READ_COLUMNS, READ_OFFSETS = range(6)


@njit(**JIT)
def _share(head, layout, rows, part, parts):
    """The lane groups of a thread, and how many items there are."""
    return layout[0] * part // parts, layout[0] * (part + 1) // parts, rows * head[MEMBERS]


@njit(**JIT)
def _part_of(flat, layout, column, entries):
    """The (lane groups, entries) of a group in a flat array."""
    first = layout[column]
    return flat[first : first + layout[0] * entries].reshape(layout[0], entries)


@njit(**JIT)
def _geometry(head, deal, turned):
    dim = 1 << head[DIGITS]
    return head[ROWS], deal[head[DEAL] : head[DEAL] + dim], turned[head[TURNED] : head[TURNED] + head[DIGITS]]


@njit(**JIT)
def _square_table(head, words, offsets):
    count = head[WORDS_END] - head[WORDS]
    first = head[OFFSETS]
    table = offsets[first : first + count * head[MEMBERS]].reshape(count, head[MEMBERS])
    return words[head[WORDS] : head[WORDS_END]], table


@njit(**JIT)
def lanes_forward(
    headers, layout, ops, terms, constants, places, starts, indices, weights, offsets_of_angles, deal, turned, words,
    offsets, params, angles, re, im, data, part, parts,
):  # fmt: skip
    """Angles, final states and the densities that the contraction needs, of all groups."""
    for g in range(len(headers)):
        head, own = headers[g], layout[g]
        lo, hi, items = _share(head, own, len(params), part, parts)
        count, bits = head[ANGLES], head[BITS]
        raw = np.zeros((hi - lo, LANES * count))
        turns = _part_of(angles, own, 2, 2 * LANES * count)
        table = (
            starts[head[STARTS] :], indices, weights, offsets_of_angles[head[CONSTANTS] :], head[MEMBERS], count, False,
        )  # fmt: skip
        bind(params, *table, raw, LANES * lo, min(LANES * hi, items))
        for group in range(lo, hi):
            sines(raw[group - lo], turns[group, : LANES * count], turns[group, LANES * count :])
        own_re, own_im = _part_of(re, own, 1, LANES << bits), _part_of(im, own, 1, LANES << bits)
        scratch = np.empty((2, 2 * LANES << min(bits, LOW_BITS)), re.dtype)
        own_ops = ops[head[OPS] : head[OPS_END]]
        own_places = places[head[PLACES] : head[PLACES_END]]
        forward(
            own_ops, terms, constants, own_places, False, turns, head[FIRST_BITS], own_re, own_im, lo, hi,
            scratch[0], scratch[1],
        )  # fmt: skip
        own_words, table_of_offsets = _square_table(head, words, offsets)
        if len(own_words):
            rows, own_deal, own_turned = _geometry(head, deal, turned)
            work = np.empty((2, LANES << bits), re.dtype)
            density = np.empty(2 * LANES << (2 * head[DIGITS]), re.dtype)
            squares(
                own_re, own_im, rows, own_deal, head[DIGITS], own_turned, own_words, table_of_offsets, items,
                head[MEMBERS], data, lo, hi, work[0], work[1], density,
            )  # fmt: skip


@njit(**JIT)
def lanes_read(
    headers, layout, deal, turned, reads, words, flips, columns, places, tensors, re, im, data, exponents, values,
    back, bra_re, bra_im, left, part, parts,
):  # fmt: skip
    """Values of words in the environments that the contraction left; with ``back`` bras from derivatives ``values``."""
    for g in range(len(headers)):
        head, own = headers[g], layout[g]
        lo, hi, items = _share(head, own, len(data), part, parts)
        bits, members = head[BITS], head[MEMBERS]
        own_re, own_im = _part_of(re, own, 1, LANES << bits), _part_of(im, own, 1, LANES << bits)
        rows, own_deal, own_turned = _geometry(head, deal, turned)
        work = np.empty((2, LANES << bits), re.dtype)
        density = np.empty(2 * LANES << (2 * head[DIGITS]), re.dtype)
        square = np.empty(2 * LANES << (2 * head[DIGITS]), re.dtype)
        sums = np.empty((2, LANES * rows), re.dtype)
        if back and head[READOUTS] < head[READOUTS_END]:
            _part_of(bra_re, own, 3, LANES << bits)[lo:hi] = 0
            _part_of(bra_im, own, 3, LANES << bits)[lo:hi] = 0
        for r in range(head[READOUTS], head[READOUTS_END]):
            read = reads[r]
            own_words = words[read[READ_WORDS] : read[READ_WORDS_END]]
            own_flips = flips[read[READ_FLIPS] : read[READ_FLIPS_END]]
            first = read[READ_COLUMNS]
            table = columns[first : first + len(own_words) * members].reshape(len(own_words), members)
            first = read[READ_OFFSETS]
            where, which = places[first : first + members], tensors[first : first + members]
            if back:
                readouts_back(
                    own_re, own_im, rows, own_deal, head[DIGITS], own_turned, own_words, own_flips, table, where,
                    which, exponents, items, members, data, values, _part_of(bra_re, own, 3, LANES << bits),
                    _part_of(bra_im, own, 3, LANES << bits), left, lo, hi, work[0], work[1], density, sums[0], sums[1],
                )  # fmt: skip
            else:
                readouts(
                    own_re, own_im, rows, own_deal, head[DIGITS], own_turned, own_words, own_flips, table, where,
                    which, exponents, items, members, data, values, lo, hi, work[0], work[1], density, square,
                    sums[0], sums[1],
                )  # fmt: skip


@njit(**JIT)
def lanes_backward(
    headers, layout, ops, terms, constants, starts, indices, weights, deal, turned, words, offsets, angles, re, im,
    bra_re, bra_im, left, gradient, part, parts,
):  # fmt: skip
    """Derivatives by the angles from bras and derivatives ``left`` by the densities, of all groups."""
    for g in range(len(headers)):
        head, own = headers[g], layout[g]
        lo, hi, items = _share(head, own, len(left), part, parts)
        count, bits = head[ANGLES], head[BITS]
        own_re, own_im = _part_of(re, own, 1, LANES << bits), _part_of(im, own, 1, LANES << bits)
        measured = head[READOUTS] < head[READOUTS_END]
        own_words, table = _square_table(head, words, offsets)
        work = np.empty((6, 1, LANES << bits), re.dtype)
        scratch = np.empty((2, 2 * LANES << min(bits, LOW_BITS)), re.dtype)
        density = np.empty(2 * LANES << (2 * head[DIGITS]), re.dtype)
        rows, own_deal, own_turned = _geometry(head, deal, turned)
        turns = _part_of(angles, own, 2, 2 * LANES * count)
        first = own[2] // 2
        found = gradient[first : first + own[0] * LANES * count].reshape(own[0], LANES * count)
        own_ops = ops[head[OPS] : head[OPS_END]]
        for group in range(lo, hi):
            if measured:
                work[4, 0, :] = _part_of(bra_re, own, 3, LANES << bits)[group]
                work[5, 0, :] = _part_of(bra_im, own, 3, LANES << bits)[group]
            else:
                work[4:] = 0
            if len(own_words):
                squares_back(
                    own_re, own_im, rows, own_deal, head[DIGITS], own_turned, own_words, table, items, head[MEMBERS],
                    left, work[4], work[5], group, group + 1, work[2, 0], work[3, 0], density,
                )  # fmt: skip
            work[0, 0, :], work[1, 0, :] = own_re[group], own_im[group]
            backward(
                own_ops, terms, constants, turns[group : group + 1], bits, work[0], work[1], work[4], work[5],
                found[group : group + 1], 0, 1, scratch[0], scratch[1],
            )  # fmt: skip


@njit(**JIT)
def lanes_unbind(headers, layout, starts, indices, weights, gradient, out):
    """Derivatives by the parameters, added to ``out`` (rows, parameters) in a fixed order."""
    for g in range(len(headers)):
        head, own = headers[g], layout[g]
        count = head[ANGLES]
        first = own[2] // 2
        found = gradient[first : first + own[0] * LANES * count].reshape(own[0], LANES * count)
        unbind(found, starts[head[STARTS] :], indices, weights, head[MEMBERS], count, False, len(out), out)
