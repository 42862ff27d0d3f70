"""What a program is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from cutq.exact.groups import Group, Reals, State
from cutq.exact.placing import Integers
from cutq.exact.sums import WordSums
from cutq.exact.tape import Tape


class Source(Protocol):
    """Tensors that depend on parameters."""

    def start(self, params: Reals, data: Any) -> State:
        """Write the tensors for some rows of parameters to the data."""


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


@dataclass(frozen=True, eq=False)
class Plan:
    """What a program is made of.

    Attributes:
        parameters: names of the parameters, in order.
        groups: the fragments that are simulated, those of one shape together.
        sources: what else depends on parameters: couplings of cut gates, gates that are contracted one by one.
        constants: what does not.
        tape: the contraction.
        sums: how observables are made of the values of words.
        dtype: the type of the contraction's tensors: real where every leaf is a density.
    """

    parameters: tuple[str, ...]
    groups: tuple[Group, ...]
    sources: tuple[Source, ...]
    constants: Constants
    tape: Tape
    sums: WordSums
    dtype: np.dtype[Any]
