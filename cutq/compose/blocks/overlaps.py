"""Overlaps by an ancilla: the swap test and the Hadamard test."""

from __future__ import annotations

from cutq.circuits.angles import param
from cutq.circuits.circuit import Circuit, Operation
from cutq.circuits.observable import observable
from cutq.compose.blocks.sizes import sized
from cutq.compose.card import Card, Metric
from cutq.compose.module import Module
from cutq.compose.ports import ClassicalIn, ClassicalOut, QuantumIn


def swap_test(count: int = 1) -> Module:
    """The overlap ``Tr(rho sigma)`` of two states of ``count`` qubits; ``|<a|b>|**2`` where both are pure.

    Ports: ``a`` and ``b``, ``count`` qubits each; ``overlap`` (1,).

    Source: Buhrman, Cleve, Watrous and de Wolf, PRL 87, 167902 (2001), figure 1.

    >>> from cutq.compose.blocks.states import plus, zero
    >>> both = (zero() | plus()) >> swap_test()
    >>> both.compile()().round(9)
    array([0.5])
    """
    count = sized("the number of qubits", count)
    swaps = tuple(Operation("cswap", (0, 1 + k, 1 + count + k)) for k in range(count))
    circuit = Circuit.of(1 + 2 * count, (Operation("h", (0,)), *swaps, Operation("h", (0,))))
    ports = (
        QuantumIn("a", tuple(range(1, 1 + count))),
        QuantumIn("b", tuple(range(1 + count, 1 + 2 * count))),
        ClassicalOut("overlap", (observable("Z0"),), ("overlap",)),
    )
    card = Card(
        summary=f"overlap of two states of {count} qubit{'s' if count > 1 else ''}",
        task="Compares two states: 1 where they are equal and pure, 0 where they are orthogonal.",
        limits="On a device the error bar does not shrink with the overlap: small overlaps take many shots.",
        source="Buhrman, Cleve, Watrous and de Wolf, PRL 87, 167902 (2001), figure 1",
        metrics=(
            Metric("values, largest deviation", "values", 0.0, options={"reference": "swap-test"}),
            Metric("two-qubit gates", "two_qubit_gates", 8.0 * count, 0.0),
        ),
    )
    return Module(f"swap-test-{count}", circuit, ports, card=card)


def hadamard_test() -> Module:
    """Real and imaginary part of ``<psi|U|psi>`` for a one-qubit unitary ``U = exp(i g) U(t, p, l)``.

    ``U(t, p, l) = [[cos(t/2), -exp(i l) sin(t/2)], [exp(i p) sin(t/2), exp(i(p + l)) cos(t/2)]]``.

    Ports: ``in``, the state psi; ``angles`` (4,): t, p, l, g in radians; ``value`` (2,): real and imaginary part.

    Source: Cleve, Ekert, Macchiavello and Mosca, Proc. R. Soc. A 454, 339 (1998).

    >>> from cutq.compose.blocks.states import zero
    >>> chain = zero() >> hadamard_test()
    >>> chain.compile()(data={"hadamard-test.angles": [0.0, 0.0, 0.0, 0.25]}).round(6)
    array([0.968912, 0.247404])
    """
    angles = tuple(param(f"angles[{k}]") for k in range(4))
    circuit = Circuit(2, (Operation("h", (0,)), Operation("cu", (0, 1), angles)))
    ports = (
        QuantumIn("in", (1,)),
        ClassicalIn("angles", (4,), "angle"),
        ClassicalOut("value", (observable("X0"), observable("Y0")), ("real", "imaginary")),
    )
    card = Card(
        summary="<psi|U|psi> of a one-qubit unitary",
        task="Measures a complex matrix element by an ancilla: its X is the real part, its Y the imaginary part.",
        limits="The state is spent: after the test it is entangled with the ancilla and traced out.",
        source="Cleve, Ekert, Macchiavello and Mosca, Proc. R. Soc. A 454, 339 (1998)",
        metrics=(
            Metric("values, largest deviation", "values", 0.0, options={"reference": "hadamard-test"}),
            Metric("two-qubit gates", "two_qubit_gates", 1.0, 0.0),
        ),
    )
    return Module("hadamard-test", circuit, ports, card=card)
