"""The sweep as a value: for each bundle in turn what may be done, and which wires are live before and after it.

Wires are cut just before a bundle that is joined: any other wire cut can be moved there. A sweep from the end of time
to its start solves the same problem; it then cuts wires just after a bundle.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import NamedTuple

from cutq.search.problem import Bundle


class Seam(NamedTuple):
    """A place where a wire may be cut: just before side `side` of a bundle. The ends of a wire are seams of price 0."""

    price: float
    bundle: int
    side: int


class Choice(NamedTuple):
    """What is done at one bundle: whether it is cut, which of its `sides` are cut off before it, and the price."""

    price: float
    bundle: int
    gate: bool
    sides: tuple[int, ...]
    seams: tuple[Seam, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One bundle of the sweep: `begin` wires join the end of the live ones, `slots` are the places of its two wires.

    `stay` are the places of the wires that are live afterwards.
    """

    begin: int
    slots: tuple[int, int]
    stay: tuple[int, ...]
    choices: tuple[Choice, ...]


def steps(bundles: Sequence[Bundle], order: Sequence[int], *, backward: bool = False) -> tuple[Step, ...]:
    """The sweep over the bundles in this order, or from its end to its start: the problem is the same in both."""
    before, after = _seams(bundles)
    near, far = (after, before) if backward else (before, after)
    sequence = order[::-1] if backward else order
    ends = {wire: index for index in sequence for wire in bundles[index].wires}
    live: list[int] = []
    sweep: list[Step] = []
    for index in sequence:
        a, b = bundles[index].wires
        begin = [wire for wire in (a, b) if wire not in live]
        live += begin
        stay = tuple(slot for slot, wire in enumerate(live) if ends[wire] != index)
        sides = [side for side, wire in enumerate((a, b)) if wire not in begin]
        choices = tuple(_choices(index, bundles[index].price, sides, near[index], far[index]))
        sweep.append(Step(len(begin), (live.index(a), live.index(b)), stay, choices))
        live = [live[slot] for slot in stay]
    return tuple(sweep)


def _seams(bundles: Sequence[Bundle]) -> tuple[list[list[Seam]], list[list[Seam]]]:
    """For each bundle and side the seam just before it, and the one just after it."""
    before = [[Seam(bundle.wire_prices[side], index, side) for side in (0, 1)] for index, bundle in enumerate(bundles)]
    after = [[Seam(0.0, index, side) for side in (0, 1)] for index in range(len(bundles))]
    last: dict[int, tuple[int, int]] = {}
    for index, bundle in enumerate(bundles):
        for side, wire in enumerate(bundle.wires):
            if wire in last:
                previous, its_side = last[wire]
                after[previous][its_side] = before[index][side]
            last[wire] = (index, side)
    return before, after


def _choices(bundle: int, price: float, sides: Sequence[int], near: Sequence[Seam], far: Sequence[Seam]
             ) -> Iterator[Choice]:  # fmt: skip
    """What may be done at a bundle; `sides` are those whose wire does not begin here.

    A wire cut before a bundle that is cut, too, could as well be paid at the next seam, unless that is dearer.
    """
    for gate, count in product((False, True), range(len(sides) + 1)):
        for cut in combinations(sides, count):
            seams = tuple(near[side] for side in cut)
            total = sum((seam.price for seam in seams), start=price if gate else 0.0)
            if total < math.inf and not (gate and any(far[side].price <= near[side].price for side in cut)):
                yield Choice(total, bundle, gate, cut, seams)
