"""Models: networks and classical functions in an order of evaluation, with the face of a program."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from functools import cached_property
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutq.compose.evaluation import Evaluation, Gradients, as_reals, checked_weights
from cutq.compose.names import shown
from cutq.compose.planning import Planned
from cutq.compose.ports import ClassicalIn
from cutq.compose.steps import NetworkStep
from cutq.errors import ParameterError
from cutq.exact.program import check_executor, checked_rows
from cutq.network.network import Network

Reals = NDArray[np.float64]


class Model:
    """Values and derivatives of a composition's outputs; made by ``Composition.compile``.

    Parameters are the trainable weights. Data are the open classical inputs; both may have leading axes, which are
    the same where both have some. Without data and with quantum edges only it is used like a
    :class:`~cutq.exact.program.Program`.

    Attributes:
        parameters: names of the parameters: the last axis of ``params`` and of derivatives.
        initial: the weights that the modules came with, nan where they have none.
        outputs: names of the outputs: the last axis of values.
        planned: the steps.
        evaluation: what runs them.
    """

    def __init__(self, planned: Planned, outputs: tuple[str, ...]) -> None:
        self.planned, self.outputs = planned, outputs
        self.parameters = planned.parameters
        self.initial = planned.initial
        self.initial.flags.writeable = False
        self.evaluation = Evaluation(planned)

    @property
    def inputs(self) -> Mapping[str, ClassicalIn]:
        """The classical inputs that data are given for."""
        return self.planned.inputs

    @cached_property
    def weights(self) -> Mapping[str, tuple[int, tuple[int, ...]]]:
        """The trainable weights by name: where each begins among the parameters, and its shape."""
        found: dict[str, tuple[int, tuple[int, ...]]] = {}
        for k, element in enumerate(self.parameters):
            name, _, index = element.rstrip("]").partition("[")
            # The last element of an array has the largest index of each axis.
            shape = tuple(int(one) + 1 for one in index.split(",")) if index else ()
            found[name] = (found[name][0] if name in found else k, shape)
        return found

    def named(self, params: ArrayLike) -> dict[str, Reals]:
        """Parameters (..., parameters) as the weights that they are, (..., *shape of the weight).

        The way back for one row is :meth:`values`.
        """
        rows = checked_rows(self.parameters, params)
        return {
            name: rows[..., first : first + math.prod(shape)].reshape((*rows.shape[:-1], *shape))
            for name, (first, shape) in self.weights.items()
        }

    @property
    def networks(self) -> tuple[Network, ...]:
        """The networks that it runs, in this order."""
        return tuple(step.network for step in self.planned.steps if isinstance(step, NetworkStep))

    def values(self, mapping: Mapping[str, ArrayLike]) -> Reals:
        """Weights by name, with the shapes they have in their modules, as an array of parameters; others as they came.

        Raises:
            ParameterError: no such weight among the trainable ones, or another shape.
        """
        if not isinstance(mapping, Mapping):
            raise ParameterError(f"weights are a mapping from names to arrays, got {shown(mapping)}")
        found = self.initial.copy()
        for name, value in mapping.items():
            if name not in self.weights:
                listed = ", ".join(list(self.weights)[:8]) or "(none)"
                raise ParameterError(f"{shown(name)} is no trainable weight; they are {listed}")
            first, shape = self.weights[name]
            array = as_reals(f"the weight {name!r} has", value)
            if array.shape != shape:
                raise ParameterError(f"the weight {name!r} has shape {shape}, but its values have shape {array.shape}")
            found[first : first + array.size] = array.ravel()
        return found

    def __call__(self, params: ArrayLike | None = None, data: Mapping[str, ArrayLike] | None = None) -> Reals:
        """The values, (..., outputs).

        Args:
            params: (..., parameters); None for the weights that the modules came with.
            data: for each input an array (..., *its shape).

        Raises:
            ParameterError: numbers of another shape, with both shapes, out of range or not finite.
        """
        if self.evaluation.alone and data is None:
            return self.evaluation.alone.program(self.evaluation.rows(params))
        given = self.evaluation.given(params, data)
        parts = [self.evaluation.asked(self.evaluation.run(batch)) for batch in self.evaluation.boards(given)]
        return np.concatenate(parts).reshape(*given.lead, len(self.outputs))

    def map(
        self,
        params: ArrayLike | None = None,
        data: Mapping[str, ArrayLike] | None = None,
        *,
        executor: Executor,
    ) -> Reals:
        """The values, (..., outputs), of rows of parameters or data that are spread over an executor."""
        check_executor(executor)
        given = self.evaluation.given(params, data)
        rows = math.prod(given.lead)
        step = max(1, -(-rows // 32))
        tasks = [
            executor.submit(_rows_of, self, *given.part(self.planned, slice(start, start + step)))
            for start in range(0, rows, step)
        ]
        parts = [task.result() for task in tasks] or [np.zeros((0, len(self.outputs)))]
        return np.concatenate(parts).reshape(*given.lead, len(self.outputs))

    def vjp(
        self, params: ArrayLike | None = None, data: Mapping[str, ArrayLike] | None = None
    ) -> tuple[Reals, Callable[[ArrayLike], Reals]]:
        """The values, and the pullback: from weights (..., outputs) to derivatives of the shape of ``params``.

        Parameters without leading axes are shared by all rows of data, and their derivatives are summed over them.
        """
        if self.evaluation.alone and data is None:
            values, pulled = self.evaluation.alone.program.vjp(self.evaluation.rows(params))
            places = np.argsort(self.evaluation.alone.binding.columns)
            return values, lambda weights: pulled(weights)[..., places]
        given = self.evaluation.given(params, data)
        values, pullback = self.evaluation.vjp(given)
        return values, lambda weights: self.evaluation.by_params(
            pullback(checked_weights(weights, values.shape)), given
        )

    def vjp_all(
        self, params: ArrayLike | None = None, data: Mapping[str, ArrayLike] | None = None
    ) -> tuple[Reals, Callable[[ArrayLike], Gradients]]:
        """As :meth:`vjp`, with derivatives by the data too.

        Raises:
            ModuleError: something on the way has no derivative, such as a decision.
        """
        given = self.evaluation.given(params, data)
        values, pullback = self.evaluation.vjp(given)
        return values, lambda weights: self.evaluation.gradients(
            pullback(checked_weights(weights, values.shape)), given
        )

    def value_and_jacobian(
        self, params: ArrayLike | None = None, data: Mapping[str, ArrayLike] | None = None
    ) -> tuple[Reals, Reals]:
        """The values, (..., outputs), and their derivatives, (..., outputs, parameters), for each row of data."""
        given = self.evaluation.given(params, data)
        every = np.broadcast_to(given.params, (*given.lead, len(self.parameters)))
        values, pullback = self.vjp(every, data)
        columns = [pullback(np.broadcast_to(unit, values.shape)) for unit in np.eye(len(self.outputs))]
        empty = np.zeros((*given.lead, 0, len(self.parameters)))
        return values, np.stack(columns, axis=-2) if columns else empty

    def describe(self) -> str:
        """What one evaluation does, step by step."""
        lines = []
        for number, step in enumerate(self.planned.steps):
            lines.append(
                f"step {number}: {type(step).__name__.removesuffix('Step').lower()}, {len(step.outputs)} numbers"
            )
            if isinstance(step, NetworkStep):
                lines += [f"  {line}" for line in str(step.program.describe()).splitlines()]
        return "\n".join(lines)

    def estimate(
        self,
        params: ArrayLike | None = None,
        data: Mapping[str, ArrayLike] | None = None,
        *,
        runner: Any,
        shots: int,
        slopes: str = "exact",
        seed: int = 0,
        **options: Any,
    ) -> Any:
        """Estimate the outputs from counts, with errors carried along the classical links.

        Each network gets an equal share of the shots; later ones run at the angles that earlier estimates give. The
        covariance is that of the delta method. Nonlinear consumers make the mean of such estimates differ from the
        exact value; how far is estimated from the curvature and reported as ``bias``.

        Args:
            params, data: one row, as in a call.
            runner: runs the circuits.
            shots: of all networks together.
            slopes: ``"exact"``, where derivatives of later networks are computed here, or ``"measured"``, where a
                quarter of their shots goes to them (the bias is nan then).
            seed: of the jobs.
            **options: of :func:`cutq.estimate`: frames, allocation, adaptive, share, max_circuits.

        Returns:
            A :class:`~cutq.compose.estimate.ModelEstimate`, an estimate with ``bias`` and ``parts``.

        Raises:
            ShotsError: fewer shots than circuits; before those of the network are run.
        """
        # Devices are not loaded before they are asked for.
        found = import_module("cutq.compose.estimate")
        return found.estimate_model(self, params, data, runner=runner, shots=shots, slopes=slopes, seed=seed, **options)

    def estimate_vjp(
        self,
        params: ArrayLike | None = None,
        data: Mapping[str, ArrayLike] | None = None,
        *,
        runner: Any,
        shots: int,
        seed: int = 0,
        **options: Any,
    ) -> tuple[Any, Callable[[ArrayLike], Reals]]:
        """Estimate the outputs, and a pullback that is measured on the same device.

        A quarter of the shots goes to the values, as in :meth:`estimate`. The pullback takes weights (outputs,) to
        derivatives (parameters,), backward through the steps: of each network one
        :func:`cutq.estimate_gradient` of the weighted sum of its values, with an equal share of the other shots, by
        what depends on trainable weights; classical functions exactly. Each call of it runs its circuits again, with
        the same seeds.

        Without classical links the derivatives are unbiased, as far as that gradient is, for weights that were chosen
        without its counts. Through links they are taken at estimated numbers: the mean is then right to first order in
        their errors, and the difference falls with the number of shots.

        Args:
            params, data: one row, as in a call.
            runner: runs the circuits.
            shots: of the values and of one call of the pullback together.
            seed: of the jobs.
            **options: of :meth:`estimate`; frames, allocation and the limits hold for the derivatives too.

        Returns:
            A :class:`~cutq.compose.estimate.ModelEstimate`, and the pullback.

        Raises:
            ShotsError: fewer shots than circuits, of the derivatives too; before anything is run.
            ModuleError: something on the way has no derivative.
        """
        found = import_module("cutq.compose.measured")
        estimate, pullback = found.estimate_vjp(
            self, params, data, runner=runner, shots=shots, seed=seed, by_data=False, **options
        )
        return estimate, lambda weights: pullback(weights).params

    def estimate_vjp_all(
        self,
        params: ArrayLike | None = None,
        data: Mapping[str, ArrayLike] | None = None,
        *,
        runner: Any,
        shots: int,
        seed: int = 0,
        **options: Any,
    ) -> tuple[Any, Callable[[ArrayLike], Gradients]]:
        """As :meth:`estimate_vjp`, with derivatives by the data too, which take circuits of their own."""
        found = import_module("cutq.compose.measured")
        both: tuple[Any, Callable[[ArrayLike], Gradients]] = found.estimate_vjp(
            self, params, data, runner=runner, shots=shots, seed=seed, by_data=True, **options
        )
        return both

    def checked_data(self, data: Mapping[str, ArrayLike]) -> dict[str, Reals]:
        """Data for all inputs, each (..., *its shape).

        Raises:
            ParameterError: an input is missing or not there, or its data have another shape or leave their range.
        """
        return self.evaluation.checked_data(data)

    def board(
        self, params: ArrayLike | None = None, data: Mapping[str, ArrayLike] | None = None
    ) -> tuple[Reals, tuple[int, ...]]:
        """The board of all numbers before the first step, (rows, columns), and the leading axes."""
        given = self.evaluation.given(params, data)
        return np.concatenate(self.evaluation.boards(given)), given.lead


def _rows_of(model: Model, params: Reals, data: Mapping[str, Reals]) -> Reals:
    """What an executor runs."""
    return model(params, data)
