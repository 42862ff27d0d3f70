"""Forms of the encoder: how expressive and entangling they are, and whether this predicts their scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.parameter_efficiency.arms import PROBLEMS, Row, scores, selected
from experiments.parameter_efficiency.bootstrap import Interval, Reals, correlated

STARTS = ("random", "scratch")


@dataclass(frozen=True)
class Variant:
    """A form of the encoder.

    Attributes:
        entangler, rounds, axis: of it.
        expressibility, entangling: means over seeds.
        scores: mean over problems by seed, (seeds,), as drawn and after training.
    """

    entangler: str
    rounds: int
    axis: str
    expressibility: float
    entangling: float
    scores: Mapping[str, Reals]


def variants(rows: Sequence[Row], problems: Sequence[str] = PROBLEMS) -> list[Variant]:
    """All forms that were left random and trained from scratch, reading everything; with the seeds that all have."""
    own = [row for row in selected(rows, kind="quantum", joined="False", reads=10.0) if row["start"] in STARTS]
    by_form = {form: [row for row in own if _form(row) == form] for form in dict.fromkeys(map(_form, own))}
    common = set.intersection(
        *({row["seed"] for row in chosen if row["start"] == start} for chosen in by_form.values() for start in STARTS)
    )
    return [_variant(rows, [row for row in chosen if row["seed"] in common], problems) for chosen in by_form.values()]


def _form(row: Row) -> tuple[str, int, str]:
    return row["entangler"], int(row["rounds"]), row["axis"]


def _variant(rows: Sequence[Row], own: Sequence[Row], problems: Sequence[str]) -> Variant:
    capable = (float(np.mean([row[name] for row in own])) for name in ("expressibility", "entangling"))
    values = {start: scores(rows, selected(own, start=start), problems).mean(axis=1) for start in STARTS}
    return Variant(*_form(own[0]), *(round(one, 9) for one in capable), values)


def predicts(found: Sequence[Variant], ability: str, start: str) -> Interval:
    """Spearman's correlation of an ability and the mean score."""
    table = np.array([one.scores[start] for one in found])
    return correlated(np.array([getattr(one, ability) for one in found]), table)
