"""Wires with feed-forward: circuits of several fragments do what the steered terms say, and sample at their gamma."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from qiskit.primitives import BaseSamplerV2, StatevectorSampler

from cutq import CutPlan, GateCut, Job, Network, SamplerRunner, SimulatedRunner, WireCut, split
from cutq.errors import DeviceError, PlanError
from cutq.exact.values import expectation
from cutq.network.mub import mub_bases
from cutq.network.wire_terms import steered_wires
from cutq.shots.draws import Sampling, unit_circuits
from cutq.shots.feedforward import joint_probabilities
from cutq.shots.joint import JointVariant, any_program, joint_program
from cutq.shots.links import MOST_WIRES
from cutq.shots.program import FEED_FORWARD
from cutq.shots.sampling import sampled_estimate
from tests import oracle
from tests.shots.devices import NETWORKS, assert_follows, expected, layered, op, simulated, variant
from tests.shots.joint_terms import joint_terms, limit, sampled
from tests.shots.test_sampling import SIGMAS, Recording, chain, runs
from tests.strategies import PARAMETERS, circuits, numbers, observables, plans

EXACT = 1e-9


def parallel(count: int) -> Network:
    """So many wires from one fragment to another."""
    up = [op("cx", qubit, qubit + 1) for qubit in range(count - 1)]
    turns = [op("u3", qubit, params=(0.4 + qubit, 0.3, 0.2 * qubit)) for qubit in range(count)]
    down = [op("cx", qubit + 1, qubit) for qubit in range(count - 1)]
    circuit = layered(count + 1, *up, *turns, *down, op("cx", 0, count))
    first = count + 1 + len(up)
    return split(circuit, CutPlan(tuple(WireCut(qubit, first + qubit) for qubit in range(count))))


def forked() -> Network:
    """One fragment follows another, a third one both of them, and a gate is cut between the first two."""
    ops = [op("cx", 0, 1), op("ry", 0, params=(0.3,)), op("ry", 1, params=(0.7,)), op("cx", 0, 2), op("cx", 1, 3)]
    turns = [op("rx", 2, params=(0.5,)), op("rx", 3, params=(0.9,)), op("rzz", 0, 1, params=(0.8,))]
    circuit = layered(4, *ops, *turns, op("cx", 2, 3))
    return split(circuit, CutPlan((WireCut(0, 5), WireCut(2, 9), WireCut(3, 10), GateCut((11,)))))


def tangled() -> Network:
    """What follows takes the fewest qubits in an order that begins with the last operations."""
    pairs = [(1, 0), (3, 4), (0, 3), (0, 3), (3, 2), (2, 3), (4, 0)]
    return split(layered(5, *(op("cx", *pair) for pair in pairs)), CutPlan((WireCut(0, 5),)))


def ring() -> Network:
    """A wire to the other fragment and one back."""
    circuit = layered(3, op("cx", 0, 1), op("cx", 1, 2), op("cx", 0, 1))
    return split(circuit, CutPlan((WireCut(1, 3), WireCut(1, 4))))


def word(network: Network) -> str:
    letters = "XYZYX"
    return " ".join(f"{letters[qubit % 5]}{qubit}" for qubit in range(network.num_qubits))


def joint_variants(asked: Sampling, most: int | None = None) -> list[JointVariant]:
    """The joint circuits of all terms; some of them where they are many."""
    found = [
        one
        for unit in asked.units
        for one in unit_circuits(asked, unit, joint_terms(asked)).variants
        if isinstance(one, JointVariant)
    ]
    return found[:: 1 if most is None else 1 + len(found) // most]


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_programs_of_steered_terms_are_their_channels(count: int) -> None:
    """Averaged over the offsets, the outcomes upstream and downstream are those of measuring and preparing again."""
    network = parallel(count)
    (asked,) = sampled(network, word(network), communication=True)
    assert asked.gamma == 2 ** (count + 1) - 1
    (link,) = asked.links
    assert link.coefficients.sum() == 1
    upstream, downstream = network.bonds[0].ends
    places, outputs = link.places, len(network.fragments[downstream].outputs)
    steered = dict(zip([*range(1, len(mub_bases(count))), 0], steered_wires(count), strict=True))
    averages: dict[int, np.ndarray] = dict.fromkeys(steered, np.zeros(1))
    for joint in joint_variants(asked):
        (steering,) = joint.steerings
        found = simulated(joint_program(joint))
        assert np.abs(found - joint_probabilities(joint)).max() < EXACT
        averages[steering.basis] = averages[steering.basis] + found
    for basis, term in steered.items():
        up = expected(_read(network, upstream, places[0], term.measured, joint.variants[0].bases))
        down = [
            expected(_read(network, downstream, places[1], state[None], joint.variants[1].bases))
            for state in term.states
        ]
        exact = up.reshape(-1, 2**count)[:, :, None] * (term.odds @ np.array(down))
        times = 2**count - 1 if basis == 0 else 1
        assert exact.shape[2] == 2**outputs
        assert np.abs(averages[basis] / times - exact.ravel()).max() < EXACT


def _read(network: Network, position: int, places: tuple[int, ...], vectors: np.ndarray, bases: str) -> Any:
    one = variant(network, position, [(places, vectors)])
    return type(one)(position, one.fragment, {}, one.choices, bases)


CASES = {
    "chain": chain(),
    "one wire": parallel(1),
    "two wires": parallel(2),
    "parallel wires": NETWORKS["parallel wires"],
    "forked": forked(),
    "tangled": tangled(),
}


@pytest.mark.parametrize("name", CASES)
def test_programs_with_and_without_reuse(name: str) -> None:
    (asked,) = sampled(CASES[name], word(CASES[name]), communication=True)
    for joint in joint_variants(asked, most=12):
        exact = joint_probabilities(joint)
        assert exact.sum() == pytest.approx(1)
        plain, fewer = joint_program(joint), joint_program(joint, reuse=True)
        assert plain.num_qubits == sum(any_program(own).num_qubits for own in joint.variants)
        assert fewer.num_qubits < plain.num_qubits
        assert FEED_FORWARD in plain.needs
        for program in (plain, fewer) if plain.num_qubits < 9 else (fewer,):
            assert np.abs(simulated(program) - exact).max() < EXACT


@pytest.mark.parametrize("name", CASES)
def test_all_joint_terms_give_the_value(name: str) -> None:
    network = CASES[name]
    (asked,) = sampled(network, word(network), communication=True)
    exact = expectation(network, word(network))
    assert abs(exact) > 1e-4
    np.testing.assert_allclose(limit(asked), [exact], rtol=0, atol=EXACT)


def test_programs_of_all_joint_terms_give_the_value() -> None:
    """What a device does, from the instructions alone."""
    network = CASES["two wires"]
    (asked,) = sampled(network, word(network), communication=True)
    found = limit(asked, lambda variant: simulated(any_program(variant, reuse=True)))
    np.testing.assert_allclose(found, [expectation(network, word(network))], rtol=0, atol=EXACT)


MOST_TERMS = 300


@given(st.data())
@settings(max_examples=25)
def test_all_joint_terms_of_any_plan_give_the_value(data: st.DataObject) -> None:
    circuit = data.draw(circuits(parameters=PARAMETERS))
    network = split(circuit, data.draw(plans(circuit, max_cuts=3)))
    one = data.draw(observables(circuit.num_qubits))
    values = {name: data.draw(numbers) for name in circuit.parameters}
    assume(math.prod((1 + bond.gamma) ** 2 for bond in network.bonds) < 2000)
    try:
        asked = sampled(network, one, values=values, communication=True)
    except PlanError as error:
        assume("wires lead" not in str(error))
        raise
    assume(all(math.prod(len(link.terms) for link in own.links) <= MOST_TERMS for own in asked))
    constant = sum(weight for word, weight in one.terms if not word)
    found = constant + sum(float(limit(own)[0]) for own in asked)
    assert abs(found - oracle.value(circuit, one, values)) < EXACT


# Links and units.


def test_many_parallel_wires_are_cut_four_at_a_time() -> None:
    (asked,) = sampled(parallel(5), word(parallel(5)), communication=True)
    assert MOST_WIRES == 4
    assert [link.gamma for link in asked.links] == [31, 3]
    assert asked.gamma == 93
    joint = joint_variants(asked)[0]
    assert len(joint.steerings) == 2


def test_fragments_are_run_after_those_that_they_follow() -> None:
    (asked,) = sampled(forked(), word(forked()), communication=True)
    (unit,) = asked.units
    for link in asked.links:
        if link.steered:
            assert unit.fragments.index(link.fragments[0]) < unit.fragments.index(link.fragments[1])
    assert len(unit.fragments) == 3
    assert asked.gamma == pytest.approx(3**3 * (1 + 2 * np.sin(0.8)))


def test_fragments_without_wires_between_them_are_run_by_themselves() -> None:
    network = NETWORKS["cx"]
    asked, without = (sampled(network, "Z0 Z1", communication=communication)[0] for communication in (True, False))
    assert asked.units == without.units
    assert len(asked.units) == 2


def test_a_ring_of_wires_is_refused() -> None:
    network, runner = ring(), Recording()
    with pytest.raises(PlanError, match=r"wires lead from fragment 0 to fragment 1 to fragment 0.*method='sampled'"):
        sampled_estimate(network, "Z0 Z1 Z2", runner=runner, shots=1000, communication=True)
    assert not runner.jobs
    (asked,) = sampled(network, "Z0 Z1 Z2")
    np.testing.assert_allclose(limit(asked), [expectation(network, "Z0 Z1 Z2")], rtol=0, atol=EXACT)


def test_keys_and_names_tell_joint_circuits_apart() -> None:
    (asked,) = sampled(CASES["two wires"], word(CASES["two wires"]), communication=True)
    found = joint_variants(asked)
    assert len({one.key for one in found}) == len({str(one) for one in found}) == len(found) == 7
    assert str(found[0]).startswith("fragments 0 and 1 with feed-forward: fragment 0: term 0 of bond 0 and 1;")


# Simulated shots.


@pytest.mark.parametrize("name", CASES)
def test_simulated_shots_follow_the_joint_distribution(name: str) -> None:
    (asked,) = sampled(CASES[name], word(CASES[name]), communication=True)
    some = [Job(joint, 20_000, seed) for seed, joint in enumerate(joint_variants(asked, most=4))]
    again = SimulatedRunner(seed=1).run(some[::-1])[::-1]
    for job, counts, same in zip(some, SimulatedRunner(seed=1).run(some), again, strict=True):
        assert_follows(counts, joint_probabilities(job.variant), job.num_bits)  # type: ignore[arg-type]
        assert counts.as_dict() == same.as_dict()


def test_what_follows_follows_what_was_read() -> None:
    """A bit that is misread upstream prepares the other state."""
    network, up, down = parallel(1), 0.1, 0.2
    (asked,) = sampled(network, word(network), communication=True)
    joint = joint_variants(asked)[0]
    first = joint.variants[0].num_bits
    flip = np.array([[1 - up, down], [up, 1 - down]])
    upstream = expected(joint.variants[0])
    assert first == 1
    exact = np.zeros((2, 2 ** (joint.num_bits - 1)))
    for read in (0, 1):
        table = expected(joint.following(1, [read])).reshape((2,) * (joint.num_bits - 1))
        for axis in range(table.ndim):
            table = np.moveaxis(np.tensordot(flip, table, (1, axis)), 0, axis)
        exact[read] = (flip @ upstream)[read] * table.ravel()
    (counts,) = SimulatedRunner(readout_error=(up, down)).run([Job(joint, 40_000)])
    assert_follows(counts, exact.ravel(), joint.num_bits)


# Statistics.


@pytest.mark.parametrize(("name", "gamma"), [("one wire", 3), ("chain", 9), ("two wires", 7), ("parallel wires", 15)])
def test_shots_vary_by_the_square_of_the_joint_gamma(name: str, gamma: int) -> None:
    network, seeds = CASES[name], 80
    exact = expectation(network, word(network))
    found = runs(network, word(network), seeds, 240, communication=True)
    (count,) = found[0].method["samples"]
    assert found[0].method["gamma"] == [gamma]
    assert found[0].shots == count * len(network.fragments)
    values = np.array([one.values[0] for one in found])
    for value, one in zip(values[:5], found, strict=False):
        assert one.covariance[0, 0] == pytest.approx((gamma**2 - value**2) / (count - 1), rel=1e-9)
    law = (gamma**2 - exact**2) / count
    assert abs(values.mean() - exact) < SIGMAS * np.sqrt(law / seeds)
    assert abs(values.var(ddof=1) / law - 1) < SIGMAS * np.sqrt(2 / seeds)


def test_feed_forward_varies_less_than_local_operations() -> None:
    network = chain()
    with_it, without = (
        runs(network, "Z0 Z1 Z2 Z3", 1, 30_000, communication=communication, wires="pauli", pooled=False)[0]
        for communication in (True, False)
    )
    assert without.covariance[0, 0] / with_it.covariance[0, 0] == pytest.approx((16 / 9) ** 2, rel=0.01)


def test_wires_and_gates_in_one_circuit() -> None:
    network = CASES["forked"]
    exact = expectation(network, word(network))
    found = runs(network, word(network), 6, 2_000, communication=True)
    deviations = [(one.values[0] - exact) / one.stderr[0] for one in found]
    assert np.abs(deviations).max() < SIGMAS
    assert abs(np.mean(deviations)) < SIGMAS / np.sqrt(6)


# Devices.


def aer(seed: int = 1, **options: Any) -> BaseSamplerV2:
    primitives = pytest.importorskip("qiskit_aer.primitives")
    return primitives.SamplerV2(seed=seed, options={"backend_options": options})


def test_aer_follows_joint_circuits() -> None:
    (asked,) = sampled(CASES["two wires"], word(CASES["two wires"]), communication=True)
    some = [Job(joint, 2_000) for joint in joint_variants(asked)]
    for width, own in ((None, some), (4, some[2:4])):
        for job, counts in zip(own, SamplerRunner(aer(), max_qubits=width).run(own), strict=True):
            assert_follows(counts, joint_probabilities(job.variant), job.num_bits)  # type: ignore[arg-type]


def test_an_estimate_on_aer() -> None:
    network = CASES["chain"]
    runner = SamplerRunner(aer())
    found = sampled_estimate(network, "Z0 Z1 Z2 Z3", runner=runner, shots=30_000, communication=True)
    assert found.num_circuits == 9
    assert abs(found.values[0] - expectation(network, "Z0 Z1 Z2 Z3")) < SIGMAS * found.stderr[0]


def test_circuits_ask_for_bits_that_were_measured() -> None:
    (asked,) = sampled(CASES["two wires"], word(CASES["two wires"]), communication=True)
    job = Job(joint_variants(asked)[0], 1)
    assert job.circuit.count_ops()["if_else"] == 2
    assert job.circuit.num_clbits == job.num_bits
    assert job.circuit.num_qubits == joint_program(job.variant).num_qubits  # type: ignore[arg-type]


def test_a_device_without_feed_forward_is_refused() -> None:
    network = CASES["one wire"]
    runner = SamplerRunner(StatevectorSampler(seed=np.random.default_rng(0)))
    with pytest.raises(DeviceError, match=r"takes feed-forward, which StatevectorSampler .*method='sampled'.* default"):
        sampled_estimate(network, word(network), runner=runner, shots=1000, communication=True)
    found = sampled_estimate(network, word(network), runner=runner, shots=2_000)
    assert abs(found.values[0] - expectation(network, word(network))) < SIGMAS * found.stderr[0]
