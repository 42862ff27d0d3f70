"""The work of training: epochs of gradient steps, or searches, and the states between."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from cutq.compose.learn.checkpoint import Checkpoint, read_checkpoint
from cutq.compose.learn.fit import Epoch, Fit, Listener
from cutq.compose.learn.optimisers import Stepper, minimise
from cutq.compose.learn.plan import Plan
from cutq.compose.learn.problem import Data, Problem, check_finite
from cutq.compose.learn.shots import measured_slopes
from cutq.errors import TrainingError

Reals = NDArray[np.float64]


@dataclass
class Work:
    """The short-lived state of :func:`cutq.train`."""

    problem: Problem
    plan: Plan
    data: Data
    validation: Data | None
    progress: Listener | None
    params: Reals
    about: dict[str, Any] = field(default_factory=dict)
    stopped: str = "epochs"

    def __post_init__(self) -> None:
        seeds = len(self.params)
        self.best = self.params.copy()
        self.best_epochs = np.zeros(seeds, dtype=np.int64)
        self.best_values = np.full(seeds, np.inf)
        self.losses: list[Reals] = []
        self.validations: list[Reals] = []
        self.metrics: dict[str, list[Reals]] = {}
        self.orders = [np.random.default_rng([self.plan.seed, k, 1]) for k in range(seeds)]
        self.steps = 0

    # --- gradient steps ---

    def run(self, checkpoint: str | os.PathLike[str] | None) -> None:
        """All epochs, from a checkpoint where there is one."""
        self.stepper = Stepper(self.plan.optimiser, self.plan.learning_rate, self.params)
        if checkpoint is not None:
            self._restore(read_checkpoint(checkpoint, self.about))
        while len(self.losses) < self.plan.epochs and not self._patient():
            self._judge(self._epoch())
            if checkpoint is not None:
                self._state().write(checkpoint)

    def _epoch(self) -> Reals:
        """One pass over the data; the mean loss of each seed on the way."""
        size = self.plan.batch_size or self.data.rows
        orders = np.stack([order.permutation(self.data.rows) for order in self.orders])
        total = np.zeros(len(self.params))
        for first in range(0, self.data.rows, size):
            rows = orders[:, first : first + size]
            losses, slopes = self._slopes(rows)
            where = f"in epoch {len(self.losses)}, step {first // size}"
            if not np.isfinite(losses).all() or not np.isfinite(slopes).all():
                bad = int(np.flatnonzero(~np.isfinite(losses) | ~np.isfinite(slopes).all(axis=-1))[0])
                self._fail(f"a loss and its slopes are finite, but of seed {bad} the loss was {losses[bad]} {where}")
            moved = self.stepper.step(self.params, slopes)
            wrong = check_finite(self.problem.model, moved, where)
            if wrong:
                self._fail(f"parameters are finite, but {wrong}; lower the learning rate")
            self.params = moved
            self.steps += 1
            total += losses * rows.shape[1] / self.data.rows
        return total

    def _slopes(self, rows: NDArray[np.int64]) -> tuple[Reals, Reals]:
        if self.plan.runner is None:
            return self.problem.slopes(self.params, self.data, rows)
        seed = self.plan.seed + 7919 * self.steps
        return measured_slopes(
            self.problem, self.params, self.data, rows, self.plan.runner, int(self.plan.shots or 0), seed
        )

    def _judge(self, losses: Reals) -> None:
        """Note an epoch, and whether it is the best."""
        judged = losses
        if self.validation is not None:
            judged, metrics = self.problem.losses(self.params, self.validation)
            self.validations.append(judged)
        else:
            metrics = self._training_metrics()
        for name, values in metrics.items():
            self.metrics.setdefault(name, []).append(values)
        self.losses.append(losses)
        better = judged < self.best_values - self.plan.min_improvement
        self.best[better], self.best_values[better] = self.params[better], judged[better]
        self.best_epochs[better] = len(self.losses) - 1
        if self.progress is not None:
            best = int(np.argmin(judged))
            shown = None if self.validation is None else float(judged[best])
            self.progress(Epoch(len(self.losses), self.plan.epochs, float(losses[best]), shown))

    def _training_metrics(self) -> dict[str, Reals]:
        exact = self.plan.runner is None and getattr(self.problem.loss, "metrics", {})
        return self.problem.losses(self.params, self.data)[1] if exact else {}

    def _patient(self) -> bool:
        """Whether no seed has become better for too long."""
        if self.plan.patience is None or not self.losses:
            return False
        if len(self.losses) - 1 - int(self.best_epochs.max()) < self.plan.patience:
            return False
        self.stopped = "patience"
        return True

    # --- L-BFGS ---

    def search(self) -> None:
        """One search after the other for each seed; their histories are padded with their last values."""
        rows = np.arange(self.data.rows)[None, :]
        histories = [self._search(k, rows) for k in range(len(self.params))]
        length = max(map(len, histories))
        self.losses = list(np.array([one + one[-1:] * (length - len(one)) for one in histories]).T) if length else []
        self.stopped = "epochs" if length >= self.plan.epochs else "converged"
        self.best = self.params.copy()
        self.best_epochs = np.array([max(len(one) - 1, 0) for one in histories])
        if self.validation is not None:
            judged, _ = self.problem.losses(self.params, self.validation)
            self.validations = [judged] * length
        for name, values in self.problem.losses(self.params, self.validation or self.data)[1].items():
            self.metrics[name] = [values] * length

    def _search(self, k: int, rows: NDArray[np.int64]) -> list[float]:
        history: list[float] = []

        def value(params: Reals) -> tuple[float, Reals]:
            losses, slopes = self.problem.slopes(params[None], self.data, rows)
            if not np.isfinite(losses[0]) or not np.isfinite(slopes).all():
                self._fail(
                    f"a loss and its slopes are finite, but of seed {k} it was {losses[0]} after {len(history)} steps"
                )
            return float(losses[0]), slopes[0]

        def listen(params: Reals, loss: float) -> bool:
            self.params[k] = params
            history.append(loss)
            if self.progress is not None:
                self.progress(Epoch(len(history), self.plan.epochs, loss))
            since = len(history) - 1 - int(np.argmin(history))
            return self.plan.patience is not None and since >= self.plan.patience

        minimise(value, self.params[k].copy(), self.plan.epochs, listen)
        return history or [value(self.params[k])[0]]

    # --- states ---

    def fit(self, stopped: str | None = None) -> Fit:
        """What was found so far."""
        seeds = len(self.params)
        return Fit(
            self.problem.model.parameters,
            self.best.copy(),
            np.array(self.losses).reshape(-1, seeds),
            np.array(self.validations).reshape(-1, seeds),
            {name: np.array(values) for name, values in self.metrics.items()},
            self.best_epochs.copy(),
            self.plan.seed,
            stopped or self.stopped,
        )

    def _fail(self, message: str) -> NoReturn:
        raise TrainingError(f"{message}; the last good state is kept", self.fit("not finite"))

    def _state(self) -> Checkpoint:
        said = {
            "orders": [order.bit_generator.state for order in self.orders],
            "steps": self.steps,
            "metrics": list(self.metrics),
        }
        arrays: dict[str, NDArray[Any]] = {
            "params": self.params, "best": self.best, "best_epochs": self.best_epochs, "best_values": self.best_values,
            "losses": np.array(self.losses), "validations": np.array(self.validations),
        }  # fmt: skip
        arrays |= {f"metric {k}": np.array(values) for k, values in enumerate(self.metrics.values())}
        arrays |= {f"leaf {k}": leaf for k, leaf in enumerate(self.stepper.leaves)}
        return Checkpoint(self.about, said, arrays)

    def _restore(self, state: Checkpoint | None) -> None:
        if state is None:
            return
        arrays = state.arrays
        self.params, self.best = arrays["params"].copy(), arrays["best"].copy()
        self.best_epochs, self.best_values = arrays["best_epochs"].copy(), arrays["best_values"].copy()
        self.losses, self.validations = list(arrays["losses"]), list(arrays["validations"])
        self.metrics = {name: list(arrays[f"metric {k}"]) for k, name in enumerate(state.said["metrics"])}
        self.steps = int(state.said["steps"])
        for order, own in zip(self.orders, state.said["orders"], strict=True):
            order.bit_generator.state = own
        self.stepper.restore([arrays[f"leaf {k}"] for k in range(sum(name.startswith("leaf ") for name in arrays))])
