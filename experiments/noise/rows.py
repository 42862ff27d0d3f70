"""What the rows say, as ``python -m experiments.noise.rows`` prints it: biases, errors, and where fragments win."""

from __future__ import annotations

import csv
import math
import statistics
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.harness import Median, median

Row = dict[str, Any]
Place = tuple[str, str]
"""A kind of noise and a shape."""

TEXTS = {"id", "format", "mode", "started", "kind", "shape", "way", "cutq", "numpy", "numba", "python", "cpu"}
TEXTS |= {"qiskit", "qiskit-aer"}
SETTINGS = ("kind", "strength", "shape", "modules", "way", "shots", "repeats", "seed")
NAMES = {
    ("none", "chain"): "no noise",
    ("gates", "chain"): "gates",
    ("gates", "bus"): "gates, bus",
    ("gates and cuts", "chain"): "gates and cuts",
    ("idle, read early", "chain"): "idle, read early",
    ("idle", "chain"): "idle",
    ("routing", "chain"): "routing, chain",
    ("routing", "bus"): "routing, bus",
    ("crosstalk", "chain"): "crosstalk",
    ("crosstalk, read early", "chain"): "crosstalk, read early",
    ("readout", "chain"): "readout",
    ("all", "chain"): "all, chain",
    ("all", "bus"): "all, bus",
    ("all, read early", "chain"): "all, early, chain",
    ("all, read early", "bus"): "all, early, bus",
}
"""What places are called, in the order of figures and tables."""

READOUT = 0.015
"""Chance of a wrong bit at strength 1, which the law of readings is held against."""


def parsed(rows: Iterable[Mapping[str, str]]) -> list[Row]:
    """Rows with numbers; of several with equal settings the last."""
    found = [{key: text if key in TEXTS else float(text or "nan") for key, text in row.items()} for row in rows]
    return list({tuple(row[name] for name in SETTINGS): row for row in found}.values())


def load(results: Path) -> list[Row]:
    """The rows of a file."""
    with results.open(newline="", encoding="utf-8") as file:
        return parsed(csv.DictReader(file))


def largest(rows: Sequence[Row]) -> float:
    """Modules of the circuits of figures."""
    return float(max(row["modules"] for row in rows))


def selected(rows: Sequence[Row], place: Place | None = None, **settings: Any) -> list[Row]:
    """Rows of a place with these settings, in the order of seeds; of the largest circuits if nothing else is said."""
    asked = {"modules": largest(rows), **settings}
    if place is not None:
        asked |= {"kind": place[0], "shape": place[1]}
    return sorted((row for row in rows if all(row[k] == v for k, v in asked.items())), key=lambda row: row["seed"])


def exact(rows: Sequence[Row], place: Place, way: str, strength: float = 1.0, **settings: Any) -> list[Row]:
    """Rows of what is expected, one for each circuit."""
    return selected(rows, place, way=way, strength=strength, shots=0, **settings)


def places(rows: Sequence[Row], drawn: bool = False) -> list[Place]:
    """Places that were measured, or those of which counts were drawn."""
    found = {(row["kind"], row["shape"]) for row in rows if not drawn or row["shots"]}
    return [place for place in NAMES if place in found]


def column(rows: Sequence[Row], value: Callable[[Row], float]) -> Median | None:
    """The median of a number over circuits, with its interval."""
    return median([value(row) for row in rows]) if rows else None


def bias(rows: Sequence[Row], place: Place, way: str, strength: float = 1.0, **settings: Any) -> Median | None:
    """The median magnitude of the bias over circuits."""
    return column(exact(rows, place, way, strength, **settings), lambda row: abs(row["bias"]))


def apart(rows: Sequence[Row], place: Place, strength: float = 1.0) -> list[float]:
    """By circuit how far what fragments give is from what the uncut circuit gives on the same device."""
    return [abs(row["apart"]) for row in exact(rows, place, "fragments", strength)]


