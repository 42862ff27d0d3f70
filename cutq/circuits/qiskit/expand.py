"""Qiskit instructions, expanded one after another into operations on one or two qubits."""

from __future__ import annotations

import functools
from collections.abc import Collection
from typing import Any

import numpy as np

from cutq.circuits.angles import Angle
from cutq.circuits.circuit import Circuit, Group, Operation, decompose
from cutq.circuits.gates import GATES, MATRIX_GATE, Matrix, gate
from cutq.circuits.qiskit.gates import TOLERANCE, affine, plain, reason_of, reversed_qubits, short, standard_row
from cutq.circuits.qiskit.matrices import phase_between, trials, unitary
from cutq.circuits.qiskit.shannon import shannon
from cutq.errors import CircuitError, CutqError

MAX_OPERATIONS = 5_000_000
"""Most instructions that one import expands."""

_MAX_ROW_SIZE = 1000
"""Most instructions in the definition of a gate that is compared with the row of its name."""


_MAX_MATRIX_QUBITS = 8
"""Most qubits of a gate without definition that is decomposed through its matrix."""


class InstructionError(CircuitError):
    """An instruction of a Qiskit circuit that has no meaning in a circuit of unitary gates.

    Attributes:
        index: its position in ``QuantumCircuit.data``.
        reason: what is wrong with it, one line.
    """

    def __init__(self, index: int, reason: str) -> None:
        super().__init__(index, reason)
        self.index, self.reason = index, reason

    def __str__(self) -> str:
        return f"instruction {self.index} of the Qiskit circuit: {self.reason}"


class TooManyError(CircuitError):
    """More instructions than an expansion may have."""


