"""What a device makes of a circuit: SWAPs where qubits are no neighbours, waits, and what disturbs at a time.

A layer is the time of a CZ; turns take none. A qubit that was not used yet is in 0 and does not suffer.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from experiments.noise.devices import SWAP, Device

if TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.transpiler import PassManager

LAYERS = {"cz": 1, SWAP: 3}
"""Layers that a gate takes."""

TRIALS = 20
"""Layouts that are tried for a circuit, and ways to route each."""


@dataclass(frozen=True)
class Timed:
    """A gate with its time.

    Attributes:
        gate: of Qiskit.
        qubits: its qubits.
        start, end: in layers.
    """

    gate: Any
    qubits: tuple[int, ...]
    start: int
    end: int

    @property
    def is_pair(self) -> bool:
        """Whether it acts on two qubits."""
        return len(self.qubits) == 2


def routed(circuit: QuantumCircuit) -> QuantumCircuit:
    """The circuit on a line of as many qubits, with the layout and the SWAPs of SABRE."""
    return _passes(circuit.num_qubits).run(circuit)


@lru_cache(maxsize=8)
def _passes(qubits: int) -> PassManager:
    from qiskit.transpiler import CouplingMap, PassManager
    from qiskit.transpiler.passes import SabreLayout

    line = CouplingMap.from_line(qubits)
    return PassManager([SabreLayout(line, seed=1, max_iterations=4, swap_trials=TRIALS, layout_trials=TRIALS)])


def timed(circuit: QuantumCircuit, early: bool) -> list[Timed]:
    """Gates and readings as late as the others let them be, or so early that qubits end soon; in their order."""
    gates = [(one.operation, _qubits(circuit, one.qubits)) for one in circuit.data]
    found = _tightened(_soon(gates)) if early else _late(gates)
    return sorted(found, key=lambda one: one.start)  # stable: turns, which take no time, stay between their neighbours


def _qubits(circuit: QuantumCircuit, qubits: Iterable[Any]) -> tuple[int, ...]:
    return tuple(circuit.find_bit(qubit).index for qubit in qubits)


def _soon(gates: Sequence[tuple[Any, tuple[int, ...]]]) -> list[Timed]:
    free: dict[int, int] = {}
    found = []
    for gate, qubits in gates:
        start = max(free.get(qubit, 0) for qubit in qubits)
        found.append(Timed(gate, qubits, start, start + LAYERS.get(gate.name, 0)))
        free.update(dict.fromkeys(qubits, found[-1].end))
    return found


def _late(gates: Sequence[tuple[Any, tuple[int, ...]]]) -> list[Timed]:
    backwards = _soon(gates[::-1])[::-1]
    last = max((one.end for one in backwards), default=0)
    return [replace(one, start=last - one.end, end=last - one.start) for one in backwards]


def _tightened(gates: Sequence[Timed]) -> list[Timed]:
    """Gates moved later wherever qubits then wait less, such as where wires begin before they are met; and turns."""
    found = list(gates)
    for k in reversed(range(len(found))):
        own = found[k]
        behind = [_next(found[k + 1 :], qubit) for qubit in own.qubits]
        met = [one.start for one in behind if one is not None]
        before = [qubit for qubit in own.qubits if _next([one for one in found[:k] if one.is_pair], qubit) is not None]
        if len(met) > len(before) or (met and not own.is_pair):
            late = min(met) - own.end
            found[k] = replace(own, start=own.start + late, end=own.end + late)
    return found


def _next(gates: Sequence[Timed], qubit: int) -> Timed | None:
    return next((one for one in gates if qubit in one.qubits), None)


def beside(gates: Sequence[Timed]) -> list[tuple[Timed, int, int]]:
    """Pairs of neighbours on the line that are in different two-qubit gates at a time, each after the later gate."""
    found = []
    for one, other in itertools.combinations([gate for gate in gates if gate.is_pair], 2):
        if one.start < other.end and other.start < one.end:
            near = [(a, b) for a in one.qubits for b in other.qubits if abs(a - b) == 1]
            found += [(other, a, b) for a, b in near]
    return found


def prepared(circuit: QuantumCircuit, own: Device) -> QuantumCircuit:
    """What a device runs instead of a circuit, up to the readings: with SWAPs, waits and crosstalk as gates.

    Returns:
        A circuit without measurements, on which Aer's noise acts by the names of gates; ``metadata["read"]`` are the
        qubits whose bits are read, in the order of the bits.
    """
    from qiskit import QuantumCircuit

    circuit = routed(circuit) if own.line else circuit
    gates = timed(circuit, own.early)
    disturbed = beside(gates) if own.crosstalk else []
    found, free = QuantumCircuit(circuit.num_qubits), dict[int, int]()
    for one in gates:
        for qubit in one.qubits if own.waits else ():
            for _ in range(one.start - free.get(qubit, one.start)):
                found.id(qubit)
        if one.gate.name != "measure":
            found.append(one.gate, one.qubits)
        free.update(dict.fromkeys(one.qubits, one.end))
        for a, b in [(a, b) for gate, a, b in disturbed if gate is one]:
            found.rzz(own.crosstalk, a, b)
    found.metadata = {"read": _read(circuit)}
    return found


def _read(circuit: QuantumCircuit) -> list[int]:
    """The qubits that are measured, by bit."""
    bits = {}
    for one in circuit.data:
        if one.operation.name == "measure":
            bits[circuit.find_bit(one.clbits[0]).index] = circuit.find_bit(one.qubits[0]).index
    return [bits[bit] for bit in range(len(bits))]
