"""States of the sweep and how they follow from each other: every way in which the live wires may hang together.

A state is a partition of the live wires (begun, not ended) into fragments, with the width of each fragment so far.
A fragment without live wires is closed and leaves the state. Of states with one partition, those that are nowhere
narrower and no cheaper than another are dropped.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter, le
from typing import Any, NamedTuple

from cutq.search.sweep import Choice, Step

Labels = tuple[int, ...]
"""The fragment of each live wire; fragments are numbered by first appearance."""
Widths = tuple[int, ...]
"""The number of wire segments of each fragment so far."""


class OutOfBudgetError(Exception):
    """The search ran out of time or of room for states."""


class Path(NamedTuple):
    """How a state is reached: its cost, and its latest choice that cost something with the link to those before."""

    cost: float
    last: tuple[Choice, Any] | None

    def choices(self) -> Iterator[Choice]:
        """The choices that cost something, latest first."""
        link = self.last
        while link:
            choice, link = link
            yield choice


Clock = Callable[[], None]
"""Called often; raises OutOfBudgetError when time is up."""
Front = dict[Widths, Path]
"""The states of one partition, by cost."""
Layer = dict[Labels, Front]
START: Layer = {(): {(): Path(0.0, None)}}


class Move(NamedTuple):
    """A choice applied to one partition. Of widths: append `ones`, append the sum of the two in `join`, then `keep`."""

    choice: Choice
    labels: Labels
    ones: Widths
    join: tuple[int, int] | None
    keep: Callable[[Widths], Widths]


def moves(step: Step, labels: Labels) -> Iterator[Move]:
    """The choices of a step that make sense for a partition."""
    fragments = max(labels, default=-1) + 1
    extended = labels + tuple(range(fragments, fragments + step.begin))
    together = extended[step.slots[0]] == extended[step.slots[1]]
    for choice in step.choices:
        # Within one fragment joining is free, and one wire cut would only widen it.
        if not (together and len(choice.sides) == (0 if choice.gate else 1)):
            yield _move(step, choice, extended, fragments)


def _move(step: Step, choice: Choice, extended: Labels, fragments: int) -> Move:
    """One choice applied: pieces that were cut off are new fragments, then the two ends are joined unless cut."""
    ones = step.begin + len(choice.sides)
    places = list(extended)
    for number, side in enumerate(choice.sides):
        places[step.slots[side]] = fragments + step.begin + number
    a, b = (places[slot] for slot in step.slots)
    join = None
    if not choice.gate and a != b:
        join = (a, b)
        places = [fragments + ones if place in join else place for place in places]
    staying = [places[slot] for slot in step.stay]
    kept = list(dict.fromkeys(staying))
    labels = tuple(map(kept.index, staying))
    return Move(choice, labels, (1,) * ones, join, _picker(kept))


def _picker(places: Sequence[int]) -> Callable[[Widths], Widths]:
    """A function that takes these places of a tuple as a tuple."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda widths: tuple(widths[place] for place in places)


def advance(layer: Layer, step: Step, max_qubits: int, limit: float, clock: Clock) -> tuple[Layer, float]:
    """The states after a step whose cost is at most `limit`, and the smallest cost of those dropped for that."""
    reached: Layer = {}
    dropped = math.inf
    for labels, front in layer.items():
        clock()
        for move in moves(step, labels):
            target = reached.setdefault(move.labels, {})
            dropped = min(dropped, _spread(front, move, target, max_qubits, limit))
    return {labels: _pareto(front) for labels, front in reached.items() if front}, dropped


def _spread(front: Front, move: Move, target: Front, max_qubits: int, limit: float) -> float:
    """Apply a move to every state of a partition, into `target`; the smallest cost that went over the limit."""
    choice, _, ones, join, keep = move
    for widths, path in front.items():
        cost = path.cost + choice.price
        if cost > limit:
            return cost  # a front is sorted by cost
        widths += ones
        if join:
            joined = widths[join[0]] + widths[join[1]]
            if joined > max_qubits:
                continue
            widths += (joined,)
        widths = keep(widths)
        if widths not in target or cost < target[widths].cost:
            target[widths] = Path(cost, (choice, path.last)) if choice.price else path
    return math.inf


def _pareto(front: Front) -> Front:
    """The states that no cheaper or equal one undercuts in every width, sorted by cost."""
    kept: Front = {}
    for widths, path in sorted(front.items(), key=lambda state: (state[1].cost, sum(state[0]))):
        if not any(all(map(le, other, widths)) for other in kept):
            kept[widths] = path
    return kept
