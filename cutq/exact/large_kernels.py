"""Compiled loops over the state of one large fragment, whose lanes are three of its bits.

Operations are run tile by tile: many of them on a part of the state that stays in the cache, see
:mod:`cutq.exact.tiles`. Densities and readouts are made block by block: some rows of ``T[x, e]``, x over the outputs
among the bits of the rows, e over the bits of legs among them and all lanes, so that no second copy of a state exists.

Work is divided into pieces whose results are added in a fixed order; how many threads share them changes nothing.
"""

# mypy: ignore-errors
from __future__ import annotations

import numpy as np
from numba import njit

from cutq.exact.kernels import (
    DIAGONAL,
    FLIP,
    JIT,
    MATRIX,
    PHASE,
    ROTATE_X,
    ROTATE_Y,
    _diagonal_back_block,
    _diagonal_block,
    _hadamard,
    act,
    act_back,
    parity,
    pieces,
)
from cutq.exact.lanes import LANES, fill, load, store

# --- operations on a tile ---------------------------------------------------------------------------------------------


@njit(**JIT)
def _inside(op, bits, tile, own):
    """Write to ``own`` what an operation is on a tile, where the bits from ``bits`` on are constant.

    Returns False where it does nothing there.
    """
    own[:] = op
    kind, bit, other = op[0], op[1], op[2]
    if kind == PHASE:
        if other >= bits:
            if not (tile >> (other - bits)) & 1:
                return False
            own[2] = -1
        if bit >= bits:
            if not (tile >> (bit - bits)) & 1:
                return False
            own[1], own[2] = own[2], -1
    elif other >= bits and kind in (ROTATE_X, ROTATE_Y):
        own[2] = -1
        own[4] = op[5] if (tile >> (other - bits)) & 1 else op[4]
        return own[4] != 0
    elif other >= bits and kind in (MATRIX, FLIP):
        own[2] = -1
        return (tile >> (other - bits)) & 1 == op[3]
    return True


@njit(**JIT)
def _first_row(tile, outer):
    """The first row of a tile: its number's bits at the places of the bits that are constant in it."""
    row = 0
    for k in range(len(outer)):
        row |= ((tile >> k) & 1) << outer[k]
    return row


@njit(**JIT)
def _collect(array, first, chunks, width, out):
    for k in range(len(chunks)):
        source, target = LANES * (first | chunks[k]), width * k
        for j in range(0, width, LANES):
            store(out, target + j, load(array, source + j))


@njit(**JIT)
def _put_back(out, first, chunks, width, array):
    for k in range(len(chunks)):
        source, target = width * k, LANES * (first | chunks[k])
        for j in range(0, width, LANES):
            store(array, target + j, load(out, source + j))


@njit(**JIT)
def _run_tile(ops, terms, constants, angles, re, im, bits, tile, own, phases, work):
    for k in range(len(ops)):
        if ops[k, 0] == DIAGONAL:
            _diagonal_block(ops[k], terms, angles, False, re, im, tile, bits, 0, phases, work)
        elif _inside(ops[k], bits, tile, own):
            act(own, terms, constants, angles, False, re, im, bits, 0, pieces(own, bits), phases, work)


@njit(**JIT)
def _run_tile_back(ops, terms, constants, angles, re, im, bra_re, bra_im, bits, tile, own, phases, work, gradient):
    for k in range(len(ops) - 1, -1, -1):
        if ops[k, 0] == DIAGONAL:
            _diagonal_back_block(
                ops[k], terms, angles, re, im, bra_re, bra_im, tile, bits, 0, phases, work, gradient
            )  # fmt: skip
        elif _inside(ops[k], bits, tile, own):
            act_back(
                own, terms, constants, angles, re, im, bra_re, bra_im, bits, 0, pieces(own, bits), phases, work,
                gradient,
            )  # fmt: skip


