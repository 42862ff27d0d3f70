"""The circuit in columns: where gates and cuts stand, and in which fragment each stretch of wire lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cutq.circuits.circuit import Circuit, Operation
from cutq.network.cuts import GateCut, WireCut
from cutq.network.network import Network, Segment


@dataclass(frozen=True)
class PlacedGate:
    """An operation in its column.

    Attributes:
        operation: the operation.
        column: its column, counted from 0.
        fragments: the fragment in which each of its qubits lies there.
        bond: the bond that cuts it; None where it is whole.
    """

    operation: Operation
    column: int
    fragments: tuple[int, ...]
    bond: int | None = None


@dataclass(frozen=True)
class PlacedCut:
    """The cut of a wire in its column, which has nothing else on that wire.

    Attributes:
        qubit: the qubit.
        column: its column.
        bond: its bond.
        fragment: the fragment that begins there.
    """

    qubit: int
    column: int
    bond: int
    fragment: int


@dataclass(frozen=True)
class Stretch:
    """An uncut stretch of wire.

    Attributes:
        qubit: the qubit.
        start: column of the cut that it begins with; None for the beginning of the wire.
        stop: column of the cut that it ends with; None for the end of the wire.
        fragment: the fragment in which it lies.
    """

    qubit: int
    start: int | None
    stop: int | None
    fragment: int


@dataclass(frozen=True)
class CircuitLayout:
    """A circuit in columns.

    Attributes:
        num_qubits: number of wires; qubit 0 is the topmost.
        num_columns: number of columns.
        gates: the operations in time order; in one column no two share a wire or cross.
        cuts: the cuts of wires.
        stretches: the stretches of wire, by qubit and time.
    """

    num_qubits: int
    num_columns: int
    gates: tuple[PlacedGate, ...]
    cuts: tuple[PlacedCut, ...]
    stretches: tuple[Stretch, ...]


def lay_out(circuit: Circuit, network: Network) -> CircuitLayout:
    """The operations that the network runs, in its order of time, each in the first column where it can stand.

    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> circuit = Circuit(3, (Operation("h", (0,)), Operation("cx", (0, 2)), Operation("x", (1,))))
    >>> [gate.column for gate in lay_out(circuit, split(circuit, CutPlan.uncut())).gates]
    [0, 1, 2]
    """
    home = {segment: f for f, fragment in enumerate(network.fragments) for segment in fragment.segments}
    gate_bonds, wire_bonds = _bonds(network)
    free = np.zeros(circuit.num_qubits, dtype=int)
    current = [Segment(qubit) for qubit in range(circuit.num_qubits)]
    gates: list[PlacedGate] = []
    cuts: list[PlacedCut] = []
    for number in range(len(circuit.operations)) if network.order is None else network.order:
        op = circuit.operations[number]
        column = _take(free, min(op.qubits), max(op.qubits))
        gates.append(PlacedGate(op, column, tuple(home[current[q]] for q in op.qubits), gate_bonds.get(number)))
        for qubit in op.qubits:
            if (number, qubit) in wire_bonds:
                current[qubit] = Segment(qubit, current[qubit].piece + 1)
                column = _take(free, qubit, qubit)
                cuts.append(PlacedCut(qubit, column, wire_bonds[number, qubit], home[current[qubit]]))
    columns = int(free.max(initial=0))
    return CircuitLayout(circuit.num_qubits, columns, tuple(gates), tuple(cuts), _stretches(circuit, home, cuts))


def runs(stretches: tuple[Stretch, ...]) -> Iterator[tuple[int, int, int]]:
    """Neighbouring wires that begin in one fragment, as (first qubit, last qubit, fragment)."""
    first = last = fragment = -1
    for stretch in stretches:
        if stretch.start is not None:
            continue
        if stretch.fragment != fragment:
            if fragment >= 0:
                yield first, last, fragment
            first, fragment = stretch.qubit, stretch.fragment
        last = stretch.qubit
    if fragment >= 0:
        yield first, last, fragment


def _bonds(network: Network) -> tuple[dict[int, int], dict[tuple[int, int], int]]:
    """The bond of each cut gate, by its number, and of each cut wire, by operation and qubit."""
    gates: dict[int, int] = {}
    wires: dict[tuple[int, int], int] = {}
    for position, bond in enumerate(network.bonds):
        if isinstance(bond.cut, GateCut):
            gates.update(dict.fromkeys(bond.cut.ops, position))
        if isinstance(bond.cut, WireCut):
            wires[bond.cut.after, bond.cut.qubit] = position
    return gates, wires


def _take(free: np.ndarray[tuple[int], np.dtype[np.int64]], low: int, high: int) -> int:
    """The first column that is free on all wires from low to high; it and those before are free no more."""
    column = int(free[low : high + 1].max())
    free[low : high + 1] = column + 1
    return column


def _stretches(circuit: Circuit, home: dict[Segment, int], cuts: list[PlacedCut]) -> tuple[Stretch, ...]:
    columns: list[list[int | None]] = [[None] for _ in range(circuit.num_qubits)]
    for cut in cuts:
        columns[cut.qubit].append(cut.column)
    found: list[Stretch] = []
    for qubit, starts in enumerate(columns):
        for piece, (start, stop) in enumerate(zip(starts, [*starts[1:], None], strict=True)):
            found.append(Stretch(qubit, start, stop, home[Segment(qubit, piece)]))
    return tuple(found)
