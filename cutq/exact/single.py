"""The amplitudes of one fragment by the compiled kernels."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cutq.exact import kernels
from cutq.exact.lanes import LANES
from cutq.exact.lowering import Affine, Shape, lower
from cutq.exact.placing import LANE_BITS, Placed, alone, side_by_side
from cutq.network.network import Fragment
from cutq.network.tensors import Amplitudes


def compiled_amplitudes(fragment: Fragment, values: Mapping[str, float]) -> Amplitudes:
    """As :func:`cutq.exact.amplitudes.fragment_amplitudes`, (2**outputs, leg dimensions ...)."""
    shape, affine, placed = _lowered(fragment)
    large = placed.alone
    re, im = _final(placed, _angles(placed, affine, values))
    order = list(placed.order)
    final = [*range(shape.outputs), *(bit for bits in shape.legs for bit in bits)]
    axes = [order.index(bit) for bit in final]
    found = np.empty([1 << shape.outputs, *(1 << len(bits) for bits in shape.legs)], dtype=complex)
    flat = found.reshape((2,) * len(final))
    for part, source in ((flat.real, re), (flat.imag, im)):
        part[...] = (source if large else source.reshape(-1, LANES)[:, 0]).reshape((2,) * len(order)).transpose(axes)
    return found


@functools.lru_cache(maxsize=256)
def _lowered(fragment: Fragment) -> tuple[Shape, tuple[Affine, ...], Placed]:
    shape, affine = lower(fragment)
    large = shape.width + len(shape.incoming) > LANE_BITS
    return shape, affine, alone(shape) if large else side_by_side(shape)


def _angles(placed: Placed, affine: tuple[Affine, ...], values: Mapping[str, float]) -> NDArray[np.float64]:
    """Cosines and sines of all angles in all lanes."""
    numbers = [sum(weight * angle.at(values) for angle, weight in terms) for terms in affine]
    raw = np.array([[numbers[angle] * weight for weight in lanes] for angle, lanes in placed.angles]).ravel()
    found = np.empty(2 * len(raw))
    kernels.sines(raw, found[: len(raw)], found[len(raw) :])
    return found


def _final(placed: Placed, angles: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    re, im = np.empty((1, LANES << placed.num_bits)), np.empty((1, LANES << placed.num_bits))
    scratch = np.empty((2, 2 * LANES * placed.scratch))
    program = (placed.ops, placed.terms, placed.constants, placed.places, placed.alone)
    kernels.forward(*program, angles[None], placed.first_bits, re, im, 0, 1, *scratch)
    return re[0], im[0]
