"""Bit strings drawn from reconstructions follow the exact distribution, as closely as the shots allow."""

from __future__ import annotations

import numpy as np
import pytest

from cutq import (
    Circuit,
    CutPlan,
    GateCut,
    Network,
    ObservableError,
    Operation,
    ParameterError,
    SimulatedRunner,
    TooLargeError,
    WireCut,
    estimate_probabilities,
    estimate_samples,
    merge,
    param,
    split,
)
from tests import oracle
from tests.shots.devices import NETWORKS, across, layered, op
from tests.strategies import haar

SAMPLES, SHOTS = 20_000, 400_000


def chain() -> Network:
    """Three fragments in a row, and outputs on each."""
    modules = [Operation("unitary", (k, k + 1), matrix=haar(2, k)) for k in range(3)]
    return split(Circuit(4, tuple(modules)), CutPlan((WireCut(1, 0), WireCut(2, 1))))


def loop() -> Network:
    """A wire and a gate that are cut within what stays one fragment."""
    circuit = layered(3, op("cx", 0, 1), op("rxx", 1, 2, params=(0.7,)), op("cz", 0, 2), op("cx", 0, 1))
    return split(circuit, CutPlan((WireCut(1, 3), GateCut((6,)))))


def ring() -> Network:
    """Three fragments, each joined with both others, so that bonds stay open across one of them."""
    gates = [op("cx", 0, 1), op("rxx", 1, 2, params=(0.9,)), op("ryy", 2, 0, params=(1.2,))]
    return across(*gates, labels="ABC")


def apart() -> Network:
    """Two fragments that nothing joins, with the qubits mixed."""
    return split(layered(4, op("cx", 0, 2), op("cx", 3, 1)), CutPlan.uncut())


CASES = {
    "chain": chain(),
    "ring": ring(),
    "apart": apart(),
    "cx": across(op("cx", 0, 1)),
    "wires": NETWORKS["wires"],
    "star": NETWORKS["star"],
    "two cx": NETWORKS["two cx"],
    "rank 4": NETWORKS["rank 4"],
    "group": NETWORKS["group"],
}


def exact_chances(network: Network, values: dict[str, float] | None = None) -> np.ndarray:
    return (np.abs(oracle.statevector(merge(network), values)) ** 2).ravel()


