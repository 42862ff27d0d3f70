"""All groups of small fragments: eight fragments in the lanes of a register, one call for everything."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutq.exact import kernels
from cutq.exact.groups import Group, Reals, flips_table, masks_table
from cutq.exact.lanes import LANES
from cutq.exact.placing import Integers
from cutq.exact.settings import Each

MOST_SPARE = 2**28
"""Bytes of memory that a program keeps at most from one evaluation to the next."""


class Spare:
    """Memory of states that are gone: new memory costs as much as the work on it, a page fault for every 4 kB."""

    def __init__(self) -> None:
        self.kept: list[NDArray[Any]] = []

    def take(self, entries: int, dtype: np.dtype[Any]) -> NDArray[Any]:
        """So many entries of whatever value."""
        if self.kept:
            found = self.kept.pop()
            if len(found) >= entries:
                return found
        return np.empty(entries, dtype)

    def give(self, memory: NDArray[Any]) -> None:
        """Take memory back."""
        if not self.kept and memory.nbytes <= MOST_SPARE:
            self.kept.append(memory)


class LanePlan:
    """Groups as the flat tables that the kernels take, made once."""

    def __init__(self, groups: Sequence[Group], dtype: np.dtype[Any]) -> None:
        self.groups, self.dtype, self.spare = groups, dtype, Spare()
        tables = _Tables()
        self.headers = np.array([tables.header(group) for group in groups], dtype=np.int64)
        self.program = (
            tables.joined("ops", 8), tables.joined("terms", 3), tables.flat("constants", dtype),
            tables.joined("places", 2),
        )  # fmt: skip
        self.angles = (tables.flat("starts"), tables.flat("indices"), tables.flat("weights", float))
        self.angle_constants = tables.flat("offsets_of_angles", float)
        self.geometry = (tables.flat("deal"), tables.flat("turned"))
        self.squares = (tables.joined("words", 3), tables.flat("offsets"))
        self.reads = (
            tables.joined("reads", 6), tables.joined("read_words", 3), tables.joined("flips", 3),
            tables.flat("columns"), tables.flat("read_offsets"), tables.flat("tensors"),
        )  # fmt: skip
        used = self.reads[5][self.reads[5] >= 0]
        self.shares_environments = len(np.unique(used)) < len(used)
        self.layout = functools.lru_cache(maxsize=16)(self._layout)

    def _layout(self, rows: int) -> tuple[Integers, int, int, int]:
        """For each group (lane groups, first entry of states, of angles, of bras), and the ends of all three.

        Only groups that words are read out at have bras that outlive a call.
        """
        found, state, angle, bra = [], 0, 0, 0
        for group in self.groups:
            count = -(-rows * group.members // LANES)
            found.append((count, state, angle, bra))
            entries = count * (LANES << group.placed.num_bits)
            state += entries
            angle += count * 2 * LANES * group.angles.count
            bra += entries if group.readouts else 0
        return np.array(found, dtype=np.int64), state, angle, bra


class _Tables:
    """The flat tables while they are written."""

    def __init__(self) -> None:
        self.parts: dict[str, list[Any]] = {}
        self.sizes: dict[str, int] = {}

    def add(self, name: str, part: Any) -> int:
        """Append a part of a table; where it begins."""
        self.parts.setdefault(name, []).append(part)
        first = self.sizes.get(name, 0)
        self.sizes[name] = first + len(part)
        return first

    def flat(self, name: str, dtype: Any = np.int64) -> Any:
        """A table of numbers."""
        return np.concatenate([np.zeros(0, dtype), *self.parts.get(name, [])], dtype=dtype, casting="unsafe")

    def joined(self, name: str, columns: int) -> Integers:
        """A table of rows."""
        return np.concatenate([np.zeros((0, columns), np.int64), *self.parts.get(name, [])])

    def header(self, group: Group) -> list[int]:
        """Write a group; its row of headers."""
        placed, angles = group.placed, group.angles
        ops = placed.ops.copy()
        terms, entries = self.add("terms", placed.terms), self.add("constants", placed.constants) // (2 * LANES)
        diagonal = ops[:, 0] == kernels.DIAGONAL
        ops[diagonal, 1:3] += terms
        ops[(ops[:, 0] == kernels.MATRIX) | (ops[:, 0] == kernels.MATRIX2), 6] += entries
        indices = self.add("indices", angles.indices)
        self.add("weights", angles.weights)
        starts = self.add("starts", angles.starts + indices)
        constants = self.add("offsets_of_angles", angles.constants)
        first_op, first_place = self.add("ops", ops), self.add("places", placed.places)
        words = self.add("words", masks_table(group.squares.masks))
        offsets = self.add("offsets", group.squares.offsets.ravel())
        reads = self.add("reads", np.array([self._read(one) for one in group.readouts], np.int64).reshape(-1, 6))
        return [
            angles.members, angles.count, starts, constants, first_op, first_op + len(ops),
            first_place, first_place + len(placed.places), placed.first_bits, placed.num_bits, group.rows, group.digits,
            self.add("deal", group.deal), self.add("turned", np.array(group.turned, np.int64)),
            words, words + len(group.squares.masks), offsets, reads, reads + len(group.readouts),
        ]  # fmt: skip

    def _read(self, readout: Any) -> list[int]:
        flips = flips_table(readout.masks)
        words = self.add("read_words", masks_table(readout.masks))
        first_flip = self.add("flips", flips)
        self.add("tensors", readout.tensors)
        columns, offsets = self.add("columns", readout.columns.ravel()), self.add("read_offsets", readout.offsets)
        return [words, words + len(readout.masks), first_flip, first_flip + len(flips), columns, offsets]


class LaneStates:
    """Final states of all small fragments; item ``row * members + member`` of a group is lane ``item % 8``."""

    def __init__(self, plan: LanePlan, params: Reals, data: Reals, each: Each, threads: int) -> None:
        self.plan, self.each, self.threads = plan, each, threads
        self.layout, entries, angles, self.bras = plan.layout(len(params))
        self.angles = np.empty(angles, plan.dtype)
        self.memory = plan.spare.take(2 * entries, plan.dtype)
        self.re, self.im = self.memory[:entries], self.memory[entries : 2 * entries]
        tables = (*plan.program, *plan.angles, plan.angle_constants, *plan.geometry, *plan.squares)
        own = (params, self.angles, self.re, self.im, data)
        self._split(lambda part, parts: kernels.lanes_forward(plan.headers, self.layout, *tables, *own, part, parts))

    def __del__(self) -> None:
        memory = getattr(self, "memory", None)
        if memory is not None:
            self.plan.spare.give(memory)

    def write_values(self, data: Reals, exponents: Integers, values: Reals) -> None:
        """Read values out, (rows, values), in the environments that the contraction left in data."""
        self._read(data, exponents, values, False, self.re, self.im, data)

    def pull(self, weights: Reals, data: Reals, exponents: Integers, left: Reals) -> Any:
        """Bras from derivatives by the values; adds the derivatives by the environments to ``left``."""
        bras = np.empty((2, self.bras), self.plan.dtype)
        self._read(data, exponents, weights, True, *bras, left)
        return bras

    def push(self, bras: Any, left: Reals, out: Reals) -> None:
        """Add to ``out``, (rows, parameters), what bras and derivatives by the densities, in ``left``, mean there."""
        plan = self.plan
        gradient = np.zeros(len(self.angles) // 2, plan.dtype)
        tables = (*plan.program[:3], *plan.angles, *plan.geometry, *plan.squares)
        own = (self.angles, self.re, self.im, *bras, left, gradient)
        self._split(lambda part, parts: kernels.lanes_backward(plan.headers, self.layout, *tables, *own, part, parts))
        kernels.lanes_unbind(plan.headers, self.layout, *plan.angles, gradient, out)

    def _read(self, data: Reals, exponents: Integers, values: Reals, back: bool, *rest: Any) -> None:
        plan = self.plan
        if not len(plan.reads[0]):
            return
        tables = (plan.headers, self.layout, *plan.geometry, *plan.reads)
        own = (self.re, self.im, data, exponents, values, back, *rest)
        threads = 1 if back and plan.shares_environments else None
        self._split(lambda part, parts: kernels.lanes_read(*tables, *own, part, parts), threads)

    def _split(self, work: Callable[[int, int], None], threads: int | None = None) -> None:
        """Run the parts of all lane groups; which thread runs a part changes nothing."""
        parts = min(threads or self.threads, int(self.layout[:, 0].max()))
        if parts == 1:
            work(0, 1)
            return

        def several(lo: int, hi: int) -> None:
            for part in range(lo, hi):
                work(part, parts)

        self.each(parts, several)


def trigonometric(raw: Reals, out: Reals) -> None:
    """Cosines and then sines of angles (groups, entries), (groups, 2 * entries)."""
    count = raw.shape[1]
    for k, row in enumerate(raw):
        kernels.sines(row, out[k, :count], out[k, count:])
