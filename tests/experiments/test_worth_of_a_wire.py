"""The worth of a wire: laws of rows of modules, of their classical bounds and of their price, and what is kept."""

from __future__ import annotations

import csv
import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import cutq
from cutq import Composition, Observable
from cutq.compose.physics import ising_energy, product_energy
from experiments.harness import digest, main, read
from experiments.report import section
from experiments.worth_of_a_wire import figure, images, ising, rows
from experiments.worth_of_a_wire.__main__ import EXPERIMENT
from experiments.worth_of_a_wire.bonds import least_energy, segments
from experiments.worth_of_a_wire.line import QUBITS, Line, joined, nudge
from experiments.worth_of_a_wire.price import cut_shots, energy_text, parameters, sites, uncut_shots
from experiments.worth_of_a_wire.tasks import ARMS, Task, tasks
from tests.experiments.figures import check_labels, check_readable, check_regenerates
from tests.oracle import statevector, word_value

HOME = Path(figure.__file__).parent
LINES = [Line(2, 0), Line(2, 1), Line(2, 2), Line(3, 1), Line(2, 1, "link"), Line(2, 2, "link"), Line(3, 1, "link")]


def drawn(line: Line, seed: int = 3) -> Composition:
    """A line of blocks with random weights."""
    whole, rng = joined(line, [ising.block()] * line.modules), np.random.default_rng(seed)
    whole.assign({one.name: rng.uniform(-1.5, 1.5, one.shape) for one in whole.weights})
    return whole


def state(whole: Composition, line: Line) -> np.ndarray:
    """Brute force: the state of the sites in their order, (2**sites,)."""
    network = cutq.split(whole.circuit(), cutq.CutPlan.uncut())
    values = dict(zip(network.parameters, parameters(whole, network), strict=True))
    return statevector(whole.circuit(), values).transpose(sites(whole, line)).ravel()


@cache
def dense(num_sites: int, field: float) -> np.ndarray:
    """The Hamiltonian as a matrix, with products of 2 x 2 matrices."""
    x, z = np.array([[0.0, 1.0], [1.0, 0.0]]), np.diag([1.0, -1.0])

    def word(letters: dict[int, np.ndarray]) -> np.ndarray:
        found = np.eye(1)
        for site in range(num_sites):
            found = np.kron(found, letters.get(site, np.eye(2)))
        return found

    bonds = sum(word({j: z, j + 1: z}) for j in range(num_sites - 1))
    return -bonds - field * sum(word({j: x}) for j in range(num_sites))


# --- rows of modules ---


@pytest.mark.parametrize("line", LINES, ids=str)
def test_energy_from_fragments_is_that_of_the_whole_state(line: Line) -> None:
    whole = drawn(line)
    psi = state(whole, line)
    if line.qubits <= 8:
        expected = float((psi.conj() @ dense(line.qubits, 0.7) @ psi).real)
        assert ising.energy(whole, line, 0.7) == pytest.approx(expected, abs=1e-10)
    one_piece = float(whole.compile([ising.output(line, 0.7)], line.qubits)()[0])
    assert ising.energy(whole, line, 0.7) == pytest.approx(one_piece, abs=1e-10)


@pytest.mark.parametrize("line", LINES, ids=str)
def test_w_wires_are_cut_at_each_border(line: Line) -> None:
    whole = drawn(line)
    network = whole.network(line.width)
    assert len(network.fragments) == line.modules
    assert max(network.widths) == line.width
    assert len(network.bonds) == line.wires * (line.modules - 1)
    assert network.gamma == pytest.approx(4.0 ** (line.wires * (line.modules - 1)))


@pytest.mark.parametrize("line", [one for one in LINES if one.modules == 2], ids=str)
def test_schmidt_rank_at_a_cut_is_at_most_two_to_the_w(line: Line) -> None:
    psi = state(drawn(line), line)
    for first in (QUBITS + line.wires, QUBITS - line.wires) if line.joint == "glue" else (QUBITS - line.wires,):
        values = np.linalg.svd(psi.reshape(2**first, -1), compute_uv=False)
        assert int((values > 1e-10).sum()) == 2**line.wires


