"""What is measured of systems of modules, by mode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from experiments.scaling.systems import ROWS

SEED = 1
SEEDS = {"quick": (1,), "medium": (1, 2, 3), "full": (1, 2, 3, 4, 5, 6)}
"""Passes over the systems whose length is varied: a computer that others use too is not equally fast all the time."""

WIDEST_STATE = {"quick": 13, "medium": 20, "full": 22}
"""Qubits up to which the state of a whole system is run."""

MOST_GATES = {"quick": 250, "medium": 1000, "full": 2200}
"""Gates up to which an order to contract them is searched: some milliseconds each."""

ROUNDS = {"quick": 6, "medium": 9, "full": 9}
LAW_WIDTH = {"quick": 6, "medium": 8, "full": 8}
_LONG = (1, 3, 10, 30, 100, 300, 500, 1000)
LENGTHS = {"quick": (10, 30, 100, 300), "medium": _LONG, "full": (*_LONG, 2000, 3000)}
"""Modules in a system, where their number is varied most."""

WIDTHS = {"quick": (4, 6, 8, 9, 10), "medium": tuple(range(2, 13)), "full": tuple(range(2, 13))}
WIDE_LENGTH = {"quick": 30, "medium": 100, "full": 100}
"""Modules in the chains whose width is varied."""

_MAP = (2, 3, 4, 6, 8, 12, 16, 32, 64)
MAP_LENGTHS = {"quick": (2, 4), "medium": _MAP, "full": _MAP}
MAP_WIDTHS = {"quick": (4,), "medium": (2, 3, 4, 6, 8, 10), "full": tuple(range(2, 13))}


@dataclass(frozen=True)
class Task:
    """One program that is timed.

    Attributes:
        shape: "chain", "tree", "ring" or "grid".
        num_wires, modules, shared: of a module; how many; wires between neighbours.
        method: "fragments", "statevector" for the same engine uncut, "gates" for contracting the uncut circuit.
        threads: on how many it runs; clock is "cpu" for one and "wall" for several, which are compared with one.
        rounds, seed: measurements of each, and of the angles.
    """

    shape: str
    num_wires: int
    modules: int
    shared: int = 1
    method: str = "fragments"
    threads: int = 1
    clock: str = "cpu"
    rounds: int = 9
    seed: int = SEED

    @property
    def num_qubits(self) -> int:
        """Of the whole chain."""
        return self.num_wires + (self.modules - 1) * (self.num_wires - self.shared)

    @property
    def num_gates(self) -> int:
        """Of the whole system."""
        return self.modules * 2 * (3 * self.num_wires - 1)


def tasks(mode: str) -> Iterator[Task]:
    """All tasks of a mode, each once; the law in k first, then in n, the baselines, the threads."""
    seen: set[Task] = set()
    for task in _all(mode):
        own = replace(task, rounds=ROUNDS[mode])
        if own not in seen:
            seen.add(own)
            yield own


def _all(mode: str) -> Iterator[Task]:
    for seed in SEEDS[mode]:
        for shape in ("chain", "tree", "ring", "grid"):
            yield from _law(shape, seed, mode)
    for shared in (1, 2, 3):
        for num_wires in WIDTHS[mode]:
            if shared < num_wires:
                yield Task("chain", num_wires, WIDE_LENGTH[mode], shared)
    for num_wires in MAP_WIDTHS[mode]:
        for modules in MAP_LENGTHS[mode]:
            yield from _with_baselines(Task("chain", num_wires, modules), mode)
    for num_wires in WIDTHS[mode][-3:]:
        yield Task("chain", num_wires, WIDE_LENGTH[mode], threads=2, clock="wall")


def _law(shape: str, seed: int, mode: str) -> Iterator[Task]:
    """Systems of one shape and many lengths; chains with their baselines."""
    for modules in LENGTHS[mode]:
        task = Task(shape, LAW_WIDTH[mode], modules, seed=seed)
        if shape == "chain":
            yield from _with_baselines(task, mode) if seed == SEED else [task]
        elif modules >= ROWS:
            # The last module of a grid whose last column is not full sees only a part of it.
            yield replace(task, modules=modules + (-modules % ROWS if shape == "grid" else 0))


def _with_baselines(task: Task, mode: str) -> Iterator[Task]:
    """A chain cut, and uncut in both ways as far as they go."""
    yield task
    if task.num_qubits <= WIDEST_STATE[mode]:
        yield replace(task, method="statevector")
    if task.num_gates <= MOST_GATES[mode]:
        yield replace(task, method="gates")
