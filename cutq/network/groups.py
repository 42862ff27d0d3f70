"""The table of groups: recorded gates that are a multi-controlled phase, cut between any two sides as one bond.

A phase ``theta`` where all of some qubits are 1 is, between two sides A and B of them, ``exp(i theta P_A P_B)`` with
the projectors ``P = (1 - V) / 2`` on all ones of a side and the reflections ``V``, multi-controlled Z. That is the
algebra of a controlled phase of two qubits with V for Z: the same rank, coupling and gamma, for any number of qubits on
either side (Schumann, Stollenwerk, Ciani, arXiv:2503.11494). A side runs V as CNOTs that are always there and phases of
parities, which are the letters.
"""

from __future__ import annotations

import cmath
import functools
import itertools
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from networkx.utils import UnionFind
from numpy.typing import NDArray

from cutq.circuits.angles import Angle
from cutq.circuits.circuit import Operation
from cutq.network.network import Act, Component, Segment
from cutq.network.protocols import schmidt_form
from cutq.network.runs import CutGate
from cutq.network.wires import Wires

MOST_QUBITS = 6
"""Groups on more qubits are cut gate by gate; each qubit doubles the CNOTs of a side."""

EXACT = 1e-10
"""A unitary this close to a multi-controlled phase is one."""

Sides = Mapping[Segment, int]
"""For each qubit of a group its end of the bond."""


@dataclass(frozen=True)
class MultiPhase:
    """A multi-controlled phase between operations that are their own inverses: ``frame``, the phase, ``frame`` back.

    Attributes:
        frame: the operations, in the order of time before the phase.
        angle: of the phase.
    """

    frame: tuple[Operation, ...]
    angle: float

    @property
    def operation(self) -> Operation:
        """The controlled phase that it is between any two sides, on qubits 0, 1."""
        return Operation("cp", (0, 1), (Angle((), self.angle),))


@functools.lru_cache(maxsize=1024)
def multi_phase(ops: tuple[Operation, ...]) -> MultiPhase | None:
    """What operations on the qubits 0, 1, ... are together, if that is a multi-controlled phase in some frame, not 0.

    The frames make the phase of ``ccz`` and ``mcp`` (none), ``ccx`` and ``mcx``, and ``cswap``.

    >>> toffoli = [("cs", (1, 2)), ("cx", (0, 1)), ("csdg", (1, 2)), ("cx", (0, 1)), ("cs", (0, 2))]
    >>> found = multi_phase(tuple(Operation(*op) for op in toffoli))
    >>> found.frame, round(found.angle, 6)
    ((), 3.141593)
    """
    width = 1 + max(qubit for op in ops for qubit in op.qubits)
    if width > MOST_QUBITS or any(op.parameters for op in ops):
        return None
    whole = _unitary(ops, width)
    for frame in _frames(width):
        turn = _unitary(frame, width)
        inside = turn @ whole @ turn.conj().T
        angle = cmath.phase(inside[-1, -1])
        expected = np.diag([*[1.0] * ((1 << width) - 1), cmath.exp(1j * angle)])
        if np.abs(inside - expected).max() < EXACT:
            found = MultiPhase(frame, angle)
            return found if schmidt_form(found.operation).rank == 2 else None
    return None


def _frames(width: int) -> Iterator[tuple[Operation, ...]]:
    yield ()
    for target in range(width):
        yield (Operation("h", (target,)),)
    for one, other in itertools.permutations(range(width), 2):
        yield Operation("cx", (other, one)), Operation("h", (other,))


def _unitary(ops: Sequence[Operation], width: int) -> NDArray[Any]:
    """The matrix of operations, (2**width, 2**width), qubit 0 first."""
    state = np.eye(1 << width, dtype=complex).reshape((2,) * width + (1 << width,))
    for op in ops:
        count = len(op.qubits)
        gate = op.unitary({}).reshape((2,) * (2 * count))
        state = np.tensordot(gate, state, axes=(range(count, 2 * count), op.qubits))
        state = np.moveaxis(state, range(count), op.qubits)
    return state.reshape(1 << width, 1 << width)


def group_components(wires: Wires, gates: Sequence[CutGate]) -> list[Component]:
    """One component for each recorded group that these gates of a joint cut take apart, where it is in the table."""
    touched = dict.fromkeys(wires.group_of[gate.number] for gate in gates if gate.number in wires.group_of)
    cut = {gate.number: gate for gate in gates}
    found = (_component(wires, group, cut) for group in touched)
    return [component for component in found if component is not None]


@dataclass(frozen=True)
class Phase:
    """A recorded group that is a multi-controlled phase.

    Attributes:
        names: the segments that it acts on.
        frame: the operations of its frame on qubits 0, 1, with the segments that they act on.
        operation: the controlled phase that it is between any two sides, on qubits 0, 1.
        number: the number of an operation in whose place all of the group can be done.
    """

    names: tuple[Segment, ...]
    frame: tuple[tuple[Operation, tuple[Segment, ...]], ...]
    operation: Operation
    number: int

    def divides(self, sides: Sides) -> bool:
        """Whether no operation of the frame is between the sides."""
        return all(len({sides[segment] for segment in segments}) == 1 for _, segments in self.frame)


