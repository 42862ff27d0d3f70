"""Observables as weighted sums of words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.observable import Observable, Word

Reals = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class WordSums:
    """How observables are made of the values of words; the identity is 1 and no word.

    Attributes:
        words: the different words, without the identity.
        constants: for each observable the weight of the identity.
        owners: for each term its observable, in order.
        indices: for each term its word.
        weights: for each term its weight.
    """

    words: tuple[Word, ...]
    constants: Reals
    owners: NDArray[np.int64]
    indices: NDArray[np.int64]
    weights: Reals

    @property
    def num_words(self) -> int:
        """How many different words."""
        return len(self.words)

    def values(self, words: Reals) -> Reals:
        """Values of the observables, (rows, observables), from those of the words."""
        if self._plain:
            return words
        terms = words[:, self.indices] * self.weights
        found = np.repeat(self.constants[None], len(words), axis=0)
        if len(self._starts):
            found[:, self.owners[self._starts]] += np.add.reduceat(terms, self._starts, axis=1)
        return found

    def back(self, weights: Reals) -> Reals:
        """Derivatives by the words from those by the observables, (rows, words)."""
        if self._plain:
            return np.ascontiguousarray(weights)
        found = np.zeros((self.num_words, len(weights)))
        np.add.at(found, self.indices, (weights[:, self.owners] * self.weights).T)
        return np.ascontiguousarray(found.T)

    @cached_property
    def _plain(self) -> bool:
        """Whether each observable is one word of weight 1, in order."""
        same = len(self.owners) == len(self.constants) == len(self.words)
        order = np.arange(len(self.words))
        return same and bool(
            np.array_equal(self.owners, order)
            and np.array_equal(self.indices, order)
            and (self.weights == 1).all()
            and not self.constants.any()
        )

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        """Where the terms of each observable that has any begin."""
        return np.flatnonzero(np.diff(self.owners, prepend=-1)) if len(self.owners) else self.owners


def word_sums(observables: Sequence[Observable]) -> WordSums:
    """The sums of these observables.

    >>> word_sums([Observable("Z0 + 0.5"), Observable("2*Z0")]).values(np.array([[0.25]])).tolist()
    [[0.75, 0.5]]
    """
    words = dict[Word, int]()
    constants = np.zeros(len(observables))
    owners, indices, weights = [], [], []
    for k, one in enumerate(observables):
        for word, weight in one.terms:
            if word:
                owners.append(k)
                indices.append(words.setdefault(word, len(words)))
                weights.append(weight)
            else:
                constants[k] = weight
    return WordSums(
        tuple(words),
        constants,
        np.array(owners, dtype=np.int64),
        np.array(indices, dtype=np.int64),
        np.array(weights, dtype=np.float64),
    )
