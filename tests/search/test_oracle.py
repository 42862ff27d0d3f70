"""The search against an oracle that proves optima with a constraint solver; the oracle against trying every cut."""

from __future__ import annotations

import math
import random
from itertools import chain, combinations
from typing import Any

import networkx as nx
import pytest

from cutq import Circuit, CutPlan, Operation, Search, find_cuts
from cutq.circuits.graph import to_graph
from cutq.network.protocols import gate_gamma, schmidt_form
from tests.search import exhaustive

pytest.importorskip("ortools")

from tests.search.cpsat import cheapest

GATES = (("cx", ()), ("rzz", (0.3,)), ("swap", ()), ("cp", (0.7,)))
FACTORS = {2: 5, 4: 22}


def random_circuit(seed: int, least: int = 4, gates: tuple[int, int] = (6, 14)) -> tuple[Circuit, int]:
    """Gates on random pairs of up to 7 qubits, with one-qubit gates between them, and a width to cut it to."""
    rng = random.Random(seed)
    qubits, operations = rng.randint(least, 7), []
    for _ in range(rng.randint(*gates)):
        name, params = rng.choice(GATES)
        operations.append(Operation(name, tuple(rng.sample(range(qubits), 2)), params))
        if rng.random() < 0.3:
            operations.append(Operation("h", (rng.randrange(qubits),)))
    return Circuit(qubits, tuple(operations)), rng.randint(2, qubits - 1)


def priced(circuit: Circuit) -> nx.MultiDiGraph:
    """The circuit's graph with what cutting it costs, without qubits that nothing happens to: they need no circuits."""
    graph = to_graph(circuit)
    graph.remove_edges_from([(u, v) for u, v in graph.edges() if isinstance(u, tuple) and isinstance(v, tuple)])
    for number, op in enumerate(circuit.operations):
        if len(op.qubits) == 2:
            factor = FACTORS[schmidt_form(op).rank]
            graph.nodes[number].update(price=math.log(gate_gamma(op)), factors=dict.fromkeys(op.qubits, factor))
    nx.set_edge_attributes(graph, math.log(4), "price")
    nx.set_edge_attributes(graph, (3, 4), "factors")
    return graph


def proven(circuit: Circuit, max_qubits: int, objective: str) -> float:
    """The optimum, as a plan counts it: gamma, or circuits."""
    value, is_proven = cheapest(
        priced(circuit), max_qubits, objective="gamma" if objective == "gamma" else "loads", seconds=60
    )
    assert is_proven
    return math.exp(value) if objective == "gamma" else value


def value(plan: CutPlan, objective: str) -> float:
    return plan.gamma if objective == "gamma" else plan.price.circuits


def with_factors(graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    """The graph with factors of a wire on its edges, and on its nodes some that rise with their prices."""
    nx.set_edge_attributes(graph, (3, 4), "factors")
    for node, price in graph.nodes(data="price"):
        if price is not None:
            factor = 22 if price > 1.5 else 5 if price > 0 else 1
            graph.nodes[node]["factors"] = {wire: factor for *_, wire in graph.in_edges(node, keys=True)}
    return graph


def least_loads(graph: nx.MultiDiGraph, max_qubits: int) -> float:
    """The least sum of loads after any set of cuts that is narrow enough, by trying all of them."""
    free = [node for node, price in graph.nodes(data="price") if price == 0]
    nodes = [node for node, price in graph.nodes(data="price") if price]
    edges = [(u, v, wire) for u, v, wire in graph.edges(keys=True) if isinstance(u, int) and v in nodes]
    subsets = chain.from_iterable(combinations([*nodes, *edges], size) for size in range(len(nodes + edges) + 1))
    return min(loads(graph, frozenset([*free, *subset]), max_qubits) for subset in subsets)


def loads(graph: nx.MultiDiGraph, cuts: frozenset, max_qubits: int) -> float:
    """The sum of the loads of the fragments that these cuts leave; infinite if one is too wide."""
    segments, legs, at = nx.Graph(), list[tuple[Any, int]](), dict[Any, tuple[Any, int]]()
    for node in nx.topological_sort(graph):
        through = []
        for u, _, wire, factors in graph.in_edges(node, keys=True, data="factors"):
            before = at.setdefault(wire, (wire, 0))
            if (u, node, wire) in cuts:
                at[wire] = (wire, before[1] + 1)
                legs += zip((before, at[wire]), factors, strict=True)
            segments.add_node(at[wire])
            through.append(at[wire])
        if node in cuts:
            legs += ((segment, graph.nodes[node]["factors"][segment[0]]) for segment in through)
        elif len(through) == 2:
            segments.add_edge(*through)
    fragments = list(nx.connected_components(segments))
    if max(map(len, fragments)) > max_qubits:
        return math.inf
    return sum(math.prod(factor for segment, factor in legs if segment in fragment) for fragment in fragments)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("uneven", [False, True])
def test_oracle_finds_the_least_price_of_all_sets_of_cuts(seed: int, uneven: bool) -> None:
    graph, max_qubits = exhaustive.random_graph(seed, 3 + seed % 2, 3 + seed % 3, uneven=uneven), 1 + seed % 3
    for u, v, wire in graph.edges(keys=True):
        if not graph.nodes[v].get("price"):
            graph.edges[u, v, wire]["price"] = math.inf
    best, is_proven = cheapest(graph, max_qubits)
    assert is_proven
    assert best == pytest.approx(exhaustive.cheapest(graph, max_qubits), abs=1e-8)


@pytest.mark.parametrize("seed", range(12))
def test_oracle_finds_the_least_loads_of_all_sets_of_cuts(seed: int) -> None:
    graph = with_factors(exhaustive.random_graph(seed, 3 + seed % 2, 3 + seed % 3))
    max_qubits = 1 + seed % 3
    assert cheapest(graph, max_qubits, objective="loads") == (least_loads(graph, max_qubits), True)


@pytest.mark.parametrize("objective", ["gamma", "circuits"])
@pytest.mark.parametrize("seed", range(12))
def test_plans_cost_what_the_oracle_says(seed: int, objective: str) -> None:
    circuit, max_qubits = random_circuit(seed)
    options = Search(merge_gates=False, joint=False, time_limit=20)
    plan = find_cuts(circuit, max_qubits, objective=objective, search=options)
    assert plan.proven_optimal
    assert value(plan, objective) == pytest.approx(proven(circuit, max_qubits, objective), rel=1e-7)


@pytest.mark.parametrize("objective", ["gamma", "circuits"])
@pytest.mark.parametrize("seed", range(100, 110))
def test_plans_out_of_time_are_never_wrongly_proven(seed: int, objective: str) -> None:
    circuit, max_qubits = random_circuit(seed, 6, (10, 13))
    options = Search(merge_gates=False, joint=False, time_limit=(0.01, 0.02, 0.05)[seed % 3])
    plan = find_cuts(circuit, max_qubits, objective=objective, search=options)
    optimum = proven(circuit, max_qubits, objective)
    assert plan.bound <= optimum * (1 + 1e-7)
    assert value(plan, objective) >= optimum * (1 - 1e-7)
    assert not plan.proven_optimal or value(plan, objective) == pytest.approx(optimum, rel=1e-7)