def group_phase(wires: Wires, numbers: Sequence[int]) -> Phase | None:
    """The multi-controlled phase that these operations are, if they are one and nothing is in between."""
    names = tuple(dict.fromkeys(segment for number in numbers for segment in wires.at[number]))
    place = _place(wires, numbers)
    if place is None or len({name.qubit for name in names}) < len(names):
        return None
    local = {segment: position for position, segment in enumerate(names)}
    ops = (wires.circuit.operations[number].on(tuple(local[segment] for segment in wires.at[number]))
           for number in numbers)  # fmt: skip
    found = multi_phase(tuple(ops))
    if found is None:
        return None
    frame = tuple((_on_zero(op), tuple(names[position] for position in op.qubits)) for op in found.frame)
    return Phase(names, frame, found.operation, place)


def group_phases(wires: Wires) -> dict[tuple[int, ...], Phase]:
    """By its operations each recorded group that is in the table."""
    phases = {numbers: group_phase(wires, numbers) for numbers in dict.fromkeys(wires.group_of.values())}
    return {numbers: phase for numbers, phase in phases.items() if phase is not None}


def _component(wires: Wires, numbers: Sequence[int], cut: Mapping[int, CutGate]) -> Component | None:
    sides, phase = _sides(wires, numbers, cut), group_phase(wires, numbers)
    if sides is None or phase is None or not phase.divides(sides):
        return None
    names = phase.names
    turn = [Act(sides[segments[0]], segments, (op,)) for op, segments in phase.frame]
    phases = [act for end in (0, 1) for act in _reflection([name for name in names if sides[name] == end], end)]
    ends = [next(name.qubit for name in names if sides[name] == end) for end in (0, 1)]
    return Component(
        tuple(cut[number].position for number in numbers if number in cut),
        phase.operation.on((ends[0], ends[1])),
        inner=tuple((number, wires.circuit.operations[number]) for number in numbers if number not in cut),
        acts=(*turn, *phases, *turn[::-1]),
        number=phase.number,
    )


def _sides(wires: Wires, numbers: Sequence[int], cut: Mapping[int, CutGate]) -> Sides | None:
    """On which side each qubit of a group is; None if the cut does not take it in two."""
    whole = [number for number in numbers if number not in cut]
    if any(number in wires.cut_gates for number in whole):
        return None
    together = UnionFind(segment for number in numbers for segment in wires.at[number])
    for number in whole:
        together.union(*wires.at[number])
    ends: dict[Segment, set[int]] = defaultdict(set)
    for number in set(numbers) & set(cut):
        for end, segment in enumerate(cut[number].ends):
            ends[together[segment]].add(end)
    sides = {segment: ends[together[segment]] for segment in together}
    if any(len(found) != 1 for found in sides.values()):
        return None
    return {segment: next(iter(found)) for segment, found in sides.items()}


def _place(wires: Wires, numbers: Sequence[int]) -> int | None:
    """A number of the group at which all of it can be done; None if something on its qubits is in between."""
    own = set(numbers)
    first: list[int] = []
    behind: list[int] = []
    for segment in {segment for number in numbers for segment in wires.at[number]}:
        on = wires.on[segment]
        places = [k for k, number in enumerate(on) if number in own]
        if places[-1] - places[0] + 1 != len(places):
            return None
        first.append(on[places[0]])
        behind += on[places[-1] + 1 : places[-1] + 2]
    place = max(first)
    return place if all(number > place for number in behind) else None


def _reflection(segments: Sequence[Segment], end: int) -> Iterator[Act]:
    """Nothing for the value 0 and a multi-controlled Z for 1: phases of the parities of all sets of qubits.

    Of each qubit in turn all sets in which it is the last are met in the order of a Gray code.
    """
    for last, target in enumerate(segments):
        for step in range(1 << last):
            members = step ^ (step >> 1)
            angle = (-1) ** members.bit_count() * math.pi / (1 << (len(segments) - 1))
            yield Act(end, (target,), (Operation("id", (0,)), _phase(angle)))
            if last:
                flip = min(((step + 1) & -(step + 1)).bit_length(), last) - 1
                yield Act(end, (segments[flip], target), (Operation("cx", (0, 1)),))


PHASES = {math.pi: "z", math.pi / 2: "s", -math.pi / 2: "sdg", math.pi / 4: "t", -math.pi / 4: "tdg"}
"""Phases that have names."""


def _phase(angle: float) -> Operation:
    return Operation(PHASES[angle], (0,)) if angle in PHASES else Operation("p", (0,), (Angle((), angle),))


def _on_zero(op: Operation) -> Operation:
    return op.on(tuple(range(len(op.qubits))))
