"""Parameters of circuits from the numbers of a model, forward and backward."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutq.compose.circuits import Source
from cutq.compose.expressions import Expression
from cutq.errors import ParameterError

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]


def add_at(board: Reals, columns: Integers, values: Reals) -> None:
    """Add values (rows, columns) to columns of a board, some of them perhaps more than once."""
    places = _places(columns.tobytes())
    if places.order is None or places.starts is None:
        board[:, places.columns] += values
    else:
        board[:, places.columns] += np.add.reduceat(values[:, places.order], places.starts, axis=1)


@dataclass(frozen=True, eq=False)
class _Places:
    """Where values go.

    Attributes:
        columns: different columns, as a slice where they follow each other.
        order: an order of the values in which those for one column follow each other; None where none share one.
        starts: in that order, the first value of each column.
    """

    columns: Any
    order: Integers | None = None
    starts: Integers | None = None


@functools.lru_cache(maxsize=4096)
def _places(content: bytes) -> _Places:
    """The places of columns; ``np.add.at`` would find them out in every call, which takes ten times as long."""
    columns = np.frombuffer(content, dtype=np.int64)
    different, starts = np.unique(np.sort(columns), return_index=True)
    if len(different) == len(columns):
        follow = len(columns) and np.array_equal(columns, np.arange(columns[0], columns[0] + len(columns)))
        return _Places(slice(int(columns[0]), int(columns[0]) + len(columns)) if follow else columns)
    return _Places(different, np.argsort(columns, kind="stable"), starts)


@dataclass(frozen=True, eq=False)
class Mapped:
    """Parameters that expressions of one form give of different numbers.

    Attributes:
        expression: the form.
        columns: for each of its names the columns of its values, (names, parameters).
        targets: the parameters.
        written: for each parameter the expression as it was written.
    """

    expression: Expression
    columns: Integers
    targets: Integers
    written: tuple[Expression, ...]

    def _values(self, board: Reals) -> dict[str, Reals]:
        return {name: board[:, own] for name, own in zip(self.expression.names, self.columns, strict=True)}

    def write(self, board: Reals, rows: Reals) -> None:
        """Write the parameters."""
        try:
            rows[:, self.targets] = self.expression.value(self._values(board))
        except ParameterError:
            self._blame(board)
            raise

    def back(self, board: Reals, pulled: Reals, bar: Reals) -> None:
        """Add what derivatives by the parameters mean for the numbers."""
        try:
            _, slopes = self.expression.derivatives(self._values(board))
        except ParameterError:
            self._blame(board)
            raise
        for name, own in zip(self.expression.names, self.columns, strict=True):
            add_at(bar, own, pulled[:, self.targets] * slopes[name])

    def _blame(self, board: Reals) -> None:
        """Raise as the first expression does that has no value or derivative, with its own names."""
        for one, columns in zip(self.written, self.columns.T, strict=True):
            one.derivatives({name: board[:, column] for name, column in zip(one.names, columns, strict=True)})


@dataclass(frozen=True, eq=False)
class Binding:
    """What drives the parameters of a circuit: columns of the board of all numbers of a model.

    Attributes:
        count: parameters of the circuit.
        targets, columns: parameters that are numbers themselves, and which.
        mapped: those that are functions of numbers.
    """

    count: int
    targets: Integers
    columns: Integers
    mapped: tuple[Mapped, ...]

    @property
    def inputs(self) -> Integers:
        """All columns that it reads."""
        return np.unique(np.concatenate([self.columns, *(one.columns.ravel() for one in self.mapped)]))

    def rows(self, board: Reals) -> Reals:
        """Parameters (rows, parameters) from the board (rows, columns)."""
        found = np.empty((len(board), self.count))
        found[:, self.targets] = board[:, self.columns]
        for one in self.mapped:
            one.write(board, found)
        return found

    def back(self, board: Reals, pulled: Reals, bar: Reals) -> None:
        """Add to ``bar`` (rows, columns) what derivatives by the parameters, ``pulled``, mean there."""
        add_at(bar, self.columns, pulled[:, self.targets])
        for one in self.mapped:
            one.back(board, pulled, bar)


def bind(parameters: Sequence[str], sources: Mapping[str, Source], column: Callable[[str], int]) -> Binding:
    """The binding of a circuit's parameters.

    Args:
        parameters: their names.
        sources: what drives them.
        column: the column of a named number.
    """
    plain: list[tuple[int, int]] = []
    mapped: dict[Expression, list[tuple[int, list[int], Expression]]] = {}
    for target, name in enumerate(parameters):
        source = sources[name]
        written = source.expression
        if written is None:
            ((_, whole),) = source.names.items()
            plain.append((target, column(whole)))
        else:
            columns = [column(source.names[one]) for one in written.names]
            mapped.setdefault(written.form, []).append((target, columns, written))
    pairs = np.array(plain, dtype=np.int64).reshape(-1, 2)
    groups = [
        Mapped(
            form,
            np.array([columns for _, columns, _ in own], dtype=np.int64).reshape(len(own), len(form.names)).T,
            np.array([target for target, _, _ in own], dtype=np.int64),
            tuple(written for _, _, written in own),
        )
        for form, own in mapped.items()
    ]
    return Binding(len(parameters), pairs[:, 0], pairs[:, 1], tuple(groups))
