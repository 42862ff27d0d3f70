"""What a program is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from cutq.exact.groups import Folded, Group, Kind, Mask, Reals, State
from cutq.exact.placing import Integers
from cutq.exact.sums import WordSums
from cutq.exact.tape import Tape


class Source(Protocol):
    """Tensors that depend on parameters, or on the densities of fragments."""

    def start(self, params: Reals, data: Any) -> State:
        """Write the tensors for some rows of parameters to the data, where the densities of fragments are already."""


@dataclass(frozen=True, eq=False)
class Constants:
    """Tensors that depend on no parameter: the entries of a row of data that they fill."""

    places: Integers
    entries: Any

    @classmethod
    def of(cls, tensors: Iterable[tuple[int, Any]]) -> Constants:
        """Pairs (offset, tensor)."""
        pairs = [(offset, np.asarray(tensor).ravel()) for offset, tensor in tensors]
        places = [offset + np.arange(tensor.size) for offset, tensor in pairs]
        return cls(
            np.concatenate([np.zeros(0, np.int64), *places]), np.concatenate([np.zeros(0), *(t for _, t in pairs)])
        )

    def write(self, data: Any) -> None:
        """Write them to rows of data that are zero."""
        if self._block is None:
            data[:, self.places] = self.entries
        else:
            first, block = self._block
            data[:, first : first + len(block)] = block

    @cached_property
    def _block(self) -> tuple[int, Any] | None:
        """Where they begin, and everything up to where they end, with zeros between; None where most would be zeros."""
        first, end = (int(self.places.min()), int(self.places.max()) + 1) if len(self.places) else (0, 0)
        if end - first > 2 * len(self.places):
            return None
        block = np.zeros(end - first, self.entries.dtype)
        block[self.places - first] = self.entries
        return first, block

    def with_more(self, tensors: Iterable[tuple[int, Any]]) -> Constants:
        """These and further pairs (offset, tensor)."""
        more = Constants.of(tensors)
        return Constants(np.concatenate([self.places, more.places]), np.concatenate([self.entries, more.entries]))


@dataclass(frozen=True, eq=False)
class Fixed:
    """A fragment without parameters: its densities are made once, before the first evaluation.

    Attributes:
        kind: what it is run with.
        angles: its angles.
        places: for each word whose density the contraction needs, the offsets in a row of data where it goes.
    """

    kind: Kind
    angles: tuple[Folded, ...]
    places: Mapping[Mask, Sequence[int]]


@dataclass(frozen=True, eq=False)
class Plan:
    """What a program is made of.

    Attributes:
        parameters: names of the parameters, in order.
        groups: the fragments that are simulated, those of one shape together.
        sources: what else depends on parameters: couplings of cut gates, gates that are contracted one by one; and the
            densities of fragments that are equal to one of the groups.
        constants: what does not.
        tape: the contraction.
        sums: how observables are made of the values of words.
        dtype: the type of the contraction's tensors: real where every leaf is a density.
        fixed: what still has to be added to the constants, see :func:`cutq.exact.fixed.evaluated`.
    """

    parameters: tuple[str, ...]
    groups: tuple[Group, ...]
    sources: tuple[Source, ...]
    constants: Constants
    tape: Tape
    sums: WordSums
    dtype: np.dtype[Any]
    fixed: tuple[Fixed, ...] = ()
