"""Gates and angles of Qiskit as those of cutq and back, one at a time.

Qiskit's first qubit of a gate is the least significant of its matrix, cutq's the most significant, so
matrices are permuted here and nowhere else.
"""

from __future__ import annotations

import functools
import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from cutq.circuits.angles import Angle, angle, param
from cutq.circuits.circuit import Operation
from cutq.circuits.gates import GATES, MATRIX_GATE, Matrix
from cutq.errors import CircuitError, CutqError

if TYPE_CHECKING:
    from collections.abc import Mapping

TOLERANCE = 1e-9
"""Largest difference of matrix entries, or of angles, that counts as none."""

_MAX_MATRIX_QUBITS = 6
"""Most qubits of a gate that is raised to a power or controlled through its matrix."""

_MAX_POWER = 10_000
"""Most repetitions that a power of a gate stands for."""


_MISTAKES = (AssertionError, AttributeError, LookupError, NameError, TypeError)
"""Exceptions whose texts are about the program that raised them."""

_CODE = re.compile(r"<lambda>|<locals>|<class |<function |\b__\w+__\b|\w\(\) | at 0x[0-9a-f]")
"""Signs that a text is about a program, too."""


@functools.cache
def standard_gates() -> dict[str, Any]:
    """Qiskit's class for every row of the table, by the row's name."""
    from qiskit.circuit.library import get_standard_gate_name_mapping

    known = get_standard_gate_name_mapping()
    return {name: known[name].base_class for name in GATES}


@functools.cache
def _row_of_class() -> dict[Any, str]:
    return {standard: name for name, standard in standard_gates().items()}


def standard_row(operation: Any) -> str | None:
    """The row of the operation's Qiskit class; None for open controls and all other gates."""
    name = _row_of_class().get(getattr(operation, "base_class", None))
    if name is None or getattr(operation, "num_ctrl_qubits", 0) == 0:
        return name
    return name if operation.ctrl_state == 2**operation.num_ctrl_qubits - 1 else None


def affine(value: Any) -> Angle:
    """A number or a Qiskit parameter expression as an angle; coefficients are exact derivatives.

    Raises:
        CutqError: where it is not affine in its parameters, not real or not finite.

    >>> from qiskit.circuit import Parameter
    >>> affine(2 * Parameter("s") - Parameter("t") + 0.1)
    2.0*s - t + 0.1
    """
    from qiskit.circuit import Parameter, ParameterExpression

    if isinstance(value, Parameter):
        return param(value.name)
    if not isinstance(value, ParameterExpression):
        return angle(_real(value))
    try:
        found = _tangent(value)
    except (ArithmeticError, RuntimeError, TypeError, ValueError):
        found = None
    if found is None:
        raise CircuitError(
            f"an angle is affine in its parameters, but {short(str(value))} is not; compute it outside and "
            "bind it as one parameter"
        )
    return found


