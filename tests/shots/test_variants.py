"""How many circuits an experiment takes, which ones, and that each is a job of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from cutq import Circuit, CutPlan, Job, Network, Operation, SimulatedRunner, WireCut, estimate, expectation, split
from cutq.shots.experiment import Experiment
from cutq.shots.jobs import Counts
from cutq.shots.observables import observable_experiment
from cutq.shots.variants import Shift, shifted
from tests.shots.devices import NETWORKS, layered, op
from tests.strategies import haar


class Recorder:
    """Simulates, and remembers the jobs."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def run(self, jobs: Sequence[Job]) -> list[Counts]:
        self.jobs += jobs
        return SimulatedRunner().run(jobs)


def real(seed: int) -> np.ndarray:
    """A random orthogonal matrix on two qubits."""
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(4, 4)))[0]


def chain(cuts: int, module=lambda k: haar(2, k)) -> Network:
    """Modules on two qubits each that share one wire with the next, cut between all of them."""
    modules = [Operation("unitary", (k, k + 1), matrix=module(k)) for k in range(cuts + 1)]
    return split(Circuit(cuts + 2, tuple(modules)), CutPlan(tuple(WireCut(k + 1, k) for k in range(cuts))))


def all_z(network: Network) -> str:
    return " ".join(f"Z{q}" for q in range(network.num_qubits))


def experiment(network: Network, *observables: str, frames: str | None = None) -> Experiment:
    return observable_experiment(network, observables, None, frames)


def circuits(network: Network, *observables: str, frames: str | None = None) -> int:
    return experiment(network, *observables, frames=frames).num_circuits


@pytest.mark.parametrize(
    ("frames", "expected"), [("sic", [7, 19, 31, 43]), ("std4", [7, 19, 31, 43]), ("six", [9, 27, 45, 63])]
)
def test_circuits_of_a_chain_grow_with_its_length(frames: str, expected: list[int]) -> None:
    """``3 + 3 m (K - 1) + m`` for K cuts and m preparations, nothing like ``m**K``."""
    assert [circuits(network, all_z(network), frames=frames) for network in map(chain, range(1, 5))] == expected


def test_a_chain_of_sixty_cuts_is_estimated() -> None:
    network = chain(60)
    found = estimate(network, ["Z60 Z61", "X61"], runner=SimulatedRunner(), shots=500_000, allocation="uniform")
    assert found.num_circuits == 3 + 12 * 59 + 2 * 4
    exact = [expectation(network, name) for name in found.names]
    assert np.all(np.abs(found.values - exact) < 5 * found.stderr + 1e-12)


def test_real_fragments_need_no_y() -> None:
    network = chain(2, real)
    for frames, expected in (("std4", 11), ("six", 2 + 4 * 2 + 4), ("sic", 11)):
        assert circuits(network, all_z(network), frames=frames) == expected


def test_y_in_the_observable_decides_what_real_fragments_need() -> None:
    """An even number of Y on each fragment goes with X and Z, an odd one on both with Y, and one in all is zero."""
    network = chain(1, real)
    assert [circuits(network, word) for word in ("Z0 Z1 Z2", "Z0 Y1 Y2", "Y0 Y1 Z2")] == [2 + 3, 2 + 3, 1 + 2]
    found = estimate(network, "Z0 Z1 Y2", runner=SimulatedRunner(), shots=0)
    assert (found.num_circuits, *found.values, *found.stderr) == (0, 0.0, 0.0)


def test_clifford_fragments_are_not_run() -> None:
    """All of their leg tensors is known, and where all fragments are such, so is the value."""
    clifford = (op("h", 0), op("s", 0), op("cx", 0, 1))
    turns = (op("rx", 1, params=(0.4,)), op("ry", 1, params=(1.1,)), op("cx", 1, 2))
    mixed = split(Circuit(3, (*clifford, *turns)), CutPlan((WireCut(1, 2),)))
    asked = experiment(mixed, "X0 Z1 Z2", "Y0 X1 Y2")
    assert [one.num_variants > 0 for one in asked.tomographies] == [False, True]
    recorder = Recorder()
    alone = split(Circuit(3, (*clifford, op("cz", 1, 2))), CutPlan((WireCut(1, 2),)))
    found = estimate(alone, ["Y0 X1", "Z0 Z1", "X0", "2"], runner=recorder, shots=0)
    assert not recorder.jobs
    assert (found.shots, found.num_circuits) == (0, 0)
    np.testing.assert_allclose(found.values, [expectation(alone, name) for name in found.names], atol=1e-12)
    assert not found.stderr.any()


