"""Variants: the circuits that one fragment is run as, each a choice of what is done at its places and read out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.circuit import Operation
from cutq.network.legspace import Complexes, Place, Reals, functionals, places
from cutq.network.network import Fragment, Slot

Number = TypeVar("Number", np.float64, np.complex128)


@dataclass(frozen=True)
class Shift:
    """What is added to one angle of a fragment, in radians.

    Attributes:
        item: which item of the fragment.
        letter: which letter of a slot; 0 for a step.
        angle: which angle of that operation.
        amount: how much.
    """

    item: int
    letter: int
    angle: int
    amount: float


def shifted(fragment: Fragment, shifts: Sequence[Shift]) -> Fragment:
    """The fragment with its angles shifted.

    >>> from cutq.circuits.circuit import Operation
    >>> from cutq.network.network import Segment, Step
    >>> turn = Fragment((Segment(0),), (Step(0, Operation("rx", (0,), (0.5,))),), (), (0,))
    >>> shifted(turn, [Shift(0, 0, 0, 0.25)]).items[0].operation.params
    (0.75,)
    """
    items = list(fragment.items)
    for shift in shifts:
        item = items[shift.item]
        if isinstance(item, Slot):
            letters = list(item.letters)
            letters[shift.letter] = _turned(letters[shift.letter], shift)
            items[shift.item] = replace(item, letters=tuple(letters))
        else:
            items[shift.item] = replace(item, operation=_turned(item.operation, shift))
    return replace(fragment, items=tuple(items)) if shifts else fragment


def _turned(op: Operation, shift: Shift) -> Operation:
    params = list(op.params)
    params[shift.angle] = params[shift.angle] + shift.amount
    return replace(op, params=tuple(params))


@dataclass(frozen=True, eq=False)
class Choice:
    """What a circuit does at some places of a fragment.

    Attributes:
        places: positions of the places in ``places(fragment)``.
        name: a name for people.
        vectors: for each outcome its Kraus vector in the letters of the places, (outcomes, product of the dimensions);
            the number of outcomes is a power of 2.
        ancilla: whether ancillas are measured at the end, and nothing before.
    """

    places: tuple[int, ...]
    name: str
    vectors: Complexes
    ancilla: bool = False

    @cached_property
    def functionals(self) -> Reals:
        """``F_s`` of its outcomes, (outcomes, entries)."""
        return functionals(self.vectors)

    @property
    def num_bits(self) -> int:
        """How many bits of a shot it writes."""
        return (len(self.vectors) - 1).bit_length()


@dataclass(frozen=True, eq=False)
class Variant:
    """One circuit of a fragment.

    A shot's bits are first those of the outputs that are read out, in their order, and then those of the choices, in
    theirs, the most significant bit of an outcome first.

    Attributes:
        position: which fragment of the network it is.
        fragment: the fragment.
        values: numbers for its parameters.
        choices: what is done at its places; each place is in one of them.
        bases: for each output the Pauli letter that is measured; ``"I"`` where it is not.
        shifts: what is added to angles of the fragment's operations.
    """

    position: int
    fragment: Fragment
    values: Mapping[str, float] = field(repr=False)
    choices: tuple[Choice, ...]
    bases: str
    shifts: tuple[Shift, ...] = ()

    @property
    def num_outputs(self) -> int:
        """How many outputs are read out."""
        return len(self.bases) - self.bases.count("I")

    @property
    def num_bits(self) -> int:
        """How many bits a shot has."""
        return self.num_outputs + sum(choice.num_bits for choice in self.choices)

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """The places of the fragment."""
        return places(self.fragment)

    @cached_property
    def key(self) -> str:
        """A hash of what distinguishes it from the other variants of its fragment."""
        text = repr((self.position, self.bases, self.shifts, [(c.places, c.name, c.ancilla) for c in self.choices]))
        data = b"".join(np.ascontiguousarray(choice.vectors).tobytes() for choice in self.choices)
        return hashlib.sha256(text.encode() + data).hexdigest()[:16]

    def __str__(self) -> str:
        done = ", ".join(choice.name for choice in self.choices) or "no legs"
        return f"fragment {self.position}: {done}; reads {self.bases or 'nothing'}"


def joined(choices: Sequence[Choice]) -> Complexes:
    """The Kraus vectors of several choices together, (product of the outcomes, product of the dimensions)."""
    if not choices:
        return np.ones((1, 1), dtype=complex)
    return product([choice.vectors for choice in choices])


def product(tables: Sequence[NDArray[Number]]) -> NDArray[Number]:
    """The Kronecker product of one or more matrices.

    >>> product([np.array([[1.0, 2.0]]), np.array([[1.0], [3.0]])]).tolist()
    [[1.0, 2.0], [3.0, 6.0]]
    """
    found = tables[0]
    for table in tables[1:]:
        size = (len(found) * len(table), found.shape[1] * table.shape[1])
        found = (found[:, None, :, None] * table[None, :, None, :]).reshape(size)
    return found
