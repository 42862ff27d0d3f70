"""Cuts of two-wire units put together as stars: as few as can hold them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace

from cutq.network.joint import cover
from cutq.search.cuts import Cuts, Fragments, Star
from cutq.search.problem import Problem, joint_price

Place = tuple[object, ...]
"""Where a unit may be held at one end: at a hub, or by itself."""


def with_stars(problem: Problem, cuts: Cuts) -> Cuts:
    """The cuts with units between the same two fragments as stars, where that costs less."""
    if problem.star is None:
        return cuts
    plain = Fragments(problem, replace(cuts, stars=()))
    between: dict[frozenset[Hashable], list[int]] = defaultdict(list)
    for index in cuts.units:
        ends = [plain.home[segment] for segment in plain.pieces[index]]
        if len(ends) == 2 and ends[0] != ends[1]:
            between[frozenset(ends)].append(index)
    stars = [star for units in between.values() for star in _useful(problem, _stars(plain, units), units, cuts)]
    return replace(cuts, stars=tuple(stars))


def _stars(fragments: Fragments, units: Sequence[int]) -> list[Star]:
    """The stars of two units or more in a smallest set that holds all units between two fragments."""
    homes = sorted({str(fragments.home[segment]) for index in units for segment in fragments.pieces[index]})
    edges = [_places(fragments, index, homes) for index in units]
    chosen = cover(edges)
    groups: dict[Place, list[int]] = defaultdict(list)
    for index, places in zip(units, edges, strict=True):
        groups[next(place for place in places if place in chosen)].append(index)
    return [Star(tuple(sorted(group)), int(str(hub[1]))) for hub, group in groups.items() if len(group) > 1]


def _places(fragments: Fragments, index: int, homes: Sequence[str]) -> tuple[Place, Place]:
    """Where a unit may be held, in the order of the two fragments."""
    unit, segments = fragments.problem.units[index], fragments.pieces[index]
    found: list[Place] = [
        ("unit", index, position) if hub is None else ("hub", *segment, hub)
        for position, (segment, hub) in enumerate(zip(segments, unit.hubs, strict=True))
    ]
    first, second = found if str(fragments.home[segments[0]]) == homes[0] else found[::-1]
    return first, second


def _useful(problem: Problem, stars: Iterable[Star], units: Sequence[int], cuts: Cuts) -> list[Star]:
    """All stars where loads are paid for; else those, the strongest first, with which the price is least."""
    assert problem.star is not None
    if problem.loads:
        return list(stars)
    strength = {index: problem.units[index].ways[cuts.units[index]].strength for index in units}
    strongest = sorted(stars, key=lambda star: -sum(strength[index] for index in star.units))
    best, least, rest = 0, joint_price(sum(strength.values())), sum(strength.values())
    for count, star in enumerate(strongest, start=1):
        rest -= sum(strength[index] for index in star.units)
        price = count * problem.star[0] + joint_price(max(0.0, rest))
        if price < least - 1e-9:
            best, least = count, price
    return strongest[:best] if math.isfinite(least) else []
