"""Noise: laws of each kind against other formulas, the schedule, quick mode, and what is kept."""

from __future__ import annotations

import csv
import importlib.util
import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit

import cutq
from benchmarks.families import bound
from experiments import report
from experiments.harness import ExperimentError, digest, main, read
from experiments.noise import figure, rows
from experiments.noise.__main__ import EXPERIMENT
from experiments.noise.circuits import LEAST, SHAPES, angles, composed
from experiments.noise.devices import KINDS, READOUT, Device, device, noise_model
from experiments.noise.measure import MANY, deviation_interval, drawn, measure, setting
from experiments.noise.runner import NoisyRunner, expected, misread
from experiments.noise.schedule import Timed, beside, prepared, routed, timed
from experiments.noise.tasks import DRAWN, PLACES, Task, tasks
from tests.experiments.figures import check_labels, check_readable, check_regenerates

HOME = Path(figure.__file__).parent
aer = pytest.mark.skipif(importlib.util.find_spec("qiskit_aer") is None, reason="qiskit-aer is not installed")


def value(own: Device, shape: str, modules: int, cut: bool, seed: int = 1) -> float:
    """What is expected of the estimate on a device."""
    case = composed(shape, modules)
    network = case.network() if cut else cutq.split(case.circuit, cutq.CutPlan.uncut())
    found = cutq.estimate(
        network, case.observables, angles(case, seed), runner=NoisyRunner(own, drawn=False), shots=MANY,
        allocation="uniform",
    )  # fmt: skip
    return float(found.values[0])


def with_channel(modules: int, channel: Any, seed: int = 1) -> float:
    """The value of the whole chain, without other noise, where a channel acts on the wires that would be cut."""
    simulator = pytest.importorskip("qiskit_aer").AerSimulator(method="density_matrix")
    case = composed("chain", modules)
    places = {cut.after: cut.qubit for cut in case.plan.cuts}
    circuit = QuantumCircuit(case.circuit.num_qubits)
    for number, op in enumerate(bound(case.circuit, angles(case, seed)).operations):
        if op.name == "cz":
            circuit.cz(*op.qubits)
        else:
            circuit.u(*(angle.at({}) for angle in op.params), op.qubits[0])
        if number in places:
            circuit.append(channel, [places[number]])
    kept = [int(word[1:]) for word in case.observables[0].split()]
    circuit.save_probabilities(kept)
    table = np.asarray(simulator.run(circuit, shots=1).result().data()["probabilities"])
    return float(sum(p * (-1) ** index.bit_count() for index, p in enumerate(table)))


@cache
def ideal(shape: str, modules: int, seed: int = 1) -> float:
    case = composed(shape, modules)
    return float(cutq.expectations(case.network(), case.observables, angles(case, seed))[0])


# --- laws ---


@aer
@pytest.mark.parametrize(("shape", "modules"), [("chain", 2), ("bus", 2), ("chain", 3)])
def test_noise_of_the_own_gates_is_not_changed_by_cutting(shape: str, modules: int) -> None:
    own = device("gates", 2.0)
    whole, cut = (value(own, shape, modules, way) for way in (False, True))
    assert abs(whole - ideal(shape, modules)) > 0.01
    assert cut == pytest.approx(whole, abs=1e-10)


@aer
@pytest.mark.parametrize("shape", SHAPES)
def test_without_noise_aer_agrees_with_the_contraction(shape: str) -> None:
    for cut in (False, True):
        assert value(Device(), shape, 2, cut) == pytest.approx(ideal(shape, 2), abs=1e-10)


@aer
def test_waits_before_early_readings_are_not_changed_by_cutting() -> None:
    own = device("idle, read early", 2.0)
    whole, cut = (value(own, "chain", 2, way) for way in (False, True))
    assert whole != pytest.approx(ideal("chain", 2), abs=1e-6)
    assert cut == pytest.approx(whole, abs=1e-10)


@aer
@pytest.mark.parametrize("modules", [2, 3])
def test_readings_take_their_factor_from_each_bit_of_the_uncut_circuit(modules: int) -> None:
    p = 0.04
    found = value(Device(readout=p), "chain", modules, False)
    assert found == pytest.approx((1 - 2 * p) ** modules * ideal("chain", modules), abs=1e-10)


