"""What a program will cost, from its plan alone: operations, memory, and a guess of the time.

The rates are those of one core of a server; they only decide between two ways to the same values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cutq.exact.copies import Copies
from cutq.exact.groups import Group, Kind
from cutq.exact.lowering import Op, Shape
from cutq.exact.placing import LANES, leg_bits
from cutq.exact.plan import Fixed, Plan
from cutq.exact.settings import Settings

LANE_RATE = 12e9
"""Operations a second of compiled loops over amplitudes."""

DENSE_RATE = 8e9
"""Operations a second of matrix products over amplitudes."""

TAPE_RATE = 4e9
"""Operations a second of the contraction's compiled loops."""

COPY_RATE = 6e8
"""Entries of densities a second that are copied."""

STEP_SECONDS = 6e-8
CALL_SECONDS = 2e-5
"""What each step of a contraction, and each call from Python, costs besides."""

OP_FLOPS = {
    "duplicate": 1, "rotate_x": 6, "rotate_y": 6, "matrix": 14, "matrix2": 30, "flip": 1, "swap": 1, "phase": 3,
    "diagonal": 14,
}  # fmt: skip
"""Real operations for each amplitude by kind of operation; moving an amplitude counts as one."""


@dataclass(frozen=True)
class Cost:
    """Work of one evaluation for one row of parameters.

    Attributes:
        amplitude_flops: operations on amplitudes.
        density_flops: operations that make densities and read words out.
        contraction_flops: operations of the contraction.
        entries: numbers held at a time: amplitudes as two, and the tensors of the contraction.
        seconds: a guess of the time.
        before: operations that make constants, once, before the first evaluation; in none of the others.
    """

    amplitude_flops: float
    density_flops: float
    contraction_flops: float
    entries: float
    seconds: float
    before: float

    @property
    def flops(self) -> float:
        """All operations of an evaluation."""
        return self.amplitude_flops + self.density_flops + self.contraction_flops


def cost(plan: Plan) -> Cost:
    """The cost of a plan."""
    amplitude = sum(group.members * amplitude_flops(group.shape) for group in plan.groups)
    density = sum(density_flops(group) for group in plan.groups)
    idle = [_idle(group) for group in plan.groups]
    waiting = sum(i * group.members * amplitude_flops(group.shape) for i, group in zip(idle, plan.groups, strict=True))
    reading = sum(i * density_flops(group) for i, group in zip(idle, plan.groups, strict=True))
    factor = 4 if plan.dtype == np.dtype(complex) else 1
    contraction = float(factor * plan.tape.flops)
    entries = sum(2.0 * group.members * 2.0**group.shape.num_bits for group in plan.groups)
    alone = sum(group.members for group in plan.groups if group.placed.alone)
    calls = 2 + len(plan.sources) + 10 * alone
    seconds = (amplitude + waiting) / LANE_RATE + (density + reading) / DENSE_RATE + contraction / TAPE_RATE
    seconds += STEP_SECONDS * len(plan.tape.steps) + CALL_SECONDS * calls
    seconds += sum(source.size * len(source.places) for source in copies(plan)) / COPY_RATE
    weight = plan.dtype.itemsize // 8
    before = sum(map(_fixed_flops, plan.fixed))
    return Cost(amplitude, density, contraction, entries + weight * plan.tape.entries, seconds, before)


def copies(plan: Plan) -> list[Copies]:
    """The sources that copy densities of equal fragments."""
    return [source for source in plan.sources if isinstance(source, Copies)]


def _fixed_flops(one: Fixed) -> float:
    """Operations that make the densities of a fragment without parameters."""
    shape = one.kind.shape
    return amplitude_flops(shape) + len(one.places) * 4 * 2.0 ** (shape.num_bits + len(leg_bits(shape)))


def _idle(group: Group) -> float:
    """For each lane that works on a fragment of this group, how many have nothing to do (for one row of parameters)."""
    return 0.0 if group.placed.alone else -group.members % LANES / group.members


def amplitude_flops(shape: Shape) -> float:
    """Operations on the amplitudes of one fragment; bits that appear later cost nothing before."""
    bits = shape.width + len(shape.incoming)
    total = 0.0
    for op in shape.ops:
        bits += op.kind == "duplicate"
        total += _share(op) * OP_FLOPS[op.kind] * 2.0**bits
    return total


def _share(op: Op) -> float:
    """The share of the amplitudes that an operation looks at."""
    if op.kind in ("flip", "matrix", "phase"):
        return (0.5 if op.other >= 0 else 1.0) * (0.5 if op.kind == "phase" else 1.0)
    return 0.5 if 0 in op.signs else 1.0


def density_flops(group: Group) -> float:
    """Operations that make the densities of a group's fragments and read words out."""
    amplitudes, dim = 2.0**group.shape.num_bits, 2.0**group.digits
    squares = float(np.count_nonzero(group.squares.offsets >= 0))
    total = squares * 4 * amplitudes * dim
    for readout in group.readouts:
        there = float(np.count_nonzero(readout.offsets >= 0))
        flips = len({mask.flip for mask in readout.masks})
        total += there * (8 * amplitudes * dim + flips * (8 * amplitudes + 2 * group.rows * group.shape.outputs))
    return total


@dataclass(frozen=True)
class Memory:
    """Bytes of one row of parameters.

    Attributes:
        together: where the states of all fragments are kept.
        apart: where large fragments are run one after another, and again whenever they are needed; at least what
            fragments without parameters take, before the first evaluation.
    """

    together: float
    apart: float


def memory(plan: Plan, settings: Settings, copies: int) -> Memory:
    """What a row takes; ``copies`` is 1 for values, more for derivatives."""
    states = [2.0 * settings.real.itemsize * group.members * 2.0**group.shape.num_bits for group in plan.groups]
    large = [size for size, group in zip(states, plan.groups, strict=True) if group.placed.alone]
    rest = float(plan.dtype.itemsize * plan.tape.entries) + sum(states) - sum(large)
    apart = max(copies * (rest + max(large, default=0.0)), _fixed_bytes(plan.fixed, settings))
    return Memory(copies * (rest + sum(large)), apart)


def _fixed_bytes(fixed: Sequence[Fixed], settings: Settings) -> float:
    """What fragments without parameters take while they are run, one kind after another."""
    kinds: dict[Kind, float] = {}
    for one in fixed:
        shape = one.kind.shape
        state, density = 2.0 ** (1 + shape.num_bits), len(one.places) * 4.0 ** len(leg_bits(shape))
        kinds[one.kind] = kinds.get(one.kind, 0.0) + settings.real.itemsize * state + 8 * density
    return max(kinds.values(), default=0.0)
