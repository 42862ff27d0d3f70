"""Fragments of one shape, side by side: their amplitudes, densities and derivatives, eight at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.observable import Word
from cutq.exact.lanes import LANES
from cutq.exact.lowering import Affine, Shape
from cutq.exact.placing import Integers, Placed, leg_bits

Reals = NDArray[np.floating[Any]]


Folded = tuple[float, tuple[tuple[str, float], ...]]
"""A sum of angles: its constant, and its coefficients by parameter, none of them zero."""


def folded(affine: Affine) -> Folded:
    """A weighted sum of angles with one constant, and with one coefficient for each parameter.

    >>> from cutq.circuits.angles import param
    >>> folded(((param("t") + 1.0, 0.5), (param("t"), -0.5), (param("s"), 2.0)))
    (0.5, (('s', 2.0),))
    """
    constant, terms = 0.0, dict[str, float]()
    for angle, weight in affine:
        constant += weight * angle.constant
        for name, coefficient in angle.terms:
            terms[name] = terms.get(name, 0.0) + weight * coefficient
    return constant, tuple(sorted(pair for pair in terms.items() if pair[1]))


@dataclass(frozen=True, eq=False)
class Angles:
    """The angles of a group as sparse affine functions of the parameters.

    Attributes:
        members: fragments in the group.
        count: angles of each; where the lanes are bits of one fragment, angles times lanes.
        starts: for each member and angle the first of its terms, and the end.
        indices: for each term its parameter.
        weights: for each term its coefficient.
        constants: for each member and angle what does not depend on parameters.
    """

    members: int
    count: int
    starts: Integers
    indices: Integers
    weights: NDArray[np.float64]
    constants: NDArray[np.float64]


def angle_table(placed: Placed, members: Sequence[Sequence[Folded]], position: Mapping[str, int]) -> Angles:
    """The angles of a group's fragments, each given by those of its shape."""
    starts, indices, weights, constants = [0], [], [], []
    for own in members:
        for angle, lanes in placed.angles:
            constant, terms = own[angle]
            for weight in lanes if placed.alone else lanes[:1]:
                constants.append(weight * constant)
                if weight:
                    indices += [position[name] for name, _ in terms]
                    weights += [weight * coefficient for _, coefficient in terms]
                starts.append(len(indices))
    count = len(placed.angles) * (LANES if placed.alone else 1)
    return Angles(
        len(members),
        count,
        np.array(starts, dtype=np.int64),
        np.array(indices, dtype=np.int64),
        np.array(weights, dtype=np.float64),
        np.array(constants, dtype=np.float64),
    )


@dataclass(frozen=True)
class Mask:
    """A Pauli word on the outputs of a fragment: which bits it flips, whose parity is its sign, and its count of Y."""

    flip: int = 0
    sign: int = 0
    power: int = 0


def mask(word: Word, outputs: Sequence[int]) -> Mask:
    """The mask of a word; the first output is the most significant bit.

    >>> mask(((3, "X"), (5, "Y")), (3, 4, 5))
    Mask(flip=5, sign=1, power=1)
    """
    place = {qubit: 1 << (len(outputs) - 1 - k) for k, qubit in enumerate(outputs)}
    flip = sum(place[qubit] for qubit, letter in word if letter in "XY")
    sign = sum(place[qubit] for qubit, letter in word if letter in "YZ")
    return Mask(flip, sign, sum(letter == "Y" for _, letter in word) % 4)


@dataclass(frozen=True)
class Kind:
    """What fragments that are run together have in common.

    Attributes:
        shape: their shape.
        turned: for each bit of the legs, most significant first, whether it is the second end of its bond.
        alone: of a large fragment, which is run alone, its number; else -1.
    """

    shape: Shape
    turned: tuple[bool, ...]
    alone: int


@dataclass(frozen=True, eq=False)
class Squares:
    """Densities of words that the contraction needs of a group.

    Attributes:
        masks: the words.
        offsets: for each word and member where its density goes in a row of data; -1 where it is not needed.
    """

    masks: tuple[Mask, ...]
    offsets: Integers


@dataclass(frozen=True, eq=False)
class Readout:
    """Words of a group that are read out in one environment for each member.

    Attributes:
        masks: the words, those of one flip together.
        columns: for each word and member the number of its value; -1 where there is none.
        offsets: for each member where its environment lies in a row of data; -1 where it has none.
        tensors: for each member the number of that environment.
    """

    masks: tuple[Mask, ...]
    columns: Integers
    offsets: Integers
    tensors: Integers


@dataclass(frozen=True, eq=False)
class Group:
    """Fragments of one shape, and what is wanted of them.

    Attributes:
        shape: their shape.
        placed: its placement.
        angles: their angles.
        turned: for each bit of the legs, most significant first, whether it is the second end of its bond.
        squares: the densities that are wanted.
        readouts: the values that are wanted.
    """

    shape: Shape
    placed: Placed
    angles: Angles
    turned: tuple[bool, ...]
    squares: Squares
    readouts: tuple[Readout, ...]

    @property
    def members(self) -> int:
        """How many fragments."""
        return self.angles.members

    @property
    def rows(self) -> int:
        """Basis states of the outputs."""
        return 1 << self.shape.outputs

    @property
    def digits(self) -> int:
        """Bits of the legs."""
        return len(leg_bits(self.shape))

    @property
    def deal(self) -> Integers:
        """Each index of the legs with its bits dealt to the even places of a number, where those of the ket lie."""
        index = np.arange(1 << self.digits)
        return sum((((index >> k) & 1) << (2 * k) for k in range(self.digits)), np.zeros_like(index))


def masks_table(masks: Sequence[Mask]) -> Integers:
    """Masks as rows (flip, sign, power)."""
    return np.array([(m.flip, m.sign, m.power) for m in masks], dtype=np.int64).reshape(-1, 3)


def flips_table(masks: Sequence[Mask]) -> Integers:
    """Rows (flip, first, last) of the masks of one flip, which stand together."""
    found: list[list[int]] = []
    for k, one in enumerate(masks):
        if found and found[-1][0] == one.flip:
            found[-1][2] = k + 1
        else:
            found.append([one.flip, k, k + 1])
    return np.array(found, dtype=np.int64).reshape(-1, 3)


class State(Protocol):
    """Final states of fragments for some rows of parameters; making them writes their densities to the data."""

    def write_values(self, data: Reals, exponents: Integers, values: Reals) -> None:
        """Read values out, (rows, values), in the environments that the contraction left in data."""

    def pull(self, weights: Reals, data: Reals, exponents: Integers, left: Reals) -> Any:
        """Bras from derivatives by the values; adds the derivatives by the environments to ``left``."""

    def push(self, bras: Any, left: Reals, out: Reals) -> None:
        """Add to ``out``, (rows, parameters), what bras and derivatives by the densities, in ``left``, mean there."""
