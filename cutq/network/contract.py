"""Contraction of a network: fragment tensors in, expectation values of Pauli words out.

Trees and chains are swept from the leaves, fragment by fragment, so that one tensor is in memory at a time; loops go to
cotengra. The only file that imports cotengra and opt_einsum.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.observable import Word
from cutq.errors import TooLargeError
from cutq.network.blas import one_thread
from cutq.network.contraction import BYTES_PER_AMPLITUDE, MAX_BYTES, Contraction, plan_contraction
from cutq.network.network import Network
from cutq.network.tensors import (
    Amplitudes,
    Edge,
    FragmentTensor,
    Load,
    absorbed,
    edge,
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
    """
    plan = plan_contraction(network)
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
            tensors = [self._tensor(fragment) for fragment in core]
            for k, (value, log) in enumerate(self._core_values(tensors)):
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

    def _core_values(self, tensors: Sequence[FragmentTensor]) -> Iterator[tuple[float, float]]:
        """For each word, value and logarithm of what a core and its branches contribute."""
        hanging = {e for tensor in tensors for e in tensor.edges if e in self.metrics}
        core = _Core(tensors, hanging)
        known: dict[Word, tuple[float, float]] = {}
        qubits = frozenset().union(*(self._qubits(t, [e for e in t.edges if e in hanging]) for t in tensors))
        for word in self.words:
            seen = _restricted(word, qubits)
            if seen not in known:
                metrics = {e: self._metric(e, word) for e in hanging}
                value = core.value(seen, {e: metric.matrix for e, metric in metrics.items()})
                known[seen] = value, sum(metric.log for metric in metrics.values())
            yield known[seen]


def _restricted(word: Word, qubits: frozenset[int]) -> Word:
    return tuple((qubit, letter) for qubit, letter in word if qubit in qubits)


def _normalised(matrix: Amplitudes, log: float) -> Metric:
    size = float(np.abs(matrix).max())
    return Metric(matrix / size, log + math.log(size)) if size > 0 else Metric(matrix, log)


class _Core:
    """The fragments that no elimination removes: one, or several on loops."""

    def __init__(self, tensors: Sequence[FragmentTensor], hanging: set[Edge]) -> None:
        self.tensors = [t.with_last([e for e in t.edges if e not in hanging]) for t in tensors]
        self.hanging = hanging
        self.expression: Any = None

    def value(self, word: Word, metrics: Mapping[Edge, Amplitudes]) -> float:
        """The value of one word, given the metrics of the branches that hang on it."""
        arrays, indices = [], []
        for position, tensor in enumerate(self.tensors):
            own = [metrics[e] for e in tensor.edges if e in self.hanging]
            open_edges = tensor.edges[len(own) :]
            if not open_edges:
                return float(squared(tensor, word, own, 0)[0, 0].real)
            for array, names in _doubled(position, tensor, word, own, open_edges):
                arrays.append(array)
                indices.append(names)
        if self.expression is None:
            self.expression = loop_expression(indices, [array.shape for array in arrays])
        return float(np.asarray(self.expression(*arrays)).item().real)


def _doubled(
    position: int, tensor: FragmentTensor, word: Word, metrics: Sequence[Amplitudes], open_edges: Sequence[Edge]
) -> list[tuple[Amplitudes, tuple[Any, ...]]]:
    """A fragment of a loop between bra and ket: squared where that is smaller, else both amplitudes as they are."""
    bra, ket = tuple(("bra", e) for e in open_edges), tuple(("ket", e) for e in open_edges)
    dims = tensor.array.shape[tensor.array.ndim - len(open_edges) :]
    rows = tensor.array.size // math.prod(dims)
    if math.prod(dims) <= rows:
        return [(squared(tensor, word, metrics, len(open_edges)).reshape(dims + dims), bra + ket)]
    upper = tensor.array.conj().reshape(rows, *dims)
    lower = measured(tensor, word, metrics, slice(0, len(tensor.array))).reshape(rows, *dims)
    return [(upper, (("row", position), *bra)), (lower, (("row", position), *ket))]


def loop_expression(indices: Sequence[tuple[Any, ...]], shapes: Sequence[tuple[int, ...]]) -> Any:
    """A contraction of tensors with these indices to a number, as a callable of the arrays.

    The cheaper of opt_einsum's greedy path and a bounded randomised search by cotengra.

    Raises:
        TooLargeError: its largest tensor would not fit in memory.
    """
    import cotengra
    import opt_einsum

    symbols = {
        name: opt_einsum.get_symbol(k) for k, name in enumerate(dict.fromkeys(n for own in indices for n in own))
    }
    names = [tuple(symbols[name] for name in own) for own in indices]
    sizes = {
        name: size for own, shape in zip(names, shapes, strict=True) for name, size in zip(own, shape, strict=True)
    }
    greedy = opt_einsum.paths.greedy([frozenset(own) for own in names], frozenset(), sizes)
    trees = [
        cotengra.ContractionTree.from_path(names, (), sizes, path=greedy),
        cotengra.array_contract_tree(names, (), sizes, optimize=cotengra.RandomGreedyOptimizer(32, seed=0)),
    ]
    tree = min(trees, key=lambda candidate: candidate.contraction_cost())
    need = BYTES_PER_AMPLITUDE * int(tree.max_size())
    if need > MAX_BYTES:
        raise TooLargeError(
            f"the contraction of the {len(names)} tensors on loops needs a tensor of {need / 1e9:.3g} GB, more than "
            f"the {MAX_BYTES / 1e9:.3g} GB allowed; cut fewer gates and wires, or allow wider fragments"
        )
    return lambda *arrays: tree.contract(arrays)