@njit(**JIT)
def tiles_forward(ops, terms, constants, angles, re, im, bits, chunks, outer, first, last):
    """Run operations on the tiles first .. last of ``2**bits`` rows, each gathered from ``chunks`` of rows."""
    width = (LANES << bits) // len(chunks)
    own = np.empty(8, np.int64)
    phases, work = np.empty(2 * LANES << bits, re.dtype), np.empty(2 * LANES << bits, re.dtype)
    tile_re, tile_im = np.empty(LANES << bits, re.dtype), np.empty(LANES << bits, re.dtype)
    for tile in range(first, last):
        row = _first_row(tile, outer)
        if len(chunks) == 1:
            at = LANES * row
            part_re, part_im = re[at : at + width], im[at : at + width]
            _run_tile(ops, terms, constants, angles, part_re, part_im, bits, tile, own, phases, work)
        else:
            _collect(re, row, chunks, width, tile_re)
            _collect(im, row, chunks, width, tile_im)
            _run_tile(ops, terms, constants, angles, tile_re, tile_im, bits, tile, own, phases, work)
            _put_back(tile_re, row, chunks, width, re)
            _put_back(tile_im, row, chunks, width, im)


@njit(**JIT)
def tiles_backward(
    ops, terms, constants, angles, re, im, bra_re, bra_im, bits, chunks, outer, first, last, gradient
):  # fmt: skip
    """Undo operations in the state and in the bra; add the derivatives by their angles."""
    width = (LANES << bits) // len(chunks)
    own = np.empty(8, np.int64)
    phases, work = np.empty(2 * LANES << bits, re.dtype), np.empty(2 * LANES << bits, re.dtype)
    parts = np.empty((4, LANES << bits), re.dtype)
    for tile in range(first, last):
        row = _first_row(tile, outer)
        _collect(re, row, chunks, width, parts[0])
        _collect(im, row, chunks, width, parts[1])
        _collect(bra_re, row, chunks, width, parts[2])
        _collect(bra_im, row, chunks, width, parts[3])
        _run_tile_back(
            ops, terms, constants, angles, parts[0], parts[1], parts[2], parts[3], bits, tile, own, phases, work,
            gradient,
        )  # fmt: skip
        _put_back(parts[0], row, chunks, width, re)
        _put_back(parts[1], row, chunks, width, im)
        _put_back(parts[2], row, chunks, width, bra_re)
        _put_back(parts[3], row, chunks, width, bra_im)


# --- blocks of rows T[x, e] -------------------------------------------------------------------------------------------
#
# ``rows`` are the rows of the first block's x, ``firsts`` the first row of each block, ``legs`` what the bits of legs
# add. ``flips[f] = (flip of x, flip of lanes, first word, last word)``, ``words[w] = (sign of x, power)``.


@njit(**JIT)
def _fetch(re, im, first, rows, legs, flip, lane_flip, out_re, out_im):
    """A block as a matrix (x ^ flip, e), with lanes exchanged."""
    at = 0
    for x in range(len(rows)):
        base = first | rows[x ^ flip]
        for leg in legs:
            p = LANES * (base | leg)
            if lane_flip == 0:
                store(out_re, at, load(re, p))
                store(out_im, at, load(im, p))
            else:
                for lane in range(LANES):
                    out_re[at + lane], out_im[at + lane] = re[p + (lane ^ lane_flip)], im[p + (lane ^ lane_flip)]
            at += LANES


@njit(**JIT)
def _gram(a_re, a_im, b_re, b_im, rows, dim, out):
    """Add ``sum_x conj(a[x, k]) b[x, j]``, real parts and then imaginary ones, four k at a time."""
    size = dim * dim
    for k in range(0, dim, 4):
        for j in range(0, dim, LANES):
            r0 = fill(b_re.dtype.type(0))
            r1 = r2 = r3 = t0 = t1 = t2 = t3 = r0
            for x in range(rows):
                at = dim * x
                u, v = load(b_re, at + j), load(b_im, at + j)
                c, s = fill(a_re[at + k]), fill(a_im[at + k])
                r0, t0 = r0 + c * u + s * v, t0 + c * v - s * u
                c, s = fill(a_re[at + k + 1]), fill(a_im[at + k + 1])
                r1, t1 = r1 + c * u + s * v, t1 + c * v - s * u
                c, s = fill(a_re[at + k + 2]), fill(a_im[at + k + 2])
                r2, t2 = r2 + c * u + s * v, t2 + c * v - s * u
                c, s = fill(a_re[at + k + 3]), fill(a_im[at + k + 3])
                r3, t3 = r3 + c * u + s * v, t3 + c * v - s * u
            p = dim * k + j
            _add(out, p, r0)
            _add(out, p + dim, r1)
            _add(out, p + 2 * dim, r2)
            _add(out, p + 3 * dim, r3)
            _add(out, size + p, t0)
            _add(out, size + p + dim, t1)
            _add(out, size + p + 2 * dim, t2)
            _add(out, size + p + 3 * dim, t3)


