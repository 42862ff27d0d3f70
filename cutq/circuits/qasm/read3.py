"""OpenQASM 3 through Qiskit's parser and converter, with lines, limits and the gates of the table added."""

# ruff: noqa: N802, N815 (the converter dispatches on these names)

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from openqasm3 import ast, parser
from qiskit import QuantumCircuit
from qiskit.circuit import Gate
from qiskit.circuit.library import IGate, UnitaryGate
from qiskit_qasm3_import import types
from qiskit_qasm3_import.converter import ConvertVisitor
from qiskit_qasm3_import.data import Scope, Symbol
from qiskit_qasm3_import.exceptions import ConversionError, raise_from_node

from cutq.circuits.angles import Angle, param
from cutq.circuits.gates import GATES, Matrix
from cutq.circuits.qasm.calls import without_calls
from cutq.circuits.qasm.lines import MAX_BITS, check_depth, definitions, miscounted, unknown_gate
from cutq.circuits.qasm.read2 import LineOf
from cutq.circuits.qiskit.expand import MAX_OPERATIONS, agreeing, has_matrix
from cutq.circuits.qiskit.gates import (
    controlled,
    expression,
    raised,
    reason_of,
    reversed_qubits,
    short,
    standard_gates,
)
from cutq.errors import QasmError

_MAX_CONTROLS = (32, 8)
"""Most controls of a gate, in one modifier and in several, whose decompositions grow exponentially."""

_MAX_ANGLES = 32
"""Most angles of a defined gate, and most parameters in one of them: Qiskit is slow with long sums."""

_MAX_MODIFIED = 20_000
"""Most instructions of a gate under a modifier, each control counted 16 times: it is expanded at once."""

_TRIALS = (0.3781, -1.2046, 2.1113, 0.7719)


def read(text: str, code: str, exact: Mapping[str, Matrix]) -> tuple[QuantumCircuit, LineOf]:
    """The circuit of a text, and the line of each of its instructions; see :func:`read2.read`."""
    check_depth(code)
    try:
        defined = [found.name for found in definitions(code)]
        program = _program(text, code, {*GATES, "U", *defined})
        reader = _Reader(exact, defined)
        circuit = reader.convert(program, source=text).circuit
    except (ConversionError, parser.QASM3ParsingError) as cause:
        raise QasmError(_located(cause, text)) from cause
    return circuit, lambda index: reader.lines[min(index, len(reader.lines) - 1)]


def _program(text: str, code: str, gates: Collection[str]) -> ast.Program:
    rest, calls = without_calls(text, code, gates)
    try:
        program = _parse(rest)
    except parser.QASM3ParsingError:
        return _parse(text)  # so that the message is about the whole text
    return ast.Program(sorted([*program.statements, *calls], key=_place), program.version)


def _place(node: ast.QASMNode) -> tuple[int, int]:
    return (node.span.start_line, node.span.start_column) if node.span else (0, 0)


def _parse(text: str) -> ast.Program:
    """``openqasm3.parse`` without its messages on stderr and with the place of syntax errors."""
    tools: Any = parser
    lexer = tools.qasm3Lexer(tools.InputStream(text))
    lexer.removeErrorListeners()
    lexer.addErrorListener(tools._RaiseOnErrorListener())
    grammar = tools.qasm3Parser(tools.CommonTokenStream(lexer))
    grammar.removeErrorListeners()
    grammar._errHandler = tools.BailErrorStrategy()
    try:
        tree = grammar.program()
    except tools.ParseCancellationException as cause:
        token = getattr(cause.args[0], "offendingToken", None) if cause.args else None
        if token is None:
            raise
        shown = "unexpected end of the text" if token.text == "<EOF>" else f"unexpected {token.text[:60]!r}"
        raise parser.QASM3ParsingError(f"L{token.line}:C{token.column}: {shown}") from cause
    program: ast.Program = tools.QASMNodeVisitor().visitProgram(tree)
    return program


