"""Shots for an error, by exact variances and by formulas; beside them errors of simulated shots, and seconds."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import stats

import cutq
from benchmarks.table import one_thread
from cutq import CutPlan, Network
from experiments.harness import median
from experiments.price_of_cuts import circuits, laws
from experiments.price_of_cuts.tasks import Task
from experiments.price_of_cuts.variance import contracted

ERROR, RELATIVE = 0.01, 0.1
"""Standard errors for which shots are counted: of the value, and in units of the value."""

SHOTS = 200_000
"""Of an estimate by sampling."""

ROUNDS, LEAST_SECONDS = 9, 0.005
FRAMES: dict[str, str | tuple[str, str]] = {
    "sic": "sic", "std4": "std4", "six": "six", "mub": ("mub_states", "mub_bases")
}  # fmt: skip

Interval = tuple[float, float, float]
"""What is in the middle, and the ends of the 95 % interval."""

SAMPLING: dict[str, dict[str, object]] = {
    "LO": {"wires": "pauli", "pooled": False},
    "LO, SIC": {"wires": "sic", "pooled": False},
    "LOCC": {"communication": True, "pooled": False},
    "pooled": {"wires": "sic", "pooled": True},
}
"""By method the options of :func:`cutq.sampled_estimate`."""


@dataclass(frozen=True)
class Record:
    """What comes out; all over the random circuits of a task.

    Attributes:
        fragments, circuits: how many, and the different circuits that are run for all of them together.
        square, square_law: the mean square of the exact value, and what a formula says of it.
        variance, variance_low, variance_high: mean of shots times variance, at the shots of the task.
        shots, shots_low, shots_high: of all fragments together, for which the mean variance is that of an error of
            0.01; there the first order is all that is left.
        relative, relative_low, relative_high: median of the shots for an error of a tenth of the value.
        law: what a formula says of ``variance``, with nothing fitted.
        seen, seen_low, seen_high: mean of the squared errors of simulated estimates, each divided by its variance.
        seconds, seconds_low, seconds_high: of an exact value on this computer.
    """

    fragments: int
    circuits: int | None = None
    square: float | None = None
    square_law: float | None = None
    variance: float | None = None
    variance_low: float | None = None
    variance_high: float | None = None
    shots: float | None = None
    shots_low: float | None = None
    shots_high: float | None = None
    relative: float | None = None
    relative_low: float | None = None
    relative_high: float | None = None
    law: float | None = None
    seen: float | None = None
    seen_low: float | None = None
    seen_high: float | None = None
    seconds: float | None = None
    seconds_low: float | None = None
    seconds_high: float | None = None


@dataclass(frozen=True)
class Found:
    """Of one random circuit: its exact value, shots times variance, as it is and for very many shots, and
    ``(error / standard error)**2`` of simulated estimates."""

    value: float
    variance: float
    limit: float
    ratios: tuple[float, ...] = ()
    circuits: int | None = None


def measure(task: Task) -> Record:
    """One row."""
    with one_thread():
        return MEASURES[task.method](task)


def mean(samples: Sequence[float]) -> Interval:
    """The mean, with the interval of Student's t distribution.

    >>> mean([2.0, 2.0, 2.0])
    (2.0, 2.0, 2.0)
    """
    middle, count = float(np.mean(samples)), len(samples)
    if count == 1:
        return middle, middle, middle
    half = float(stats.t.ppf(0.975, count - 1)) * float(np.std(samples, ddof=1)) / math.sqrt(count)
    return middle, middle - half, middle + half


def _systems(task: Task) -> Iterator[tuple[int, Network, str, float]]:
    """Each random circuit with its seed, its observable and the exact value."""
    for seed in range(task.seed, task.seed + task.chains):
        yield seed, *_system(task.family, task.shape, task.observable, task.cuts, task.wires, seed)


@lru_cache(maxsize=64)
def _system(*which: object) -> tuple[Network, str, float]:
    network, word = circuits.system(*which)  # type: ignore[arg-type]
    return network, word, float(cutq.expectations(network, [word])[0])


def _record(task: Task, found: Sequence[Found], law: float | None) -> Record:
    ratios = [ratio for one in found for ratio in one.ratios]
    fragments = task.cuts + (task.shape != "ring")
    relative, known = median([one.limit / (RELATIVE * one.value) ** 2 for one in found]), _law(task)
    return Record(
        fragments,
        found[0].circuits,
        float(np.mean([one.value**2 for one in found])),
        known and known.square,
        *mean([one.variance for one in found]),
        *mean([one.limit / ERROR**2 for one in found]),
        relative.value, relative.low, relative.high,
        law,
        *(mean(ratios) if ratios else (None,) * 3),
    )  # fmt: skip


# --- contracted fragments ---


def _contracted(task: Task) -> Record:
    """The exact variance, and where it is asked for the errors of estimates."""
    law = _law(task) if task.method == "uniform" else None
    return _record(task, [_exact(task, *one) for one in _systems(task)], law and law.variance)


def _exact(task: Task, seed: int, network: Network, word: str, value: float) -> Found:
    own = contracted(network, word, FRAMES[task.frame], task.method)
    total = task.each * own.circuits
    assert abs(own.value - value) < 1e-9
    errors = [_estimate_error(task, network, word, value, total, run) for run in range(task.runs)]
    ratios = tuple(error**2 / own.variance(total) for error in errors)
    return Found(value, total * own.variance(total), own.limit, ratios, own.circuits)


def _estimate_error(task: Task, network: Network, word: str, value: float, total: int, seed: int) -> float:
    found = cutq.estimate(
        network, [word], runner=cutq.SimulatedRunner(seed), shots=total, frames=FRAMES[task.frame],
        allocation=task.method, seed=seed,
    )  # fmt: skip
    return float(found.values[0]) - value


def _law(task: Task) -> laws.Law | None:
    if task.family == "unitary":
        return laws.unitary(task.cuts, task.each, task.wires, task.frame)
    return laws.contractive(task.cuts, task.each, task.observable) if task.family == "contractive" else None


# --- shot by shot, and uncut ---


def _sampled(task: Task) -> Record:
    """Drawn shot by shot where runs are asked for; elsewhere the formula."""
    fragments, base = task.cuts + (task.shape != "ring"), laws.bases(task.wires)[task.method]
    found = []
    for seed, network, word, value in _systems(task):
        law = laws.one_shot(base, task.cuts, fragments, value**2)
        runs = [_sample(task.method, network, word, seed + 1000 * run + 10_000 * task.cuts) for run in range(task.runs)]
        found.append(_drawn(runs, value, law) if runs else Found(value, law, law))
    square = float(np.mean([one.value**2 for one in found]))
    return _record(task, found, laws.one_shot(base, task.cuts, fragments, square))


def _pooled(task: Task) -> Record:
    """Samples whose averages, fragment by fragment, are multiplied; there is no formula."""
    found = []
    for seed, network, word, value in _systems(task):
        runs = [_sample(task.method, network, word, seed + 1000 * run + 10_000 * task.cuts) for run in range(task.runs)]
        found.append(_drawn(runs, value, None))
    return _record(task, found, None)


def _sample(method: str, network: Network, word: str, seed: int) -> cutq.Estimate:
    runner = cutq.SimulatedRunner(seed)
    return cutq.sampled_estimate(network, [word], runner=runner, shots=SHOTS, seed=seed, **SAMPLING[method])  # type: ignore[arg-type]


def _drawn(runs: Sequence[cutq.Estimate], value: float, law: float | None) -> Found:
    """The variance that the samples have; errors are held against the formula where there is one."""
    variance = float(np.mean([one.shots * one.stderr[0] ** 2 for one in runs]))
    wanted = variance if law is None else law
    ratios = tuple(float((one.values[0] - value) ** 2 * one.shots / wanted) for one in runs)
    return Found(value, variance, variance, ratios, runs[0].num_circuits)


def _uncut(task: Task) -> Record:
    """The variance of a word of Paulis."""
    found = [Found(value, 1 - value**2, 1 - value**2, (), 1) for _, _, _, value in _systems(task)]
    law = _law(task)
    return _record(task, found, law and 1 - law.square)


# --- exact values ---


def _fragments(task: Task) -> Record:
    """From fragments to a value, planning included."""
    network, word = circuits.system(task.family, task.shape, task.observable, task.cuts, task.wires, task.seed)
    return _timed_record(task, lambda: cutq.expectations(network, [word]))


def _state(task: Task) -> Record:
    """The whole state of a GHZ chain; planning is not counted."""
    case = circuits.ghz(task.shape, task.cuts, task.seed)
    program = cutq.compile(cutq.split(case.circuit, CutPlan.uncut()), case.observables, route="fragments")
    return _timed_record(task, program)


def _timed_record(task: Task, step: Callable[[], object]) -> Record:
    step()
    calls = max(1, round(LEAST_SECONDS / max(_seconds(step, 1), 1e-7)))
    found = median([_seconds(step, calls) for _ in range(ROUNDS)])
    fragments = task.cuts + (task.shape != "ring")
    return Record(fragments, seconds=found.value, seconds_low=found.low, seconds_high=found.high)


def _seconds(step: Callable[[], object], calls: int) -> float:
    start = time.process_time()
    for _ in range(calls):
        step()
    return (time.process_time() - start) / calls


MEASURES: dict[str, Callable[[Task], Record]] = {
    "uncut": _uncut, "uniform": _contracted, "pilot": _contracted,
    "LO": _sampled, "LO, SIC": _sampled, "LOCC": _sampled, "pooled": _pooled,
    "fragments": _fragments, "state": _state,
}  # fmt: skip
