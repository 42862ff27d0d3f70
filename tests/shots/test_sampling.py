"""Shot-by-shot sampling by local operations: unbiased, its errors as it says, its variance as the law has it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from qiskit.primitives import StatevectorSampler

from cutq import (
    Circuit,
    Counts,
    CutPlan,
    GateCut,
    Job,
    Network,
    Operation,
    SamplerRunner,
    SimulatedRunner,
    WireCut,
    estimate,
    param,
    split,
)
from cutq.errors import DeviceError, ParameterError, PlanError, ShotsError, TooLargeError
from cutq.exact.values import expectation, expectations
from cutq.network.wire_terms import WIRES
from cutq.shots.draws import drawn_terms, unit_circuits
from cutq.shots.estimate import Estimate
from cutq.shots.sampling import BATCHES, sampled_estimate
from tests import oracle
from tests.shots.devices import NETWORKS, layered, op
from tests.shots.joint_terms import limit, sampled
from tests.strategies import PARAMETERS, circuits, numbers, observables, plans

EXACT = 1e-9

SIGMAS = 4.5


def chain() -> Network:
    """Three fragments and two wires."""
    ops = [op("cx", 0, 1), op("ry", 1, params=(0.4,)), op("cx", 1, 2), op("u3", 2, params=(0.3, 0.5, 0.2))]
    return split(layered(4, *ops, op("cx", 2, 3), seed=3), CutPlan((WireCut(1, 4), WireCut(2, 6))))


def spokes(count: int) -> Network:
    """A fragment that takes up so many wires, each from a fragment of its own."""
    ops = [op("cx", qubit, count) for qubit in range(count)]
    circuit = layered(count + 1, *ops, seed=5)
    return split(circuit, CutPlan(tuple(WireCut(qubit, qubit) for qubit in range(count))))


class Recording:
    """Simulates, and keeps the jobs."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def run(self, jobs: Sequence[Job]) -> list[Counts]:
        self.jobs += jobs
        return SimulatedRunner().run(jobs)


def runs(network: Network, asked: str | list[str], seeds: int, shots: int, **options: object) -> list[Estimate]:
    """The same estimate with different seeds."""
    runner = SimulatedRunner()
    return [sampled_estimate(network, asked, runner=runner, shots=shots, seed=seed, **options) for seed in range(seeds)]


# The limit of infinitely many shots.


@pytest.mark.parametrize("wires", WIRES)
@pytest.mark.parametrize("name", ["wires", "parallel wires"])
def test_all_joint_terms_of_wires_give_the_value(name: str, wires: str) -> None:
    network = NETWORKS[name]
    word = " ".join(f"{letter}{qubit}" for qubit, letter in zip(range(network.num_qubits), "ZXYZX", strict=False))
    (asked,) = sampled(network, word, "2*" + word, wires=wires)
    assert asked.gamma == pytest.approx((6.0 if wires == "std4" else 4.0) ** len(network.bonds))
    exact = expectation(network, word)
    assert abs(exact) > 1e-3
    np.testing.assert_allclose(limit(asked), [exact, 2 * exact], rtol=0, atol=EXACT)


@pytest.mark.parametrize("name", ["cx", "cu", "iswap", "two cx", "star", "group", "rank 1"])
@pytest.mark.parametrize("ancilla", [True, False])
def test_all_joint_terms_of_gates_give_the_value(name: str, ancilla: bool) -> None:
    network = NETWORKS[name]
    word = " ".join(f"{letter}{qubit}" for qubit, letter in zip(range(network.num_qubits), "XYZX", strict=False))
    if name == "star" and not ancilla:
        with pytest.raises(PlanError, match="a star is cut with an ancilla"):
            sampled(network, word, ancilla=ancilla)
        return
    (asked,) = sampled(network, word, ancilla=ancilla)
    np.testing.assert_allclose(limit(asked), [expectation(network, word)], rtol=0, atol=EXACT)


MOST_TERMS = 600


