"""Gradients: counts equal the formulas, the ways agree, quick mode, interruptions, and what is kept."""

from __future__ import annotations

import math
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import cutq
from experiments.gradients import circuits, figure
from experiments.gradients.__main__ import EXPERIMENT
from experiments.gradients.measure import CountingRunner, exact, measure
from experiments.gradients.tasks import METHODS, Task, tasks
from experiments.harness import digest, main, read
from tests.experiments.figures import check_labels, check_readable, check_regenerates

HOME = Path(figure.__file__).parent
ROOT = HOME.parents[1]


@pytest.mark.parametrize("modules", [1, 2, 3, 5])
def test_counts_of_fragment_shifts_equal_the_formula(modules: int) -> None:
    case, runner = circuits.chain(modules), CountingRunner()
    network, angles, expected = case.network(), case.draw(0), circuits.fragment_shift(modules)
    found = cutq.estimate_gradient(
        network, case.observables[0], angles, runner=runner, shots=20 * expected, allocation="uniform"
    )
    assert len(runner.circuits) == found.num_circuits == expected
    assert cutq.price(network, case.observables[0], angles, gradient=True).ways[0].circuits == expected
    assert tuple(map(len, cutq.variants(network, case.observables, angles))) == circuits.variants(modules)


@pytest.mark.parametrize("modules", [1, 2, 3])
def test_counts_of_other_shifts_equal_their_formulas(modules: int) -> None:
    case, angles = circuits.chain(modules), circuits.chain(modules).draw(1)
    for plan, expected in (
        (case.plan, circuits.workflow_shift(modules)),
        (cutq.CutPlan.uncut(), circuits.uncut_shift(modules)),
    ):
        network, runner = cutq.split(case.circuit, plan), CountingRunner()
        for move in 0.5 * math.pi * np.vstack([np.eye(len(angles)), -np.eye(len(angles))]):
            cutq.estimate(network, case.observables, angles + move, runner=runner, shots=2000)
        assert len(runner.circuits) == expected


def test_formulas_at_a_glance() -> None:
    assert [circuits.uncut_shift(k) for k in (1, 2, 833)] == [24, 48, 19992]
    assert [circuits.workflow_shift(k) for k in (1, 2, 833)] == [24, 48 * 7, 19992 * (7 + 12 * 831)]
    assert [circuits.fragment_shift(k) for k in (1, 2, 833)] == [25, 7 * 25, (7 + 12 * 831) * 25]


def test_every_parameter_counts() -> None:
    case = circuits.chain(4)
    assert np.all(np.abs(exact(case, case.draw(0))) > 1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_methods(method: str) -> None:
    found = measure(Task(method, 2, 24, run=True, rounds=2))
    assert found.seconds is not None
    assert found.seconds > 0
    assert found.counted in (None, found.circuits)
    if method.endswith("SPSA"):
        assert found.error == pytest.approx(math.sqrt(23), rel=0.1)  # sqrt(D - 1) for one direction
    elif method == "adjoint":
        assert (found.circuits, found.error) == (0, 0.0)
    else:
        assert 0.02 < found.error < 0.5


def test_stated_errors_are_seen() -> None:
    case = circuits.chain(2)
    angles, task = case.draw(2), Task("fragment shift", 2, 24, run=True)
    stated, gradient = measure(task).error, exact(case, angles)
    deviations = [
        cutq.estimate_gradient(
            case.network(), case.observables[0], angles, runner=cutq.SimulatedRunner(seed), seed=seed,
            shots=circuits.fragment_shift(2) * task.shots_each, allocation="uniform",
        ).values - gradient
        for seed in range(20)
    ]  # fmt: skip
    seen = math.sqrt(np.mean(np.sum(np.square(deviations), axis=1))) / np.linalg.norm(gradient)
    assert seen == pytest.approx(stated, rel=0.2)


@pytest.mark.long
def test_quick_mode_goes_on_after_it_was_killed(tmp_path: Path) -> None:
    results = tmp_path / "results.csv"
    command = [sys.executable, "-m", "experiments.gradients", "--quick", "--into", str(tmp_path)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not (results.exists() and len(read(results)) >= 2):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = read(results)
    assert main(EXPERIMENT, tmp_path, command[3:]) == 0
    after = read(results)
    assert after[: len(before)] == before
    assert sorted(row["id"] for row in after) == sorted(digest(EXPERIMENT, task) for task in tasks("quick"))
    for picture in figure.pictures(results).values():
        check_labels(picture)


def test_what_is_kept_has_the_counts_of_the_formulas() -> None:
    formulas = {
        "uncut shift": circuits.uncut_shift,
        "workflow shift": circuits.workflow_shift,
        "fragment shift": circuits.fragment_shift,
    }
    kept = read(HOME / "results.csv")
    assert {int(row["parameters"]) for row in kept} >= {12, 9996}
    for row in kept:
        if row["method"] in formulas:
            assert int(row["circuits"]) == formulas[row["method"]](int(row["modules"]))
        assert row["counted"] in ("", row["circuits"])


def test_figures_come_from_the_csv_alone(tmp_path: Path) -> None:
    check_regenerates(figure, HOME, tmp_path)


@pytest.mark.parametrize("name", figure.PANELS)
def test_labels(name: str) -> None:
    picture = figure.pictures(HOME / "results.csv")[name]
    check_labels(picture)
    check_readable(picture)
