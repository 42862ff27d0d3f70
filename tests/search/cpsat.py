"""The cheapest cuts of small circuits, proven by a constraint solver that shares no code with the search.

A *leg* is a place where a wire meets a gate. Every leg is in one fragment, and a gate, or a wire from one gate to the
next, is cut if its two legs are in different ones; to cut inside a fragment never pays. A fragment has the number of
its first leg: so each way to divide the legs is looked at once, and there may be as many fragments as there are legs.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from time import monotonic
from typing import Any

import networkx as nx
from ortools.sat.python import cp_model

FREE = 1e-9
"""Gates of no higher price fall apart by themselves."""

UNIT = 1e-9
"""The solver counts prices in whole multiples of this."""

LIMIT = 256
"""The first limit of the sum of all loads."""

Leg = tuple[Any, Any]
Join = tuple[Leg, Leg]
Terms = list[tuple[float, cp_model.IntVar]]


def cheapest(
    graph: nx.MultiDiGraph, max_qubits: int, *, objective: str = "gamma", seconds: float = 60.0
) -> tuple[float, bool]:
    """The least cost of cuts that leave no fragment with more segments of wires, and whether it is proven.

    Args:
        graph: what the search reads, with no gates on more than two wires.
        max_qubits: the most segments of wires in a fragment.
        objective: ``"gamma"``: the sum of the prices of all cuts; ``"loads"``: the sum of the loads of all fragments,
            whose factors are whole numbers above 1, in a graph that can be cut so narrow.
        seconds: after these the least cost so far is returned as not proven; infinite if there is none.
    """
    end, loads = monotonic() + seconds, objective == "loads"
    legs = legs_of(graph)
    found = [_of_part(legs.subgraph(part), max_qubits, loads, end) for part in nx.weakly_connected_components(legs)]
    alone = {wire for *_, wire in graph.edges(keys=True)} - {wire for _, wire in legs}
    return sum(cost for cost, _ in found) + loads * len(alone), all(proven for _, proven in found)


def legs_of(graph: nx.MultiDiGraph) -> nx.DiGraph:
    """The legs (gate, wire), joined by gates and by wires from gate to gate, which are cut where that is cheapest."""
    legs, last, seams = nx.DiGraph(), dict[Any, Leg](), defaultdict[Any, list[dict[str, Any]]](list)
    for node in nx.topological_sort(graph):
        for *_, wire, edge in graph.in_edges(node, keys=True, data=True):
            seams[wire].append(edge)
        wires = [wire for *_, wire in graph.in_edges(node, keys=True)]
        price, factors = graph.nodes[node].get("price", math.inf), graph.nodes[node].get("factors", {})
        if len(wires) < 2 or price <= FREE:
            continue
        for wire in wires:
            if wire in last:
                seam = min(seams[wire], key=lambda edge: edge["price"])
                legs.add_edge(last[wire], (node, wire), **{"factors": (1, 1)} | seam, goes_on=True)
            last[wire] = (node, wire)
            seams[wire].clear()
        legs.add_edge(*(last[w] for w in wires), price=price, factors=[factors.get(w, 1) for w in wires], goes_on=False)
    return legs


def _of_part(legs: nx.DiGraph, max_qubits: int, loads: bool, end: float) -> tuple[float, bool]:
    """The least cost of a connected part; the limit of its loads rises until there are cuts within it."""
    if len({wire for _, wire in legs}) <= max_qubits:
        return float(loads), True
    if not loads:
        model = _Model(legs, max_qubits)
        return model.least(model.prices(), end - monotonic())
    cost, proven, limit = math.inf, True, LIMIT
    while cost == math.inf and proven:
        model = _Model(legs, max_qubits)
        cost, proven = model.least(model.loads(limit), end - monotonic())
        limit *= 4
    return cost, proven


class _Model:
    """Which leg is in which fragment, in a connected part that is too wide to be left whole.

    Attributes:
        legs: the part.
        home: by leg and fragment whether the leg is there.
        enters: by two legs that are joined, and fragment, whether only the second of them is there.
    """

    def __init__(self, legs: nx.DiGraph, max_qubits: int) -> None:
        self.legs, self.model = legs, cp_model.CpModel()
        self.home = {leg: [self.model.new_bool_var("") for _ in legs] for leg in legs}
        self.enters: dict[Join, list[cp_model.IntVar]] = {}
        self._number()
        for one, other, price in legs.edges(data="price"):
            self.enters[one, other] = self._only(other, one)
            self.model.add(sum(self.enters[one, other]) <= int(price < math.inf))
        self._narrow(max_qubits)

    def _number(self) -> None:
        """Each leg is in one fragment, whose number is that of its first leg."""
        first = [home[number] for number, home in enumerate(self.home.values())]
        for number, home in enumerate(self.home.values()):
            self.model.add_exactly_one(home)
            self.model.add(sum(home[number + 1 :]) == 0)
            for inside, begun in zip(home, first, strict=True):
                self.model.add_implication(inside, begun)

    def _only(self, leg: Leg, other: Leg) -> list[cp_model.IntVar]:
        """For each fragment whether this leg is there and the other is not."""
        found = []
        for here, there in zip(self.home[leg], self.home[other], strict=True):
            only = self.model.new_bool_var("")
            self.model.add_bool_or(~here, there, only)
            self.model.add_implication(only, here)
            self.model.add_implication(only, ~there)
            found.append(only)
        return found

    def _narrow(self, max_qubits: int) -> None:
        """Counts the segments of each fragment: a segment is where its wire begins, or comes in from another one."""
        seams = [(one, other) for one, other, goes_on in self.legs.edges(data="goes_on") if goes_on]
        begins = set(self.legs) - {other for _, other in seams}
        segments = [self.home[leg] for leg in begins] + [self.enters[seam] for seam in seams]
        for inside in zip(*segments, strict=True):
            self.model.add(sum(inside) <= max_qubits)

    def prices(self) -> Terms:
        """The prices of all cuts, with whether they are made."""
        prices = nx.get_edge_attributes(self.legs, "price")
        return [(prices[join], cut) for join in self.enters if prices[join] < math.inf for cut in self.enters[join]]

    def loads(self, limit: int) -> Terms:
        """The loads of all fragments, which are no more than the limit together."""
        cut: dict[int, list[list[cp_model.IntVar]]] = defaultdict(list)
        for one, other, join in self.legs.edges(data=True):
            if join["price"] < math.inf:
                cut[int(join["factors"][0])].append(self._only(one, other))
                cut[int(join["factors"][1])].append(self.enters[one, other])
        rows = list(_products(sorted(cut), limit))
        found: Terms = []
        for number in range(len(self.home)):
            row = [self.model.new_int_var(0, limit, "") for _ in rows[0]]
            for count, factor in zip(row, sorted(cut), strict=False):
                self.model.add(count == sum(only[number] for only in cut[factor]))
            self.model.add_allowed_assignments(row, rows)
            found.append((1.0, row[-1]))
        self.model.add(sum(load for _, load in found) <= limit)
        return found

    def least(self, terms: Terms, seconds: float) -> tuple[float, bool]:
        """The least sum, and whether that is proven; infinite if there is none."""
        self.model.minimize(sum(round(weight / UNIT) * variable for weight, variable in terms))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers, solver.parameters.linearization_level = 1, 0
        solver.parameters.max_time_in_seconds = max(seconds, 0.01)
        status = solver.solve(self.model)
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return sum(weight * solver.value(variable) for weight, variable in terms), status == cp_model.OPTIMAL
        return math.inf, status == cp_model.INFEASIBLE


def _products(factors: list[int], limit: int) -> Iterator[tuple[int, ...]]:
    """How often each factor occurs, and their product; a fragment without cut legs is none and has the load 0."""
    most = [int(math.log(limit + 0.5, factor)) for factor in factors]
    for counts in product(*(range(count + 1) for count in most)):
        load = math.prod(factor**count for factor, count in zip(factors, counts, strict=True))
        if load <= limit:
            yield *counts, load if any(counts) else 0
