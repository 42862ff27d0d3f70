"""Five ways to encode a module's features on its wires: the gates with named angles, and the angles of given data."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cutq import Operation, param
from cutq.circuits.angles import Angle

Reals = NDArray[np.float64]
Upload = Callable[[Sequence[int], Sequence[Angle], np.random.Generator], Iterator[Operation]]

SCALES = {"angle": 0.3, "re-uploading": 0.2, "ZZ": 0.2, "amplitude": 0.3}
"""Radians for a standard deviation of a feature, and of amplitudes the part of 1. Of 0.1, 0.2, 0.3, 0.5 and 0.7 about
the best with 10,000 shots for a sample, on seeds that are not used here. Exact values would have it smaller still.
"""

PER_QUBIT = 4
"""Features that re-uploading puts on a qubit, one after another."""

TIMES = 2
"""How often re-uploading and the ZZ map upload."""


@dataclass(frozen=True)
class Encoding:
    """A way to encode.

    Attributes:
        wires: from the number of features of a module to its wires.
        least: features that a module has at least.
        upload: the gates, from the module's wires, its angles in the order of ``columns``, and a source of fixed ones.
        columns: from features (rows, f) with mean 0 and deviation 1 to angles (rows, K).
    """

    wires: Callable[[int], int]
    least: int
    upload: Upload
    columns: Callable[[Reals], Reals]

    def angles(self, features: int, prefix: str) -> list[Angle]:
        """The angles of a module that depend on data, each a parameter of its own."""
        return [param(f"{prefix}{k}") for k in range(self.columns(np.zeros((1, features))).shape[1])]


def neighbours(wires: Sequence[int]) -> Iterator[Operation]:
    """CZ of each two wires that follow each other."""
    yield from (Operation("cz", pair) for pair in itertools.pairwise(wires))


def turned(wires: Sequence[int], rng: np.random.Generator) -> Iterator[Operation]:
    """Each wire turned about Y and Z by fixed angles."""
    for wire in wires:
        for name in ("ry", "rz"):
            yield Operation(name, (wire,), (float(rng.uniform(-np.pi, np.pi)),))


# --- angle, re-uploading, ZZ ---


def _angle(wires: Sequence[int], angles: Sequence[Angle], rng: np.random.Generator) -> Iterator[Operation]:
    """RY of each feature on a wire of its own."""
    for wire, one in zip(wires, angles, strict=True):
        yield Operation("ry", (wire,), (one + math.pi / 2,))


def _reuploading(wires: Sequence[int], angles: Sequence[Angle], rng: np.random.Generator) -> Iterator[Operation]:
    """Features about Y and Z in turn with fixed angles after each two, then CZ; the whole of it twice."""
    layers = [angles[k : k + len(wires)] for k in range(0, len(angles), len(wires))]
    for _ in range(TIMES):
        for number, layer in enumerate(layers):
            name = ("ry", "rz")[number % 2]
            yield from (Operation(name, (wire,), (one,)) for wire, one in zip(wires, layer, strict=False))
            if number % 2 or number == len(layers) - 1:
                yield from turned(wires, rng)
        yield from neighbours(wires)


def _zz(wires: Sequence[int], angles: Sequence[Angle], rng: np.random.Generator) -> Iterator[Operation]:
    """H, RZ of each feature and RZZ of each two neighbours' product, twice (Havlicek et al., Nature 567, 209)."""
    single, pairs = angles[: len(wires)], angles[len(wires) :]
    for _ in range(TIMES):
        yield from (Operation("h", (wire,)) for wire in wires)
        yield from (Operation("rz", (wire,), (one,)) for wire, one in zip(wires, single, strict=True))
        yield from (Operation("rzz", pair, (one,)) for pair, one in zip(itertools.pairwise(wires), pairs, strict=True))


def _zz_columns(x: Reals) -> Reals:
    """2 x and 2 (pi - x)(pi - y) of features that lie around pi."""
    x = SCALES["ZZ"] * x
    return np.concatenate([2 * x, 2 * x[:, :-1] * x[:, 1:]], axis=1)


# --- amplitude, basis ---


def _amplitude(wires: Sequence[int], angles: Sequence[Angle], rng: np.random.Generator) -> Iterator[Operation]:
    """RY on each wire, controlled by all before it: 2**n - 1 RY and 2**n - 2 CX (Moettoenen et al., QIC 5, 467)."""
    used = 0
    for level, wire in enumerate(wires):
        for k in range(2**level):
            yield Operation("ry", (wire,), (angles[used + k],))
            if level:
                # The control whose bit changes in the Gray code; after the last one, the first.
                bit = min((k + 1 & -(k + 1)).bit_length() - 1, level - 1)
                yield Operation("cx", (wires[level - 1 - bit], wire))
        used += 2**level


def _amplitude_columns(x: Reals) -> Reals:
    """The angles that make ``1 + s x``, normalised, its first wire most significant; ``x`` and ``-x`` differ."""
    levels, norms = [], 1 + SCALES["amplitude"] * x
    while norms.shape[1] > 1:
        left, right = norms[:, 0::2], norms[:, 1::2]
        levels.append(2 * np.arctan2(right, left))
        norms = np.hypot(left, right)
    return np.concatenate([_walked(one) for one in reversed(levels)], axis=1)


def _walked(angles: Reals) -> Reals:
    """Angles by the controls' value as those of the RY between the CX of a Gray code."""
    size = angles.shape[1]
    gray = [k ^ (k >> 1) for k in range(size)]
    signs = [[(-1.0) ** (value & code).bit_count() for code in gray] for value in range(size)]
    return angles @ np.array(signs) / size


def _basis(wires: Sequence[int], angles: Sequence[Angle], rng: np.random.Generator) -> Iterator[Operation]:
    """A wire is flipped where its feature is above the mean."""
    for wire, one in zip(wires, angles, strict=True):
        yield Operation("rx", (wire,), (one,))


ENCODINGS = {
    "angle": Encoding(int, 1, _angle, lambda x: SCALES["angle"] * x),
    "re-uploading": Encoding(lambda f: -(-f // PER_QUBIT), 1, _reuploading, lambda x: SCALES["re-uploading"] * x),
    "ZZ": Encoding(int, 1, _zz, _zz_columns),
    "amplitude": Encoding(lambda f: f.bit_length() - 1, 2, _amplitude, _amplitude_columns),
    "basis": Encoding(int, 1, _basis, lambda x: np.pi * (x > 0)),
}
"""The encodings by name."""
