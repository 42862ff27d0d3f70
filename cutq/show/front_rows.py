"""What a Pareto front says of each plan, in numbers and as the rows of a table."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cutq.errors import PlanError
from cutq.network.plan import CutPlan, magnitude

HEADER = ("plan", "width", "fragments", "circuits", "gamma", "flops", "shots factor", "proven")
"""Names of the columns; all but the last hold numbers."""

PROVEN = {"circuits": "fewest circuits", "gamma": "least gamma"}
"""What is proven of a plan, by the objective of its search."""

REUSE = "qubits used again"
"""In the model of a search: one qubit may host several wires, one after another."""

UNCUT = "uncut"


def checked(plans: Sequence[CutPlan]) -> tuple[CutPlan, ...]:
    """The plans of a front.

    Raises:
        PlanError: there is none, or one was not found by a search.
    """
    found = tuple(plans)
    if not found:
        raise PlanError("a front has one plan or more, got none")
    for number, plan in enumerate(found):
        if not isinstance(plan, CutPlan):
            raise PlanError(f"a front has values of cutq.CutPlan, got {type(plan).__name__} at position {number}")
        if plan.found is None:
            raise PlanError(
                f"a front has plans that know their price, but plan {number} was made by hand; see cutq.find_plans"
            )
    return found


def width(plan: CutPlan) -> int:
    """Qubits of the widest fragment of a found plan, as its search counted them."""
    return max(plan.price.reused_widths if reuses(plan) else plan.widths, default=0)


def reuses(plan: CutPlan) -> bool:
    """Whether the plan's search let qubits be used again."""
    return plan.found is not None and plan.found.reuse


def is_proven(plan: CutPlan, objective: str) -> bool:
    """Whether no plan of the model and of this width has less of the objective."""
    if plan.found is None or objective not in PROVEN:
        return False
    return plan.proven_optimal and (plan.found.objective == objective or not plan.cuts)


def rows(plans: Sequence[CutPlan]) -> list[tuple[str, ...]]:
    """For each plan the texts below :data:`HEADER`."""
    return [_row(number, plan) for number, plan in enumerate(plans)]


def number_text(number: float) -> str:
    """A figure that may be astronomical, in a few letters.

    >>> number_text(35), number_text(16**1000), number_text(2.8609667), number_text(23055.16), number_text(2.31e7)
    ('35', '1e+1204', '2.861', '23055', '2.31e+7')
    """
    if isinstance(number, float) and math.isinf(number):
        return "> 1e+308"
    return f"{number:.4g}" if number < 9999.5 else magnitude(round(number))


def _row(number: int, plan: CutPlan) -> tuple[str, ...]:
    price = plan.price
    figures = (width(plan), len(plan.widths), price.circuits, price.gamma, price.flops, price.shots_factor)
    return (str(number), *map(number_text, figures), _proof(plan))


def _proof(plan: CutPlan) -> str:
    if not plan.cuts:
        return UNCUT
    return ", ".join(words for objective, words in PROVEN.items() if is_proven(plan, objective)) or "-"
