"""Contraction of a network: fragment tensors in, expectation values of Pauli words out.

The way for networks whose fragments have so many legs and so few outputs that their densities would not fit: amplitudes
are contracted first where that is smaller. Trees and chains are swept from the leaves, fragment by fragment, so that
one tensor is in memory at a time; what is left on loops is contracted at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.observable import Word
from cutq.network.blas import one_thread
from cutq.network.contraction import Contraction, Core, Edge, Elimination, edge, plan_contraction
from cutq.network.loops import Loop
from cutq.network.network import Network
from cutq.network.tensors import (
    Amplitudes,
    FragmentTensor,
    Load,
    absorbed,
    fragment_tensor,
    measured,
    merged,
    squared,
)

METRIC_ENTRIES = 2**22
"""Entries of all metrics that may be held at a time; more words than fit are contracted in several passes."""

MOST_SHIFT = 1000
"""Largest power of 2 by which a metric is scaled up at a time, lest the factor itself overflow."""


def word_values(
    network: Network, words: Sequence[Word], load: Load, values: Mapping[str, float]
) -> NDArray[np.float64]:
    """The expectation value of each Pauli word, (len(words),).

    Args:
        network: the network.
        words: Pauli words on the circuit's qubits.
        load: gives the amplitudes of a fragment; called once for each pass over the words.
        values: parameter values, for the couplings of cut gates.

    Raises:
        TooLargeError: a tensor would not fit in memory.
    """
    plan = plan_contraction(network)
    plan.check_size()
    held = plan.metric_entries * max(1, len(plan.steps))
    size = max(1, METRIC_ENTRIES // max(1, held))
    groups = [words[k : k + size] for k in range(0, len(words), size)]
    with one_thread():
        passes = [_Sweep(network, plan, load, values, group).run() for group in groups]
    return np.concatenate([np.zeros(0), *passes])


@dataclass(frozen=True, eq=False)
class Metric:
    """What a branch leaves of one word on the indices that stay open.

    Attributes:
        matrix: ``sum conj(T) W T`` of the branch between bra and ket index, scaled to a size of about 1.
        exponent: the power of 2 that was taken out.
    """

    matrix: Amplitudes
    exponent: int


@dataclass(frozen=True, eq=False)
class Branch:
    """The metrics of a branch for every word, the same for words that look the same on its qubits."""

    qubits: frozenset[int]
    metrics: Mapping[Word, Metric]

    def of(self, word: Word) -> Metric:
        """The metric of a word."""
        return self.metrics[_restricted(word, self.qubits)]


class _Sweep:
    """One pass over the fragments; the short-lived state of :func:`word_values`."""

    def __init__(
        self,
        network: Network,
        plan: Contraction,
        load: Load,
        values: Mapping[str, float],
        words: Sequence[Word],
    ) -> None:
        self.network, self.plan, self.load, self.values, self.words = network, plan, load, values, words
        self.waiting: dict[int, list[tuple[Edge, FragmentTensor]]] = {}
        self.branches: dict[Edge, Branch] = {}

    def run(self) -> NDArray[np.float64]:
        """The value of each word."""
        for step in self.plan.steps:
            self._eliminate(step)
        total, exponents = np.ones(len(self.words)), np.zeros(len(self.words), dtype=int)
        for core in self.plan.cores:
            for k, (value, exponent) in enumerate(self._core_values(core)):
                total[k], exponents[k] = total[k] * value, exponents[k] + exponent
        return np.ldexp(total, exponents)

    def _eliminate(self, step: Elimination) -> None:
        """Let a leaf wait for its parent, or square it and let go of its tensor."""
        shared, tensor = edge(step.fragment, step.parent), self._tensor(step.fragment)
        if not step.squared:
            self.waiting.setdefault(step.parent, []).append((shared, tensor))
            return
        tensor = tensor.with_last([shared])
        self.branches[shared] = self._branch(tensor, 1)
        for hanging in tensor.edges[:-1]:
            del self.branches[hanging]

    def _tensor(self, fragment: int) -> FragmentTensor:
        """A fragment's tensor with the branches absorbed that wait for it."""
        tensor = fragment_tensor(self.network, fragment, self.load(fragment), self.values)
        for shared, child in self.waiting.pop(fragment, ()):
            tensor = absorbed(tensor, child, shared)
        return tensor

    def _branch(self, tensor: FragmentTensor, open_axes: int) -> Branch:
        """The metrics of a tensor and of what hangs on it, on its last edges."""
        hanging = [self.branches[e] for e in tensor.edges[: len(tensor.edges) - open_axes]]
        qubits = frozenset(tensor.qubits).union(*(branch.qubits for branch in hanging))
        found: dict[Word, Metric] = {}
        for word in self.words:
            seen = _restricted(word, qubits)
            if seen not in found:
                below = [branch.of(word) for branch in hanging]
                matrix = squared(tensor, seen, [metric.matrix for metric in below], open_axes)
                found[seen] = _scaled(matrix, sum(metric.exponent for metric in below))
        return Branch(qubits, found)

    def _core_values(self, core: Core) -> Iterator[tuple[float, int]]:
        """For each word what a core and its branches contribute: a number and a power of 2."""
        if core.loop is not None and core.loop.squared is not None:
            yield from self._loop_values(core, core.loop, core.loop.squared)
            return
        whole = self._branch(self._whole(core), 0)
        for word in self.words:
            metric = whole.of(word)
            yield float(metric.matrix[0, 0].real), metric.exponent

    def _whole(self, core: Core) -> FragmentTensor:
        """A core as one tensor over its branches."""
        tensors = [self._open_last(fragment) for fragment in core.fragments]
        return tensors[0] if core.loop is None else merged(tensors, self.branches, core.loop.contract)

    def _open_last(self, fragment: int) -> FragmentTensor:
        """A tensor with the edges to other fragments of its core last, in order."""
        tensor = self._tensor(fragment)
        return tensor.with_last(sorted(e for e in tensor.edges if e not in self.branches))

    def _loop_values(self, core: Core, loop: Loop, squares: Sequence[bool]) -> Iterator[tuple[float, int]]:
        parts = [self._part(fragment, square) for fragment, square in zip(core.fragments, squares, strict=True)]
        for word in self.words:
            tensors = [part(word) for part in parts]
            value = loop.contract([array for arrays, _ in tensors for array in arrays])
            yield float(value.item().real), sum(exponent for _, exponent in tensors)

    def _part(self, fragment: int, square: bool) -> Callable[[Word], tuple[list[Amplitudes], int]]:
        """What a fragment of a loop is for each word: its square, or its bra and its ket."""
        tensor = self._open_last(fragment)
        hanging = [self.branches[e] for e in tensor.edges if e in self.branches]
        dims = tensor.array.shape[1 + len(hanging) :]
        if square:
            branch = self._branch(tensor, len(dims))
            return lambda word: ([branch.of(word).matrix.reshape(dims + dims)], branch.of(word).exponent)

        def bra_and_ket(word: Word) -> tuple[list[Amplitudes], int]:
            below = [branch.of(word) for branch in hanging]
            ket = measured(tensor, word, [metric.matrix for metric in below], slice(0, len(tensor.array)))
            bra = tensor.array.conj()
            return [bra.reshape(-1, *dims), ket.reshape(-1, *dims)], sum(metric.exponent for metric in below)

        return bra_and_ket


def _restricted(word: Word, qubits: frozenset[int]) -> Word:
    return tuple((qubit, letter) for qubit, letter in word if qubit in qubits)


def _scaled(matrix: Amplitudes, exponent: int) -> Metric:
    """The matrix with the power of 2 of its largest entry taken out, which is exact."""
    power = max(-MOST_SHIFT, int(np.frexp(np.abs(matrix).max())[1]))
    return Metric(matrix * 2.0**-power, exponent + power)
