"""What a search was asked and what it answers, as values of its user."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from time import monotonic

from cutq.circuits.circuit import Circuit
from cutq.circuits.observable import Observable
from cutq.network.cuts import Cut, WireCut
from cutq.network.layout import Layout
from cutq.network.plan import CutPlan, Found
from cutq.network.price import Price, as_float, price
from cutq.network.split import split
from cutq.search.options import PROVABLE, Listener, Progress, Search
from cutq.search.problem import TOLERANCE
from cutq.search.task import Solution


class TooWideError(Exception):
    """A plan has a fragment that is wider than what was asked for."""


@dataclass(frozen=True)
class Asked:
    """What a search was asked, checked.

    Attributes:
        circuit, max_qubits, objective, search, observables, progress: as in :func:`cutq.find_cuts`.
    """

    circuit: Circuit
    max_qubits: int
    objective: str
    search: Search
    observables: tuple[Observable, ...]
    progress: Listener | None


def answered(asked: Asked, layout: Layout, plan: CutPlan, order: tuple[int, ...], solution: Solution) -> CutPlan:
    """A plan in the numbers of the circuit, with what is known about it.

    Args:
        asked: what was asked.
        layout: the circuit as it was searched.
        plan: the cuts, in the numbers of that.
        order: the order of its operations, too.
        solution: what the search says.

    Raises:
        TooWideError: it does not fit.
    """
    numbers = tuple(layout.order[position] for position in order)
    whole = numbers == tuple(range(len(asked.circuit.operations)))
    cuts = tuple(_numbered(cut, layout) for cut in plan.cuts)
    final = CutPlan(cuts, None if whole else numbers, asked.observables)
    network = split(asked.circuit, final)
    cost = price(network)
    widest = max(cost.reused_widths if asked.search.reuse else cost.widths, default=0)
    if widest > asked.max_qubits:
        raise TooWideError(f"the search made a fragment of {widest} qubits, more than {asked.max_qubits}")
    value = value_of(asked.objective, cost)
    proven = solution.proven and asked.objective in PROVABLE and value <= exp_of(asked, solution.cost) * (1 + TOLERANCE)
    bound = exp_of(asked, solution.bound) if asked.objective in PROVABLE else 0.0
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
            reuse=asked.search.reuse,
            interrupted=solution.report.interrupted,
        ),
    )


def _numbered(cut: Cut, layout: Layout) -> Cut:
    """A cut of the circuit that is laid out in the numbers of its user's circuit."""
    if isinstance(cut, WireCut):
        return replace(cut, after=layout.order[cut.after])
    return replace(cut, ops=tuple(layout.order[position] for position in cut.ops))


def value_of(objective: str, cost: Price) -> float:
    """The value of an objective."""
    values = {"gamma": cost.gamma, "circuits": cost.circuits, "shots": cost.shots(), "flops": cost.flops}
    value = values[objective]
    return as_float(value) if isinstance(value, int) else value


def exp_of(asked: Asked, cost: float) -> float:
    """What the search minimised as a value of the objective."""
    if asked.objective == "gamma":
        return math.exp(cost) if cost < 700 else math.inf
    return cost


def _report(plan: CutPlan, solution: Solution) -> str:
    return str(solution.report) if plan.cuts else "the circuit fits without a cut"


def whole_progress(listener: Listener | None, seconds: float, objective: str) -> Listener | None:
    """Passes on what several searches tell as the progress of one, whose best cost never rises.

    Where they minimise something else than the objective, its value is not known before the end.
    """
    if listener is None:
        return None
    start, best = monotonic(), math.inf

    def tell(told: Progress) -> None:
        nonlocal best
        known = objective in PROVABLE
        best = min(best, told.cost) if known else math.inf
        bound = min(told.bound, best) if known else 0.0
        listener(Progress(told.stage, monotonic() - start, seconds, best, bound))

    return tell


def teller(asked: Asked) -> Listener | None:
    """Passes progress on, with costs as values of the objective."""
    listener = asked.progress
    if listener is None or asked.objective != "gamma":
        return listener
    return lambda told: listener(replace(told, cost=exp_of(asked, told.cost), bound=exp_of(asked, told.bound)))
