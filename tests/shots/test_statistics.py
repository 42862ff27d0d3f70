"""What is said of errors against what they are: spread, bias, coverage and covariance over many seeds.

The spread over R seeds is known to one part in ``sqrt(2 R)``, and an empirical covariance of two values to
``sqrt((s11 s22 + s12**2) / R)``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from cutq import (
    Circuit,
    Counts,
    CutPlan,
    GateCut,
    Job,
    Network,
    Operation,
    WireCut,
    expectations,
    gradient,
    param,
    probabilities,
    split,
)
from cutq.exact.amplitudes import fragment_amplitudes
from cutq.shots.estimate import Estimate
from cutq.shots.experiment import Experiment
from cutq.shots.gradient import gradient_experiment
from cutq.shots.measure import Effort, measure
from cutq.shots.observables import observable_experiment
from cutq.shots.probabilities import probability_experiment
from cutq.shots.simulated import all_bits, outcome_probabilities
from cutq.shots.variants import shifted
from tests.shots.devices import NETWORKS, layered, op
from tests.strategies import haar

SIGMAS = 4.5
"""Deviations that no test may exceed; there are some hundred."""

QUICK, MANY = 150, 400


class Tabulated:
    """Simulates, and keeps the chances of every circuit that it ever ran; the seeds are those of the jobs."""

    def __init__(self) -> None:
        self.chances: dict[object, np.ndarray] = {}

    def run(self, jobs: Sequence[Job]) -> list[Counts]:
        return [self.counts(job) for job in jobs]

    def counts(self, job: Job) -> Counts:
        variant = job.variant
        key = variant.position, variant.key
        if key not in self.chances:
            amplitudes = fragment_amplitudes(shifted(variant.fragment, variant.shifts), variant.values)
            (found,) = outcome_probabilities([variant], amplitudes.reshape(len(amplitudes), -1))
            self.chances[key] = found / found.sum()
        numbers = np.random.default_rng(job.seed).multinomial(job.shots, self.chances[key])
        seen = np.flatnonzero(numbers)
        return Counts(all_bits(job.num_bits)[seen], numbers[seen])


@dataclass(frozen=True, eq=False)
class Case:
    """An experiment, and the exact values of its quantities."""

    asked: Experiment
    exact: np.ndarray


def values(network: Network, *names: str, frames: str | None = None) -> Case:
    return Case(observable_experiment(network, names, None, frames), expectations(network, names))


def two_gates() -> Network:
    circuit = layered(4, *(op("cx", q, q + 1) for q in range(3)), op("ry", 1, params=(0.8,)), op("cx", 1, 2), seed=2)
    return split(circuit, CutPlan.from_partition(circuit, "AABB"))


def one_gate() -> Network:
    circuit = layered(4, op("cx", 0, 1), op("cx", 2, 3), op("cp", 1, 2, params=(1.4,)), op("cx", 0, 1), seed=5)
    return split(circuit, CutPlan.from_partition(circuit, "AABB"))


def chain() -> Network:
    """Three fragments in a row."""
    modules = [Operation("unitary", (k, k + 1), matrix=haar(2, 3 + k)) for k in range(3)]
    return split(Circuit(4, tuple(modules)), CutPlan((WireCut(1, 0), WireCut(2, 1))))


def derivatives() -> Case:
    """A parameter that occurs twice, one with a factor, and one in the gate that is cut."""
    s, t, u = param("s"), param("t"), param("u")
    first, last = op("rx", 0, params=(s,)), op("rx", 1, params=(s,))
    turns = (first, op("rzz", 0, 1, params=(u,)), op("ry", 1, params=(2 * t,)), last)
    network = split(circuit := layered(2, *turns), CutPlan((GateCut((3,)),)))
    at = circuit.values({"s": 0.4, "t": 1.1, "u": 0.9})
    return Case(gradient_experiment(network, "Z0 Z1", at, None), gradient(network, "Z0 Z1", at))


def chain_derivatives() -> Case:
    """Of a chain of three fragments by an angle in its middle and one at its end."""
    modules = [Operation("unitary", (k, k + 1), matrix=haar(2, 6 + k)) for k in range(3)]
    turn, end = op("ry", 1, params=(param("s"),)), op("rx", 3, params=(param("t"),))
    circuit = Circuit(4, (modules[0], turn, modules[1], modules[2], end))
    network = split(circuit, CutPlan((WireCut(1, 0), WireCut(2, 2))))
    return Case(gradient_experiment(network, "Z0 Z3", [0.4, 0.9], None), gradient(network, "Z0 Z3", [0.4, 0.9]))


def marginal(network: Network, *qubits: int) -> Case:
    return Case(probability_experiment(network, qubits, None, None), probabilities(network, qubits).ravel())


CASES: dict[str, Callable[[], Case]] = {
    "gate": lambda: values(one_gate(), "Z0 Z3", "X1", "Z2 Z3"),
    "two gates": lambda: values(two_gates(), "Z0 Z3", "Z0", "X2"),
    "chain, SIC": lambda: values(chain(), "Z0 Z1 Z2 Z3", "Z3", "X2"),
    "chain, six": lambda: values(chain(), "Z0 Z1 Z2 Z3", "Z3", "X2", frames="six"),
    "star": lambda: values(NETWORKS["star"], "Z0 Z1 Z2", "X0"),
    "joint": lambda: values(NETWORKS["two cx"], "Z0 Z3", "Y1"),
    "gradient": derivatives,
    "gradient of a chain": chain_derivatives,
    "probabilities of gates": lambda: marginal(two_gates(), 0, 3),
    "probabilities of a chain": lambda: marginal(chain(), 0, 3),
}
"""Cuts of every kind and everything that is asked for."""


@dataclass(frozen=True, eq=False)
class Runs:
    """Estimates of one case with many seeds.

    Attributes:
        values: (seeds, quantities).
        errors: their standard errors, (seeds, quantities).
        covered: whether the interval of 95 % has the exact value, (seeds, quantities).
        covariance: the mean of the predicted one.
        exact: the exact values.
    """

    values: np.ndarray
    errors: np.ndarray
    covered: np.ndarray
    covariance: np.ndarray
    exact: np.ndarray


built = functools.cache(lambda name: (CASES[name](), Tabulated()))


@functools.cache
def runs(name: str, shots: int, seeds: int, allocation: str = "uniform") -> Runs:
    """So many runs with so many shots for each circuit."""
    case, runner = built(name)
    total = shots * case.asked.num_circuits
    found: list[Estimate] = [
        measure(case.asked, runner, Effort(total, allocation=allocation, seed=seed)) for seed in range(seeds)
    ]
    inside = [(low <= case.exact) & (case.exact <= high) for low, high in (one.interval(0.95).T for one in found)]
    rows = [np.array([getattr(one, name) for one in found]) for name in ("values", "stderr", "covariance")]
    return Runs(rows[0], rows[1], np.array(inside), rows[2].mean(axis=0), case.exact)


def check_spread(one: Runs, extra: float = 0.0) -> None:
    """The predicted errors are the spread, and there is no bias."""
    seeds = len(one.values)
    spread = one.values.std(axis=0, ddof=1)
    predicted = np.sqrt((one.errors**2).mean(axis=0))
    assert np.all(spread > 0)
    np.testing.assert_allclose(predicted / spread, 1, rtol=0, atol=4 / np.sqrt(2 * seeds) + extra)
    scores = (one.values.mean(axis=0) - one.exact) / (spread / np.sqrt(seeds))
    assert np.abs(scores).max() < SIGMAS


@pytest.mark.parametrize("name", CASES)
def test_predicted_errors_are_the_spread_and_there_is_no_bias(name: str) -> None:
    check_spread(runs(name, 200, QUICK))


def test_intervals_of_95_percent_cover_95_percent() -> None:
    covered = [runs(name, 200, QUICK).covered.mean() for name in CASES]
    assert 0.93 < np.mean(covered) < 0.97


@pytest.mark.parametrize(
    ("name", "shots"),
    [("two gates", 200), ("chain, SIC", 200), ("probabilities of a chain", 200), ("gradient", 200), ("two gates", 40)],
)
def test_the_predicted_covariance_is_that_of_the_values(name: str, shots: int) -> None:
    """Off the diagonal as well: quantities share circuits and environments, and are far from independent.

    With 40 shots for each circuit it is that of first order.
    """
    one = runs(name, shots, QUICK)
    seeds = len(one.values)
    found = np.cov(one.values.T)
    variances = np.diagonal(one.covariance)
    noise = np.sqrt((np.outer(variances, variances) + one.covariance**2) / seeds)
    assert np.abs((found - one.covariance) / noise).max() < SIGMAS
    off = one.covariance / np.sqrt(np.outer(variances, variances)) - np.eye(len(variances))
    assert np.abs(off).max() > 0.1


def test_two_observables_of_one_circuit_are_as_correlated_as_their_shots() -> None:
    """Without a cut the covariance is known: that of the products of two outcomes."""
    network = split(layered(2, op("cx", 0, 1), seed=8), CutPlan.uncut())
    case = values(network, "Z0", "Z0 Z1", "Z1")
    assert case.asked.num_circuits == 1
    a, both, b = case.exact
    expected = np.array([[1, b, both], [b, 1, a], [both, a, 1]]) - np.outer(case.exact, case.exact)
    found = measure(case.asked, Tabulated(), Effort(1_000_000))
    np.testing.assert_allclose(found.covariance * 1_000_000, expected, atol=0.01)


def test_a_pilot_makes_errors_smaller_and_predicts_them() -> None:
    """Here the better part of the shots goes to few circuits."""
    name = "chain, SIC"
    even, shared = runs(name, 1000, 40), runs(name, 1000, 40, "pilot")
    check_spread(shared)
    assert (shared.errors**2).mean(axis=0).sum() < 0.9 * (even.errors**2).mean(axis=0).sum()


def test_few_shots_report_the_larger_error_of_first_order() -> None:
    one = runs("chain, SIC", 12, QUICK)
    spread = one.values.std(axis=0, ddof=1)
    predicted = np.sqrt((one.errors**2).mean(axis=0))
    assert np.all(predicted > spread * (1 - 4 / np.sqrt(2 * QUICK)))
    assert one.covered.mean() > 0.93
    case, runner = built("chain, SIC")
    methods = [
        measure(case.asked, runner, Effort(shots * case.asked.num_circuits, allocation="uniform")).method["variance"]
        for shots in (12, 200)
    ]
    assert methods == ["first order", "unbiased"]


@pytest.mark.long
@pytest.mark.parametrize("shots", [50, 200, 2000])
def test_predicted_errors_are_the_spread_over_hundreds_of_seeds(shots: int) -> None:
    covered = []
    for name in CASES:
        one = runs(name, shots, MANY)
        check_spread(one)
        covered.append(one.covered.mean())
    # Quantities of a case share data: one effective quantity for each case.
    noise = 2 * np.sqrt(0.95 * 0.05 / (MANY * len(CASES)))
    low, high = (0.93, 0.97) if shots == 50 else (0.94, 0.96)
    assert low - noise < np.mean(covered) < high + noise


@pytest.mark.long
@pytest.mark.parametrize("name", ["gate", "chain, SIC", "gradient", "probabilities of a chain"])
@pytest.mark.parametrize("shots", [200, 2000])
def test_predicted_errors_are_the_spread_after_a_pilot(name: str, shots: int) -> None:
    """Shots that depend on the data, which also enter the fit."""
    one = runs(name, shots, 250, "pilot")
    check_spread(one, extra=0.02)
    assert 0.92 < one.covered.mean() < 0.98
