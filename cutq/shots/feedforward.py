"""The chances of joint circuits: fragment by fragment from exact amplitudes, each after what those before it said."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from cutq.exact.amplitudes import fragment_amplitudes
from cutq.network.legspace import Complexes, Reals
from cutq.shots.jobs import Counts, Job
from cutq.shots.joint import JointVariant
from cutq.shots.simulated import all_bits, outcome_probabilities
from cutq.shots.variants import Variant, shifted

Amplitudes = dict[object, Complexes]
"""The amplitudes of fragments that were needed so far."""


def joint_counts(
    job: Job, rng: np.random.Generator, readout: Callable[[Reals, int], Reals], known: Amplitudes | None = None
) -> Counts:
    """The counts of a job whose variant is a joint one.

    Args:
        job: the job.
        rng: what its shots are drawn with.
        readout: makes the chances of what is read, which sum to 1, of those of the outcomes of so many bits; what
            follows an outcome follows what was read.
        known: amplitudes of other calls, to which those of this one are added.
    """
    joint = job.variant
    assert isinstance(joint, JointVariant)
    bits = np.zeros((job.shots, joint.num_bits), dtype=np.uint8)
    for k, own in enumerate(joint.variants):
        first = joint.offsets[k]
        tables, after = _conditional(joint, k, bits, {} if known is None else known)
        for number, table in enumerate(tables):
            where = np.flatnonzero(after == number)
            chances = np.cumsum(readout(table, own.num_bits))
            drawn = np.searchsorted(chances, rng.random(len(where)) * chances[-1], side="right")
            drawn = np.minimum(drawn, len(chances) - 1)
            bits[where, first : first + own.num_bits] = drawn[:, None] >> np.arange(own.num_bits)[::-1] & 1
    seen, numbers = np.unique(bits, axis=0, return_counts=True)
    return Counts(seen, numbers.astype(np.int64))


def joint_probabilities(joint: JointVariant) -> Reals:
    """The probability of each outcome of a joint circuit, (2**bits,), the first bit most significant.

    >>> from cutq.network.network import Fragment, Segment, Step
    >>> from cutq.circuits.circuit import Operation
    >>> coin = Fragment((Segment(0),), (Step(0, Operation("h", (0,))),), (), (0,))
    >>> joint_probabilities(JointVariant((Variant(0, coin, {}, (), "Z"), Variant(0, coin, {}, (), "X")), ())).round(6)
    array([0.5, 0. , 0.5, 0. ])
    """
    found, known = np.ones(1), Amplitudes()
    for k, first in enumerate(joint.offsets):
        tables, after = _conditional(joint, k, all_bits(first), known)
        found = (found[:, None] * np.array(tables)[after]).reshape(-1)
    return found


def _conditional(
    joint: JointVariant, k: int, bits: NDArray[np.uint8], known: Amplitudes
) -> tuple[list[Reals], NDArray[np.intp]]:
    """The different tables of a variant's chances after bits, (shots, bits), and for each shot which is its own."""
    outcomes, after = np.unique(joint.told(k, bits), axis=0, return_inverse=True)
    variants = [joint.following(k, row) for row in outcomes.tolist()]
    return outcome_probabilities(variants, _amplitudes(joint.variants[k], known)), after.reshape(-1)


def _amplitudes(variant: Variant, known: Amplitudes) -> Complexes:
    key = id(variant.fragment), id(variant.values), variant.shifts
    if key not in known:
        found = fragment_amplitudes(shifted(variant.fragment, variant.shifts), variant.values)
        known[key] = found.reshape(len(found), -1)
    return known[key]
