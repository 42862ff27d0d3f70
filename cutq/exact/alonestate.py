"""Large fragments: their amplitudes by compiled kernels with the lanes as bits of one state, on several threads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from cutq.exact import kernels, large_kernels
from cutq.exact.blocks import Words, blocks, readout_words
from cutq.exact.densities import from_basis, to_basis
from cutq.exact.groups import Group, Mask, Readout, Reals
from cutq.exact.lanes import LANES
from cutq.exact.lanestate import trigonometric
from cutq.exact.placing import Integers
from cutq.exact.settings import Each
from cutq.exact.tiles import Pass, stages

THREADED_BITS = 14
"""States of fewer rows are run by one call, on one thread."""

PIECES = 32
"""The tiles of a pass are divided into at most so many pieces, whatever the number of threads."""

Parts = tuple[Reals, Reals]
"""Real and imaginary parts of a state, flat."""


class AloneState:
    """Final states of large fragments, one by one; item ``row * members + member``."""

    def __init__(self, group: Group, params: Reals, data: Reals, dtype: np.dtype[Any], each: Each) -> None:
        self.group, self.num_rows, self.dtype, self.each = group, len(params), dtype, each
        self.states: dict[int, Parts] = {}
        self.blocks = blocks(group)
        placed, table = group.placed, group.angles
        items = len(params) * group.members
        raw = np.zeros((items, table.count))
        affine = (table.starts, table.indices, table.weights, table.constants, table.members, table.count)
        kernels.bind(params, *affine, True, raw, 0, items)
        self.angles = np.empty((items, 2 * table.count), dtype)
        trigonometric(raw, self.angles)
        self.constants = placed.constants.astype(dtype)
        for item, row, member in self._items():
            for mask, offset in self._squares(member):
                words = self.blocks.words([mask])
                density = self._density(self._state(item), words, words.lanes)
                data[row, offset : offset + len(density)] = density

    def write_values(self, data: Reals, exponents: Integers, values: Reals) -> None:
        """Read values out, (rows, values), in the environments that the contraction left in data."""
        for item, row, member in self._items():
            for readout in self._readouts(member):
                words, columns = readout_words(self.blocks, readout, member)
                found = self._values(self._state(item), words, self._matrix(data[row], readout.offsets[member]))
                values[row, columns] = np.ldexp(found, exponents[row, readout.tensors[member]])

    def pull(self, weights: Reals, data: Reals, exponents: Integers, left: Reals) -> Any:
        """Adds the derivatives by the environments to ``left``; bras are made later, one at a time."""
        for item, row, member in self._items():
            for readout in self._readouts(member):
                words, own = self._weighted(readout, row, member, weights, exponents)
                density = self._density(self._state(item), words, own)
                at = readout.offsets[member]
                left[row, at : at + len(density)] += density
        return weights, data, exponents

    def push(self, bras: Any, left: Reals, out: Reals) -> None:
        """Add to ``out``, (rows, parameters), what derivatives by the values and the densities, in ``left``, mean."""
        weights, data, exponents = bras
        table = self.group.angles
        gradient = np.zeros((len(self.angles), table.count), self.dtype)
        for item, row, member in self._items():
            kept = self._state(item)
            state, bra = (kept[0].copy(), kept[1].copy()), self._zeros(LANES << self.group.placed.num_bits)
            for readout in self._readouts(member):
                words, own = self._weighted(readout, row, member, weights, exponents)
                self._add(bra, state, words, own, self._matrix(data[row], readout.offsets[member]))
            for mask, offset in self._squares(member):
                words = self.blocks.words([mask])
                self._add(bra, state, words, words.lanes, self._matrix(left[row], offset))
            self._run_back(item, state, bra, gradient[item])
            del state, bra
        affine = (table.starts, table.indices, table.weights, table.members, table.count)
        kernels.unbind(gradient, *affine, True, self.num_rows, out)

    def _items(self) -> Iterator[tuple[int, int, int]]:
        """Each item with its row and its member."""
        for item in range(self.num_rows * self.group.members):
            yield item, item // self.group.members, item % self.group.members

    def _squares(self, member: int) -> list[tuple[Mask, int]]:
        squares = self.group.squares
        pairs = zip(squares.masks, squares.offsets[:, member], strict=True)
        return [(mask, int(offset)) for mask, offset in pairs if offset >= 0]

    def _readouts(self, member: int) -> list[Readout]:
        return [readout for readout in self.group.readouts if readout.offsets[member] >= 0]

    def _weighted(
        self, readout: Readout, row: int, member: int, weights: Reals, exponents: Integers
    ) -> tuple[Words, Reals]:
        """The words of a readout with their weights, in each lane."""
        words, columns = readout_words(self.blocks, readout, member)
        scaled = np.ldexp(weights[row, columns], exponents[row, readout.tensors[member]])
        return words, words.lanes * scaled[:, None]

    # --- states and blocks ---

    def _state(self, item: int) -> Parts:
        """The final state of an item, made when it is first needed."""
        if item not in self.states:
            self.states[item] = self._run(item)
        return self.states[item]

    def _zeros(self, size: int) -> Parts:
        """Parts as large as a final state, of which so many entries are zero; what is behind them is not set."""
        entries = LANES << self.group.placed.num_bits
        state = np.empty(entries, self.dtype), np.empty(entries, self.dtype)

        def work(lo: int, hi: int) -> None:
            for part in state:
                part[lo:hi] = 0

        self.each(size, work)
        return state

    def _matrix(self, data: Reals, offset: int) -> Reals:
        """An environment as the kernels take it."""
        digits = self.group.digits
        return self.blocks.spread(from_basis(data[offset : offset + 4**digits], self.group.turned), self.dtype)

    def _density(self, state: Parts, words: Words, weights: Reals) -> Reals:
        """The density of weighted words on the legs."""
        out = np.zeros((self.blocks.pieces, 2 * self.blocks.dim**2), self.dtype)
        own = (*state, *self.blocks.tables, *self._weights(words, weights))
        self.each(len(out), lambda lo, hi: large_kernels.large_grams(*own, out, lo, hi))
        return to_basis(self.blocks.density(out.sum(axis=0)), self.group.turned)

    def _values(self, state: Parts, words: Words, matrix: Reals) -> Reals:
        """The values of words in an environment."""
        out = np.zeros((self.blocks.pieces, LANES * len(words.words)), self.dtype)
        own = (*state, *self.blocks.tables, words.words, words.flips, matrix)
        self.each(len(out), lambda lo, hi: large_kernels.large_reads(*own, out, lo, hi))
        return np.asarray((out.sum(axis=0, dtype=float).reshape(-1, LANES) * words.lanes).sum(axis=1))

    def _add(self, bra: Parts, state: Parts, words: Words, weights: Reals, matrix: Reals) -> None:
        """Add weighted words' share to a bra."""
        own = (*state, *self.blocks.tables, *self._weights(words, weights))
        count = len(self.blocks.firsts)
        self.each(count, lambda lo, hi: large_kernels.large_bras(*own, matrix, *bra, lo, hi))

    def _weights(self, words: Words, weights: Reals) -> tuple[Integers, Reals, Integers, bool]:
        """Weighted words as the kernels take them, and whether they are the identity alone."""
        plain = words.plain and bool((weights == 1.0).all())
        return words.words, weights.astype(self.dtype).ravel(), words.flips, plain

    # --- running ---

    def _run(self, item: int) -> Parts:
        """The final state of an item: pass by pass, each on all threads; all at once where it is small."""
        placed, angles = self.group.placed, self.angles[item]
        state = self._zeros(LANES << placed.first_bits)
        if placed.num_bits < THREADED_BITS:
            program = (placed.ops, placed.terms, self.constants, placed.places, True, angles[None], placed.first_bits)
            kernels.forward(*program, state[0][None], state[1][None], 0, 1, *self._scratch())
            return state
        half = len(angles) // 2
        for row, lane in placed.places:
            state[0][LANES * row + lane], state[1][LANES * row + lane] = angles[lane], -angles[half + lane]
        for number, stage in enumerate(stages(placed)):
            if number:
                self._double(state, LANES << (stage.width - 1))
            for one in stage.passes:
                self._pass(one, angles, state)
        return state

    def _double(self, state: Sequence[Reals], size: int) -> None:
        """A new highest bit whose two values hold the same."""

        def work(lo: int, hi: int) -> None:
            for part in state:
                part[size + lo : size + hi] = part[lo:hi]

        self.each(size, work)

    def _fold(self, state: Sequence[Reals], bra: Sequence[Reals], size: int) -> None:
        """The reverse: half of the state stays, and the sum of both halves of the bra."""

        def work(lo: int, hi: int) -> None:
            for part in bra:
                part[lo:hi] += part[size + lo : size + hi]

        self.each(size, work)

    def _pass(self, one: Pass, angles: Reals, state: Parts) -> None:
        own = (one.ops, one.terms, self.constants, angles, *state, one.bits, one.chunks, one.outer)
        self.each(one.tiles, lambda lo, hi: large_kernels.tiles_forward(*own, lo, hi))

    def _run_back(self, item: int, state: Parts, bra: Parts, gradient: Reals) -> None:
        placed, angles = self.group.placed, self.angles[item]
        if placed.num_bits < THREADED_BITS:
            parts = [part[None] for part in (*state, *bra, gradient)]
            program = (placed.ops, placed.terms, self.constants, angles[None], placed.num_bits)
            kernels.backward(*program, *parts, 0, 1, *self._scratch())
            return
        for number, stage in reversed(list(enumerate(stages(placed)))):
            for one in reversed(stage.passes):
                self._pass_back(one, angles, state, bra, gradient)
            if number:
                self._fold(state, bra, LANES << (stage.width - 1))

    def _pass_back(self, one: Pass, angles: Reals, state: Parts, bra: Parts, gradient: Reals) -> None:
        parts = np.zeros((min(PIECES, one.tiles), len(gradient)), self.dtype)
        each = one.tiles // len(parts)
        own = (one.ops, one.terms, self.constants, angles, *state, *bra, one.bits, one.chunks, one.outer)

        def work(lo: int, hi: int) -> None:
            for piece in range(lo, hi):
                large_kernels.tiles_backward(*own, each * piece, each * (piece + 1), parts[piece])

        self.each(len(parts), work)
        gradient += parts.sum(axis=0)

    def _scratch(self) -> Any:
        return np.empty((2, 2 * LANES * self.group.placed.scratch), self.dtype)
