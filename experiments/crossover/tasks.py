"""What is measured of weakly linked systems, by mode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from experiments.crossover.systems import SHALLOW

MODULES, STRENGTH = 3, 0.3
"""Of the systems whose width is varied."""

WIDTHS = {
    "quick": (3, 4, 6),
    "medium": (3, 4, 5, 6, 7, 8, 10, 12, 14),
    "full": (3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 18, 20),
}
"""Qubits of a module, with one link between neighbours."""

MAP_WIDTHS = {"quick": (4,), "medium": (4, 6, 8, 10), "full": (4, 6, 8, 10, 12, 14, 16)}
"""Qubits of a module, with two and three links."""

SHALLOW_WIDTHS = {"quick": (24,), "medium": (24,), "full": (24, 28, 32)}
"""Qubits of shallow modules that only matrix products and contractions reach."""

MAP_SHOTS = {"quick": (4, (1,)), "medium": (6, (1, 2)), "full": (6, (1, 2, 3))}
"""Qubits of deep modules with two and three links whose shots are simulated, and seeds."""

WIDEST_STATE = {"quick": 18, "medium": 21, "full": 24}
"""Qubits up to which the state of a whole system is run."""

WIDEST_SHOTS = {"quick": 6, "medium": 10, "full": 14}
"""Qubits of a module up to which shots are simulated; what they cost hardly depends on it."""

WIDEST_SEARCH = 16
"""Qubits of a deep module up to which an order to contract the circuit uncut is searched."""

LENGTHS = {"quick": (2,), "medium": (2, 4, 6), "full": (2, 4, 6, 8)}
LENGTH_WIDTH = {"quick": 4, "medium": 6, "full": 6}
"""Modules in a row, and their qubits, where their number is varied."""

STRENGTHS = {
    "quick": (0.1, 1.0),
    "medium": (0.03, 0.1, 0.3, 1.0),
    "full": (0.03, 0.06, 0.12, 0.3, 0.5, 0.75, 1.0),
}
REASON_WIDTH = {"quick": 4, "medium": 6, "full": 6}
"""Qubits of each of two modules whose links are made weaker."""

REASON_SEEDS = {"quick": (1,), "medium": (1, 2, 3), "full": (1, 2, 3, 4, 5, 6)}
SHOT_SEEDS = {"quick": (1,), "medium": (1, 2, 3), "full": (1, 2, 3, 4, 5, 6)}
ROUNDS = {"quick": 3, "medium": 6, "full": 7}
REPEATS = {"quick": 4, "medium": 32, "full": 32}
PATIENCE = {"quick": 2.0, "medium": 8.0, "full": 15.0}
"""Seconds after which a method is given up."""

EXACT = ("state", "mps", "contraction", "cut")
METHODS = (*EXACT, "shots", "link")


@dataclass(frozen=True)
class Task:
    """One way to the parity of a system of modules.

    Attributes:
        method: "state" of the whole system, "mps" of it, "contraction" of it uncut, "cut" for simulated fragments,
            "shots" of fragments, "link" for the Schmidt values of two modules.
        width, modules, layers: qubits and layers of a module; how many.
        links, strength: RZZ between neighbours, and their angle in units of that of a CZ.
        frames: what a device does at a link, where it is run with shots.
        rounds: measurements of a time.
        repeats: orders of contraction that are tried.
        patience: seconds after which a method is given up.
        seed: of angles and shots.
    """

    method: str
    width: int
    modules: int
    layers: int
    links: int = 1
    strength: float = STRENGTH
    frames: str = ""
    rounds: int = 7
    repeats: int = 32
    patience: float = 15.0
    seed: int = 1

    @property
    def qubits(self) -> int:
        """Of the whole system."""
        return self.width * self.modules


def tasks(mode: str) -> Iterator[Task]:
    """All tasks of a mode, each once: by strength, by width, by links, by number of modules."""
    seen: set[Task] = set()
    for task in _all(mode):
        own = replace(task, rounds=ROUNDS[mode], repeats=REPEATS[mode], patience=PATIENCE[mode])
        if own not in seen:
            seen.add(own)
            yield own


def _all(mode: str) -> Iterator[Task]:
    yield from _reasons(mode)
    for width in WIDTHS[mode]:
        for layers in (width, SHALLOW):
            yield from _ways(Task("cut", width, MODULES, layers), mode)
    for links in (2, 3):
        for width in MAP_WIDTHS[mode]:
            for layers in (width, SHALLOW):
                yield from _exact(Task("cut", width, MODULES, layers, links), mode)
    yield from _map(mode)
    for modules in LENGTHS[mode]:
        width = LENGTH_WIDTH[mode]
        yield from _ways(Task("cut", width, modules, width), mode)


def _map(mode: str) -> Iterator[Task]:
    """What the map of the fastest ways needs beside: shallow modules that are wide, shots of several links."""
    for links in (1, 2, 3):
        for width in SHALLOW_WIDTHS[mode]:
            for method in ("mps", "contraction"):
                yield Task(method, width, MODULES, SHALLOW, links)
    width, seeds = MAP_SHOTS[mode]
    for links in (2, 3):
        for seed in seeds:
            yield Task("shots", width, MODULES, width, links, frames="lean", seed=seed)


def _reasons(mode: str) -> Iterator[Task]:
    """Two modules: the Schmidt values at their links, and the shots that cutting these takes."""
    width = REASON_WIDTH[mode]
    for links in (1, 2, 3):
        for strength in STRENGTHS[mode]:
            for seed in REASON_SEEDS[mode]:
                task = Task("link", width, 2, width, links, strength, seed=seed)
                yield task
                yield replace(task, method="shots", frames="lean")
                if seed == 1:
                    yield replace(task, method="shots", frames="full")


def _ways(task: Task, mode: str) -> Iterator[Task]:
    """All ways, shots for several systems."""
    yield from _exact(task, mode)
    if task.width <= WIDEST_SHOTS[mode]:
        for seed in SHOT_SEEDS[mode]:
            yield replace(task, method="shots", frames="lean", seed=seed)


def _exact(task: Task, mode: str) -> Iterator[Task]:
    """All ways of this computer that can be tried."""
    for method in EXACT:
        too_wide = method == "state" and task.qubits > WIDEST_STATE[mode]
        too_deep = method == "contraction" and min(task.layers, task.width) > WIDEST_SEARCH
        if not (too_wide or too_deep):
            yield replace(task, method=method)