@njit(**JIT)
def _add(array, p, lanes):
    store(array, p, load(array, p) + lanes)


@njit(**JIT)
def _times(a_re, a_im, matrix, rows, dim, out_re, out_im):
    """``sum_k a[x, k] matrix[k, j]``, two rows at a time; an odd last row takes the one behind it along."""
    size = dim * dim
    for x in range(0, rows, 2):
        at = dim * x
        for j in range(0, dim, LANES):
            r = fill(a_re.dtype.type(0))
            t = y = z = r
            for k in range(dim):
                u, v = load(matrix, dim * k + j), load(matrix, size + dim * k + j)
                c, s = fill(a_re[at + k]), fill(a_im[at + k])
                r, t = r + c * u - s * v, t + c * v + s * u
                c, s = fill(a_re[at + dim + k]), fill(a_im[at + dim + k])
                y, z = y + c * u - s * v, z + c * v + s * u
            store(out_re, at + j, r)
            store(out_im, at + j, t)
            store(out_re, at + dim + j, y)
            store(out_im, at + dim + j, z)


@njit(**JIT)
def _spectrum(words, weights, first, last, block, bits, out_re, out_im):
    """``sum_w weight_w (-i)**power_w`` times the parity of ``x & sign_w``, for the x of a block."""
    rows = 1 << bits
    out_re[: LANES * rows] = 0
    out_im[: LANES * rows] = 0
    imaginary = False
    for w in range(first, last):
        at = LANES * (words[w, 0] & (rows - 1))
        value = load(weights, LANES * w)
        if parity(block & (words[w, 0] >> bits)) ^ (words[w, 1] >> 1):
            value = -value
        if words[w, 1] & 1:
            imaginary = True
            _add(out_im, at, -value)
        else:
            _add(out_re, at, value)
    _hadamard(out_re, rows)
    if imaginary:
        _hadamard(out_im, rows)


@njit(**JIT)
def _measure(
    re, im, firsts, rows, legs, words, weights, flips, block, bits, plain, own_re, own_im, spec_re, spec_im, out_re,
    out_im,
):  # fmt: skip
    """A block of ``sum_w weight_w W_w T``; ``plain`` says that this is T."""
    if plain:
        _fetch(re, im, firsts[block], rows, legs, 0, 0, out_re, out_im)
        return
    count, span = len(legs), LANES * len(legs)
    out_re[:] = 0
    out_im[:] = 0
    for f in range(len(flips)):
        flip = flips[f, 0]
        low = flip & ((1 << bits) - 1)
        _fetch(re, im, firsts[block ^ (flip >> bits)], rows, legs, low, flips[f, 1], own_re, own_im)
        _spectrum(words, weights, flips[f, 2], flips[f, 3], block, bits, spec_re, spec_im)
        for x in range(len(rows)):
            c, s = load(spec_re, LANES * x), load(spec_im, LANES * x)
            for r in range(count):
                p = span * x + LANES * r
                u, v = load(own_re, p), load(own_im, p)
                _add(out_re, p, c * u - s * v)
                _add(out_im, p, c * v + s * u)


@njit(**JIT)
def large_grams(re, im, firsts, rows, legs, words, weights, flips, plain, out, first, last):
    """Add to each row of ``out`` its blocks' share of ``sum_x conj(T[x, e]) (W T)[x, e']``."""
    bits, dim = _log2(len(rows)), LANES * len(legs)
    buffers = np.empty((6, dim * (len(rows) + 1)), re.dtype)
    each = len(firsts) // len(out)
    for piece in range(first, last):
        for block in range(each * piece, each * (piece + 1)):
            _measure(
                re, im, firsts, rows, legs, words, weights, flips, block, bits, plain, buffers[0], buffers[1],
                buffers[4], buffers[5], buffers[2], buffers[3],
            )  # fmt: skip
            if plain:
                _gram(buffers[2], buffers[3], buffers[2], buffers[3], len(rows), dim, out[piece])
            else:
                _fetch(re, im, firsts[block], rows, legs, 0, 0, buffers[0], buffers[1])
                _gram(buffers[0], buffers[1], buffers[2], buffers[3], len(rows), dim, out[piece])


