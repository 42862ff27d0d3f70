"""Densities on the legs of one fragment, in a real basis.

The density of a word is ``M[k, l] = sum_x conj(T[x, k]) (W T)[x, l]`` over the indices of the legs. Each bit of a leg
has the Hermitian basis ``E00, (E01 + E10)/sqrt(2), i (E01 - E10)/sqrt(2), E11``, in which a density is real; at the
second end of a bond the basis is transposed, so that two ends contract entry by entry.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Complexes = NDArray[np.complexfloating[Any]]
Reals = NDArray[np.floating[Any]]

_HALF = 0.5**0.5
BASIS = np.array([[[1, 0], [0, 0]], [[0, _HALF], [_HALF, 0]], [[0, 1j * _HALF], [-1j * _HALF, 0]], [[0, 0], [0, 1]]])
"""The Hermitian basis of one bit, (4, 2, 2)."""


@functools.cache
def _digit(turned: bool) -> Complexes:
    return np.ascontiguousarray(BASIS.transpose(0, 2, 1) if turned else BASIS)


def to_basis(density: Complexes, turned: Sequence[bool]) -> Reals:
    """Coefficients ``Tr(B M)`` of a density (D, D), (4 ** bits,), first bit slowest.

    >>> to_basis(np.diag([0.25, 0.75]), [False]).tolist()
    [0.25, 0.0, 0.0, 0.75]
    """
    bits = len(turned)
    tensor = np.asarray(density).reshape((2,) * (2 * bits))
    for k, turn in enumerate(turned):
        # The bra and the ket bit that are first of those left; each finished digit goes to the end.
        tensor = np.tensordot(tensor, _digit(turn).conj(), axes=([0, bits - k], [1, 2]))
    return np.ascontiguousarray(tensor.reshape(-1).real)


def from_basis(coefficients: Reals, turned: Sequence[bool]) -> Complexes:
    """The density of these coefficients, (D, D)."""
    bits = len(turned)
    tensor: Complexes = np.asarray(coefficients, dtype=complex).reshape((4,) * bits)
    for turn in turned:
        tensor = np.tensordot(tensor, _digit(turn), axes=(0, 0))
    order = [2 * k for k in range(bits)] + [2 * k + 1 for k in range(bits)]
    return np.ascontiguousarray(tensor.transpose(order)).reshape(1 << bits, 1 << bits)


def hadamard(array: NDArray[Any]) -> None:
    """Sums over all entries with the parity of ``x & z`` as sign, for every z, in place."""
    step = 1
    while step < len(array):
        pairs = array.reshape(-1, 2, step)
        low = pairs[:, 0].copy()
        pairs[:, 0] += pairs[:, 1]
        np.subtract(low, pairs[:, 1], out=pairs[:, 1])
        step *= 2
