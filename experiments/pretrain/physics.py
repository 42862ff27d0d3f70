"""What the recipes of physics share."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator

import numpy as np

import cutq
from cutq import Metric, Module, Operation

EDGES = 2e-3
"""Tolerance of expressibility: a fidelity at the edge of two bins may fall into either on another machine."""


def capability_metrics(module: Module, draws: int = 2000) -> tuple[Metric, ...]:
    """Expressibility and entangling capability of a module's form, whatever its weights."""
    return (
        Metric("expressibility, divergence from Haar in nats", "expressibility",
               cutq.expressibility(module, draws), EDGES, options={"draws": draws}),
        Metric("entangling capability, mean Meyer-Wallach", "entangling_capability",
               cutq.entangling_capability(module), 1e-6),
    )  # fmt: skip


def digest(*arrays: object) -> str:
    """The sha256 of data, to ten digits, so that machines agree."""
    total = hashlib.sha256()
    for array in arrays:
        total.update((np.round(np.asarray(array, dtype=float), 10) + 0.0).tobytes())
    return total.hexdigest()


def yz(y: int, z: int, angle: str) -> tuple[Operation, ...]:
    """``exp(-i angle/2 Y Z)`` on two qubits, which keeps real states real."""
    return Operation("sdg", (y,)), Operation("rzx", (z, y), (cutq.param(angle),)), Operation("s", (y,))


def bricks(qubits: int, layers: int) -> tuple[tuple[Operation, ...], int]:
    """Layers of RY, YZ and ZY on neighbours, and RY at the end, with angles ``theta[k]``; and how many these are."""
    names = (f"theta[{k}]" for k in itertools.count())
    pairs = [*range(0, qubits - 1, 2), *range(1, qubits - 1, 2)] * layers
    found = [op for left in pairs for op in _brick(left, left + 1, names)]
    found += [Operation("ry", (qubit,), (cutq.param(next(names)),)) for qubit in range(qubits)]
    return tuple(found), 4 * len(pairs) + qubits


def _brick(a: int, b: int, names: Iterator[str]) -> list[Operation]:
    turned = [Operation("ry", (qubit,), (cutq.param(next(names)),)) for qubit in (a, b)]
    return [*turned, *yz(a, b, next(names)), *yz(b, a, next(names))]
