"""A runner that simulates: exact amplitudes of the fragments, and multinomial shots."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.checks import as_real, shown
from cutq.errors import ParameterError
from cutq.exact.amplitudes import fragment_amplitudes
from cutq.exact.checks import whole_number
from cutq.network.blas import one_thread
from cutq.network.legspace import Complexes, Reals
from cutq.shots.jobs import Counts, Job
from cutq.shots.variants import Variant, joined, shifted

_ROOT = math.sqrt(0.5)
TURNS: dict[str, Complexes] = {
    "X": np.array([[_ROOT, _ROOT], [_ROOT, -_ROOT]], dtype=complex),
    "Y": np.array([[_ROOT, -1j * _ROOT], [_ROOT, 1j * _ROOT]]),
}
"""What turns the eigenstates of a Pauli matrix into 0 and 1."""

MOST_KEPT, WIDEST_KEPT = 256, 12
"""Fragments whose amplitudes are kept between rounds, and their most qubits."""

TABLE_BITS = 14
"""Bits of a shot up to which the table of all outcomes is kept."""


class SimulatedRunner:
    """Runs fragments on this computer, without building circuits.

    Args:
        seed: a whole number; equal seeds give equal counts for equal jobs.
        readout_error: the probability that a bit is read wrongly; or a pair, of reading 1 for 0 and 0 for 1.

    Raises:
        ParameterError: a probability is not between 0 and 1, or the seed no whole number from 0.

    >>> SimulatedRunner(seed=1, readout_error=0.02)
    SimulatedRunner(seed=1, readout_error=(0.02, 0.02))
    """

    def __init__(self, seed: int = 0, *, readout_error: float | tuple[float, float] = 0.0) -> None:
        pair = readout_error if isinstance(readout_error, tuple) else (readout_error, readout_error)
        found = tuple(map(as_real, pair))
        if len(found) != 2 or not all(0 <= p <= 1 for p in found):
            raise ParameterError(
                "a readout error is a probability between 0 and 1, or a pair such as (0.01, 0.02), got "
                f"{shown(readout_error)}"
            )
        self.seed, self.readout_error = whole_number("seed", seed, least=0), found
        self._known: dict[object, tuple[Variant, Complexes]] = {}

    def __repr__(self) -> str:
        return f"SimulatedRunner(seed={self.seed}, readout_error={self.readout_error})"

    def run(self, jobs: Sequence[Job]) -> list[Counts]:
        """The counts of each job."""
        found = self._joint_counts(jobs)
        alone = {k: job.variant for k, job in enumerate(jobs) if isinstance(job.variant, Variant)}
        groups: dict[object, list[int]] = defaultdict(list)
        for k, variant in alone.items():
            groups[id(variant.fragment), id(variant.values), variant.shifts, variant.bases].append(k)
        for members in groups.values():
            variants = [alone[k] for k in members]
            for k, table in zip(members, outcome_probabilities(variants, self._amplitudes(variants[0])), strict=True):
                found[k] = self._counts(jobs[k], table)
        return [found[k] for k in range(len(jobs))]

    def _amplitudes(self, variant: Variant) -> Complexes:
        """The amplitudes of a variant's fragment, (2**outputs, product of the dimensions of its places).

        Kept, with the variant so that its parts keep their identity, for the next round of the same circuits.
        """
        key = (id(variant.fragment), id(variant.values), variant.shifts)
        if key not in self._known:
            if len(self._known) >= MOST_KEPT or variant.fragment.width > WIDEST_KEPT:
                self._known.clear()
            found = fragment_amplitudes(shifted(variant.fragment, variant.shifts), variant.values)
            self._known[key] = variant, found.reshape(len(found), -1)
        return self._known[key][1]

    def _joint_counts(self, jobs: Sequence[Job]) -> dict[int, Counts]:
        """The counts of the circuits of several fragments."""
        joint = [k for k, job in enumerate(jobs) if not isinstance(job.variant, Variant)]
        if not joint:
            return {}
        from cutq.shots.feedforward import Amplitudes, joint_counts

        known = Amplitudes()
        return {k: joint_counts(jobs[k], self._rng(jobs[k]), self._misread, known) for k in joint}

    def _rng(self, job: Job) -> np.random.Generator:
        return np.random.default_rng([self.seed, job.seed])

    def _counts(self, job: Job, table: Reals) -> Counts:
        bits = job.num_bits
        chances = self._misread(table, bits)
        rng = self._rng(job)
        if bits <= TABLE_BITS and len(chances) <= 16 * max(job.shots, 16):
            numbers = rng.multinomial(job.shots, chances)
            seen = np.flatnonzero(numbers)
            return Counts(all_bits(bits)[seen], numbers[seen])
        drawn = np.searchsorted(np.cumsum(chances), rng.random(job.shots) * chances.sum(), side="right")
        seen, numbers = np.unique(np.minimum(drawn, len(chances) - 1), return_counts=True)
        return Counts((seen[:, None] >> np.arange(bits)[::-1] & 1).astype(np.uint8), numbers)

    def _misread(self, table: Reals, bits: int) -> Reals:
        """The chances of what is read, which sum to 1."""
        table = table / table.sum()
        if not any(self.readout_error):
            return table
        up, down = self.readout_error
        matrix = np.array([[1 - up, down], [up, 1 - down]])
        for bit in range(bits):
            table = np.einsum("ab,xbz->xaz", matrix, table.reshape(1 << bit, 2, -1)).reshape(-1)
        return table


@lru_cache(maxsize=32)
def all_bits(bits: int) -> NDArray[np.uint8]:
    """All outcomes of so many bits in order, (2**bits, bits)."""
    found = (np.arange(1 << bits)[:, None] >> np.arange(bits)[::-1] & 1).astype(np.uint8)
    found.flags.writeable = False
    return found


def outcome_probabilities(variants: Sequence[Variant], amplitudes: Complexes) -> list[Reals]:
    """For each of some variants with the same bases the probability of each outcome, (2**bits,)."""
    turned = _turned(amplitudes, variants[0].bases)
    whole = np.concatenate([_by_place(variant) for variant in variants])
    with one_thread():
        seen = turned @ whole.T
    table = (seen.real**2 + seen.imag**2).reshape(*(2,) * len(variants[0].bases), len(whole))
    table = table.sum(axis=tuple(k for k, basis in enumerate(variants[0].bases) if basis == "I"))
    table = table.reshape(-1, len(whole))
    ends = np.cumsum([math.prod(len(choice.vectors) for choice in variant.choices) for variant in variants])
    return [part.reshape(-1) for part in np.split(table, ends[:-1], axis=1)]


def _turned(amplitudes: Complexes, bases: str) -> Complexes:
    """The amplitudes with the outputs turned to the bases that are measured."""
    for output, basis in enumerate(bases):
        if basis in TURNS:
            whole = amplitudes.reshape(1 << output, 2, -1)
            amplitudes = np.matmul(TURNS[basis], whole).reshape(amplitudes.shape)
    return amplitudes


def _by_place(variant: Variant) -> Complexes:
    """The Kraus vectors of a variant's choices together, in the order of its places, (outcomes, dimensions)."""
    vectors = joined(variant.choices)
    order = [k for choice in variant.choices for k in choice.places]
    if order != sorted(order):
        dims = [variant.places[k].dim for k in order]
        vectors = vectors.reshape(-1, *dims).transpose(0, *(1 + np.argsort(order))).reshape(len(vectors), -1)
    return vectors
