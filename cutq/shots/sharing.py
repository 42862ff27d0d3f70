"""Equal fragments, such as frozen copies of one module, with the same counts for all of them.

Left to themselves equal fragments have shots of their own, for the errors of shared counts are correlated: they add up
in the value instead of averaging out, and products of them are biased by their variance. Sharing pays where circuits
are dear and shots are not.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.observable import Word
from cutq.network.network import Fragment, Slot
from cutq.shots.instructions import bound
from cutq.shots.tomography import Structure


@dataclass(frozen=True)
class Share:
    """Fragments that are run as one.

    Attributes:
        members: their positions; the first one's circuits are run.
        words: what is read out, on the qubits of the first one.
        numbers: for each member, for each of its own words, its position among ``words``.
    """

    members: tuple[int, ...]
    words: tuple[Word, ...]
    numbers: tuple[tuple[int, ...], ...]


def shares(
    fragments: Sequence[Fragment], words: Sequence[Sequence[Word]], values: Mapping[str, float], together: bool
) -> list[Share]:
    """The fragments that are run as one: equal ones if ``together``, else each by itself."""
    groups: dict[Hashable, list[int]] = {}
    for f, fragment in enumerate(fragments):
        groups.setdefault(_signature(fragment, values) if together else f, []).append(f)
    return [_share(fragments, words, members) for members in groups.values()]


def _share(fragments: Sequence[Fragment], words: Sequence[Sequence[Word]], members: Sequence[int]) -> Share:
    first = fragments[members[0]].outputs
    found: dict[Word, int] = {}
    numbers = []
    for f in members:
        here = dict(zip(fragments[f].outputs, first, strict=True))
        moved = [tuple((here[qubit], letter) for qubit, letter in word) for word in words[f]]
        numbers.append(tuple(found.setdefault(word, len(found)) for word in moved))
    return Share(tuple(members), tuple(found), tuple(numbers))


def _signature(fragment: Fragment, values: Mapping[str, float]) -> Hashable:
    """All that a fragment's circuits depend on, without the names of its qubits, bonds and parameters."""
    items = tuple(
        (item.leg, item.component, tuple(bound(letter, values) for letter in item.letters))
        if isinstance(item, Slot)
        else bound(item.operation, values)
        for item in fragment.items
    )
    legs = tuple((leg.end, leg.dims, leg.segment) for leg in fragment.legs)
    return fragment.width, len(fragment.outputs), items, legs


def shared_structure(share: Share, seen: Sequence[Structure]) -> Structure:
    """What is known of the words of a share, and what any of its members needs."""
    size = seen[share.members[0]].known.shape[1]
    known = np.full((len(share.words), size), np.nan)
    needed: NDArray[np.bool_] = np.zeros((len(share.words), size), dtype=bool)
    for f, numbers in zip(share.members, share.numbers, strict=True):
        known[list(numbers)] = seen[f].known
        np.logical_or.at(needed, list(numbers), seen[f].needed)
    return Structure(known, needed)
