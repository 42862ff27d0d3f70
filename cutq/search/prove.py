"""The proving search: sweeps to and fro under a rising limit on the cost, each one sharpening the next.

A sweep from the start of time leaves behind what the first steps of any plan cost at least; that is what a sweep from
the end still has ahead of it. So a sweep drops every state whose cost and what is ahead exceed the limit, and each
direction prunes the other. The first limit under which a complete state stays gives the optimum.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cutq.search.frontier import Clock, Outcome, OutOfBudgetError, take
from cutq.search.kernels import Rules
from cutq.search.problem import TOLERANCE
from cutq.search.sweep import Sweep

RISES = 8
"""The limit doubles, but rises by no more than this part of the cost of the best known plan."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known in the end.

    Attributes:
        bound: no plan is cheaper.
        found: a plan cheaper than the known one, with the sweep that found it, if there is one.
        limits: the limits that were tried.
        states: states tried.
    """

    bound: float
    found: tuple[Sweep, Outcome] | None
    limits: tuple[float, ...]
    states: int


def prove(there: Sweep, back: Sweep, rules: Rules, known: float, clock: Clock) -> Proof:
    """Look for a plan cheaper than the `known` one, whose cost may be infinite; `there` and `back` are one order.

    No plan and a bound that has reached `known` prove the known plan optimal; no plan and an infinite bound prove that
    there is none. A bound in between means that the clock ran out.
    """
    goal = below(known)
    bound, limit, states = 0.0, 0.0, 0
    limits: list[float] = []
    ahead = np.zeros(len(there.order) + 1)
    while bound < goal:
        limit = min(goal, max(bound, min(2 * limit, limit + known / RISES)))
        try:
            outcome = take(there, rules._replace(limit=limit), clock, ahead)
        except OutOfBudgetError:
            break
        limits.append(limit)
        states += outcome.states
        if outcome.cost < math.inf:
            return Proof(min(outcome.cost, outcome.over), (there, outcome), tuple(limits), states)
        bound, ahead = max(bound, outcome.over), np.maximum(outcome.floors, 0.0)[::-1].copy()
        there, back = back, there
    return Proof(min(bound, known), None, tuple(limits), states)


def below(cost: float) -> float:
    """The most that a plan may cost to count as cheaper."""
    return cost - TOLERANCE * max(1.0, cost) if cost < math.inf else math.inf
