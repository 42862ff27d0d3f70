"""The wires of a circuit as its cuts leave them: pieces in time, and what acts on each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from cutq.circuits.circuit import Circuit
from cutq.network.cuts import Cut, GateCut, WireCut
from cutq.network.network import Segment


@dataclass(frozen=True)
class Wires:
    """The wires as cut into segments.

    Attributes:
        circuit: the circuit.
        at: for each operation, the segment on each of its qubits.
        last: the segments that reach the end of the circuit.
        segments: all segments, by qubit and time.
        cut_gates: numbers of the gates that are cut.
    """

    circuit: Circuit
    at: tuple[tuple[Segment, ...], ...]
    last: frozenset[Segment]
    segments: tuple[Segment, ...]
    cut_gates: frozenset[int] = frozenset()

    @cached_property
    def group_of(self) -> Mapping[int, tuple[int, ...]]:
        """For each operation that is in a recorded group the operations of the group; of groups that share an
        operation the first counts."""
        found: dict[int, tuple[int, ...]] = {}
        for group in self.circuit.groups:
            if found.keys().isdisjoint(group.ops):
                found.update(dict.fromkeys(group.ops, group.ops))
        return found

    @cached_property
    def on(self) -> Mapping[Segment, tuple[int, ...]]:
        """For each segment the numbers of the operations on it, in time order."""
        found: dict[Segment, list[int]] = {segment: [] for segment in self.segments}
        for number, segments in enumerate(self.at):
            for segment in segments:
                found[segment].append(number)
        return {segment: tuple(numbers) for segment, numbers in found.items()}


def cut_wires(circuit: Circuit, cuts: Sequence[Cut]) -> Wires:
    """The segments that the wire cuts among these cuts make.

    >>> from cutq.circuits.circuit import Operation
    >>> cut_wires(Circuit(1, (Operation("h", (0,)), Operation("x", (0,)))), [WireCut(0, 0)]).at
    ((Segment(qubit=0, piece=0),), (Segment(qubit=0, piece=1),))
    """
    places = {(cut.after, cut.qubit) for cut in cuts if isinstance(cut, WireCut)}
    current = [Segment(qubit) for qubit in range(circuit.num_qubits)]
    at: list[tuple[Segment, ...]] = []
    for number, op in enumerate(circuit.operations):
        at.append(tuple(current[qubit] for qubit in op.qubits))
        for qubit in op.qubits:
            if (number, qubit) in places:
                current[qubit] = Segment(qubit, current[qubit].piece + 1)
    segments = tuple(Segment(last.qubit, piece) for last in current for piece in range(last.piece + 1))
    gates = frozenset(number for cut in cuts if isinstance(cut, GateCut) for number in cut.ops)
    return Wires(circuit, tuple(at), frozenset(current), segments, gates)
