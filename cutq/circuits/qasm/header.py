"""The header comment ``// cutq: {json}``: what OpenQASM cannot say about a circuit.

The body of a text stays the truth for what it can say, so every entry of the header has a condition:

- ``names`` (identifier -> parameter name) hold for the parameters that the body still has;
- ``matrices`` (gate name -> exact entries) hold where the body's definition of the gate agrees up to a phase;
- ``groups``, ``phase`` (exact global phase) and ``angles`` (those that Qiskit's expressions round, by
  operation number) hold while ``digest`` is the digest of the rest of the text; spaces and line ends may
  change.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from cutq.circuits.angles import Angle, angle
from cutq.circuits.circuit import Circuit, Group, Operation
from cutq.circuits.gates import Matrix
from cutq.circuits.qasm.lines import error_at
from cutq.circuits.qasm.write import Body
from cutq.circuits.qiskit.gates import affine, expression
from cutq.errors import CutqError, QasmError

_HEADER = re.compile(r"^// cutq: (\{.*\})[ \t\r]*$", re.MULTILINE)


@dataclass(frozen=True)
class Header:
    """What a header says.

    Attributes:
        name: the circuit's name; None where it has none.
        names: parameter names by identifier.
        matrices: exact matrices by gate name.
        intact: whether the rest of the text is as it was written.
        phase: the exact global phase.
        groups: the circuit's groups.
        angles: exact angles by operation number.
    """

    name: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    matrices: Mapping[str, Matrix] = field(default_factory=dict)
    intact: bool = False
    phase: Angle | None = None
    groups: tuple[Group, ...] = ()
    angles: Mapping[int, tuple[Angle, ...]] = field(default_factory=dict)


def with_header(circuit: Circuit, body: Body) -> str:
    """The whole text; without a header where the body says everything."""
    matrices = body.matrices.items()
    said = {
        "name": _one_line(circuit.metadata.get("name")),
        "names": dict(body.names),
        "matrices": {name: [[[z.real, z.imag] for z in row] for row in rows] for name, rows in matrices},
        "phase": _packed(circuit.global_phase) if circuit.global_phase != angle(0.0) else None,
        "groups": [[group.name, list(group.ops)] for group in circuit.groups],
        "angles": _rounded(circuit),
    }
    kept = {key: value for key, value in said.items() if value}
    if not kept:
        return f"{body.version}\n{body.rest}\n"
    digest = _digest(f"{body.version}\n{body.rest}")
    return f"{body.version}\n// cutq: {json.dumps({'digest': digest, **kept})}\n{body.rest}\n"


def read_header(text: str) -> Header:
    """The header of a text; an empty one where it has none.

    Raises:
        QasmError: where it is damaged.
    """
    found = _HEADER.search(text)
    if not found:
        return Header()
    try:
        said = json.loads(found[1])
        return _unpacked(said, said.get("digest") == _digest(text[: found.start()] + text[found.end() :]))
    except (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError) as cause:
        reason = "the header comment of cutq is damaged; delete or restore it"
        raise error_at(text, found.start(), reason) from cause


def apply_header(circuit: Circuit, header: Header) -> Circuit:
    """The circuit of the body with what its header adds."""
    named = _renamed(circuit, header.names)
    metadata = {**named.metadata, "name": header.name} if header.name else named.metadata
    if not header.intact:
        return replace(named, metadata=metadata)
    operations = list(named.operations)
    for number, values in header.angles.items():
        operations[number] = replace(operations[number], params=values)
    if any(not 0 <= number < len(operations) for group in header.groups for number in group.ops):
        raise QasmError("the header comment of cutq is damaged: a group has operations that do not exist")
    phase = named.global_phase if header.phase is None else header.phase
    return Circuit(named.num_qubits, tuple(operations), phase, header.groups, metadata)


def _renamed(circuit: Circuit, names: Mapping[str, str]) -> Circuit:
    used = [names.get(name, name) for name in circuit.parameters]
    if not any(name in names for name in circuit.parameters):
        return circuit
    if len(set(used)) < len(used):
        raise QasmError("the header comment of cutq gives two parameters one name")
    operations = tuple(
        replace(op, params=tuple(_rename(value, names) for value in op.params)) if op.parameters else op
        for op in circuit.operations
    )
    return replace(circuit, operations=operations, global_phase=_rename(circuit.global_phase, names))


def _rename(value: Angle, names: Mapping[str, str]) -> Angle:
    terms = sorted((names.get(name, name), factor) for name, factor in value.terms)
    return Angle(tuple(terms), value.constant)


def _rounded(circuit: Circuit) -> dict[int, list[Any]]:
    """Angles that do not survive Qiskit's expressions, which drop differences of about 1e-16."""
    from qiskit.circuit import Parameter

    free = {name: Parameter(name) for name in circuit.parameters}
    exact: dict[Angle, bool] = {}

    def survives(value: Angle) -> bool:
        if value not in exact:
            exact[value] = not value.terms or affine(expression(value, free)) == value
        return exact[value]

    return {
        number: [_packed(value) for value in op.params]
        for number, op in enumerate(circuit.operations)
        if not all(map(survives, op.params))
    }


def _packed(value: Angle) -> list[Any]:
    return [value.constant, *(list(term) for term in value.terms)]


def _angle(packed: list[Any]) -> Angle:
    constant, *terms = packed
    names = [_text(name) for name, _ in terms]
    if len(set(names)) < len(names):
        raise ValueError("a parameter twice")
    factors = [angle(float(factor)).constant for _, factor in terms]
    return Angle(tuple(sorted(zip(names, factors, strict=True))), angle(float(constant)).constant)


def _unpacked(said: Mapping[str, Any], intact: bool) -> Header:
    matrices = {_text(name): _matrix(rows) for name, rows in said.get("matrices", {}).items()}
    return Header(
        name=_text(said["name"]) if "name" in said else None,
        names={_text(key): _text(value) for key, value in said.get("names", {}).items()},
        matrices=matrices,
        intact=intact,
        phase=_angle(said["phase"]) if "phase" in said else None,
        groups=tuple(Group(str(name), tuple(map(int, ops))) for name, ops in said.get("groups", [])),
        angles={int(key): tuple(map(_angle, values)) for key, values in said.get("angles", {}).items()},
    )


def _matrix(rows: Any) -> Matrix:
    matrix = np.array([[complex(*entry) for entry in row] for row in rows])
    qubits = tuple(range(len(matrix).bit_length() - 1))
    try:
        Operation("unitary", qubits, (), matrix)  # type: ignore[arg-type]
    except CutqError as cause:
        raise ValueError(str(cause)) from cause
    return matrix


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or re.search("[\0-\x1f\ud800-\udfff]", value):
        raise ValueError(f"no name: {value!r}")
    return value


def _one_line(name: Any) -> str | None:
    """The name with spaces for what breaks lines or cannot be printed; None where nothing is left."""
    if not isinstance(name, str):
        return None
    broken = {letter for letter in name if unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp")}
    spaced = "".join(" " if letter in broken else letter for letter in name)
    return (" ".join(spaced.split()) if broken else name) if spaced.strip() else None


def _digest(text: str) -> str:
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:16]
