"""What is measured, by mode: a way to all problems with one module, for each seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

SEEDS = {"quick": (0,), "medium": (0, 1, 2, 3), "full": tuple(range(10))}
STARTS = ("frozen", "tuned", "scratch", "random")

READS = {"quantum": (1, 4, 10), "tanh": (1, 3, 10)}
"""Numbers that come out of a copy: Z of one qubit, of four, and ZZ of their pairs too; neurons of a tanh layer."""

QUICK_READS = {"quantum": (10,), "tanh": (3,)}
STEPS = {"quick": (2, 3), "medium": (20, 40), "full": (20, 40)}
"""Of L-BFGS on the source, and on a problem."""

OTHER_STEPS = {"quick": (), "medium": (10, 40), "full": (10, 40)}
"""On the source, for how much they matter."""

BASELINES = ("chance", "linear", "strong", "published")

VARIANTS = (
    *(("none", 4, axis) for axis in "yx"),
    *(("pairs", rounds, "y") for rounds in (1, 4)),
    *(("chain", rounds, "y") for rounds in (1, 2, 4)),
    *(("ring", rounds, "y") for rounds in (1, 2, 4)),
    *((entangler, 4, "x") for entangler in ("chain", "ring")),
)
"""Forms of the encoder with equally many weights: entangler, rounds of it, axis of the inputs."""

QUICK_VARIANTS = (("none", 4, "y"), ("chain", 1, "y"), ("ring", 4, "x"))


@dataclass(frozen=True)
class Task:
    """One way to all problems.

    Attributes:
        kind: "quantum" or "tanh", or one of :data:`BASELINES`.
        start: of :data:`STARTS`; nothing for baselines.
        reads: numbers that come out of a copy; 0 for baselines.
        entangler, rounds, axis, joined: of a quantum module, as in ``encoder.Form``.
        before, steps: of L-BFGS, on the source and on a problem, module and head together.
        seed: of the rows of all problems and of the source, and of first weights; the same for all ways.
    """

    kind: str
    start: str = ""
    reads: int = 0
    entangler: str = ""
    rounds: int = 0
    axis: str = ""
    joined: bool = False
    before: int = 0
    steps: int = 0
    seed: int = 0


PLAIN = Task("quantum", entangler="ring", rounds=4, axis="y")
MODULES = (
    PLAIN,
    replace(PLAIN, entangler="none"),
    replace(PLAIN, joined=True),
    Task("tanh"),
    Task("tanh", joined=True),
)
"""Entangled, without two-qubit gates, joined by wires; classical, and joined by numbers."""


def tasks(mode: str) -> Iterator[Task]:
    """All tasks of a mode, each once, seed by seed."""
    found = dict.fromkeys(_of_a_seed(mode))
    for seed in SEEDS[mode]:
        yield from (replace(task, seed=seed) for task in found)


def _of_a_seed(mode: str) -> Iterator[Task]:
    reads = QUICK_READS if mode == "quick" else READS
    yield from map(Task, BASELINES)
    for module in MODULES:
        for start in STARTS:
            yield from (_stepped(replace(module, start=start, reads=each), mode) for each in reads[module.kind])
    for entangler, rounds, axis in QUICK_VARIANTS if mode == "quick" else VARIANTS:
        for start in ("random", "scratch"):
            yield _stepped(Task("quantum", start, 10, entangler, rounds, axis), mode)
    for before in OTHER_STEPS[mode]:
        for module in (PLAIN, Task("tanh")):
            yield replace(module, start="frozen", reads=10, before=before)


def _stepped(task: Task, mode: str) -> Task:
    """With as many steps as its start takes."""
    before, steps = STEPS[mode]
    return replace(
        task,
        before=before if task.start in ("frozen", "tuned") else 0,
        steps=steps if task.start in ("tuned", "scratch") else 0,
    )
