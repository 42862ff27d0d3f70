"""Circuits of several fragments together: what is measured where wires end decides in which state they begin again.

The fragments are run one after the other. Where wires end they are measured in one of the mutually unbiased bases,
``|b_y> = V |y>``, and after outcome ``y`` they begin in the state ``V |y XOR offset>`` of the same basis, in the same
shot (Harada, Wada, Yamamoto, arXiv:2303.07340): ``V^+`` before the measurement, and after it an X where a bit is 1.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.circuit import Operation
from cutq.network.legspace import Complexes
from cutq.network.mub import mub_bases, mub_circuit
from cutq.network.network import Fragment, Segment, Step
from cutq.network.reuse import schedule
from cutq.shots.hosting import Block, hosted
from cutq.shots.instructions import variant_program
from cutq.shots.program import Conditional, Gate, Instruction, Measure, Program
from cutq.shots.sites import gates
from cutq.shots.variants import Choice, Variant

ADJOINTS = {"h": "h", "s": "sdg", "cz": "cz"}
"""What undoes the gates that make mutually unbiased bases."""


@dataclass(frozen=True)
class Steering:
    """Wires that end on one fragment and begin on another one, in a state that the outcome decides.

    Attributes:
        source: where they are measured: (variant of the joint one, choice of that).
        target: where they begin, likewise.
        basis: which basis of :func:`cutq.network.mub.mub_bases`.
        offset: after outcome ``y`` they begin in the state ``y XOR offset`` of the basis.
    """

    source: tuple[int, int]
    target: tuple[int, int]
    basis: int
    offset: int


@dataclass(frozen=True, eq=False)
class JointVariant:
    """One circuit of several fragments, with feed-forward between them.

    A shot's bits are those of the variants, one after the other.

    Attributes:
        variants: the variants of the fragments, each after those whose wires it takes up. Where wires begin, the choice
            is the state after outcome 0.
        steerings: the wires between them.

    >>> from cutq.circuits.circuit import Circuit
    >>> from cutq.network.cuts import WireCut
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> circuit = Circuit(2, (Operation("h", (0,)), Operation("cx", (0, 1))))
    >>> up, down = split(circuit, CutPlan((WireCut(0, 0),))).fragments
    >>> basis = mub_bases(1)[1]
    >>> ends, begins = Choice((0,), "ends in X", basis.conj()), Choice((0,), "begins in X", basis[:1])
    >>> variants = Variant(0, up, {}, (ends,), ""), Variant(1, down, {}, (begins,), "ZZ")
    >>> joint = JointVariant(variants, (Steering((0, 0), (1, 0), 1, 0),))
    >>> joint.num_bits, sorted(joint_program(joint).needs)
    (3, ['feed-forward'])
    """

    variants: tuple[Variant, ...]
    steerings: tuple[Steering, ...]

    @property
    def num_bits(self) -> int:
        """How many bits a shot has."""
        return sum(variant.num_bits for variant in self.variants)

    @cached_property
    def key(self) -> str:
        """A hash of what distinguishes it from the other variants of its fragments."""
        text = repr((tuple(variant.key for variant in self.variants), self.steerings))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def __str__(self) -> str:
        positions = " and ".join(str(variant.position) for variant in self.variants)
        return f"fragments {positions} with feed-forward: {'; '.join(map(str, self.variants))}"

    @cached_property
    def offsets(self) -> tuple[int, ...]:
        """The first bit of each variant."""
        return tuple(itertools.accumulate((variant.num_bits for variant in self.variants[:-1]), initial=0))

    def bits(self, variant: int, choice: int) -> range:
        """The bits of a shot that a choice writes."""
        own = self.variants[variant]
        first = self.offsets[variant] + own.num_outputs + sum(one.num_bits for one in own.choices[:choice])
        return range(first, first + own.choices[choice].num_bits)

    def into(self, variant: int) -> tuple[Steering, ...]:
        """The wires that a variant takes up."""
        return tuple(steering for steering in self.steerings if steering.target[0] == variant)

    def told(self, variant: int, bits: NDArray[np.uint8]) -> NDArray[np.int64]:
        """The outcomes that a variant follows, (shots, wires that it takes up), from the bits of shots so far."""
        found = np.zeros((len(bits), len(self.into(variant))), dtype=np.int64)
        for k, steering in enumerate(self.into(variant)):
            for bit in self.bits(*steering.source):
                found[:, k] = 2 * found[:, k] + bits[:, bit]
        return found

    def following(self, variant: int, outcomes: Sequence[int]) -> Variant:
        """A variant after these outcomes, one for each of the wires that it takes up."""
        own = self.variants[variant]
        states = {}
        for steering, outcome in zip(self.into(variant), outcomes, strict=True):
            basis = mub_bases(len(own.choices[steering.target[1]].places))[steering.basis]
            states[steering.target[1]] = basis[[outcome ^ steering.offset]]
        return _with_vectors(own, states)


def _with_vectors(variant: Variant, vectors: dict[int, Complexes]) -> Variant:
    """A variant with other Kraus vectors at some choices."""
    choices = list(variant.choices)
    for k, own in vectors.items():
        choices[k] = Choice(choices[k].places, choices[k].name, own, choices[k].ancilla)
    return replace(variant, choices=tuple(choices))


def joint_program(joint: JointVariant, *, reuse: bool = False, midway: bool = True) -> Program:
    """What a device does in the circuit of a joint variant.

    Args:
        joint: the joint variant.
        reuse: whether a qubit whose wire has ended is reset and hosts another, where that takes fewer qubits; else the
            qubits are those of the variants, one after the other.
        midway: as in :func:`cutq.shots.instructions.variant_program`.

    Returns:
        The program; its bits are those of the joint variant.

    Raises:
        DeviceError: a choice is nothing that a device can do.
    """
    programs = [variant_program(_in_strings(joint, k), midway=midway) for k in range(len(joint.variants))]
    lines = tuple(itertools.accumulate((program.num_qubits for program in programs), initial=0))
    instructions: list[Instruction] = []
    for k, program in enumerate(programs):
        own = [_moved(one, lines[k], joint.offsets[k]) for one in program.instructions]
        instructions += [*_begun(joint, k, lines), *_ended(joint, k, lines, own)]
    if reuse:
        fewer, width = _few(instructions, lines[-1])
        if width < lines[-1]:
            return Program(width, joint.num_bits, fewer)
    return Program(lines[-1], joint.num_bits, tuple(instructions))


def any_program(variant: Variant | JointVariant, *, reuse: bool = False) -> Program:
    """The program of a variant of either kind."""
    if isinstance(variant, JointVariant):
        return joint_program(variant, reuse=reuse)
    return variant_program(variant, reuse=reuse)


def _in_strings(joint: JointVariant, k: int) -> Variant:
    """A variant that measures its wires in the computational basis, and takes up wires in the state 0."""
    own = joint.variants[k]
    vectors = {}
    for steering in joint.steerings:
        for (variant, choice), rows in ((steering.source, None), (steering.target, 1)):
            if variant == k:
                vectors[choice] = np.eye(1 << len(own.choices[choice].places), dtype=complex)[:rows]
    return _with_vectors(own, vectors)


def _begun(joint: JointVariant, k: int, lines: Sequence[int]) -> Iterator[Instruction]:
    """The wires that a variant takes up are put into their states."""
    for steering in joint.into(k):
        own = _lines(joint, steering.target, lines)
        for place, (line, bit) in enumerate(zip(own, joint.bits(*steering.source), strict=True)):
            yield Conditional(bit, Operation("x", (line,)))
            if steering.offset >> (len(own) - 1 - place) & 1:
                yield Gate(Operation("x", (line,)))
        yield from gates(_basis(steering, own))


def _ended(joint: JointVariant, k: int, lines: Sequence[int], own: Sequence[Instruction]) -> Iterator[Instruction]:
    """The instructions of a variant, in which the wires that others take up are turned before they are measured."""
    turns: dict[int, Block] = {}
    for steering in joint.steerings:
        if steering.source[0] == k:
            undone = _basis(steering, _lines(joint, steering.source, lines))[::-1]
            turns[joint.bits(*steering.source)[0]] = gates([Operation(ADJOINTS[op.name], op.qubits) for op in undone])
    for one in own:
        if isinstance(one, Measure):
            # The wires of a choice are measured in succession, its first bit first.
            yield from turns.get(one.bit, ())
        yield one


def _basis(steering: Steering, lines: Sequence[int]) -> list[Operation]:
    """What makes the states of a basis of those of the computational one."""
    if steering.basis == 0:
        return []
    circuit = mub_circuit(len(lines), steering.basis - 1)
    return [op.on(tuple(lines[qubit] for qubit in op.qubits)) for op in circuit]


def _lines(joint: JointVariant, where: tuple[int, int], lines: Sequence[int]) -> tuple[int, ...]:
    """The lines of the wires of a choice; those of a variant's segments are its first ones."""
    variant = joint.variants[where[0]]
    segments = (variant.places[k].segment for k in variant.choices[where[1]].places)
    return tuple(lines[where[0]] + segment for segment in segments if segment is not None)


def _moved(instruction: Instruction, line: int, bit: int) -> Instruction:
    """An instruction on later lines and bits."""
    moved = instruction.on(range(line, line + 1 + max(instruction.qubits)))
    return replace(moved, bit=moved.bit + bit) if isinstance(moved, Measure | Conditional) else moved


def _few(instructions: Sequence[Instruction], lines: int) -> tuple[tuple[Instruction, ...], int]:
    """The instructions in an order in which few lines are live at a time, on few qubits, and how many those are."""
    wrote = {one.bit: one.qubit for one in instructions if isinstance(one, Measure)}
    items = []
    for k, one in enumerate(instructions):
        # What asks for a bit stays behind the line that writes it.
        asked = (wrote[one.bit],) if isinstance(one, Conditional) else ()
        items.append(Step(k, Operation("id", (0,)).on(tuple(dict.fromkeys((*one.qubits, *asked))))))
    order = schedule(Fragment(tuple(map(Segment, range(lines))), tuple(items), (), ())).items
    return hosted(instructions[k] for k in order)
