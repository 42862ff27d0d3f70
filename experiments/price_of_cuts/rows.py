"""What the rows say: lines, fits and what pays; ``python -m experiments.price_of_cuts.rows`` prints every number."""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

Row = dict[str, Any]
Point = tuple[float, float, float, float]
"""A place, what is there, and its interval."""

TEXTS = {"id", "format", "mode", "started", "family", "shape", "observable", "method", "frame"}
TEXTS |= {"cutq", "numpy", "numba", "python", "cpu"}
SETTINGS = ("family", "shape", "observable", "cuts", "wires", "method", "frame", "each")
RATE = 1000.0
"""Shots in a second at which seconds of this computer are drawn as shots."""

RATES = (1e3, 1e4, 1e5, 1e6)
DAY = 86_400.0
ERROR = 0.01
LONG = 4
"""Cuts from which powers are fitted."""

PAYS, SLOWER, LATE = "less time than the uncut state", "more than the state, under a day", "over a day"
"""What time can be said to be."""


def parsed(rows: Iterable[Mapping[str, str]]) -> list[Row]:
    """Rows with numbers; of several with equal settings, as from other modes, the last."""
    found = [{key: text if key in TEXTS else float(text or "nan") for key, text in row.items()} for row in rows]
    return list({tuple(row[name] for name in SETTINGS): row for row in found}.values())


def selected(rows: Sequence[Row], **settings: Any) -> list[Row]:
    """Rows of these settings in the order of cuts; SIC states, 1000 shots each and one wire if nothing else is said."""
    free = {name for name, value in settings.items() if value is None}
    asked = {"frame": "sic", "each": 1000, "wires": 1, **settings}
    found = [row for row in rows if all(row[name] == value for name, value in asked.items() if name not in free)]
    return sorted(found, key=lambda row: (row["cuts"], row["wires"]))


def line(rows: Sequence[Row], y: str, x: str = "cuts", scale: float = 1.0) -> list[Point]:
    """One column over another with its interval, where there is a number."""
    names = (y, f"{y}_low", f"{y}_high")
    return [(row[x], *(scale * row[name] for name in names)) for row in rows if np.isfinite(row[y])]


def slope(x: Sequence[float], y: Sequence[float]) -> tuple[float, float]:
    """Slope of a straight line, and its standard error; nan where there are too few points.

    >>> slope([0, 1, 2], [1, 3, 5])
    (2.0, 0.0)
    """
    if len(x) < 2:
        return math.nan, math.nan
    a = np.stack([np.asarray(x, dtype=float), np.ones(len(x))], axis=1)
    (found, offset), *_ = np.linalg.lstsq(a, np.asarray(y, dtype=float), rcond=None)
    left = np.asarray(y) - a @ np.array([found, offset])
    spread = np.sqrt(np.sum(left**2) / max(len(x) - 2, 1) / np.sum((a[:, 0] - a[:, 0].mean()) ** 2))
    return round(float(found), 6), round(float(spread), 6)


def power(rows: Sequence[Row], y: str = "shots") -> tuple[float, float]:
    """The power of ``cuts + 1`` from :data:`LONG` cuts on, and its standard error."""
    own = [row for row in rows if row["cuts"] >= LONG]
    return slope([math.log(row["cuts"] + 1) for row in own], [math.log(row[y]) for row in own])


def base(rows: Sequence[Row], y: str = "shots", x: str = "cuts", per: str | None = None) -> tuple[float, float]:
    """By what each step in ``x`` multiplies a column (divided by another one), and its standard error."""
    found, error = slope([row[x] for row in rows], [math.log(row[y] / (row[per] if per else 1)) for row in rows])
    return math.exp(found), math.exp(found) * error


def drawn(rows: Sequence[Row]) -> list[Row]:
    """Rows in which single shots were drawn."""
    return [row for row in rows if row["runs"] > 0]


# --- what pays ---


