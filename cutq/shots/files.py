"""Devices that are reached by file: jobs are written to a folder, and counts that come days later are read from it."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from cutq.circuits.checks import is_one_of
from cutq.circuits.observable import Observable
from cutq.errors import CountsError, CutqError, PlanError, ShotsError
from cutq.exact.checks import whole_number
from cutq.network.frames import Frames
from cutq.network.legspace import Reals
from cutq.network.network import Network
from cutq.shots.allocation import coefficient_shares, pilot_shares, uniform_shares, whole_shots
from cutq.shots.countfiles import all_counts
from cutq.shots.estimate import Estimate
from cutq.shots.experiment import Experiment
from cutq.shots.jobfolder import Folder, checked_folder, fresh_folder, write_folder
from cutq.shots.jobs import Counts
from cutq.shots.manifest import NAME, FileJob, Manifest, Pilot, Tally, read_manifest
from cutq.shots.measure import Effort, Record, check_effort, estimate_of
from cutq.shots.moments import Moments, moments
from cutq.shots.recipe import Recipe, recipe_of
from cutq.shots.tomography import Tomography
from cutq.shots.variants import Variant


def export_jobs(
    network: Network,
    observables: Sequence[Observable | str] | Observable | str,
    folder: Folder,
    params: ArrayLike | None = None,
    *,
    shots: int,
    frames: Frames | None = None,
    allocation: str = "uniform",
    seed: int = 0,
    pilot: Folder | None = None,
    max_circuits: int | None = None,
    max_shots: int | None = None,
) -> Manifest:
    """Write the circuits of an estimate to a folder, one OpenQASM 3 file for each, for a device reached by file.

    The folder holds ``manifest.json``, which says all that is needed to read the counts later, ``README.txt`` for the
    person who runs the circuits, and an empty ``counts/`` for what comes back; see :func:`import_counts`.

    Args:
        network: the network.
        observables: what is asked for.
        folder: a new or empty folder.
        params: values in the order of ``network.parameters``, (P,).
        shots: how many shots in total.
        frames: as in :func:`cutq.estimate`; own frames for wires are those of :func:`cutq.own_frame`.
        allocation: how shots are shared: ``"uniform"`` or ``"coefficient"``; with a pilot always ``"pilot"``.
        seed: kept with the estimate.
        pilot: an earlier folder of the same experiment with all its counts: they say how the shots are best shared, and
            are pooled with those of the new folder, which keeps a copy of them.
        max_circuits, max_shots: what may be run at most, the pilot included.

    Returns:
        What was written.

    Raises:
        ShotsError: there are fewer shots than circuits, or more circuits or shots than allowed.
        CountsError: the pilot is of another experiment, or not complete.
        PlanError: the network or a frame cannot be written.
        CutqError: the folder is not empty, or cannot be written.

    >>> import tempfile
    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> pair = Circuit(2, (Operation("ry", (0,), (0.8,)), Operation("cx", (0, 1))))
    >>> network = split(pair, CutPlan.from_partition(pair, "AB"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     manifest = export_jobs(network, ["Z1"], f"{folder}/jobs", shots=1000)
    ...     sorted(file.name for file in Path(folder, "jobs").iterdir()), manifest.shots
    (['README.txt', 'circuits', 'counts', 'manifest.json'], 1000)
    """
    target = fresh_folder(folder)
    more = whole_number("shots", shots, least=0)
    effort = Effort(more, None, _way(allocation, pilot), seed, max_circuits, max_shots)
    before = None if pilot is None else checked_folder("pilot", pilot)
    recipe = recipe_of(network, observables, params, frames)
    # From here on all is as if the recipe had been read, lest the counts mean something else then.
    asked = recipe.experiment()
    earlier = None if before is None else _pilot(before, recipe, asked)
    record = Record(asked, [] if earlier is None else _data(asked, list(earlier.counts.values())))
    check_effort(asked, replace(effort, shots=record.shots + more))
    jobs = _jobs(asked, _numbers(record, effort.allocation, more))
    manifest = Manifest(_version(), recipe, effort.allocation, effort.seed, jobs, earlier)
    write_folder(target, manifest, _variants(asked))
    return manifest


def import_counts(folder: Folder) -> Estimate:
    """The estimate from the counts that were put into a folder of :func:`export_jobs`.

    All files ``counts/*.json`` are read, in whatever order and parts the counts came. The estimate is the one that
    :func:`cutq.estimate` makes of the same counts; those of the pilot, if there was one, count as well.

    Args:
        folder: the folder.

    Returns:
        The estimate; its values are (observables,).

    Raises:
        CountsError: counts belong to another manifest or to no job, cannot be counts of its circuit, are more than the
            shots that were asked for, or are missing; the message says of what. ``error.counts`` has those that are
            complete, by position of the job.

    >>> import json, tempfile
    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> network = split(Circuit(1, (Operation("ry", (0,), (0.5,)),)), CutPlan.uncut())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     manifest = export_jobs(network, "Z0", folder, shots=1000)
    ...     counts = {"manifest": manifest.hash, "counts": {manifest.jobs[0].id: {"0": 940, "1": 60}}}
    ...     _ = Path(folder, "counts", "monday.json").write_text(json.dumps(counts))
    ...     print(import_counts(folder))
    1000 shots of 1 circuits
      Z0                   0.880 ± 0.015
    """
    where = checked_folder("folder", folder)
    manifest = read_manifest(where)
    counts = all_counts(where, manifest)
    asked = _experiment(where, manifest)
    shots = sum(sum(one.values()) for one in counts)
    return estimate_of(asked, _data(asked, counts), Effort(shots, None, manifest.allocation, manifest.seed))


def _way(allocation: str, pilot: Folder | None) -> str:
    """How shots are shared.

    Raises:
        ShotsError: that and the pilot contradict each other.
    """
    if pilot is None and is_one_of(allocation, ("pilot",)):
        raise ShotsError("allocation='pilot' takes the counts of an earlier folder; name it with pilot=...")
    if pilot is not None and is_one_of(allocation, ("coefficient",)):
        raise ShotsError("allocation='coefficient' takes no pilot; leave one of the two out")
    return allocation if pilot is None else "pilot"


def _variants(asked: Experiment) -> list[Variant]:
    """All circuits of an experiment that are run, in the order of the jobs."""
    return [one.variants[v] for one in asked.tomographies for v in _run(one)]


def _run(one: Tomography) -> list[int]:
    """Positions of the variants that are run; the others read nothing."""
    return np.flatnonzero(~one.sure).tolist()


def _id(variant: Variant) -> str:
    return f"f{variant.position}-{variant.key}"


def _jobs(asked: Experiment, numbers: Sequence[np.ndarray]) -> tuple[FileJob, ...]:
    """The jobs of an experiment.

    Raises:
        PlanError: two of its circuits are the same, so that they cannot be told apart by name.
    """
    ids = Counter(map(_id, _variants(asked)))
    for variant in _variants(asked):
        if ids[_id(variant)] > 1:
            raise PlanError(f"two circuits are the same, {variant}; an own frame has a row twice")
    each = [int(own[v]) for one, own in zip(asked.tomographies, numbers, strict=True) for v in _run(one)]
    return tuple(
        FileJob(_id(variant), number, variant.num_bits, str(variant))
        for variant, number in zip(_variants(asked), each, strict=True)
    )


def _data(asked: Experiment, counts: Sequence[Tally]) -> list[Moments]:
    """The data of an experiment, from the counts of each of its circuits."""
    left = iter(counts)
    found = []
    for one in asked.tomographies:
        run = _run(one)
        own = [(v, tally) for v, tally in zip(run, itertools.islice(left, len(run)), strict=True) if tally]
        found.append(moments(one, [v for v, _ in own], [Counts.of(tally) for _, tally in own]))
    return found


def _pilot(folder: Path, recipe: Recipe, asked: Experiment) -> Pilot:
    """The counts of an earlier folder, by the ids of the jobs of this one.

    Raises:
        CountsError: it is of another experiment.
    """
    manifest = read_manifest(folder)
    if manifest.recipe.hash != recipe.hash:
        raise CountsError(
            f"{folder} is no pilot of this experiment: its circuit, cuts, observables, parameter values or frames are "
            f"others, for their hash is {manifest.recipe.hash!r}, but here {recipe.hash!r}"
        )
    _check_circuits(folder, manifest, asked)
    counts = all_counts(folder, manifest)
    return Pilot(manifest.hash, {_id(v): one for v, one in zip(_variants(asked), counts, strict=True)})


def _experiment(folder: Path, manifest: Manifest) -> Experiment:
    """The experiment of a folder.

    Raises:
        CountsError: there is none, or another one than when the folder was written.
    """
    try:
        asked = manifest.recipe.experiment()
    except CutqError as cause:
        raise CountsError(f"{folder / NAME}: experiment: {cause}") from cause
    _check_circuits(folder, manifest, asked)
    return asked


def _check_circuits(folder: Path, manifest: Manifest, asked: Experiment) -> None:
    """Raise :class:`CountsError` where this version would run other circuits for the same recipe.

    Descriptions are compared, not ids: the last digit of a number in a circuit may depend on the machine.
    """
    was = [(job.description, job.num_bits) for job in manifest.jobs]
    now = [(str(variant), variant.num_bits) for variant in _variants(asked)]
    if was != now:
        raise CountsError(
            f"{folder} has {len(was)} circuits of cutq {manifest.version}, but cutq {_version()} makes {len(now)} "
            "others for the same experiment here; read its counts with the version that wrote it"
        )


def _numbers(record: Record, way: str, shots: int) -> list[np.ndarray]:
    """How often each circuit is run, so that all data together are shared as well as is known."""
    total = record.shots + shots
    wanted = [share * total - own.shots for share, own in zip(_shares(record, way), record.data, strict=True)]
    return whole_shots([np.maximum(own, 0) for own in wanted], shots, 0 if way == "pilot" else 1)


def _shares(record: Record, way: str) -> list[Reals]:
    if way == "pilot":
        return pilot_shares(record.asked, record.data, np.ones(len(record.asked.weights)))
    return coefficient_shares(record.asked) if way == "coefficient" else uniform_shares(record.asked)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("cutq")
    except PackageNotFoundError:
        return "unknown"
