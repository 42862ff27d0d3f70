"""Which entries of a fragment's leg tensor are zero or known: from its structure, never from data.

An entry is ``<Psi| P (x) W |Psi>`` in the purified state of the fragment (:mod:`cutq.network.purified`), for a word P
of its places and a word W of its outputs. It is zero ("dead") where no word that has a value at the start can be
reached backwards from ``P (x) W``: that sees light cones, diagonal uses of wires, stabilizers and Clifford gates.
Where all operations are real, so is ``|Psi>``, and entries with an odd number of Y are dead as well. Golden cuts
(Chen et al., arXiv:2304.04093, find them from data) are one case. What is dead need not be measured or prepared.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cutq.network.legspace import places, transfers
from cutq.network.network import Fragment, Network, Slot
from cutq.network.propagate import Bits, Reals
from cutq.network.purified import EITHER, Word, purified

COUPLES = 1e-12
"""Entries of transfer matrices below this are zero."""

MOST_REMEMBERED = 2**16
"""Entries of structures above which they are not kept for the next call."""


@dataclass(frozen=True, eq=False)
class Structure:
    """What is certain of a fragment's leg tensors.

    Attributes:
        live: whether an entry may be other than zero, (words, chi**2 of each place ...).
        known: the value of an entry where it is certain, 0 where the entry is dead; NaN elsewhere. The same axes.
    """

    live: Bits
    known: Reals


def leg_structure(fragment: Fragment, words: Sequence[Word], values: Mapping[str, float]) -> Structure:
    """What is certain of the leg tensor of each word, at these values of the parameters.

    Args:
        fragment: the fragment.
        words: what is asked for at its outputs: letters on qubits of the circuit that are among ``fragment.outputs``,
            Pauli letters, or ``"0"`` and ``"1"`` for the projectors ``(1 +- Z) / 2``.
        values: numbers for its parameters.

    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.cuts import WireCut
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> chain = Circuit(2, (Operation("ry", (0,), (0.3,)), Operation("cx", (0, 1)), Operation("h", (1,))))
    >>> first, second = split(chain, CutPlan((WireCut(0, 0),))).fragments
    >>> leg_structure(first, [()], {}).live.tolist()
    [[True, True, False, True]]
    >>> leg_structure(second, [((0, "X"), (1, "Z")), ((0, "Z"),)], {}).known.tolist()
    [[0.0, 2.0, 0.0, 0.0], [0.0, 0.0, 0.0, 2.0]]
    """
    operations = [item.letters if isinstance(item, Slot) else (item.operation,) for item in fragment.items]
    names = dict.fromkeys(name for several in operations for op in several for name in op.parameters)
    entries = len(words) * math.prod(place.size for place in places(fragment))
    analysed = _leg_structure if entries <= MOST_REMEMBERED else _leg_structure.__wrapped__
    return analysed(fragment, tuple(map(tuple, words)), tuple((name, float(values[name])) for name in names))


@functools.lru_cache(maxsize=64)
def _leg_structure(fragment: Fragment, words: tuple[Word, ...], values: tuple[tuple[str, float], ...]) -> Structure:
    whole = purified(fragment, dict(values))
    if whole.affordable(sum(2 ** sum(letter in "01" for _, letter in word) for word in words)):
        terms = [list(_terms(word)) for word in words]
    else:
        terms = [[(1.0, _merged(word))] for word in words]
    asked = list(dict.fromkeys(pauli for own in terms for _, pauli in own))
    number = {pauli: k for k, pauli in enumerate(asked)}
    of_live, of_known = whole.structure(asked)
    live, known = np.zeros((len(words), *of_live.shape[1:]), dtype=bool), np.zeros((len(words), *of_live.shape[1:]))
    for k, own in enumerate(terms):
        for coefficient, pauli in own:
            live[k] |= of_live[number[pauli]]
            known[k] += coefficient * of_known[number[pauli]]
    live &= known != 0
    live.flags.writeable = known.flags.writeable = False
    return Structure(live, known)


def _terms(word: Word) -> Iterator[tuple[float, Word]]:
    """The Pauli words that a word is a sum of, with their coefficients."""
    fixed = tuple((qubit, letter) for qubit, letter in word if letter in "XYZ")
    projectors = [(qubit, 1 - 2 * int(letter)) for qubit, letter in word if letter in "01"]
    for chosen in itertools.product((False, True), repeat=len(projectors)):
        used = [one for one, is_z in zip(projectors, chosen, strict=True) if is_z]
        sign = math.prod(sign for _, sign in used)
        yield sign / 2 ** len(projectors), tuple(sorted((*fixed, *((qubit, "Z") for qubit, _ in used))))


def _merged(word: Word) -> Word:
    """One word that stands for all the Pauli words of a word."""
    return tuple(sorted((qubit, EITHER if letter in "01" else letter) for qubit, letter in word if letter != "I"))


def useful(network: Network, structures: Sequence[Structure], values: Mapping[str, float]) -> list[Bits]:
    """For each fragment the entries that are live and that the other ends of its bonds can see.

    An entry is of no use if a bond joins it only to entries that are dead for every word of the other fragment; that
    may make other entries useless, and so on. Bonds with both ends in one fragment tell nothing.

    Args:
        network: the network.
        structures: for each fragment what is certain of it; of all words that are ever joined.
        values: numbers for the parameters of the cut gates.

    Returns:
        For each fragment an array like ``live``, (words, chi**2 of each place ...).

    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.cuts import WireCut
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> chain = Circuit(2, (Operation("ry", (0,), (0.3,)), Operation("cx", (0, 1)), Operation("h", (1,))))
    >>> network = split(chain, CutPlan((WireCut(0, 0),)))
    >>> both = [leg_structure(network.fragments[0], [()], {}), leg_structure(network.fragments[1], [((0, "Z"),)], {})]
    >>> [mask.tolist() for mask in useful(network, both, {})]
    [[[False, False, False, True]], [[False, False, False, True]]]
    """
    masks = [structure.live.copy() for structure in structures]
    joints = list(_joints(network, values))
    while True:
        before = [mask.sum() for mask in masks]
        for (one, axis), (two, other), coupled in joints:
            _cut_down(masks[one], axis, coupled @ _alive(masks[two], other))
            _cut_down(masks[two], other, _alive(masks[one], axis) @ coupled)
        if [mask.sum() for mask in masks] == before:
            return masks


End = tuple[int, int]
"""A fragment and an axis of its leg tensors."""


def _joints(network: Network, values: Mapping[str, float]) -> Iterator[tuple[End, End, Bits]]:
    """For each component of a bond between two fragments its ends and which entries there it couples."""
    axis = {
        (fragment.legs[place.leg].bond, fragment.legs[place.leg].end, place.component): 1 + k
        for fragment in network.fragments
        for k, place in enumerate(places(fragment))
    }
    for position, bond in enumerate(network.bonds):
        if bond.ends[0] == bond.ends[1]:
            continue
        for component, matrix in enumerate(transfers(bond, values)):
            ends = [(bond.ends[end], axis[position, end, component]) for end in (0, 1)]
            yield ends[0], ends[1], np.abs(matrix) > COUPLES


def _alive(mask: Bits, axis: int) -> Bits:
    """Which entries along an axis are live anywhere."""
    return np.asarray(mask.any(axis=tuple(k for k in range(mask.ndim) if k != axis)))


def _cut_down(mask: Bits, axis: int, seen: Bits) -> None:
    mask &= seen.reshape([-1 if k == axis else 1 for k in range(mask.ndim)])
