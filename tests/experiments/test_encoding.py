"""Encodings: their states and counts by formula, cut against uncut, variances, the data, and what is kept."""

from __future__ import annotations

import csv
import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

import cutq
from cutq import Circuit
from experiments import report
from experiments.encoding import circuits, figure, rows
from experiments.encoding.__main__ import EXPERIMENT
from experiments.encoding.data import CLIP, TEST, TRAIN, data
from experiments.encoding.encodings import ENCODINGS, SCALES
from experiments.encoding.heads import BASELINES, with_products
from experiments.encoding.measure import measure
from experiments.encoding.tasks import Task, tasks
from experiments.encoding.values import (
    NARROW,
    fragments,
    light_cones,
    state,
    three_bases,
    variances,
    with_shots,
)
from experiments.harness import digest, main, read
from tests import oracle
from tests.experiments.figures import check_labels, check_readable, check_regenerates

HOME = Path(figure.__file__).parent
SMALL = [("angle", 12, 4), ("re-uploading", 32, 4), ("ZZ", 12, 3)]
"""Encodings, features and modules whose whole state is small."""


def samples(count: int, features: int) -> np.ndarray:
    return np.random.default_rng(3).uniform(-2, 2, (count, features))


def uploaded(encoding: str, x: np.ndarray) -> np.ndarray:
    """The state that one module's gates make of a row of features, (2**n,), by brute force."""
    own = ENCODINGS[encoding]
    wires = range(own.wires(len(x)))
    gates = own.upload(wires, own.angles(len(x), "x"), np.random.default_rng(0))
    named = {f"x{k}": float(angle) for k, angle in enumerate(own.columns(x[None])[0])}
    return oracle.statevector(Circuit(len(wires), tuple(gates)), named).reshape(-1)


def same_state(first: np.ndarray, second: np.ndarray) -> bool:
    """Up to a global phase."""
    return abs(abs(np.vdot(first, second)) - 1) < 1e-12


# --- what the gates make ---


@pytest.mark.parametrize("features", [2, 4, 8, 16])
def test_amplitudes_are_the_features(features: int) -> None:
    x = samples(1, features)[0]
    wanted = 1 + SCALES["amplitude"] * x
    np.testing.assert_allclose(uploaded("amplitude", x), wanted / np.linalg.norm(wanted), atol=1e-12)


@pytest.mark.parametrize("wires", [1, 2, 3, 5])
def test_amplitudes_take_gates_of_the_formula(wires: int) -> None:
    own = ENCODINGS["amplitude"]
    gates = own.upload(range(wires), own.angles(2**wires, "x"), np.random.default_rng(0))
    assert circuits.gates(Circuit(wires, tuple(gates))) == (2**wires - 1, max(2**wires - 2, 0))


def test_angle_is_a_product_of_turned_qubits() -> None:
    x = samples(1, 3)[0]
    wanted = np.ones(1)
    for one in SCALES["angle"] * x + math.pi / 2:
        wanted = np.kron(wanted, [math.cos(one / 2), math.sin(one / 2)])
    np.testing.assert_allclose(uploaded("angle", x), wanted, atol=1e-12)


def test_zz_is_the_map_of_havlicek() -> None:
    x = samples(1, 3)[0]
    points = math.pi + SCALES["ZZ"] * x
    bits = np.array(list(np.ndindex(2, 2, 2)))
    z = 1 - 2 * bits
    pairs = (math.pi - points[:-1]) * (math.pi - points[1:])
    phases = np.exp(-1j * (z @ points + (z[:, :-1] * z[:, 1:]) @ pairs))
    hadamards = (-1.0) ** (bits @ bits.T) / math.sqrt(8)
    wanted = phases * (hadamards @ (phases * (hadamards @ np.eye(8)[0])))
    assert same_state(uploaded("ZZ", x), wanted)


def test_basis_is_a_string_of_bits() -> None:
    x = samples(1, 4)[0]
    place = int("".join(str(int(one > 0)) for one in x), 2)
    assert same_state(uploaded("basis", x), np.eye(16)[place])


def test_reuploading_puts_four_features_on_a_qubit() -> None:
    assert [ENCODINGS["re-uploading"].wires(features) for features in (1, 2, 4, 8, 64)] == [1, 1, 1, 2, 16]
    case = circuits.split("re-uploading", 8, 1, False, 0)
    named = [name for op in case.circuit.operations for name in op.parameters]
    assert sorted(named) == sorted(2 * [f"m0_{k}" for k in range(8)])


