"""What is measured of cut chains, trees, rings and stars, by mode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

CUTS = {
    "quick": (1, 2, 4),
    "medium": (1, 2, 3, 4, 6, 8, 12, 16),
    "full": (1, 2, 3, 4, 6, 8, 12, 16, 22, 30),
}
THIN = {"quick": (1, 8), "medium": (1, 2, 4, 8, 16, 32), "full": (1, 2, 4, 8, 16, 32, 64)}
"""Cuts of the chains that are estimated from few shots for each circuit."""

FEW = (10, 100, 1000)
SHAPES = {
    "chain": {**CUTS, "full": (1, 2, 3, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 26, 30)},
    "tree": CUTS,
    "ring": {mode: tuple(k for k in own if k >= 4) for mode, own in CUTS.items()},
    "star": {"quick": (1, 2, 3), "medium": (1, 2, 3, 4), "full": (1, 2, 3, 4, 5)},
}
WIRES = {"quick": (1, 2), "medium": (1, 2, 3), "full": (1, 2, 3, 4)}
WIDE_CUTS = {"quick": (2,), "medium": (2, 4), "full": (2, 4, 8)}
STATES = {"quick": (3, 4, 5), "medium": (3, 4, 5, 6, 7, 8), "full": (3, 4, 5, 6, 7, 8, 9, 10)}
"""Cuts of the GHZ chains whose whole state is run: 8 to 22 qubits."""

SAMPLED = {"quick": 2, "medium": 3, "full": 4}
"""Cuts up to which single shots are drawn; beyond there is only the formula."""

DRAWS = {"quick": 1, "medium": 2, "full": 4}
"""Estimates by sampling, of each random circuit."""

SEEN = {"quick": (2,), "medium": (1, 2, 4, 8), "full": (1, 2, 4, 8, 12)}
"""Cuts at which estimates are made from simulated shots, beside the exact variance."""

CHAINS = {"quick": 2, "medium": 8, "full": 16}
ONE_SHOT = ("LO", "LO, SIC", "LOCC")


@dataclass(frozen=True)
class Task:
    """One way to estimate the value of a system.

    Attributes:
        family: "unitary", "contractive" or "ghz".
        shape, observable: one of SHAPES; "local" or "product".
        cuts, wires: places where fragments are joined, and wires at each.
        method: "uncut", "uniform" and "pilot" for contracted fragments, "LO", "LO, SIC", "LOCC" and "pooled" for
            sampling; "fragments" and "state" for exact values.
        frame: where wires begin, and end where it is "mub".
        each: shots for each circuit of contracted fragments.
        chains, runs: random circuits, and simulated estimates of each.
        seed: of the first circuit.
    """

    family: str
    shape: str
    observable: str
    cuts: int
    wires: int
    method: str
    frame: str = "sic"
    each: int = 1000
    chains: int = 16
    runs: int = 0
    seed: int = 0


def tasks(mode: str) -> Iterator[Task]:
    """All tasks of a mode, each setting once, in the way that was asked for first."""
    seen: set[tuple[object, ...]] = set()
    for own in (_unitary, _thin, _wide, _contractive, _ghz):
        for task in own(mode):
            kind = (task.family, task.shape, task.observable, task.cuts, task.wires, task.method, task.frame, task.each)
            if kind not in seen:
                seen.add(kind)
                yield task


def _unitary(mode: str) -> Iterator[Task]:
    """Chains of one wire in every way."""
    for cuts in CUTS[mode]:
        task = Task("unitary", "chain", "local", cuts, 1, "uniform", chains=CHAINS[mode])
        yield from _with_baselines(task)
        for allocation in ("uniform", "pilot"):
            yield replace(task, method=allocation, runs=4 if cuts in SEEN[mode] else 0)
        for frame in ("std4", "six"):
            yield replace(task, frame=frame)
        yield from _sampled(task, mode)
        if cuts <= SAMPLED[mode] + 2:
            yield replace(task, method="pooled", chains=min(task.chains, 8), runs=min(2, DRAWS[mode]))


def _with_baselines(task: Task) -> Iterator[Task]:
    """Uncut shots, and exact values of fragments."""
    yield replace(task, method="uncut")
    yield replace(task, method="fragments", chains=1)


def _sampled(task: Task, mode: str) -> Iterator[Task]:
    """Shot by shot, with runs where there are few cuts."""
    drawn = task.cuts * task.wires <= SAMPLED[mode]
    for method in ONE_SHOT:
        yield replace(
            task, method=method, chains=min(task.chains, 8) if drawn else task.chains, runs=DRAWS[mode] * drawn
        )


def _thin(mode: str) -> Iterator[Task]:
    """Few shots for each circuit."""
    for each in FEW:
        for cuts in THIN[mode]:
            seen = each == FEW[0] and cuts <= 8 and cuts in SEEN[mode]
            yield Task("unitary", "chain", "local", cuts, 1, "uniform", each=each, chains=CHAINS[mode], runs=8 * seen)
    for cuts in THIN[mode]:
        yield from _with_baselines(Task("unitary", "chain", "local", cuts, 1, "uniform", chains=CHAINS[mode]))


def _wide(mode: str) -> Iterator[Task]:
    """Two fragments that share several wires in three frames, and chains of two wires."""
    for wires in WIRES[mode]:
        task = Task("unitary", "chain", "local", 1, wires, "uniform", chains=CHAINS[mode] if wires < 4 else 8)
        yield from _with_baselines(task)
        for frame in ("sic", "std4", "mub"):
            yield replace(task, frame=frame)
        yield from _sampled(task, mode)
    for cuts in WIDE_CUTS[mode]:
        yield Task("unitary", "chain", "local", cuts, 2, "uniform", chains=min(CHAINS[mode], 32 // cuts))


def _contractive(mode: str) -> Iterator[Task]:
    """Chains in which a cut wire is one of two, with the last qubit measured or all of them."""
    for observable in ("local", "product"):
        for cuts in CUTS[mode]:
            task = Task("contractive", "chain", observable, cuts, 1, "uniform", chains=2 * CHAINS[mode])
            yield from _with_baselines(task)
            yield replace(task, runs=2 if cuts in SEEN[mode] else 0)
            for method in ("pilot", "LOCC"):
                yield replace(task, method=method)


def _ghz(mode: str) -> Iterator[Task]:
    """GHZ states of all shapes, and the whole state of chains."""
    for shape, cuts in SHAPES.items():
        for count in cuts[mode]:
            chains = 1 if (shape, count) == ("star", 5) else min(4, CHAINS[mode])
            task = Task("ghz", shape, "product", count, 1, "uniform", chains=chains)
            yield from _with_baselines(task)
            for method in ("uniform", "pilot", "LO", *(("LOCC",) if shape == "chain" else ())):
                yield replace(task, method=method)
    for count in STATES[mode]:
        yield Task("ghz", "chain", "product", count, 1, "state", chains=1)
