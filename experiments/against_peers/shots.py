"""Errors with shots: cutq's schemes, the addon on Aer, and the uncut circuit, with equal shots in total.

The circuit is EfficientSU2 on 8 qubits, its two CX in the middle cut; the error is that of five observables together.
cutq and the uncut circuit get simulated shots, one estimate for each seed.
"""

from __future__ import annotations

from functools import cache

import numpy as np

import cutq
from benchmarks.families import Case
from benchmarks.shots_ansatz import SCHEMES
from benchmarks.shots_cases import OBSERVABLES, Ansatz, repeated
from benchmarks.shots_peers import Addon
from experiments.against_peers.beside import Beside, errors, timed
from experiments.against_peers.contraction import NO_ANGLES, contractions
from experiments.against_peers.tasks import Task


def compared(task: Task) -> Beside:
    """The errors of a scheme and of a peer; or the time of an estimate beside that of contracting exactly."""
    if task.quantity == "seconds":
        return _beside_exact(task)
    ours = own_squares(task.seed, task.step, task.shots, task.rounds)
    if task.peer == "addon":
        return errors(ours, addon_squares(task.seed, task.shots, task.peer_rounds), task.seed)
    return errors(ours, own_squares(task.seed, "uncut", task.shots, task.peer_rounds), task.seed)


@cache
def _ansatz(seed: int) -> Ansatz:
    return Ansatz(seed)


@cache
def own_squares(seed: int, scheme: str, shots: int, seeds: int) -> list[float]:
    """The squared errors of so many estimates of a scheme."""
    return SCHEMES[scheme].errors(_ansatz(seed), shots, seeds).squares


@cache
def addon_squares(seed: int, shots: int, seeds: int) -> list[float]:
    """The squared errors of so many estimates of the addon."""
    case = _ansatz(seed)
    addon = Addon(case)
    return [float(np.mean((addon.estimate(shots, k).values - case.exact) ** 2)) for k in range(seeds)]


def _beside_exact(task: Task) -> Beside:
    """All observables: one estimate with simulated shots, and the uncut circuit contracted."""
    case, scheme = _ansatz(task.seed), SCHEMES[task.step]
    steps = [
        contractions(Case(case.circuit, cutq.CutPlan.uncut(), (word,)), NO_ANGLES, task.limit, compiled=False)
        for word in OBSERVABLES
    ]
    values = [float(one["value"]()) for one in steps]

    def estimate() -> object:
        options = {"allocation": scheme.allocation, "adaptive": scheme.adaptive}
        return repeated(case.networks[scheme.network], OBSERVABLES, case.exact, task.shots, (task.seed,), **options)

    difference = float(np.abs(np.array(values) - case.exact).max())
    exact = lambda: [one["value"]() for one in steps]  # noqa: E731
    return timed(estimate, exact, task.rounds, task.peer_rounds, difference)
