"""``find_plans``: the plans among which nobody can choose for you, from wide and cheap to narrow and dear."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from cutq.circuits.circuit import Circuit
from cutq.errors import PlanError
from cutq.network.plan import CutPlan
from cutq.search.find import Observables, find_cuts
from cutq.search.options import LEAST_TIME, PROVABLE, Listener, Search, shares, whole

MOST_WIDTHS = 12
"""Widths that are tried; more are thinned out, the narrowest and the widest kept."""


def find_plans(
    circuit: Circuit,
    max_qubits: int,
    *,
    search: Search | None = None,
    observables: Observables | None = None,
    progress: Listener | None = None,
) -> tuple[CutPlan, ...]:
    """The Pareto front of plans up to this width: no other plan found is as good in all of these and better in one.

    A plan counts by (width of its widest fragment, device circuits, gamma, flops of one exact evaluation). Each width
    is searched for the fewest circuits and for the least gamma, with and without wire cuts.

    Args:
        circuit: the circuit.
        max_qubits: largest width of a fragment.
        search: options and limits; the time limit is for all searches together.
        observables: what the plans are for, as in :func:`cutq.find_cuts`.
        progress: as in :func:`cutq.find_cuts`; it hears of one search after another.

    Returns:
        The plans, those with the fewest device circuits first, then by gamma, flops and width.

    Raises:
        PlanError: there is no plan at all, or an argument is out of range.

    >>> from cutq.circuits.circuit import Operation
    >>> chain = Circuit(4, tuple(Operation("cx", (q, q + 1)) for q in range(3)))
    >>> [(plan.widths, plan.price.circuits) for plan in find_plans(chain, 4)]
    [((4,), 1), ((3, 2), 7), ((2, 2), 10), ((1, 1, 1, 1), 60)]
    """
    options = search or Search()
    found: list[CutPlan] = []
    tasks = list(_tasks(_widths(whole("max_qubits", max_qubits, 1), circuit), options))
    for (width, objective, kind), seconds in zip(tasks, shares(options.time_limit, len(tasks)), strict=True):
        if found and seconds <= LEAST_TIME:
            break
        limited = replace(kind, time_limit=seconds)
        try:
            plan = find_cuts(
                circuit, width, objective=objective, search=limited, observables=observables, progress=progress
            )
        except PlanError:
            if not found and kind == options:
                raise
            continue
        found.append(plan)
        if plan.found is not None and plan.found.interrupted:
            break
    return tuple(sorted(front(found), key=lambda plan: figures(plan)[1:] + figures(plan)[:1]))


def _tasks(widths: Sequence[int], options: Search) -> Iterator[tuple[int, str, Search]]:
    """What is searched for: a width, an objective and options each."""
    both = options.wire_cuts and options.gate_cuts
    kinds = [options, replace(options, wire_cuts=False)] if both else [options]
    yield from itertools.product(widths, PROVABLE, kinds)


def _widths(most: int, circuit: Circuit) -> Sequence[int]:
    """The widths to try, from the widest on; beyond the circuit's own they change nothing."""
    widest = max(1, min(most, circuit.num_qubits)) if isinstance(circuit, Circuit) else most
    if widest <= MOST_WIDTHS:
        return range(widest, 0, -1)
    return sorted({1 + round(k * (widest - 1) / (MOST_WIDTHS - 1)) for k in range(MOST_WIDTHS)}, reverse=True)


def front(plans: Iterable[CutPlan]) -> list[CutPlan]:
    """The plans that no other one is at least as good as everywhere; of equal ones the first."""
    kept: list[CutPlan] = []
    for plan in dict.fromkeys(plans):
        if not any(_beats(other, plan) for other in kept):
            kept = [other for other in kept if not _beats(plan, other)] + [plan]
    return kept


def _beats(one: CutPlan, other: CutPlan) -> bool:
    return all(a <= b for a, b in zip(figures(one), figures(other), strict=True))


def figures(plan: CutPlan) -> tuple[float, ...]:
    """Width of the widest fragment, circuits, gamma and flops of a found plan."""
    assert plan.found is not None
    width = max(plan.price.reused_widths if plan.found.reuse else plan.widths, default=0)
    return width, plan.price.circuits, plan.gamma, plan.price.flops
