"""``find_cuts``: from a circuit and a width to a plan."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from cutq.circuits.circuit import Circuit
from cutq.circuits.observable import Observable, observable
from cutq.errors import PlanError
from cutq.network.cuts import Cut, WireCut
from cutq.network.influence import influence, targets
from cutq.network.layout import Layout
from cutq.network.plan import CutPlan, Found
from cutq.network.price import Price, price
from cutq.network.split import split
from cutq.search.graph import LOADS, priced_graph, star
from cutq.search.options import OBJECTIVES, PROVABLE, Listener, Search, whole
from cutq.search.order import timed
from cutq.search.plans import as_plan, joined, needed
from cutq.search.problem import TOLERANCE, allowed, problem
from cutq.search.task import Solution, Task

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
    asked = _Asked(circuit, width, objective, options, wanted, progress)
    plan = _fewest_flops(asked) if objective == "flops" else _found(asked)
    if options.max_circuits is not None and plan.price.circuits > options.max_circuits:
        return _within_budget(asked, options.max_circuits, plan)
    return plan


@dataclass(frozen=True)
class _Asked:
    """What a search was asked, checked."""

    circuit: Circuit
    max_qubits: int
    objective: str
    search: Search
    observables: tuple[Observable, ...]
    progress: Listener | None


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


def _found(asked: _Asked) -> CutPlan:
    """The plan for an objective that the search minimises."""
    from cutq.search.solve import solve  # the compiler is loaded where there is something to search

    layout = Layout(asked.circuit, _kept(asked))
    options, loads = asked.search, LOADS[asked.objective]
    joint = options.joint and options.gate_cuts
    graph = priced_graph(layout.laid_out, asked.objective, merge=options.merge_gates, joint=joint)
    task = problem(graph, loads=loads is not None, star=star(asked.objective) if joint else None)
    task = allowed(task, wires=options.wire_cuts, gates=options.gate_cuts)
    solution = solve(task, Task(asked.max_qubits, *_limits(options)), asked.progress)
    plan = needed(layout.laid_out, as_plan(graph, task, solution.cuts))
    if joint and loads is None:
        plan = joined(layout.laid_out, plan)
    order = timed(graph, task, solution.order) if options.reuse else tuple(range(len(layout.order)))
    return _known(asked, layout, plan, order, solution)


def _kept(asked: _Asked) -> tuple[int, ...]:
    """Numbers of the operations that the observables depend on."""
    if not asked.observables:
        return tuple(range(len(asked.circuit.operations)))
    return tuple(influence(asked.circuit, targets(asked.observables)))


def _limits(options: Search) -> tuple[bool, int | None, tuple[int, ...] | None, float, int]:
    """What a task is asked besides its width, in the order of its attributes."""
    return options.reuse, options.max_fragments, options.device_sizes, float(options.time_limit), options.seed


def _known(asked: _Asked, layout: Layout, plan: CutPlan, order: tuple[int, ...], solution: Solution) -> CutPlan:
    """The plan in the numbers of the circuit, with what is known about it."""
    numbers = tuple(layout.order[position] for position in order)
    whole = numbers == tuple(range(len(asked.circuit.operations)))
    cuts = tuple(_numbered(cut, layout) for cut in plan.cuts)
    final = CutPlan(cuts, None if whole else numbers, asked.observables)
    network = split(asked.circuit, final)
    cost = price(network)
    _check_widths(asked, cost)
    value = value_of(asked.objective, cost)
    proven = (
        solution.proven and asked.objective in PROVABLE and value <= _exp_of(asked, solution.cost) * (1 + TOLERANCE)
    )
    bound = _exp_of(asked, solution.bound) if asked.objective in PROVABLE else 0.0
    return replace(
        final,
        found=Found(
            max_qubits=asked.max_qubits,
            objective=asked.objective,
            widths=network.widths,
            price=cost,
            proven_optimal=proven,
            bound=value if proven else min(bound, value),
            model=asked.search.model,
            report=_report(plan, solution),
        ),
    )


def _numbered(cut: Cut, layout: Layout) -> Cut:
    """A cut of the circuit that is laid out in the numbers of its user's circuit."""
    if isinstance(cut, WireCut):
        return replace(cut, after=layout.order[cut.after])
    return replace(cut, ops=tuple(layout.order[position] for position in cut.ops))


def _check_widths(asked: _Asked, cost: Price) -> None:
    widest = max(cost.reused_widths if asked.search.reuse else cost.widths, default=0)
    if widest > asked.max_qubits:
        raise AssertionError(f"the search made a fragment of {widest} qubits, more than {asked.max_qubits}")


def value_of(objective: str, cost: Price) -> float:
    """The value of an objective."""
    values = {"gamma": cost.gamma, "circuits": cost.circuits, "shots": cost.shots(), "flops": cost.flops}
    return float(values[objective])


def _exp_of(asked: _Asked, cost: float) -> float:
    """What the search minimised as a value of the objective."""
    if asked.objective == "gamma":
        return math.exp(cost) if cost < 700 else math.inf
    return cost


def _report(plan: CutPlan, solution: Solution) -> str:
    return str(solution.report) if plan.cuts else "the circuit fits without a cut"


def _fewest_flops(asked: _Asked) -> CutPlan:
    """Of good plans of the other objectives that with the fewest operations."""
    options = asked.search
    kinds = [("circuits", options), ("gamma", options), ("gamma", replace(options, wire_cuts=False)),
             ("circuits", replace(options, joint=False))]  # fmt: skip
    plans: list[CutPlan] = []
    for objective, kind in dict.fromkeys(kinds):
        try:
            limited = replace(kind, time_limit=options.time_limit / len(kinds))
            plans.append(_found(replace(asked, objective=objective, search=limited)))
        except PlanError:
            if objective == "circuits" and kind == options:
                raise
    best = min(plans, key=lambda plan: plan.price.flops)
    assert best.found is not None
    report = f"{len(plans)} plans compared; {best.found.report}"
    return replace(best, found=replace(best.found, objective="flops", proven_optimal=False, bound=0.0, report=report))


def _within_budget(asked: _Asked, most: int, other: CutPlan) -> CutPlan:
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
