"""Aer as a runner: Qiskit's simulator of devices, if it is installed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cutq.errors import CutqError
from cutq.shots.jobs import Runner


def aer_runner(seed: int) -> Runner:
    """A runner that runs circuits on Aer.

    Raises:
        CutqError: it is not installed.
    """
    from cutq.shots.sampler import SamplerRunner

    return SamplerRunner(_Sampler(seed))


class _Sampler:
    """Aer's sampler with a seed of its own for each circuit.

    With one seed it would begin from it anew in every call, and in a call for every number of shots, so that counts
    would not be independent of each other.
    """

    def __init__(self, seed: int) -> None:
        try:
            from qiskit_aer.primitives import SamplerV2
        except ImportError as cause:
            raise CutqError('--runner aer takes qiskit-aer, which is not installed: pip install "cutq[aer]"') from cause
        self._made, self._seeds = SamplerV2, np.random.default_rng(seed)
        self._backend = SamplerV2()._backend

    def run(self, pubs: Sequence[Any]) -> _Done:
        """The results of some circuits."""
        seeds = self._seeds.integers(2**31, size=len(pubs)).tolist()
        return _Done([self._made(seed=seed).run([pub]).result()[0] for seed, pub in zip(seeds, pubs, strict=True)])


class _Done:
    """Results that are there."""

    def __init__(self, results: list[Any]) -> None:
        self._results = results

    def result(self) -> list[Any]:
        """The results."""
        return self._results
