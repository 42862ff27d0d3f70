"""Nested compositions as leaves: circuits and classical functions, joined wire by wire and number by number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import networkx as nx

from cutq.circuits.circuit import Circuit
from cutq.compose.addresses import Spot, terms
from cutq.compose.assembly import Assembly, is_quantum
from cutq.compose.functions import Classical
from cutq.compose.module import Module
from cutq.compose.names import shown
from cutq.compose.ports import ClassicalIn, ClassicalOut, QuantumIn, QuantumOut
from cutq.errors import CompositionError

Place = tuple[int, int]
"""A qubit of a leaf's circuit at its end, or at its begin: (leaf, qubit)."""

Input = tuple[int, str]
"""An element of a leaf's classical input."""

Word = tuple[tuple[int, int, str], ...]
"""A Pauli word on leaves' qubits at their ends: triples (leaf, qubit, letter)."""

Reading = tuple[tuple[float, Word], ...]
"""A number that quantum leaves give: a weighted sum of words."""

Result = tuple[int, int]
"""A number that a classical leaf gives: (leaf, which)."""

Number = Reading | Result


@dataclass(frozen=True)
class Leaf:
    """An instance that is no composition.

    Attributes:
        path: its name, with those of the compositions around it.
        module: its module; its body is a circuit or a classical function.
        key: what its weights are named after.
        frozen: whether its weights stay as they are.
    """

    path: str
    module: Module
    key: str
    frozen: bool

    @property
    def circuit(self) -> Circuit | None:
        """Its circuit; None for classical functions."""
        return self.module.body if isinstance(self.module.body, Circuit) else None


@dataclass(frozen=True)
class Link:
    """A classical link between leaves, number by number.

    Attributes:
        sources: what it carries.
        function: what happens to it on the way.
        targets: where it goes; as many as there are.
        name: source and target as they were written.
    """

    sources: tuple[Number, ...]
    function: Classical | None
    targets: tuple[Input, ...]
    name: str


@dataclass(frozen=True)
class Flat:
    """Leaves and what joins them.

    Attributes:
        leaves: in the order of their nodes.
        wires: for each qubit that a wire brings into a leaf, where it comes from.
        links: the classical links.
        open: qubits that nothing brings.
        lookup: the ports of the whole: their qubits, inputs or numbers.
    """

    leaves: tuple[Leaf, ...]
    wires: Mapping[Place, Place]
    links: tuple[Link, ...]
    open: frozenset[Place]
    lookup: Mapping[str, Ends]
    inside: Mapping[str, Mapping[str, Ends]]

    @cached_property
    def owners(self) -> Mapping[str, Module]:
        """For each name that weights are named after the module that they come from: that of the first such leaf."""
        return {leaf.key: leaf.module for leaf in reversed(self.leaves)}

    @cached_property
    def used(self) -> Mapping[Place, Place]:
        """Where the wires of qubits at leaves' ends go."""
        return {source: target for target, source in self.wires.items()}

    @cached_property
    def graph(self) -> nx.DiGraph:
        """Leaves joined by wires alone."""
        graph = nx.DiGraph()
        graph.add_nodes_from(range(len(self.leaves)))
        graph.add_edges_from((source, target) for (target, _), (source, _) in self.wires.items())
        return graph

    def readings(self, text: str) -> Reading:
        """The number that an output names, for example ``"Z@mix.out[0]"``."""
        return reading(text, self.inside)


Ends = tuple[Any, ...]
"""The elements of a port: values of ``Place``, ``Input`` or ``Number``."""


def flatten(assembly: Assembly) -> Flat:
    """The leaves of a checked assembly."""
    work = _Flattening()
    inside = {node.name: work.module(node.module, node.name, node.key, node.frozen) for node in assembly.nodes}
    lookup = work.join(assembly, inside, "")
    fed = work.wires.keys()
    opened = [
        (number, qubit)
        for number, leaf in enumerate(work.leaves)
        for port in leaf.module.quantum_inputs
        for qubit in port.qubits
        if (number, qubit) not in fed
    ]
    return Flat(tuple(work.leaves), work.wires, tuple(work.links), frozenset(opened), lookup, inside)


