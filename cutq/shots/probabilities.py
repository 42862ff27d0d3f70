"""Probabilities of outcomes on devices, with the covariance of all of them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from cutq.circuits.observable import Word
from cutq.errors import ObservableError, TooLargeError
from cutq.exact.checks import checked_network
from cutq.exact.distribution import checked_qubits
from cutq.network.cone import light_cone
from cutq.network.frames import Frames, chosen_frames
from cutq.network.network import Network
from cutq.shots.estimate import Estimate
from cutq.shots.experiment import Experiment, Quantities, experiment
from cutq.shots.jobs import Runner, checked_runner
from cutq.shots.measure import Effort, measure
from cutq.shots.observables import named_values

MOST_QUBITS = 10
"""Qubits of a distribution up to which the covariance of all its outcomes is kept."""


def estimate_probabilities(
    network: Network,
    qubits: Sequence[int],
    params: ArrayLike | None = None,
    *,
    runner: Runner,
    shots: int | None = None,
    target_error: float | None = None,
    frames: Frames | None = None,
    allocation: str = "pilot",
    seed: int = 0,
    max_circuits: int | None = None,
    max_shots: int | None = None,
) -> Estimate:
    """Estimate the probability of each outcome of some qubits, and their covariance.

    The estimates are unbiased, so small ones may be negative, and their sum need not be 1; nothing is clipped.

    Args:
        network: the network.
        qubits: different qubits, at most 10, in the order of the axes of the values.
        params, runner, shots, target_error, frames, allocation, seed, max_circuits, max_shots: as in
            :func:`cutq.estimate`.

    Returns:
        The estimate; its values are (2,) * len(qubits).

    Raises:
        ObservableError: a qubit is repeated or not there.
        TooLargeError: there are more than 10 qubits; see :func:`cutq.estimate_samples`.

    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> from cutq.shots.simulated import SimulatedRunner
    >>> bell = Circuit(2, (Operation("h", (0,)), Operation("cx", (0, 1))))
    >>> network = split(bell, CutPlan.from_partition(bell, "AB"))
    >>> found = estimate_probabilities(network, [0, 1], runner=SimulatedRunner(), shots=20_000)
    >>> found.names, bool(np.all(abs(found.values - [[0.5, 0], [0, 0.5]]) < 5 * found.stderr + 1e-9))
    (('00', '01', '10', '11'), True)
    """
    effort = Effort(shots, target_error, allocation, seed, max_circuits, max_shots)
    checked_runner(runner)
    asked = probability_experiment(network, qubits, params, frames)
    found = measure(asked, runner, effort)
    return replace(found, values=found.values.reshape((2,) * len(found.names[0])))


def probability_experiment(
    network: Network, qubits: Sequence[int], params: ArrayLike | None, frames: Frames | None
) -> Experiment:
    """The circuits for the distribution of some qubits."""
    checked_network("estimates", network)
    asked = checked_qubits(qubits, network.num_qubits)
    if not asked:
        raise ObservableError("probabilities are those of one qubit at least, got none")
    if len(asked) > MOST_QUBITS:
        raise TooLargeError(
            f"the covariance of 2**{len(asked)} probabilities is not kept, only up to 2**{MOST_QUBITS}; ask for fewer "
            "qubits, or for cutq.estimate_samples"
        )
    outcomes = list(itertools.product("01", repeat=len(asked)))
    words: tuple[Word, ...] = tuple(tuple(sorted(zip(asked, bits, strict=True))) for bits in outcomes)
    names = tuple("".join(bits) for bits in outcomes)
    found = Quantities(names, words, np.eye(len(words)), np.zeros(len(words)))
    cone = light_cone(network, dict.fromkeys(asked, "z"))
    return experiment(cone, found, named_values(network, params), chosen_frames(frames))
