"""Light cones: what is left of a network for the qubits that an observable acts on."""

from __future__ import annotations

import numpy as np

from cutq import Circuit, CutPlan, GateCut, Operation, WireCut, expectations, merge, split
from cutq.network.cone import light_cone
from tests import oracle
from tests.zoo import line, tfim, u3_layer


def cx(a: int, b: int) -> Operation:
    return Operation("cx", (a, b))


def test_operations_outside_the_past_of_the_qubits_go() -> None:
    circuit = Circuit(4, (Operation("h", (0,)), cx(0, 1), cx(2, 3), cx(1, 2), Operation("t", (3,))))
    assert merge(light_cone(split(circuit, CutPlan.uncut()), [1])).operations == circuit.operations[:4]
    assert merge(light_cone(split(circuit, CutPlan.uncut()), [0])).operations == circuit.operations[:2]
    assert merge(light_cone(split(circuit, CutPlan.uncut()), [])).operations == ()


def test_a_cone_that_is_everything_is_the_network_itself() -> None:
    network = split(line(4, 2), CutPlan.from_partition(line(4, 2), "AABB"))
    assert light_cone(network, [3]) is network


def test_cuts_that_separate_nothing_any_more_go() -> None:
    circuit = Circuit(4, (cx(0, 1), cx(1, 2), cx(2, 3), cx(0, 1)))
    plan = CutPlan((WireCut(1, 0), GateCut((1, 2)), WireCut(2, 1)))
    assert [bond.cut for bond in light_cone(split(circuit, plan), [0]).bonds] == [GateCut((1,))]
    assert light_cone(split(circuit, plan), [2]).bonds != ()
    assert light_cone(split(circuit, CutPlan((WireCut(3, 2), GateCut((3,))))), [3]).bonds == ()


def test_shallow_circuits_far_too_wide_for_any_tensor() -> None:
    """One word in the middle of 200 qubits, all in one fragment: 2**200 amplitudes that nobody needs."""
    circuit = u3_layer(tfim(200, 2))
    small = u3_layer(tfim(24, 2))
    assert len(merge(light_cone(split(circuit, CutPlan.uncut()), [100])).operations) < 40
    whole = expectations(split(circuit, CutPlan.uncut()), ["Z3 X4", "Y0"])
    np.testing.assert_allclose(
        whole,
        expectations(split(small, CutPlan.from_partition(small, "A" * 12 + "B" * 12)), ["Z3 X4", "Y0"]),
        atol=1e-12,
    )


def test_words_with_different_cones_agree_with_brute_force() -> None:
    circuit = u3_layer(tfim(10, 1))
    network = split(circuit, CutPlan.from_partition(circuit, "AAABBBBCCC"))
    state = oracle.statevector(circuit)
    for words in (["Z0"], ["Z0", "X9"], ["Z4 Z5", "1"]):
        expected = [oracle.word_value(state, tuple((int(t[1:]), t[0]) for t in w.split() if w != "1")) for w in words]
        np.testing.assert_allclose(expectations(network, words), expected, atol=1e-12)


def test_cuts_inside_one_fragment_cost_nothing() -> None:
    """Twelve cut gates and two cut wires within one fragment: as bonds they would make 2**38 entries."""
    circuit = u3_layer(line(8, 4))
    gates = [number for number, op in enumerate(circuit.operations) if len(op.qubits) == 2]
    cuts = [GateCut((number,)) for number in gates[7:19]] + [WireCut(3, gates[3]), WireCut(5, gates[4])]
    network = split(circuit, CutPlan(tuple(cuts)))
    assert [bond.ends for bond in network.bonds] == [(0, 0)] * 14
    assert light_cone(network, range(8)).bonds == ()
    state = oracle.statevector(circuit)
    word = tuple((q, "Z") for q in range(8))
    value = expectations(network, [" ".join(f"Z{q}" for q in range(8))])[0]
    np.testing.assert_allclose(value, oracle.word_value(state, word), atol=1e-12)
