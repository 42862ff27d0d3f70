"""The exact variance of an estimate from all fragments, for any number of shots: no shot is drawn.

A value that is multilinear in independent fragment tensors has ``E^2 + Var`` equal to the contraction of the doubled
network, with ``T_f (x) T_f + Cov_f`` at every fragment; ``T_f`` and ``Cov_f`` follow from the chances of all outcomes
of all circuits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cutq import Network
from cutq.exact.amplitudes import fragment_amplitudes
from cutq.network.frames import Frames
from cutq.shots.allocation import pilot_shares, uniform_shares
from cutq.shots.evaluation import evaluate, fits, reading_stacks, tensor_covariance
from cutq.shots.experiment import Experiment
from cutq.shots.moments import Moments, no_moments
from cutq.shots.multilinear import contract, plan_tree
from cutq.shots.observables import observable_experiment
from cutq.shots.readings import word_values
from cutq.shots.simulated import all_bits, outcome_probabilities
from cutq.shots.tomography import Tomography

Reals = NDArray[np.float64]

MANY = 1e7
"""Shots for each circuit at which nothing but the first order is left."""


@dataclass(frozen=True, eq=False)
class Contracted:
    """Circuits of all fragments, and how shots are shared among them.

    Attributes:
        asked: the circuits, and how the value is made of their data.
        single: for each fragment the means and mean squares that one shot of each circuit has.
        shares: for each fragment the part of all shots that each circuit gets.
    """

    asked: Experiment
    single: tuple[Moments, ...]
    shares: tuple[Reals, ...]

    @property
    def circuits(self) -> int:
        """How many are run."""
        return self.asked.num_circuits

    @cached_property
    def value(self) -> float:
        """The exact value."""
        return float(evaluate(self.asked, self._data(MANY), fits(self.asked, self._data(MANY))).values[0])

    def variance(self, shots: float) -> float:
        """Of the estimate with so many shots of all circuits together; they need not be whole numbers."""
        data = self._data(shots)
        by = fits(self.asked, data)
        stacks = [stack[0] for stack in reading_stacks(self.asked, evaluate(self.asked, data, by).tensors)]
        clean = [_fused(np.multiply.outer(stack, stack), stack) for stack in stacks]
        # Fragments come first among the nodes, bonds behind them; the covariance of data divides by one shot less.
        one_more = self._data(shots, extra=1.0)
        noise = [tensor_covariance(own, one)[0, :, 0] for own, one in zip(one_more, by, strict=True)]
        noisy = [own + _fused(more, stack) for own, more, stack in zip(clean, noise, stacks, strict=False)]
        tree = plan_tree(self.asked.tree.labels, tuple(size**2 for size in self.asked.tree.sizes))
        return float((contract(tree, noisy + clean[len(noisy) :]) - contract(tree, clean))[0])

    @property
    def limit(self) -> float:
        """Shots times variance where there are very many: what the first order says."""
        return MANY * self.circuits * self.variance(MANY * self.circuits)

    def _data(self, shots: float, extra: float = 0.0) -> list[Moments]:
        return [
            _times(one, np.where(tomography.sure, 1.0, shots * share + extra))
            for tomography, one, share in zip(self.asked.tomographies, self.single, self.shares, strict=True)
        ]


def contracted(network: Network, word: str, frames: Frames | None, allocation: str) -> Contracted:
    """The circuits for one observable; shots shared alike, or as by a pilot that tells everything."""
    asked = observable_experiment(network, [word], None, frames)
    single = tuple(map(_single, asked.tomographies))
    return Contracted(asked, single, tuple(SHARES[allocation](asked, single)))


def _told(asked: Experiment, single: Sequence[Moments]) -> list[Reals]:
    """The shares that the package takes after a pilot that tells all: a tenth alike, the others by Neyman's rule."""
    return pilot_shares(asked, [_times(one, np.full(len(one.shots), MANY)) for one in single], np.ones(1))


SHARES: dict[str, Callable[[Experiment, Sequence[Moments]], list[Reals]]] = {
    "uniform": lambda asked, _: uniform_shares(asked),
    "pilot": _told,
}


def _times(one: Moments, shots: Reals) -> Moments:
    """The moments that so many shots are expected to have."""
    return Moments(shots, one.first * shots[:, None, None], one.second * shots[:, None, None, None])


def _single(tomography: Tomography) -> Moments:
    """What one shot of each circuit is expected to give."""
    found = no_moments(tomography)
    for variant, (chances, values, outcome) in _chances(tomography).items():
        for s in range(found.first.shape[1]):
            weighted = chances[outcome == s, None] * values[outcome == s]
            found.first[variant, s] = weighted.sum(axis=0)
            found.second[variant, s] = weighted.T @ values[outcome == s]
    return Moments(np.ones(tomography.num_variants), found.first, found.second)


def _chances(tomography: Tomography) -> dict[int, tuple[Reals, Reals, NDArray[np.int64]]]:
    """For each circuit the chances of its bits, with the values of the words and the outcome of the choices."""
    alike: dict[str, list[int]] = defaultdict(list)
    for v in np.flatnonzero(~tomography.sure).tolist():
        alike[tomography.variants[v].bases].append(v)
    found = {}
    for members in alike.values():
        variants = [tomography.variants[v] for v in members]
        amplitudes = fragment_amplitudes(variants[0].fragment, variants[0].values)
        tables = outcome_probabilities(variants, amplitudes.reshape(len(amplitudes), -1))
        for v, variant, table in zip(members, variants, tables, strict=True):
            bits, split = all_bits(variant.num_bits), variant.num_outputs
            values = word_values(tomography.words, variant.bases, variant.fragment.outputs, bits[:, :split])
            outcome = bits[:, split:] @ (1 << np.arange(variant.num_bits - split)[::-1])
            found[v] = table / table.sum(), values, outcome
    return found


def _fused(square: Reals, like: Reals) -> Reals:
    """(entries, entries) with the two indices of each leg as one, in front of them an axis for one term."""
    rank = like.ndim
    order = [axis for k in range(rank) for axis in (k, rank + k)]
    moved = square.reshape(like.shape * 2).transpose(order)
    return moved.reshape(1, *(size**2 for size in like.shape))
