"""What a line of modules reaches, and what its wires cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.table import one_thread
from cutq import Composition
from cutq.compose.physics import product_energy
from experiments.harness import Median
from experiments.worth_of_a_wire import images, ising
from experiments.worth_of_a_wire.bonds import least_energy, segments
from experiments.worth_of_a_wire.line import Line
from experiments.worth_of_a_wire.price import cut_shots, timed, uncut_shots
from experiments.worth_of_a_wire.tasks import Task

IMAGES, UNCUT_IMAGES = 32, 2
"""Images that a step of training is timed with; in one piece fewer, whose time is scaled up."""


@dataclass(frozen=True)
class Record:
    """What comes out.

    Attributes:
        error: of the energy, relative to the ground state's; for Ising chains.
        accuracy: on the 540 test images, with a refitted head; for digits.
        energy: of the chain.
        trained: numbers that joint training moves, heads not counted.
        weights: numbers in all modules, heads not counted.
        width: qubits of the widest fragment.
        gamma: product over all cut wires.
        circuits: different ones for the energy, or for what a head sees of one image.
        apart: how far the energy from fragments is from the one in one piece.
        variance, uncut_variance: shots times the variance of the energy, in fragments and in one piece.
        seconds, low, high: CPU time of values and all derivatives in fragments: of the energy, or of 32 images.
        uncut_seconds, uncut_low, uncut_high: the same in one piece.
    """

    error: float | None = None
    accuracy: float | None = None
    energy: float | None = None
    trained: int = 0
    weights: int = 0
    width: int = 0
    gamma: float = 1.0
    circuits: int | None = None
    apart: float | None = None
    variance: float | None = None
    uncut_variance: float | None = None
    seconds: float | None = None
    low: float | None = None
    high: float | None = None
    uncut_seconds: float | None = None
    uncut_low: float | None = None
    uncut_high: float | None = None


def measure(task: Task) -> Record:
    """Train a line and price it."""
    with one_thread():
        return SYSTEMS[task.system](task)


def shape(task: Task) -> Line:
    """The line of a task; in one piece from scratch it is the one that does best, with links for chains."""
    linked = task.method == "tuned link" or (task.method == "scratch" and task.system == "ising")
    return Line(task.blocks, task.wires, "link" if linked else "glue")


# --- Ising chains ---


def _ising(task: Task) -> Record:
    line = shape(task)
    if task.method in BOUNDS:
        found = BOUNDS[task.method](task)
        return Record(error=ising.relative(found, line, task.field), energy=found)
    whole = _chain(task, line)
    found = ising.energy(whole, line, task.field)
    record = Record(error=ising.relative(found, line, task.field), energy=found, **_sizes(whole, line))
    return _priced_chain(record, whole, line, task) if task.priced else record


def _chain(task: Task, line: Line) -> Composition:
    if task.method == "scratch":
        steps = ising.PRETRAINING + task.steps
        return ising.from_scratch(line, task.field, steps=steps, seed=task.seed)
    return ising.trained(line, task.field, frozen=task.method.startswith("frozen"), steps=task.steps, seed=task.seed)


BOUNDS: dict[str, Callable[[Task], float]] = {
    "classical": lambda task: least_energy(segments(task.blocks, task.wires), task.field, 2**task.wires),
    "mean field": lambda task: product_energy("tfim", 4 * task.blocks, task.field),
}
"""Energies that no circuit is trained for."""


def _priced_chain(record: Record, whole: Composition, line: Line, task: Task) -> Record:
    cut, uncut = cut_shots(whole, line, task.field, task.seed), uncut_shots(whole, line, task.field)
    models = [whole.compile([ising.output(line, task.field)], width) for width in (line.width, line.qubits)]
    apart = abs(float(models[0]()[0] - models[1]()[0]))
    priced = replace(record, circuits=cut.circuits, variance=cut.variance, uncut_variance=uncut.variance, apart=apart)
    return _timed(priced, *(timed(lambda one=one: one.vjp()[1](np.ones(1))) for one in models))


# --- digits ---


def _digits(task: Task) -> Record:
    if task.method == "pixels":
        return Record(accuracy=images.pixel_accuracy(task.rows))
    line, plan = shape(task), images.Plan(task.steps, task.rows, task.seed)
    if task.method == "classical":
        parts = images.classical(plan)
        size = sum(one.values.size for one in parts.weights)
        return Record(accuracy=images.accuracy(parts, None, task.rows, "tanh"), trained=size, weights=size)
    parts = images.from_scratch(line, plan) if task.method == "scratch" else _opened(task, line, plan)
    record = Record(accuracy=images.accuracy(parts, line.width, task.rows), **_sizes(parts, line))
    return _priced_reader(record, parts, line) if task.priced else record


def _opened(task: Task, line: Line, plan: images.Plan) -> Composition:
    return images.trained(line, plan, task.method.startswith("frozen"))


def _priced_reader(record: Record, parts: Composition, line: Line) -> Record:
    priced = replace(record, circuits=parts.price(line.width).circuits)
    scale = IMAGES / UNCUT_IMAGES
    uncut = timed(images.step(parts, line.qubits, UNCUT_IMAGES))
    scaled = Median(*(scale * one for one in (uncut.value, uncut.low, uncut.high)))
    return _timed(priced, timed(images.step(parts, line.width, IMAGES)), scaled)


# --- both ---


def _sizes(whole: Composition, line: Line) -> dict[str, float]:
    weights = whole.weights
    return {
        "trained": sum(one.values.size for one in weights if not one.frozen),
        "weights": sum(one.values.size for one in weights),
        "width": line.width,
        "gamma": 4.0 ** (line.wires * (line.modules - 1)),
    }


def _timed(record: Record, cut: Median, uncut: Median) -> Record:
    found = replace(record, seconds=cut.value, low=cut.low, high=cut.high)
    return replace(found, uncut_seconds=uncut.value, uncut_low=uncut.low, uncut_high=uncut.high)


SYSTEMS: dict[str, Callable[[Task], Record]] = {"ising": _ising, "digits": _digits}
