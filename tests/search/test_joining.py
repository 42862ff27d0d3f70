"""Gates of a plan put together, and the plans with the fewest operations."""

from __future__ import annotations

import math

import pytest

from cutq import Circuit, CutPlan, GateCut, Observable, Operation, Search, WireCut, expectation, find_cuts, price, split
from cutq.search.joining import joined_plan
from tests import oracle


def fourier(num_qubits: int) -> Circuit:
    """The quantum Fourier transform without its swaps, after a layer that makes its values differ from zero."""
    ops = [Operation("ry", (q,), (0.3 + 0.2 * q,)) for q in range(num_qubits)]
    for q in range(num_qubits):
        ops.append(Operation("h", (q,)))
        ops += [Operation("cp", (k, q), (math.pi / 2 ** (k - q),)) for k in range(q + 1, num_qubits)]
    return Circuit(num_qubits, tuple(ops))


def test_gates_between_two_fragments_are_one_bond_and_wires_stay() -> None:
    pairs = [(0, 1), (2, 3), (1, 2), (0, 2), (0, 1)]
    circuit = Circuit(4, tuple(Operation("cz", pair) for pair in pairs))
    plan = CutPlan((GateCut((2,)), GateCut((3,)), WireCut(3, 1)))
    assert joined_plan(circuit, plan).cuts == (WireCut(3, 1), GateCut((2, 3), side=(0, 1)))


@pytest.mark.parametrize("num_qubits", [5, 8])
def test_the_fewest_operations_come_from_stars(num_qubits: int) -> None:
    circuit = fourier(num_qubits)
    plain, joined = (find_cuts(circuit, num_qubits // 2 + 1, objective=o) for o in ("gamma", "flops"))
    assert 5 * joined.price.flops < plain.price.flops
    assert joined.price == price(split(circuit, joined))
    assert max(joined.widths) <= num_qubits // 2 + 1
    assert not joined.proven_optimal
    word = "Z0 X2 Y4"
    value = oracle.value(circuit, Observable(word))
    assert expectation(split(circuit, joined), word) == pytest.approx(value, abs=1e-12)


def test_wire_cuts_are_left_out_where_they_are_forbidden() -> None:
    plan = find_cuts(fourier(5), 3, objective="flops", search=Search(wire_cuts=False))
    assert all(isinstance(cut, GateCut) for cut in plan.cuts)
