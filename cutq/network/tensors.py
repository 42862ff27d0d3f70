"""Fragment tensors while a network is contracted: amplitudes over open qubits and over edges of the fragment graph."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.observable import Word
from cutq.network.contraction import Edge, edge, tensor_entries
from cutq.network.network import Bond, Network

Amplitudes = NDArray[np.complex128]

CHUNK_ENTRIES = 2**20
"""Entries of the pieces in which large tensors are worked on, so that no second copy of one is ever made."""


@dataclass(frozen=True, eq=False)
class FragmentTensor:
    """Amplitudes over the basis states of the open qubits and over edges.

    Attributes:
        array: amplitudes, (2**len(qubits), dimension of each edge ...).
        qubits: the open qubits; the first is the most significant bit of axis 0.
        edges: the edges of axes 1, 2, ...
    """

    array: Amplitudes
    qubits: tuple[int, ...]
    edges: tuple[Edge, ...]

    def axis(self, edge: Edge) -> int:
        """The axis of an edge."""
        return 1 + self.edges.index(edge)

    def with_last(self, last: Sequence[Edge]) -> FragmentTensor:
        """The same tensor with the axes of these edges last, in this order."""
        edges = (*(e for e in self.edges if e not in last), *last)
        array = self.array.transpose(0, *(self.axis(e) for e in edges))
        return FragmentTensor(np.ascontiguousarray(array), self.qubits, edges)


def fragment_tensor(
    network: Network, position: int, amplitudes: Amplitudes, values: Mapping[str, float]
) -> FragmentTensor:
    """The tensor of one fragment: legs coupled, loops closed, parallel bonds fused into one edge.

    Args:
        network: the network.
        position: which of its fragments.
        amplitudes: its amplitudes, (2**outputs, leg dimensions ...), legs in the order of ``fragment.legs``.
        values: parameter values, for the couplings.
    """
    fragment = network.fragments[position]
    legs = {(leg.bond, leg.end): 1 + axis for axis, leg in enumerate(fragment.legs)}
    for leg in fragment.legs:
        if _couples_here(network, network.bonds[leg.bond], leg.end):
            amplitudes = _coupled(amplitudes, legs[leg.bond, leg.end], network.bonds[leg.bond], leg.end, values)
    loops = [bond for bond, end in legs if end == 1 and (bond, 0) in legs]
    order: dict[Edge, list[int]] = {}
    for (bond, _), axis in legs.items():
        if bond not in loops:
            order.setdefault(edge(*network.bonds[bond].ends), []).append(axis)
    amplitudes = _closed(amplitudes, [(legs[bond, 0], legs[bond, 1]) for bond in loops], order)
    return FragmentTensor(amplitudes, fragment.outputs, tuple(order))


def _couples_here(network: Network, bond: Bond, end: int) -> bool:
    """A coupling is folded into the smaller of the two fragments that it joins."""
    sizes = [tensor_entries(network.fragments[fragment]) for fragment in bond.ends]
    return bool(bond.ops) and end == (1 if sizes[1] < sizes[0] else 0)


def _coupled(amplitudes: Amplitudes, axis: int, bond: Bond, end: int, values: Mapping[str, float]) -> Amplitudes:
    """The amplitudes with the couplings of a bond applied to one axis, component by component."""
    shape = amplitudes.shape
    before, after = math.prod(shape[:axis]), math.prod(shape[axis + 1 :])
    for component, coupling in enumerate(bond.couplings(values)):
        matrix = coupling.T if end == 0 else coupling
        outer = before * math.prod(bond.dims[:component])
        inner = math.prod(bond.dims[component + 1 :]) * after
        amplitudes = np.matmul(matrix, amplitudes.reshape(outer, len(matrix), inner))
    return amplitudes.reshape(shape)


def _closed(amplitudes: Amplitudes, loops: Sequence[Edge], order: Mapping[Edge, Sequence[int]]) -> Amplitudes:
    """Both legs of each loop summed over together, the axes of each edge fused."""
    shape = amplitudes.shape
    fused = [math.prod(shape[axis] for axis in group) for group in order.values()]
    axes = [axis for group in order.values() for axis in group]
    result = amplitudes.transpose(0, *axes, *(axis for pair in loops for axis in pair))
    for _ in loops:
        result = np.trace(result, axis1=-2, axis2=-1)
    return np.ascontiguousarray(result).reshape(shape[0], *fused)


def squared(tensor: FragmentTensor, word: Word, metrics: Sequence[Amplitudes], open_axes: int) -> Amplitudes:
    """``sum conj(T) W T`` over the qubits and over all but the last ``open_axes`` edges, as a matrix (D, D).

    Args:
        tensor: the fragment.
        word: Pauli word on its qubits; letters on other qubits are not seen.
        metrics: for each summed edge the metric between bra and ket index.
        open_axes: how many edges stay open; D is the product of their dimensions.
    """
    array = tensor.array
    dim = math.prod(array.shape[array.ndim - open_axes :])
    total = np.zeros((dim, dim), dtype=complex)
    for rows in chunks(array.shape[0], array[0].size):
        ket = measured(tensor, word, metrics, rows)
        total += array[rows].reshape(-1, dim).conj().T @ ket.reshape(-1, dim)
    return total


def measured(tensor: FragmentTensor, word: Word, metrics: Sequence[Amplitudes], rows: slice) -> Amplitudes:
    """Some rows of ``W T``, with the metrics of the first edges applied."""
    ket = _pauli_rows(tensor, word, rows)
    for axis, metric in enumerate(metrics, start=1):
        ket = np.moveaxis(np.tensordot(metric, ket, axes=(1, axis)), 0, axis)
    return ket


def _pauli_rows(tensor: FragmentTensor, word: Word, rows: slice) -> Amplitudes:
    """Some rows of ``W T``: row x is row x with the bits of X and Y flipped, times a power of i."""
    letters = {qubit: letter for qubit, letter in word if qubit in tensor.qubits}
    if not letters:
        return tensor.array[rows]
    place = {qubit: 1 << (len(tensor.qubits) - 1 - k) for k, qubit in enumerate(tensor.qubits)}
    flips = sum(place[qubit] for qubit, letter in letters.items() if letter in "XY")
    signs = sum(place[qubit] for qubit, letter in letters.items() if letter in "YZ")
    index = np.arange(rows.start, rows.stop)
    phases = (-1j) ** list(letters.values()).count("Y") * (1.0 - 2.0 * (np.bitwise_count(index & signs) & 1))
    source = tensor.array[index ^ flips] if flips else tensor.array[rows]
    return np.asarray(source * phases.reshape(-1, *[1] * (tensor.array.ndim - 1)))


def absorbed(parent: FragmentTensor, child: FragmentTensor, shared: Edge) -> FragmentTensor:
    """Parent and child contracted over their common edge; the child's qubits come first."""
    child, axis = child.with_last([shared]), parent.axis(shared)
    inner = child.array.shape[1:-1]
    outer = tuple(np.delete(parent.array.shape[1:], axis - 1))
    result = np.empty((len(child.array), len(parent.array), *inner, *outer), dtype=complex)
    for rows in chunks(len(parent.array), parent.array[0].size):
        block = np.tensordot(child.array, parent.array[rows], axes=(-1, axis))
        result[:, rows] = np.moveaxis(block, 1 + len(inner), 1)
    edges = (*child.edges[:-1], *(e for e in parent.edges if e != shared))
    return FragmentTensor(result.reshape(-1, *inner, *outer), child.qubits + parent.qubits, edges)


