"""Samples of all qubits of a network, drawn exactly, fragment after fragment.

A fragment's outcome is drawn given those before by the inverse of its cumulative distribution. That distribution is
linear in the density matrix of the edge on which the fragment hangs, so a table of cumulated operators, made once for
all shots, gives any of its values by one small scalar product, and a bisection over the bits finds the outcome.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutq.exact.bitstrings import Bits
from cutq.exact.canonical import Stage, canonical_stages
from cutq.exact.checks import bound_values, check_bytes, whole_number
from cutq.exact.measuring import plan_form
from cutq.exact.settings import ADDRESSABLE
from cutq.exact.state import AMPLITUDE_BYTES, Amplitudes
from cutq.network.blas import one_thread
from cutq.network.cone import light_cone
from cutq.network.contraction import MAX_BYTES
from cutq.network.network import Network

Reals = NDArray[np.float64]
Outcomes = NDArray[np.intp]

BATCH_SHOTS = 4096
"""Shots that are drawn together; more do not fit in the cache."""

LOOKUP, PACKING = 1, 16
"""Work of one lookup in a table and of making ready for it, for each entry, in complex multiplications."""

GATHERED = 1 << 10
"""Up to so many entries of a stage are copied for each shot."""

CHUNK_ENTRIES = 1 << 20
"""Entries of the pieces in which tables are made and large fragments are drawn."""


def sample(
    network: Network,
    shots: int,
    params: ArrayLike | None = None,
    *,
    seed: int,
    max_bytes: float = MAX_BYTES,
) -> Bits:
    """Measurement outcomes of all qubits, drawn from the exact distribution; no array of size ``2**n`` is made.

    Args:
        network: the network.
        shots: how many samples, 1 or more.
        params: values in the order of ``network.parameters``, (P,); left out where there are none.
        seed: a whole number from 0; the same seed gives the same samples.
        max_bytes: cap on memory, the result included.

    Returns:
        The samples, (shots, number of qubits), zeros and ones; qubit 0 is column 0.

    Raises:
        ParameterError: values are missing, too many or not finite; no shots; no seed.
        TooLargeError: it would take more than ``max_bytes``.

    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> circuit = Circuit(2, (Operation("h", (0,)), Operation("cx", (0, 1))))
    >>> samples = sample(split(circuit, CutPlan.from_partition(circuit, "AB")), 1000, seed=0)
    >>> samples.shape, bool((samples[:, 0] == samples[:, 1]).all())
    ((1000, 2), True)
    """
    values = bound_values(network, params)
    shots, seed = whole_number("shots", shots, 1), whole_number("seed", seed, 0)
    cone = light_cone(network, range(network.num_qubits))
    form = plan_form(cone)
    result_bytes = shots * network.num_qubits
    check_bytes(form.num_bytes + result_bytes, max_bytes, f"drawing {shots} samples")
    with one_thread():
        stages = canonical_stages(cone, form, values)
        room = int(min(max_bytes, ADDRESSABLE)) - form.num_bytes - result_bytes
        drawers = _drawers(stages, shots, room // 2)
        return _drawn(drawers, network.num_qubits, shots, seed, room // 2)


@dataclass(frozen=True, eq=False)
class _Drawer:
    """A stage, prepared for many shots.

    Attributes:
        stage: the stage.
        table: for each outcome the sum of ``A^+ A`` over it and all outcomes before, packed as rank**2 real numbers;
            None where this would not pay.
    """

    stage: Stage
    table: Reals | None


def _drawers(stages: Sequence[Stage], shots: int, room: int) -> list[_Drawer]:
    """The stages with those tables that pay and fit."""
    drawers, stack = [], 1
    for stage in stages:
        size = 8 * len(stage.array) * stage.rank**2
        pays = _table_pays(stage, shots, stack // stage.rank) and 2 * size <= room
        drawers.append(_Drawer(stage, _table(stage) if pays else None))
        room -= size * pays
        stack = stack // stage.rank * stage.array.shape[1]
    return drawers


def _table_pays(stage: Stage, shots: int, rest: int) -> bool:
    """Whether a table, made once and looked up in every shot, is less work than all amplitudes of every shot."""
    rows, _, rank = stage.array.shape
    made = rank * stage.array.size
    searched = rank**2 * (LOOKUP * rows.bit_length() + PACKING)
    return bool(made + shots * searched < shots * rest * stage.array.size)


def _table(stage: Stage) -> Reals:
    rows, _, rank = stage.array.shape
    table = np.empty((rows, rank**2))
    step = max(1, CHUNK_ENTRIES // max(stage.array[0].size, rank**2))
    for start in range(0, rows, step):
        block = stage.array[start : start + step]
        table[start : start + step] = _packed(block.conj().transpose(0, 2, 1) @ block)
    return np.cumsum(table, axis=0, out=table)


def _packed(hermitian: Amplitudes) -> Reals:
    """Hermitian matrices, (..., r, r), as real vectors, (..., r**2), with the same scalar products."""
    rank = hermitian.shape[-1]
    upper = np.triu_indices(rank, 1)
    off = np.sqrt(2.0) * hermitian[..., *upper]
    diagonal = hermitian[..., range(rank), range(rank)].real
    return np.concatenate([diagonal, off.real, off.imag], axis=-1)


def _drawn(drawers: Sequence[_Drawer], num_qubits: int, shots: int, seed: int, room: int) -> Bits:
    """Samples batch by batch; each shot has its own random numbers, whatever the size of the batches."""
    rng = np.random.default_rng(seed)
    batch = max(1, min(BATCH_SHOTS, room // _shot_bytes(drawers)))
    result = np.zeros((shots, num_qubits), dtype=np.uint8)
    for start in range(0, shots, batch):
        _draw(drawers, result[start : start + batch], rng)
    return result


def _shot_bytes(drawers: Sequence[_Drawer]) -> int:
    """Memory that one shot takes at most on its way through the stages."""
    stack, most = 1, 1
    for drawer in drawers:
        _, new, rank = drawer.stage.array.shape
        most = max(most, 2 * stack + 2 * stack // rank * new + min(new * rank, GATHERED) + 4 * rank**2)
        stack = stack // rank * new
    return AMPLITUDE_BYTES * most


def _draw(drawers: Sequence[_Drawer], result: Bits, rng: np.random.Generator) -> None:
    """One batch of shots into ``result``, (shots, num_qubits)."""
    uniform = rng.random((len(result), len(drawers)))
    state: Amplitudes = np.ones((len(result), 1), dtype=complex)
    for drawer, level in zip(drawers, uniform.T, strict=True):
        stage = drawer.stage
        state = state.reshape(len(result), -1, stage.rank)
        if drawer.table is None:
            outcomes, state = _from_amplitudes(stage, state, level)
        else:
            outcomes = _searched(drawer.table, state, level)
            state = _followed(stage, state, outcomes)
        state /= np.linalg.norm(state, axis=(1, 2), keepdims=True)
        for place, qubit in enumerate(reversed(stage.qubits)):
            result[:, qubit] = (outcomes >> place) & 1


def _searched(table: Reals, state: Amplitudes, level: Reals) -> Outcomes:
    """The outcome of each shot: the first whose cumulated probability exceeds the shot's level."""
    density = _packed(state.transpose(0, 2, 1) @ state.conj())
    level = level * (density @ table[-1])
    outcomes = np.zeros(len(level), dtype=np.intp)
    step = len(table) // 2
    while step:
        below = np.einsum("sk,sk->s", table[outcomes + (step - 1)], density) <= level
        outcomes += step * below
        step //= 2
    return outcomes


