"""Manifests: what was written to a folder for devices that are reached by file, and all that its counts mean."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from cutq.circuits.checks import shown
from cutq.errors import CountsError, TooLargeError
from cutq.shots.allocation import ALLOCATIONS
from cutq.shots.recipe import Recipe, data_hash, read_recipe
from cutq.shots.strict import MOST_BYTES, Entry, read_json

FORMAT, VERSION = "cutq jobs", 1

NAME = "manifest.json"
"""Name of its file in the folder."""

CIRCUITS = "circuits"
"""Where the circuits are in the folder."""

MOST_JOBS = 100_000
"""Circuits up to which they are written."""

ID = re.compile(r"f[0-9]{1,6}-[0-9a-f]{16}")
"""What jobs are called: their fragment, and a hash of what distinguishes them from its others."""

KEYS = ("format", "version", "cutq", "experiment", "allocation", "seed", "jobs", "pilot", "hash")
JOB_KEYS = ("id", "file", "shots", "num_bits", "description")

Tally = Mapping[str, int]
"""Counts by bit string, bit 0 leftmost."""


@dataclass(frozen=True)
class FileJob:
    """A circuit of an experiment, and how often a device is asked to run it.

    Attributes:
        id: its name.
        shots: how often it is run.
        num_bits: how many bits a shot has.
        description: what it does, for people.
    """

    id: str
    shots: int
    num_bits: int
    description: str

    @property
    def file(self) -> str | None:
        """Where its circuit is in the folder; None where it is not run."""
        return f"{CIRCUITS}/{self.id}.qasm" if self.shots else None

    def data(self) -> dict[str, Any]:
        """The job as plain data for JSON."""
        return {key: getattr(self, key) for key in JOB_KEYS}


@dataclass(frozen=True)
class Pilot:
    """The counts of earlier folders.

    Attributes:
        manifest: hash of the manifest that they belong to.
        counts: by id of the job.
    """

    manifest: str
    counts: Mapping[str, Tally] = field(repr=False)


@dataclass(frozen=True, eq=False)
class Manifest:
    """What was written to a folder of jobs.

    Attributes:
        version: the version of cutq that wrote it.
        recipe: what the circuits follow from.
        allocation: how the shots were shared.
        seed: what was given as seed.
        jobs: all circuits of the experiment, in its order.
        pilot: the counts that the shots were shared by; None in a first round.
    """

    version: str
    recipe: Recipe = field(repr=False)
    allocation: str
    seed: int
    jobs: tuple[FileJob, ...] = field(repr=False)
    pilot: Pilot | None = None

    @property
    def shots(self) -> int:
        """How many shots are asked for, of all circuits together."""
        return sum(job.shots for job in self.jobs)

    @property
    def num_circuits(self) -> int:
        """How many circuits are to be run."""
        return sum(job.file is not None for job in self.jobs)

    @cached_property
    def hash(self) -> str:
        """Of all that it says; what counts belong to."""
        return data_hash(self._data())

    def __str__(self) -> str:
        return f"{self.num_circuits} circuits, {self.shots} shots, manifest {self.hash}"

    def to_json(self) -> str:
        """The manifest as JSON.

        Raises:
            TooLargeError: it would not be read again.
        """
        text = json.dumps({**self._data(), "hash": self.hash}, indent=1, allow_nan=False)
        if len(text) > MOST_BYTES or len(self.jobs) > MOST_JOBS:
            raise TooLargeError(
                f"a manifest has at most {MOST_JOBS} circuits and {MOST_BYTES} bytes, but this one has "
                f"{len(self.jobs)} and {len(text)}; cut less, or elsewhere"
            )
        return text

    def _data(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "version": VERSION,
            "cutq": self.version,
            "experiment": self.recipe.data(),
            "allocation": self.allocation,
            "seed": self.seed,
            "jobs": [job.data() for job in self.jobs],
            "pilot": None if self.pilot is None else vars(self.pilot),
        }


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder.

    Raises:
        CountsError: there is none, or it was changed since it was written.
    """
    try:
        there = (folder / NAME).is_file()
    except OSError as cause:
        raise CountsError(f"{shown(str(folder))} cannot be read: {cause.strerror}") from cause
    if not there:
        raise CountsError(f"{shown(str(folder))} has no {NAME}, so it is no folder that cutq.export_jobs wrote")
    entry = read_json(folder / NAME)
    found = _read(entry)
    if found.hash != entry.text("hash"):
        raise CountsError(
            f"{entry.where}: it was changed since it was written: its hash is {shown(entry.text('hash'))}, but that of "
            f"what it says is {found.hash!r}; restore it, or export again"
        )
    return found


def _read(entry: Entry) -> Manifest:
    if entry.data.get("format") != FORMAT or entry.data.get("version") != VERSION:
        said = f"{shown(entry.data.get('format'))} and {shown(entry.data.get('version'))}"
        raise CountsError(f"{entry.where}: this reads manifests of format {FORMAT!r}, version {VERSION}, got {said}")
    entry.check_keys(KEYS)
    if entry.text("allocation") not in ALLOCATIONS:
        entry.fail("allocation", f"one of {', '.join(ALLOCATIONS)}")
    jobs = tuple(_read_job(one) for one in entry.entries("jobs"))
    if len(jobs) > MOST_JOBS or len({job.id for job in jobs}) < len(jobs):
        entry.fail("jobs", f"a list of at most {MOST_JOBS} jobs of different ids")
    return Manifest(
        entry.text("cutq"),
        read_recipe(entry.entry("experiment")),
        entry.text("allocation"),
        entry.whole("seed", least=0),
        jobs,
        None if entry.data["pilot"] is None else _read_pilot(entry.entry("pilot"), jobs),
    )


def _read_job(entry: Entry) -> FileJob:
    entry.check_keys(JOB_KEYS)
    if not ID.fullmatch(entry.text("id")):
        entry.fail("id", "a fragment and a hash, such as 'f0-0123456789abcdef'")
    found = FileJob(
        entry.text("id"), entry.whole("shots", least=0), entry.whole("num_bits", least=1), entry.text("description")
    )
    if entry.data["file"] != found.file:
        entry.fail("file", f"{found.file!r}, after its id")
    return found


def _read_pilot(entry: Entry, jobs: tuple[FileJob, ...]) -> Pilot:
    entry.check_keys(("manifest", "counts"))
    counts = entry.entry("counts")
    if set(counts.data) != {job.id for job in jobs}:
        raise CountsError(f"{counts.where}: a pilot has counts for each of the {len(jobs)} jobs, by their ids")
    return Pilot(entry.text("manifest"), {job.id: read_tally(counts.entry(job.id), job) for job in jobs})


def read_tally(entry: Entry, job: FileJob, reverse: bool = False) -> dict[str, int]:
    """The counts of one job.

    Args:
        entry: numbers by bit string; spaces are not seen.
        job: the job.
        reverse: whether bit 0 is rightmost in the bit strings.

    Raises:
        CountsError: a bit string has the wrong length, or a number is negative or none.
    """
    found: dict[str, int] = {}
    for key in entry.data:
        bits = key.replace(" ", "")
        if len(bits) != job.num_bits or set(bits) - {"0", "1"}:
            raise CountsError(f"{entry.where}: a shot is {job.num_bits} bits of 0 and 1, got {shown(key)}")
        # A key "order" says that these are the bits as Qiskit writes them.
        bits = bits[::-1] if reverse else bits
        found[bits] = found.get(bits, 0) + entry.whole(key, least=0)
    return found
