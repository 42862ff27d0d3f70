"""Qiskit circuits as values of cutq and back: qubit ``i`` is qubit ``i`` on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cutq.circuits.circuit import Circuit
from cutq.circuits.qiskit.expand import expanded
from cutq.circuits.qiskit.gates import expression, qiskit_gate

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


def from_qiskit(qc: QuantumCircuit) -> Circuit:
    """A Qiskit circuit as a :class:`Circuit`: same qubits, parameter names and global phase.

    Gates of the table stay, other gates are expanded by their definitions, gates given by matrices on one or
    two qubits become matrix gates. What comes from one gate on more than two qubits is recorded as a group.
    Barriers, delays and resets of untouched qubits are dropped, final measurements and resets after them
    too, with a note in ``metadata["notes"]``; ``metadata["source"]`` holds each operation's position in ``qc.data``.

    Raises:
        CircuitError: for a measurement or reset in the middle, classical control, an opaque gate, an angle
            that is not affine in its parameters, or more than ``expand.MAX_OPERATIONS`` operations.

    >>> from qiskit import QuantumCircuit
    >>> qc = QuantumCircuit(3)
    >>> _ = qc.h(0), qc.ccx(0, 1, 2)
    >>> circuit = from_qiskit(qc)
    >>> len(circuit.operations), circuit.groups[0].name, circuit.metadata["source"][:3]
    (16, 'ccx', (0, 1, 1))
    """
    return expanded(qc, qc.name)


def to_qiskit(circuit: Circuit) -> QuantumCircuit:
    """A circuit in Qiskit's standard gates, matrix gates as ``UnitaryGate``; names and global phase are kept.

    Qiskit keeps numeric global phases modulo ``2 pi``.

    >>> from cutq.circuits.angles import param
    >>> from cutq.circuits.circuit import Operation
    >>> to_qiskit(Circuit(2, (Operation("rzz", (0, 1), (param("t"),)),))).parameters[0].name
    't'
    """
    from qiskit import QuantumCircuit
    from qiskit.circuit import Parameter

    free = {name: Parameter(name) for name in circuit.parameters}
    name = circuit.metadata.get("name")
    qc = QuantumCircuit(circuit.num_qubits, name=name if isinstance(name, str) else None)
    qc.global_phase = expression(circuit.global_phase, free)
    for op in circuit.operations:
        qc.append(qiskit_gate(op, free), op.qubits)
    return qc
