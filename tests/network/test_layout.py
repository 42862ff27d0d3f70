"""Plans with an order of their own: what may change places and what may be missing."""

from __future__ import annotations

import numpy as np
import pytest

from cutq import Circuit, CutPlan, GateCut, Observable, Operation, PlanError, WireCut, expectations, merge, split
from cutq.network.influence import influence, targets
from cutq.network.layout import exchange
from tests import oracle
from tests.zoo import u3_layer


def op(name: str, *qubits: int) -> Operation:
    return Operation(name, qubits)


CIRCUIT = u3_layer(Circuit(4, (op("cz", 0, 1), op("cz", 1, 2), op("cx", 1, 3), op("h", 1), op("cx", 1, 2))))
GATES = [number for number, one in enumerate(CIRCUIT.operations) if len(one.qubits) == 2]


def test_an_order_of_commuting_gates_gives_the_same_values_and_the_circuit_back() -> None:
    first, second, third, last = GATES
    order = [number for number in range(len(CIRCUIT.operations)) if number not in (first, second, third)]
    place = order.index(last - 1)
    order = (*order[:place], third, second, first, *order[place:])
    cuts = (GateCut((second, third), (1,)), GateCut((last,)))
    network = split(CIRCUIT, CutPlan(cuts, order))
    assert merge(network) == CIRCUIT
    assert [bond.cut for bond in network.bonds] == list(CutPlan(cuts).cuts)
    assert network.bonds[0].ops == (CIRCUIT.operations[second], CIRCUIT.operations[third])
    words = ["X0 Y1", "Z2 X3", "Y0 Y1 Y2 Y3"]
    expected = [oracle.value(CIRCUIT, Observable(word)) for word in words]
    np.testing.assert_allclose(expectations(network, words), expected, atol=1e-12)


def test_a_wire_is_cut_behind_an_operation_in_the_order_of_the_plan() -> None:
    circuit = u3_layer(Circuit(3, (op("cz", 0, 1), op("cz", 1, 2), op("cz", 0, 1))))
    first, second, third = (k for k, one in enumerate(circuit.operations) if len(one.qubits) == 2)
    order = [k for k in range(len(circuit.operations)) if k != third]
    order.insert(order.index(second), third)
    network = split(circuit, CutPlan((WireCut(1, third),), tuple(order)))
    assert network.widths == (2, 2)
    assert first < second
    expected = oracle.value(circuit, Observable("X0 Y1 Z2"))
    np.testing.assert_allclose(expectations(network, ["X0 Y1 Z2"]), [expected], atol=1e-12)


def test_gates_that_do_not_commute_stay_in_their_order() -> None:
    circuit = Circuit(2, (op("h", 0), op("cx", 0, 1)))
    with pytest.raises(PlanError, match=r"operation 1 \(cx\) before operation 0 \(h\), but on qubit 0 the two do not"):
        split(circuit, CutPlan(order=(1, 0)))


def test_only_what_the_observables_do_not_depend_on_may_be_missing() -> None:
    circuit = Circuit(2, (op("h", 0), op("cx", 0, 1)))
    assert split(circuit, CutPlan(order=(0,), observables=("X1",))).dropped == ((1, op("cx", 0, 1)),)
    with pytest.raises(PlanError, match=r"leaves out operation 1 \(cx\), which Z1 depend on"):
        split(circuit, CutPlan(order=(0,), observables=("Z1",)))
    with pytest.raises(PlanError, match="names operation 1, which the plan's order leaves out"):
        split(circuit, CutPlan((GateCut((1,)),), order=(0,), observables=("X1",)))


@pytest.mark.parametrize("seed", range(20))
def test_influence_against_brute_force(seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = ["cx", "cz", "h", "t", "rx", "swap", "s", "crz"]
    ops = []
    for _ in range(14):
        name = str(rng.choice(names))
        qubits = tuple(map(int, rng.choice(4, 2 if name in ("cx", "cz", "swap", "crz") else 1, replace=False)))
        ops.append(Operation(name, qubits, (0.7,) if name in ("rx", "crz") else ()))
    circuit = Circuit(4, tuple(ops))
    one = Observable("Z0 X1 + 0.5*Z0" if seed % 2 else "Z0 Z3")
    kept = influence(circuit, targets([one]))
    smaller = Circuit(4, tuple(circuit.operations[number] for number in kept))
    assert oracle.value(smaller, one) == pytest.approx(oracle.value(circuit, one), abs=1e-12)


def test_exchange_is_true_only_of_commuting_operations() -> None:
    rng = np.random.default_rng(0)
    names = ["cx", "cz", "h", "t", "rx", "swap", "crz", "rzz", "rxx"]
    found = 0
    for _ in range(200):
        pair = []
        for name in rng.choice(names, 2):
            qubits = tuple(map(int, rng.choice(3, 1 if name in ("h", "t", "rx") else 2, replace=False)))
            pair.append(Operation(str(name), qubits, (0.7,) if name in ("rx", "crz", "rzz", "rxx") else ()))
        if exchange(*pair):
            found += 1
            start = u3_layer(Circuit(3, ()))
            states = [oracle.statevector(Circuit(3, (*start.operations, *some))) for some in (pair, pair[::-1])]
            np.testing.assert_allclose(states[0], states[1], atol=1e-12)
    assert found > 40
