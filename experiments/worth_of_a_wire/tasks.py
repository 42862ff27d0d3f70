"""Which rows of modules are trained, by mode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

ARMS = {
    "frozen glue": (0, 1, 2),
    "tuned glue": (0, 1, 2),
    "tuned link": (1, 2),
    "scratch": (0, 1, 2),
    "classical": (0, 1, 2),
    "mean field": (0,),
}
"""By method its numbers of open wires. Without wires, glue and link are the same."""

CRITICAL = 1.0

CHAINS = {
    "quick": ((1.0, 2),),
    "medium": ((0.5, 4), (1.0, 2), (1.0, 4), (1.5, 4)),
    "full": ((0.5, 4), (0.75, 4), (1.0, 2), (1.0, 3), (1.0, 4), (1.25, 4), (1.5, 4)),
}
"""Fields and blocks of Ising chains."""

READERS = ("frozen glue", "tuned glue", "tuned link", "scratch", "classical", "pixels")
"""Methods of reading digits; of these, scratch has two open wires, and the last two have no wires."""

SEEDS = {"quick": 1, "medium": 3, "full": 6}
SCRATCH_SEEDS = {"quick": 1, "medium": 1, "full": 3}
"""Of chains in one piece, which take longest; with two wires they are trained at the critical field alone."""

STEPS = {"quick": 20, "medium": 300, "full": 300}
EPOCHS = {"quick": 1, "medium": 10, "full": 10}
ROWS = {"quick": 96, "medium": 640, "full": 640}

PRICED = (0.5, 1.0, 1.5)
"""Fields at which shots and seconds are measured, of the first seed."""


@dataclass(frozen=True)
class Task:
    """One row of modules.

    Attributes:
        system: ``"ising"`` or ``"digits"``.
        method: how it comes about, see :data:`ARMS` and :data:`READERS`.
        wires: open at each border.
        blocks: modules in the row.
        field: of the Ising chain; 0 for digits, which have none.
        steps: of L-BFGS on the whole chain; or epochs of Adam on the whole reader.
        rows: training images, the first ones; 0 for Ising chains.
        priced: whether shots and seconds are measured.
        seed: of first weights, nudges, batches and shots.
    """

    system: str
    method: str
    wires: int
    blocks: int
    field: float
    steps: int
    rows: int
    priced: bool
    seed: int


def tasks(mode: str) -> Iterator[Task]:
    """All tasks of a mode."""
    for seed in range(SEEDS[mode]):
        for field, blocks in CHAINS[mode]:
            yield from _chains(mode, field, blocks, seed)
    for seed in range(SEEDS[mode]):
        yield from _readers(mode, seed)


def _chains(mode: str, field: float, blocks: int, seed: int) -> Iterator[Task]:
    for method, wires in ARMS.items():
        seeds = {"classical": 1, "mean field": 1, "scratch": SCRATCH_SEEDS[mode]}.get(method, SEEDS[mode])
        if method == "scratch" and field != CRITICAL:
            wires = wires[:2]
        for number in wires if seed < seeds else ():
            priced = seed == 0 and field in PRICED and method not in ("scratch", "classical", "mean field")
            yield Task("ising", method, number, blocks, field, STEPS[mode], 0, priced, seed)


def _readers(mode: str, seed: int) -> Iterator[Task]:
    for method in READERS:
        wires = {"scratch": (2,), "classical": (0,), "pixels": (0,)}.get(method) or ARMS[method]
        for number in wires if method != "pixels" or seed == 0 else ():
            priced = seed == 0 and method not in ("classical", "pixels") and (mode != "quick" or number == 1)
            yield Task("digits", method, number, 4, 0.0, EPOCHS[mode], ROWS[mode], priced, seed)
