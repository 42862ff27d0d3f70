"""OpenQASM 2 and 3: ``load`` and ``loads`` through Qiskit's parsers, ``dump`` and ``dumps`` without loss.

``loads(dumps(circuit)) == circuit`` holds exactly. What the language cannot say stands in a header comment,
see ``header.py``; readers that do not know it get the same unitary up to a global phase.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

from cutq.circuits.circuit import Circuit
from cutq.circuits.qasm.header import apply_header, read_header, with_header
from cutq.circuits.qasm.lines import check_text, error_at
from cutq.circuits.qasm.write import write
from cutq.circuits.qiskit.expand import InstructionError, expanded
from cutq.circuits.qiskit.gates import reason_of, short
from cutq.errors import CutqError, QasmError

MAX_DEFINITIONS = 200_000
"""Most calls of defined gates with different angles that a text may have, nested ones included."""

_MAX_BYTES = 200_000_000
"""Largest file that is read."""


def load(path: str | os.PathLike[str]) -> Circuit:
    """The circuit of an OpenQASM 2 or 3 file.

    Raises:
        QasmError: for a file that is missing, unreadable or no text, and for all that :func:`loads` refuses;
            the message starts with the path.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     dump(Circuit(2), f"{folder}/empty.qasm")
    ...     load(f"{folder}/empty.qasm").num_qubits
    2
    """
    name = short(str(path), 300)
    try:
        with open(path, "rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except (OSError, ValueError, TypeError) as cause:
        reason = getattr(cause, "strerror", None) or str(cause)
        raise QasmError(f"{name}: cannot be read: {reason}") from cause
    if len(content) > _MAX_BYTES:
        raise QasmError(f"{name}: more than {_MAX_BYTES} bytes")
    try:
        circuit = loads(content.decode("utf-8"))
    except UnicodeDecodeError as cause:
        raise QasmError(f"{name}: no text: byte {cause.start} is not UTF-8") from cause
    except QasmError as cause:
        raise QasmError(f"{name}: {cause}") from cause
    title = circuit.metadata["name"] or Path(path).stem
    return replace(circuit, metadata={**circuit.metadata, "name": title})


def loads(text: str) -> Circuit:
    """The circuit of an OpenQASM 2 or 3 text.

    The version is that of the ``OPENQASM`` line; without one it is 2 where registers are declared as
    ``qreg``, else 3. User-defined gates are expanded unless they agree with the row of their name, registers
    are broadcast, barriers ignored, and final measurements and resets after them dropped with a note in
    ``metadata["notes"]``. In version 3, ``input float[64]`` declares parameters. Includes other than the
    standard one are refused.

    Raises:
        QasmError: with the line, and the column where the parser knows it.

    >>> circuit = loads("OPENQASM 3.0; include 'stdgates.inc'; input float[64] w; qubit[2] q; rx(2*w) q;")
    >>> circuit.parameters, [op.qubits for op in circuit.operations]
    (('w',), [(0,), (1,)])
    """
    if not isinstance(text, str):
        raise QasmError(f"OpenQASM is a text, got {type(text).__name__}")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    try:
        return _loads(text)
    except (QasmError, KeyboardInterrupt, SystemExit):
        raise
    except CutqError as cause:
        raise QasmError(reason_of(cause)) from cause
    except BaseException as cause:  # panics of Qiskit's parser in Rust are no Exceptions
        raise QasmError(f"not readable: {reason_of(cause)}") from None


def dump(circuit: Circuit, path: str | os.PathLike[str], version: int = 3) -> None:
    """Write a circuit to a file; see :func:`dumps`.

    Raises:
        QasmError: where the file cannot be written, and as :func:`dumps`.
    """
    text = dumps(circuit, version)
    try:
        Path(path).write_text(text, encoding="utf-8")
    except (OSError, ValueError) as cause:
        reason = getattr(cause, "strerror", None) or str(cause)
        raise QasmError(f"{short(str(path), 300)}: cannot be written: {reason}") from cause


def dumps(circuit: Circuit, version: int = 3) -> str:
    """A circuit in OpenQASM 2 or 3, such that :func:`loads` gives back an equal one.

    Raises:
        QasmError: for other versions, and for version 2 where the circuit has free parameters.

    >>> from cutq.circuits.circuit import Operation
    >>> print(dumps(Circuit(2, (Operation("cx", (0, 1)),)), version=2), end="")
    OPENQASM 2.0;
    include "qelib1.inc";
    qreg q[2];
    cx q[0], q[1];
    """
    if version not in (2, 3):
        raise QasmError(f"OpenQASM has versions 2 and 3, got {version!r}")
    if version == 2 and circuit.parameters:
        free = ", ".join(repr(name) for name in circuit.parameters[:8])
        raise QasmError(f"OpenQASM 2 has no free parameters, but the circuit has {free}; use version=3")
    return with_header(circuit, write(circuit, version))


def _loads(text: str) -> Circuit:
    code = check_text(text)
    header = read_header(text)
    version = _version(code)
    if version == 2:
        from cutq.circuits.qasm.read2 import read
    else:
        from cutq.circuits.qasm.read3 import read
    qc, line_of = read(text, code, header.matrices)
    try:
        circuit = expanded(qc, None, MAX_DEFINITIONS)
    except InstructionError as cause:
        raise QasmError(f"line {line_of(cause.index)}: {cause.reason}") from cause
    return apply_header(circuit, header)


def _version(code: str) -> int:
    versions = list(re.finditer(r"\bOPENQASM\s*(\d[\d.]*)", code))
    for found in versions:
        if found[1] not in ("2", "2.0", "3", "3.0", "3.1"):
            raise error_at(code, found.start(), f"OpenQASM has versions 2.0 and 3.0, got {found[1][:20]}")
    if versions:
        return int(versions[0][1][0])
    if not code.strip():
        raise QasmError("the text is empty")
    return 2 if re.search(r"\b[qc]reg\b", code) else 3
