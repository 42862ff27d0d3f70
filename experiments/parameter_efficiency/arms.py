"""Rows with numbers, the rows of an arm, and normalised scores with intervals over seeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.parameter_efficiency.bootstrap import Interval, resampled

Row = dict[str, Any]
Reals = NDArray[np.float64]

TEXTS = {"id", "format", "mode", "started", "kind", "start", "entangler", "axis", "joined", "cutq", "numpy", "numba",
         "scikit-learn", "scipy", "python", "cpu"}  # fmt: skip
RELATED = ("digits", "even_odd", "three_eight")
DISJOINT = ("parity", "phase", "circles", "wine")
PROBLEMS = (*RELATED, *DISJOINT)
SETTINGS = ("kind", "start", "reads", "entangler", "rounds", "axis", "joined", "before", "steps", "seed")


@dataclass(frozen=True)
class Module:
    """The settings that the rows of a module have."""

    kind: str = "quantum"
    entangler: str = "ring"
    joined: str = "False"


MODULES = {
    "entangled": Module(),
    "product": Module(entangler="none"),
    "joined": Module(joined="True"),
    "tanh": Module("tanh", ""),
    "linked": Module("tanh", "", "True"),
}
"""By name; joined ones pass on a wire, linked ones a number."""


def parsed(rows: Iterable[Mapping[str, str]]) -> list[Row]:
    """Rows with numbers, those that were trained longest; of several with equal settings the last."""
    found = [{key: text if key in TEXTS else float(text or "nan") for key, text in row.items()} for row in rows]
    longest = max((row["steps"] for row in found), default=0.0)
    kept = [row for row in found if row["steps"] in (0.0, longest)]
    return list({tuple(row[name] for name in SETTINGS): row for row in kept}.values())


def selected(rows: Sequence[Row], **settings: Any) -> list[Row]:
    """Rows of these settings, in the order of their seeds."""
    found = [row for row in rows if all(row[name] == value for name, value in settings.items())]
    return sorted(found, key=lambda row: row["seed"])


def usual(rows: Sequence[Row]) -> float:
    """Steps on the source where they are not varied."""
    return max((row["before"] for row in rows if row["start"] == "tuned"), default=0.0)


def arm(rows: Sequence[Row], module: str, start: str, reads: float) -> list[Row]:
    """Rows of a module and a start, by seed."""
    known = MODULES[module]
    settings = {"kind": known.kind, "entangler": known.entangler, "joined": known.joined}
    if known.kind == "quantum":
        settings |= {"axis": "y", "rounds": 4.0}
    before = usual(rows) if start in ("frozen", "tuned") else 0.0
    return selected(rows, start=start, reads=reads, before=before, **settings)


def reads(rows: Sequence[Row], module: str) -> list[float]:
    """How many numbers of a copy were tried."""
    return sorted({row["reads"] for row in rows if row["kind"] == MODULES[module].kind})


# --- scores ---


def scores(rows: Sequence[Row], chosen: Sequence[Row], problems: Sequence[str] = PROBLEMS) -> Reals:
    """Normalised scores, (seeds, problems): 0 for the most frequent class and below, 1 for no error.

    >>> row = {"kind": "chance", "seed": 0.0, "wine": 0.4}
    >>> scores([row], [{"seed": 0.0, "wine": 0.7}], ["wine"]).tolist()
    [[0.4999999999999999]]
    """
    chance = {row["seed"]: row for row in rows if row["kind"] == "chance"}
    table = [[_score(row[name], chance[row["seed"]][name]) for name in problems] for row in chosen]
    return np.array(table, dtype=float).reshape(len(chosen), len(problems))


def _score(accuracy: float, chance: float) -> float:
    return float(np.maximum(0.0, (accuracy - chance) / (1 - chance)))


def mean_score(rows: Sequence[Row], chosen: Sequence[Row], problems: Sequence[str] = PROBLEMS) -> Interval:
    """Over problems, with the interval over seeds."""
    return resampled(scores(rows, chosen, problems).mean(axis=1))


def difference(
    rows: Sequence[Row], one: Sequence[Row], other: Sequence[Row], problems: Sequence[str] = PROBLEMS
) -> Interval:
    """Of mean scores, paired by seed."""
    common = {row["seed"] for row in one} & {row["seed"] for row in other}
    first, second = (
        scores(rows, [row for row in chosen if row["seed"] in common], problems).mean(axis=1) for chosen in (one, other)
    )
    return resampled(first - second)


# --- parameters ---


def per_problem(row: Row) -> tuple[float, float]:
    """Parameters that are trained for a problem, and with its part of those that all share; means over problems."""
    return row["trainable"] / len(PROBLEMS), (row["trainable"] + row["shared"]) / len(PROBLEMS)


def curve(rows: Sequence[Row], module: str, start: str, shared: bool = False) -> list[tuple[float, Interval]]:
    """Parameters for a problem and mean score, by numbers that are read."""
    found = []
    for each in reads(rows, module):
        chosen = arm(rows, module, start, each)
        if chosen:
            found.append((per_problem(chosen[0])[shared], mean_score(rows, chosen)))
    return found


def all_arms(rows: Sequence[Row]) -> dict[tuple[str, str, float], list[Row]]:
    """By module, start and numbers read the rows of all arms."""
    found = {
        (module, start, each): arm(rows, module, start, each)
        for module in MODULES
        for start in ("frozen", "tuned", "scratch", "random")
        for each in reads(rows, module)
    }
    return {key: chosen for key, chosen in found.items() if chosen}
