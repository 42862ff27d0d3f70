"""Modules of four wires that hand one wire on: as a chain that fits on a line, and around a bus that does not."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

import cutq
from benchmarks.families import Case, Draft
from cutq import CutPlan, WireCut

WIRES, LAYERS = 4, 2
SHAPES = ("chain", "bus")
"""Which wire is handed on: the last of a module, or the one that it was handed itself."""

TILT = math.pi / 4
"""Turns move the Z axis by this at most, so that products of several Z are not all near zero."""

LEAST = 0.2
"""Least magnitude of the value."""


def composed(shape: str, modules: int) -> Case:
    """Modules in a row, cut at the wire between them; Z on the middle one of the wires that each keeps, as a product.

    Gates of the circuit are U and CZ, and no others, so that what the cuts add is told apart by its names.
    """
    draft, cuts, kept = Draft(), [], []
    wires = list(range(WIRES))
    for m in range(modules):
        handed = wires[-1] if shape == "chain" else wires[0]
        own = [wire for wire in wires if wire != handed]
        for _ in range(LAYERS):
            _layer(draft, wires)
        if m + 1 < modules:
            cuts.append(WireCut(handed, draft.last[handed]))
        _layer(draft, own)
        kept.append(own[1])
        wires = [handed, *range(m * (WIRES - 1) + WIRES, (m + 1) * (WIRES - 1) + WIRES)]
    return Case(draft.circuit(), CutPlan(tuple(cuts)), (" ".join(f"Z{wire}" for wire in kept),))


def _layer(draft: Draft, wires: Sequence[int]) -> None:
    """A turn of each wire, and CZ on each pair of neighbours, every second one at a time."""
    for first in (0, 1):
        pairs = [(wires[k], wires[k + 1]) for k in range(first, len(wires) - 1, 2)]
        for wire in [wire for pair in pairs for wire in pair]:
            draft.turn(wire)
        for pair in pairs:
            draft.add("cz", *pair)


def angles(case: Case, seed: int) -> np.ndarray:
    """Random turns, from wires that begin in 0 or 1; drawn anew until the value is not too small to be missed.

    A wire near 0 would not suffer from waiting, and depolarizing does little to a value of zero.
    """
    rng, network = np.random.default_rng(seed), case.network()
    firsts = _first_turns(case)
    while True:
        turns = rng.uniform(-math.pi, math.pi, (len(case.circuit.parameters) // 3, 3))
        turns[:, 0] = rng.uniform(-TILT, TILT, len(turns))
        turns[firsts, 0] += math.pi * rng.integers(2, size=len(firsts))
        if abs(cutq.expectations(network, case.observables, turns.ravel())[0]) >= LEAST:
            return turns.ravel()


def _first_turns(case: Case) -> list[int]:
    """The numbers of the first turns of all wires."""
    wires = [op.qubits[0] for op in case.circuit.operations if op.name == "u3"]
    return [wires.index(wire) for wire in range(case.circuit.num_qubits)]
