"""Cut gates together without an ancilla: the parity of reflections on several qubits, measured or rotated.

With unitaries A and reflections W at each of several slots the operations are ``A (1 +- W W' ...) / 2``, a measurement,
or ``A exp(i t W W' ...)``, a rotation, where A is the product of all. If nothing is done between the slots they run at
one time: basis changes that make every W a Z, a ladder of CX onto the last qubit, a measurement or a phase there, and
the way back.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cutq.circuits.circuit import Operation
from cutq.network.legspace import Complexes
from cutq.shots.hosting import Block, succession
from cutq.shots.program import Measure
from cutq.shots.sites import Parts, Site, gates
from cutq.shots.synthesis import EXACT, named, one_qubit, rotation


@dataclass(frozen=True, eq=False)
class Frame:
    """Bases in which the operations of a slot are diagonal, ``sum_z d[z] |left[z]><right[z]|``.

    Attributes:
        turn: gates that make ``|0>`` and ``|1>`` of the states on the right.
        left: the states on the left, as columns, (2, 2).
        shares: for each letter what it adds to ``d[z]``, (dim, 2).
    """

    turn: tuple[Operation, ...]
    left: Complexes
    shares: Complexes


@dataclass(frozen=True, eq=False)
class Parity:
    """``d[z] = exp(i angle (-1)**(parity of z)) prod_k phases[k]**z[k]``, up to a phase of all and of each outcome.

    Attributes:
        angle: by what the parity is rotated; where it is measured, this is a phase of the outcomes.
        phases: for each slot the phase of its ``|1>``.
        odd: where the parity is measured, whether outcome 0 is the odd one.
    """

    angle: float
    phases: Complexes
    odd: bool


def parity(site: Site, vectors: Complexes) -> Parts | None:
    """Kraus vectors, (outcomes, product of the dimensions), as a measurement or a rotation of a parity.

    Returns:
        None where they are neither, or where something is done between the slots.
    """
    items = tuple(item for place in site.places for item in site.items(place))
    if not 1 < len(items) == len(site.places) or len(vectors) > 2 or not succession(site.fragment, (*site.ties, items)):
        return None
    table = vectors.reshape(len(vectors), *(place.dim for place in site.places))
    frames = []
    for axis, item in enumerate(items, 1):
        frame = _frame(site, item, np.moveaxis(table, axis, 0).reshape(table.shape[axis], -1))
        if frame is None:
            return None
        table = np.moveaxis(np.tensordot(frame.shares, table, (0, axis)), 0, axis)
        frames.append(frame)
    found = _parity(table, site.slack)
    if found is None:
        return None
    block = _block(site, [site.slot(item).segment for item in items], frames, found)
    return Parts(acts={**dict.fromkeys(items, ()), items[0]: block}, ties=(items,))


def _frame(site: Site, item: int, letters: Complexes) -> Frame | None:
    """The frame of two operations that vectors in the letters of a slot, (dim, vectors), span; None if it has none."""
    span, sizes, _ = np.linalg.svd(letters, full_matrices=False)
    if len(sizes) < 2 or np.any(sizes[2:] > EXACT * sizes[0]):
        return None
    kraus = site.kraus(item, span[:, :2].T)
    _, states = np.linalg.eigh(_reflection(kraus))
    rows, segment = states.conj().T, site.slot(item).segment
    turn = min((rotation(order, segment) for order in (rows, rows[::-1])), key=len)
    images = kraus @ _product(turn).conj().T
    norms = np.linalg.norm(images, axis=1)
    best = norms.argmax(axis=0)
    left = np.stack([images[k, :, z] / norms[k, z] for z, k in enumerate(best)], axis=1)
    shares = np.einsum("az,kaz->kz", left.conj(), images)
    if (
        np.abs(left.conj().T @ left - np.eye(2)).max() > site.slack
        or np.abs(images - left * shares[:, None]).max() > site.slack
    ):
        return None
    return Frame(turn, left, span[:, :2].conj() @ shares)


def _reflection(kraus: Complexes) -> Complexes:
    """A multiple of W, where two operations are ``A`` times combinations of 1 and W."""
    squared, cross = kraus[0].conj().T @ kraus[0], kraus[0].conj().T @ kraus[1]
    parts = (squared, cross + cross.conj().T, 1j * (cross - cross.conj().T))
    return max((part - np.eye(2) * np.trace(part) / 2 for part in parts), key=lambda part: float(np.linalg.norm(part)))


def _product(operations: Sequence[Operation]) -> Complexes:
    return functools.reduce(lambda found, op: op.unitary({}) @ found, operations, np.eye(2, dtype=complex))


def _parity(table: Complexes, slack: float) -> Parity | None:
    """What ``d[z]`` of the outcomes, (outcomes, 2, 2, ...), are, each z in one outcome; None if they are no parity."""
    whole, slots = table.sum(axis=0), table.ndim - 1
    if np.abs(np.abs(whole) - 1).max() > slack:
        return None
    signs = functools.reduce(np.multiply.outer, [np.array([1, -1])] * slots)
    odd = bool(np.abs(table[0].flat[0]) < 0.5)
    if len(table) == 2 and np.abs(table[int(odd)][signs < 0]).max() + np.abs(table[1 - odd][signs > 0]).max() > slack:
        return None
    (one, two), (three, four) = whole.reshape(2, 2, -1)[:, :, 0]
    turn = float(np.angle(one * four * (two * three).conj())) / 4
    plain = whole * np.exp(-1j * turn * signs)
    phases = np.array([plain[tuple(row)] for row in np.eye(slots, dtype=int)]) / plain.flat[0]
    product = functools.reduce(np.multiply.outer, [np.array([1, phase]) for phase in phases]) * plain.flat[0]
    return None if np.abs(plain - product).max() > slack else Parity(turn, phases, odd)


def _block(site: Site, lines: Sequence[int], frames: Sequence[Frame], found: Parity) -> Block:
    """There, the parity on the last of these lines, and back."""
    turns = tuple(op for frame in frames for op in frame.turn)
    ladder = tuple(Operation("cx", pair) for pair in itertools.pairwise(lines))
    back = tuple(
        op
        for line, frame, phase in zip(lines, frames, found.phases, strict=True)
        for op in one_qubit(frame.left * [1, phase], line)
    )
    return (*gates((*turns, *ladder)), *_middle(site, lines[-1], found), *gates((*ladder[::-1], *back)))


def _middle(site: Site, line: int, found: Parity) -> Block:
    """The parity on one line, rotated or measured."""
    if not site.bits:
        return gates(one_qubit(np.diag(np.exp(1j * found.angle * np.array([1, -1]))), line))
    flip = gates(named(("x",) if found.odd else (), line))
    return (*flip, Measure(line, site.bits[0]), *flip)
