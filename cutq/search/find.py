"""``find_cuts``: from a circuit and a width to a plan."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from cutq.circuits.circuit import Circuit
from cutq.circuits.observable import Observable, observable
from cutq.errors import PlanError
from cutq.network.influence import completed, influence, targets
from cutq.network.layout import Layout
from cutq.network.plan import CutPlan
from cutq.search.answer import Asked, TooWideError, answered, teller, value_of, whole_progress
from cutq.search.commute import gathered
from cutq.search.graph import LOADS, priced_graph, star
from cutq.search.options import LEAST_TIME, OBJECTIVES, PROVABLE, Listener, Search, shares, whole
from cutq.search.order import timed
from cutq.search.plans import as_plan, joined, needed
from cutq.search.problem import TOLERANCE, allowed, problem
from cutq.search.task import Task

MOST_JOINT = 20_000
"""Operations up to which joint cuts are searched, and a second order in which gates that commute are gathered."""

Observables = str | Observable | Iterable[str | Observable]


def find_cuts(
    circuit: Circuit,
    max_qubits: int,
    *,
    objective: str = "circuits",
    search: Search | None = None,
    observables: Observables | None = None,
    progress: Listener | None = None,
) -> CutPlan:
    """The best plan found whose fragments have at most ``max_qubits`` qubits.

    Beams over sweeps of the two-qubit gates find a first plan; a proving search over the same sweeps uses its value as
    first bound; where the proof fails, annealing, windows solved exactly and wider beams use what time is left.
    With Ctrl-C the search returns the best plan so far.

    Args:
        circuit: the circuit. One that already fits comes back uncut.
        max_qubits: largest width of a fragment.
        objective: what is minimised.

            - ``"circuits"``: circuits on a device, ``sum_f prod_l c_l`` over the fragments and their legs, with c = 3
              and 4 at the ends of a cut wire, and at both ends of a cut gate or a star 5 for rank 2 and 22 for rank 4.
              Of plans with as many circuits, that with the least gamma is taken. Can be proven.
            - ``"gamma"``: the product over all cuts of gamma, 4 for a wire, ``2 (sum |u_i|)**2 - 1`` for a gate with
              operator-Schmidt coefficients u_i (at its worst case over angles that are parameters), and with joint cuts
              4 for a star and ``2 prod_k (sum_i |u_i^(k)|)**2 - 1`` for the other gates between two fragments. Shot by
              shot sampling costs its square. Can be proven.
            - ``"shots"``: shots of a tabulated estimate with a standard error of 0.01, ``(sum_f sqrt(prod_l nu_l))**2
              / 0.01**2`` with nu = 3 and 2.82 at the ends of a wire and ``(gamma + 1) / 2`` at those of a gate, but 50
              for each circuit at least. A heuristic that is never proven.
            - ``"flops"``: operations of one exact evaluation, batched amplitude updates and the contraction that
              :func:`cutq.price` plans, for the observables if they are named. Taken literally it would cut every wire,
              so it is a choice among good plans of the other objectives, and never proven.
        search: options and limits.
        observables: what the plan is for. Operations that they do not depend on are left out, and the network that the
            plan makes refuses other observables. None keeps everything.
        progress: called with :class:`cutq.Progress` about ten times a second.

    Returns:
        A plan that knows its widths, price, bound and whether it is proven optimal; its cuts have the operation numbers
        of the circuit.

    Raises:
        PlanError: there is no such plan, none was found in time, or an argument is out of range.

    >>> from cutq.circuits.circuit import Operation
    >>> chain = Circuit(4, tuple(Operation("cx", (q, q + 1)) for q in range(3)))
    >>> plan = find_cuts(chain, 2)
    >>> plan.gamma, plan.price.circuits, plan.widths, plan.proven_optimal
    (3.0, 10, (2, 2), True)
    """
    options = search or Search()
    wanted = _checked(circuit, objective, observables)
    width = min(whole("max_qubits", max_qubits, 1), max(options.device_sizes or (max_qubits,)))
    _check_room(circuit, width, options)
    listener = whole_progress(progress, options.time_limit, objective)
    asked = Asked(circuit, width, objective, options, wanted, listener)
    try:
        plan = _found(asked) if objective in PROVABLE else _compared(asked)
    except PlanError as error:
        raise PlanError(f"{error}{_with_more_fragments(asked)}") from None
    if options.max_circuits is not None and plan.price.circuits > options.max_circuits:
        return _within_budget(asked, options.max_circuits, plan)
    return plan


def _checked(circuit: Circuit, objective: str, observables: Observables | None) -> tuple[Observable, ...]:
    """The observables, after a look at the other arguments."""
    if not isinstance(circuit, Circuit):
        raise PlanError(f"find_cuts takes a cutq.Circuit, got {type(circuit).__name__}; see cutq.from_qiskit")
    if objective not in OBJECTIVES:
        raise PlanError(f"unknown objective {objective!r}; known: {', '.join(OBJECTIVES)}")
    if observables is None:
        return ()
    several = (observables,) if isinstance(observables, str | Observable) else observables
    wanted = tuple(observable(one) for one in several)
    if not wanted:
        raise PlanError("observables name one observable or more; leave them out to keep all operations")
    for one in wanted:
        one.check(circuit.num_qubits)
    return wanted


def _check_room(circuit: Circuit, width: int, options: Search) -> None:
    """Refuse what cannot be for want of room, before any work."""
    used = _used(circuit)
    if options.device_sizes is not None and sum(options.device_sizes) < used:
        raise PlanError(
            f"the circuit uses {used} qubits, but device_sizes={options.device_sizes} have "
            f"{sum(options.device_sizes)}; add a device, or leave device_sizes out to run one fragment after another"
        )
    if options.max_fragments is None:
        return
    idle, most = circuit.num_qubits - used, options.max_fragments
    least = idle + (min(used, 1) if options.reuse else -(-used // width))
    if least > most:
        alone = f" and leaves {idle} alone, each a fragment," if idle else ""
        wider = f", or {-(-used // (most - idle))} qubits" if most > idle else ""
        raise PlanError(
            f"the circuit uses {used} qubits{alone} but max_fragments={most} fragments of {width} qubits do not hold "
            f"them; {least} fragments would{wider}"
        )


def _used(circuit: Circuit) -> int:
    """How many qubits something happens to."""
    return len({qubit for op in circuit.operations for qubit in op.qubits})


def _found(asked: Asked) -> CutPlan:
    """The best plan for an objective that the search minimises: in all orders, with and without groups."""
    kept = _kept(asked)
    if len(kept) > MOST_JOINT:
        asked = replace(asked, search=replace(asked.search, joint=False))
    orders = [(order, False) for order in _orders(asked, kept)]
    if asked.search.joint and asked.circuit.groups:
        whole = completed(kept, (group.ops for group in asked.circuit.groups))
        orders += [(order, True) for order in _orders(asked, tuple(whole))]
    kinds = [asked, *([_without_reuse(asked)] if asked.search.reuse else [])]
    tries = list(itertools.product(kinds, orders))
    return _best([partial(_in_order, kind, *order) for kind, order in tries], asked)


def _orders(asked: Asked, kept: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The order of time, and if gates may be cut jointly that in which those that commute are gathered."""
    if not asked.search.joint:
        return [kept]
    order = gathered(Layout(asked.circuit, kept).laid_out, asked.max_qubits)
    return list(dict.fromkeys((kept, tuple(kept[position] for position in order))))