@dataclass
class _Flattening:
    """The short-lived state of :func:`flatten`."""

    leaves: list[Leaf] = field(default_factory=list)
    wires: dict[Place, Place] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)

    def module(self, module: Module, path: str, key: str, frozen: bool) -> dict[str, Ends]:
        """The ports of an instance, whose leaves are added."""
        if isinstance(module.body, Assembly):
            inside = {
                node.name: self.module(node.module, f"{path}.{node.name}", f"{key}.{node.key}", frozen or node.frozen)
                for node in module.body.nodes
            }
            return self.join(module.body, inside, f"{path}.")
        self.leaves.append(Leaf(path, module, key, frozen))
        return _leaf_ports(module, len(self.leaves) - 1)

    def join(self, assembly: Assembly, inside: Mapping[str, Mapping[str, Ends]], prefix: str) -> dict[str, Ends]:
        """Add the edges of an assembly; its own ports."""
        for join in assembly.joins:
            sources, targets = (_at(assembly, inside, at) for at in (join.source, join.target))
            if is_quantum(assembly.port(join.source)):
                self.wires.update(zip(targets, sources, strict=True))
            else:
                name = f"{prefix}{join.source} to {prefix}{join.target}"
                self.links.append(Link(sources, join.function, targets, name))
        found: dict[str, Ends] = {name: inside[at.node][at.port] for name, at in assembly.open}
        for one in assembly.measured:
            found[one.name] = tuple(reading(text, inside) for text in one.outputs)
        return found


def _leaf_ports(module: Module, leaf: int) -> dict[str, Ends]:
    found: dict[str, Ends] = {}
    for port in module.ports:
        if isinstance(port, QuantumIn | QuantumOut):
            found[port.name] = tuple((leaf, qubit) for qubit in port.qubits)
        elif isinstance(port, ClassicalIn):
            found[port.name] = tuple((leaf, name) for name in port.elements)
        elif isinstance(port, ClassicalOut):
            found[port.name] = tuple(
                tuple((weight, tuple((leaf, q, letter) for q, letter in word)) for word, weight in one.terms)
                for one in port.observables
            )
        else:
            found[port.name] = tuple((leaf, k) for k in range(port.shape[0]))
    return found


def _at(assembly: Assembly, inside: Mapping[str, Mapping[str, Ends]], at: Spot) -> Ends:
    ends = inside[at.node][at.port]
    return tuple(ends[k] for k in assembly.elements(at))


def reading(text: str, inside: Mapping[str, Mapping[str, Ends]]) -> Reading:
    """An output's text as words on leaves' qubits.

    Raises:
        CompositionError: it names nothing that can be measured.
    """
    return tuple((weight, _word(text, letters, inside)) for weight, letters in terms(text))


def _word(text: str, letters: Iterable[tuple[str, Spot]], inside: Mapping[str, Mapping[str, Ends]]) -> Word:
    found: dict[Place, str] = {}
    for letter, at in letters:
        ends = _qubits(text, at, inside)
        if at.elements is None and len(ends) != 1:
            raise CompositionError(
                f"output {shown(text)}: {at} has {len(ends)} qubits; name one of them, such as {at}[0]"
            )
        number = 0 if at.elements is None else at.elements[0]
        if number >= len(ends):
            raise CompositionError(f"output {shown(text)}: {at} does not exist; the port has {len(ends)} qubits")
        if ends[number] in found:
            raise CompositionError(
                f"output {shown(text)}: {at} occurs twice in one word; multiply the two Paulis out first"
            )
        found[ends[number]] = letter
    return tuple((leaf, qubit, letter) for (leaf, qubit), letter in found.items() if letter != "I")


def _qubits(text: str, at: Spot, inside: Mapping[str, Mapping[str, Ends]]) -> Sequence[Place]:
    if at.node not in inside or at.port not in inside[at.node]:
        known = ", ".join(f"{node}.{port}" for node, ports in inside.items() for port in ports)
        raise CompositionError(
            f"output {shown(text)}: there is no port {at.node}.{at.port}; the ports are {known[:300]}"
        )
    return inside[at.node][at.port]
