"""Seconds, bond dimensions and shots of each way to a value that is right to a thousandth."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import cotengra

import cutq
from benchmarks.families import bound
from benchmarks.table import LEAST_SECONDS, one_thread
from benchmarks.uncut import cone_tensors
from cutq.errors import TooLargeError
from experiments.crossover import mps, schmidt
from experiments.crossover.systems import System, gamma, joint_gamma, system
from experiments.crossover.tasks import Task
from experiments.harness import Median, median

ERROR = 1e-3
"""That a value may have."""

REFERENCE_QUBITS = 21
"""Up to which the state of the whole system is run to check other ways."""

WIDEST_MODULE, SHALLOW_BOND = 20, 64
"""Qubits up to which values come from fragments; wider modules are shallow, and have no larger bonds than this."""

MOST_OPERATIONS = 1e10
"""Of a contraction, complex multiplications; more are given up."""

WIDEST = 26
"""Binary logarithm of the largest tensor of a contraction."""

SLOW = 10
"""A step that takes this part of the patience is measured twice only."""

SHOTS = 1_000_000
"""With which a standard error is found: about as many as an error of a thousandth takes."""


@dataclass(frozen=True)
class Record:
    """What comes out; nothing where a method does not have it, or was given up.

    Attributes:
        gates: of the whole system.
        gamma, joint_gamma: of all links cut one by one; of the links between two modules cut together.
        value: that was found.
        error: how far it is from another way: of cut from the whole state up to 21 qubits, of all others from cut; of
            wide shallow modules from a matrix product state that is not truncated.
        seconds, low, high: CPU time of one value, median and interval, its plan being there.
        plan_s: seconds to plan it, once; of a contraction, of the search for its order.
        unlinked: by how much the value is wrong if the links are left out.
        bond: largest bond dimension that was needed.
        operations: of a contraction.
        ebits, spread, needed: of the link, see :class:`~experiments.crossover.schmidt.Link`.
        circuits, shots: of fragments, for an error of a thousandth.
        sampled_shots, uncut_shots: by formula, shot by shot, and of the circuit uncut.
        off: by how many standard errors the estimate was off.
        why: a method was given up.
    """

    gates: int
    gamma: float
    joint_gamma: float
    value: float | None = None
    error: float | None = None
    seconds: float | None = None
    low: float | None = None
    high: float | None = None
    plan_s: float | None = None
    unlinked: float | None = None
    bond: int | None = None
    operations: float | None = None
    ebits: float | None = None
    spread: float | None = None
    needed: int | None = None
    circuits: int | None = None
    shots: float | None = None
    sampled_shots: float | None = None
    uncut_shots: float | None = None
    off: float | None = None
    why: str = ""


Part = dict[str, object]


def measure(task: Task) -> Record:
    """The way of a task, or why it was given up."""
    own = _system(task)
    sizes = (
        len(own.circuit.operations),
        gamma(task.strength, len(own.links)),
        joint_gamma(task.strength, task.links),
    )
    with one_thread():
        try:
            return Record(*sizes, **WAYS[task.method](own, task))  # type: ignore[arg-type]
        except mps.GivenUpError as reason:
            return Record(*sizes, why=str(reason))


def _system(task: Task) -> System:
    return system(task.width, task.modules, task.links, task.strength, task.layers, task.seed)


def exact(task: Task, strength: float | None = None) -> float:
    """The value, from simulated fragments; of other links where their strength is named."""
    return _exact(replace(task, method="cut", frames="", strength=task.strength if strength is None else strength))


@lru_cache(maxsize=8)
def _exact(task: Task) -> float:
    own = _system(task)
    if task.width <= WIDEST_MODULE:
        return float(_program(own.network(), own)(own.angles)[0])
    gates = mps.fused(bound(own.circuit, own.angles))
    return mps.parity(gates, own.circuit.num_qubits, SHALLOW_BOND, math.inf).value


def _program(network: cutq.Network, own: System) -> cutq.Program:
    return cutq.compile(network, [own.observable], route="fragments")


# --- ways ---


def state(own: System, task: Task) -> Part:
    """The whole circuit uncut."""
    return _run(own.whole(), own, task, exact(task))


def cut(own: System, task: Task) -> Part:
    """All fragments, simulated and contracted."""
    small = task.qubits <= REFERENCE_QUBITS
    reference = float(_program(own.whole(), own)(own.angles)[0]) if small else None
    found = _run(own.network(), own, task, reference)
    return {**found, "unlinked": abs(exact(task, 0.0) - exact(task))}


def _run(network: cutq.Network, own: System, task: Task, reference: float | None) -> Part:
    start = time.process_time()
    program = _program(network, own)
    planned = time.process_time() - start
    found = _timed(lambda: program(own.angles), task)
    value = float(program(own.angles)[0])
    error = None if reference is None else abs(value - reference)
    return {"value": value, "error": error, "plan_s": planned, **_cells(found)}


def contraction(own: System, task: Task) -> Part:
    """The whole circuit, uncut, along the best order of a bounded search."""
    inputs, arrays, factor = cone_tensors(bound(own.circuit, own.angles), own.observable)
    start = time.process_time()
    tree = _order(inputs, task)
    searched, cost = time.process_time() - start, float(tree.contraction_cost())
    if cost > MOST_OPERATIONS or tree.contraction_width() > WIDEST:
        raise mps.GivenUpError(
            f"10^{math.log10(cost):.1f} operations, 2^{tree.contraction_width():.0f} numbers at once"
        )
    found = _timed(lambda: tree.contract(arrays), task)
    value = float((factor * tree.contract(arrays)).real)
    error = abs(value - exact(task))
    return {"value": value, "error": error, "plan_s": searched, "operations": cost, **_cells(found)}


def _order(inputs: list[tuple[str, ...]], task: Task) -> cotengra.ContractionTree:
    """The best of some random greedy orders; partitions and random searches of the package found worse ones."""
    names = dict.fromkeys(index for indices in inputs for index in indices)
    letters = {name: cotengra.get_symbol(number) for number, name in enumerate(names)}  # trees read single letters
    search = cotengra.RandomGreedyOptimizer(task.repeats, seed=task.seed, parallel=False)
    renamed = [tuple(letters[index] for index in indices) for indices in inputs]
    return cotengra.array_contract_tree(renamed, (), dict.fromkeys(letters.values(), 2), optimize=search)


def matrix_product(own: System, task: Task) -> Part:
    """The smallest matrix product state that is good enough."""
    circuit, value = bound(own.circuit, own.angles), exact(task)
    best = mps.smallest(circuit, value, ERROR, task.patience)
    gates = mps.fused(circuit)
    found = _timed(lambda: mps.parity(gates, circuit.num_qubits, best.bond, task.patience), task, best.seconds)
    return {"value": best.value, "error": abs(best.value - value), "bond": best.bond, **_cells(found)}


def shots(own: System, task: Task) -> Part:
    """Simulated shots of all fragments: how many an error of a thousandth takes; by formula where they do not go."""
    value = exact(task)
    formulas: Part = {
        "sampled_shots": task.modules * (gamma(task.strength, len(own.links)) ** 2 - value**2) / ERROR**2,
        "uncut_shots": (1 - value**2) / ERROR**2,
    }
    try:
        return {**formulas, **_estimated(own, task, value)}
    except TooLargeError:
        return {**formulas, "value": value, "why": f"{2 * task.links} legs of a fragment are not tabulated"}


def _estimated(own: System, task: Task, value: float) -> Part:
    runner = cutq.SimulatedRunner(task.seed)
    found = cutq.estimate(
        own.network(), [own.observable], own.angles, runner=runner, shots=SHOTS, frames=task.frames, seed=task.seed
    )
    mean, stderr = float(found.values[0]), float(found.stderr[0])
    return {
        "value": mean,
        "error": abs(mean - value),
        "off": (mean - value) / stderr,
        "circuits": found.num_circuits,
        "shots": found.shots * (stderr / ERROR) ** 2,
    }


def linked(own: System, task: Task) -> Part:
    """Schmidt values at the link."""
    found = schmidt.link(own, task.width)
    value = float(found.values[-1])
    return {
        "value": value,
        "error": abs(value - exact(task)),
        "ebits": found.ebits,
        "spread": found.spread,
        "needed": found.needed(ERROR),
    }


WAYS: dict[str, Callable[[System, Task], Part]] = {
    "state": state,
    "mps": matrix_product,
    "contraction": contraction,
    "cut": cut,
    "shots": shots,
    "link": linked,
}


# --- time ---


def _timed(step: Callable[[], object], task: Task, first: float | None = None) -> Median:
    """CPU seconds of a step; the first time counts only where it takes so long that two have to do."""
    first = _seconds(step, 1) if first is None else first
    if first > task.patience / SLOW:
        return median([first, _seconds(step, 1)])
    calls = max(1, round(LEAST_SECONDS / max(first, 1e-7)))
    return median([_seconds(step, calls) for _ in range(task.rounds)])


def _seconds(step: Callable[[], object], calls: int) -> float:
    start = time.process_time()
    for _ in range(calls):
        step()
    return (time.process_time() - start) / calls


def _cells(found: Median) -> Part:
    return {"seconds": found.value, "low": found.low, "high": found.high}
