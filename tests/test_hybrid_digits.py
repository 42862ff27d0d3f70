"""The hybrid experiment: its quick mode, and figures that come from the CSV alone."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn")
pytest.importorskip("torch")

import torch

from experiments.hybrid_digits.__main__ import COLUMNS, HERE, append, main
from experiments.hybrid_digits.figure import chosen, confusion, curves, draw, pictures
from experiments.hybrid_digits.model import ARMS, network, outputs
from experiments.report import section
from tests.experiments.figures import check_labels, check_readable


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def written(path: Path, mode: str, started: str, accuracy: float) -> None:
    for arm in ARMS:
        for epoch in (1, 2):
            counts = " ".join(["1"] * 100) if epoch == 2 else ""
            row = dict.fromkeys(COLUMNS, "0") | {"mode": mode, "started": started, "arm": arm, "epoch": str(epoch)}
            append(path, row | {"accuracy": str(accuracy), "confusion": counts})


@pytest.mark.long
def test_quick_mode_and_its_figures(tmp_path: Path) -> None:
    main(["--quick", "--into", str(tmp_path)])
    found = rows(tmp_path / "results.csv")
    assert [(row["arm"], row["epoch"]) for row in found] == [(arm, epoch) for arm in ARMS for epoch in "12"]
    assert all(float(row["accuracy"]) > 0.4 for row in found if row["epoch"] == "2")
    for arm in ARMS:
        assert confusion(found, arm).sum() == 540
    again = tmp_path / "again"
    again.mkdir()
    shutil.copy(tmp_path / "results.csv", again)
    for path in draw(again / "results.csv", again):
        assert path.read_bytes() == (tmp_path / path.name).read_bytes()
    before = (tmp_path / "results.csv").read_text(encoding="utf-8")
    append(tmp_path / "results.csv", dict.fromkeys(COLUMNS, "0"))
    assert (tmp_path / "results.csv").read_text(encoding="utf-8").startswith(before)


def test_the_latest_run_of_the_most_thorough_mode_is_drawn(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    for mode, started, accuracy in (("full", "2026-01", 0.1), ("full", "2026-02", 0.2), ("quick", "2026-03", 0.3)):
        written(path, mode, started, accuracy)
    found = chosen(path)
    assert {row["started"] for row in found} == {"2026-02"}
    np.testing.assert_array_equal(curves(found)["frozen"], [[0.2, 0.2]])
    assert confusion(found, "frozen").tolist() == np.ones((10, 10)).tolist()


def test_arms_differ_in_their_encoders_alone() -> None:
    arms = {arm: network(arm, seed=0) for arm in ARMS}
    weights = {arm: dict(model.named_parameters()) for arm, model in arms.items()}
    for name in weights["frozen"]:
        same = torch.equal(weights["frozen"][name], weights["from scratch"][name])
        assert same == ("encoder" not in name)
        assert torch.equal(weights["frozen"][name], weights["fine-tuned"][name])
        assert weights["frozen"][name].requires_grad == ("encoder" not in name)
        assert weights["fine-tuned"][name].requires_grad
    assert arms["frozen"][0].program.networks[0].widths == (4,) * 6
    assert arms["frozen"][1].in_features == len(outputs()) == 40


def test_what_the_readme_says_is_what_the_csv_says() -> None:
    found = curves(chosen(HERE / "results.csv"))
    text = (HERE / "README.md").read_text(encoding="utf-8")
    for arm, scores in found.items():
        assert scores.shape == (5, 15)
        mean, spread = scores[:, -1].mean(), scores[:, -1].std(ddof=1)
        assert f"| {arm} | {mean:.3f} | {spread:.3f} |" in text


@pytest.mark.parametrize("name", ["hybrid_digits", "confusion"])
def test_labels(name: str) -> None:
    picture = pictures(HERE / "results.csv")[name]
    check_labels(picture)
    check_readable(picture)


def test_marks_carry_values_on_the_page_of_experiments() -> None:
    found = section(HERE).figures
    assert set(found) == {"hybrid_digits", "confusion"}
    assert found["hybrid_digits"].count("data-tip") == 3 * 15
