"""How flat the landscape is that training starts from: the spread of derivatives over random weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutq.compose.composition import Composition
from cutq.compose.learn.capability import counted
from cutq.compose.model import Model
from cutq.errors import ParameterError, TrainingError

Reals = NDArray[np.float64]

BATCH = 64
"""Draws that are differentiated at a time."""


@dataclass(frozen=True, eq=False)
class Landscape:
    """The result of :func:`gradient_variance`.

    Attributes:
        parameters: names of the weights.
        variances: of the derivative by each of them, (parameters,).
        modules: the module that each of them belongs to: its name in the composition, or that of its tie group.
        draws: how many weights were drawn.
        seed: of the draws.
    """

    parameters: tuple[str, ...]
    variances: Reals = field(repr=False)
    modules: tuple[str, ...] = field(repr=False)
    draws: int
    seed: int

    @property
    def mean(self) -> float:
        """The mean over all parameters."""
        return float(self.variances.mean())

    @property
    def by_module(self) -> dict[str, float]:
        """The mean over the parameters of each module, by its name."""
        owners = np.array(self.modules)
        return {name: float(self.variances[owners == name].mean()) for name in dict.fromkeys(self.modules)}

    def __str__(self) -> str:
        wide = max(len(name) for name in (*self.modules, "together"))
        rows = [*self.by_module.items(), ("together", self.mean)]
        return "\n".join(f"{name:<{wide}}  {value:.4g}" for name, value in rows)


def gradient_variance(
    composition: Composition,
    outputs: Sequence[str] | None = None,
    *,
    draws: int = 200,
    seed: int = 0,
    max_qubits: int | None = None,
    data: Mapping[str, ArrayLike] | None = None,
) -> Landscape:
    """The variance of the derivatives of an energy, the sum of outputs, over trainable weights uniform in -pi to pi.

    Where it falls exponentially with the number of qubits, training has no direction to go in: a barren plateau.

    Args:
        composition: the composition; weights that are frozen stay as they are, values of others do not matter.
        outputs, max_qubits: as in ``Composition.compile``.
        draws: how many weights are drawn, at least two; the variance itself is uncertain by about ``sqrt(2/draws)``.
        seed: of the draws.
        data: one number or array for each classical input, without leading axes.

    Source: McClean et al., Nat. Commun. 9, 4812 (2018); local against global observables: Cerezo et al., Nat. Commun.
    12, 1791 (2021).

    Raises:
        TrainingError: there is nothing to train.
        ParameterError: fewer draws than two, or data that are missing or have leading axes.

    >>> import cutq
    >>> turn = cutq.Module("turn", cutq.Circuit(1, (cutq.Operation("ry", (0,), (cutq.param("t"),)),)),
    ...                    (cutq.QuantumOut("out", (0,)),))
    >>> one = cutq.Composition("one")
    >>> one.add("turn", turn)
    >>> found = gradient_variance(one, ["Z@turn.out"], draws=4000)
    >>> round(found.mean, 1), list(found.by_module)  # of -sin(t): 1/2
    (0.5, ['turn'])
    """
    if counted("draws", draws) < 2:
        raise ParameterError(f"a variance takes at least two draws, got {draws}")
    model = composition.compile(outputs, max_qubits)
    if not model.parameters:
        raise TrainingError(f"{composition.name!r} has nothing to train: all its weights are frozen, or it has none")
    given = _single(model, data or {})
    rng = np.random.default_rng([counted("seed", seed, 0), 3])
    weights = rng.uniform(-np.pi, np.pi, (draws, len(model.parameters)))
    slopes = np.concatenate([_slopes(model, weights[k : k + BATCH], given) for k in range(0, draws, BATCH)])
    modules = tuple(name.partition("[")[0].rpartition(".")[0] for name in model.parameters)
    return Landscape(model.parameters, slopes.var(axis=0, ddof=1), modules, draws, seed)


def _slopes(model: Model, weights: Reals, data: Mapping[str, Reals]) -> Reals:
    values, pullback = model.vjp(weights, data or None)
    return pullback(np.ones_like(values))


def _single(model: Model, data: Mapping[str, ArrayLike]) -> dict[str, Reals]:
    found = model.checked_data(data)
    for name, array in found.items():
        if array.shape != model.inputs[name].shape:
            raise ParameterError(f"data of {name!r} have shape {model.inputs[name].shape} here, got {array.shape}")
    return found
