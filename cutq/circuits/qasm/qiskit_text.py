"""Qiskit circuits for devices as OpenQASM 3: with the measurements, resets and conditionals that circuits lack here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cutq.circuits.qiskit.gates import reason_of
from cutq.errors import QasmError

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


def qiskit_text(circuit: QuantumCircuit) -> str:
    """A Qiskit circuit in OpenQASM 3, as Qiskit writes it.

    Raises:
        QasmError: Qiskit cannot write it, such as a matrix that is unitary to a few digits only.

    >>> from qiskit import QuantumCircuit
    >>> circuit = QuantumCircuit(1)
    >>> circuit.h(0)  # doctest: +ELLIPSIS
    <...>
    >>> print(qiskit_text(circuit), end="")
    OPENQASM 3.0;
    include "stdgates.inc";
    qubit[1] q;
    h q[0];
    """
    from qiskit import qasm3

    try:
        return str(qasm3.dumps(circuit))
    except Exception as cause:
        raise QasmError(f"Qiskit cannot write this circuit as OpenQASM 3: {reason_of(cause)}") from cause
