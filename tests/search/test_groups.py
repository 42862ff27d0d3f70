"""Recorded groups in the search: one node of the graph, cut between two sides, where that is best."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit

from cutq import (
    Circuit,
    CutPlan,
    GateCut,
    Observable,
    PlanError,
    Search,
    expectations,
    find_cuts,
    from_qiskit,
    merge,
    split,
)
from cutq.search import tries
from cutq.search.answer import Asked
from cutq.search.graph import priced_graph
from tests import oracle
from tests.strategies import observables


def toffolis(*triples: tuple[int, int, int], qubits: int = 6) -> Circuit:
    qc = QuantumCircuit(qubits)
    qc.h(range(qubits))
    for triple in triples:
        qc.ccx(*triple)
    return from_qiskit(qc)


def test_a_group_is_a_node_with_the_ways_to_divide_it() -> None:
    circuit = toffolis((0, 1, 2), qubits=3)
    (node,) = (
        about for _, about in priced_graph(circuit, "circuits", groups=True).nodes(data=True) if "splits" in about
    )
    assert {frozenset(map(frozenset, blocks)) for blocks, *_ in node["splits"]} == {
        frozenset((frozenset((one,)), frozenset({0, 1, 2} - {one}))) for one in range(3)
    }
    assert {(round(math.exp(price), 9), factors) for _, price, factors, _ in node["splits"]} == {(3.0, (5.0, 5.0))}


def test_a_chain_of_toffolis_is_cut_at_the_target_of_one() -> None:
    circuit = toffolis((0, 1, 2), (2, 3, 4), (3, 4, 5))
    plan = find_cuts(circuit, 3)
    assert (plan.gamma, plan.price.circuits, plan.widths) == (3.0, 10, (3, 3))
    assert plan.proven_optimal
    (cut,) = plan.cuts
    assert isinstance(cut, GateCut)
    assert set(cut.ops) <= set(circuit.groups[1].ops)
    assert find_cuts(circuit, 3, search=Search(joint=False)).price.circuits > 10
    words = ["Z2 Z5", "X0 Y3"]
    expected = [oracle.value(circuit, Observable(word)) for word in words]
    np.testing.assert_allclose(expectations(split(circuit, plan), words), expected, atol=1e-12)


def test_a_wire_inside_a_group_is_cut_where_that_is_cheaper() -> None:
    """Both Toffolis fit into two qubits only if they fall apart into gates."""
    plan = find_cuts(toffolis((0, 1, 2), qubits=3), 2, objective="gamma")
    assert max(plan.widths) <= 2
    assert plan.gamma == 3.0
    assert max(find_cuts(toffolis((0, 1, 2), qubits=3), 1).widths) == 1


def test_a_reduced_circuit_still_knows_its_groups() -> None:
    circuit = toffolis((0, 1, 2), (2, 3, 4), (3, 4, 5))
    plan = find_cuts(circuit, 3, objective="gamma", observables="X2 Y1")
    assert plan.gamma == 3.0
    assert find_cuts(circuit, 3, objective="gamma", observables="X0").gamma == 1.0
    network = split(circuit, plan)
    np.testing.assert_allclose(
        expectations(network, ["X2 Y1"]), [oracle.value(circuit, Observable("X2 Y1"))], atol=1e-12
    )


@pytest.mark.parametrize(("width", "circuits"), [(2, 10), (3, 10)])
def test_a_gate_on_four_qubits_is_halved_where_that_is_needed(width: int, circuits: int) -> None:
    qc = QuantumCircuit(4)
    qc.h(range(4))
    qc.mcx([0, 1, 2], 3)
    for objective in ("circuits", "gamma"):
        plan = find_cuts(from_qiskit(qc), width, objective=objective)
        assert (plan.gamma, plan.price.circuits) == (3.0, circuits)
        assert plan.proven_optimal
    with pytest.raises(PlanError, match=r"no plan exists with at most max_circuits=9 circuits.* the closest takes 10"):
        find_cuts(from_qiskit(qc), width, search=Search(max_circuits=9))


def test_a_group_that_does_nothing_is_none() -> None:
    twice = QuantumCircuit(3, name="twice")
    twice.ccx(0, 1, 2)
    twice.ccx(0, 1, 2)
    qc = QuantumCircuit(3)
    for qubit in range(3):
        qc.ry(0.3 + qubit, qubit)
    qc.append(twice.to_instruction(), range(3))
    circuit = from_qiskit(qc)
    plan = find_cuts(circuit, 2)
    words = ["X0 Y1 Z2", "Z2"]
    expected = [oracle.value(circuit, Observable(word)) for word in words]
    np.testing.assert_allclose(expectations(split(circuit, plan), words), expected, atol=1e-12)


def test_a_search_that_ends_without_a_plan_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tries._in_order

    def late(asked: Asked, kept: tuple[int, ...], groups: bool, seconds: float, known: float) -> CutPlan:
        if not groups:
            raise PlanError("no plan was found in time")
        return whole(asked, kept, groups, seconds, known)

    monkeypatch.setattr(tries, "_in_order", late)
    plan = find_cuts(toffolis((0, 1, 2), qubits=3), 2)
    assert plan.price.circuits == 10
    assert not plan.proven_optimal


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_every_plan_is_executable_and_gives_the_value(data: st.DataObject) -> None:
    qc = QuantumCircuit(5)
    for qubit in range(5):
        qc.ry(0.4 + qubit, qubit)
    for _ in range(data.draw(st.integers(1, 3))):
        first, second, third = data.draw(st.permutations(range(5)))[:3]
        data.draw(st.sampled_from([qc.ccx, qc.ccz, qc.cswap]))(first, second, third)
        qc.cx(*data.draw(st.permutations(range(5)))[:2])
        qc.h(first)
    circuit = from_qiskit(qc)
    search = Search(reuse=data.draw(st.booleans()), merge_gates=data.draw(st.booleans()), time_limit=1.0)
    observable = data.draw(st.one_of(st.none(), observables(5)))
    plan = find_cuts(circuit, data.draw(st.integers(2, 4)), search=search, observables=observable,
                     objective=data.draw(st.sampled_from(["gamma", "circuits"])))  # fmt: skip
    network = split(circuit, plan)
    assert merge(network) == circuit
    asked = observable or data.draw(observables(5))
    np.testing.assert_allclose(expectations(network, [asked]), [oracle.value(circuit, asked)], atol=1e-10)
