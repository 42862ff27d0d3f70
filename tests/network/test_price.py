"""Prices from structure alone: gammas, device circuits, operations, memory."""

from __future__ import annotations

import pytest

from cutq import Circuit, CutPlan, GateCut, Operation, WireCut, price, split
from cutq.exact.amplitudes import fragment_amplitudes
from tests.zoo import line, star, tfim


@pytest.mark.parametrize(("cuts", "circuits"), [(1, 10), (2, 50), (3, 250)])
def test_device_circuits_of_gate_cuts(cuts: int, circuits: int) -> None:
    circuit = line(4, cuts)
    found = price(split(circuit, CutPlan.from_partition(circuit, "AABB")))
    assert found.circuits == circuits
    assert found.gamma == pytest.approx(3.0**cuts)
    assert found.sampling_overhead == pytest.approx(9.0**cuts)
    assert found.bond_dims == (2,) * cuts


@pytest.mark.parametrize(("cuts", "circuits"), [(1, 7), (2, 19), (3, 31)])
def test_device_circuits_of_a_chain_of_wire_cuts(cuts: int, circuits: int) -> None:
    circuit = star(cuts + 2)
    found = price(split(circuit, CutPlan(tuple(WireCut(0, k + 1) for k in range(cuts)))))
    assert found.circuits == circuits
    assert found.gamma == 4.0**cuts


def test_joint_cuts_cost_less_gamma() -> None:
    circuit = line(4, 2)
    gates = tuple(number for number, op in enumerate(circuit.operations) if op.qubits == (1, 2))
    joint = price(split(circuit, CutPlan((GateCut(gates),))))
    assert joint.gamma == pytest.approx(7)
    assert joint.bond_dims == (4,)
    assert joint.circuits == 50


def test_an_uncut_circuit_costs_one_circuit_for_each_part() -> None:
    found = price(split(tfim(4, 1), CutPlan.uncut()))
    assert (found.gamma, found.circuits, found.bond_dims) == (1.0, 1, ())
    assert price(split(Circuit(0), CutPlan.uncut())).circuits == 0


def test_bytes_are_those_of_the_largest_tensor() -> None:
    circuit = tfim(7, 2)
    network = split(circuit, CutPlan.from_partition(circuit, "AAABBBB"))
    sizes = [fragment_amplitudes(fragment, {}).nbytes for fragment in network.fragments]
    assert price(network).bytes == max(sizes)


def test_both_legs_of_a_cut_inside_one_fragment_count() -> None:
    circuit = tfim(4, 3)
    gates = [number for number, op in enumerate(circuit.operations) if op.name == "rzz"]
    network = split(circuit, CutPlan(tuple(GateCut((number,)) for number in gates[1:4])))
    assert len(network.fragments) == 1
    assert price(network).bytes == 16 * 2**4 * 4**3


def test_astronomical_plans_are_priced() -> None:
    ops = [Operation("cx", (0, 1)) for _ in range(2000)]
    circuit = Circuit(2, tuple(ops))
    found = price(split(circuit, CutPlan.from_partition(circuit, "AB")))
    assert found.gamma == found.sampling_overhead == float("inf")
    assert found.circuits == 2 * 5**2000
