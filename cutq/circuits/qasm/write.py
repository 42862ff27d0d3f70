"""The body of OpenQASM texts: what any reader sees, with every number written exactly.

Qiskit's own writers turn angles into fractions of pi, rename parameters and expand gates; this one writes the
gates of the table by name and defines those that the standard includes lack.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cutq.circuits.angles import Angle, angle
from cutq.circuits.circuit import Circuit, Entries, Operation
from cutq.circuits.gates import GATES, Matrix
from cutq.circuits.qiskit.matrices import phase_between, unitary
from cutq.errors import QasmError

_SXDG = "gate sxdg a { h a; sdg a; h a; }"
_ISWAP = "gate iswap a, b { s a; s b; h a; cx a, b; cx b, a; h b; }"
_ECR = "gate ecr a, b { h b; cx a, b; rz(pi/4) b; cx a, b; x a; cx a, b; rz(-pi/4) b; cx a, b; h b; }"
_RXX = "gate rxx(t0) a, b { h a; h b; cx a, b; rz(t0) b; cx a, b; h a; h b; }"
_RYY = "gate ryy(t0) a, b { sdg a; sdg b; h a; h b; cx a, b; rz(t0) b; cx a, b; h a; h b; s a; s b; }"
_RZZ = "gate rzz(t0) a, b { cx a, b; rz(t0) b; cx a, b; }"
_RZX = "gate rzx(t0) a, b { h b; cx a, b; rz(t0) b; cx a, b; h b; }"

_MISSING_3 = {
    "sxdg": _SXDG,
    "cs": "gate cs a, b { cp(pi/2) a, b; }",
    "csdg": "gate csdg a, b { cp(-pi/2) a, b; }",
    "csx": "gate csx a, b { h b; cp(pi/2) a, b; h b; }",
    "cu1": "gate cu1(t0) a, b { cp(t0) a, b; }",
    "cu3": "gate cu3(t0, t1, t2) a, b { cu(t0, t1, t2, 0) a, b; }",
    "iswap": _ISWAP,
    "ecr": _ECR,
    "rxx": _RXX,
    "ryy": _RYY,
    "rzz": _RZZ,
    "rzx": _RZX,
}
"""Definitions of the rows that stdgates.inc lacks, in its gates."""

_MISSING_2 = {
    "sx": "gate sx a { h a; s a; h a; }",
    "sxdg": _SXDG,
    "p": "gate p(t0) a { u1(t0) a; }",
    "cs": "gate cs a, b { cu1(pi/2) a, b; }",
    "csdg": "gate csdg a, b { cu1(-pi/2) a, b; }",
    "csx": "gate csx a, b { h b; cu1(pi/2) a, b; h b; }",
    "swap": "gate swap a, b { cx a, b; cx b, a; cx a, b; }",
    "iswap": _ISWAP,
    "ecr": _ECR,
    "cp": "gate cp(t0) a, b { cu1(t0) a, b; }",
    "crx": "gate crx(t0) a, b { h b; crz(t0) a, b; h b; }",
    "cry": "gate cry(t0) a, b { ry(t0/2) b; cx a, b; ry(-t0/2) b; cx a, b; }",
    "cu": "gate cu(t0, t1, t2, t3) a, b { u1(t3) a; cu3(t0, t1, t2) a, b; }",
    "rxx": _RXX,
    "ryy": _RYY,
    "rzz": _RZZ,
    "rzx": _RZX,
}
"""Definitions of the rows that the published qelib1.inc lacks, in its gates; some readers know more by default."""

_SPELLED = {"u": "U"}
"""Names of rows in the text where they differ: ``U`` is built in, ``u`` is not everywhere."""

_WORDS = """
OPENQASM include defcalgrammar def cal defcal gate extern box let break continue if else end
return for while in switch case default nop pragma input output const readonly mutable qreg qubit
creg bool bit int uint float angle complex array void duration stretch gphase inv pow ctrl negctrl
dim durationof delay reset measure barrier true false im sizeof opaque pi tau euler U CX phase
cphase q arccos arcsin arctan ceiling cos exp floor log mod popcount rotl rotr sin sqrt tan real
imag
"""

_RESERVED = frozenset(_WORDS.split())
"""Words that are no parameter names in OpenQASM 3."""


@dataclass(frozen=True)
class Body:
    """A text without its header.

    Attributes:
        version: the line with the version.
        rest: all other lines.
        names: the circuit's parameter names by the identifiers that stand for them, where they differ.
        matrices: the matrices of the gates that the text defines for them.
    """

    version: str
    rest: str
    names: Mapping[str, str]
    matrices: Mapping[str, Entries]


def write(circuit: Circuit, version: int) -> Body:
    """The body of a circuit in OpenQASM 2 or 3; version 2 has no global phase and no free parameters.

    >>> print(write(Circuit(1, (Operation("rx", (0,), (0.1,)),)), 3).rest)
    include "stdgates.inc";
    qubit[1] q;
    rx(0.1) q[0];
    """
    identifiers = _identifiers(circuit.parameters)
    distinct = dict.fromkeys(op.matrix for op in circuit.operations if op.matrix is not None)
    matrices = {entries: f"unitary_{number}" for number, entries in enumerate(distinct)}
    parts = {entries: _parts(np.array(entries)) for entries in matrices}
    inner = [op.name for operations, _ in parts.values() for op in operations]
    lines = ['include "stdgates.inc";' if version == 3 else 'include "qelib1.inc";']
    lines += [f"input float[64] {identifiers[name]};" for name in circuit.parameters]
    lines += _definitions({*inner, *(op.name for op in circuit.operations)}, version)
    lines += [_matrix_definition(name, *parts[entries], version) for entries, name in matrices.items()]
    if circuit.num_qubits:
        lines.append(f"qubit[{circuit.num_qubits}] q;" if version == 3 else f"qreg q[{circuit.num_qubits}];")
    if version == 3 and circuit.global_phase != angle(0.0):
        lines.append(f"gphase({_angle(circuit.global_phase, identifiers)});")
    for op in circuit.operations:
        called = matrices[op.matrix] if op.matrix is not None else _SPELLED.get(op.name, op.name)
        lines.append(_call(called, op.params, [f"q[{qubit}]" for qubit in op.qubits], identifiers))
    renamed = {identifier: name for name, identifier in identifiers.items() if identifier != name}
    named = {name: entries for entries, name in matrices.items()}
    return Body(f"OPENQASM {version}.0;", "\n".join(lines), renamed, named)


def _identifiers(parameters: Sequence[str]) -> dict[str, str]:
    """An identifier for every parameter: its own name where the language allows it."""
    for name in parameters:
        if re.search("[\ud800-\udfff]", name):
            raise QasmError(f"parameter {name!r} has half of a surrogate pair, which no file can hold")
    found: dict[str, str] = {name: name for name in parameters if _allowed(name)}
    fresh = (f"param_{number}" for number in itertools.count())
    for name in parameters:
        if name not in found:
            found[name] = next(identifier for identifier in fresh if identifier not in parameters)
    return found


def _allowed(name: str) -> bool:
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) and not re.fullmatch(r"unitary_\d+", name)
    return bool(plain) and name not in _RESERVED and name not in GATES


def _definitions(used: Iterable[str], version: int) -> list[str]:
    needed, lacking = set(used), _MISSING_3 if version == 3 else _MISSING_2
    return [text for name, text in lacking.items() if name in needed]


def _matrix_definition(name: str, operations: Sequence[Operation], phase: float, version: int) -> str:
    wires = ("a", "b")[: max(len(op.qubits) for op in operations)]
    calls = [
        _call(_SPELLED.get(op.name, op.name), op.params, [wires[qubit] for qubit in op.qubits], {}) for op in operations
    ]
    if version == 3:
        calls.insert(0, f"gphase({_number(phase)});")
    return f"gate {name} {', '.join(wires)} {{ {' '.join(calls)} }}"


def _call(name: str, params: Sequence[Angle], wires: Sequence[str], identifiers: Mapping[str, str]) -> str:
    angles = f"({', '.join(_angle(value, identifiers) for value in params)})" if params else ""
    return f"{name}{angles} {', '.join(wires)};"


def _angle(value: Angle, identifiers: Mapping[str, str]) -> str:
    terms = [
        identifiers[name] if factor == 1.0 else f"{_number(factor)}*{identifiers[name]}" for name, factor in value.terms
    ]
    return _sum(terms + ([_number(value.constant)] if value.constant or not terms else []))


def _sum(terms: Sequence[str]) -> str:
    """A sum; long ones in halves, because parsers recurse over the terms."""
    if len(terms) <= 16:
        return " + ".join(terms).replace("+ -", "- ")
    half = len(terms) // 2
    return f"({_sum(terms[:half])}) + ({_sum(terms[half:])})"


def _number(value: float) -> str:
    """The shortest decimal that reads back exactly, with a point, lest a reader take it for an integer."""
    text = repr(value)
    return text if "." in text else text.replace("e", ".0e")


def _parts(matrix: Matrix) -> tuple[tuple[Operation, ...], float]:
    """A matrix gate as operations on qubits 0 and 1, and the angle of the phase that they lack."""
    operations = _turn(matrix, 0) if len(matrix) == 2 else _canonical(matrix)
    product = unitary(operations, len(matrix).bit_length() - 1, {})
    factor = phase_between(product, matrix)
    deviation = np.abs(factor * product - matrix).max()
    if not deviation < 1e-9:
        raise QasmError(f"a matrix gate cannot be written as rotations: they differ by {deviation:.1e}")
    return operations, float(np.angle(factor))


def _turn(matrix: Matrix, qubit: int) -> tuple[Operation, ...]:
    from qiskit.synthesis import OneQubitEulerDecomposer

    turns = OneQubitEulerDecomposer("U").angles(matrix)
    return (Operation("u", (qubit,), tuple(angle(float(turn)) for turn in turns)),)


def _canonical(matrix: Matrix) -> tuple[Operation, ...]:
    """``(K1l (x) K1r) exp(i (a XX + b YY + c ZZ)) (K2l (x) K2r)``, Zhang et al., PRA 67 042313."""
    from qiskit.synthesis import TwoQubitWeylDecomposition

    # Qiskit's default fidelity would round a matrix near a simpler one to that one.
    found = TwoQubitWeylDecomposition(matrix, fidelity=None)
    middle = [("rxx", -2 * found.a), ("ryy", -2 * found.b), ("rzz", -2 * found.c)]
    return (
        *_turn(found.K2l, 0),
        *_turn(found.K2r, 1),
        *(Operation(name, (0, 1), (angle(float(turn)),)) for name, turn in middle),
        *_turn(found.K1l, 0),
        *_turn(found.K1r, 1),
    )
