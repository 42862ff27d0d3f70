"""What the rows say: errors, gains, shots to see them; ``python -m experiments.worth_of_a_wire.rows`` prints it all."""

from __future__ import annotations

import csv
import itertools
import math
import statistics
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments.harness import median

Row = dict[str, Any]

TEXTS = {"id", "format", "mode", "started", "system", "method", "priced", "cutq", "numpy", "numba", "python", "cpu"}
TEXTS |= {"scikit-learn", "scipy", "optax"}
DRAWS, LEVEL = 10_000, 0.95

FRAGMENTS, MODULES = ("frozen glue", "tuned glue", "tuned link"), "tuned glue"
"""Methods whose rows are run in fragments, and the one that is fine-tuned modules where no wire is open."""


LEAST_EACH, UNCUT_CIRCUITS = 50, 2
"""Shots of each circuit from which the variance falls with their number, and circuits of one piece: along Z and X."""


@dataclass(frozen=True)
class Value:
    """A number with its 95 % interval.

    Attributes:
        value: of all seeds together.
        low, high: where it is with 95 % confidence.
    """

    value: float
    low: float
    high: float


def parsed(rows: Iterable[Mapping[str, str]]) -> list[Row]:
    """Rows with numbers; of several with equal settings, as from two modes, the one with more steps."""
    found = [{key: text if key in TEXTS else float(text or "nan") for key, text in row.items()} for row in rows]
    names = ("system", "method", "wires", "blocks", "field", "seed")
    best: dict[tuple[Any, ...], Row] = {}
    for row in sorted(found, key=lambda row: (row["rows"], row["steps"])):
        best[tuple(row[name] for name in names)] = row
    return list(best.values())


def selected(rows: Sequence[Row], **settings: Any) -> list[Row]:
    """Rows of these settings, by seed; fine-tuned modules without wires are those with links too."""
    if settings.get("method") == "tuned link" and settings.get("wires") == 0:
        settings = {**settings, "method": MODULES}
    found = [row for row in rows if all(row[name] == value for name, value in settings.items())]
    return sorted(found, key=lambda row: row["seed"])


def longest(rows: Sequence[Row]) -> int:
    """Blocks of the longest chain."""
    return int(max(row["blocks"] for row in selected(rows, system="ising")))


# --- Ising chains ---


def error(rows: Sequence[Row], method: str, wires: int, field: float = 1.0, blocks: int | None = None) -> Value | None:
    """The relative error of the energy, its median over the seeds with an interval; None where there is no row."""
    chosen = selected(rows, system="ising", method=method, wires=wires, field=field, blocks=blocks or longest(rows))
    if not chosen:
        return None
    found = median([row["error"] for row in chosen])
    return Value(found.value, found.low, found.high)


def fields(rows: Sequence[Row]) -> list[float]:
    """Fields of the longest chain."""
    return sorted({row["field"] for row in selected(rows, system="ising", blocks=longest(rows))})


def gain(rows: Sequence[Row], method: str, wires: int, field: float, blocks: int | None = None) -> float:
    """By how much the relative error falls when wires are opened: median of differences of equal seeds.

    Frozen modules are compared with frozen ones, fine-tuned with fine-tuned ones, which is what a wire alone is worth.
    """
    settings = {"system": "ising", "field": field, "blocks": blocks or longest(rows)}
    shut = selected(rows, method=method, wires=0, **settings)
    opened = selected(rows, method=method, wires=wires, **settings)
    return statistics.median(a["error"] - b["error"] for a, b in zip(shut, opened, strict=True))


def priced(rows: Sequence[Row], method: str, wires: int, field: float, blocks: int | None = None) -> Row | None:
    """The row whose shots and seconds were measured, with the median error of all seeds: its own may be a lucky one."""
    chosen = selected(rows, system="ising", method=method, wires=wires, field=field, blocks=blocks or longest(rows))
    row = next((row for row in chosen if not math.isnan(row["variance"])), None)
    return row and {**row, "error": statistics.median(one["error"] for one in chosen), "ground": ground(row)}


def ground(row: Row) -> float:
    """How large the ground energy is, from an energy and its relative error."""
    return float(-row["energy"] / (1.0 - row["error"]))


def shots_to_see(row: Row, gained: float, column: str = "variance") -> float:
    """Shots at which the standard error of the energy is as large as a gain; never, where nothing was gained."""
    return row[column] / (gained * row["ground"]) ** 2 if gained > 0 else math.inf


def total_error(row: Row, shots: float, column: str = "variance") -> float:
    """How far an estimate with so many shots is from the ground energy: root mean square, relative.

    >>> round(total_error({"error": 0.03, "ground": 10.0, "variance": 16.0}, 100), 9)
    0.05
    """
    return math.hypot(row["error"], math.sqrt(row[column] / shots) / row["ground"])


def crossing(shut: Row, opened: Row, column: str = "variance") -> float:
    """Shots from which a row with more wires gives the smaller total error at equal shots; never, where it gives none.

    At least 50 for each circuit, below which the variance does not fall with the number of shots yet.
    """
    extra = opened[column] / opened["ground"] ** 2 - shut[column] / shut["ground"] ** 2
    gained = shut["error"] ** 2 - opened["error"] ** 2
    least = LEAST_EACH * (opened["circuits"] if column == "variance" else UNCUT_CIRCUITS)
    return math.inf if gained <= 0 else max(extra / gained, least)


# --- digits ---


def accuracies(rows: Sequence[Row], method: str, wires: int) -> list[float]:
    """Of each seed."""
    return [row["accuracy"] for row in selected(rows, system="digits", method=method, wires=wires)]


