"""Training of compositions: the one function that users call."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cutq.compose.composition import Composition
from cutq.compose.learn.fit import Fit, Listener
from cutq.compose.learn.losses import Own, loss_of
from cutq.compose.learn.optimisers import WHOLE
from cutq.compose.learn.plan import Plan
from cutq.compose.learn.problem import Data, Problem, Source, starts
from cutq.compose.learn.progress import Bar
from cutq.compose.learn.work import Work
from cutq.compose.module import Module
from cutq.errors import TrainingError


def train(
    composition: Composition,
    loss: str | Own,
    data: Source = None,
    *,
    outputs: Sequence[str] | None = None,
    max_qubits: int | None = None,
    validation: Source = None,
    checkpoint: str | os.PathLike[str] | None = None,
    progress: Listener | bool = False,
    scale: float = math.pi,
    options: Mapping[str, Any] | None = None,
    **plan: Any,
) -> Fit:
    """Train the weights of a composition that are not frozen; the best ones are assigned to it.

    Weights begin as they are, and where they have no values uniform in -scale to scale, for each seed its own.

    Args:
        composition: what is trained.
        loss: a name of :data:`cutq.compose.learn.losses.LOSSES`, or a callable from outputs (rows, outputs) and targets
            to a number and its slopes by the outputs.
        data: a pair of inputs (a mapping from names to (rows, ...) arrays) and targets (rows, ...); inputs alone; or
            None where the composition takes no data.
        outputs, max_qubits: as in ``Composition.compile``.
        validation: data of the same form, which decide about the best weights and about stopping.
        checkpoint: a file that is written after each epoch, and gone on from where it is there already; what comes out
            is the same to the bit. Not for L-BFGS, whose state is inside of scipy.
        progress: True for a bar on the terminal; or what is called after each epoch with an
            :class:`~cutq.compose.learn.fit.Epoch`.
        scale: of first weights.
        options: of :func:`cutq.compile`, such as ``{"threads": 2}``.
        **plan: fields of :class:`Plan`: epochs, batch_size, optimiser (``"adam"``, ``"l-bfgs"``, ...), learning_rate,
            seed, seeds, patience, min_improvement, runner, shots.

    Returns:
        The fit.

    Raises:
        TrainingError: loss, data, plan or checkpoint do not fit, before anything is paid for; or a loss or a parameter
            that is not finite, with the last good state as ``fit``, which is assigned.

    >>> import cutq
    >>> turn = cutq.Module("turn", cutq.Circuit(1, (cutq.Operation("ry", (0,), (cutq.param("t"),)),)),
    ...                    (cutq.QuantumOut("out", (0,)),))
    >>> whole = cutq.Composition("whole")
    >>> whole.add("turn", turn)
    >>> fit = train(whole, "energy", outputs=["Z@turn.out"], epochs=30, optimiser="l-bfgs", seed=1)
    >>> round(float(fit.losses[-1, 0]), 9), abs(round(float(whole.weights[0].values), 4))
    (-1.0, 3.1416)
    """
    if not isinstance(composition, Composition):
        raise TrainingError(f"a cutq.Composition is trained, got {type(composition).__name__}")
    try:
        chosen = Plan(**plan)
    except TypeError as cause:
        raise TrainingError(f"{cause}; the options of training are {', '.join(Plan.__dataclass_fields__)}") from cause
    found = loss_of(loss)
    model = composition.compile(outputs, max_qubits, **(options or {}))
    if not model.parameters:
        raise TrainingError(f"{composition.name!r} has nothing to train: all its weights are frozen, or it has none")
    problem = Problem(model, found)
    given, judged = problem.data(data), None if validation is None else problem.data(validation)
    listener = _listener(progress)
    work = Work(problem, chosen, given, judged, listener, starts(model, chosen.seed, chosen.seeds, scale))
    try:
        if chosen.optimiser == WHOLE:
            if checkpoint is not None:
                raise TrainingError(f"{WHOLE} has no checkpoints: its state is inside of scipy; take 'adam'")
            work.search()
        else:
            work.about = _about(composition, loss, chosen, given) if checkpoint is not None else {}
            work.run(checkpoint)
    except TrainingError as error:
        if error.fit is not None:
            _assign(composition, work, error.fit)
        raise
    fit = work.fit()
    _assign(composition, work, fit)
    return fit


def _assign(composition: Composition, work: Work, fit: Fit) -> None:
    composition.assign(work.problem.model.named(fit.params[fit.best]))


def _listener(progress: Listener | bool) -> Listener | None:
    if isinstance(progress, bool) or progress is None:
        return Bar() if progress else None
    if not callable(progress):
        raise TrainingError(f"progress is True, False or a callable, got {progress!r}")
    return progress


def structure(composition: Composition) -> str:
    """The digest of a composition whose trainable weights are zero: what does not change while it is trained."""
    zeros = {one.name: np.zeros(one.shape) for one in composition.weights if not one.frozen}
    assembly = composition.module.body.with_weights(zeros)  # type: ignore[union-attr]
    return Module(composition.name, assembly).digest


def _about(composition: Composition, loss: str | Own, plan: Plan, data: Data) -> dict[str, Any]:
    """What a checkpoint belongs to; the number of epochs may change."""
    kept = ("batch_size", "seed", "seeds", "patience", "min_improvement", "shots")
    chosen = {"loss": loss, "optimiser": plan.optimiser, "learning rate": plan.learning_rate}
    shown = {name: getattr(one, "__name__", "callable") if callable(one) else one for name, one in chosen.items()}
    texts = {name: one if isinstance(one, str | int | float) else type(one).__name__ for name, one in shown.items()}
    options = {name: getattr(plan, name) for name in kept}
    return {"composition": structure(composition), "data": data.digest, **texts, **options}
