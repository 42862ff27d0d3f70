"""Price of cuts: exact variances against a calculation by hand, laws against both, quick mode, and what is kept."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

import cutq
from benchmarks.shots_cases import haar
from experiments.harness import digest, main, read
from experiments.price_of_cuts import circuits, figure, laws, rows
from experiments.price_of_cuts.__main__ import EXPERIMENT
from experiments.price_of_cuts.measure import FRAMES, mean, measure
from experiments.price_of_cuts.tasks import Task, tasks
from experiments.price_of_cuts.variance import contracted
from experiments.report import section
from tests.experiments.figures import check_labels, check_readable, check_regenerates

HOME = Path(figure.__file__).parent
PAULIS = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
TETRAHEDRON = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / math.sqrt(3)
PREPARED = {
    "sic": (TETRAHEDRON, np.vstack([np.full(4, 1 / 4), 3 / 4 * TETRAHEDRON.T])),
    "std4": (
        np.array([[0, 0, 1], [0, 0, -1], [1, 0, 0], [0, 1, 0]]),
        np.array([[0.5, 0.5, 0, 0], [-0.5, -0.5, 1, 0], [-0.5, -0.5, 0, 1], [0.5, -0.5, 0, 0]]),
    ),
}
"""Bloch vectors of the states, and how the constant and the slopes of a functional follow from its values there."""


def rotation(unitary: np.ndarray) -> np.ndarray:
    """Of Bloch vectors."""
    return np.real(np.einsum("aij,jk,bkl,il->ab", PAULIS, unitary, PAULIS, unitary.conj())) / 2


def by_hand(turns: list[np.ndarray], each: float, frame: str) -> tuple[float, float]:
    """Value and variance of a chain of one wire: second moments of the functional, from the last fragment to the first.

    ``M = E[v v^T]`` for ``f(rho) = v . (1, r)``; each state's value has the noise of its own shots.
    """
    states, solve = PREPARED[frame]
    exact = np.array([0.0, 0.0, 0.0, 1.0])
    moments = np.outer(exact, exact)
    for number, turn in enumerate(turns[::-1]):
        last, first = number == 0, number == len(turns) - 1
        seen = ([[0, 0, 1]] if first else states) @ turn.T
        rows_of = np.hstack([np.ones((len(seen), 1)), seen])
        noise = np.diag((1 - seen**2) @ np.diagonal(moments)[1:]) / each
        if last:
            noise = np.diag(1 - seen[:, 2] ** 2) / each
        values = rows_of @ moments @ rows_of.T + noise
        if first:
            value = float((rows_of @ exact)[0])
            return value, float(values[0, 0]) - value**2
        moments, exact = solve @ values @ solve.T, solve @ rows_of @ exact
    raise AssertionError


def turns_of(cuts: int, seed: int) -> list[np.ndarray]:
    """Those of :func:`circuits.pass_through`."""
    return [rotation(haar(1, np.random.default_rng([seed, 1, cuts - number]))) for number in range(cuts + 1)]


@pytest.mark.parametrize("frame", PREPARED)
@pytest.mark.parametrize(("cuts", "each"), [(1, 10), (3, 10), (5, 1000)])
def test_exact_variances_are_those_by_hand(cuts: int, each: int, frame: str) -> None:
    network, word = circuits.pass_through(cuts, 1, 3)
    found = contracted(network, word, frame, "uniform")
    value, variance = by_hand(turns_of(cuts, 3), each, frame)
    assert found.value == pytest.approx(value, abs=1e-10)
    assert found.variance(each * found.circuits) == pytest.approx(variance, rel=1e-9)


@pytest.mark.parametrize("frame", PREPARED)
@pytest.mark.parametrize(("cuts", "each"), [(1, 1000), (4, 10)])
def test_the_law_of_chains_is_the_average_of_what_is_found_by_hand(cuts: int, each: int, frame: str) -> None:
    rng, total = np.random.default_rng(0), each * laws.circuits(cuts, name=frame)
    turned = [[rotation(haar(1, rng)) for _ in range(cuts + 1)] for _ in range(600)]
    found, low, high = mean([total * by_hand(own, each, frame)[1] for own in turned])
    law = laws.unitary(cuts, each, name=frame)
    assert found == pytest.approx(law.variance, abs=2 * (high - low))
    assert (high - low) / law.variance < 0.12
    assert law.square == pytest.approx(1 / 3)


def test_one_wire_in_sic_states_is_a_polynomial() -> None:
    for cuts in (1, 2, 7, 30):
        assert laws.unitary(cuts, 1e12).variance == pytest.approx(8 * (cuts + 1) * (cuts - 5 / 12), rel=1e-3)


def test_the_laws_have_the_numbers_that_were_known_before() -> None:
    """Means over 8 to 12 random chains by other programs, good to some 10 %."""
    known = {1: 9.8, 2: 40, 4: 141, 8: 553, 16: 2064}
    assert {k: laws.unitary(k, 1000).variance for k in known} == pytest.approx(known, rel=0.06)
    assert laws.unitary(16, 1000, name="std4").variance / laws.unitary(16, 1000).variance == pytest.approx(
        1.7, rel=0.05
    )
    thin = {cuts: laws.unitary(cuts, 10).variance / (cuts + 1) ** 2 for cuts in (16, 64)}
    assert thin == pytest.approx({16: 27, 64: 7080}, rel=0.05)
    assert [laws.unitary(1, 1e9, w, "mub").variance for w in (1, 2, 3)] == pytest.approx([9.8, 36, 140], rel=0.03)
    assert [laws.unitary(1, 1e9, w).variance for w in (1, 2, 3)] == pytest.approx([8.8, 43, 191], rel=0.07)


def test_thin_shots_depend_on_cuts_over_shots_alone() -> None:
    """``N Var / (8 (K + 1) (K - 5/12))`` becomes ``(exp(1.5 x) - 1) / (1.5 x)`` at x = K / n."""
    for ratio in (0.1, 1.0, 4.0):
        found = [
            laws.unitary(k, k / ratio).variance / (8 * (k + 1) * (k - 5 / 12)) for k in (1000, 4000)
        ]  # fmt: skip
        expected = math.expm1(1.5 * ratio) / (1.5 * ratio)
        assert found == pytest.approx([expected] * 2, rel=0.02)


@pytest.mark.parametrize(("wires", "frame"), [(2, "sic"), (2, "std4"), (2, "mub"), (2, "six")])
def test_laws_of_several_wires(wires: int, frame: str) -> None:
    found = []
    for seed in range(20):
        one = contracted(*circuits.pass_through(1, wires, seed), FRAMES[frame], "uniform")
        found.append(100 * one.circuits * one.variance(100 * one.circuits))
    assert one.circuits == laws.circuits(1, wires, frame)
    middle, low, high = mean(found)
    assert middle == pytest.approx(laws.unitary(1, 100, wires, frame).variance, abs=0.9 * (high - low))


@pytest.mark.parametrize("observable", ["local", "product"])
def test_laws_of_contractive_chains(observable: str) -> None:
    found = [contracted(*circuits.contractive(2, seed, observable), "sic", "uniform") for seed in range(40)]
    law = laws.contractive(2, 20, observable)
    for expected, samples in (
        (law.square, [one.value**2 for one in found]),
        (law.variance, [20 * one.circuits * one.variance(20 * one.circuits) for one in found]),
    ):
        middle, low, high = mean(samples)
        assert middle == pytest.approx(expected, abs=1.2 * (high - low))


def test_a_local_observable_of_a_contractive_chain_is_linear_in_cuts() -> None:
    each = {cuts: laws.contractive(cuts, 1e9, "local").variance / laws.circuits(cuts) for cuts in (16, 64)}
    assert each[64] == pytest.approx(each[16], rel=1e-4)


def test_a_product_costs_powers_of_cuts_where_uncut_shots_are_exponential() -> None:
    """The ratio of means over all chains; at a fixed number of shots for each circuit it is exponential as well."""

    def relative(cuts: int, each: float) -> float:
        law = laws.contractive(cuts, each, "product")
        return law.variance / law.square

    doubled = relative(64, 1e9) / relative(32, 1e9)
    assert math.log2(doubled) == pytest.approx(2, abs=0.05)
    assert relative(64, 10) / relative(32, 10) > 1e3
    squares = [laws.contractive(cuts, 1e9, "product").square for cuts in (10, 11)]
    assert squares[0] / squares[1] == pytest.approx(15 / 7)


def test_errors_of_simulated_shots_have_the_exact_variance() -> None:
    for task in (
        Task("unitary", "chain", "local", 2, 1, "uniform", each=30, chains=5, runs=20),
        Task("contractive", "chain", "product", 2, 1, "uniform", each=200, chains=5, runs=20),
    ):
        found = measure(task)
        assert found.seen == pytest.approx(1, abs=4 * math.sqrt(2 / 100))
        assert found.circuits == laws.circuits(2)


@pytest.mark.parametrize(("method", "base"), [("LO", 16), ("LO, SIC", 10), ("LOCC", 9)])
def test_single_shots_vary_by_the_formula(method: str, base: int) -> None:
    found = measure(Task("unitary", "chain", "local", 2, 1, method, chains=2, runs=2))
    assert found.law == pytest.approx((base**2 - found.square) * 3)
    assert found.variance == pytest.approx(found.law, rel=0.02)
    two = measure(Task("unitary", "chain", "local", 1, 2, method, chains=1, runs=1))
    assert two.law == pytest.approx(({"LOCC": 49}.get(method, base**2) - two.square) * 2)
    assert two.variance == pytest.approx(two.law, rel=0.04)


def test_averages_that_are_multiplied_vary_less_than_single_shots() -> None:
    found = measure(Task("unitary", "chain", "local", 3, 1, "pooled", chains=2, runs=1))
    assert found.variance < 0.2 * laws.one_shot(10, 3, 4, found.square)


def test_a_pilot_halves_the_variance_of_long_chains() -> None:
    uniform, pilot = (
        measure(Task("unitary", "chain", "local", 12, 1, method, chains=3)).variance for method in ("uniform", "pilot")
    )
    assert pilot / uniform == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize(
    ("shape", "cuts", "legs", "number"),
    [
        ("chain", 4, [1, 2, 2, 2, 1], 43),
        ("tree", 4, [2, 3, 1, 1, 1], 9 + 4 * 9 + 3 * 4),
        ("ring", 5, [2] * 5, 9 + 3 * 12 + 16),
        ("ring", 4, [2] * 4, 9 + 2 * 12 + 16),
        ("star", 3, [3, 1, 1, 1], 27 + 3 * 4),
    ],
)
def test_ghz_states_of_all_shapes(shape: str, cuts: int, legs: list[int], number: int) -> None:
    case = circuits.ghz(shape, cuts, 1)
    network = case.network()
    assert [len(fragment.legs) for fragment in network.fragments] == legs
    assert len(network.bonds) == cuts
    whole = cutq.split(case.circuit, cutq.CutPlan.uncut())
    for one in (network, whole):
        assert float(cutq.expectations(one, case.observables)[0]) == pytest.approx(math.cos(circuits.PHASE), abs=1e-10)
    found = contracted(network, case.observables[0], None, "uniform")
    assert found.circuits == number  # no letter of any cut is left out
    assert found.value == pytest.approx(0.5, abs=1e-10)


def test_more_than_five_legs_are_not_tabulated() -> None:
    for network, word in (circuits.system("ghz", "star", "product", 6, 1, 0), circuits.pass_through(2, 3, 0)):
        with pytest.raises(cutq.TooLargeError):
            contracted(network, word, None, "uniform")


def test_shots_for_an_error_are_few_enough_for_the_first_order() -> None:
    """With the shots that are said to give 0.01 the exact error is that, at 30 cuts within 1 %."""
    found = contracted(*circuits.pass_through(30, 1, 0), "sic", "uniform")
    wanted = found.limit / 0.01**2
    assert math.sqrt(found.variance(wanted)) == pytest.approx(0.01, rel=0.01)


def test_what_pays_is_read_off_seconds() -> None:
    common = {"frame": "sic", "each": 1000.0, "wires": 1.0, "family": "ghz", "shape": "chain"}
    made = [
        {**common, "cuts": cuts, "method": method, "shots": shots, "seconds": seconds}
        for cuts, shots, seconds in ((1.0, 1e5, 1e-3), (2.0, 2e5, 1e-2), (20.0, 1e9, math.nan))
        for method in ("pilot", "state")
        if method == "pilot" or cuts < 3
    ]
    assert rows.state_seconds(made, 2.0) == (1e-2, True)
    assert rows.state_seconds(made, 20.0) == (1e-2 * 4.0**18, False)
    assert [rows.verdict(made, "pilot", k, 1e6) for k in (1.0, 20.0)] == [rows.SLOWER, rows.PAYS]
    assert rows.verdict(made, "pilot", 20.0, 1e3) == rows.LATE
    assert rows.first_paying(made, "pilot", 1e6) == 20.0
    assert rows.first_paying(made, "pilot", 1e3) is None
    assert rows.reach(made, "pilot", 1e3) == 2.0
    # Two states of 6 qubits for each of two fragments: 0.04 s, as long as 0.1 s of shots at 7.3 qubits.
    assert rows.break_even(made, 1.0, 1e6) == pytest.approx(6 + math.log2(0.1 / 0.04))


# --- what is kept ---


@pytest.fixture(scope="module")
def kept() -> list[rows.Row]:
    return rows.parsed(read(HOME / "results.csv"))


def test_what_is_kept_is_what_is_measured(kept: list[rows.Row]) -> None:
    assert {row["id"] for row in read(HOME / "results.csv")} == {digest(EXPERIMENT, task) for task in tasks("full")}
    assert len(kept) == len(list(tasks("full")))


def test_what_is_kept_has_the_laws(kept: list[rows.Row]) -> None:
    """Means over random circuits are near the averages over all: those of 16 chains, within four standard errors."""
    own = [row for row in kept if row["method"] == "uniform" and np.isfinite(row["law"])]
    scores = [(row["variance"] - row["law"]) / (row["variance_high"] - row["variance"]) for row in own]
    assert len(scores) > 60
    assert np.abs(scores).max() < 2.5
    assert np.mean(np.abs(scores) < 1) > 0.85
    sampled = [row for row in kept if row["method"] in ("LO", "LO, SIC", "LOCC") and row["runs"] > 0]
    assert all(row["variance"] == pytest.approx(row["law"], rel=0.01) for row in sampled)


def test_what_is_kept_grows_as_known(kept: list[rows.Row]) -> None:
    chain = {"family": "unitary", "shape": "chain"}
    for method in ("uniform", "pilot"):
        assert rows.power(rows.selected(kept, method=method, **chain))[0] == pytest.approx(2.1, abs=0.1)
    for method, base in (("LO", 16), ("LO, SIC", 10), ("LOCC", 9)):
        own = rows.drawn(rows.selected(kept, method=method, **chain))
        assert rows.base(own, "variance", per="fragments")[0] == pytest.approx(base, rel=0.02)
    contractive = {"family": "contractive", "observable": "local"}
    flat = rows.selected(kept, method="pilot", **contractive)
    assert flat[-1]["variance"] < 1.2 * flat[len(flat) // 2]["variance"]
    star = rows.selected(kept, family="ghz", shape="star", method="uniform")
    assert rows.base(star)[0] > 3
    assert all(rows.first_paying(kept, "LOCC", rate) is None for rate in rows.RATES)


def test_squared_errors_that_are_kept_have_their_variances(kept: list[rows.Row]) -> None:
    """One for exact variances and formulas; what the package does with a pilot of its own costs a little more."""
    for method, most in (("uniform", 1.0), ("LO", 1.0), ("LO, SIC", 1.0), ("LOCC", 1.0), ("pilot", 1.15)):
        own = [row for row in kept if row["method"] == method and np.isfinite(row["seen"])]
        counts = [row["chains"] * row["runs"] for row in own]
        found, sigma = np.average([row["seen"] for row in own], weights=counts), math.sqrt(2 / sum(counts))
        assert 1 - 4 * sigma < found < most + 4 * sigma, method


def test_the_report_has_all_parts(kept: list[rows.Row]) -> None:
    text = rows.report(kept)
    for part in (
        "shots ~ (K + 1)^p",
        "std4",
        "n = 10",
        "LOCC: base",
        "contractive product",
        "star",
        "pays from",
        "qubits of a fragment",
    ):
        assert part in text


def test_figures_come_from_the_csv_alone(tmp_path: Path) -> None:
    check_regenerates(figure, HOME, tmp_path)


@pytest.fixture(scope="module")
def pictures() -> dict[str, Figure]:
    return figure.pictures(HOME / "results.csv")


@pytest.mark.parametrize("name", figure.PANELS)
def test_labels(name: str, pictures: dict[str, Figure]) -> None:
    check_labels(pictures[name])
    check_readable(pictures[name])


def test_the_report_shows_all_figures() -> None:
    found = section(HOME)
    assert set(found.figures) == set(figure.PANELS)
    assert found.paragraphs[0].endswith("?")


@pytest.mark.long
def test_quick_mode(tmp_path: Path) -> None:
    assert main(EXPERIMENT, tmp_path, ["--quick", "--into", str(tmp_path)]) == 0
    found = read(tmp_path / "results.csv")
    assert sorted(row["id"] for row in found) == sorted(digest(EXPERIMENT, task) for task in tasks("quick"))
    assert {row["method"] for row in found} == {task.method for task in tasks("full")}
    for picture in figure.pictures(tmp_path / "results.csv").values():
        check_labels(picture)
