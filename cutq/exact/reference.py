"""The readable reference: amplitudes and their derivatives by numpy, one array axis for each bit."""

from __future__ import annotations

from typing import Any

import numpy as np

from cutq.exact.densestate import DenseState
from cutq.exact.densities import Complexes
from cutq.exact.groups import Group, Reals
from cutq.exact.lowering import Op
from cutq.exact.placing import leg_bits


class ReferenceState(DenseState):
    """Final states as one array (items, outputs, legs)."""

    def __init__(self, group: Group, params: Reals, data: Reals, dtype: np.dtype[Any]) -> None:
        self.group, self.num_rows, self.dtype = group, len(params), dtype
        table, shape = group.angles, group.shape
        affine = np.repeat(table.constants.reshape(1, -1), len(params), axis=0)
        for k in range(affine.shape[1]):
            terms = slice(table.starts[k], table.starts[k + 1])
            affine[:, k] += params[:, table.indices[terms]] @ table.weights[terms]
        self.angles = affine.reshape(len(params) * table.members, table.count)
        self.bits = [*range(shape.width), *(bit for _, bit in shape.incoming)]
        state = np.zeros((len(self.angles), *(2,) * len(self.bits)), dtype)
        for values in np.ndindex(*(2,) * len(shape.incoming)):
            ones = {bit for pair, value in zip(shape.incoming, values, strict=True) if value for bit in pair}
            place: Any = (slice(None), *(int(bit in ones) for bit in self.bits))
            state[place] = np.exp(-1j * self.angles[:, 0])
        for op in shape.ops:
            state = self._step(op, state)
        self.final = (*range(shape.outputs), *leg_bits(shape))
        self.amplitudes = self._ordered(state)
        self.write_squares(data)

    def take(self, item: int, index: Any) -> Complexes:
        """Some rows of the amplitudes of an item, (rows, legs)."""
        return np.asarray(self.amplitudes[item, index])

    def new_bras(self) -> Any:
        """Bras for all items, zero."""
        return np.zeros_like(self.amplitudes)

    def add(self, bras: Any, item: int, rows: slice, amount: Complexes) -> None:
        """Add to some rows of an item's bra."""
        bras[item, rows] += amount

    def run_back(self, bras: Any, out: Reals) -> None:
        """Add to ``out``, (rows, parameters), what the bras mean for the parameters."""
        state, bra = self._unordered(self.amplitudes), self._unordered(bras)
        gradient = np.zeros_like(self.angles)
        bits = list(self.bits)
        for op in reversed(self.group.shape.ops):
            if op.kind == "duplicate":
                state, bra = state[..., 0], bra.sum(axis=-1)
                self.bits.pop()
                continue
            self._differentiate(op, state, bra, gradient)
            self._apply(op, state, -1.0)
            self._apply(op, bra, -1.0)
        self.bits = bits
        table = self.group.angles
        per_row = gradient.reshape(len(out), -1)
        for k in range(per_row.shape[1]):
            for term in range(table.starts[k], table.starts[k + 1]):
                out[:, table.indices[term]] += table.weights[term] * per_row[:, k]

    def _ordered(self, state: Complexes) -> Complexes:
        axes = [1 + self.bits.index(bit) for bit in self.final]
        return np.ascontiguousarray(state.transpose(0, *axes)).reshape(len(state), self.group.rows, -1)

    def _unordered(self, matrix: Complexes) -> Complexes:
        tensor = matrix.reshape(len(matrix), *(2,) * len(self.final))
        return np.array(tensor.transpose(0, *(1 + self.final.index(bit) for bit in self.bits)), order="C")

    def _step(self, op: Op, state: Complexes) -> Complexes:
        if op.kind == "duplicate":
            self.bits.append(op.bit)
            return np.repeat(state[..., None], 2, axis=-1)
        self._apply(op, state, 1.0)
        return state

    def _apply(self, op: Op, state: Complexes, direction: float) -> None:
        """An operation in place; its adjoint where ``direction`` is -1."""
        if op.kind in ("rotate_x", "rotate_y"):
            for p, q, sign in self._pairs(op, state):
                angle = self._column(op.angle, p) * sign * direction
                c, s = np.cos(angle), np.sin(angle)
                if op.kind == "rotate_x":
                    p[...], q[...] = c * p - 1j * s * q, c * q - 1j * s * p
                else:
                    p[...], q[...] = c * p - s * q, s * p + c * q
        elif op.kind in ("matrix", "flip", "matrix2", "swap"):
            self._multiply(op, state, direction)
        else:
            for marked, number in self._marked(op, state):
                marked *= np.exp(-1j * direction * self._column(number, marked))

    def _differentiate(self, op: Op, state: Complexes, bra: Complexes, gradient: Reals) -> None:
        """Add the derivatives by an operation's angles, ``2 Re <bra| d/da |state>`` behind the operation."""
        if op.kind in ("rotate_x", "rotate_y"):
            for (p, q, sign), (u, v, _) in zip(self._pairs(op, state), self._pairs(op, bra), strict=True):
                moved = (-1j * q, -1j * p) if op.kind == "rotate_x" else (-q, p)
                gradient[:, op.angle] += 2 * sign * _real_product(u, moved[0])
                gradient[:, op.angle] += 2 * sign * _real_product(v, moved[1])
        elif op.kind in ("phase", "diagonal"):
            marked = zip(self._marked(op, state), self._marked(op, bra), strict=True)
            for (amplitudes, angle), (left, _) in marked:
                gradient[:, angle] += 2 * _real_product(left, -1j * amplitudes)

    def _view(self, state: Complexes, fixed: dict[int, int]) -> Complexes:
        """The part of the state where some bits have a value."""
        return state[(slice(None), *(fixed.get(bit, slice(None)) for bit in self.bits))]

    def _pairs(self, op: Op, state: Complexes) -> list[tuple[Complexes, Complexes, int]]:
        """The amplitudes that a rotation mixes, with the sign of its angle there."""
        if op.other < 0:
            return [(self._view(state, {op.bit: 0}), self._view(state, {op.bit: 1}), op.signs[0])]
        return [
            (self._view(state, {op.bit: 0, op.other: v}), self._view(state, {op.bit: 1, op.other: v ^ op.both}), sign)
            for v, sign in enumerate(op.signs)
            if sign
        ]

    def _marked(self, op: Op, state: Complexes) -> list[tuple[Complexes, int]]:
        """The amplitudes where the bits of a phase are 1, with its angle."""
        bits = (op.bit,) if op.other < 0 else (op.bit, op.other)
        terms = op.terms if op.kind == "diagonal" else ((bits, op.angle),)
        return [(self._view(state, dict.fromkeys(own, 1)), angle) for own, angle in terms]

    def _multiply(self, op: Op, state: Complexes, direction: float) -> None:
        matrix = np.array(op.entries or FIXED[op.kind], dtype=complex)
        size = round(len(matrix) ** 0.5)
        matrix = matrix.reshape(size, size)
        matrix = matrix if direction > 0 else matrix.conj().T
        if size == 4:
            views = [self._view(state, {op.bit: k >> 1, op.other: k & 1}) for k in range(4)]
        else:
            control = {} if op.other < 0 else {op.other: op.value}
            views = [self._view(state, {op.bit: k, **control}) for k in range(2)]
        changed = [sum(matrix[j, k] * view for k, view in enumerate(views)) for j in range(size)]
        for view, value in zip(views, changed, strict=True):
            view[...] = value

    def _column(self, angle: int, like: Complexes) -> Reals:
        return np.asarray(self.angles[:, angle].reshape(-1, *(1,) * (like.ndim - 1)))


FIXED = {"flip": (0, 1, 1, 0), "swap": (1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1)}
"""Entries of operations that move amplitudes."""


def _real_product(left: Complexes, right: Complexes) -> Reals:
    return np.asarray((left.conj() * right).real.reshape(len(left), -1).sum(axis=1))
