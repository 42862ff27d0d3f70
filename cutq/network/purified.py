"""The circuit that makes the purified state of a fragment, and which words have a value in that state.

With the amplitudes ``T[x, a]`` of a fragment the purified state is ``|Psi> = sum_a |a> |T_a>``. A circuit on segments
and virtual qubits makes it: a wire that begins is a Bell pair, the virtual qubits of a cut gate start in ``|+>`` and
choose the letters of its slots, and where a wire ends the segment itself is the virtual qubit. Words are carried back
to the start of that circuit (:mod:`cutq.network.propagate`), where only few have a value.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.gates import Matrix
from cutq.network.legspace import Place, paulis, places
from cutq.network.network import Fragment, Slot
from cutq.network.propagate import Bits, Masks, Reals, Spread, Step, conjugation

Word = tuple[tuple[int, str], ...]
"""Letters on qubits of the circuit."""

EITHER = "?"
"""The letter for both I and Z: what a projector is a sum of."""

MOST_WORK = 2_000_000
"""Words times operations above which no word is carried, which would take seconds; then only reality is used."""

BATCH = 4096
"""Words that are carried together, which bounds the memory."""


@dataclass(frozen=True, eq=False)
class Purified:
    """The circuit that makes the purified state of a fragment; its qubits are the segments and then virtual ones.

    Attributes:
        places: the places of the fragment.
        qubits: for each place that ends a wire or cuts a gate its virtual qubits; none where a wire begins.
        outputs: for the circuit's qubits that are outputs the qubit here.
        num_qubits: how many there are.
        steps: the operations in the order of time, after Bell pairs and states ``|+>`` are made.
    """

    places: tuple[Place, ...]
    qubits: tuple[tuple[int, ...], ...]
    outputs: Mapping[int, int]
    num_qubits: int
    steps: tuple[Step, ...]

    @property
    def carried(self) -> list[int]:
        """Places whose words are carried back."""
        return [k for k, place in enumerate(self.places) if place.kind != "in"]

    @property
    def begun(self) -> list[int]:
        """Places where a wire begins: their words are only compared with what arrives at the start."""
        return [k for k, place in enumerate(self.places) if place.kind == "in"]

    def sizes(self, which: Sequence[int]) -> tuple[int, ...]:
        """Dimensions of the leg spaces of some places."""
        return tuple(self.places[k].size for k in which)

    def affordable(self, num_words: int) -> bool:
        """Whether so many Pauli words of the outputs are worth being carried."""
        carried = math.prod(self.sizes(self.carried)) * len(self.steps)
        return num_words * max(carried, math.prod(self.sizes(range(len(self.places))))) <= MOST_WORK

    def structure(self, words: Sequence[Word]) -> tuple[Bits, Reals]:
        """For Pauli words of the outputs which entries may be other than zero, and which are known.

        Args:
            words: the words; the letter ``EITHER`` stands for both I and Z.

        Returns:
            The axes ``live`` and ``known`` of :class:`cutq.network.structure.Structure` with these words.
        """
        order = [*self.carried, *self.begun]
        imaginary = [sum(letter == "Y" for _, letter in word) % 2 == 1 for word in words]
        odd = _odd(imaginary, [self.places[k] for k in order])
        flat = odd.reshape(-1, math.prod(self.sizes(self.begun)))
        if words and self.affordable(len(words)):
            live, known, real = self._carry(words)
        else:
            live, known = np.ones(flat.shape, dtype=bool), np.full(flat.shape, np.nan)
            real = np.array([all(table.real for table, _ in self.steps)])
        live &= ~(flat & real[:, None])
        axes = [0, *(1 + order.index(k) for k in range(len(order)))]
        known = np.where(live, known, 0.0)
        return live.reshape(odd.shape).transpose(axes), known.reshape(odd.shape).transpose(axes)

    def _carry(self, words: Sequence[Word]) -> tuple[Bits, Reals, Bits]:
        """For each word that is carried and each of what begins: live, known; for each that is carried: is all real."""
        letters, generators = self._letters(words)
        shape = (len(words), *self.sizes(self.carried))
        asked, signs = self._asked()
        found = []
        for start in range(0, math.prod(shape), BATCH):
            word, *legs = np.unravel_index(np.arange(start, min(start + BATCH, math.prod(shape))), shape)
            first = letters[:, word]
            for k, index in zip(self.carried, legs, strict=True):
                for qubit, digit in zip(self.qubits[k], _digits(index, len(self.qubits[k])), strict=True):
                    first[2 * qubit], first[2 * qubit + 1] = (digit ^ digit >> 1) & 1, digit >> 1
            sets = Spread(first, generators[:, :, word])
            sets.back(self.steps)
            holds = np.ones((len(word), len(asked)), dtype=bool)
            for equation in sets.conditions(*self._ends()):
                holds &= np.bitwise_count(equation[:, None] & asked) % 2 == 0
            found.append((holds, np.where(sets.sign == 0, np.nan, sets.sign)[:, None] * signs, sets.real))
        live, known, real = (np.concatenate(own) for own in zip(*found, strict=True))
        return live, known, real

    def _letters(self, words: Sequence[Word]) -> tuple[Bits, Bits]:
        """The letters of words as first words of sets, (2 n, words), and as generators, (outputs, 2 n, words)."""
        first = np.zeros((2 * self.num_qubits, len(words)), dtype=bool)
        either = sorted({self.outputs[qubit] for word in words for qubit, letter in word if letter == EITHER})
        generators = np.zeros((len(either), *first.shape), dtype=bool)
        for k, word in enumerate(words):
            for qubit, letter in word:
                row = 2 * self.outputs[qubit]
                first[row : row + 2, k] = letter in "XY", letter in "YZ"
                if letter == EITHER:
                    generators[either.index(self.outputs[qubit]), row + 1, k] = True
        return first, generators

    def _ends(self) -> tuple[NDArray[np.int_], Masks]:
        """Rows that have to be as asked at the start, and the tags of the bits of places where a wire begins.

        ``|0>`` has a value for I and Z, ``|+>`` for I and X, and a Bell pair for equal letters.
        """
        begun = (self.places[k].segment for k in self.begun)
        wires = {segment: k for k, segment in enumerate(begun) if segment is not None}
        virtual = [qubit for k in self.carried if self.places[k].kind == "gate" for qubit in self.qubits[k]]
        rows = [(2 * qubit + (qubit in virtual), 0) for qubit in range(self.num_qubits) if qubit not in wires]
        rows += [(2 * segment + bit, 2 << 2 * k + bit) for segment, k in wires.items() for bit in (0, 1)]
        return np.array([row for row, _ in rows], dtype=int), np.array([tag for _, tag in rows], dtype=np.uint64)

    def _asked(self) -> tuple[Masks, Reals]:
        """For the words of places where a wire begins: their bits as the tags name them, their values times norms."""
        begun = [self.places[k] for k in self.begun]
        digits = _digits(np.arange(4 ** len(begun)), len(begun))
        asked = np.ones(4 ** len(begun), dtype=np.uint64)
        for k, digit in enumerate(digits):
            bits = (digit ^ digit >> 1) & 1 | digit >> 1 << 1
            asked |= bits.astype(np.uint64) << np.uint64(1 + 2 * k)
        # Y is antisymmetric, so that a Bell pair has the value -1 for Y on both.
        return asked, np.where(_odd([False], begun).ravel(), -1.0, 1.0) * math.prod(place.norm for place in self.places)


def _digits(index: NDArray[np.int_], count: int) -> list[NDArray[np.int_]]:
    """The letters of words by the index of :func:`cutq.network.legspace.paulis`: 0 to 3 for I, X, Y, Z."""
    return [index >> 2 * (count - 1 - k) & 3 for k in range(count)]


def _odd(words: Sequence[bool], own: Sequence[Place]) -> Bits:
    """Whether the number of Y is odd, over words and the entries of places."""
    # A Pauli word is imaginary if it has an odd number of Y, and else real.
    letters = [paulis(place.dim).imag.any(axis=(1, 2)) for place in own]
    return functools.reduce(np.logical_xor.outer, letters, np.array(words, dtype=bool))


def purified(fragment: Fragment, values: Mapping[str, float]) -> Purified:
    """The circuit of the purified state of a fragment, at these values of its parameters.

    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> pair = Circuit(2, (Operation("h", (0,)), Operation("cx", (0, 1))))
    >>> own = purified(split(pair, CutPlan.from_partition(pair, "AB")).fragments[0], {})
    >>> own.num_qubits, own.qubits, [qubits for _, qubits in own.steps]
    (2, ((1,),), [(0,), (1, 0)])
    >>> live, known = own.structure([()])
    >>> known.tolist()
    [[2.0, 0.0, 0.0, 0.0]]
    """
    own = places(fragment)
    count, qubits = fragment.width, list[tuple[int, ...]]()
    for place in own:
        new = place.dim.bit_length() - 1 if place.kind == "gate" else 0
        ended = [place.segment] if place.kind == "out" and place.segment is not None else []
        qubits.append((*ended, *range(count, count + new)))
        count += new
    chosen = {(place.leg, place.component): virtual for place, virtual in zip(own, qubits, strict=True)}
    steps = []
    for item in fragment.items:
        if isinstance(item, Slot):
            steps.append((conjugation(_selected(item, values)), (*chosen[item.leg, item.component], item.segment)))
        else:
            steps.append((conjugation(item.operation.unitary(values)), item.operation.qubits))
    return Purified(own, tuple(qubits), {q: k for k, q in enumerate(fragment.outputs)}, count, tuple(steps))


def _selected(slot: Slot, values: Mapping[str, float]) -> Matrix:
    """``sum_a |a><a| (x) L_a``: the virtual qubits of a place choose the letter of a slot."""
    letters = [letter.unitary(values) for letter in slot.letters]
    found = np.zeros((len(letters), 2, len(letters), 2), dtype=complex)
    for k, letter in enumerate(letters):
        found[k, :, k] = letter
    return found.reshape(2 * len(letters), -1)
