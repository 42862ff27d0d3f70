"""What the rows say: lines, fitted laws, the width from which a device is faster, and the fastest ways.

``python -m experiments.crossover.rows`` prints every number that the README quotes.
"""

from __future__ import annotations

import csv
import math
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments.harness import Median, median

Row = dict[str, Any]
Point = tuple[float, float, float, float]
"""A place, a median there, and its interval."""

TEXTS = {"id", "format", "mode", "started", "method", "frames", "why", "cutq", "numpy", "numba", "python", "cpu"}
TEXTS |= {"quimb", "cotengra"}
KEYS = ("method", "width", "modules", "layers", "links", "strength", "frames", "seed")
RATES = {"slow": 1e3, "fast": 1e6}
"""Shots that a device is modelled to make in a second."""

ERROR = 1e-3
STRENGTH = 0.3
"""Of the links where another thing is varied."""

FIRST = {"state": 5, "mps": 10, "contraction": 8, "cut": 12}
"""Qubits of a module from which the time of each way is fitted: below, it is mostly what any evaluation takes."""

WAYS, DEPTHS = tuple(FIRST), ("shallow", "deep")
EXTENDED = ("state", "mps", "cut")
"""What follows a law; the orders of contraction that a search finds do not."""

BEYOND = (18, 20, 22, 24)
"""Qubits of deep modules to which times are extrapolated: no further, for the laws of few points differ by little."""


def parsed(rows: Iterable[Mapping[str, str]]) -> list[Row]:
    """Rows with numbers; of several with equal settings, as from modes with other rounds, the last."""
    found = [{key: text if key in TEXTS else float(text or "nan") for key, text in row.items()} for row in rows]
    return list({tuple(row[name] for name in KEYS): row for row in found}.values())


def selected(rows: Sequence[Row], **settings: Any) -> list[Row]:
    """Rows of these settings; "deep" and "shallow" say how many layers modules have."""
    depth = settings.pop("depth", None)
    chosen = [row for row in rows if all(row[name] == value for name, value in settings.items())]
    return [row for row in chosen if depth is None or (row["layers"] == row["width"]) == (depth == "deep")]


# --- times ---


def times(rows: Sequence[Row], method: str, depth: str, links: int = 1, modules: int = 3) -> list[Point]:
    """CPU seconds by the width of a module, where the method was not given up."""
    own = selected(rows, method=method, links=links, modules=modules, depth=depth)
    return sorted((row["width"], row["seconds"], row["low"], row["high"]) for row in own if row["seconds"] > 0)


def given_up(rows: Sequence[Row]) -> list[tuple[str, int, str, int, str]]:
    """(method, width, depth, links, why) of what was given up."""
    own = [row for row in rows if row["why"]]
    return sorted((r["method"], int(r["width"]), depth_of(r), int(r["links"]), r["why"]) for r in own)


def depth_of(row: Row) -> str:
    return "deep" if row["layers"] == row["width"] else "shallow"


def shots(rows: Sequence[Row], column: str = "shots", **settings: Any) -> Median:
    """The median over systems of a number of shots for an error of a thousandth."""
    own = selected(rows, **{"method": "shots", "frames": "lean", **settings})
    return median([row[column] for row in own])


def device(rows: Sequence[Row], column: str, depth: str, rate: float, modules: int = 3) -> list[Point]:
    """Modelled seconds on a device by the width of a module."""
    own = selected(rows, method="shots", frames="lean", modules=modules, depth=depth, links=1, strength=STRENGTH)
    return _medians((row["width"], row[column] / rate) for row in own)


# --- laws ---


@dataclass(frozen=True)
class Law:
    """Seconds = factor * base ** qubits of a module.

    Attributes:
        base, error: for each qubit of a module, and its standard error.
        factor: at no qubit.
        last: the widest module of the fit.
    """

    base: float
    error: float
    factor: float
    last: float

    def at(self, width: float) -> float:
        """Seconds."""
        return float(self.factor * self.base**width)

    def width(self, seconds: float) -> float:
        """From which it takes so long.

        >>> round(Law(2.0, 0.0, 1e-6, 20).width(1.024e-3), 9)
        10.0
        """
        return math.log(seconds / self.factor) / math.log(self.base)


def law(points: Sequence[Point], first: float) -> Law:
    """The line through the logarithms from a width on, of the last two points at least; nan with fewer."""
    own = [point for point in points if point[0] >= first]
    own = own if len(own) > 1 else list(points)[-2:]
    if len(own) < 2:
        return Law(math.nan, math.nan, math.nan, math.nan)
    x, y = np.array([p[0] for p in own]), np.log([p[1] for p in own])
    slope, offset = np.polyfit(x, y, 1)
    left = y - slope * x - offset
    spread = math.sqrt(np.sum(left**2) / max(len(x) - 2, 1) / np.sum((x - x.mean()) ** 2))
    return Law(float(np.exp(slope)), float(np.exp(slope) * spread), float(np.exp(offset)), float(x[-1]))


def per_gate(rows: Sequence[Row]) -> Law:
    """The time of a gate of a deep cut system: two for each qubit of a module."""
    own = selected(rows, method="cut", links=1, modules=3, depth="deep")
    return law(sorted((row["width"], row["seconds"] / row["gates"], 0.0, 0.0) for row in own), FIRST["cut"])


def laws(rows: Sequence[Row], depth: str = "deep") -> dict[str, Law]:
    """By method how its time grows with the width of a module, of three modules with one link."""
    return {method: law(times(rows, method, depth), first) for method, first in FIRST.items()}


# --- where a device is faster ---