def _without_reuse(asked: Asked) -> Asked:
    """The same question without reuse of qubits: its answers are valid with reuse too, and its search is stronger."""
    return replace(asked, search=replace(asked.search, reuse=False))


def _best(tries: Sequence[Callable[[float], CutPlan]], asked: Asked) -> CutPlan:
    """The best plan of several tries, which are told their seconds.

    They end with an interrupt, when the time is up, or where nothing is cut. The plan is proven if no try, of those in
    the model that was asked for, could have found a better one.

    Raises:
        PlanError: no try found one; what the first said.
    """
    plans: list[CutPlan] = []
    errors: list[PlanError] = []
    left_out = False
    for one, seconds in zip(tries, shares(asked.search.time_limit, len(tries)), strict=True):
        left_out = bool(plans) and seconds <= LEAST_TIME
        if left_out:
            break
        try:
            plans.append(one(seconds))
        except PlanError as error:
            errors.append(error)
            continue
        left_out = plans[-1].found is not None and plans[-1].found.interrupted
        if left_out or not plans[-1].cuts:
            break
    if not plans:
        raise errors[0]
    best = min(plans, key=lambda plan: _rank(asked.objective, plan))
    found = [plan.found for plan in plans if plan.found is not None]
    bound = 0.0 if left_out else min((one.bound for one in found if one.reuse == asked.search.reuse), default=0.0)
    value = value_of(asked.objective, best.price)
    proven = bound >= value * (1 - TOLERANCE) and asked.objective in PROVABLE
    assert best.found is not None
    model, reuse = asked.search.model, asked.search.reuse
    return replace(best, found=replace(best.found, reuse=reuse, model=model, proven_optimal=proven,
                                       bound=value if proven else min(bound, value)))  # fmt: skip


