"""What the rows say: means, paired differences, prices; ``python -m experiments.encoding.rows`` prints it."""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

Row = dict[str, Any]
Series = dict[float, float]
"""By seed a number."""

TEXTS = {"id", "format", "mode", "started", "data", "arm", "encoding", "way", "cutq", "numpy", "numba", "python", "cpu"}
TEXTS |= {"scikit-learn"}
ENCODINGS = ("angle", "re-uploading", "ZZ", "amplitude", "basis")
RESAMPLES = 4000
COMPARED = (("three bases", "linked"), ("three bases, shots", "linked, shots"), ("products", "linked"))
"""What is had of unlinked modules, and what links bring."""


@dataclass(frozen=True)
class Mean:
    """A mean over seeds with its interval of 95 %."""

    value: float
    low: float
    high: float

    def __format__(self, spec: str) -> str:
        return f"{self.value:{spec}} ({self.low:{spec}} to {self.high:{spec}})"


def parsed(rows: Iterable[Mapping[str, str]]) -> list[Row]:
    """Rows with numbers; nan where there is none."""
    found = [{key: text if key in TEXTS else float(text or "nan") for key, text in row.items()} for row in rows]
    return list({row["id"]: row for row in found}.values())


def chosen(rows: Sequence[Row], **settings: Any) -> list[Row]:
    """Rows of these settings."""
    return [row for row in rows if all(row[name] == value for name, value in settings.items())]


def numbers(rows: Sequence[Row], name: str) -> list[int]:
    """What a setting is in these rows, in order."""
    return sorted({int(row[name]) for row in rows})


def series(rows: Sequence[Row], column: str, **settings: Any) -> Series:
    """A column by seed; those without a number are left out."""
    return {row["seed"]: row[column] for row in chosen(rows, **settings) if not math.isnan(row[column])}


def mean(samples: Iterable[float]) -> Mean:
    """The mean over seeds; its interval from resampling them, made wider by ``sqrt(n / (n - 1))`` for there are few.

    >>> mean([1.0, 1.0, 1.0])
    Mean(value=1.0, low=1.0, high=1.0)
    """
    x = np.array(list(samples))
    if len(x) < 2:
        return Mean(float(x.mean()), float(x.mean()), float(x.mean()))
    drawn = x[np.random.default_rng(0).integers(len(x), size=(RESAMPLES, len(x)))].mean(axis=1) - x.mean()
    low, high = x.mean() + math.sqrt(len(x) / (len(x) - 1)) * np.quantile(drawn, [0.025, 0.975])
    return Mean(float(x.mean()), float(low), float(high))


def gain(first: Series, second: Series) -> Mean | None:
    """The mean difference of the seeds that both have; None where there are none.

    >>> gain({0: 0.9, 1: 0.8}, {0: 0.8, 1: 0.7, 2: 0.1}).value.__round__(12)
    0.1
    """
    both = first.keys() & second.keys()
    return mean(first[seed] - second[seed] for seed in sorted(both)) if both else None


def split_gain(rows: Sequence[Row], column: str, **settings: Any) -> Mean | None:
    """What links add to a column."""
    return gain(series(rows, column, arm="linked", **settings), series(rows, column, arm="unlinked", **settings))


def middle(rows: Sequence[Row], column: str, **settings: Any) -> float:
    """The median of a column; nan where there is nothing."""
    found = list(series(rows, column, **settings).values())
    return float(np.median(found)) if found else math.nan


def best_split(rows: Sequence[Row], column: str, **settings: Any) -> tuple[str, int] | None:
    """Arm and modules of the split with the best mean; the same test rows choose it, so it is a little too good."""
    splits = {(row["arm"], int(row["modules"])) for row in chosen(rows, **settings) if row["modules"] > 1}
    found = {one: series(rows, column, arm=one[0], modules=one[1], **settings) for one in sorted(splits)}
    scores = {one: float(np.mean(list(own.values()))) for one, own in found.items() if own}
    return max(scores, key=scores.__getitem__) if scores else None


# --- the report ---


def report(rows: Sequence[Row]) -> str:
    """All numbers in lines of text."""
    parts = (_laws, _baselines, _best, _gains, _summary, _shots, _prices, _products, _seconds)
    return "\n".join(line for part in parts for line in part(rows))