@pytest.mark.parametrize("line", [one for one in LINES if one.wires], ids=str)
def test_opened_wires_change_nothing_at_first(line: Line) -> None:
    block = ising.block().with_weights({"theta": np.linspace(-1, 1, 28)})
    opened, shut = (joined(one, [block] * line.modules) for one in (line, Line(line.modules, 0)))
    expected = ising.energy(shut, Line(line.modules, 0), 1.3)
    assert ising.energy(opened, line, 1.3) == pytest.approx(expected, abs=1e-12)


def test_training_moves_what_is_not_frozen_and_only_that() -> None:
    line, block = Line(2, 1), ising.pretrained(1.0, 0)
    whole = joined(line, [block] * 2, frozen=True)
    nudge(whole, 0)
    before = {one.name: one.values.copy() for one in whole.weights}
    ising.minimised(whole, line, 1.0, 5)
    moved = {one.name for one in whole.weights if not np.array_equal(one.values, before[one.name])}
    assert moved == {"g0.theta"}


# --- energies ---


def test_text_of_the_hamiltonian_is_its_matrix() -> None:
    text = ising.hamiltonian(4, 0.7, lambda letter, site: f"{letter}{site}")
    psi = np.random.default_rng(0).normal(size=16)
    expected = sum(weight * word_value(psi.reshape(2, 2, 2, 2), word) for word, weight in Observable(text).terms)
    assert psi @ dense(4, 0.7) @ psi == pytest.approx(expected, abs=1e-10)
    assert np.linalg.eigvalsh(dense(4, 0.7))[0] == pytest.approx(ising_energy(4, 0.7), abs=1e-10)


@pytest.mark.parametrize("field", [0.5, 1.0, 1.5])
def test_blocks_alone_reach_their_ground_states(field: float) -> None:
    """So that without wires the error is that of the missing bonds: blocks are even, <Z> is 0 at their ends."""
    block, line = ising.pretrained(field, 0), Line(2, 0)
    found = ising.energy(joined(line, [block] * 2), line, field)
    assert found == pytest.approx(2 * ising_energy(4, field), abs=1e-4)


def test_training_goes_down_from_blocks_as_they_are() -> None:
    for line in (Line(2, 0), Line(2, 1), Line(2, 1, "link")):
        frozen, tuned = (ising.trained(line, 1.0, frozen=one, steps=30, seed=1) for one in (True, False))
        shut = joined(Line(2, 0), [ising.pretrained(1.0, 1)] * 2)
        energies = [ising.energy(frozen, line, 1.0), ising.energy(tuned, line, 1.0)]
        assert max(energies) <= ising.energy(shut, Line(2, 0), 1.0) + 1e-12
        assert min(energies) >= ising_energy(8, 1.0) - 1e-12


# --- classical bounds ---


def test_bonds_of_one_between_sites_are_mean_field() -> None:
    for field in (0.4, 1.0, 2.5):
        assert least_energy((1,) * 6, field, 1) == pytest.approx(product_energy("tfim", 6, field), abs=1e-7)


def test_mean_field_of_a_long_chain_costs_what_the_formula_says() -> None:
    """``-1 - field**2 / 4`` for each site, from ``-cos(t)**2 - field sin(t)``."""
    for field in (0.5, 1.0, 1.5):
        each = (product_energy("tfim", 60, field) - product_energy("tfim", 40, field)) / 20
        assert each == pytest.approx(-1 - field**2 / 4, abs=1e-6)


def test_bonds_that_are_wide_enough_give_the_ground_state() -> None:
    for lengths, bond in (((3, 3), 8), ((2, 2, 2), 4)):
        assert least_energy(lengths, 0.8, bond, starts=2) == pytest.approx(ising_energy(6, 0.8), abs=1e-9)
    energies = [least_energy((3, 3), 1.0, bond) for bond in (1, 2, 4)]
    assert energies == sorted(energies, reverse=True)


