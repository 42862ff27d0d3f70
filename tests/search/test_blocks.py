"""Annealing of blocks of wires."""

from __future__ import annotations

import random

import pytest

from cutq.search.blocks import blocks
from cutq.search.problem import problem
from tests.search.exhaustive import cost_and_width, random_graph, wire_graph


def test_planted_blocks_are_found() -> None:
    inner = [(5 * part + a, 5 * part + b, 1.0) for part in range(4) for a in range(5) for b in range(a)]
    graph = wire_graph([*inner, (0, 5, 0.5), (6, 11, 0.5), (12, 17, 0.5)], 20)
    path = blocks(problem(graph).bundles, 5, 500, random.Random(0), lambda: None)
    assert path.cost == pytest.approx(1.5)


@pytest.mark.parametrize("seed", range(10))
def test_blocks_are_a_plan(seed: int) -> None:
    graph = random_graph(seed, 12, 40)
    task = problem(graph)
    path = blocks(task.bundles, 4, 50, random.Random(seed), lambda: None)
    cut = {node for choice in path.choices() for node in task.bundles[choice.bundle].nodes}
    cost, width = cost_and_width(graph, task.free | cut, frozenset())
    assert width <= 4
    assert cost == pytest.approx(path.cost)
