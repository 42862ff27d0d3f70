"""Models on devices: each network is estimated from counts, and errors are carried along the classical links."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutq.compose.model import Model
from cutq.compose.steps import LinkStep, NetworkStep, Pull, Step
from cutq.errors import ParameterError, ShotsError
from cutq.shots.estimate import Estimate
from cutq.shots.estimating import estimate
from cutq.shots.gradient import estimate_gradient
from cutq.shots.jobs import Runner

Reals = NDArray[np.float64]

SLOPES = ("exact", "measured")
"""Where the slopes of later networks come from: this computer, or shots of their own."""

SLOPE_SHARE = 0.25
"""The share of a network's shots that goes to its slopes where they are measured."""


@dataclass(frozen=True, eq=False)
class ModelEstimate(Estimate):
    """Outputs of a model that were estimated from counts.

    Attributes:
        bias: how far the mean of such estimates is from the exact values because nonlinear consumers are driven by
            numbers with errors; it falls with the number of shots. nan where it is not known. It is not subtracted
            from ``values``.
        parts: the estimates of the networks, in the order of evaluation.
    """

    bias: Reals | None = None
    parts: tuple[Estimate, ...] = ()

    @property
    def corrected(self) -> Reals:
        """The values without the bias."""
        assert self.bias is not None
        return self.values - self.bias


def estimate_model(
    model: Model,
    params: ArrayLike | None = None,
    data: Mapping[str, ArrayLike] | None = None,
    *,
    runner: Runner,
    shots: int,
    slopes: str = "exact",
    seed: int = 0,
    **options: Any,
) -> ModelEstimate:
    """Estimate the outputs of a model; see :meth:`cutq.compose.model.Model.estimate`."""
    board = one_row(model, params, data)
    return Work(model, board, runner, checked_share(model, shots), checked_slopes(slopes), seed, options).estimate()


def one_row(model: Model, params: ArrayLike | None, data: Mapping[str, ArrayLike] | None) -> Reals:
    """The board of one row of parameters and data, (1, columns)."""
    board, rows = model.board(params, data)
    if rows != ():
        raise ParameterError(
            f"one row of parameters and data is estimated at a time, but leading axes {rows} were given; loop over them"
        )
    return board


def checked_share(model: Model, shots: int) -> int:
    """The shots of each network."""
    count = len(model.networks)
    if not isinstance(shots, int | np.integer) or isinstance(shots, bool) or shots < max(count, 1):
        raise ShotsError(f"a model of {count} networks needs a whole number of shots, got {shots!r}")
    return int(shots) // max(count, 1)


def checked_slopes(slopes: str) -> str:
    """One of ``SLOPES``."""
    if slopes not in SLOPES:
        raise ShotsError(f"slopes are one of {', '.join(SLOPES)}, got {slopes!r}")
    return slopes


