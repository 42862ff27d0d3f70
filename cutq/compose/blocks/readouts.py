"""Readouts: Pauli expectation values of each of some qubits."""

from __future__ import annotations

from cutq.circuits.circuit import Circuit
from cutq.circuits.observable import observable
from cutq.compose.blocks.sizes import sized
from cutq.compose.card import Card, Metric
from cutq.compose.module import Module
from cutq.compose.ports import ClassicalOut, QuantumIn
from cutq.errors import ModuleError


def readout(letter: str = "Z", count: int = 4) -> Module:
    """The expectation values of one Pauli letter on each of ``count`` qubits.

    Ports: ``in``, ``count`` qubits; ``values`` (count,), -1 to 1.

    Source: Nielsen and Chuang (2010), equation 2.113.

    >>> from cutq.compose.blocks.states import plus
    >>> chain = plus(2) >> readout("X", 2)
    >>> chain.compile()().round(9)
    array([1., 1.])
    """
    count = sized("the number of qubits", count)
    if letter not in ("X", "Y", "Z"):
        raise ModuleError(f"the letter of a readout is 'X', 'Y' or 'Z', got {letter!r}")
    card = Card(
        summary=f"<{letter}> of each of {count} qubits",
        task="Turns wires into numbers, one expectation value for each qubit.",
        limits="Single-qubit values only: correlations between the qubits are not read.",
        source="Nielsen and Chuang (2010), equation 2.113",
        metrics=(
            Metric("values, largest deviation", "values", 0.0, options={"reference": "readout", "letter": letter}),
            Metric("two-qubit gates", "two_qubit_gates", 0.0, 0.0),
        ),
    )
    ports = (
        QuantumIn("in", tuple(range(count))),
        ClassicalOut("values", tuple(observable(f"{letter}{k}") for k in range(count))),
    )
    return Module(f"readout-{letter.lower()}-{count}", Circuit(count), ports, card=card)
