"""A large fragment's state as blocks of rows ``T[x, e]``, which densities and readouts are made of one after another.

Its bits lie where the operations left them. Of those among the rows the outputs make x, the legs the first part of
e; the lanes are the last part of e, whether they are outputs or legs.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cutq.exact.densities import Complexes, Reals
from cutq.exact.groups import Group, Mask, Readout
from cutq.exact.lanes import LANES
from cutq.exact.placing import LANE_BITS, Integers, leg_bits
from cutq.exact.tiles import deposit

BLOCK_BITS = 14
"""A block has about so many bits of amplitudes: 256 kB, with its images in the cache."""

PIECES = 64
"""Work is divided into at most so many pieces, whatever the number of threads."""


@dataclass(frozen=True, eq=False)
class Words:
    """Pauli words as the kernels take them.

    Attributes:
        flips: rows (flip of x, flip of lanes, first word, last word).
        words: rows (sign of x, power of -i).
        lanes: the sign of each word in each lane, (words, 8).
    """

    flips: Integers
    words: Integers
    lanes: Reals

    @property
    def plain(self) -> bool:
        """Whether this is the identity alone."""
        return len(self.words) == 1 and not (self.flips[0, :2].any() or self.words.any() or (self.lanes < 0).any())


@dataclass(frozen=True, eq=False)
class Blocks:
    """Where the rows ``T[x, e]`` lie.

    Attributes:
        firsts: the first row of each block.
        rows: the rows of the x of the first block.
        legs: what the bits of legs among the rows add.
        kept: for each value of the outputs among the lanes the e of each index of the legs, (values, legs).
        outputs: for each output, from the first on, its bit of x, or its bit of the lanes plus 64.
    """

    firsts: Integers
    rows: Integers
    legs: Integers
    kept: Integers
    outputs: tuple[int, ...]

    @classmethod
    def of(cls, group: Group) -> Blocks:
        """The blocks of a group's fragments."""
        shape, order = group.shape, group.placed.order
        places = order[: len(order) - LANE_BITS][::-1]
        lanes = order[len(order) - LANE_BITS :][::-1]
        across = [k for k, bit in enumerate(places) if bit < shape.outputs]
        along = [k for k, bit in enumerate(places) if bit >= shape.outputs]
        low = min(len(across), max(0, BLOCK_BITS - LANE_BITS - len(along)))
        free = [k for k, bit in enumerate(lanes) if bit < shape.outputs]
        e_bits = [*lanes, *(places[k] for k in along)]
        ends = deposit([e_bits.index(bit) for bit in reversed(leg_bits(shape))])
        outputs = [64 + lanes.index(b) if b in lanes else across.index(places.index(b)) for b in range(shape.outputs)]
        kept = deposit(free)[:, None] | ends[None, :]
        return cls(deposit(across[low:]), deposit(across[:low]), deposit(along), kept, tuple(outputs))

    @property
    def tables(self) -> tuple[Integers, Integers, Integers]:
        """What the kernels take."""
        return self.firsts, self.rows, self.legs

    @property
    def dim(self) -> int:
        """Values of e."""
        return LANES * len(self.legs)

    @property
    def pieces(self) -> int:
        """Into how many pieces work on all blocks is divided."""
        return min(PIECES, len(self.firsts))

    def words(self, masks: Sequence[Mask]) -> Words:
        """Words by their masks; those of one flip stand together."""
        flips: list[list[int]] = []
        words, lanes = [], []
        for w, one in enumerate(masks):
            flip, lane_flip = self._split(one.flip)
            sign, lane_sign = self._split(one.sign)
            if flips and flips[-1][:2] == [flip, lane_flip]:
                flips[-1][3] = w + 1
            else:
                flips.append([flip, lane_flip, w, w + 1])
            words.append((sign, one.power))
            lanes.append(1.0 - 2.0 * (np.bitwise_count(np.arange(LANES) & lane_sign) & 1))
        table = np.array(words, dtype=np.int64).reshape(-1, 2)
        return Words(np.array(flips, dtype=np.int64).reshape(-1, 4), table, np.array(lanes, dtype=float))

    def _split(self, bits: int) -> tuple[int, int]:
        """Bits of outputs as bits of x and of the lanes."""
        own = [place for k, place in enumerate(self.outputs) if (bits >> (len(self.outputs) - 1 - k)) & 1]
        return sum(1 << place for place in own if place < 64), sum(1 << (place - 64) for place in own if place >= 64)

    def density(self, gram: Reals) -> Complexes:
        """The density on the legs from sums over x, real and imaginary parts one after the other."""
        matrix = gram.reshape(2, self.dim, self.dim).astype(float)
        full = matrix[0] + 1j * matrix[1]
        return np.asarray(sum(full[np.ix_(own, own)] for own in self.kept))

    def spread(self, matrix: Complexes, dtype: np.dtype[Any]) -> Reals:
        """A matrix on the legs as one on e, real and imaginary parts one after the other."""
        full = np.zeros((self.dim, self.dim), complex)
        for own in self.kept:
            full[np.ix_(own, own)] = matrix
        return np.concatenate([full.real.ravel(), full.imag.ravel()]).astype(dtype)


@functools.lru_cache(maxsize=64)
def blocks(group: Group) -> Blocks:
    """The blocks of a group's fragments, made once."""
    return Blocks.of(group)


@functools.lru_cache(maxsize=256)
def readout_words(own: Blocks, readout: Readout, member: int) -> tuple[Words, Integers]:
    """The words of a readout that a member has, and the columns of their values; made once."""
    columns = readout.columns[:, member]
    return own.words([mask for mask, column in zip(readout.masks, columns, strict=True) if column >= 0]), columns[
        columns >= 0
    ]
