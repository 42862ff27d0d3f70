"""What training found: parameters, and how losses went."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Fit:
    """The result of :func:`cutq.train`.

    Attributes:
        parameters: names of the trained numbers.
        params: for each seed its best parameters, (seeds, parameters).
        losses: training loss by epoch, (epochs, seeds).
        validation: loss on the validation data, (epochs, seeds); (0, seeds) without such data.
        metrics: other numbers by name, on the validation data or else the training data, (epochs, seeds) each.
        best_epochs: for each seed the epoch of its best parameters, counted from 0.
        seed: what all randomness came from.
        stopped: why it ended: ``"epochs"``, ``"patience"``, ``"converged"`` or ``"not finite"``.
    """

    parameters: tuple[str, ...]
    params: Reals = field(repr=False)
    losses: Reals = field(repr=False)
    validation: Reals = field(repr=False)
    metrics: Mapping[str, Reals] = field(repr=False)
    best_epochs: NDArray[np.int64]
    seed: int
    stopped: str

    @property
    def judged(self) -> Reals:
        """The losses that decide: those on validation data where there are some, (epochs, seeds)."""
        return self.validation if len(self.validation) else self.losses

    @property
    def best(self) -> int:
        """The seed whose parameters are best, counted from 0."""
        if not len(self.judged):
            return 0
        return int(np.argmin([self.judged[epoch, k] for k, epoch in enumerate(self.best_epochs)]))

    def __str__(self) -> str:
        if not len(self.losses):
            return f"no epoch was finished ({self.stopped})"
        rows = [f"{len(self.losses)} epochs of {self.losses.shape[1]} seeds, ended by {self.stopped}"]
        for k, epoch in enumerate(self.best_epochs):
            numbers = [f"loss {self.losses[epoch, k]:.6g}"]
            if len(self.validation):
                numbers.append(f"validation {self.validation[epoch, k]:.6g}")
            numbers += [f"{name} {values[epoch, k]:.4g}" for name, values in self.metrics.items()]
            rows.append(f"  seed {k}: epoch {epoch}, {', '.join(numbers)}{'  (best)' if k == self.best else ''}")
        return "\n".join(rows)


@dataclass(frozen=True)
class Epoch:
    """Where training is; what ``progress=`` is called with.

    Attributes:
        number: how many epochs are done.
        epochs: how many there will be at most.
        loss: the training loss of the best seed.
        validation: its loss on validation data; None without.
    """

    number: int
    epochs: int
    loss: float
    validation: float | None = None


Listener = Callable[[Epoch], object]
