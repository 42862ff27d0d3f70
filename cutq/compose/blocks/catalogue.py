"""The exact modules that are published: a table of names and builders."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from cutq.compose.blocks import arithmetic, codes, encoders, overlaps, phases, readouts, states
from cutq.compose.module import Module

BUILDERS: tuple[Callable[[], Module], ...] = (
    states.zero,
    states.plus,
    states.ghz_seed,
    states.ghz_grow,
    partial(arithmetic.bits, 2),
    partial(arithmetic.parity, 4),
    arithmetic.full_adder,
    arithmetic.majority,
    *(partial(phases.qft_step, count) for count in range(1, 7)),
    phases.phase_estimation_step,
    partial(overlaps.swap_test, 1),
    partial(overlaps.swap_test, 2),
    overlaps.hadamard_test,
    codes.repetition_encode,
    codes.repetition_decode,
    codes.encode_422,
    codes.detect_422,
    partial(encoders.angle_encoder, 4),
    partial(encoders.angle_encoder, 4, "x"),
    partial(encoders.zz_encoder, 2),
    *(partial(encoders.amplitude_encoder, count) for count in range(2, 7)),
    *(partial(readouts.readout, letter, 4) for letter in "XYZ"),
)
"""Builders with the sizes that are published."""

CATALOGUE: dict[str, Callable[[], Module]] = {build().name: build for build in BUILDERS}
"""Builders by the names of their modules, which are those of the published folders."""
