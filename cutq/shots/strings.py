"""Strings: one fixed operation at each place of cut gates, for example one letter at each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cutq.circuits.angles import angle
from cutq.circuits.circuit import Operation
from cutq.network.legspace import Complexes, Place
from cutq.shots.sites import Site
from cutq.shots.synthesis import EXACT, matrix_gate, split_first

PHASES = ("p", "z", "s", "sdg", "t", "tdg")
"""Letters that are a phase where their qubit is 1."""


@dataclass(frozen=True)
class String:
    """Fixed operations, which are what a vector stands for but for a factor.

    Attributes:
        factor: the factor.
        operations: by item what is run there.
    """

    factor: complex
    operations: Mapping[int, Operation]


def string_of(site: Site, vector: Complexes) -> String | None:
    """A vector in the letters of all places, (product of the dimensions,), as a string; None if it is none."""
    factor, operations = complex(1), dict[int, Operation]()
    rest = vector[None]
    for place in site.places:
        parts = split_first(rest, 1, place.dim, 1.0)
        own = None if parts is None else _fixed(site, place, parts[0][0])
        if parts is None or own is None:
            return None
        factor *= own.factor
        operations.update(own.operations)
        rest = parts[1]
    return String(factor * complex(rest[0, 0]), operations)


def _fixed(site: Site, place: Place, vector: Complexes) -> String | None:
    """A vector in the letters of one place, (dim,), as operations that are always run."""
    items = site.items(place)
    active = np.flatnonzero(np.abs(vector) > EXACT)
    if len(active) == 1:
        letter = int(active[0])
        return String(complex(vector[letter]), {item: site.slot(item).letters[letter] for item in items})
    if len(items) == 1:
        kraus = site.kraus(items[0], vector[None])[0]
        size = float(np.linalg.norm(kraus)) / math.sqrt(2)
        if np.abs(kraus @ kraus.conj().T - size**2 * np.eye(2)).max() > site.slack * size**2:
            return None
        behind, _, before = np.linalg.svd(kraus)
        return String(size, {items[0]: matrix_gate(behind @ before, (site.slot(items[0]).segment,))})
    return _power(site, items, vector)


def _power(site: Site, items: list[int], vector: Complexes) -> String | None:
    """``x 1 + y V`` as a power of the reflection V of a group, whose letters are phases of parities; so is its power.

    The letters of a group are all in the place of one operation; those of a star are of several.
    """
    slots = [site.slot(item) for item in items]
    names = {(slot.letters[0].name, slot.letters[-1].name in PHASES, len(slot.letters)) for slot in slots}
    plus, minus = vector[0] + vector[1], vector[0] - vector[1]
    if (
        len({slot.number for slot in slots}) != 1
        or names != {("id", True, 2)}
        or abs(abs(plus) - abs(minus)) > site.slack
    ):
        return None
    share = float(np.angle(minus / plus)) / math.pi
    operations = {}
    for item, slot in zip(items, slots, strict=True):
        turn = float(np.angle(slot.letters[1].unitary({})[1, 1]))
        operations[item] = Operation("p", (slot.segment,), (angle(share * turn),))
    return String(complex(plus), operations)
