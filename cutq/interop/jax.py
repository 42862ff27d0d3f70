"""Programs and models as functions of JAX; needs the extra ``jax``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutq.compose.model import Model
from cutq.errors import ParameterError
from cutq.exact.program import Program
from cutq.interop.extras import missing
from cutq.interop.face import Face, Shape

try:
    import jax
    import jax.numpy as jnp
except ImportError as cause:
    raise missing("JAX", "jax") from cause

Reals = NDArray[np.float64]


def function(program: Program | Model) -> Function:
    """A program or a model as a function ``f(params, data=None)`` of pytrees, which JAX differentiates.

    ``jax.grad``, ``value_and_grad``, ``vjp``, ``jit`` and ``vmap`` work on it; derivatives are of first order and
    backward. Values are computed in double precision by a callback on the CPU and returned in the type of what was
    given, single precision where ``jax_enable_x64`` is off. The way back evaluates once more, since JAX keeps arrays
    only.

    Args:
        program: what ``cutq.compile`` or ``composition.compile`` returns.

    Raises:
        ParameterError: it is neither.

    >>> import cutq
    >>> chain = cutq.Composition("chain")
    >>> chain.add("encode", cutq.load_module("angle-encoder-4"))
    >>> chain.add("mix", cutq.ansatz.brickwork(4, layers=1, seed=0))
    >>> chain.connect("encode.out", "mix.in")
    >>> f = function(chain.compile(["Z@mix.out[0]", "Z@mix.out[3]"]))
    >>> f(f.init(), jnp.zeros((5, 4))).shape
    (5, 2)
    >>> jax.tree.map(jnp.shape, jax.grad(lambda params: f(params, jnp.zeros(4)).sum())(f.init()))
    {'mix.theta': (1, 4, 2)}
    """
    return Function(Face.of(program))


@dataclass(frozen=True, eq=False)
class Function:
    """What :func:`function` returns.

    Attributes:
        face: the program or model.
    """

    face: Face

    def init(
        self, params: ArrayLike | Mapping[str, ArrayLike] | None = None, init: int | None = None
    ) -> dict[str, Any]:
        """The weights to begin with, a mapping from names to arrays; of a program the one array ``params``.

        Args:
            params: (parameters,) or some by name; left out, those that the modules came with.
            init: seed of values for weights that have none, uniform in -pi to pi.

        Raises:
            ParameterError: another shape, or a weight without value and no seed.
        """
        return {name: jnp.asarray(value) for name, value in self.face.initial(params, init).items()}

    def __call__(self, params: Mapping[str, Any], data: Any = None) -> Any:
        """The values, (..., outputs).

        Args:
            params: for each weight an array of its shape, as :meth:`init` gives them; ``vmap`` takes several.
            data: for each input an array (..., *its shape); or one array (..., data) of all their numbers in their
                order; or nothing where there are no inputs.

        Raises:
            ParameterError: other names or shapes; numbers out of the range of an input are refused when it runs.
        """
        row, x = self._row(params), self._x(data)
        kind = jnp.result_type(row, x, jnp.float32)
        return self._values(row.astype(kind), x.astype(kind))

    def _row(self, params: Mapping[str, Any]) -> Any:
        """Weights as one array (parameters,)."""
        shapes = {name: jnp.shape(value) for name, value in dict(params).items()}
        if shapes != dict(self.face.weights):
            raise ParameterError(f"params have the weights {dict(self.face.weights)}, as init() gives, got {shapes}")
        parts = [jnp.ravel(params[name]) for name in self.face.weights]
        return jnp.concatenate(parts) if parts else jnp.zeros(0, jnp.float32)

    def _x(self, data: Any) -> Any:
        """Data as one array (..., data)."""
        if data is None or isinstance(data, Mapping):
            return self._joined(data or {})
        self.face.check_row(jnp.shape(data))
        return jnp.asarray(data)

    def _joined(self, data: Mapping[str, Any]) -> Any:
        lead = self.face.lead({name: jnp.shape(one) for name, one in data.items()})
        parts = [
            jnp.broadcast_to(data[name], (*lead, *shape)).reshape(*lead, math.prod(shape))
            for name, shape in self.face.inputs.items()
        ]
        return jnp.concatenate(parts, axis=-1) if parts else jnp.zeros(0, jnp.float32)

    @cached_property
    def _values(self) -> Any:
        """The values of arrays, with the way back."""
        call: Any = jax.custom_vjp(self._forward)
        call.defvjp(lambda row, x: (self._forward(row, x), (row, x)), self._backward)
        return call

    def _forward(self, row: Any, x: Any) -> Any:
        shape = jax.ShapeDtypeStruct((*x.shape[:-1], self.face.outputs), row.dtype)
        return jax.pure_callback(self._run, shape, row, x, vmap_method="broadcast_all")

    def _backward(self, kept: tuple[Any, Any], weights: Any) -> Any:
        shapes = tuple(jax.ShapeDtypeStruct(one.shape, one.dtype) for one in kept)
        return jax.pure_callback(self._pull, shapes, *kept, weights, vmap_method="broadcast_all")

    # --- in callbacks, where NumPy alone is used: JAX inside of JAX may wait for itself ---

    def _run(self, row: Any, x: Any) -> Any:
        rows, left, _ = _double(row, x)
        return self.face.values(rows, left, _precision(x)).astype(row.dtype)

    def _pull(self, row: Any, x: Any, weights: Any) -> Any:
        rows, left, batch = _double(row, x)
        _, pulled = self.face.vjp(rows, left, _precision(x))
        params, data = pulled(np.asarray(weights, dtype=float))
        extra = tuple(range(len(batch), params.ndim - 1))
        return params.sum(axis=extra).astype(row.dtype), data.astype(x.dtype)


def _double(row: Any, x: Any) -> tuple[Reals, Reals, Shape]:
    """Parameters and data in double precision with equal leading axes, and those that ``vmap`` added.

    Parameters have no others; where there are none at all, rows of data share the parameters.
    """
    rows, left = np.asarray(row, dtype=float), np.asarray(x, dtype=float)
    batch, lead = rows.shape[:-1], left.shape[:-1]
    if batch:
        between = (1,) * (len(lead) - len(batch))
        rows = np.broadcast_to(rows.reshape(*batch, *between, rows.shape[-1]), (*lead, rows.shape[-1]))
    return rows, left, batch


def _precision(x: Any) -> float:
    return float(np.finfo(x.dtype).eps)
