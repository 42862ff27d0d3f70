"""The steps of a model: each reads columns of a board of numbers and writes others, and pulls derivatives back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cutq.compose.binding import Binding, Integers, Reals, add_at
from cutq.compose.functions import Classical
from cutq.errors import ParameterError
from cutq.exact.program import Program
from cutq.network.network import Network

SLACK = 1e-9
"""How far rounding may lead numbers out of the range of a port; they are put back."""

Pull = Callable[[Reals, Reals], None]
"""Adds derivatives to ``bar``, from the board and from ``bar`` itself, both (rows, columns)."""


class Step(Protocol):
    """What a model does in turn."""

    @property
    def inputs(self) -> Integers:
        """The columns it reads."""

    @property
    def outputs(self) -> Integers:
        """The columns it writes."""

    def run(self, board: Reals) -> None:
        """Write the outputs."""

    def start(self, board: Reals) -> Pull:
        """Write the outputs; how derivatives come back."""

    def check_differentiable(self) -> None:
        """Raise where nothing is differentiated through it."""


@dataclass(frozen=True, eq=False)
class Sums:
    """Numbers as polynomials of columns: sums of weighted products.

    Attributes:
        count: how many numbers.
        products: for each degree the number, the weight and the columns (terms, degree) of its terms.
    """

    count: int
    products: tuple[tuple[Integers, NDArray[np.float64], Integers], ...]

    @classmethod
    def of(cls, numbers: Sequence[Sequence[tuple[float, tuple[int, ...]]]]) -> Sums:
        """The polynomials, each given by its terms."""
        degrees: dict[int, list[tuple[int, float, tuple[int, ...]]]] = {}
        for number, terms in enumerate(numbers):
            for weight, columns in terms:
                degrees.setdefault(len(columns), []).append((number, weight, columns))
        return cls(
            len(numbers),
            tuple(
                (
                    np.array([number for number, _, _ in terms], dtype=np.int64),
                    np.array([weight for _, weight, _ in terms]),
                    np.array([columns for _, _, columns in terms], dtype=np.int64).reshape(len(terms), degree),
                )
                for degree, terms in sorted(degrees.items())
            ),
        )

    @property
    def inputs(self) -> Integers:
        """The columns it reads."""
        return np.unique(np.concatenate([np.empty(0, np.int64), *(columns.ravel() for _, _, columns in self.products)]))

    @cached_property
    def plain(self) -> Integers | None:
        """The columns that the numbers are, where each is a column as it is; most are."""
        if len(self.products) != 1:
            return None
        numbers, weights, columns = self.products[0]
        same = columns.shape == (self.count, 1) and np.array_equal(numbers, np.arange(self.count))
        return columns[:, 0] if same and (weights == 1.0).all() else None

    def value(self, board: Reals) -> Reals:
        """The numbers, (rows, count)."""
        if self.plain is not None:
            return board[:, self.plain]
        found = np.zeros((len(board), self.count))
        for numbers, weights, columns in self.products:
            add_at(found, numbers, weights * board[:, columns].prod(axis=-1))
        return found

    def back(self, board: Reals, pulled: Reals, bar: Reals) -> None:
        """Add to ``bar`` what derivatives by the numbers mean for the columns."""
        if self.plain is not None:
            add_at(bar, self.plain, pulled)
            return
        for numbers, weights, columns in self.products:
            left = weights * pulled[:, numbers]
            for k in range(columns.shape[1]):
                others = np.delete(columns, k, axis=1)
                add_at(bar, columns[:, k], left * board[:, others].prod(axis=-1))


@dataclass(frozen=True, eq=False)
class NetworkStep:
    """Expectation values of a network.

    Attributes:
        network: the network.
        program: its program.
        binding: what drives its parameters.
        outputs: columns of its values.
    """

    network: Network
    program: Program
    binding: Binding
    outputs: Integers

    @property
    def inputs(self) -> Integers:
        """The columns it reads."""
        return self.binding.inputs

    def run(self, board: Reals) -> None:
        """Write the values."""
        board[:, self.outputs] = self.program(self.binding.rows(board))

    def start(self, board: Reals) -> Pull:
        """Write the values; how derivatives come back."""
        board[:, self.outputs], pullback = self.program.vjp(self.binding.rows(board))

        def pull(board: Reals, bar: Reals) -> None:
            self.binding.back(board, pullback(bar[:, self.outputs]), bar)

        return pull

    def check_differentiable(self) -> None:
        """Networks are."""


@dataclass(frozen=True, eq=False)
class LinkStep:
    """Numbers on a link: combined from columns, sent through a function, checked against the range of their port.

    Attributes:
        sums: what the link carries.
        function: what happens to it.
        outputs: columns of the inputs it drives.
        low, high: their ranges.
        names: for each the link that it is part of.
    """

    sums: Sums
    function: Classical | None
    outputs: Integers
    low: Reals
    high: Reals
    names: tuple[str, ...]

    @property
    def inputs(self) -> Integers:
        """The columns it reads."""
        return self.sums.inputs

    def carried(self, board: Reals) -> Reals:
        """What arrives, as it is."""
        numbers = self.sums.value(board)
        return numbers if self.function is None else self.function.value(numbers, _NOTHING)

    def run_clipped(self, board: Reals) -> None:
        """Write the inputs; what noise leads out of the range of the port is put back into it."""
        board[:, self.outputs] = np.clip(self.carried(board), self.low, self.high)

    def run(self, board: Reals) -> None:
        """Write the inputs."""
        found = self.carried(board)
        if self._free and np.isfinite(found).all():
            board[:, self.outputs] = found
            return
        if (found < self.low - SLACK).any() or (found > self.high + SLACK).any() or not np.isfinite(found).all():
            wrong = (found < self.low - SLACK) | (found > self.high + SLACK) | ~np.isfinite(found)
            row, k = (int(one) for one in np.argwhere(wrong)[0])
            raise ParameterError(
                f"the link from {self.names[k]} carries {found[row, k]:.6g}, outside of the range {self.low[k]:g} to "
                f"{self.high[k]:g} of its port; send it through a function such as 'tanh' or 'sigmoid'"
            )
        board[:, self.outputs] = np.clip(found, self.low, self.high)

    @cached_property
    def _free(self) -> bool:
        """Whether expectation values arrive as they are, at ports that take any number."""
        return self.function is None and bool(np.isneginf(self.low).all() and np.isposinf(self.high).all())

    def start(self, board: Reals) -> Pull:
        """Write the inputs; how derivatives come back."""
        self.run(board)
        return self.pull

    def pull(self, board: Reals, bar: Reals) -> None:
        """Bring derivatives by the inputs back to what the link carries."""
        pulled = bar[:, self.outputs]
        if self.function is not None:
            pulled, _ = self.function.pull(self.sums.value(board), _NOTHING, pulled)
        self.sums.back(board, pulled, bar)

    def check_differentiable(self) -> None:
        """Raise where its function is not."""
        if self.function is not None:
            self.function.check_differentiable()


_NOTHING = np.empty(0)


@dataclass(frozen=True, eq=False)
class FunctionStep:
    """A classical function with weights.

    Attributes:
        function: the function.
        arguments: columns of its inputs.
        weights: columns of its weights.
        outputs: columns of its outputs.
    """

    function: Classical
    arguments: Integers
    weights: Integers
    outputs: Integers

    @property
    def inputs(self) -> Integers:
        """The columns it reads."""
        return np.unique(np.concatenate([self.arguments, self.weights]))

    def run(self, board: Reals) -> None:
        """Write the outputs."""
        board[:, self.outputs] = self.function.value(board[:, self.arguments], board[:, self.weights])

    def start(self, board: Reals) -> Pull:
        """Write the outputs; how derivatives come back."""
        self.run(board)

        def pull(board: Reals, bar: Reals) -> None:
            x, w = self.function.pull(board[:, self.arguments], board[:, self.weights], bar[:, self.outputs])
            add_at(bar, self.arguments, x)
            add_at(bar, self.weights, w)

        return pull

    def check_differentiable(self) -> None:
        """Raise where it is not."""
        self.function.check_differentiable()
