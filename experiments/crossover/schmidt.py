"""What a link does to the state of two modules: its Schmidt values, and how many of them the value needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.families import bound
from cutq import Operation
from experiments.crossover.systems import System

Array = NDArray[np.complex128]


@dataclass(frozen=True)
class Link:
    """Two modules, just after they were linked and at the end.

    Attributes:
        schmidt: values between them, descending, (2 ** width,); their squares add up to 1.
        values: of the parity, where only the first 1, 2, ... of them are kept.
    """

    schmidt: NDArray[np.float64]
    values: NDArray[np.float64]

    @property
    def ebits(self) -> float:
        """The entropy of entanglement, in bits."""
        weights = self.schmidt[self.schmidt > 1e-12] ** 2
        return float(-np.sum(weights * np.log2(weights)))

    @property
    def spread(self) -> float:
        """``(sum of the Schmidt values) ** 2``, from 1 to their number: ``(1 + gamma) / 2`` if locals are balanced."""
        return float(np.sum(self.schmidt) ** 2)

    def needed(self, error: float) -> int:
        """How many Schmidt values are enough for this error, whatever more are kept."""
        far = np.flatnonzero(np.abs(self.values - self.values[-1]) > error)
        return int(far[-1]) + 2 if len(far) else 1


def link(system: System, width: int) -> Link:
    """Of two modules of so many qubits."""
    operations = bound(system.circuit, system.angles).operations
    first, last = min(system.links), max(system.links) + 1
    state = np.zeros((2,) * (2 * width), dtype=complex)
    state[(0,) * 2 * width] = 1.0
    linked = applied(state, operations[:last]).reshape(2**width, 2**width)
    u, schmidt, v = np.linalg.svd(linked)
    back = [_columns(operations[last:], range(start, start + width)) for start in (0, width)]
    left, right = back[0] @ u, back[1] @ v.T
    assert last - first == len(system.links)
    return Link(schmidt, _values(left, schmidt, right, width))


def _values(left: Array, schmidt: NDArray[np.float64], right: Array, width: int) -> NDArray[np.float64]:
    """Of the parity with 1, 2, ... Schmidt terms: it is a product of one sign for each side."""
    signs = np.array([(-1.0) ** index.bit_count() for index in range(2**width)])
    sides = [one.conj().T @ (signs[:, None] * one) for one in (left, right)]
    terms = np.outer(schmidt, schmidt) * sides[0] * sides[1]
    sums = np.cumsum(np.cumsum(terms, axis=0), axis=1).diagonal().real
    return np.asarray(sums / np.cumsum(schmidt**2))


def _columns(operations: Iterable[Operation], wires: range) -> Array:
    """The matrix of those operations that act on these wires."""
    own = [op for op in operations if op.qubits[0] in wires]
    moved = [Operation(op.name, tuple(q - wires.start for q in op.qubits), op.params) for op in own]
    size = 2 ** len(wires)
    columns = np.eye(size, dtype=complex).reshape((2,) * len(wires) + (size,))
    return applied(columns, moved).reshape(size, size)


def applied(state: Array, operations: Iterable[Operation]) -> Array:
    """A state after operations, the qubits its first axes."""
    for op in operations:
        gate = op.unitary({}).reshape((2,) * (2 * len(op.qubits)))
        axes = range(len(op.qubits), 2 * len(op.qubits))
        state = np.moveaxis(np.tensordot(gate, state, (axes, op.qubits)), range(len(op.qubits)), op.qubits)
    return state
