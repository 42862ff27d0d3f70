"""The classical baseline: the light cone of the uncut circuit contracted by cotengra, by NumPy or compiled by JAX.

The tensors are handed over ready, so that the time holds nothing that depends on the angles but the contraction; of
gradients it holds the derivatives by the entries of the tensors, without the chain rule to the angles. Both are to the
peer's advantage, as is that searching an order and compiling do not count.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import cotengra
import numpy as np

import cutq
from benchmarks.families import Case, bound
from benchmarks.uncut import cone_tensors
from experiments.against_peers.beside import Beside, spent, timed
from experiments.against_peers.cases import case_of
from experiments.against_peers.tasks import Task

NO_ANGLES = np.zeros(0)
"""Of circuits whose angles are numbers."""

REPEATS = 128
"""Orders that are tried at most."""


def compared(task: Task) -> Beside:
    """Seconds of a compiled program of cutq, and of contracting the uncut light cone."""
    case = case_of(task.case)
    ours, compiled = own_steps(case, case.draw(task.seed))
    theirs, searched = _steps(task.case, task.seed, task.limit, task.peer != "cotengra")
    once = compiled + spent(ours[task.step]), searched + spent(theirs[task.step])
    difference = abs(float(ours["value"]()[0]) - float(theirs["value"]()))
    found = timed(ours[task.step], theirs[task.step], task.rounds, task.peer_rounds, difference)
    return replace(found, ours_once=once[0], theirs_once=once[1])


def own_steps(case: Case, angles: np.ndarray) -> tuple[dict[str, Callable[[], Any]], float]:
    """Steps of cutq, and the seconds of compiling them."""
    start = time.process_time()
    program = cutq.compile(case.network(), case.observables)
    compiled = time.process_time() - start
    return {"value": lambda: program(angles), "gradient": lambda: program.value_and_jacobian(angles)}, compiled


@cache
def _steps(name: str, seed: int, limit: float, compiled: bool) -> tuple[dict[str, Callable[[], Any]], float]:
    """Steps of the peer, and the seconds of searching an order."""
    case, start = case_of(name), time.process_time()
    steps = contractions(case, case.draw(seed), limit, compiled=compiled)
    return steps, time.process_time() - start


def contractions(case: Case, angles: np.ndarray, limit: float, *, compiled: bool) -> dict[str, Callable[[], Any]]:
    """Steps that contract the light cone of the first observable: "value", and "gradient" by JAX."""
    circuit = bound(case.circuit, angles) if case.circuit.parameters else case.circuit
    inputs, arrays, factor = cone_tensors(circuit, case.observables[0])
    tree = order(inputs, limit)
    if not compiled:
        return {"value": lambda: (factor * tree.contract(arrays)).real}
    import jax

    with jax.enable_x64():
        given = [jax.numpy.asarray(array, dtype=complex) for array in arrays]
    number = contractor(tree, factor)
    steps = {"value": jax.jit(number), "gradient": jax.jit(jax.value_and_grad(number))}
    return {name: lambda step=step: _ready(step, given) for name, step in steps.items()}


def contractor(tree: Any, factor: complex) -> Callable[[Sequence[Any]], Any]:
    """The contraction along a tree as a function of its tensors that JAX can trace."""
    from jax import numpy as jnp

    by_jax = {"implementation": (jnp.einsum, jnp.tensordot), "autojit": False}
    return lambda arrays: (factor * tree.contract(arrays, **by_jax)).real


def _ready(step: Callable[[Any], Any], given: Any) -> Any:
    """What a compiled step gives, in double precision, when it is there."""
    import jax

    with jax.enable_x64():
        return jax.block_until_ready(step(given))


def order(inputs: Sequence[tuple[str, ...]], limit: float) -> Any:
    """The best tree of so many seconds of search."""
    search = cotengra.HyperOptimizer(
        methods=["greedy", "labels"], minimize="flops", max_repeats=REPEATS, max_time=limit, parallel=False,
        progbar=False, optlib="random", seed=0,
    )  # fmt: skip
    sizes = {index: 2 for indices in inputs for index in indices}
    return cotengra.array_contract_tree(inputs, (), sizes, optimize=search)
