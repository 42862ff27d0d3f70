"""Times of a value and of a value with its gradient."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import cutq
from benchmarks.families import Case
from benchmarks.table import LEAST_SECONDS, one_thread
from experiments.harness import Median, median
from experiments.scaling.systems import system
from experiments.scaling.tasks import Task

PAIRS = 31
"""Rounds in which one thread and several are timed in turn."""

Angles = NDArray[np.float64]
CLOCKS = {"cpu": time.process_time, "wall": time.perf_counter}


@dataclass(frozen=True)
class Record:
    """What comes out.

    Attributes:
        qubits, gates, parameters: of the whole system.
        memory_bytes: of one value, as the program is planned.
        compile_s: seconds of planning, once, by the CPU's clock.
        value_s, value_low, value_high: median and its 95 % interval, in seconds.
        gradient_s, gradient_low, gradient_high: of the value with all derivatives.
        value: the value itself, by which methods are compared.
        speedup, speedup_low, speedup_high: of a gradient on several threads, beside one thread in turn, by the wall.
    """

    qubits: int
    gates: int
    parameters: int
    memory_bytes: int
    compile_s: float
    value_s: float
    value_low: float
    value_high: float
    gradient_s: float
    gradient_low: float
    gradient_high: float
    value: float
    speedup: float | None = None
    speedup_low: float | None = None
    speedup_high: float | None = None


def measure(task: Task) -> Record:
    """Plan a program once and time it."""
    case = system(task.shape, task.num_wires, task.modules, task.shared)
    angles, network = case.draw(task.seed), _network(case, task.method)
    with one_thread():
        start = time.process_time()
        program = cutq.compile(network, case.observables, threads=task.threads, route=_route(task.method))
        compiled = time.process_time() - start
        clock = CLOCKS[task.clock]
        faster = _speedup(case, program, angles, task)
        value = _timed(lambda: program(angles), task.rounds, clock)
        gradient = _timed(lambda: program.value_and_jacobian(angles), task.rounds, clock)
    circuit, needed = case.circuit, program.describe().bytes
    sizes = (circuit.num_qubits, len(circuit.operations), len(angles), needed)
    return Record(*sizes, compiled, *_cells(value), *_cells(gradient), float(program(angles)[0]), *faster)


def _speedup(case: Case, program: cutq.Program, angles: Angles, task: Task) -> tuple[float, ...]:
    """How many times faster threads are than one of them, each round in turn; nothing where there is one thread."""
    if task.threads == 1:
        return ()
    alone = cutq.compile(case.network(), case.observables, route="fragments")
    steps = [lambda one=one: one.value_and_jacobian(angles) for one in (alone, program)]
    calls = [max(1, round(LEAST_SECONDS / _seconds(step, 2, time.perf_counter))) for step in steps]
    pairs = [[_seconds(step, n, time.perf_counter) for step, n in zip(steps, calls, strict=True)] for _ in range(PAIRS)]
    return _cells(median([first / second for first, second in pairs]))


def _network(case: Case, method: str) -> cutq.Network:
    uncut = method == "statevector"
    return cutq.split(case.circuit, cutq.CutPlan.uncut()) if uncut else case.network()


def _route(method: str) -> str:
    return "gates" if method == "gates" else "fragments"


def _timed(step: Callable[[], object], rounds: int, clock: Callable[[], float]) -> Median:
    """Seconds of a step, repeated in each round for long enough to be read off the clock."""
    step()
    calls = max(1, round(LEAST_SECONDS / max(_seconds(step, 1, clock), 1e-7)))
    return median([_seconds(step, calls, clock) for _ in range(rounds)])


def _seconds(step: Callable[[], object], calls: int, clock: Callable[[], float]) -> float:
    start = clock()
    for _ in range(calls):
        step()
    return (clock() - start) / calls


def _cells(found: Median) -> tuple[float, float, float]:
    return found.value, found.low, found.high
