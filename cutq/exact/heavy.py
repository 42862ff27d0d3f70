"""The most probable outcomes of all qubits, found best first and proven where that is possible.

A prefix is a choice of outcomes for the first fragments of the canonical form. Its probability times, for each
fragment that is left, the largest factor that any outcome of it can multiply a squared norm by, bounds the probability
of every bit string that begins with it. Prefixes are extended in the order of this bound (A*), so that whole strings
come out in the order of their probability, and no string that is still hidden can beat those that came out.
"""

from __future__ import annotations

import heapq
import math
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

PREFIX_BYTES, POSITION_BYTES = 2048, 8
"""Memory of a prefix beside its amplitudes, and for each of its outcomes."""

TOLERANCE = 1e-9
"""Probabilities that differ by a smaller share are taken as equal, so that ties are followed to their end."""

BOUND_WORK = 1 << 16
"""Work for the bound of a fragment: the spectral norms of the outcomes of the largest Frobenius norms."""

MAX_NODES = 100_000
"""Prefixes that are extended before the search ends without a proof."""

SHOWN = 32
"""Outcomes of a prefix that are ranked at first; four times as many whenever these are used up."""

ROUNDING = 1e-28
"""Outcomes whose probability given those before is smaller are rounding: amplitudes are known to about 1e-15."""


@dataclass(frozen=True, eq=False)
class HeavyOutputs:
    """The most probable bit strings that were found.

    Attributes:
        bits: the strings, most probable first, (k, number of qubits); qubit 0 is column 0. Fewer than were asked for
            only where no others have a probability above rounding.
        probabilities: their probabilities, (k,).
        proven: whether no other string is more probable than the last of the list.
        missed: the probability of all prefixes that may hold a more probable string than the last of the list: at most
            this much was missed. 0 where proven.
    """

    bits: Bits
    probabilities: Reals
    proven: bool
    missed: float


