"""Losses and their slopes measured on devices."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cutq.compose.learn.problem import Data, Problem
from cutq.errors import TrainingError

Reals = NDArray[np.float64]


def measured_slopes(
    problem: Problem, params: Reals, data: Data, rows: NDArray[np.int64], runner: object, shots: int, seed: int
) -> tuple[Reals, Reals]:
    """For each seed the loss on its rows and its derivatives, from so many shots in all.

    Raises:
        TrainingError: fewer shots than rows.
    """
    seeds, count = rows.shape
    share = shots // (seeds * count)
    if not share:
        raise TrainingError(f"{shots} shots do not suffice for {seeds * count} rows of a step; take smaller batches")
    losses, slopes = np.empty(seeds), np.zeros_like(params)
    for k in range(seeds):
        runs = []
        for at, row in enumerate(rows[k]):
            given = {name: array[row] for name, array in data.inputs.items()} or None
            own = seed + k * count + at
            runs.append(problem.model.estimate_vjp(params[k], given, runner=runner, shots=share, seed=own))
        outputs = np.stack([found.values for found, _ in runs])
        (losses[k],), (bars,) = problem.judged(outputs[None], data, rows[k : k + 1])
        slopes[k] = sum(pullback(bar) for (_, pullback), bar in zip(runs, bars, strict=True))
    return losses, slopes