def _tangent(value: Any) -> Angle | None:
    """The affine function with the expression's value and gradient at 0; None where they differ elsewhere."""
    names = {symbol: symbol.name for symbol in value.parameters}
    terms = []
    for symbol, name in names.items():
        slope = value.gradient(symbol)
        if getattr(slope, "parameters", ()):
            return None
        terms.append((name, _real(slope)))
    constant = _real(value.bind(dict.fromkeys(names, 0.0)))
    found = Angle(tuple(sorted((name, slope) for name, slope in terms if slope != 0.0)), constant)
    # Qiskit differentiates some functions wrongly or not at all, so the claim is checked at a point.
    point = {symbol: 0.7 + 0.31 * number for number, symbol in enumerate(names)}
    there = found.at({symbol.name: at for symbol, at in point.items()})
    close = math.isclose(_real(value.bind(point)), there, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return found if close else None


def _real(value: Any) -> float:
    number = complex(value.numeric()) if hasattr(value, "numeric") else complex(value)
    if number.imag != 0.0:
        raise CircuitError(f"an angle is a real number, got {number}")
    return angle(number.real).constant


def expression(value: Angle, free: Mapping[str, Any]) -> Any:
    """The angle as a number or a Qiskit expression."""
    if not value.terms:
        return value.constant
    parts = [free[name] if factor == 1.0 else factor * free[name] for name, factor in value.terms]
    total = functools.reduce(lambda left, right: left + right, parts)
    return total + value.constant if value.constant else total


def qiskit_gate(op: Operation, free: Mapping[str, Any]) -> Any:
    """The operation as a Qiskit gate.

    Args:
        op: the operation.
        free: Qiskit's parameters by name.
    """
    from qiskit.circuit.library import UnitaryGate

    if op.name == MATRIX_GATE:
        return UnitaryGate(reversed_qubits(np.array(op.matrix)))
    return standard_gates()[op.name](*(expression(value, free) for value in op.params))


def reversed_qubits(matrix: Matrix) -> Matrix:
    """The matrix with the order of its qubits reversed: from Qiskit's order to cutq's and back.

    >>> from cutq.circuits.gates import gate
    >>> reversed_qubits(gate("cx").matrix()).real.astype(int).tolist()
    [[1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0], [0, 1, 0, 0]]
    """
    qubits = len(matrix).bit_length() - 1
    axes = (*reversed(range(qubits)), *reversed(range(qubits, 2 * qubits)))
    tensor = np.asarray(matrix, dtype=complex).reshape((2,) * (2 * qubits))
    return tensor.transpose(axes).reshape(matrix.shape)


def controlled(base: Any, controls: int, state: int | None = None) -> Any:
    """A Qiskit gate with controls, carried out; all of them are 1 where no state is given.

    Raises:
        CircuitError: for a matrix that would be too large with its controls.
    """
    from qiskit.circuit.library import UnitaryGate

    width = base.num_qubits + controls
    if isinstance(base, UnitaryGate) and base.num_qubits == 1 and width > 2:
        base = base.definition.to_gate()  # Qiskit would write out the matrix of all qubits
        base.name = "unitary"
    elif isinstance(base, UnitaryGate) and width > _MAX_MATRIX_QUBITS:
        raise CircuitError(f"a matrix on {width} qubits is too large for controls")
    return base.control(controls, ctrl_state=state, annotated=False)


def raised(base: Any, exponent: float) -> Any:
    """A Qiskit gate to a power; whole powers of gates with a definition are repetitions, others go by the
    matrix.

    Raises:
        CircuitError: where the matrix would be too large or the repetitions too many.
    """
    from qiskit.exceptions import QiskitError

    whole = float(exponent).is_integer() and base.definition is not None
    if whole and standard_row(base) is None:
        return _repeated(base, int(exponent))
    if base.num_qubits > _MAX_MATRIX_QUBITS:
        raise CircuitError(f"a power of {base.name} on {base.num_qubits} qubits is too large to compute")
    try:
        return base.power(exponent)
    except (QiskitError, TypeError):
        if not whole:
            reason = f"the power {exponent} of {base.name} with free parameters is unknown"
            raise CircuitError(reason) from None
        return _repeated(base, int(exponent))


def _repeated(base: Any, times: int) -> Any:
    from qiskit import QuantumCircuit

    if abs(times) > _MAX_POWER:
        raise CircuitError(f"power {times} of {base.name} repeats it too often")
    once = base.inverse() if times < 0 else base
    body = QuantumCircuit(base.num_qubits, name=f"{base.name}^{times}")
    for _ in range(abs(times)):
        body.append(once, range(base.num_qubits))
    return body.to_gate()


def plain(op: Any) -> Any:
    """An annotated operation with its modifiers carried out."""
    from qiskit.circuit import AnnotatedOperation, ControlModifier, InverseModifier, PowerModifier

    if not isinstance(op, AnnotatedOperation):
        return op
    base = plain(op.base_op)
    for modifier in op.modifiers:
        if isinstance(modifier, InverseModifier):
            base = base.inverse()
        elif isinstance(modifier, PowerModifier):
            base = raised(base, modifier.power)
        elif isinstance(modifier, ControlModifier):
            base = controlled(base, modifier.num_ctrl_qubits, modifier.ctrl_state)
    return base


def short(text: str, limit: int = 120) -> str:
    """The text on one line of at most ``limit`` characters, such that it can be printed."""
    line = " ".join(text.split())[: 2 * limit]
    line = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in line)
    return line if len(line) <= limit else line[: limit - 3] + "..."


def reason_of(cause: BaseException) -> str:
    """What an exception says, on one line; only its kind where it says nothing or speaks of Python code."""
    said = short(str(getattr(cause, "message", None) or cause), 300)
    if isinstance(cause, CutqError):
        return said
    ours = isinstance(cause, _MISTAKES) or not isinstance(cause, Exception) or _CODE.search(said)
    return f"Qiskit cannot make sense of it ({type(cause).__name__})" if ours or not said else said
