"""Jobs for runners, and the counts that come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.checks import is_ready, is_whole, shown
from cutq.errors import CountsError, CutqError, ParameterError
from cutq.shots.variants import Variant

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

    from cutq.shots.joint import JointVariant

MOST_SHOTS = 2**53
"""Shots up to which shares of them are whole numbers that floating point counts one by one."""


@dataclass(frozen=True, eq=False)
class Counts:
    """How often each outcome of a circuit was seen.

    Attributes:
        bits: the outcomes, (outcomes, bits) of 0 and 1, in the order of :class:`cutq.shots.variants.Variant`.
        numbers: how often each was seen, (outcomes,).

    Raises:
        CountsError: these are no two arrays of numbers.
    """

    bits: NDArray[np.uint8]
    numbers: NDArray[np.int64]

    def __post_init__(self) -> None:
        arrays = [own for own in (self.bits, self.numbers) if isinstance(own, np.ndarray) and own.dtype.kind in "biuf"]
        if [own.ndim for own in arrays] != [2, 1]:
            raise CountsError(
                f"counts are arrays of numbers, (outcomes, bits) and (outcomes,), got {shown(self.bits)} and "
                f"{shown(self.numbers)}; Counts.of takes bit strings"
            )

    @property
    def shots(self) -> int:
        """Their sum."""
        return int(self.numbers.sum())

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> Counts:
        """Counts from bit strings, the first bit leftmost; spaces are not seen.

        Raises:
            CountsError: they are no mapping from bit strings of one length to whole numbers from 0.

        >>> Counts.of({"01": 3, "11": 2}).shots
        5
        """
        if not isinstance(counts, Mapping):
            raise CountsError(f"counts are a mapping such as {{'01': 3, '11': 2}}, got {shown(counts)}")
        first = next(iter(counts), "")
        return told(counts, len(first.replace(" ", "")) if isinstance(first, str) else 0)

    def as_dict(self) -> dict[str, int]:
        """By bit string how often it was seen."""
        texts = ("".join(map(str, row)) for row in self.bits.tolist())
        return {text: number for text, number in zip(texts, self.numbers.tolist(), strict=True) if number}


@dataclass(frozen=True, eq=False)
class Job:
    """A circuit to be run.

    Attributes:
        variant: the circuit as a choice; for circuits of several fragments a :class:`cutq.shots.joint.JointVariant`.
        shots: how often it is run.
        seed: a whole number for runners that simulate: equal seeds give equal counts.
    """

    variant: Variant | JointVariant
    shots: int
    seed: int = 0

    @property
    def num_bits(self) -> int:
        """How many bits each shot has."""
        return self.variant.num_bits

    @cached_property
    def circuit(self) -> QuantumCircuit:
        """The Qiskit circuit; its classical bit k is bit k of a shot. Built when first asked for."""
        from cutq.shots.circuit import written
        from cutq.shots.joint import any_program

        return written(any_program(self.variant))


class Runner(Protocol):
    """Runs circuits; any object with this method is one."""

    def run(self, jobs: Sequence[Job]) -> Sequence[Counts | Mapping[str, int]]:
        """For each job its counts: by bit string, bit 0 leftmost, or as :class:`Counts`."""
        ...


def checked_runner(runner: object) -> None:
    """Raise :class:`ParameterError` for what cannot run jobs, such as the class of a runner."""
    if not is_ready(runner, "run"):
        raise ParameterError(
            f"a runner is an object that runs jobs, such as cutq.SimulatedRunner(), got {shown(runner)}"
        )


def run_jobs(runner: Runner, jobs: Sequence[Job]) -> list[Counts]:
    """What a runner returns for these jobs, checked.

    Raises:
        CountsError: results are missing or too many, of the wrong length, negative, no whole numbers, or not as many
            as the shots that were asked for. ``error.counts`` has what was good, by position of the job.
    """
    if not jobs:
        return []
    try:
        results = list(runner.run(jobs))
    except CutqError:
        raise
    except Exception as cause:
        raise CountsError(f"the runner {type(runner).__name__} failed on {len(jobs)} circuits, the first of them "
                          f"{jobs[0].variant}: {type(cause).__name__}: {cause}") from cause  # fmt: skip
    good: dict[int, Counts] = {}
    problem = ""
    for k, (job, result) in enumerate(zip(jobs, results, strict=False)):
        try:
            good[k] = checked_counts(job, result)
        except CountsError as error:
            problem = problem or str(error)
    if not problem and len(results) != len(jobs):
        missing = f"; the first without is {jobs[len(results)].variant}" if len(results) < len(jobs) else ""
        problem = f"a runner returns one result for each job, but {len(results)} came back for {len(jobs)}{missing}"
    if problem:
        raise CountsError(problem, good)
    return [good[k] for k in range(len(jobs))]


def checked_counts(job: Job, result: Any) -> Counts:
    """One result as counts.

    Raises:
        CountsError: it breaks a law of counts.
    """
    where = f"of {job.variant}"
    if isinstance(result, Counts):
        counts = result
    elif isinstance(result, Mapping):
        counts = told(result, job.num_bits, f" {where}")
    else:
        raise CountsError(f"a runner returns mappings from bit strings to counts, got {type(result).__name__} {where}")
    _check_arrays(job, counts)
    return counts


def _check_arrays(job: Job, counts: Counts) -> None:
    where = f"of {job.variant}"
    if len(counts.numbers) and counts.bits.shape != (len(counts.numbers), job.num_bits):
        raise CountsError(f"a shot {where} is {job.num_bits} bits, got an array of shape {counts.bits.shape}")
    whole = counts.numbers.dtype.kind in "iu" and counts.bits.dtype.kind in "biu"
    if not whole or ((counts.bits != 0) & (counts.bits != 1)).any():
        raise CountsError(f"counts {where} are whole numbers of shots of bits of 0 and 1, got other numbers")
    if len(counts.numbers) and counts.numbers.min() < 0:
        raise CountsError(f"counts {where} are 0 or more, got {int(counts.numbers.min())}")
    if counts.shots != job.shots:
        raise CountsError(f"{job.shots} shots {where} were asked for, but its counts sum to {counts.shots}")


def told(counts: Mapping[Any, Any], num_bits: int, where: str = "") -> Counts:
    """The counts of bit strings, the first bit leftmost; spaces are not seen.

    Args:
        counts: by bit string.
        num_bits: how many bits a shot has.
        where: of what, for messages.

    Raises:
        CountsError: they break a law of counts.
    """
    texts = [text.replace(" ", "") if isinstance(text, str) else "" for text in counts]
    for text, given in zip(texts, counts, strict=True):
        if not isinstance(given, str) or len(text) != num_bits or set(text) - {"0", "1"}:
            raise CountsError(f"a shot{where} is a text of {num_bits} bits of 0 and 1, got {shown(given)}")
    numbers = [_told_number(number, where) for number in counts.values()]
    if sum(numbers) > MOST_SHOTS:
        raise CountsError(f"counts{where} are of {MOST_SHOTS} shots at most, got {shown(sum(numbers))}")
    bits = np.array([[int(bit) for bit in text] for text in texts], dtype=np.uint8).reshape(len(texts), num_bits)
    return Counts(bits, np.array(numbers, dtype=np.int64))


def _told_number(number: object, where: str) -> int:
    if not is_whole(number):
        raise CountsError(f"counts{where} are whole numbers, got {shown(number)}; a quasi-distribution is not counts")
    if number < 0:
        raise CountsError(f"counts{where} are 0 or more, got {shown(int(number))}")
    return int(number)
