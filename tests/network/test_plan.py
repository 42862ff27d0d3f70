"""Plans as values, and how they print."""

from __future__ import annotations

import math
import pickle

import pytest

from cutq import Circuit, CutPlan, GateCut, Operation, PlanError, Search, WireCut, find_cuts, param
from cutq.network.plan import magnitude
from tests.zoo import line, star


def test_equality_covers_the_cuts_and_not_what_the_search_did() -> None:
    found = find_cuts(star(9), 5)
    by_hand = CutPlan(tuple(reversed(found.cuts)))
    assert found == by_hand
    assert hash(found) == hash(by_hand)
    assert found.found is not None
    assert by_hand.found is None
    assert pickle.loads(pickle.dumps(found)).found == found.found


def test_a_found_plan_prints_as_a_table() -> None:
    text = str(find_cuts(line(8, 2), 4))
    for part in ("2 of width 4 (2 times)", "at most 4 qubits", "gamma", "device circuits  50", "proven optimal"):
        assert part in text
    assert "cuts (1)\n  gates 11, 26 jointly" in text


def test_astronomical_prices_are_printed_and_read_back() -> None:
    gates = tuple(range(9000))
    circuit = Circuit(2, tuple(Operation("rzz", (0, 1), (param(f"t{k}"),)) for k in gates))
    plan = CutPlan(tuple(GateCut((k,)) for k in gates))
    found = find_cuts(circuit, 1, objective="gamma", search=Search(joint=False, wire_cuts=False, time_limit=1))
    assert set(found.cuts) == set(plan.cuts)
    assert found.price.circuits == 2 * 5**9000
    assert found.gamma == math.inf
    assert "1e+6291" in str(found)
    assert CutPlan.from_json(found.to_json()) == found
    assert CutPlan.from_json(found.to_json()).price == found.price


def test_a_plan_made_by_hand_prints_its_cuts_and_knows_no_price() -> None:
    plan = CutPlan((GateCut((3, 5)), WireCut(2, 1)))
    assert str(plan) == "cuts (2)\n  wire of qubit 2 after operation 1\n  gates 3, 5 jointly"
    assert not plan.proven_optimal
    for name in ("widths", "price", "gamma", "bound"):
        with pytest.raises(PlanError, match="made by hand"):
            getattr(plan, name)
    assert "the circuit stays whole" in str(CutPlan.uncut())


def test_long_plans_are_shortened() -> None:
    plan = CutPlan(tuple(GateCut((k,)) for k in range(100)))
    assert "cuts (100)" in str(plan)
    assert "... and 70 more" in str(plan)


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (9_999_999, "9999999"), (12_345_678, "1.23e+7"), (10**400, "1e+400")]
)
def test_magnitudes(number: int, text: str) -> None:
    assert magnitude(number) == text
