"""What is trained: a model, a loss and data, checked before anything is paid for."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutq.compose.evaluation import Given
from cutq.compose.learn.losses import Loss, Own, evaluated
from cutq.compose.model import Model
from cutq.errors import ParameterError, TrainingError

Reals = NDArray[np.float64]
Rows = NDArray[np.int64]
Source = tuple[Mapping[str, ArrayLike] | None, ArrayLike | None] | Mapping[str, ArrayLike] | None
"""Data as they are given: inputs and targets, inputs alone, or nothing."""


@dataclass(frozen=True, eq=False)
class Data:
    """Inputs and targets.

    Attributes:
        inputs: for each input of the model its numbers, (rows, *shape); none where the model takes no data.
        targets: what the loss compares with, (rows, ...), or None.
        rows: how many rows; 1 where there are no data.
    """

    inputs: Mapping[str, Reals]
    targets: NDArray[Any] | None
    rows: int

    @property
    def digest(self) -> str:
        """The sha256 of all numbers."""
        total = hashlib.sha256()
        for name in sorted(self.inputs):
            total.update(name.encode())
            total.update(np.ascontiguousarray(self.inputs[name]).tobytes())
        if self.targets is not None:
            total.update(np.ascontiguousarray(self.targets).tobytes())
        return total.hexdigest()


@dataclass(frozen=True, eq=False)
class Problem:
    """A model and its loss.

    Attributes:
        model: the model.
        loss: a row of the table, or a callable.
    """

    model: Model
    loss: Loss | Own

    def data(self, given: Source) -> Data:
        """Data that fit the model and the loss.

        Raises:
            TrainingError: shapes, numbers of rows or targets that do not fit, with both values.
        """
        inputs, targets = given if isinstance(given, tuple) and len(given) == 2 else (given, None)
        if inputs is not None and not isinstance(inputs, Mapping):
            raise TrainingError(
                "data are a mapping from inputs to arrays, or a pair of it and targets, such as "
                f"({{'enc.x': x}}, labels), got {type(given).__name__}"
            )
        arrays = self._inputs(inputs or {})
        rows = next((len(array) for array in arrays.values()), 1)
        outputs = len(self.model.outputs)
        if isinstance(self.loss, Loss):
            return Data(arrays, self.loss.check(targets, rows, outputs), rows)  # type: ignore[arg-type]
        found = None if targets is None else np.asarray(targets)
        if found is not None and found.shape[:1] != (rows,):
            raise TrainingError(f"targets have one row for each of {rows} rows of data, got shape {found.shape}")
        return Data(arrays, found, rows)

    def _inputs(self, inputs: Mapping[str, Any]) -> dict[str, Reals]:
        try:
            board = self.model.checked_data(inputs)
        except ParameterError as cause:
            raise TrainingError(f"data do not fit the model: {cause}") from cause
        for name, array in board.items():
            shape = self.model.inputs[name].shape
            if array.ndim != len(shape) + 1 or not len(array):
                raise TrainingError(f"data of the input {name!r} have shape (rows, *{shape}), got {array.shape}")
        counts = {name: len(array) for name, array in board.items()}
        if len(set(counts.values())) > 1:
            raise TrainingError(f"all inputs have the same number of rows, got {counts}")
        return board

    def outputs(self, params: Reals, data: Data) -> Reals:
        """Outputs for each seed and row, (seeds, rows, outputs)."""
        found = [self.model(row, data.inputs or None) for row in params]
        return np.stack(found).reshape(len(params), data.rows, len(self.model.outputs))

    def losses(self, params: Reals, data: Data) -> tuple[Reals, dict[str, Reals]]:
        """The loss on all data for each seed, (seeds,), and the metrics of the loss."""
        outputs = self.outputs(params, data)
        values = np.array([evaluated(self.loss, own, data.targets)[0] for own in outputs])
        metrics = self.loss.metrics if isinstance(self.loss, Loss) else {}
        return values, {name: np.array([of(own, data.targets) for own in outputs]) for name, of in metrics.items()}

    def slopes(self, params: Reals, data: Data, rows: Rows) -> tuple[Reals, Reals]:
        """For each seed the loss on its rows (seeds, batch), and its derivatives (seeds, parameters)."""
        seeds, count = rows.shape
        if not data.inputs:
            values, back = self.model.vjp(params)
            losses, bars = self.judged(values[:, None, :], data, rows)
            return losses, back(bars[:, 0])
        # The data were checked when training began.
        every = np.broadcast_to(params[:, None, :], (seeds, count, params.shape[1]))
        given = Given(every, {name: array[rows] for name, array in data.inputs.items()}, (seeds, count))
        evaluation = self.model.evaluation
        values, pullback = evaluation.vjp(given)
        losses, bars = self.judged(values, data, rows)
        pulled = pullback(bars.reshape(seeds * count, -1))
        return losses, evaluation.by_params(pulled, given).sum(axis=1)

    def judged(self, outputs: Reals, data: Data, rows: Rows) -> tuple[Reals, Reals]:
        """For each seed the loss of its outputs, and the slopes by them."""
        found = [
            evaluated(self.loss, own, None if data.targets is None else data.targets[chosen])
            for own, chosen in zip(outputs, rows, strict=True)
        ]
        return np.array([value for value, _ in found]), np.array([slopes for _, slopes in found])


def starts(model: Model, seed: int, seeds: int, scale: float) -> Reals:
    """First parameters, (seeds, parameters): those of the modules, and where they have none uniform in +-scale."""
    found = np.empty((seeds, len(model.parameters)))
    for k in range(seeds):
        drawn = np.random.default_rng([seed, k]).uniform(-scale, scale, len(model.parameters))
        found[k] = np.where(np.isnan(model.initial), drawn, model.initial)
    return found


def check_finite(model: Model, params: Reals, where: str) -> str | None:
    """What to say where a parameter is not finite; None where all are."""
    wrong = np.argwhere(~np.isfinite(params))
    if not len(wrong):
        return None
    seed, k = (int(one) for one in wrong[0])
    return f"{model.parameters[k]} of seed {seed} became {params[seed, k]} {where}"


def plain(value: float) -> float | None:
    """A number for JSON, which has no infinities."""
    return value if math.isfinite(value) else None
