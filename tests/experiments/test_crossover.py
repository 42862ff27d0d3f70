"""Crossover: all ways agree, gamma is its formula, a bond is bounded by gamma, and what is kept says what is quoted."""

from __future__ import annotations

import csv
import importlib
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import cutq
from benchmarks.families import bound
from cutq import Circuit, Operation
from experiments.crossover import figure, projection, rows, schmidt, systems
from experiments.crossover.__main__ import EXPERIMENT
from experiments.crossover.measure import ERROR, measure
from experiments.crossover.systems import System, angle, gamma, joint_gamma, system
from experiments.crossover.tasks import METHODS, Task, tasks
from experiments.crossover.text import report
from experiments.harness import digest, main, read
from experiments.report import section
from tests.experiments.figures import check_labels, check_readable, check_regenerates

HOME = Path(figure.__file__).parent
KEPT = HOME / "results.csv"


def dense(circuit: Circuit) -> np.ndarray:
    """The state, (2 ** qubits,), by matrices of the whole."""
    state = np.eye(2**circuit.num_qubits, dtype=complex)[0]
    for op in circuit.operations:
        rest = [qubit for qubit in range(circuit.num_qubits) if qubit not in op.qubits]
        moved = state.reshape((2,) * circuit.num_qubits).transpose(*op.qubits, *rest)
        moved = (op.unitary({}) @ moved.reshape(2 ** len(op.qubits), -1)).reshape((2,) * circuit.num_qubits)
        state = moved.transpose(np.argsort([*op.qubits, *rest])).ravel()
    return state


def parity(state: np.ndarray) -> float:
    signs = np.array([(-1.0) ** index.bit_count() for index in range(len(state))])
    return float(signs @ np.abs(state) ** 2)


# --- the systems ---


@pytest.mark.parametrize(("modules", "links", "layers"), [(2, 1, 3), (3, 1, 2), (2, 3, 3), (3, 2, 1)])
def test_cut_and_uncut_values_equal_brute_force(modules: int, links: int, layers: int) -> None:
    own = system(3, modules, links, 0.4, layers, seed=5)
    expected = parity(dense(bound(own.circuit, own.angles)))
    for network in (own.network(), own.whole()):
        found = cutq.compile(network, [own.observable], route="fragments")(own.angles)[0]
        assert found == pytest.approx(expected, abs=1e-10)


def test_without_links_and_drift_all_is_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(systems, "DRIFT", 0.0)
    own = system(4, 2, 1, 0.0, 4, seed=1)
    state = dense(bound(own.circuit, own.angles))
    assert abs(state[0]) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("width", [3, 5, 8])
def test_values_do_not_concentrate_at_zero(width: int) -> None:
    own = [system(width, 2, 1, 0.3, width, seed) for seed in range(8)]
    values = [cutq.compile(one.network(), [one.observable])(one.angles)[0] for one in own]
    assert np.median(values) == pytest.approx(math.cos(angle(0.3) / 2) ** 2, abs=0.15)


def test_the_parity_sees_every_gate() -> None:
    own = system(3, 2, 1, 0.3, 2, seed=3)
    slopes = cutq.compile(own.network(), [own.observable]).value_and_jacobian(own.angles)[1][0]
    first = 2 * 2 * 3 * 2  # on the way out; the last rotations about z are seen by none
    assert np.count_nonzero(np.abs(slopes[:first]) > 1e-12) >= first - 2 * 3 * 2


# --- gamma ---


@pytest.mark.parametrize("strength", [0.03, 0.3, 1.0])
def test_gamma_of_a_link_is_that_of_its_nuclear_norm(strength: float) -> None:
    t = angle(strength)
    diagonal = np.exp(-0.5j * t * np.array([1, -1, -1, 1]))
    realigned = np.diag(diagonal).reshape(2, 2, 2, 2).transpose(0, 2, 1, 3).reshape(4, 4)
    norm = np.linalg.norm(realigned, "nuc")
    assert gamma(strength) == pytest.approx(norm**2 / 2 - 1)
    assert joint_gamma(strength, 1) == pytest.approx(gamma(strength))
    for links in (2, 3):
        assert gamma(strength, links) == pytest.approx((norm**2 / 2 - 1) ** links)
        assert joint_gamma(strength, links) == pytest.approx(2 * (norm**2 / 4) ** links - 1)


def test_gamma_is_that_of_the_sampled_estimator() -> None:
    own = system(2, 2, 2, 0.3, 1, seed=0)
    runner = cutq.SimulatedRunner(0)
    found = cutq.estimate(own.network(), own.observable, own.angles, runner=runner, shots=2000, method="sampled")
    assert found.method["gamma"] == pytest.approx([gamma(0.3, 2)])


# --- the link ---


def test_balanced_qubits_reach_the_bound_of_gamma() -> None:
    for links in (1, 2, 3):
        turned = [Operation("ry", (qubit,), (math.pi / 2,)) for qubit in range(6)]
        linked = [Operation("rzz", (2 - j, 3 + j), (angle(0.3),)) for j in range(links)]
        own = System(Circuit(6, (*turned, *linked)), np.zeros(0), tuple(range(6, 6 + links)))
        assert schmidt.link(own, 3).spread == pytest.approx((1 + joint_gamma(0.3, links)) / 2)


