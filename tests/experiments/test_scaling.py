"""Scaling: the systems, the fits, quick mode, and that the results that are kept say what their page says."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from matplotlib.figure import Figure

import cutq
from experiments.harness import main, read, run
from experiments.scaling import figure, rows
from experiments.scaling.__main__ import EXPERIMENT
from experiments.scaling.systems import SHAPES, system
from experiments.scaling.tasks import Task, tasks
from tests.experiments.figures import check_labels, check_readable, check_regenerates

HOME = Path(figure.__file__).parent
FEW = [
    Task(shape, 4, 6, method=method, rounds=2)
    for shape in SHAPES
    for method in ("fragments", "statevector", "gates")
] + [Task("chain", n, 6, shared, rounds=2) for n in (2, 5) for shared in (1, 2, 3) if shared < n]  # fmt: skip


def kept() -> list[rows.Row]:
    with (HOME / "results.csv").open(newline="", encoding="utf-8") as file:
        return rows.parsed(csv.DictReader(file))


@pytest.mark.parametrize("shape", SHAPES)
def test_nothing_is_outside_of_the_cone(shape: str) -> None:
    case = system(shape, 4, 6)
    network, angles = case.network(), case.draw(3)
    assert network.widths == (4,) * 6
    assert nx.is_connected(nx.Graph(network.graph))
    values = cutq.gradient(network, case.observables[0], angles)
    assert np.all(np.abs(values) > 1e-9)


@pytest.mark.parametrize(("shape", "loops"), [("chain", 0), ("tree", 0), ("ring", 1), ("grid", 2)])
def test_shapes(shape: str, loops: int) -> None:
    graph = nx.Graph(system(shape, 4, 6).network().graph)
    assert graph.number_of_edges() - graph.number_of_nodes() + 1 == loops


@pytest.mark.parametrize("shared", [1, 2, 3])
def test_sizes_are_known_beforehand(shared: int) -> None:
    task = Task("chain", 5, 4, shared)
    case = system("chain", 5, 4, shared)
    assert len(case.network().bonds) == 3 * shared
    assert (case.circuit.num_qubits, len(case.circuit.operations)) == (task.num_qubits, task.num_gates)


def test_modes_hold_each_other() -> None:
    count = {mode: len(set(tasks(mode))) for mode in ("quick", "medium", "full")}
    assert count["quick"] < count["medium"] < count["full"]
    assert set(tasks("medium")) <= set(tasks("full"))
    assert all(task.modules % 3 == 0 for task in tasks("full") if task.shape == "grid")


def test_methods_agree_and_figures_are_drawn(tmp_path: Path) -> None:
    few = replace(EXPERIMENT, tasks=lambda mode: FEW)
    run(few, "quick", tmp_path / "results.csv", lambda line: None)
    found = read(tmp_path / "results.csv")
    for shape in SHAPES:
        values = {row["value"] for row in found if row["shape"] == shape and row["num_wires"] == "4"}
        assert len(values) == 1, shape
    assert all(float(row["value_low"]) <= float(row["value_s"]) <= float(row["value_high"]) for row in found)
    for picture in figure.pictures(tmp_path / "results.csv").values():
        check_labels(picture)


@pytest.mark.long
def test_quick_mode(tmp_path: Path) -> None:
    assert main(EXPERIMENT, tmp_path, ["--quick", "--into", str(tmp_path)]) == 0
    assert len(read(tmp_path / "results.csv")) == len(list(tasks("quick")))
    with (tmp_path / "results.csv").open(newline="", encoding="utf-8") as file:
        assert "modules" in rows.report(rows.parsed(csv.DictReader(file)))
    for picture in figure.pictures(tmp_path / "results.csv").values():
        check_labels(picture)


def test_figures_come_from_the_csv_alone(tmp_path: Path) -> None:
    check_regenerates(figure, HOME, tmp_path)


def test_overlapping_labels_are_seen() -> None:
    picture = Figure()
    picture.text(0.5, 0.5, "one")
    picture.text(0.51, 0.5, "two")
    with pytest.raises(AssertionError, match="overlaps"):
        check_labels(picture)


@pytest.mark.parametrize("name", figure.PANELS)
def test_labels(name: str) -> None:
    picture = figure.pictures(HOME / "results.csv")[name]
    check_labels(picture)
    check_readable(picture)


@pytest.mark.parametrize(("shape", "most"), [("chain", 0.05), ("tree", 0.05), ("grid", 0.05), ("ring", 0.08)])
def test_time_is_linear_in_the_modules(shape: str, most: float) -> None:
    found, error = rows.exponent(kept(), shape, "gradient_s")
    assert abs(found - 1.0) <= most
    assert error < 0.05


def test_each_qubit_doubles_a_gate() -> None:
    found, error = rows.base(kept(), 1)
    assert abs(found - 2.0) <= 0.15
    assert error < 0.15


def test_memory_is_linear_too() -> None:
    points = rows.line(rows.selected(kept(), shape="chain", num_wires=8, shared=1), "modules", "memory_bytes")
    long = [point for point in points if point[0] >= 100]
    assert rows.slope(np.log([p[0] for p in long]), np.log([p[1] for p in long]))[0] == pytest.approx(1, abs=0.02)


def test_slope() -> None:
    x = np.arange(20.0)
    noise = np.random.default_rng(0).normal(size=(300, 20))
    found = np.array([rows.slope(x, 3 * x + row) for row in noise])
    assert found[:, 0].mean() == pytest.approx(3, abs=0.01)
    assert found[:, 1].mean() == pytest.approx(found[:, 0].std(), rel=0.1)
    assert np.isnan(rows.slope([1], [1])[0])
