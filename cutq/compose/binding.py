"""Parameters of circuits from the numbers of a model, forward and backward."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cutq.compose.circuits import Source
from cutq.compose.expressions import Expression

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]


def add_at(board: Reals, columns: Integers, values: Reals) -> None:
    """Add values (rows, columns) to columns of a board, some of them perhaps more than once."""
    np.add.at(board.T, columns, values.T)


@dataclass(frozen=True, eq=False)
class Mapped:
    """Parameters that one expression gives of different numbers.

    Attributes:
        expression: the expression.
        columns: for each of its names the columns of its values, (names, parameters).
        targets: the parameters.
    """

    expression: Expression
    columns: Integers
    targets: Integers

    def _values(self, board: Reals) -> dict[str, Reals]:
        return {name: board[:, own] for name, own in zip(self.expression.names, self.columns, strict=True)}

    def write(self, board: Reals, rows: Reals) -> None:
        """Write the parameters."""
        rows[:, self.targets] = self.expression.value(self._values(board))

    def back(self, board: Reals, pulled: Reals, bar: Reals) -> None:
        """Add what derivatives by the parameters mean for the numbers."""
        _, slopes = self.expression.derivatives(self._values(board))
        for name, own in zip(self.expression.names, self.columns, strict=True):
            add_at(bar, own, pulled[:, self.targets] * slopes[name])


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
    mapped: dict[Expression, list[tuple[int, list[int]]]] = {}
    for target, name in enumerate(parameters):
        source = sources[name]
        if source.expression is None:
            ((_, whole),) = source.names.items()
            plain.append((target, column(whole)))
        else:
            columns = [column(source.names[one]) for one in source.expression.names]
            mapped.setdefault(source.expression, []).append((target, columns))
    pairs = np.array(plain, dtype=np.int64).reshape(-1, 2)
    groups = [
        Mapped(
            one,
            np.array([columns for _, columns in own], dtype=np.int64).reshape(len(own), len(one.names)).T,
            np.array([target for target, _ in own], dtype=np.int64),
        )
        for one, own in mapped.items()
    ]
    return Binding(len(parameters), pairs[:, 0], pairs[:, 1], tuple(groups))
