"""Leg tensors as positive matrices: the output bases of fragments, their blocks, and the nearest positive ones.

In one output basis the leg tensors ``D_P(o)`` of a fragment's outcomes ``o`` make matrices on its virtual qubits,
``J_o = sum_P D_P(o) P / chi``. For the exact fragment they are sums of ``|T><T|`` of its amplitudes, and so positive;
their traces sum to the norm of its virtual state.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutq.circuits.observable import Word
from cutq.errors import TooLargeError
from cutq.network.frames import Frame
from cutq.network.legspace import Complexes, Reals, paulis, places
from cutq.network.network import Fragment
from cutq.shots.fit import fit
from cutq.shots.jobs import Counts
from cutq.shots.readings import readable, shared_bases, word_values
from cutq.shots.simulated import all_bits
from cutq.shots.tomography import Structure, Tomography, tomography

MOST_NUMBERS = 2**22
"""Entries of the blocks of one output basis up to which they are projected."""

LEAST_CHANCE = 1e-12
"""Sum of a circuit's chances below which the blocks say nothing of it."""


def nearest_positive(blocks: ArrayLike, trace: float) -> Complexes:
    """The positive block-diagonal matrix of a trace that is nearest to a Hermitian one, in the Frobenius norm.

    The eigenvalues of all blocks together are moved down, or up, by the same number, and those below 0 set to 0
    (Smolin, Gambetta, Smith, Phys. Rev. Lett. 108, 070502).

    Args:
        blocks: Hermitian, (blocks, dim, dim).
        trace: of all of them together, more than 0.

    Returns:
        (blocks, dim, dim).

    >>> nearest_positive([[[0.9, 0], [0, 0.4]], [[-0.3, 0], [0, 0]]], 1.0).real.round(2).tolist()
    [[[0.75, 0.0], [0.0, 0.25]], [[0.0, 0.0], [0.0, 0.0]]]
    """
    values, vectors = np.linalg.eigh(np.asarray(blocks, dtype=complex))
    falling = np.sort(values, axis=None)[::-1]
    moved = (np.cumsum(falling) - trace) / np.arange(1, falling.size + 1)
    kept = np.maximum(values - moved[np.flatnonzero(falling > moved)[-1]], 0)
    return np.asarray((vectors * kept[:, None, :]) @ vectors.conj().swapaxes(1, 2))