@given(st.data())
@settings(max_examples=25)
def test_all_joint_terms_of_any_plan_give_the_value(data: st.DataObject) -> None:
    circuit = data.draw(circuits(parameters=PARAMETERS))
    network = split(circuit, data.draw(plans(circuit, max_cuts=3)))
    one = data.draw(observables(circuit.num_qubits))
    values = {name: data.draw(numbers) for name in circuit.parameters}
    assume(math.prod((1 + bond.gamma) ** 2 for bond in network.bonds) < 2000)
    asked = sampled(network, one, values=values)
    assume(all(math.prod(len(link.terms) for link in own.links) <= MOST_TERMS for own in asked))
    constant = sum(weight for word, weight in one.terms if not word)
    found = constant + sum(float(limit(own)[0]) for own in asked)
    assert abs(found - oracle.value(circuit, one, values)) < EXACT


# The law of the variance.

CASES = {
    "wires": (chain(), "Z0 Z1 Z2 Z3"),
    "cx": (NETWORKS["cx"], "Z0 Z1"),
    "iswap": (NETWORKS["iswap"], "Z0 X1"),
    "two cx": (NETWORKS["two cx"], "Z0 X1 Y2 Z3"),
}


@pytest.mark.parametrize("name", CASES)
def test_single_shots_vary_by_gamma_squared(name: str) -> None:
    """Every sample is plus or minus gamma: what is said of the variance is exact, and so it is over many seeds."""
    network, word = CASES[name]
    exact, seeds = expectation(network, word), 200
    found = runs(network, word, seeds, 400, wires="pauli", pooled=False)
    (count,), (gamma,) = found[0].method["samples"], found[0].method["gamma"]
    for one in found[:5]:
        law = (gamma**2 - one.values[0] ** 2) / (count - 1)
        assert one.covariance[0, 0] == pytest.approx(law, rel=1e-9)
    values = np.array([one.values[0] for one in found])
    law = (gamma**2 - exact**2) / count
    assert abs(values.mean() - exact) < SIGMAS * np.sqrt(law / seeds)
    assert abs(values.var(ddof=1) / law - 1) < SIGMAS * np.sqrt(2 / seeds)


def test_scores_below_one_vary_less() -> None:
    network, word = CASES["wires"]
    exact, gamma = expectation(network, word), 16.0
    (one,) = runs(network, word, 1, 60_000, pooled=False)
    assert one.covariance[0, 0] * one.method["samples"][0] < 0.5 * (gamma**2 - exact**2)


# Errors are what they are said to be.

WORDS = ["Z0 Z1 Z2 Z3", "Z0 - 0.5*Z1 Z2", "X1 X2", "X0 + 0.25"]


@pytest.mark.parametrize("pooled", [True, False])
def test_values_are_unbiased_and_errors_right(pooled: bool) -> None:
    network, seeds = chain(), 200
    exact = expectations(network, WORDS)
    found = runs(network, WORDS, seeds, 4_000, pooled=pooled)
    values = np.array([one.values for one in found])
    spread, said = np.cov(values.T), np.mean([one.covariance for one in found], axis=0)
    assert np.abs((values.mean(axis=0) - exact) / np.sqrt(np.diagonal(spread) / seeds)).max() < SIGMAS
    deviation = np.sqrt((np.outer(np.diagonal(said), np.diagonal(said)) + said**2) / seeds)
    assert np.abs((spread - said) / deviation).max() < SIGMAS
    assert found[0].method["pooled"] == [pooled, pooled]
    inside = np.array([(one.interval()[:, 0] < exact) & (exact < one.interval()[:, 1]) for one in found])
    assert 0.90 < inside.mean() < 0.99


def test_averages_of_fragments_vary_less() -> None:
    network, word = CASES["wires"]
    pooled, single = (runs(network, word, 1, 30_000, pooled=pooled)[0] for pooled in (True, False))
    assert pooled.stderr[0] < 0.5 * single.stderr[0]
    assert pooled.num_circuits == single.num_circuits


def test_single_shots_are_not_averaged_where_that_says_nothing() -> None:
    """One fragment, or hardly a sample for each of its circuits."""
    alone = split(layered(2, op("cx", 0, 1)), CutPlan.uncut())
    found = sampled_estimate(alone, "Z0 Z1", runner=SimulatedRunner(), shots=1000)
    assert found.method["pooled"] == [False]
    assert found.covariance[0, 0] == pytest.approx((1 - found.values[0] ** 2) / 999)
    few = sampled_estimate(chain(), "Z0 Z1 Z2 Z3", runner=SimulatedRunner(), shots=3 * 3 * BATCHES)
    assert few.method["pooled"] == [False]


