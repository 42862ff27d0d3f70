"""The folder of jobs as it is written: circuits, a text for people, and the manifest."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from cutq.circuits.checks import shown
from cutq.circuits.qasm.qiskit_text import qiskit_text
from cutq.errors import CutqError, ParameterError
from cutq.shots.countfiles import COUNTS
from cutq.shots.jobs import Job
from cutq.shots.manifest import CIRCUITS, NAME, FileJob, Manifest
from cutq.shots.variants import Variant

Folder = str | os.PathLike[str]

README_NAME = "README.txt"

README = """\
These are {num_circuits} circuits of an experiment of cutq, to be run {shots} times in all.
1. Run each file of circuits/ as often as its first lines and {manifest} say.
   They are OpenQASM 3: bit k of the register c is bit k of a shot.
2. Write how often each outcome was seen into counts/, in any number of files that end in .json:
   {{"manifest": "{hash}", "counts": {{"<id>": {{"0101": 12, "0111": 3}}}}}}
   The id of a circuit is the name of its file. Bit 0 is the leftmost one of a bit string.
   Qiskit's get_counts has it rightmost: then add "order": "qiskit" beside "counts".
   Several files may have counts of one circuit; they are added up.
3. Do not change {manifest}. Ask for the values, and for what is missing until then, with
   cutq jobs import FOLDER, or in Python with cutq.import_counts("FOLDER").
"""
"""What a person is told."""


def checked_folder(name: str, folder: object) -> Path:
    """The path of a folder.

    Raises:
        ParameterError: it is none, or no system has files of that name.
    """
    try:
        path = Path(folder)  # type: ignore[arg-type]
        if b"\0" in os.fsencode(path):
            raise ValueError("a zero byte")
    except (TypeError, ValueError) as cause:
        raise ParameterError(f"{name} is the path of a folder, as text or a Path, got {shown(folder)}") from cause
    return path


def fresh_folder(folder: Folder) -> Path:
    """A folder that does not exist yet, or is empty.

    Raises:
        CutqError: it is none.
    """
    target = checked_folder("folder", folder)
    try:
        fresh = not target.exists() or (target.is_dir() and not any(target.iterdir()))
    except OSError as cause:
        raise CutqError(f"cannot write {shown(str(target))}: {cause.strerror}") from cause
    if not fresh:
        raise CutqError(f"jobs are written to a new or empty folder, but {shown(str(target))} is none")
    return target


def write_folder(target: Path, manifest: Manifest, variants: Sequence[Variant]) -> None:
    """Write the whole folder, or nothing of it; the manifest comes last, so that where it is, all is.

    Args:
        target: a new or empty folder.
        manifest: what it says.
        variants: the circuits of its jobs.

    Raises:
        TooLargeError: there are too many circuits.
        CutqError: a circuit or a file cannot be written.
    """
    text = manifest.to_json()
    try:
        _write_parts(target, manifest, variants)
        (target / NAME).write_text(text, encoding="utf-8")
    except (OSError, UnicodeError) as cause:
        _clear(target)
        raise CutqError(f"cannot write {shown(str(target))}: {cause}") from cause
    except BaseException:
        _clear(target)
        raise


def _write_parts(target: Path, manifest: Manifest, variants: Sequence[Variant]) -> None:
    """Write all but the manifest."""
    for part in (CIRCUITS, COUNTS):
        (target / part).mkdir(parents=True)
    for job, variant in zip(manifest.jobs, variants, strict=True):
        if job.file is not None:
            (target / job.file).write_text(_circuit(job, variant, manifest), encoding="utf-8")
    text = README.format(num_circuits=manifest.num_circuits, shots=manifest.shots, hash=manifest.hash, manifest=NAME)
    (target / README_NAME).write_text(text, encoding="utf-8")


def _clear(target: Path) -> None:
    """Take away what was written."""
    for part in (CIRCUITS, COUNTS):
        shutil.rmtree(target / part, ignore_errors=True)
    for name in (README_NAME, NAME):
        with suppress(OSError):
            (target / name).unlink()


def _circuit(job: FileJob, variant: Variant, manifest: Manifest) -> str:
    """The file of a job."""
    # A name of an own frame's row may have what ends a line.
    words = " ".join(job.description.split())
    lines = (
        f"id {job.id}",
        f"shots {job.shots}",
        f"manifest {manifest.hash}",
        f"{words}; bit k of c is bit k of a shot",
    )
    return "".join(f"// {line}\n" for line in lines) + qiskit_text(Job(variant, job.shots).circuit)