@njit(**JIT)
def large_bras(re, im, firsts, rows, legs, words, weights, flips, plain, matrix, bra_re, bra_im, first, last):
    """Add ``sum_w weight_w W_w T`` times a matrix to the blocks first .. last of a bra."""
    bits, dim = _log2(len(rows)), LANES * len(legs)
    buffers = np.zeros((6, dim * (len(rows) + 1)), re.dtype)
    for block in range(first, last):
        _measure(
            re, im, firsts, rows, legs, words, weights, flips, block, bits, plain, buffers[0], buffers[1],
            buffers[4], buffers[5], buffers[2], buffers[3],
        )  # fmt: skip
        _times(buffers[2], buffers[3], matrix, len(rows), dim, buffers[0], buffers[1])
        at = 0
        for row in rows:
            for leg in legs:
                p = LANES * (firsts[block] | row | leg)
                _add(bra_re, p, load(buffers[0], at))
                _add(bra_im, p, load(buffers[1], at))
                at += LANES


@njit(**JIT)
def large_reads(re, im, firsts, rows, legs, words, flips, matrix, out, first, last):
    """Add to each row of ``out``, (words, lanes), its blocks' share of the values of words in an environment."""
    bits, dim = _log2(len(rows)), LANES * len(legs)
    buffers = np.zeros((6, dim * (len(rows) + 1)), re.dtype)
    each = len(firsts) // len(out)
    for piece in range(first, last):
        for block in range(each * piece, each * (piece + 1)):
            _fetch(re, im, firsts[block], rows, legs, 0, 0, buffers[0], buffers[1])
            _times(buffers[0], buffers[1], matrix, len(rows), dim, buffers[2], buffers[3])
            for f in range(len(flips)):
                flip = flips[f, 0]
                if flip or flips[f, 1] or f:
                    low = flip & ((1 << bits) - 1)
                    first_row = firsts[block ^ (flip >> bits)]
                    _fetch(re, im, first_row, rows, legs, low, flips[f, 1], buffers[0], buffers[1])
                _overlap(
                    buffers[2], buffers[3], buffers[0], buffers[1], len(rows), len(legs), buffers[4], buffers[5]
                )  # fmt: skip
                _sum_words(words, flips[f, 2], flips[f, 3], block, bits, buffers[4], buffers[5], out[piece])


@njit(**JIT)
def _overlap(g_re, g_im, re, im, rows, count, out_re, out_im):
    """``sum_r conj(g[x, r]) T[x, r]`` in each lane."""
    for x in range(rows):
        r = fill(re.dtype.type(0))
        t = r
        for p in range(LANES * count * x, LANES * count * (x + 1), LANES):
            a, b, c, d = load(g_re, p), load(g_im, p), load(re, p), load(im, p)
            r, t = r + a * c + b * d, t + a * d - b * c
        store(out_re, LANES * x, r)
        store(out_im, LANES * x, t)


@njit(**JIT)
def _sum_words(words, first, last, block, bits, sums_re, sums_im, out):
    """Add the real part of ``(-i)**power`` times the signed sum over a block, for each word."""
    rows = 1 << bits
    odd = even = False
    for w in range(first, last):
        odd, even = odd or words[w, 1] & 1 == 1, even or words[w, 1] & 1 == 0
    if even:
        _hadamard(sums_re, rows)
    if odd:
        _hadamard(sums_im, rows)
    for w in range(first, last):
        at = LANES * (words[w, 0] & (rows - 1))
        value = load(sums_im, at) if words[w, 1] & 1 else load(sums_re, at)
        if parity(block & (words[w, 0] >> bits)) ^ (words[w, 1] >> 1):
            value = -value
        _add(out, LANES * w, value)


@njit(**JIT)
def _log2(size):
    bits = 0
    while (1 << bits) < size:
        bits += 1
    return bits
