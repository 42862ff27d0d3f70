"""Devices as far as programs meet them: what they have room for, what they lack, and what they fail on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cutq.errors import CountsError, DeviceError
from cutq.shots.jobs import Counts, Job
from cutq.shots.joint import JointVariant, any_program
from cutq.shots.program import FEED_FORWARD, Program
from cutq.shots.variants import Variant

MOST_FAILURES = 3
"""Circuits in a row on which a device fails, after which it is not asked for more."""


@dataclass(frozen=True)
class Device:
    """What is known of a device.

    Attributes:
        name: its name.
        max_qubits: how many qubits it has; None where that is not known.
        lacks: which of the needs of programs (:attr:`cutq.shots.program.Program.needs`) it cannot meet.
    """

    name: str
    max_qubits: int | None = None
    lacks: frozenset[str] = frozenset()


def fitting_program(variant: Variant | JointVariant, device: Device) -> Program:
    """The program of a variant for a device; where the device has not enough qubits, it uses them again.

    Raises:
        DeviceError: the program takes more qubits than the device has, or what it lacks.
    """
    program = any_program(variant)
    _check_needs(variant, program, device)
    width = program.num_qubits
    if device.max_qubits is None or width <= device.max_qubits:
        return program
    program = any_program(variant, reuse=True)
    if program.num_qubits > device.max_qubits:
        again = f", {program.num_qubits} if qubits are reset and used again" if program.num_qubits < width else ""
        raise DeviceError(
            f"the circuit of {variant} takes {width} qubits{again}, but {device.name} has {device.max_qubits}; look "
            f"for narrower fragments with find_cuts(circuit, {device.max_qubits})"
        )
    missing = program.needs & device.lacks
    if missing:
        raise DeviceError(
            f"the circuit of {variant} on {device.max_qubits} qubits takes {' and '.join(sorted(missing))}, which "
            f"{device.name} does not have; choose narrower fragments, or a device of {width} qubits, on which none has "
            "to be used again"
        )
    return program


def _check_needs(variant: Variant | JointVariant, program: Program, device: Device) -> None:
    """Raise :class:`DeviceError` where a program takes what a device lacks."""
    missing = program.needs & device.lacks
    if missing:
        way = "use frames='ancilla', which measures an ancilla at the end instead, or cut wires instead of this gate"
        if FEED_FORWARD in missing and isinstance(variant, JointVariant):
            way = "use method='sampled', which cuts wires without it, or the default, which tabulates each fragment"
        raise DeviceError(
            f"the circuit of {variant} takes {' and '.join(sorted(missing))}, which {device.name} does not have; {way}"
        )


def one_by_one(jobs: Sequence[Job], run: Callable[[int], Counts], device: Device, hint: str = "") -> list[Counts]:
    """The counts of jobs that are run one after the other, so that what worked is kept.

    Args:
        jobs: the jobs.
        run: gives the counts of the job at a position.
        device: what runs them.
        hint: what may help where it fails, for the message.

    Raises:
        CountsError: the device failed on a job; ``error.counts`` has the others.
    """
    good: dict[int, Counts] = {}
    failed: dict[int, Exception] = {}
    for k in range(len(jobs)):
        try:
            good[k] = run(k)
        except Exception as cause:
            failed[k] = cause
        if all(before in failed for before in range(k + 1 - MOST_FAILURES, k + 1)):
            break
    if failed:
        first, problem = next(iter(failed.items()))
        raise CountsError(
            f"{device.name} failed on the circuit of {jobs[first].variant}, after which {len(good)} of {len(jobs)} "
            f"circuits have counts: {type(problem).__name__}: {problem}{hint}",
            good,
        ) from problem
    return [good[k] for k in range(len(jobs))]


def tallied(packed: NDArray[np.uint8], num_bits: int) -> Counts:
    """The counts of packed shots, (shots, bytes): a shot's first bit is the least significant one of its last byte.

    >>> tallied(np.array([[0b01], [0b10], [0b10]], dtype=np.uint8), 2).as_dict()
    {'10': 1, '01': 2}
    """
    rows, numbers = _distinct(packed)
    return Counts(np.unpackbits(rows, axis=1)[:, ::-1][:, :num_bits], numbers)


def untold(shots: int, num_bits: int) -> Counts:
    """The counts where there is no shot, or nothing to read."""
    count = 1 if shots else 0
    return Counts(np.zeros((count, num_bits), dtype=np.uint8), np.full(count, shots, dtype=np.int64))


def _distinct(rows: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The different rows, and how often each occurs; as whole numbers where they fit, which sorts much faster."""
    shots, size = rows.shape
    if size > 8:
        kept, numbers = np.unique(rows, axis=0, return_counts=True)
        return kept, numbers.astype(np.int64)
    wide = np.zeros((shots, 8), dtype=np.uint8)
    wide[:, 8 - size :] = rows
    values, numbers = np.unique(wide.view(">u8").ravel().astype(np.uint64), return_counts=True)
    return values.astype(">u8").view(np.uint8).reshape(-1, 8), numbers.astype(np.int64)
