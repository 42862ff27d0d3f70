"""Orders in which the sweep may take the units: linear extensions of time with few live wires."""

from __future__ import annotations

import random
from collections.abc import Sequence

import networkx as nx

from cutq.search.problem import Problem, Unit

Order = tuple[int, ...]
Wires = tuple[int, ...]
"""The wires of one unit."""


def orders(units: Sequence[Unit], most: int, seed: int) -> list[Order]:
    """At most `most` different orders, the most promising first: time, and light cones seen from either end of time."""
    forward = [unit.wires for unit in units]
    backward = forward[::-1]
    number = len(units) - 1
    found = {tuple(range(len(units)))}
    for start in _starts(forward, 4 * most, seed):
        found.add(light_cones(forward, start))
    for start in _starts(backward, 4 * most, seed):
        found.add(tuple(number - index for index in reversed(light_cones(backward, start))))
    return sorted(found, key=lambda order: (effort([forward[index] for index in order]), order))[:most]


def effort(pairs: Sequence[Wires]) -> float:
    """The predicted number of states of a sweep over units on these pairs of wires: each live wire doubles it."""
    return sum(2.0 ** min(live, 1000) for live in live_counts(pairs))


def live_counts(pairs: Sequence[Wires]) -> list[int]:
    """The number of wires that have begun and not ended, after each unit."""
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


def light_cones(pairs: Sequence[Wires], start: int) -> Order:
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


def _starts(pairs: Sequence[Wires], most: int, seed: int) -> list[int]:
    """Wires to finish first: those with the fewest wires in their past, by lot among equals."""
    past, ends = _pasts(pairs)
    wires = random.Random(seed).sample(sorted(ends), len(ends))
    return sorted(wires, key=lambda wire: past[ends[wire]].bit_count())[:most]


def _pasts(pairs: Sequence[Wires]) -> tuple[list[int], dict[int, int]]:
    """For each unit the wires in its past light cone, as bits; and for each wire its last unit."""
    past: list[int] = []
    ends: dict[int, int] = {}
    for index, pair in enumerate(pairs):
        cone = 0
        for wire in pair:
            cone |= past[ends[wire]] if wire in ends else 1 << wire
            ends[wire] = index
        past.append(cone)
    return past, ends


def _before(pairs: Sequence[Wires]) -> list[list[int]]:
    """For each unit the units just before it on its wires."""
    ends: dict[int, int] = {}
    before: list[list[int]] = []
    for index, pair in enumerate(pairs):
        before.append([ends[wire] for wire in pair if wire in ends])
        ends.update(dict.fromkeys(pair, index))
    return before


def _cone(end: int, before: Sequence[Sequence[int]], done: set[int]) -> set[int]:
    """The unit `end` and everything in its past that is not done."""
    cone: set[int] = set()
    stack = [end]
    while stack:
        index = stack.pop()
        if index not in done and index not in cone:
            cone.add(index)
            stack.extend(before[index])
    return cone


def timed(graph: nx.MultiDiGraph, problem: Problem, order: Sequence[int]) -> tuple[int, ...]:
    """All operations of a priced graph in an order of time in which its units follow each other like this.

    Everything else comes just before the unit that needs it.
    """
    found: list[int] = []
    done: set[object] = set()
    nodes = [node for index in order for node in problem.units[index].nodes]
    for node in (*nodes, *nx.topological_sort(graph)):
        waiting = [node]
        while waiting:
            before = [other for other in graph.predecessors(waiting[-1]) if other not in done]
            if before:
                waiting += before
            else:
                last = waiting.pop()
                if last not in done:
                    done.add(last)
                    found += graph.nodes[last].get("all", () if isinstance(last, tuple) else (last,))
    return tuple(found)
