"""Groups of fragments one by one, each as a matrix (outputs, legs) that numpy multiplies.

The part of the readable reference that takes amplitudes as given; how they are made is another matter.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np

from cutq.exact.densities import Complexes, from_basis, hadamard, to_basis
from cutq.exact.groups import Group, Mask, Readout, Reals, flips_table
from cutq.exact.placing import Integers
from cutq.network.blas import one_thread

BLOCK_ENTRIES = 2**20
"""Amplitudes that are worked on at a time, so that no second copy of a large state is made."""

PHASES = np.array([1, -1j, -1, 1j])


class DenseState(ABC):
    """Final states of a group, item ``row * members + member`` a matrix (outputs, legs)."""

    group: Group
    num_rows: int

    @abstractmethod
    def take(self, item: int, index: Any) -> Complexes:
        """Some rows of the amplitudes of an item, (rows, legs)."""

    @abstractmethod
    def new_bras(self) -> Any:
        """Bras for all items, zero."""

    @abstractmethod
    def add(self, bras: Any, item: int, rows: slice, amount: Complexes) -> None:
        """Add to some rows of an item's bra."""

    @abstractmethod
    def run_back(self, bras: Any, out: Reals) -> None:
        """Add to ``out``, (rows, parameters), what the bras mean for the parameters."""

    def write_squares(self, data: Reals) -> None:
        """Write the densities that the contraction needs into its rows of data."""
        squares = self.group.squares
        for item, row, member in self._items():
            for mask, offsets in zip(squares.masks, squares.offsets, strict=True):
                if offsets[member] >= 0:
                    density = self._square(item, mask)
                    data[row, offsets[member] : offsets[member] + len(density)] = density

    def write_values(self, data: Reals, exponents: Integers, values: Reals) -> None:
        """Read values out, (rows, values), in the environments that the contraction left in data."""
        for readout in self.group.readouts:
            for item, row, member in self._items():
                if readout.offsets[member] < 0:
                    continue
                scale = exponents[row, readout.tensors[member]]
                environment = self._environment(data, row, readout.offsets[member])
                for flip, first, last in flips_table(readout.masks):
                    sums = self._overlaps(item, int(flip), environment)
                    hadamard(sums)
                    for w in range(first, last):
                        mask = readout.masks[w]
                        if readout.columns[w, member] >= 0:
                            value = (PHASES[mask.power] * sums[mask.sign]).real
                            values[row, readout.columns[w, member]] = np.ldexp(value, scale)

    def pull(self, weights: Reals, data: Reals, exponents: Integers, left: Reals) -> Any:
        """Bras from derivatives by the values; adds the derivatives by the environments to ``left``."""
        bras = self.new_bras()
        for readout in self.group.readouts:
            for item, row, member in self._items():
                if readout.offsets[member] >= 0:
                    scale = exponents[row, readout.tensors[member]]
                    self._pull_one(readout, item, member, np.ldexp(weights[row], scale), data[row], left[row], bras)
        return bras

    def push(self, bras: Any, left: Reals, out: Reals) -> None:
        """Add to ``out``, (rows, parameters), what bras and derivatives by the densities, in ``left``, mean there."""
        squares = self.group.squares
        for item, row, member in self._items():
            for mask, offsets in zip(squares.masks, squares.offsets, strict=True):
                if offsets[member] >= 0:
                    density = self._environment(left, row, offsets[member])
                    for rows in self._blocks():
                        self.add(bras, item, rows, self._word_rows(item, rows, mask) @ density)
        self.run_back(bras, out)

    def _items(self) -> Iterator[tuple[int, int, int]]:
        """Each item with its row and its member."""
        for item in range(self.num_rows * self.group.members):
            yield item, item // self.group.members, item % self.group.members

    def _blocks(self) -> Iterator[slice]:
        step = max(1, BLOCK_ENTRIES >> self.group.digits)
        for start in range(0, self.group.rows, step):
            yield slice(start, min(start + step, self.group.rows))

    def _environment(self, data: Reals, row: int, offset: int) -> Complexes:
        return from_basis(data[row, offset : offset + 4**self.group.digits], self.group.turned)

    def _word_rows(self, item: int, rows: slice, mask: Mask) -> Complexes:
        """Some rows of ``W T``."""
        index = np.arange(rows.start, rows.stop)
        taken = self.take(item, index ^ mask.flip if mask.flip else rows)
        if mask.sign == 0:
            return taken
        signs = 1.0 - 2.0 * (np.bitwise_count(index & mask.sign) & 1)
        return np.asarray(taken * (PHASES[mask.power] * signs)[:, None])

    def _square(self, item: int, mask: Mask) -> Reals:
        total: Any = 0
        with one_thread():
            for rows in self._blocks():
                total = total + self.take(item, rows).conj().T @ self._word_rows(item, rows, mask)
        return to_basis(total, self.group.turned)

    def _overlaps(self, item: int, flip: int, environment: Complexes) -> Complexes:
        """``sum_k conj(G[x, k]) T[x ^ flip, k]`` for each row x, with ``G = T H``."""
        found = np.empty(self.group.rows, complex)
        with one_thread():
            for rows in self._blocks():
                index = np.arange(rows.start, rows.stop) ^ flip if flip else rows
                seen = self.take(item, rows) @ environment
                np.einsum("xk,xk->x", seen.conj(), self.take(item, index), out=found[rows])
        return found

    def _pull_one(
        self, readout: Readout, item: int, member: int, weights: Reals, data: Reals, left: Reals, bras: Any
    ) -> None:
        environment = from_basis(data[readout.offsets[member] :][: 4**self.group.digits], self.group.turned)
        spectra = []
        for flip, first, last in flips_table(readout.masks):
            spectrum = np.zeros(self.group.rows, complex)
            for w in range(first, last):
                if readout.columns[w, member] >= 0:
                    mask = readout.masks[w]
                    spectrum[mask.sign] += weights[readout.columns[w, member]] * PHASES[mask.power]
            hadamard(spectrum)
            spectra.append((int(flip), spectrum))
        total: Any = 0
        with one_thread():
            for rows in self._blocks():
                index = np.arange(rows.start, rows.stop)
                measured = sum(spectrum[rows, None] * self.take(item, index ^ flip) for flip, spectrum in spectra)
                self.add(bras, item, rows, measured @ environment)
                total = total + self.take(item, rows).conj().T @ measured
        density = to_basis(total, self.group.turned)
        left[readout.offsets[member] : readout.offsets[member] + len(density)] += density
