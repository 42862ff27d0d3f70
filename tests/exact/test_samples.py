"""Samples: they follow the exact distribution on every topology, repeat with their seed, and stay small."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cutq import Circuit, CutPlan, GateCut, Network, Operation, ParameterError, TooLargeError, WireCut, param, split
from cutq.exact import samples
from cutq.exact.samples import sample
from tests import oracle
from tests.zoo import ZOO, dense, line, qft, ring, star, u3_layer

SHOTS = 20_000


def agree(circuit: Circuit, plan: CutPlan, shots: int = SHOTS) -> None:
    """Pearson's statistic over outcomes, those of few expected counts together, is within five of its deviations."""
    drawn = sample(split(circuit, plan), shots, seed=7)
    assert drawn.shape == (shots, circuit.num_qubits)
    assert drawn.dtype == np.uint8
    expected = shots * np.abs(oracle.statevector(circuit).reshape(-1)) ** 2
    weights = 1 << np.arange(circuit.num_qubits)[::-1]
    counts = np.bincount(drawn @ weights, minlength=len(expected))
    assert counts[expected < 1e-9].sum() == 0
    common = expected >= 5
    seen = np.append(counts[common], counts[~common].sum())
    mean = np.append(expected[common], expected[~common].sum())
    chosen = mean > 1e-9
    chi_square = ((seen - mean)[chosen] ** 2 / mean[chosen]).sum()
    freedom = chosen.sum() - 1
    assert chi_square <= freedom + 5 * math.sqrt(2 * freedom) + 1e-6


PLANS = {
    "chain": (u3_layer(line(6, 1)), CutPlan.from_partition(line(6, 1), "AABBCC")),
    "chain of two layers": (u3_layer(line(6, 2)), CutPlan.from_partition(line(6, 2), "AABBCC")),
    "wires": (u3_layer(line(6, 1)), CutPlan((WireCut(2, 7), WireCut(4, 9)))),
    "tree": (u3_layer(star(7)), CutPlan.from_partition(star(7), "ABBCCDD")),
    "ring": (u3_layer(ring(6)), CutPlan.from_partition(ring(6), "AABBCC")),
    "ring of single qubits": (u3_layer(ring(6)), CutPlan.from_partition(ring(6), "ABCDEF")),
    "everything with everything": (u3_layer(qft(5)), CutPlan.from_partition(qft(5), "ABCDE")),
    "joint": (u3_layer(dense(5, 8, 3)), CutPlan((GateCut((1, 3)), GateCut((7,)), GateCut((9, 11, 13))))),
    "parts": (u3_layer(ZOO["disconnected"]), CutPlan.from_partition(ZOO["disconnected"], "ABCDE")),
    "uncut": (u3_layer(line(5, 2)), CutPlan.uncut()),
    "within one fragment": (u3_layer(line(4, 3)), CutPlan((WireCut(1, 4), WireCut(1, 11), WireCut(2, 12)))),
    "certain": (Circuit(3, (Operation("x", (1,)),)), CutPlan.uncut()),
    "ghz": (star(6), CutPlan.from_partition(star(6), "AABBCC")),
}


@pytest.mark.parametrize("way", ["as it pays", "tables", "amplitudes"])
@pytest.mark.parametrize("name", sorted(PLANS))
def test_samples_follow_the_distribution(monkeypatch: pytest.MonkeyPatch, name: str, way: str) -> None:
    if way != "as it pays":
        monkeypatch.setattr(samples, "_table_pays", lambda *_: way == "tables")
        monkeypatch.setattr(samples, "GATHERED", 0)
        monkeypatch.setattr(samples, "CHUNK_ENTRIES", 1 << 10)
    agree(*PLANS[name])


def test_the_same_seed_gives_the_same_samples_whatever_the_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    circuit, plan = PLANS["ring"]
    network = split(circuit, plan)
    first = sample(network, 500, seed=3)
    monkeypatch.setattr(samples, "BATCH_SHOTS", 7)
    np.testing.assert_array_equal(sample(network, 500, seed=3), first)
    assert (sample(network, 500, seed=4) != first).any()


def test_more_shots_begin_with_the_fewer() -> None:
    circuit, plan = PLANS["tree"]
    network = split(circuit, plan)
    np.testing.assert_array_equal(sample(network, 300, seed=3)[:40], sample(network, 40, seed=3))


def test_a_hundred_qubits_of_ghz() -> None:
    ops = [Operation("h", (0,)), *(Operation("cx", (q, q + 1)) for q in range(99))]
    circuit = Circuit(100, tuple(ops))
    found = sample(split(circuit, CutPlan.from_partition(circuit, [q // 9 for q in range(100)])), 4000, seed=0)
    assert (found == found[:, :1]).all()
    assert abs(found[:, 0].mean() - 0.5) < 5 * 0.5 / math.sqrt(4000)


def test_a_thousand_independent_qubits() -> None:
    angles = np.linspace(0, math.pi, 1000)
    circuit = Circuit(1000, tuple(Operation("ry", (q,), (angle,)) for q, angle in enumerate(angles)))
    found = sample(split(circuit, CutPlan.uncut()), 2000, seed=1).mean(axis=0)
    exact = np.sin(angles / 2) ** 2
    deviations = (found - exact) / np.sqrt(exact * (1 - exact) / 2000 + 1e-12)
    assert np.abs(deviations).max() < 5
    assert deviations.std() == pytest.approx(1, abs=5 / math.sqrt(2 * 1000))


def test_neighbours_in_a_long_chain_are_correlated_as_they_should() -> None:
    ops = [Operation("ry", (q,), (0.7,)) for q in range(100)] + [Operation("cx", (q, q + 1)) for q in range(99)]
    circuit = Circuit(100, tuple(ops))
    found = sample(split(circuit, CutPlan.from_partition(circuit, [q // 10 for q in range(100)])), 4000, seed=5)
    flips = (found[:, 1:] ^ found[:, :-1]).mean(axis=0)
    one = math.sin(0.35) ** 2
    assert np.abs(flips - one).max() < 5 * math.sqrt(one * (1 - one) / 4000)


@pytest.mark.parametrize("shots", [0, -1, 1.5, "10", None, True])
def test_bad_numbers_of_shots(network: Network, shots: object) -> None:
    with pytest.raises(ParameterError, match="shots is a whole number from 1"):
        sample(network, shots, [0.1], seed=0)


@pytest.mark.parametrize("seed", [-1, 0.5, None, "0"])
def test_bad_seeds(network: Network, seed: object) -> None:
    with pytest.raises(ParameterError, match="seed is a whole number from 0"):
        sample(network, 10, [0.1], seed=seed)


def test_bad_parameters_and_sizes(network: Network) -> None:
    with pytest.raises(ParameterError, match="1 parameter values"):
        sample(network, 10, seed=0)
    with pytest.raises(TooLargeError, match="drawing 10000000000 samples needs 30 GB"):
        sample(network, 10**10, [0.1], seed=0)
    with pytest.raises(TooLargeError, match="drawing 10 samples"):
        sample(split(star(50), CutPlan.uncut()), 10, seed=0)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    monkeypatch.setattr(samples, "canonical_stages", lambda *_: pytest.fail("work before the refusal"))
    return split(Circuit(3, (Operation("rx", (0,), (param("t"),)),)), CutPlan.uncut())
