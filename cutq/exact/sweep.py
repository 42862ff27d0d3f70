"""A tape run by numpy, forward and in reverse: the readable reference, and the engine of large tensors.

Data are ``(rows, tape.entries)``, real or complex; a row is one set of parameters. Every tensor stands beside an
exponent: what it means is ``data * 2**exponent``. Each result is scaled by a power of two, which is exact, so that
chains of thousands of links neither overflow nor vanish.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutq.exact.pairwise import Contraction
from cutq.exact.tape import Tape

CHUNK_ENTRIES = 2**22
"""Entries of one tensor that are worked on at once, over all rows of a chunk."""

SMALLEST = -1000
"""No result is scaled up by more than ``2**1000``, which a double still holds."""

Data = NDArray[Any]
Exponents = NDArray[np.int64]


def scale_leaves(tape: Tape, data: Data, exponents: Exponents) -> None:
    """Scale the leaf tensors too, in place; for leaves that may be far from 1, before :func:`forward`.

    Derivatives are then those with respect to the scaled leaves.
    """
    for tensor in range(len(tape.leaves)):
        exponents[:, tensor] += _scale(_part(tape, data, tensor))


def forward(tape: Tape, data: Data, exponents: Exponents) -> None:
    """Fill in the tensors of all steps, in place.

    Args:
        data: ``(rows, tape.entries)``, the leaf tensors written by the caller. The largest real or imaginary part of
            each result has an absolute value in [0.5, 1), unless it is zero or not finite.
        exponents: ``(rows, T)``, those of the leaf tensors written by the caller.
    """
    data[:, -1], exponents[:, -1] = 1, 0
    first = len(tape.leaves)
    for number, (kind, a, b) in enumerate(tape.steps.tolist(), first):
        one = tape.contractions[kind]
        for rows in _chunks(one, len(data)):
            out = _part(tape, data[rows], number)
            product = _left(one, _part(tape, data[rows], a)) @ _right(one, _part(tape, data[rows], b))
            out[:] = _stored(one, product).reshape(out.shape)
            exponents[rows, number] = exponents[rows, a] + exponents[rows, b] + _scale(out)


def backward(tape: Tape, data: Data, exponents: Exponents, cotangents: Data) -> None:
    """Carry derivatives from the environments to the leaves, in place, after :func:`forward`.

    Args:
        data, exponents: as :func:`forward` left them.
        cotangents: ``(rows, tape.entries)``: on entry the derivatives of a number with respect to the scaled data of
            the environments, zero elsewhere; on return the leaf tensors hold its derivatives with respect to theirs,
            by the plain chain rule without any conjugation. The scale factors count as constants, as they may: the
            product of a tensor and its power of two does not depend on them.
    """
    first = len(tape.leaves)
    for number, (kind, a, b) in reversed(list(enumerate(tape.steps.tolist(), first))):
        one = tape.contractions[kind]
        for rows in _chunks(one, len(data)):
            shift = exponents[rows, number] - exponents[rows, a] - exponents[rows, b]
            bar = _matrix(one, _part(tape, cotangents[rows], number)) * np.ldexp(1.0, -shift)[:, None, None]
            left, right = _left(one, _part(tape, data[rows], a)), _right(one, _part(tape, data[rows], b))
            _add(_part(tape, cotangents[rows], a), bar @ right.mT, one.a_shape, one.a_axes)
            _add(_part(tape, cotangents[rows], b), left.mT @ bar, one.b_shape, one.b_axes)


def _part(tape: Tape, data: Data, tensor: int) -> Data:
    """One tensor of all rows, flat, as a view."""
    return data[:, tape.slot(tensor)]


def _chunks(one: Contraction, rows: int) -> Iterator[slice]:
    """Rows that are contracted at once, so that temporaries stay small."""
    step = max(1, CHUNK_ENTRIES // max(one.m * one.k, one.k * one.n, one.m * one.n))
    for start in range(0, rows, step):
        yield slice(start, start + step)


def _scale(flat: Data) -> Exponents:
    """Scale tensors ``(rows, entries)`` in place by powers of two; the exponents taken out."""
    top = np.maximum(np.abs(flat.real), np.abs(flat.imag)).max(axis=1)
    exponents = np.maximum(np.frexp(np.where(np.isfinite(top), top, 0.0))[1], SMALLEST).astype(np.int64)
    flat *= np.ldexp(1.0, -exponents)[:, None]
    return exponents


def _permuted(flat: Data, shape: tuple[int, ...], axes: tuple[int, ...]) -> Data:
    rows = len(flat)
    return flat.reshape(rows, *shape).transpose(0, *(1 + axis for axis in axes))


def _left(one: Contraction, flat: Data) -> Data:
    return _permuted(flat, one.a_shape, one.a_axes).reshape(-1, one.m, one.k)


def _right(one: Contraction, flat: Data) -> Data:
    return _permuted(flat, one.b_shape, one.b_axes).reshape(-1, one.k, one.n)


def _stored(one: Contraction, product: Data) -> Data:
    return _permuted(product, one.matrix_shape, one.out_axes)


def _matrix(one: Contraction, flat: Data) -> Data:
    """The inverse of :func:`_stored`."""
    axes = tuple(np.argsort(one.out_axes).tolist())
    return _permuted(flat, one.out_shape, axes).reshape(-1, one.m, one.n)


def _add(flat: Data, matrix: Data, shape: tuple[int, ...], axes: tuple[int, ...]) -> None:
    """Add a matrix of permuted axes to the tensor as it is stored."""
    view = _permuted(flat, shape, axes)
    view += matrix.reshape(view.shape)
