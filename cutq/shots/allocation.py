"""How many shots each circuit gets: the same, by coefficients, or what a pilot run found to be best.

The variance of quantities is ``sum_v sigma_v**2 / n_v``, so the best share is ``n_v ~ sigma_v`` (Neyman). The fit pools
data, and depends on the shots itself; where its weights are those of the data's noise, ``sigma_v`` is the derivative of
the variance, and a few steps of ``n_v -> sigma_v(n)`` converge to the best design; with other weights they may
lead away from it. What a small pilot says is mixed with the same for all.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cutq.network.legspace import Reals
from cutq.shots.evaluation import derivatives, fits, sensitivities
from cutq.shots.experiment import Experiment
from cutq.shots.fit import fit
from cutq.shots.moments import Moments
from cutq.shots.tomography import Tomography

ALLOCATIONS = ("pilot", "coefficient", "uniform")
"""Ways to share shots."""

STEPS, MORE_STEPS = 10, 4
"""Steps towards the best design, and from one that was found before."""

LEAST_NOISE = 1e-3
"""Variance of a circuit's data below which none is taken to be, in units of what it can be."""

LEAST_SHARE = 1e-6
"""Share of the largest ``sigma_v`` below which none is taken to be."""

MIXED = (0.1, 10.0)
"""Share that is the same for all: at least this, and as if by so many pilot shots for each variant."""


def uniform_shares(asked: Experiment) -> list[Reals]:
    """The same for all variants of all tomographies; they sum to 1."""
    total = max(1, asked.num_circuits)
    return [~one.sure / total for one in asked.tomographies]


def coefficient_shares(asked: Experiment) -> list[Reals]:
    """By the coefficients of the data in the leg tensors, as if all entries mattered alike."""
    sizes = []
    for one in asked.tomographies:
        by = fit(one, np.ones(one.num_variants))
        sizes.append(np.sqrt(np.einsum("wpvs,vs->v", by.inverse**2, one.prior, optimize=True)) * ~one.sure)
    return _normalised(sizes)


def pilot_shares(
    asked: Experiment, pilot: Sequence[Moments], importance: Reals, earlier: Sequence[Reals] | None = None
) -> list[Reals]:
    """The shares that make the weighted sum of the variances small, as far as a pilot can tell.

    Args:
        asked: the experiment.
        pilot: the data of a pilot run.
        importance: the weight of each quantity's variance, (quantities,).
        earlier: shares that less data led to, from which fewer steps are enough.
    """
    near = earlier is not None and [len(own) for own in earlier] == [one.num_variants for one in asked.tomographies]
    shares = list(earlier) if near and earlier is not None else uniform_shares(asked)
    smooth, back = expected_moments(asked, pilot), derivatives(asked, pilot, fits(asked, pilot))
    noise = [_noise(one, own) for one, own in zip(asked.tomographies, smooth, strict=True)]
    for _ in range(MORE_STEPS if near else STEPS):
        by = [fit(one, own / level) for one, own, level in zip(asked.tomographies, shares, noise, strict=True)]
        sigmas = [
            np.sqrt(np.maximum(_spread(own, seen.weights) @ importance[seen.rows], 0))
            for own, seen in zip(smooth, sensitivities(back, by), strict=True)
        ]
        if not any(own.sum() for own in sigmas):
            return uniform_shares(asked)
        least = LEAST_SHARE * max(own.max(initial=0) for own in sigmas)
        shares = _normalised(
            [np.maximum(own, least) * ~one.sure for one, own in zip(asked.tomographies, sigmas, strict=True)]
        )
    mixed = _mixing(asked, pilot)
    return [(1 - mixed) * own + mixed * even for own, even in zip(shares, uniform_shares(asked), strict=True)]


def _noise(one: Tomography, own: Moments) -> Reals:
    """The variance of each variant's data over what it is where nothing is known of the state, (variants,)."""
    spread = np.einsum("vsww->vsw", own.squares) - own.means**2
    found, most = np.einsum("vsw,vw->v", spread, one.reads), np.einsum("vs,vw->v", one.prior, one.reads)
    return np.asarray(np.maximum(found / np.maximum(most, LEAST_NOISE), LEAST_NOISE))


def _mixing(asked: Experiment, pilot: Sequence[Moments]) -> float:
    shots = np.concatenate([own.shots[~one.sure] for one, own in zip(asked.tomographies, pilot, strict=True)])
    least, scale = MIXED
    return float(min(1.0, max(least, scale / max(1.0, shots.mean()))))


def _normalised(sizes: Sequence[Reals]) -> list[Reals]:
    total = sum(own.sum() for own in sizes)
    return [own / total for own in sizes] if total else [np.zeros_like(own) for own in sizes]


def expected_moments(asked: Experiment, pilot: Sequence[Moments]) -> list[Moments]:
    """Moments of a pilot, smoothed; of variants that it did not run those that its leg tensors expect of one shot."""
    found = []
    for one, own, by in zip(asked.tomographies, pilot, fits(asked, pilot), strict=True):
        smooth = own.smoothed(one)
        fresh = own.shots == 0
        if fresh.any():
            chances, means = _expected(one, by.tensors(own))
            smooth.first[fresh] = means[fresh]
            smooth.second[fresh] = 0.0
            np.einsum("vsww->vsw", smooth.second)[fresh] = chances[fresh, :, None]
        found.append(Moments(np.where(fresh, 1.0, own.shots), smooth.first, smooth.second))
    return found


def _expected(one: Tomography, tensors: Reals) -> tuple[Reals, Reals]:
    """The chance of each outcome, (variants, outcomes), and the mean of each word, (variants, outcomes, words)."""
    chances = one.prior
    if () in one.words:
        seen = one.model @ np.nan_to_num(tensors[one.words.index(())])
        chances = np.clip(seen, 0.1 * one.prior, np.maximum(1.0, one.prior))
    means = np.einsum("vsp,wp->vsw", one.model, tensors, optimize=True) * one.reads[:, None, :]
    return chances, np.clip(means, -chances[:, :, None], chances[:, :, None])


def _spread(own: Moments, weights: Reals) -> Reals:
    """The variance of what one shot of each variant says of each quantity, (variants, quantities)."""
    mean = own.means
    square = np.einsum("kvsw,vswx,kvsx->vk", weights, own.squares, weights, optimize=True)
    return np.asarray(square - np.einsum("kvsw,vsw->vk", weights, mean, optimize=True) ** 2)


def whole_shots(shares: Sequence[Reals], total: int, least: int = 0) -> list[np.ndarray]:
    """Whole numbers of shots by shares that sum to ``total``, the largest remainders rounded up.

    >>> [part.tolist() for part in whole_shots([np.array([0.5, 0.2]), np.array([0.3])], 7)]
    [[4, 1], [2]]
    """
    flat = np.concatenate([np.zeros(0), *shares])
    if not flat.any():
        return [np.zeros(len(own), dtype=np.int64) for own in shares]
    floor = np.where(flat > 0, least, 0)
    spare = max(0, total - int(floor.sum()))
    exact = flat / flat.sum() * spare
    numbers = np.floor(exact).astype(np.int64)
    for k in np.argsort(numbers - exact, kind="stable")[: spare - int(numbers.sum())]:
        numbers[k] += 1
    return np.split(numbers + floor, np.cumsum([len(own) for own in shares])[:-1])