def shots(rows: Sequence[Row]) -> list[float]:
    """The numbers of shots that were drawn."""
    return sorted({row["shots"] for row in rows if row["shots"] and row["way"] == "fragments"})


def error(row: Row) -> float:
    """The root of squared bias and variance.

    >>> error({"bias": 0.3, "deviation": 0.4})
    0.5
    """
    return math.hypot(row["bias"], row["deviation"])


def errors(rows: Sequence[Row], place: Place, way: str) -> list[tuple[float, Median]]:
    """By total shots the median error over circuits."""
    found = ((number, selected(rows, place, way=way, shots=number)) for number in shots(rows))
    return [(number, median([error(row) for row in own])) for number, own in found if own]


def ratios(rows: Sequence[Row], place: Place) -> list[tuple[float, Median]]:
    """By total shots the median over circuits of the error of fragments in units of the uncut one's."""
    return [(number, median(own)) for number in shots(rows) if (own := quotients(rows, place, number))]


def quotients(rows: Sequence[Row], place: Place, number: float) -> list[float]:
    """By circuit the error of fragments in units of the uncut one's, at so many shots."""
    cut, whole = (selected(rows, place, way=way, shots=number) for way in ("fragments", "uncut"))
    return [error(a) / error(b) for a, b in zip(cut, whole, strict=True)]


def wins(rows: Sequence[Row], place: Place, number: float) -> int:
    """Circuits whose error is smaller from fragments."""
    return sum(one < 1 for one in quotients(rows, place, number))


def less_biased(rows: Sequence[Row], place: Place, strength: float = 1.0) -> int:
    """Circuits whose bias is smaller from fragments."""
    cut, whole = (exact(rows, place, way, strength) for way in ("fragments", "uncut"))
    return sum(abs(a["bias"]) < abs(b["bias"]) for a, b in zip(cut, whole, strict=True))


def mean_square(values: Iterable[float]) -> float:
    """The mean of squares.

    >>> mean_square([1, 3])
    5.0
    """
    return statistics.fmean(value * value for value in values)


def variance(rows: Sequence[Row], place: Place, way: str) -> float:
    """Shots times the variance that is stated, with the most shots that were drawn, mean over circuits."""
    number = max(row["shots"] for row in selected(rows, place, way=way))
    return number * mean_square(row["stated"] for row in selected(rows, place, way=way, shots=number))


def crossing(rows: Sequence[Row], place: Place, strength: float = 1.0) -> float:
    """Shots at which the mean squared errors over all circuits are equal; inf where fragments never win.

    Variances are those at strength 1, biases those of this strength.
    """
    costs = variance(rows, place, "fragments") - variance(rows, place, "uncut")
    squares = (mean_square(row["bias"] for row in exact(rows, place, way, strength)) for way in ("uncut", "fragments"))
    whole, cut = squares
    return costs / (whole - cut) if whole - cut > 1e-12 else math.inf


def spread(rows: Sequence[Row], way: str, number: float) -> tuple[float, float]:
    """The deviation of drawn estimates in units of what they state, and its standard error; all places together."""
    own = [row for row in rows if row["way"] == way and row["shots"] == number and row["modules"] == largest(rows)]
    ratio = math.sqrt(mean_square(row["deviation"] for row in own) / mean_square(row["stated"] for row in own))
    # Places share their random numbers, so that only the circuits of one of them are counted.
    free = sum(row["repeats"] - 1 for row in own) / len({(row["kind"], row["shape"]) for row in own})
    return ratio, ratio / math.sqrt(2 * free)


def readings(rows: Sequence[Row], strength: float = 1.0) -> tuple[float, float]:
    """Largest deviation of uncut values from ``(1 - 2 p)**modules``, and the median factor that fragments have."""
    place, p = ("readout", "chain"), READOUT * strength
    whole, cut = (exact(rows, place, way, strength) for way in ("uncut", "fragments"))
    law = (1 - 2 * p) ** largest(rows)
    return (
        max(abs(row["value"] - law * row["ideal"]) for row in whole),
        statistics.median(row["value"] / row["ideal"] for row in cut),
    )


