"""Places in OpenQASM texts: statements, lines, and what can be refused before a parser sees the text."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from cutq.circuits.gates import GATES
from cutq.errors import QasmError

MAX_BITS = 100_000
"""Most qubits and classical bits of a text, together."""

MAX_OPERATORS = 10_000
"""Most operators and parentheses in one expression: far above, Qiskit's parser overflows its stack."""

_HIDDEN = re.compile(r"""//[^\n]*|/\*.*?(?:\*/|\Z)|"[^"\n]*"|'[^'\n]*'""", re.DOTALL)
_DEFINITION = re.compile(r"\s*(gate|opaque)\s+([^\W\d]\w*)\s*(?:\(([^()]*)\))?([^()]*)")
_REGISTER = re.compile(r"\b(?:qreg|creg|qubit|bit)\s*(?:[^\W\d]\w*\s*)?\[\s*(\d+)\s*\]|\$(\d+)")


def blanked(text: str) -> str:
    """The text with comments and strings replaced by spaces, so that every position stays.

    >>> blanked('x q; // y')
    'x q;     '
    """
    return _HIDDEN.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def statements(code: str) -> list[tuple[int, int]]:
    """Start and end of every top-level statement of a text without comments.

    >>> code = "x q; gate g a { h a; } y q;"
    >>> [code[start:end] for start, end in statements(code)]
    ['x q;', 'gate g a { h a; }', 'y q;']
    """
    spans, start, depth = [], 0, 0
    for found in re.finditer(r"[;{}]", code):
        depth += {"{": 1, "}": -1, ";": 0}[found.group()]
        if depth <= 0 and found.group() != "{":
            spans.append((start + _indent(code[start : found.end()]), found.end()))
            start, depth = found.end(), 0
    return spans


def _indent(piece: str) -> int:
    return len(piece) - len(piece.lstrip())


def line_at(text: str, position: int) -> int:
    """The number of the line of a position, counted from 1."""
    return text.count("\n", 0, position) + 1


def error_at(text: str, position: int, reason: str) -> QasmError:
    """The error for a place in a text."""
    return QasmError(f"line {line_at(text, position)}: {reason}")


def place_at(text: str, position: int) -> str:
    """Line and column of a position, both counted from 1.

    >>> place_at("x q;\\n y q;", 6)
    'line 2, column 2'
    """
    return f"line {line_at(text, position)}, column {position - text.rfind(chr(10), 0, position)}"


def miscounted(name: str, takes: int, got: int, what: str) -> str:
    """The complaint about a gate with too few or too many angles or qubits.

    >>> miscounted("rx", 1, 0, "angle")
    "'rx' takes 1 angle, got 0"
    """
    return f"{name[:60]!r} takes {takes} {what}{'' if takes == 1 else 's'}, got {got}"


@dataclass(frozen=True)
class Definition:
    """The head of a gate definition.

    Attributes:
        keyword: ``"gate"`` or ``"opaque"``.
        name: the gate.
        num_angles: how many angles it takes.
        num_qubits: how many qubits it acts on.
    """

    keyword: str
    name: str
    num_angles: int
    num_qubits: int


def definitions(code: str) -> list[Definition]:
    """Heads of all gate definitions of a text without comments.

    >>> definitions("gate g(a, b) x { }")[0].num_angles
    2
    """
    return [
        Definition(found[1], found[2], _count(found[3] or ""), _count(found[4]))
        for piece in re.split(r"[;{}]", code)
        if (found := _DEFINITION.fullmatch(piece))
    ]


def _count(names: str) -> int:
    return len([name for name in names.split(",") if name.strip()])


def check_text(text: str) -> str:
    """The text without comments and strings.

    Raises:
        QasmError: for what parsers do not survive: NUL characters, registers of more than ``MAX_BITS`` bits,
            numbers in brackets beyond 64 bits, expressions of more than ``MAX_OPERATORS`` operators.
    """
    if "\0" in text:
        raise error_at(text, text.index("\0"), "a NUL character; this is no text")
    if found := re.search("[\ud800-\udfff]", text):
        raise error_at(text, found.start(), "half of a surrogate pair; this is no text")
    code = blanked(text)
    if found := re.search(r"\d{1000}", code):
        raise error_at(code, found.start(), "a number of more than 1000 digits")
    _check_registers(code)
    for piece in re.finditer(r"[^;{}]+", code):
        operators = sum(map(piece.group().count, "+-*/^(~!"))
        if operators > MAX_OPERATORS:
            place = piece.start() + _indent(piece.group())
            raise error_at(code, place, f"an expression has more than {MAX_OPERATORS} operators")
    return code


def check_depth(code: str, limit: int = 200) -> None:
    """Refuse brackets nested deeper than recursive parsers follow.

    Raises:
        QasmError: at the bracket that is too deep.
    """
    depth = 0
    for found in re.finditer(r"[][(){}]", code):
        depth += 1 if found.group() in "[({" else -1
        if depth > limit:
            raise error_at(code, found.start(), f"brackets are nested more than {limit} deep")


def _check_registers(code: str) -> None:
    total = 0
    for found in _REGISTER.finditer(code):
        digits = found[1] or found[2]
        size = int(digits) if len(digits) < 19 else 10**18
        total = max(total, size + 1) if found[2] else total + size
        if total > MAX_BITS:
            declared = found.group() if len(found.group()) < 60 else found.group()[:57] + "..."
            reason = f"with {declared!r} there are more than {MAX_BITS} qubits and bits"
            raise error_at(code, found.start(), reason)
    for found in re.finditer(r"\[\s*(\d{16,})", code):
        raise error_at(code, found.start(), f"index {found[1][:24]} is out of range")


def unknown_gate(name: str, known: Iterable[str] = ()) -> str:
    """The complaint about an unknown gate, with the nearest known name.

    >>> unknown_gate("hh")
    "unknown gate 'hh'; the nearest known gate is 'h'"
    """
    names = sorted({*GATES, *known} - {name})
    near = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.0)[0]
    return f"unknown gate {name[:60]!r}; the nearest known gate is {near!r}"