def heavy_outputs(
    network: Network,
    count: int,
    params: ArrayLike | None = None,
    *,
    max_nodes: int = MAX_NODES,
    max_bytes: float = MAX_BYTES,
) -> HeavyOutputs:
    """The ``count`` most probable bit strings; meant for distributions that are concentrated on few.

    Args:
        network: the network, of any number of qubits.
        count: how many strings, 1 or more.
        params: values in the order of ``network.parameters``, (P,); left out where there are none.
        max_nodes: how many prefixes are extended, fragment by fragment, at most. If they do not suffice, the list is
            filled up with the likeliest ends of the best prefixes and is not proven.
        max_bytes: cap on memory; where it is met, fewer prefixes are extended.

    Raises:
        ParameterError: values are missing, too many or not finite; ``count`` or ``max_nodes`` is below 1.
        TooLargeError: it would take more than ``max_bytes``.

    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> circuit = Circuit(2, (Operation("ry", (0,), (0.2,)), Operation("cx", (0, 1))))
    >>> found = heavy_outputs(split(circuit, CutPlan.from_partition(circuit, "AB")), 2)
    >>> found.bits.tolist(), found.probabilities.round(3).tolist(), found.proven
    ([[0, 0], [1, 1]], [0.99, 0.01], True)
    """
    values = bound_values(network, params)
    count, max_nodes = whole_number("count", count, 1), whole_number("max_nodes", max_nodes, 1)
    cone = light_cone(network, range(network.num_qubits))
    form = plan_form(cone)
    each = AMPLITUDE_BYTES * form.stack + PREFIX_BYTES + POSITION_BYTES * len(form.stages)
    strings = count * (each * len(form.stages) + network.num_qubits)
    need = form.num_bytes + 3 * AMPLITUDE_BYTES * form.fan + strings
    check_bytes(need, max_bytes, f"the search for {count} bit strings")
    with one_thread():
        stages = canonical_stages(cone, form, values)
        search = _Search(stages, min(max_nodes, 1 + int(min(max_bytes, ADDRESSABLE) - need) // each))
        return search.run(count, network.num_qubits)


@dataclass(frozen=True, eq=False)
class _Ranking:
    """The likeliest outcomes of a stage after a prefix.

    Attributes:
        outcomes: the outcomes, likeliest first.
        given: their probabilities given the prefix.
        complete: whether no other outcome has a probability above rounding.
    """

    outcomes: NDArray[np.intp]
    given: Reals
    complete: bool


@dataclass(frozen=True, eq=False)
class _Prefix:
    """A choice of outcomes for the first stages.

    Attributes:
        outcomes: one for each stage that is chosen.
        state: amplitudes on the open edges, of norm 1.
        log: natural logarithm of its probability.
    """

    outcomes: tuple[int, ...]
    state: Amplitudes
    log: float


Entry = tuple[float, int, int, _Prefix, _Ranking, int]
"""In the queue: minus the bound, minus the depth, a running number, a prefix, its ranking, which outcome is next."""


class _Search:
    """The queue of prefixes; the short-lived state of :func:`heavy_outputs`."""

    def __init__(self, stages: Sequence[Stage], max_nodes: int) -> None:
        self.stages, self.nodes = stages, max_nodes
        self.entries = 0
        self.queue: list[Entry] = []
        factors = [math.log(_largest_factor(stage)) for stage in stages]
        self.tails = [math.fsum(factors[depth:]) for depth in range(len(stages) + 1)]

    def run(self, count: int, num_qubits: int) -> HeavyOutputs:
        """Search, fill up, and say what may have been missed."""
        empty = _Prefix((), np.ones((1, 1), dtype=complex), 0.0)
        found = [] if self.stages else [empty]
        if self.stages:
            heapq.heappush(self.queue, self._entry(empty, math.inf))
        while self.queue and len(found) < count:
            bound = -self.queue[0][0]
            prefix = self._next(heapq.heappop(self.queue))
            while not self._whole(prefix) and self.nodes <= 0:
                prefix = self._next(self._entry(prefix, bound))
            if self._whole(prefix):
                found.append(prefix)
            else:
                heapq.heappush(self.queue, self._entry(prefix, bound))
        found.sort(key=lambda prefix: -prefix.log)
        last = found[-1].log if len(found) == count else -math.inf
        hidden = [_hidden(entry) for entry in self.queue if -entry[0] > last + TOLERANCE]
        bits = _bits(self.stages, [prefix.outcomes for prefix in found], num_qubits)
        logs = np.array([prefix.log for prefix in found])
        return HeavyOutputs(bits, np.exp(logs), not hidden, min(1.0, math.fsum(hidden)))

    def _whole(self, prefix: _Prefix) -> bool:
        return len(prefix.outcomes) == len(self.stages)

    def _next(self, entry: Entry) -> _Prefix:
        """The prefix extended by its next outcome; its other outcomes go back to the queue."""
        key, _, _, prefix, ranking, rank = entry
        self.nodes -= 1
        stage = self.stages[len(prefix.outcomes)]
        if rank + 1 == len(ranking.outcomes) and not ranking.complete:
            ranking = _ranking(stage, prefix.state, 4 * len(ranking.outcomes))
        if rank + 1 < len(ranking.outcomes):
            heapq.heappush(self.queue, self._entry(prefix, -key, ranking, rank + 1))
        outcome = int(ranking.outcomes[rank])
        state = prefix.state.reshape(-1, stage.rank) @ stage.array[outcome].T
        log = prefix.log + math.log(ranking.given[rank])
        return _Prefix((*prefix.outcomes, outcome), state / np.linalg.norm(state), log)

    def _entry(self, prefix: _Prefix, most: float, ranking: _Ranking | None = None, rank: int = 0) -> Entry:
        """A prefix with its next outcome; ``most`` is the bound of what it comes from, which rounding may not beat."""
        depth = len(prefix.outcomes)
        ranking = ranking or _ranking(self.stages[depth], prefix.state, SHOWN)
        bound = prefix.log + math.log(ranking.given[rank]) + self.tails[depth + 1]
        self.entries += 1
        return (-most if most - bound < TOLERANCE else -bound), -depth, self.entries, prefix, ranking, rank


def _ranking(stage: Stage, state: Amplitudes, shown: int) -> _Ranking:
    """The likeliest outcomes of a stage on top of a state."""
    rows, new, rank = stage.array.shape
    found = (state.reshape(-1, rank) @ stage.array.reshape(-1, rank).T).reshape(-1, rows, new)
    given = (found.real**2 + found.imag**2).sum(axis=(0, 2))
    # All outcomes from a least probability up, so that a longer ranking begins with the shorter one, ties included.
    least = np.partition(given, rows - shown)[rows - shown] if shown < rows else 0.0
    likeliest = np.flatnonzero(given >= least)
    outcomes = likeliest[np.argsort(-given[likeliest], kind="stable")]
    outcomes = outcomes[given[outcomes] > ROUNDING]
    return _Ranking(outcomes, given[outcomes], len(outcomes) == np.count_nonzero(given > ROUNDING))


def _largest_factor(stage: Stage) -> float:
    """At least the largest factor by which an outcome of the stage can multiply a squared norm.

    That is the square of the outcome's spectral norm; its Frobenius norm is never smaller.
    """
    frobenius = (stage.array.real**2 + stage.array.imag**2).sum(axis=(1, 2))
    order = np.argsort(-frobenius, kind="stable")
    _, new, rank = stage.array.shape
    bounded = max(1, BOUND_WORK // (new * rank * min(new, rank)))
    spectral = np.linalg.norm(stage.array[order[:bounded]], ord=2, axis=(1, 2)).max() ** 2
    rest = frobenius[order[bounded]] if len(order) > bounded else 0.0
    return min(1.0, float(max(spectral, rest)))


def _hidden(entry: Entry) -> float:
    """The probability of a prefix with any of the outcomes that were not yet taken."""
    _, _, _, prefix, ranking, rank = entry
    return math.exp(prefix.log) * max(1.0 - float(ranking.given[:rank].sum()), float(ranking.given[rank:].sum()))


def _bits(stages: Sequence[Stage], found: Sequence[tuple[int, ...]], num_qubits: int) -> Bits:
    """Outcomes of the stages as bit strings."""
    bits = np.zeros((len(found), num_qubits), dtype=np.uint8)
    for stage, outcomes in zip(stages, np.array(found, dtype=np.int64).reshape(len(found), -1).T, strict=True):
        for place, qubit in enumerate(reversed(stage.qubits)):
            bits[:, qubit] = (outcomes >> place) & 1
    return bits
