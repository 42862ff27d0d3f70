"""Plain gate calls of OpenQASM 3, such as ``rx(0.1) q[3];``, taken out before the parser.

Qiskit's grammar reads some 2000 statements a second. Most statements of a large text are calls of known gates
with literal angles on indexed qubits; their syntax trees are built here, and the parser gets what is left.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TypeVar

from openqasm3 import ast

from cutq.circuits.qasm.lines import statements

_Node = TypeVar("_Node", bound=ast.QASMNode)

_NUMBER = r"-?\s*\d+(?:\.\d*(?:[eE][-+]?\d+)?)?"
_QUBIT = r"[A-Za-z_]\w*\s*\[\s*\d+\s*\]"
_CALL = re.compile(
    rf"([A-Za-z_]\w*)\s*(?:\(\s*({_NUMBER}(?:\s*,\s*{_NUMBER})*)\s*\))?\s*({_QUBIT}(?:\s*,\s*{_QUBIT})*)\s*;",
    re.ASCII,
)
_CONTEXT = re.compile(r"\b(?:for|while|if|else|switch|pragma)\b|^\s*@|#", re.MULTILINE)
"""What may change the meaning of the statement behind it."""


def without_calls(text: str, code: str, gates: Collection[str]) -> tuple[str, list[ast.Statement]]:
    """The text without its plain calls of these gates, on the same lines and columns, and the calls.

    >>> rest, calls = without_calls("qubit q; x q[0];", "qubit q; x q[0];", {"x"})
    >>> rest.rstrip(), calls[0].name.name, calls[0].span.start_column
    ('qubit q;', 'x', 9)
    """
    if _CONTEXT.search(code):
        return text, []
    calls: list[ast.Statement] = []
    rest: list[str] = []
    done, line = 0, 1
    for start, end in statements(code):
        found = _CALL.fullmatch(code, start, end)
        if found and found[1] in gates:
            line += text.count("\n", done, start)
            calls.append(_node(found, line, start - text.rfind("\n", 0, start) - 1))
            rest += [text[done:start], _blank(text, start, end)]
            done, line = end, line + text.count("\n", start, end)
    return "".join([*rest, text[done:]]), calls


def _blank(text: str, start: int, end: int) -> str:
    """Line ends, and spaces where a column behind them depends on it; spaces cost the parser time."""
    if text[end : end + 1] in ("\n", ""):
        return "\n" * text.count("\n", start, end)
    return re.sub(r"[^\n]", " ", text[start:end])


def _node(found: re.Match[str], line: int, column: int) -> ast.QuantumGate:
    span = ast.Span(line, column, line, column)
    node = ast.QuantumGate(
        modifiers=[],
        name=_at(ast.Identifier(found[1]), span),
        arguments=[_at(_literal(text), span) for text in (found[2] or "").split(",") if text.strip()],
        qubits=[_at(_qubit(text, span), span) for text in found[3].split(",")],
    )
    return _at(node, span)


def _literal(text: str) -> ast.Expression:
    digits = text.replace(" ", "").replace("\n", "").replace("\t", "")
    whole = digits.lstrip("-").isdigit()
    return ast.IntegerLiteral(int(digits)) if whole else ast.FloatLiteral(float(digits))


def _qubit(text: str, span: ast.Span) -> ast.IndexedIdentifier:
    name, index = text.rstrip(" \t\n]").split("[")
    register = _at(ast.Identifier(name.strip()), span)
    return ast.IndexedIdentifier(register, [[_at(ast.IntegerLiteral(int(index)), span)]])


def _at(node: _Node, span: ast.Span) -> _Node:
    node.span = span
    return node
