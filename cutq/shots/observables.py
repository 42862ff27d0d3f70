"""Expectation values of observables on devices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from cutq.circuits.observable import Observable
from cutq.circuits.values import checked
from cutq.errors import ParameterError
from cutq.exact.compile import checked_observables
from cutq.exact.sums import word_sums
from cutq.network.cone import light_cone
from cutq.network.frames import Frames, chosen_frames
from cutq.network.influence import targets
from cutq.network.network import Network
from cutq.shots.eigenframes import with_eigenframes
from cutq.shots.estimate import Estimate
from cutq.shots.experiment import Experiment, Quantities, experiment
from cutq.shots.jobs import Runner
from cutq.shots.measure import Effort, measure
from cutq.shots.variants import Variant


def estimate(
    network: Network,
    observables: Sequence[Observable | str] | Observable | str,
    params: ArrayLike | None = None,
    *,
    runner: Runner,
    shots: int | None = None,
    target_error: float | None = None,
    frames: Frames | None = None,
    allocation: str = "pilot",
    adaptive: bool = False,
    seed: int = 0,
    max_circuits: int | None = None,
    max_shots: int | None = None,
) -> Estimate:
    """Estimate expectation values from runs of the fragments, with error bars.

    Each fragment is run as a number of circuits of its own, never jointly with the others; the leg tensors that all
    data of a fragment say together are contracted. A fifth of the shots goes to a pilot, which tells how the others are
    best shared.

    Args:
        network: the network.
        observables: what is asked for, as text or as :class:`cutq.Observable`.
        params: values in the order of ``network.parameters``, (P,); left out where there are none.
        runner: runs the circuits, such as :class:`cutq.SimulatedRunner` or :class:`cutq.SamplerRunner`.
        shots: how many shots in total; or
        target_error: the largest standard error that is accepted.
        frames: names of rows of :data:`cutq.network.frames.FRAMES`, or own frames, one for each kind of place.
        allocation: how shots are shared: ``"pilot"``, ``"coefficient"`` or ``"uniform"``.
        adaptive: whether circuits in the eigenbases of the pilot's environments are added; they may need ancillas and
            unitaries on two qubits.
        seed: of the jobs; equal seeds give equal estimates where the runner simulates.
        max_circuits, max_shots: what may be run at most.

    Returns:
        The estimate; its values are (len(observables),).

    Raises:
        ShotsError: there are fewer shots than circuits, or more circuits or shots than allowed; before anything is run.
        CountsError: what the runner returned cannot be counts of these circuits.
        TooLargeError: a fragment has too many legs to be tabulated.

    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> from cutq.shots.simulated import SimulatedRunner
    >>> pair = Circuit(2, (Operation("ry", (0,), (0.8,)), Operation("cx", (0, 1))))
    >>> network = split(pair, CutPlan.from_partition(pair, "AB"))
    >>> found = estimate(network, ["Z1"], runner=SimulatedRunner(), shots=10_000)
    >>> bool(abs(found.values[0] - np.cos(0.8)) < 4 * found.stderr[0])
    True
    """
    asked = observable_experiment(network, observables, params, frames)
    effort = Effort(shots, target_error, allocation, seed, max_circuits, max_shots)
    return measure(asked, runner, effort, with_eigenframes if adaptive else None)


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
) -> Experiment:
    """The circuits for some observables."""
    several = [observables] if isinstance(observables, Observable | str) else list(observables)
    found = checked_observables(network, several)
    values = named_values(network, params)
    cone = light_cone(network, targets(found))
    return experiment(cone, quantities(found), values, chosen_frames(frames))


def named_values(network: Network, params: ArrayLike | None) -> Mapping[str, float]:
    """The values of the network's parameters by name."""
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
