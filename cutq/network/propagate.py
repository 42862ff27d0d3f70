"""Pauli words carried backwards through operations (Heisenberg picture), as affine sets of all that may occur.

A word on ``n`` qubits is ``2 n`` bits, an x and a z of each qubit: I = 00, X = 10, Z = 01, Y = 11. Up to phases words
multiply as their bits add, so that a Clifford operation acts on them as a matrix over GF(2) and a sign (Aaronson,
Gottesman, PRA 70 052328). Any other operation turns a word into a sum of words. What may occur is kept as an affine
set: a first word, plus the span of generators. Each operation replaces the set by the affine hull of its image, so
that no word that occurs is ever left out, and a rotation about P adds at most the one generator P.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.gates import PAULIS, Matrix

Bits = NDArray[np.bool_]
Masks = NDArray[np.uint64]
Reals = NDArray[np.float64]

OCCURS = 1e-10
"""Coefficients of words, and imaginary parts of matrices, below this are zero."""

DECIMALS = 12
"""Matrices that agree in so many decimals share one table."""

WORD_BITS = 64
"""Generators in one number of a mask."""


@dataclass(frozen=True, eq=False)
class Rule:
    """What an operation on ``k`` qubits does to all words whose parts on its qubits are one and the same affine set.

    Attributes:
        shift: what is added to the first word, (2 k,).
        turned: for each bit of a generator (second axis) what is added to the generator, (2 k, 2 k).
        fresh: new generators, (at most 2 k, 2 k).
        sign: 1 or -1 where the first word stays one word; 0 where it becomes a sum.
        idle: whether every word of the set stays what it is.
    """

    shift: Bits
    turned: Bits
    fresh: Bits
    sign: int
    idle: bool


@dataclass(frozen=True, eq=False)
class Conjugation:
    """The table of an operation ``U``: which words on its ``k`` qubits occur in ``U^+ Q U`` for each word Q.

    Bits 2 j and 2 j + 1 of a word's number are the x and z of qubit j. Operations with the same table share it.

    Attributes:
        images: for each word those that occur in its image, (4**k,).
        signs: for each word that becomes one word the sign of that, 1 or -1; else 0, (4**k,).
        real: whether ``U`` is real up to a phase.
    """

    images: tuple[tuple[int, ...], ...]
    signs: tuple[int, ...]
    real: bool

    @property
    def clifford(self) -> bool:
        """Whether every word becomes one word."""
        return all(self.signs)

    def keeps(self, word: int) -> bool:
        """Whether the word stays what it is."""
        return self.images[word] == (word,) and self.signs[word] == 1


def conjugation(unitary: Matrix) -> Conjugation:
    """The table of an operation, (2**k, 2**k), first qubit most significant.

    >>> table = conjugation(np.diag([1, 1j]))
    >>> table.images, table.clifford, table.real
    (((0,), (3,), (2,), (1,)), True, False)
    """
    return _conjugation((np.round(unitary, DECIMALS) + 0.0).astype(complex).tobytes(), len(unitary))


@functools.lru_cache(maxsize=4096)
def _conjugation(data: bytes, dim: int) -> Conjugation:
    unitary = np.frombuffer(data, dtype=complex).reshape(dim, dim)
    words = _words(dim)
    turned = (unitary.conj().T @ words @ unitary).reshape(len(words), -1)
    found = (turned @ words.transpose(0, 2, 1).reshape(len(words), -1).T).real / dim
    images = tuple(tuple(np.flatnonzero(row).tolist()) for row in np.abs(found) > OCCURS)
    signs = tuple(round(row[own[0]]) if len(own) == 1 else 0 for row, own in zip(found, images, strict=True))
    largest = unitary.flat[np.abs(unitary).argmax()]
    return _table(images, signs, bool(np.abs((unitary * largest.conj()).imag).max() < OCCURS))


_table = functools.lru_cache(maxsize=4096)(Conjugation)
"""One table for all operations that do the same to words, for example all turns about X by no special angle."""


@functools.cache
def _words(dim: int) -> Matrix:
    """The words by their numbers, (dim**2, dim, dim)."""
    found = np.ones((1, 1, 1), dtype=complex)
    one = np.stack([PAULIS[letter] for letter in "IXZY"])
    while found.shape[1] < dim:
        # The number's low bits are the first qubit: new qubits are slower in the number, faster in the matrix.
        found = np.einsum("nab,wcd->nwcadb", one, found).reshape(4 * len(found), *(2 * found.shape[1],) * 2)
    return found


@functools.lru_cache(maxsize=2**16)
def rule(table: Conjugation, vanishing: int, first: int) -> Rule:
    """What an operation does to an affine set.

    Args:
        table: the operation's.
        vanishing: bit ``m`` says whether the parity of the bits ``m`` vanishes on all generators, which tells the span
            of their parts on the operation's qubits.
        first: number of the first word's part there.

    >>> turn = conjugation(np.array([[0.8, 0.6j], [0.6j, 0.8]]))
    >>> rule(turn, 0b1111, 0b10).fresh.tolist(), rule(turn, 0b1111, 0b01).idle  # Z, which X is added to, and X
    ([[True, False]], True)
    """
    size = len(table.images)
    checks = [m for m in range(size) if vanishing >> m & 1]
    basis = _echelon(s for s in range(size) if not any((m & s).bit_count() & 1 for m in checks))
    # The first word and those one basis vector away say what happens to all where nothing spreads; the rest is fresh.
    image = [own[0] for own in table.images]
    shift = first ^ image[first]
    turned = {pivot: row ^ image[first ^ row] ^ first ^ shift for pivot, row in basis.items()}
    fresh, members = [], []
    for chosen in itertools.product((0, 1), repeat=len(basis)):
        word, moved = first, shift
        for (pivot, row), used in zip(basis.items(), chosen, strict=True):
            word, moved = (word ^ row, moved ^ turned[pivot]) if used else (word, moved)
        members.append(word)
        fresh += [word ^ moved ^ own for own in table.images[word]]
    bits = size.bit_length() - 1
    columns = _unpacked([turned.get(bit, 0) for bit in range(bits)], bits)
    rows = _unpacked(list(_echelon(fresh).values()), bits)
    return Rule(_unpacked([shift], bits)[0], columns.T, rows, table.signs[first], all(map(table.keeps, members)))


def _echelon(vectors: Iterable[int]) -> dict[int, int]:
    """The reduced echelon basis of a span over GF(2): by its leading bit, which no other has, each basis vector."""
    basis: dict[int, int] = {}
    for vector in vectors:
        for pivot, row in basis.items():
            vector ^= row if vector >> pivot & 1 else 0
        if vector:
            lead = vector.bit_length() - 1
            basis = {pivot: row ^ vector if row >> lead & 1 else row for pivot, row in basis.items()}
            basis[lead] = vector
    return basis


def _unpacked(numbers: Sequence[int], bits: int) -> Bits:
    """The bits of numbers, lowest first, (numbers, bits)."""
    return np.array([[number >> bit & 1 for bit in range(bits)] for number in numbers], dtype=bool).reshape(-1, bits)


Step = tuple[Conjugation, tuple[int, ...]]
"""An operation's table and the qubits it acts on."""


