"""Orders in which the sweep may take the bundles: linear extensions of time with few live wires."""

from __future__ import annotations

import random
from collections.abc import Sequence

from cutq.search.problem import Bundle

Order = tuple[int, ...]


def orders(bundles: Sequence[Bundle], most: int, seed: int) -> list[Order]:
    """At most `most` different orders, the most promising first: time, and light cones seen from either end of time."""
    forward = [bundle.wires for bundle in bundles]
    backward = forward[::-1]
    number = len(bundles) - 1
    found = {tuple(range(len(bundles)))}
    for start in _starts(forward, 4 * most, seed):
        found.add(light_cones(forward, start))
    for start in _starts(backward, 4 * most, seed):
        found.add(tuple(number - index for index in reversed(light_cones(backward, start))))
    return sorted(found, key=lambda order: (effort([forward[index] for index in order]), order))[:most]


def effort(pairs: Sequence[tuple[int, int]]) -> float:
    """The predicted number of states of a sweep over bundles on these pairs of wires: each live wire doubles it."""
    return sum(2.0 ** min(live, 1000) for live in live_counts(pairs))


def live_counts(pairs: Sequence[tuple[int, int]]) -> list[int]:
    """The number of wires that have begun and not ended, after each bundle."""
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for index, pair in enumerate(pairs):
        for wire in pair:
            first.setdefault(wire, index)
            last[wire] = index
    change = [0] * len(pairs)
    for wire in first:
        change[first[wire]] += 1
        change[last[wire]] -= 1
    live, counts = 0, []
    for step in change:
        live += step
        counts.append(live)
    return counts


def light_cones(pairs: Sequence[tuple[int, int]], start: int) -> Order:
    """Finish one wire after the other, each with all of its past; the next is the one that begins fewest others.

    `start` is the wire to finish first. A wire's past as a set of wires is the bits of an integer.
    """
    past, ends = _pasts(pairs)
    before = _before(pairs)
    begun, order, done = 0, list[int](), set[int]()
    waiting = set(ends)
    while waiting:
        wire = start if start in waiting else min(
            waiting, key=lambda w: ((past[ends[w]] & ~begun).bit_count(), ends[w]))  # fmt: skip
        waiting.remove(wire)
        begun |= past[ends[wire]]
        cone = _cone(ends[wire], before, done)
        done |= cone
        order.extend(sorted(cone))
    return tuple(order)


def _starts(pairs: Sequence[tuple[int, int]], most: int, seed: int) -> list[int]:
    """Wires to finish first: those with the fewest wires in their past, by lot among equals."""
    past, ends = _pasts(pairs)
    wires = random.Random(seed).sample(sorted(ends), len(ends))
    return sorted(wires, key=lambda wire: past[ends[wire]].bit_count())[:most]


def _pasts(pairs: Sequence[tuple[int, int]]) -> tuple[list[int], dict[int, int]]:
    """For each bundle the wires in its past light cone, as bits; and for each wire its last bundle."""
    past: list[int] = []
    ends: dict[int, int] = {}
    for index, pair in enumerate(pairs):
        cone = 0
        for wire in pair:
            cone |= past[ends[wire]] if wire in ends else 1 << wire
            ends[wire] = index
        past.append(cone)
    return past, ends


def _before(pairs: Sequence[tuple[int, int]]) -> list[list[int]]:
    """For each bundle the bundles just before it on its wires."""
    ends: dict[int, int] = {}
    before: list[list[int]] = []
    for index, pair in enumerate(pairs):
        before.append([ends[wire] for wire in pair if wire in ends])
        ends.update(dict.fromkeys(pair, index))
    return before


def _cone(end: int, before: Sequence[Sequence[int]], done: set[int]) -> set[int]:
    """The bundle `end` and everything in its past that is not done."""
    cone: set[int] = set()
    stack = [end]
    while stack:
        index = stack.pop()
        if index not in done and index not in cone:
            cone.add(index)
            stack.extend(before[index])
    return cone
