"""What the rows say, number by number: ``python -m experiments.parameter_efficiency.rows`` prints it."""

from __future__ import annotations

import csv
import itertools
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from experiments.parameter_efficiency.arms import (
    DISJOINT,
    PROBLEMS,
    RELATED,
    Row,
    all_arms,
    arm,
    curve,
    difference,
    mean_score,
    parsed,
    per_problem,
    selected,
)
from experiments.parameter_efficiency.bootstrap import Interval
from experiments.parameter_efficiency.forms import predicts, variants

TARGET = 0.95
"""The share of the best score that a curve has to reach."""

COMPARED = {
    "frozen - scratch": (("entangled", "frozen", 10.0), ("entangled", "scratch", 10.0)),
    "frozen - random": (("entangled", "frozen", 10.0), ("entangled", "random", 10.0)),
    "frozen - random, 4 numbers": (("entangled", "frozen", 4.0), ("entangled", "random", 4.0)),
    "frozen - random, 1 number": (("entangled", "frozen", 1.0), ("entangled", "random", 1.0)),
    "frozen - tanh frozen, 1 number": (("entangled", "frozen", 1.0), ("tanh", "frozen", 1.0)),
    "tuned - scratch": (("entangled", "tuned", 10.0), ("entangled", "scratch", 10.0)),
    "frozen - tanh frozen, equal weights": (("entangled", "frozen", 4.0), ("tanh", "frozen", 3.0)),
    "frozen - tanh frozen, equal heads": (("entangled", "frozen", 10.0), ("tanh", "frozen", 10.0)),
    "scratch - tanh scratch, equal weights": (("entangled", "scratch", 4.0), ("tanh", "scratch", 3.0)),
    "scratch - tanh scratch, equal heads": (("entangled", "scratch", 10.0), ("tanh", "scratch", 10.0)),
    "entangled - product, random": (("entangled", "random", 10.0), ("product", "random", 10.0)),
    "entangled - product, scratch": (("entangled", "scratch", 10.0), ("product", "scratch", 10.0)),
    "joined - side by side, scratch": (("joined", "scratch", 10.0), ("entangled", "scratch", 10.0)),
    "joined - side by side, frozen": (("joined", "frozen", 10.0), ("entangled", "frozen", 10.0)),
    "linked - side by side, tanh scratch": (("linked", "scratch", 10.0), ("tanh", "scratch", 10.0)),
}
"""Pairs of arms whose difference is stated, paired by seed. Equal weights: four numbers of a copy beside three."""


def compared(rows: Sequence[Row], name: str, problems: Sequence[str] = PROBLEMS) -> Interval | None:
    """The difference of a pair; None where one of them was not measured."""
    one, other = (arm(rows, *key) for key in COMPARED[name])
    return difference(rows, one, other, problems) if one and other else None


def best(rows: Sequence[Row]) -> float:
    """The best mean score of a module whose copies are side by side."""
    return max(
        mean_score(rows, found).value for key, found in all_arms(rows).items() if key[0] not in ("joined", "linked")
    )


def needed_for(found: Sequence[tuple[float, Interval]], target: float) -> float | None:
    """Parameters at which a curve first reaches a score, linear in their logarithm; None where it does not.

    >>> round(needed_for([(10.0, Interval(0.4, 0, 0)), (1000.0, Interval(0.8, 0, 0))], 0.6), 9)
    100.0
    """
    for (x, low), (y, high) in itertools.pairwise(found):
        if low.value < target <= high.value:
            share = (target - low.value) / (high.value - low.value)
            return float(np.exp(np.log(x) + share * (np.log(y) - np.log(x))))
    return found[0][0] if found and found[0][1].value >= target else None


def report(rows: Sequence[Row]) -> str:
    """In lines of text."""
    return "\n".join(
        line for part in (_scores, _efficiency, _differences, _steps, _capability, _costs) for line in part(rows)
    )


