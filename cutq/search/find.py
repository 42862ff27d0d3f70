"""``find_cuts``: from a circuit and a width to a plan."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial

from cutq.circuits.circuit import Circuit
from cutq.circuits.observable import Observable, observable
from cutq.errors import PlanError
from cutq.network.plan import CutPlan
from cutq.search.answer import Asked, whole_progress
from cutq.search.options import OBJECTIVES, PROVABLE, Listener, Search, whole
from cutq.search.tries import best_of, found_plan, kept_operations

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
    listener = whole_progress(progress, options.time_limit, objective)
    asked = Asked(circuit, width, objective, options, wanted, listener)
    _check_room(asked)
    if options.max_circuits is not None and objective != "circuits":
        asked = _in_time(asked, options.time_limit / 2)
    try:
        plan = found_plan(asked) if objective in PROVABLE else _compared(asked)
    except PlanError as error:
        raise PlanError(f"{error}{_with_more_fragments(asked)}") from None
    if options.max_circuits is not None and plan.price.circuits > options.max_circuits:
        return _within_budget(asked, options.max_circuits, plan)
    return plan


def _in_time(asked: Asked, seconds: float) -> Asked:
    return replace(asked, search=replace(asked.search, time_limit=seconds))


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


def _check_room(asked: Asked) -> None:
    """Refuse what cannot be for want of room, before any work."""
    options = asked.search
    if options.device_sizes is None and options.max_fragments is None:
        return
    used = _used(asked)
    if options.device_sizes is not None and sum(options.device_sizes) < used:
        raise PlanError(
            f"the circuit uses {used} qubits, but device_sizes={options.device_sizes} have "
            f"{sum(options.device_sizes)}; add a device, or leave device_sizes out to run one fragment after another"
        )
    most = options.max_fragments
    least = min(used, 1) if options.reuse else -(-used // asked.max_qubits)
    if most is not None and most < least:
        raise PlanError(
            f"the circuit uses {used} qubits, but max_fragments={most} fragments of {asked.max_qubits} qubits hold "
            f"{most * asked.max_qubits}; {least} fragments would, or {-(-used // most)} qubits"
        )


def _used(asked: Asked) -> int:
    """How many qubits something happens to on which the observables depend."""
    return len({qubit for number in kept_operations(asked) for qubit in asked.circuit.operations[number].qubits})


def _compared(asked: Asked) -> CutPlan:
    """Of good plans of several objectives the best for one that the search does not minimise itself."""
    options = asked.search
    tries = [(objective, options) for objective in ("gamma", "circuits", "shots")]
    tries += [("gamma", replace(options, wire_cuts=False)), ("circuits", replace(options, joint=False))]
    tries = [(objective, kind) for objective, kind in tries if kind.wire_cuts or kind.gate_cuts] or tries[:1]

    def one(name: str, kind: Search, seconds: float, _: float) -> CutPlan:
        return found_plan(replace(asked, objective=name, search=replace(kind, time_limit=seconds)))

    best = best_of([partial(one, name, kind) for name, kind in tries], asked)
    assert best.found is not None
    report = f"{len(tries)} searches compared; {best.found.report}"
    found = replace(best.found, objective=asked.objective, proven_optimal=False, bound=0.0, report=report)
    return replace(best, found=found)


def _with_more_fragments(asked: Asked) -> str:
    """What the closest plan is to one of too few fragments; nothing where their number is not the reason."""
    most = asked.search.max_fragments
    if most is None or asked.search.device_sizes is not None:
        return ""
    alone = asked.circuit.num_qubits - _used(asked)
    for more in (1, 2, 4, 8, 16):
        options = replace(asked.search, max_fragments=most + more, time_limit=asked.search.time_limit / 20)
        with suppress(PlanError):
            plan = found_plan(replace(asked, search=options, progress=None))
            return f"; the closest plan found has {len(plan.widths) - alone} fragments"
    return ""


def _within_budget(asked: Asked, most: int, other: CutPlan) -> CutPlan:
    """A plan of no more circuits than this, whatever it costs otherwise."""
    plan = other if asked.objective == "circuits" else found_plan(replace(asked, objective="circuits", progress=None))
    assert plan.found is not None
    if plan.price.circuits > most:
        raise PlanError(
            f"no plan {'exists' if plan.proven_optimal else 'was found'} with at most max_circuits={most} circuits and "
            f"{asked.max_qubits} qubits; the closest takes {plan.price.circuits}; allow more circuits or more qubits"
        )
    found = replace(plan.found, objective=asked.objective, proven_optimal=False, bound=0.0,
                    report=f"the fewest circuits, to stay within {most}; {plan.found.report}")  # fmt: skip
    return replace(plan, found=found)
