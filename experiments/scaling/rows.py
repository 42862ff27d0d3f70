"""What the rows say: lines, fitted exponents, and which way wins; ``python -m experiments.scaling.rows`` prints it."""

from __future__ import annotations

import csv
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

Row = dict[str, Any]
Point = tuple[float, float, float, float]
"""A place, a median there, and its interval."""

TEXTS = {"id", "format", "mode", "started", "shape", "method", "clock", "cutq", "numpy", "numba", "python", "cpu"}
TEXTS |= {"cotengra"}
MANY = 100
"""Modules from which the law in k is fitted: evaluations of fewer are mostly what any evaluation takes."""

BASE_FROM = 8
"""Qubits of a module from which the time of a gate is fitted."""


def parsed(rows: Iterable[Mapping[str, str]]) -> list[Row]:
    """Rows with numbers; of several with equal settings, as from modes with other rounds, the last."""
    found = [{key: text if key in TEXTS else float(text or "nan") for key, text in row.items()} for row in rows]
    names = ("shape", "num_wires", "modules", "shared", "method", "threads", "clock", "seed")
    return list({tuple(row[name] for name in names): row for row in found}.values())


def selected(rows: Sequence[Row], **settings: Any) -> list[Row]:
    """Rows of these settings; fragments on one thread by the CPU's clock where nothing else is said."""
    asked = {"method": "fragments", "threads": 1, "clock": "cpu", **settings}
    return [row for row in rows if all(row[name] == value for name, value in asked.items())]


def line(rows: Sequence[Row], x: str, y: str, scale: float = 1.0) -> list[Point]:
    """One column over another, in order; without an interval where there is none."""
    stem = y.removesuffix("_s")
    low, high = (f"{stem}_{end}" if f"{stem}_{end}" in (rows or [{}])[0] else y for end in ("low", "high"))
    return _grouped((row[x], row[y] * scale, row[low] * scale, row[high] * scale) for row in rows)


def per_gate(rows: Sequence[Row], x: str) -> list[Point]:
    """Nanoseconds of a value for each gate."""
    names = ("value_s", "value_low", "value_high")
    return _grouped((row[x], *(1e9 * row[name] / row["gates"] for name in names)) for row in rows)


def _grouped(points: Iterable[Sequence[float]]) -> list[Point]:
    """One point for each place: the median of the medians there, and all of their intervals.

    >>> _grouped([(2, 5, 4, 6), (1, 3, 2, 4), (2, 7, 6, 9)])
    [(1, 3, 2, 4), (2, 6.0, 4, 9)]
    """
    places: dict[float, list[Sequence[float]]] = defaultdict(list)
    for point in points:
        places[point[0]].append(point)
    return [
        (x, statistics.median(own[1] for own in found), min(own[2] for own in found), max(own[3] for own in found))
        for x, found in sorted(places.items())
    ]


def law_width(rows: Sequence[Row]) -> int:
    """Qubits of the modules whose number is varied most."""
    return int(Counter(row["num_wires"] for row in selected(rows, shape="tree")).most_common(1)[0][0])


def wide_length(rows: Sequence[Row]) -> int:
    """Modules in the chains whose width is varied most."""
    return int(Counter(row["modules"] for row in selected(rows, shape="chain", shared=2)).most_common(1)[0][0])


def slope(x: Sequence[float], y: Sequence[float]) -> tuple[float, float]:
    """Slope of a straight line, and its standard error; nan where there are too few points.

    >>> slope([0, 1, 2], [1, 3, 5])
    (2.0, 0.0)
    """
    if len(x) < 2:
        return float("nan"), float("nan")
    a = np.stack([np.asarray(x, dtype=float), np.ones(len(x))], axis=1)
    (found, offset), *_ = np.linalg.lstsq(a, np.asarray(y, dtype=float), rcond=None)
    left = np.asarray(y) - a @ np.array([found, offset])
    spread = np.sqrt(np.sum(left**2) / max(len(x) - 2, 1) / np.sum((a[:, 0] - a[:, 0].mean()) ** 2))
    return round(float(found), 4), round(float(spread), 4)


