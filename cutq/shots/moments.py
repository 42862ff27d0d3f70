"""Moments of counts: all that an estimate and its error need of the data of a fragment's circuits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cutq.network.legspace import Reals
from cutq.shots.jobs import Counts
from cutq.shots.readings import word_values
from cutq.shots.tomography import Tomography

PSEUDO_SHOTS = 2.0
"""Shots of a flat distribution that are added where few data have to tell what is possible (as Agresti and Coull,
The American Statistician 52 119, for proportions)."""


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums over the shots of each variant of a tomography.

    Attributes:
        shots: how many, (variants,).
        first: for each outcome of the choices the sum of each word, (variants, outcomes, words).
        second: the sum of the products of two words, (variants, outcomes, words, words).
    """

    shots: Reals
    first: Reals
    second: Reals

    def __add__(self, other: Moments) -> Moments:
        return Moments(self.shots + other.shots, self.first + other.first, self.second + other.second)

    def smoothed(self, tomography: Tomography) -> Moments:
        """With some shots of a flat distribution among them, lest outcomes that were not seen pass for impossible."""
        added = np.where((self.shots > 0) & ~tomography.sure, PSEUDO_SHOTS, 0.0)
        share = self.shots / np.maximum(self.shots + added, 1.0)
        second = self.second.copy()
        np.einsum("vsww->vsw", second)[...] += added[:, None, None] * tomography.flat
        return Moments(self.shots, self.first * share[:, None, None], second * share[:, None, None, None])

    @property
    def means(self) -> Reals:
        """``y``, (variants, outcomes, words); 0 where there are no shots."""
        return np.asarray(self.first / np.maximum(self.shots, 1)[:, None, None])

    @property
    def squares(self) -> Reals:
        """Means of the products, (variants, outcomes, words, words)."""
        return np.asarray(self.second / np.maximum(self.shots, 1)[:, None, None, None])


def moments(tomography: Tomography, numbers: Sequence[int], counts: Sequence[Counts]) -> Moments:
    """The moments of counts of some variants.

    Args:
        tomography: whose variants they are.
        numbers: positions of the variants.
        counts: their counts.
    """
    found = no_moments(tomography)
    for number, one in zip(numbers, counts, strict=True):
        values, outcome = _read(tomography, number, one)
        weights = one.numbers.astype(float)
        found.shots[number] += weights.sum()
        for s in range(int(outcome.max(initial=0)) + 1):
            own = outcome == s if outcome.any() else slice(None)
            seen = values[own]
            weighted = weights[own, None] * seen
            found.first[number, s] += weighted.sum(axis=0)
            found.second[number, s] += weighted.T @ seen
    return found


def no_moments(tomography: Tomography) -> Moments:
    """The moments of no shots at all; of variants that read nothing, those of one."""
    num_variants, num_outcomes, _ = tomography.model.shape
    num_words = len(tomography.words)
    found = np.zeros((num_variants, num_outcomes, num_words))
    found[tomography.sure, 0] = tomography.reads[tomography.sure]
    return Moments(tomography.sure.astype(float), found, found[..., None] * found[..., None, :])


def _read(tomography: Tomography, number: int, counts: Counts) -> tuple[Reals, np.ndarray]:
    """For each outcome the values of the words, (outcomes, words), and the outcome of the choices, (outcomes,)."""
    variant = tomography.variants[number]
    split = variant.num_outputs
    values = word_values(tomography.words, variant.bases, variant.fragment.outputs, counts.bits[:, :split])
    left = counts.bits[:, split:]
    return values, left @ (1 << np.arange(left.shape[1])[::-1])
