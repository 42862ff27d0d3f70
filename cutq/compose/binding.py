"""Parameters of circuits from the numbers of a model, forward and backward."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cutq.compose.circuits import Source
from cutq.compose.expressions import Expression
from cutq.errors import ParameterError

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]


def add_at(board: Reals, columns: Integers, values: Reals) -> None:
    """Add values (rows, columns) to columns of a board, some of them perhaps more than once."""
    if len(columns) > 40 and (np.diff(columns) == 1).all():
        # Eight times faster for the hundreds of weights of a linear function; for a few it is not worth looking.
        board[:, columns[0] : columns[-1] + 1] += values
    else:
        np.add.at(board.T, columns, values.T)


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
