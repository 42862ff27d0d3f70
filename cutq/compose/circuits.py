"""Circuits of leaves: the wires of modules become those of one circuit, their parameters its parameters."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cutq.circuits.angles import Angle
from cutq.circuits.circuit import Circuit, Group, Operation
from cutq.compose.expressions import Expression
from cutq.compose.flatten import Flat, Leaf, Place
from cutq.compose.module import Module
from cutq.compose.wiring import Wiring


@dataclass(frozen=True)
class Source:
    """What drives a parameter of a circuit: elements of weights and inputs, directly or through an expression.

    Attributes:
        names: elements of weights (``"mix.theta[0]"``) and of inputs (``"enc.x[0]"``), for each name of the expression.
        expression: how they become the angle; None for the one element itself.
    """

    names: Mapping[str, str]
    expression: Expression | None = None


@dataclass(frozen=True)
class Laid:
    """A circuit of leaves.

    Attributes:
        circuit: the circuit; frozen weights are numbers in it.
        sources: what drives each of its parameters.
        owners: for each operation the leaf it belongs to.
        register: for each qubit of each leaf the circuit's qubit.
    """

    circuit: Circuit
    sources: Mapping[str, Source]
    owners: tuple[int, ...]
    register: Mapping[Place, int]


def lay(wiring: Wiring, leaves: Collection[int]) -> Laid:
    """The circuit of some leaves that have one, in an order of time."""
    register = wiring.register(leaves)
    operations: list[Operation] = []
    owners: list[int] = []
    groups: list[Group] = []
    phases: list[Angle] = []
    sources: dict[str, Source] = {}
    bound = _Bound(wiring.flat)
    for number in wiring.order:
        leaf = wiring.flat.leaves[number]
        if number not in leaves or leaf.circuit is None:
            continue
        own = bound.leaf(number)
        sources.update(own.sources)
        wires = [register[number, qubit] for qubit in range(leaf.circuit.num_qubits)]
        groups += [Group(g.name, tuple(len(operations) + op for op in g.ops)) for g in leaf.circuit.groups]
        operations += [op.on(tuple(wires[q] for q in op.qubits)) for op in own.operations]
        owners += [number] * len(own.operations)
        phases.append(own.phase)
    width = max(register.values(), default=-1) + 1
    circuit = Circuit(width, tuple(operations), _sum(phases), tuple(groups))
    return Laid(circuit, sources, tuple(owners), register)


def _sum(angles: Sequence[Angle]) -> Angle:
    """The sum of angles, by halves, so that long sums are not sorted again for each term."""
    if len(angles) < 2:
        return angles[0] if angles else Angle()
    half = len(angles) // 2
    return _sum(angles[:half]) + _sum(angles[half:])


@dataclass(frozen=True)
class _Instance:
    """A leaf's circuit with the names of the whole."""

    operations: Sequence[Operation]
    phase: Angle
    sources: Mapping[str, Source]


class _Bound:
    """Leaves' circuits in the names of the whole; those without parameters are made once for each module."""

    def __init__(self, flat: Flat) -> None:
        self.flat = flat
        self.constant: dict[tuple[int, int, bool], _Instance] = {}

    def leaf(self, number: int) -> _Instance:
        leaf = self.flat.leaves[number]
        owner = self.flat.owners[leaf.key]
        key = (id(leaf.module), id(owner), leaf.frozen)
        found = self.constant.get(key)
        if found is None:
            found = _instance(leaf, owner)
            if not found.sources:
                self.constant[key] = found
        return found


def _instance(leaf: Leaf, owner: Module) -> _Instance:
    circuit = leaf.circuit
    assert circuit is not None
    known = _Elements.of(leaf, owner)
    values: dict[str, Angle] = {}
    sources: dict[str, Source] = {}
    for name in circuit.parameters:
        expression = leaf.module.angles.get(name)
        if expression is None:
            source = Source({name: known.names[name]})
            value = Angle((), known.constants[name]) if name in known.constants else Angle(((known.names[name], 1.0),))
        else:
            fixed = {one: np.asarray(known.constants[one]) for one in expression.names if one in known.constants}
            whole = f"{leaf.path}.{name}"
            source = Source({one: known.names[one] for one in expression.names}, expression)
            if len(fixed) == len(expression.names):
                value = Angle((), float(expression.value(fixed)))
            else:
                value = Angle(((whole, 1.0),))
        values[name] = value
        sources |= {term: source for term, _ in value.terms}
    if not values:
        return _Instance(circuit.operations, circuit.global_phase, {})
    operations = [_substituted(op, values) if op.parameters else op for op in circuit.operations]
    return _Instance(operations, _value(circuit.global_phase, values), sources)


@dataclass(frozen=True)
class _Elements:
    """The elements of a leaf: their names in the whole, and the values of those that are frozen."""

    names: Mapping[str, str]
    constants: Mapping[str, float]

    @classmethod
    def of(cls, leaf: Leaf, owner: Module) -> _Elements:
        names = {one: f"{leaf.path}.{one}" for port in leaf.module.classical_inputs for one in port.elements}
        constants: dict[str, float] = {}
        for weight in owner.weights:
            names |= {one: f"{leaf.key}.{one}" for one in weight.elements}
            if (leaf.frozen or weight.frozen) and weight.values is not None:
                constants |= dict(zip(weight.elements, map(float, weight.values.ravel()), strict=True))
        return cls(names, constants)


def _substituted(op: Operation, values: Mapping[str, Angle]) -> Operation:
    changed = object.__new__(Operation)
    changed.__dict__.update(op.__dict__, params=tuple(_value(one, values) for one in op.params))
    return changed


def _value(angle: Angle, values: Mapping[str, Angle]) -> Angle:
    if len(angle.terms) == 1:
        ((name, factor),) = angle.terms
        value = values[name]
        if len(value.terms) == 1:
            return Angle(((value.terms[0][0], factor * value.terms[0][1]),), factor * value.constant + angle.constant)
    total = Angle((), angle.constant)
    for name, factor in angle.terms:
        total = total + factor * values[name]
    return total


@dataclass(frozen=True)
class Layout:
    """A laid circuit and what moves when wires are cut between its leaves.

    Attributes:
        laid: the circuit.
    """

    laid: Laid

    @cached_property
    def units(self) -> tuple[int, ...]:
        """For each operation its unit: operations of one leaf that qubits join, directly or through others."""
        parent: dict[tuple[int, int], tuple[int, int]] = {}

        def root(key: tuple[int, int]) -> tuple[int, int]:
            while parent.setdefault(key, key) != key:
                parent[key] = parent[parent[key]]
                key = parent[key]
            return key

        pairs = list(zip(self.laid.owners, self.laid.circuit.operations, strict=True))
        for owner, op in pairs:
            first = root((owner, op.qubits[0]))
            for qubit in op.qubits[1:]:
                parent[root((owner, qubit))] = first
        numbers: dict[tuple[int, int], int] = {}
        return tuple(numbers.setdefault(root((owner, op.qubits[0])), len(numbers)) for owner, op in pairs)

    @cached_property
    def runs(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """For each qubit the units that act on it in turn, each with its last operation there."""
        found: list[list[tuple[int, int]]] = [[] for _ in range(self.laid.circuit.num_qubits)]
        for number, (unit, op) in enumerate(zip(self.units, self.laid.circuit.operations, strict=True)):
            for qubit in op.qubits:
                if found[qubit] and found[qubit][-1][0] == unit:
                    found[qubit][-1] = (unit, number)
                else:
                    found[qubit].append((unit, number))
        return tuple(map(tuple, found))
