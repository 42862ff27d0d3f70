"""Compositions: modules joined by quantum wires and classical links, as one networkx graph."""

from __future__ import annotations

import difflib
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import networkx as nx

from cutq.circuits.circuit import Circuit
from cutq.compose.addresses import Spot, spot, terms
from cutq.compose.assembly import Assembly, Join, Measured, Node, is_quantum, size
from cutq.compose.card import Card
from cutq.compose.check import check
from cutq.compose.circuits import Layout, lay
from cutq.compose.cutting import check_width, cut
from cutq.compose.flatten import Flat, flatten
from cutq.compose.functions import Classical
from cutq.compose.model import Model
from cutq.compose.module import Module, classical
from cutq.compose.operators import Chained
from cutq.compose.outputs import asked as _asked
from cutq.compose.planning import plan
from cutq.compose.ports import ClassicalIn, Numbers, Port, QuantumOut, Weight, check_name, shown
from cutq.compose.pricing import CompositionPrice, price_composition
from cutq.compose.tensors import KeptTensors
from cutq.compose.wiring import Wiring
from cutq.errors import CompositionError, ModuleError
from cutq.network.network import Network
from cutq.network.protocols import WIRE_GAMMA


class Composition(Chained):
    """Instances of modules and the edges between their ports; itself a module through its open ports.

    Attributes:
        name: its name.
        card: what it is for.

    >>> from cutq.circuits.circuit import Operation
    >>> from cutq.compose.ports import QuantumIn, QuantumOut
    >>> source = Module("plus", Circuit(1, (Operation("h", (0,)),)), (QuantumOut("out", (0,)),))
    >>> ports = (QuantumIn("in", (0,)), QuantumOut("out", (0, 1)))
    >>> grow = Module("grow", Circuit(2, (Operation("cx", (0, 1)),)), ports)
    >>> pair = Composition("pair")
    >>> pair.add("first", source)
    >>> pair.add("second", grow)
    >>> pair.connect("first.out", "second.in")
    >>> pair.network().widths
    (1, 2)
    """

    def __init__(self, name: str = "composition") -> None:
        self.name = check_name(name)
        self.card = Card()
        self._nodes: dict[str, Node] = {}
        self._joins: list[Join] = []
        self._names: dict[str, Spot] = {}
        self._exposed: dict[Spot, str] = {}
        self._measured: list[Measured] = []
        self._discarded: list[Spot] = []

    # --- building ---

    def add(self, name: str, module: Module | Composition, *, frozen: bool = False, tie: str | None = None) -> None:
        """Add an instance of a module, or of another composition as it is now.

        Args:
            name: its name in the graph, without dots.
            module: the module.
            frozen: whether its weights stay as they are.
            tie: instances of one tie group share their weights.
        """
        inner = module.module if isinstance(module, Composition) else module
        if not isinstance(inner, Module):
            raise CompositionError(f"{shown(name)} is an instance of a cutq.Module, got {type(module).__name__}")
        if "." in check_name(name) or name in self._nodes:
            why = "is taken" if name in self._nodes else "has a dot"
            raise CompositionError(f"instances have different names without dots, but {name!r} {why}")
        if not isinstance(frozen, bool):
            raise CompositionError(f"{name!r} is frozen or not, True or False, got {shown(frozen)}")
        if tie is not None:
            _check_group(tie)
        self._nodes[name] = Node(name, inner, frozen, tie)

    def connect(self, source: str, target: str, through: str | Module | None = None) -> None:
        """Join an output to an input: ``connect("a.out[0:2]", "b.in")``.

        Args:
            source, target: addresses.
            through: for classical ports, a classical function on the way: a name without weights, such as ``"tanh"``,
                or what ``cutq.classical`` makes of a callable.
        """
        join = Join(self._spot(source), self._spot(target))
        if through is not None:
            join = replace(join, function=self._function(join, through))
        self._joins.append(join)

    def discard(self, *addresses: str) -> None:
        """Trace outputs out."""
        self._discarded += [self._spot(address) for address in addresses]

    def measure(self, name: str, *outputs: str) -> None:
        """Make expectation values a classical output: ``measure("z", "Z@mix.out[0]", "X@mix.out[1]")``."""
        if not outputs:
            raise CompositionError(f"{shown(name)} measures something, such as 'Z@mix.out[0]'")
        for text in outputs:
            for at in (at for _, word in terms(text) for _, at in word):
                self._node(at.node).module.port(at.port)
        self._measured.append(Measured(check_name(name), outputs))

    def expose(self, address: str, name: str) -> None:
        """Give an open port another name in the whole than its address."""
        at = self._spot(address)
        if at.elements is not None:
            raise CompositionError(f"whole ports are exposed, got {shown(address)}")
        other = self._names.get(check_name(name), at)
        if other != at:
            raise CompositionError(f"ports have different names, but {other} is exposed as {name!r} already")
        self.unexpose(str(at))
        self._names[name] = at
        self._exposed[at] = name

    def unexpose(self, *addresses: str) -> None:
        """Let open ports have their addresses as names again."""
        for at in map(self._spot, addresses):
            self._names.pop(self._exposed.pop(at, ""), None)

    def tie(self, group: str, *names: str) -> None:
        """Let instances share their weights under the name of a group."""
        _check_group(group)
        for name in names:
            self._nodes[name] = replace(self._node(name), tie=group)

    def freeze(self, *names: str) -> None:
        """Keep the weights of instances as they are."""
        for name in names:
            self._nodes[name] = replace(self._node(name), frozen=True)

    def unfreeze(self, *names: str) -> None:
        """Let training move the weights of instances again."""
        for name in names:
            self._nodes[name] = replace(self._node(name), frozen=False)

    def assign(self, values: Mapping[str, Any]) -> None:
        """Write weights: ``assign({"mix.theta": array})``.

        Raises:
            CompositionError: no such weight, a frozen one, or another shape, with both shapes.
        """
        self._nodes = {node.name: node for node in self.assembly.with_weights(values).nodes}

    def include(self, assembly: Assembly, names: Mapping[str, str]) -> None:
        """Add the nodes and edges of another graph, its nodes under other names."""

        def moved(at: Spot) -> Spot:
            return replace(at, node=names[at.node])

        for node in assembly.nodes:
            self._nodes[names[node.name]] = replace(node, name=names[node.name])
        self._joins += [replace(join, source=moved(join.source), target=moved(join.target)) for join in assembly.joins]
        for name, at in assembly.names:
            self.expose(str(moved(at)), name)
        self._discarded += [moved(at) for at in assembly.discarded]
        if assembly.measured:
            raise CompositionError(
                f"{self.name!r} cannot take over {assembly.measured[0].name!r}, which is measured; give the chain "
                "a name and add it as one module"
            )

    def has(self, name: str) -> bool:
        """Whether there is an instance of this name."""
        return isinstance(name, str) and name in self._nodes

    # --- what it is ---

    @property
    def assembly(self) -> Assembly:
        """Its graph as a frozen value, unchecked."""
        return Assembly(
            tuple(self._nodes.values()),
            tuple(self._joins),
            tuple(self._names.items()),
            tuple(self._measured),
            tuple(self._discarded),
        )

    @property
    def module(self) -> Module:
        """The module that it is, with its open ports as ports.

        Raises:
            CompositionError: with all faults of the graph.
        """
        assembly = self.assembly
        check(assembly)
        return Module(self.name, assembly, card=self.card)

    @property
    def graph(self) -> nx.MultiDiGraph:
        """A copy of the graph as networkx has it.

        Nodes carry ``module``, ``frozen``, ``tie``; edges ``source``, ``target``, ``kind`` (``"quantum"`` or
        ``"classical"``), ``width``, ``function``, and what cutting them costs: ``gamma``, 4 for each wire and 1 for
        numbers, and ``price``, its logarithm.
        """
        graph = nx.MultiDiGraph(name=self.name)
        assembly = self.assembly
        for node in assembly.nodes:
            graph.add_node(node.name, module=node.module, frozen=node.frozen, tie=node.tie)
        for join in assembly.joins:
            quantum = is_quantum(assembly.port(join.source))
            width = len(assembly.elements(join.source))
            gamma = _gamma(width) if quantum else 1.0
            graph.add_edge(
                join.source.node,
                join.target.node,
                source=str(join.source),
                target=str(join.target),
                kind="quantum" if quantum else "classical",
                width=width,
                function=None if join.function is None else join.function.function,
                gamma=gamma,
                price=width * math.log(WIRE_GAMMA) if quantum else 0.0,
            )
        return graph

    @property
    def ports(self) -> tuple[Port | Numbers, ...]:
        """Its open ports."""
        return self.assembly.ports

    @property
    def weights(self) -> tuple[Weight, ...]:
        """All weights, frozen ones included."""
        return self.assembly.weights

    @property
    def digest(self) -> str:
        """The digest of the module that it is."""
        return self.module.digest

    def save(self, path: str | os.PathLike[str], **options: Any) -> Path:
        """Write the module that it is to a folder; see :meth:`cutq.Module.save`."""
        return self.module.save(path, **options)

    def check(self, *, closed: bool = False) -> None:
        """Raise :class:`~cutq.errors.CompositionError` with all faults of the graph at once.

        Args:
            closed: whether open quantum inputs and outputs that are not read count as faults too; without it they are
                ports of the whole.
        """
        check(self.assembly, closed=closed)

    # --- what it means ---

    def circuit(self) -> Circuit:
        """The flat circuit, with quantum edges only.

        Raises:
            CompositionError: faults of the graph, or classical links, by name.
        """
        return self._layout("circuit", self._flat()).laid.circuit

    def network(self, max_qubits: int | None = None) -> Network:
        """The network of fragments, cut at the wires between modules; with quantum edges only.

        Args:
            max_qubits: modules stay together while their fragment has no more qubits; None cuts every wire.

        Raises:
            CompositionError: faults of the graph, classical links, or a module that is too wide.
        """
        flat = self._flat()
        return cut(self._layout("network", flat), max_qubits, [leaf.path for leaf in flat.leaves])

    def qubits(self, address: str) -> tuple[int, ...]:
        """The qubits of :meth:`circuit` that a quantum output has at the end of its module."""
        at = self._spot(address)
        port = self._node(at.node).module.port(at.port)
        if not isinstance(port, QuantumOut):
            raise CompositionError(f"quantum outputs have qubits, but {address!r} is {port.type}")
        if max(at.elements or (0,)) >= size(port):
            raise CompositionError(f"{address!r} does not exist: the port has {size(port)} qubits, numbered from 0")
        flat = self._flat()
        register = self._layout("circuit", flat).laid.register
        ends = flat.inside[at.node][at.port]
        return tuple(register[ends[k]] for k in self.assembly.elements(at))

    def price(self, max_qubits: int | None = None, *, max_circuits: int | None = None) -> CompositionPrice:
        """What running it costs, module by module; classical links are free.

        Args:
            max_qubits: as in :meth:`network`.
            max_circuits: a budget of circuits on a device.

        Raises:
            CompositionError: faults of the graph, a module that is too wide, or a price above the budget, with the
                module that is the expensive one.
        """
        return price_composition(self.assembly, self._flat(closed=False), max_qubits, max_circuits)

    def summary(self, max_qubits: int | None = None) -> str:
        """A table of its modules: ports, qubits, parameters, gates, cut wires and circuits.

        >>> from cutq.circuits.circuit import Operation
        >>> from cutq.compose.ports import QuantumOut
        >>> one = Composition("one")
        >>> one.add("plus", Module("plus", Circuit(1, (Operation("h", (0,)),)), (QuantumOut("out", (0,)),)))
        >>> print(one.summary())
        module    of    ports  qubits  parameters  trainable  2q gates  cut wires  circuits
        plus      plus      1       1           0          0         0          0         1
        together            1       1           0          0         0          0         1
        1 networks, gamma 1, widest fragment 1 qubits
        """
        return str(self.price(max_qubits))

    def compile(
        self,
        outputs: Sequence[str] | None = None,
        max_qubits: int | None = None,
        *,
        keep: bool = True,
        **options: Any,
    ) -> Model:
        """Plan the values and derivatives of outputs once, to run them often, classical links included.

        Args:
            outputs: ``"Z@mix.out[0]"``, ``"0.5*Z@a.out[0] X@b.out[1]"``, or classical outputs, whole ``"mix.z"`` or one
                number ``"mix.z[0]"``; None for all classical outputs that are open.
            max_qubits: as in :meth:`network`.
            keep: whether tensors of frozen modules are kept next to the folders that the modules were loaded from.
            **options: of :func:`cutq.compile`: engine, dtype, threads, max_bytes, route.

        Raises:
            CompositionError: faults of the graph, outputs that are not there, or a module that is too wide.
        """
        assembly = self.assembly
        check_width(max_qubits)
        asked = _asked(assembly, outputs)
        check(assembly, closed=True, read={at for one in asked for at in one.read})
        flat = flatten(assembly)
        numbers = [number for one in asked for number in one.numbers(flat)]
        ports = {port.name: port for port in assembly.ports if isinstance(port, ClassicalIn)}
        names = tuple(name for one in asked for name in one.names)
        tensors = KeptTensors.of(assembly) if keep else None
        planned = plan(flat, ports, numbers, max_qubits, {"tensors": tensors, **options})
        if tensors is not None:
            tensors.save()
        return Model(planned, names)

    def _layout(self, what: str, flat: Flat) -> Layout:
        if flat.links or any(leaf.circuit is None for leaf in flat.leaves):
            names = ", ".join(link.name for link in flat.links) or "classical functions"
            raise CompositionError(
                f"a {what} has wires only, but {self.name!r} has classical links: {names}; compile(...) runs them"
            )
        return Layout(lay(Wiring(flat), range(len(flat.leaves))))

    def _flat(self, *, closed: bool = True) -> Flat:
        assembly = self.assembly
        read = {(at.node, at.port) for _, at in assembly.open}
        check(assembly, closed=closed, read=read)
        return flatten(assembly)

    # --- helpers of building ---

    def _node(self, name: str) -> Node:
        if not self.has(name):
            near = difflib.get_close_matches(str(name)[:200], self._nodes, n=1, cutoff=0.0)
            hint = f"; the nearest is {near[0]!r}" if near else "; it is empty"
            raise CompositionError(f"{self.name!r} has no instance {shown(name)}{hint}")
        return self._nodes[name]

    def _spot(self, address: str) -> Spot:
        at = spot(address)
        self._node(at.node).module.port(at.port)
        return at

    def _function(self, join: Join, through: str | Module) -> Classical:
        ports = [(at, self._node(at.node).module.port(at.port)) for at in (join.source, join.target)]
        sizes = [size(port) if at.elements is None else len(at.elements) for at, port in ports]
        module = classical(through, *sizes) if isinstance(through, str) else through
        if not isinstance(module, Module) or not isinstance(module.body, Classical):
            raise CompositionError(f"a link goes through a classical function such as 'tanh', got {shown(through)}")
        if module.weights:
            raise ModuleError(
                f"{module.body.function!r} has weights of its own, so it is no function of a link; add it as a module: "
                f"add('head', cutq.classical({module.body.function!r}, ...))"
            )
        return module.body


def _check_group(group: object) -> None:
    if "." in check_name(group):
        raise CompositionError(f"tie groups have names without dots, got {group!r}")


def _gamma(wires: int) -> float:
    """Of cutting some wires."""
    try:
        return float(WIRE_GAMMA) ** wires
    except OverflowError:
        return math.inf
