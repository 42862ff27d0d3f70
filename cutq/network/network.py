"""Networks: fragments joined by bonds. A circuit that was cut and a chain of modules are the same value."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import Any

import networkx as nx

from cutq.circuits.angles import Angle
from cutq.circuits.circuit import Circuit, Group, Operation
from cutq.circuits.gates import Matrix
from cutq.circuits.observable import Observable
from cutq.network.cuts import Cut, WireCut
from cutq.network.protocols import WIRE_GAMMA, WIRE_RANK, joint_gamma, schmidt_form
from cutq.network.stars import STAR_COUPLING, STAR_GAMMA, STAR_RANK


@dataclass(frozen=True)
class Segment:
    """An uncut piece of a wire: a qubit of the fragment that holds it.

    Attributes:
        qubit: the circuit's qubit.
        piece: which piece of that qubit's wire, counted from 0 in time.
    """

    qubit: int
    piece: int = 0


@dataclass(frozen=True)
class Leg:
    """An open index of a fragment: its end of a bond.

    Attributes:
        bond: position of the bond in the network.
        end: 0 for the upstream end of a wire or the first side of a gate, 1 for the other.
        dims: dimensions of its components (see :class:`Component`); their product is the bond dimension.
        segment: for a wire, the fragment's segment that ends (end 0) or begins (end 1) there; None for gates.
    """

    bond: int
    end: int
    dims: tuple[int, ...]
    segment: int | None = None

    @property
    def dim(self) -> int:
        """The bond dimension."""
        return math.prod(self.dims)


@dataclass(frozen=True)
class Step:
    """An operation inside a fragment; its qubits are positions of the fragment's segments.

    It is the circuit's operation of that number, unless a bond carries that one: then it stands for a part of it.
    """

    number: int
    operation: Operation


@dataclass(frozen=True)
class Slot:
    """The place where a leg acts inside a fragment: one operation for each value of one component of the leg.

    Attributes:
        number: number of the operation that was cut; of the first one for the hub of a star and for a run; of one of
            its operations for a group.
        leg: position of the leg in the fragment.
        component: which component of the leg chooses the operation.
        segment: position of the segment it acts on.
        letters: the operations, all on that segment.
    """

    number: int
    leg: int
    component: int
    segment: int
    letters: tuple[Operation, ...]


@dataclass(frozen=True)
class Fragment:
    """A circuit with open legs; over its legs it is a tensor of circuits.

    Attributes:
        segments: its qubits: first those that reach the end of the circuit, by qubit, then those that end in a cut.
        items: operations and slots in the order of their numbers.
        legs: its ends of bonds, by bond.
        outputs: the circuit's qubits that it holds at the end; they are its first segments.
    """

    segments: tuple[Segment, ...]
    items: tuple[Step | Slot, ...]
    legs: tuple[Leg, ...]
    outputs: tuple[int, ...]

    @property
    def width(self) -> int:
        """Number of qubits it needs."""
        return len(self.segments)


@dataclass(frozen=True)
class Act:
    """What is done at one end of a bond in place of a group of gates.

    Attributes:
        end: the end.
        segments: on what.
        letters: on qubits 0, 1: one operation for each value of the component, or one that is done whatever the value.
    """

    end: int
    segments: tuple[Segment, ...]
    letters: tuple[Operation, ...]


@dataclass(frozen=True)
class Component:
    """One index of a gate cut's bond: a gate, a run of gates on one pair of qubits, a star, or a group.

    A run is gates with nothing but one-qubit gates between them, all of known angles: together one matrix. A star is
    gates that share an eigenbasis on one qubit, the hub: one controlled operation (:mod:`cutq.network.stars`). A group
    is the gates of one multi-controlled gate of the source (:mod:`cutq.network.groups`).

    Attributes:
        ops: which of the bond's operations it carries, by their positions there.
        operation: the two-qubit operation whose coupling it is: the gate, or the product of a run with its qubits in
            the order of the ends; of a group the controlled phase that it is between its sides; None for a star,
            whose coupling is constant.
        flipped: whether the second qubit of ``operation`` is at end 0.
        hub: of a star, the end that holds the hub; else None.
        basis: of a star, the reflection on the hub; else empty.
        inner: of a run or a group, the other operations that it contains, with their numbers.
        acts: of a group, what is done in its place, in the order of time.
        number: of a group, the number of the operation in whose place that is.
    """

    ops: tuple[int, ...]
    operation: Operation | None = None
    flipped: bool = False
    hub: int | None = None
    basis: str = ""
    inner: tuple[tuple[int, Operation], ...] = ()
    acts: tuple[Act, ...] = ()
    number: int | None = None

    @property
    def dim(self) -> int:
        """Its dimension."""
        return STAR_RANK if self.operation is None else schmidt_form(self.operation).rank

    def coupling(self, values: Mapping[str, float]) -> Matrix:
        """The matrix from end 0 to end 1, (dim, dim)."""
        if self.operation is None:
            return STAR_COUPLING
        coupling = schmidt_form(self.operation).coupling(self.operation, values)
        return coupling.T if self.flipped else coupling


@dataclass(frozen=True)
class Bond:
    """What joins two legs.

    Attributes:
        cut: the cut that made it.
        ends: positions of the fragments of end 0 and end 1; both may be the same fragment.
        ops: the operations it carries, in the order of the cut's numbers; none for a wire.
        flipped: for each operation, whether its second qubit is at end 0.
        components: its indices, which share out the operations; none for a wire.
    """

    cut: Cut
    ends: tuple[int, int]
    ops: tuple[Operation, ...] = ()
    flipped: tuple[bool, ...] = ()
    components: tuple[Component, ...] = ()

    @property
    def dims(self) -> tuple[int, ...]:
        """Dimensions of its components."""
        return tuple(component.dim for component in self.components) or (WIRE_RANK,)

    @property
    def gamma(self) -> float:
        """Its gamma by local operations; at the worst case over angles that are parameters.

        Optimal for single gates and where all gates are cut jointly, each for itself or as the product of its run:
        ``2 prod_k (sum_i |u_i^(k)|)**2 - 1``. A star may instead be cut with one ancilla, which costs a factor 4
        whatever its gates are; the cheapest choice of such stars counts.
        """
        return _joint_gamma(self) if self.ops else WIRE_GAMMA

    def couplings(self, values: Mapping[str, float]) -> tuple[Matrix, ...]:
        """For each component the matrix from end 0 to end 1, (dim, dim); none for a wire, whose coupling is 1."""
        return tuple(component.coupling(values) for component in self.components)


def _joint_gamma(bond: Bond) -> float:
    """The least gamma over how many of its stars, the dearest first, are cut with an ancilla each."""
    rest = tuple(component.operation for component in bond.components if component.operation is not None)
    arms = [tuple(bond.ops[k] for k in component.ops) for component in bond.components if component.operation is None]
    arms.sort(key=joint_gamma, reverse=True)
    return min(
        STAR_GAMMA**count * joint_gamma((*rest, *itertools.chain.from_iterable(arms[count:])))
        for count in range(len(arms) + 1)
    )


@dataclass(frozen=True)
class Network:
    """Fragments joined by bonds; made by ``split`` and read by everything else.

    Attributes:
        num_qubits: qubits of the circuit.
        fragments: its fragments.
        bonds: its bonds, in the order of the plan's cuts.
        global_phase, groups, metadata: those of the circuit, so that ``merge`` gives it back.
        order: numbers of the operations that are run, in their order of time; None where that is all, in their own.
        dropped: operations that are not run, with their numbers; only what does not depend on them may be asked for.
        observables: what they were left out for.
    """

    num_qubits: int
    fragments: tuple[Fragment, ...]
    bonds: tuple[Bond, ...]
    global_phase: Angle = Angle()
    groups: tuple[Group, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict, compare=False)
    order: tuple[int, ...] | None = None
    dropped: tuple[tuple[int, Operation], ...] = ()
    observables: tuple[Observable, ...] = ()

    @property
    def widths(self) -> tuple[int, ...]:
        """Number of qubits of each fragment."""
        return tuple(fragment.width for fragment in self.fragments)

    @property
    def gamma(self) -> float:
        """Product of the gammas of the bonds; shot-by-shot sampling costs its square."""
        return math.prod((bond.gamma for bond in self.bonds), start=1.0)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Parameter names in the order of the merged circuit."""
        return merge(self).parameters

    def variants(self, observables: Any, params: Any = None, *, frames: Any = None) -> Any:
        """The different circuits of each fragment that estimating these observables runs; see :func:`cutq.variants`."""
        # The room of shots is above this one, and is not loaded before it is asked for.
        return import_module("cutq.shots.observables").variants(self, observables, params, frames=frames)

    @property
    def graph(self) -> nx.MultiGraph:
        """The fragment graph: nodes are fragment positions, edges are bonds, with both values as attributes."""
        graph = nx.MultiGraph()
        for position, fragment in enumerate(self.fragments):
            graph.add_node(position, fragment=fragment, width=fragment.width)
        for position, bond in enumerate(self.bonds):
            graph.add_edge(*bond.ends, key=position, bond=bond, dim=math.prod(bond.dims))
        return graph


def merge(network: Network) -> Circuit:
    """The uncut circuit of a network: every operation back at its number.

    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> circuit = Circuit(2, (Operation("h", (0,)), Operation("cx", (0, 1))))
    >>> merge(split(circuit, CutPlan.from_partition(circuit, "AB"))) == circuit
    True
    """
    numbered = dict(_operations(network))
    return Circuit(
        network.num_qubits,
        tuple(numbered[number] for number in sorted(numbered)),
        global_phase=network.global_phase,
        groups=network.groups,
        metadata=network.metadata,
    )


def _operations(network: Network) -> Iterator[tuple[int, Operation]]:
    """Operations with their numbers; what bonds carry comes later and counts."""
    for fragment in network.fragments:
        for item in fragment.items:
            if isinstance(item, Step):
                qubits = tuple(fragment.segments[local].qubit for local in item.operation.qubits)
                yield item.number, item.operation.on(qubits)
    for bond in network.bonds:
        if not isinstance(bond.cut, WireCut):
            yield from zip(bond.cut.ops, bond.ops, strict=True)
            yield from itertools.chain.from_iterable(component.inner for component in bond.components)
    yield from network.dropped