@dataclass
class Work:
    """The short-lived state of an estimate; its board holds what was estimated when it is done."""

    model: Model
    board: Reals
    runner: Runner
    share: int
    slopes: str
    seed: int
    options: Mapping[str, Any]

    def estimate(self) -> ModelEstimate:
        """Run all steps."""
        parts: list[tuple[int, NetworkStep, Estimate]] = []
        pulls: list[Pull | None] = []
        random = np.zeros(self.model.planned.width, dtype=bool)
        for number, step in enumerate(self.model.planned.steps):
            driven = bool(random[step.inputs].any())
            if isinstance(step, NetworkStep):
                parts.append((number, step, self._network(number, step, driven)))
                pulls.append(self._network_pull(number, step) if driven else None)
                random[step.outputs] = True
            else:
                pulls.append(self._other(step, driven))
                random[step.outputs] = driven
        sensitivities = self._sensitivities(pulls)
        shares = [(sensitivities[number] @ one.covariance @ sensitivities[number].T) for number, _, one in parts]
        return ModelEstimate(
            self.model.outputs,
            self.model.planned.outputs.value(self.board)[0],
            np.sum(shares, axis=0) if shares else np.zeros((len(self.model.outputs),) * 2),
            sum(one.shots for _, _, one in parts) + self._slope_shots(pulls),
            sum(one.num_circuits for _, _, one in parts),
            np.array([np.diagonal(one) for one in shares]).reshape(len(shares), len(self.model.outputs)),
            {"slopes": self.slopes, "seed": self.seed},
            bias=self._bias(parts),
            parts=tuple(one for _, _, one in parts),
        )

    # --- forward ---

    def _network(self, number: int, step: NetworkStep, driven: bool) -> Estimate:
        """The network's values from counts, written to the board."""
        shots = self.share - (self._for_slopes() if driven else 0)
        found = estimate(
            step.network,
            list(step.program.observables),
            self.row(step),
            runner=self.runner,
            shots=shots,
            seed=self.seed + number,
            **self.options,
        )
        self.board[0, step.outputs] = found.values
        return found

    def row(self, step: NetworkStep) -> Reals:
        """Values of the network's own parameters; the program may have the same in another order."""
        values = dict(zip(step.program.parameters, step.binding.rows(self.board)[0], strict=True))
        return np.array([values[name] for name in step.network.parameters])

    def _other(self, step: Step, driven: bool) -> Pull | None:
        """Run a step between networks; how derivatives come back where its numbers have errors."""
        if not driven:
            step.run(self.board)
            return None
        step.check_differentiable()
        if isinstance(step, LinkStep):
            pull = step.pull
            step.run_clipped(self.board)
            return pull
        return step.start(self.board)

    # --- slopes ---

    def _for_slopes(self) -> int:
        return int(SLOPE_SHARE * self.share) if self.slopes == "measured" else 0

    def _slope_shots(self, pulls: list[Pull | None]) -> int:
        steps = self.model.planned.steps
        driven = [pull for step, pull in zip(steps, pulls, strict=True) if isinstance(step, NetworkStep) and pull]
        return len(driven) * self._for_slopes()

    def _network_pull(self, number: int, step: NetworkStep) -> Pull:
        pullback = self._exact(step) if self.slopes == "exact" else self._measured(number, step)

        def pull(board: Reals, bar: Reals) -> None:
            step.binding.back(board, pullback(bar[:, step.outputs]), bar)

        return pull

    def _exact(self, step: NetworkStep) -> Callable[[Reals], Reals]:
        _, pullback = step.program.vjp(step.binding.rows(self.board))
        return pullback

    def _measured(self, number: int, step: NetworkStep) -> Callable[[Reals], Reals]:
        observables = step.program.observables
        row, order = self.row(step), [step.network.parameters.index(name) for name in step.program.parameters]
        jacobian = np.array(
            [
                estimate_gradient(
                    step.network,
                    one,
                    row,
                    runner=self.runner,
                    shots=self._for_slopes() // len(observables),
                    seed=self.seed + 1000 * (number + 1) + k,
                ).values[order]
                for k, one in enumerate(observables)
            ]
        )
        return lambda weights: np.asarray(weights @ jacobian)

    def _sensitivities(self, pulls: list[Pull | None]) -> dict[int, Reals]:
        """For each network the derivatives of the outputs by its values, (outputs, values)."""
        steps, count = self.model.planned.steps, len(self.model.outputs)
        found: dict[int, list[Reals]] = {
            number: [] for number, step in enumerate(steps) if isinstance(step, NetworkStep)
        }
        for unit in np.eye(count):
            bar = np.zeros_like(self.board)
            self.model.planned.outputs.back(self.board, unit[None, :], bar)
            for number in reversed(range(len(steps))):
                if number in found:
                    found[number].append(bar[0, steps[number].outputs].copy())
                pull = pulls[number]
                if pull is not None:
                    pull(self.board, bar)
        return {number: np.array(rows).reshape(count, -1) for number, rows in found.items()}

    # --- bias ---

    def _bias(self, parts: list[tuple[int, NetworkStep, Estimate]]) -> Reals:
        """The mean shift of the outputs along the principal axes of each network's errors."""
        total = np.zeros(len(self.model.outputs))
        if self.slopes == "measured":
            return np.full_like(total, np.nan) if len(parts) > 1 else total
        for number, step, one in parts:
            later = self._later(number)
            if later:
                total += self._shift(step, one, later)
        return total

    def _later(self, number: int) -> list[Step]:
        """The steps that depend on a network."""
        steps = self.model.planned.steps
        reached = np.zeros(self.model.planned.width, dtype=bool)
        reached[steps[number].outputs] = True
        found = []
        for step in steps[number + 1 :]:
            if reached[step.inputs].any():
                reached[step.outputs] = True
                found.append(step)
        return found

    def _shift(self, step: NetworkStep, one: Estimate, later: list[Step]) -> Reals:
        """By the three points of Gauss and Hermite along each axis: exact for normal errors up to the fifth power."""
        variances, axes = np.linalg.eigh(one.covariance)
        shifts = axes * np.sqrt(3 * np.maximum(variances, 0.0))
        points = np.repeat(self.board, 2 * shifts.shape[1] + 1, axis=0)
        points[1:, step.outputs] += np.concatenate([shifts.T, -shifts.T])
        for after in later:
            if isinstance(after, LinkStep):
                after.run_clipped(points)
            else:
                after.run(points)
        values = self.model.planned.outputs.value(points)
        return np.asarray((values[1:].sum(axis=0) - 2 * shifts.shape[1] * values[0]) / 6)
