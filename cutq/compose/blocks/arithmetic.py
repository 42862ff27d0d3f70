"""Bits and sums: basis encoders, parity, the full adder and the adder made of it, majority."""

from __future__ import annotations

import math

from cutq.circuits.angles import param
from cutq.circuits.circuit import Circuit, Operation
from cutq.compose.blocks.sizes import sized
from cutq.compose.blocks.states import zero
from cutq.compose.card import Card, Metric
from cutq.compose.composition import Composition
from cutq.compose.module import Module
from cutq.compose.ports import ClassicalIn, QuantumIn, QuantumOut


def bits(count: int = 2) -> Module:
    """Basis encoder: numbers 0 or 1 become the qubits ``|0>`` or ``|1>``, each by ``RX(pi*x)``.

    Ports: ``x`` (count,), 0 to 1; ``out``, ``count`` qubits. A number p between gives 1 with probability
    ``sin(pi*p/2)**2``, so that everything behind the encoder has derivatives by its bits.

    Source: basis encoding, Schuld and Petruccione, Machine Learning with Quantum Computers (2021), chapter 4.

    >>> bits(2)
    Module('bits-2', 0 weights, x: data in, shape (2,), 0 to 1; out: quantum out, 2 qubits)
    """
    count = sized("the number of bits", count)
    card = Card(
        summary=f"{count} bits as basis states",
        task="Turns numbers 0 and 1 into qubits, each by RX(pi*x).",
        limits="Bits of 1 carry a phase of -i, which no value of a channel shows.",
        source="Schuld and Petruccione, Machine Learning with Quantum Computers (2021), chapter 4",
        metrics=(_table("copy"), Metric("two-qubit gates", "two_qubit_gates", 0.0, 0.0)),
    )
    circuit = Circuit(count, _flips(count))
    return Module(f"bits-{count}", circuit, (_data(count), QuantumOut("out", tuple(range(count)))), card=card)


def parity(count: int = 4) -> Module:
    """Adds the parity of some bits to a carried qubit; a chain of these is the parity of any number of bits.

    Ports: ``x`` (count,), 0 to 1; ``in`` and ``out``, the carried qubit. For numbers between 0 and 1 a chain that
    begins in ``|0>`` ends with ``<Z> = prod_k cos(pi*x_k)``.

    Source: Nielsen and Chuang (2010), section 1.3.2: CX adds bits modulo 2.

    >>> from cutq.compose.chains import repeat
    >>> from cutq.compose.blocks.states import zero
    >>> chain = zero() >> repeat(parity(4), 3)
    >>> model = chain.compile(["0.5 - 0.5*Z@c2.out"], max_qubits=6)
    >>> three = {"c0.x": [1, 0, 0, 0], "c1.x": [0, 1, 1, 0], "c2.x": [0, 0, 0, 0]}
    >>> round(float(model(data=three)[0]), 9)
    1.0
    """
    count = sized("the number of bits", count)
    adds = tuple(Operation("cx", (k, count)) for k in range(count))
    card = Card(
        summary=f"parity of {count} bits, added to a carried qubit",
        task="out = in XOR x[0] XOR x[1] ...; the link of a chain that computes the parity of many bits.",
        limits="The bits are traced out, so a superposition of carried values stays one, but the bits do not go on.",
        source="Nielsen and Chuang, Quantum Computation and Quantum Information (2010), section 1.3.2",
        metrics=(_table("parity"), Metric("two-qubit gates", "two_qubit_gates", float(count), 0.0)),
    )
    ports = (_data(count), QuantumIn("in", (count,)), QuantumOut("out", (count,)))
    return Module(f"parity-{count}", Circuit(count + 1, (*_flips(count), *adds)), ports, card=card)


