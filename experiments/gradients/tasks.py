"""What is measured of ways to all derivatives, by mode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from experiments.gradients.circuits import EACH

MODULES = {
    "quick": (1, 2, 4),
    "medium": (1, 2, 4, 6, 8, 25, 83, 250, 833),
    "full": (1, 2, 4, 6, 8, 25, 83, 250, 833),
}
"""12 parameters each: 12 to 9996."""

WIDEST_STATE = 17
"""Qubits up to which uncut circuits are run; with 8 modules of 3 wires."""

LONGEST_ESTIMATE = {"quick": 4, "medium": 25, "full": 83}
"""Modules up to which fragments are run with shots."""

ROUNDS = {"quick": 6, "medium": 7, "full": 7}
METHODS = ("uncut shift", "workflow shift", "fragment shift", "uncut SPSA", "fragment SPSA", "adjoint")


@dataclass(frozen=True)
class Task:
    """One way to all derivatives of a chain.

    Attributes:
        method: of :data:`METHODS`.
        modules, parameters: how many.
        run: whether it is run and timed, or only counted.
        shots_each: of each circuit, where circuits are run with shots.
        rounds, seed: measurements of each, and of angles and shots.
    """

    method: str
    modules: int
    parameters: int
    run: bool
    shots_each: int = 1000
    rounds: int = 7
    seed: int = 2


def tasks(mode: str) -> Iterator[Task]:
    """All tasks of a mode."""
    for modules in MODULES[mode]:
        for method in METHODS:
            yield Task(method, modules, EACH * modules, _runs(method, modules, mode), rounds=ROUNDS[mode])


def _runs(method: str, modules: int, mode: str) -> bool:
    if method.startswith("uncut"):
        return 2 * modules + 1 <= WIDEST_STATE
    return method != "fragment shift" or modules <= LONGEST_ESTIMATE[mode]
