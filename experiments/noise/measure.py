"""What is expected of an estimate on a device with noise, exactly, and how far drawn estimates are from it."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

import cutq
from benchmarks.families import Case
from benchmarks.table import one_thread
from experiments.harness import CONFIDENCE
from experiments.noise.circuits import angles, composed
from experiments.noise.devices import SWAP, WAIT, device
from experiments.noise.runner import NoisyRunner
from experiments.noise.tasks import Task

MANY = 2**50
"""Shots of which the counts are the expected ones: what they are rounded by is far below any error."""

ROUNDS = 5
"""Of which the median is the time of a classical value."""


@dataclass(frozen=True)
class Record:
    """What comes out.

    Attributes:
        qubits, circuits: of the widest circuit, and how many different ones.
        swaps, waits, beside: SWAPs, layers that qubits wait, and neighbours in gates at a time; of one circuit of each
            fragment together.
        ideal: the value without noise.
        value, bias: what is expected of the estimate with equally many shots for each circuit, and what it is off.
        apart: by how much that differs from the uncut circuit's on the same device.
        mean, deviation, low, high: of the drawn estimates, with the 95 % interval of the deviation.
        stated: the root mean square of their standard errors.
        seen: the root mean square of their distance from the ideal value.
        seconds: CPU time of an exact value, where the way is classical.
    """

    qubits: int
    circuits: int
    swaps: int
    waits: int
    beside: int
    ideal: float
    value: float
    bias: float
    apart: float | None = None
    mean: float | None = None
    deviation: float | None = None
    low: float | None = None
    high: float | None = None
    stated: float | None = None
    seen: float | None = None
    seconds: float | None = None


@dataclass(frozen=True, eq=False)
class Setting:
    """A circuit, cut or not, on a device.

    Attributes:
        case, network, params: the circuit, its fragments and its angles.
        runner: of the device; knows the chances of all outcomes.
        value: what is expected of the estimate.
        circuits: how many are run.
    """

    case: Case
    network: cutq.Network
    params: np.ndarray
    runner: NoisyRunner
    value: float
    circuits: int

    @property
    def one_each(self) -> list[dict[str, int]]:
        """The names of the gates that the device runs, counted, of one circuit of each fragment."""
        own = cutq.variants(self.network, self.case.observables, self.params)
        return [dict(self.runner.sent[variants[0].key].count_ops()) for variants in own if variants]


@lru_cache(maxsize=4)
def setting(kind: str, strength: float, shape: str, modules: int, seed: int, cut: bool) -> Setting:
    """All chances of a circuit on a device, and what they say; kept for tasks that follow."""
    case = composed(shape, modules)
    network, params = _network(case, cut), angles(case, seed)
    runner = NoisyRunner(device(kind, strength), drawn=False)
    found = cutq.estimate(network, case.observables, params, runner=runner, shots=MANY, allocation="uniform")
    return Setting(case, network, params, runner, float(found.values[0]), found.num_circuits)


def _network(case: Case, cut: bool) -> cutq.Network:
    return case.network() if cut else cutq.split(case.circuit, cutq.CutPlan.uncut())


def measure(task: Task) -> Record:
    """The exact bias, and statistics of drawn estimates where there are shots."""
    with one_thread():
        return _classical(task) if task.way == "classical" else _noisy(task)


def ideal(case: Case, params: np.ndarray) -> float:
    """The value without noise, from the state of all qubits."""
    return float(cutq.expectations(_network(case, False), case.observables, params)[0])


def _classical(task: Task) -> Record:
    """The value from the contraction of simulated fragments, beside that from the whole state."""
    case = composed(task.shape, task.modules)
    network, params = case.network(), angles(case, task.seed)
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        value = float(cutq.expectations(network, case.observables, params)[0])
        times.append(time.process_time() - start)
    exact = ideal(case, params)
    width = max(fragment.width for fragment in network.fragments)
    return Record(width, 0, 0, 0, 0, exact, value, value - exact, seconds=statistics.median(times))


def _noisy(task: Task) -> Record:
    where = (task.kind, task.strength, task.shape, task.modules, task.seed)
    own = setting(*where, task.way != "uncut")
    exact, ops = ideal(own.case, own.params), own.one_each
    apart = None if task.way == "uncut" else own.value - setting(*where, False).value
    head = (max(circuit.num_qubits for circuit in own.runner.sent.values()), own.circuits)
    added = (sum(one.get(name, 0) for one in ops) for name in (SWAP, WAIT, "rzz"))
    found = Record(*head, *added, exact, own.value, own.value - exact, apart)
    return replace(found, **_statistics(drawn(own, task), exact)) if task.repeats else found


def drawn(own: Setting, task: Task) -> list[cutq.Estimate]:
    """Estimates from counts of their own."""
    allocation = "uniform" if task.way.endswith("uniform") else "pilot"
    seeds = np.random.SeedSequence([task.seed, task.shots]).generate_state(task.repeats).tolist()
    return [
        cutq.estimate(
            own.network, own.case.observables, own.params, runner=own.runner.like(seed), shots=task.shots,
            allocation=allocation, seed=seed,
        )
        for seed in seeds
    ]  # fmt: skip


def _statistics(found: Sequence[cutq.Estimate], exact: float) -> dict[str, float]:
    """See :class:`Record`."""
    values = np.array([one.values[0] for one in found])
    stated = math.sqrt(np.mean([one.stderr[0] ** 2 for one in found]))
    deviation = float(values.std(ddof=1))
    low, high = (deviation * factor for factor in deviation_interval(len(values)))
    seen = math.sqrt(np.mean((values - exact) ** 2))
    return {
        "mean": float(values.mean()), "deviation": deviation, "low": low, "high": high, "stated": stated, "seen": seen
    }  # fmt: skip


def deviation_interval(samples: int) -> tuple[float, float]:
    """Factors between which, times the deviation of normal samples, that of the population is.

    >>> tuple(round(one, 2) for one in deviation_interval(16))
    (0.74, 1.55)
    """
    from scipy.stats import chi2

    free, tail = samples - 1, (1 - CONFIDENCE) / 2
    return math.sqrt(free / chi2.ppf(1 - tail, free)), math.sqrt(free / chi2.ppf(tail, free))
