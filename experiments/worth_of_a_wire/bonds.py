"""The classical counterpart: the state of least energy in which at most so many dimensions reach across each cut.

A row with w cut wires at a border sends w qubits across, so whatever its modules do, the Schmidt rank there is at most
2**w. The best state with such ranks at the same places, and anything between them, is a matrix product state whose
tensors are whole segments; it is found by minimising over one segment after the other (DMRG on one site). It bounds
every row from below, as far as the minimum found is the least one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]

SWEEPS, STARTS, SETTLED = 60, 4, 1e-11


def segments(blocks: int, wires: int, size: int = 4) -> tuple[int, ...]:
    """Sites between the cuts of a row of two blocks or more: glue is kept with the block before it.

    >>> segments(3, 0), segments(3, 1)
    ((4, 4, 4), (5, 4, 3))
    """
    return (size + wires, *[size] * (blocks - 2), size - wires)


def least_energy(lengths: Sequence[int], field: float, bond: int, starts: int = STARTS) -> float:
    """The least energy of the Ising chain with this bond dimension between segments of these lengths."""
    operators = [_segment(length, field) for length in lengths]
    return min(_swept(operators, _start(lengths, bond, seed)) for seed in range(starts))


def _segment(length: int, field: float) -> Reals:
    """A segment of the chain as a tensor (3, d, d, 3): what is still to come, Z passed on, and what is complete."""
    spins = 1.0 - 2.0 * (np.arange(2**length)[:, None] >> np.arange(length)[::-1] & 1)
    flips = sum(np.eye(2**length)[np.arange(2**length) ^ (1 << site)] for site in range(length))
    tensor = np.zeros((3, 2**length, 2**length, 3))
    tensor[0, :, :, 0] = tensor[2, :, :, 2] = np.eye(2**length)
    tensor[0, :, :, 1] = -np.diag(spins[:, -1])
    tensor[1, :, :, 2] = np.diag(spins[:, 0])
    tensor[0, :, :, 2] = -np.diag((spins[:, 1:] * spins[:, :-1]).sum(axis=1)) - field * flips
    return tensor


def _start(lengths: Sequence[int], bond: int, seed: int) -> list[Reals]:
    """All spins up with some noise at first, else random: one (left, d, right) for each segment, right-canonical."""
    rng = np.random.default_rng([seed, 9])
    bonds = [1]
    for k, length in enumerate(lengths[:-1]):
        bonds.append(min(bond, bonds[-1] * 2**length, 2 ** sum(lengths[k + 1 :])))
    bonds.append(1)
    drawn = [rng.normal(size=(bonds[k], 2**length, bonds[k + 1])) for k, length in enumerate(lengths)]
    if seed == 0:
        drawn = [0.05 * one + (np.arange(one.shape[1]) == 0)[None, :, None] for one in drawn]
    for k in range(len(lengths) - 1, 0, -1):
        drawn[k - 1], drawn[k] = _moved_left(drawn[k - 1], drawn[k])
    return drawn


def _moved_left(left: Reals, right: Reals) -> tuple[Reals, Reals]:
    """The centre one segment to the left."""
    q, r = np.linalg.qr(right.reshape(right.shape[0], -1).T)
    return np.tensordot(left, r, axes=(2, 1)), q.T.reshape(-1, *right.shape[1:])


def _moved_right(left: Reals, right: Reals) -> tuple[Reals, Reals]:
    """The centre one segment to the right."""
    q, r = np.linalg.qr(left.reshape(-1, left.shape[2]))
    return q.reshape(*left.shape[:2], -1), np.tensordot(r, right, axes=(1, 0))


def _swept(operators: Sequence[Reals], state: list[Reals]) -> float:
    """Minimise over one segment after the other until the energy is settled."""
    last, energy = len(state) - 1, np.inf
    rights = [np.eye(3)[2][None, :, None]]
    for k in range(last, 0, -1):
        rights.append(_from_right(rights[-1], operators[k], state[k]))
    lefts = [np.eye(3)[0][None, :, None]]
    for _ in range(SWEEPS):
        before = energy
        for k in range(last):
            state[k], energy = _least(lefts[-1], operators[k], rights.pop())
            state[k], state[k + 1] = _moved_right(state[k], state[k + 1])
            lefts.append(_from_left(lefts[-1], operators[k], state[k]))
        for k in range(last, 0, -1):
            state[k], energy = _least(lefts.pop(), operators[k], rights[-1])
            state[k - 1], state[k] = _moved_left(state[k - 1], state[k])
            rights.append(_from_right(rights[-1], operators[k], state[k]))
        if before - energy < SETTLED:
            break
    return energy


def _least(left: Reals, operator: Reals, right: Reals) -> tuple[Reals, float]:
    """The segment of least energy between what is left and right of it, and this energy."""
    half = np.tensordot(left, operator, axes=(1, 0))  # a, b, s, t, q
    full = np.tensordot(half, right, axes=(4, 1))  # a, b, s, t, c, d
    shape = (left.shape[0], operator.shape[1], right.shape[0])
    matrix = full.transpose(0, 2, 4, 1, 3, 5).reshape(np.prod(shape), -1)
    values, vectors = np.linalg.eigh(matrix)
    return vectors[:, 0].reshape(shape), float(values[0])


def _from_left(left: Reals, operator: Reals, segment: Reals) -> Reals:
    return np.einsum("apb,pstq,asc,btd->cqd", left, operator, segment, segment, optimize=True)


def _from_right(right: Reals, operator: Reals, segment: Reals) -> Reals:
    return np.einsum("cqd,pstq,asc,btd->apb", right, operator, segment, segment, optimize=True)