@dataclass(frozen=True, eq=False)
class OutputBasis:
    """What is read of a fragment in one output basis.

    Attributes:
        first: the number of its first circuit among those of the fragment.
        circuits: all its circuits, for the word of all outputs that are measured; nothing is taken to be known.
        words: which words of the fragment it reads.
        values: the value of each of them for each outcome, (words, 2**outputs).
        trace: that of all exact blocks together.
    """

    first: int
    circuits: Tomography
    words: NDArray[np.int64]
    values: Reals
    trace: float

    @property
    def position(self) -> int:
        """Which fragment of the network it is of."""
        return self.circuits.position

    @property
    def own(self) -> slice:
        """Its circuits among those of the fragment."""
        return slice(self.first, self.first + self.circuits.num_variants)

    @property
    def dim(self) -> int:
        """The dimension of a block."""
        return math.isqrt(self.circuits.model.shape[-1])

    def frequencies(self, counts: Sequence[Counts]) -> Reals:
        """How often each outcome was seen, as shares, (variants, outcomes of the choices, 2**outputs).

        Args:
            counts: those of all circuits of the fragment.
        """
        width = self.circuits.variants[0].num_outputs
        found = np.zeros((*self.circuits.model.shape[:2], 1 << width))
        for own, one in zip(found, counts[self.own], strict=True):
            np.add.at(own, (_numbers(one.bits[:, width:]), _numbers(one.bits[:, :width])), one.numbers / one.shots)
        return found

    def inverse(self, shots: Reals) -> Complexes:
        """The pooled fit for so many shots of each circuit, from shares to a block, (dim * dim, variants * outcomes).

        Args:
            shots: those of all circuits of the fragment.
        """
        by = fit(self.circuits, shots[self.own]).inverse[0].reshape(self.dim**2, -1)
        return np.asarray(self._words.T @ by / self.dim)

    def blocks(self, inverse: Complexes, seen: Reals) -> Complexes:
        """The nearest positive blocks to those that the shares of outcomes say, (2**outputs, dim, dim)."""
        raw = inverse @ seen.reshape(inverse.shape[1], -1)
        return nearest_positive(raw.T.reshape(-1, self.dim, self.dim), self.trace)

    def tensors(self, blocks: Complexes) -> Reals:
        """The leg tensors of its words, (words, entries)."""
        return self._entries(np.tensordot(self.values, blocks, axes=1))

    def chances(self, blocks: Complexes, seen: Reals) -> Reals:
        """The chance of each outcome that blocks say, in the shape of its shares.

        The blocks need not be those of a circuit, so that the chances of its outcomes need not sum to 1, and are made
        to; where they are all 0 it keeps the shares that were seen.
        """
        found = np.maximum(np.einsum("vsp,op->vso", self.circuits.model, self._entries(blocks), optimize=True), 0)
        total = found.sum(axis=(1, 2), keepdims=True)
        return np.where(total > LEAST_CHANCE, found / np.maximum(total, LEAST_CHANCE), seen)

    def _entries(self, blocks: Complexes) -> Reals:
        """``D_P = tr(P J)``, (blocks, entries)."""
        return np.asarray((blocks.reshape(len(blocks), -1) @ self._words.conj().T).real)

    @property
    def _words(self) -> Complexes:
        """The Pauli words of all places together, (entries, dim * dim)."""
        return paulis(self.dim).reshape(-1, self.dim**2)


def _numbers(bits: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Bits as numbers, the most significant one first."""
    return np.asarray(bits @ (1 << np.arange(bits.shape[1])[::-1]), dtype=np.int64)


def output_bases(
    position: int,
    fragment: Fragment,
    words: Sequence[Word],
    values: Mapping[str, float],
    frames: Mapping[str, Frame],
) -> list[OutputBasis]:
    """The output bases in which words of a fragment are read, each with all circuits that its blocks take.

    Outputs that no word of a basis needs are not measured.

    Args:
        position: which fragment of the network it is.
        fragment: the fragment.
        words: what is read.
        values: numbers for its parameters.
        frames: the frame of each kind of place.

    Raises:
        TooLargeError: there would be more than ``MOST_NUMBERS`` numbers in one basis, or it has too many legs.
    """
    own = places(fragment)
    size, trace = math.prod(place.size for place in own), float(math.prod(place.norm for place in own))
    nothing = Structure(np.full((1, size), np.nan), np.ones((1, size), dtype=bool))
    found: list[OutputBasis] = []
    for group in shared_bases(words, fragment.outputs):
        asked = tuple((q, basis) for q, basis in zip(fragment.outputs, group.letters, strict=True) if basis != "I")
        _check_numbers(position, size, len(asked))
        circuits = tomography(position, fragment, [asked], values, frames, nothing)
        _check_numbers(position, math.prod(circuits.model.shape[:2]), len(asked))
        read = [w for w, word in enumerate(words) if readable(word, group.letters, fragment.outputs)]
        seen = word_values([words[w] for w in read], group.letters, fragment.outputs, all_bits(len(asked))).T
        first = found[-1].own.stop if found else 0
        found.append(OutputBasis(first, circuits, np.array(read), seen, trace))
    return found


def _check_numbers(position: int, size: int, outputs: int) -> None:
    if size << outputs > MOST_NUMBERS:
        raise TooLargeError(
            f"fragment {position} has {size << outputs} numbers for the outcomes of the {outputs} outputs that are "
            f"read in one basis, of which at most {MOST_NUMBERS} are projected; ask for fewer qubits at a time, or use "
            "cutq.estimate"
        )
