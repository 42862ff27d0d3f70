"""The command line where experiments are concerned: list, run, report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cutq.cli import experiments
from cutq.cli import main as cli

ROOT = Path(__file__).parents[1]


def call(*words: object) -> Result:
    return CliRunner().invoke(cli.app, [str(word) for word in ("experiment", *words)])


def fails(*words: object) -> str:
    result = call(*words)
    assert result.exit_code == 2, result.output
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_list() -> None:
    result = call("list", "--json")
    assert result.exit_code == 0, result.output
    rows = {row["name"]: row for row in json.loads(result.stdout)["experiments"]}
    assert {"scaling", "gradients"} <= set(rows)
    assert "harness" not in rows
    assert "demo" not in rows
    assert rows["scaling"]["rows"] > 0
    assert rows["scaling"]["question"].endswith("?")
    assert all(name in call("list").stdout for name in rows)


def test_an_unknown_name_has_neighbours() -> None:
    assert "no experiment 'scalling'; the nearest are scaling" in fails("run", "scalling")
    assert "the nearest are" in fails("run", "../scaling")


def test_modes_exclude_each_other() -> None:
    assert "either --quick or --full" in fails("run", "scaling", "--quick", "--full")


@pytest.mark.parametrize("words", [("list",), ("run", "scaling"), ("report",)])
def test_elsewhere_than_in_a_checkout(words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experiments, "CHECKOUT", tmp_path)
    assert "belong to a checkout of cutq" in fails(*words)


def test_a_program_is_started_with_its_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []

    class Done:
        returncode = 3

    def record(command: list[str], cwd: Path, check: bool) -> Done:
        assert (cwd, check) == (ROOT, False)
        seen.append(command[1:])
        return Done()

    monkeypatch.setattr(experiments.subprocess, "run", record)
    monkeypatch.chdir(tmp_path)
    assert call("run", "scaling", "--quick", "--into", "there").exit_code == 3
    assert call("report", "-o", "page.html").exit_code == 3
    assert seen == [
        ["-m", "experiments.scaling", "--quick", "--into", str(tmp_path / "there")],
        ["-m", "experiments.report", "--output", str(tmp_path / "page.html")],
    ]


@pytest.mark.long
def test_report(tmp_path: Path) -> None:
    result = call("report", "-o", tmp_path / "page.html")
    assert result.exit_code == 0, result.output
    assert 'id="scaling-modules"' in (tmp_path / "page.html").read_text(encoding="utf-8")
