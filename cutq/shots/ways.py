"""The ways to estimate observables on devices, and what each takes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from cutq.circuits.observable import Observable
from cutq.errors import ParameterError, ShotsError
from cutq.network.frames import Frames
from cutq.network.network import Network
from cutq.network.price import Way, fragment_circuits, fragment_shots
from cutq.network.shots import ERROR, SHOTS_PER_CIRCUIT
from cutq.shots.experiment import Experiment
from cutq.shots.gradient import GENERIC_SEED, gradient_experiment, occurrences
from cutq.shots.observables import listed_observables, observable_experiment
from cutq.shots.pricing import Asked


def ways(
    network: Network,
    observables: Sequence[Observable | str] | Observable | str,
    params: ArrayLike | None,
    frames: Frames | None,
    asked: Asked,
) -> tuple[Way, ...]:
    """Tabulating the circuits and, but for gradients, sampling shot by shot.

    Raises:
        ShotsError: tabulating takes more circuits or shots than allowed.
    """
    found = listed_observables(network, observables)
    values = _any_values(network) if params is None else params
    size = max((sum(abs(weight) for word, weight in one.terms if word) for one in found), default=0.0)
    if asked.gradient:
        if len(found) != 1:
            raise ParameterError(f"a gradient is that of one observable, got {len(found)}")
        circuits = gradient_experiment(network, found[0], values, frames)
        tabulated = _tabulated(circuits, _gradient_factors(circuits, len(network.parameters)), size, asked)
        _check_budget(tabulated, asked)
        return (tabulated,)
    circuits = observable_experiment(network, found, values, frames)
    tabulated = _tabulated(circuits, _factors(circuits.network), size, asked)
    _check_budget(tabulated, asked)
    return tabulated, _sampled(circuits.network, size, asked)


def _any_values(network: Network) -> np.ndarray:
    """Numbers at which no leg is dead by accident."""
    return np.random.default_rng(GENERIC_SEED).uniform(0.4, 2.7, len(network.parameters))


def _factors(network: Network) -> dict[int, float]:
    """For each fragment the standard error that one shot of it leaves."""
    return {f: math.sqrt(fragment_shots(network, fragment)) for f, fragment in enumerate(network.fragments)}


def _gradient_factors(circuits: Experiment, count: int) -> dict[int, float]:
    """The same for a component of the gradient: circuits that are not shifted count for all, the others for one."""
    root = math.sqrt(max(1, count))
    plain = _factors(circuits.network)
    return {
        f: plain[f] * (1 + sum(1 for _ in occurrences(fragment)) / root)
        for f, fragment in enumerate(circuits.network.fragments)
    }


def _tabulated(circuits: Experiment, factors: Mapping[int, float], size: float, asked: Asked) -> Way:
    counts = [0] * len(circuits.network.fragments)
    for one in circuits.tomographies:
        counts[one.position] += one.num_circuits
    weights = [factors[f] if count else 0.0 for f, count in enumerate(counts)]
    return _way("tabulated", counts, weights, _squared(size * sum(weights)), SHOTS_PER_CIRCUIT * sum(counts), asked)


def _sampled(network: Network, size: float, asked: Asked) -> Way:
    """Shot by shot each fragment that has anything to run is run once for a sample, as one of its circuits."""
    counts = [fragment_circuits(network, fragment) for fragment in network.fragments]
    runs = [float(count > 0) for count in counts]
    return _way("sampled", counts, runs, _squared(size * network.gamma) * sum(runs), 0, asked)


def _squared(number: float) -> float:
    """The square, infinite where it is too large for a float, which ``**`` refuses."""
    return number * number


def _way(name: str, counts: Sequence[int], weights: Sequence[float], variance: float, least: int, asked: Asked) -> Way:
    """A way whose variance is so large for one shot, and that takes at least so many shots."""
    if not sum(counts):
        return Way(name, 0, 0.0, 0.0, 0.0, tuple(counts), (0.0,) * len(counts))
    wanted = variance / (asked.target_error or ERROR) ** 2
    total = float(asked.shots) if asked.shots is not None else max(wanted, float(least))
    share = sum(weights)
    return Way(
        name,
        sum(counts),
        total,
        math.sqrt(variance / total) if total else 0.0,
        total / asked.shot_rate,
        tuple(counts),
        tuple(total * weight / share for weight in weights),
    )


def _check_budget(way: Way, asked: Asked) -> None:
    if asked.max_circuits is not None and way.circuits > asked.max_circuits:
        raise ShotsError(
            f"this takes {way.circuits} circuits, but max_circuits={asked.max_circuits}; cut less, or elsewhere"
        )
    if asked.max_shots is not None and way.shots > asked.max_shots:
        raise ShotsError(
            f"a standard error of {way.stderr:.3g} takes about {np.floor(way.shots):.15g} shots, but "
            f"max_shots={asked.max_shots}; accept a larger error, or cut less"
        )
