"""What is measured of fragments on devices with noise, by mode."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

PLACES = (
    ("none", "chain"),
    ("gates", "chain"),
    ("gates", "bus"),
    ("gates and cuts", "chain"),
    ("idle", "chain"),
    ("idle, read early", "chain"),
    ("routing", "chain"),
    ("routing", "bus"),
    ("crosstalk", "chain"),
    ("crosstalk, read early", "chain"),
    ("readout", "chain"),
    ("all", "chain"),
    ("all", "bus"),
    ("all, read early", "chain"),
    ("all, read early", "bus"),
)
"""Kinds of noise, and the shapes that have it."""

DRAWN = frozenset(
    [
        ("none", "chain"),
        ("idle", "chain"),
        ("routing", "bus"),
        ("crosstalk, read early", "chain"),
        ("readout", "chain"),
        ("all", "chain"),
        ("all", "bus"),
    ]
)
"""Those of which counts are drawn, at strength 1."""

MODULES = {"quick": (2,), "medium": (2, 3), "full": (2, 3)}
STRENGTHS = {"quick": (1.0,), "medium": (0.3, 1.0, 3.0), "full": (0.3, 1.0, 3.0)}
SEEDS = {"quick": 1, "medium": 3, "full": 8}
SHOTS = {"quick": (1000,), "medium": (1000, 10_000, 100_000), "full": (1000, 10_000, 100_000)}
REPEATS = {"quick": 3, "medium": 6, "full": 16}
UNIFORM_AT = {"quick": 1000, "medium": 10_000, "full": 10_000}
"""Shots for which fragments are also run with equally many for each circuit."""

WAYS = ("uncut", "fragments", "fragments, uniform", "classical")


@dataclass(frozen=True)
class Task:
    """One value on one device.

    Attributes:
        kind, strength: of the noise, see :data:`experiments.noise.devices.KINDS`.
        shape, modules: of the circuit, see :mod:`experiments.noise.circuits`.
        way: of :data:`WAYS`; fragments share shots by a pilot where nothing else is said.
        shots: in total; 0 where only what is expected of the estimate is computed.
        repeats: estimates that are drawn.
        seed: of angles and counts.
    """

    kind: str
    strength: float
    shape: str
    modules: int
    way: str
    shots: int
    repeats: int
    seed: int


def tasks(mode: str) -> Iterator[Task]:
    """All tasks of a mode; those of one circuit and device one after the other."""
    for modules, (kind, shape), seed in itertools.product(MODULES[mode], PLACES, range(SEEDS[mode])):
        large = modules == max(MODULES[mode])
        if kind == "none" and large:
            yield Task(kind, 1.0, shape, modules, "classical", 0, 0, seed)
        for strength in STRENGTHS[mode] if large and kind != "none" else (1.0,):
            for way in ("uncut", "fragments"):
                yield Task(kind, strength, shape, modules, way, 0, 0, seed)
            if large and strength == 1.0 and (kind, shape) in DRAWN:
                yield from _drawn(mode, kind, shape, modules, seed)


def _drawn(mode: str, kind: str, shape: str, modules: int, seed: int) -> Iterator[Task]:
    for shots in SHOTS[mode]:
        for way in ("uncut", "fragments"):
            yield Task(kind, 1.0, shape, modules, way, shots, REPEATS[mode], seed)
    yield Task(kind, 1.0, shape, modules, "fragments, uniform", UNIFORM_AT[mode], REPEATS[mode], seed)