def merged(
    tensors: Sequence[FragmentTensor], hanging: Container[Edge], contract: Callable[[list[Amplitudes]], Amplitudes]
) -> FragmentTensor:
    """Fragments contracted over their common edges, which are their last axes, to one tensor over those that hang.

    Args:
        tensors: the fragments.
        hanging: the edges that stay.
        contract: contracts arrays (rows, common edges ...) to one over the rows of each fragment.
    """
    own = [[e for e in tensor.edges if e in hanging] for tensor in tensors]
    shapes = [tensor.array.shape[: 1 + len(edges)] for tensor, edges in zip(tensors, own, strict=True)]
    arrays = [t.array.reshape(-1, *t.array.shape[len(shape) :]) for t, shape in zip(tensors, shapes, strict=True)]
    whole = contract(arrays).reshape([size for shape in shapes for size in shape])
    starts = list(itertools.accumulate((len(shape) for shape in shapes[:-1]), initial=0))
    edges = [axis for start, shape in zip(starts, shapes, strict=True) for axis in range(start + 1, start + len(shape))]
    dims = [whole.shape[axis] for axis in edges]
    return FragmentTensor(
        np.ascontiguousarray(whole.transpose(*starts, *edges)).reshape(-1, *dims),
        tuple(qubit for tensor in tensors for qubit in tensor.qubits),
        tuple(e for edges in own for e in edges),
    )


def chunks(num_rows: int, row_entries: int) -> Iterator[slice]:
    """Slices over rows of so many entries each, of bounded size."""
    step = max(1, CHUNK_ENTRIES // max(1, row_entries))
    for start in range(0, num_rows, step):
        yield slice(start, min(start + step, num_rows))


Load = Callable[[int], Amplitudes]
"""Gives the amplitudes of a fragment by its position, (2**outputs, leg dimensions ...); called when they are needed."""
