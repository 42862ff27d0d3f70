"""State tensors: their product is the state, and numbers of any size pass through."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutq import Circuit, CutPlan, GateCut, Operation, split
from cutq.exact.state import bond_dims, normalised, shifted, simulation_bytes, state_tensor
from tests import oracle
from tests.strategies import circuits, plans
from tests.zoo import line


@given(st.data())
@settings(max_examples=60)
def test_the_product_of_all_tensors_is_the_state(data: st.DataObject) -> None:
    circuit = data.draw(circuits())
    network = split(circuit, data.draw(plans(circuit, max_cuts=4)))
    total, qubits, bonds = np.ones(1, dtype=complex).reshape(1), [], []
    for position, fragment in enumerate(network.fragments):
        tensor = state_tensor(network, position, {})
        assert dict(zip(tensor.bonds, tensor.array.shape[1:], strict=True)) == bond_dims(fragment)
        shared = [bond for bond in bonds if bond in tensor.bonds]
        axes = [1 + bonds.index(bond) for bond in shared], [1 + tensor.bonds.index(bond) for bond in shared]
        product = np.tensordot(total, tensor.array, axes)
        rest = [bond for bond in bonds if bond not in shared]
        product = np.moveaxis(product, 1 + len(rest), 1)
        total = product.reshape(-1, *product.shape[2:])
        bonds = rest + [bond for bond in tensor.bonds if bond not in shared]
        qubits += tensor.qubits
    state = total.reshape((2,) * circuit.num_qubits).transpose([qubits.index(q) for q in range(circuit.num_qubits)])
    state = state * np.exp(1j * circuit.global_phase.at({}))
    np.testing.assert_allclose(state, oracle.statevector(circuit), rtol=0, atol=1e-12)


@pytest.mark.parametrize("scale", [1e-300, 1e-30, 1.0, 1e30, 1e300])
@pytest.mark.parametrize("power", [0, -3, 900])
def test_powers_of_two_are_exact(scale: float, power: int) -> None:
    array = scale * np.array([0.3 + 0.1j, -0.7, 0.0])
    found, taken = normalised(array)
    np.testing.assert_array_equal(shifted(found, taken), array)
    assert 2.0**-64 <= np.abs(found).max() <= 2.0**64
    small = np.array([0.75 + 0.5j])
    np.testing.assert_array_equal(shifted(shifted(small, power), -power), small)


def test_what_is_zero_stays_zero() -> None:
    assert normalised(np.zeros(3, dtype=complex))[1] == 0
    assert shifted(np.ones(1, dtype=complex), -(10**6)) == 0


def test_simulation_takes_no_more_memory_than_it_says() -> None:
    circuit = line(16, 2)
    network = split(circuit, CutPlan.from_partition(circuit, "A" * 13 + "BBB"))
    tracemalloc.start()
    kept = [state_tensor(network, position, {}) for position in range(2)]
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sum(tensor.array.nbytes for tensor in kept) < used <= simulation_bytes(network.fragments)


def test_a_cut_within_a_fragment_is_closed() -> None:
    ops = (Operation("ry", (0,), (0.4,)), Operation("cx", (0, 1)), Operation("crx", (0, 1), (0.7,)))
    circuit = Circuit(2, ops)
    network = split(circuit, CutPlan((GateCut((2,)),)))
    assert network.bonds[0].ends == (0, 0)
    whole = state_tensor(network, 0, {})
    assert whole.bonds == ()
    np.testing.assert_allclose(whole.array, oracle.statevector(circuit).reshape(-1), rtol=0, atol=1e-14)