@aer
@pytest.mark.parametrize("modules", [2, 3])
def test_wrong_readings_at_a_cut_are_depolarizing_of_its_wire(modules: int) -> None:
    noise, p = pytest.importorskip("qiskit_aer.noise"), 0.04
    other = with_channel(modules, noise.depolarizing_error(2 * p, 1).to_instruction())
    found = value(Device(readout=p), "chain", modules, True)
    assert found == pytest.approx((1 - 2 * p) ** modules * other, abs=1e-10)
    assert found != pytest.approx((1 - 2 * p) ** modules * ideal("chain", modules), abs=1e-5)


@aer
def test_noise_of_turns_at_a_cut_is_a_pauli_channel_of_its_wire() -> None:
    noise, f = pytest.importorskip("qiskit_aer.noise"), 0.95
    # One turn prepares; none, one and two turns lead to the bases of Z, X and Y.
    x, y, z = f**2, f**3, f
    chances = (1 + x + y + z, 1 + x - y - z, 1 + y - x - z, 1 + z - x - y)
    channel = noise.pauli_error([(name, chance / 4) for name, chance in zip("IXYZ", chances, strict=True)])
    other = with_channel(2, channel.to_instruction())
    assert value(Device(cut=1 - f), "chain", 2, True) == pytest.approx(other, abs=1e-10)


@aer
def test_routing_adds_swaps_to_the_uncut_bus_alone() -> None:
    own = Device(swap=0.1, line=True)
    for shape, cut, swaps in (("chain", False, 0), ("bus", False, 3), ("bus", True, 0)):
        found = measure(Task("routing", 1.0, shape, 3, "fragments" if cut else "uncut", 0, 0, 1))
        assert found.swaps == swaps
        assert (abs(found.bias) < 1e-10) == (swaps == 0)
    assert value(own, "bus", 2, True) == pytest.approx(ideal("bus", 2), abs=1e-10)


@aer
def test_drawn_estimates_scatter_as_they_state() -> None:
    task = Task("readout", 1.0, "chain", 2, "fragments, uniform", 2000, 60, 1)
    found = measure(task)
    factors = [1 / one for one in deviation_interval(task.repeats)]
    assert found.stated is not None
    assert found.deviation is not None
    assert found.mean is not None
    assert 0.9 * min(factors) < found.deviation / found.stated < 1.1 * max(factors)
    assert abs(found.mean - found.value) < 4 * found.stated / math.sqrt(task.repeats)
    assert found.seen == pytest.approx(math.hypot(found.bias, found.deviation), rel=0.25)


@aer
def test_uncut_variance_is_that_of_signs() -> None:
    task = Task("gates", 1.0, "chain", 2, "uncut", 4000, 20, 1)
    own = setting("gates", 1.0, "chain", 2, 1, False)
    for one in drawn(own, task):
        assert one.stderr[0] == pytest.approx(math.sqrt((1 - own.value**2) / task.shots), rel=0.06)


@aer
@pytest.mark.parametrize("cut", [False, True])
def test_counts_of_aer_itself_agree(cut: bool) -> None:
    primitives = pytest.importorskip("qiskit_aer.primitives")
    own = Device(5e-3, 0.03, cut=0.02, readout=0.05)
    sampler = primitives.SamplerV2(options={"backend_options": {"noise_model": noise_model(own)}})
    case = composed("chain", 2)
    network = case.network() if cut else cutq.split(case.circuit, cutq.CutPlan.uncut())
    # Passes of their own would join turns of the circuit with those of the cuts, and rename them.
    runner = cutq.SamplerRunner(SeedlessSampler(sampler))
    found = cutq.estimate(network, case.observables, angles(case, 1), runner=runner, shots=20_000)
    assert abs(found.values[0] - value(own, "chain", 2, cut)) < 5 * found.stderr[0]


class SeedlessSampler:
    """Hides the backend of a sampler, so that its circuits are run as they are."""

    def __init__(self, sampler: Any) -> None:
        self._inner = sampler

    def run(self, pubs: Any) -> Any:
        return self._inner.run(pubs)


# --- circuits, schedules, counts ---


@pytest.mark.parametrize("shape", SHAPES)
def test_circuits(shape: str) -> None:
    case = composed(shape, 3)
    network = case.network()
    assert (case.circuit.num_qubits, network.widths) == (10, (4, 4, 4))
    assert {op.name for op in case.circuit.operations} == {"u3", "cz"}
    assert tuple(map(len, cutq.variants(network, case.observables, angles(case, 0)))) == (3, 12, 4)
    assert all(abs(ideal(shape, 3, seed)) >= LEAST for seed in range(4))


