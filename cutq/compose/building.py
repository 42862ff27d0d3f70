"""Building compositions: instances of modules, edges between their ports, and what becomes of the others."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cutq.compose.addresses import Spot, spot, terms
from cutq.compose.assembly import Assembly, Join, Measured, Node, size
from cutq.compose.card import Card
from cutq.compose.check import check
from cutq.compose.functions import Classical
from cutq.compose.module import Module, classical
from cutq.compose.names import check_name, shown
from cutq.compose.operators import Chained
from cutq.compose.ports import Numbers, Port
from cutq.compose.weight import Weight
from cutq.errors import CompositionError, ModuleError


class Building(Chained):
    """Instances of modules and edges while they are put together.

    Attributes:
        name: its name.
        card: what it is for.
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

    def add(self, name: str, module: Module | Building, *, frozen: bool = False, tie: str | None = None) -> None:
        """Add an instance of a module, or of another composition as it is now.

        Args:
            name: its name in the graph, without dots.
            module: the module.
            frozen: whether its weights stay as they are.
            tie: instances of one tie group share their weights.
        """
        inner = module.module if isinstance(module, Building) else module
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
    def ports(self) -> tuple[Port | Numbers, ...]:
        """Its open ports."""
        return self.assembly.ports

    @property
    def weights(self) -> tuple[Weight, ...]:
        """All weights, frozen ones included."""
        return self.assembly.weights

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
