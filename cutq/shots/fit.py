"""Weighted least squares: the leg tensors of a fragment from the pooled data of all its circuits.

The estimate ``T = known + G (y - A known)`` is linear in the data ``y``, and unbiased whatever the weights are, as long
as these do not depend on the same data.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cutq.network.frames import LIVE
from cutq.network.legspace import Reals
from cutq.shots.moments import Moments
from cutq.shots.tomography import Tomography

SURE = 1e4
"""Weight of what is known, in units of the most shots of a variant."""


@dataclass(frozen=True, eq=False)
class Fit:
    """How leg tensors follow from data.

    Attributes:
        inverse: ``G``, (words, entries, variants, outcomes).
        offset: what is known, (words, entries).
    """

    inverse: Reals
    offset: Reals

    def tensors(self, moments: Moments) -> Reals:
        """The leg tensors, (words, entries)."""
        return np.asarray(self.offset + np.einsum("wpvs,vsw->wp", self.inverse, moments.means, optimize=True))


def fit(tomography: Tomography, shots: Reals) -> Fit:
    """The fit for so many shots of each variant, (variants,).

    The weight of a datum is its shots over the chance of its outcome where nothing is known of the state. Weights by
    the variances that were seen would gain a few percent at most.
    """
    num_variants, num_outcomes, size = tomography.model.shape
    inverse = np.zeros((len(tomography.words), size, num_variants, num_outcomes))
    known = np.nan_to_num(tomography.known)
    shots = np.where(tomography.sure, SURE * np.max(shots, initial=1e-9), shots)
    chances = np.where(tomography.prior > 0, tomography.prior, np.inf)
    solved: dict[bytes, Reals] = {}
    for w in range(len(tomography.words)):
        weights = shots[:, None] * tomography.reads[:, w, None] / chances
        unknown = np.isnan(tomography.known[w])
        key = b"".join(one.tobytes() for one in (tomography.reads[:, w], unknown, tomography.needed[w]))
        if key not in solved:
            solved[key] = _inverse(tomography.model, weights, unknown, tomography.needed[w])
        inverse[w] = solved[key]
    seen = np.einsum("vsp,wp->vsw", tomography.model, known, optimize=True) * tomography.reads[:, None, :]
    offset = known - np.einsum("wpvs,vsw->wp", inverse, seen, optimize=True)
    return Fit(inverse, offset)


def _inverse(model: Reals, weights: Reals, unknown: np.ndarray, needed: np.ndarray) -> Reals:
    """``G`` of one word, (entries, variants, outcomes)."""
    flat = model.reshape(-1, model.shape[-1])
    touched = unknown & (np.abs(flat[weights.reshape(-1) > 0]).max(axis=0, initial=0) > LIVE)
    columns = flat[:, touched]
    weighted = columns * weights.reshape(-1, 1)
    normal = columns.T @ weighted
    found = np.zeros((model.shape[-1], len(flat)))
    found[touched] = _solved(normal, weighted.T)
    found[~needed] = 0.0
    return found.reshape(model.shape[-1], *model.shape[:2])


def _solved(normal: Reals, right: Reals) -> Reals:
    """``normal^-1 right``, by the pseudo-inverse where entries that nobody needs are not determined."""
    scale = np.sqrt(np.maximum(np.diagonal(normal), 1e-300))
    scaled = normal / scale[:, None] / scale
    try:
        np.linalg.cholesky(scaled - 1e-9 * np.eye(len(scaled)))
        found = np.linalg.solve(scaled, right / scale[:, None])
    except np.linalg.LinAlgError:
        found = np.linalg.pinv(scaled, rcond=1e-9, hermitian=True) @ (right / scale[:, None])
    return np.asarray(found / scale[:, None])