def state_seconds(rows: Sequence[Row], cuts: float) -> tuple[float, bool]:
    """Seconds of the state of a GHZ chain of ``2 cuts + 2`` qubits, and whether they were measured; each qubit beyond
    the widest one doubles them."""
    found = {row["cuts"]: row["seconds"] for row in selected(rows, method="state")}
    if cuts in found:
        return found[cuts], True
    near = max(found) if cuts > max(found) else min(found)
    return found[near] * 4.0 ** (cuts - near), False


def seconds(rows: Sequence[Row], method: str, cuts: float, rate: float) -> float:
    """Of a value of a GHZ chain to an error of 0.01."""
    (own,) = selected(rows, family="ghz", shape="chain", method=method, cuts=cuts)
    return own["seconds"] if method == "fragments" else own["shots"] / rate


def verdict(rows: Sequence[Row], method: str, cuts: float, rate: float = RATE) -> str:
    """Whether a way takes less time than the state on this computer, and if not, whether less than a day."""
    spent = seconds(rows, method, cuts, rate)
    if spent > DAY:
        return LATE
    return PAYS if spent < state_seconds(rows, cuts)[0] else SLOWER


def lengths(rows: Sequence[Row]) -> list[float]:
    """Cuts of the GHZ chains."""
    return [row["cuts"] for row in selected(rows, family="ghz", shape="chain", method="pilot")]


def first_paying(rows: Sequence[Row], method: str, rate: float) -> float | None:
    """The fewest cuts from which a way pays at all lengths measured."""
    found = [(cuts, verdict(rows, method, cuts, rate)) for cuts in lengths(rows)]
    lost = max((cuts for cuts, one in found if one != PAYS), default=0.0)
    return next((cuts for cuts, _ in found if cuts > lost), None)


def break_even(rows: Sequence[Row], cuts: float, rate: float) -> float:
    """Qubits of a fragment of a GHZ chain from which its exact values take longer than contracted shots: each fragment
    is two states, one for each value of the wire that comes in; an extrapolation from the widest state."""
    widest = selected(rows, method="state")[-1]
    exact = 2 * (cuts + 1) * widest["seconds"]
    return 2 * widest["cuts"] + 2 + math.log2(seconds(rows, "pilot", cuts, rate) / exact)


def reach(rows: Sequence[Row], method: str, rate: float) -> float:
    """The most cuts that a way does in a day."""
    return max((cuts for cuts in lengths(rows) if verdict(rows, method, cuts, rate) != LATE), default=0.0)


# --- the report ---


def report(rows: Sequence[Row]) -> str:
    """All numbers in lines of text."""
    parts = (_chains, _uncut_ratio, _frames, _thin, _one_shot, _signals, _shapes, _widths, _seen, _paying)
    return "\n".join(text for part in parts for text in part(rows))


def _chains(rows: Sequence[Row]) -> list[str]:
    found = ["N Var of chains, one wire, SIC: cuts circuits uniform [interval] law | pilot | uncut"]
    chain = {"family": "unitary", "shape": "chain"}
    uncut = {row["cuts"]: row for row in selected(rows, method="uncut", **chain)}
    pilot = {row["cuts"]: row for row in selected(rows, method="pilot", **chain)}
    for row in selected(rows, method="uniform", **chain):
        cuts = row["cuts"]
        more = f"{pilot[cuts]['variance']:.4g}" if cuts in pilot else "-"
        text = "{cuts:4.0f} {circuits:4.0f} {variance:8.4g} [{variance_low:.4g}, {variance_high:.4g}] {law:8.4g} | "
        found.append(f"{text.format(**row)}{more} | {uncut[cuts]['variance']:.3g}; {row['shots']:.3g} shots")
    for method in ("uniform", "pilot"):
        own = power(selected(rows, method=method, **chain))
        found.append("  {}: shots ~ (K + 1)^p, p = {:.3f} +- {:.3f}".format(method, *own))
    return found


