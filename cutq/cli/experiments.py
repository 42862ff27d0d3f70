"""``cutq experiment list | run | report``: the studies of a checkout, each a program of its own."""

from __future__ import annotations

import difflib
import re
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from cutq.cli.errors import one_line_errors
from cutq.cli.options import AsJson
from cutq.cli.output import json_text
from cutq.errors import CutqError

experiment_app = typer.Typer(help="Experiments of a checkout: list and run them, and report what came out.")

CHECKOUT = Path(__file__).resolve().parents[2]
"""Where the package is, in a checkout beside ``experiments/``."""

Name = Annotated[str, typer.Argument(help="An experiment; see cutq experiment list.", show_default=False)]


@dataclass(frozen=True)
class Study:
    """An experiment as it is listed.

    Attributes:
        name: of its folder.
        question: what it asks, the first paragraph of its page.
        rows: how many results are there.
    """

    name: str
    question: str
    rows: int


@experiment_app.command("list")
@one_line_errors
def list_command(as_json: AsJson = False) -> None:
    """List the experiments with their questions."""
    found = studies(checkout())
    width = max((len(one.name) for one in found), default=0)
    lines = [f"{one.name:<{width}}  {one.rows:>5} rows  {_sentence(one.question)}".rstrip() for one in found]
    text = "\n".join(lines or ["no experiments"])
    typer.echo(json_text({"experiments": [asdict(one) for one in found]}) if as_json else text)


@experiment_app.command("run")
@one_line_errors
def run_command(
    name: Name,
    quick: Annotated[bool, typer.Option("--quick", help="Small: under a minute, in a folder of its own.")] = False,
    full: Annotated[bool, typer.Option("--full", help="All of it: up to 20 minutes.")] = False,
    into: Annotated[
        Path | None, typer.Option("--into", help="Write results and figures to this folder.", show_default=False)
    ] = None,
) -> None:
    """Run an experiment and draw its figures; what is recorded already is not measured again."""
    root = checkout()
    _check_known(name, root)
    if quick and full:
        raise CutqError("either --quick or --full, got both")
    flags = [*(["--quick"] if quick else []), *(["--full"] if full else [])]
    _start(root, f"experiments.{name}", *flags, *_into("--into", into))


@experiment_app.command("report")
@one_line_errors
def report_command(
    output: Annotated[Path, typer.Option("--output", "-o", help="The page to write.")] = Path("report.html"),
) -> None:
    """Write one page with all figures and tables, which needs no network."""
    _start(checkout(), "experiments.report", *_into("--output", output))


def checkout() -> Path:
    """The checkout that the package is in.

    Raises:
        CutqError: it is installed without one.
    """
    if not (CHECKOUT / "experiments" / "harness.py").is_file():
        raise CutqError(
            f"experiments belong to a checkout of cutq, and {str(CHECKOUT)!r} is none; clone the repository, "
            "pip install -e . in it, and call this again"
        )
    return CHECKOUT


def studies(root: Path) -> list[Study]:
    """The experiments of a checkout: folders with a program, a figure, and a page or results."""
    folders = sorted(path.parent for path in (root / "experiments").glob("*/__main__.py"))
    kept = [one for one in folders if (one / "figure.py").exists() and _has_something(one)]
    return [Study(one.name, _question(one / "README.md"), _rows(one / "results.csv")) for one in kept]


def _has_something(folder: Path) -> bool:
    return any((folder / name).exists() for name in ("README.md", "results.csv"))


def _question(page: Path) -> str:
    """The first paragraph below the title that is no command."""
    blocks = page.read_text(encoding="utf-8").split("\n\n") if page.exists() else []
    return next((" ".join(block.split()) for block in blocks if not block.startswith(("#", "`"))), "")


def _sentence(text: str) -> str:
    """The first sentence.

    >>> _sentence("How fast? As fast as possible.")
    'How fast?'
    """
    return re.split(r"(?<=[.?!]) ", text, maxsplit=1)[0]


def _rows(results: Path) -> int:
    return max(results.read_text(encoding="utf-8").count("\n") - 1, 0) if results.exists() else 0


def _check_known(name: str, root: Path) -> None:
    known = [one.name for one in studies(root)]
    if name not in known:
        near = difflib.get_close_matches(name[:200], known, n=3, cutoff=0.0)
        raise CutqError(f"there is no experiment {name[:200]!r}; the nearest are {', '.join(near) or 'none'}")


def _into(option: str, path: Path | None) -> list[str]:
    """The option with its path, which the program reads in another folder than this one."""
    return [] if path is None else [option, str(path.resolve())]


def _start(root: Path, module: str, *arguments: str) -> None:
    """Run a program of the checkout to its end, with its exit status."""
    status = subprocess.run([sys.executable, "-m", module, *arguments], cwd=root, check=False).returncode
    if status:
        raise typer.Exit(status)
