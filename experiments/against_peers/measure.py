"""One quantity of a case, of cutq and of a peer, and their ratio."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.table import one_thread
from experiments.against_peers import alone, chains, contraction, peers, plans, shots, workflows
from experiments.against_peers.beside import Beside
from experiments.against_peers.published import published
from experiments.against_peers.tasks import Task

PARTS: Mapping[str, Callable[[Task], Beside]] = {
    "chains": chains.compared,
    "workflows": workflows.compared,
    "shots": shots.compared,
    "plans": plans.compared,
    "lines": alone.lines,
    "clusters": alone.clusters,
    "distributions": alone.distributions,
    "contractions": contraction.compared,
}
"""By its name what measures a part."""


@dataclass(frozen=True)
class Record:
    """What comes out.

    Attributes:
        kind: "rerun" where the peer was run here, "published" where its number is one that was published.
        peer_value, cutq_value: in seconds, or numbers.
        ratio, low, high: the peer's over cutq's with its interval; medians of rounds in turn where it is of times. No
            interval where the peer was run once, nothing where it gave no answer.
        published: the peer's published number.
        peer_version: of the peer's packages.
        difference: of what both sides calculate, where both were compared.
        remark: of what there is to be said.
        cutq_once, peer_once: seconds spent once before, which are not in the values: compiling or searching an order,
            and a first call.
    """

    kind: str
    peer_value: float | None
    cutq_value: float
    ratio: float | None
    low: float | None
    high: float | None
    published: float | None
    peer_version: str
    difference: float | None = None
    remark: str = ""
    cutq_once: float | None = None
    peer_once: float | None = None


def measure(task: Task) -> Record:
    """Run both sides of a task, or the one that can be run.

    Raises:
        ExperimentError: a peer of any task is missing.
    """
    peers.check()
    with one_thread():
        found = PARTS[task.part](task)
    return record(task, found)


def record(task: Task, found: Beside) -> Record:
    """The record of a comparison; a published number takes the place of a peer that is not run."""
    known = published(task.case, task.step, task.quantity, task.peer, task.shots)
    rerun = task.peer_rounds > 0
    theirs = found.theirs if rerun else known
    kind, own_version = ("rerun", peers.version(task.peer)) if rerun else ("published", "not run")
    return Record(
        kind, _number(theirs), found.ours, *_ratio(found, theirs, rerun), known,
        own_version, found.difference, found.remark, found.ours_once, found.theirs_once,
    )  # fmt: skip


def _ratio(found: Beside, theirs: float | None, rerun: bool) -> tuple[float | None, float | None, float | None]:
    """The ratio with its interval; of a published number, times the inverse of cutq's."""
    if found.ratio is None or theirs is None or math.isnan(theirs):
        return None, None, None
    if not rerun and math.isnan(found.ratio.value):  # counted, without a peer
        return (theirs / found.ours,) * 3
    scale = 1.0 if rerun else theirs
    return tuple(_number(scale * one) for one in (found.ratio.value, found.ratio.low, found.ratio.high))


def _number(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else float(value)
