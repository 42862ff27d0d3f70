"""Sources of states: zeros, plus states, and the links of a GHZ chain."""

from __future__ import annotations

from cutq.circuits.circuit import Circuit, Operation
from cutq.compose.blocks.sizes import sized
from cutq.compose.card import Card, Metric
from cutq.compose.composition import Composition
from cutq.compose.module import Module
from cutq.compose.ports import QuantumIn, QuantumOut


def zero(count: int = 1) -> Module:
    """Qubits in ``|0>``: what open inputs of chains begin with.

    Ports: ``out``, ``count`` qubits.

    >>> zero()
    Module('zero', 0 weights, out: quantum out, 1 qubit)
    """
    count = sized("the number of qubits", count)
    name = "zero" if count == 1 else f"zero-{count}"
    card = Card(
        summary=f"{count} qubit{'s' if count > 1 else ''} in |0>",
        task="Begins chains whose first input is to be 0.",
        source="Nielsen and Chuang (2010), section 1.2",
        metrics=(_dense("zero", count), Metric("two-qubit gates", "two_qubit_gates", 0.0, 0.0)),
    )
    return Module(name, Circuit(count), (QuantumOut("out", tuple(range(count))),), card=card)


def plus(count: int = 1) -> Module:
    """Qubits in ``(|0> + |1>)/sqrt(2)``.

    Ports: ``out``, ``count`` qubits.

    >>> plus(2).port("out").type
    'quantum out, 2 qubits'
    """
    count = sized("the number of qubits", count)
    name = "plus" if count == 1 else f"plus-{count}"
    card = Card(
        summary=f"{count} qubit{'s' if count > 1 else ''} in |+>",
        task="Begins chains, such as that of a GHZ state or of a Hamiltonian variational ansatz.",
        source="Nielsen and Chuang (2010), section 1.3.1",
        metrics=(_dense("plus", count), Metric("two-qubit gates", "two_qubit_gates", 0.0, 0.0)),
    )
    circuit = Circuit(count, tuple(Operation("h", (k,)) for k in range(count)))
    return Module(name, circuit, (QuantumOut("out", tuple(range(count))),), card=card)


def ghz_seed(count: int = 4) -> Module:
    """A GHZ state of ``count`` qubits, the last of which goes on.

    Ports: ``state``, all qubits but the last; ``out``, the last.

    Source: Greenberger, Horne and Zeilinger (1989); the circuit extends that of Bell states, Nielsen and Chuang (2010),
    section 1.3.6.

    >>> [port.type for port in ghz_seed(4).ports]
    ['quantum out, 3 qubits', 'quantum out, 1 qubit']
    """
    count = sized("the number of qubits", count, least=2)
    circuit = Circuit(count, (Operation("h", (0,)), *_ladder(count)))
    return Module(f"ghz-seed-{count}", circuit, _emitted(count), card=_ghz_card("ghz-seed", count, "begins"))


def ghz_grow(count: int = 5) -> Module:
    """Grows a GHZ state by ``count - 1`` qubits at its last one.

    Ports: ``in``, the last qubit of the state so far; ``state``, all qubits but the last; ``out``, the last.

    Source: as :func:`ghz_seed`.

    >>> network = ghz(500).network(max_qubits=6)
    >>> max(network.widths), len(network.fragments)
    (5, 125)
    """
    count = sized("the number of qubits", count, least=2)
    ports = (QuantumIn("in", (0,)), *_emitted(count))
    circuit = Circuit(count, _ladder(count))
    return Module(f"ghz-grow-{count}", circuit, ports, card=_ghz_card("ghz-grow", count, "grows"))


def ghz(num_qubits: int, width: int = 5) -> Composition:
    """A chain that makes a GHZ state, from modules of at most ``width`` qubits.

    >>> [node for node in ghz(12).graph]
    ['seed', 'grow0', 'grow1']
    """
    width = sized("the width of a module", width, least=2)
    num_qubits = sized("the number of qubits", num_qubits, least=2, most=100_000)
    first = (num_qubits - 2) % (width - 1) + 2
    whole = Composition(f"ghz-{num_qubits}")
    whole.add("seed", ghz_seed(first))
    grow, last = ghz_grow(width), "seed"
    for k in range((num_qubits - first) // (width - 1)):
        whole.add(f"grow{k}", grow)
        whole.connect(f"{last}.out", f"grow{k}.in")
        last = f"grow{k}"
    return whole


def _ladder(count: int) -> tuple[Operation, ...]:
    return tuple(Operation("cx", (k, k + 1)) for k in range(count - 1))


def _emitted(count: int) -> tuple[QuantumOut, QuantumOut]:
    return QuantumOut("state", tuple(range(count - 1))), QuantumOut("out", (count - 1,))


def _ghz_card(reference: str, count: int, verb: str) -> Card:
    return Card(
        summary=f"{verb} a GHZ state, {count} qubits at a time",
        task=f"{verb.capitalize()} a chain that makes a GHZ state of any number of qubits on a device of {count}.",
        limits="The state is as fragile as any GHZ state: one lost qubit leaves a classical mixture.",
        source="Greenberger, Horne and Zeilinger (1989); Nielsen and Chuang (2010), section 1.3.6",
        metrics=(_dense(reference, count), Metric("two-qubit gates", "two_qubit_gates", count - 1.0, 0.0)),
    )


def _dense(reference: str, count: int) -> Metric:
    options = {"reference": reference, "qubits": count}
    return Metric("matrix, largest deviation", "unitary", 0.0, options=options)