def needed_from(rows: Sequence[Row], rate: float, column: str = "shots", faster: float = 1.0) -> Median:
    """Qubits of a module from which a device is faster than exact cutting on so many times this computer."""
    cut = laws(rows)["cut"]
    found = shots(rows, column, modules=3, links=1, strength=STRENGTH, depth="deep")
    ends = (found.value, found.low, found.high)
    return Median(*(cut.width(faster * number / rate) for number in ends))


@dataclass(frozen=True)
class Threshold:
    """Qubits that a device has to have to be faster than a computer that simulates the fragments.

    Attributes:
        label: of what.
        qubits: of the device, with an interval.
    """

    label: str
    qubits: Median


def thresholds(rows: Sequence[Row], modules: int = 3) -> list[Threshold]:
    """With cuts at both rates, also against many cores; and the whole system uncut at the fast one."""
    whole = needed_from(rows, RATES["fast"], "uncut_shots")
    uncut = Median(*(modules * qubits for qubits in (whole.value, whole.low, whole.high)))
    return [
        Threshold("cut, 10$^6$ shots/s,\nbeats 1 core", needed_from(rows, RATES["fast"])),
        Threshold("cut, 10$^6$ shots/s,\nbeats 1000 cores", needed_from(rows, RATES["fast"], faster=1e3)),
        Threshold("cut, 10$^3$ shots/s,\nbeats 1000 cores", needed_from(rows, RATES["slow"], faster=1e3)),
        Threshold("uncut, 10$^6$ shots/s,\nbeats 1 core", uncut),
    ]


@dataclass(frozen=True)
class Best:
    """The fastest way to a value.

    Attributes:
        method: of :data:`WAYS`, or "device" for cut modules on a modelled one at the fast rate.
        ratio: how many times faster than the next.
        measured: on this computer, not modelled or extrapolated.
    """

    method: str
    ratio: float
    measured: bool


def fastest(rows: Sequence[Row]) -> dict[tuple[str, int, int], Best]:
    """By (depth, links, width) the fastest way, of deep modules also beyond what was measured."""
    found = {}
    for depth in DEPTHS:
        for links in (1, 2, 3):
            lines = {method: times(rows, method, depth, links) for method in WAYS}
            widths = {point[0] for points in lines.values() for point in points}
            for width in sorted(widths | set(BEYOND if depth == "deep" else ())):
                found[depth, links, int(width)] = _best(rows, lines, depth, links, width)
    return found


def _best(rows: Sequence[Row], lines: Mapping[str, Sequence[Point]], depth: str, links: int, width: float) -> Best:
    measured = {method: point[1] for method, points in lines.items() for point in points if point[0] == width}
    others = {"device": _cut_device(rows, links)}
    if depth == "deep":
        missing = {method: law(lines[method], FIRST[method]).at(width) for method in EXTENDED if method not in measured}
        others |= {method: seconds for method, seconds in missing.items() if math.isfinite(seconds)}
    ordered = sorted({**measured, **others, "": math.inf}.items(), key=lambda pair: pair[1])
    first, second = ordered[:2]
    return Best(first[0], second[1] / first[1], first[0] in measured)


def _cut_device(rows: Sequence[Row], links: int) -> float:
    """Modelled seconds at the fast rate; shot by shot where the fragments have too many legs to be tabulated."""
    own = selected(rows, method="shots", frames="lean", modules=3, links=links, strength=STRENGTH, depth="deep")
    numbers = [row["sampled_shots"] if math.isnan(row["shots"]) else row["shots"] for row in own]
    return statistics.median(numbers) / RATES["fast"] if numbers else math.inf


# --- the reason ---


def spreads(rows: Sequence[Row], links: int) -> list[Point]:
    """What links do to the state of two modules, by the gamma of cutting them together; medians over systems."""
    return _by_gamma((row, row["spread"]) for row in selected(rows, method="link", links=links, modules=2))


def variances(rows: Sequence[Row], links: int, column: str = "shots") -> list[Point]:
    """Shots times error ** 2 of two modules, cut or uncut, by the gamma of cutting their links together."""
    own = selected(rows, method="shots", links=links, modules=2, frames="lean")
    return _by_gamma((row, row[column] * ERROR**2) for row in own)


def exponent(rows: Sequence[Row]) -> tuple[float, float]:
    """The power of gamma with which the shots of two cut modules grow, and its standard error; over all links."""
    points = [point for links in (1, 2, 3) for point in variances(rows, links)]
    found = law([(math.log(gamma), value, low, high) for gamma, value, low, high in points], -math.inf)
    return math.log(found.base), found.error / found.base


def _by_gamma(numbers: Iterable[tuple[Row, float]]) -> list[Point]:
    return _medians((row["joint_gamma"], number) for row, number in numbers)


def _medians(pairs: Iterable[tuple[float, float]]) -> list[Point]:
    """One point for each place: the median there with its interval."""
    places: dict[float, list[float]] = defaultdict(list)
    for place, number in pairs:
        places[place].append(number)
    found = {place: median(numbers) for place, numbers in sorted(places.items())}
    return [(place, one.value, one.low, one.high) for place, one in found.items()]


def frames(rows: Sequence[Row]) -> dict[tuple[int, float], tuple[float, float]]:
    """By (links, strength) the shots of both ways to run a link, "lean" and "full", for the same systems."""
    found = {}
    for full in selected(rows, method="shots", frames="full"):
        keys = {name: full[name] for name in KEYS if name != "frames"}
        lean = selected(rows, **keys, frames="lean")
        if lean:
            found[int(full["links"]), full["strength"]] = (lean[0]["shots"], full["shots"])
    return found


# --- in words ---


def load(results: Path) -> list[Row]:
    """The rows of a file."""
    with results.open(newline="", encoding="utf-8") as file:
        return parsed(csv.DictReader(file))


if __name__ == "__main__":
    from experiments.crossover.text import report

    home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    print(report(load(home / "results.csv")))