class Expansion:
    """Operations that grow with every instruction added.

    Args:
        limit: most instructions that may be expanded; all are counted, so that empty definitions count too.
        definitions: most definitions that may be looked into; equal ones of a text once.
        phase: the global phase to start with.

    >>> from qiskit.circuit.library import DCXGate
    >>> expansion = Expansion()
    >>> expansion.add(0, DCXGate(), (4, 2))
    >>> [(op.name, op.qubits) for op in expansion.operations]
    [('cx', (4, 2)), ('cx', (2, 4))]
    """

    def __init__(
        self,
        limit: int = MAX_OPERATIONS,
        definitions: int = MAX_OPERATIONS,
        phase: Angle = Angle(),
    ) -> None:
        self.limit, self.left, self.definitions, self.phase = limit, limit, definitions, phase
        self.known: dict[Any, Expansion] = {}
        self.operations: list[Operation] = []
        self.groups: list[Group] = []
        self.source: list[int] = []
        self.measured: dict[int, int] = {}
        self.touched: set[int] = set()
        self.reset: set[int] = set()

    def add(self, index: int, operation: Any, qubits: tuple[int, ...]) -> None:
        """Expand instruction ``index`` of the source.

        Raises:
            InstructionError: where it has no meaning as unitary gates; the measurement's index where a qubit
                is used after its measurement.
        """
        first = len(self.operations)
        try:
            self._expand(index, operation, qubits)
        except (InstructionError, TooManyError):
            raise
        except RecursionError:
            raise InstructionError(index, f"{operation.name} is nested too deeply") from None
        except Exception as cause:  # definitions run code of Qiskit and of users, which raises anything
            raise InstructionError(index, short(f"{operation.name}: {reason_of(cause)}", 300)) from cause
        last = len(self.operations)
        if len(qubits) > 2 and last > first and not isinstance(operation, _not_gates()):
            self.groups.append(Group(operation.name, tuple(range(first, last))))
        self.source.extend([index] * (last - first))

    def circuit(self, num_qubits: int, name: str | None) -> Circuit:
        """What has been added, as a circuit."""
        notes = (
            *_dropped("the final measurement", self.measured),
            *_dropped("the reset after the measurement", self.reset),
        )
        metadata = {"name": name, "notes": notes, "source": tuple(self.source)}
        return Circuit(num_qubits, tuple(self.operations), self.phase, tuple(self.groups), metadata)

    def _expand(self, index: int, operation: Any, qubits: tuple[int, ...]) -> None:
        self._spend(1, operation)
        row = standard_row(operation)
        if row is not None:
            self._emit(index, Operation(row, qubits, tuple(affine(value) for value in operation.params)))
        elif isinstance(operation, _not_gates()):
            self._not_a_gate(index, operation, qubits)
        else:
            self._shared(index, plain(operation), qubits)

    def _spend(self, steps: int, operation: Any) -> None:
        self.left -= steps
        if self.left < 0:
            raise TooManyError(f"too many operations, at {operation.name}: at most {MAX_OPERATIONS} after expansion")

    def _shared(self, index: int, operation: Any, qubits: tuple[int, ...]) -> None:
        """Expand a gate; gates of one text with equal angles only once."""
        key = _identity(operation)
        if key is None:
            self._composite(index, operation, qubits)
            return
        if key not in self.known:
            inner = Expansion(self.left, self.definitions)
            inner.known = self.known
            inner._composite(index, operation, tuple(range(len(qubits))))
            self.known[key], self.definitions = inner, inner.definitions
        inner = self.known[key]
        self._spend(inner.limit - inner.left, operation)
        self.phase = self.phase + inner.phase
        for op in inner.operations:
            self._emit(index, op.on(tuple(qubits[local] for local in op.qubits)))

    def _emit(self, index: int, op: Operation) -> None:
        for qubit in op.qubits:
            if qubit in self.measured:
                raise InstructionError(
                    self.measured[qubit],
                    f"mid-circuit measurement: qubit {qubit} is measured and then used by {op.name}; only "
                    "measurements at the end are understood",
                )
        self.touched.update(op.qubits)
        self.operations.extend(decompose(op))

    def _not_a_gate(self, index: int, operation: Any, qubits: tuple[int, ...]) -> None:
        if operation.name == "measure":
            self._measure(index, qubits)
        elif operation.name == "reset":
            self._reset(index, qubits)
        elif operation.name == "box":
            self._inline(index, operation.blocks[0], qubits)
        elif operation.name not in ("barrier", "delay"):
            raise InstructionError(index, f"classical control ({operation.name}) is not unitary; unroll it")

    def _measure(self, index: int, qubits: tuple[int, ...]) -> None:
        for qubit in qubits:
            if qubit in self.reset:
                raise InstructionError(index, f"measurement of qubit {qubit} after its reset is not unitary")
            self.measured.setdefault(qubit, index)

    def _reset(self, index: int, qubits: tuple[int, ...]) -> None:
        """Resets of untouched qubits and after final measurements change nothing that a circuit says."""
        for qubit in self.touched.intersection(qubits):
            if qubit not in self.measured:
                raise InstructionError(index, f"reset of qubit {qubit} after gates on it is not unitary")
            self.reset.add(qubit)

    def _composite(self, index: int, operation: Any, qubits: tuple[int, ...]) -> None:
        """Gates that are no row: a small matrix, a definition, or a row under its own definition."""
        from qiskit.circuit import Gate
        from qiskit.circuit.library import UnitaryGate

        if isinstance(operation, UnitaryGate):
            self._matrix_gate(index, operation.to_matrix(), qubits)
        elif operation.name in GATES and isinstance(operation, Gate) and (found := agreeing(operation)):
            row, phase = found
            self._emit(index, row.on(qubits))
            self.phase = self.phase + (phase if abs(phase) > TOLERANCE else 0.0)
        elif getattr(operation, "definition", None) is not None:
            self._inline(index, operation.definition, qubits)
        else:
            self._without_definition(index, operation, qubits)

    def _without_definition(self, index: int, operation: Any, qubits: tuple[int, ...]) -> None:
        from qiskit.circuit import Gate

        synthesized = _synthesized(operation) if len(qubits) > 2 or not isinstance(operation, Gate) else None
        if synthesized is not None:
            self._inline(index, synthesized, qubits)
        elif hasattr(operation, "__array__") and len(qubits) <= _MAX_MATRIX_QUBITS:
            self._matrix_gate(index, operation.to_matrix(), qubits)
        else:
            gate(operation.name)
            raise CircuitError(f"{operation.name} is opaque: it has neither a definition nor a small matrix")

    def _inline(self, index: int, definition: Any, qubits: tuple[int, ...]) -> None:
        self.definitions -= 1
        if self.definitions < 0:
            raise TooManyError("too many calls of defined gates with different angles")
        wires = dict(zip(definition.qubits, qubits, strict=True))
        self.phase = self.phase + affine(definition.global_phase)
        for inner in definition.data:
            self._expand(index, inner.operation, tuple(wires[bit] for bit in inner.qubits))

    def _matrix_gate(self, index: int, matrix: Matrix, qubits: tuple[int, ...]) -> None:
        if not qubits:
            self.phase = self.phase + float(np.angle(matrix[0, 0]))
        elif len(qubits) <= 2:
            entries: Any = reversed_qubits(matrix)
            self._emit(index, Operation(MATRIX_GATE, qubits, (), entries))
        else:
            for op in shannon(reversed_qubits(matrix), qubits):
                self._emit(index, op)