def _scores(rows: Sequence[Row]) -> list[str]:
    lines = ["accuracies, means over seeds: " + ", ".join(PROBLEMS) + "; mean score"]
    named = {(name, "", 0.0): selected(rows, kind=name) for name in ("chance", "linear", "strong", "published")}
    for key, chosen in (named | all_arms(rows)).items():
        values = [np.mean([row[name] for row in chosen]) for name in PROBLEMS]
        mean = "" if key[0] == "published" else f"  {mean_score(rows, chosen)}"
        lines.append("  {:<10} {:<8} {:>2g}  ".format(*key) + "  ".join(f"{one:.3f}" for one in values) + mean)
    for row in selected(rows, kind="published")[:1]:
        lines.append(
            "  published parity of 64 and 256 bits: {parity_64:g}, {parity_256:g}; weights {weights:g}".format(**row)
        )
    return lines


def _efficiency(rows: Sequence[Row]) -> list[str]:
    lines = ["parameters for a problem, trained and with shared ones; score of 100 of either; needed for 95 %"]
    curves = {key[:2]: curve(rows, *key[:2]) for key in all_arms(rows)}
    target = TARGET * best(rows)
    for key, chosen in ({("linear", "", 0.0): selected(rows, kind="linear")} | all_arms(rows)).items():
        trained, total = per_problem(chosen[0])
        score = mean_score(rows, chosen).value
        cells = (*key, trained, total, 100 * score / trained, 100 * score / total)
        lines.append("  {:<10} {:<8} {:>2g}  {:7.1f} {:7.1f}  {:.2f} {:.2f}".format(*cells))
    for key, found in curves.items():
        reached = needed_for(found, target)
        place = "nowhere" if reached is None else f"at {reached:.0f}"
        lines.append("  {:<10} {:<8} reaches {:.3f} {}".format(*key, target, place))
    return lines


def _differences(rows: Sequence[Row]) -> list[str]:
    lines = ["differences of scores, paired by seed: all, related, disjoint, each"]
    groups = (PROBLEMS, RELATED, DISJOINT, *((name,) for name in PROBLEMS))
    for name in COMPARED:
        found = [compared(rows, name, group) for group in groups]
        lines.append(f"  {name}")
        lines += [f"      {' '.join(group):<62} {one}" for group, one in zip(groups, found, strict=True)]
    return lines


def _steps(rows: Sequence[Row]) -> list[str]:
    lines = ["frozen, by steps on the source: mean score"]
    for kind in ("quantum", "tanh"):
        own = selected(
            rows, kind=kind, start="frozen", reads=10.0, joined="False", entangler="ring" if kind == "quantum" else ""
        )
        for before in sorted({row["before"] for row in own}):
            lines.append(f"  {kind:<8} {before:g}  {mean_score(rows, selected(own, before=before))}")
    return lines


def _capability(rows: Sequence[Row]) -> list[str]:
    found = variants(rows)
    lines = ["forms: expressibility, entangling capability, score random and trained"]
    for one in sorted(found, key=lambda one: one.expressibility):
        means = [one.scores[start].mean() for start in ("random", "scratch")]
        lines.append(f"  {one.entangler:<6} {one.rounds} {one.axis}  {one.expressibility:.4f}  {one.entangling:.3f}  "
                     f"{means[0]:.3f}  {means[1]:.3f}")  # fmt: skip
    for problems, named in ((PROBLEMS, "all"), (RELATED, "related"), (DISJOINT, "disjoint")):
        for ability in ("expressibility", "entangling"):
            for start in ("random", "scratch"):
                lines.append(f"  {named} {ability} {start}: {predicts(variants(rows, problems), ability, start)}")
    return lines


def _costs(rows: Sequence[Row]) -> list[str]:
    own = selected(rows, kind="quantum", joined="True", reads=10.0)
    alone = arm(rows, "entangled", "random", 10.0)
    ratio = np.median([row["uncut_s"] / row["cut_s"] for row in own])
    lines = [f"joined: cut - uncut at most {max(row['cut_error'] for row in own):.1e}, uncut {ratio:.1f} times slower"]
    lines += ["circuits {circuits:g}, gamma {gamma:g}".format(**one[0]) for one in (own, alone)]
    return [*lines, f"CPU seconds in all: {sum(row['seconds'] for row in rows):.0f}, {len(rows)} rows"]


if __name__ == "__main__":
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    with (home / "results.csv").open(newline="", encoding="utf-8") as file:
        print(report(parsed(csv.DictReader(file))))
