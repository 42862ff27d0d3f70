"""Bit strings that follow the distribution that the fragments' counts reconstruct.

Fragment by fragment an outcome is drawn from its conditional distribution: the fragment's leg tensors of all outcomes
that were seen, contracted with those of the outcomes drawn so far on one side and with the sum over all outcomes of the
fragments that are left on the other. The reconstruction is unbiased and so not everywhere positive; what is negative is
left out, and how much that was is reported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutq.circuits.checks import shown
from cutq.errors import TooLargeError
from cutq.exact.checks import whole_number
from cutq.network.contraction import MAX_BYTES, size_text
from cutq.network.frames import Frame, Frames, chosen_frames
from cutq.network.legspace import Reals, places, transfers
from cutq.network.network import Network
from cutq.shots.allocation import whole_shots
from cutq.shots.experiment import network_labels
from cutq.shots.fit import fit
from cutq.shots.jobs import Counts, Job, Runner, checked_runner, run_jobs
from cutq.shots.measure import Effort, check_total_shots
from cutq.shots.observables import named_values
from cutq.shots.tomography import Structure, Tomography, tomography

MOST_OPEN = 2**22
"""Entries of the tensors of all distinct beginnings up to which samples are drawn."""

SAMPLE_BYTES = 64
"""Memory of a sample on its way, beside its bits."""


@dataclass(frozen=True, eq=False)
class Samples:
    """Bit strings drawn from a reconstructed distribution.

    Attributes:
        bits: (samples, qubits) of 0 and 1.
        negativity: the negative weight that was left out, as a share of the positive one, averaged over the draws.
        shots: how many shots it took.
        num_circuits: of how many circuits.
    """

    bits: NDArray[np.uint8] = field(repr=False)
    negativity: float
    shots: int
    num_circuits: int


def estimate_samples(
    network: Network,
    num_samples: int,
    params: ArrayLike | None = None,
    *,
    runner: Runner,
    shots: int,
    frames: Frames | None = None,
    seed: int = 0,
    max_circuits: int | None = None,
) -> Samples:
    """Draw bit strings of all qubits that follow the distribution that runs of the fragments reconstruct.

    Args:
        network: the network.
        num_samples: how many.
        params: values in the order of ``network.parameters``, (P,).
        runner: runs the circuits.
        shots: how many in total; the same for each circuit.
        frames: as in :func:`cutq.estimate`.
        seed: of the jobs and of the draws.
        max_circuits: how many circuits may be run.

    Returns:
        The samples, qubit 0 first. More shots, not more samples, bring their distribution closer to the exact one.

    Raises:
        ShotsError: there are fewer shots than circuits, or more circuits than allowed.
        TooLargeError: too many bonds would be open at a time, or there are too many samples.

    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> from cutq.shots.simulated import SimulatedRunner
    >>> bell = Circuit(2, (Operation("h", (0,)), Operation("cx", (0, 1))))
    >>> network = split(bell, CutPlan.from_partition(bell, "AB"))
    >>> estimate_samples(network, 100, runner=SimulatedRunner(), shots=20_000).bits.shape
    (100, 2)
    """
    count = whole_number("num_samples", num_samples, least=0)
    effort = Effort(whole_number("shots", shots, least=0), seed=seed, max_circuits=max_circuits)
    checked_runner(runner)
    values = named_values(network, params)
    chosen = chosen_frames(frames)
    _check_bytes(count, network.num_qubits)
    circuits = [_circuits(network, f, values, chosen) for f in range(len(network.fragments))]
    total = sum(one.num_circuits for one in circuits)
    check_total_shots(total, effort)
    tables = [
        _table(one, _run(one, own, runner, effort.seed, f), own)
        for f, (one, own) in enumerate(zip(circuits, _numbers(circuits, effort), strict=True))
    ]
    drawn, negativity = _Draws(network, tables, values).draw(count, np.random.default_rng([effort.seed, 1]))
    return Samples(drawn, negativity, effort.shots or 0, total)


def _check_bytes(count: int, num_qubits: int) -> None:
    """Raise :class:`TooLargeError` for more samples than fit in memory."""
    need = count * (num_qubits + SAMPLE_BYTES)
    if need > MAX_BYTES:
        raise TooLargeError(
            f"drawing num_samples={shown(count)} takes {size_text(need)}, more than the {size_text(int(MAX_BYTES))} "
            "allowed; ask for fewer, several times"
        )


def _numbers(circuits: Sequence[Tomography], effort: Effort) -> list[NDArray[np.int64]]:
    """How often each circuit is run; those that read nothing once."""
    shares = [(~one.sure).astype(np.float64) for one in circuits]
    return [own + one.sure for one, own in zip(circuits, whole_shots(shares, effort.shots or 0), strict=True)]


def _circuits(network: Network, position: int, values: Mapping[str, float], frames: Mapping[str, Frame]) -> Tomography:
    """All circuits of a fragment, every output read in the basis of Z."""
    fragment = network.fragments[position]
    size = int(np.prod([place.size for place in places(fragment)]))
    word = tuple((qubit, "Z") for qubit in fragment.outputs)
    structure = Structure(np.full((1, size), np.nan), np.ones((1, size), dtype=bool))
    return tomography(position, fragment, [word], values, frames, structure)


def _run(one: Tomography, numbers: NDArray[np.int64], runner: Runner, seed: int, f: int) -> list[Counts]:
    jobs = [
        Job(variant, int(number), int(np.random.SeedSequence([seed, 0, f, v]).generate_state(1, np.uint64)[0]))
        for v, (variant, number) in enumerate(zip(one.variants, numbers, strict=True))
    ]
    run = iter(run_jobs(runner, [job for job in jobs if job.num_bits]))
    nothing = Counts(np.zeros((1, 0), dtype=np.uint8), np.ones(1, dtype=np.int64))
    return [next(run) if job.num_bits else nothing for job in jobs]


@dataclass(frozen=True, eq=False)
class _Table:
    """Leg tensors of the outcomes that were seen.

    Attributes:
        bits: (outcomes, outputs).
        tensors: (outcomes, entries).
    """

    bits: NDArray[np.uint8]
    tensors: Reals


def _table(one: Tomography, counts: Sequence[Counts], numbers: NDArray[np.int64]) -> _Table:
    by = fit(one, numbers.astype(float)).inverse[0]
    width = len(one.variants[0].bases)
    rows = np.concatenate([own.bits[:, :width] for own in counts])
    bits, place = np.unique(rows, axis=0, return_inverse=True)
    parts = []
    for v, own in enumerate(counts):
        left = own.bits[:, width:]
        outcome = left @ (1 << np.arange(left.shape[1])[::-1])
        parts.append(by[:, v, outcome].T * (own.numbers / max(1, numbers[v]))[:, None])
    tensors = np.zeros((len(bits), by.shape[0]))
    np.add.at(tensors, place.reshape(-1), np.concatenate(parts))
    return _Table(bits.astype(np.uint8), tensors)


class _Draws:
    """Draws fragment by fragment; the short-lived state of :func:`estimate_samples`."""

    def __init__(self, network: Network, tables: Sequence[_Table], values: Mapping[str, float]) -> None:
        self.network, self.tables = network, tables
        labels, sizes = network_labels(network)
        count = len(network.fragments)
        self.sizes = dict(enumerate(sizes))
        # A bond's matrix is folded into its later fragment, whose index then is that of the earlier one.
        self.labels = [list(own) for own in labels[:count]]
        matrices = [matrix for bond in network.bonds for matrix in transfers(bond, values)]
        owner = {i: f for f, own in enumerate(self.labels) for i in own}
        self.tensors = [
            table.tensors.reshape(-1, *(sizes[i] for i in own)) for table, own in zip(tables, labels, strict=False)
        ]
        for (one, two), matrix in zip(labels[count:], matrices, strict=True):
            first, second, own = (one, two, matrix) if owner[one] <= owner[two] else (two, one, matrix.T)
            f = owner[second]
            axis = self.labels[f].index(second)
            moved = np.tensordot(self.tensors[f], own, axes=(1 + axis, 1))
            self.tensors[f] = np.moveaxis(moved, -1, 1 + axis)
            self.labels[f][axis] = first
        self._close_loops()

    def _close_loops(self) -> None:
        """Sum over indices that occur twice in one fragment."""
        for f, own in enumerate(self.labels):
            for index in [i for i in dict.fromkeys(own) if own.count(i) == 2]:
                first = own.index(index)
                second = own.index(index, first + 1)
                self.tensors[f] = np.trace(self.tensors[f], axis1=1 + first, axis2=1 + second)
                own[:] = [i for i in own if i != index]

    def draw(self, count: int, rng: np.random.Generator) -> tuple[NDArray[np.uint8], float]:
        """So many samples, and the share that was negative."""
        found = np.zeros((count, self.network.num_qubits), dtype=np.uint8)
        if not count:
            return found, 0.0
        right = self._environments()
        begun, which = np.ones((1, 1)), np.zeros(count, dtype=np.int64)
        open_: list[int] = []
        negative = 0.0
        for f, table in enumerate(self.tables):
            begun, labels = self._joined(begun, open_, f)
            weights = np.tensordot(begun, right[f], axes=(range(2, begun.ndim), range(right[f].ndim)))
            chances = np.maximum(weights, 0)
            negative += float(
                (-np.minimum(weights, 0)).sum(axis=1)[which].sum() / max(1e-300, chances.sum(axis=1)[which].sum())
            )
            picked = _picked(chances, which, rng)
            found[:, list(self.network.fragments[f].outputs)] = table.bits[picked]
            pairs, which = np.unique(np.stack([which, picked], axis=1), axis=0, return_inverse=True)
            which, open_ = which.reshape(-1), labels
            begun = begun[pairs[:, 0], pairs[:, 1]]
            begun = begun / np.abs(begun).reshape(len(begun), -1).max(axis=1).reshape(-1, *(1,) * (begun.ndim - 1))
            begun = begun.reshape(len(begun), *[self.sizes[i] for i in open_]) if open_ else begun.reshape(-1, 1)
        return found, negative / max(1, len(self.tables))

    def _joined(self, begun: Reals, open_: list[int], f: int) -> tuple[Reals, list[int]]:
        """Each beginning with each outcome of a fragment, (beginnings, outcomes, open indices ...)."""
        own = self.labels[f]
        shared = [i for i in open_ if i in own]
        left = begun if open_ else begun[:, 0]
        stay = [i for i in open_ if i not in shared]
        labels = [*stay, *(i for i in own if i not in shared)]
        size = len(begun) * len(self.tensors[f]) * int(np.prod([self.sizes[i] for i in labels], dtype=float))
        if size > 64 * MOST_OPEN:
            raise TooLargeError(
                f"drawing from fragment {f} takes {size} numbers; ask for fewer samples, or cut into fragments with "
                "fewer bonds"
            )
        product = np.tensordot(
            left, self.tensors[f], axes=([1 + open_.index(i) for i in shared], [1 + own.index(i) for i in shared])
        )
        return np.moveaxis(product, 1 + len(stay), 1), labels

    def _environments(self) -> list[Reals]:
        """For each fragment what all later ones sum to, over the indices that are open behind it."""
        later, open_ = np.ones(()), list[int]()
        found: list[Reals] = []
        orders = self._open_after()
        for f in range(len(self.tables) - 1, -1, -1):
            found.append(later.transpose([open_.index(i) for i in orders[f]]))
            own = self.labels[f]
            total = self.tensors[f].sum(axis=0)
            shared = [i for i in own if i in open_]
            later = np.tensordot(total, later, axes=([own.index(i) for i in shared], [open_.index(i) for i in shared]))
            open_ = [*(i for i in own if i not in shared), *(i for i in open_ if i not in shared)]
            later = later / max(1e-300, float(np.abs(later).max()))
        return found[::-1]

    def _open_after(self) -> list[list[int]]:
        """The indices that are open behind each fragment, in the order in which they are met."""
        found, open_ = [], list[int]()
        for own in self.labels:
            open_ = [*(i for i in open_ if i not in own), *(i for i in own if i not in open_)]
            found.append(open_)
        return found


def _picked(chances: Reals, which: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """For each sample an outcome drawn by the chances of its beginning."""
    heights = np.cumsum(chances, axis=1)
    drawn = rng.random(len(which)) * heights[which, -1]
    picked = np.empty(len(which), dtype=np.int64)
    for row in np.unique(which):
        own = which == row
        picked[own] = np.searchsorted(heights[row], drawn[own], side="right")
    return np.asarray(np.minimum(picked, chances.shape[1] - 1), dtype=np.int64)
