"""How to train: epochs, batches, optimiser, seeds, when to stop, and where to measure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from cutq.compose.learn.optimisers import WHOLE, check_optimiser
from cutq.errors import TrainingError


@dataclass(frozen=True)
class Plan:
    """How to train.

    Attributes:
        epochs: passes over the data; steps where there are none, and for L-BFGS.
        batch_size: rows of a step; None for all.
        optimiser: a name, or a gradient transformation of optax.
        learning_rate: a number or a schedule of optax.
        seed, seeds: what all randomness comes from, and how many runs.
        patience: epochs without improvement after which it ends; None for never.
        min_improvement: what counts as one.
        runner, shots: where to measure losses and slopes, and with how many shots for each step; None for exactly.
    """

    epochs: int = 100
    batch_size: int | None = None
    optimiser: Any = "adam"
    learning_rate: Any = 0.05
    seed: int = 0
    seeds: int = 1
    patience: int | None = None
    min_improvement: float = 0.0
    runner: Any = None
    shots: int | None = None

    def __post_init__(self) -> None:
        for name, least in (("epochs", 0), ("seed", 0), ("seeds", 1)):
            _whole(name, getattr(self, name), least)
        for name in ("batch_size", "patience", "shots"):
            if getattr(self, name) is not None:
                _whole(name, getattr(self, name), 1)
        check_optimiser(self.optimiser)
        rate = self.learning_rate
        if not callable(rate) and not (isinstance(rate, int | float) and 0 < rate < math.inf):
            raise TrainingError(f"a learning rate is a positive number or a schedule of optax, got {rate!r}")
        if (self.runner is None) != (self.shots is None):
            raise TrainingError("training on shots takes both runner= and shots=, the shots of one step")
        if self.optimiser == WHOLE and (self.batch_size is not None or self.runner is not None):
            raise TrainingError(f"{WHOLE} takes all data at once, and no shots; leave batch_size and runner out")


def _whole(name: str, value: object, least: int) -> None:
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < least:
        raise TrainingError(f"{name} is a whole number from {least}, got {value!r}")