# --- splits ---


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("linked", [False, True])
def test_values_are_those_of_the_whole_state(encoding: str, linked: bool) -> None:
    case = circuits.split(encoding, 8, 2, linked, 5)
    points = case.rows(samples(2, 8))
    observables = [cutq.Observable(one) for one in case.observables()]
    wanted = []
    for row in points:
        whole = oracle.statevector(case.circuit, dict(zip(case.circuit.parameters, row.tolist(), strict=True)))
        wanted.append([oracle.word_value(whole, one.terms[0][0]) for one in observables])
    for found in (fragments(case, points), light_cones(case, points), state(case, points)):
        np.testing.assert_allclose(found.table, wanted, atol=1e-10)


@pytest.mark.parametrize(
    ("encoding", "features", "modules"), [("angle", 12, 4), ("re-uploading", 32, 4), ("ZZ", 12, 3)]
)
def test_cut_values_are_uncut_values(encoding: str, features: int, modules: int) -> None:
    case = circuits.split(encoding, features, modules, True, 1)
    points = case.rows(samples(20, features))
    whole = state(case, points).table
    np.testing.assert_allclose(fragments(case, points).table[: len(whole)], whole, atol=1e-10)


def test_unlinked_modules_are_independent_circuits() -> None:
    x, case = samples(5, 6), circuits.split("angle", 6, 3, False, 2)
    found, wanted = fragments(case, case.rows(x)).table, []
    for m, block in enumerate(case.blocks):
        kept = [op for op in case.circuit.operations if set(op.qubits) <= set(block)]
        alone = Circuit(2, tuple(op.on(tuple(q - block[0] for q in op.qubits)) for op in kept))
        assert alone.parameters == tuple(f"m{m}_{k}" for k in range(2))
        columns = SCALES["angle"] * x[:, 2 * m : 2 * m + 2]
        wanted.append(cutq.compile(cutq.split(alone, cutq.CutPlan.uncut()), ["Z0", "Z1", "Z0 Z1"])(columns))
    np.testing.assert_allclose(found[:, :6], np.concatenate([one[:, :2] for one in wanted], axis=1), atol=1e-12)
    np.testing.assert_allclose(found[:, [6, 8, 10]], np.stack([one[:, 2] for one in wanted], axis=1), atol=1e-12)
    np.testing.assert_allclose(found[:, [7, 9]], found[:, [1, 3]] * found[:, [2, 4]], atol=1e-12)
    assert circuits.formula(3, False) == sum(map(len, cutq.variants(case.network(), case.observables(), np.ones(6))))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_links_are_all_that_linked_modules_have_more(encoding: str) -> None:
    apart, joined = (circuits.split(encoding, 16, 4, linked, 7) for linked in (False, True))
    crossing = [op for op in joined.circuit.operations if len({q // len(apart.blocks[0]) for q in op.qubits}) > 1]
    assert [op.name for op in crossing] == ["cz"] * 6
    left, right = (circuits.gates(case.circuit) for case in (apart, joined))
    assert (right[0] - left[0], right[1] - left[1]) == (6, 6)
    rest = iter(joined.circuit.operations)
    assert all(op in rest for op in apart.circuit.operations)  # in this order


@pytest.mark.parametrize("modules", [1, 2, 3, 4, 8])
def test_circuits_are_those_of_the_formula(modules: int) -> None:
    case = circuits.split("angle", 24, modules, True, 0)
    found = tuple(map(len, cutq.variants(case.network(), case.observables(), case.rows(samples(1, 24))[0])))
    assert found == ((1,) if modules == 1 else (3, *[12] * (modules - 2), 4))
    assert sum(found) == circuits.formula(modules, True)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_depth_is_that_of_qiskit(encoding: str) -> None:
    case = circuits.split(encoding, 8, 2, False, 0)
    assert circuits.depth(case) == cutq.to_qiskit(case.circuit).depth()


# --- shots ---


def test_variances_of_unlinked_modules_are_those_of_the_estimate() -> None:
    case = circuits.split("angle", 6, 3, False, 4)
    points = case.rows(samples(1, 6))
    stated = variances(case, fragments(case, points).table, points, 0)[0]
    total = 300_000
    found = cutq.estimate(
        case.network(), case.observables(), points[0], runner=cutq.SimulatedRunner(0), shots=total, allocation="uniform"
    )
    np.testing.assert_allclose(total * found.stderr**2, stated, rtol=0.02, atol=0.02)


def test_variances_of_linked_modules_are_seen() -> None:
    case = circuits.split("angle", 4, 2, True, 4)
    points = case.rows(samples(1, 4))
    exact, stated = fragments(case, points).table[0], variances(case, np.zeros((1, 7)), points, 0)[0]
    deviations = [
        cutq.estimate(
            case.network(), case.observables(), points[0], runner=cutq.SimulatedRunner(seed), shots=7000,
            allocation="uniform", seed=seed,
        ).values - exact
        for seed in range(60)
    ]  # fmt: skip
    assert 7000 * np.mean(np.square(deviations)) == pytest.approx(float(np.mean(stated)), rel=0.2)


def test_shots_widen_values_as_they_should() -> None:
    table = np.zeros((20_000, 2))
    found = with_shots(table, np.array([[4.0, 0.0]]), 100, 0)
    assert found[:, 0].std() == pytest.approx(0.2, rel=0.02)
    assert not found[:, 1].any()


def test_three_bases_take_three_times_the_circuits() -> None:
    case = circuits.split("ZZ", 4, 2, False, 0)
    points = case.rows(samples(3, 4))
    first = fragments(case, points).table
    table, variance = three_bases(case, points, first)
    assert table.shape == variance.shape == (3, 21)
    np.testing.assert_allclose(variance[:, :4], 6 * (1 - first[:, :4] ** 2), atol=1e-12)
    assert np.sum(table[:, [0, 7, 14]] ** 2, axis=1).max() <= 1 + 1e-12  # the Bloch vector of a qubit


# --- data and heads ---


def test_labels_of_products_are_signs_of_sums() -> None:
    own = data("products", 4, 1)
    x = own.scaled
    assert x.shape == (TRAIN + TEST, 4)
    np.testing.assert_array_equal(own.labels, x[:, 0] * x[:, 2] + x[:, 1] * x[:, 3] > 0)
    assert abs(own.labels.mean() - 0.5) < 0.05
    assert np.abs(own.x).max() <= CLIP


def test_products_are_those_of_different_modules() -> None:
    table = np.array([[2.0, 3.0, 5.0, 0.0, 0.0]])
    found = with_products(table, (range(2), range(2, 3)))
    np.testing.assert_array_equal(found, [[2, 3, 5, 0, 0, 10, 15]])


def test_components_keep_the_distances_of_images() -> None:
    pytest.importorskip("sklearn")
    from sklearn.datasets import load_digits

    own = data("digits", 64, 0)
    pixels = load_digits().data
    sums = np.sort(np.sum((pixels - pixels.mean(axis=0)) ** 2, axis=1))
    kept = own.scaled - own.scaled.mean(axis=0)
    np.testing.assert_allclose(np.sort(np.sum(kept**2, axis=1)), sums, rtol=1e-9)
    np.testing.assert_allclose(own.plain[:TRAIN].mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(own.plain[:TRAIN, :32].std(axis=0), 1, atol=1e-9)
    assert np.bincount(own.labels[TRAIN:]).min() >= 50  # of ten classes, 540 rows


def test_baselines_are_where_they_are_known_to_be() -> None:
    pytest.importorskip("sklearn")
    found = {name: measure(Task("digits", name, "", 64, 1)).accuracy for name in BASELINES}
    assert 0.95 <= found["logistic"] <= 0.98
    assert found["RBF-SVM"] >= 0.98


@pytest.mark.parametrize("arm", ["unlinked", "linked"])
def test_a_row(arm: str) -> None:
    pytest.importorskip("sklearn")
    found = measure(Task("products", arm, "angle", 4, 4, shots=10**9))
    assert found.circuits == found.formula == (31 if arm == "linked" else 4)
    assert found.with_shots == pytest.approx(found.accuracy, abs=0.02)  # so many shots change little
    assert (found.with_products is None, found.deviation is None) == (arm == "linked", arm == "unlinked")


def test_a_sum_of_far_products_needs_more_than_separate_modules() -> None:
    pytest.importorskip("sklearn")
    apart, joined = (measure(Task("products", arm, "angle", 4, 4, seed=1)) for arm in ("unlinked", "linked"))
    assert abs(apart.accuracy - 0.5) < 0.07  # a coin
    assert joined.accuracy > 0.55
    assert apart.with_products > joined.accuracy


# --- statistics ---


def test_intervals_cover_the_mean() -> None:
    rng = np.random.default_rng(1)
    found = [rows.mean(rng.normal(size=6)) for _ in range(300)]
    assert 0.88 <= np.mean([one.low <= 0 <= one.high for one in found]) <= 0.97
    wide = rows.mean(rng.normal(size=400))
    assert wide.high - wide.low == pytest.approx(2 * 1.96 / 20, rel=0.15)


def test_differences_are_paired() -> None:
    first, second = {0: 0.9, 1: 0.7, 2: 0.5}, {0: 0.8, 1: 0.6, 3: 0.1}
    found = rows.gain(first, second)
    assert (found.low, found.value, found.high) == pytest.approx((0.1, 0.1, 0.1))
    assert rows.gain({}, second) is None


# --- the command, and what is kept ---


@pytest.mark.long
def test_quick_mode(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    assert main(EXPERIMENT, tmp_path, ["--quick", "--into", str(tmp_path)]) == 0
    kept = read(tmp_path / "results.csv")
    assert sorted(row["id"] for row in kept) == sorted(digest(EXPERIMENT, task) for task in tasks("quick"))
    assert {row["way"] for row in kept} == {"", "fragments", "light cones"}
    check_laws(kept)
    for picture in figure.pictures(tmp_path / "results.csv").values():
        check_labels(picture)


def test_what_is_kept_is_full_and_obeys_the_laws() -> None:
    kept = read(HOME / "results.csv")
    assert sorted(row["id"] for row in kept) == sorted(digest(EXPERIMENT, task) for task in tasks("full"))
    check_laws(kept)


def check_laws(kept: list[dict[str, str]]) -> None:
    for row in kept:
        assert row["circuits"] == row["formula"]
        assert float(row["deviation"] or 0) < 1e-10
        if row["circuits"]:
            linked = row["arm"] == "linked"
            assert int(row["formula"]) == circuits.formula(int(row["modules"]), linked)
            assert (row["way"] == "fragments") == (int(row["width"]) <= NARROW)


def test_what_is_kept_says_what_the_page_says() -> None:
    kept = parsed()
    logistic, kernel = (
        np.mean(list(rows.series(kept, "accuracy", data="digits", arm=arm, features=64).values())) for arm in BASELINES
    )
    assert 0.95 <= logistic <= 0.975
    assert kernel >= 0.98
    best = max(np.mean(list(own.values())) for own in quantum(kept) if own)
    assert best < kernel
    found = {name: rows.signs(one[name] for one in rows.cells(kept, "digits")) for name in ("linked", "linked, shots")}
    assert found == {"linked": (18, 52, 12), "linked, shots": (0, 26, 47)}


def quantum(kept: list[rows.Row]) -> list[rows.Series]:
    cells = {(row["arm"], row["encoding"], row["features"], row["modules"]) for row in kept if row["encoding"]}
    names = ("arm", "encoding", "features", "modules")
    return [rows.series(kept, "accuracy", data="digits", **dict(zip(names, cell, strict=True))) for cell in cells]


@cache
def parsed() -> list[rows.Row]:
    with (HOME / "results.csv").open(newline="", encoding="utf-8") as file:
        return rows.parsed(csv.DictReader(file))


def test_report_of_rows_has_no_gaps() -> None:
    text = rows.report([row for row in parsed() if row["features"] <= 8])
    assert "points above unlinked" in text
    assert len(text.splitlines()) > 100


def test_figures_come_from_the_csv_alone(tmp_path: Path) -> None:
    check_regenerates(figure, HOME, tmp_path)


@pytest.fixture(scope="module")
def pictures() -> dict[str, Figure]:
    return figure.pictures(HOME / "results.csv")


@pytest.mark.parametrize("name", figure.PANELS)
def test_labels(name: str, pictures: dict[str, Figure]) -> None:
    check_labels(pictures[name])
    check_readable(pictures[name])


def test_the_page_of_all_experiments_has_these_figures() -> None:
    assert set(report.section(HOME).figures) == set(figure.PANELS)
