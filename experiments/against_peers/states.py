"""Uncut circuits as whole states: PennyLane's lightning, with adjoint gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.families import Case
from cutq import Operation

Angles = np.ndarray
Value = Callable[[Angles], Any]


def uncut(case: Case) -> tuple[Value, Value]:
    """The value and its gradient of an uncut circuit, as functions of the angles."""
    import pennylane as qml

    node = _node(case, lambda: qml.expval(qml.prod(*(qml.Z(int(one[1:])) for one in case.observables[0].split()))))
    slope = qml.grad(node)
    return lambda angles: float(node(angles)), lambda angles: slope(qml.numpy.array(angles, requires_grad=True))


def distribution(case: Case) -> Value:
    """All probabilities of an uncut circuit, as a function of the angles."""
    import pennylane as qml

    return _node(case, lambda: qml.probs(wires=range(case.circuit.num_qubits)), None)


def _node(case: Case, measured: Callable[[], Any], method: str | None = "adjoint") -> Any:
    """A quantum node of the whole circuit."""
    import pennylane as qml

    gates = {
        "h": qml.Hadamard,
        "rzz": qml.IsingZZ,
        "rx": qml.RX,
        "ry": qml.RY,
        "rz": qml.RZ,
        "cx": qml.CNOT,
        "cz": qml.CZ,
    }
    index = {name: number for number, name in enumerate(case.circuit.parameters)}

    @qml.qnode(qml.device("lightning.qubit", wires=case.circuit.num_qubits), diff_method=method)
    def node(angles: Angles) -> Any:
        for op in case.circuit.operations:
            gates[op.name](*_numbers(op, angles, index), wires=list(op.qubits))
        return measured()

    return node


def _numbers(op: Operation, angles: Angles, index: dict[str, int]) -> list[Any]:
    """The angles of a gate: its parameters themselves, or their numbers."""
    return [angles[index[name]] for name in op.parameters] or [one.at({}) for one in op.params]
