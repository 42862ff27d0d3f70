"""Qiskit circuits of fragments for a device."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cutq.circuits.checks import is_one_of, is_whole, shown
from cutq.circuits.circuit import Operation
from cutq.circuits.qiskit.gates import qiskit_gate
from cutq.circuits.values import from_mapping
from cutq.errors import ParameterError, PlanError
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
        values: numbers for parameters; others than the fragment's may be among them.

    Returns:
        A circuit whose classical bit ``k`` is what segment ``k`` ended in.

    Raises:
        PlanError: a name or a number that there is not.
        ParameterError: a parameter without a value, or with one that is no number.

    >>> from cutq.circuits.circuit import Circuit
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> star = Circuit(5, tuple(Operation("cx", (q, 4)) for q in range(4)))
    >>> qc = fragment_circuit(split(star, CutPlan.uncut()).fragments[0])
    >>> qc.num_qubits, qc.count_ops()["reset"], qc.count_ops()["measure"]
    (2, 3, 5)
    """
    if not isinstance(fragment, Fragment):
        raise PlanError(f"a fragment is one of those of a network, network.fragments[0], got {shown(fragment)}")
    read = _numbered("bases", bases, "segments", fragment.width)
    begun = _numbered("preparations", preparations, "legs", len(fragment.legs))
    picked = _numbered("letters", letters, "legs", len(fragment.legs))
    chosen = [_letter(item, picked) if isinstance(item, Slot) else item.operation for item in fragment.items]
    numbers = _values(chosen, values)
    middle = [(Gate(bound(chosen[k], numbers)),) for k in schedule(fragment).items]
    starts = list(_starts(fragment, begun))
    ends = [_end(segment, read.get(segment, "Z")) for segment in range(fragment.width)]
    instructions, width = hosted(ordered(starts, middle, ends))
    return written(Program(width, fragment.width, instructions))


def _numbered(name: str, given: Mapping[int, Any] | None, things: str, count: int) -> Mapping[int, Any]:
    """What is named for some of so many things; nothing where it is left out."""
    found = {} if given is None else given
    if not isinstance(found, Mapping):
        raise PlanError(f"{name} are a mapping from numbers of {things}, such as {{0: ...}}, got {shown(given)}")
    for number in found:
        if not is_whole(number) or not 0 <= number < count:
            raise PlanError(f"{name} name {shown(number)}, but the fragment's {count} {things} are numbered from 0")
    return found


def _values(ops: Sequence[Operation], values: Mapping[str, float] | None) -> dict[str, float]:
    """Numbers for the parameters of some operations."""
    given = {} if values is None else values
    if not isinstance(given, Mapping):
        raise ParameterError(f"values are a mapping such as {{'t': 0.3}}, got {shown(values)}")
    names = tuple(dict.fromkeys(name for op in ops for name in op.parameters))
    own = {name: given[name] for name in names if name in given}
    return dict(zip(names, from_mapping(names, own).tolist(), strict=True))


def _starts(fragment: Fragment, preparations: Mapping[int, str]) -> Iterator[Block]:
    """Wires begin in their states."""
    for leg, state in preparations.items():
        segment = fragment.legs[leg].segment
        if segment is None or fragment.legs[leg].end != 1:
            raise PlanError(f"leg {leg} is no incoming wire of the fragment, so no state {shown(state)} begins it")
        if not is_one_of(state, tuple(PREPARATIONS)):
            raise PlanError(f"leg {leg} is to begin in {shown(state)}; known states are {', '.join(PREPARATIONS)}")
        yield tuple(Gate(op) for op in named(PREPARATIONS[state], segment))


def _letter(slot: Slot, letters: Mapping[int, Sequence[int]]) -> Operation:
    chosen = letters.get(slot.leg, ())
    if not isinstance(chosen, Sequence):
        raise PlanError(f"letters of leg {slot.leg} are a tuple, one number for each component, got {shown(chosen)}")
    number = chosen[slot.component] if slot.component < len(chosen) else 0
    if not is_whole(number) or not 0 <= number < len(slot.letters):
        raise PlanError(
            f"leg {slot.leg} has {len(slot.letters)} operations to choose from at operation {slot.number}, "
            f"numbered from 0, got {shown(number)}"
        )
    return slot.letters[number]


def _end(segment: int, basis: str) -> Block:
    if not is_one_of(basis, tuple(BASES)):
        raise PlanError(f"segment {segment} is to be measured in {shown(basis)}; known are {', '.join(BASES)}")
    return (*(Gate(op) for op in named(BASES[basis], segment)), Measure(segment, segment))
