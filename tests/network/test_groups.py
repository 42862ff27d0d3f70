"""Recorded groups, such as ``ccx``, as one bond: what they cost, and that no value changes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter

from cutq import (
    Circuit,
    CutPlan,
    GateCut,
    Network,
    Observable,
    Operation,
    WireCut,
    expectations,
    from_qiskit,
    gradient,
    merge,
    price,
    probabilities,
    split,
)
from cutq.network.groups import multi_phase
from tests import oracle
from tests.strategies import observables, operations

GATES = {
    "ccx": lambda qc: qc.ccx(0, 1, 2),
    "ccz": lambda qc: qc.ccz(0, 1, 2),
    "cswap": lambda qc: qc.cswap(0, 1, 2),
    "mcx": lambda qc: qc.mcx([0, 1, 2], 3),
    "mcp": lambda qc: qc.mcp(0.7, [0, 1, 2], 3),
    "long mcx": lambda qc: qc.mcx([0, 1, 2, 3], 4),
}
WIDTHS = {"ccx": 3, "ccz": 3, "cswap": 3, "mcx": 4, "mcp": 4, "long mcx": 5}
SIDES = [(name, side) for name, width in WIDTHS.items() for count in range(1, width // 2 + 1)
         for side in itertools.combinations(range(width), count) if name != "cswap" or side == (0,)]  # fmt: skip


def circuit_with(name: str, seed: int = 0) -> Circuit:
    """The gate between two layers of random one-qubit gates."""
    rng, width = np.random.default_rng(seed), WIDTHS[name]
    qc = QuantumCircuit(width)
    for qubit in range(width):
        qc.u(*rng.uniform(0, 3, 3), qubit)
    GATES[name](qc)
    for qubit in range(width):
        qc.u(*rng.uniform(0, 3, 3), qubit)
    return from_qiskit(qc)


def apart(circuit: Circuit, side: tuple[int, ...]) -> GateCut:
    """The cut of all gates between these qubits and the others."""
    crossing = [k for k, op in enumerate(circuit.operations) if len(op.qubits) == 2 == 1 + len({*op.qubits} & {*side})]
    return GateCut(tuple(crossing), side)


def agree(circuit: Circuit, network: Network, words: list[str]) -> None:
    expected = [oracle.value(circuit, Observable(word)) for word in words]
    np.testing.assert_allclose(expectations(network, words), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("name", "side"), SIDES)
def test_a_multi_controlled_gate_is_one_bond_between_any_two_sides(name: str, side: tuple[int, ...]) -> None:
    circuit = circuit_with(name)
    network = split(circuit, CutPlan((apart(circuit, side),)))
    (bond,) = network.bonds
    assert bond.dims == (2,)
    assert bond.gamma == pytest.approx(3.0 if name != "mcp" else 1 + 2 * np.sin(0.35), abs=1e-9)
    assert merge(network) == circuit
    words = [" ".join(f"{'XYZ'[(k + q) % 3]}{q}" for q in range(circuit.num_qubits)) for k in range(3)]
    agree(circuit, network, [*words, "Z0", "X2"])


def test_the_targets_of_a_controlled_swap_are_cut_gate_by_gate() -> None:
    circuit = circuit_with("cswap")
    network = split(circuit, CutPlan((apart(circuit, (1,)),)))
    assert len(network.bonds[0].components) > 1
    agree(circuit, network, ["X0 Y1 Z2"])


def test_a_group_is_left_alone_where_a_wire_is_cut_inside_it_or_a_gate_of_it_elsewhere() -> None:
    circuit = circuit_with("ccx")
    cut = apart(circuit, (0,))
    inside = next(k for k in circuit.groups[0].ops if circuit.operations[k].qubits == (1, 2))
    for other in (WireCut(2, inside), GateCut((inside,))):
        network = split(circuit, CutPlan((cut, other)))
        assert all(component.number is None for bond in network.bonds for component in bond.components)
        agree(circuit, network, ["X0 Y1 Z2", "Z2"])


def test_two_groups_and_a_gate_between_the_same_sides_are_one_bond() -> None:
    qc = QuantumCircuit(5)
    for qubit in range(5):
        qc.ry(0.3 + qubit, qubit)
    qc.ccx(0, 1, 2)
    qc.rx(0.4, 2)
    qc.ccx(3, 2, 1)
    qc.cx(4, 0)
    circuit = from_qiskit(qc)
    network = split(circuit, CutPlan((apart(circuit, (0, 1)),)))
    assert network.bonds[0].dims == (2, 2, 2)
    assert network.gamma == pytest.approx(2 * 2**3 - 1)
    assert price(network).circuits == 2 * 5**3
    agree(circuit, network, ["X0 Y1 Z2 X3 Y4", "Z2 Z3"])


def test_many_groups_of_one_control_are_one_star() -> None:
    qc = QuantumCircuit(5)
    qc.h(range(5))
    for pair in itertools.combinations(range(1, 5), 2):
        qc.ccx(0, *pair)
    circuit = from_qiskit(qc)
    network = split(circuit, CutPlan((apart(circuit, (0,)),)))
    assert network.bonds[0].dims == (2,)
    agree(circuit, network, ["X0 Z4", "Z1 Z2"])


def test_what_a_group_is_depends_on_its_operations_only() -> None:
    assert multi_phase((Operation("cx", (0, 1)), Operation("cz", (1, 2)))) is None
    assert multi_phase((Operation("cx", (0, 6)),)) is None


@given(st.data())
@settings(max_examples=60)
def test_groups_among_other_operations_change_no_value(data: st.DataObject) -> None:
    qc = QuantumCircuit(5)
    qc.h(range(5))
    for _ in range(data.draw(st.integers(1, 3))):
        for op in data.draw(st.lists(operations(5, ()), max_size=4)):
            qc.unitary(op.unitary({}), op.qubits[::-1])
        first, second, third = data.draw(st.permutations(range(5)))[:3]
        data.draw(st.sampled_from([qc.ccx, qc.ccz, qc.cswap]))(first, second, third)
    circuit = from_qiskit(qc)
    labels = data.draw(st.lists(st.sampled_from("ABC"), min_size=5, max_size=5))
    plan = CutPlan.from_partition(circuit, "".join(labels), joint=data.draw(st.booleans()))
    network = split(circuit, plan)
    assert merge(network) == circuit
    observable = data.draw(observables(5))
    np.testing.assert_allclose(expectations(network, [observable]), [oracle.value(circuit, observable)], atol=1e-10)


def test_gradients_and_probabilities_pass_through_a_group() -> None:
    qc = QuantumCircuit(4)
    angles = [Parameter(f"t{qubit}") for qubit in range(4)]
    for qubit, angle in enumerate(angles):
        qc.ry(angle, qubit)
    qc.ccx(0, 1, 2)
    qc.cx(2, 3)
    qc.rx(angles[0], 2)
    circuit = from_qiskit(qc)
    network = split(circuit, CutPlan((apart(circuit, (2, 3)),)))
    values = [0.4, 1.1, 0.7, 2.0]
    whole = split(circuit, CutPlan.uncut())
    np.testing.assert_allclose(
        gradient(network, "Y2 Z3 X1", values), gradient(whole, "Y2 Z3 X1", values), rtol=0, atol=1e-12
    )
    np.testing.assert_allclose(
        probabilities(network, range(4), values), probabilities(whole, range(4), values), rtol=0, atol=1e-12
    )


def test_a_group_between_three_labels_is_cut_gate_by_gate() -> None:
    circuit = circuit_with("ccx")
    plan = CutPlan.from_partition(circuit, "ABC", joint=True)
    network = split(circuit, plan)
    assert [bond.cut for bond in network.bonds] == list(plan.cuts)
    assert all(component.number is None for bond in network.bonds for component in bond.components)
    agree(circuit, network, ["X0 Y1 Z2"])