def expanded(qc: Any, name: str | None, definitions: int = MAX_OPERATIONS) -> Circuit:
    """A Qiskit circuit as a circuit of this name; see :func:`cutq.circuits.qiskit.from_qiskit`."""
    wires = {bit: number for number, bit in enumerate(qc.qubits)}
    expansion = Expansion(definitions=definitions, phase=affine(qc.global_phase))
    for index, instruction in enumerate(qc.data):
        expansion.add(index, instruction.operation, tuple(wires[bit] for bit in instruction.qubits))
    return expansion.circuit(qc.num_qubits, name)


def _identity(operation: Any) -> Any:
    """What makes gates of one OpenQASM text equal: the definition that they share, and their angles."""
    shared = getattr(operation, "_template", getattr(operation, "_gates", None))
    if shared is None or not all(isinstance(value, float) for value in operation.params):
        return None
    return operation.name, id(shared), *operation.params


@functools.cache
def _not_gates() -> tuple[type, ...]:
    from qiskit.circuit import Barrier, ControlFlowOp, Delay, Measure, Reset, Store

    return Barrier, ControlFlowOp, Delay, Measure, Reset, Store


def _synthesized(operation: Any) -> Any:
    """What Qiskit's high-level synthesis makes of an operation; None where it knows nothing."""
    from qiskit import QuantumCircuit
    from qiskit.exceptions import QiskitError
    from qiskit.transpiler.passes import HighLevelSynthesis

    whole = QuantumCircuit(operation.num_qubits)
    whole.append(operation, range(operation.num_qubits))
    try:
        parts = HighLevelSynthesis()(whole)
    except QiskitError:
        return None
    return None if any(inner.operation.name == operation.name for inner in parts.data) else parts


def _dropped(what: str, found: Collection[int]) -> tuple[str, ...]:
    """The note about it; none where there is nothing."""
    if not found:
        return ()
    qubits = sorted(found)
    shown = ", ".join(str(qubit) for qubit in qubits[:32]) + (", ..." if len(qubits) > 32 else "")
    return (f"dropped {what} of qubit{'s' if len(qubits) > 1 else ''} {shown}",)


def agreeing(operation: Any, phase: float | None = None) -> tuple[Operation, float] | None:
    """The row of the gate's name on qubits 0, 1, ... where the gate's own definition has the same matrix.

    Args:
        operation: a Qiskit gate.
        phase: the angle of the factor by which the matrices may differ; None where it may be any constant.

    Returns:
        The row and the angle of the factor that it lacks; None where the matrices differ.
    """
    row = gate(operation.name)
    shape = (operation.num_qubits, len(operation.params))
    if operation.definition is None or shape != (row.num_qubits, row.num_angles):
        return None
    inner = Expansion(_MAX_ROW_SIZE)
    wires = tuple(range(row.num_qubits))
    try:
        inner._inline(0, operation.definition, wires)
        claim = Operation(row.name, wires, tuple(affine(value) for value in operation.params))
    except CutqError:
        return None
    names = sorted({*inner.circuit(row.num_qubits, None).parameters, *claim.parameters})
    for values in trials(names):
        own = np.exp(1j * inner.phase.at(values)) * unitary(inner.operations, len(wires), values)
        known = claim.unitary(values)
        if phase is None:
            phase = float(np.angle(phase_between(known, own)))
        if inner.measured or np.abs(own - np.exp(1j * phase) * known).max() > TOLERANCE:
            return None
    return claim, phase or 0.0


def has_matrix(operation: Any, matrix: Matrix) -> bool:
    """Whether the definition of a gate without free parameters has this matrix up to a phase.

    Args:
        operation: a Qiskit gate on one or two qubits.
        matrix: first qubit most significant.

    >>> from qiskit.circuit.library import DCXGate
    >>> has_matrix(DCXGate(), gate("swap").matrix())
    False
    """
    inner = Expansion(_MAX_ROW_SIZE)
    try:
        inner._inline(0, operation.definition, tuple(range(operation.num_qubits)))
    except CutqError:
        return False
    own = unitary(inner.operations, operation.num_qubits, {})
    return not inner.measured and float(np.abs(own * phase_between(own, matrix) - matrix).max()) < TOLERANCE
