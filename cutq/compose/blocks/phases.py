"""The quantum Fourier transform in steps, and iterative phase estimation."""

from __future__ import annotations

import math

from cutq.circuits.angles import param
from cutq.circuits.circuit import Circuit, Operation
from cutq.circuits.observable import observable
from cutq.compose.blocks.sizes import sized
from cutq.compose.card import Card, Metric
from cutq.compose.composition import Composition
from cutq.compose.expressions import Expression
from cutq.compose.module import Module, classical
from cutq.compose.ports import ClassicalIn, ClassicalOut, QuantumIn, QuantumOut


def qft_step(count: int = 4) -> Module:
    """One step of the quantum Fourier transform: the first of ``count`` qubits gets its phase from all.

    ``|j>`` becomes ``(|0> + exp(2 pi i j / 2**count) |1>)/sqrt(2)`` on the first qubit, beside the other qubits.

    Ports: ``in``, ``count`` qubits, most significant first; ``done``, the first qubit; ``out``, the others, which the
    step on one qubit less takes (none where ``count`` is 1).

    Source: Nielsen and Chuang (2010), equations 5.11 to 5.18.

    >>> [port.type for port in qft_step(4).ports]
    ['quantum in, 4 qubits', 'quantum out, 1 qubit', 'quantum out, 3 qubits']
    """
    count = sized("the number of qubits", count, most=30)
    phases = tuple(Operation("cp", (k, 0), (math.pi / 2**k,)) for k in range(1, count))
    rest = (QuantumOut("out", tuple(range(1, count))),) if count > 1 else ()
    card = Card(
        summary=f"the first qubit of a Fourier transform on {count}",
        task="Hadamard and controlled phases onto one qubit; steps on fewer and fewer qubits make the whole transform.",
        limits="The done qubits come in reverse order: the first is the least significant of the transform.",
        source="Nielsen and Chuang (2010), equations 5.11 to 5.18",
        metrics=(
            Metric("matrix, largest deviation", "unitary", 0.0, options={"reference": "qft-step", "qubits": count}),
            Metric("two-qubit gates", "two_qubit_gates", count - 1.0, 0.0),
        ),
    )
    ports = (QuantumIn("in", tuple(range(count))), QuantumOut("done", (0,)), *rest)
    return Module(f"qft-step-{count}", Circuit(count, (Operation("h", (0,)), *phases)), ports, card=card)


def qft(count: int) -> Composition:
    """The whole Fourier transform as a chain of steps: input ``in``, outputs ``y0`` (most significant), ``y1``, ...

    Source: Nielsen and Chuang (2010), equation 5.2.

    >>> [port.name for port in qft(3).ports]
    ['in', 'y2', 'y1', 'y0']
    """
    count = sized("the number of qubits", count, most=30)
    whole = Composition(f"qft-{count}")
    for k in range(count):
        whole.add(f"s{k}", qft_step(count - k))
        whole.expose(f"s{k}.done", f"y{count - 1 - k}")
        if k:
            whole.connect(f"s{k - 1}.out", f"s{k}.in")
    whole.expose("s0.in", "in")
    return whole


def phase_estimation_step() -> Module:
    """One digit of the phase of ``P(2*pi*phi)`` at its eigenstate ``|1>``: the probability of 1.

    ``digit = sin((2*pi*phi*power - phase)/2)**2``; it is 0 or 1 where ``phi`` has exactly as many binary digits as
    ``power`` and ``phase`` leave.

    Ports: ``phi``, the phase in turns; ``power``, how often the unitary acts; ``phase``, the angle in radians that the
    digits known so far take away; ``digit`` (1,).

    Source: iterative phase estimation, Dobsicek et al., PRA 76, 030306(R) (2007), figure 1.

    >>> model = iterative_phase_estimation(3).compile()
    >>> data = {f"s{k}.phi": 0.625 for k in range(3)} | {f"s{k}.power": 2.0 ** (2 - k) for k in range(3)}
    >>> (model(data=data | {"s0.phase": 0.0}) + 0.5).astype(int)
    array([1, 0, 1])
    """
    operations = (
        Operation("h", (0,)),
        Operation("x", (1,)),
        Operation("cp", (0, 1), (param("turn"),)),
        Operation("p", (0,), (-param("phase"),)),
        Operation("h", (0,)),
    )
    ports = (
        ClassicalIn("phi"),
        ClassicalIn("power", low=0.0),
        ClassicalIn("phase", kind="angle"),
        ClassicalOut("digit", (observable("0.5 - 0.5*Z0"),), ("one",)),
    )
    card = Card(
        summary="one digit of a phase, given the less significant ones",
        task="Reads the digits of an eigenphase one by one, the least significant first, with one ancilla.",
        limits="Phases without a finite binary expansion give probabilities between 0 and 1.",
        source="Dobsicek, Johansson, Shumeiko and Wendin, PRA 76, 030306(R) (2007), figure 1",
        metrics=(
            Metric(
                "values, largest deviation", "values", 0.0, options={"reference": "phase-estimation-step", "draws": 20}
            ),
            Metric("two-qubit gates", "two_qubit_gates", 1.0, 0.0),
        ),
    )
    angles = {"turn": Expression("2*pi*phi*power")}
    return Module("phase-estimation-step", Circuit(2, operations), ports, angles=angles, card=card)


def iterative_phase_estimation(digits: int) -> Composition:
    """Steps that read the digits of a phase, the least significant first, each driven by those before.

    The inputs of step ``k`` are ``s{k}.phi``, the phase, and ``s{k}.power``, which is ``2**(digits - 1 - k)``;
    ``s0.phase`` is 0. The output ``digits`` has the most significant digit first.

    Source: as :func:`phase_estimation_step`; the angle is ``pi * (digit_1/2 + digit_2/4 + ...)``, the nearest first.

    >>> list(iterative_phase_estimation(2).graph.edges())
    [('s0', 'read'), ('s0', 'f1'), ('s1', 'read'), ('f1', 's1')]
    """
    digits = sized("the number of digits", digits, most=30)
    step = phase_estimation_step()
    whole = Composition(f"phase-estimation-{digits}")
    whole.add("read", classical("identity", digits))
    whole.expose("read.y", "digits")
    for k in range(digits):
        whole.add(f"s{k}", step)
        whole.connect(f"s{k}.digit[0]", f"read.x[{digits - 1 - k}]")
        if k:
            weights = {"weight": [[math.pi / 2 ** (k - j) for j in range(k)]], "bias": [0.0]}
            whole.add(f"f{k}", classical("linear", k, 1).with_weights(weights), frozen=True)
            for j in range(k):
                whole.connect(f"s{j}.digit[0]", f"f{k}.x[{j}]")
            whole.connect(f"f{k}.y", f"s{k}.phase")
    return whole
