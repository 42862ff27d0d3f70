"""The runner that simulates: its chances against brute force, its seeds, and its readout errors."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutq import (
    Circuit,
    CutPlan,
    Job,
    Operation,
    ParameterError,
    SimulatedRunner,
    Variant,
    WireCut,
    estimate,
    expectation,
    split,
)
from cutq.exact.amplitudes import fragment_amplitudes
from cutq.network.frames import BASES, STATES
from cutq.shots.observables import observable_experiment
from cutq.shots.simulated import all_bits, outcome_probabilities
from cutq.shots.variants import Choice, Shift, shifted
from tests import oracle
from tests.shots.devices import NETWORKS, ROTATIONS, assert_follows, expected, layered, op, variants
from tests.strategies import PARAMETERS, circuits, haar, numbers

SHOTS = 20_000


def chances(variant: Variant) -> np.ndarray:
    """What the runner draws from."""
    amplitudes = fragment_amplitudes(shifted(variant.fragment, variant.shifts), variant.values)
    (found,) = outcome_probabilities([variant], amplitudes.reshape(len(amplitudes), -1))
    return found


def whole(circuit: Circuit, values: dict[str, float], bases: str) -> Variant:
    """A circuit that is not cut, as the only variant of its fragment."""
    one, *rest = split(circuit, CutPlan.uncut()).fragments
    assert not rest
    return Variant(0, one, values, (), bases)


def connected(circuit: Circuit) -> Circuit:
    """The circuit and a chain of gates that makes one fragment of it."""
    chain = tuple(op("cx", q, q + 1) for q in range(circuit.num_qubits - 1))
    return Circuit(circuit.num_qubits, (*circuit.operations, *chain))


def turned(state: np.ndarray, bases: str) -> np.ndarray:
    """The chances of the outcomes of the qubits that are read, by brute force."""
    for qubit, letter in enumerate(bases):
        state = np.moveaxis(np.tensordot(ROTATIONS.get(letter, np.eye(2)), state, (1, qubit)), 0, qubit)
    unread = tuple(qubit for qubit, letter in enumerate(bases) if letter == "I")
    return (np.abs(state) ** 2).sum(axis=unread).ravel()


@given(st.data())
@settings(max_examples=60)
def test_chances_of_whole_circuits_are_those_of_their_states(data: st.DataObject) -> None:
    circuit = connected(data.draw(circuits(parameters=PARAMETERS)))
    values = {name: data.draw(numbers) for name in circuit.parameters}
    bases = "".join(
        data.draw(st.lists(st.sampled_from("IXYZ"), min_size=circuit.num_qubits, max_size=circuit.num_qubits))
    )
    found = chances(whole(circuit, values, bases))
    np.testing.assert_allclose(found, turned(oracle.statevector(circuit, values), bases), rtol=0, atol=1e-12)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("basis", BASES)
def test_chances_of_wires_are_those_of_circuits_that_prepare_and_measure_there(state: str, basis: str) -> None:
    """A wire that begins and one that ends: the state is prepared by a first gate, the basis is measured at the end."""
    module = Operation("unitary", (0, 1), matrix=haar(2, 3))
    circuit = Circuit(3, (op("h", 0), module, op("cx", 1, 2)))
    fragment = next(f for f in split(circuit, CutPlan((WireCut(0, 0), WireCut(1, 1)))).fragments if len(f.legs) == 2)
    choices = (
        Choice((0,), state, np.array([STATES[state]])),
        Choice((1,), basis, np.array([STATES[s] for s in BASES[basis]]).conj()),
    )
    first = np.array([STATES[state], [-np.conj(STATES[state][1]), np.conj(STATES[state][0])]]).T
    alone = Circuit(2, (Operation("unitary", (0,), matrix=first), module))
    exact = turned(oracle.statevector(alone), "X" + basis)
    np.testing.assert_allclose(chances(Variant(1, fragment, {}, choices, "X")), exact, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", NETWORKS)
def test_chances_of_every_cut_are_those_of_its_amplitudes(name: str) -> None:
    for one in itertools.islice(variants(NETWORKS[name], seed=2), 0, None, 3):
        np.testing.assert_allclose(chances(one), expected(one), rtol=0, atol=1e-12)


def test_variants_are_simulated_together_as_they_are_alone() -> None:
    some = [v for v in variants(NETWORKS["wires"]) if v.position == 1]
    same = [v for v in some if v.bases == some[0].bases]
    amplitudes = fragment_amplitudes(same[0].fragment, {})
    for one, found in zip(same, outcome_probabilities(same, amplitudes.reshape(len(amplitudes), -1)), strict=True):
        np.testing.assert_allclose(found, chances(one), atol=1e-15)


@pytest.mark.parametrize("name", ["cx", "iswap", "wires", "star", "two cx"])
def test_counts_follow_the_chances(name: str) -> None:
    some = list(itertools.islice(variants(NETWORKS[name], seed=1), 0, None, 2))
    jobs = [Job(one, SHOTS, seed) for seed, one in enumerate(some)]
    for job, counts in zip(jobs, SimulatedRunner().run(jobs), strict=True):
        assert counts.shots == job.shots
        assert_follows(counts, expected(job.variant), job.num_bits)


def test_few_shots_of_many_bits_follow_the_chances() -> None:
    """They are drawn one by one, without a table of the outcomes."""
    bits = 16
    turns = [op("ry", q, params=(0.3 + 0.1 * q,)) for q in range(bits)]
    variant = whole(connected(Circuit(bits, tuple(turns))), {}, "Z" * bits)
    (counts,) = SimulatedRunner().run([Job(variant, 50_000, 4)])
    state = oracle.statevector(connected(Circuit(bits, tuple(turns))))
    exact = (np.abs(state) ** 2).reshape((2,) * bits)
    assert counts.shots == 50_000
    for bit in range(bits):
        mean = float(exact.sum(axis=tuple(q for q in range(bits) if q != bit))[1])
        seen = counts.numbers[counts.bits[:, bit] == 1].sum() / counts.shots
        assert abs(seen - mean) < 5 * np.sqrt(mean * (1 - mean) / counts.shots) + 1e-12


@given(st.randoms(use_true_random=False), st.integers(1, 6))
@settings(max_examples=20)
def test_equal_jobs_have_equal_counts_in_any_order_and_company(random, parts: int) -> None:
    jobs = [Job(one, 500, 7 * k) for k, one in enumerate(itertools.islice(variants(NETWORKS["wires"]), 12))]
    runner = SimulatedRunner(seed=3)
    together = [counts.as_dict() for counts in runner.run(jobs)]
    order = list(range(len(jobs)))
    random.shuffle(order)
    apart = {}
    for part in range(parts):
        own = order[part::parts]
        apart |= dict(zip(own, (c.as_dict() for c in SimulatedRunner(seed=3).run([jobs[k] for k in own])), strict=True))
    assert [apart[k] for k in range(len(jobs))] == together


def test_other_seeds_have_other_counts() -> None:
    one = next(variants(NETWORKS["wires"]))
    found = [
        SimulatedRunner(seed=runner).run([Job(one, 10_000, job)])[0].as_dict()
        for runner, job in [(0, 0), (0, 1), (1, 0)]
    ]
    assert found[0] != found[1] != found[2] != found[0]


def test_shifts_are_run() -> None:
    network = NETWORKS["cx"]
    fragment = network.fragments[0]
    assert fragment.items
    plain = next(v for v in variants(network) if v.position == 0)
    moved = Variant(0, fragment, {}, plain.choices, plain.bases, (Shift(0, 0, 0, 0.9),))
    assert np.abs(chances(plain) - chances(moved)).max() > 0.01
    np.testing.assert_allclose(chances(moved), expected(moved, shifted(fragment, moved.shifts)), atol=1e-12)
    jobs = [Job(plain, SHOTS, 1), Job(moved, SHOTS, 2), Job(plain, SHOTS, 3)]
    for job, counts in zip(jobs, SimulatedRunner().run(jobs), strict=True):
        assert_follows(counts, expected(job.variant, shifted(fragment, job.variant.shifts)), job.num_bits)


@pytest.mark.parametrize("error", [0.1, (0.03, 0.2), (1.0, 0.0), 1.0])
def test_readout_errors_flip_bits_as_often_as_they_say(error: float | tuple[float, float]) -> None:
    up, down = error if isinstance(error, tuple) else (error, error)
    flips = np.array([[1 - up, down], [up, 1 - down]])
    for one in itertools.islice(variants(NETWORKS["two cx"], seed=5), 0, None, 4):
        matrix = np.ones((1, 1))
        for _ in range(one.num_bits):
            matrix = np.kron(matrix, flips)
        (counts,) = SimulatedRunner(readout_error=error).run([Job(one, SHOTS, 1)])
        assert_follows(counts, matrix @ expected(one), one.num_bits)


def test_a_value_shrinks_by_the_readout_errors() -> None:
    """By ``1 - 2 p`` for each bit where both outcomes are misread alike."""
    circuit = layered(3, op("cx", 0, 1), op("cx", 1, 2))
    network = split(circuit, CutPlan.uncut())
    found = estimate(network, ["Z0", "Z0 Z1 Z2"], runner=SimulatedRunner(readout_error=0.1), shots=400_000)
    exact = np.array([expectation(network, name) for name in found.names]) * [0.8, 0.8**3]
    assert np.all(np.abs(found.values - exact) < 5 * found.stderr)


@pytest.mark.parametrize("error", [-0.1, 1.1, (0.1, 2.0), (0.1,), (0.1, 0.1, 0.1), float("nan")])
def test_readout_errors_that_are_no_probabilities_are_refused(error: object) -> None:
    with pytest.raises(ParameterError, match="readout error"):
        SimulatedRunner(readout_error=error)


def test_a_million_shots_of_144_variants_of_eight_qubits() -> None:
    """A module of eight qubits between two wires on either side, in all its 4 * 4 * 3 * 3 variants."""
    rng = np.random.default_rng(1)
    first, middle, last = (
        [op("u3", q, params=tuple(rng.uniform(-3, 3, 3))) for q in own] for own in ((0, 1), range(8), (6, 7))
    )
    gates = [op("cx", q, q + 1) for q in range(7)] + [op("rxx", q, q + 2, params=(0.6,)) for q in range(6)]
    ops = [*first, *middle, *gates, *last, op("rxx", 6, 7, params=(0.8,))]
    cuts = (WireCut(0, 0), WireCut(1, 1), WireCut(6, 21), WireCut(7, 22))
    network = split(Circuit(8, tuple(ops)), CutPlan(cuts))
    word = " ".join(f"Z{q}" for q in range(8))
    asked = observable_experiment(network, word, None, None)
    assert max(one.num_variants for one in asked.tomographies) == 144
    found = estimate(network, word, runner=SimulatedRunner(), shots=1_000_000, allocation="uniform")
    assert found.shots == 1_000_000
    assert abs(found.values[0] - expectation(network, word)) < 5 * found.stderr[0]


def test_all_bits_are_in_order_and_cannot_be_changed() -> None:
    assert ["".join(map(str, row)) for row in all_bits(2).tolist()] == ["00", "01", "10", "11"]
    assert all_bits(0).shape == (1, 0)
    with pytest.raises(ValueError, match="read-only"):
        all_bits(2)[0, 0] = 1
