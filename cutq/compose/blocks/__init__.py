"""Builders of exact modules and of compositions of them, in any size: ``cutq.blocks``."""

from cutq.compose.blocks.arithmetic import bits, full_adder, majority, parity, ripple_adder
from cutq.compose.blocks.codes import detect_422, encode_422, repetition_decode, repetition_encode
from cutq.compose.blocks.encoders import amplitude_encoder, angle_encoder, zz_encoder
from cutq.compose.blocks.overlaps import hadamard_test, swap_test
from cutq.compose.blocks.phases import iterative_phase_estimation, phase_estimation_step, qft, qft_step
from cutq.compose.blocks.readouts import readout
from cutq.compose.blocks.states import ghz, ghz_grow, ghz_seed, plus, zero

__all__ = [
    "amplitude_encoder",
    "angle_encoder",
    "bits",
    "detect_422",
    "encode_422",
    "full_adder",
    "ghz",
    "ghz_grow",
    "ghz_seed",
    "hadamard_test",
    "iterative_phase_estimation",
    "majority",
    "parity",
    "phase_estimation_step",
    "plus",
    "qft",
    "qft_step",
    "readout",
    "repetition_decode",
    "repetition_encode",
    "ripple_adder",
    "swap_test",
    "zero",
    "zz_encoder",
]