def _followed(stage: Stage, state: Amplitudes, outcomes: Outcomes) -> Amplitudes:
    """The state of each shot after its outcome; large arrays of a stage are not copied for each shot."""
    if stage.array[0].size <= GATHERED:
        return np.asarray(state @ stage.array[outcomes].transpose(0, 2, 1))
    result = np.empty((*state.shape[:2], stage.array.shape[1]), dtype=complex)
    for outcome in np.unique(outcomes):
        own = np.flatnonzero(outcomes == outcome)
        result[own] = state[own] @ stage.array[outcome].T
    return result


def _from_amplitudes(stage: Stage, state: Amplitudes, level: Reals) -> tuple[Outcomes, Amplitudes]:
    """The outcome of each shot and the state after it, from the amplitudes of all outcomes, some shots at a time."""
    rows, new, rank = stage.array.shape
    matrix = stage.array.reshape(-1, rank).T
    outcomes = np.zeros(len(level), dtype=np.intp)
    result = np.empty((*state.shape[:2], new), dtype=complex)
    step = max(1, CHUNK_ENTRIES // (rows * new * state.shape[1]))
    for start in range(0, len(level), step):
        own = slice(start, start + step)
        found = (state[own].reshape(-1, rank) @ matrix).reshape(-1, state.shape[1], rows, new)
        cumulated = np.cumsum((found.real**2 + found.imag**2).sum(axis=(1, 3)), axis=1)
        reached = cumulated <= level[own, None] * cumulated[:, -1:]
        outcomes[own] = np.minimum(reached.sum(axis=1), rows - 1)
        result[own] = found[np.arange(len(found)), :, outcomes[own]]
    return outcomes, result
