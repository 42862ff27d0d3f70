"""Faults that other packages commit without a word, each as the law that it breaks.

Finite shots that are ignored, weighted products that run uncut, wires cut in the order 0, 1, 0 that give a wrong value
or lose a qubit, gradients through samples, shift rules for parameters that occur twice or with a factor, and errors
that no number of shots removes.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np
import pytest

from cutq import (
    Circuit,
    Counts,
    CutPlan,
    CutqError,
    Job,
    Network,
    Operation,
    SimulatedRunner,
    WireCut,
    estimate,
    estimate_gradient,
    estimate_probabilities,
    estimate_samples,
    expectation,
    expectations,
    gradient,
    param,
    split,
)
from cutq.shots.allocation import ALLOCATIONS
from tests import oracle
from tests.shots.devices import across, layered, op

SIGMAS = 5


class Recorder:
    """Simulates, and remembers the jobs."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def run(self, jobs: Sequence[Job]) -> list[Counts]:
        self.jobs += jobs
        return SimulatedRunner().run(jobs)


def three() -> Network:
    return across(op("cx", 0, 1), op("rzz", 1, 2, params=(0.8,)), op("cx", 0, 1), labels="ABB")


# Finite shots have error bars that shrink with them.


@pytest.mark.parametrize("allocation", ALLOCATIONS)
def test_finite_shots_have_an_error_that_shrinks_with_their_root(allocation: str) -> None:
    network, names = three(), ["Z0 Z2", "X1"]
    few, many = (
        estimate(network, names, runner=SimulatedRunner(), shots=shots, allocation=allocation)
        for shots in (20_000, 2_000_000)
    )
    exact = expectations(network, names)
    for found in (few, many):
        assert np.all((found.stderr > 0) & np.isfinite(found.stderr))
        assert np.all(np.abs(found.values - exact) < SIGMAS * found.stderr)
        assert np.all(found.values != exact)
    np.testing.assert_allclose(few.stderr / many.stderr, 10, rtol=0.15)


def test_shots_are_the_shots_that_were_run() -> None:
    recorder = Recorder()
    found = estimate(three(), "Z0 Z2", runner=recorder, shots=12_345)
    assert sum(job.shots for job in recorder.jobs) == found.shots == 12_345


# Weighted products and sums are cut like any other observable.


@pytest.mark.parametrize("text", ["2*Z0 Z2", "-0.5*Z0 Z2 + 3*X1 - Y0 Y2 + 0.25", "Z0 - 2*Z2", "4"])
def test_weighted_products_and_sums_run_cut(text: str) -> None:
    network, recorder = three(), Recorder()
    found = estimate(network, text, runner=recorder, shots=200_000)
    assert all(job.variant.fragment.width < network.num_qubits for job in recorder.jobs)
    assert bool(recorder.jobs) == (text != "4")
    assert abs(found.values[0] - expectation(network, text)) <= SIGMAS * found.stderr[0]
    assert found.stderr[0] < 0.05


def test_a_weight_scales_the_value_and_its_error() -> None:
    once, twice = (
        estimate(three(), text, runner=SimulatedRunner(), shots=20_000, allocation="uniform")
        for text in ("Z0 Z2", "2*Z0 Z2")
    )
    np.testing.assert_allclose(twice.values, 2 * once.values, rtol=1e-12)
    np.testing.assert_allclose(twice.stderr, 2 * once.stderr, rtol=1e-12)


# Wires are cut in any order.

CUTS = (WireCut(0, 3), WireCut(1, 4), WireCut(0, 5))


def crossed() -> Circuit:
    """Operations 3, 4, 5 on qubits 0 and 1 after which wires 0, 1 and 0 again are cut."""
    middle = [op("cx", 0, 1), op("ryy", 1, 2, params=(0.9,)), op("cx", 0, 2), op("rxx", 0, 1, params=(1.1,))]
    return layered(3, *middle, seed=3)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_wires_cut_in_the_order_0_1_0_give_the_value(order: tuple[int, ...]) -> None:
    circuit = crossed()
    network = split(circuit, CutPlan(tuple(CUTS[k] for k in order)))
    names = ["Z0 Z1 Z2", "X0 Y2", "Z1"]
    found = estimate(network, names, runner=SimulatedRunner(), shots=400_000, allocation="uniform")
    exact = [oracle.word_value(oracle.statevector(circuit), word(name)) for name in names]
    assert np.all(np.abs(found.values - exact) < SIGMAS * found.stderr)
    assert np.all(found.stderr < 0.1)


def word(text: str) -> tuple[tuple[int, str], ...]:
    return tuple((int(token[1:]), token[0]) for token in text.split())


