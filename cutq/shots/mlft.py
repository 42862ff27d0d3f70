"""Estimates from leg tensors that are made positive: maximum-likelihood fragment tomography, with its bias.

The leg tensors of the exact fragment make positive matrices (:mod:`cutq.shots.positive`); those of the pooled fit need
not. Of all positive ones with the trace that is known the nearest is taken (Perlin et al., npj Quantum Information 7,
64; Smolin, Gambetta, Smith, Phys. Rev. Lett. 108, 070502). That lowers the noise where there are few shots, and is
biased: so the unprojected value of the same counts and what a bootstrap says of the bias always come with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike

from cutq.circuits.observable import Observable
from cutq.errors import ObservableError
from cutq.exact.checks import whole_number
from cutq.network.frames import Frames, chosen_frames
from cutq.network.legspace import Complexes, Reals
from cutq.network.network import Network
from cutq.shots.allocation import uniform_shares, whole_shots
from cutq.shots.estimate import Estimate
from cutq.shots.evaluation import reading_stacks
from cutq.shots.experiment import Experiment
from cutq.shots.jobs import Counts, Runner, checked_runner, run_jobs
from cutq.shots.measure import Effort, Record, check_effort, estimate_of
from cutq.shots.moments import moments
from cutq.shots.multilinear import MOST_BATCH, contract, gathered
from cutq.shots.observables import named_values, observable_experiment
from cutq.shots.positive import OutputBasis, output_bases
from cutq.shots.probabilities import probability_experiment
from cutq.shots.readings import readable
from cutq.shots.tomography import Tomography


@dataclass(frozen=True, eq=False)
class Projected:
    """Values from projected leg tensors, and what has to be known of them before they are used.

    ``projected +- 2 * stderr`` is no confidence interval, and neither is that of ``unprojected`` put around
    ``projected``. Exact fragments lie on the edge of what is positive, so that the projection moves the mean of a value
    by a share of its noise that hardly falls with the shots (0.4 of the error on chains of three fragments, from 2,000
    to 20,000 shots), and what is left of the noise is not normal. The bootstrap sees the bias only in part, as what it
    draws from is less near the edge than the exact fragments: half to three quarters of it on those chains. Intervals
    that can be relied on are those of ``unprojected``; ``projected - unprojected.values`` is an unbiased but noisy
    estimate of the bias.

    Attributes:
        projected: the values, in the shape of an estimate's.
        unprojected: the unbiased estimate from the same counts, with its covariance.
        bias: how far the projection moves the mean of each value, by a parametric bootstrap.
        stderr: the bootstrap's standard error of ``projected``; the bias is not in it.
    """

    projected: Reals
    unprojected: Estimate
    bias: Reals = field(repr=False)
    stderr: Reals = field(repr=False)


def estimate_mlft(
    network: Network,
    observables: Sequence[Observable | str] | Observable | str,
    params: ArrayLike | None = None,
    *,
    runner: Runner,
    shots: int,
    frames: Frames | None = None,
    seed: int = 0,
    resamples: int = 100,
) -> Projected:
    """Estimate expectation values from leg tensors that are made positive.

    All circuits of every output basis are run, also where the structure of a fragment says what they find: a positive
    matrix takes all its entries. Each gets the same number of shots. A basis is projected by itself; a word that
    several of them read is their mean.

    On chains of three fragments the error is 0.8 times that of the unprojected value at 100 shots for each circuit and
    0.9 times at 1,000. Where the structure says much, as for CX gates that were cut, it is larger than that of
    :func:`cutq.estimate`, which also shares the shots by a pilot.

    Args:
        network: the network.
        observables: what is asked for, as text or as :class:`cutq.Observable`.
        params: values in the order of ``network.parameters``, (P,); left out where there are none.
        runner: runs the circuits.
        shots: how many in total.
        frames: as in :func:`cutq.estimate`.
        seed: of the jobs and of the bootstrap.
        resamples: how often the bootstrap draws counts, at least 2.

    Returns:
        The values, (len(observables),), with the unprojected ones. See :class:`Projected` before use.

    Raises:
        ShotsError: there are fewer shots than circuits; before anything is run.
        CountsError: what the runner returned cannot be counts of these circuits.
        ObservableError: there is no observable.
        ParameterError: ``resamples`` is no whole number from 2.
        TooLargeError: a fragment has too many legs, or too many outputs are read in one basis.

    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> from cutq.shots.simulated import SimulatedRunner
    >>> pair = Circuit(2, (Operation("ry", (0,), (0.8,)), Operation("cx", (0, 1))))
    >>> network = split(pair, CutPlan.from_partition(pair, "AB"))
    >>> found = estimate_mlft(network, ["Z1"], runner=SimulatedRunner(), shots=10_000)
    >>> bool(abs(found.projected[0] - np.cos(0.8)) < 5 * found.stderr[0])
    True
    """
    effort, times = _checked(runner, shots, seed, resamples)
    asked = observable_experiment(network, observables, params, frames)
    if not asked.names:
        raise ObservableError("an estimate with leg tensors made positive is of one observable at least, got none")
    return _projected(asked, named_values(network, params), frames, runner, effort, times)


def estimate_mlft_probabilities(
    network: Network,
    qubits: Sequence[int],
    params: ArrayLike | None = None,
    *,
    runner: Runner,
    shots: int,
    frames: Frames | None = None,
    seed: int = 0,
    resamples: int = 100,
) -> Projected:
    """Estimate the probability of each outcome of some qubits from leg tensors that are made positive.

    What positive matrices make is nowhere negative; its sum need not be 1.

    Args:
        network: the network.
        qubits: different qubits, at most 10, in the order of the axes of the values.
        params, runner, shots, frames, seed, resamples: as in :func:`estimate_mlft`.

    Returns:
        The values, (2,) * len(qubits), with the unprojected ones. See :class:`Projected` before use.

    Raises:
        ObservableError: a qubit is repeated or not there.
        ShotsError, CountsError, ParameterError, TooLargeError: as in :func:`estimate_mlft`.

    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.cuts import WireCut
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> from cutq.shots.simulated import SimulatedRunner
    >>> bell = split(Circuit(2, (Operation("h", (0,)), Operation("cx", (0, 1)))), CutPlan((WireCut(0, 0),)))
    >>> found = estimate_mlft_probabilities(bell, [0, 1], runner=SimulatedRunner(), shots=200)
    >>> found.projected.shape, bool(found.projected.min() >= -1e-12)
    ((2, 2), True)
    """
    effort, times = _checked(runner, shots, seed, resamples)
    asked = probability_experiment(network, qubits, params, frames)
    found = _projected(asked, named_values(network, params), frames, runner, effort, times)
    shape = (2,) * len(asked.names[0])
    plain = replace(found.unprojected, values=found.unprojected.values.reshape(shape))
    return Projected(found.projected.reshape(shape), plain, found.bias.reshape(shape), found.stderr.reshape(shape))


def _checked(runner: Runner, shots: int, seed: int, resamples: int) -> tuple[Effort, int]:
    """The effort, and how often the bootstrap draws."""
    checked_runner(runner)
    effort = Effort(whole_number("shots", shots, least=0), allocation="uniform", seed=seed)
    return effort, whole_number("resamples", resamples, least=2)


def _projected(
    pruned: Experiment,
    values: Mapping[str, float],
    frames: Frames | None,
    runner: Runner,
    effort: Effort,
    times: int,
) -> Projected:
    """Run all circuits, and make of their counts what was asked for, with the projection and without."""
    chosen = chosen_frames(frames)
    bases = [
        output_bases(one.position, fragment, one.words, values, chosen)
        for one, fragment in zip(pruned.tomographies, pruned.network.fragments, strict=True)
    ]
    asked = replace(pruned, tomographies=tuple(map(_whole, pruned.tomographies, bases)))
    check_effort(asked, effort)
    counts = _run(asked, runner, effort)
    data = [moments(one, range(one.num_variants), own) for one, own in zip(asked.tomographies, counts, strict=True)]
    projection = _Projection(asked, bases, [own.shots for own in data])
    found, again = projection.bootstrap(counts, times, np.random.default_rng([effort.seed, 1]))
    return Projected(found, estimate_of(asked, data, effort), again.mean(axis=0) - found, again.std(axis=0, ddof=1))


def _whole(pruned: Tomography, bases: Sequence[OutputBasis]) -> Tomography:
    """All circuits of a fragment, for its words and with what is known of them."""
    parts = [basis.circuits for basis in bases]
    variants = tuple(variant for part in parts for variant in part.variants)
    reads = [[readable(word, one.bases, one.fragment.outputs) for word in pruned.words] for one in variants]
    model, prior = (np.concatenate(own) for own in ([one.model for one in parts], [one.prior for one in parts]))
    return replace(pruned, variants=variants, model=model, reads=np.array(reads, dtype=bool), prior=prior)


def _run(asked: Experiment, runner: Runner, effort: Effort) -> list[list[Counts]]:
    """The counts of all circuits; those that read nothing are not run and have one shot without bits."""
    assert effort.shots is not None
    nothing = Counts(np.zeros((1, 0), dtype=np.uint8), np.ones(1, dtype=np.int64))
    found = [[nothing] * one.num_variants for one in asked.tomographies]
    jobs = Record(asked).jobs(whole_shots(uniform_shares(asked), effort.shots), effort.seed)
    for (t, v, _), own in zip(jobs, run_jobs(runner, [job for *_, job in jobs]), strict=True):
        found[t][v] = own
    return found


class _Projection:
    """From counts to projected values; the short-lived state of an estimate."""

    def __init__(self, asked: Experiment, bases: Sequence[Sequence[OutputBasis]], shots: Sequence[Reals]) -> None:
        self.asked = asked
        self.bases = [basis for several in bases for basis in several]
        self.shots = [shots[basis.position][basis.own].astype(np.int64) for basis in self.bases]
        self.inverses = [basis.inverse(shots[basis.position]) for basis in self.bases]

    def bootstrap(
        self, counts: Sequence[Sequence[Counts]], times: int, rng: np.random.Generator
    ) -> tuple[Reals, Reals]:
        """The quantities, (quantities,), and those of counts drawn by what the projected blocks say, (times, ...).

        Drawn by the counts themselves they would be those of a fragment beyond the edge of what is positive, where the
        projection does something else than at the exact one.
        """
        seen = [basis.frequencies(counts[basis.position]) for basis in self.bases]
        blocks = self.blocks(seen)
        chances = [basis.chances(own, was) for basis, own, was in zip(self.bases, blocks, seen, strict=True)]
        again = [self.values(self.blocks(self.drawn(chances, rng))) for _ in range(times)]
        return self.values(blocks), np.array(again)

    def blocks(self, seen: Sequence[Reals]) -> list[Complexes]:
        """The projected blocks of each basis."""
        return [basis.blocks(by, own) for basis, by, own in zip(self.bases, self.inverses, seen, strict=True)]

    def drawn(self, chances: Sequence[Reals], rng: np.random.Generator) -> list[Reals]:
        """Shares of outcomes in as many shots as were run, drawn by their chances."""
        flat = [own.reshape(len(own), -1) for own in chances]
        drawn = [rng.multinomial(shots, own) / shots[:, None] for own, shots in zip(flat, self.shots, strict=True)]
        return [new.reshape(own.shape) for new, own in zip(drawn, chances, strict=True)]

    def values(self, blocks: Sequence[Complexes]) -> Reals:
        """The quantities of projected blocks, (quantities,)."""
        stacks, terms = reading_stacks(self.asked, self.tensors(blocks)), self.asked.terms
        size = max(1, MOST_BATCH // self.asked.tree.largest)
        found = np.zeros(len(terms))
        for start in range(0, len(terms), size):
            found[start : start + size] = contract(self.asked.tree, gathered(stacks, terms[start : start + size]))
        return np.asarray(self.asked.constants + self.asked.weights @ found)

    def tensors(self, blocks: Sequence[Complexes]) -> list[Reals]:
        """For each fragment the leg tensors of its words, (words, entries): the mean of the bases that read a word."""
        found = [np.zeros(one.known.shape) for one in self.asked.tomographies]
        times = [np.zeros((len(one.words), 1)) for one in self.asked.tomographies]
        for basis, own in zip(self.bases, blocks, strict=True):
            found[basis.position][basis.words] += basis.tensors(own)
            times[basis.position][basis.words] += 1
        return [total / number for total, number in zip(found, times, strict=True)]
