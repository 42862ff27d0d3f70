"""What the search reads from a graph."""

from __future__ import annotations

import math

import pytest

from cutq.errors import PlanError
from cutq.search.problem import later_prices, problem
from tests.search.exhaustive import WIRE, wire_graph


def test_first_cut_of_a_wire_costs_nothing_and_separates_nothing() -> None:
    task = problem(wire_graph([(0, 1, 1.0), (1, 2, 2.0)], 3))
    assert [[seam and seam.price for seam in unit.seams] for unit in task.units] == [[None, None], [WIRE, None]]
    assert [unit.nodes for unit in task.units] == [(0,), (2,)]
    assert task.units[1].seams[0].edge == (0, 2, 1)
    assert later_prices(task.units) == [(0.0, WIRE), (0.0, 0.0)]


def test_neighbours_on_a_pair_are_one_unit() -> None:
    task = problem(wire_graph([(0, 1, 1.0), (1, 0, 2.0), (1, 2, 1.0), (0, 1, 1.0)], 3))
    assert [(unit.nodes, unit.cut.price) for unit in task.units] == [((0, 2), 3.0), ((3,), 1.0), ((5,), 1.0)]


def test_free_nodes_are_cut_and_do_not_separate_units() -> None:
    task = problem(wire_graph([(0, 1, 1.0), (1, 2, 0.0), (0, 1, 1.0)], 3))
    assert task.free == {2}
    assert [unit.nodes for unit in task.units] == [(0, 3)]


def test_a_cheaper_cut_inside_keeps_neighbours_apart() -> None:
    graph = wire_graph([(2, 0, 1.0), (0, 1, 1.0), (0, 1, 1.0), (0, 3, 1.0)], 4)
    graph.edges[2, 3, 0]["price"] = 0.5
    assert len(problem(graph).units) == 4


def test_an_uncuttable_node_makes_its_unit_uncuttable() -> None:
    task = problem(wire_graph([(0, 1, 1.0), (0, 1, math.inf)], 2))
    assert [unit.ways for unit in task.units] == [()]


def test_three_wires_are_refused() -> None:
    graph = wire_graph([(0, 1, 1.0)], 3)
    graph.add_edge(("in", 2), 0, key=2, price=WIRE)
    with pytest.raises(PlanError, match="joins 3 wires"):
        problem(graph)