def _laws(rows: Sequence[Row]) -> list[str]:
    cut = [row for row in rows if row["formula"] > 0]
    same = sum(row["circuits"] == row["formula"] for row in cut)
    deviations = [row["deviation"] for row in cut if not math.isnan(row["deviation"])]
    worst = max(deviations, default=math.nan)
    loads = [row["load"] for row in rows if not math.isnan(row["load"])]
    times = [datetime.fromisoformat(row["started"]) for row in rows]
    minutes = (max(times) - min(times)).total_seconds() / 60
    return [
        f"circuits equal the formula in {same} of {len(cut)} rows",
        f"cut or light cones minus uncut state, largest of {len(deviations)} rows: {worst:.1e}",
        f"{len(rows)} rows in {minutes:.1f} minutes, median load {np.median(loads or [math.nan]):.1f}",
    ]


def _baselines(rows: Sequence[Row]) -> list[str]:
    lines = ["baselines, accuracy by features"]
    for data in ("digits", "products"):
        for arm in ("logistic", "RBF-SVM"):
            own = chosen(rows, data=data, arm=arm)
            cells = (f"{d}: {mean(series(own, 'accuracy', features=d).values()):.3f}" for d in numbers(own, "features"))
            lines.append(f"  {data:<9} {arm:<9} {'  '.join(cells)}")
    return lines


def _best(rows: Sequence[Row]) -> list[str]:
    lines = ["digits, uncut and best split"]
    for column in ("accuracy", "with_shots", "three_bases", "three_with_shots"):
        for encoding in ENCODINGS:
            own = chosen(rows, data="digits", encoding=encoding)
            for d in numbers(own, "features"):
                whole = series(own, column, features=d, arm="uncut").values()
                best = best_split(own, column, features=d)
                if best:
                    top = series(own, column, features=d, arm=best[0], modules=best[1])
                    text = f"best {best[0]} {best[1]:>2} {mean(top.values()):.3f}"
                    text += f"  uncut {mean(whole):.3f}" if whole else ""
                    lines.append(f"  {column:<16} {encoding:<12} {d:>2}  {text}")
    return lines


def _gains(rows: Sequence[Row]) -> list[str]:
    """Paired differences to modules without links, in points."""
    lines = ["points above unlinked modules: links, with shots, products, three bases, with shots, uncut, logistic"]
    for data, encoding in sorted({(row["data"], row["encoding"]) for row in rows if row["encoding"]}):
        own = chosen(rows, data=data, encoding=encoding)
        for d in numbers(own, "features"):
            for m in numbers(chosen(own, features=d, arm="unlinked"), "modules"):
                found = differences(chosen(rows, data=data, features=d), encoding, m)
                cells = [f"{points(one):+.1f}" if one else "-" for one in found.values()]
                lines.append(f"  {data:<9} {encoding:<12} {d:>2} in {m:>2}  {'  '.join(cells)}")
    return lines


def points(one: Mean) -> Mean:
    """In points of accuracy, a hundredth each."""
    return Mean(100 * one.value, 100 * one.low, 100 * one.high)


def differences(rows: Sequence[Row], encoding: str, modules: int) -> dict[str, Mean | None]:
    """Of one task and number of features: what links, products and other ways add to modules that are not linked."""
    own = {"encoding": encoding, "modules": modules}
    base, noisy = (series(rows, column, arm="unlinked", **own) for column in ("accuracy", "with_shots"))
    return {
        "linked": split_gain(rows, "accuracy", **own),
        "linked, shots": split_gain(rows, "with_shots", **own),
        "products": gain(series(rows, "with_products", arm="unlinked", **own), base),
        "three bases": gain(series(rows, "three_bases", arm="unlinked", **own), base),
        "three bases, shots": gain(series(rows, "three_with_shots", arm="unlinked", **own), noisy),
        "uncut": gain(series(rows, "accuracy", arm="uncut", encoding=encoding), base),
        "logistic": gain(series(rows, "accuracy", arm="logistic"), base),
    }


def cells(rows: Sequence[Row], data: str) -> list[dict[str, Mean | None]]:
    """The differences of every encoding, number of features and of modules."""
    places = {(row["encoding"], row["features"], row["modules"]) for row in chosen(rows, data=data, arm="linked")}
    return [differences(chosen(rows, data=data, features=d), encoding, int(m)) for encoding, d, m in sorted(places)]


