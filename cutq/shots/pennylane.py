"""A runner for PennyLane's devices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cutq.circuits.checks import is_ready, shown
from cutq.circuits.circuit import Operation
from cutq.errors import DeviceError, ParameterError
from cutq.shots.devices import Device, fitting_program, one_by_one, tallied, untold
from cutq.shots.jobs import Counts, Job
from cutq.shots.program import NEEDS, Conditional, Gate, Measure, Program

NAMES = {
    "id": "Identity", "x": "PauliX", "y": "PauliY", "z": "PauliZ", "h": "Hadamard", "s": "S", "t": "T", "sx": "SX",
    "rx": "RX", "ry": "RY", "rz": "RZ", "p": "PhaseShift", "u1": "PhaseShift", "u2": "U2", "u3": "U3", "u": "U3",
    "cx": "CNOT", "cy": "CY", "cz": "CZ", "ch": "CH", "swap": "SWAP", "iswap": "ISWAP", "ecr": "ECR",
    "cp": "ControlledPhaseShift", "cu1": "ControlledPhaseShift", "crx": "CRX", "cry": "CRY", "crz": "CRZ",
    "rxx": "IsingXX", "ryy": "IsingYY", "rzz": "IsingZZ",
}  # fmt: skip
"""PennyLane's names of gates; the others are given by their matrices."""

ADJOINTS = {"sdg": "S", "tdg": "T", "sxdg": "SX"}
"""Gates that are the adjoints of others in PennyLane."""

BRANCHING = "tree-traversal"
"""The way to simulate mid-circuit measurements in which equal outcomes are followed together."""


@dataclass(frozen=True, eq=False)
class PennyLaneRunner:
    """Runs circuits on a PennyLane device, one after the other.

    Attributes:
        device: the device, for example ``qml.device("default.qubit", seed=0)``; its seed is the one that counts.

    Raises:
        DeviceError: PennyLane is not installed.
        ParameterError: this is no device.
    """

    device: Any

    def __post_init__(self) -> None:
        _pennylane()
        if not is_ready(self.device, "execute") or not hasattr(self.device, "wires"):
            raise ParameterError(
                f"a device of PennyLane is one such as qml.device('default.qubit'), got {shown(self.device)}"
            )

    def run(self, jobs: Sequence[Job]) -> list[Counts]:
        """The counts of each job.

        Raises:
            DeviceError: before anything runs, where a circuit has more qubits than the device, or takes what it does
                not have.
            CountsError: the device failed on a circuit; ``error.counts`` has the counts of those that it ran, by
                position of the job.
        """
        wires = self.device.wires
        lacks = NEEDS if self._method() is None else frozenset[str]()
        device = Device(f"PennyLane's {self.device.name}", None if wires is None else len(wires), lacks)
        programs = [fitting_program(job.variant, device) for job in jobs]
        return one_by_one(jobs, lambda k: self._counts(programs[k], jobs[k].shots), device)

    def _counts(self, program: Program, shots: int) -> Counts:
        if not program.num_bits or not shots:
            return untold(shots, program.num_bits)
        qml = _pennylane()
        wires = range(program.num_qubits) if self.device.wires is None else self.device.wires.tolist()
        method = self._method() if program.needs else None
        node = qml.QNode(lambda: _queued(program, wires), self.device, diff_method=None, mcm_method=method)
        shown = np.asarray(qml.set_shots(node, shots=shots)()).astype(np.uint8).reshape(shots, program.num_bits)
        return tallied(np.packbits(shown, axis=1, bitorder="little")[:, ::-1], program.num_bits)

    def _method(self) -> str | None:
        """The device's way to measure inside a circuit; None where it has none but to defer it to wires of its own."""
        capabilities = getattr(self.device, "capabilities", None)
        known = list(getattr(capabilities, "supported_mcm_methods", ()))
        return BRANCHING if self.device.name == "default.qubit" or BRANCHING in known else next(iter(known), None)


def _queued(program: Program, wires: Sequence[Any]) -> Any:
    """The program as PennyLane records it, and the samples of its bits."""
    qml = _pennylane()
    midway = bool(program.needs)
    bits: dict[int, Any] = {}
    for instruction in program.instructions:
        own = [wires[qubit] for qubit in instruction.qubits]
        if isinstance(instruction, Gate):
            gate(instruction.operation, own)
        elif isinstance(instruction, Conditional):
            qml.cond(bits[instruction.bit], gate)(instruction.operation, own)
        elif isinstance(instruction, Measure):
            bits[instruction.bit] = qml.measure(own[0]) if midway else own[0]
        else:
            qml.measure(own[0], reset=True)
    found = [bits[bit] for bit in range(program.num_bits)]
    return qml.sample(found) if midway else qml.sample(wires=found)


def gate(operation: Operation, wires: Sequence[Any]) -> Any:
    """An operation whose angles are numbers as a PennyLane operation on these wires, up to its phase."""
    qml = _pennylane()
    angles = [angle.constant for angle in operation.params]
    if operation.name in NAMES:
        return getattr(qml, NAMES[operation.name])(*angles, wires=wires)
    if operation.name in ADJOINTS:
        return qml.adjoint(getattr(qml, ADJOINTS[operation.name]))(wires=wires)
    return qml.QubitUnitary(operation.unitary({}), wires=wires)


def _pennylane() -> Any:
    try:
        import pennylane  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError as cause:
        raise DeviceError('PennyLane is not installed; pip install "cutq[pennylane]"') from cause
    return pennylane