def test_observables_of_one_group_share_every_sample() -> None:
    found = sampled_estimate(NETWORKS["cx"], ["Z0 Z1", "2*Z0 Z1", "X0"], runner=SimulatedRunner(), shots=2000)
    assert len(found.method["samples"]) == 2
    assert found.values[1] == pytest.approx(2 * found.values[0])
    assert found.covariance[1, 1] == pytest.approx(2 * found.covariance[0, 1])
    assert abs(found.covariance[0, 2]) < 1e-12


def test_words_are_sampled_with_the_cuts_that_they_depend_on() -> None:
    network = chain()
    found = sampled_estimate(network, ["X0", "Z0 Z1 Z2 Z3"], runner=SimulatedRunner(), shots=50_000)
    assert sorted(found.method["gamma"]) == [1.0, 16.0]
    assert found.stderr[0] < 0.1
    assert np.abs(found.values - expectations(network, ["X0", "Z0 Z1 Z2 Z3"])).max() < SIGMAS * found.stderr.max()


# Many legs.


def test_a_fragment_of_seven_wires() -> None:
    network = spokes(7)
    hub = network.fragments[network.bonds[0].ends[1]]
    assert len(hub.legs) == 7
    with pytest.raises(TooLargeError, match="method='sampled'"):
        estimate(network, "Z7", runner=SimulatedRunner(), shots=10_000)
    word = "X0 Y1 X2 Y3 X4 Y5 X6 Y7"
    exact = expectation(network, word)
    (asked,) = sampled(network, word)
    assert asked.gamma == 4.0**7
    found = runs(network, word, 8, 8_000)
    values, errors = (np.array([getattr(one, name)[0] for one in found]) for name in ("values", "stderr"))
    assert np.abs((values - exact) / errors).max() < SIGMAS
    assert abs(values.mean() - exact) < SIGMAS * np.sqrt((errors**2).sum()) / 8
    assert 0.5 < values.std(ddof=1) / np.sqrt((errors**2).mean()) < 1.6
    single = runs(network, word, 1, 8_000, pooled=False)[0]
    assert np.sqrt((errors**2).mean()) < 0.5 * single.stderr[0]


# Jobs.


def test_shots_circuits_and_seeds() -> None:
    network, runner = chain(), Recording()
    found = sampled_estimate(network, WORDS, runner=runner, shots=5_000, seed=4)
    assert found.shots == sum(job.shots for job in runner.jobs)
    assert 4_980 < found.shots <= 5_000
    assert found.num_circuits == len(runner.jobs)
    assert len({job.seed for job in runner.jobs}) == len(runner.jobs)
    assert found.contributions.shape == (3, 4)
    assert np.isnan(found.contributions).all()
    again = sampled_estimate(network, WORDS, runner=SimulatedRunner(), shots=5_000, seed=4)
    np.testing.assert_array_equal(found.values, again.values)
    other = sampled_estimate(network, WORDS, runner=SimulatedRunner(), shots=5_000, seed=5)
    assert (found.values != other.values).all()
    assert np.isnan(Estimate.from_json(found.to_json()).contributions).all()


def test_equal_circuits_are_one_job() -> None:
    """The letters I and Z of a wire are measured in one basis."""
    (asked,) = sampled(chain(), "Z0 Z1 Z2 Z3", wires="pauli")
    terms = drawn_terms(asked, 5_000, np.random.default_rng(0))
    sizes = []
    for unit in asked.units:
        own = unit_circuits(asked, unit, terms)
        assert len({variant.key for variant in own.variants}) == len(own.variants)
        np.testing.assert_array_equal(np.sort(np.concatenate(own.members)), np.arange(5_000))
        sizes.append(len(own.variants))
    assert sorted(sizes) == [3, 6, 18]


def test_what_reads_nothing_is_not_run() -> None:
    """A control that is not asked for: only measurements have bits there."""
    network, runner = NETWORKS["cx"], Recording()
    found = sampled_estimate(network, "Z1", runner=runner, shots=6_000)
    assert found.shots < 6_000
    assert all(job.num_bits for job in runner.jobs)
    assert abs(found.values[0] - expectation(network, "Z1")) < SIGMAS * found.stderr[0]


