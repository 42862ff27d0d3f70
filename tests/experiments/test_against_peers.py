"""Beside peers: counts follow their formulas, both sides agree, peers that are missing are named, and what is kept."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import cutq
from benchmarks.families import Case, bound, module_chain
from benchmarks.uncut import cone_tensors
from experiments.against_peers import alone, chains, contraction, figure, peers, plans, states, workflows
from experiments.against_peers import published as known
from experiments.against_peers.__main__ import EXPERIMENT
from experiments.against_peers.beside import Beside, counted, errors, timed
from experiments.against_peers.cases import FACTORIES, WANTED, case_of, grid, wanted
from experiments.against_peers.measure import PARTS, measure, record
from experiments.against_peers.rows import factor_per_cut, parsed, published_ratio, selected
from experiments.against_peers.tasks import Task, tasks
from experiments.harness import ExperimentError, digest, main, read
from experiments.report import section
from tests import oracle
from tests.experiments.figures import check_labels, check_readable, check_regenerates

HOME = Path(figure.__file__).parent


def _brute_force(case: Case, seed: int = 7) -> float:
    values = dict(zip(case.circuit.parameters, case.draw(seed), strict=True))
    return oracle.value(case.circuit, cutq.Observable(case.observables[0]), values)


# --- circuits ---


@pytest.mark.parametrize("cuts", [1, 2, 3])
def test_own_circuits_follow_their_formulas(cuts: int) -> None:
    assert workflows.num_circuits(case_of(f"gates K={cuts}")) == 2 * 5**cuts
    assert workflows.num_circuits(case_of(f"wires K={cuts}")) == 7 + 12 * (cuts - 1)


def test_circuits_of_chains_lines_and_clusters() -> None:
    case = case_of("chain n=4 K=6")
    assert chains.num_circuits(case, case.draw()) == 3 + 5 * 3 * 4 + 4 == 67
    for number, cuts in ((40, 3), (50, 4), (80, 7)):
        found = alone.lines(Task("lines", f"line {number} in 10s", "recombine", "circuits", "qTPU"))
        assert found.ours == 2 * 5 + (cuts - 1) * 25
    found = alone.clusters(Task("clusters", "clusters of 10", "value", "circuits", "qTPU"))
    assert found.ours == 2 * 25 + 8 * 625


@pytest.mark.parametrize("cuts", [1, 2])
def test_circuits_of_the_addon(cuts: int) -> None:
    pytest.importorskip("qiskit_addon_cutting")
    assert workflows.experiments(f"gates K={cuts}") == (2 * 6**cuts, 2 * 5**cuts)
    assert workflows.experiments(f"wires K={cuts}") == ((cuts + 1) * 8**cuts, 10 + 24 * (cuts - 1))


def test_circuits_of_pennylane() -> None:
    pytest.importorskip("pennylane")
    for cuts in (1, 2):
        case = module_chain(4, cuts)
        assert chains.cut_tapes(case, case.draw()) == 3 + 12 * (cuts - 1) + 4


def test_published_circuits_are_those_of_the_same_cuts() -> None:
    for number, cuts in ((40, 3), (50, 4)):
        assert known.published(f"line {number} in 10s", "recombine", "circuits", "addon") == (cuts + 1) * 6**cuts
    assert known.published("line 40 in 10s", "recombine", "circuits", "qTPU") == 2 * 6 + 2 * 36
    assert known.published("line 80 in 10s", "recombine", "circuits", "qTPU") == 2 * 6 + 6 * 36
    for size, fragments in ((10, 10), (18, 6)):
        found = known.published(f"clusters of {size}", "value", "circuits", "qTPU")
        assert found == 2 * 36 + (fragments - 2) * 36**2


# --- both sides agree ---


@pytest.mark.parametrize("name", ["gates K=1", "gates K=2", "wires K=1", "wires K=2"])
def test_workflows_agree_with_a_state_vector(name: str) -> None:
    pytest.importorskip("qiskit_addon_cutting")
    case, exact = case_of(name), _brute_force(case_of(name))
    assert workflows.value(case) == pytest.approx(exact, abs=1e-12)
    assert workflows.addon_value(*workflows.in_qiskit(case)) == pytest.approx(exact, abs=1e-12)


def test_chains_agree_with_a_state_vector() -> None:
    pytest.importorskip("pennylane")
    case = case_of("chain n=4 K=1")
    angles, exact = case.draw(7), _brute_force(case)
    value, gradient = states.uncut(case)
    assert value(angles) == pytest.approx(exact, abs=1e-12)
    assert cutq.compile(case.network(), case.observables)(angles)[0] == pytest.approx(exact, abs=1e-12)
    small = module_chain(2, 1)
    shifts, whole = chains.shift_gradient(small)(small.draw(7)), states.uncut(small)[1](small.draw(7))
    np.testing.assert_allclose(shifts, whole, rtol=0, atol=1e-12)
    assert gradient(angles).shape == angles.shape


def test_contraction_agrees_with_a_state_vector() -> None:
    case = module_chain(3, 1)
    value = contraction.contractions(case, case.draw(7), 0.1, compiled=False)["value"]()
    assert float(value) == pytest.approx(_brute_force(case), abs=1e-12)


def test_compiled_contraction_and_its_gradient() -> None:
    jax = pytest.importorskip("jax")
    case = module_chain(3, 1)
    value, slopes = contraction.contractions(case, case.draw(7), 0.1, compiled=True)["gradient"]()
    assert float(value) == pytest.approx(_brute_force(case), abs=1e-12)
    _, arrays, _ = cone_tensors(bound(case.circuit, case.draw(7)), case.observables[0])
    # The value is linear in every tensor, so that each of them with its derivative gives the value again.
    for array, slope in zip(arrays, slopes, strict=True):
        assert np.sum(np.asarray(slope) * array).real == pytest.approx(float(value), abs=1e-12)
    assert jax.numpy.zeros(1).dtype == np.float32  # double precision stays inside


def test_distributions_agree() -> None:
    case = case_of("ladder 10 in 3s")
    angles = case.draw(7)
    found = cutq.probabilities(case.network(), range(10), angles).reshape(-1)
    loop = alone._other(case, angles, "4^K loop")
    assert loop is not None
    np.testing.assert_allclose(found, loop(), rtol=0, atol=1e-14)
    pytest.importorskip("pennylane")
    np.testing.assert_allclose(found, states.distribution(case)(angles), rtol=0, atol=1e-12)


def test_small_clusters_agree_with_a_state_vector() -> None:
    assert alone.small_difference(7) < 1e-14


@pytest.mark.parametrize("name", ["EfficientSU2 12, 7", "QAOA cubic 16, 6"])
def test_uncut_values_of_planned_circuits_agree(name: str) -> None:
    pytest.importorskip("pennylane")
    circuit = wanted(name).circuit
    case = Case(circuit, cutq.CutPlan.uncut(), (f"Z{circuit.num_qubits // 2}",))
    contracted = float(plans._contracted(case, 0.1)())
    assert contracted == pytest.approx(plans._state(case, 0.1)(), abs=1e-12)


def test_known_optima() -> None:
    search = cutq.Search(merge_gates=False, joint=False)
    for name, gamma in (("EfficientSU2 12, 7", 9), ("EfficientSU2 100, 25", 729), ("grid 6x6 x4, 20", 3**12)):
        plan = cutq.find_cuts(wanted(name).circuit, wanted(name).width, objective="gamma", search=search)
        assert math.sqrt(plan.price.sampling_overhead) == pytest.approx(gamma)


def test_grids() -> None:
    circuit = grid(3, 4, 2)
    pairs = [op.qubits for op in circuit.operations if op.name == "cz"]
    assert sorted(pairs) == sorted([*((q, q + 1) for q in range(12) if q % 4 < 3), *((q, q + 4) for q in range(8))])


# --- ratios ---


def test_ratios_of_times() -> None:
    def busy(turns: int) -> object:
        return lambda: sum(range(turns))

    both = timed(busy(3_000), busy(30_000), 2, 2)
    assert both.ratio is not None
    assert both.ratio.low <= both.ratio.value <= both.ratio.high
    once = timed(busy(3_000), busy(30_000), 2, 1)
    assert once.ratio is not None
    assert math.isnan(once.ratio.low)
    single = timed(busy(3_000), None, 2, 0)
    assert single.ratio is not None
    assert math.isnan(single.theirs)
    assert single.ratio.value == pytest.approx(1 / single.ours)


def test_ratios_of_errors_and_their_interval() -> None:
    rng, covered = np.random.default_rng(1), 0
    for seed in range(60):
        ours, theirs = rng.normal(size=(60, 5)) ** 2, 9 * rng.normal(size=(20, 5)) ** 2
        found = errors(ours.mean(axis=1).tolist(), theirs.mean(axis=1).tolist(), seed)
        assert found.ratio is not None
        covered += found.ratio.low <= 3 <= found.ratio.high
    assert 60 * 0.8 <= covered <= 60


def test_a_published_number_takes_the_place_of_a_peer() -> None:
    task = Task("lines", "line 40 in 10s", "recombine", "circuits", "qTPU", peer_rounds=0)
    found = record(task, counted(60, math.nan))
    assert (found.kind, found.peer_value, found.published, found.peer_version) == ("published", 84, 84, "not run")
    assert found.ratio == found.low == found.high == pytest.approx(1.4)
    clock = Task("clusters", "clusters of 10", "value", "seconds", "cuTensorNet", peer_rounds=0)
    timing = record(clock, timed(lambda: sum(range(9_000)), None, 6, 0))
    assert timing.ratio == pytest.approx(8.0 / timing.cutq_value)
    silent = Task("plans", "grid 6x6 x4, 20", "plan", "gamma", "cotengra")
    nothing = record(silent, Beside(9.0, math.nan, None, remark="no answer"))
    assert (nothing.kind, nothing.ratio, nothing.peer_value, nothing.remark) == ("rerun", None, None, "no answer")


# --- tasks ---


@pytest.mark.parametrize("mode", ["quick", "medium", "full"])
def test_tasks(mode: str) -> None:
    found = list(tasks(mode))
    names = [(task.part, task.case, task.step, task.quantity, task.peer, task.shots) for task in found]
    assert len(set(names)) == len(names)
    assert {task.part for task in found} == set(PARTS)
    assert {task.case for task in found} <= {*FACTORIES, *WANTED, "EfficientSU2 8"}
    assert {task.peer for task in found} == set(peers.PEERS)
    for task in found:
        has = known.published(task.case, task.step, task.quantity, task.peer, task.shots) is not None
        assert has or task.peer_rounds > 0


def test_every_published_number_is_compared() -> None:
    compared = {(task.case, task.step, task.quantity, task.peer) for task in tasks("full")}
    assert set(known.NUMBERS) <= compared
    assert set(known.SOURCES) >= {key[3] for key in known.NUMBERS}


@pytest.mark.parametrize(
    ("module", "command"),
    [("QCut", 'pip install --no-deps "QCut==2.2.0"'), ("qiskit_addon_cutting", "pip install -e '.[peers]'")],
)
def test_a_missing_peer_is_named_before_anything_is_measured(
    module: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def absent(name: str, *_: object) -> object:
        if name == module:
            raise ExperimentError(f"{name} is missing; install it with: {command}")
        return object()

    monkeypatch.setattr(peers, "needed", absent)
    monkeypatch.setattr(peers, "find_spec", lambda name: None if name == module else object())
    peers.check.cache_clear()
    try:
        with pytest.raises(ExperimentError, match="is missing"):
            measure(next(iter(tasks("quick"))))
        assert main(EXPERIMENT, tmp_path, ["--quick", "--into", str(tmp_path)]) == 2
    finally:
        peers.check.cache_clear()
    assert command in capsys.readouterr().err
    assert not (tmp_path / "results.csv").exists()


def test_commands_name_extras_of_this_project() -> None:
    text = (HOME.parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    for extra in peers.EXTRAS.values():
        assert f"\n{extra} = [" in text


# --- what is kept ---


@pytest.mark.long
def test_quick_mode(tmp_path: Path) -> None:
    for module in (*peers.EXTRAS, "QCut"):
        pytest.importorskip(module)
    assert main(EXPERIMENT, tmp_path, ["--quick", "--into", str(tmp_path)]) == 0
    found = read(tmp_path / "results.csv")
    assert sorted(row["id"] for row in found) == sorted(digest(EXPERIMENT, task) for task in tasks("quick"))
    for row in parsed(found):
        assert not row["difference"] > 1e-6
        assert row["ratio"] > 0
    for picture in figure.pictures(tmp_path / "results.csv").values():
        check_labels(picture)


def test_what_is_kept_is_everything_that_can_be_rerun() -> None:
    kept = read(HOME / "results.csv")
    assert {row["id"] for row in kept} >= {digest(EXPERIMENT, task) for task in tasks("full")}


def test_what_is_kept_agrees() -> None:
    rows = parsed(read(HOME / "results.csv"))
    assert max(row["difference"] for row in rows if not math.isnan(row["difference"])) < 1e-6
    for row in rows:
        if not math.isnan(row["ratio"]) and row["quantity"] != "seconds":
            assert row["ratio"] == pytest.approx(row["peer_value"] / row["cutq_value"], rel=1e-4)
        if row["quantity"] in ("gamma", "circuits", "distinct circuits") and not math.isnan(row["ratio"]):
            assert row["ratio"] >= 1 - 1e-6  # no peer that cuts has fewer


def test_what_is_kept_has_the_known_numbers() -> None:
    rows = parsed(read(HOME / "results.csv"))
    for row in selected(rows, kind="rerun", quantity=("circuits", "distinct circuits")):
        if not math.isnan(row["published"]):
            assert row["peer_value"] == row["published"]
    (hea,) = selected(rows, case="EfficientSU2 100, 25", step="plan", quantity="gamma", peer="QCut")
    assert hea["peer_value"] == hea["cutq_value"] == hea["published"] == 729
    for row in selected(rows, part="shots", peer="addon", step="uncut"):
        assert row["peer_value"] == pytest.approx(row["published"], rel=0.5)
    for row in selected(rows, part="shots", peer="uncut"):
        assert row["peer_value"] == pytest.approx(row["published"], rel=0.25)
        assert row["ratio"] < 1  # cutting costs shots
    for kind, factor in (("gates", 6), ("wires", 12)):
        assert factor_per_cut(rows, kind, "circuits")[0] == pytest.approx(factor, rel=0.15)
    for row in selected(rows, kind="published"):
        assert published_ratio(row) == pytest.approx(row["ratio"], rel=0.05)


def test_figures_come_from_the_csv_alone(tmp_path: Path) -> None:
    check_regenerates(figure, HOME, tmp_path)


def test_labels() -> None:
    for picture in figure.pictures(HOME / "results.csv").values():
        check_labels(picture)
        check_readable(picture)


def test_the_page_has_it() -> None:
    found = section(HOME)
    assert set(found.figures) == set(figure.PANELS)
    assert found.paragraphs[0].endswith("?")