def bootstrapped(samples: Sequence[float]) -> Value:
    """The mean over the seeds with its bootstrap interval; the mean alone of one."""
    drawn = np.random.default_rng(0).choice(np.asarray(samples), (DRAWS, len(samples))).mean(axis=1)
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Value(statistics.mean(samples), float(low), float(high))


def worth(rows: Sequence[Row], method: str, wires: int) -> Value:
    """What opening wires adds to the accuracy: differences of equal seeds."""
    pairs = zip(accuracies(rows, method, wires), accuracies(rows, method, 0), strict=True)
    return bootstrapped([a - b for a, b in pairs])


# --- what the README quotes ---


def report(rows: Sequence[Row]) -> str:
    """All numbers in lines of text."""
    parts = [_errors(rows), _lengths(rows), _prices(rows), _crossings(rows), _digits(rows)]
    apart = max((row["apart"] for row in rows if row["apart"] >= 0), default=0.0)
    return "\n".join([*(line for part in parts for line in part), f"fragments and one piece differ by {apart:.1e}"])


METHODS = (("frozen glue", 0), ("frozen glue", 1), ("frozen glue", 2), ("tuned glue", 0), ("tuned glue", 1),
           ("tuned glue", 2), ("tuned link", 1), ("tuned link", 2), ("scratch", 0), ("scratch", 1), ("scratch", 2),
           ("classical", 0), ("classical", 1), ("classical", 2), ("mean field", 0))  # fmt: skip


def _errors(rows: Sequence[Row]) -> list[str]:
    lines = [f"relative error of the energy, {longest(rows)} blocks, at fields {fields(rows)}: median (low, high)"]
    for method, wires in METHODS:
        found = [error(rows, method, wires, field) for field in fields(rows)]
        texts = ("-" if one is None else f"{one.value:.2e} ({one.low:.2e}, {one.high:.2e})" for one in found)
        lines.append(f"  {method:<12} {wires}  " + "  ".join(texts))
    return lines


def _lengths(rows: Sequence[Row]) -> list[str]:
    lengths = sorted({int(row["blocks"]) for row in selected(rows, system="ising", field=1.0)})
    lines = [f"relative error at field 1 of {lengths} blocks"]
    for method, wires in METHODS:
        found = [error(rows, method, wires, 1.0, blocks) for blocks in lengths]
        lines.append(
            f"  {method:<12} {wires}  " + "  ".join("-" if one is None else f"{one.value:.2e}" for one in found)
        )
    return lines


def _prices(rows: Sequence[Row]) -> list[str]:
    lines = ["price by field, blocks, method, wires: trained, weights, circuits, gamma, N Var (uncut), gain, "
             "shots to see it (uncut), ms (uncut)"]  # fmt: skip
    for one in rows:
        if one["system"] == "ising" and not math.isnan(one["variance"]):
            place = (one["method"], one["wires"], one["field"], one["blocks"])
            gained, row = gain(rows, *place), priced(rows, *place) or one
            lines.append(
                f"  {row['field']:<4} {row['blocks']:.0f} {row['method']:<11} {row['wires']:.0f}: {row['trained']:.0f} "
                f"{row['weights']:.0f} {row['circuits']:.0f} {row['gamma']:.0f} {row['variance']:.0f} "
                f"({row['uncut_variance']:.1f}) {gained:.2e} {shots_to_see(row, gained):.2g} "
                f"({shots_to_see(row, gained, 'uncut_variance'):.2g}) {1e3 * row['seconds']:.2f} "
                f"({1e3 * row['uncut_seconds']:.2f})"
            )
    return lines


def _crossings(rows: Sequence[Row]) -> list[str]:
    lines = ["shots from which more wires give the smaller total error: field, method, wires, cut (uncut)"]
    for field, method in itertools.product(fields(rows), FRAGMENTS):
        for fewer, more in ((0, 1), (0, 2), (1, 2)):
            shut, row = (priced(rows, method, wires, field) for wires in (fewer, more))
            if row and shut:
                both = (crossing(shut, row), crossing(shut, row, "uncut_variance"))
                lines.append(f"  {field:<4} {method:<11} {fewer} to {more}: {both[0]:.3g} ({both[1]:.3g})")
    return lines


def _digits(rows: Sequence[Row]) -> list[str]:
    lines = ["accuracy on digits: mean (low, high); what wires add; trained, weights, circuits, gamma, ms (uncut)"]
    for method in (*FRAGMENTS, "scratch", "classical", "pixels"):
        for wires in (0, 1, 2):
            chosen = selected(rows, system="digits", method=method, wires=wires)
            if chosen and chosen[0]["method"] == method:
                found, row = bootstrapped([one["accuracy"] for one in chosen]), chosen[0]
                added = worth(rows, method, wires) if method in FRAGMENTS else Value(math.nan, math.nan, math.nan)
                lines.append(
                    f"  {method:<11} {wires}: {found.value:.4f} ({found.low:.4f}, {found.high:.4f}) "
                    f"{added.value:+.4f} ({added.low:+.4f}, {added.high:+.4f}) {row['trained']:.0f} "
                    f"{row['weights']:.0f} {row['circuits']:.0f} {row['gamma']:.0f} {1e3 * row['seconds']:.2f} "
                    f"({1e3 * row['uncut_seconds']:.1f})"
                )
    return lines


if __name__ == "__main__":
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    with (home / "results.csv").open(newline="", encoding="utf-8") as file:
        print(report(parsed(csv.DictReader(file))))