def test_wires_cut_in_the_order_0_1_0_lose_no_qubit() -> None:
    network = split(crossed(), CutPlan(CUTS))
    assert sorted(q for fragment in network.fragments for q in fragment.outputs) == [0, 1, 2]
    found = estimate_probabilities(network, [0, 1, 2], runner=SimulatedRunner(), shots=400_000, allocation="uniform")
    exact = np.abs(oracle.statevector(crossed())) ** 2
    assert np.all(np.abs(found.values - exact) < SIGMAS * found.stderr)
    assert estimate_samples(network, 10, runner=SimulatedRunner(), shots=400_000).bits.shape == (10, 3)


# There is no gradient through samples.


def turned(*ops: Operation) -> Network:
    circuit = layered(2, *ops, op("cx", 0, 1))
    return split(circuit, CutPlan.from_partition(circuit, "AB"))


def test_samples_have_no_gradient() -> None:
    network = turned(op("rx", 0, params=(param("t"),)))
    found = estimate_samples(network, 10, [0.3], runner=SimulatedRunner(), shots=10_000)
    assert {own.name for own in dataclasses.fields(found)} == {"bits", "negativity", "shots", "num_circuits"}
    assert not [name for name in dir(found) if "grad" in name or "vjp" in name]
    with pytest.raises(CutqError):
        estimate_gradient(network, found, [0.3], runner=SimulatedRunner(), shots=10_000)
    with pytest.raises(CutqError):
        estimate_gradient(network, found.bits, [0.3], runner=SimulatedRunner(), shots=10_000)
    with pytest.raises(CutqError):
        estimate_gradient(network, ["Z0", "Z1"], [0.3], runner=SimulatedRunner(), shots=10_000)


@pytest.mark.parametrize("text", ["1", "Z0 - Z0 + 2"])
def test_the_gradient_of_a_constant_is_exactly_zero(text: str) -> None:
    """The mean of the squares of outcomes +1 and -1 is 1, whatever the parameters."""
    network = turned(op("rx", 0, params=(param("t"),)), op("ry", 1, params=(param("s"),)))
    found = estimate_gradient(network, text, [0.3, 0.4], runner=SimulatedRunner(), shots=10_000)
    assert found.values.tolist() == found.stderr.tolist() == [0.0, 0.0]


# Every occurrence of a parameter has its own shift, times its factor.

T = param("t")

SHARED = {
    "twice in one fragment": (op("rx", 0, params=(T,)), op("h", 0), op("ry", 0, params=(T,))),
    "twice in two fragments": (op("rx", 0, params=(T,)), op("ry", 1, params=(T,))),
    "times two": (op("rx", 0, params=(2 * T,)),),
    "minus and plus": (op("rx", 0, params=(0.3 - T,)), op("rz", 0, params=(1.5 * T + 1,))),
    "in a cut gate": (op("rzz", 0, 1, params=(T,)),),
    "twice in a cut gate times two": (op("rzz", 0, 1, params=(2 * T,)), op("h", 0), op("crx", 1, 0, params=(T,))),
    "in a gate that is controlled": (op("crx", 0, 1, params=(3 * T,)),),
    "in and beside a cut gate": (op("rx", 0, params=(T,)), op("cu", 0, 1, params=(T, 0.4, -2 * T, T))),
}


@pytest.mark.parametrize("name", SHARED)
def test_parameters_that_occur_twice_or_with_a_factor_have_the_right_gradient(name: str) -> None:
    network = turned(*SHARED[name])
    exact = gradient(network, "Z0 Z1", [0.7])
    found = estimate_gradient(network, "Z0 Z1", [0.7], runner=SimulatedRunner(seed=2), shots=400_000)
    assert abs(found.values[0] - exact[0]) < SIGMAS * found.stderr[0]
    assert found.stderr[0] < 0.05
    shifted = [expectation(network, "Z0 Z1", [0.7 + sign * np.pi / 2]) for sign in (1, -1)]
    assert abs((shifted[0] - shifted[1]) / 2 - found.values[0]) > SIGMAS * found.stderr[0] or "cut gate" in name


# No error is left that shots do not remove.


def test_a_hundred_times_the_shots_make_the_error_ten_times_smaller() -> None:
    network, seeds = three(), 60
    names = ["Z0 Z2", "X0 X1", "Y2", "Z0"]
    exact = expectations(network, names)

    def rms_error(shots: int) -> float:
        runs = [
            estimate(network, names, runner=SimulatedRunner(seed), shots=shots, allocation="uniform", seed=seed).values
            for seed in range(seeds)
        ]
        return float(np.sqrt(np.mean((np.array(runs) - exact) ** 2)))

    size = estimate(network, names, runner=SimulatedRunner(), shots=10_000).num_circuits
    ratio = rms_error(30 * size) / rms_error(3_000 * size)
    # Each error is known to one part in 22, were the four values independent, and to one in 11 if they were one.
    assert 7 < ratio < 14