def _frames(rows: Sequence[Row]) -> list[str]:
    found = ["frames, uniform: N Var over that of SIC at the same cuts, and law"]
    plain = {row["cuts"]: row for row in selected(rows, family="unitary", method="uniform")}
    for frame in ("std4", "six"):
        for row in selected(rows, family="unitary", method="uniform", frame=frame):
            own = plain[row["cuts"]]
            ratio, law = row["variance"] / own["variance"], row["law"] / own["law"]
            found.append(f"  {frame} {row['cuts']:.0f}: {ratio:.3f} ({law:.3f})")
    return found


def _thin(rows: Sequence[Row]) -> list[str]:
    found = ["N Var / (K + 1)^2 over shots for each circuit; measured and law"]
    for each in sorted({row["each"] for row in rows if row["family"] == "unitary"}):
        for row in selected(rows, family="unitary", method="uniform", each=each):
            square = (row["cuts"] + 1) ** 2
            text = f"{row['variance'] / square:.4g} ({row['law'] / square:.4g})"
            found.append(f"  n = {each:.0f}, K = {row['cuts']:.0f}: {text}")
    return found


def _one_shot(rows: Sequence[Row]) -> list[str]:
    found = ["one shot at a time: cuts, N Var measured, law; base of a cut in N Var / (K + 1)"]
    for method in ("LO", "LO, SIC", "LOCC", "pooled"):
        own = drawn(selected(rows, family="unitary", method=method))
        found += [
            "  {} {cuts:.0f}: {variance:.5g} ({law:.5g}), {circuits:.0f} circuits".format(method, **r) for r in own
        ]
        if own:
            found.append("  {}: base {:.2f} +- {:.2f}".format(method, *base(own, "variance", per="fragments")))
    return found


def _signals(rows: Sequence[Row]) -> list[str]:
    found = ["shots for 10 % of the value, medians: cuts, uncut, uniform, pilot; mean square of the value"]
    for family, observable in (("unitary", "local"), ("contractive", "local"), ("contractive", "product")):
        lines = {
            method: selected(rows, family=family, shape="chain", observable=observable, method=method)
            for method in ("uncut", "uniform", "pilot")
        }
        for method, own in lines.items():
            values = "  ".join(f"{row['cuts']:.0f}: {row['relative']:.3g}" for row in own)
            absolute = "  ".join(f"{row['cuts']:.0f}: {row['variance']:.3g}" for row in own)
            found += [f"  {family} {observable} {method}, relative: {values}", f"    N Var: {absolute}"]
            kept = [row for row in own if row["cuts"] >= LONG]
            found.append("    power {:.2f} +- {:.2f}".format(*power(own, "relative")))
            found.append("    base {:.3f} +- {:.3f}".format(*base(kept, "relative")))
        found.append("  E^2: " + "  ".join(f"{row['cuts']:.0f}: {row['square']:.3g}" for row in lines["uncut"]))
    return found


def _shapes(rows: Sequence[Row]) -> list[str]:
    found = ["GHZ: N Var by shape: cuts, circuits, uniform, pilot, uncut"]
    for shape in ("chain", "tree", "ring", "star"):
        lines = {m: selected(rows, family="ghz", shape=shape, method=m) for m in ("uniform", "pilot", "uncut", "LO")}
        for one, two, three, four in zip(*lines.values(), strict=False):
            numbers = f"{one['variance']:.4g} {two['variance']:.4g} {three['variance']:.3g} LO {four['variance']:.3g}"
            found.append(f"  {shape} {one['cuts']:.0f} {one['circuits']:.0f}: {numbers}")
        for method in ("uniform", "pilot"):
            own = lines[method]
            fit = base(own) if shape == "star" else power(own)
            found.append("    {} {} {:.3f} +- {:.3f}".format(method, "base" if shape == "star" else "power", *fit))
    return found


