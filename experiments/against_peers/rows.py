"""What the rows say, in ratios of peers over cutq; ``python -m experiments.against_peers.rows`` prints all of it."""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

Row = dict[str, Any]
NUMBERS = {
    "rounds", "peer_rounds", "shots", "limit", "seed", "peer_value", "cutq_value", "ratio", "low", "high", "published",
    "difference", "cutq_once", "peer_once",
}  # fmt: skip
"""Columns that hold numbers; nan where there is none."""

NAMES = ("part", "case", "step", "quantity", "peer", "shots")
"""What tells comparisons apart."""

CUTTERS = {"PennyLane", "addon", "QCut", "4^K loop", "qTPU", "cutqc2"}
"""Peers that cut; the others take the circuit as it is."""


def parsed(rows: Iterable[Mapping[str, str]]) -> list[Row]:
    """Rows with numbers; of several of one comparison, as from modes with other rounds, the last."""
    found = [{key: float(text or "nan") if key in NUMBERS else text for key, text in row.items()} for row in rows]
    return list({tuple(row[name] for name in NAMES): row for row in found}.values())


def selected(rows: Sequence[Row], **settings: Any) -> list[Row]:
    """Rows of these settings; of one setting several may be named by a tuple."""
    return [row for row in rows if all(_is(row[name], value) for name, value in settings.items())]


def _is(found: Any, value: Any) -> bool:
    return found in value if isinstance(value, tuple) else found == value


def reruns(rows: Sequence[Row]) -> list[Row]:
    """Rows of peers that were run and gave an answer."""
    return [row for row in rows if row["kind"] == "rerun" and not math.isnan(row["ratio"])]


def losses(rows: Sequence[Row]) -> list[Row]:
    """Reruns in which the peer has the smaller number: fewer seconds, circuits, a smaller gamma or error."""
    return [row for row in reruns(rows) if row["ratio"] < 1]


def published_ratio(row: Row) -> float:
    """The published number over that of cutq; nan where there is none."""
    return row["published"] / row["cutq_value"]


def factor_per_cut(rows: Sequence[Row], kind: str, quantity: str, column: str = "peer_value") -> tuple[float, float]:
    """By what a number of the addon's workflow is multiplied with each cut, and its standard error.

    The fit is a straight line through the logarithms from two cuts on, where the fixed time of a call is small.
    """
    own = selected(reruns(rows), part="workflows", peer="addon", quantity=quantity)
    points = sorted((int(row["case"].rpartition("=")[2]), row[column]) for row in own if row["case"].startswith(kind))
    points = [point for point in points if point[0] > 1]
    if len(points) < 2:
        return math.nan, math.nan
    slope, error = _slope([k for k, _ in points], np.log([value for _, value in points]))
    return math.exp(slope), math.exp(slope) * error


def _slope(x: Sequence[float], y: Sequence[float]) -> tuple[float, float]:
    """Slope of a straight line, and its standard error; nan for two points.

    >>> _slope([0, 1, 2], [1, 3, 5])
    (2.0, 0.0)
    """
    a = np.stack([np.asarray(x, dtype=float), np.ones(len(x))], axis=1)
    found, *_ = np.linalg.lstsq(a, np.asarray(y, dtype=float), rcond=None)
    left = np.asarray(y) - a @ found
    spread = math.sqrt(np.sum(left**2) / max(len(x) - 2, 1) / np.sum((a[:, 0] - a[:, 0].mean()) ** 2))
    return round(float(found[0]), 9), round(spread, 9) if len(x) > 2 else math.nan


def line(row: Row) -> str:
    """A comparison as text."""
    shots = f" {row['shots']:g} shots" if row["shots"] else ""
    known = "" if math.isnan(row["published"]) else f"  published {row['published']:.4g}"
    if not math.isnan(row["published"]) and row["kind"] == "rerun":
        known += f" ({published_ratio(row):.3g} times)"
    span = "" if math.isnan(row["low"]) else f" ({row['low']:.3g} to {row['high']:.3g})"
    text = f"{row['case']}{shots}, {row['step']}, {row['quantity']}"
    sides = f"{row['peer']} {row['peer_value']:.4g}, cutq {row['cutq_value']:.4g}"
    remark = f"  [{row['remark']}]" if row["remark"] else ""
    once = (
        "" if math.isnan(row["cutq_once"]) else f"  once: cutq {row['cutq_once']:.3g} s, peer {row['peer_once']:.3g} s"
    )
    return f"  {text:<62} {sides:<44} ratio {row['ratio']:.3g}{span}{known}{once}{remark}"


def report(rows: Sequence[Row]) -> str:
    """All comparisons by part, where a peer is better, and how the addon's workflow grows."""
    lines = []
    for part in dict.fromkeys(row["part"] for row in rows):
        lines += ["", part, *(line(row) for row in selected(rows, part=part))]
    lines += ["", "where a peer that was run has the smaller number"]
    lines += [line(row) for row in losses(rows)]
    lines += ["", "factor with each cut, from two cuts on"]
    for kind, quantity in (("gates", "seconds"), ("gates", "circuits"), ("wires", "seconds"), ("wires", "circuits")):
        for side, column in (("addon", "peer_value"), ("cutq", "cutq_value")):
            found = factor_per_cut(rows, kind, quantity, column)
            lines.append("  {} {}, {}: {:.3g} +- {:.2g}".format(kind, quantity, side, *found))
    differences = [row["difference"] for row in rows if not math.isnan(row["difference"])]
    lines += ["", f"largest difference of values: {max(differences, default=math.nan):.1g} of {len(differences)}"]
    versions = dict.fromkeys(row["peer_version"] for row in reruns(rows))
    return "\n".join([*lines, "versions: " + "; ".join(versions)])


if __name__ == "__main__":
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    with (home / "results.csv").open(newline="", encoding="utf-8") as file:
        print(report(parsed(csv.DictReader(file))))
