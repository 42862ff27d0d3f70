"""Models on devices: error bars along classical links, and the bias of nonlinear consumers."""

from __future__ import annotations

import math

import numpy as np
import pytest

import cutq

SEEDS = 250


def turned(name: str, factor: float) -> cutq.Module:
    """A qubit that an input turns, and its Z."""
    circuit = cutq.Circuit(1, (cutq.Operation("ry", (0,), (factor * cutq.param("x"),)),))
    ports = (cutq.ClassicalIn("x"), cutq.QuantumOut("out", (0,)), cutq.ClassicalOut("z", ("Z0",)))
    return cutq.Module(name, circuit, ports)


def source(angle: float) -> cutq.Module:
    circuit = cutq.Circuit(1, (cutq.Operation("ry", (0,), (angle,)),))
    return cutq.Module("source", circuit, (cutq.ClassicalOut("z", ("Z0",)),))


def driven(through: str | None = None) -> cutq.Composition:
    """One qubit's Z turns another."""
    whole = cutq.Composition("driven")
    whole.add("first", source(1.1))
    whole.add("second", turned("turned", 3.0))
    whole.connect("first.z", "second.x", through=through)
    return whole


def cell() -> cutq.Module:
    """Two qubits with an entangling gate, a wire through them, and two numbers."""
    operations = [cutq.Operation("ry", (q,), (cutq.param(f"w[{q}]"),)) for q in range(2)]
    operations += [cutq.Operation("cx", (0, 1)), cutq.Operation("rx", (1,), (cutq.param("w[2]"),))]
    ports = (cutq.QuantumIn("in", (0,)), cutq.QuantumOut("out", (1,)), cutq.ClassicalOut("z", ("Z0", "X1")))
    return cutq.Module("cell", cutq.Circuit(2, tuple(operations)), ports).initialised(3)


def hybrid() -> cutq.Composition:
    """Two cells, numbers through a linear function and tanh, a third cell, and a product over networks."""
    whole = cutq.Composition("hybrid")
    whole.add("start", turned("start", 1.0))
    for name in ("a", "b"):
        whole.add(name, cell())
    whole.add("head", cutq.classical("linear", 2, 1, seed=5))
    whole.add("end", turned("end", 2.0))
    whole.connect("start.out", "a.in")
    whole.connect("a.out", "b.in")
    whole.connect("b.z", "head.x")
    whole.connect("head.y", "end.x", through="tanh")
    return whole


def estimates(model: cutq.Model, shots: int, data: dict[str, float] | None = None, **options: object) -> list[object]:
    runner = cutq.SimulatedRunner()
    return [
        model.estimate(None, data, runner=runner, shots=shots, seed=101 * seed, allocation="uniform", **options)
        for seed in range(SEEDS)
    ]


@pytest.mark.parametrize("shots", [200, 2000])
def test_error_bars_are_those_of_the_spread(shots: int) -> None:
    model = hybrid().compile(["end.z", "0.5*Z@end.out X@b.out - Z@b.out"])
    found = estimates(model, shots, {"start.x": 0.4})
    spread = np.std([one.values for one in found], axis=0)
    predicted = np.sqrt(np.mean([one.stderr**2 for one in found], axis=0))
    # The spread of so many values is known to 1 / sqrt(2 seeds); few shots are not quite normal.
    assert np.all(abs(spread / predicted - 1) < 4 / math.sqrt(2 * SEEDS) + 20 / shots)


def test_covariance_of_outputs() -> None:
    model = hybrid().compile(["end.z", "b.z"])
    found = estimates(model, 1000, {"start.x": 0.4})
    seen = np.cov(np.array([one.values for one in found]).T)
    predicted = np.mean([one.covariance for one in found], axis=0)
    scale = np.sqrt(np.outer(np.diagonal(predicted), np.diagonal(predicted)))
    assert np.all(abs(seen - predicted) / scale < 5 / math.sqrt(SEEDS))