def test_qubits_that_are_measured_and_used_again_give_way_to_ancillas() -> None:
    network = NETWORKS["cx"]
    runner = SamplerRunner(StatevectorSampler(seed=np.random.default_rng(0)))
    with pytest.raises(DeviceError, match="mid-circuit measurement"):
        sampled_estimate(network, "Z0 Z1", runner=runner, shots=200)
    found = sampled_estimate(network, "Z0 Z1", runner=runner, shots=4_000, midway=False)
    assert abs(found.values[0] - expectation(network, "Z0 Z1")) < SIGMAS * found.stderr[0]


def test_constants_take_no_shots() -> None:
    found = sampled_estimate(chain(), ["1", "2"], runner=SimulatedRunner(), shots=0)
    assert found.values.tolist() == [1.0, 2.0]
    assert found.shots == found.num_circuits == 0
    assert not found.stderr.any()


def test_parameters() -> None:
    circuit = layered(2, Operation("crx", (0, 1), (2 * param("t"),)))
    network = split(circuit, CutPlan((GateCut((2,)),)))
    found = sampled_estimate(network, "Z0 Y1", [0.4], runner=SimulatedRunner(), shots=40_000)
    assert found.method["gamma"] == [pytest.approx(1 + 2 * np.sin(0.4))]
    assert abs(found.values[0] - expectation(network, "Z0 Y1", [0.4])) < SIGMAS * found.stderr[0]


def test_what_cannot_be_sampled_is_refused() -> None:
    network, runner = chain(), Recording()
    with pytest.raises(ShotsError, match=r"5 shots are too few: 2 samples .* take 6"):
        sampled_estimate(network, "Z0 Z1 Z2 Z3", runner=runner, shots=5)
    with pytest.raises(ShotsError, match="need 24 circuits, but max_circuits=10"):
        sampled_estimate(network, "Z0 Z1 Z2 Z3", runner=runner, shots=3_000, max_circuits=10)
    with pytest.raises(PlanError, match="protocols sic, pauli, std4, got 'bell'"):
        sampled_estimate(network, "Z0 Z1 Z2 Z3", runner=runner, shots=3_000, wires="bell")
    with pytest.raises(ParameterError, match="shots is a whole number"):
        sampled_estimate(network, "Z0", runner=runner, shots=1.5)  # type: ignore[arg-type]
    assert not runner.jobs


def test_an_idle_qubit_is_read_too() -> None:
    circuit = Circuit(3, (op("ry", 0, params=(0.5,)), op("cx", 0, 1), op("x", 2)))
    network = split(circuit, CutPlan.from_partition(circuit, "ABC"))
    found = sampled_estimate(network, ["Z1 Z2", "Y2"], runner=SimulatedRunner(), shots=20_000)
    assert found.method["gamma"] == [3.0, 1.0]
    assert np.abs((found.values - [-np.cos(0.5), 0]) / found.stderr).max() < SIGMAS


def test_estimate_samples_where_it_is_asked_to() -> None:
    network = NETWORKS["cx"]
    runner = SimulatedRunner()
    direct = sampled_estimate(network, "Z0 Z1", runner=runner, shots=4_000, seed=3)
    assert estimate(network, "Z0 Z1", runner=runner, shots=4_000, seed=3, method="sampled").to_json() == (
        direct.to_json()
    )
    sampler = SamplerRunner(StatevectorSampler(seed=np.random.default_rng(0)))
    with pytest.raises(DeviceError, match="mid-circuit measurement"):
        estimate(network, "Z0 Z1", runner=sampler, shots=400, method="sampled")
    found = estimate(network, "Z0 Z1", runner=sampler, shots=4_000, method="sampled", frames="ancilla")
    assert abs(found.values[0] - expectation(network, "Z0 Z1")) < 5 * found.stderr[0]
    for bad in ({"frames": "six"}, {"adaptive": True}, {"share": True}, {"shots": None, "target_error": 0.1}):
        with pytest.raises(ShotsError, match="draws terms for so many shots"):
            estimate(network, "Z0 Z1", **{"runner": runner, "shots": 400, "method": "locc", **bad})
    with pytest.raises(ShotsError, match="method is one of tabulated, sampled, locc, got 'guess'"):
        estimate(network, "Z0 Z1", runner=runner, shots=400, method="guess")
