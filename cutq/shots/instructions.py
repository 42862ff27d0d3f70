"""The program of a variant: what a device does at the places of a fragment and between them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace

from cutq.circuits.angles import Angle
from cutq.circuits.circuit import Operation
from cutq.errors import DeviceError
from cutq.network.legspace import places
from cutq.network.network import Fragment, Slot, Step
from cutq.network.reuse import schedule
from cutq.shots.hosting import Block, hosted, ordered, succession
from cutq.shots.program import Gate, Measure, Program
from cutq.shots.realise import realised
from cutq.shots.sites import Parts, Site
from cutq.shots.synthesis import BASES, named
from cutq.shots.variants import Variant, shifted


def variant_program(variant: Variant, *, reuse: bool = False, midway: bool = True) -> Program:
    """What a device does in the circuit of a variant.

    Args:
        variant: the variant.
        reuse: whether a qubit whose wire has ended is reset and hosts another, where that takes fewer qubits; else
            every segment and every ancilla has a qubit of its own, the segments first.
        midway: whether a qubit that a choice measures may be used afterwards; if not, an ancilla is measured instead.

    Returns:
        The program; its bits are those of the variant.

    Raises:
        DeviceError: a choice is nothing that a device can do, or not every place is in one choice.

    >>> from cutq.circuits.circuit import Circuit
    >>> from cutq.network.frames import FRAMES
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> from cutq.shots.variants import Choice
    >>> pair = Circuit(2, (Operation("h", (0,)), Operation("cx", (0, 1))))
    >>> fragment = split(pair, CutPlan.from_partition(pair, "AB")).fragments[1]
    >>> name, vectors = FRAMES["full"].rows(places(fragment)[0])[2]
    >>> found = variant_program(Variant(1, fragment, {}, (Choice((0,), name, vectors),), "Z"))
    >>> for instruction in found.instructions:
    ...     print(instruction.operation.name if isinstance(instruction, Gate) else instruction)
    h
    Measure(qubit=0, bit=1)
    h
    Measure(qubit=0, bit=0)
    """
    fragment = bound_fragment(variant)
    parts = _parts(variant, fragment, midway)
    lines = fragment.width + parts.ancillas
    pieces = list(_middle(fragment, parts))
    plain = ordered(parts.starts, [block for _, block in pieces], parts.ends)
    if reuse:
        order = schedule(replace(fragment, items=tuple(item for item, _ in pieces))).items
        fewer, width = hosted(ordered(parts.starts, [pieces[k][1] for k in order], parts.ends))
        if width < lines:
            return Program(width, variant.num_bits, fewer)
    return Program(lines, variant.num_bits, plain)


def needs(variant: Variant, *, reuse: bool = False, midway: bool = True) -> frozenset[str]:
    """What the program of a variant asks of a device: mid-circuit measurement, reset, feed-forward, or nothing."""
    return variant_program(variant, reuse=reuse, midway=midway).needs


def bound_fragment(variant: Variant) -> Fragment:
    """The fragment of a variant with a number for every angle, shifts included."""
    fragment = shifted(variant.fragment, variant.shifts)
    return replace(fragment, items=tuple(_bound_item(item, variant.values) for item in fragment.items))


def bound(op: Operation, values: Mapping[str, float]) -> Operation:
    """An operation with a number for every angle."""
    if not op.parameters:
        return op
    return Operation(op.name, op.qubits, tuple(Angle((), angle.at(values)) for angle in op.params))


def _bound_item(item: Step | Slot, values: Mapping[str, float]) -> Step | Slot:
    if isinstance(item, Step):
        return Step(item.number, bound(item.operation, values))
    return replace(item, letters=tuple(bound(letter, values) for letter in item.letters))


def _parts(variant: Variant, fragment: Fragment, midway: bool) -> Parts:
    """What is done at the places and the outputs."""
    known = places(fragment)
    chosen = sorted(k for choice in variant.choices for k in choice.places)
    if chosen != list(range(len(known))):
        raise DeviceError(f"each of the {len(known)} places of a fragment is in one choice, got {chosen} of {variant}")
    reads = [(segment, letter) for segment, letter in enumerate(variant.bases) if letter != "I"]
    parts = Parts(ends=tuple(_read(segment, letter, bit) for bit, (segment, letter) in enumerate(reads)))
    offsets = itertools.accumulate((choice.num_bits for choice in variant.choices), initial=len(reads))
    # Unitaries first: where two choices are in each other's way, a measurement may take an ancilla instead.
    for bit, choice in sorted(zip(offsets, variant.choices, strict=False), key=lambda found: found[1].num_bits):
        own = tuple(known[k] for k in choice.places)
        bits = tuple(range(bit, bit + choice.num_bits))
        line, measures = fragment.width + parts.ancillas, midway and not choice.ancilla
        parts += realised(Site(fragment, own, choice.name, bits, line, measures, parts.ties), choice.vectors)
    return parts


def _read(segment: int, letter: str, bit: int) -> Block:
    """An output is measured."""
    return (*(Gate(op) for op in named(BASES[letter], segment)), Measure(segment, bit))


def _middle(fragment: Fragment, parts: Parts) -> Iterator[tuple[Step | Slot, Block]]:
    """What is done at the items, each with an item on the same segments; of a tie one instruction at a time."""
    together = {tie[0] for tie in parts.ties}
    for k in succession(fragment, parts.ties) or ():
        item = fragment.items[k]
        if k in together:
            for one in parts.acts[k]:
                yield Step(k, one.operation if isinstance(one, Gate) else Operation("id", one.qubits)), (one,)
        else:
            yield item, (Gate(item.operation),) if isinstance(item, Step) else parts.acts[k]
