"""Observables as experiments: the circuits that expectation values take on devices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from cutq.circuits.checks import shown
from cutq.circuits.observable import Observable
from cutq.circuits.values import checked
from cutq.errors import ObservableError, ParameterError
from cutq.exact.checks import checked_network
from cutq.exact.compile import checked_observables
from cutq.exact.sums import word_sums
from cutq.network.cone import light_cone
from cutq.network.frames import Frames, chosen_frames
from cutq.network.influence import targets
from cutq.network.network import Network
from cutq.shots.experiment import Experiment, Quantities, experiment
from cutq.shots.variants import Variant


def variants(
    network: Network,
    observables: Sequence[Observable | str] | Observable | str,
    params: ArrayLike | None = None,
    *,
    frames: Frames | None = None,
) -> tuple[tuple[Variant, ...], ...]:
    """The different circuits that :func:`estimate` runs, for each fragment of what the observables depend on.

    Args:
        network, observables, params, frames: as there.

    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> pair = Circuit(2, (Operation("ry", (0,), (0.8,)), Operation("cx", (0, 1))))
    >>> [len(own) for own in variants(split(pair, CutPlan.from_partition(pair, "AB")), ["X0 X1"])]
    [2, 0]
    """
    asked = observable_experiment(network, observables, params, frames)
    return tuple(
        tuple(variant for variant, sure in zip(one.variants, one.sure, strict=True) if not sure)
        for one in asked.tomographies
    )


def observable_experiment(
    network: Network,
    observables: Sequence[Observable | str] | Observable | str,
    params: ArrayLike | None,
    frames: Frames | None,
    share: bool = False,
) -> Experiment:
    """The circuits for some observables."""
    chosen = chosen_frames(frames)
    found = listed_observables(network, observables)
    values = named_values(network, params)
    cone = light_cone(network, targets(found))
    return experiment(cone, quantities(found), values, chosen, share=share)


def listed_observables(network: Network, observables: object) -> tuple[Observable, ...]:
    """One observable or several, as text or not, that fit the network.

    Raises:
        ObservableError: they are none, or act on a qubit that is not there.
        PlanError: the network is none.
    """
    checked_network("estimates", network)
    # A mapping would lose its values.
    if isinstance(observables, Observable | str | Mapping) or not isinstance(observables, Iterable):
        observables = [observables]
    try:
        several = list(observables)
    except TypeError:  # arrays of no dimension say that they are iterable
        several = [observables]
    for one in several:
        if not isinstance(one, Observable | str):
            raise ObservableError(f"an observable is a text such as 'Z0 Z3' or a cutq.Observable, got {shown(one)}")
    return checked_observables(network, several)


def named_values(network: Network, params: ArrayLike | None) -> Mapping[str, float]:
    """The values of the network's parameters by name."""
    checked_network("estimates", network)
    row = np.asarray(checked(network.parameters, params))
    if row.ndim != 1:
        raise ParameterError(f"an estimate is at one set of parameters, (P,), got an array of shape {row.shape}")
    return dict(zip(network.parameters, row.tolist(), strict=True))


def quantities(observables: Sequence[Observable]) -> Quantities:
    """Observables as sums of words."""
    sums = word_sums(observables)
    weights = np.zeros((len(observables), sums.num_words))
    np.add.at(weights, (sums.owners, sums.indices), sums.weights)
    return Quantities(tuple(map(str, observables)), sums.words, weights, sums.constants.astype(float))
