"""Derivatives that are measured: unbiased without links, right to first order through them, within their shots."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest

import cutq
from cutq.compose.measured import PULL_SHARE
from cutq.compose.steps import NetworkStep
from cutq.shots.jobs import Counts, Job

SEEDS = 60
WEIGHTS = np.array([1.0, -0.5, 0.8])
X = np.array([0.4, 0.7])


class Recording:
    """Simulates, and remembers how many shots each job had."""

    def __init__(self) -> None:
        self.shots: list[int] = []

    def run(self, jobs: Sequence[Job]) -> list[Counts]:
        self.shots += [job.shots for job in jobs]
        return cutq.SimulatedRunner().run(jobs)


class Refusing:
    """Runs nothing."""

    def run(self, jobs: Sequence[Job]) -> list[Counts]:
        raise AssertionError("nothing is to be run")


def cell(name: str, seed: int = 3) -> cutq.Module:
    """Two qubits with data and weights, some of them together in one angle, and a wire through them."""
    x, w = [cutq.param(f"x[{k}]") for k in range(2)], [cutq.param(f"w[{k}]") for k in range(3)]
    operations = (
        cutq.Operation("ry", (0,), (x[0],)),
        cutq.Operation("ry", (1,), (2 * w[0],)),
        cutq.Operation("rzz", (0, 1), (w[1] + 0.3 * x[0],)),
        cutq.Operation("rxx", (0, 1), (x[1],)),
        cutq.Operation("ry", (1,), (w[2],)),
    )
    ports = (
        cutq.QuantumIn("in", (0,)),
        cutq.ClassicalIn("x", (2,)),
        cutq.ClassicalOut("z", ("Z0", "0.5*X0 + 1")),
        cutq.QuantumOut("out", (1,)),
    )
    return cutq.Module(name, cutq.Circuit(2, operations), ports).initialised(seed)


@cache
def quantum() -> cutq.Model:
    """Two cells and a wire, which is cut."""
    whole = cutq.Composition("quantum")
    whole.add("plus", cutq.load_module("plus"))
    whole.add("a", cell("a"))
    whole.add("b", cell("b", 4), frozen=True)
    whole.connect("plus.out", "a.in")
    whole.connect("a.out", "b.in")
    return whole.compile(["a.z", "Z@b.out"], max_qubits=2)


@cache
def linked() -> cutq.Model:
    """Numbers of a cell drive another through functions, and one output is a product over both."""
    whole = cutq.Composition("linked")
    for name in ("a", "b"):
        whole.add(name, cell(name))
        whole.add(f"plus_{name}", cutq.load_module("plus"))
        whole.connect(f"plus_{name}.out", f"{name}.in")
    whole.add("head", cutq.classical("linear", 2, 2, seed=5))
    whole.connect("a.z", "head.x")
    whole.connect("head.y", "b.x", through="tanh")
    return whole.compile(["b.z", "Z@a.out X@b.out"])


def data(model: cutq.Model) -> dict[str, np.ndarray]:
    return dict.fromkeys(model.inputs, X)


def measured(model: cutq.Model, shots: int) -> np.ndarray:
    """For each seed the derivatives by parameters and data."""
    found = []
    for seed in range(SEEDS):
        _, pullback = model.estimate_vjp_all(
            None, data(model), runner=cutq.SimulatedRunner(), shots=shots, seed=seed, allocation="uniform"
        )
        one = pullback(WEIGHTS)
        found.append(np.concatenate([one.params, *one.data.values()]))
    return np.array(found)


def exact(model: cutq.Model) -> np.ndarray:
    one = model.vjp_all(None, data(model))[1](WEIGHTS)
    return np.concatenate([one.params, *one.data.values()])


def test_unbiased_where_all_edges_are_quantum() -> None:
    found = measured(quantum(), 8_000)
    assert np.all(abs(found.mean(axis=0) - exact(quantum())) < 4 * found.std(axis=0) / math.sqrt(SEEDS) + 1e-12)


def test_the_spread_is_that_of_one_gradient() -> None:
    whole = cutq.Composition("one")
    whole.add("plus", cutq.load_module("plus"))
    whole.add("a", cell("a"))
    whole.connect("plus.out", "a.in")
    model, shots = whole.compile(["a.z", "Z@a.out"]), 8_000
    (step,) = model.planned.steps
    assert isinstance(step, NetworkStep)
    values = dict(zip(model.parameters, model.initial, strict=True)) | {f"a.x[{k}]": one for k, one in enumerate(X)}
    # a.z[1] is 0.5*X0 + 1, and the program has the word alone.
    weighted = "Z0 - 0.25*X0 + 0.8*Z1"
    row = [values[name] for name in step.network.parameters]
    gradient = cutq.estimate_gradient(
        step.network, weighted, row, runner=cutq.SimulatedRunner(), shots=int(PULL_SHARE * shots), allocation="uniform"
    )
    # Derivatives by data are sums of derivatives by angles; those by weights are the gradient's own.
    places = [step.network.parameters.index(name) for name in model.parameters]
    spread = measured(model, shots).std(axis=0)[: len(places)]
    assert np.all(abs(spread / gradient.stderr[places] - 1) < 4 / math.sqrt(2 * SEEDS))


@pytest.mark.parametrize("shots", [10_000, 100_000])
def test_first_order_through_links(shots: int) -> None:
    found = measured(linked(), shots)
    allowed = 4 * found.std(axis=0) / math.sqrt(SEEDS) + 500 / shots
    assert np.all(abs(found.mean(axis=0) - exact(linked())) < allowed)


@pytest.mark.parametrize("shots", [2_000, 33_333])
@pytest.mark.parametrize("model", [quantum, linked])
def test_no_more_shots_than_given(model: object, shots: int) -> None:
    runner, one = Recording(), model()  # type: ignore[operator]
    found, pullback = one.estimate_vjp(None, data(one), runner=runner, shots=shots)
    forward = sum(runner.shots)
    assert found.shots <= forward <= shots - int(PULL_SHARE * shots)
    pullback(WEIGHTS)
    assert 0.9 * int(PULL_SHARE * shots) < sum(runner.shots) - forward <= int(PULL_SHARE * shots)


def test_values_are_those_of_an_estimate_with_its_options() -> None:
    model, runner = linked(), cutq.SimulatedRunner()
    options = {"runner": runner, "seed": 5, "slopes": "measured", "allocation": "uniform"}
    found, _ = model.estimate_vjp(None, data(model), shots=40_000, **options)
    same = model.estimate(None, data(model), shots=10_000, **options)
    assert np.array_equal(found.values, same.values)
    assert np.array_equal(found.covariance, same.covariance)


def test_angles_that_nobody_asks_for_are_not_shifted() -> None:
    model = quantum()
    counts = []
    for run in (model.estimate_vjp, model.estimate_vjp_all):
        runner = Recording()
        _, pullback = run(None, data(model), runner=runner, shots=50_000, allocation="uniform")
        runner.shots.clear()
        pullback(WEIGHTS)
        counts.append(len(runner.shots))
    # In the first cell three weights, two of them in an angle with a rule of two terms each; in both cells data.
    assert counts[0] < 0.6 * counts[1]


def test_same_seeds_same_derivatives() -> None:
    model = quantum()
    found = []
    for seed in (3, 3, 4):
        _, pullback = model.estimate_vjp(None, data(model), runner=cutq.SimulatedRunner(), shots=5_000, seed=seed)
        found.append(pullback(WEIGHTS))
        assert np.array_equal(found[-1], pullback(WEIGHTS))
    assert np.array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[2])


def test_what_does_not_count_is_not_run() -> None:
    model, runner = quantum(), Recording()
    _, pullback = model.estimate_vjp(None, data(model), runner=runner, shots=5_000)
    runner.shots.clear()
    assert np.array_equal(pullback(np.zeros(3)), np.zeros(len(model.parameters)))
    assert not runner.shots


def test_a_model_of_functions_alone_is_exact() -> None:
    whole = cutq.Composition("head")
    whole.add("head", cutq.classical("linear", 2, 3, seed=5))
    model = whole.compile()
    found, pullback = model.estimate_vjp_all(None, {"head.x": X}, runner=Refusing(), shots=1)
    values, exactly = model.vjp_all(None, {"head.x": X})
    assert np.allclose(found.values, values)
    assert np.allclose(pullback(WEIGHTS).params, exactly(WEIGHTS).params)
    assert np.allclose(pullback(WEIGHTS).data["head.x"], exactly(WEIGHTS).data["head.x"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shots": 40}, r"30 shots are fewer than the \d+ circuits"),
        ({"shots": 0}, "needs a whole number of shots"),
        ({"shots": 10_000, "max_circuits": 5}, "max_circuits=5"),
        ({"shots": 10_000, "slopes": "guessed"}, "slopes are one of"),
        ({"shots": 10_000, "seed": -1}, "seed is a whole number"),
    ],
)
def test_refused_before_anything_is_run(options: dict[str, object], message: str) -> None:
    with pytest.raises(cutq.CutqError, match=message):
        quantum().estimate_vjp(None, data(quantum()), runner=Refusing(), **options)


def test_one_row_with_weights_of_its_outputs() -> None:
    model = quantum()
    rows = {name: np.array([X, X]) for name in model.inputs}
    with pytest.raises(cutq.ParameterError, match="one row"):
        model.estimate_vjp(None, rows, runner=Refusing(), shots=10_000)
    _, pullback = model.estimate_vjp(None, data(model), runner=cutq.SimulatedRunner(), shots=10_000)
    with pytest.raises(cutq.ParameterError, match=r"\(3,\), got \(2,\)"):
        pullback([1.0, 2.0])


def test_nothing_is_differentiated_through_a_decision() -> None:
    whole = cutq.Composition("decided")
    whole.add("plus", cutq.load_module("plus"))
    whole.add("a", cell("a"))
    whole.add("b", cell("b"))
    whole.connect("plus.out", "a.in")
    whole.connect("a.out", "b.in")
    whole.add("again", cell("again"))
    whole.add("zero", cutq.load_module("plus"))
    whole.connect("zero.out", "again.in")
    whole.connect("b.z", "again.x", through="digit")
    model = whole.compile(["again.z[0]"])
    with pytest.raises(cutq.ModuleError, match="digit"):
        model.estimate_vjp(None, data(model), runner=Refusing(), shots=10_000)
