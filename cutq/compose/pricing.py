"""What a composition is made of and what running it costs, module by module."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cutq.circuits.circuit import Circuit
from cutq.compose.assembly import Assembly, Node
from cutq.compose.circuits import Laid, Layout, lay
from cutq.compose.cutting import cut
from cutq.compose.flatten import Flat
from cutq.compose.module import Module
from cutq.compose.wiring import Wiring
from cutq.errors import CompositionError
from cutq.network.network import Network
from cutq.network.price import Price, fragment_circuits, price


@dataclass(frozen=True)
class Row:
    """A module of a composition.

    Attributes:
        name: its name in the graph.
        module: the name of its module.
        ports: how many ports.
        qubits: qubits of its circuits.
        parameters: numbers in its weights; those of tied modules count once, for the first.
        trainable: those that training moves.
        two_qubit_gates: in its circuits.
        cut_wires: wires that are cut at its ports.
        circuits: circuits that a device runs for fragments that begin in it, the worst case over what is read.
        gamma: product of the gammas of the wires cut at its inputs.
    """

    name: str
    module: str
    ports: int
    qubits: int
    parameters: int
    trainable: int
    two_qubit_gates: int
    cut_wires: int
    circuits: int
    gamma: float


@dataclass(frozen=True)
class CompositionPrice:
    """What a composition costs; ``print`` shows it module by module.

    Attributes:
        rows: its modules.
        networks: the prices of its networks, one for each level of classical links.
    """

    rows: tuple[Row, ...]
    networks: tuple[Price, ...]

    @property
    def circuits(self) -> int:
        """Different circuits on a device."""
        return sum(one.circuits for one in self.networks)

    @property
    def gamma(self) -> float:
        """The largest gamma of a network; classical links cost nothing."""
        return max((one.gamma for one in self.networks), default=1.0)

    @property
    def flops(self) -> int:
        """Operations of one exact evaluation, without classical functions."""
        return sum(one.flops for one in self.networks)

    @property
    def bytes(self) -> int:
        """Size of the largest tensor."""
        return max((one.bytes for one in self.networks), default=0)

    @property
    def widths(self) -> tuple[int, ...]:
        """Qubits of all fragments."""
        return tuple(width for one in self.networks for width in one.widths)

    def __str__(self) -> str:
        head = ("module", "of", "ports", "qubits", "parameters", "trainable", "2q gates", "cut wires", "circuits")
        table = [head, *(_cells(row) for row in self.rows), _cells(_total(self))]
        widths = [max(len(line[k]) for line in table) for k in range(len(head))]
        lines = ["  ".join(_aligned(cell, width, k) for k, (cell, width) in enumerate(zip(line, widths, strict=True)))
                 for line in table]  # fmt: skip
        gamma = f"{self.gamma:.6g}" if math.isfinite(self.gamma) else "more than 1e+308"
        lines.append(
            f"{len(self.networks)} networks, gamma {gamma}, widest fragment {max(self.widths, default=0)} qubits"
        )
        return "\n".join(line.rstrip() for line in lines)


def price_composition(
    assembly: Assembly, flat: Flat, max_qubits: int | None, max_circuits: int | None
) -> CompositionPrice:
    """The price of a checked assembly.

    Raises:
        CompositionError: more circuits than allowed, with the most expensive module; or a module that is too wide.
    """
    wiring = Wiring(flat)
    rows = _Rows(assembly, flat)
    prices = []
    for parts in wiring.levels:
        leaves = [leaf for part in parts for leaf in wiring.parts[part] if flat.leaves[leaf].circuit is not None]
        if leaves:
            laid = lay(wiring, leaves)
            network = cut(Layout(laid), max_qubits, [leaf.path for leaf in flat.leaves])
            rows.count(laid, network)
            prices.append(price(network))
    found = CompositionPrice(tuple(rows.row(node) for node in assembly.nodes), tuple(prices))
    if max_circuits is not None and found.circuits > max_circuits:
        worst = max(found.rows, key=lambda row: row.circuits)
        raise CompositionError(
            f"a budget of {max_circuits} circuits, but {found.circuits} are needed, {worst.circuits} of them for "
            f"{worst.name!r}, whose {worst.cut_wires} wires are cut; keep it together with its neighbours by a larger "
            "max_qubits, or join it through fewer wires"
        )
    return found


class _Rows:
    """The short-lived state of :func:`price_composition`: what is counted for each node."""

    def __init__(self, assembly: Assembly, flat: Flat) -> None:
        self.assembly, self.flat = assembly, flat
        self.node = [leaf.path.partition(".")[0] for leaf in flat.leaves]
        self.circuits, self.wires = Counter[str](), Counter[str]()
        self.gammas: dict[str, float] = {}
        self.seen: set[str] = set()

    def count(self, laid: Laid, network: Network) -> None:
        """Count the fragments of a network at the nodes that they begin in."""
        owners = [self.node[laid.owners[one.items[0].number]] if one.items else None for one in network.fragments]
        for owner, fragment in zip(owners, network.fragments, strict=True):
            if owner is not None:
                self.circuits[owner] += fragment_circuits(network, fragment)
        for bond in network.bonds:
            for end, number in enumerate(bond.ends):
                owner = owners[number]
                if owner is not None:
                    self.wires[owner] += 1
                    if end:
                        self.gammas[owner] = self.gammas.get(owner, 1.0) * bond.gamma

    def row(self, node: Node) -> Row:
        """The row of a node; tied weights count where they come first."""
        own = () if node.key in self.seen else node.module.weights
        self.seen.add(node.key)
        circuits = list(_circuits(node.module))
        return Row(
            node.name,
            node.module.name,
            len(node.module.ports),
            sum(circuit.num_qubits for circuit in circuits),
            sum(one.size for one in own),
            sum(one.size for one in own if not (one.frozen or node.frozen)),
            sum(len(op.qubits) == 2 for circuit in circuits for op in circuit.operations),
            self.wires[node.name],
            self.circuits[node.name],
            self.gammas.get(node.name, 1.0),
        )


def _circuits(module: Module) -> Sequence[Circuit]:
    """The circuits of a module and of the modules in it."""
    if isinstance(module.body, Circuit):
        return (module.body,)
    if isinstance(module.body, Assembly):
        return [circuit for node in module.body.nodes for circuit in _circuits(node.module)]
    return ()


def _total(whole: CompositionPrice) -> Row:
    def added(name: str) -> int:
        return sum(getattr(row, name) for row in whole.rows)

    return Row(
        "together",
        "",
        added("ports"),
        added("qubits"),
        added("parameters"),
        added("trainable"),
        added("two_qubit_gates"),
        added("cut_wires") // 2,
        whole.circuits,
        whole.gamma,
    )


def _cells(row: Row) -> tuple[str, ...]:
    numbers = (row.ports, row.qubits, row.parameters, row.trainable, row.two_qubit_gates, row.cut_wires, row.circuits)
    return (row.name, row.module, *map(str, numbers))


def _aligned(cell: str, width: int, column: int) -> str:
    return cell.ljust(width) if column < 2 else cell.rjust(width)
