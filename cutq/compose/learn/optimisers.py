"""Optimisers: gradient steps of optax, and L-BFGS of scipy; the only file that imports optax, jax for it, and that."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutq.errors import TrainingError

Reals = NDArray[np.float64]

STEPPING = ("adam", "adamw", "sgd", "rmsprop", "adabelief", "nadam")
"""Optimisers of optax that are known by name; any other gradient transformation is given as it is."""

WHOLE = "l-bfgs"
"""The optimiser that takes all data at once, and searches along lines by itself."""


class Stepper:
    """An optimiser of optax on a (seeds, parameters) array, in double precision.

    Attributes:
        leaves: its state as arrays, in a fixed order.
    """

    def __init__(self, optimiser: Any, learning_rate: Any, params: Reals) -> None:
        jax, optax = _libraries()
        self._x64 = functools.partial(jax.enable_x64, True)
        self._tree = jax.tree_util
        chosen = getattr(optax, optimiser)(learning_rate) if isinstance(optimiser, str) else optimiser
        with self._x64():
            self._state = chosen.init(np.asarray(params))

            def step(slopes: Any, state: Any, params: Any) -> Any:
                updates, state = chosen.update(slopes, state, params)
                return optax.apply_updates(params, updates), state

            self._step = jax.jit(step)

    def step(self, params: Reals, slopes: Reals) -> Reals:
        """The parameters after one step."""
        with self._x64():
            moved, self._state = self._step(slopes, self._state, params)
        return np.array(moved, dtype=float)

    @property
    def leaves(self) -> list[NDArray[Any]]:
        """The state as arrays."""
        return [np.asarray(leaf) for leaf in self._tree.tree_leaves(self._state)]

    def restore(self, leaves: list[NDArray[Any]]) -> None:
        """Go on from a state."""
        structure = self._tree.tree_structure(self._state)
        own = self.leaves
        if len(own) != len(leaves) or any(
            a.shape != b.shape or a.dtype != b.dtype for a, b in zip(own, leaves, strict=True)
        ):
            raise TrainingError("the checkpoint holds the state of another optimiser; name the one it was made with")
        with self._x64():
            self._state = self._tree.tree_unflatten(structure, leaves)


def check_optimiser(optimiser: Any) -> None:
    """Raise :class:`TrainingError` where there is no such optimiser."""
    if isinstance(optimiser, str):
        known = (*STEPPING, WHOLE)
        if optimiser not in known:
            near = difflib.get_close_matches(optimiser, known, n=1, cutoff=0.0)[0]
            raise TrainingError(f"no optimiser is called {optimiser!r}; the nearest is {near!r} of {', '.join(known)}")
    elif not (callable(getattr(optimiser, "init", None)) and callable(getattr(optimiser, "update", None))):
        raise TrainingError(f"an optimiser is a name or an optax gradient transformation, got {optimiser!r}")


def minimise(
    value: Callable[[Reals], tuple[float, Reals]], start: Reals, steps: int, listen: Callable[[Reals, float], bool]
) -> None:
    """L-BFGS from a start; ``listen`` gets parameters and loss after each step and says whether to stop."""
    try:
        from scipy.optimize import minimize
    except ImportError as cause:  # pragma: no cover
        raise _missing("scipy") from cause

    def callback(intermediate_result: Any) -> None:
        if listen(np.array(intermediate_result.x), float(intermediate_result.fun)):
            raise StopIteration

    options = {"maxiter": steps, "ftol": 0.0, "gtol": 1e-12, "maxcor": 20, "maxfun": 10**9}
    minimize(value, start, jac=True, method="L-BFGS-B", callback=callback, options=options)


def _libraries() -> tuple[Any, Any]:
    try:
        import jax
        import optax
    except ImportError as cause:
        raise _missing(str(cause.name)) from cause
    return jax, optax


def _missing(name: str) -> TrainingError:
    return TrainingError(f"training needs {name}, which is not installed: pip install 'cutq[train]'")