def test_bonds_of_one_between_blocks_are_cluster_mean_field() -> None:
    """Two blocks in the field of each other's last spin, one after the other until nothing changes."""
    block, z = dense(4, 1.0), np.diag(np.kron(np.ones(8), [1.0, -1.0]))
    mean = 1.0
    for _ in range(2000):
        vector = np.linalg.eigh(block - mean * z)[1][:, 0]
        mean = float(vector @ z @ vector)
    energy = 2 * float(vector @ block @ vector) - mean**2
    assert least_energy((4, 4), 1.0, 1) == pytest.approx(energy, abs=1e-9)


def test_segments_end_where_wires_are_cut() -> None:
    assert [segments(4, wires) for wires in (0, 1, 2)] == [(4, 4, 4, 4), (5, 4, 4, 3), (6, 4, 4, 2)]


# --- price ---


@pytest.mark.parametrize("line", [Line(2, 1), Line(2, 1, "link")], ids=str)
def test_shots_of_one_piece_follow_from_its_state(line: Line) -> None:
    whole, field = drawn(line), 1.2
    psi, x_part = state(whole, line), dense(8, 1.0) - dense(8, 0.0)
    parts = (dense(8, 0.0), field * x_part)
    spreads = [math.sqrt(np.vdot(one @ psi, one @ psi).real - np.vdot(psi, one @ psi).real ** 2) for one in parts]
    assert uncut_shots(whole, line, field).variance == pytest.approx(sum(spreads) ** 2, rel=1e-9)
    network = cutq.split(whole.circuit(), cutq.CutPlan.uncut())
    found = cutq.estimate(network, [energy_text(whole, line, field)], parameters(whole, network),
                          runner=cutq.SimulatedRunner(1), shots=100_000, seed=1)  # fmt: skip
    assert found.shots * found.stderr[0] ** 2 == pytest.approx(sum(spreads) ** 2, rel=0.1)


def test_shots_of_fragments_are_those_of_spread_estimates() -> None:
    line, field = Line(2, 1), 1.0
    whole = drawn(line)
    stated, network = cut_shots(whole, line, field, 0), whole.network(line.width)
    text, params = energy_text(whole, line, field), parameters(whole, network)
    assert stated.circuits == sum(map(len, cutq.variants(network, [text], params)))
    total, exact = 1000 * stated.circuits, ising.energy(whole, line, field)
    deviations = [
        cutq.estimate(network, [text], params, runner=cutq.SimulatedRunner(seed), shots=total, seed=seed).values[0]
        - exact
        for seed in range(30)
    ]
    seen = total * np.mean(np.square(deviations))
    assert seen == pytest.approx(stated.variance, rel=0.5)  # two standard deviations of 30 squares


def test_total_errors_meet_at_the_crossing() -> None:
    shut = {"error": 0.05, "ground": 20.0, "variance": 200.0, "uncut_variance": 50.0, "circuits": 8}
    opened = {"error": 0.01, "ground": 20.0, "variance": 1e6, "uncut_variance": 50.0, "circuits": 62}
    shots = rows.crossing(shut, opened)
    assert rows.total_error(shut, shots) == pytest.approx(rows.total_error(opened, shots), rel=1e-9)
    assert rows.crossing(shut, opened, "uncut_variance") == 100
    assert rows.crossing(shut, opened | {"variance": 300.0}) == 50 * 62
    assert rows.crossing(opened, shut) == math.inf
    gained = 0.04
    shots = rows.shots_to_see(opened, gained)
    assert math.sqrt(1e6 / shots) == pytest.approx(gained * opened["ground"])


# --- digits ---


def test_opened_wires_of_readers_change_nothing_at_first() -> None:
    pytest.importorskip("sklearn")
    inputs, _ = images.images("train", 5)
    modules = [images.quarter(k) for k in range(4)]
    expected = images.seen(images.eyes(Line(4, 0), modules), 4, inputs)
    assert expected.shape == (5, 40)
    for line in (Line(4, 1), Line(4, 2), Line(4, 1, "link")):
        found = images.seen(images.eyes(line, modules), line.width, inputs)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_what_heads_see_of_fragments_is_what_they_see_of_one_piece() -> None:
    pytest.importorskip("sklearn")
    line = Line(4, 1)
    parts = images.eyes(line, [images.quarter(k) for k in range(4)])
    nudge(parts, 5)
    inputs, _ = images.images("train", 1)
    found, whole = (images.seen(parts, width, inputs) for width in (line.width, line.qubits))
    np.testing.assert_allclose(found, whole, rtol=0, atol=1e-10)


