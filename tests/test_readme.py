"""Every Python block and every cutq command of README.md and docs/ runs as it stands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cutq.cli import main as cli

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
EXTRAS = {"interop.md": ("torch", "jax", "optax"), "training.md": ("jax", "optax")}
"""Libraries of extras that pages need; a page is skipped where one is missing."""

BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def blocks(page: Path, language: str) -> list[str]:
    return [text for kind, text in BLOCK.findall(page.read_text(encoding="utf-8")) if kind == language]


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_python_blocks_run_one_after_another(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for library in EXTRAS.get(page.name, ()):
        pytest.importorskip(library)
    _work_beside_the_circuits(tmp_path, monkeypatch)
    names: dict[str, object] = {}
    for text in blocks(page, "python"):
        exec(compile(text, str(page), "exec"), names)


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_commands_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _work_beside_the_circuits(tmp_path, monkeypatch)
    for text in blocks(page, "sh"):
        for command in text.replace("\\\n", " ").splitlines():
            words = shlex.split(command, comments=True)
            if words[:1] == ["cutq"]:
                result = CliRunner().invoke(cli.app, words[1:])
                assert result.exit_code == 0, f"{command}: {result.output}"


def test_the_two_commands_stand_first() -> None:
    assert blocks(ROOT / "README.md", "sh")[0].split("#")[0].strip().startswith("make demo")
    assert "make test" in blocks(ROOT / "README.md", "sh")[0]


def _work_beside_the_circuits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "experiments").symlink_to(ROOT / "experiments")
    monkeypatch.chdir(tmp_path)
