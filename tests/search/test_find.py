"""``find_cuts``: what each option and each reduction does, and that none changes a value."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from cutq import (
    Circuit,
    CutPlan,
    GateCut,
    Observable,
    Operation,
    PlanError,
    Progress,
    Search,
    WireCut,
    expectation,
    expectations,
    find_cuts,
    find_plans,
    param,
    price,
    probabilities,
    split,
)
from cutq.network.reuse import schedule
from cutq.search.devices import packing
from tests import oracle
from tests.zoo import line, star, tfim, u3_layer

PLAIN = Search(merge_gates=False, joint=False)


def op(name: str, *qubits: int, params: tuple[object, ...] = ()) -> Operation:
    return Operation(name, qubits, params)


def fourier(num_qubits: int) -> Circuit:
    """The quantum Fourier transform without its swaps, after a layer that makes its values differ from zero."""
    ops = [Operation("ry", (q,), (0.3 + 0.2 * q,)) for q in range(num_qubits)]
    for q in range(num_qubits):
        ops.append(Operation("h", (q,)))
        ops += [Operation("cp", (k, q), (math.pi / 2 ** (k - q),)) for k in range(q + 1, num_qubits)]
    return Circuit(num_qubits, tuple(ops))


def agrees(circuit: Circuit, plan: CutPlan, text: str) -> bool:
    """Whether a plan gives the value of the whole circuit."""
    value = expectation(split(circuit, plan), text)
    return bool(abs(value - oracle.value(circuit, Observable(text))) < 1e-10)


# --- objectives ---


def test_wire_cuts_take_fewer_circuits_and_gate_cuts_less_gamma() -> None:
    by_circuits, by_gamma = (find_cuts(line(4, 1), 3, objective=name) for name in ("circuits", "gamma"))
    assert (by_circuits.price.circuits, by_circuits.gamma) == (7, pytest.approx(4))
    assert (by_gamma.price.circuits, by_gamma.gamma) == (10, pytest.approx(3))
    assert by_circuits.proven_optimal
    assert by_gamma.proven_optimal
    assert by_circuits.bound == 7


@pytest.mark.parametrize("objective", ["shots", "flops"])
def test_heuristic_objectives_are_never_proven(objective: str) -> None:
    plan = find_cuts(line(6, 2), 3, objective=objective)
    assert plan.cuts
    assert not plan.proven_optimal
    assert plan.bound == 0


def test_predicted_shots_are_no_more_than_those_of_the_other_plans() -> None:
    circuit = fourier(6)
    plans = {name: find_cuts(circuit, 4, objective=name) for name in ("shots", "gamma")}
    assert plans["shots"].price.shots() <= plans["gamma"].price.shots() * (1 + 1e-9)


@pytest.mark.parametrize("num_qubits", [5, 8])
def test_the_fewest_operations_come_from_stars(num_qubits: int) -> None:
    circuit = fourier(num_qubits)
    plain = find_cuts(circuit, num_qubits // 2 + 1, objective="gamma", search=PLAIN)
    joined = find_cuts(circuit, num_qubits // 2 + 1, objective="flops")
    assert 5 * joined.price.flops < plain.price.flops
    assert joined.price == price(split(circuit, joined))
    assert agrees(circuit, joined, "Z0 X2 Y4")


# --- reductions ---


def test_gates_on_one_pair_are_multiplied() -> None:
    ops = [
        op("h", 0),
        op("cx", 1, 2),
        op("t", 2),
        op("rz", 1, params=(0.3,)),
        op("cx", 1, 2),
        op("cx", 0, 1),
        op("cx", 2, 3),
    ]
    circuit = u3_layer(Circuit(4, tuple(ops)))
    apart = find_cuts(circuit, 2, objective="gamma", search=PLAIN)
    merged = find_cuts(circuit, 2, objective="gamma", search=Search(joint=False))
    assert apart.gamma == pytest.approx(9)
    assert merged.gamma == pytest.approx(2 * (math.cos(math.pi / 8) + math.sin(math.pi / 8)) ** 2 - 1)
    assert merged.cuts == (GateCut((5, 8)),) or len(merged.cuts) == 1
    assert agrees(circuit, merged, "Z0 Y2 X3")


def test_gates_with_open_angles_are_not_multiplied_and_cost_their_worst_case() -> None:
    gates = tuple(op("rzz", 0, 1, params=(param(name),)) for name in "ab")
    plan = find_cuts(Circuit(2, (op("h", 0), op("h", 1), *gates)), 1, objective="gamma", search=Search(joint=False))
    assert plan.gamma == pytest.approx(9)
    assert find_cuts(Circuit(2, gates), 1, objective="gamma").gamma == pytest.approx(4)


def test_a_star_is_one_cut() -> None:
    circuit = u3_layer(star(7))
    plan = find_cuts(circuit, 6)
    apart = find_cuts(circuit, 6, search=PLAIN)
    assert plan.price.circuits <= apart.price.circuits
    fan = u3_layer(
        Circuit(5, tuple(op("cx", 0, q) for q in range(1, 5)) + tuple(op("cz", q, q + 1) for q in range(1, 4)))
    )
    joint = find_cuts(fan, 4, objective="circuits", search=Search(wire_cuts=False))
    assert joint.price.circuits == 10
    assert len(joint.cuts) == 1
    assert joint.gamma == pytest.approx(4)
    assert agrees(fan, joint, "X0 Z1 Y4")


def test_parallel_gates_are_cut_jointly_for_gamma() -> None:
    circuit = u3_layer(
        Circuit(4, (op("cx", 0, 1), op("cx", 2, 3), op("cx", 0, 2), op("cx", 1, 3), op("cz", 0, 1), op("cz", 2, 3)))
    )
    plan = find_cuts(circuit, 2, objective="gamma", search=Search(wire_cuts=False, merge_gates=False))
    assert plan.gamma == pytest.approx(7)
    assert agrees(circuit, plan, "Z0 X3")


def test_commuting_gates_change_places() -> None:
    ops = [op("h", q) for q in range(3)]
    ops += [
        op("rzz", 0, 1, params=(0.3,)),
        op("rzz", 1, 2, params=(0.4,)),
        op("rzz", 0, 1, params=(0.5,)),
        op("rzz", 1, 2, params=(0.6,)),
    ]
    circuit = u3_layer(Circuit(3, tuple(ops)))
    given = find_cuts(circuit, 2, search=PLAIN)
    gathered = find_cuts(circuit, 2, search=Search(merge_gates=False))
    assert gathered.price.circuits == 7
    assert given.price.circuits > 7
    assert gathered.order is not None
    assert agrees(circuit, gathered, "X0 Y1 Z2")
    np.testing.assert_allclose(
        probabilities(split(circuit, gathered), range(3)),
        probabilities(split(circuit, CutPlan.uncut()), range(3)),
        atol=1e-12,
    )


def test_a_light_cone_leaves_out_what_has_no_influence() -> None:
    circuit = u3_layer(tfim(12, 1))
    whole, reduced = find_cuts(circuit, 4), find_cuts(circuit, 4, observables="Z0")
    assert reduced.price.circuits < whole.price.circuits
    assert reduced.order is not None
    assert len(reduced.order) < len(circuit.operations)
    network = split(circuit, reduced)
    assert network.observables == (Observable("Z0"),)
    assert agrees(circuit, reduced, "Z0")
    numbers = {number for cut in reduced.cuts for number in ((cut.after,) if isinstance(cut, WireCut) else cut.ops)}
    assert numbers <= set(reduced.order)


def test_a_reduced_network_refuses_other_observables_by_name() -> None:
    circuit = u3_layer(tfim(12, 1))
    network = split(circuit, find_cuts(circuit, 4, observables="Z0"))
    with pytest.raises(PlanError, match=r"reduced for Z0, but Z9 depends on operation \d+"):
        expectations(network, ["Z0", "Z9"])
    with pytest.raises(PlanError, match="reduced for Z0"):
        probabilities(network, range(12))


def test_final_gates_that_commute_with_the_observables_go() -> None:
    circuit = Circuit(3, (op("h", 0), op("cx", 0, 1), op("cz", 1, 2), op("rzz", 0, 2, params=(0.3,))))
    plan = find_cuts(circuit, 2, observables=["Z0 Z1", "Z2"])
    assert plan.order == (0, 1)
    assert plan.cuts == ()
    assert agrees(circuit, plan, "Z0 Z1")


# --- limits ---


def test_reused_qubits_need_no_cut() -> None:
    circuit = u3_layer(star(8))
    plan = find_cuts(circuit, 2, search=Search(reuse=True))
    assert plan.cuts == ()
    assert plan.proven_optimal
    assert plan.price.reused_widths == (2,)
    assert plan.widths == (8,)
    assert agrees(circuit, plan, "Z0 X3 Y7")


@pytest.mark.parametrize("seed", range(6))
def test_reused_widths_are_what_was_asked(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ops = [op("cx", *map(int, rng.choice(7, 2, replace=False))) for _ in range(14)]
    circuit = u3_layer(Circuit(7, tuple(ops)))
    plan = find_cuts(circuit, 3, objective="gamma", search=Search(reuse=True, time_limit=2))
    network = split(circuit, plan)
    assert max(schedule(fragment).width for fragment in network.fragments) <= 3
    assert plan.gamma <= find_cuts(circuit, 3, objective="gamma", search=Search(time_limit=2)).gamma * (1 + 1e-9)
    assert agrees(circuit, plan, "Z0 X3 Y6")


def test_fragments_fit_the_devices_side_by_side() -> None:
    circuit = line(12, 2)
    plan = find_cuts(circuit, 12, search=Search(device_sizes=(3, 5, 6), time_limit=3))
    assert packing(plan.widths, (6, 5, 3)) is not None
    with pytest.raises(PlanError, match="uses 12 qubits, but device_sizes"):
        find_cuts(circuit, 12, search=Search(device_sizes=(3, 5)))


def test_a_budget_of_fragments() -> None:
    circuit = line(12, 1)
    free = find_cuts(circuit, 4)
    bound = find_cuts(circuit, 4, search=Search(max_fragments=3, time_limit=3))
    assert len(bound.widths) <= 3 < len(free.widths) or len(free.widths) == 3
    with pytest.raises(PlanError, match="3 fragments would, or 6 qubits"):
        find_cuts(circuit, 4, search=Search(max_fragments=2))


def test_too_few_fragments_name_the_closest_plan() -> None:
    options = Search(gate_cuts=False, max_fragments=3, time_limit=2)
    with pytest.raises(PlanError, match=r"at most 3 of them.*; the closest plan found has 5 fragments"):
        find_cuts(line(12, 2), 4, search=options)


def test_fragments_that_the_observables_do_not_need_are_not_counted() -> None:
    circuit = line(4, 1)
    plan = find_cuts(circuit, 4, search=Search(max_fragments=1), observables="Z0")
    assert not plan.cuts
    assert find_cuts(Circuit(3), 1, search=Search(max_fragments=1)).widths == (1, 1, 1)


def test_a_budget_of_circuits() -> None:
    circuit = line(4, 1)
    plan = find_cuts(circuit, 3, objective="gamma", search=Search(max_circuits=7))
    assert plan.price.circuits == 7
    assert not plan.proven_optimal
    with pytest.raises(PlanError, match=r"no plan exists with at most max_circuits=6 .* the closest takes 7"):
        find_cuts(circuit, 3, search=Search(max_circuits=6))


def test_an_impossible_width_names_the_one_that_would_do() -> None:
    with pytest.raises(PlanError, match="4 qubits would do"):
        find_cuts(line(4, 1), 2, search=Search(wire_cuts=False, gate_cuts=False))


@pytest.mark.parametrize("circuit", [Circuit(0), Circuit(3), line(3, 2)])
def test_what_fits_comes_back_uncut_and_says_so(circuit: Circuit) -> None:
    plan = find_cuts(circuit, 3)
    assert plan == CutPlan.uncut()
    assert plan.proven_optimal
    assert "fits without a cut" in str(plan)


# --- what happens meanwhile ---


def hard() -> Circuit:
    rng = np.random.default_rng(0)
    return Circuit(20, tuple(op("cx", *map(int, rng.choice(20, 2, replace=False))) for _ in range(150)))


def test_progress_tells_stage_cost_and_bound() -> None:
    told: list[Progress] = []
    plan = find_cuts(hard(), 12, objective="gamma", search=Search(time_limit=2, joint=False), progress=told.append)
    assert told
    assert all(one.stage for one in told)
    assert all(one.seconds >= 0 for one in told)
    assert told[-1].cost >= plan.gamma * (1 - 1e-9)
    assert told[-1].bound <= plan.gamma
    assert plan.bound < plan.gamma
    assert not plan.proven_optimal


@pytest.mark.parametrize("objective", ["circuits", "gamma", "flops"])
def test_progress_is_that_of_all_searches_together(objective: str) -> None:
    told: list[Progress] = []
    plan = find_cuts(hard(), 12, objective=objective, search=Search(time_limit=2), progress=told.append)
    for before, after in itertools.pairwise(told):
        assert before.cost >= after.cost
        assert before.seconds <= after.seconds
    assert {one.time_limit for one in told} == {2}
    assert told[-1].cost == math.inf if objective == "flops" else told[-1].cost >= plan.bound


def test_an_interrupt_returns_the_best_plan_so_far() -> None:
    def interrupt(told: Progress) -> None:
        if told.cost < math.inf and told.stage == "annealing":
            raise KeyboardInterrupt

    plan = find_cuts(hard(), 12, search=Search(time_limit=60, joint=False), progress=interrupt)
    assert plan.cuts
    assert plan.found is not None
    assert plan.found.interrupted
    assert "interrupted" in str(plan)


def test_the_front_is_cheapest_first_and_nothing_on_it_is_beaten() -> None:
    plans = find_plans(line(6, 1), 6, search=Search(time_limit=5))
    figures = [(max(p.widths), p.price.circuits, p.gamma, p.price.flops) for p in plans]
    assert [f[1] for f in figures] == sorted(f[1] for f in figures)
    assert figures[0][:2] == (6, 1)
    assert len(figures) > 2
    for one in figures:
        assert not any(other != one and all(a <= b for a, b in zip(other, one, strict=True)) for other in figures)


def test_gates_that_multiply_to_nothing_make_no_plan_dearer() -> None:
    ops = (op("swap", 1, 3), op("swap", 3, 1), op("cp", 4, 1, params=(0.3,)), op("swap", 1, 0), op("cx", 4, 3))
    circuit = Circuit(5, ops)
    assert (
        find_cuts(circuit, 3).price.circuits == find_cuts(circuit, 3, search=Search(merge_gates=False)).price.circuits
    )


@pytest.mark.parametrize("seed", range(10))
def test_more_freedom_costs_no_more(seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = ["cx", "cz", "swap", "cp", "rzz"]
    ops = []
    for _ in range(8):
        name = str(rng.choice(names))
        pair = tuple(map(int, rng.choice(5, 2, replace=False)))
        ops.append(Operation(name, pair, (0.3,) if name in ("cp", "rzz") else ()))
    circuit = Circuit(5, tuple(ops))
    for objective in ("circuits", "gamma"):
        free = find_cuts(circuit, 3, objective=objective)
        strict = find_cuts(circuit, 3, objective=objective, search=Search(joint=False))
        assert (free.price.circuits if objective == "circuits" else free.gamma) <= (
            strict.price.circuits if objective == "circuits" else strict.gamma
        ) * (1 + 1e-9)
        assert agrees(circuit, free, "Z0 Z3")