class Spread:
    """Many affine sets on their way backwards through the same operations; it changes, and lives for one analysis.

    Attributes:
        first: the first words, (2 n, sets): rows 2 q and 2 q + 1 are the x and z of qubit q.
        masks: the generators, (2 n, sets, numbers): bit j of a row says whether generator j has that bit.
        used: how many generators there are.
        sign: 1 or -1 where a set is one word yet, with that sign; else 0, (sets,).
        real: whether all operations that changed a set are real, (sets,).

    >>> sets = Spread(np.array([[False], [True]]), np.zeros((0, 2, 1), dtype=bool))
    >>> sets.back([(conjugation(np.array([[1, 1], [1, -1]]) / np.sqrt(2)), (0,))])
    >>> sets.first.ravel().tolist(), sets.sign.tolist()
    ([True, False], [1])
    """

    def __init__(self, first: Bits, generators: Bits) -> None:
        """Sets from their first words, (2 n, sets), and generators, (generators, 2 n, sets)."""
        self.first = first.copy()
        self.masks: Masks = np.zeros((*first.shape, 1), dtype=np.uint64)
        self.used = 0
        self.sign = np.where(generators.any(axis=(0, 1)), 0, 1).astype(np.int8)
        self.real = np.ones(first.shape[1], dtype=bool)
        self._add(generators, np.arange(len(first)), np.arange(first.shape[1]))

    def back(self, steps: Sequence[Step]) -> None:
        """Carry the sets backwards through operations that are given in the order of time."""
        for table, qubits in reversed(steps):
            self._through(table, np.array([2 * qubit + bit for qubit in qubits for bit in (0, 1)]))

    def _through(self, table: Conjugation, rows: NDArray[np.int_]) -> None:
        met = np.flatnonzero(self.first[rows].any(axis=0) | self.masks[rows].any(axis=(0, 2)))
        if not len(met):
            return
        first, masks = self.first[np.ix_(rows, met)], self.masks[np.ix_(rows, met)]
        rules, which = _rules(table, first, masks)
        if all(one.idle for one in rules):
            return
        self.first[np.ix_(rows, met)] = first ^ np.stack([one.shift for one in rules], axis=1)[:, which]
        turned = np.stack([one.turned for one in rules], axis=2)
        if turned.any():
            added = np.where(turned[:, :, which, None], masks, np.uint64(0))
            self.masks[np.ix_(rows, met)] = masks ^ np.bitwise_xor.reduce(added, axis=1)
        fresh = np.zeros((max(len(one.fresh) for one in rules), len(rows), len(rules)), dtype=bool)
        for k, one in enumerate(rules):
            fresh[: len(one.fresh), :, k] = one.fresh
        self._add(fresh[:, :, which], rows, met)
        self.sign[met] *= np.array([one.sign for one in rules], dtype=np.int8)[which]
        self.real[met] &= np.array([table.real or one.idle for one in rules])[which]

    def _add(self, generators: Bits, rows: NDArray[np.int_], sets: NDArray[np.int_]) -> None:
        """New generators of some of the sets, (generators, rows, sets)."""
        if self.used + len(generators) > 2 * len(self.first) + WORD_BITS:
            self._reduce()
        missing = -(-(self.used + len(generators)) // WORD_BITS) - self.masks.shape[2]
        if missing > 0:
            self.masks = np.concatenate([self.masks, np.zeros((*self.first.shape, missing), dtype=np.uint64)], axis=2)
        for own in generators:
            number, bit = divmod(self.used, WORD_BITS)
            self.masks[rows[:, None], sets, number] |= own.astype(np.uint64) << np.uint64(bit)
            self.used += 1

    def _reduce(self) -> None:
        """Replace the generators by a basis of their span: no more of them than rows, by Gaussian elimination."""
        self.used = len(self.first)
        basis = np.zeros((*self.first.shape, -(-self.used // WORD_BITS)), dtype=np.uint64)
        sets = np.arange(self.first.shape[1])
        for row in range(self.used):
            others, number, pivot = _pivots(self.masks[row])
            others[sets, number] ^= pivot
            # The generator at the pivot joins the basis; it is added to all others that have a bit in this row.
            has = (self.masks[:, sets, number] & pivot) != 0
            self.masks ^= np.where(has[:, :, None], others, np.uint64(0))
            self.masks[:, sets, number] &= ~pivot
            basis[:, :, row // WORD_BITS] |= has.astype(np.uint64) << np.uint64(row % WORD_BITS)
        self.masks = basis

    def conditions(self, rows: NDArray[np.int_], tags: Masks) -> Masks:
        """What some member of a set can have for its bits in these rows, as equations over GF(2), (rows, sets).

        Bits ``t`` that may be asked for are named by tags: a row is to be the sum of the ``t`` of its tag. Bit 0 of an
        equation is its constant, which no tag uses; it holds where the parity of it and of its ``t`` is even.
        """
        masks, found = self.masks[rows], self.first[rows].astype(np.uint64) | tags[:, None]
        sets = np.arange(found.shape[1])
        for row in range(len(rows)):
            own, number, pivot = _pivots(masks[row])
            hit = (masks[row + 1 :, sets, number] & pivot) != 0
            masks[row + 1 :] ^= np.where(hit[:, :, None], own, np.uint64(0))
            found[row + 1 :] ^= np.where(hit, found[row], np.uint64(0))
            # A generator is free to make this row whatever is asked for.
            found[row, pivot != 0] = 0
        return found


def _pivots(row: Masks) -> tuple[Masks, NDArray[np.intp], Masks]:
    """A copy of a row of masks, (sets, numbers), and for each set its lowest bit: in which number, and it alone."""
    number = (row != 0).argmax(axis=1)
    lowest = row[np.arange(len(row)), number]
    return row.copy(), number, lowest & (~lowest + np.uint64(1))


def _rules(table: Conjugation, first: Bits, masks: Masks) -> tuple[list[Rule], NDArray[np.intp]]:
    """The rules that an operation has for the parts of sets on its qubits, and which of them each set follows."""
    sums = np.zeros((1, *masks.shape[1:]), dtype=np.uint64)
    for own in masks:
        sums = np.concatenate([sums, sums ^ own])
    size = len(sums)
    flags = np.uint64(1) << np.arange(size, dtype=np.uint64)
    vanishing = np.bitwise_or.reduce(np.where(sums.any(axis=2), np.uint64(0), flags[:, None]), axis=0)
    start = np.left_shift(first, np.arange(len(first))[:, None], dtype=np.int64).sum(axis=0)
    spans, span = np.unique(vanishing, return_inverse=True)
    pairs, which = np.unique(span * size + start, return_inverse=True)
    return [rule(table, int(spans[pair // size]), pair % size) for pair in pairs.tolist()], which
