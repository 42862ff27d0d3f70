"""The tomography of one fragment: its circuits, and the linear model from their data to its leg tensors.

For each word that is read out of the fragment the leg tensor ``D_P`` is unknown; a variant ``v`` sees with outcome
``s`` of its choices the mean ``y_vs = sum_P A_vs[P] D_P`` of the word. Entries that are zero or known from the
fragment's structure, or that no other fragment can see, are no unknowns and no circuits are run for them.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.observable import Word
from cutq.errors import PlanError, TooLargeError
from cutq.network.frames import Frame, needed_rows
from cutq.network.legspace import Place, Reals, functionals, places
from cutq.network.network import Fragment
from cutq.shots.readings import PROJECTORS, Bases, readable, shared_bases
from cutq.shots.variants import Choice, Shift, Variant, product

MOST_ENTRIES = 1024
"""Entries of a leg tensor up to which it is estimated: five wires, or five gates of rank 2."""

ESTIMABLE = 1e-7
"""Deviation from an exact inverse beyond which an entry is not determined by the rows that were chosen."""


@dataclass(frozen=True, eq=False)
class Tomography:
    """The circuits of one fragment at one set of angles.

    Attributes:
        position: which fragment of the network it is.
        words: what is read out.
        variants: the circuits; none where everything is known.
        model: ``A``, (variants, outcomes of the choices, entries); padded with zeros.
        reads: whether a variant reads a word, (variants, words).
        known: the entries that are known, (words, entries); NaN where they are not.
        needed: the entries that are neither known nor useless, (words, entries).
        prior: the chance of each outcome of the choices where nothing is known of the state, (variants, outcomes).
    """

    position: int
    words: tuple[Word, ...]
    variants: tuple[Variant, ...]
    model: Reals = field(repr=False)
    reads: NDArray[np.bool_] = field(repr=False)
    known: Reals = field(repr=False)
    needed: NDArray[np.bool_] = field(repr=False)
    prior: Reals = field(repr=False)

    @property
    def num_variants(self) -> int:
        """How many variants."""
        return len(self.variants)

    @cached_property
    def sure(self) -> NDArray[np.bool_]:
        """Which variants read nothing at all, (variants,): what they say is known, and they are not run."""
        return np.array([variant.num_bits == 0 for variant in self.variants], dtype=bool)

    @cached_property
    def flat(self) -> Reals:
        """The mean square of each word in each outcome where nothing is known, (variants, outcomes, words)."""
        sizes = [0.5 ** sum(letter in PROJECTORS for _, letter in word) for word in self.words]
        return np.asarray(self.prior[:, :, None] * np.array(sizes) * self.reads[:, None, :])

    @property
    def num_circuits(self) -> int:
        """How many variants are run."""
        return int(np.count_nonzero(~self.sure))


@dataclass(frozen=True, eq=False)
class Structure:
    """What is known of a fragment's leg tensors beforehand, each (words, entries).

    Attributes:
        known: their values, 0 where they are dead, NaN where they are not known.
        needed: whether another fragment can see the entry.
    """

    known: Reals
    needed: NDArray[np.bool_]


def tomography(
    position: int,
    fragment: Fragment,
    words: Sequence[Word],
    values: Mapping[str, float],
    frames: Mapping[str, Frame],
    structure: Structure,
    shifts: tuple[Shift, ...] = (),
) -> Tomography:
    """The tomography of a fragment for some words on its outputs.

    Raises:
        TooLargeError: its leg tensor has too many entries.
    """
    own = places(fragment)
    size = math.prod(place.size for place in own)
    check_entries(position, own, size)
    unknown = np.isnan(structure.known) & structure.needed
    groups = _groups(own, frames)
    choices = [
        (bases, chosen)
        for bases in shared_bases(words, fragment.outputs)
        if unknown[list(bases.words)].any()
        for chosen in _choices(groups, frames, _live(bases, unknown, structure, own, groups, frames))
    ]
    variants = tuple(Variant(position, fragment, values, chosen, bases.letters, shifts) for bases, chosen in choices)
    reads = np.array([[readable(word, v.bases, fragment.outputs) for word in words] for v in variants], dtype=bool)
    model = _model([c for _, c in choices], own, size)
    prior = model[:, :, 0] * math.prod(place.norm for place in own)
    reads = reads.reshape(len(variants), len(words))
    return Tomography(position, tuple(words), variants, model, reads, structure.known, unknown, prior)


def check_entries(position: int, own: Sequence[Place], size: int) -> None:
    """Raise :class:`TooLargeError` where a leg tensor has too many entries to be estimated."""
    if size > MOST_ENTRIES:
        raise TooLargeError(
            f"fragment {position} has {len(own)} legs and so a tensor of {size} entries, of which at most "
            f"{MOST_ENTRIES} can be tabulated; cut it into fragments with fewer legs, or use method='sampled'"
        )


Group = tuple[int, ...]
"""Positions of places at which rows are chosen together."""


def _groups(own: Sequence[Place], frames: Mapping[str, Frame]) -> list[tuple[Group, Place]]:
    """The groups of places, each with the place of their product."""
    found = []
    for kind, frame in frames.items():
        members = [k for k, place in enumerate(own) if place.kind == kind]
        if frame.joint and len(members) > 1:
            dim = math.prod(own[k].dim for k in members)
            found.append((tuple(members), Place(own[members[0]].leg, 0, dim, kind)))
        else:
            found += [((k,), own[k]) for k in members]
    return sorted(found)


def _live(
    bases: Bases,
    unknown: NDArray[np.bool_],
    structure: Structure,
    own: Sequence[Place],
    groups: Sequence[tuple[Group, Place]],
    frames: Mapping[str, Frame],
) -> list[NDArray[np.bool_]]:
    """For each group which entries the words of some bases need; all that are alive where rows mix them."""
    for mask in (unknown, np.isnan(structure.known)):
        whole = np.asarray(mask[list(bases.words)].any(axis=0)).reshape([place.size for place in own])
        found = [_along(whole, group) for group, _ in groups]
        if mask is not unknown or _separated([place for _, place in groups], frames, found):
            break
    return found


def _along(mask: NDArray[np.bool_], axes: Group) -> NDArray[np.bool_]:
    """Where a mask is true anywhere in the other axes."""
    moved = np.moveaxis(mask, axes, range(len(axes)))
    return np.asarray(moved.reshape(math.prod(moved.shape[: len(axes)]), -1).any(axis=1))


def _separated(own: Sequence[Place], frames: Mapping[str, Frame], live: Sequence[NDArray[np.bool_]]) -> bool:
    """Whether no row sees an entry of its place that is not needed."""
    for place, mask in zip(own, live, strict=True):
        wanted = mask.copy()
        wanted[0] = True
        for _, vectors in needed_rows(frames[place.kind], place, mask):
            if np.abs(functionals(vectors)[:, ~wanted]).max(initial=0) > ESTIMABLE:
                return False
    return True


def _choices(
    groups: Sequence[tuple[Group, Place]], frames: Mapping[str, Frame], live: Sequence[NDArray[np.bool_]]
) -> list[tuple[Choice, ...]]:
    """All combinations of the rows of the groups."""
    rows = [
        [
            Choice(group, name, padded(vectors), frames[place.kind].ancilla)
            for name, vectors in needed_rows(frames[place.kind], place, mask)
        ]
        for (group, place), mask in zip(groups, live, strict=True)
    ]
    return list(itertools.product(*rows))


def padded(vectors: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Outcomes that never happen added, up to a power of 2."""
    count = 1 << (len(vectors) - 1).bit_length()
    return np.concatenate([vectors, np.zeros((count - len(vectors), vectors.shape[1]))])


def _model(choices: Sequence[Sequence[Choice]], own: Sequence[Place], size: int) -> Reals:
    """``A`` of these choices, (variants, outcomes, entries)."""
    rows = [choice_functionals(one, own) for one in choices]
    found = np.zeros((len(rows), max((len(row) for row in rows), default=1), size))
    for k, row in enumerate(rows):
        found[k, : len(row)] = row
    return found


def choice_functionals(choices: Sequence[Choice], own: Sequence[Place]) -> Reals:
    """The functionals of the outcomes of choices, (outcomes, entries), entries in the order of the places.

    Raises:
        PlanError: a place is in none of them, or in two.
    """
    order = [k for choice in choices for k in choice.places]
    if sorted(order) != list(range(len(own))):
        raise PlanError(f"a variant chooses once at each of the {len(own)} places of its fragment, got places {order}")
    if not order:
        return np.ones((1, 1))
    found = product([choice.functionals for choice in choices])
    if order == sorted(order):
        return found
    shape = [own[k].size for k in order]
    axes = np.argsort(order)
    return found.reshape(len(found), *shape).transpose(0, *(1 + axes)).reshape(len(found), -1)
