"""The searches behind one question: in several orders, with and without groups, and the best of their plans."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from cutq.errors import PlanError
from cutq.network.groups import group_phases
from cutq.network.influence import completed, influence, targets
from cutq.network.layout import Layout
from cutq.network.plan import CutPlan
from cutq.network.wires import cut_wires
from cutq.search.answer import Asked, TooWideError, answered, teller, value_of
from cutq.search.commute import gathered
from cutq.search.graph import LOADS, priced_graph, star
from cutq.search.options import LEAST_TIME, PROVABLE, shares
from cutq.search.order import timed
from cutq.search.plans import as_plan, joined, needed
from cutq.search.problem import TOLERANCE, allowed, problem
from cutq.search.task import NoPlanError, Task

MOST_JOINT = 20_000
"""Operations up to which joint cuts are searched, and a second order in which gates that commute are gathered."""

Order = tuple[int, ...]
"""Numbers of the operations that are kept, in the order in which they run."""


def found_plan(asked: Asked) -> CutPlan:
    """The best plan for an objective that the search minimises: in all orders, with and without groups.

    Groups come first: they are small problems with good plans.
    """
    kept = kept_operations(asked)
    if len(kept) > MOST_JOINT:
        asked = replace(asked, search=replace(asked.search, joint=False))
    orders = [(order, True) for order in _grouped(asked, kept)] + [(order, False) for order in _orders(asked, kept)]
    kinds = [asked, *([_without_reuse(asked)] if asked.search.reuse else [])]
    tries = list(itertools.product(kinds, orders))
    return best_of([partial(_in_order, kind, *order) for kind, order in tries], asked)


def kept_operations(asked: Asked) -> Order:
    """The operations that the observables depend on."""
    if not asked.observables:
        return tuple(range(len(asked.circuit.operations)))
    return tuple(influence(asked.circuit, targets(asked.observables)))


def _grouped(asked: Asked, kept: Order) -> list[Order]:
    """The orders in which recorded groups are searched as they are; none if there is none that can be cut."""
    groups = asked.circuit.groups if asked.search.joint and asked.search.gate_cuts else ()
    whole = tuple(completed(kept, (group.ops for group in groups)))
    orders = _orders(asked, whole) if groups else []
    return [order for order in orders if group_phases(cut_wires(Layout(asked.circuit, order).laid_out, ()))]


def _orders(asked: Asked, kept: Order) -> list[Order]:
    """The order of time, and if gates may be cut jointly that in which those that commute are gathered."""
    if not asked.search.joint:
        return [kept]
    order = gathered(Layout(asked.circuit, kept).laid_out, asked.max_qubits)
    return list(dict.fromkeys((kept, tuple(kept[position] for position in order))))


def _without_reuse(asked: Asked) -> Asked:
    """The same question without reuse of qubits: its answers are valid with reuse too, and its search is stronger."""
    return replace(asked, search=replace(asked.search, reuse=False))


def best_of(tries: Sequence[Callable[[float, float], CutPlan]], asked: Asked) -> CutPlan:
    """The best plan of several tries, which are told their seconds and the value of the best plan so far.

    They end with an interrupt, when the time is up, or where nothing is cut. The plan is proven if every try in the
    model that was asked for has shown that it has no better plan, or none at all.

    Raises:
        PlanError: no try found one; what the last said.
    """
    plans: list[CutPlan] = []
    errors: list[PlanError] = []
    unknown = False
    for one, seconds in zip(tries, shares(asked.search.time_limit, len(tries)), strict=True):
        if plans and seconds <= LEAST_TIME:
            unknown = True
            break
        try:
            plans.append(one(seconds, min((value_of(asked.objective, plan.price) for plan in plans), default=math.inf)))
        except PlanError as error:
            errors.append(error)
            unknown = unknown or not isinstance(error, NoPlanError)
            continue
        interrupted = plans[-1].found is not None and plans[-1].found.interrupted
        unknown = unknown or interrupted
        if interrupted or not plans[-1].cuts:
            break
    if not plans:
        raise errors[-1]
    return _vouched(min(plans, key=lambda plan: _rank(asked.objective, plan)), plans, asked, unknown)


def _vouched(best: CutPlan, plans: Sequence[CutPlan], asked: Asked, unknown: bool) -> CutPlan:
    """The best of some plans with what all of their searches prove; nothing if one was left out or found no plan."""
    found = [plan.found for plan in plans if plan.found is not None]
    bound = 0.0 if unknown else min((one.bound for one in found if one.reuse == asked.search.reuse), default=0.0)
    value = value_of(asked.objective, best.price)
    proven = bound >= value * (1 - TOLERANCE) and asked.objective in PROVABLE
    assert best.found is not None
    kinds = "; groups all whole or all gate by gate" if asked.circuit.groups and asked.search.joint else ""
    model, reuse = asked.search.model + kinds, asked.search.reuse
    return replace(best, found=replace(best.found, reuse=reuse, model=model, proven_optimal=proven,
                                       bound=value if proven else min(bound, value)))  # fmt: skip


def _rank(objective: str, plan: CutPlan) -> tuple[float, float]:
    """The value of a plan, to nine digits, and its gamma: of equally good plans the one of least gamma wins."""
    value = value_of(objective, plan.price)
    return (float(f"{value:.9g}"), plan.gamma)


def _in_order(asked: Asked, kept: Order, groups: bool, seconds: float, known: float) -> CutPlan:
    """The best plan with these operations in this order, with recorded groups as they are or gate by gate."""
    from cutq.search.solve import solve  # the compiler is loaded where there is something to search

    layout, options, loads = Layout(asked.circuit, kept), asked.search, LOADS[asked.objective]
    joint = options.joint and options.gate_cuts
    graph = priced_graph(layout.laid_out, asked.objective, merge=options.merge_gates, joint=joint, groups=groups)
    task = problem(graph, loads=loads is not None, star=star(asked.objective) if joint else None)
    task = allowed(task, wires=options.wire_cuts, gates=options.gate_cuts)
    solution = solve(task, _task(asked, seconds, known), teller(asked))
    every = as_plan(graph, task, solution.cuts)
    plan = needed(layout.laid_out, every, reuse=options.reuse)
    order = timed(graph, task, solution.order) if options.reuse else tuple(range(len(layout.order)))
    found: list[CutPlan] = []
    for one in dict.fromkeys((joined(layout.laid_out, plan) if joint else plan, plan, every)):
        with suppress(TooWideError):
            found.append(answered(asked, layout, one, order, solution))
    if found:
        return min(found, key=lambda one: _rank(asked.objective, one))
    if not options.joint:
        raise AssertionError(f"the search made a fragment of more than {asked.max_qubits} qubits")
    # Qubits are used again in an order that joint cuts can upset: they tie parts that ran one after the other.
    plan = _in_order(replace(asked, search=replace(options, joint=False)), kept, groups, seconds, known)
    assert plan.found is not None
    return replace(plan, found=replace(plan.found, proven_optimal=False, bound=0.0))


def _task(asked: Asked, seconds: float, known: float) -> Task:
    """What is asked of the problem; a value that is known, as what the search minimises."""
    options = asked.search
    costs = {"circuits": known, "gamma": math.log(known) if known < math.inf else known}
    cost = costs.get(asked.objective, math.inf)
    limits = options.max_fragments, options.device_sizes
    return Task(asked.max_qubits, options.reuse, *limits, seconds, options.seed, cost)
