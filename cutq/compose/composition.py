"""Compositions: modules joined by quantum wires and classical links, as one networkx graph."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import networkx as nx

from cutq.circuits.circuit import Circuit
from cutq.compose.assembly import is_quantum, size
from cutq.compose.building import Building
from cutq.compose.check import check
from cutq.compose.circuits import Layout, lay
from cutq.compose.cutting import check_width, cut
from cutq.compose.flatten import Flat, flatten
from cutq.compose.model import Model
from cutq.compose.outputs import asked as _asked
from cutq.compose.planning import plan
from cutq.compose.ports import ClassicalIn, QuantumOut
from cutq.compose.pricing import CompositionPrice, price_composition
from cutq.compose.tensors import KeptTensors
from cutq.compose.wiring import Wiring
from cutq.errors import CompositionError
from cutq.network.network import Network
from cutq.network.protocols import WIRE_GAMMA

if TYPE_CHECKING:
    from cutq.compose.verify import Verification


class Composition(Building):
    """Instances of modules and the edges between their ports; itself a module through its open ports.

    What builds it, from ``add`` and ``connect`` to ``freeze`` and ``assign``, is that of
    :class:`~cutq.compose.building.Building`.

    Attributes:
        name: its name.
        card: what it is for.

    >>> from cutq.circuits.circuit import Operation
    >>> from cutq.compose.module import Module
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
    def digest(self) -> str:
        """The digest of the module that it is."""
        return self.module.digest

    def save(self, path: str | os.PathLike[str], **options: Any) -> Path:
        """Write the module that it is to a folder; see :meth:`cutq.Module.save`."""
        return self.module.save(path, **options)

    def verify(self) -> Verification:
        """Every number on the card of the module that it is computed again; see :meth:`cutq.Module.verify`."""
        return self.module.verify()

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
        >>> from cutq.compose.module import Module
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


def _gamma(wires: int) -> float:
    """Of cutting some wires."""
    try:
        return float(WIRE_GAMMA) ** wires
    except OverflowError:
        return math.inf
