"""Runs an experiment: a pilot, the shots that it suggests, and the estimate from all of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cutq.circuits.checks import as_real, is_one_of, shown
from cutq.errors import ShotsError
from cutq.exact.checks import optional_number, whole_number
from cutq.network.blas import one_thread
from cutq.network.legspace import Reals
from cutq.shots.allocation import ALLOCATIONS, coefficient_shares, pilot_shares, uniform_shares, whole_shots
from cutq.shots.estimate import Estimate
from cutq.shots.evaluation import Evaluation, doubled, evaluate, first_order, fits
from cutq.shots.experiment import Experiment
from cutq.shots.jobs import MOST_SHOTS, Job, Runner, run_jobs
from cutq.shots.moments import Moments, moments, no_moments

PILOT = (0.25, 0.05, 100)
"""A pilot takes the first share of all shots at most, else the second and so many for each circuit."""

STAGES = (0.3, 0.6, 1.0)
"""Shares of all shots at which what is known by then is used to share the rest."""

LEAST_PILOT = 10
"""Shots for each circuit in a pilot below which it says nothing."""

FEW = 50
"""Shots for each circuit below which the covariance of first order is reported, which is conservative there."""

FIRST_PILOT, MOST_ROUNDS, NEAR = 100, 20, 1.3
"""Shots for each circuit of the pilot for a target error, rounds in which the target is reached, and the ratio of
variances from which it is reached in one."""


@dataclass(frozen=True)
class Effort:
    """How much is run.

    Attributes:
        shots: how many in total; None where the error decides.
        target_error: the largest standard error that is accepted; None where the shots decide.
        allocation: how shots are shared, one of ``ALLOCATIONS``.
        seed: of the jobs.
        max_circuits, max_shots: what may be run; more raises before anything is.

    Raises:
        ShotsError: not one of shots and error is named, or what is cannot be; no allocation.
        ParameterError: what should be one is no whole number.
    """

    shots: int | None = None
    target_error: float | None = None
    allocation: str = "pilot"
    seed: int = 0
    max_circuits: int | None = None
    max_shots: int | None = None

    def __post_init__(self) -> None:
        if (self.shots is None) == (self.target_error is None):
            raise ShotsError(
                f"either shots=... or target_error=... says how much to run, got {shown(self.shots)} and "
                f"{shown(self.target_error)}"
            )
        if not is_one_of(self.allocation, ALLOCATIONS):
            raise ShotsError(f"allocation is one of {', '.join(ALLOCATIONS)}, got {shown(self.allocation)}")
        self._check_numbers()

    def _check_numbers(self) -> None:
        for name in ("shots", "max_circuits", "max_shots"):
            object.__setattr__(self, name, optional_number(name, getattr(self, name), least=0))
        object.__setattr__(self, "seed", whole_number("seed", self.seed, least=0))
        if self.shots is not None and self.shots > MOST_SHOTS:
            raise ShotsError(f"shots are {MOST_SHOTS} at most, got {shown(self.shots)}; ask for fewer")
        if self.target_error is not None:
            object.__setattr__(self, "target_error", checked_error(self.target_error))


def checked_error(error: object) -> float:
    """A standard error that can be asked for."""
    found = as_real(error)
    # Its square is a variance.
    if not (found > 0 and 0 < found * found < math.inf):
        raise ShotsError(f"target_error is a positive standard error such as 0.01, got {shown(error)}")
    return found


@dataclass
class Record:
    """What was run so far of an experiment; the short-lived state of :func:`measure`."""

    asked: Experiment
    data: list[Moments] = field(default_factory=list)
    rounds: int = 0
    shares: list[Reals] | None = None
    extended: bool = False

    def __post_init__(self) -> None:
        self.data = self.data or [no_moments(one) for one in self.asked.tomographies]

    @property
    def shots(self) -> int:
        """All of them."""
        return shots_of(self.asked, self.data)

    def jobs(self, numbers: Sequence[np.ndarray], seed: int) -> list[tuple[int, int, Job]]:
        """The jobs of a round, each with its tomography and variant."""
        found = []
        for t, (one, own) in enumerate(zip(self.asked.tomographies, numbers, strict=True)):
            for v in np.flatnonzero(own).tolist():
                own_seed = np.random.SeedSequence([seed, self.rounds, t, v]).generate_state(1, np.uint64)[0]
                found.append((t, v, Job(one.variants[v], int(own[v]), int(own_seed))))
        return found

    def run(self, runner: Runner, numbers: Sequence[np.ndarray], seed: int) -> list[Moments]:
        """Run one round, add its data, and return them."""
        jobs = self.jobs(numbers, seed)
        counts = run_jobs(runner, [job for _, _, job in jobs])
        fresh = []
        for t, one in enumerate(self.asked.tomographies):
            own = [k for k, job in enumerate(jobs) if job[0] == t]
            fresh.append(moments(one, [jobs[k][1] for k in own], [counts[k] for k in own]))
        self.data = [before + more for before, more in zip(self.data, fresh, strict=True)]
        self.rounds += 1
        return fresh


Extend = Callable[[Experiment, Sequence[Moments]], tuple[Experiment, list[Moments]]]
"""Adds circuits to an experiment after its pilot, and room for their data."""


def measure(asked: Experiment, runner: Runner, effort: Effort, extend: Extend | None = None) -> Estimate:
    """Run an experiment with so much effort.

    Raises:
        ShotsError: there are fewer shots than circuits, or more circuits or shots than allowed.
        CountsError: the runner returned what no device can.
    """
    check_effort(asked, effort)
    record = Record(asked)
    if asked.num_circuits:
        _piloted(record, runner, effort)
        _finished(record, runner, effort, extend)
    return estimate_of(record.asked, record.data, effort, record.extended)


def check_effort(asked: Experiment, effort: Effort) -> None:
    """Raise :class:`ShotsError` for an effort that is too small, or larger than allowed."""
    check_total_shots(asked.num_circuits, effort)


def check_total_shots(circuits: int, effort: Effort) -> None:
    """Raise :class:`ShotsError` where so many circuits are too many, or too many for the shots."""
    if effort.max_circuits is not None and circuits > effort.max_circuits:
        raise ShotsError(
            f"this takes {circuits} circuits, but max_circuits={effort.max_circuits}; cut less, or elsewhere"
        )
    if effort.shots is None:
        return
    if effort.max_shots is not None and effort.shots > effort.max_shots:
        raise ShotsError(f"{effort.shots} shots were asked for, but max_shots={effort.max_shots}")
    if effort.shots < circuits:
        raise ShotsError(
            f"{effort.shots} shots are fewer than the {circuits} circuits; ask for at least {circuits}, and for about "
            f"{FEW * circuits} for error bars that can be relied on"
        )


def _piloted(record: Record, runner: Runner, effort: Effort) -> None:
    """Run a pilot where there are shots for one."""
    circuits = record.asked.num_circuits
    if effort.shots is None:
        total = FIRST_PILOT * circuits
        _check_total(total, effort)
    else:
        most, share, each = PILOT
        total = int(min(most * effort.shots, share * effort.shots + each * circuits))
        if effort.allocation != "pilot" or total < LEAST_PILOT * circuits:
            return
    record.run(runner, whole_shots(uniform_shares(record.asked), total), effort.seed)


def _finished(record: Record, runner: Runner, effort: Effort, extend: Extend | None) -> None:
    """Run what is left of the shots, or until the error is small enough."""
    for total in _stages(record, effort):
        if extend is not None and record.rounds and not record.extended:
            record.asked, record.data = extend(record.asked, record.data)
            record.extended = True
        _run_to(record, runner, effort, total)


def _stages(record: Record, effort: Effort) -> Iterator[int]:
    """How many shots there are to be in total after each round."""
    if effort.shots is not None:
        for share in STAGES if record.rounds else STAGES[-1:]:
            yield int(share * effort.shots)
        return
    assert effort.target_error is not None
    for _ in range(MOST_ROUNDS):
        found = evaluate(record.asked, record.data, fits(record.asked, record.data))
        covariance, _ = first_order(record.asked, record.data, found)
        ratio = float(np.diagonal(covariance).max(initial=0)) / effort.target_error**2
        if ratio <= 1:
            return
        _check_total(record.shots * ratio, effort)
        # Better shared, the next shots say more than the first ones: half the way, in orders of magnitude.
        yield int(record.shots * (ratio * 1.02 if ratio < NEAR else math.sqrt(ratio))) + 1


def _check_total(total: float, effort: Effort) -> None:
    most = MOST_SHOTS if effort.max_shots is None else min(effort.max_shots, MOST_SHOTS)
    total = float(np.floor(total))
    if not total <= most:
        raise ShotsError(
            f"a standard error of {effort.target_error} takes about {total:.15g} shots, but "
            f"{'max_shots=' if effort.max_shots == most else 'the most there can be are '}{most}; accept a larger "
            "error, or cut less"
        )


def _run_to(record: Record, runner: Runner, effort: Effort, total: int) -> None:
    """Run more shots, so that all together are shared as well as is known."""
    with one_thread():
        shares = _shares(record, effort)
    more = [np.maximum(share * total - own.shots, 0) for share, own in zip(shares, record.data, strict=True)]
    left = max(0, total - record.shots)
    least = 1 if record.rounds == 0 else 0
    record.run(runner, whole_shots(more, left, least), effort.seed)


def _shares(record: Record, effort: Effort) -> list[Reals]:
    if effort.allocation == "coefficient":
        return coefficient_shares(record.asked)
    if effort.allocation == "uniform" or not record.rounds:
        return uniform_shares(record.asked)
    record.shares = pilot_shares(record.asked, record.data, np.ones(len(record.asked.weights)), record.shares)
    return record.shares


def estimate_of(asked: Experiment, data: Sequence[Moments], effort: Effort, extended: bool = False) -> Estimate:
    """The estimate from all data; of circuits that these themselves suggested, if ``extended``."""
    with one_thread():
        found = evaluate(asked, data, fits(asked, data))
        linear, parts = first_order(asked, data, found)
        covariance, variance = _covariance(asked, data, found, linear, extended)
        smooth = [own.smoothed(one) for one, own in zip(asked.tomographies, data, strict=True)]
        cautious, _ = first_order(asked, smooth, found)
    by_fragment = np.zeros((len(asked.network.fragments), len(found.values)))
    np.add.at(by_fragment, [one.position for one in asked.tomographies], parts)
    method: dict[str, Any] = {
        "estimator": "tabulated", "allocation": effort.allocation, "variance": variance,
        "seed": effort.seed,
    }  # fmt: skip
    return Estimate(
        asked.names,
        found.values,
        covariance,
        shots_of(asked, data),
        asked.num_circuits,
        by_fragment,
        method,
        np.diagonal(cautious).copy(),
    )


def shots_of(asked: Experiment, data: Sequence[Moments]) -> int:
    """How many shots there are in these data."""
    return int(sum(own.shots[~one.sure].sum() for one, own in zip(asked.tomographies, data, strict=True)))


def _covariance(
    asked: Experiment, data: Sequence[Moments], found: Evaluation, linear: Reals, extended: bool
) -> tuple[Reals, str]:
    """The unbiased covariance where there are many shots for each circuit, and that of first order elsewhere.

    Where the data suggested circuits the fragments are not independent, and the unbiased one would be too small.
    """
    least = min(
        (own.shots[~one.sure].min(initial=np.inf) for one, own in zip(asked.tomographies, data, strict=True)),
        default=np.inf,
    )
    unbiased = doubled(asked, data, found) if least >= FEW and not extended else None
    if unbiased is None or np.diagonal(unbiased).min(initial=0) < 0:
        return linear, "first order"
    return unbiased, "unbiased"
