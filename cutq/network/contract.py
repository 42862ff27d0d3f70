"""Contraction of a network: fragment tensors in, expectation values of Pauli words out.

Trees and chains are swept from the leaves, fragment by fragment, so that one tensor is in memory at a time; what is
left on loops is contracted at once.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.observable import Word
from cutq.network.blas import one_thread
from cutq.network.contraction import Contraction, Core, Edge, edge, plan_contraction
from cutq.network.network import Network
from cutq.network.tensors import (
    Amplitudes,
    FragmentTensor,
    Load,
    absorbed,
    fragment_tensor,
    measured,
    squared,
)

METRIC_ENTRIES = 2**22
"""Entries of all metrics that may be held at a time; more words than fit are contracted in several passes."""


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
    """What an eliminated branch leaves on its parent's index.

    Attributes:
        matrix: ``sum conj(T) W T`` of the branch between bra and ket index, of largest entry 1.
        log: natural logarithm of the factor that was taken out.
    """

    matrix: Amplitudes
    log: float


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
        self.metrics: dict[Edge, dict[Word, Metric]] = {}
        self.below: dict[Edge, frozenset[int]] = {}

    def run(self) -> NDArray[np.float64]:
        """The value of each word."""
        for step in self.plan.steps:
            tensor, shared = self._tensor(step.fragment), edge(step.fragment, step.parent)
            if step.squared:
                self._square(tensor.with_last([shared]), shared)
            else:
                self.waiting.setdefault(step.parent, []).append((shared, tensor))
        total, logs = np.ones(len(self.words)), np.zeros(len(self.words))
        for core in self.plan.cores:
            for k, (value, log) in enumerate(self._core_values(core)):
                total[k], logs[k] = total[k] * value, logs[k] + log
        return total * np.exp(logs)

    def _tensor(self, fragment: int) -> FragmentTensor:
        """A fragment's tensor with the branches absorbed that wait for it."""
        tensor = fragment_tensor(self.network, fragment, self.load(fragment), self.values)
        for shared, child in self.waiting.pop(fragment, ()):
            tensor = absorbed(tensor, child, shared)
        return tensor

    def _square(self, tensor: FragmentTensor, shared: Edge) -> None:
        """Leave the metrics of a branch on its parent's index, one for each different word that the branch sees."""
        hanging = tensor.edges[:-1]
        self.below[shared] = self._qubits(tensor, hanging)
        found: dict[Word, Metric] = {}
        for word in self.words:
            seen = _restricted(word, self.below[shared])
            if seen not in found:
                below = [self._metric(e, word) for e in hanging]
                matrix = squared(tensor, seen, [metric.matrix for metric in below], 1)
                found[seen] = _normalised(matrix, sum(metric.log for metric in below))
        for e in hanging:
            del self.metrics[e]
        self.metrics[shared] = found

    def _qubits(self, tensor: FragmentTensor, hanging: Sequence[Edge]) -> frozenset[int]:
        return frozenset(tensor.qubits).union(*(self.below[e] for e in hanging))

    def _metric(self, e: Edge, word: Word) -> Metric:
        return self.metrics[e][_restricted(word, self.below[e])]

    def _core_values(self, core: Core) -> Iterator[tuple[float, float]]:
        """For each word, value and logarithm of what a core and its branches contribute."""
        tensors = [_open_last(self._tensor(fragment), self.metrics) for fragment in core.fragments]
        hanging = [[e for e in tensor.edges if e in self.metrics] for tensor in tensors]
        qubits = frozenset[int]().union(*map(self._qubits, tensors, hanging))
        known: dict[Word, tuple[float, float]] = {}
        for word in self.words:
            seen = _restricted(word, qubits)
            if seen not in known:
                metrics = [[self._metric(e, word) for e in own] for own in hanging]
                matrices = [[metric.matrix for metric in own] for own in metrics]
                log = sum(metric.log for own in metrics for metric in own)
                known[seen] = _core_value(core, tensors, seen, matrices), log
            yield known[seen]


def _restricted(word: Word, qubits: frozenset[int]) -> Word:
    return tuple((qubit, letter) for qubit, letter in word if qubit in qubits)


def _normalised(matrix: Amplitudes, log: float) -> Metric:
    size = float(np.abs(matrix).max())
    return Metric(matrix / size, log + math.log(size)) if size > 0 else Metric(matrix, log)


def _open_last(tensor: FragmentTensor, hanging: Container[Edge]) -> FragmentTensor:
    """The tensor with the edges to other fragments of its core last, in order."""
    return tensor.with_last(sorted(e for e in tensor.edges if e not in hanging))


def _core_value(
    core: Core, tensors: Sequence[FragmentTensor], word: Word, metrics: Sequence[Sequence[Amplitudes]]
) -> float:
    """The value of one word in a core, given the metrics of the branches that hang on each fragment."""
    if core.loop is None:
        return float(squared(tensors[0], word, metrics[0], 0)[0, 0].real)
    arrays: list[Amplitudes] = []
    for tensor, own, square in zip(tensors, metrics, core.loop.squared, strict=True):
        arrays += _square(tensor, word, own) if square else _bra_and_ket(tensor, word, own)
    return core.loop.value(arrays).real


def _square(tensor: FragmentTensor, word: Word, metrics: Sequence[Amplitudes]) -> list[Amplitudes]:
    dims = tensor.array.shape[1 + len(metrics) :]
    return [squared(tensor, word, metrics, len(dims)).reshape(dims + dims)]


def _bra_and_ket(tensor: FragmentTensor, word: Word, metrics: Sequence[Amplitudes]) -> list[Amplitudes]:
    dims = tensor.array.shape[1 + len(metrics) :]
    ket = measured(tensor, word, metrics, slice(0, len(tensor.array)))
    return [tensor.array.conj().reshape(-1, *dims), ket.reshape(-1, *dims)]
