"""Qiskit circuits of fragments for a device."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from cutq.circuits.circuit import Operation
from cutq.circuits.qiskit.gates import qiskit_gate
from cutq.errors import PlanError
from cutq.network.network import Fragment, Slot
from cutq.network.reuse import schedule
from cutq.shots.hosting import Block, hosted, ordered
from cutq.shots.instructions import bound, variant_program
from cutq.shots.program import Conditional, Gate, Instruction, Measure, Program
from cutq.shots.synthesis import BASES, PREPARATIONS, named
from cutq.shots.variants import Variant

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

REGISTER = "c"
"""Name of the classical register."""


def variant_circuit(variant: Variant, *, reuse: bool = False, midway: bool = True) -> QuantumCircuit:
    """The circuit of a variant.

    Args:
        variant: the variant.
        reuse: whether a qubit whose wire has ended is reset and hosts another, where that takes fewer qubits; else
            every segment and every ancilla has a qubit of its own, the segments first.
        midway: whether a qubit that a choice measures may be used afterwards; if not, an ancilla is measured instead.

    Returns:
        A circuit whose classical bit ``k`` is bit ``k`` of a shot.

    Raises:
        DeviceError: a choice is nothing that a device can do.

    >>> from cutq.circuits.circuit import Circuit
    >>> from cutq.network.frames import FRAMES
    >>> from cutq.network.legspace import places
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> from cutq.shots.variants import Choice
    >>> pair = Circuit(2, (Operation("h", (0,)), Operation("cx", (0, 1))))
    >>> fragment = split(pair, CutPlan.from_partition(pair, "AB")).fragments[0]
    >>> name, vectors = FRAMES["full"].rows(places(fragment)[0])[3]
    >>> qc = variant_circuit(Variant(0, fragment, {}, (Choice((0,), name, vectors),), "X"))
    >>> [instruction.operation.name for instruction in qc.data]
    ['h', 'sdg', 'h', 'measure']
    """
    return written(variant_program(variant, reuse=reuse, midway=midway))


def written(program: Program) -> QuantumCircuit:
    """A program as a circuit, with one classical register of its bits, if it has any."""
    from qiskit import QuantumCircuit
    from qiskit.circuit import ClassicalRegister

    circuit = QuantumCircuit(program.num_qubits)
    if program.num_bits:
        circuit.add_register(ClassicalRegister(program.num_bits, REGISTER))
    for instruction in program.instructions:
        _write(circuit, instruction)
    return circuit


def _write(circuit: QuantumCircuit, instruction: Instruction) -> None:
    if isinstance(instruction, Gate):
        circuit.append(qiskit_gate(instruction.operation, {}), instruction.qubits)
    elif isinstance(instruction, Measure):
        circuit.measure(instruction.qubit, instruction.bit)
    elif isinstance(instruction, Conditional):
        with circuit.if_test((circuit.clbits[instruction.bit], 1)):
            circuit.append(qiskit_gate(instruction.operation, {}), instruction.qubits)
    else:
        circuit.reset(instruction.qubit)


def fragment_circuit(
    fragment: Fragment,
    *,
    bases: Mapping[int, str] | None = None,
    preparations: Mapping[int, str] | None = None,
    letters: Mapping[int, Sequence[int]] | None = None,
    values: Mapping[str, float] | None = None,
) -> QuantumCircuit:
    """The circuit of a fragment with its legs set: qubits whose wire has ended are measured, reset and used again.

    Args:
        fragment: the fragment.
        bases: by segment, the Pauli matrix that its qubit is measured in at its end; Z where none is named.
        preparations: by leg, the state that an incoming wire begins in, see ``PREPARATIONS``; 0 where none is named.
        letters: by leg of a gate cut, which of its operations are run, one number for each component; the first ones
            where none are named.
        values: numbers for parameters.

    Returns:
        A circuit whose classical bit ``k`` is what segment ``k`` ended in.

    Raises:
        PlanError: a name or a number that there is not.

    >>> from cutq.circuits.circuit import Circuit
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> star = Circuit(5, tuple(Operation("cx", (q, 4)) for q in range(4)))
    >>> qc = fragment_circuit(split(star, CutPlan.uncut()).fragments[0])
    >>> qc.num_qubits, qc.count_ops()["reset"], qc.count_ops()["measure"]
    (2, 3, 5)
    """
    chosen = [_letter(item, letters or {}) if isinstance(item, Slot) else item.operation for item in fragment.items]
    middle = [(Gate(bound(chosen[k], values or {})),) for k in schedule(fragment).items]
    starts = list(_starts(fragment, preparations or {}))
    ends = [_end(segment, (bases or {}).get(segment, "Z")) for segment in range(fragment.width)]
    instructions, width = hosted(ordered(starts, middle, ends))
    return written(Program(width, fragment.width, instructions))


def _starts(fragment: Fragment, preparations: Mapping[int, str]) -> Iterator[Block]:
    """Wires begin in their states."""
    for leg, state in preparations.items():
        if not 0 <= leg < len(fragment.legs) or fragment.legs[leg].segment is None or fragment.legs[leg].end != 1:
            raise PlanError(f"leg {leg} is no incoming wire of the fragment, so there is no state {state!r} to prepare")
        if state not in PREPARATIONS:
            raise PlanError(f"leg {leg} is to begin in {state!r}; known states are {', '.join(PREPARATIONS)}")
        segment = fragment.legs[leg].segment
        assert segment is not None
        yield tuple(Gate(op) for op in named(PREPARATIONS[state], segment))


def _letter(slot: Slot, letters: Mapping[int, Sequence[int]]) -> Operation:
    chosen = letters.get(slot.leg, ())
    number = chosen[slot.component] if slot.component < len(chosen) else 0
    if not 0 <= number < len(slot.letters):
        raise PlanError(
            f"leg {slot.leg} has {len(slot.letters)} operations to choose from at operation {slot.number}, "
            f"numbered from 0, got {number}"
        )
    return slot.letters[number]


def _end(segment: int, basis: str) -> Block:
    if basis not in BASES:
        raise PlanError(f"segment {segment} is to be measured in {basis!r}; known are {', '.join(BASES)}")
    return (*(Gate(op) for op in named(BASES[basis], segment)), Measure(segment, segment))
