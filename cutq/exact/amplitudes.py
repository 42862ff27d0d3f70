"""Amplitudes of a fragment over all its outputs and legs, from one batched run.

The state is an array ``(2, ..., 2, batch, ...)``: one axis for each segment, then one for each component of a leg that
has been met. An incoming wire starts as the identity between its segment and its leg; a cut gate adds its axis where
its first slot stands, so that the batch grows no earlier than it must. Gates act on slices, in place.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from cutq.circuits.gates import Matrix
from cutq.errors import TooLargeError
from cutq.network.contraction import BYTES_PER_AMPLITUDE, MAX_BYTES, size_text, tensor_entries
from cutq.network.network import Fragment, Slot
from cutq.network.tensors import Amplitudes

PIECE_ENTRIES = 2**18
"""Entries of the pieces on which gates act: small enough for the cache, large enough for numpy."""

COMPILED_WORK = 2**15
"""Amplitudes times operations above which compiled code, which takes time to load once, is used."""

Component = tuple[int, int]
"""A component of a leg: (position of the leg in the fragment, which of its components)."""


def fragment_amplitudes(fragment: Fragment, values: Mapping[str, float]) -> Amplitudes:
    """The amplitudes of a fragment, (2**outputs, leg dimensions ...), legs in the order of ``fragment.legs``.

    >>> from cutq.circuits.circuit import Operation
    >>> from cutq.network.network import Segment, Step
    >>> bell = (Step(0, Operation("h", (0,))), Step(1, Operation("cx", (0, 1))))
    >>> fragment_amplitudes(Fragment((Segment(0), Segment(1)), bell, (), (0, 1)), {}).round(3)
    array([0.707+0.j, 0.   +0.j, 0.   +0.j, 0.707+0.j])
    """
    check_size(fragment)
    if tensor_entries(fragment) * len(fragment.items) > COMPILED_WORK:
        from cutq.exact.single import compiled_amplitudes

        return compiled_amplitudes(fragment, values)
    state, axes = _start(fragment)
    for item in fragment.items:
        if isinstance(item, Slot):
            state, axes = _meet(state, axes, item, values)
        else:
            apply(state, item.operation.unitary(values), item.operation.qubits)
    return _by_leg(state, axes, fragment)


def amplitude_bytes(fragment: Fragment) -> int:
    """Size of the fragment's amplitudes."""
    return BYTES_PER_AMPLITUDE * max(tensor_entries(fragment), 1 << fragment.width)


def check_size(fragment: Fragment) -> None:
    """Raise :class:`TooLargeError` if the fragment's amplitudes would not fit in memory."""
    need = amplitude_bytes(fragment)
    if need > MAX_BYTES:
        raise TooLargeError(
            f"a fragment of {fragment.width} qubits and {len(fragment.legs)} legs needs {size_text(need)} for its "
            f"amplitudes, more than the {size_text(MAX_BYTES)} allowed; cut it further, into narrower fragments"
        )


def _start(fragment: Fragment) -> tuple[Amplitudes, list[Component]]:
    """The state before the first item: ``|0>`` on fresh segments, the identity on incoming ones."""
    incoming = [
        (leg.segment, (k, 0)) for k, leg in enumerate(fragment.legs) if leg.end == 1 and leg.segment is not None
    ]
    state = np.zeros((2,) * (fragment.width + len(incoming)), dtype=complex)
    for bits in np.ndindex(*(2,) * len(incoming)):
        place = [0] * fragment.width
        for (segment, _), bit in zip(incoming, bits, strict=True):
            place[segment] = bit
        state[(*place, *bits)] = 1.0
    return state, [component for _, component in incoming]


def _meet(
    state: Amplitudes, axes: list[Component], slot: Slot, values: Mapping[str, float]
) -> tuple[Amplitudes, list[Component]]:
    """The state after a slot: each value of its component sees its own letter."""
    component = (slot.leg, slot.component)
    if component not in axes:
        state = np.repeat(state[..., None], len(slot.letters), axis=-1)
        axes = [*axes, component]
    axis = state.ndim - len(axes) + axes.index(component)
    for k, letter in enumerate(slot.letters):
        apply(state[(slice(None),) * axis + (slice(k, k + 1),)], letter.unitary(values), (slot.segment,))
    return state, axes


def _by_leg(state: Amplitudes, axes: Sequence[Component], fragment: Fragment) -> Amplitudes:
    """The final state with its outputs fused and its other axes ordered and fused by leg."""
    first = fragment.width
    order = list(range(len(fragment.outputs)))
    for k, leg in enumerate(fragment.legs):
        if leg.segment is not None and leg.end == 0:
            order.append(leg.segment)
        else:
            order.extend(first + axes.index((k, component)) for component in range(len(leg.dims)))
    shape = (2 ** len(fragment.outputs), *(leg.dim for leg in fragment.legs))
    return state.transpose(order).reshape(shape)


def apply(state: Amplitudes, matrix: Matrix, axes: Sequence[int]) -> None:
    """Apply a matrix to axes of dimension 2, in place and piece by piece, so that no second copy is made."""
    moved = np.moveaxis(state, axes, range(len(axes)))
    for piece in _pieces(moved, len(axes)):
        slices = [piece[(*bits, ...)] for bits in np.ndindex(*(2,) * len(axes))]
        for target, changed in [(slices[row], _row(matrix, row, slices)) for row in _changed_rows(matrix)]:
            target[...] = changed


def _changed_rows(matrix: Matrix) -> list[int]:
    identity = np.eye(len(matrix))
    return [row for row in range(len(matrix)) if np.any(matrix[row] != identity[row])]


def _row(matrix: Matrix, row: int, slices: Sequence[Amplitudes]) -> Amplitudes:
    """One row of the matrix times the slices, without arithmetic for its zeros."""
    first, *others = np.flatnonzero(matrix[row]).tolist()
    total: Amplitudes = np.array(slices[first])
    total *= matrix[row, first]
    for column in others:
        total += matrix[row, column] * slices[column]
    return total


def _pieces(state: Amplitudes, kept: int) -> Iterator[Amplitudes]:
    """Views of the state with its first axes whole and as few of the next fixed as bounds their size."""
    fixed = kept
    while fixed < state.ndim and math.prod(state.shape[:kept]) * math.prod(state.shape[fixed:]) > PIECE_ENTRIES:
        fixed += 1
    for index in np.ndindex(*state.shape[kept:fixed]):
        yield state[(slice(None),) * kept + index]
