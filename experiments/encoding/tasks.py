"""What is measured of encodings and splits, by mode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from experiments.encoding.circuits import fits
from experiments.encoding.encodings import ENCODINGS
from experiments.encoding.heads import BASELINES

SEEDS = {"quick": range(1), "medium": range(3), "full": range(6)}
"""Of rows, fixed angles and shots together."""

FEATURES = {"quick": (4, 16), "medium": (4, 8, 16), "full": (4, 8, 16, 32, 64)}
MODULES = {"quick": (1, 4), "medium": (1, 2, 4, 8, 16), "full": (1, 2, 4, 8, 16)}
TASKS = {"digits": tuple(ENCODINGS), "products": ("angle", "re-uploading", "ZZ")}
"""By task the encodings that are tried on it."""

MOST_PRODUCTS = 16
"""Features up to which signs of sums of products are learnt."""


@dataclass(frozen=True)
class Task:
    """One way to numbers for a linear head, or a classical baseline.

    Attributes:
        data: "digits" or "products".
        arm: "uncut" for one circuit of all features, "unlinked" or "linked" modules; or the name of a baseline.
        encoding: of circuits; empty for baselines.
        features, modules: how many.
        shots: for each sample, in all, where numbers have shots.
        seed: of rows, fixed angles and shots.
    """

    data: str
    arm: str
    encoding: str
    features: int
    modules: int
    shots: int = 10_000
    seed: int = 0


def tasks(mode: str) -> Iterator[Task]:
    """All tasks of a mode."""
    for seed in SEEDS[mode]:
        for data, encodings in TASKS.items():
            for features in FEATURES[mode]:
                if data == "digits" or features <= MOST_PRODUCTS:
                    yield from (Task(data, name, "", features, 1, seed=seed) for name in BASELINES)
                    for encoding in encodings:
                        yield from _splits(data, encoding, features, seed, mode)


def _splits(data: str, encoding: str, features: int, seed: int, mode: str) -> Iterator[Task]:
    """An encoding in all splits, with and without links."""
    for modules in MODULES[mode]:
        if fits(encoding, features, modules):
            for arm in ("unlinked", "linked") if modules > 1 else ("uncut",):
                yield Task(data, arm, encoding, features, modules, seed=seed)
