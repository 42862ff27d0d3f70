"""Densities of fragments that are equal to others: copied forward, their derivatives added up in reverse."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cutq.exact.groups import Reals
from cutq.exact.placing import Integers


@dataclass(frozen=True, eq=False)
class Copies:
    """Tensors of one size that hold the same as others.

    A leaf of a tape has the exponent 0, so that its entries are all there is to copy.

    Attributes:
        size: their entries.
        originals: where in a row of data the others lie, each once.
        firsts: for each original its first copy; its copies stand together.
        sources: for each copy where its original lies.
        places: for each copy where it lies.
    """

    size: int
    originals: Integers
    firsts: Integers
    sources: Integers
    places: Integers

    @classmethod
    def of(cls, size: int, tensors: Iterable[tuple[int, Sequence[int]]]) -> Copies:
        """Pairs (offset of an original, offsets of its copies), at least one each.

        >>> Copies.of(4, [(0, [8, 4]), (12, [16])]).sources.tolist()
        [0, 0, 12]
        """
        pairs = list(tensors)
        counts = [len(copies) for _, copies in pairs]
        originals = np.array([original for original, _ in pairs], dtype=np.int64)
        places = np.array([place for _, copies in pairs for place in copies], dtype=np.int64)
        return cls(size, originals, np.cumsum([0, *counts[:-1]]), np.repeat(originals, counts), places)

    def start(self, params: Reals, data: Reals) -> CopiesState:
        """Copy the originals, which are there already."""
        tensors = self.windows(data)
        tensors[:, self.places] = tensors[:, self.sources]
        return CopiesState(self)

    def windows(self, data: Reals) -> Reals:
        """Views of the entries from each place on, (rows, places, size)."""
        return sliding_window_view(data, self.size, axis=1, writeable=True)


@dataclass(frozen=True, eq=False)
class CopiesState:
    """Copies at some rows of parameters."""

    source: Copies

    def write_values(self, data: Reals, exponents: Integers, values: Reals) -> None:
        """Nothing is read out at a copy."""

    def pull(self, weights: Reals, data: Reals, exponents: Integers, left: Reals) -> None:
        """Nothing is read out at a copy."""

    def push(self, bras: None, left: Reals, out: Reals) -> None:
        """Add the derivatives by the copies, in ``left``, to those by their originals, which are pushed on after."""
        source = self.source
        tensors = source.windows(left)
        tensors[:, source.originals] += np.add.reduceat(tensors[:, source.places], source.firsts, axis=1)
