"""Circuits of fragments, run on Aer: the qubit really is measured, reset and used again, and the value stays."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from cutq import Circuit, CutPlan, Observable, Operation, PlanError, Search, WireCut, find_cuts, probabilities, split
from cutq.network.network import Network
from cutq.network.reuse import schedule
from cutq.shots.circuit import fragment_circuit
from tests import oracle
from tests.zoo import star, u3_layer

SHOTS = 20_000


def means(network: Network, position: int, parity: list[int], **legs: dict) -> float:
    """The mean of the parity of these classical bits over shots on Aer."""
    aer = pytest.importorskip("qiskit_aer")
    circuit = fragment_circuit(network.fragments[position], **legs)
    assert circuit.num_qubits == schedule(network.fragments[position]).width
    counts = aer.AerSimulator(seed_simulator=7).run(circuit, shots=SHOTS).result().get_counts()
    total = sum((-1) ** sum(int(bits[::-1][k]) for k in parity) * count for bits, count in counts.items())
    return total / SHOTS


def test_a_star_on_two_qubits_samples_its_distribution() -> None:
    aer = pytest.importorskip("qiskit_aer")
    circuit = u3_layer(star(6))
    network = split(circuit, find_cuts(circuit, 2, search=Search(reuse=True)))
    qc = fragment_circuit(network.fragments[0])
    assert qc.num_qubits == 2
    assert qc.count_ops()["reset"] == 4
    counts = aer.AerSimulator(seed_simulator=1).run(qc, shots=SHOTS).result().get_counts()
    exact = probabilities(network, range(6)).ravel()
    found = np.zeros(64)
    order = [segment.qubit for segment in network.fragments[0].segments]
    for bits, count in counts.items():
        by_qubit = dict(zip(order, bits[::-1], strict=True))
        found[int("".join(by_qubit[q] for q in range(6)), 2)] = count / SHOTS
    error = np.sqrt(exact * (1 - exact) / SHOTS)
    assert np.all(np.abs(found - exact) <= 5 * error + 1e-9)


def test_a_cut_wire_and_reused_qubits_give_the_value() -> None:
    """Two fans that share a wire: three bases upstream, four preparations downstream, one reset qubit in each."""
    ops = [Operation("cx", (q, 3)) for q in range(3)] + [Operation("cx", (3, q)) for q in range(4, 7)]
    circuit = u3_layer(Circuit(7, tuple(ops)))
    last = max(k for k, op in enumerate(circuit.operations) if op.name == "cx" and op.qubits == (2, 3))
    network = split(circuit, CutPlan((WireCut(3, last),)))
    assert [schedule(fragment).width for fragment in network.fragments] == [2, 2]
    word = {0: "Z", 2: "Z", 4: "Z", 6: "X"}
    up, down = network.bonds[0].ends
    value = 0.5 * sum(
        a * b for a, b in zip(_upstream(network, up, word), _downstream(network, down, word), strict=True)
    )
    exact = oracle.value(circuit, Observable(" ".join(f"{letter}{qubit}" for qubit, letter in word.items())))
    # Each of the four products has factors of at most 1 and 3 with deviations of at most 1 and 3 over sqrt(SHOTS).
    assert abs(value - exact) < 5 * 0.5 * math.sqrt(4 * (3**2 + 3**2)) / math.sqrt(SHOTS)
    assert abs(exact) > 0.05


def _upstream(network: Network, position: int, word: dict[int, str]) -> list[float]:
    """Expectation values of the word's part times 1, X, Y and Z on the wire that is cut."""
    fragment = network.fragments[position]
    bits = [k for k, s in enumerate(fragment.segments) if s.qubit in word and k < len(fragment.outputs)]
    bases = {k: word[fragment.segments[k].qubit] for k in bits}
    leg = fragment.legs[0].segment
    assert leg is not None
    found = [means(network, position, bits, bases=bases)]
    return found + [means(network, position, [*bits, leg], bases={**bases, leg: basis}) for basis in "XYZ"]


def _downstream(network: Network, position: int, word: dict[int, str]) -> list[float]:
    """Expectation values of the word's part after 1, X, Y and Z on the wire, from the states 0, 1, + and r."""
    fragment = network.fragments[position]
    bits = [k for k, s in enumerate(fragment.segments) if s.qubit in word]
    bases = {k: word[fragment.segments[k].qubit] for k in bits}
    zero, one, plus, right = (means(network, position, bits, bases=bases, preparations={0: s}) for s in "01+r")
    return [zero + one, 2 * plus - zero - one, 2 * right - zero - one, zero - one]


def test_every_letter_of_a_cut_gate_is_run() -> None:
    circuit = Circuit(2, (Operation("h", (0,)), Operation("cx", (0, 1))))
    network = split(circuit, CutPlan.from_partition(circuit, "AB"))
    for fragment, letter in itertools.product(network.fragments, (0, 1)):
        names = fragment_circuit(fragment, letters={0: (letter,)}).count_ops()
        assert names["measure"] == 1
        assert ("id" in names) == (letter == 0)


def test_mistakes_are_named() -> None:
    circuit = Circuit(2, (Operation("h", (0,)), Operation("cx", (0, 1))))
    fragment = split(circuit, CutPlan.from_partition(circuit, "AB")).fragments[0]
    for wrong in ({"letters": {0: (2,)}}, {"bases": {0: "W"}}, {"preparations": {0: "0"}}):
        with pytest.raises(PlanError):
            fragment_circuit(fragment, **wrong)