class _DefinedGate(Gate):  # type: ignore[misc]
    """A call of a gate of the text, expanded on demand; the converter's own copies its parts at once."""

    def __init__(self, name: str, template: QuantumCircuit, order: list[Any], values: Sequence[Any]) -> None:
        super().__init__(name, template.num_qubits, list(values))
        self._template, self._order = template, order

    def _define(self) -> None:
        values = dict(zip(self._order, self.params, strict=True))
        self._definition = self._template.assign_parameters(values) if values else self._template

    def __deepcopy__(self, memo: Any = None) -> _DefinedGate:
        return _DefinedGate(self.name, self._template, self._order, self.params)


class _Reader(ConvertVisitor):
    """The converter with limits, the table's gates, and the line of every instruction."""

    def __init__(self, exact: Mapping[str, Matrix], defined: list[str]) -> None:
        super().__init__()
        self.exact, self.defined = exact, defined
        self.lines: list[int] = []
        self._bits = 0
        self._size = 0
        self._sizes: dict[str, int] = {}
        self._free: dict[str, Any] = {}

    def visit_Program(self, node: ast.Program, context: Any) -> Any:
        for statement in node.statements:
            try:
                context = self.visit(statement, context)
            except ConversionError:
                raise
            except RecursionError:
                raise_from_node(statement, "an expression is nested too deeply")
            except Exception as cause:  # the converter assumes valid programs and lets anything escape
                raise_from_node(statement, reason_of(cause))
            new = len(context.circuit.data) - len(self.lines)
            self.lines.extend([_place(statement)[0]] * new)
            if len(self.lines) > MAX_OPERATIONS:
                raise_from_node(statement, f"the text has more than {MAX_OPERATIONS} instructions")
        return context

    def visit_Include(self, node: ast.Include, context: Any) -> Any:
        if node.filename != "stdgates.inc":
            raise_from_node(
                node,
                f"include {short(node.filename, 60)!r} is not read; paste its definitions into the text",
            )
        context = super().visit_Include(node, context)
        context.symbol_table.get("id").data = IGate
        return context

    def visit_QubitDeclaration(self, node: ast.QubitDeclaration, context: Any) -> Any:
        self._reserve(node, node.size, context)
        return super().visit_QubitDeclaration(node, context)

    def visit_IODeclaration(self, node: ast.IODeclaration, context: Any) -> Any:
        name = node.identifier.name
        symbol = context.symbol_table.get(name)
        if symbol is not None and isinstance(symbol.type, types.Gate):
            raise_from_node(node, f"input {name!r} has the name of a gate that is already defined")
        context = super().visit_IODeclaration(node, context)
        symbol = context.symbol_table.get(name)
        self._free[name], symbol.data = symbol.data, param(name)
        return context

    def _resolve_angle(self, node: Any, context: Any) -> Any:
        """An angle; inputs add up as :class:`Angle`, because Qiskit rounds, and is slow with sums of sums."""
        try:
            value = super()._resolve_angle(node, context)
        except TypeError:
            raise_from_node(node, "an angle is affine in the inputs, but here an input divides")
        return expression(value, self._free) if isinstance(value, Angle) else value

    def visit_ClassicalDeclaration(self, node: ast.ClassicalDeclaration, context: Any) -> Any:
        if isinstance(node.type, ast.BitType):
            self._reserve(node, node.type.size, context)
        return super().visit_ClassicalDeclaration(node, context)

    def _reserve(self, node: ast.QASMNode, size: ast.Expression | None, context: Any) -> None:
        self._bits += 1 if size is None else self._resolve_constant_int(size, context)
        if self._bits > MAX_BITS:
            raise_from_node(node, f"more than {MAX_BITS} qubits and bits")

    def _resolve_generic(self, node: Any, context: Any, strict: bool) -> Any:
        try:
            return super()._resolve_generic(node, context, strict)
        except IndexError:
            raise_from_node(node, self._out_of_range(node, context))

    def _out_of_range(self, node: Any, context: Any) -> str:
        """The complaint about the first index of ``name[index]`` or ``name[{index, ...}]`` that is too large."""
        for name, index in _indexed(node):
            symbol = context.symbol_table.get(name)
            size = len(symbol.data)
            what = "qubit" if isinstance(symbol.type, types.QubitArray) else "bit"
            for number in (self._resolve_constant_int(entry, context) for entry in index):
                if not -size <= number < size:
                    return f"{what} {number} is out of range: {name} has {size} {what}{'' if size == 1 else 's'}"
        return "an index is out of range"

    def visit_QuantumGateDefinition(self, node: ast.QuantumGateDefinition, context: Any) -> Any:
        if len(node.arguments) > _MAX_ANGLES:
            raise_from_node(node, f"a gate with more than {_MAX_ANGLES} angles")
        outer, self._size = self._size, 0
        context = super().visit_QuantumGateDefinition(node, context)
        self._sizes[node.name.name], self._size = self._size, outer
        symbol = context.symbol_table.get(node.name.name)
        template = symbol.data._definition
        by_name = {parameter.name: parameter for parameter in template.parameters}
        # The converter itself would take the parameters in alphabetical order.
        order = [by_name[argument.name] for argument in node.arguments]
        symbol.data = lambda *values: _DefinedGate(node.name.name, template, order, _checked(values, order))
        symbol.data = self._trusted(node.name.name, len(order), template.num_qubits, symbol.data)
        return context

    def _trusted(self, name: str, num_angles: int, num_qubits: int, build: Any) -> Any:
        """The constructor of the matrix or row of this name where the definition agrees, else ``build``."""
        if name in self.exact and num_angles == 0 and 2**num_qubits == len(self.exact[name]):
            if has_matrix(build(), self.exact[name]):
                return lambda: UnitaryGate(reversed_qubits(self.exact[name]))
        elif name in GATES and (num_angles, num_qubits) == (GATES[name].num_angles, GATES[name].num_qubits):
            trials = (_TRIALS[:num_angles], _TRIALS[::-1][:num_angles])
            if all(agreeing(build(*values), phase=0.0) is not None for values in trials):
                return standard_gates()[name]
        return build

    def visit_QuantumGate(self, node: ast.QuantumGate, context: Any) -> Any:
        name = node.name.name
        if context.symbol_table.get(name, node) is None:
            self._add_row(name, node, context)
        self._count(node, context)
        self._check_counts(node, context)
        return super().visit_QuantumGate(node, context)

    def _check_counts(self, node: ast.QuantumGate, context: Any) -> None:
        kind = context.symbol_table.get(node.name.name).type
        if not isinstance(kind, types.Gate):
            return
        # The converter itself describes U by lists.
        angles, width = (3, 1) if node.name.name == "U" else (kind.n_classical, kind.n_quantum)
        if len(node.arguments) != angles:
            raise_from_node(node, miscounted(node.name.name, angles, len(node.arguments), "angle"))
        self._check_qubits(node, node.name.name, width, context)

    def visit_QuantumPhase(self, node: ast.QuantumPhase, context: Any) -> Any:
        self._check_qubits(node, "gphase", 0, context)
        return super().visit_QuantumPhase(node, context)

    def _check_qubits(self, node: Any, name: str, width: int, context: Any) -> None:
        kinds = (ast.GateModifierName.ctrl, ast.GateModifierName.negctrl)
        controls = sum(self._controls(found, context) for found in node.modifiers if found.modifier in kinds)
        if len(node.qubits) != width + controls:
            called = f"ctrl @ {name}" if controls else name
            raise_from_node(node, miscounted(called, width + controls, len(node.qubits), "qubit"))

    def _add_row(self, name: str, node: ast.QuantumGate, context: Any) -> None:
        """Know a gate of the table that stdgates.inc lacks."""
        known = context.symbol_table.get("cx") is not None
        if name not in GATES or not known:
            hint = f'gate {name!r} is not defined; the text lacks include "stdgates.inc"'
            raise_from_node(node, hint if name in GATES else unknown_gate(name, self.defined))
        kind = types.Gate(GATES[name].num_angles, GATES[name].num_qubits)
        context.symbol_table.insert(Symbol(name, standard_gates()[name], kind, Scope.GLOBAL, node))

    def _count(self, node: ast.QuantumGate, context: Any) -> None:
        """Add up the size of the gate definition in progress, and bound what Qiskit expands for modifiers."""
        size = self._sizes.get(node.name.name, 1)
        controls = []
        for modifier in node.modifiers:
            if modifier.modifier is ast.GateModifierName.pow:
                exponent: Any = modifier.argument
                size *= 1 + int(abs(self._resolve_constant_float(exponent, context)))
            elif modifier.modifier is not ast.GateModifierName.inv:
                controls.append(self._controls(modifier, context))
        if sum(controls) > _MAX_CONTROLS[len(controls) > 1]:
            raise_from_node(node, f"{sum(controls)} controls in {len(controls)} modifiers are too many")
        size *= max(1, 16 * sum(controls))
        if node.modifiers and size > _MAX_MODIFIED:
            raise_from_node(node, f"{node.name.name} is too large for a modifier; write the gate out")
        self._size += size

    def _apply_gate_modifier(self, modifier: Any, gate: Any, context: Any) -> Any:
        if gate.num_qubits == 0:
            gate.name = "gphase"  # the converter's name counts circuits and differs in every run
        if modifier.modifier is ast.GateModifierName.inv:
            return gate.inverse()
        if modifier.modifier is ast.GateModifierName.pow:
            return raised(gate, self._resolve_constant_float(modifier.argument, context))
        state = None if modifier.modifier is ast.GateModifierName.ctrl else 0
        return controlled(gate, self._controls(modifier, context), state)

    def _controls(self, modifier: Any, context: Any) -> int:
        return 1 if modifier.argument is None else self._resolve_constant_int(modifier.argument, context)

    def visit_QuantumBarrier(self, node: ast.QuantumBarrier, context: Any) -> Any:
        for operand in node.qubits:
            self._resolve_qarg(operand, context)
        return context

    def _classical(self, node: ast.QASMNode, context: Any) -> Any:
        raise_from_node(node, f"classical control ({type(node).__name__}) is not unitary; unroll it")

    visit_BranchingStatement = visit_WhileLoop = visit_ForInLoop = visit_SwitchStatement = _classical


