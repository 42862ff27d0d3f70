"""An experiment: the circuits of all fragments, and how the quantities asked for are made of their leg tensors."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.observable import Word
from cutq.network.frames import Frame
from cutq.network.legspace import Reals, places, transfers
from cutq.network.network import Network
from cutq.network.structure import leg_structure, useful
from cutq.shots.multilinear import Tree, plan_tree
from cutq.shots.readings import restricted
from cutq.shots.sharing import Share, shared_structure, shares
from cutq.shots.tomography import Structure, Tomography, check_entries, tomography

Reading = tuple[tuple[int, int, float], ...]
"""A leg tensor that terms use: (tomography, word of it, coefficient), summed."""


@dataclass(frozen=True, eq=False)
class Quantities:
    """What is asked for: ``constants + weights @ (values of the words)``.

    Attributes:
        names: a name for each.
        words: the words that they are made of.
        weights: (quantities, words).
        constants: (quantities,).
    """

    names: tuple[str, ...]
    words: tuple[Word, ...]
    weights: Reals
    constants: Reals


@dataclass(frozen=True, eq=False)
class Experiment:
    """Circuits, and the sums of contractions that their leg tensors enter.

    Attributes:
        network: the network, cut down to what is asked for.
        names: a name for each quantity.
        tomographies: the circuits of the fragments; first one for each fragment that shares none.
        readings: for each fragment the leg tensors that terms use.
        bonds: for each component of each bond the matrices that terms use, (matrices, chi**2, chi**2).
        terms: which reading or matrix each term uses at each node, (terms, fragments + components).
        weights: (quantities, terms).
        constants: (quantities,).
    """

    network: Network
    names: tuple[str, ...]
    tomographies: tuple[Tomography, ...] = field(repr=False)
    readings: tuple[tuple[Reading, ...], ...] = field(repr=False)
    bonds: tuple[Reals, ...] = field(repr=False)
    terms: NDArray[np.int64] = field(repr=False)
    weights: Reals = field(repr=False)
    constants: Reals = field(repr=False)

    @property
    def num_circuits(self) -> int:
        """How many different circuits."""
        return sum(one.num_circuits for one in self.tomographies)

    @cached_property
    def tree(self) -> Tree:
        """The order in which terms are contracted."""
        return plan_tree(*network_labels(self.network))


def network_labels(network: Network) -> tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]:
    """The indices of each node, fragments first and then the components of bonds, and the sizes of the indices."""
    number: dict[tuple[int, int, int], int] = {}
    sizes: list[int] = []
    labels: list[tuple[int, ...]] = []
    for fragment in network.fragments:
        own = []
        for place in places(fragment):
            leg = fragment.legs[place.leg]
            number[leg.bond, leg.end, place.component] = len(sizes)
            own.append(len(sizes))
            sizes.append(place.size)
        labels.append(tuple(own))
    for b, bond in enumerate(network.bonds):
        labels += [(number[b, 0, c], number[b, 1, c]) for c in range(len(bond.dims))]
    return tuple(labels), tuple(sizes)


def experiment(
    network: Network,
    quantities: Quantities,
    values: Mapping[str, float],
    frames: Mapping[str, Frame],
    generic: Mapping[str, float] | None = None,
    share: bool = False,
) -> Experiment:
    """The experiment for quantities of a network that was cut down to them.

    Args:
        network: the network.
        quantities: what is asked for.
        values: numbers for its parameters.
        frames: the frame of each kind of place.
        generic: other numbers at which dead and known entries are looked for; those of ``values`` if None.
        share: whether equal fragments share their counts.

    Raises:
        TooLargeError: a fragment has too many legs.
    """
    for position, fragment in enumerate(network.fragments):
        own = places(fragment)
        check_entries(position, own, int(np.prod([place.size for place in own], dtype=float)))
    words, index = fragment_words(network, quantities.words)
    structures = word_structures(network, words, values if generic is None else generic)
    run = shares(network.fragments, words, values, share)
    tomographies = tuple(_tomography(network, one, values, frames, structures) for one in run)
    bonds = tuple(matrix[None] for bond in network.bonds for matrix in transfers(bond, values))
    return Experiment(
        network,
        quantities.names,
        tomographies,
        _readings(run),
        bonds,
        np.concatenate([index, np.zeros((len(index), len(bonds)), dtype=np.int64)], axis=1),
        quantities.weights,
        quantities.constants,
    )


def _tomography(
    network: Network,
    share: Share,
    values: Mapping[str, float],
    frames: Mapping[str, Frame],
    structures: Sequence[Structure],
) -> Tomography:
    first = share.members[0]
    structure = shared_structure(share, structures)
    return tomography(first, network.fragments[first], share.words, values, frames, structure)


def _readings(run: Sequence[Share]) -> tuple[tuple[Reading, ...], ...]:
    """For each fragment its words, in the tomography that it has or shares."""
    found = {
        f: tuple(((t, w, 1.0),) for w in numbers)
        for t, share in enumerate(run)
        for f, numbers in zip(share.members, share.numbers, strict=True)
    }
    return tuple(found[f] for f in sorted(found))


def fragment_words(network: Network, words: Sequence[Word]) -> tuple[list[tuple[Word, ...]], NDArray[np.int64]]:
    """For each fragment the different words on its outputs, and for each word its number there, (words, fragments)."""
    found: list[tuple[Word, ...]] = []
    index = np.zeros((len(words), len(network.fragments)), dtype=np.int64)
    for f, fragment in enumerate(network.fragments):
        numbers: dict[Word, int] = {}
        index[:, f] = [numbers.setdefault(restricted(word, fragment), len(numbers)) for word in words]
        found.append(tuple(numbers))
    return found, index


def word_structures(network: Network, words: Sequence[Sequence[Word]], values: Mapping[str, float]) -> list[Structure]:
    """What is known of each fragment's leg tensors, as matrices (words, entries)."""
    seen = [leg_structure(fragment, own, values) for fragment, own in zip(network.fragments, words, strict=True)]
    masks = useful(network, seen, values)
    shapes = [(len(own), math.prod(one.known.shape[1:])) for one, own in zip(seen, words, strict=True)]
    return [
        Structure(one.known.reshape(shape), mask.reshape(shape))
        for one, mask, shape in zip(seen, masks, shapes, strict=True)
    ]