@pytest.mark.parametrize("links", [1, 2, 3])
def test_no_link_spreads_more_than_gamma_allows(links: int) -> None:
    for seed in range(5):
        found = schmidt.link(system(4, 2, links, 0.5, 4, seed), 4)
        assert 1 <= found.spread <= (1 + joint_gamma(0.5, links)) / 2 + 1e-9
        assert np.count_nonzero(found.schmidt > 1e-9) <= 2**links
        assert np.sum(found.schmidt**2) == pytest.approx(1)


def test_truncated_links_equal_brute_force() -> None:
    own = system(3, 2, 2, 0.8, 3, seed=2)
    found, circuit = schmidt.link(own, 3), bound(own.circuit, own.angles)
    first, last = own.links[0], own.links[-1] + 1
    u, values, v = np.linalg.svd(dense(Circuit(6, circuit.operations[:last])).reshape(8, 8))
    for kept in (1, 2, 3, 4):
        state = ((u[:, :kept] * values[:kept]) @ v[:kept]).reshape((2,) * 6)
        ended = schmidt.applied(state, circuit.operations[last:]).ravel()
        assert found.values[kept - 1] == pytest.approx(parity(ended) / np.sum(values[:kept] ** 2), abs=1e-10)
    assert last - first == 2
    exact = found.values[-1]
    assert np.all(np.abs(found.values[found.needed(ERROR) - 1 :] - exact) <= ERROR)
    assert found.needed(0.0) >= found.needed(ERROR) >= found.needed(2.0) == 1


# --- the ways ---


@pytest.mark.parametrize("method", METHODS)
def test_ways(method: str) -> None:
    if method == "mps":
        pytest.importorskip("quimb")
    task = Task(method, 3, 2, 3, frames="lean" if method == "shots" else "", rounds=2, repeats=2)
    found, value = measure(task), measure(replace(task, method="cut", frames="")).value
    assert found.why == ""
    assert found.value == pytest.approx(value, abs={"mps": ERROR, "shots": 0.02}.get(method, 1e-10))
    if method in ("state", "mps", "contraction", "cut"):
        assert 0 < found.low <= found.seconds <= found.high


def test_gates_of_a_matrix_product_state_are_those_of_the_circuit() -> None:
    mps = importlib.import_module("experiments.crossover.mps")
    own = system(3, 2, 2, 0.7, 2, seed=4)
    circuit = bound(own.circuit, own.angles)
    gates = tuple(Operation("unitary", qubits, matrix=matrix) for matrix, qubits in mps.fused(circuit))
    assert len(gates) < len(circuit.operations)
    np.testing.assert_allclose(dense(Circuit(6, gates)), dense(circuit), atol=1e-12)


