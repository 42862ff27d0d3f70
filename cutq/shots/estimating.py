"""Expectation values of observables on devices."""

from __future__ import annotations

from collections.abc import Sequence

from numpy.typing import ArrayLike

from cutq.circuits.checks import is_one_of, shown, truth
from cutq.circuits.observable import Observable
from cutq.errors import ShotsError
from cutq.network.frames import Frames
from cutq.network.network import Network
from cutq.shots.eigenframes import with_eigenframes
from cutq.shots.estimate import Estimate
from cutq.shots.jobs import Runner, checked_runner
from cutq.shots.measure import Effort, check_total_shots, measure
from cutq.shots.observables import observable_experiment
from cutq.shots.sampling import sampled_estimate

METHODS = ("tabulated", "sampled", "locc")
"""Ways to estimate."""


def estimate(
    network: Network,
    observables: Sequence[Observable | str] | Observable | str,
    params: ArrayLike | None = None,
    *,
    runner: Runner,
    shots: int | None = None,
    target_error: float | None = None,
    frames: Frames | None = None,
    method: str = "tabulated",
    allocation: str = "pilot",
    adaptive: bool = False,
    share: bool = False,
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
        method: ``"tabulated"``; or, shot by shot, ``"sampled"``, where a fragment has too many legs to be tabulated, or
            ``"locc"``, where the device can steer a preparation by a measurement of the same shot: see
            :func:`cutq.sampled_estimate`. Those take far more shots.
        allocation: how shots are shared: ``"pilot"``, ``"coefficient"`` or ``"uniform"``.
        adaptive: whether circuits in the eigenbases of the pilot's environments are added; they may need ancillas and
            unitaries on two qubits.
        share: whether equal fragments share their counts: fewer circuits, but errors that add up, and a value that is
            biased by as much as their products vary.
        seed: of the jobs; equal seeds give equal estimates where the runner simulates.
        max_circuits, max_shots: what may be run at most.

    Returns:
        The estimate; its values are (len(observables),).

    Raises:
        ParameterError, PlanError, ObservableError: an argument is not what it has to be; before anything is run.
        ShotsError: there are fewer shots than circuits, or more circuits or shots than allowed; before anything is run.
        CountsError: what the runner returned cannot be counts of these circuits.
        TooLargeError: a fragment has too many legs to be tabulated.

    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> from cutq.shots.simulated import SimulatedRunner
    >>> import numpy as np
    >>> pair = Circuit(2, (Operation("ry", (0,), (0.8,)), Operation("cx", (0, 1))))
    >>> network = split(pair, CutPlan.from_partition(pair, "AB"))
    >>> found = estimate(network, ["Z1"], runner=SimulatedRunner(), shots=10_000)
    >>> bool(abs(found.values[0] - np.cos(0.8)) < 4 * found.stderr[0])
    True
    """
    if not is_one_of(method, METHODS):
        raise ShotsError(f"method is one of {', '.join(METHODS)}, got {shown(method)}")
    adaptive, share = truth("adaptive", adaptive), truth("share", share)
    checked_runner(runner)
    ancilla = is_one_of(frames, ("ancilla",))
    if method != "tabulated" and (shots is None or adaptive or share or not (frames is None or ancilla)):
        raise ShotsError(
            f"method={method!r} draws terms for so many shots=..., and takes no target_error, adaptive, share or "
            "frames but 'ancilla'; method='tabulated' does"
        )
    effort = Effort(shots, target_error, allocation, seed, max_circuits, max_shots)
    if method != "tabulated":
        check_total_shots(0, effort)
        return sampled_estimate(
            network,
            observables,
            params,
            runner=runner,
            shots=effort.shots or 0,
            communication=method == "locc",
            midway=not ancilla,
            seed=seed,
            max_circuits=max_circuits,
        )
    asked = observable_experiment(network, observables, params, frames, share)
    return measure(asked, runner, effort, with_eigenframes if adaptive else None)
