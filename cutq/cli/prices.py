"""What ``cutq price`` prints: what a network costs, and what estimating observables on devices takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from cutq.network.plan import magnitude
from cutq.network.price import Price, Way

SECOND, MINUTE, HOUR, DAY = 1, 60, 3600, 86400
UNITS = ((DAY, "days"), (HOUR, "hours"), (MINUTE, "minutes"), (SECOND, "seconds"))


def price_data(price: Price) -> dict[str, Any]:
    """A price as plain data."""
    return asdict(price)


def price_table(price: Price) -> str:
    """A price for people."""
    rows = [
        ("widths", ", ".join(map(str, price.widths))),
        ("gamma", f"{price.gamma:.6g}"),
        ("exact run", f"{magnitude(price.flops)} flops, largest tensor {magnitude(price.bytes)} bytes"),
    ]
    lines = [f"{name:<16} {text}" for name, text in rows]
    for way in price.ways:
        lines += [f"{way.name:<16} {way_text(way)}", *_by_fragment(way)]
    return "\n".join(lines)


def way_text(way: Way) -> str:
    """One way in a line."""
    return (
        f"{magnitude(way.circuits)} circuits, {magnitude(round(way.shots))} shots, {duration(way.seconds)}, "
        f"standard error {way.stderr:.2g}"
    )


def duration(seconds: float) -> str:
    """A time in the largest unit of which it has two.

    >>> duration(90.0), duration(7200.0)
    ('90 seconds', '2 hours')
    """
    unit, name = next((one for one in UNITS if seconds >= 2 * one[0]), UNITS[-1])
    return f"{seconds / unit:.3g} {name}"


def _by_fragment(way: Way) -> Sequence[str]:
    pairs = zip(way.fragment_circuits, way.fragment_shots, strict=True)
    return [
        f"  fragment {number}: {magnitude(circuits)} circuits, {magnitude(round(shots))} shots"
        for number, (circuits, shots) in enumerate(pairs)
    ]