def staircase() -> QuantumCircuit:
    found = QuantumCircuit(4, 1)
    for pair in ((0, 1), (1, 2), (0, 1), (2, 3)):
        found.cz(*pair)
    found.measure(0, 0)
    return found


def test_gates_are_late_or_early() -> None:
    late = {(one.qubits, one.start) for one in timed(staircase(), early=False)}
    assert late == {((0, 1), 0), ((1, 2), 1), ((0, 1), 2), ((2, 3), 2), ((0,), 3)}
    early = QuantumCircuit(4)
    for pair in ((2, 3), (0, 1), (1, 2), (0, 1)):
        early.cz(*pair)
    assert {(one.qubits, one.start) for one in timed(early, early=True)} == {
        ((0, 1), 0), ((2, 3), 0), ((1, 2), 1), ((0, 1), 2)
    }  # fmt: skip
    early = QuantumCircuit(4)
    for pair in ((2, 3), (0, 1), (0, 1), (1, 2)):
        early.cz(*pair)
    assert ((2, 3), 1) in {(one.qubits, one.start) for one in timed(early, early=True)}


@pytest.mark.parametrize("early", [False, True])
@pytest.mark.parametrize("line", [False, True])
def test_schedules_keep_the_circuit(early: bool, line: bool) -> None:
    from qiskit.quantum_info import Operator

    circuit = QuantumCircuit(4, 4)
    rng = np.random.default_rng(3)
    for _ in range(12):
        circuit.u(*rng.uniform(-3, 3, 3), int(rng.integers(4)))
        circuit.cz(*map(int, rng.choice(4, 2, replace=False)))
    plain = Operator(circuit)
    circuit.measure(range(4), range(4))
    found = prepared(circuit, Device(decay=0.1, dephasing=0.1, line=line, early=early))
    table = np.abs(Operator(found).data[:, 0]) ** 2
    read = found.metadata["read"]
    moved = table.reshape((2,) * 4).transpose([3 - qubit for qubit in read[::-1]]).reshape(-1)
    if not line:
        assert read == [0, 1, 2, 3]
    np.testing.assert_allclose(moved, np.abs(plain.data[:, 0]) ** 2, atol=1e-12)


def test_waits_are_between_gates_and_before_readings() -> None:
    found = prepared(staircase(), Device(decay=0.1, dephasing=0.1))
    assert found.count_ops() == {"cz": 4, "id": 1}  # qubit 0 in layer 1; no qubit before its first gate
    circuit = QuantumCircuit(3, 1)
    circuit.cz(0, 1)
    circuit.cz(1, 2)
    circuit.measure(0, 0)
    assert prepared(circuit, Device(decay=0.1)).count_ops()["id"] == 0 + 1
    assert "id" not in prepared(circuit, Device(decay=0.1, early=True)).count_ops()


def test_neighbours_in_gates_at_a_time() -> None:
    gate = QuantumCircuit(2)
    gate.cz(0, 1)
    cz = gate.data[0].operation
    side = [Timed(cz, (0, 1), 0, 1), Timed(cz, (2, 3), 0, 1), Timed(cz, (3, 4), 1, 2)]
    assert [(a, b) for _, a, b in beside(side)] == [(1, 2)]
    assert prepared(staircase(), Device(crosstalk=0.1)).count_ops()["rzz"] == 1


def test_lines_have_neighbours_only() -> None:
    circuit = QuantumCircuit(4, 1)
    for pair in ((0, 1), (0, 2), (0, 3), (1, 3)):
        circuit.cz(*pair)
    circuit.measure(0, 0)
    found = routed(circuit)
    pairs = [[found.find_bit(qubit).index for qubit in one.qubits] for one in found.data if len(one.qubits) == 2]
    assert all(abs(a - b) == 1 for a, b in pairs)


def test_expected_counts() -> None:
    table = np.array([0.1, 0.2, 0.7])
    assert expected(table, 1000).tolist() == [100, 200, 700]
    assert expected(table, MANY).sum() == MANY
    np.testing.assert_allclose(expected(table, MANY) / MANY, table, atol=1e-14)


def test_misread_is_one_matrix_for_each_bit() -> None:
    table, p = np.array([0.1, 0.2, 0.3, 0.4]), 0.1
    matrix = np.array([[1 - p, p], [p, 1 - p]])
    np.testing.assert_allclose(misread(table, p), np.kron(matrix, matrix) @ table, atol=1e-15)


