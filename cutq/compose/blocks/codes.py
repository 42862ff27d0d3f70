"""Small codes: the repetition code, which corrects a flip, and the [[4,2,2]] code, which detects any Pauli error."""

from __future__ import annotations

from cutq.circuits.circuit import Circuit, Operation
from cutq.circuits.observable import observable
from cutq.compose.card import Card, Metric
from cutq.compose.module import Module
from cutq.compose.ports import ClassicalOut, QuantumIn, QuantumOut

REPETITION = "Nielsen and Chuang (2010), section 10.1.1"
DETECTING = "Vaidman, Goldenberg and Wiesner, PRA 54, R1745 (1996)"


def repetition_encode() -> Module:
    """One qubit in three: ``a|0> + b|1>`` becomes ``a|000> + b|111>``.

    Ports: ``in``, one qubit; ``out``, 3 qubits.

    Source: Nielsen and Chuang (2010), section 10.1.1 and figure 10.2.

    >>> chain = repetition_encode() >> repetition_decode()
    >>> [port.type for port in chain.ports]
    ['quantum in, 1 qubit', 'quantum out, 1 qubit']
    """
    card = Card(
        summary="one qubit in three, against one flip",
        task="Encodes; repetition-decode corrects one X error on the way.",
        limits="Corrects X errors only; a Z error goes through.",
        source=REPETITION,
        metrics=(_dense("repetition-encode"), Metric("two-qubit gates", "two_qubit_gates", 2.0, 0.0)),
    )
    circuit = Circuit(3, (Operation("cx", (0, 1)), Operation("cx", (0, 2))))
    return Module("repetition-encode", circuit, (QuantumIn("in", (0,)), QuantumOut("out", (0, 1, 2))), card=card)


def repetition_decode() -> Module:
    """Takes the qubit out of :func:`repetition_encode` again and corrects one X error, coherently: nothing is measured.

    Ports: ``in``, 3 qubits; ``out``, one.

    Source: Nielsen and Chuang (2010), section 10.1.1; the syndrome drives a Toffoli instead of a decision.

    >>> repetition_decode().port("in").type
    'quantum in, 3 qubits'
    """
    card = Card(
        summary="one qubit out of three, with one flip corrected",
        task="Decodes repetition-encode; the state comes back exactly where at most one qubit was flipped.",
        limits="Two flips give the wrong qubit; phase errors are not seen.",
        source=REPETITION,
        metrics=(
            Metric("correction, largest deviation", "corrects", 0.0, options={"code": "repetition", "letters": "X"}),
            Metric("truth table, largest deviation", "truth_table", 0.0, options={"reference": "majority"}),
            Metric("two-qubit gates", "two_qubit_gates", 8.0, 0.0),
        ),
    )
    operations = (Operation("cx", (0, 1)), Operation("cx", (0, 2)), Operation("ccx", (1, 2, 0)))
    ports = (QuantumIn("in", (0, 1, 2)), QuantumOut("out", (0,)))
    return Module("repetition-decode", Circuit.of(3, operations), ports, card=card)


def encode_422() -> Module:
    """Two qubits in the [[4,2,2]] code: ``|a b>`` becomes ``(|s> + |not s>)/sqrt(2)`` with ``s = a, b, a XOR b, 0``.

    The stabilisers are XXXX and ZZZZ; the logical operators X0 X2 and Z0 Z3 of the first qubit, X1 X2 and Z1 Z3 of the
    second.

    Ports: ``in``, 2 qubits; ``out``, 4 qubits.

    Source: Vaidman, Goldenberg and Wiesner, PRA 54, R1745 (1996).

    >>> encode_422().port("out").type
    'quantum out, 4 qubits'
    """
    card = Card(
        summary="two qubits in four, so that any one error is seen",
        task="Encodes; detect-422 reads the stabilisers.",
        limits="Distance 2: errors are detected, not corrected.",
        source=DETECTING,
        metrics=(_dense("encode-422"), Metric("two-qubit gates", "two_qubit_gates", 5.0, 0.0)),
    )
    sums = [Operation("cx", (0, 2)), Operation("cx", (1, 2)), Operation("h", (3,))]
    circuit = Circuit(4, (*sums, *(Operation("cx", (3, k)) for k in range(3))))
    return Module("encode-422", circuit, (QuantumIn("in", (0, 1)), QuantumOut("out", (0, 1, 2, 3))), card=card)


def detect_422() -> Module:
    """Reads both stabilisers of the [[4,2,2]] code with two ancillas and lets the four qubits go on.

    Ports: ``in`` and ``out``, 4 qubits; ``stabilisers`` (2,): XXXX and ZZZZ, both 1 without error. An X error turns the
    second to -1, a Z error the first, a Y error both.

    Source: Vaidman, Goldenberg and Wiesner, PRA 54, R1745 (1996).

    >>> from cutq.compose.blocks.states import zero
    >>> chain = zero(2) >> encode_422() >> detect_422()
    >>> chain.discard("detect-422.out")
    >>> chain.compile()().round(9)
    array([1., 1.])
    """
    card = Card(
        summary="the stabilisers of the [[4,2,2]] code",
        task="Shows every error on one of four qubits as a stabiliser of -1.",
        limits="It says neither which qubit it was nor repairs it; two errors may hide each other.",
        source=DETECTING,
        metrics=(
            Metric("detection, largest deviation", "detects", 0.0, options={"code": "422", "letters": "XYZ"}),
            Metric("state that goes on, largest deviation", "keeps", 0.0, options={"code": "422", "letters": "XYZ"}),
            Metric("two-qubit gates", "two_qubit_gates", 8.0, 0.0),
        ),
    )
    from_x = [Operation("h", (4,)), *(Operation("cx", (4, k)) for k in range(4)), Operation("h", (4,))]
    from_z = [Operation("cx", (k, 5)) for k in range(4)]
    ports = (
        QuantumIn("in", (0, 1, 2, 3)),
        QuantumOut("out", (0, 1, 2, 3)),
        ClassicalOut("stabilisers", (observable("Z4"), observable("Z5")), ("XXXX", "ZZZZ")),
    )
    return Module("detect-422", Circuit(6, (*from_x, *from_z)), ports, card=card)


def _dense(reference: str) -> Metric:
    return Metric("matrix, largest deviation", "unitary", 0.0, options={"reference": reference})
