"""Graphs of modules, made by hand: whole modules are the units, their borders the places to cut."""

from __future__ import annotations

import itertools
import math
import random

import networkx as nx
import pytest

from cutq.errors import PlanError
from cutq.search.cuts import Cuts, Fragments
from cutq.search.problem import problem
from cutq.search.solve import solve
from cutq.search.task import Task

WIRE = math.log(4)


def chain(inner: list[int], wires: list[int]) -> nx.MultiDiGraph:
    """Modules with so many qubits of their own, and so many wires from each one to the next."""
    graph = nx.MultiDiGraph()
    for number, qubits in enumerate(inner):
        graph.add_node(number, width=qubits)
    for number, count in enumerate(wires):
        for wire in range(count):
            graph.add_edge(number, number + 1, key=(number, wire), price=WIRE)
    return graph


def narrowest(inner: list[int], wires: list[int], most: int) -> float:
    """The least number of wires between modules that have to be cut, by trying all partitions into runs of modules."""
    best = math.inf
    for cut in itertools.product((False, True), repeat=len(wires)):
        groups = [[0]]
        for number, apart in enumerate(cut, start=1):
            groups = [*groups, [number]] if apart else [*groups[:-1], [*groups[-1], number]]
        width = max(
            sum(inner[k] for k in group)
            + sum(wires[k] for k in range(max(0, group[0] - 1), min(len(wires), group[-1] + 1)))
            for group in groups
        )
        if width <= most:
            best = min(best, sum(count for count, apart in zip(wires, cut, strict=True) if apart))
    return best


@pytest.mark.parametrize(
    ("inner", "wires", "most"),
    [
        ([3, 3, 3, 3], [1, 2, 1], 8),
        ([2, 4, 1, 3, 2], [2, 1, 1, 3], 9),
        ([5, 1, 1, 5], [1, 1, 1], 7),
        ([1, 1, 1, 1, 1, 1], [1, 3, 1, 3, 1], 6),
    ],
)
def test_chains_of_modules_are_cut_at_their_borders_where_fewest_wires_are(
    inner: list[int], wires: list[int], most: int
) -> None:
    solution = solve(problem(chain(inner, wires)), Task(most))
    assert solution.cost == pytest.approx(WIRE * narrowest(inner, wires, most))
    assert solution.proven
    assert not solution.cuts.units


def test_a_module_that_may_be_split_names_how() -> None:
    """Four wires meet in one module; it falls apart into pairs for less than its wires cost."""
    graph = nx.MultiDiGraph()
    graph.add_node("middle", splits=[((("a", "b"), ("c", "d")), 1.0, (1.0, 1.0))])
    for wire in "abcd":
        graph.add_edge(("in", wire), "middle", key=wire, price=WIRE)
    solution = solve(problem(graph), Task(2))
    assert solution.cost == pytest.approx(1.0)
    assert solution.cuts.units == {0: 0}
    with pytest.raises(PlanError, match="2 qubits would do"):
        solve(problem(graph), Task(1))


def test_loads_of_modules_are_paid_for() -> None:
    """Cutting the border multiplies the loads of both sides by its factors."""
    graph = chain([3, 3], [2])
    for edge in graph.edges:
        graph.edges[edge]["factors"] = (3.0, 4.0)
    solution = solve(problem(graph, loads=True), Task(5))
    assert solution.cost == pytest.approx(3**2 + 4**2)
    assert solution.proven


def test_a_module_wider_than_the_device_is_refused_with_the_width_that_would_do() -> None:
    with pytest.raises(PlanError, match=r"no plan exists with fragments of 4 qubits.* 6 qubits would do"):
        solve(problem(chain([4, 2], [2])), Task(4))


def random_modules(seed: int) -> nx.MultiDiGraph:
    """A few modules with qubits of their own, some that may be divided, and wires of one or two qubits through them."""
    rng = random.Random(seed)
    count = rng.randint(2, 4)
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(count))
    for wire in range(rng.randint(2, 4)):
        path = [("in", wire), *sorted(rng.sample(range(count), rng.randint(1, count)))][rng.random() < 0.5 :]
        width = rng.choice((1, 1, 2))
        for pair in itertools.pairwise(path if len(path) > 1 else [("in", wire), *path]):
            factors = (rng.choice((2.0, 3.0)), rng.choice((2.0, 4.0)))
            graph.add_edge(*pair, key=wire, price=rng.choice((0.5, 1.0, WIRE)), width=width, factors=factors)
    for node in range(count):
        through = sorted({key for *_, key in [*graph.in_edges(node, keys=True), *graph.out_edges(node, keys=True)]})
        first = rng.randint(1, max(1, len(through) - 1))
        if len(through) > 1 and rng.random() < 0.5:
            split = ((tuple(through[:first]), tuple(through[first:])), rng.choice((0.4, 1.1)), (2.0, 2.0))
            graph.nodes[node]["splits"] = [split]
        else:
            graph.nodes[node]["width"] = rng.choice((0, 1, 2, 3))
    return graph


@pytest.mark.parametrize("loads", [False, True])
@pytest.mark.parametrize("seed", range(25))
def test_random_modules_against_every_set_of_cuts(seed: int, loads: bool) -> None:
    task, most = problem(random_modules(seed), loads=loads), 1 + seed % 5
    seams = [(k, place) for k, unit in enumerate(task.units) for place, seam in enumerate(unit.seams) if seam]
    ways = [range(-1, len(unit.ways)) for unit in task.units]
    touched = {wire for unit in task.units for wire in unit.wires}
    alone = [width for wire, width in enumerate(task.widths) if wire not in touched]
    best = math.inf
    for some in itertools.product((False, True), repeat=len(seams)):
        for chosen in itertools.product(*ways):
            units = {k: way for k, way in enumerate(chosen) if way >= 0}
            fragments = Fragments(task, Cuts(units, frozenset(itertools.compress(seams, some))))
            if max([*fragments.widths.values(), *alone], default=0) <= most:
                best = min(best, fragments.cost)
    if math.isinf(best):
        with pytest.raises(PlanError, match="no plan exists"):
            solve(task, Task(most))
    else:
        solution = solve(task, Task(most))
        assert solution.cost == pytest.approx(best)
        assert solution.proven
