"""Where the plans of a front stand: columns by width, heights on logarithmic scales."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

RADIUS = 0.1
"""Radius of the disc of a plan, in inches."""
PITCH = 2 * RADIUS + 0.02
"""Distance of the plans of one width."""
COLUMN_GAP = 0.14
"""Free space between the columns of two widths, at least."""
WIDEST = 11.0
"""Where columns by scale would take more than this, they stand as close as they can instead."""

ENDLESS = math.log10(1.7976931348623157e308)
"""Height of infinite numbers, the logarithm of the largest finite one."""
LEAST_SPAN = 0.8
"""Powers of ten that a scale spans at least."""
SNAP = 0.12
"""A scale is lengthened by up to this part to end at a tick."""
MOST_TICKS = 5

SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Columns:
    """The places of plans from left to right, in inches.

    Attributes:
        places: of each plan.
        centres: of each width that some plan has, the middle of its column.
        counts: how many plans each of these widths has.
        ticks: places of the whole numbers in the range, where the scale is linear and there is room.
        linear: whether distances are proportional to differences of width.
        size: width of the whole.
    """

    places: tuple[float, ...]
    centres: dict[int, float]
    counts: dict[int, int]
    ticks: tuple[float, ...]
    linear: bool
    size: float


def columns(widths: Sequence[int], room: float) -> Columns:
    """Columns for plans of these widths that fill the room, or more if they need it.

    Plans of one width stand side by side in their order.

    >>> found = columns([2, 4, 2], 3.0)
    >>> [round(place, 2) for place in found.places], found.linear
    ([0.25, 2.75, 0.47], True)
    """
    counts = {width: widths.count(width) for width in sorted(set(widths))}
    extents = [PITCH * count for count in counts.values()]
    needed = [(one + other) / 2 + COLUMN_GAP for one, other in itertools.pairwise(extents)]
    steps = [other - one for one, other in itertools.pairwise(counts)]
    ends = (COLUMN_GAP + extents[0] / 2, COLUMN_GAP + extents[-1] / 2)
    inner = room - sum(ends)
    unit = max([inner / max(1, sum(steps)), *(need / step for need, step in zip(needed, steps, strict=True))])
    linear = unit * sum(steps) <= max(inner, WIDEST)
    spare = max(0.0, inner - sum(needed)) / max(1, len(needed))
    gaps = [unit * step for step in steps] if linear else [need + spare for need in needed]
    size = max(room, sum(gaps) + sum(ends))
    first = ends[0] if steps else room / 2
    centres = dict(zip(counts, itertools.accumulate([first, *gaps]), strict=True))
    return Columns(_side_by_side(widths, centres, counts), centres, counts, _ticks(centres, linear), linear, size)


def _side_by_side(widths: Sequence[int], centres: dict[int, float], counts: dict[int, int]) -> tuple[float, ...]:
    met = dict.fromkeys(counts, 0)
    places = []
    for width in widths:
        places.append(centres[width] + PITCH * (met[width] - (counts[width] - 1) / 2))
        met[width] += 1
    return tuple(places)


def _ticks(centres: dict[int, float], linear: bool) -> tuple[float, ...]:
    (low, left), (high, right) = min(centres.items()), max(centres.items())
    if not linear or low == high or (unit := (right - left) / (high - low)) < 0.07:
        return tuple(centres.values())
    return tuple(left + unit * step for step in range(high - low + 1))


def decades(number: float) -> float:
    """The decimal logarithm of a number from 1, of integers of any size; infinity becomes the largest finite number.

    >>> decades(1000), decades(10**5000), decades(0), round(decades(math.inf))
    (3.0, 5000.0, 0.0, 308)
    """
    if isinstance(number, float) and math.isinf(number):
        return ENDLESS
    return math.log10(max(number, 1))


@dataclass(frozen=True)
class Scale:
    """A logarithmic scale.

    Attributes:
        low, high: the powers of ten at its ends.
    """

    low: float
    high: float

    def part(self, power: float) -> float:
        """How high a power of ten stands: 0 at the lower end, 1 at the upper."""
        return (power - self.low) / (self.high - self.low)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Powers of ten with their texts: whole ones, thinned out, and 2 and 5 of each decade on short scales.

        >>> [text for _, text in Scale(0.0, 1.2).ticks], [text for _, text in Scale(0.0, 300.0).ticks][:3]
        (['1', '2', '5', '10'], ['1', '10¹⁰⁰', '10²⁰⁰'])
        """
        span = self.high - self.low
        every = _every(span)
        digits = (1, 2, 5) if span <= 1.7 else (1,)
        first = math.floor(self.low / every) * every
        powers = range(first, math.ceil(self.high) + 1, every)
        marks = [(power + math.log10(digit), tick_text(digit, power)) for power in powers for digit in digits]
        return [(power, text) for power, text in marks if self.low - 1e-9 <= power <= self.high + 1e-9]


def _every(span: float) -> int:
    """Decades from tick to tick: 1, 2, 5, 10, 20 and so on, for no more ticks than there is room for."""
    step = 1
    while span / step > MOST_TICKS:
        step = 2 * step if str(step)[0] != "2" else 5 * step // 2
    return step


def scale(powers: Sequence[float]) -> Scale:
    """The scale for values of these powers of ten; it ends at ticks that are near.

    >>> scale([0.4, 11.2])
    Scale(low=0, high=11.2)
    """
    low, high = min(powers), max(powers)
    low = max(0.0, low - max(0.0, LEAST_SPAN - (high - low)) / 2)
    high = max(high, low + LEAST_SPAN)
    every, near = _every(high - low), SNAP * (high - low)
    below, above = every * math.floor(low / every), every * math.ceil(high / every)
    return Scale(below if low - below <= near else low, above if above - high <= near else high)


def tick_text(digit: int, power: int) -> str:
    """A digit times a power of ten in a few letters.

    >>> tick_text(5, 2), tick_text(1, 4), tick_text(2, 12)
    ('500', '10⁴', '2·10¹²')
    """
    if power < 4:
        return str(digit * 10**power)
    ten = f"10{str(power).translate(SUPERSCRIPTS)}"
    return ten if digit == 1 else f"{digit}·{ten}"


def record(places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The corners of the step that keeps to the least height from left to right.

    >>> record([(0.0, 5.0), (1.0, 7.0), (2.0, 3.0)])
    [(0.0, 5.0), (2.0, 5.0), (2.0, 3.0)]
    """
    corners: list[tuple[float, float]] = []
    for x, height in sorted(places):
        if not corners:
            corners.append((x, height))
        elif height < corners[-1][1]:
            corners += [(x, corners[-1][1]), (x, height)]
    return corners