def test_scaled_devices() -> None:
    twice = KINDS["all"].scaled(2.0)
    assert twice.two == pytest.approx(1 - (1 - KINDS["all"].two) ** 2)
    assert (twice.readout, twice.line) == (2 * KINDS["all"].readout, True)
    assert rows.READOUT == READOUT


def test_modes_hold_each_other() -> None:
    found = {mode: {(one.kind, one.shape, one.way) for one in tasks(mode)} for mode in ("quick", "medium", "full")}
    assert found["quick"] == found["medium"] == found["full"]
    assert set(PLACES) >= DRAWN
    assert set(rows.NAMES) == set(PLACES)
    assert set(figure.STYLES) == DRAWN


def test_a_missing_simulator_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "qiskit_aer.noise", None)
    with pytest.raises(ExperimentError, match=r"\[aer\]"):
        noise_model(Device())


@aer
@pytest.mark.long
def test_quick_mode(tmp_path: Path) -> None:
    assert main(EXPERIMENT, tmp_path, ["--quick", "--into", str(tmp_path)]) == 0
    found = read(tmp_path / "results.csv")
    assert sorted(row["id"] for row in found) == sorted(digest(EXPERIMENT, task) for task in tasks("quick"))
    assert rows.report(rows.load(tmp_path / "results.csv"))
    for picture in figure.pictures(tmp_path / "results.csv").values():
        check_labels(picture)


# --- what is kept ---


@cache
def kept() -> list[rows.Row]:
    with (HOME / "results.csv").open(newline="", encoding="utf-8") as file:
        return rows.parsed(csv.DictReader(file))


def test_what_is_kept_is_complete() -> None:
    own = {row["id"] for row in read(HOME / "results.csv")}
    assert own == {digest(EXPERIMENT, task) for task in tasks("full")}


@pytest.mark.parametrize(
    "place", [("gates", "chain"), ("gates", "bus"), ("idle, read early", "chain"), ("none", "chain")]
)
def test_controls_that_are_kept(place: rows.Place) -> None:
    for strength in rows.strengths(kept(), place):
        assert max(rows.apart(kept(), place, strength)) < 1e-10


def test_readings_that_are_kept() -> None:
    for strength in (0.3, 1.0, 3.0):
        off, _ = rows.readings(kept(), strength)
        assert off < 2e-6  # numbers have six digits


def test_errors_that_are_kept_are_those_stated() -> None:
    for way in ("uncut", "fragments"):
        for number in rows.shots(kept()):
            ratio, error = rows.spread(kept(), way, number)
            assert abs(ratio - 1) < 4 * error
    for row in kept():
        if row["repeats"]:
            assert abs(row["mean"] - row["value"]) < 6 * row["stated"] / math.sqrt(row["repeats"])


def test_what_the_page_says() -> None:
    found = kept()
    most = max(rows.shots(found))
    ratios = {place: dict(rows.ratios(found, place)) for place in rows.places(found, drawn=True)}
    assert rows.bias(found, ("routing", "bus"), "fragments").value < 1e-10
    assert all(rows.less_biased(found, place) == 8 for place in (("idle", "chain"), ("routing", "bus")))
    assert rows.less_biased(found, ("readout", "chain")) < 4
    assert ratios["none", "chain"][most].low > 1
    for place in (("idle", "chain"), ("routing", "bus")):
        assert ratios[place][1000].low > 1
        assert ratios[place][most].value < 0.7
        assert 1000 < rows.crossing(found, place) < most
    assert ratios["all", "bus"][1000].value < 1
    assert (
        rows.less_biased(found, ("all, read early", "chain")) < 4
    )  # what is gained in chains is gained by reading late
    assert rows.less_biased(found, ("all, read early", "bus")) == 8
    assert all(math.isinf(rows.crossing(found, place)) for place in (("none", "chain"), ("readout", "chain")))


def test_figures_come_from_the_csv_alone(tmp_path: Path) -> None:
    check_regenerates(figure, HOME, tmp_path)


@pytest.mark.parametrize("name", figure.PANELS)
def test_labels(name: str) -> None:
    picture = figure.pictures(HOME / "results.csv")[name]
    check_labels(picture)
    check_readable(picture)


def test_the_page_of_all_experiments_takes_it() -> None:
    found = report.section(HOME)
    assert set(found.figures) == set(figure.PANELS)
    assert found.paragraphs
