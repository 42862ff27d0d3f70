"""OpenQASM 2 through Qiskit's parser."""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from qiskit import QuantumCircuit, qasm2
from qiskit.circuit import Barrier
from qiskit.circuit.library import IGate, UnitaryGate
from qiskit.exceptions import QiskitError

from cutq.circuits.gates import GATES, Matrix
from cutq.circuits.qasm.lines import (
    Definition,
    definitions,
    error_at,
    line_at,
    miscounted,
    place_at,
    statements,
    unknown_gate,
)
from cutq.circuits.qiskit.expand import MAX_OPERATIONS, agreeing, has_matrix
from cutq.circuits.qiskit.gates import reversed_qubits, short, standard_gates
from cutq.errors import QasmError

LineOf = Callable[[int], int]
"""The line of an instruction, by its position in the circuit."""

Customs = dict[str, qasm2.CustomInstruction]

_WAITS: Customs = {
    "u0": qasm2.CustomInstruction("u0", 1, 1, lambda _: IGate(), builtin=True),
    "delay": qasm2.CustomInstruction("delay", 1, 1, lambda _: Barrier(1)),
}
"""Waiting, which does not matter here; Qiskit's own ``u0`` becomes as many gates as its argument says."""

_PLACE = re.compile(r"<input>:(\d+),(\d+): (.*)", re.DOTALL)
_BARE = re.compile(r"(?:\A|[;{}])\s*(?:if\s*\([^()]*\)\s*)?([A-Za-z_]\w*)\s+[A-Za-z_]")
"""A call without angles, or a declaration."""

_COUNTED = {"parameter": "angle", "quantum argument": "qubit"}
"""What Qiskit's messages count, in the words of cutq."""

_TRIALS = ("0.3781", "-1.2046", "2.1113", "0.7719")


def read(text: str, code: str, exact: Mapping[str, Matrix]) -> tuple[QuantumCircuit, LineOf]:
    """The circuit of a text, and the line of each of its instructions.

    Args:
        text: the text.
        code: the same without comments and strings.
        exact: matrices of gates that the text defines; used where the definition agrees up to a phase.

    Raises:
        QasmError: with line and column.
    """
    _check_includes(text, code)
    _check_broadcasts(code)
    _check_angles(code)
    customs = _customs(text, code, exact)
    try:
        circuit = _parse(text, customs)
    except qasm2.QASM2ParseError as cause:
        raise QasmError(_located(cause.message, code, customs)) from cause
    return circuit, lambda index: _line_of(index, text, code, customs)


def _parse(text: str, customs: Customs) -> QuantumCircuit:
    return qasm2.loads(
        text,
        include_path=(),
        custom_instructions=customs.values(),
        custom_classical=qasm2.LEGACY_CUSTOM_CLASSICAL,
    )


def _customs(text: str, code: str, exact: Mapping[str, Matrix]) -> Customs:
    """Constructors by name: Qiskit's, the table's, and the text's gates that agree with the table."""
    legacy = {custom.name: custom for custom in qasm2.LEGACY_CUSTOM_INSTRUCTIONS}
    customs = {name: _row(name, builtin=True) for name in GATES if name not in legacy} | legacy | _WAITS
    defined = [found for found in definitions(code) if found.keyword == "gate"]
    for found in defined:
        customs.pop(found.name, None)
    return customs | _trusted(text, code, defined, customs, exact)


def _row(name: str, *, builtin: bool) -> qasm2.CustomInstruction:
    row = GATES[name]
    return qasm2.CustomInstruction(name, row.num_angles, row.num_qubits, standard_gates()[name], builtin)


def _trusted(
    text: str, code: str, defined: Sequence[Definition], customs: Customs, exact: Mapping[str, Matrix]
) -> Customs:
    """Constructors for the defined gates whose definition has the matrix of their name."""
    wanted = [found for found in defined if _claims(found, exact)]
    if not wanted:
        return {}
    heads = [text[a:b] for a, b in statements(code) if re.match(r"include\b|gate\b|opaque\b", code[a:b])]
    calls = [_call(found) for found in wanted for _ in range(2)]
    try:
        trial = _parse("\n".join([*heads, "qreg cutq_trial[3];", *calls]), customs)
    except QiskitError:
        return {}  # the text itself will fail in the same way, with the right line
    first, second = trial.data[0::2], trial.data[1::2]
    return {
        found.name: _constructor(found.name, exact)
        for found, *pair in zip(wanted, first, second, strict=True)
        if all(_agrees(instruction.operation, exact) for instruction in pair)
    }


