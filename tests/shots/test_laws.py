"""Infinite shots give the exact value: with the exact chances of every outcome for counts, whatever cut and frame."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cutq import Circuit, Observable, gradient, merge, own_frame
from cutq import split as split_at
from cutq.exact.amplitudes import fragment_amplitudes
from cutq.network.frames import Frames, chosen_frames
from cutq.network.legspace import Reals, places
from cutq.network.network import Network
from cutq.shots.evaluation import evaluate, fits
from cutq.shots.experiment import Experiment
from cutq.shots.gradient import gradient_experiment
from cutq.shots.jobs import Counts
from cutq.shots.moments import Moments, moments
from cutq.shots.observables import observable_experiment
from cutq.shots.probabilities import probability_experiment
from cutq.shots.simulated import all_bits, outcome_probabilities
from cutq.shots.tomography import Tomography
from cutq.shots.variants import shifted
from tests import oracle
from tests.shots.devices import NETWORKS
from tests.strategies import PARAMETERS, circuits, haar, joint_cuts, ladders, numbers, observables, plans

VALUE, DERIVATIVE = 1e-9, 1e-8

MOST_CIRCUITS = 3000

TILTED_IN = own_frame("tilted in", "in", [(f"state {k}", haar(1, 20 + k)[0]) for k in range(5)])
TILTED_OUT = own_frame("tilted out", "out", [(f"basis {k}", haar(1, 30 + k)) for k in range(4)])

ROWS: dict[str, Frames | None] = {
    "default": None,
    "six": "six",
    "std4": "std4",
    "lean": "lean",
    "ancilla": "ancilla",
    "own": (TILTED_IN, TILTED_OUT),
    "own and lean": (TILTED_IN, TILTED_OUT, "lean"),
    "six and ancilla": ("six", "ancilla"),
    "mub": ("mub_states", "mub_bases", "mub_ancillas"),
}
"""Frames, and combinations of frames for different kinds of places."""

WIRE_ROWS, GATE_ROWS = ("default", "six", "std4", "own"), ("default", "lean", "ancilla")

frames = st.sampled_from(list(ROWS)).map(ROWS.__getitem__)


def exact_moments(one: Tomography) -> Moments:
    """The moments of one shot of each variant that is all of its outcomes at once, each as much as its chance."""
    counts: list[Counts] = []
    if one.variants:
        first = one.variants[0]
        amplitudes = fragment_amplitudes(shifted(first.fragment, first.shifts), first.values)
        amplitudes = amplitudes.reshape(len(amplitudes), -1)
        for variant in one.variants:
            (chances,) = outcome_probabilities([variant], amplitudes)
            assert chances.min() >= -1e-12
            assert chances.sum() == pytest.approx(1, abs=1e-9)
            counts.append(Counts(all_bits(variant.num_bits), chances))
    return moments(one, range(one.num_variants), counts)


def exact_values(asked: Experiment) -> Reals:
    """What an experiment says when every frequency is the exact chance."""
    data = [exact_moments(one) for one in asked.tomographies]
    return evaluate(asked, data, fits(asked, data)).values


def assume_small(network: Network, chosen: Frames | None, words: int = 1) -> None:
    """Leave out networks with so many circuits that their experiment would take long to build."""
    table = chosen_frames(chosen)
    sizes = [math.prod(len(table[place.kind].rows(place)) for place in places(own)) for own in network.fragments]
    entries = [math.prod(place.size for place in places(own)) for own in network.fragments]
    assume(words * sum(sizes) <= MOST_CIRCUITS and max(entries, default=1) <= 256)


@given(st.data())
@settings(max_examples=120)
def test_exact_frequencies_give_exact_values_in_every_frame(data: st.DataObject) -> None:
    circuit = data.draw(circuits(parameters=PARAMETERS))
    network = split_at(circuit, data.draw(plans(circuit, max_cuts=3)))
    sums = [data.draw(observables(circuit.num_qubits)) for _ in range(2)]
    values = {name: data.draw(numbers) for name in circuit.parameters}
    chosen = data.draw(frames)
    assume_small(network, chosen)
    asked = observable_experiment(network, sums, circuit.values(values), chosen)
    assume(asked.num_circuits <= MOST_CIRCUITS)
    expected = [oracle.value(circuit, one, values) for one in sums]
    np.testing.assert_allclose(exact_values(asked), expected, rtol=0, atol=VALUE)


@given(st.data())
@settings(max_examples=50)
def test_exact_frequencies_give_exact_values_of_joint_cuts(data: st.DataObject) -> None:
    """Stars, runs and wires together."""
    circuit = data.draw(ladders(parameters=PARAMETERS, max_ops=10))
    network = split_at(circuit, data.draw(joint_cuts(circuit)))
    one = data.draw(observables(circuit.num_qubits))
    values = {name: data.draw(numbers) for name in circuit.parameters}
    chosen = data.draw(frames)
    assume_small(network, chosen)
    asked = observable_experiment(network, one, circuit.values(values), chosen)
    np.testing.assert_allclose(exact_values(asked), [oracle.value(circuit, one, values)], rtol=0, atol=VALUE)


@pytest.mark.parametrize("name", NETWORKS)
def test_no_frame_changes_a_value(name: str) -> None:
    """Every kind of cut in every frame for it: as many circuits as the frame takes, and the same values."""
    network = NETWORKS[name]
    sums = [Observable("Z0"), Observable(f"0.3*X0 Y{network.num_qubits - 1}")]
    expected = [oracle.value(merge(network), one) for one in sums]
    wires = any(place.kind == "in" for own in network.fragments for place in places(own))
    for row in WIRE_ROWS if wires else GATE_ROWS:
        asked = observable_experiment(network, sums, None, ROWS[row])
        np.testing.assert_allclose(exact_values(asked), expected, rtol=0, atol=VALUE, err_msg=row)


@given(st.data())
@settings(max_examples=60)
def test_exact_frequencies_give_exact_gradients(data: st.DataObject) -> None:
    """Parameters that occur often, with factors, in gates that are cut, and not at all in what is asked for."""
    circuit = data.draw(circuits(parameters=PARAMETERS, max_qubits=4, max_ops=9))
    network = split_at(circuit, data.draw(plans(circuit, max_cuts=2)))
    check_gradient(data, circuit, network)


@given(st.data())
@settings(max_examples=25)
def test_exact_frequencies_give_exact_gradients_of_joint_cuts(data: st.DataObject) -> None:
    circuit = data.draw(ladders(parameters=PARAMETERS[:2], max_qubits=4, max_ops=7))
    network = split_at(circuit, data.draw(joint_cuts(circuit)))
    check_gradient(data, circuit, network)


def check_gradient(data: st.DataObject, circuit: Circuit, network: Network) -> None:
    one = data.draw(observables(circuit.num_qubits))
    values = circuit.values({name: data.draw(numbers) for name in circuit.parameters})
    chosen = data.draw(st.sampled_from([None, None, "lean", "std4"]))
    assume_small(network, chosen, words=8)
    asked = gradient_experiment(network, one, values, chosen)
    assume(asked.num_circuits <= MOST_CIRCUITS)
    found = exact_values(asked)
    np.testing.assert_allclose(found, gradient(network, one, values), rtol=0, atol=DERIVATIVE)


@given(st.data())
@settings(max_examples=60)
def test_exact_frequencies_give_exact_probabilities(data: st.DataObject) -> None:
    circuit = data.draw(circuits(parameters=PARAMETERS))
    network = split_at(circuit, data.draw(plans(circuit, max_cuts=3)))
    qubits = data.draw(st.permutations(range(circuit.num_qubits)))[: data.draw(st.integers(1, 3))]
    values = {name: data.draw(numbers) for name in circuit.parameters}
    chosen = data.draw(frames)
    assume_small(network, chosen)
    asked = probability_experiment(network, qubits, circuit.values(values), chosen)
    assume(asked.num_circuits <= MOST_CIRCUITS)
    chances = np.abs(oracle.statevector(circuit, values)) ** 2
    rest = tuple(q for q in range(circuit.num_qubits) if q not in qubits)
    kept = sorted(qubits)
    expected = chances.sum(axis=rest).transpose([kept.index(q) for q in qubits])
    np.testing.assert_allclose(exact_values(asked), expected.ravel(), rtol=0, atol=VALUE)
