"""Orders of the sweep."""

from __future__ import annotations

import random

from cutq.search.order import effort, live_counts, orders
from cutq.search.problem import Unit, problem
from tests.search.exhaustive import random_graph, wire_graph


def respects_time(units: tuple[Unit, ...], order: tuple[int, ...]) -> bool:
    """Whether the units of every wire come in the order of time."""
    place = {index: position for position, index in enumerate(order)}
    on_wire: dict[int, list[int]] = {}
    for index, unit in enumerate(units):
        for wire in unit.wires:
            on_wire.setdefault(wire, []).append(place[index])
    return all(places == sorted(places) for places in on_wire.values())


def test_orders_are_linear_extensions_the_best_first() -> None:
    for seed in range(20):
        units = problem(random_graph(seed, 7, 30)).units
        found = orders(units, 6, seed)
        assert len(set(found)) == len(found) <= 6
        assert all(sorted(order) == list(range(len(units))) for order in found)
        assert all(respects_time(units, order) for order in found)
        efforts = [effort([units[index].wires for index in order]) for order in found]
        assert efforts == sorted(efforts)


def test_live_wires() -> None:
    assert live_counts([(0, 1), (1, 2), (2, 3)]) == [1, 1, 0]
    assert live_counts([(0, 1), (2, 3), (0, 2), (1, 3)]) == [2, 4, 2, 0]


def test_a_shallow_chain_has_a_narrow_sweep_however_it_is_given() -> None:
    gates = [(wire, wire + 1, 1.0) for parity in (0, 1, 0, 1) for wire in range(parity, 29, 2)]
    random.Random(0).shuffle(gates[:14])
    units = problem(wire_graph(gates, 30)).units
    best = orders(units, 4, 0)[0]
    assert max(live_counts([units[index].wires for index in best])) <= 6
