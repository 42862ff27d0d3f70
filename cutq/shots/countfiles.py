"""Files of counts, as people and machines write them: any number of them, in any order, in parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from cutq.circuits.checks import shown
from cutq.errors import CountsError
from cutq.shots.jobs import Counts
from cutq.shots.manifest import FileJob, Manifest, Tally, read_tally
from cutq.shots.strict import Entry, read_json

COUNTS = "counts"
"""Where the files are in the folder."""

QISKIT = "qiskit"
"""The value of the key ``order`` in a file whose bit strings have bit 0 rightmost."""

LISTED = 5
"""Jobs that a message names."""


def all_counts(folder: Path, manifest: Manifest) -> list[Tally]:
    """The counts of each job of a folder, pooled with those of its pilot.

    Raises:
        CountsError: counts belong to another manifest or to no job, cannot be, are too many, or are missing.
    """
    found = collected(folder, manifest)
    _check_complete(folder, manifest, found)
    earlier = {} if manifest.pilot is None else manifest.pilot.counts
    return [pooled([found[job.id], earlier.get(job.id, {})]) for job in manifest.jobs]


def pooled(tallies: Sequence[Tally]) -> dict[str, int]:
    """Counts of one job together.

    >>> pooled([{"0": 3}, {"0": 1, "1": 2}])
    {'0': 4, '1': 2}
    """
    found: Counter[str] = Counter()
    for one in tallies:
        found.update(one)
    return dict(found)


def collected(folder: Path, manifest: Manifest) -> dict[str, dict[str, int]]:
    """The counts of all files of a folder, by id of the job."""
    found: dict[str, dict[str, int]] = {job.id: {} for job in manifest.jobs}
    jobs = {job.id: job for job in manifest.jobs if job.file is not None}
    for file in sorted((folder / COUNTS).glob("*.json")):
        for id_, tally in _read(file, manifest, jobs):
            found[id_] = pooled([found[id_], tally])
            total = sum(found[id_].values())
            if total > jobs[id_].shots:
                raise CountsError(
                    f"{file}: {id_} has {total} counts with those of the files before, but {jobs[id_].shots} shots "
                    "were asked for; is a file there twice?"
                )
    return found


def _read(file: Path, manifest: Manifest, jobs: Mapping[str, FileJob]) -> list[tuple[str, dict[str, int]]]:
    """The counts of one file."""
    entry = read_json(file)
    entry.check_keys(("manifest", "counts"), ("order",))
    if entry.text("manifest") != manifest.hash:
        raise CountsError(
            f"{file}: these are counts of the manifest {shown(entry.text('manifest'))}, but this folder's is "
            f"{manifest.hash!r}; put them where they belong"
        )
    if entry.data.get("order", QISKIT) != QISKIT:
        entry.fail("order", f"{QISKIT!r} where bit 0 is rightmost, and left out where it is leftmost")
    counts = entry.entry("counts")
    return [(id_, _tally(counts, id_, jobs, "order" in entry.data)) for id_ in counts.data]


def _tally(counts: Entry, id_: str, jobs: Mapping[str, FileJob], reverse: bool) -> dict[str, int]:
    if id_ not in jobs:
        raise CountsError(f"{counts.where}: there is no job {shown(id_)} to be run; the ids are in the manifest")
    return read_tally(counts.entry(id_), jobs[id_], reverse)


def _check_complete(folder: Path, manifest: Manifest, found: Mapping[str, Tally]) -> None:
    missing = {job.id: job.shots - sum(found[job.id].values()) for job in manifest.jobs}
    missing = {id_: number for id_, number in missing.items() if number}
    if not missing:
        return
    first = ", ".join(f"{id_} ({number} shots)" for id_, number in list(missing.items())[:LISTED])
    more = ", ..." if len(missing) > LISTED else ""
    good = {k: Counts.of(found[job.id]) for k, job in enumerate(manifest.jobs) if job.shots and job.id not in missing}
    raise CountsError(
        f"{folder}: counts of {len(missing)} of {manifest.num_circuits} circuits are missing or not complete: "
        f"{first}{more}; run them and add their counts to {COUNTS}/, those that are there stay",
        good,
    )
