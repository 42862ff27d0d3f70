"""Runs: gates that follow each other on one pair of qubits, as one gate of the rank of their product."""

from __future__ import annotations

import functools
import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.circuit import Operation
from cutq.circuits.gates import MATRIX_GATE, Matrix
from cutq.network.network import Component, Segment
from cutq.network.protocols import schmidt_form
from cutq.network.wires import Wires

MOST_PIECES = 4
"""Gates of a stretch up to which every way to break it into runs is a choice; beyond, one run or none."""


@dataclass(frozen=True)
class CutGate:
    """A gate of a joint cut.

    Attributes:
        position: its position in the cut.
        number: its number in the circuit.
        operation: the gate.
        ends: the segments it acts on, at end 0 and at end 1.
        flipped: whether its second qubit is at end 0.
    """

    position: int
    number: int
    operation: Operation
    ends: tuple[Segment, Segment]
    flipped: bool

    @property
    def rank(self) -> int:
        """Its operator-Schmidt rank."""
        return schmidt_form(self.operation).rank

    def qubit_at(self, end: int) -> int:
        """Which of its qubits, 0 or 1, is at this end."""
        return 1 - end if self.flipped else end


Stretch = tuple[CutGate, ...]
Runs = tuple[Component, ...]


def run_stretches(wires: Wires, gates: Sequence[CutGate]) -> list[Stretch]:
    """The longest successions of gates that can be one run, two gates at least."""
    by_pair: dict[tuple[Segment, Segment], list[list[CutGate]]] = {}
    for gate in gates:
        if not gate.operation.parameters:
            found = by_pair.setdefault(gate.ends, [])
            if found and _follows(wires, found[-1][-1], gate):
                found[-1].append(gate)
            else:
                found.append([gate])
    return [tuple(stretch) for found in by_pair.values() for stretch in found if len(stretch) > 1]


def _follows(wires: Wires, first: CutGate, last: CutGate) -> bool:
    """Whether only one-qubit operations of known angles lie between two gates."""
    ops = [wires.circuit.operations[number] for number in _between(wires, first, last)]
    return all(len(op.qubits) == 1 and not op.parameters for op in ops)


def _between(wires: Wires, first: CutGate, last: CutGate) -> list[int]:
    """Numbers of the operations between two gates on the wires of the first."""
    found: set[int] = set()
    for segment in first.ends:
        on = wires.on[segment]
        found.update(on[bisect_right(on, first.number) : bisect_left(on, last.number)])
    return sorted(found)


def run_choices(wires: Wires, stretch: Stretch) -> list[Runs]:
    """The ways to break a stretch into runs and gates that are none, the longest runs first."""
    size = len(stretch)
    breaks: list[tuple[int, ...]] = [(), tuple(range(1, size))]
    if size <= MOST_PIECES:
        breaks = [some for count in range(size) for some in itertools.combinations(range(1, size), count)]
    pieces = [[stretch[a:b] for a, b in itertools.pairwise((0, *some, size))] for some in breaks]
    return [tuple(product(wires, piece) for piece in some if len(piece) > 1) for some in pieces]


def product(wires: Wires, gates: Stretch) -> Component:
    """The component of a run: the product of its gates and of what lies between them."""
    inner = [number for number in _between(wires, gates[0], gates[-1]) if len(wires.at[number]) == 1]
    factors: dict[int, NDArray[Any]] = {
        gate.number: _turned(gate.operation.unitary({}), gate.flipped) for gate in gates
    }
    for number in inner:
        matrix = wires.circuit.operations[number].unitary({})
        first = wires.at[number][0] == gates[0].ends[0]
        factors[number] = np.kron(matrix, np.eye(2)) if first else np.kron(np.eye(2), matrix)
    whole = functools.reduce(lambda done, number: factors[number] @ done, sorted(factors), np.eye(4, dtype=complex))
    qubits = tuple(segment.qubit for segment in gates[0].ends)
    return Component(
        tuple(gate.position for gate in gates),
        Operation(MATRIX_GATE, qubits, matrix=tuple(map(tuple, whole))),
        inner=tuple((number, wires.circuit.operations[number]) for number in inner),
    )


def _turned(matrix: Matrix, flipped: bool) -> Matrix:
    """The matrix with its two qubits exchanged if ``flipped``."""
    return matrix.reshape(2, 2, 2, 2).transpose(1, 0, 3, 2).reshape(4, 4) if flipped else matrix
