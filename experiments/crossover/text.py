"""Every number that the README quotes, in lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from experiments.crossover import projection
from experiments.crossover import rows as of
from experiments.crossover.rows import Row
from experiments.harness import Median, median


def report(rows: Sequence[Row]) -> str:
    """All of it."""
    parts = (_times, _laws, _shots, _links, _lengths, _checks, _best, _reasons, _power, _frames, _years)
    return "\n".join(line for part in parts for line in (*part(rows), ""))


def _span(found: Median) -> str:
    return f"{found.value:.4g} ({found.low:.4g} to {found.high:.4g})"


def _times(rows: Sequence[Row]) -> Iterator[str]:
    for depth in of.DEPTHS:
        yield f"CPU seconds of a value, {depth} modules, three of them, one link, by qubits of a module"
        for method in of.WAYS:
            yield f"  {method:<12}" + "".join(f" {x:g}: {y:.3g};" for x, y, *_ in of.times(rows, method, depth))
    plans = of.selected(rows, method="contraction", modules=3, links=1, depth="deep")
    yield "  search of a contraction, deep:" + "".join(f" {r['width']:g}: {r['plan_s']:.3g};" for r in plans)
    bonds = of.selected(rows, method="mps", modules=3, links=1)
    yield "  bonds:" + "".join(f" {of.depth_of(r)} {r['width']:g}: {r['bond']:g};" for r in bonds)
    yield from (f"  given up: {one}" for one in of.given_up(rows))


def _laws(rows: Sequence[Row]) -> Iterator[str]:
    yield "deep modules: time = base ** qubits of a module"
    for method, law in of.laws(rows).items():
        yield f"  {method:<12} base {law.base:.3f} +- {law.error:.3f}"
    law = of.per_gate(rows)
    yield f"  cut, for each gate: base {law.base:.3f} +- {law.error:.3f}"


def _shots(rows: Sequence[Row]) -> Iterator[str]:
    yield "shots for 1e-3, three deep modules, one link of 0.3"
    settings = {"modules": 3, "links": 1, "strength": of.STRENGTH, "depth": "deep"}
    for column in ("shots", "uncut_shots", "sampled_shots"):
        yield f"  {column}: {_span(of.shots(rows, column, **settings))}"
    for rate in of.RATES.values():
        for column in ("shots", "uncut_shots"):
            for faster in (1.0, 1e3):
                found = of.needed_from(rows, rate, column, faster)
                yield f"  device at {rate:g}/s, {column}, against {faster:g} cores: from {_span(found)} qubits"


def _links(rows: Sequence[Row]) -> Iterator[str]:
    yield "three deep modules of 6 qubits by links: shots, shot by shot, uncut"
    for links in (1, 2, 3):
        settings = {"modules": 3, "links": links, "strength": of.STRENGTH, "width": 6, "depth": "deep"}
        spans = (_span(of.shots(rows, name, **settings)) for name in ("shots", "sampled_shots", "uncut_shots"))
        yield f"  {links}: " + "; ".join(spans)
    for depth in of.DEPTHS:
        for links in (2, 3):
            for method in of.WAYS:
                points = of.times(rows, method, depth, links)
                yield f"  {depth}, {links} links, {method}:" + "".join(f" {x:g}: {y:.3g};" for x, y, *_ in points)


def _lengths(rows: Sequence[Row]) -> Iterator[str]:
    yield "deep modules of 6 qubits, one link, by their number: seconds, then shots over uncut shots"
    own = of.selected(rows, width=6, links=1, strength=of.STRENGTH, depth="deep")
    for modules in sorted({row["modules"] for row in own}):
        here = of.selected(own, modules=modules)
        times = {r["method"]: f"{r['seconds']:.3g}" for r in here if r["seconds"] > 0}
        ratios = [r["shots"] / r["uncut_shots"] for r in here if r["frames"] == "lean"]
        yield f"  {modules:g}: {times}; {_span(median(ratios))}" if ratios else f"  {modules:g}: {times}"


def _checks(rows: Sequence[Row]) -> Iterator[str]:
    exact = [r["error"] for r in rows if r["method"] in ("cut", "state", "contraction", "link") and r["error"] >= 0]
    yield f"largest difference of exact ways: {max(exact):.2g}; of MPS: {max(_column(rows, 'mps', 'error')):.3g}"
    off = _column(rows, "shots", "off")
    yield f"estimates off by more than two standard errors: {sum(abs(one) > 2 for one in off)} of {len(off)}"
    ratios = [r["shots"] / r["uncut_shots"] for r in of.selected(rows, method="shots") if r["shots"] > 0]
    yield f"shots over uncut shots: {min(ratios):.3g} to {max(ratios):.3g}"
    unlinked = of.selected(rows, method="cut", modules=3, links=1)
    yield f"wrong by this without links: {min(r['unlinked'] for r in unlinked):.2g} and more at strength 0.3"
    values = [r["value"] for r in rows if r["method"] == "cut"]
    yield f"values from {min(values):.3g} to {max(values):.3g}"
    loads = [r["load"] for r in rows]
    yield f"load: {min(loads):.3g} to {max(loads):.3g}"


def _column(rows: Sequence[Row], method: str, name: str) -> list[float]:
    return [row[name] for row in of.selected(rows, method=method) if row[name] == row[name]]


def _best(rows: Sequence[Row]) -> Iterator[str]:
    yield "fastest, three modules; * modelled or extrapolated"
    for (depth, links, width), best in of.fastest(rows).items():
        yield f"  {depth}, {links} links, {width}: {best.method}{'' if best.measured else '*'}, {best.ratio:.3g} times"


def _reasons(rows: Sequence[Row]) -> Iterator[str]:
    yield "two deep modules of 6 qubits, by links and strength:"
    yield "  gamma one by one, together; spread; ebits; needed; shots over uncut shots; shots"
    own = of.selected(rows, method="link", modules=2)
    for links, strength in sorted({(row["links"], row["strength"]) for row in own}):
        here = of.selected(own, links=links, strength=strength)
        cuts = of.selected(rows, method="shots", modules=2, links=links, strength=strength, frames="lean")
        both = [row for row in cuts if row["width"] == here[0]["width"]]
        parts = [_span(median([row[name] for row in here])) for name in ("spread", "ebits", "needed")]
        parts += [_span(median([row["shots"] / row["uncut_shots"] for row in both]))]
        parts += [_span(median([row["shots"] for row in both]))]
        gammas = f"{here[0]['gamma']:.3g}, {here[0]['joint_gamma']:.3g}"
        yield f"  {links:g}, {strength:g}: {gammas}; " + "; ".join(parts)


def _power(rows: Sequence[Row]) -> Iterator[str]:
    yield "shots of two cut modules grow with gamma (together) to the power {:.2f} +- {:.2f}".format(*of.exponent(rows))


def _frames(rows: Sequence[Row]) -> Iterator[str]:
    yield "shots with lean and full frames"
    for (links, strength), (lean, full) in of.frames(rows).items():
        yield f"  {links} links of {strength:g}: {lean:.3g}, {full:.3g}, {full / lean:.3g} times"


def _years(rows: Sequence[Row]) -> Iterator[str]:
    yield "projection: quantum volume doubling every year from the last record"
    for maker, records in projection.RECORDS.items():
        yield f"  {maker}: 2^{records[-1][1]} in {records[-1][0]}, {projection.pace(maker):.2g} doublings a year so far"
    for one in of.thresholds(rows):
        dates = ", ".join(f"{maker} {_date(maker, one.qubits.value)}" for maker in projection.RECORDS)
        yield f"  {' '.join(one.label.split())}: {_span(one.qubits)} qubits: {dates}"


def _date(maker: str, qubits: float) -> str:
    year = projection.year(maker, qubits)
    return "announced already" if year <= projection.RECORDS[maker][-1][0] else f"{year:.0f}"
