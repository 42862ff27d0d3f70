"""Jobs for runners, and the counts that come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cutq.errors import CountsError, CutqError
from cutq.shots.variants import Variant

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

    from cutq.shots.joint import JointVariant


@dataclass(frozen=True, eq=False)
class Counts:
    """How often each outcome of a circuit was seen.

    Attributes:
        bits: the outcomes, (outcomes, bits) of 0 and 1, in the order of :class:`cutq.shots.variants.Variant`.
        numbers: how often each was seen, (outcomes,).
    """

    bits: NDArray[np.uint8]
    numbers: NDArray[np.int64]

    @property
    def shots(self) -> int:
        """Their sum."""
        return int(self.numbers.sum())

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> Counts:
        """Counts from bit strings, the first bit leftmost; spaces are not seen.

        >>> Counts.of({"01": 3, "11": 2}).shots
        5
        """
        rows = [[int(bit) for bit in text.replace(" ", "")] for text in counts]
        bits = np.array(rows, dtype=np.uint8).reshape(len(rows), len(rows[0]) if rows else 0)
        return cls(bits, np.fromiter(counts.values(), dtype=np.int64, count=len(counts)))

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
        texts = [str(text).replace(" ", "") for text in result]
        bad = next((text for text in texts if len(text) != job.num_bits or set(text) - {"0", "1"}), None)
        if bad is not None:
            raise CountsError(f"a shot {where} is {job.num_bits} bits of 0 and 1, got {bad[:80]!r}")
        strange = next((n for n in result.values() if isinstance(n, bool) or not isinstance(n, int | np.integer)), None)
        if strange is not None:
            raise CountsError(f"counts {where} are whole numbers, got {strange!r}; a quasi-distribution is not counts")
        counts = Counts.of(dict(zip(texts, map(int, result.values()), strict=True)))
    else:
        raise CountsError(f"a runner returns mappings from bit strings to counts, got {type(result).__name__} {where}")
    if len(counts.numbers) and counts.bits.shape != (len(counts.numbers), job.num_bits):
        raise CountsError(f"a shot {where} is {job.num_bits} bits, got an array of shape {counts.bits.shape}")
    if counts.numbers.dtype.kind not in "iu" or ((counts.bits != 0) & (counts.bits != 1)).any():
        raise CountsError(f"counts {where} are whole numbers of shots of bits of 0 and 1, got other numbers")
    if len(counts.numbers) and counts.numbers.min() < 0:
        raise CountsError(f"counts {where} are 0 or more, got {int(counts.numbers.min())}")
    if counts.shots != job.shots:
        raise CountsError(f"{job.shots} shots {where} were asked for, but its counts sum to {counts.shots}")
    return counts
