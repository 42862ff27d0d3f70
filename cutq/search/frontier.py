"""Sweeps: every way in which the live wires may hang together, step by step, or only the cheapest few.

A state is a partition of the live wires (begun, not ended) into fragments, with the width of each fragment so far and,
where that is paid for, its load. A fragment without live wires is closed and leaves the state.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cutq.search import kernels
from cutq.search.kernels import Layer, Rules
from cutq.search.problem import Problem, Unit, Way
from cutq.search.sweep import Sweep, sweep

WORK = 100_000
"""States that are tried between two looks at the clock."""

FIRST_ROWS = 1024
MOST_BYTES = 1_200_000_000
"""Of both layers and the history; a sweep that needs more stops."""

GHOSTS = 6
"""Slots for fragments that only an open star keeps."""

NO_LIMIT = 2**30

NARROWEST = 1e6
"""What one fragment more is worth to a beam, in qubits."""


class OutOfBudgetError(Exception):
    """The search ran out of time or of room for states."""


Clock = Callable[[], None]
"""Called often; raises OutOfBudgetError when time is up."""


class Choice(NamedTuple):
    """What a plan does at a step: which option, which wires it cuts before (as bits), and which star it joins."""

    step: int
    option: int
    cut: int
    target: int


@dataclass(frozen=True)
class Outcome:
    """What a sweep found.

    Attributes:
        cost: of the cheapest plan within the limit; infinite if there is none.
        choices: what it does, in the order of the sweep, where it does more than leave a unit whole.
        over: what any plan over the limit costs at least.
        floors: for each step what the steps up to there cost at least; a bound for the steps after it too, from behind.
        states: states kept.
    """

    cost: float
    choices: tuple[Choice, ...]
    over: float
    floors: NDArray[np.float64]
    states: int


def take(
    sweep: Sweep,
    rules: Rules,
    clock: Clock,
    ahead: NDArray[np.float64] | None = None,
) -> Outcome:
    """Take all steps of a sweep.

    Args:
        sweep: the sweep.
        rules: limits; ``beam`` keeps only the best states after each step, which proves nothing.
        clock: stops it.
        ahead: for each step what is at least still to be paid after it.

    Raises:
        OutOfBudgetError: the clock or the memory stopped it.
    """
    return _Run(sweep, rules, ahead).finished(clock)


class _Run:
    """The layers and the history of one sweep; the short-lived state of :func:`take`."""

    def __init__(self, sweep: Sweep, rules: Rules, ahead: NDArray[np.float64] | None) -> None:
        steps = len(sweep.order)
        self.sweep, self.rules = sweep, rules = sweep, rules._replace(live=sweep.width)
        self.ahead = np.zeros(steps + 1) if ahead is None else ahead
        self.floors = np.zeros(steps + 1)
        rows = FIRST_ROWS if not rules.beam else max(FIRST_ROWS, 8 * rules.beam)
        slots = max(1, rules.live) + (GHOSTS if rules.stars else 0)
        self.layers = [_layer(rows, slots, rules) for _ in range(2)]
        self.heads = np.empty(_table_size(rows), np.int64)
        self.history: NDArray[Any] = np.empty((4 * rows, 2), np.int64)
        self.history[0] = -1
        self.cursor = np.zeros(7, np.int64)
        self.cursor[kernels.SOURCES] = self.cursor[kernels.LINKS] = 1
        self.bounds = np.full(2, math.inf)
        self.states = 0
        first = self.layers[0]
        first.labels[0], first.widths[0], first.lives[0], first.loads[0], first.stars[0] = -1, 0, 0, 0.0, 0
        for column in (first.price, first.aside, first.total, first.pieces, first.link, first.dropped):
            column[0] = 0

    def finished(self, clock: Clock) -> Outcome:
        work = WORK
        while True:
            clock()
            layers = (self.layers[0], self.layers[1])
            ended = kernels.run(self.sweep.tables, layers, self.heads, self.history, self.cursor, self.bounds,
                                self.floors, self.ahead, self.rules, work)  # fmt: skip
            if ended == kernels.DONE:
                return self._outcome()
            if ended == kernels.FULL:
                self._grow()
            elif ended == kernels.WIDE:
                self._select()
            else:
                work = int(self.cursor[kernels.WORK]) + WORK

    def _grow(self) -> None:
        """Twice the room, where it is short."""
        number = (int(self.cursor[kernels.STEP]) + 1) & 1
        after, most = self.layers[number], len(self.layers[number].price)
        slots = self.layers[0].labels.shape[1]
        options = np.diff(self.sweep.tables.options).max(initial=1)
        need = int(options * (slots if self.rules.stars else 1)) << int(np.diff(self.sweep.tables.legs).max(initial=2))
        if self.cursor[kernels.TARGETS] + need > most:
            rows = most + max(most, need)
            self._afford((rows - most) * sum(column.nbytes // most for column in after))
            self.layers[number] = Layer(*(_longer(column, rows) for column in after))
            self.heads = np.empty(_table_size(rows), np.int64)
            kernels.rehash(self.layers[number], self.heads, self.cursor[kernels.TARGETS])
        if self.cursor[kernels.LINKS] + need > len(self.history):
            rows = max(len(self.history), need)
            self._afford(rows * self.history[0].nbytes)
            self.history = _longer(self.history, len(self.history) + rows)

    def _afford(self, more: int) -> None:
        """Refuse to take so many bytes more if that is too much."""
        held = sum(column.nbytes for layer in self.layers for column in layer) + self.history.nbytes
        if held + more > MOST_BYTES:
            raise OutOfBudgetError

    def _select(self) -> None:
        """Keep the best states of a beam: the cheapest, of equal ones those in more and narrower fragments."""
        layer = self.layers[int(self.cursor[kernels.STEP]) & 1]
        rows = np.flatnonzero(~layer.dropped[: self.cursor[kernels.SOURCES]])
        leaders = layer.labels[rows] == np.arange(layer.labels.shape[1])
        tight = layer.widths[rows].sum(axis=1) - NARROWEST * leaders.sum(axis=1)
        best = np.lexsort((tight, np.floor(layer.total[rows] / kernels.SAME)))
        kept = np.sort(rows[best[: self.rules.beam]])
        for column in layer:
            column[: len(kept)] = column[kept]
        self.cursor[kernels.SOURCES] = len(kept)

    def _outcome(self) -> Outcome:
        layer = self.layers[len(self.sweep.order) & 1]
        rows = np.flatnonzero(~layer.dropped[: self.cursor[kernels.SOURCES]])
        states = int(self.cursor[kernels.WORK])
        if not len(rows):
            return Outcome(math.inf, (), float(self.bounds[kernels.OVER]), self.floors, states)
        row = min(rows, key=lambda one: (layer.total[one], layer.price[one]))
        choices = tuple(self._choices(int(layer.link[row])))
        return Outcome(float(layer.total[row]), choices, float(self.bounds[kernels.OVER]), self.floors, states)

    def _choices(self, link: int) -> list[Choice]:
        steps = np.repeat(np.arange(len(self.sweep.order)), np.diff(self.sweep.tables.options))
        found = []
        while link > 0:
            link, code = (int(number) for number in self.history[link])
            option = code >> 32
            found.append(Choice(int(steps[option]), option, (code >> 12) & 0xFFFFF, code & kernels.NO_TARGET))
        return found[::-1]


def _layer(rows: int, slots: int, rules: Rules) -> Layer:
    def column(kind: type, *shape: int) -> NDArray[Any]:
        return np.empty((rows, *shape), kind)

    return Layer(
        labels=column(np.int16, slots),
        widths=column(np.int32, slots),
        lives=column(np.int32, slots if rules.release else 1),
        loads=column(np.float64, slots if rules.loads else 1),
        stars=column(np.int64, slots if rules.stars else 1),
        price=column(np.float64),
        aside=column(np.float64),
        total=column(np.float64),
        pieces=column(np.int64),
        link=column(np.int64),
        hash=column(np.uint64),
        after=column(np.int64),
        dropped=column(np.bool_),
    )


def _longer(array: NDArray[Any], length: int) -> NDArray[Any]:
    grown = np.empty((length, *array.shape[1:]), array.dtype)
    grown[: len(array)] = array
    return grown


def _table_size(rows: int) -> int:
    return 1 << (2 * rows).bit_length()


@functools.cache
def compiled() -> None:
    """Have the loops compiled, or read from the cache: the first time takes long, and no search should pay for it."""
    units = (Unit((0,), (0, 1), (None, None), (Way(((0,), (1,)), 0.0, (1.0, 1.0), 0.0),)),)
    one = sweep(Problem(units, (1, 1)), (0,))
    take(one, Rules(2, False, False, False, 0, NO_LIMIT, math.inf, 1), lambda: None)
