"""What is read out of fragments: words of letters on their outputs, and the bases in which many are read at once.

Beside the Pauli letters a word may have the letters 0 and 1, the projectors on an outcome of a qubit, so that
probabilities are values of words like observables are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.observable import Word
from cutq.network.network import Fragment

PROJECTORS = "01"
"""The letters of outcomes; both are read in the basis of Z."""


def restricted(word: Word, fragment: Fragment) -> Word:
    """The part of a word on the outputs of a fragment."""
    own = set(fragment.outputs)
    return tuple((qubit, letter) for qubit, letter in word if qubit in own)


def basis_of(letter: str) -> str:
    """The Pauli basis in which a letter is read.

    >>> basis_of("X"), basis_of("1")
    ('X', 'Z')
    """
    return "Z" if letter in PROJECTORS else letter


@dataclass(frozen=True)
class Bases:
    """Bases in which some words are read together.

    Attributes:
        letters: for each output of the fragment the basis that is measured, ``"I"`` where none is.
        words: positions of the words that are assigned to it.
    """

    letters: str
    words: tuple[int, ...]


def shared_bases(words: Sequence[Word], outputs: Sequence[int]) -> tuple[Bases, ...]:
    """Words that commute qubit by qubit, read in one circuit; greedily, the longest words first.

    >>> [found.letters for found in shared_bases([((0, "Z"),), ((1, "Z"),), ((0, "X"), (1, "Z"))], (0, 1))]
    ['XZ', 'ZI']
    """
    groups: list[tuple[dict[int, str], list[int]]] = []
    for number in sorted(range(len(words)), key=lambda k: -len(words[k])):
        own = {qubit: basis_of(letter) for qubit, letter in words[number]}
        for bases, members in groups:
            if all(bases.get(qubit, letter) == letter for qubit, letter in own.items()):
                bases.update(own)
                members.append(number)
                break
        else:
            groups.append((own, [number]))
    return tuple(Bases("".join(bases.get(q, "I") for q in outputs), tuple(sorted(own))) for bases, own in groups)


def readable(word: Word, bases: str, outputs: Sequence[int]) -> bool:
    """Whether a word can be read where these bases are measured."""
    measured = dict(zip(outputs, bases, strict=True))
    return all(measured[qubit] == basis_of(letter) for qubit, letter in word)


def word_values(
    words: Sequence[Word], bases: str, outputs: Sequence[int], bits: NDArray[np.uint8]
) -> NDArray[np.float64]:
    """The value of each word for each shot, (shots, words); 0 for words that these bases do not read.

    Args:
        words: the words.
        bases: what is measured at each output.
        outputs: the outputs' qubits.
        bits: the bits of the outputs that are measured, (shots, measured outputs).
    """
    column = {qubit: k for k, qubit in enumerate(q for q, basis in zip(outputs, bases, strict=True) if basis != "I")}
    found = np.zeros((len(bits), len(words)))
    for number, word in enumerate(words):
        if readable(word, bases, outputs):
            own = found[:, number]
            own[:] = 1.0
            for qubit, letter in word:
                bit = bits[:, column[qubit]]
                own *= bit == int(letter) if letter in PROJECTORS else 1.0 - 2.0 * bit
    return found
