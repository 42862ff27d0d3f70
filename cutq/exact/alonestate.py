"""Large fragments: their amplitudes by compiled kernels with the lanes as bits of one state, on several threads."""

from __future__ import annotations

from typing import Any

import numpy as np

from cutq.exact import kernels
from cutq.exact.densestate import DenseState
from cutq.exact.densities import Complexes
from cutq.exact.groups import Group, Mask, Reals
from cutq.exact.lanes import LANES
from cutq.exact.lanestate import Each, trigonometric
from cutq.exact.placing import leg_bits

THREADED_BITS = 14
"""States of fewer rows are run by one call, on one thread."""


class AloneState(DenseState):
    """Final states as flat real and imaginary parts; rows of outputs in the order in which their bits lie."""

    def __init__(self, group: Group, params: Reals, data: Reals, dtype: np.dtype[Any], each: Each) -> None:
        self.group, self.num_rows, self.dtype, self.each = group, len(params), dtype, each
        placed, table = group.placed, group.angles
        items = len(params) * group.members
        raw = np.zeros((items, table.count))
        affine = (table.starts, table.indices, table.weights, table.constants, table.members, table.count)
        kernels.bind(params, *affine, True, raw, 0, items)
        self.angles = np.empty((items, 2 * table.count), dtype)
        trigonometric(raw, self.angles)
        self.constants = placed.constants.astype(dtype)
        self.re, self.im = (np.empty((items, LANES << placed.num_bits), dtype) for _ in range(2))
        for item in range(items):
            self._run(item)
        self._arrange()
        self.write_squares(data)

    def take(self, item: int, index: Any) -> Complexes:
        """Some rows of the amplitudes of an item, (rows, legs)."""
        re, im = (part[item].reshape(self.group.rows, -1)[index] for part in (self.re, self.im))
        found = np.empty(re.shape, np.result_type(re.dtype, np.complex64))
        found.real, found.imag = re, im
        return found

    def new_bras(self) -> Any:
        """Bras for all items, zero."""
        return np.zeros_like(self.re), np.zeros_like(self.im)

    def add(self, bras: Any, item: int, rows: slice, amount: Complexes) -> None:
        """Add to some rows of an item's bra."""
        for part, change in zip(bras, (amount.real, amount.imag), strict=True):
            part[item].reshape(self.group.rows, -1)[rows] += change

    def mask_of(self, mask: Mask) -> Mask:
        """A mask in the order of this state's rows."""
        return Mask(self._moved(mask.flip), self._moved(mask.sign), mask.power)

    def run_back(self, bras: Any, out: Reals) -> None:
        """Add to ``out``, (rows, parameters), what the bras mean for the parameters."""
        table = self.group.angles
        gradient = np.zeros((len(self.re), table.count), self.dtype)
        for item in range(len(self.re)):
            parts = [self._disarranged(part[item].copy()) for part in (self.re, self.im)]
            left = [self._disarranged(part[item]) for part in bras]
            self._run_back(item, parts, left, gradient[item])
        affine = (table.starts, table.indices, table.weights, table.members, table.count)
        kernels.unbind(gradient, *affine, True, self.num_rows, out)

    # --- the order of bits ---

    @property
    def _rearranges(self) -> bool:
        """Whether the bits of the legs do not lie last in their order, so that amplitudes must be moved."""
        legs = leg_bits(self.group.shape)
        return self.group.placed.order[self.group.shape.outputs :] != legs

    def _arrange(self) -> None:
        if self._rearranges:
            for part in (self.re, self.im):
                for item in range(len(part)):
                    part[item] = self._transposed(part[item], self.group.placed.order, self._final)

    def _disarranged(self, part: Reals) -> Reals:
        return self._transposed(part, self._final, self.group.placed.order) if self._rearranges else part

    @property
    def _final(self) -> tuple[int, ...]:
        return (*range(self.group.shape.outputs), *leg_bits(self.group.shape))

    def _transposed(self, part: Reals, old: tuple[int, ...], new: tuple[int, ...]) -> Reals:
        return part.reshape((2,) * len(old)).transpose([old.index(bit) for bit in new]).ravel()

    def _moved(self, bits: int) -> int:
        """Bits of outputs at the places where they lie."""
        count = self.group.shape.outputs
        order = self._final if self._rearranges else self.group.placed.order
        return sum(1 << (count - 1 - k) for k, bit in enumerate(order[:count]) if (bits >> (count - 1 - bit)) & 1)

    # --- running ---

    def _run(self, item: int) -> None:
        """The operations one after another, each on all threads; all at once where they are small."""
        placed = self.group.placed
        width, state = placed.first_bits, (self.re[item], self.im[item])
        if placed.num_bits < THREADED_BITS:
            parts = (self.angles[item : item + 1], width, self.re[item : item + 1], self.im[item : item + 1])
            program = (placed.ops, placed.terms, self.constants, placed.places, True)
            kernels.forward(*program, *parts, 0, 1, *self._scratch())
            return
        kernels.start(placed.places, self.angles[item], True, width, *state)
        for op in placed.ops:
            if op[0] == kernels.DUPLICATE:
                kernels.duplicate(op, *state, 1 << width)
                width += 1
            else:
                self._act(op, item, state, width)

    def _act(self, op: Any, item: int, state: Any, width: int) -> None:
        placed = self.group.placed

        def work(lo: int, hi: int) -> None:
            scratch = self._scratch()
            kernels.act(
                op, placed.terms, self.constants, self.angles[item], False, *state, width, lo, hi, *scratch
            )  # fmt: skip

        self.each(kernels.pieces(op, width), work)

    def _run_back(self, item: int, state: Any, bra: Any, gradient: Reals) -> None:
        placed = self.group.placed
        width = placed.num_bits
        if width < THREADED_BITS:
            parts = [part[None] for part in (*state, *bra, gradient)]
            program = (placed.ops, placed.terms, self.constants, self.angles[item : item + 1], width)
            kernels.backward(*program, *parts, 0, 1, *self._scratch())
            return
        for op in placed.ops[::-1]:
            if op[0] == kernels.DUPLICATE:
                kernels.fold(op, *state, *bra, 1 << width)
                width -= 1
                continue
            parts: dict[int, Reals] = {}

            def work(lo: int, hi: int, op: Any = op, width: int = width, parts: Any = parts) -> None:
                parts[lo] = np.zeros_like(gradient)
                scratch = self._scratch()
                program = (op, placed.terms, self.constants, self.angles[item])
                kernels.act_back(*program, *state, *bra, width, lo, hi, *scratch, parts[lo])

            self.each(kernels.pieces(op, width), work)
            for lo in sorted(parts):
                gradient += parts[lo]

    def _scratch(self) -> Any:
        return np.empty((2, 2 * LANES * self.group.placed.scratch), self.dtype)
