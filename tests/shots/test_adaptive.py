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


def chain() -> Network:
    """Three fragments in a row, the middle one with a wire at either end."""
    modules = [Operation("unitary", (k, k + 1), matrix=haar(2, 3 + k)) for k in range(3)]
    return split(Circuit(4, tuple(modules)), CutPlan((WireCut(1, 0), WireCut(2, 1))))


def parallel() -> Network:
    """Two wires between two fragments, which are prepared and measured jointly."""
    first = [op("cx", 0, 1), op("cx", 1, 2), op("rxx", 0, 2, params=(0.8,))]
    ops = [*first, op("cx", 2, 3), op("rxx", 1, 3, params=(0.5,))]
    return split(layered(4, *ops, seed=4), CutPlan((WireCut(1, 5), WireCut(2, 6))))


CASES = {"chain": (chain, ("Z0 Z1 Z2 Z3",)), "several": (chain, ("Z3", "X2")), "parallel": (parallel, ("Z0 Z3",))}


@functools.cache
def runs(name: str, seeds: int, adaptive: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values and standard errors of many seeds, (seeds, observables), and the exact values."""
    make, names = CASES[name]
    network, runner = make(), Tabulated()
    asked = observable_experiment(network, names, None, None)
    shots = 1_500 * asked.num_circuits
    extend = with_eigenframes if adaptive else None
    found = [measure(asked, runner, Effort(shots, seed=seed), extend) for seed in range(seeds)]
    assert all(one.shots == shots for one in found)
    assert all((one.num_circuits > asked.num_circuits) == adaptive for one in found)
    values, errors = (np.array([getattr(one, name) for one in found]) for name in ("values", "stderr"))
    return values, errors, expectations(network, names)


def check_no_bias(values: np.ndarray, exact: np.ndarray) -> None:
    scores = (values.mean(axis=0) - exact) / (values.std(axis=0, ddof=1) / np.sqrt(len(values)))
    assert np.abs(scores).max() < 4.5


def test_adaptive_estimates_are_no_worse_than_others_and_have_no_bias() -> None:
    (values, errors, exact), (others, plain, _) = (runs("chain", 30, adaptive) for adaptive in (True, False))
    check_no_bias(values, exact)
    assert (errors**2).mean() < 0.8 * (plain**2).mean()
    assert values.std(ddof=1) < (1 + 3 / np.sqrt(30)) * others.std(ddof=1)
    predicted = np.sqrt((errors**2).mean())
    assert abs(predicted / values.std(ddof=1) - 1) < 4 / np.sqrt(2 * 30)


@pytest.mark.long
@pytest.mark.parametrize("name", CASES)
def test_adaptive_estimates_have_no_larger_spread_and_no_bias(name: str) -> None:
    (values, _, exact), (others, _, _) = (runs(name, 200, adaptive) for adaptive in (True, False))
    check_no_bias(values, exact)
    assert np.all(values.std(axis=0, ddof=1) < (1 + 3 / np.sqrt(200)) * others.std(axis=0, ddof=1))


@pytest.mark.long
@pytest.mark.parametrize("name", CASES)
def test_the_errors_of_adaptive_estimates_are_predicted(name: str) -> None:
    values, errors, exact = runs(name, 400, True)
    predicted = np.sqrt((errors**2).mean(axis=0))
    np.testing.assert_allclose(predicted / values.std(axis=0, ddof=1), 1, rtol=0, atol=3 / np.sqrt(800))
    covered = np.abs(values - exact) <= 1.959964 * errors
    assert covered.mean() > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 400)


@pytest.mark.parametrize("name", ["wires", "cx", "iswap", "two cx", "star", "rank 4"])
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
    assert 0.008 < found.stderr[0] < 0.0101
    assert abs(found.values[0] - expectations(chain(), ["Z0 Z1 Z2 Z3"])[0]) < 5 * found.stderr[0]
