"""Encoders of numbers: angles, the ZZ feature map, and amplitudes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from cutq.circuits.angles import Angle, param
from cutq.circuits.circuit import Circuit, Operation
from cutq.compose.blocks.sizes import sized
from cutq.compose.card import Card, Metric
from cutq.compose.expressions import Expression
from cutq.compose.module import Module
from cutq.compose.ports import ClassicalIn, QuantumOut
from cutq.errors import ModuleError

MOST_AMPLITUDE_QUBITS = 8
"""Widest amplitude encoder: beyond, the input map has more letters than an expression may have."""


def angle_encoder(count: int = 4, letter: str = "y") -> Module:
    """Numbers as angles of rotations: qubit k is ``RY(x_k)|0>``, or ``RX`` of it.

    Ports: ``x`` (count,), in radians; ``out``, ``count`` qubits.

    Source: Schuld and Petruccione, Machine Learning with Quantum Computers (2021), chapter 4.

    >>> angle_encoder(3).port("x").type
    'angle in, shape (3,)'
    """
    count = sized("the number of qubits", count)
    if letter not in ("x", "y"):
        raise ModuleError(f"angles are those of 'x' or 'y' rotations, got {letter!r}")
    operations = tuple(Operation(f"r{letter}", (k,), (param(f"x[{k}]"),)) for k in range(count))
    card = Card(
        summary=f"{count} angles as rotations about {letter.upper()}",
        task="Encodes one number for each qubit; a chain of small modules behind it sees them all.",
        limits="Periodic: numbers that differ by 4 pi are the same state. Scale the data first.",
        source="Schuld and Petruccione, Machine Learning with Quantum Computers (2021), chapter 4",
        metrics=(_state("angle-encoder", letter=letter), Metric("two-qubit gates", "two_qubit_gates", 0.0, 0.0)),
    )
    name = f"angle-encoder-{count}" + ("" if letter == "y" else f"-{letter}")
    return Module(name, Circuit(count, operations), (ClassicalIn("x", (count,), "angle"), _out(count)), card=card)


def zz_encoder(count: int = 2, repetitions: int = 2) -> Module:
    """The ZZ feature map: Hadamards and the phases ``2 x_k`` of qubits and ``2 (pi - x_j)(pi - x_k)`` of pairs.

    Ports: ``x`` (count,), usually 0 to 2 pi; ``out``, ``count`` qubits.

    Source: Havlicek et al., Nature 567, 209 (2019), with the phases of Qiskit's ``zz_feature_map`` of all pairs.

    >>> zz_encoder().angles["pair_0_1"].text
    '2.0*(pi - x[0])*(pi - x[1])'
    """
    count = sized("the number of qubits", count, least=2, most=20)
    repetitions = sized("the number of repetitions", repetitions)
    pairs = list(itertools.combinations(range(count), 2))
    layer = [
        *(Operation("h", (k,)) for k in range(count)),
        *(Operation("p", (k,), (2 * param(f"x[{k}]"),)) for k in range(count)),
        *(op for j, k in pairs for op in _odd_phase(j, k)),
    ]
    angles = {f"pair_{j}_{k}": Expression(f"2*(pi - x[{j}])*(pi - x[{k}])") for j, k in pairs}
    card = Card(
        summary=f"the ZZ feature map on {count} qubits",
        task="Encodes numbers so that overlaps of states are a kernel that is believed to be hard to compute.",
        limits="A kernel for its own sake: on most data a tuned classical kernel does as well.",
        source="Havlicek et al., Nature 567, 209 (2019)",
        metrics=(
            _state("zz-encoder", repetitions=repetitions),
            Metric("two-qubit gates", "two_qubit_gates", 2.0 * len(pairs) * repetitions, 0.0),
        ),
    )
    circuit = Circuit(count, tuple(layer * repetitions))
    return Module(f"zz-encoder-{count}", circuit, (ClassicalIn("x", (count,)), _out(count)), angles=angles, card=card)


def amplitude_encoder(count: int = 3) -> Module:
    """Real numbers as amplitudes: the state ``sum_k x_k |k> / |x|`` of ``2**count`` numbers, signs kept.

    A tree of uniformly controlled RY, each as RY and CX; its angles are ``2 arctan2(|right half|, |left half|)``, those
    of the last qubit ``2 arctan2(x_right, x_left)``, which keeps the signs. Parts of x may be zero, but not all of it.
    Where a part is zero there is no derivative, and it is refused.

    Ports: ``x`` (2**count,); ``out``, ``count`` qubits, most significant first.

    Source: Mottonen et al., Quant. Inf. Comput. 5, 467 (2005), equations 3 and 8 and figure 2.

    >>> amplitude_encoder(2).angles["t1_1"].text
    '2.0*arctan2(x[3], x[2])'
    """
    count = sized("the number of qubits", count, most=MOST_AMPLITUDE_QUBITS)
    operations = tuple(op for level in range(count) for op in _multiplexed(level))
    angles = {name: Expression(text) for level in range(count) for name, text in _turns(level, count)}
    card = Card(
        summary=f"{2**count} real numbers as amplitudes of {count} qubits",
        task="Prepares x/|x|, signs and zeros included.",
        limits="The zero vector is refused; the gradient is where some numbers are zero together. Real numbers only.",
        source="Mottonen, Vartiainen, Bergholm and Salomaa, Quant. Inf. Comput. 5, 467 (2005), figure 2",
        metrics=(
            _state("amplitude-encoder", draws=20),
            Metric("two-qubit gates", "two_qubit_gates", 2.0**count - 2 if count > 1 else 0.0, 0.0),
        ),
    )
    ports = (ClassicalIn("x", (2**count,)), _out(count))
    return Module(f"amplitude-encoder-{count}", Circuit(count, operations), ports, angles=angles, card=card)


def _turns(level: int, count: int) -> Iterator[tuple[str, str]]:
    """The angles of one qubit, for each value of the qubits before it."""
    half = 2 ** (count - level - 1)
    for prefix in range(2**level):
        halves = [range((2 * prefix + side) * half, (2 * prefix + side + 1) * half) for side in (1, 0)]
        ends = [_norm(one) for one in halves]
        if level == 0:
            # Nothing else would refuse the zero vector: arctan2(0, 0) is 0, but 0/0 has no value.
            whole = f"norm({', '.join(f'x[{k}]' for k in range(2**count))})"
            ends = [f"{one}/{whole}" for one in ends]
        yield f"t{level}_{prefix}", f"2*arctan2({', '.join(ends)})"


def _norm(numbers: range) -> str:
    names = [f"x[{k}]" for k in numbers]
    return names[0] if len(names) == 1 else f"norm({', '.join(names)})"


def _multiplexed(level: int) -> Iterator[Operation]:
    """RY of one qubit by an angle for each value of the qubits before it, in Gray code order."""
    size = 2**level
    for k in range(size):
        code = k ^ (k >> 1)
        terms = (_sign(prefix & code) / size * param(f"t{level}_{prefix}") for prefix in range(size))
        yield Operation("ry", (level,), (sum(terms, Angle()),))
        if level:
            changed = code ^ ((k + 1) % size ^ ((k + 1) % size >> 1))
            yield Operation("cx", (level - 1 - (changed.bit_length() - 1), level))


def _sign(bits: int) -> float:
    return -1.0 if bits.bit_count() % 2 else 1.0


def _odd_phase(j: int, k: int) -> tuple[Operation, ...]:
    """A phase where two qubits differ."""
    flip = Operation("cx", (j, k))
    return flip, Operation("p", (k,), (param(f"pair_{j}_{k}"),)), flip


def _state(reference: str, **options: object) -> Metric:
    return Metric("state, largest deviation", "state", 0.0, options={"reference": reference, **options})


def _out(count: int) -> QuantumOut:
    return QuantumOut("out", tuple(range(count)))
