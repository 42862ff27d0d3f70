"""Projected leg tensors: the projection is the nearest, infinite shots give exact values, few are better and biased."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
import pytest

from cutq import (
    Circuit,
    CutPlan,
    Network,
    Observable,
    Operation,
    ParameterError,
    ShotsError,
    SimulatedRunner,
    TooLargeError,
    WireCut,
    estimate,
    estimate_probabilities,
    merge,
    split,
)
from cutq.exact.amplitudes import fragment_amplitudes
from cutq.network.frames import Frames, chosen_frames
from cutq.network.legspace import paulis, places
from cutq.network.network import Fragment
from cutq.shots.jobs import Counts, Job
from cutq.shots.mlft import Projected, estimate_mlft, estimate_mlft_probabilities
from cutq.shots.positive import nearest_positive, output_bases
from cutq.shots.simulated import all_bits
from tests import oracle
from tests.shots.devices import NETWORKS, across, expected, layered, op
from tests.strategies import haar

PARITY = "Z0 Z1 Z2 Z3"


class ExactRunner:
    """Counts as close to the exact chances as whole numbers can be."""

    def run(self, jobs: Sequence[Job]) -> list[Counts]:
        return [self._counts(job) for job in jobs]

    def _counts(self, job: Job) -> Counts:
        numbers = np.floor(expected(job.variant) * job.shots * (1 - 1e-14)).astype(np.int64)
        numbers[numbers.argmax()] += job.shots - numbers.sum()
        return Counts(all_bits(job.num_bits), numbers)


INFINITE = 10**15


def chain(seed: int = 3) -> Network:
    """Three fragments in a row, and outputs on each."""
    modules = [Operation("unitary", (k, k + 1), matrix=haar(2, seed + k)) for k in range(3)]
    return split(Circuit(4, tuple(modules)), CutPlan((WireCut(1, 0), WireCut(2, 1))))


def exact(network: Network, observable: str) -> float:
    return oracle.value(merge(network), Observable(observable))


def exact_chances(network: Network) -> np.ndarray:
    return np.abs(oracle.statevector(merge(network))) ** 2


def hermitian(rng: np.random.Generator, blocks: int, dim: int) -> np.ndarray:
    found = rng.normal(size=(blocks, dim, dim)) + 1j * rng.normal(size=(blocks, dim, dim))
    return found + found.conj().swapaxes(1, 2)


def inner(one: np.ndarray, two: np.ndarray) -> float:
    return float(np.vdot(one, two).real)


@pytest.mark.parametrize("trace", [0.5, 1.0, 16.0, 400.0])
@pytest.mark.parametrize(("blocks", "dim"), [(1, 2), (4, 2), (8, 4), (5, 1)])
def test_the_projection_is_the_nearest_positive_matrix_of_its_trace(blocks: int, dim: int, trace: float) -> None:
    rng = np.random.default_rng(blocks)
    raw = 2 * hermitian(rng, blocks, dim)
    found = nearest_positive(raw, trace)
    assert found.shape == raw.shape
    assert np.allclose(found, found.conj().swapaxes(1, 2), atol=1e-12)
    assert np.linalg.eigvalsh(found).min() > -1e-12 * trace
    assert np.trace(found, axis1=1, axis2=2).sum() == pytest.approx(trace)
    # A point of a convex set is the nearest one if and only if no other lies beyond it in the direction of the rest:
    # of all positive matrices of this trace the largest product with the rest is that of its largest eigenvalue.
    rest = raw - found
    assert trace * np.linalg.eigvalsh(rest).max() <= inner(rest, found) + 1e-9 * trace * np.abs(raw).max()
    for _ in range(50):
        root = hermitian(rng, blocks, dim)
        other = root @ root
        other *= trace / np.trace(other, axis1=1, axis2=2).sum()
        assert np.linalg.norm(raw - found) <= np.linalg.norm(raw - other) + 1e-9


def test_the_projection_keeps_what_is_positive_and_has_its_trace() -> None:
    root = hermitian(np.random.default_rng(0), 6, 4)
    positive = root @ root
    positive /= np.trace(positive, axis1=1, axis2=2).sum()
    assert np.allclose(nearest_positive(positive, 1.0), positive, atol=1e-12)
    found = nearest_positive(hermitian(np.random.default_rng(1), 6, 4), 1.0)
    assert np.allclose(nearest_positive(found, 1.0), found, atol=1e-12)


def test_the_blocks_of_a_basis_are_projected_together() -> None:
    """A block that is negative takes from those that are not."""
    found = nearest_positive([[[0.8]], [[0.5]], [[-0.3]]], 1.0)
    assert np.allclose(found.ravel(), [0.65, 0.35, 0.0])


def exact_blocks(fragment: Fragment) -> np.ndarray:
    """``|T_o><T_o|`` of all outcomes in the basis of Z, in the letters of the places."""
    amplitudes = fragment_amplitudes(fragment, {})
    flat = amplitudes.reshape(2 ** len(fragment.outputs), -1)
    return np.einsum("oa,ob->oab", flat, flat.conj())


@pytest.mark.parametrize("name", ["wires", "cu", "iswap", "two cx", "star"])
def test_blocks_are_those_of_the_amplitudes(name: str) -> None:
    """Where each place has letters of its own, and for several places in their order."""
    for position, fragment in enumerate(NETWORKS[name].fragments):
        word = tuple((qubit, "Z") for qubit in fragment.outputs)
        (basis,) = output_bases(position, fragment, [word], {}, chosen_frames(None))
        counts = ExactRunner().run([Job(variant, 10**13) for variant in basis.circuits.variants])
        shots = np.full(len(counts), 1e13)
        seen = basis.frequencies(counts)
        blocks, true = basis.blocks(basis.inverse(shots), seen), exact_blocks(fragment)
        assert np.allclose(blocks, true, atol=1e-10)
        assert basis.trace == pytest.approx(np.trace(true, axis1=1, axis2=2).sum())
        size = int(np.prod([place.size for place in places(fragment)]))
        entries = np.einsum("Pab,oba->oP", paulis(basis.dim), true).real
        signs = 1 - 2 * (all_bits(len(fragment.outputs)).sum(axis=1) % 2).astype(float)
        assert basis.tensors(true).shape == (1, size)
        assert np.allclose(basis.tensors(true), signs @ entries, atol=1e-10)
        assert np.allclose(basis.chances(true, seen), seen, atol=1e-10)


CASES: dict[str, tuple[str, Frames | None]] = {
    "wires": ("wires", None), "wires six": ("wires", "six"), "wires std4": ("wires", "std4"),
    "parallel wires": ("parallel wires", None), "cx": ("cx", None), "cx lean": ("cx", "lean"),
    "cx ancilla": ("cx", "ancilla"), "rank 1": ("rank 1", None), "rank 4": ("rank 4", None),
    "two cx": ("two cx", None), "star": ("star", None), "group": ("group", None),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_infinite_shots_give_exact_values(name: str) -> None:
    """For words in several output bases, some of which read the same part of a word."""
    network, frames = NETWORKS[CASES[name][0]], CASES[name][1]
    asked = ["X0 Y1", "Z0", "Z0 Z1 + 0.5 X0 - 0.25", "Y1"]
    found = estimate_mlft(network, asked, runner=ExactRunner(), shots=INFINITE, frames=frames, resamples=2)
    values = [exact(network, one) for one in asked]
    assert np.abs(found.projected - values).max() < 1e-8
    assert np.abs(found.unprojected.values - values).max() < 1e-8
    assert np.abs(found.bias).max() < 1e-5


@pytest.mark.parametrize("name", ["wires", "rank 4", "star"])
def test_infinite_shots_give_the_exact_distribution(name: str) -> None:
    network = NETWORKS[name]
    order = list(range(network.num_qubits))[::-1]
    found = estimate_mlft_probabilities(network, order, runner=ExactRunner(), shots=INFINITE, resamples=2)
    assert np.abs(found.projected - exact_chances(network).transpose(order)).max() < 1e-8
    part = estimate_mlft_probabilities(network, [1], runner=ExactRunner(), shots=INFINITE, resamples=2)
    others = tuple(q for q in range(network.num_qubits) if q != 1)
    assert np.abs(part.projected - exact_chances(network).sum(axis=others)).max() < 1e-8


def test_a_network_of_one_fragment_is_read_as_it_is() -> None:
    network = split(layered(2, op("cx", 0, 1)), CutPlan.uncut())
    found = estimate_mlft_probabilities(network, [0, 1], runner=SimulatedRunner(), shots=500, resamples=10)
    assert np.allclose(found.projected, found.unprojected.values)
    assert np.allclose(found.stderr, found.unprojected.stderr, rtol=1)


def test_the_unprojected_value_is_that_of_estimate() -> None:
    """Where nothing is known of the fragments the circuits are the same, and so are their jobs."""
    network = chain()
    plain = estimate(network, PARITY, runner=SimulatedRunner(1), shots=4000, allocation="uniform", seed=5)
    found = estimate_mlft(network, PARITY, runner=SimulatedRunner(1), shots=4000, seed=5, resamples=2)
    assert np.allclose(found.unprojected.values, plain.values)
    assert np.allclose(found.unprojected.covariance, plain.covariance)
    assert found.unprojected.shots == 4000
    chances = estimate_probabilities(network, range(4), runner=SimulatedRunner(1), shots=4000, allocation="uniform")
    several = estimate_mlft_probabilities(network, range(4), runner=SimulatedRunner(1), shots=4000, resamples=2)
    assert several.unprojected.names == chances.names
    assert np.allclose(several.unprojected.values, chances.values)
    assert several.projected.shape == several.bias.shape == several.stderr.shape == (2, 2, 2, 2)


FEW = 400


@functools.cache
def drawn(seed: int) -> Projected:
    return estimate_mlft_probabilities(
        chain(), range(4), runner=SimulatedRunner(seed), shots=FEW, seed=seed, resamples=2
    )


def test_few_shots_are_closer_to_the_exact_distribution_and_nowhere_negative() -> None:
    network = chain()
    right = exact_chances(network)
    several = [drawn(seed) for seed in range(15)]
    with_, without = (
        np.mean([np.linalg.norm(values - right) for values in own])
        for own in ([one.projected for one in several], [one.unprojected.values for one in several])
    )
    assert with_ < 0.85 * without
    assert min(one.projected.min() for one in several) > -1e-12
    assert min(one.unprojected.values.min() for one in several) < -0.01


@pytest.mark.parametrize("name", ["iswap", "two cx", "parallel wires"])
def test_no_probability_is_negative_whatever_was_cut(name: str) -> None:
    network = NETWORKS[name]
    qubits = range(min(4, network.num_qubits))
    found = estimate_mlft_probabilities(network, qubits, runner=SimulatedRunner(2), shots=500, resamples=2)
    assert found.projected.min() > -1e-12
    assert found.unprojected.values.min() < 0


def test_the_bias_that_is_reported_is_about_the_measured_one() -> None:
    """The mean difference from the unbiased values of the same counts is the bias; the bootstrap sees most of it."""
    network, seeds = chain(21), 100
    several = [
        estimate_mlft(network, PARITY, runner=SimulatedRunner(s), shots=1000, seed=s, resamples=30 if s < 25 else 2)
        for s in range(seeds)
    ]
    moved = np.array([one.projected[0] - one.unprojected.values[0] for one in several])
    measured, error = moved.mean(), moved.std(ddof=1) / np.sqrt(seeds)
    assert abs(measured) > 5 * error
    reported = np.mean([one.bias[0] for one in several[:25]])
    assert 0.45 < reported / measured < 2
    spread = np.std([one.projected[0] for one in several], ddof=1)
    assert 0.6 < np.mean([one.stderr[0] for one in several[:25]]) / spread < 1.6


def test_equal_seeds_give_equal_values() -> None:
    first, again, other = (
        estimate_mlft(chain(), PARITY, runner=SimulatedRunner(), shots=400, seed=seed, resamples=5)
        for seed in (1, 1, 2)
    )
    for name in ("projected", "bias", "stderr"):
        assert np.array_equal(getattr(first, name), getattr(again, name))
        assert not np.array_equal(getattr(first, name), getattr(other, name))


def test_circuits_of_which_blocks_say_nothing_keep_what_was_seen() -> None:
    (basis,) = output_bases(0, chain().fragments[0], [((0, "Z"),)], {}, chosen_frames(None))
    seen = basis.frequencies(SimulatedRunner().run([Job(variant, 50) for variant in basis.circuits.variants]))
    assert np.array_equal(basis.chances(np.zeros((2, 2, 2), dtype=complex), seen), seen)
    assert np.allclose(basis.chances(np.eye(2)[None].repeat(2, 0) + 0j, seen), 0.25)


def test_one_shot_of_each_circuit_is_enough() -> None:
    found = estimate_mlft(chain(), PARITY, runner=SimulatedRunner(), shots=27, frames="six", resamples=20)
    assert np.isfinite([found.projected[0], found.bias[0], found.stderr[0]]).all()


def test_what_cannot_be_is_refused() -> None:
    runner = SimulatedRunner()
    with pytest.raises(ShotsError, match="fewer than the 19 circuits"):
        estimate_mlft(chain(), PARITY, runner=runner, shots=18)
    with pytest.raises(ParameterError, match="resamples is a whole number from 2"):
        estimate_mlft(chain(), PARITY, runner=runner, shots=1000, resamples=1)
    wide = across(*(op("cx", q, q + 1) for q in range(21)), labels="A" * 21 + "B")
    with pytest.raises(TooLargeError, match="21 outputs"):
        estimate_mlft(wide, " ".join(f"Z{q}" for q in range(22)), runner=runner, shots=1000)
