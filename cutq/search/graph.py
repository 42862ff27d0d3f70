"""From a circuit to the graph that the search reads: its gates, priced by the table of cuts.

Nodes are numbers of operations, where gates that are cut as one have the number of the first, and ``("in", qubit)``
and ``("out", qubit)``; qubits without operations are left out. Besides what :mod:`cutq.search.problem` reads, nodes
have the attributes ``ops``, the two-qubit gates that are cut with them by their numbers, with their qubits, and
``all``, the numbers of all their operations; edges have ``after``, the number of the operation behind which the wire is
cut.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx

from cutq.circuits.circuit import Circuit, Operation
from cutq.network.groups import Phase, group_phases
from cutq.network.protocols import GATE_CIRCUITS, WIRE_CIRCUITS, WIRE_GAMMA, gate_gamma, schmidt_form
from cutq.network.runs import CutGate, product
from cutq.network.shots import WIRE_SHOTS, gate_shots
from cutq.network.stars import BASES, STAR_GAMMA, STAR_RANK, arm, keeps
from cutq.network.wires import Wires, cut_wires
from cutq.search.problem import Pair


@dataclass(frozen=True)
class Loads:
    """By what cuts multiply the loads of fragments.

    Attributes:
        wire: of the fragment before the cut and the one behind it.
        gate: of both fragments, by the rank and the gamma of the gate.
        star: of both fragments.
    """

    wire: Pair
    gate: Mapping[int, float] | None
    star: float

    def of_gate(self, rank: int, gamma: float) -> float:
        """The factor of a gate: tabulated by rank, else the root of its shots."""
        return float(self.gate[rank]) if self.gate else math.sqrt(gate_shots(gamma))


CIRCUITS = Loads((float(WIRE_CIRCUITS[0]), float(WIRE_CIRCUITS[1])), GATE_CIRCUITS, float(GATE_CIRCUITS[STAR_RANK]))
SHOTS = Loads((math.sqrt(WIRE_SHOTS[0]), math.sqrt(WIRE_SHOTS[1])), None, math.sqrt(gate_shots(STAR_GAMMA)))

LOADS = {"gamma": None, "circuits": CIRCUITS, "shots": SHOTS, "flops": CIRCUITS}
"""What fragments are loaded with, by objective; None where prices are paid instead."""


def priced_graph(circuit: Circuit, objective: str = "gamma", *, merge: bool = False, joint: bool = False,
                 groups: bool = False) -> nx.MultiDiGraph:  # fmt: skip
    """The graph of a circuit, with what cutting it costs.

    Args:
        circuit: the circuit.
        objective: what is minimised; factors of loads depend on it.
        merge: whether gates that follow each other on one pair of qubits, of known angles, are one node: their product.
        joint: whether nodes know the hubs of the stars that they may belong to.
        groups: whether recorded groups that are in the table of groups are one node, and not gates.

    >>> graph = priced_graph(Circuit(2, (Operation("cx", (0, 1)), Operation("cx", (0, 1)))), merge=True)
    >>> [(node, about["price"]) for node, about in graph.nodes(data=True) if "price" in about]
    [(0, 0.0)]
    """
    return _Writer(circuit, objective, merge, joint, groups).graph()


def star(objective: str) -> tuple[float, Pair]:
    """Price and factors of a star."""
    loads = LOADS[objective]
    factor = loads.star if loads else 1.0
    return math.log(STAR_GAMMA), (factor, factor)


class _Writer:
    """The short-lived state of :func:`priced_graph`."""

    def __init__(self, circuit: Circuit, objective: str, merge: bool, joint: bool, groups: bool) -> None:
        self.circuit, self.loads, self.joint = circuit, LOADS[objective], joint
        self.wires = cut_wires(circuit, ())
        self.phases = {ops[0]: (ops, phase) for ops, phase in group_phases(self.wires).items()} if groups else {}
        self.runs = _runs(circuit, {number for ops, _ in self.phases.values() for number in ops}) if merge else {}
        self.hubs = _hubs(circuit) if joint else {}

    def graph(self) -> nx.MultiDiGraph:
        """The graph."""
        graph = nx.MultiDiGraph()
        members = {number: first for first, run in self.runs.items() for number in run}
        members |= {number: first for first, (ops, _) in self.phases.items() for number in ops}
        last: list[tuple[Any, int]] = [(("in", qubit), -1) for qubit in range(self.circuit.num_qubits)]
        for number, op in enumerate(self.circuit.operations):
            node = members.get(number, number)
            if node == number:
                graph.add_node(node, **self._about(number))
            for qubit in op.qubits:
                before, after = last[qubit]
                if before != node:
                    graph.add_edge(before, node, key=qubit, after=after, **self._edge())
                last[qubit] = (node, number)
        for qubit, (before, after) in enumerate(last):
            if after >= 0:
                graph.add_edge(before, ("out", qubit), key=qubit, after=after, **self._edge())
        return graph

    def _edge(self) -> dict[str, object]:
        about: dict[str, object] = {"price": math.log(WIRE_GAMMA)}
        return about | {"factors": self.loads.wire} if self.loads else about

    def _about(self, number: int) -> dict[str, object]:
        """The attributes of an operation, or of a group or a run that begins with it."""
        if number in self.phases:
            return self._group(*self.phases[number])
        if len(self.circuit.operations[number].qubits) == 1:
            return {"all": (number,)}
        members = self.runs.get(number, (number,))
        ops = tuple(k for k in members if len(self.circuit.operations[k].qubits) == 2)
        whole = self.circuit.operations[number] if len(ops) == 1 else _product(self.wires, ops)
        moved = whole.on((0, 1))
        gamma, rank = gate_gamma(moved), schmidt_form(moved).rank
        about: dict[str, object] = {"ops": self._qubits(ops), "all": members, "price": max(0.0, math.log(gamma))}
        about["strength"] = math.log((gamma + 1) / 2)
        if self.loads:
            about["factors"] = dict.fromkeys(whole.qubits, self.loads.of_gate(rank, gamma))
        if self.joint and rank == STAR_RANK:
            about["hubs"] = {qubit: hub for qubit in whole.qubits if (hub := self._hub(ops, qubit)) is not None}
        return about

    def _group(self, members: Sequence[int], phase: Phase) -> dict[str, object]:
        """The attributes of a group: it may be cut between any two sides that its frame does not join."""
        gamma = gate_gamma(phase.operation)
        factors = (self.loads.of_gate(STAR_RANK, gamma) if self.loads else 1.0,) * 2
        splits = []
        for ends in itertools.product((0, 1), repeat=len(phase.names) - 1):
            sides = dict(zip(phase.names, (0, *ends), strict=True))
            if any(ends) and phase.divides(sides):
                blocks = tuple(tuple(name.qubit for name in sides if sides[name] == end) for end in (0, 1))
                splits.append((blocks, math.log(gamma), factors, math.log((gamma + 1) / 2)))
        return {"ops": self._qubits(members), "all": tuple(members), "splits": tuple(splits)}

    def _qubits(self, numbers: Sequence[int]) -> dict[int, tuple[int, ...]]:
        """The two-qubit gates among some operations, with their qubits."""
        ops = {number: self.circuit.operations[number].qubits for number in numbers}
        return {number: qubits for number, qubits in ops.items() if len(qubits) == 2}

    def _hub(self, ops: Sequence[int], qubit: int) -> object:
        """The hub that all gates of a node have on a qubit, if they have one."""
        found = {self.hubs.get((number, qubit)) for number in ops}
        return found.pop() if len(found) == 1 else None


def _runs(circuit: Circuit, apart: Collection[int]) -> dict[int, tuple[int, ...]]:
    """Successions of two or more gates of known angles on one pair of qubits, by the first number, none of them apart.

    They include the one-qubit operations between the gates.
    """
    inside: dict[int, int] = {}
    """By qubit the run that it is in."""
    runs: dict[int, list[int]] = defaultdict(list)
    waiting: dict[int, list[int]] = defaultdict(list)
    """By qubit the one-qubit operations since its last gate."""
    for number, op in enumerate(circuit.operations):
        if op.parameters or number in apart:
            for qubit in op.qubits:
                inside.pop(qubit, None)
        elif len(op.qubits) == 1:
            waiting[op.qubits[0]].append(number)
        else:
            first, second = (inside.get(qubit) for qubit in op.qubits)
            run = first if first is not None and first == second else number
            between = [one for qubit in op.qubits for one in waiting.pop(qubit, [])]
            runs[run] += [*(between if run != number else []), number]
            inside.update(dict.fromkeys(op.qubits, run))
    gates = {run: tuple(sorted(numbers)) for run, numbers in runs.items()}
    return {run: numbers for run, numbers in gates.items() if len(numbers) > 1}


def _product(wires: Wires, ops: Sequence[int]) -> Operation:
    """The product of gates on one pair of qubits and of what lies between them."""
    first = wires.at[ops[0]]
    ends = (first[0], first[1])
    gates = tuple(CutGate(k, number, wires.circuit.operations[number], ends, wires.at[number] != first)
                  for k, number in enumerate(ops))  # fmt: skip
    whole = product(wires, gates).operation
    assert whole is not None
    return whole


def _hubs(circuit: Circuit) -> dict[tuple[int, int], tuple[str, int]]:
    """For each gate of rank 2 and each of its qubits with an eigenbasis: the basis, and how many operations before it
    on the qubit do not keep that basis."""
    left: dict[tuple[int, str], int] = defaultdict(int)
    hubs: dict[tuple[int, int], tuple[str, int]] = {}
    for number, op in enumerate(circuit.operations):
        moved = op.on(tuple(range(len(op.qubits))))
        for basis, position in _arms(moved):
            qubit = op.qubits[position]
            hubs[number, qubit] = (basis, left[qubit, basis])
        for position, qubit in enumerate(op.qubits):
            for basis in BASES:
                left[qubit, basis] += not keeps(moved, position, basis)
    return hubs


def _arms(op: Operation) -> Iterator[tuple[str, int]]:
    """The eigenbases of a gate of rank 2 and the qubits that have them."""
    if len(op.qubits) == 2 and schmidt_form(op).rank == STAR_RANK:
        for position in (0, 1):
            seen = arm(op, position)
            if seen is not None:
                yield seen.basis, position
