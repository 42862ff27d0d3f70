"""Losses: how far outputs are from targets, row by row, and in which direction to go."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.checks import shown
from cutq.errors import TrainingError

Reals = NDArray[np.float64]
Targets = NDArray[Any]
Check = Callable[[Targets | None, int, int], Targets | None]


@dataclass(frozen=True)
class Loss:
    """A row of the table; the loss of a batch is the mean over its rows.

    Attributes:
        value: for outputs (rows, outputs) and targets the loss of each row, and its slope by each output.
        check: targets as an array, refused where they do not fit so many rows and outputs.
        metrics: numbers for people, from outputs and targets.
    """

    value: Callable[[Reals, Any], tuple[Reals, Reals]]
    check: Check
    metrics: Mapping[str, Callable[[Reals, Any], float]] = field(default_factory=dict)


def _energy(outputs: Reals, targets: None) -> tuple[Reals, Reals]:
    return outputs.sum(axis=-1), np.ones_like(outputs)


def _infidelity(outputs: Reals, targets: None) -> tuple[Reals, Reals]:
    count = outputs.shape[-1]
    return 1 - outputs.mean(axis=-1), np.full_like(outputs, -1 / count)


def _squared(outputs: Reals, targets: Reals) -> tuple[Reals, Reals]:
    off = outputs - targets
    return (off * off).mean(axis=-1), 2 * off / outputs.shape[-1]


def _cross_entropy(outputs: Reals, labels: NDArray[np.int64]) -> tuple[Reals, Reals]:
    shifted = outputs - outputs.max(axis=-1, keepdims=True)
    chances = np.exp(shifted)
    total = chances.sum(axis=-1, keepdims=True)
    rows = np.arange(len(outputs))
    slope = chances / total
    slope[rows, labels] -= 1
    return np.log(total[:, 0]) - shifted[rows, labels], slope


def _binary(outputs: Reals, labels: NDArray[np.int64]) -> tuple[Reals, Reals]:
    signs = 1.0 - 2.0 * labels[:, None]
    return np.logaddexp(0.0, signs * outputs)[:, 0], signs * 0.5 * (1 + np.tanh(signs * outputs / 2))


def _no_targets(targets: Targets | None, rows: int, outputs: int) -> None:
    if targets is not None:
        raise TrainingError("this loss compares with nothing, but targets were given; leave them out, or take another")


def _values(targets: Targets | None, rows: int, outputs: int) -> Targets:
    array = _numbers(targets)
    if array.shape == (rows,) and outputs == 1:
        array = array[:, None]
    if array.shape != (rows, outputs):
        raise TrainingError(
            f"targets have the shape of the outputs, ({rows}, {outputs}), got {array.shape}; name as many outputs as "
            "targets"
        )
    return array


def _labels(targets: Targets | None, rows: int, outputs: int) -> Targets:
    return _whole(targets, rows, outputs)


def _two(targets: Targets | None, rows: int, outputs: int) -> Targets:
    if outputs != 1:
        raise TrainingError(
            f"binary cross-entropy has one output, got {outputs}; take 'cross-entropy' for more classes"
        )
    return _whole(targets, rows, 2)


def _whole(targets: Targets | None, rows: int, classes: int) -> Targets:
    array = _numbers(targets)
    if array.shape != (rows,):
        raise TrainingError(f"labels are one number for each of {rows} rows of data, got shape {array.shape}")
    labels = array.astype(np.int64)
    wrong = np.flatnonzero((labels != array) | (labels < 0) | (labels >= classes))
    if len(wrong):
        raise TrainingError(
            f"labels are whole numbers from 0 to {classes - 1}, one for each output, but row {wrong[0]} has "
            f"{array[wrong[0]]:g}"
        )
    return labels


def _numbers(targets: Targets | None) -> NDArray[np.float64]:
    if targets is None:
        raise TrainingError("this loss compares with targets; give data=(inputs, targets)")
    try:
        array = np.asarray(targets, dtype=float)
    except (TypeError, ValueError) as cause:
        raise TrainingError(f"targets are numbers, got {shown(targets)}") from cause
    if not np.isfinite(array).all():
        raise TrainingError(f"targets are finite numbers, but row {np.argwhere(~np.isfinite(array))[0][0]} is not")
    return array


def _accuracy(outputs: Reals, labels: NDArray[np.int64]) -> float:
    return float((outputs.argmax(axis=-1) == labels).mean())


def _two_accuracy(outputs: Reals, labels: NDArray[np.int64]) -> float:
    return float(((outputs[:, 0] > 0) == labels).mean())


LOSSES: dict[str, Loss] = {
    "energy": Loss(_energy, _no_targets),
    "infidelity": Loss(_infidelity, _no_targets, {"fidelity": lambda outputs, _: float(outputs.mean())}),
    "squared-error": Loss(_squared, _values),
    "cross-entropy": Loss(_cross_entropy, _labels, {"accuracy": _accuracy}),
    "binary-cross-entropy": Loss(_binary, _two, {"accuracy": _two_accuracy}),
}
"""The losses by name.

``energy`` is the sum of the outputs; ``infidelity`` is 1 minus their mean, where each is a fidelity; ``cross-entropy``
takes outputs as logits and whole labels; ``binary-cross-entropy`` one output, the logit of label 1.
"""

Own = Callable[[Reals, Any], tuple[float, Reals]]
"""A loss of the user: from outputs (rows, outputs) and targets to a number and its slopes (rows, outputs)."""


def loss_of(loss: str | Own) -> Loss | Own:
    """The loss of this name, or the callable itself."""
    if callable(loss):
        return loss
    if loss not in LOSSES:
        near = difflib.get_close_matches(str(loss), LOSSES, n=1, cutoff=0.0)[0]
        raise TrainingError(
            f"no loss is called {loss!r}; the nearest is {near!r} of {', '.join(LOSSES)}, or a callable"
        )
    return LOSSES[loss]


def evaluated(loss: Loss | Own, outputs: Reals, targets: Any) -> tuple[float, Reals]:
    """The loss of a batch and its slopes by the outputs, (rows, outputs).

    Raises:
        TrainingError: it is no number, or its slopes have another shape.
    """
    if isinstance(loss, Loss):
        values, slopes = loss.value(outputs, targets)
        return float(values.mean()), slopes / len(outputs)
    found = loss(outputs, targets)
    if not isinstance(found, tuple) or len(found) != 2:
        raise TrainingError(f"a loss returns a number and its slopes by the outputs, got {type(found).__name__}")
    value, slopes = np.asarray(found[0], dtype=float), np.asarray(found[1], dtype=float)
    if value.shape != () or slopes.shape != outputs.shape:
        raise TrainingError(
            f"a loss is one number with slopes of the shape of the outputs, {outputs.shape}, got shapes {value.shape} "
            f"and {slopes.shape}"
        )
    return float(value), slopes
