"""PennyLane's devices as runners."""

from __future__ import annotations

import builtins
import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cutq import Operation, Search, find_cuts, split
from cutq.circuits.gates import GATES
from cutq.errors import CountsError, DeviceError
from cutq.shots.jobs import Job, run_jobs
from cutq.shots.pennylane import ADJOINTS, NAMES, PennyLaneRunner, gate
from cutq.shots.variants import Choice, Variant
from tests.shots.devices import NETWORKS, assert_follows, expected, variant, variants
from tests.strategies import haar
from tests.zoo import star, u3_layer

qml = pytest.importorskip("pennylane")

SHOTS = 4_000


def follows(device: Any, some: list[Variant]) -> None:
    jobs = [Job(one, SHOTS) for one in some]
    for job, counts in zip(jobs, run_jobs(PennyLaneRunner(device), jobs), strict=True):
        assert_follows(counts, expected(job.variant), job.num_bits)


def star_in_two() -> Variant:
    """Six qubits that fit on two."""
    circuit = u3_layer(star(6))
    network = split(circuit, find_cuts(circuit, 2, search=Search(reuse=True)))
    return Variant(0, network.fragments[0], {}, (), "ZXIYZZ")


@pytest.mark.parametrize("name", ["cx", "iswap", "cu", "two cx", "star", "group", "wires", "two iswap"])
@pytest.mark.parametrize("device", ["default.qubit", "lightning.qubit"])
def test_devices_follow_every_variant(device: str, name: str) -> None:
    if device == "lightning.qubit":
        pytest.importorskip("pennylane_lightning")
    follows(qml.device(device, wires=6, seed=2), list(itertools.islice(variants(NETWORKS[name], seed=4), 24)))


def test_joint_choices_and_wires_with_names() -> None:
    network = NETWORKS["parallel wires"]
    up, down = network.bonds[0].ends
    some = [
        variant(network, up, [((0, 2), haar(2, 1)), ((1,), haar(1, 2))]),
        variant(network, down, [((0, 1, 2), haar(3, 3)[:1])]),
        variant(NETWORKS["iswap"], 1, [((0,), haar(2, 4) / 2)]),
    ]
    follows(qml.device("default.qubit", wires=["d", "a", 7, "b", "c"], seed=3), some)


@pytest.mark.parametrize("wires", [2, 3, None])
def test_qubits_are_used_again_where_there_are_few(wires: int | None) -> None:
    follows(qml.device("default.qubit", wires=wires, seed=5), [star_in_two()])


def test_a_device_that_only_measures_at_the_end_takes_ancillas() -> None:
    """The density matrices of default.mixed, which would defer a measurement to a wire that there is not."""
    measuring = [one for one in variants(NETWORKS["cx"]) if one.choices[0].name == "m01"]
    ends = [replace(one, choices=tuple(replace(c, ancilla=True) for c in one.choices)) for one in measuring]
    follows(qml.device("default.mixed", wires=2, seed=1), ends)
    with pytest.raises(DeviceError, match=r"takes mid-circuit measurement, which PennyLane's .* frames='ancilla'"):
        PennyLaneRunner(qml.device("default.mixed", wires=2)).run([Job(measuring[0], 10)])
    with pytest.raises(
        DeviceError, match=r"on 2 qubits takes mid-circuit measurement and reset, which PennyLane's def"
    ):
        PennyLaneRunner(qml.device("default.mixed", wires=2)).run([Job(star_in_two(), 10)])


def test_feed_forward() -> None:
    basis = haar(1, 1)
    operators = [np.outer(state, row) for state, row in zip([[1, 0], [0.6, 0.8]], basis, strict=True)]
    letters = np.array([GATES[name].matrix() for name in ("id", "x", "y", "z")])
    vectors = np.einsum("lba,sba->sl", letters.conj(), np.array(operators)) / 2
    follows(qml.device("default.qubit", seed=6), [variant(NETWORKS["iswap"], 0, [((0,), vectors)])])


def test_nothing_to_read_and_no_shots() -> None:
    first = (Choice((0,), "0", np.eye(2)[:1]),)
    blind, seeing = (Variant(0, NETWORKS["cx"].fragments[0], {}, first, bases) for bases in "IZ")
    runner = PennyLaneRunner(qml.device("default.qubit", seed=0))
    found = run_jobs(runner, [Job(blind, 30), Job(seeing, 0), Job(seeing, 1)])
    assert [counts.shots for counts in found] == [30, 0, 1]


def test_equal_seeds_give_equal_counts() -> None:
    jobs = [Job(one, 100) for one in itertools.islice(variants(NETWORKS["group"]), 6)]
    once, again, other = (
        [counts.as_dict() for counts in run_jobs(PennyLaneRunner(qml.device("default.qubit", seed=seed)), jobs)]
        for seed in (1, 1, 2)
    )
    assert once == again != other


def test_too_wide() -> None:
    with pytest.raises(
        DeviceError, match=r"fragment 0: .* takes 6 qubits, 2 if .* but PennyLane's default.qubit has 1"
    ):
        PennyLaneRunner(qml.device("default.qubit", wires=1)).run([Job(star_in_two(), 10)])


def test_what_worked_is_kept_when_a_device_fails() -> None:
    jobs = [Job(one, 10) for one in itertools.islice(variants(NETWORKS["group"]), 5)]
    runner = PennyLaneRunner(qml.device("default.qubit", seed=0))
    real = PennyLaneRunner._counts

    def counts(self: PennyLaneRunner, program: Any, shots: int) -> Any:
        if shots == 11:
            raise RuntimeError("too warm")
        return real(self, program, shots)

    jobs[2] = Job(jobs[2].variant, 11)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PennyLaneRunner, "_counts", counts)
        reason = r"default\.qubit failed on the circuit of fragment .*RuntimeError: too warm"
        with pytest.raises(CountsError, match=reason) as caught:
            run_jobs(runner, jobs)
    assert sorted(caught.value.counts) == [0, 1, 3, 4]


@pytest.mark.parametrize("name", [name for name, row in GATES.items() if row.num_qubits <= 2])
def test_gates_are_those_of_the_table(name: str) -> None:
    row = GATES[name]
    op = Operation(name, tuple(range(row.num_qubits)), tuple(0.3 + 0.4 * k for k in range(row.num_angles)))
    found = gate(op, op.qubits)
    matrix = qml.matrix(found, wire_order=op.qubits)
    overlap = np.vdot(op.unitary({}), matrix) / len(matrix)
    assert abs(overlap) == pytest.approx(1)
    np.testing.assert_allclose(matrix, overlap * op.unitary({}), atol=1e-12)
    assert (found.name != "QubitUnitary") == (name in NAMES or name in ADJOINTS)


def test_without_pennylane_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "pennylane":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(DeviceError, match=r'pip install "cutq\[pennylane\]"'):
        PennyLaneRunner(None)