@pytest.mark.parametrize("shots", [60, 200])
def test_bias_of_a_nonlinear_consumer(shots: int) -> None:
    model = driven().compile(["second.z"])
    predicted = np.mean([one.bias[0] for one in estimates(model, shots)])
    assert predicted == pytest.approx(_bias(shots // 2), rel=0.15)


def _bias(shots: int) -> float:
    """The exact bias of cos(3 z) for z the mean of so many outcomes of Z."""
    mean = math.cos(1.1)
    chances = [
        math.comb(shots, ones) * ((1 + mean) / 2) ** ones * ((1 - mean) / 2) ** (shots - ones)
        for ones in range(shots + 1)
    ]
    values = [math.cos(3 * (2 * ones / shots - 1)) for ones in range(shots + 1)]
    return float(np.dot(chances, values)) - math.cos(3 * mean)


def test_corrected_values_are_without_it() -> None:
    one = driven().compile(["second.z"]).estimate(runner=cutq.SimulatedRunner(), shots=60)
    assert one.corrected[0] == one.values[0] - one.bias[0]


def test_linear_consumers_have_none() -> None:
    whole = cutq.Composition("mean")
    whole.add("first", source(0.7))
    whole.add("head", cutq.classical("linear", 1, 1))
    whole.connect("first.z", "head.x")
    one = whole.compile(["head.y"]).estimate(runner=cutq.SimulatedRunner(), shots=100)
    assert abs(one.bias[0]) < 1e-15
    weight = float(whole.weights[0].values[0, 0])
    assert one.stderr[0] == pytest.approx(abs(weight) * one.parts[0].stderr[0])


def test_without_links_it_is_the_estimate_of_the_network() -> None:
    whole = cutq.Composition("pair")
    whole.add("start", turned("start", 1.0))
    whole.add("a", cell())
    whole.add("b", cell())
    whole.connect("start.out", "a.in")
    whole.connect("a.out", "b.in")
    model = whole.compile(["Z@b.out"])
    found = model.estimate(None, {"start.x": 0.3}, runner=cutq.SimulatedRunner(), shots=3000, seed=4)
    network = model.networks[0]
    values = dict(zip(model.parameters, model.initial, strict=True)) | {"start.x": 0.3}
    row = [values[name] for name in network.parameters]
    qubit = whole.qubits("b.out")[0]
    alone = cutq.estimate(network, [f"Z{qubit}"], row, runner=cutq.SimulatedRunner(), shots=3000, seed=4)
    assert found.values[0] == pytest.approx(alone.values[0])
    assert found.stderr[0] == pytest.approx(alone.stderr[0])
    assert found.shots == alone.shots
    assert found.bias[0] == 0.0


def test_measured_slopes_give_the_same_error_bars() -> None:
    model = hybrid().compile(["end.z"])
    common = {"runner": cutq.SimulatedRunner(), "shots": 40_000, "seed": 2}
    exact = model.estimate(None, {"start.x": 0.4}, **common)
    measured = model.estimate(None, {"start.x": 0.4}, slopes="measured", **common)
    assert measured.stderr[0] == pytest.approx(exact.stderr[0], rel=0.25)
    assert measured.shots <= 40_000
    assert np.isnan(measured.bias).all()


def test_noise_outside_of_a_range_is_put_back() -> None:
    encoder = cutq.Module(
        "arc",
        cutq.Circuit(1, (cutq.Operation("ry", (0,), (cutq.param("t"),)),)),
        (cutq.ClassicalIn("x", low=-0.9, high=0.9), cutq.ClassicalOut("z", ("Z0",))),
        angles={"t": "arccos(x)"},
    )
    whole = cutq.Composition("range")
    whole.add("first", source(math.acos(0.89)))
    whole.add("arc", encoder)
    whole.connect("first.z", "arc.x")
    model = whole.compile(["first.z", "arc.z"])
    found = [model.estimate(runner=cutq.SimulatedRunner(), shots=200, seed=seed).values for seed in range(20)]
    assert max(first for first, _ in found) > 0.9
    assert max(second for _, second in found) < 1.0


def test_no_error_bar_where_there_is_no_slope() -> None:
    encoder = cutq.Module(
        "arc",
        cutq.Circuit(1, (cutq.Operation("ry", (0,), (cutq.param("t"),)),)),
        (cutq.ClassicalIn("x", low=-1.0, high=1.0), cutq.ClassicalOut("z", ("Z0",))),
        angles={"t": "arccos(x)"},
    )
    whole = cutq.Composition("edge")
    whole.add("first", source(0.0))
    whole.add("arc", encoder)
    whole.connect("first.z", "arc.x")
    with pytest.raises(cutq.ParameterError, match="no derivative at x = 1"):
        whole.compile(["arc.z"]).estimate(runner=cutq.SimulatedRunner(), shots=200)


def test_decisions_have_no_error_bars() -> None:
    whole = driven("digit")
    with pytest.raises(cutq.ModuleError, match="no gradient through 'digit'"):
        whole.compile(["second.z"]).estimate(runner=cutq.SimulatedRunner(), shots=100)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shots": 0}, "whole number of shots"),
        ({"shots": 1.5}, "whole number of shots"),
        ({"shots": 100, "slopes": "guessed"}, "slopes are one of exact, measured"),
    ],
)
def test_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(cutq.ShotsError, match=message):
        driven().compile(["second.z"]).estimate(runner=cutq.SimulatedRunner(), **options)


def test_one_row_at_a_time() -> None:
    with pytest.raises(cutq.ParameterError, match="one row"):
        hybrid().compile(["end.z"]).estimate(None, {"start.x": [0.1, 0.2]}, runner=cutq.SimulatedRunner(), shots=100)