def signs(found: Iterable[Mean | None]) -> tuple[int, int, int]:
    """In how many cells the interval is above 0, around it, and below."""
    kept = [one for one in found if one is not None]
    above, below = sum(one.low > 0 for one in kept), sum(one.high < 0 for one in kept)
    return above, len(kept) - above - below, below


def _summary(rows: Sequence[Row]) -> list[str]:
    lines = ["cells where it is better than unlinked modules, open, worse"]
    for data in ("digits", "products"):
        own = cells(rows, data)
        lines += [f"  {data:<9} {name:<19} {signs(one[name] for one in own)}" for name in (own or [{}])[0]]
        for first, second in (
            ("three bases", "linked"),
            ("three bases, shots", "linked, shots"),
            ("products", "linked"),
        ):
            both = [(one[first], one[second]) for one in own if one[first] and one[second]]
            more = sum(left.value > right.value for left, right in both)
            lines.append(f"  {data:<9} {first} more than {second} in {more} of {len(both)}")
    return lines


def _shots(rows: Sequence[Row]) -> list[str]:
    lines = ["digits, angle: shots for a sample for an error of 0.1; accuracy exact and with 10,000 shots for a sample"]
    own = chosen(rows, data="digits", encoding="angle")
    for d in numbers(own, "features"):
        for arm, m in sorted({(row["arm"], int(row["modules"])) for row in chosen(own, features=d)}):
            at = {"features": d, "arm": arm, "modules": m}
            exact, noisy = (series(own, column, **at).values() for column in ("accuracy", "with_shots"))
            text = f"{middle(own, 'shots_needed', **at):8.0f} shots  {mean(exact):.3f}"
            text += f"  {mean(noisy):.3f}" if noisy else ""
            lines.append(f"  {d:>2} {arm:<9} {m:>2}  {middle(own, 'circuits', **at):4.0f} circuits {text}")
    return lines


def _prices(rows: Sequence[Row]) -> list[str]:
    lines = ["digits, prices: qubits, width, one- and two-qubit gates, depth, circuits, shots for an error of 0.1"]
    columns = ("qubits", "width", "one_qubit", "two_qubit", "depth", "circuits", "shots_needed")
    for encoding in ENCODINGS:
        own = chosen(rows, data="digits", encoding=encoding)
        for d in numbers(own, "features"):
            for arm, m in sorted({(row["arm"], int(row["modules"])) for row in chosen(own, features=d)}):
                cells = (f"{middle(own, name, features=d, arm=arm, modules=m):.0f}" for name in columns)
                lines.append(f"  {encoding:<12} {d:>2} {arm:<9} {m:>2}  {'  '.join(cells)}")
    return lines


def _products(rows: Sequence[Row]) -> list[str]:
    lines = ["products: accuracy of unlinked, linked, linked with shots, with products of Z, uncut"]
    ways = (("unlinked", "accuracy"), ("linked", "accuracy"), ("linked", "with_shots"), ("unlinked", "with_products"))
    for encoding in ENCODINGS:
        own = chosen(rows, data="products", encoding=encoding)
        for d in numbers(own, "features"):
            for m in numbers(chosen(own, features=d, arm="linked"), "modules"):
                found = [series(own, column, features=d, modules=m, arm=arm) for arm, column in ways]
                found.append(series(own, "accuracy", features=d, arm="uncut"))
                cells = (f"{mean(one.values()):.3f}" if one else "-" for one in found)
                lines.append(f"  {encoding:<12} {d:>2} in {m:>2}  {'  '.join(cells)}")
    return lines


def _seconds(rows: Sequence[Row]) -> list[str]:
    lines = ["digits, angle: seconds for 1,000 samples, medians: what is run, uncut as a state, compiled once"]
    columns = ("seconds", "uncut_seconds", "compiled")
    kept = [row for row in chosen(rows, data="digits") if row["encoding"] in ("angle", "")]
    for d, m, arm in sorted({(int(row["features"]), int(row["modules"]), row["arm"]) for row in kept}):
        own = chosen(kept, features=d, modules=m, arm=arm)
        cells = "  ".join(f"{middle(own, name):.2g}" for name in columns)
        lines.append(f"  {d:>2} {arm:<9} {m:>2}  {cells}  {own[0]['way']}")
    return lines


if __name__ == "__main__":
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    with (home / "results.csv").open(newline="", encoding="utf-8") as file:
        print(report(parsed(csv.DictReader(file))))
