"""Circuits in the eigenbases that a pilot suggests: no bias, no larger error, and the right prediction of it."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from cutq import Circuit, CutPlan, Network, Operation, SimulatedRunner, WireCut, estimate, expectations, split
from cutq.shots.eigenframes import with_eigenframes
from cutq.shots.evaluation import evaluate, fits
from cutq.shots.measure import Effort, measure
from cutq.shots.moments import Moments
from cutq.shots.observables import observable_experiment
from tests.shots.devices import NETWORKS, layered, op
from tests.shots.test_laws import exact_moments
from tests.shots.test_statistics import Tabulated
from tests.strategies import haar

SEEDS = 60


def chain() -> Network:
    """Three fragments in a row, the middle one with a wire at either end."""
    modules = [Operation("unitary", (k, k + 1), matrix=haar(2, 3 + k)) for k in range(3)]
    return split(Circuit(4, tuple(modules)), CutPlan((WireCut(1, 0), WireCut(2, 1))))


def parallel() -> Network:
    """Two wires between two fragments, which are prepared and measured jointly."""
    ops = [
        op("cx", 0, 1),
        op("cx", 1, 2),
        op("rxx", 0, 2, params=(0.8,)),
        op("cx", 2, 3),
        op("rxx", 1, 3, params=(0.5,)),
    ]
    return split(layered(4, *ops, seed=4), CutPlan((WireCut(1, 5), WireCut(2, 6))))


CASES = {"chain": (chain, ("Z0 Z1 Z2 Z3",)), "several": (chain, ("Z3", "X2")), "parallel": (parallel, ("Z0 Z3",))}


@functools.cache
def runs(name: str, adaptive: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values and standard errors of many seeds, (seeds, observables), and the exact values."""
    make, names = CASES[name]
    network, runner = make(), Tabulated()
    asked = observable_experiment(network, names, None, None)
    shots = 1_500 * asked.num_circuits
    extend = with_eigenframes if adaptive else None
    found = [measure(asked, runner, Effort(shots, seed=seed), extend) for seed in range(SEEDS)]
    assert all(one.shots == shots for one in found)
    assert all((one.num_circuits > asked.num_circuits) == adaptive for one in found)
    return (
        np.array([one.values for one in found]),
        np.array([one.stderr for one in found]),
        expectations(network, names),
    )


@pytest.mark.parametrize("name", CASES)
def test_adaptive_estimates_have_no_bias_and_the_error_that_they_say(name: str) -> None:
    values, errors, exact = runs(name, True)
    spread = values.std(axis=0, ddof=1)
    assert np.abs((values.mean(axis=0) - exact) / (spread / np.sqrt(SEEDS))).max() < 4.5
    predicted = np.sqrt((errors**2).mean(axis=0))
    np.testing.assert_allclose(predicted / spread, 1, rtol=0, atol=4 / np.sqrt(2 * SEEDS))
    covered = np.abs(values - exact) <= 1.96 * errors
    assert covered.mean() > 0.95 - 4 * np.sqrt(0.95 * 0.05 / SEEDS)


@pytest.mark.parametrize("name", CASES)
def test_adaptive_estimates_are_no_worse_than_others_of_as_many_shots(name: str) -> None:
    """Predicted, and measured within the noise of a spread over so many seeds."""
    (values, errors, _), (others, plain, _) = runs(name, True), runs(name, False)
    assert (errors**2).mean() < 1.02 * (plain**2).mean()
    ratio = np.sqrt((values.var(axis=0, ddof=1) / others.var(axis=0, ddof=1)).mean())
    assert ratio < 1 + 4 / np.sqrt(SEEDS)


def test_adaptive_estimates_of_parallel_wires_are_far_better() -> None:
    """Two wires read in one eigenbasis instead of nine bases and sixteen states."""
    (_, errors, _), (_, plain, _) = runs("parallel", True), runs("parallel", False)
    assert (errors**2).mean() < 0.8 * (plain**2).mean()


@pytest.mark.parametrize("name", ["wires", "parallel wires", "cx", "iswap", "two cx", "star", "rank 4"])
def test_exact_frequencies_give_exact_values_with_whatever_circuits_were_added(name: str) -> None:
    """The pilot that suggests them may be as bad as it likes."""
    network = NETWORKS[name]
    names = ["Z0 Z1", f"X0 Y{network.num_qubits - 1}"]
    asked = observable_experiment(network, names, None, None)
    rng = np.random.default_rng(2)
    pilot = [noisy(exact_moments(one), rng) for one in asked.tomographies]
    extended, _ = with_eigenframes(asked, pilot)
    assert extended.num_circuits > asked.num_circuits
    data = [exact_moments(one) for one in extended.tomographies]
    found = evaluate(extended, data, fits(extended, data)).values
    np.testing.assert_allclose(found, expectations(network, names), rtol=0, atol=1e-9)


def noisy(own: Moments, rng: np.random.Generator) -> Moments:
    return Moments(own.shots, own.first + 0.2 * rng.normal(size=own.first.shape) * (own.first != 0), own.second)


def test_adaptive_estimates_of_gates_are_right() -> None:
    for name in ("cx", "two cx", "iswap"):
        found = estimate(NETWORKS[name], ["Z0 Z1", "X0"], runner=SimulatedRunner(1), shots=300_000, adaptive=True)
        exact = expectations(NETWORKS[name], list(found.names))
        assert np.all(np.abs(found.values - exact) < 5 * found.stderr)


def test_adaptive_estimates_reach_a_target_error() -> None:
    found = estimate(chain(), "Z0 Z1 Z2 Z3", runner=SimulatedRunner(), target_error=0.01, adaptive=True)
    assert found.stderr[0] <= 0.0105
    assert abs(found.values[0] - expectations(chain(), ["Z0 Z1 Z2 Z3"])[0]) < 5 * found.stderr[0]
