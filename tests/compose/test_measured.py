"""Derivatives of models that are measured: unbiased without links, right to first order through them, in their shots."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

import cutq
from cutq.circuits.observable import Observable
from cutq.shots.jobs import Counts, Job

SEEDS = 60


class Recording:
    """Simulates, and remembers how many shots each job had."""

    def __init__(self) -> None:
        self.shots: list[int] = []
        self.runner = cutq.SimulatedRunner()

    def run(self, jobs: Sequence[Job]) -> list[Counts]:
        self.shots += [job.shots for job in jobs]
        return self.runner.run(jobs)


class Refusing:
    """Runs nothing."""

    def run(self, jobs: Sequence[Job]) -> list[Counts]:
        raise AssertionError("nothing is to be run")


def cell(name: str) -> cutq.Module:
    """Two qubits: data on one, a gate that is cut with a weight and one with data in it, and weights."""
    x, w = [cutq.param(f"x[{k}]") for k in range(2)], [cutq.param(f"w[{k}]") for k in range(4)]
    operations = (
        cutq.Operation("ry", (0,), (x[0],)),
        cutq.Operation("ry", (1,), (w[0],)),
        cutq.Operation("rzz", (0, 1), (w[1],)),
        cutq.Operation("rx", (0,), (w[2] + 0.3 * x[0],)),
        cutq.Operation("rxx", (0, 1), (x[1],)),
        cutq.Operation("ry", (1,), (2 * w[3],)),
    )
    ports = (cutq.ClassicalIn("x", (2,)), cutq.ClassicalOut("z", ("Z0", "0.5*X1 + 1")), cutq.QuantumOut("out", (0, 1)))
    return cutq.Module(name, cutq.Circuit(2, operations), ports).initialised(3)


def alone(max_qubits: int | None = 1) -> cutq.Model:
    whole = cutq.Composition("alone")
    whole.add("cell", cell("cell"))
    return whole.compile(["cell.z", "Z@cell.out[0] Z@cell.out[1]"], max_qubits)


def linked() -> cutq.Model:
    """Numbers of one cell drive another, and one output is a product over both."""
    whole = cutq.Composition("linked")
    whole.add("first", cell("first"))
    whole.add("head", cutq.classical("linear", 2, 2, seed=5))
    whole.add("second", cell("second"))
    whole.connect("first.z", "head.x")
    whole.connect("head.y", "second.x", through="tanh")
    return whole.compile(["second.z", "Z@first.out[0] X@second.out[1]"])


DATA = {"alone": {"cell.x": [0.4, 0.7]}, "linked": {"first.x": [0.4, 0.7]}}
WEIGHTS = np.array([1.0, -0.5, 0.8])


def measured(model: cutq.Model, data: dict[str, list[float]], shots: int, *, by_data: bool = False) -> np.ndarray:
    """For each seed the derivatives by parameters, or by parameters and data."""
    found = []
    for seed in range(SEEDS):
        run = model.estimate_vjp_all if by_data else model.estimate_vjp
        _, pullback = run(None, data, runner=cutq.SimulatedRunner(), shots=shots, seed=7 * seed, allocation="uniform")
        one = pullback(WEIGHTS)
        found.append(np.concatenate([one.params, *one.data.values()]) if by_data else one)
    return np.array(found)


@pytest.mark.parametrize("max_qubits", [None, 1])
def test_unbiased_with_the_error_bars_of_the_gradient(max_qubits: int | None) -> None:
    model, data, shots = alone(max_qubits), DATA["alone"], 8_000
    _, pullback = model.vjp(None, data)
    found = measured(model, data, shots)
    (network,), program = model.networks, model.planned.steps[0].program  # type: ignore[attr-defined]
    whole = sum((one * w for one, w in zip(program.observables, [1.0, -0.25, 0.8], strict=True)), Observable("0*Z0"))
    names = [name.replace("cell.", "") for name in network.parameters]
    values = {f"x[{k}]": value for k, value in enumerate(data["cell.x"])} | {
        name.replace("cell.", ""): value for name, value in zip(model.parameters, model.initial, strict=True)
    }
    gradient = cutq.estimate_gradient(
        network, whole, [values[name] for name in names], runner=cutq.SimulatedRunner(), shots=10 * shots
    )
    errors = [gradient.stderr[names.index(name.replace("cell.", ""))] for name in model.parameters]
    # As many shots for each circuit, for ten times as many in total and about half as many circuits without the data.
    assert found.std(axis=0).max() < 6 * max(errors)
    assert np.all(abs(found.mean(axis=0) - pullback(WEIGHTS)) < 4 * found.std(axis=0) / math.sqrt(SEEDS) + 1e-12)