def frequencies(bits: np.ndarray) -> np.ndarray:
    numbers = bits.astype(int) @ (1 << np.arange(bits.shape[1])[::-1])
    return np.bincount(numbers, minlength=1 << bits.shape[1]) / len(bits)


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Total variation."""
    return float(np.abs(one - other).sum() / 2)


def expected_distance(network: Network, exact: np.ndarray, samples: int, shots: int) -> float:
    """The mean of the total variation from the noise of the draws and that of the reconstruction."""
    qubits = range(network.num_qubits)
    found = estimate_probabilities(network, qubits, runner=SimulatedRunner(5), shots=shots, allocation="uniform")
    variance = exact * (1 - exact) / samples + found.stderr.ravel() ** 2
    return float(np.sqrt(2 / np.pi * variance).sum() / 2)


@pytest.mark.parametrize("name", CASES)
def test_samples_follow_the_distribution(name: str) -> None:
    network = CASES[name]
    exact = exact_chances(network)
    found = estimate_samples(network, SAMPLES, runner=SimulatedRunner(seed=1), shots=SHOTS)
    assert found.bits.shape == (SAMPLES, network.num_qubits)
    assert found.bits.dtype == np.uint8
    assert found.shots == SHOTS
    near = distance(frequencies(found.bits), exact)
    allowed = 2 * expected_distance(network, exact, SAMPLES, SHOTS)
    assert near < allowed
    assert distance(frequencies(found.bits[:, ::-1]), exact) > 2 * allowed, "the order of the qubits shows"


def test_samples_of_cuts_within_one_fragment_follow_the_distribution() -> None:
    """Nothing is known of a fragment whose legs are joined with each other, so it takes many shots."""
    network = loop()
    assert [len(fragment.legs) for fragment in network.fragments] == [4]
    exact = exact_chances(network)
    near = [
        distance(frequencies(estimate_samples(network, 200_000, runner=SimulatedRunner(1), shots=shots).bits), exact)
        for shots in (400_000, 40_000_000)
    ]
    assert near[1] < 0.015
    assert near[1] < near[0] / 3


@pytest.mark.parametrize("frames", ["six", "std4", "lean", "ancilla"])
def test_samples_of_every_frame_follow_the_distribution(frames: str) -> None:
    network = CASES["wires"] if frames in ("six", "std4") else CASES["two cx"]
    exact = exact_chances(network)
    found = estimate_samples(network, SAMPLES, runner=SimulatedRunner(seed=2), shots=SHOTS, frames=frames)
    assert distance(frequencies(found.bits), exact) < 2 * expected_distance(network, exact, SAMPLES, SHOTS)


def test_samples_without_cuts_are_a_chi_square_from_the_distribution() -> None:
    """Shots of one fragment are drawn from again, so both their noise and that of the draws counts."""
    network = split(layered(3, op("cx", 0, 1), op("cx", 1, 2)), CutPlan.uncut())
    exact = exact_chances(network)
    found = estimate_samples(network, SAMPLES, runner=SimulatedRunner(seed=1), shots=SAMPLES)
    assert found.negativity == 0
    statistic = float((SAMPLES / 2 * (frequencies(found.bits) - exact) ** 2 / exact).sum())
    assert abs(statistic - 7) < 6 * np.sqrt(2 * 7)


def test_more_shots_bring_samples_closer_and_more_samples_do_not() -> None:
    network = chain()
    exact = exact_chances(network)
    size = estimate_samples(network, 1, runner=SimulatedRunner(), shots=10_000).num_circuits

    def mean_distance(samples: int, shots: int) -> float:
        runs = [
            estimate_samples(network, samples, runner=SimulatedRunner(k), shots=shots, seed=k).bits for k in range(6)
        ]
        return float(np.mean([distance(frequencies(bits), exact) for bits in runs]))

    few, many = mean_distance(40_000, 20 * size), mean_distance(40_000, 2_000 * size)
    assert many < few / 4
    assert mean_distance(120_000, 20 * size) > 0.8 * few


def test_negativity_is_reported_and_falls_with_the_shots() -> None:
    """Where most outcomes never happen, half of them come out below zero."""
    ops = [op("ry", 0, params=(1.0,)), *(op("cx", q, q + 1) for q in range(3))]
    network = split(Circuit(4, tuple(ops)), CutPlan((WireCut(1, 1), WireCut(2, 2))))
    found = [estimate_samples(network, 5_000, runner=SimulatedRunner(), shots=shots) for shots in (500, 5_000, 500_000)]
    assert found[0].negativity > found[1].negativity > found[2].negativity > 0
    assert found[0].negativity > 0.01
    assert found[2].negativity < 0.002


def test_samples_know_their_parameters() -> None:
    circuit = Circuit(2, (Operation("ry", (0,), (param("t"),)), op("cx", 0, 1)))
    network = split(circuit, CutPlan.from_partition(circuit, "AB"))
    for angle in (0.4, 2.3):
        found = estimate_samples(network, SAMPLES, [angle], runner=SimulatedRunner(), shots=SHOTS)
        exact = exact_chances(network, {"t": angle})
        assert distance(frequencies(found.bits), exact) < 0.02


def test_equal_seeds_give_equal_samples_and_others_do_not() -> None:
    network = chain()
    first, same, other = (
        estimate_samples(network, 200, runner=SimulatedRunner(), shots=20_000, seed=seed).bits for seed in (1, 1, 2)
    )
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)


def test_qubits_that_nothing_happens_to_are_zero() -> None:
    network = split(Circuit(4, (op("h", 1), op("cx", 1, 3))), CutPlan((GateCut((1,)),)))
    found = estimate_samples(network, 2_000, runner=SimulatedRunner(), shots=SHOTS).bits
    assert not found[:, [0, 2]].any()
    assert np.mean(found[:, 1] == found[:, 3]) > 0.99
    assert 0.4 < found[:, 1].mean() < 0.6


def test_a_network_of_no_qubits_has_empty_samples() -> None:
    found = estimate_samples(split(Circuit(0), CutPlan.uncut()), 3, runner=SimulatedRunner(), shots=0)
    assert found.bits.shape == (3, 0)


def test_no_samples_may_be_asked_for() -> None:
    found = estimate_samples(chain(), 0, runner=SimulatedRunner(), shots=10_000)
    assert found.bits.shape == (0, 4)
    assert found.negativity == 0
    with pytest.raises(ParameterError, match="num_samples"):
        estimate_samples(chain(), -1, runner=SimulatedRunner(), shots=10_000)


def test_too_many_open_bonds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cutq.shots.samples.MOST_OPEN", 0)
    with pytest.raises(TooLargeError, match=r"drawing from fragment [0-9]+ takes [0-9]+ numbers"):
        estimate_samples(ring(), 1_000, runner=SimulatedRunner(), shots=20_000)


def test_probabilities_are_asked_for_by_qubits_that_are_there() -> None:
    for qubits in ([], [0, 0], [4], [-1]):
        with pytest.raises(ObservableError):
            estimate_probabilities(chain(), qubits, runner=SimulatedRunner(), shots=10_000)
