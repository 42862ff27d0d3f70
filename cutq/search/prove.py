"""The proving search: sweeps to and fro under a rising limit on the cost, each one sharpening the next.

A sweep from the start of time leaves behind what the first steps of any plan cost at least; that is what a sweep from
the end still has ahead of it. So a sweep drops every state whose cost and what is ahead exceed the limit, and each
direction prunes the other. The first limit under which a complete state stays gives the optimum.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cutq.search.frontier import START, Clock, Layer, OutOfBudgetError, Path, advance
from cutq.search.problem import TOLERANCE
from cutq.search.sweep import Step

MOST_STATES = 1_000_000
"""Of one layer: about 1 GB with its successor."""
RISES = 8
"""The limit doubles, but rises by no more than this part of the cost of the best known plan."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known in the end: no plan is cheaper than `bound`, and `path` is an optimal one if it is given."""

    bound: float
    path: Path | None
    limits: tuple[float, ...]
    states: int


@dataclass(frozen=True, slots=True)
class _Outcome:
    """One sweep: the cheapest plan within the limit, a bound on all others, and one on the first `i` steps of any."""

    path: Path | None
    others: float
    floors: tuple[float, ...]
    states: int


def prove(there: Sequence[Step], back: Sequence[Step], max_qubits: int, known: float, clock: Clock) -> Proof:
    """Look for a plan cheaper than the `known` one, whose cost may be infinite; `there` and `back` are one order.

    No path and a bound that has reached `known` prove the known plan optimal; no path and an infinite bound prove that
    there is no plan. A bound in between means that the clock ran out.
    """
    goal, bound, limit, states = known - TOLERANCE, 0.0, 0.0, 0
    limits: list[float] = []
    ahead: tuple[float, ...] = (0.0,) * (len(there) + 1)
    while bound < goal:
        limit = min(goal, max(bound, min(2 * limit, limit + known / RISES)))
        try:
            outcome = _sweep(there, max_qubits, limit, ahead, clock)
        except OutOfBudgetError:
            break
        limits.append(limit)
        states += outcome.states
        if outcome.path:
            return Proof(outcome.path.cost, outcome.path, tuple(limits), states)
        bound, ahead = outcome.others, outcome.floors[::-1]
        there, back = back, there
    return Proof(min(bound, known), None, tuple(limits), states)


def _sweep(steps: Sequence[Step], max_qubits: int, limit: float, ahead: Sequence[float], clock: Clock) -> _Outcome:
    """Keep the states whose cost is at most `limit` less what is `ahead[i]` after `i` steps."""
    layer, states, floors = START, 0, [0.0]
    over, dropped = math.inf, math.inf
    for number, step in enumerate(steps, start=1):
        layer, cost = advance(layer, step, max_qubits, limit - ahead[number], clock)
        over, dropped = min(over, cost + ahead[number]), min(dropped, cost)
        floors.append(min(dropped, _cheapest(layer)))
        states += _size(layer)
        if _size(layer) > MOST_STATES:
            raise OutOfBudgetError
    return _Outcome(layer[()][()] if layer else None, over, tuple(floors), states)


def _cheapest(layer: Layer) -> float:
    return min((next(iter(front.values())).cost for front in layer.values()), default=math.inf)


def _size(layer: Layer) -> int:
    return sum(map(len, layer.values()))