def test_bootstrap_intervals_hold_the_mean() -> None:
    found = rows.bootstrapped([0.90, 0.92, 0.94])
    assert found.low == pytest.approx(0.90)
    assert found.high == pytest.approx(0.94)
    assert found.value == pytest.approx(0.92)
    assert rows.bootstrapped([0.5]) == rows.Value(0.5, 0.5, 0.5)


# --- the command, and what is kept ---


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_quick_mode(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    pytest.importorskip("optax")
    assert main(EXPERIMENT, tmp_path, ["--quick", "--into", str(tmp_path)]) == 0
    found = read(tmp_path / "results.csv")
    assert sorted(line["id"] for line in found) == sorted(digest(EXPERIMENT, task) for task in tasks("quick"))
    for picture in figure.pictures(tmp_path / "results.csv").values():
        check_labels(picture)


def test_every_mode_has_every_method() -> None:
    for mode in ("quick", "medium", "full"):
        found: list[Task] = list(tasks(mode))
        assert {task.method for task in found if task.system == "ising"} == set(ARMS)
        assert {task.wires for task in found} == {0, 1, 2}
        assert len({digest(EXPERIMENT, task) for task in found}) == len(found)


@cache
def kept() -> list[rows.Row]:
    with (HOME / "results.csv").open(newline="", encoding="utf-8") as file:
        return rows.parsed(csv.DictReader(file))


def test_what_is_kept_obeys_the_laws() -> None:
    chains = rows.selected(kept(), system="ising")
    assert {row["field"] for row in chains} >= {0.5, 1.0, 1.5}
    for row in chains:
        assert row["error"] > -1e-9
        settings = {"system": "ising", "field": row["field"], "blocks": row["blocks"]}
        bound = rows.selected(chains, **settings, method="classical", wires=row["wires"])[0]
        if row["method"] not in ("classical", "mean field"):
            assert row["error"] >= bound["error"] - 1e-6
            assert row["gamma"] == 4.0 ** (row["wires"] * (row["blocks"] - 1))
        assert not row["apart"] > 1e-9


def test_what_is_kept_of_blocks_alone_is_known() -> None:
    for row in rows.selected(kept(), system="ising", method="frozen glue", wires=0):
        whole = ising_energy(QUBITS * int(row["blocks"]), row["field"])
        apart = row["blocks"] * ising_energy(QUBITS, row["field"])
        assert row["error"] == pytest.approx((apart - whole) / abs(whole), abs=2e-5)


def test_what_is_kept_gains_by_training_and_by_wires() -> None:
    chains = rows.selected(kept(), system="ising")
    for row in chains:
        same = {name: row[name] for name in ("system", "field", "blocks", "seed")}
        if row["method"] in rows.FRAGMENTS:
            shut = rows.selected(chains, **same, method="frozen glue", wires=0)[0]
            assert row["error"] <= shut["error"] + 1e-9
        if row["method"] == "frozen glue":
            tuned = rows.selected(chains, **same, method="tuned glue", wires=row["wires"])[0]
            assert tuned["error"] <= row["error"] + 1e-4


def test_the_numbers_print() -> None:
    text = rows.report(kept())
    assert "nan" not in "".join(line for line in text.splitlines() if line.startswith("  tuned"))


def test_figures_come_from_the_csv_alone(tmp_path: Path) -> None:
    check_regenerates(figure, HOME, tmp_path)


def test_the_page_has_the_figures_with_values() -> None:
    found = section(HOME)
    assert set(found.figures) == set(figure.PANELS)
    assert all("data-tip" in one for one in found.figures.values())


@pytest.mark.parametrize("name", figure.PANELS)
def test_labels(name: str) -> None:
    picture = figure.pictures(HOME / "results.csv")[name]
    check_labels(picture)
    check_readable(picture)