def classical(rows: Sequence[Row]) -> tuple[float, float]:
    """Largest error of exact values, and the median of the seconds that they take."""
    own = selected(rows, way="classical")
    return max(abs(row["bias"]) for row in own), statistics.median(row["seconds"] for row in own)


def strengths(rows: Sequence[Row], place: Place) -> list[float]:
    """The strengths of a place."""
    return sorted({row["strength"] for row in selected(rows, place, shots=0) if row["way"] != "classical"})


def report(rows: Sequence[Row]) -> str:
    """All that is quoted, in lines of text."""
    lines = ["exact simulation: error {:.1e}, {:.2g} s".format(*classical(rows))]
    lines += _biases(rows) + _errors(rows)
    for way in ("uncut", "fragments", "fragments, uniform"):
        for number in sorted({row["shots"] for row in rows if row["way"] == way and row["shots"]}):
            lines.append(
                "deviation / stated, {:<19} {:>7g}: {:.3f} +- {:.3f}".format(way, number, *spread(rows, way, number))
            )
    for strength in strengths(rows, ("readout", "chain")):
        lines.append(
            "readings x{:g}: off the law {:.1e}; factor of fragments {:.4f}".format(strength, *readings(rows, strength))
        )
    return "\n".join(lines)


def _text(found: Median | None) -> str:
    return "-" if found is None else f"{found.value:.2g} [{found.low:.2g}, {found.high:.2g}]"


def _biases(rows: Sequence[Row]) -> list[str]:
    lines = ["median |bias|, uncut and fragments, by modules and strength; their largest difference"]
    for place in places(rows):
        for modules in sorted({row["modules"] for row in rows}):
            for strength in strengths(rows, place) if modules == largest(rows) else (1.0,):
                two = [bias(rows, place, way, strength, modules=modules) for way in ("uncut", "fragments")]
                own = exact(rows, place, "fragments", strength, modules=modules)
                far = max((abs(row["apart"]) for row in own), default=math.nan)
                texts = "  ".join(f"{_text(one):<28}" for one in two)
                lines.append(f"  {NAMES[place]:<22} {modules:g} x{strength:<4g} {texts} {far:.1e}")
    lines.append("SWAPs, waits, neighbours at a time: uncut, all fragments")
    for place in places(rows):
        whole, cut = (exact(rows, place, way)[0] for way in ("uncut", "fragments"))
        counts = "  ".join(f"{whole[name]:g} {cut[name]:g}" for name in ("swaps", "waits", "beside"))
        lines.append(f"  {NAMES[place]:<22} {counts:<20} less biased from fragments: {less_biased(rows, place)}")
    return lines


def _errors(rows: Sequence[Row]) -> list[str]:
    lines = ["error uncut, of fragments, ratio, by total shots; shots times variance; crossing by strength"]
    for place in places(rows, drawn=True):
        whole, cut = (dict(errors(rows, place, way)) for way in ("uncut", "fragments"))
        for number, ratio in ratios(rows, place):
            texts = f"{_text(whole[number]):<28} {_text(cut[number]):<28} {_text(ratio):<20}"
            texts += f" wins {wins(rows, place, number)}"
            lines.append(f"  {NAMES[place]:<22} {number:>7g}  {texts}")
        costs = " ".join(f"{variance(rows, place, way):.2f}" for way in ("uncut", "fragments", "fragments, uniform"))
        found = "  ".join(f"x{one:g}: {crossing(rows, place, one):.2g}" for one in strengths(rows, place))
        lines.append(f"  {NAMES[place]:<22} N Var {costs}; even at {found}")
    return lines


if __name__ == "__main__":
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    print(report(load(home / "results.csv")))
