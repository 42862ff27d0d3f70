"""What all experiments share: tasks that are measured once each, and rows that are only ever appended.

A task is a frozen dataclass of settings; its digest says which row is its own. An experiment that was interrupted goes
on where it stopped, and a file of another version is refused. Nothing else is shared between experiments.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import importlib
import io
import json
import math
import os
import platform
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from cutq.errors import CutqError

MODES = ("quick", "medium", "full")
PACKAGES = ("cutq", "numpy", "numba")
"""Those whose versions are in every row of every experiment."""

BEFORE = ("id", "format", "mode", "started", "load")
"""First columns: digest of the task, name and version of the experiment, how it was asked for, when, and how many other
processes wanted this computer."""

BAD_INPUT, INTERRUPTED = 2, 130
CONFIDENCE = 0.95

Row = dict[str, str]


class ExperimentError(CutqError):
    """An experiment that cannot run or go on: a file of another version, or a package that is missing."""


@dataclass(frozen=True)
class Experiment:
    """What is measured.

    Attributes:
        name: of its folder.
        version: raised whenever a column gets another meaning.
        task: the dataclass of settings, ``seed`` among them.
        record: the dataclass of what comes out.
        tasks: by mode what is measured.
        measure: from a task to its record.
        draw: writes the figures of a results file into a folder.
        modes: by mode a line of help.
        packages: others whose versions are in every row.
    """

    name: str
    version: int
    task: type
    record: type
    tasks: Callable[[str], Iterable[Any]]
    measure: Callable[[Any], Any]
    draw: Callable[[Path, Path], object]
    modes: dict[str, str]
    packages: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        twice = sorted(name for name, count in Counter(self.columns).items() if count > 1)
        if twice:
            raise ExperimentError(f"a column has one meaning, but settings and records share {', '.join(twice)}")

    @property
    def format(self) -> str:
        """What a file says it holds."""
        return f"{self.name} {self.version}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        own = (one.name for kind in (self.task, self.record) for one in fields(kind))
        return (*BEFORE, *own, *PACKAGES, *self.packages, "python", "cpu")


def digest(experiment: Experiment, task: Any) -> str:
    """Twelve digits that stand for a task of an experiment."""
    text = json.dumps([experiment.format, asdict(task)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def provenance(packages: Iterable[str] = ()) -> dict[str, str]:
    """Versions of what computes, these packages among them, and the processor."""
    versions = {name: _version(name) for name in (*PACKAGES, *packages)}
    return {**versions, "python": platform.python_version(), "cpu": _processor()}


def _version(package: str) -> str:
    """Of a package; nothing where it is missing, which a task that needs it will say."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


# --- the file ---


def read(results: Path) -> list[Row]:
    """The rows of a file; a line that an interruption left unfinished is none."""
    with results.open(newline="", encoding="utf-8") as file:
        text = file.read()
    return list(csv.DictReader(io.StringIO(text[: text.rfind("\n") + 1])))


def recorded(experiment: Experiment, results: Path) -> dict[str, Row]:
    """By digest the rows that are there.

    Raises:
        ExperimentError: they are of another version of the experiment or of cutq.
    """
    rows = read(results) if results.exists() else []
    here = {"format": experiment.format, "cutq": metadata.version("cutq")}
    for row in rows:
        for column, own in here.items():
            if row.get(column) != own:
                found = row.get(column) or f"no column {column}"
                raise ExperimentError(
                    f"rows are appended to files of the same version, but {results} was written by {_named(column)} "
                    f"{found!r} and this is {own!r}; move the file away, or write elsewhere with --into FOLDER"
                )
    if rows and tuple(rows[0]) != experiment.columns:
        odd = sorted(set(rows[0]) ^ set(experiment.columns))
        raise ExperimentError(f"{results} has other columns than {experiment.format!r}: {', '.join(odd)}; move it away")
    return {row["id"]: row for row in rows}


def _named(column: str) -> str:
    return "experiment" if column == "format" else column


def append(results: Path, columns: Sequence[str], row: Row) -> None:
    """Add a row, as a whole and on the disk before the next task begins."""
    _drop_unfinished(results)
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    if not results.exists() or not results.stat().st_size:
        writer.writeheader()
    writer.writerow(row)
    with results.open("a", encoding="utf-8", newline="") as file:
        file.write(text.getvalue())
        file.flush()
        os.fsync(file.fileno())