def _claims(found: Definition, exact: Mapping[str, Matrix]) -> bool:
    if found.name in exact:
        return (found.num_angles, 2**found.num_qubits) == (0, len(exact[found.name]))
    row = GATES.get(found.name)
    return row is not None and (found.num_angles, found.num_qubits) == (row.num_angles, row.num_qubits)


def _call(found: Definition) -> str:
    angles = f"({', '.join(_TRIALS[: found.num_angles])})" if found.num_angles else ""
    return f"{found.name}{angles} {', '.join(f'cutq_trial[{qubit}]' for qubit in range(found.num_qubits))};"


def _agrees(operation: Any, exact: Mapping[str, Matrix]) -> bool:
    if operation.name in exact:
        return has_matrix(operation, exact[operation.name])
    return agreeing(operation, phase=0.0) is not None


def _constructor(name: str, exact: Mapping[str, Matrix]) -> qasm2.CustomInstruction:
    if name not in exact:
        return _row(name, builtin=False)
    matrix = reversed_qubits(exact[name])
    return qasm2.CustomInstruction(name, 0, len(matrix).bit_length() - 1, lambda: UnitaryGate(matrix))


def _check_includes(text: str, code: str) -> None:
    for found in re.finditer(r"\binclude\b", code):
        name = re.match(r'\s*"([^"\n]*)"', text[found.end() :])
        if name and name[1] != "qelib1.inc":
            reason = f"include {short(name[1], 60)!r} is not read; paste its definitions into the text"
            raise error_at(code, found.start(), reason)


def _check_broadcasts(code: str) -> None:
    """Refuse texts whose statements on whole registers would make too many instructions."""
    sizes = {name: int(size) for name, size in re.findall(r"\b[qc]reg\s+(\w+)\s*\[\s*(\d+)", code)}
    total = 0
    for start, end in statements(code):
        whole = re.findall(r"\b(\w+)\b(?!\s*\[)", code[start:end])
        total += max((sizes.get(name, 1) for name in whole), default=1)
        if total > MAX_OPERATIONS:
            raise error_at(code, start, f"the text has more than {MAX_OPERATIONS} instructions")


def _check_angles(code: str) -> None:
    """Refuse calls without angles of gates that take some: Qiskit builds them unseen."""
    takes = {custom.name: custom.num_params for custom in qasm2.LEGACY_CUSTOM_INSTRUCTIONS if custom.name != "delay"}
    takes |= {name: row.num_angles for name, row in GATES.items()} | {"U": 3}
    takes |= {found.name: found.num_angles for found in definitions(code)}
    for found in _BARE.finditer(code):
        if number := takes.get(found[1], 0):
            raise QasmError(f"{place_at(code, found.start(1))}: {miscounted(found[1], number, 0, 'angle')}")


def _located(message: str, code: str, customs: Customs) -> str:
    """Qiskit's message with line and column in words, and the nearest gate where the gate is unknown."""
    found = _PLACE.match(message)
    if not found:
        return short(message, 300)
    line, column, reason = int(found[1]), int(found[2]), short(found[3], 300)
    position = sum(len(row) + 1 for row in code.split("\n")[: line - 1]) + column
    early = re.match(r"cannot use non-builtin custom instruction '(\w+)' before definition", reason)
    counts = re.match(r"'(\w+)' takes (\d+) (parameter|quantum argument)s?, but got (\d+)", reason)
    missing = re.match(r"'(\w+)' is not defined in this scope", reason)
    if early:
        reason = f'gate {early[1]!r} is not defined; the text lacks include "qelib1.inc"'
    elif counts:
        reason = miscounted(counts[1], int(counts[2]), int(counts[4]), _COUNTED[counts[3]])
    elif missing and code[:position].rstrip()[-1:] in (*";{}", ""):
        reason = unknown_gate(missing[1], [*customs, *(gate.name for gate in definitions(code))])
    return f"line {line}, column {column + 1}: {reason}"


def _line_of(index: int, text: str, code: str, customs: Customs) -> int:
    """The line of the first statement with which the text up to it has the instruction."""
    spans = statements(code)

    def reached(number: int) -> bool:
        return len(_parse(text[: spans[number][1]], customs).data) > index

    first = bisect.bisect_left(range(len(spans)), True, key=reached)
    return line_at(code, spans[min(first, len(spans) - 1)][0])
