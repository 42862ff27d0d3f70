"""The search against every set of cuts, and what it promises about bounds, time and errors."""

from __future__ import annotations

import math

import networkx as nx
import pytest

from cutq.errors import PlanError
from cutq.search.cuts import Cuts
from cutq.search.problem import Problem, allowed, problem
from cutq.search.solve import solve
from cutq.search.task import Solution, Task
from tests.search.exhaustive import WIRE, cheapest, cost_and_width, random_graph, wire_graph


def cuts(task: Problem, solution: Solution) -> tuple[frozenset, frozenset]:
    """The nodes and the edges of the graph that a solution cuts."""
    nodes = {node for index in solution.cuts.units for node in task.units[index].nodes}
    seams = (task.units[index].seams[position] for index, position in solution.cuts.seams)
    return task.free | nodes, frozenset(seam.edge for seam in seams if seam is not None)


def check(graph: nx.MultiDiGraph, max_qubits: int) -> None:
    """The search finds the optimum, says so, and its cuts are what it says."""
    best = cheapest(graph, max_qubits)
    task = problem(graph)
    if best == math.inf:
        with pytest.raises(PlanError, match="no plan exists"):
            solve(task, Task(max_qubits))
        return
    solution = solve(task, Task(max_qubits))
    cost, width = cost_and_width(graph, *cuts(task, solution))
    assert width <= max_qubits
    assert solution.proven
    assert cost == pytest.approx(solution.cost, abs=1e-8)
    assert solution.cost == pytest.approx(best, abs=1e-8)
    assert solution.bound == pytest.approx(best, abs=1e-8)


@pytest.mark.parametrize("seed", range(40))
def test_optimum_is_that_of_trying_everything(seed: int) -> None:
    check(random_graph(seed, 3 + seed % 2, 3 + seed % 3), 1 + seed % 3)


@pytest.mark.parametrize("seed", range(40))
def test_optimum_with_uneven_and_forbidden_cuts(seed: int) -> None:
    check(random_graph(seed, 3 + seed % 2, 3 + seed % 3, uneven=True), 1 + seed % 3)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(("wire_cuts", "gate_cuts"), [(True, False), (False, True)])
def test_one_kind_of_cut(seed: int, wire_cuts: bool, gate_cuts: bool) -> None:
    graph = random_graph(seed, 4, 5)
    forbidden = graph.copy()
    for number, price in graph.nodes(data="price"):
        if price and not gate_cuts:
            forbidden.nodes[number]["price"] = math.inf
    if not wire_cuts:
        nx.set_edge_attributes(forbidden, math.inf, "price")
    solution = solve(allowed(problem(graph), wires=wire_cuts, gates=gate_cuts), Task(3))
    assert solution.cost == pytest.approx(cheapest(forbidden, 3), abs=1e-8)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("time_limit", [0.0, 1e-3, 0.05])
def test_out_of_time_the_bound_is_below_and_the_plan_above(seed: int, time_limit: float) -> None:
    graph = random_graph(seed, 8, 40)
    task = problem(graph)
    optimum = solve(task, Task(4, time_limit=60))
    hurried = solve(task, Task(4, time_limit=time_limit))
    cost, width = cost_and_width(graph, *cuts(task, hurried))
    assert optimum.proven
    assert width <= 4
    assert cost == pytest.approx(hurried.cost, abs=1e-8)
    assert hurried.bound <= optimum.cost + 1e-8 <= hurried.cost + 2e-8
    assert not hurried.proven or hurried.cost == pytest.approx(optimum.cost, abs=1e-8)


def test_width_of_the_circuit_needs_no_cut() -> None:
    solution = solve(problem(random_graph(1, 6, 30)), Task(6))
    assert (solution.cost, solution.cuts, solution.proven) == (0.0, Cuts({}, frozenset()), True)


def test_width_one_cuts_every_gate() -> None:
    task = problem(wire_graph([(0, 1, 1.0), (1, 2, 2.0)], 3))
    solution = solve(task, Task(1))
    assert cuts(task, solution) == (frozenset({0, 2}), frozenset())
    assert solution.cost == pytest.approx(3.0)


def test_a_cut_wire_whose_pieces_meet_again_counts_twice() -> None:
    graph = wire_graph([(0, 1, math.inf), (2, 3, math.inf), (0, 2, math.inf)], 4)
    assert cheapest(graph, 3) == pytest.approx(WIRE)
    assert solve(problem(graph), Task(3)).cost == pytest.approx(WIRE)


def test_disjoint_parts_are_added() -> None:
    part = [(0, 1, 1.0), (1, 2, 0.5)]
    graph = wire_graph(part + [(a + 3, b + 3, price) for a, b, price in part], 6)
    solution = solve(problem(graph), Task(2))
    assert solution.cost == pytest.approx(1.0)
    assert solution.proven


def test_nothing_may_be_cut() -> None:
    task = problem(wire_graph([(0, 1, 1.0), (1, 2, 1.0)], 3))
    with pytest.raises(PlanError, match="3 qubits would do"):
        solve(allowed(task, wires=False, gates=False), Task(2))


def test_one_qubit_needs_gate_cuts() -> None:
    with pytest.raises(PlanError, match="2 qubits would do"):
        solve(allowed(problem(wire_graph([(0, 1, 1.0), (1, 2, 1.0)], 3)), wires=True, gates=False), Task(1))


def test_no_two_wire_node_no_cut() -> None:
    solution = solve(problem(wire_graph([(0, 1, 0.0)], 2)), Task(1))
    assert (solution.cost, solution.proven) == (0.0, True)


def test_same_seed_same_answer() -> None:
    task = problem(random_graph(3, 7, 30))
    assert solve(task, Task(4, seed=5, time_limit=60)) == solve(task, Task(4, seed=5, time_limit=60))


@pytest.mark.parametrize("seed", range(8))
def test_what_is_known_already_ends_the_proof_and_not_the_plan(seed: int) -> None:
    """With the optimum known nothing cheaper is looked for; the bound says so, whatever plan comes back."""
    task = problem(random_graph(seed, 5, 14))
    best = solve(task, Task(3))
    assert best.proven
    again = solve(task, Task(3, known=best.cost))
    assert again.bound == pytest.approx(best.cost, rel=1e-6)
    assert again.cost >= best.cost - 1e-9
    cheaper = solve(task, Task(3, known=best.cost + 0.5))
    assert cheaper.bound <= cheaper.cost + 1e-9
    assert cheaper.cost == pytest.approx(best.cost)