def _drop_unfinished(results: Path) -> None:
    content = results.read_bytes() if results.exists() else b""
    if content and not content.endswith(b"\n"):
        os.truncate(results, content.rfind(b"\n") + 1)


def run(experiment: Experiment, mode: str, results: Path, say: Callable[[str], object] = print) -> int:
    """Measure what is not recorded yet; how many tasks that were."""
    tasks = {digest(experiment, task): task for task in experiment.tasks(mode)}
    known = recorded(experiment, results)
    left = {key: task for key, task in tasks.items() if key not in known}
    say(f"{experiment.name}, {mode}: {len(tasks)} tasks, {len(tasks) - len(left)} recorded already in {results}")
    own = provenance(experiment.packages) if left else {}
    for done, (key, task) in enumerate(left.items(), 1):
        head = {"id": key, "format": experiment.format, "mode": mode, "started": _now(), "load": _load()}
        record = experiment.measure(task)
        append(results, experiment.columns, {**head, **_texts(task), **_texts(record), **own})
        say(f"{done}/{len(left)}  " + "  ".join(f"{name} {text}" for name, text in _texts(task).items()))
    return len(left)


def _texts(value: Any) -> Row:
    """Fields as text; numbers with six digits, nothing for None."""
    return {name: _text(one) for name, one in asdict(value).items()}


def _text(value: object) -> str:
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _load() -> str:
    return f"{os.getloadavg()[0]:.2f}" if hasattr(os, "getloadavg") else ""


# --- medians ---


@dataclass(frozen=True)
class Median:
    """A median with an interval.

    Attributes:
        value: the median of the samples.
        low, high: order statistics between which the median of the population is, with 95 % confidence from six
            samples on; the extremes of fewer.
    """

    value: float
    low: float
    high: float


def median(samples: Sequence[float], confidence: float = CONFIDENCE) -> Median:
    """The median with its interval, whatever the distribution: its order statistics by the binomial distribution.

    >>> median([5, 1, 4, 2, 3, 6, 7, 8, 9])
    Median(value=5, low=2, high=8)
    """
    ordered, n = sorted(samples), len(samples)
    tails = [2 * sum(math.comb(n, k) for k in range(rank)) / 2**n for rank in range(1, (n + 1) // 2 + 1)]
    rank = max(1, sum(tail <= 1 - confidence for tail in tails))
    return Median(statistics.median(ordered), ordered[rank - 1], ordered[n - rank])


# --- the command ---


def needed(package: str, extra: str) -> Any:
    """A package that only some experiments need.

    Raises:
        ExperimentError: it is missing; names the command that installs it.
    """
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise ExperimentError(f"{package} is missing; install it with: pip install -e '.[{extra}]'") from error


def main(experiment: Experiment, home: Path, arguments: Sequence[str] | None = None) -> int:
    """The command of an experiment: measure what is missing, then draw; the exit status."""
    options = _options(experiment, arguments)
    mode = next((one for one in MODES if getattr(options, one)), "medium")
    into = options.into or (_quick_folder(home) if mode == "quick" else home)
    into.mkdir(parents=True, exist_ok=True)
    try:
        run(experiment, mode, into / "results.csv", lambda line: print(line, flush=True))
        experiment.draw(into / "results.csv", into)
    except CutqError as error:
        print(f"{experiment.name}: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print(f"{experiment.name}: interrupted; the same command goes on where it stopped", file=sys.stderr)
        return INTERRUPTED
    return 0


def _options(experiment: Experiment, arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m experiments.{experiment.name}")
    modes = parser.add_mutually_exclusive_group()
    for mode in MODES:
        default = " (the default)" if mode == "medium" else ""
        modes.add_argument(f"--{mode}", action="store_true", help=experiment.modes[mode] + default)
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="where results and figures go")
    return parser.parse_args(arguments)


def _quick_folder(home: Path) -> Path:
    """A folder beside the results that are kept, which git does not see."""
    folder = home / "quick"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    return folder
