"""Circuits and seconds of each way to all derivatives, and how far what it gives is from the exact gradient."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import cutq
from benchmarks.families import Case
from benchmarks.table import one_thread
from cutq import Counts, Job
from experiments.gradients import circuits
from experiments.gradients.tasks import Task
from experiments.harness import Median, median

Reals = NDArray[np.float64]

RATE = 1000.0
"""Shots that a device is taken to make in a second, as in :func:`cutq.price`."""

MOST_ROWS = 512
"""Shifted evaluations that are timed; more are taken to cost the same each."""

ERROR = 0.1
"""Of the whole gradient, relative, for which shots are counted."""


@dataclass(frozen=True)
class Record:
    """What comes out.

    Attributes:
        circuits, width: how many, and their qubits.
        device_s: their shots at 1000 in a second.
        error: of all derivatives together, relative, with these shots; of SPSA from one direction of exact values.
        shots: in total for an error of a tenth.
        seconds, low, high: of this computer: exact values for shifts, SPSA and adjoint, simulated shots for fragments.
        counted: circuits that were run, where each was.
    """

    circuits: int
    width: int
    device_s: float
    error: float | None = None
    shots: float | None = None
    seconds: float | None = None
    low: float | None = None
    high: float | None = None
    counted: int | None = None


@dataclass(frozen=True)
class Found:
    """What running a method gives; see :class:`Record`."""

    error: float
    time: Median
    counted: int | None = None


class CountingRunner:
    """Simulates, and counts the circuits that it is asked for.

    Attributes:
        circuits: those seen, each once.
    """

    def __init__(self, seed: int = 0) -> None:
        self._inner, self.circuits = cutq.SimulatedRunner(seed), set[int]()
        self._kept: list[object] = []

    def run(self, jobs: Sequence[Job]) -> list[Counts]:
        """The counts of each job."""
        self._kept += [job.variant for job in jobs]  # lest another object be given the same identity
        self.circuits |= {id(job.variant) for job in jobs}
        return self._inner.run(jobs)


def measure(task: Task) -> Record:
    """Count the circuits of a method, and run it where that is asked for."""
    number, width = counted(task)
    device = number * task.shots_each / RATE
    case = circuits.chain(task.modules)
    angles = case.draw(task.seed)
    if not task.run:
        error = _shift_error(case, angles, task) if task.method == "uncut shift" else None
        return Record(number, width, device, error, _total(task, number, error))
    with one_thread():
        found = RUNS[task.method](case, angles, task)
    own = (found.time.value, found.time.low, found.time.high, found.counted)
    return Record(number, width, device, found.error, _total(task, number, found.error), *own)


def _total(task: Task, number: int, error: float | None) -> float | None:
    """Shots for an error of a tenth, which falls with their square root; the error of SPSA is one of directions."""
    if error is None or not task.method.endswith("shift"):
        return None
    return number * task.shots_each * (error / ERROR) ** 2


def counted(task: Task) -> tuple[int, int]:
    """Circuits of a method and their qubits, by formula."""
    whole, part = task.modules * (circuits.WIRES - 1) + 1, circuits.WIRES
    value = sum(circuits.variants(task.modules))
    return {
        "uncut shift": (circuits.uncut_shift(task.modules), whole),
        "workflow shift": (circuits.workflow_shift(task.modules), part),
        "fragment shift": (circuits.fragment_shift(task.modules), part),
        "uncut SPSA": (2, whole),
        "fragment SPSA": (2 * value, part),
        "adjoint": (0, part),
    }[task.method]


def _program(case: Case, uncut: bool) -> cutq.Program:
    network = cutq.split(case.circuit, cutq.CutPlan.uncut()) if uncut else case.network()
    return cutq.compile(network, case.observables, route="fragments")


def exact(case: Case, angles: Reals) -> Reals:
    """All derivatives, by the adjoint pass."""
    return _program(case, False).value_and_jacobian(angles)[1][0]


def _shift(case: Case, angles: Reals, task: Task) -> Found:
    """Two exact evaluations for each parameter."""
    program = _program(case, task.method.startswith("uncut"))
    rows, share = _shifted(angles)
    time_of = _timed(lambda: program(rows), task.rounds)
    scaled = Median(*(share * one for one in (time_of.value, time_of.low, time_of.high)))
    return Found(_shift_error(case, angles, task), scaled)


def _shifted(angles: Reals) -> tuple[Reals, float]:
    """Angles moved up, then down, of the first parameters; and of how many all are a multiple."""
    chosen = np.arange(len(angles))[: MOST_ROWS // 2]
    moves = 0.5 * math.pi * np.eye(len(angles))[chosen]
    return np.concatenate([angles + moves, angles - moves]), len(angles) / len(chosen)


def _shift_error(case: Case, angles: Reals, task: Task) -> float:
    """The error that the shift rule would have with shots; of uncut circuits it follows from their exact values."""
    gradient, rows = exact(case, angles), _shifted(angles)[0]
    up, down = np.split(_program(case, False)(rows)[:, 0], 2)
    np.testing.assert_allclose((up - down) / 2, gradient[: len(up)], rtol=0, atol=1e-10)
    if task.method.startswith("uncut"):
        variance = np.mean(2.0 - up**2 - down**2) / 4 / task.shots_each
    else:
        variance = _value_variance(case, angles, task) / 2
    return math.sqrt(len(angles) * variance) / float(np.linalg.norm(gradient))


def _value_variance(case: Case, angles: Reals, task: Task) -> float:
    """Of one value from all fragments, as its estimate states it; shifted ones are taken to have the same."""
    total = sum(circuits.variants(task.modules)) * task.shots_each
    found = cutq.estimate(
        case.network(), case.observables, angles, runner=cutq.SimulatedRunner(task.seed), shots=total,
        allocation="uniform", seed=task.seed,
    )  # fmt: skip
    return float(found.stderr[0]) ** 2


def _fragments(case: Case, angles: Reals, task: Task) -> Found:
    """The estimator itself, once, with equally many shots for each circuit."""
    network, runner = case.network(), CountingRunner(task.seed)
    total = circuits.fragment_shift(task.modules) * task.shots_each
    start = time.process_time()
    found = cutq.estimate_gradient(
        network, case.observables[0], angles, runner=runner, shots=total, allocation="uniform", seed=task.seed
    )
    spent = time.process_time() - start
    error = float(np.linalg.norm(found.stderr) / np.linalg.norm(exact(case, angles)))
    return Found(error, Median(spent, spent, spent), len(runner.circuits))


def _spsa(case: Case, angles: Reals, task: Task) -> Found:
    """Two exact evaluations along a random direction; the error over 200 of them."""
    program = _program(case, task.method.startswith("uncut"))
    gradient = exact(case, angles)
    signs = np.random.default_rng(task.seed).choice([-1.0, 1.0], (200, len(angles)))
    time_of = _timed(lambda: program(np.stack([angles + 1e-3 * signs[0], angles - 1e-3 * signs[0]])), task.rounds)
    estimates = (signs @ gradient)[:, None] * signs
    return Found(_relative(estimates, gradient), time_of)


def _relative(estimates: Reals, gradient: Reals) -> float:
    squares = np.sum((estimates - gradient) ** 2, axis=1)
    return float(np.sqrt(squares.mean()) / np.linalg.norm(gradient))


def _adjoint(case: Case, angles: Reals, task: Task) -> Found:
    program = _program(case, False)
    return Found(0.0, _timed(lambda: program.value_and_jacobian(angles), task.rounds))


RUNS: dict[str, Callable[[Case, Reals, Task], Found]] = {
    "uncut shift": _shift,
    "workflow shift": _shift,
    "fragment shift": _fragments,
    "uncut SPSA": _spsa,
    "fragment SPSA": _spsa,
    "adjoint": _adjoint,
}


def _timed(step: Callable[[], object], rounds: int) -> Median:
    step()
    times = []
    for _ in range(rounds):
        start = time.process_time()
        step()
        times.append(time.process_time() - start)
    return median(times)
