"""Prices before anything is run, against what is then paid."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from typer.testing import CliRunner

import cutq
from cutq.cli.main import app
from cutq.errors import ParameterError, ShotsError
from tests.zoo import line, ring, shared_parameters, tfim

CASES = {
    "line": (line(6, 2), "AAABBB", ["Z2 Z3", "X0"]),
    "three": (line(6, 1), "AABBCC", ["Z1 Z2", "0.5*Z5 + 2*X3"]),
    "ring": (ring(4), "AABB", ["X0 X3"]),
    "tfim": (tfim(4, 2), "AABB", ["Z0"]),
}


def network(name: str) -> tuple[cutq.Network, list[str]]:
    circuit, labels, observables = CASES[name]
    return cutq.split(circuit, cutq.CutPlan.from_partition(circuit, labels)), observables


@pytest.mark.parametrize("name", CASES)
def test_circuits_and_shots_predicted_are_paid(name: str) -> None:
    cut, observables = network(name)
    way = cutq.price(cut, observables, shots=20_000).ways[0]
    paid = cutq.estimate(cut, observables, runner=cutq.SimulatedRunner(), shots=20_000)
    assert way.circuits == paid.num_circuits == sum(way.fragment_circuits)
    assert way.shots == paid.shots
    assert [len(own) for own in cut.variants(observables)] == list(way.fragment_circuits)


@pytest.mark.parametrize("name", CASES)
def test_the_shots_of_an_error_are_enough(name: str) -> None:
    """The prediction is from structure alone, for a state of which nothing is known."""
    cut, observables = network(name)
    way = cutq.price(cut, observables, target_error=0.03).ways[0]
    paid = cutq.estimate(cut, observables, runner=cutq.SimulatedRunner(), shots=math.ceil(way.shots))
    assert paid.stderr.max() < 0.03


def test_the_circuits_of_a_gradient_are_paid() -> None:
    circuit = shared_parameters()
    cut = cutq.split(circuit, cutq.CutPlan.from_partition(circuit, "AABB"))
    (way,) = cutq.price(cut, "Z3", [0.4, -0.3], shots=100_000, gradient=True).ways
    paid = cutq.estimate_gradient(cut, "Z3", [0.4, -0.3], runner=cutq.SimulatedRunner(), shots=100_000)
    assert way.circuits == paid.num_circuits
    assert way.name == "tabulated"


def test_sampling_shot_by_shot_costs_gamma_squared() -> None:
    cut, _ = network("line")
    way = cutq.price(cut, "Z2 Z3", target_error=0.01, shot_rate=500.0).ways[1]
    assert way.name == "sampled"
    assert way.shots == pytest.approx(2 * cut.gamma**2 / 0.01**2)
    assert way.seconds == pytest.approx(way.shots / 500.0)


def test_a_weight_counts() -> None:
    cut, _ = network("line")
    one, two = (cutq.price(cut, text, target_error=1e-4).ways[1].shots for text in ("Z2 Z3", "2*Z2 Z3 + 5"))
    assert two == pytest.approx(4 * one)


def test_what_costs_nothing() -> None:
    cut, _ = network("line")
    assert cutq.price(cut).ways == ()
    (tabulated, _) = cutq.price(cut, "3").ways
    assert (tabulated.circuits, tabulated.shots, tabulated.seconds) == (0, 0.0, 0.0)


def test_budgets_and_bad_numbers_are_refused() -> None:
    cut, observables = network("line")
    with pytest.raises(ShotsError, match=r"takes \d+ circuits, but max_circuits=3"):
        cutq.price(cut, observables, max_circuits=3)
    with pytest.raises(ShotsError, match=r"takes about \d+ shots, but max_shots=10"):
        cutq.price(cut, observables, max_shots=10)
    with pytest.raises(ShotsError, match=r"either shots=... or target_error=..."):
        cutq.price(cut, observables, shots=10, target_error=0.1)
    for bad in ({"shots": 0}, {"target_error": math.inf}, {"shot_rate": -1.0}):
        with pytest.raises(ParameterError, match="is a positive number"):
            cutq.price(cut, observables, **bad)
    with pytest.raises(ParameterError, match="that of one observable, got 2"):
        cutq.price(cut, observables, gradient=True)


def test_the_command_line() -> None:
    file = "experiments/circuits/ansatz_line_n8.qasm"
    words = ["price", file, "-q", "5", "-o", "Z3 Z4", "--time-limit", "1", "--target-error", "0.05"]
    text = CliRunner().invoke(app, words)
    assert text.exit_code == 0, text.output
    assert "tabulated" in text.output
    assert "standard error 0.05" in text.output
    data = json.loads(CliRunner().invoke(app, [*words, "--json"]).output)
    assert [way["name"] for way in data["price"]["ways"]] == ["tabulated", "sampled"]
    assert np.isfinite(data["price"]["ways"][0]["shots"])
    refused = CliRunner().invoke(app, [*words, "--max-circuits", "2"])
    assert refused.exit_code == 2
    assert "max_circuits=2" in refused.output


def test_there_is_no_gradient_through_samples() -> None:
    circuit = shared_parameters()
    cut = cutq.split(circuit, cutq.CutPlan.from_partition(circuit, "AABB"))
    with pytest.raises(ShotsError, match="no average over samples"):
        cutq.estimate_gradient(cut, "Z3", [0.4, -0.3], runner=cutq.SimulatedRunner(), shots=10_000, method="sampled")
