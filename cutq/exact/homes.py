"""Where Pauli words are read out: the home leaf of each word, and the letters that all other leaves see."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from cutq.circuits.observable import Word
from cutq.errors import ObservableError


@dataclass(frozen=True)
class LeafSpec:
    """One tensor of the network, as far as planning needs it.

    Attributes:
        indices: one for each axis, in the order of the axes; each index is on exactly two leaves and summed over.
        support: the qubits whose letters the tensor depends on.
        cost: what it costs to read a word out elsewhere; among the leaves that a word touches the dearest is its home.
    """

    indices: tuple[Hashable, ...]
    support: frozenset[int] = frozenset()
    cost: float = 0.0


@dataclass(frozen=True)
class Reading:
    """The distinct pairs (home, rest), where each word belongs, and for each leaf what the rests are there.

    ``seen[leaf]`` maps the letters at a leaf to the numbers of the readouts whose rest has these letters there.
    """

    homes: tuple[int, ...]
    rests: tuple[Word, ...]
    placements: tuple[tuple[int, Word], ...]
    seen: tuple[dict[Word, list[int]], ...]


def _letters(word: Word, readers: Mapping[int, tuple[int, ...]]) -> dict[int, Word]:
    """The letters of a word at each leaf that reads any."""
    parts: dict[int, list[tuple[int, str]]] = {}
    for qubit, letter in word:
        if qubit not in readers:
            raise ObservableError(f"{letter}{qubit} acts on qubit {qubit}, which no tensor of the network reads")
        for leaf in readers[qubit]:
            parts.setdefault(leaf, []).append((qubit, letter))
    return {leaf: tuple(letters) for leaf, letters in parts.items()}


def _rank(leaves: Sequence[LeafSpec], parts: Sequence[dict[int, Word]]) -> list[int]:
    """The place of each leaf in the order of preference as a home: dearest first, then fewest distinct rests."""
    rests: list[set[int]] = [set() for _ in leaves]
    for part in parts:
        marks = {leaf: hash((leaf, letters)) for leaf, letters in part.items()}
        total = sum(marks.values())  # less one mark it stands for the rest; a collision would only change a preference
        for leaf, mark in marks.items():
            rests[leaf].add(total - mark)
    order = sorted(range(len(leaves)), key=lambda leaf: (-leaves[leaf].cost, len(rests[leaf]), leaf))
    rank = [0] * len(leaves)
    for place, leaf in enumerate(order):
        rank[leaf] = place
    return rank


def _homes(leaves: Sequence[LeafSpec], parts: Sequence[dict[int, Word]]) -> list[int]:
    rank = _rank(leaves, parts)
    homes = [min(part, key=rank.__getitem__, default=-1) for part in parts]
    alone = {home for home, part in zip(homes, parts, strict=True) if len(part) == 1}
    spare = min(range(len(leaves)), key=lambda leaf: (-leaves[leaf].cost, leaf not in alone, rank[leaf]))
    return [spare if home < 0 else home for home in homes]


def read_words(leaves: Sequence[LeafSpec], words: Sequence[Word]) -> Reading:
    """Where each word is read out; ObservableError where it acts on a qubit that no leaf reads."""
    lists: dict[int, list[int]] = {}
    for leaf, spec in enumerate(leaves):
        for qubit in spec.support:
            lists.setdefault(qubit, []).append(leaf)
    readers = {qubit: tuple(on) for qubit, on in lists.items()}
    parts = [_letters(word, readers) for word in words]
    numbers: dict[tuple[int, Word], int] = {}
    placements = []
    for word, part, home in zip(words, parts, _homes(leaves, parts), strict=True):
        rest = tuple(pair for pair in word if readers[pair[0]] != (home,)) if len(part) > 1 else ()
        placements.append((numbers.setdefault((home, rest), len(numbers)), part.get(home, ())))
    seen: tuple[dict[Word, list[int]], ...] = tuple({} for _ in leaves)
    for (home, rest), number in numbers.items():
        for leaf, letters in _letters(rest, readers).items():
            if leaf != home:
                seen[leaf].setdefault(letters, []).append(number)
    homes = tuple(home for home, _ in numbers)
    return Reading(homes, tuple(rest for _, rest in numbers), tuple(placements), seen)
