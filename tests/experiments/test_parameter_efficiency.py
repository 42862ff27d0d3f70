"""Parameter efficiency: what modules say against dense simulation, who can know parity, counts, statistics, figures."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

import cutq
from cutq.compose.physics import ising_energy, ising_states
from cutq.compose.scores import numbers
from experiments.harness import digest, main, read
from experiments.parameter_efficiency import arms, baselines, bootstrap, figure, forms, problems, rows, training
from experiments.parameter_efficiency.__main__ import EXPERIMENT
from experiments.parameter_efficiency.bootstrap import Interval, correlated, rank_correlation, resampled
from experiments.parameter_efficiency.encoder import PAIRS, READS, WEIGHTS, Form, encoder
from experiments.parameter_efficiency.measure import measure
from experiments.parameter_efficiency.tasks import MODULES, PLAIN, VARIANTS, Task, tasks
from experiments.parameter_efficiency.training import Arm, features, fresh
from experiments.pretrain.digits import patch_encoder
from experiments.report import section
from tests.experiments.figures import check_labels, check_readable, check_regenerates

HOME = Path(figure.__file__).parent
STRINGS = np.array(list(itertools.product((0.0, 1.0), repeat=8)))
SIGNS = 1 - 2 * (STRINGS.sum(axis=1) % 2)
TURNS = {"rx": np.array([[0, 1], [1, 0]]), "ry": np.array([[0, -1j], [1j, 0]]), "rz": np.diag([1, -1])}


def random_arm(form: Form, reads: int = 10) -> Arm:
    return Arm("quantum", "random", reads, form, 0, 0)


def bits_of_copies() -> np.ndarray:
    return np.take(STRINGS.reshape(-1, 2, 4), np.arange(problems.INPUTS) % 4, axis=2)


@pytest.fixture(scope="module")
def kept() -> list[arms.Row]:
    return arms.parsed(read(HOME / "results.csv"))


# --- the encoder ---


def dense(module: cutq.Module, x: np.ndarray, start: int = 0) -> np.ndarray:
    """The state of four qubits, gate by gate as matrices of all of them."""
    known = {one.name: one.values for one in module.weights}
    angles = {f"input_{k}": known["scale"][k] * x[k] + known["shift"][k] for k in range(16)}
    angles |= {f"turn[{a},{b}]": known["turn"][a, b] for a in range(5) for b in range(4)}
    state = np.zeros(16, dtype=complex)
    state[start] = 1
    for op in module.body.operations:
        if op.name == "cx":
            places = np.arange(16)
            control, target = (3 - q for q in op.qubits)
            state = state[places ^ ((places >> control & 1) << target)]
        else:
            half = angles[op.parameters[0]] / 2
            gate = np.cos(half) * np.eye(2) - 1j * np.sin(half) * TURNS[op.name]
            state = np.einsum("ij,ajb->aib", gate, state.reshape(2 ** op.qubits[0], 2, -1)).ravel()
    return state


def read_off(state: np.ndarray) -> np.ndarray:
    z = 1 - 2 * (np.arange(16)[:, None] >> np.arange(3, -1, -1) & 1)
    words = [*z.T, *(z[:, a] * z[:, b] for a, b in itertools.combinations(range(4), 2))]
    return np.array([abs(state) ** 2 @ word for word in words])


@pytest.mark.parametrize(("entangler", "rounds", "axis"), VARIANTS)
def test_forms_have_equal_weights_and_agree_with_dense_simulation(entangler: str, rounds: int, axis: str) -> None:
    form = Form(entangler, rounds, axis)
    module = encoder(form, 10, seed=3)
    assert sum(one.size for one in module.weights) == WEIGHTS == 52
    assert sum(op.name == "cx" for op in module.body.operations) == rounds * len(PAIRS[entangler])
    x = np.random.default_rng(0).uniform(size=(2, 1, 16))
    found = features(random_arm(form), module, x)
    np.testing.assert_allclose(found, [read_off(dense(module, one[0])) for one in x], atol=1e-12)


def test_the_plain_form_is_the_published_encoder() -> None:
    mine, known = encoder(Form(), 10, seed=5), patch_encoder(5)
    assert [(op.name, op.qubits) for op in mine.body.operations] == [
        (op.name, op.qubits) for op in known.body.operations
    ]
    x = np.random.default_rng(4).uniform(size=(3, 1, 16))
    np.testing.assert_allclose(features(random_arm(Form()), mine, x), numbers(known, x[:, 0]), atol=1e-12)
    for one, other in zip(mine.weights, known.weights, strict=True):
        np.testing.assert_array_equal(one.values, other.values)


def test_without_two_qubit_gates_pairs_are_products() -> None:
    form = Form("none")
    x = np.random.default_rng(1).uniform(size=(5, 1, 16))
    found = features(random_arm(form), encoder(form, 10, 1), x)
    singles = [found[:, a] * found[:, b] for a, b in itertools.combinations(range(4), 2)]
    np.testing.assert_allclose(found[:, 4:], np.transpose(singles), atol=1e-12)
    assert cutq.entangling_capability(encoder(form, 10, 1)) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("copies", [1, 2, 3])
def test_a_chain_says_the_same_cut_and_uncut(copies: int) -> None:
    arm = random_arm(Form(joined=True))
    x = np.random.default_rng(2).uniform(size=(3, copies, 16))
    cut, whole = (features(arm, fresh(arm, 4), x, width) for width in (4, 1 + 3 * copies))
    np.testing.assert_allclose(cut, whole, atol=1e-12)


def test_one_copy_is_no_chain() -> None:
    x = np.random.default_rng(3).uniform(size=(4, 1, 16))
    joined, alone = (random_arm(Form(joined=one)) for one in (True, False))
    np.testing.assert_allclose(features(joined, fresh(joined, 2), x), features(alone, fresh(alone, 2), x), atol=1e-12)


# --- parity ---


@pytest.mark.parametrize("form", [Form(), Form("none"), Form("chain", 2, "x")])
def test_no_sum_over_copies_side_by_side_knows_parity(form: Form) -> None:
    """What a copy says depends on half of the bits, so that over all strings it is orthogonal to the parity."""
    found = features(random_arm(form), encoder(form, 10, 7), bits_of_copies())
    np.testing.assert_allclose(SIGNS @ found / len(SIGNS), 0, atol=1e-12)


def test_a_wire_carries_parity_into_what_the_last_copy_says() -> None:
    arm = random_arm(Form(joined=True))
    found = abs(SIGNS @ features(arm, encoder(arm.form, 10, 7), bits_of_copies())) / len(SIGNS)
    np.testing.assert_allclose(found[:10], 0, atol=1e-12)
    assert found[10:].max() > 1e-3


@pytest.mark.parametrize("bits", baselines.LENGTHS)
def test_the_published_cell_is_exact_at_any_length(bits: int) -> None:
    assert baselines.longer_parity(bits, seed=1) == 1.0
    assert baselines.published("parity", 3) == baselines.strong("parity", 3) == 1.0


# --- problems ---


def test_halves_of_parity_are_all_strings() -> None:
    found = problems.problem("parity", 4)
    both = np.concatenate([found.train.raw, found.test.raw])
    assert len(np.unique(both, axis=0)) == 256
    np.testing.assert_array_equal(found.train.labels, found.train.raw.sum(axis=1) % 2)


def test_snapshots_have_the_correlations_of_the_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(problems, "SNAPSHOTS", 20_000)
    state = ising_states(problems.SITES, [0.8])
    rng = np.random.default_rng(0)
    z, x = (problems._snapshots(rng, one)[0] for one in (state, problems._turned(state)))
    assert z.shape == x.shape == (20_000, 8)
    energy = -(z[:, 1:] * z[:, :-1]).mean(axis=0).sum() - 0.8 * x.mean(axis=0).sum()
    assert energy == pytest.approx(ising_energy(8, 0.8), abs=0.1)


def test_no_problem_has_an_image_of_the_source() -> None:
    pytest.importorskip("sklearn")
    known = {one.tobytes() for one in problems.source(2).train.raw}
    for name in problems.RELATED:
        found = problems.problem(name, 2)
        train, test = ({one.tobytes() for one in part.raw} for part in (found.train, found.test))
        assert not known & (train | test)
        assert not train & test


@pytest.mark.parametrize("name", problems.PROBLEMS)
def test_problems(name: str) -> None:
    pytest.importorskip("sklearn")
    found = problems.problem(name, 1)
    for part in (found.train, found.test):
        assert part.inputs.shape == (len(part.labels), found.copies, problems.INPUTS)
        assert part.inputs.min() >= 0
        assert part.inputs.max() <= 1
        assert set(np.unique(part.labels)) <= set(range(found.classes))
        assert set(np.unique(part.raw)) == set(np.unique(part.inputs))
    assert abs(problems.chance(name, 1) - 1 / found.classes) < 0.1


# --- measuring ---


def test_counts_and_scores_of_an_arm() -> None:
    pytest.importorskip("sklearn")
    alone = measure(Task("quantum", "scratch", 1, "none", 4, "y", steps=1))
    found = measure(Task("quantum", "random", 10, "none", 4, "y"))
    assert (alone.trainable, alone.shared, alone.weights) == (74 + 7 * WEIGHTS, 0, WEIGHTS)
    assert (found.trainable, found.shared, found.weights) == (578, WEIGHTS, WEIGHTS)
    assert found.entangling == pytest.approx(0, abs=1e-12)
    assert measure(Task("tanh", "random", 3)).weights == WEIGHTS - 1
    assert measure(Task("tanh", "random", 3, joined=True)).weights == WEIGHTS + 2
    assert measure(Task("linear")).trainable == 851


def test_training_moves_only_what_is_to_be_trained() -> None:
    pytest.importorskip("sklearn")
    parity = problems.problem("parity", 0)
    by_start = {start: training.module_for(Arm("quantum", start, 1, Form("none"), 1, 1), parity, 0)
                for start in ("random", "scratch", "frozen", "tuned")}  # fmt: skip
    scales = {start: tuple(module.weights[1].values.ravel()) for start, module in by_start.items()}
    assert len(set(scales.values())) == 4
    assert by_start["random"].digest == encoder(Form("none"), 1, 0).digest


def test_tasks_are_told_apart_by_their_digests() -> None:
    for mode in ("quick", "medium", "full"):
        found = list(tasks(mode))
        assert len({digest(EXPERIMENT, one) for one in found}) == len(found)
        assert {(one.kind, one.entangler, one.joined) for one in MODULES} <= {
            (one.kind, one.entangler, one.joined) for one in found
        }
    assert {one.reads for one in found if one.kind == "quantum"} == set(READS)


# --- statistics ---


def test_rank_correlation() -> None:
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(0)
    for _ in range(20):
        x, y = rng.integers(0, 5, (2, 12)).astype(float)
        assert rank_correlation(x, y) == pytest.approx(stats.spearmanr(x, y).statistic)
    assert np.isnan(rank_correlation(np.ones(3), np.arange(3.0)))
    exact = correlated(np.arange(8.0), np.arange(8.0)[:, None] + np.zeros((8, 4)))
    assert exact == Interval(pytest.approx(1), pytest.approx(1), pytest.approx(1))


def test_bootstrap_intervals_cover_as_for_few_samples() -> None:
    """Percentile intervals of ten normal samples cover about 90 %, as is known, not 95 %."""
    rng = np.random.default_rng(1)
    found = [resampled(rng.normal(size=10)) for _ in range(150)]
    assert 0.82 < np.mean([one.low < 0 < one.high for one in found]) < 0.97


def test_differences_are_paired() -> None:
    table = [{"kind": "chance", "seed": float(seed), "wine": 0.5} for seed in range(6)]
    one = [{"seed": float(seed), "wine": 0.6 + 0.05 * seed} for seed in range(6)]
    other = [row | {"wine": row["wine"] - 0.1} for row in one]
    found = arms.difference(table, one, other, ["wine"])
    assert (found.low, found.value, found.high) == pytest.approx((0.2, 0.2, 0.2))


def test_needed_for() -> None:
    points = [(10.0, Interval(0.2, 0, 0)), (100.0, Interval(0.6, 0, 0))]
    assert rows.needed_for(points, 0.4) == pytest.approx(10**1.5)
    assert rows.needed_for(points, 0.1) == 10.0
    assert rows.needed_for(points, 0.7) is None


# --- what is kept, and figures ---


def test_what_is_kept(kept: list[arms.Row]) -> None:
    expected = {digest(EXPERIMENT, task) for task in tasks("full")}
    assert {row["id"] for row in read(HOME / "results.csv")} == expected
    for row in kept:
        if row["joined"] == "True" and row["kind"] == "quantum" and row["reads"] == 10:
            assert row["cut_error"] < 1e-12
            assert (row["circuits"], row["gamma"]) == (31, 64)
        if row["entangler"] == "none" and row["reads"] == 10:
            assert row["entangling"] == pytest.approx(0, abs=1e-9)
    for row in arms.selected(kept, kind="published"):
        assert row["parity"] == row["parity_64"] == row["parity_256"] == 1
    strong = arms.selected(kept, kind="strong")
    assert 0.96 < np.mean([row["digits"] for row in strong]) < 0.98


def test_known_answers_are_found_again(kept: list[arms.Row]) -> None:
    alone, joined = (arms.arm(kept, name, "scratch", 10.0) for name in ("entangled", "joined"))
    for name in ("circles", "wine"):  # of one copy, where nothing is joined
        assert [row[name] for row in alone] == pytest.approx([row[name] for row in joined], abs=0.03)
    assert np.mean([row["parity"] for row in joined]) > 0.9
    assert max(row["parity"] for row in alone) < 0.6
    found = {name: rows.compared(kept, name) for name in rows.COMPARED}
    assert found["joined - side by side, scratch"].low > 0.1
    assert found["frozen - scratch"].high < 0


def test_abilities_are_within_their_bounds(kept: list[arms.Row]) -> None:
    found = forms.variants(kept)
    assert len(found) == len(VARIANTS)
    for one in found:
        assert 0 <= one.entangling <= 1
        assert 0 < one.expressibility < np.log(75) * 16
    product, ring = (min(one.expressibility for one in found if one.entangler == name) for name in ("none", "ring"))
    assert product > 10 * ring


def test_the_report_has_every_part(kept: list[arms.Row], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "DRAWS", 500)
    text = rows.report(kept)
    assert "nan" not in text.replace("published           0  nan", "").split("differences")[1]
    assert all(name in text for name in rows.COMPARED)


def test_figures_come_from_the_csv_alone(tmp_path: Path) -> None:
    check_regenerates(figure, HOME, tmp_path)


def test_labels() -> None:
    found = figure.pictures(HOME / "results.csv")
    assert set(found) == {"efficiency", "tasks", "capability"}
    for picture in found.values():
        check_labels(picture)
        check_readable(picture)


def test_the_report_page_takes_the_figures() -> None:
    found = section(HOME)
    assert set(found.figures) == set(figure.PANELS)
    assert found.paragraphs[0].endswith("?")


@pytest.mark.long
def test_quick_mode(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    assert main(EXPERIMENT, tmp_path, ["--quick", "--into", str(tmp_path)]) == 0
    found = read(tmp_path / "results.csv")
    assert sorted(row["id"] for row in found) == sorted(digest(EXPERIMENT, task) for task in tasks("quick"))
    for picture in figure.pictures(tmp_path / "results.csv").values():
        check_labels(picture)
    assert PLAIN.entangler in {row["entangler"] for row in found}