def test_the_smallest_bond_is_the_first_that_is_right() -> None:
    pytest.importorskip("quimb")
    mps = importlib.import_module("experiments.crossover.mps")
    own = system(4, 2, 1, 0.5, 4, seed=1)
    circuit = bound(own.circuit, own.angles)
    value = parity(dense(circuit))
    found = mps.smallest(circuit, value, ERROR, patience=60.0)
    assert abs(found.value - value) <= ERROR
    below = mps.parity(mps.fused(circuit), 8, found.bond // 2, 60.0)
    assert abs(below.value - value) > ERROR
    assert mps.parity(mps.fused(circuit), 8, 64, 60.0).value == pytest.approx(value, abs=1e-9)


def test_what_takes_too_long_is_given_up() -> None:
    pytest.importorskip("quimb")
    found = measure(Task("mps", 4, 2, 4, patience=-1.0))
    assert found.seconds is None
    assert found.why == "too slow at bond dimension 2"


def test_fragments_with_many_legs_are_given_up() -> None:
    found = measure(Task("shots", 3, 3, 1, links=3, frames="lean"))
    assert (found.shots, found.why) == (None, "6 legs of a fragment are not tabulated")
    assert found.sampled_shots > found.uncut_shots


def test_stated_errors_are_seen() -> None:
    own = system(3, 2, 1, 0.3, 3, seed=1)
    exact = cutq.compile(own.network(), [own.observable])(own.angles)[0]
    found = [
        cutq.estimate(
            own.network(), own.observable, own.angles, runner=cutq.SimulatedRunner(seed), seed=seed, shots=4_000,
            frames="lean",
        )
        for seed in range(24)
    ]  # fmt: skip
    seen = math.sqrt(np.mean([(one.values[0] - exact) ** 2 for one in found]))
    stated = math.sqrt(np.mean([one.stderr[0] ** 2 for one in found]))
    assert seen == pytest.approx(stated, rel=0.45)  # three standard errors of 24 seeds
    uncut = math.sqrt((1 - exact**2) / 4_000)
    assert stated > uncut


# --- laws and projections ---


def test_laws_find_their_base() -> None:
    points = [(float(n), 3e-6 * 2.0**n, 0.0, 0.0) for n in range(10, 20)]
    law = rows.law(points, 12)
    assert (law.base, law.error) == pytest.approx((2.0, 0.0), abs=1e-9)
    assert law.width(3e-6 * 2.0**25) == pytest.approx(25)
    assert math.isnan(rows.law(points[:1], 12).base)


def test_the_projection_doubles_every_year() -> None:
    for maker, records in projection.RECORDS.items():
        dates = [one[0] for one in records]
        assert dates == sorted(dates)
        last, known = records[-1]
        assert projection.year(maker, known + 10) == pytest.approx(last + 10)


# --- what is kept ---


def test_what_is_kept_agrees() -> None:
    kept = rows.load(KEPT)
    for row in kept:
        assert row["gamma"] == pytest.approx(gamma(row["strength"], int(row["links"] * (row["modules"] - 1))), rel=1e-5)
        assert row["joint_gamma"] == pytest.approx(joint_gamma(row["strength"], int(row["links"])), rel=1e-5)
        if row["method"] in ("cut", "state", "link") and row["error"] == row["error"]:
            assert row["error"] < 1e-10
        if row["method"] == "contraction" and not row["why"]:
            assert row["error"] < 1e-8
        if row["method"] == "mps" and not row["why"]:
            assert row["error"] <= ERROR
        if row["method"] == "shots":
            assert row["sampled_shots"] > row["uncut_shots"]
            assert row["why"] or row["shots"] > row["uncut_shots"]
        if row["method"] == "link":
            assert row["spread"] <= (1 + row["joint_gamma"]) / 2 + 1e-5
        assert bool(row["why"]) == (row["method"] in rows.WAYS and not row["seconds"] > 0) or row["method"] == "shots"


def test_what_is_kept_grows_as_it_should() -> None:
    kept = rows.load(KEPT)
    found = rows.per_gate(kept)
    assert found.base == pytest.approx(2.0, abs=0.2)
    laws = rows.laws(kept)
    assert laws["state"].base == pytest.approx(10.0, rel=0.4)  # 8 for three more qubits, and more gates
    assert laws["cut"].base < laws["state"].base
    off = [row["off"] for row in kept if row["off"] == row["off"]]
    assert np.std(off) == pytest.approx(1.0, abs=0.2)


def test_what_is_kept_says_what_is_quoted() -> None:
    kept = rows.load(KEPT)
    assert 18 < rows.needed_from(kept, rows.RATES["fast"]).value < 22
    assert rows.exponent(kept)[0] == pytest.approx(2.0, abs=0.2)
    best = rows.fastest(kept)
    assert {best["deep", 1, n].method for n in (8, 12, 18)} == {"cut"}
    assert {best["shallow", links, 32].method for links in (1, 2, 3)} == {"contraction"}
    assert best["deep", 1, 24].method == "device"
    assert not best["deep", 1, 24].measured


def test_every_number_is_printed() -> None:
    text = report(rows.load(KEPT))
    assert "projection" in text
    assert "given up" in text


# --- figures ---


def test_figures_come_from_the_csv_alone(tmp_path: Path) -> None:
    check_regenerates(figure, HOME, tmp_path)


@pytest.mark.parametrize("name", figure.PANELS)
def test_labels(name: str) -> None:
    picture = figure.pictures(KEPT)[name]
    check_labels(picture)
    check_readable(picture)


def test_marks_are_within_the_axes() -> None:
    for picture in figure.pictures(KEPT).values():
        for axes in picture.axes:
            (left, right), (low, high) = sorted(axes.get_xlim()), sorted(axes.get_ylim())
            for line in axes.lines:
                x, y = np.asarray(line.get_xydata()).T
                assert np.all((left <= x) & (x <= right) & (low <= y) & (y <= high)), line.get_label()


def test_the_projection_says_that_it_is_one() -> None:
    axes = figure.pictures(KEPT)["projection"].axes[0]
    assert "Projection" in axes.get_title(loc="left")
    measured = {line.get_label() for line in axes.lines if line.get_markerfacecolor() != "none"}
    assert all("announced" in label for label in measured)


def test_the_page_takes_it() -> None:
    found = section(HOME)
    assert sorted(found.figures) == sorted(figure.PANELS)


@pytest.mark.long
def test_quick_mode(tmp_path: Path) -> None:
    pytest.importorskip("quimb")
    assert main(EXPERIMENT, tmp_path, ["--quick", "--into", str(tmp_path)]) == 0
    found = read(tmp_path / "results.csv")
    assert sorted(row["id"] for row in found) == sorted(digest(EXPERIMENT, task) for task in tasks("quick"))
    assert {row["method"] for row in found} == set(METHODS)
    with KEPT.open(newline="", encoding="utf-8") as file:
        assert tuple(found[0]) == tuple(next(csv.DictReader(file)))
    for picture in figure.pictures(tmp_path / "results.csv").values():
        check_labels(picture)