def full_adder() -> Module:
    """Adds three bits: ``sum`` is their parity and ``carry_out`` their majority; ``a`` goes on as ``a_out``.

    Ports: ``a``, ``b``, ``carry_in``; ``a_out``, ``sum``, ``carry_out``; one qubit each, four in all.

    Source: Vedral, Barenco and Ekert, PRA 54, 147 (1996), figure 3: carry_out = ab XOR (a XOR b)c.

    >>> adder = ripple_adder(3).compile()
    >>> five_and_three = {"b0.x": [1, 1], "b1.x": [0, 1], "b2.x": [1, 0]}
    >>> (adder(data=five_and_three) + 0.5).astype(int)
    array([0, 0, 0, 1])
    """
    carried = (Operation("ccx", (0, 1, 3)), Operation("cx", (0, 1)), Operation("ccx", (1, 2, 3)))
    card = Card(
        summary="one digit of a binary sum, with carry",
        task="sum = a XOR b XOR carry_in and carry_out = majority of the three; a ripple adder is a chain of these.",
        limits="a XOR b is traced out: superpositions of summands lose coherence in b, sums of basis states are exact.",
        source="Vedral, Barenco and Ekert, PRA 54, 147 (1996), figure 3",
        metrics=(_table("full-adder"), Metric("two-qubit gates", "two_qubit_gates", 14.0, 0.0)),
    )
    ports = (
        QuantumIn("a", (0,)), QuantumIn("b", (1,)), QuantumIn("carry_in", (2,)),
        QuantumOut("a_out", (0,)), QuantumOut("sum", (2,)), QuantumOut("carry_out", (3,)),
    )  # fmt: skip
    return Module("full-adder", Circuit.of(4, (*carried, Operation("cx", (1, 2)))), ports, card=card)


def ripple_adder(count: int) -> Composition:
    """Adds two numbers of ``count`` bits: one full adder for each digit, from the least significant.

    Its inputs are ``b0.x``, ``b1.x``, ...: the digits of both summands, two at a time. Its output ``digits`` are the
    probabilities of 1 of the ``count + 1`` digits of the sum, least significant first.

    >>> len(ripple_adder(64).graph)
    129
    """
    count = sized("the number of digits", count, most=10_000)
    adder, encoder = full_adder(), bits(2)
    whole = Composition(f"ripple-adder-{count}")
    whole.add("zero", zero())
    for k in range(count):
        whole.add(f"b{k}", encoder)
        whole.add(f"fa{k}", adder)
        whole.connect(f"b{k}.out[0]", f"fa{k}.a")
        whole.connect(f"b{k}.out[1]", f"fa{k}.b")
        whole.connect(f"fa{k - 1}.carry_out" if k else "zero.out", f"fa{k}.carry_in")
        whole.discard(f"fa{k}.a_out")
    sums = [f"0.5 - 0.5*Z@fa{k}.sum" for k in range(count)]
    whole.measure("digits", *sums, f"0.5 - 0.5*Z@fa{count - 1}.carry_out")
    return whole


def majority() -> Module:
    """The majority of three bits.

    Ports: ``in``, 3 qubits; ``out``, one.

    Source: the MAJ gate of Cuccaro, Draper, Kutin and Moulton, quant-ph/0410184, section 2.

    >>> majority()
    Module('majority', 0 weights, in: quantum in, 3 qubits; out: quantum out, 1 qubit)
    """
    card = Card(
        summary="majority of three bits",
        task="out = 1 where at least two of the three are 1.",
        limits="The two other qubits are traced out; superpositions of different inputs lose coherence.",
        source="Cuccaro, Draper, Kutin and Moulton, quant-ph/0410184, section 2",
        metrics=(_table("majority"), Metric("two-qubit gates", "two_qubit_gates", 8.0, 0.0)),
    )
    circuit = Circuit.of(3, (Operation("cx", (2, 1)), Operation("cx", (2, 0)), Operation("ccx", (0, 1, 2))))
    return Module("majority", circuit, (QuantumIn("in", (0, 1, 2)), QuantumOut("out", (2,))), card=card)


def _table(name: str) -> Metric:
    """The promise that all basis inputs give what integer arithmetic says."""
    return Metric("truth table, largest deviation", "truth_table", 0.0, options={"reference": name})


def _data(count: int) -> ClassicalIn:
    return ClassicalIn("x", (count,), low=0.0, high=1.0)


def _flips(count: int) -> tuple[Operation, ...]:
    return tuple(Operation("rx", (k,), (math.pi * param(f"x[{k}]"),)) for k in range(count))
