"""Laws over random circuits and random cuts, against brute force."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from cutq import (
    Circuit,
    CutPlan,
    GateCut,
    PlanError,
    Search,
    WireCut,
    dumps,
    expectations,
    find_cuts,
    from_graph,
    from_qiskit,
    loads,
    merge,
    price,
    split,
    to_graph,
    to_qiskit,
)
from cutq.search.answer import value_of
from cutq.search.devices import packing
from cutq.search.options import OBJECTIVES, PROVABLE
from tests import oracle
from tests.strategies import PARAMETERS, circuits, numbers, observables, plans, searches
from tests.zoo import ZOO, u3_layer

TOLERANCE = 1e-10


@given(st.data())
@settings(max_examples=150)
def test_contracting_a_split_circuit_gives_its_value(data: st.DataObject) -> None:
    circuit = data.draw(circuits(parameters=PARAMETERS))
    plan = data.draw(plans(circuit))
    sums = [data.draw(observables(circuit.num_qubits)) for _ in range(2)]
    values = {name: data.draw(numbers) for name in circuit.parameters}
    found = expectations(split(circuit, plan), sums, circuit.values(values))
    expected = [oracle.value(circuit, one, values) for one in sums]
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE)


@given(st.data())
@settings(max_examples=150)
def test_merging_a_split_circuit_gives_it_back(data: st.DataObject) -> None:
    circuit = data.draw(circuits(parameters=PARAMETERS))
    network = split(circuit, data.draw(plans(circuit)))
    assert merge(network) == circuit
    assert network.parameters == circuit.parameters


@given(st.data())
@settings(max_examples=60)
def test_the_order_of_cuts_and_their_grouping_change_no_value(data: st.DataObject) -> None:
    circuit = data.draw(circuits())
    plan = data.draw(plans(circuit))
    single = [
        part
        for cut in plan.cuts
        for part in ([cut] if isinstance(cut, WireCut) else [GateCut((number,)) for number in cut.ops])
    ]
    shuffled = data.draw(st.permutations(plan.cuts))
    assert split(circuit, CutPlan(tuple(shuffled))) == split(circuit, plan)
    one = data.draw(observables(circuit.num_qubits))
    grouped, apart = (expectations(split(circuit, p), [one]) for p in (plan, CutPlan(tuple(single))))
    np.testing.assert_allclose(grouped, apart, rtol=0, atol=TOLERANCE)


@given(circuits(parameters=PARAMETERS))
@settings(max_examples=60)
def test_a_circuit_is_its_graph(circuit: Circuit) -> None:
    assert from_graph(to_graph(circuit)) == circuit


@given(circuits(parameters=PARAMETERS))
@settings(max_examples=60)
def test_a_circuit_is_its_text(circuit: Circuit) -> None:
    assert loads(dumps(circuit)) == circuit
    if not circuit.parameters:
        assert loads(dumps(circuit, version=2)) == circuit


@given(circuits(parameters=PARAMETERS))
@settings(max_examples=60)
def test_a_circuit_survives_qiskit(circuit: Circuit) -> None:
    back = from_qiskit(to_qiskit(circuit))
    values = {name: 0.3 + 0.1 * k for k, name in enumerate(circuit.parameters)}
    assert [(op.name, op.qubits) for op in back.operations] == [(op.name, op.qubits) for op in circuit.operations]
    assert set(back.parameters) == set(circuit.parameters)
    np.testing.assert_allclose(oracle.statevector(back, values), oracle.statevector(circuit, values), atol=1e-12)


@given(st.data())
@settings(max_examples=60)
def test_found_plans_are_as_narrow_as_asked_and_change_no_value(data: st.DataObject) -> None:
    circuit = data.draw(circuits())
    width = data.draw(st.integers(1, circuit.num_qubits))
    options = data.draw(searches)
    objective = data.draw(st.sampled_from(OBJECTIVES))
    one = data.draw(observables(circuit.num_qubits))
    plan = find_cuts(
        circuit, width, objective=objective, search=options, observables=data.draw(st.sampled_from([None, one]))
    )
    network = split(circuit, plan)
    assert max(plan.price.reused_widths if options.reuse else network.widths) <= width
    assert plan.widths == network.widths
    assert plan.price == price(network)
    assert plan.bound <= value_of(objective, plan.price) * (1 + 1e-9)
    assert not plan.proven_optimal or objective in PROVABLE
    assert CutPlan.from_json(plan.to_json()) == plan
    assert merge(network) == circuit
    np.testing.assert_allclose(expectations(network, [one]), [oracle.value(circuit, one)], rtol=0, atol=TOLERANCE)


@given(st.data())
@settings(max_examples=50)
def test_found_plans_keep_every_limit_or_an_error_says_why(data: st.DataObject) -> None:
    circuit = data.draw(circuits())
    width = data.draw(st.integers(1, circuit.num_qubits))
    limits = {
        "max_fragments": data.draw(st.none() | st.integers(1, circuit.num_qubits)),
        "max_circuits": data.draw(st.none() | st.integers(1, 300)),
        "device_sizes": data.draw(st.none() | st.lists(st.integers(1, 5), min_size=1, max_size=4)),
        "wire_cuts": data.draw(st.booleans()),
        "gate_cuts": data.draw(st.booleans()),
        "joint": data.draw(st.booleans()),
    }
    options = Search(**limits, time_limit=0.5)
    try:
        plan = find_cuts(circuit, width, objective=data.draw(st.sampled_from(OBJECTIVES)), search=options)
    except PlanError as error:
        event(re.search("no plan exists|no plan was found|the circuit uses", str(error))[0])  # type: ignore[index]
        return
    network = split(circuit, plan)
    assert max(network.widths) <= width
    assert options.max_circuits is None or plan.price.circuits <= options.max_circuits
    run = [fragment.width for fragment in network.fragments if fragment.items or fragment.legs]
    assert options.max_fragments is None or len(run) <= options.max_fragments
    assert options.device_sizes is None or packing(run, options.device_sizes) is not None
    assert options.wire_cuts or not any(isinstance(cut, WireCut) for cut in plan.cuts)
    assert options.gate_cuts or all(
        bond.gamma == pytest.approx(1) for bond in network.bonds if isinstance(bond.cut, GateCut)
    )
    one = data.draw(observables(circuit.num_qubits))
    np.testing.assert_allclose(expectations(network, [one]), [oracle.value(circuit, one)], rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("name", ZOO)
def test_every_circuit_of_the_zoo_cut_to_half_its_width(name: str) -> None:
    circuit = u3_layer(ZOO[name])
    width = max(1, (circuit.num_qubits + 1) // 2)
    network = split(circuit, find_cuts(circuit, width))
    assert max(network.widths, default=0) <= width
    values = {parameter: 0.2 + 0.7 * k for k, parameter in enumerate(circuit.parameters)}
    words = [f"Z{q}" for q in range(circuit.num_qubits)] + ["1"]
    words += ["X0 Y2", "Z0 Z1 Z2"] if circuit.num_qubits > 2 else []
    found = expectations(network, words, circuit.values(values))
    state = oracle.statevector(circuit, values)
    expected = [oracle.word_value(state, _word(text)) for text in words]
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE)


def _word(text: str) -> tuple[tuple[int, str], ...]:
    return () if text == "1" else tuple((int(token[1:]), token[0]) for token in text.split())