def exponent(rows: Sequence[Row], shape: str, y: str = "value_s") -> tuple[float, float]:
    """The power of the number of modules in the time of many of them, and its standard error."""
    found = line(selected(rows, shape=shape, num_wires=law_width(rows), shared=1), "modules", y)
    chosen = [point for point in found if point[0] >= MANY]
    return slope(np.log([point[0] for point in chosen]), np.log([point[1] for point in chosen]))


def base(rows: Sequence[Row], shared: int, y: str = "value_s") -> tuple[float, float]:
    """By what each qubit of a module multiplies the time of a gate, and its standard error."""
    chosen = selected(rows, shape="chain", modules=wide_length(rows), shared=shared)
    chosen = [row for row in chosen if row["num_wires"] >= BASE_FROM]
    found, error = slope([row["num_wires"] for row in chosen], np.log2([row[y] / row["gates"] for row in chosen]))
    return round(2.0**found, 4), round(2.0**found * error * np.log(2), 4)


def winner(rows: Sequence[Row], y: str = "gradient_s") -> dict[tuple[float, float], tuple[str, float]]:
    """By (qubits of a module, modules) the fastest way, and how many times faster than the next."""
    places: dict[tuple[float, float], dict[str, float]] = defaultdict(dict)
    for method in ("fragments", "statevector", "gates"):
        for row in selected(rows, shape="chain", shared=1, method=method):
            places[row["num_wires"], row["modules"]][method] = row[y]
    found = {}
    for place, times in places.items():
        if place[1] > 1 and "fragments" in times and len(times) > 1:
            first, second = sorted(times.items(), key=lambda pair: pair[1])[:2]
            found[place] = (first[0], second[1] / first[1])
    widths = Counter(modules for _, modules in found)
    # The lengths of the map, and not those at which the law in k alone was measured.
    return {place: best for place, best in found.items() if 2 * widths[place[1]] >= max(widths.values())}


def crossings(rows: Sequence[Row]) -> dict[int, int | None]:
    """By qubits of a module the least number of modules from which cutting wins at every length measured."""
    cells = winner(rows)
    found = {}
    for width in sorted({place[0] for place in cells}):
        lengths = sorted(k for n, k in cells if n == width)
        lost = max((k for k in lengths if cells[width, k][0] != "fragments"), default=0)
        found[int(width)] = next((int(k) for k in lengths if k > lost), None)
    return found


def threads(rows: Sequence[Row]) -> dict[int, tuple[float, float, float]]:
    """By qubits of a module how many times faster two threads are than one, by the clock on the wall."""
    found = selected(rows, shape="chain", clock="wall", threads=2)
    return {int(row["num_wires"]): (row["speedup"], row["speedup_low"], row["speedup_high"]) for row in found}


def report(rows: Sequence[Row]) -> str:
    """All fits in lines of text."""
    lines = [f"modules of {law_width(rows)} qubits: time = modules ** e, from {MANY} modules on"]
    for shape in ("chain", "tree", "ring", "grid"):
        for y in ("value_s", "gradient_s"):
            lines.append("  {:<6} {:<11} e = {:.3f} +- {:.3f}".format(shape, y[:-2], *exponent(rows, shape, y)))
    lines.append(f"chains of {wide_length(rows)} modules: time per gate = base ** qubits, from {BASE_FROM} qubits")
    for shared in (1, 2, 3):
        for y in ("value_s", "gradient_s"):
            lines.append("  {} wires {:<11} base = {:.3f} +- {:.3f}".format(shared, y[:-2], *base(rows, shared, y)))
    lines.append(f"cutting wins from so many modules, by qubits of a module: {crossings(rows)}")
    for width, found in threads(rows).items():
        lines.append("two threads, modules of {} qubits: {:.2f} times faster ({:.2f} to {:.2f})".format(width, *found))
    return "\n".join(lines)


if __name__ == "__main__":
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    with (home / "results.csv").open(newline="", encoding="utf-8") as file:
        print(report(parsed(csv.DictReader(file))))