def _widths(rows: Sequence[Row]) -> list[str]:
    found = ["wires at one cut: N Var measured and law; base of a wire"]
    for frame in ("std4", "sic", "mub"):
        own = selected(rows, family="unitary", method="uniform", frame=frame, cuts=1, wires=None)
        found += ["  {frame} {wires:.0f}: {variance:.4g} ({law:.4g}), {circuits:.0f} circuits".format(**r) for r in own]
        found.append("  {}: base {:.2f} +- {:.2f}".format(frame, *base(own, x="wires")))
    for method in ("LO", "LO, SIC", "LOCC"):
        own = drawn(selected(rows, family="unitary", method=method, cuts=1, wires=None))
        found += ["  {} {wires:.0f}: {variance:.5g} ({law:.5g})".format(method, **row) for row in own]
    for row in selected(rows, family="unitary", method="uniform", wires=2):
        found.append("  two wires, K = {cuts:.0f}: {variance:.4g} ({law:.4g}), {circuits:.0f} circuits".format(**row))
    return found


def _seen(rows: Sequence[Row]) -> list[str]:
    """Squared errors over variances, one for each kind of estimate; each row weighs as many estimates as it has."""
    found = ["squared errors of simulated estimates over their variance, which should be 1"]
    own = [row for row in rows if np.isfinite(row["seen"])]
    for method in sorted({row["method"] for row in own}):
        rated = [row for row in own if row["method"] == method]
        counts = [row["chains"] * row["runs"] for row in rated]
        mean = float(np.average([row["seen"] for row in rated], weights=counts))
        errors = [(row["seen_high"] - row["seen_low"]) / 3.92 * n for row, n in zip(rated, counts, strict=True)]
        error = math.sqrt(sum(one**2 for one in errors)) / sum(counts)
        found.append(f"  {method}: {mean:.3f} +- {error:.3f} ({sum(counts):.0f} estimates)")
    return found


def _paying(rows: Sequence[Row]) -> list[str]:
    found = ["seconds of exact values of GHZ chains: cuts, state, fragments"]
    for cuts in lengths(rows):
        value, measured = state_seconds(rows, cuts)
        exact = seconds(rows, "fragments", cuts, RATE)
        found.append(f"  {cuts:.0f}: {value:.3g}{'' if measured else ' (extrapolated)'}, {exact:.3g}")
    for method in ("uncut", "pilot", "LOCC"):
        for rate in RATES:
            first, most = first_paying(rows, method, rate), reach(rows, method, rate)
            found.append(f"  {method} at {rate:.0f}/s: pays from K = {first}, within a day up to K = {most:.0f}")
    found.append("qubits of a fragment from which contracted shots take less time than its exact values")
    for rate in RATES:
        found.append(
            f"  {rate:.0f}/s: " + "  ".join(f"K = {k:.0f}: {break_even(rows, k, rate):.1f}" for k in lengths(rows))
        )
    return found


def _uncut_ratio(rows: Sequence[Row]) -> list[str]:
    """Of chains of one wire."""
    found = ["shots of chains for an error of 0.01: uncut, uniform, pilot; uniform over uncut; seconds of fragments"]
    lines = [
        {row["cuts"]: row for row in selected(rows, family="unitary", method=method)}
        for method in ("uncut", "uniform", "pilot", "fragments")
    ]
    for cuts, pilot in lines[2].items():
        uncut, uniform, exact = (lines[k][cuts] for k in (0, 1, 3))
        shots = f"{uncut['shots']:.3g} {uniform['shots']:.3g} {pilot['shots']:.3g}"
        found.append(f"  {cuts:.0f}: {shots}; {uniform['shots'] / uncut['shots']:.3g}; {exact['seconds']:.3g} s")
    return found


if __name__ == "__main__":
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    with (home / "results.csv").open(newline="", encoding="utf-8") as file:
        print(report(parsed(csv.DictReader(file))))