def _rank(objective: str, plan: CutPlan) -> tuple[float, float]:
    """The value of a plan, to nine digits, and its gamma: of equally good plans the one of least gamma wins."""
    value = value_of(objective, plan.price)
    return (float(f"{value:.9g}"), plan.gamma)


def _in_order(asked: Asked, kept: tuple[int, ...], groups: bool, seconds: float) -> CutPlan:
    """The best plan with these operations in this order, with recorded groups as they are or gate by gate."""
    from cutq.search.solve import solve  # the compiler is loaded where there is something to search

    layout, options, loads = Layout(asked.circuit, kept), asked.search, LOADS[asked.objective]
    joint = options.joint and options.gate_cuts
    graph = priced_graph(layout.laid_out, asked.objective, merge=options.merge_gates, joint=joint, groups=groups)
    task = problem(graph, loads=loads is not None, star=star(asked.objective) if joint else None)
    task = allowed(task, wires=options.wire_cuts, gates=options.gate_cuts)
    solution = solve(task, _task(asked, layout.laid_out, seconds), teller(asked))
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
    return _in_order(replace(asked, search=replace(options, joint=False)), kept, groups, seconds)


def _kept(asked: Asked) -> tuple[int, ...]:
    """Numbers of the operations that the observables depend on."""
    if not asked.observables:
        return tuple(range(len(asked.circuit.operations)))
    return tuple(influence(asked.circuit, targets(asked.observables)))


def _task(asked: Asked, circuit: Circuit, seconds: float) -> Task:
    """What is asked of the problem of a circuit; qubits that nothing happens to are no part of it."""
    options, idle = asked.search, circuit.num_qubits - _used(circuit)
    most = None if options.max_fragments is None else options.max_fragments - idle
    return Task(asked.max_qubits, options.reuse, most, options.device_sizes, seconds, options.seed)


def _compared(asked: Asked) -> CutPlan:
    """Of good plans of several objectives the best for one that the search does not minimise itself."""
    options = asked.search
    tries = [(objective, options) for objective in ("gamma", "circuits", "shots")]
    tries += [("gamma", replace(options, wire_cuts=False)), ("circuits", replace(options, joint=False))]
    tries = [(objective, kind) for objective, kind in tries if kind.wire_cuts or kind.gate_cuts] or tries[:1]

    def one(name: str, kind: Search, seconds: float) -> CutPlan:
        return _found(replace(asked, objective=name, search=replace(kind, time_limit=seconds)))

    best = _best([partial(one, name, kind) for name, kind in tries], asked)
    assert best.found is not None
    report = f"{len(tries)} searches compared; {best.found.report}"
    found = replace(best.found, objective=asked.objective, proven_optimal=False, bound=0.0, report=report)
    return replace(best, found=found)


def _with_more_fragments(asked: Asked) -> str:
    """What the closest plan is to one of too few fragments; nothing where their number is not the reason."""
    most = asked.search.max_fragments
    if most is None:
        return ""
    for more in (1, 2, 4, 8, 16):
        options = replace(asked.search, max_fragments=most + more, time_limit=asked.search.time_limit / 5)
        with suppress(PlanError):
            return f"; the closest plan found has {len(_found(replace(asked, search=options)).widths)} fragments"
    return ""


def _within_budget(asked: Asked, most: int, other: CutPlan) -> CutPlan:
    """A plan of no more circuits than this, whatever it costs otherwise."""
    plan = other if asked.objective == "circuits" else _found(replace(asked, objective="circuits"))
    assert plan.found is not None
    if plan.price.circuits > most:
        raise PlanError(
            f"no plan {'exists' if plan.proven_optimal else 'was found'} with at most max_circuits={most} circuits and "
            f"{asked.max_qubits} qubits; the closest takes {plan.price.circuits}; allow more circuits or more qubits"
        )
    found = replace(plan.found, objective=asked.objective, proven_optimal=False, bound=0.0,
                    report=f"the fewest circuits, to stay within {most}; {plan.found.report}")  # fmt: skip
    return replace(plan, found=found)