def _indexed(node: Any) -> list[tuple[str, list[Any]]]:
    """Names of registers and the single indices into them, in the order of the text."""
    if isinstance(node, ast.Concatenation):
        return _indexed(node.lhs) + _indexed(node.rhs)
    register = getattr(node, "name", getattr(node, "collection", None))
    index: Any = node.indices[0] if isinstance(node, ast.IndexedIdentifier) else getattr(node, "index", None)
    if not isinstance(register, ast.Identifier) or index is None:
        return []
    entries = getattr(index, "values", index)
    return [(register.name, [entry for entry in entries if not isinstance(entry, ast.RangeDefinition)])]


def _checked(values: tuple[Any, ...], order: list[Any]) -> tuple[Any, ...]:
    if len(values) != len(order):
        raise ValueError(f"the gate takes {len(order)} angles, got {len(values)}")
    if any(len(getattr(value, "parameters", ())) > _MAX_ANGLES for value in values):
        raise ValueError(f"an angle of a defined gate depends on more than {_MAX_ANGLES} parameters")
    return values


def _located(cause: Exception, text: str) -> str:
    """The message of a parser with line and column in words, both counted from 1."""
    message = short(str(getattr(cause, "message", cause)), 300) or "syntax error"
    found = re.match(r"L?(\d+)(?:,|:C)(\d+): (.*)", message)
    if not found:
        return message
    line, column = int(found[1]), int(found[2])
    start = sum(len(row) + 1 for row in text.split("\n")[: line - 1])
    if column >= start and line > 1:  # the parser gives the place of names from the start of the text
        column -= start
    return f"line {line}, column {column + 1}: {found[3]}"
