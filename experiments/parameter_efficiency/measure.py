"""Accuracies of a way to all problems, what it has to learn and to keep, and what its circuits are capable of."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache

import cutq
from experiments.parameter_efficiency.baselines import BASELINES, LENGTHS, longer_parity, parameters
from experiments.parameter_efficiency.encoder import QUBITS, READS, Form, copies, encoder
from experiments.parameter_efficiency.problems import PROBLEMS, Reals, problem
from experiments.parameter_efficiency.tasks import Task
from experiments.parameter_efficiency.training import Arm, accuracy, features, fresh, head_size

COPIES, CHECKED = 4, 20
"""Of an image, which are priced; images for which a chain is run uncut as well."""

DRAWS = 5000
"""Pairs of states for the expressibility; of Haar random states it comes out as 0.0075 or less."""


@dataclass(frozen=True)
class Record:
    """What comes out.

    Attributes:
        digits, even_odd, three_eight, parity, phase, circles, wine: accuracies on test rows.
        trainable: parameters that are fitted to problems, of all problems together: heads, and modules of their own.
        shared: weights of the module that all problems have in common.
        weights: of the module.
        parity_64, parity_256: accuracy of the published chain for longer strings.
        expressibility, entangling: of the module; see :func:`cutq.expressibility`, :func:`cutq.entangling_capability`.
        circuits, gamma: that a device would run for the four copies of an image, and the factor of the cuts' sampling.
        cut_error: of values of a chain that was cut from those of the uncut one.
        cut_s, uncut_s: for the values of 20 images, CPU.
        seconds: for all problems, CPU.
    """

    digits: float
    even_odd: float
    three_eight: float
    parity: float | None
    phase: float | None
    circles: float | None
    wine: float | None
    trainable: int | None
    shared: int
    weights: int
    parity_64: float | None = None
    parity_256: float | None = None
    expressibility: float | None = None
    entangling: float | None = None
    circuits: int | None = None
    gamma: float | None = None
    cut_error: float | None = None
    cut_s: float | None = None
    uncut_s: float | None = None
    seconds: float | None = None


def measure(task: Task) -> Record:
    """Learn all problems in one way."""
    return _baseline(task) if task.kind in BASELINES else _module(task)


def _baseline(task: Task) -> Record:
    start = time.process_time()
    scores = {name: BASELINES[task.kind](name, task.seed) for name in PROBLEMS}
    if task.kind != "published":
        return Record(**scores, trainable=parameters(task.kind, task.seed), shared=0, weights=0, seconds=_since(start))
    size = sum(one.size for name in ("parity-cell", "reuploading-2") for one in cutq.load_module(name).weights)
    longer = {f"parity_{bits}": longer_parity(bits, task.seed) for bits in LENGTHS[1:]}
    return Record(**scores, trainable=0, shared=size, weights=size, **longer, seconds=_since(start))


def arm(task: Task) -> Arm:
    """The module that a task names."""
    form = Form(task.entangler, task.rounds, task.axis, task.joined)
    return Arm(task.kind, task.start, task.reads, form, task.before, task.steps)


def _module(task: Task) -> Record:
    start, own = time.process_time(), arm(task)
    given = {name: problem(name, task.seed) for name in PROBLEMS}
    scores = {name: accuracy(own, one, task.seed) for name, one in given.items()}
    size, alone = sum(one.size for one in fresh(own, task.seed).weights), task.start in ("tuned", "scratch")
    heads = sum(head_size(one.copies * task.reads, one) for one in given.values())
    trainable, shared = (heads + size * len(given), 0) if alone else (heads, size)
    abilities = _abilities(own, task.seed) if task.kind == "quantum" and task.reads == max(READS) else {}
    return Record(**scores, trainable=trainable, shared=shared, weights=size, **abilities, seconds=_since(start))


def _abilities(own: Arm, seed: int) -> dict[str, float]:
    """What the circuits of a module can do, or what cutting the wires between them costs."""
    price = copies(fresh(own, seed), COPIES, frozen=True).price()
    found = {"circuits": price.circuits, "gamma": price.gamma}
    return found | (_uncut(own, seed) if own.form.joined else _capability(own.form, seed))


@cache
def _capability(form: Form, seed: int) -> dict[str, float]:
    module = encoder(form, max(READS), seed)
    expressibility = cutq.expressibility(module, draws=DRAWS, seed=seed)
    return {"expressibility": expressibility, "entangling": cutq.entangling_capability(module, seed=seed)}


def _uncut(own: Arm, seed: int) -> dict[str, float]:
    """A chain cut at its wires, and as one circuit."""
    cut, cut_s = _timed(own, seed, QUBITS)
    whole, uncut_s = _timed(own, seed, QUBITS + (QUBITS - 1) * (COPIES - 1))
    return {"cut_error": float(abs(cut - whole).max()), "cut_s": cut_s, "uncut_s": uncut_s}


def _timed(own: Arm, seed: int, width: int) -> tuple[Reals, float]:
    """The second time, when everything is compiled."""
    module, inputs = fresh(own, seed), problem("digits", seed).test.inputs[:CHECKED]
    features(own, module, inputs, width)
    start = time.process_time()
    return features(own, module, inputs, width), _since(start)


def _since(start: float) -> float:
    return time.process_time() - start
