"""The canonical form: isometries that a walk turns back into the state, on trees, loops and grids."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutq import Circuit, CutPlan, Network, Operation, split
from cutq.exact.canonical import Stage, canonical_stages
from cutq.exact.measuring import plan_form
from cutq.network.cone import light_cone
from tests import oracle
from tests.strategies import circuits, plans
from tests.zoo import ring, u3_layer


def walked(stages: tuple[Stage, ...], num_qubits: int) -> np.ndarray:
    """The probabilities of all outcomes, by one walk through the stages."""
    state, qubits = np.ones((1, 1), dtype=complex), []
    for stage in stages:
        state = state.reshape(len(state), -1, stage.rank)
        state = np.einsum("oRr,xnr->oxRn", state, stage.array).reshape(len(state) * len(stage.array), -1)
        qubits += stage.qubits
    whole = (np.abs(state.reshape(-1)) ** 2).reshape((2,) * num_qubits)
    return whole.transpose([qubits.index(q) for q in range(num_qubits)])


def check(circuit: Circuit, network: Network) -> tuple[Stage, ...]:
    stages = canonical_stages(network, plan_form(network), {})
    for stage in stages:
        gram = np.einsum("xni,xnj->ij", stage.array.conj(), stage.array)
        np.testing.assert_allclose(gram, np.eye(stage.rank), rtol=0, atol=1e-12)
    whole = np.abs(oracle.statevector(circuit)) ** 2
    np.testing.assert_allclose(walked(stages, circuit.num_qubits), whole, rtol=0, atol=1e-12)
    return stages


@given(st.data())
@settings(max_examples=60)
def test_any_network_has_a_canonical_form(data: st.DataObject) -> None:
    circuit = data.draw(circuits())
    network = split(circuit, data.draw(plans(circuit)))
    check(circuit, light_cone(network, range(circuit.num_qubits)))
    check(circuit, network)


@pytest.mark.parametrize("labels", ["ABCABC", "AABBCC", "ABCDEF"])
def test_loops(labels: str) -> None:
    circuit = u3_layer(ring(6))
    check(circuit, split(circuit, CutPlan.from_partition(circuit, labels)))


def test_a_narrow_fragment_with_many_bonds_keeps_only_its_rank() -> None:
    ops = [Operation("ry", (q,), (0.3 + q,)) for q in range(3)]
    ops += [op for k in range(4) for op in (Operation("cx", (0, 1)), Operation("ry", (0,), (0.2 + k,)))]
    circuit = u3_layer(Circuit(3, (*ops, Operation("cz", (1, 2)))))
    stages = check(circuit, split(circuit, CutPlan.from_partition(circuit, "ABB")))
    assert [stage.rank for stage in stages] == [1, 2]
