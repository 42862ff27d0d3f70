"""Where choices are realised, and the parts of a program that they become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from cutq.circuits.circuit import Operation
from cutq.errors import DeviceError
from cutq.network.legspace import Complexes, Place
from cutq.network.network import Fragment, Slot
from cutq.shots.hosting import Block
from cutq.shots.program import Gate, Measure
from cutq.shots.synthesis import LAWFUL, rotated


@dataclass(frozen=True)
class Site:
    """Where a choice is realised.

    Attributes:
        fragment: the fragment, all angles numbers.
        places: the places of the choice.
        name: what the choice is called.
        bits: the bits of a shot that it writes.
        line: the first line that it may take for ancillas.
        midway: whether qubits may be measured and then used again; if not, ancillas are measured instead.
        ties: items that are done at one time already.
        slack: by how much its operations may break their laws.
    """

    fragment: Fragment
    places: tuple[Place, ...]
    name: str
    bits: tuple[int, ...]
    line: int
    midway: bool = True
    ties: tuple[tuple[int, ...], ...] = ()
    slack: float = LAWFUL

    def items(self, place: Place) -> list[int]:
        """The items at which a place of a gate chooses an operation."""
        key = place.leg, place.component
        return [
            k
            for k, item in enumerate(self.fragment.items)
            if isinstance(item, Slot) and (item.leg, item.component) == key
        ]

    def slot(self, item: int) -> Slot:
        """What is at such an item."""
        slot = self.fragment.items[item]
        assert isinstance(slot, Slot)
        return slot

    def kraus(self, item: int, vectors: Complexes) -> Complexes:
        """``K_s = sum_a v_s[a] L_a`` in the letters of an item, (outcomes, 2, 2)."""
        letters = np.stack([letter.unitary({}) for letter in self.slot(item).letters])
        return np.asarray(np.tensordot(vectors, letters, axes=1))

    def digits(self, index: int) -> tuple[int, ...]:
        """Which letter it is at each place, of an entry of a Kraus vector."""
        return tuple(int(k) for k in np.unravel_index(index, [place.dim for place in self.places]))

    def error(self, why: str) -> DeviceError:
        """A choice that no device runs as it is."""
        legs = ", ".join(map(str, dict.fromkeys(place.leg for place in self.places)))
        return DeviceError(f"choice {self.name!r} at leg {legs} of a fragment cannot be run: {why}")


@dataclass(frozen=True)
class Parts:
    """What a choice is in a program, on lines: segments and ancillas.

    Attributes:
        starts: what is done where its lines begin.
        acts: by item of the fragment what is done in place of its slots.
        ties: items that are done at one time, all in the act of the first one of them.
        ends: what is done where its lines end.
        ancillas: how many lines it takes for ancillas.
    """

    starts: tuple[Block, ...] = ()
    acts: Mapping[int, Block] = field(default_factory=dict)
    ends: tuple[Block, ...] = ()
    ancillas: int = 0
    ties: tuple[tuple[int, ...], ...] = ()

    def __add__(self, other: Parts) -> Parts:
        return Parts(
            self.starts + other.starts,
            {**self.acts, **other.acts},
            self.ends + other.ends,
            self.ancillas + other.ancillas,
            self.ties + other.ties,
        )


def measured(site: Site, rows: Complexes, lines: Sequence[int]) -> Block:
    """A measurement in the basis of which the rows are the conjugates; the last lines have the bits of the outcome."""
    outcome = lines[len(lines) - len(site.bits) :]
    return (*gates(rotated(rows, lines)), *(Measure(line, bit) for line, bit in zip(outcome, site.bits, strict=True)))


def gates(operations: Sequence[Operation]) -> Block:
    """Operations as instructions."""
    return tuple(Gate(op) for op in operations)
