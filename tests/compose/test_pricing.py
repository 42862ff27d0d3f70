"""Prices and summaries of compositions."""

from __future__ import annotations

import pytest

import cutq
from tests.compose.test_estimate import cell, hybrid, turned


def chain(length: int, **options: object) -> cutq.Composition:
    whole = cutq.Composition("row")
    whole.add("start", turned("start", 1.0))
    for k in range(length):
        whole.add(f"c{k}", cell(), **options)
        whole.connect("start.out" if k == 0 else f"c{k - 1}.out", f"c{k}.in")
    return whole


def test_price_is_that_of_the_network() -> None:
    found, network = chain(3).price(), chain(3).network()
    alone = cutq.price(network)
    assert found.circuits == alone.circuits == 3 + 2 * 12 + 4
    assert found.gamma == alone.gamma == 4.0**3
    assert sorted(found.widths) == sorted(network.widths) == [1, 2, 2, 2]
    assert [row.circuits for row in found.rows] == [3, 12, 12, 4]
    assert [row.cut_wires for row in found.rows] == [1, 2, 2, 1]
    assert [row.gamma for row in found.rows] == [1.0, 4.0, 4.0, 4.0]


def test_modules_that_stay_together_cost_nothing() -> None:
    found = chain(3).price(max_qubits=4)
    assert found.widths == (4,)
    assert found.circuits == 1
    assert found.gamma == 1.0


def test_tied_weights_count_once() -> None:
    assert [row.parameters for row in chain(3, tie="all").price().rows] == [0, 3, 0, 0]
    assert [row.trainable for row in chain(2, frozen=True).price().rows] == [0, 0, 0]


def test_classical_links_are_free() -> None:
    found = hybrid().price()
    assert len(found.networks) == 2
    assert found.gamma == 16.0  # the wires in front of a and b; nothing for the numbers behind b
    assert [row.cut_wires for row in found.rows] == [1, 2, 1, 0, 0]


def test_nested_compositions_are_one_row() -> None:
    inner = chain(2)
    outer = cutq.Composition("outer")
    outer.add("pair", inner)
    (row,) = outer.price().rows
    assert (row.qubits, row.parameters, row.two_qubit_gates) == (5, 6, 2)


def test_summary_has_a_line_for_each_module() -> None:
    lines = chain(2).summary().splitlines()
    assert lines[0].split() == "module of ports qubits parameters trainable 2q gates cut wires circuits".split()
    assert [line.split()[0] for line in lines[1:]] == ["start", "c0", "c1", "together", "1"]
    assert lines[3].split() == ["c1", "cell", "3", "2", "3", "3", "1", "1", "4"]


def test_a_budget_names_the_expensive_module() -> None:
    with pytest.raises(cutq.CompositionError, match="budget of 10 circuits, but 31 are needed, 12 of them for 'c0'"):
        chain(3).price(max_circuits=10)
