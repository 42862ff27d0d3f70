"""Plans for circuits whose sweeps are too wide: seeds, annealing and windows."""

from __future__ import annotations

import math

import networkx as nx
import numpy as np
import pytest

from cutq import Circuit, Operation, Search, find_cuts, split
from cutq.search.anneal import annealed_groups, annealed_legs, annealed_wires
from cutq.search.cuts import Fragments
from cutq.search.landscape import Landscape
from cutq.search.problem import Problem, problem
from cutq.search.seeds import fitting, grown, metis
from cutq.search.solve import solve
from cutq.search.task import Task
from cutq.search.windows import neighbours, put_back, window
from tests.search.exhaustive import random_graph, wire_graph


def planted(blocks: int, size: int, seed: int = 0) -> Problem:
    """Dense blocks of wires with one unit of price 1 between each two neighbours."""
    rng = np.random.default_rng(seed)
    gates = []
    for _ in range(4):
        for block in range(blocks):
            pairs = [rng.choice(size, 2, replace=False) + block * size for _ in range(3 * size)]
            gates += [(int(a), int(b), 1.0) for a, b in pairs]
    gates += [(block * size, block * size + size, 1.0) for block in range(blocks - 1)]
    return problem(wire_graph(gates, blocks * size))


@pytest.mark.parametrize("way", ["grown", "wires", "groups"])
def test_annealing_finds_planted_blocks(way: str) -> None:
    land = Landscape(planted(5, 8), (8,) * 12)
    part = {
        "grown": lambda: fitting(grown(land.graph, land.sizes, 8), land.sizes, np.array(land.room)),
        "wires": lambda: annealed_wires(land, np.arange(40) % 12, 3000, 1.0, 0),
        "groups": lambda: annealed_groups(land, 2, 3000, 1.0, 0),
    }[way]()
    fragments = Fragments(land.problem, land.cuts(land.labels(part)))
    assert fragments.cost == pytest.approx(4.0)
    assert max(fragments.widths.values()) == 8


def test_annealed_legs_find_a_cheap_wire_cut() -> None:
    """Two dense halves on either side of one moment: cutting three wires there is cheaper than any cut of gates."""
    rng = np.random.default_rng(1)
    first = [(int(a), int(b), 1.0) for a, b in (rng.choice(6, 2, replace=False) for _ in range(30))]
    second = [(int(a) + 4, int(b) + 4, 1.0) for a, b in (rng.choice(6, 2, replace=False) for _ in range(30))]
    task = problem(wire_graph(first + second, 10))
    land = Landscape(task, (6,) * 6)
    start = land.labels(np.arange(10) % 6)
    before = Fragments(task, land.cuts(start)).cost
    fragments = Fragments(task, land.cuts(annealed_legs(land, start, 400_000, 1.0, 0)))
    assert max(fragments.widths.values()) <= 6
    assert fragments.cuts.seams
    assert fragments.cost < before / 2


def test_metis_where_it_is_installed() -> None:
    pytest.importorskip("pymetis")
    land = Landscape(planted(4, 8), (8,) * 8)
    assert all(len(part) == 32 for part in metis(land.graph, land.sizes, 8))


def test_grown_groups_keep_to_their_size() -> None:
    graph = nx.Graph()
    graph.add_weighted_edges_from([(0, 1, 5.0), (1, 2, 1.0), (2, 3, 5.0)])
    group = grown(graph, np.ones(4, dtype=np.int64), 2)
    assert group[0] == group[1] != group[2] == group[3]


@pytest.mark.parametrize("seed", range(12))
def test_a_window_solved_anew_gives_a_plan_that_costs_what_both_parts_say(seed: int) -> None:
    task = problem(random_graph(seed, 8, 40))
    land = Landscape(task, (3,) * 6)
    plan = Fragments(task, land.cuts(land.labels(np.arange(len(land.wires)) % 6)))
    for pair in neighbours(plan)[:4]:
        part = window(plan, pair)
        known = Fragments(part.problem, part.known)
        best = solve(part.problem, Task(3, time_limit=5)).cuts
        found = Fragments(task, put_back(plan, pair, part, best))
        assert max(found.widths.values()) <= 3
        gain = known.cost - Fragments(part.problem, best).cost
        assert gain >= -1e-9
        assert found.cost == pytest.approx(plan.cost - gain)


def test_thousands_of_gates_give_a_plan_in_seconds() -> None:
    rng = np.random.default_rng(0)
    ops = []
    for _ in range(40):
        for q in range(0, 119, 1):
            ops.append(Operation("rzz", (q, q + 1), (float(rng.uniform(0.1, 1.5)),)))
    circuit = Circuit(120, tuple(ops))
    plan = find_cuts(circuit, 40, objective="gamma", search=Search(time_limit=2))
    assert max(split(circuit, plan).widths) <= 40
    assert math.isfinite(plan.gamma)