def test_fragments_outside_the_light_cone_are_not_run() -> None:
    network = chain(3)
    asked = experiment(network, "Z0")
    assert asked.num_circuits == 1
    assert [one.position for one in asked.tomographies if one.num_variants] == [0]


def test_commuting_observables_share_circuits() -> None:
    network = chain(1)
    assert circuits(network, "Z0 Z1 Z2", "Z0", "Z1 Z2", "Z0 Z1", "1") == circuits(network, "Z0 Z1 Z2") == 7


def test_observables_that_do_not_commute_do_not() -> None:
    network = chain(1)
    assert circuits(network, "Z0 Z1 Z2", "X0 X1 X2") == 2 * 7
    assert circuits(network, "Z0 Z1 Z2", "Z0 X1 X2") == 3 + 2 * 4


def test_a_sum_takes_the_circuits_of_its_words() -> None:
    network = chain(1)
    assert circuits(network, "0.5*Z0 Z1 Z2 - 2*X0 X1 X2 + 3") == 2 * 7


@pytest.mark.parametrize("name", ["cx", "iswap", "wires", "star"])
@pytest.mark.parametrize("allocation", ["pilot", "uniform", "coefficient"])
def test_the_number_of_circuits_is_that_of_different_jobs(name: str, allocation: str) -> None:
    network, recorder = NETWORKS[name], Recorder()
    asked = experiment(network, "Z0 Z1", "X0")
    shots = 200 * asked.num_circuits
    found = estimate(network, ["Z0 Z1", "X0"], runner=recorder, shots=shots, allocation=allocation)
    different = {(job.variant.position, job.variant.key) for job in recorder.jobs}
    assert len(different) == found.num_circuits == asked.num_circuits
    assert sum(job.shots for job in recorder.jobs) == found.shots == shots


def test_equal_circuits_of_different_fragments_are_different_jobs() -> None:
    """Two copies of one fragment are never read from one set of counts, which would make their errors one."""
    twice = [op("ry", q, params=(0.7,)) for q in (0, 1)]
    network, recorder = split(Circuit(2, tuple(twice)), CutPlan.uncut()), Recorder()
    found = estimate(network, ["Z0 Z1"], runner=recorder, shots=10_000, allocation="uniform")
    assert [job.variant.position for job in recorder.jobs] == [0, 1]
    assert len({job.seed for job in recorder.jobs}) == 2
    assert found.num_circuits == 2
    first, second = (counts.as_dict() for counts in SimulatedRunner().run(recorder.jobs))
    assert first != second


def test_no_two_jobs_have_one_seed() -> None:
    recorder = Recorder()
    for seed in (0, 1):
        estimate(NETWORKS["wires"], ["Z0 Z1 Z2 Z3", "X0"], runner=recorder, shots=20_000, seed=seed)
    seeds = Counter(job.seed for job in recorder.jobs)
    assert max(seeds.values()) == 1
    assert len(recorder.jobs) > 2 * experiment(NETWORKS["wires"], "Z0 Z1 Z2 Z3", "X0").num_circuits


def test_keys_tell_variants_of_a_fragment_apart() -> None:
    asked = experiment(NETWORKS["two cx"], "Z0 Z3", "X0 X3")
    keys = [(v.position, v.key) for one in asked.tomographies for v in one.variants]
    assert len(set(keys)) == len(keys) == asked.num_circuits


def test_shifts_add_to_one_angle_only() -> None:
    fragment = split(layered(1, op("rx", 0, params=(0.5,))), CutPlan.uncut()).fragments[0]
    moved = shifted(fragment, [Shift(1, 0, 0, 0.25), Shift(2, 0, 1, -0.5)])
    before, after = ([item.operation.params for item in one.items] for one in (fragment, moved))
    assert after[0] == before[0]
    assert after[1][0] == before[1][0] + 0.25
    assert after[2] == (before[2][0], before[2][1] - 0.5, before[2][2])
