"""Derivatives of models on devices: backward through the steps, each network's pullback measured where it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutq.circuits.angles import Angle
from cutq.circuits.circuit import Operation
from cutq.circuits.observable import Observable
from cutq.compose.estimate import ModelEstimate, Work, checked_share, checked_slopes, one_row
from cutq.compose.evaluation import Gradients, checked_weights
from cutq.compose.model import Model
from cutq.compose.steps import LinkStep, NetworkStep, Step
from cutq.exact.checks import whole_number
from cutq.network.network import Fragment, Network, Slot
from cutq.network.network import Step as Item
from cutq.shots.gradient import estimate_gradient, gradient_experiment
from cutq.shots.jobs import Runner
from cutq.shots.measure import Effort, check_effort

Reals = NDArray[np.float64]

PULL_SHARE = 0.75
"""The share of all shots that is kept for the derivatives, which take far more circuits than the values."""

GRADIENT_OPTIONS = ("frames", "allocation", "max_circuits", "max_shots")
"""Options of estimates that gradients have too."""


def estimate_vjp(
    model: Model,
    params: ArrayLike | None = None,
    data: Mapping[str, ArrayLike] | None = None,
    *,
    runner: Runner,
    shots: int,
    by_data: bool = False,
    slopes: str = "exact",
    seed: int = 0,
    **options: Any,
) -> tuple[ModelEstimate, Callable[[ArrayLike], Gradients]]:
    """Estimate a model, with a pullback that is measured; see :meth:`cutq.compose.model.Model.estimate_vjp`.

    Args:
        model, params, data, runner, shots, slopes, seed, options: as there.
        by_data: whether derivatives by data are measured too; they are 0 otherwise.
    """
    board = one_row(model, params, data)
    checked_share(model, shots), checked_slopes(slopes), whole_number("seed", seed, 0)
    effort = {name: options[name] for name in GRADIENT_OPTIONS if name in options}
    back = Backward(model, board, runner, int(PULL_SHARE * shots), _reached(model, by_data), seed, effort)
    back.check()
    share = (int(shots) - back.shots) // max(1, len(model.networks))
    return Work(model, board, runner, share, slopes, seed, options).estimate(), back.pull


@dataclass(frozen=True, eq=False)
class Backward:
    """The way back through the steps of a model.

    Attributes:
        model: the model.
        board: all numbers, (1, columns), once the values are estimated.
        runner: the device.
        shots: of one pullback.
        wanted: for each column whether derivatives by it are wanted, (columns,).
        seed: of the jobs.
        options: of :func:`cutq.estimate_gradient`.
    """

    model: Model
    board: Reals
    runner: Runner
    shots: int
    wanted: NDArray[np.bool_]
    seed: int
    options: Mapping[str, Any]

    @property
    def steps(self) -> list[tuple[int, Step]]:
        """The steps on the way, with their numbers."""
        return [(k, step) for k, step in enumerate(self.model.planned.steps) if self.wanted[step.inputs].any()]

    @property
    def share(self) -> int:
        """The shots of each network."""
        return self.shots // max(1, sum(isinstance(step, NetworkStep) for _, step in self.steps))

    def check(self) -> None:
        """Raise what can be known before anything is run: no derivative, or fewer shots than circuits."""
        for _, step in self.steps:
            step.check_differentiable()
            if isinstance(step, NetworkStep):
                network = _bound(step.network, dict.fromkeys(step.network.parameters, 1.0), self._names(step))
                some = _weighted(step, np.ones(len(step.outputs)))
                asked = gradient_experiment(network, some, np.ones(len(network.parameters)), self.options.get("frames"))
                check_effort(asked, Effort(shots=self.share, **self._limits))

    def pull(self, weights: ArrayLike) -> Gradients:
        """Derivatives of the weighted sum of the outputs, from weights (outputs,)."""
        left, bar = checked_weights(weights, (len(self.model.outputs),)), np.zeros_like(self.board)
        self.model.planned.outputs.back(self.board, left, bar)
        for number, step in reversed(self.steps):
            if isinstance(step, NetworkStep):
                step.binding.back(self.board, self._measured(number, step, bar[0, step.outputs])[None, :], bar)
            elif isinstance(step, LinkStep):
                # Its start would refuse what noise leads out of a range.
                step.pull(self.board, bar)
            else:
                step.start(self.board)(self.board, bar)
        bar[:, ~self.wanted] = 0.0
        ports = self.model.planned.data.items()
        by_data = {name: bar[0, columns].reshape(port.shape) for name, (port, columns) in ports}
        return Gradients(bar[0, : len(self.model.parameters)], by_data)

    def _measured(self, number: int, step: NetworkStep, weights: Reals) -> Reals:
        """Derivatives of a network's weighted sum by its program's parameters, (parameters,)."""
        if not weights.any():
            return np.zeros(len(step.program.parameters))
        values = dict(zip(step.program.parameters, step.binding.rows(self.board)[0].tolist(), strict=True))
        network = _bound(step.network, values, self._names(step))
        found = estimate_gradient(
            network,
            _weighted(step, weights),
            [values[name] for name in network.parameters],
            runner=self.runner,
            shots=self.share,
            # Other jobs than those of the values, whose seeds are next to each other.
            seed=int(np.random.SeedSequence([self.seed, number, 1]).generate_state(1, np.uint64)[0]),
            **self.options,
        )
        slopes = dict(zip(network.parameters, found.values.tolist(), strict=True))
        return np.array([slopes.get(name, 0.0) for name in step.program.parameters])

    def _names(self, step: NetworkStep) -> set[str]:
        """The parameters of a network that depend on what derivatives are wanted by."""
        binding, names = step.binding, step.program.parameters
        found = {names[k] for k, column in zip(binding.targets, binding.columns, strict=True) if self.wanted[column]}
        for one in binding.mapped:
            driven = self.wanted[one.columns].any(axis=0)
            found |= {names[k] for k in one.targets[driven]}
        return found

    @property
    def _limits(self) -> dict[str, Any]:
        return {name: value for name, value in self.options.items() if name != "frames"}


def _reached(model: Model, by_data: bool) -> NDArray[np.bool_]:
    """The columns that depend on parameters, and on data if asked for."""
    found = np.zeros(model.planned.width, dtype=bool)
    found[: len(model.parameters)] = True
    if by_data:
        for _, columns in model.planned.data.values():
            found[columns] = True
    for step in model.planned.steps:
        if found[step.inputs].any():
            found[step.outputs] = True
    return found


def _weighted(step: NetworkStep, weights: Reals) -> Observable:
    terms = [
        (word, factor * weight)
        for one, weight in zip(step.program.observables, weights.tolist(), strict=True)
        for word, factor in one.terms
    ]
    return Observable.of(terms)


def _bound(network: Network, values: Mapping[str, float], free: set[str]) -> Network:
    """The network with numbers for the parameters of its fragments that are not free: they need no shifted circuits.

    What bonds carry keeps its parameters, since the dimensions of their legs depend on them.
    """
    known = {name: value for name, value in values.items() if name not in free}
    return replace(network, fragments=tuple(_bound_fragment(one, known) for one in network.fragments))


def _bound_fragment(fragment: Fragment, known: Mapping[str, float]) -> Fragment:
    return replace(fragment, items=tuple(_bound_item(item, known) for item in fragment.items))


def _bound_item(item: Item | Slot, known: Mapping[str, float]) -> Item | Slot:
    if isinstance(item, Slot) or not any(name in known for name in item.operation.parameters):
        return item
    op = item.operation
    return Item(item.number, Operation(op.name, op.qubits, tuple(_bound_angle(one, known) for one in op.params)))


def _bound_angle(angle: Angle, known: Mapping[str, float]) -> Angle:
    rest = tuple((name, factor) for name, factor in angle.terms if name not in known)
    return Angle(rest, angle.constant + sum(factor * known[name] for name, factor in angle.terms if name in known))
