"""Assemblies: the graph of a composition as a frozen value, the body of the module that it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cutq.compose.addresses import Spot, terms
from cutq.compose.canonical import canonical_value
from cutq.compose.functions import Classical
from cutq.compose.names import shown
from cutq.compose.ports import ClassicalIn, ClassicalOut, Numbers, Port, QuantumIn, QuantumOut
from cutq.compose.weight import Weight, check_weights
from cutq.errors import CompositionError

if TYPE_CHECKING:
    from cutq.compose.module import Module


@dataclass(frozen=True)
class Node:
    """An instance of a module.

    Attributes:
        name: its name in the graph.
        module: the module.
        frozen: whether training leaves its weights as they are.
        tie: nodes of one tie group share their weights, which are named after the group; None for weights of its own.
    """

    name: str
    module: Module
    frozen: bool = False
    tie: str | None = None

    @property
    def key(self) -> str:
        """What its weights are named after."""
        return self.tie or self.name


@dataclass(frozen=True)
class Join:
    """An edge: a quantum wire or several, or a classical link.

    Attributes:
        source: an output.
        target: an input.
        function: what a classical link does to its numbers on the way; None for nothing.
    """

    source: Spot
    target: Spot
    function: Classical | None = None


@dataclass(frozen=True)
class Measured:
    """Expectation values of a composition, by addresses.

    Attributes:
        name: the classical output that they are.
        outputs: one text for each, such as ``"Z@mix.out[0]"``.
    """

    name: str
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class Assembly:
    """Nodes and edges; ports that no edge touches are those of the whole.

    Attributes:
        nodes: the instances.
        joins: the edges.
        names: other names for open ports: pairs (name, node and port).
        measured: what is measured.
        discarded: outputs that are traced out.
    """

    nodes: tuple[Node, ...]
    joins: tuple[Join, ...] = ()
    names: tuple[tuple[str, Spot], ...] = ()
    measured: tuple[Measured, ...] = ()
    discarded: tuple[Spot, ...] = ()

    @cached_property
    def modules(self) -> Mapping[str, Module]:
        """The modules by the names of their nodes."""
        return {node.name: node.module for node in self.nodes}

    def port(self, at: Spot) -> Port | Numbers:
        """The port at a spot."""
        return self.modules[at.node].port(at.port)

    def elements(self, at: Spot) -> tuple[int, ...]:
        """Which elements of its port a spot names."""
        return tuple(range(size(self.port(at)))) if at.elements is None else at.elements

    @cached_property
    def touched(self) -> frozenset[tuple[str, str]]:
        """Ports that an edge touches, that are discarded, or where something is measured, as (node, port)."""
        spots = [at for join in self.joins for at in (join.source, join.target)]
        read = [at for one in self.measured for text in one.outputs for _, word in terms(text) for _, at in word]
        return frozenset((at.node, at.port) for at in (*spots, *self.discarded, *read))

    @cached_property
    def open(self) -> tuple[tuple[str, Spot], ...]:
        """The open ports: pairs of the name that the whole knows them by, and where they are."""
        renamed = {(at.node, at.port): name for name, at in self.names}
        spots = [Spot(node.name, port.name) for node in self.nodes for port in node.module.ports]
        return tuple(
            (renamed.get((at.node, at.port), str(at)), at) for at in spots if (at.node, at.port) not in self.touched
        )

    @cached_property
    def ports(self) -> tuple[Port | Numbers, ...]:
        """The ports of the whole."""
        found: list[Port | Numbers] = [_shown(name, self.port(at)) for name, at in self.open]
        return (*found, *(Numbers(one.name, (len(one.outputs),)) for one in self.measured))

    @cached_property
    def weights(self) -> tuple[Weight, ...]:
        """The weights of the whole, named after their nodes or tie groups."""
        found: dict[str, Weight] = {}
        for node in self.nodes:
            for one in node.module.weights:
                name = f"{node.key}.{one.name}"
                if name not in found:
                    found[name] = Weight(name, one.shape, one.values, one.frozen or node.frozen)
        return tuple(found.values())

    def with_weights(self, values: Mapping[str, Any]) -> Assembly:
        """The same with other values of weights.

        Raises:
            CompositionError: a weight that is not there, or one that is frozen and has values already.
        """
        check_weights(values)
        known = {one.name: one for one in self.weights}
        for name in values:
            if name not in known:
                raise CompositionError(
                    f"there is no weight {shown(name)}; the weights are {', '.join(known)[:300] or '(none)'}"
                )
            if known[name].frozen and known[name].values is not None:
                raise CompositionError(
                    f"the weight {name!r} is frozen and stays as it is; unfreeze its module to write it"
                )
        own: dict[str, dict[str, Any]] = {}
        for name, value in values.items():
            key, rest = self._homes[name]
            own.setdefault(key, {})[rest] = value
        nodes = tuple(
            replace(node, module=node.module.with_weights(own[node.key])) if node.key in own else node
            for node in self.nodes
        )
        return replace(self, nodes=nodes)

    @cached_property
    def _homes(self) -> Mapping[str, tuple[str, str]]:
        """For each weight what it is named after, and its name in the module."""
        return {f"{node.key}.{one.name}": (node.key, one.name) for node in self.nodes for one in node.module.weights}

    def canonical(self) -> list[Any]:
        """Everything that it is, for digests."""
        nodes = [[node.name, node.module.digest, node.frozen, node.tie] for node in self.nodes]
        joins = [[str(join.source), str(join.target), canonical_value(join.function)] for join in self.joins]
        for join in self.joins:
            if join.function is not None and join.function.call is not None:
                raise CompositionError(
                    f"the link from {join.source} to {join.target} goes through a callable of yours, which has no "
                    "digest and is not saved; use a function of the table"
                )
        names = [[name, str(at)] for name, at in self.names]
        measured = [[one.name, list(one.outputs)] for one in self.measured]
        return [nodes, joins, names, measured, [str(at) for at in self.discarded]]


def size(port: Port | Numbers) -> int:
    """How many wires or numbers a port has."""
    count = 1
    for axis in port.shape:
        count *= axis
    return count


def is_quantum(port: Port | Numbers) -> bool:
    """Whether it is a port of wires."""
    return isinstance(port, QuantumIn | QuantumOut)


def _shown(name: str, port: Port | Numbers) -> Port | Numbers:
    """A port of a node as a port of the whole."""
    if isinstance(port, ClassicalOut | Numbers):
        return Numbers(name, port.shape)
    if isinstance(port, ClassicalIn):
        return replace(port, name=name)
    return type(port)(name, tuple(range(len(port.qubits))))
