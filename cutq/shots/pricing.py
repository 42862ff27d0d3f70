"""What a network costs, and what estimating observables of it does, before anything is run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from numpy.typing import ArrayLike

from cutq.circuits.checks import as_real, shown, truth
from cutq.circuits.observable import Observable
from cutq.errors import ParameterError, ShotsError
from cutq.exact.checks import checked_network, optional_number
from cutq.network.frames import Frames
from cutq.network.network import Network
from cutq.network.price import Price
from cutq.network.price import price as network_price

SHOT_RATE = 1000.0
"""Shots in a second where no rate is named."""


@dataclass(frozen=True)
class Asked:
    """What is priced; see :func:`price`."""

    shots: int | None
    target_error: float | None
    shot_rate: float
    gradient: bool
    max_circuits: int | None
    max_shots: int | None

    def __post_init__(self) -> None:
        if self.shots is not None and self.target_error is not None:
            both = f"{shown(self.shots)} and {shown(self.target_error)}"
            raise ShotsError(f"either shots=... or target_error=..., got {both}")
        for name, value in (("shots", self.shots), ("target_error", self.target_error), ("shot_rate", self.shot_rate)):
            number = as_real(value)
            # The square of an error is a variance.
            positive = number > 0 and 0 < number * number < math.inf
            if not positive and (value is not None or name == "shot_rate"):
                raise ParameterError(f"{name} is a positive number, got {shown(value)}")
        for name in ("max_circuits", "max_shots"):
            object.__setattr__(self, name, optional_number(name, getattr(self, name), least=0))
        object.__setattr__(self, "gradient", truth("gradient", self.gradient))


def price(
    network: Network,
    observables: Sequence[Observable | str] | Observable | str | None = None,
    params: ArrayLike | None = None,
    *,
    shots: int | None = None,
    target_error: float | None = None,
    gradient: bool = False,
    frames: Frames | None = None,
    shot_rate: float = SHOT_RATE,
    max_circuits: int | None = None,
    max_shots: int | None = None,
) -> Price:
    """What a network costs; with observables, also what estimating them on devices does, in either way.

    Circuits are counted exactly as :func:`cutq.estimate` runs them. Shots for an error, and the error for shots, are
    predictions from structure: where all fragments are tabulated the variance of a word of N shots is about
    ``(sum_f prod_l nu_l**0.5)**2 / N`` with the factors of :mod:`cutq.network.shots`; shot by shot it is
    ``gamma**2 F / N`` for F fragments. A sum of words counts as the sum of its absolute weights.

    Args:
        network: the network.
        observables: what is estimated; without them only the price that follows from the network is given.
        params: values of the parameters, which decide which legs are dead; any where left out.
        shots: how many in total; or
        target_error: the standard error; 0.01 where neither is named.
        gradient: whether the gradient of the (one) observable is estimated instead.
        frames: as in :func:`cutq.estimate`.
        shot_rate: shots in a second.
        max_circuits, max_shots: what may be run with the circuits tabulated.

    Returns:
        The price; its ``ways`` are tabulating and, but for gradients, sampling shot by shot.

    Raises:
        ShotsError: tabulating takes more circuits or shots than allowed.
        ParameterError: a number is none, or not positive.

    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> pair = Circuit(2, (Operation("ry", (0,), (0.8,)), Operation("cx", (0, 1))))
    >>> found = price(split(pair, CutPlan.from_partition(pair, "AB")), ["Z1"], target_error=0.01)
    >>> [(way.name, way.circuits, round(way.shots)) for way in found.ways]
    [('tabulated', 1, 20000), ('sampled', 10, 180000)]
    """
    checked_network("prices", network)
    asked = Asked(shots, target_error, shot_rate, gradient, max_circuits, max_shots)
    base = network_price(network)
    if observables is None:
        return base
    # What follows loads compiled code, which the price of a network does without.
    from cutq.shots.ways import ways

    return replace(base, ways=ways(network, observables, params, frames, asked))
