"""Draws of joint terms, and the circuits that they need.

A sample is one term of every link, drawn with the chances ``|c| / gamma``, and one shot of the circuit of every unit.
It counts ``prod gamma sign(c)`` times the scores of all instruments and the values of the words.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from cutq.circuits.observable import Word
from cutq.errors import ShotsError
from cutq.network.legspace import Reals
from cutq.network.network import Network
from cutq.shots.jobs import Counts, Job, Runner, run_jobs
from cutq.shots.joint import JointVariant, Steering
from cutq.shots.links import Integers, Link, Unit
from cutq.shots.tomography import padded
from cutq.shots.variants import Choice, Variant

MOST_OUTCOMES = 2**25
"""Outcomes of all circuits of one call of the runner, which those that simulate may hold at a time."""


@dataclass(frozen=True, eq=False)
class Sampling:
    """What is sampled for words that are read together.

    Attributes:
        network: the network, cut down to these words.
        values: numbers for its parameters.
        bases: for each fragment the letters that its outputs are measured in.
        words: the words.
        weights: of the words in the quantities that are asked for, (quantities, words).
        links: what is drawn.
        units: what is run.
        midway: whether a qubit that is measured at a cut gate may be used again.
    """

    network: Network
    values: Mapping[str, float] = field(repr=False)
    bases: tuple[str, ...]
    words: tuple[Word, ...]
    weights: Reals = field(repr=False)
    links: tuple[Link, ...]
    units: tuple[Unit, ...]
    midway: bool = True

    @cached_property
    def gamma(self) -> float:
        """The product of those of the links."""
        return math.prod(link.gamma for link in self.links)

    @cached_property
    def run(self) -> tuple[bool, ...]:
        """For each unit whether any of its circuits has bits."""
        return tuple(
            any(set(self.bases[position]) - {"I"} for position in unit.fragments)
            or any(self.links[k].scores[end].shape[1] > 1 for k, end in unit.ends)
            for unit in self.units
        )

    @property
    def shots(self) -> int:
        """How many fragments are run for a sample."""
        return sum(len(unit.fragments) for unit, run in zip(self.units, self.run, strict=True) if run)

    def rows(self, unit: Unit) -> int:
        """How many different instruments there are on a unit."""
        return math.prod(len(np.unique(self.links[k].instruments[end])) for k, end in unit.ends)


def drawn_terms(asked: Sampling, count: int, rng: np.random.Generator) -> Integers:
    """Terms for so many samples, (samples, links)."""
    found = np.zeros((count, len(asked.links)), dtype=np.int64)
    for k, link in enumerate(asked.links):
        found[:, k] = rng.choice(len(link.terms), size=count, p=np.abs(link.coefficients) / link.gamma)
    return found


@dataclass(frozen=True, eq=False)
class Circuits:
    """The circuits of a unit that some samples need.

    Attributes:
        variants: each circuit once.
        members: for each the samples that it is run for.
    """

    variants: tuple[Variant | JointVariant, ...]
    members: tuple[Integers, ...]


def unit_circuits(asked: Sampling, unit: Unit, terms: Integers) -> Circuits:
    """The circuits of a unit for samples of these terms, (samples, links)."""
    kinds, first = row_kinds([asked.links[k].circuits[end][terms[:, k]] for k, end in unit.ends], len(terms))
    order = np.argsort(kinds, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(kinds, minlength=len(first)))[:-1])
    choices: dict[tuple[int, int, int], Choice] = {}
    variants = [_unit_variant(asked, unit, terms[k], choices) for k in first.tolist()]
    return Circuits(tuple(variants), tuple(members))


def row_kinds(columns: Iterable[Integers], count: int) -> tuple[Integers, Integers]:
    """For each row of some columns the number of its kind, and for each kind the first row that is one."""
    kinds, first = np.zeros(count, dtype=np.int64), np.zeros(min(count, 1), dtype=np.int64)
    for column in columns:
        _, first, kinds = np.unique(kinds * (column.max() + 1) + column, return_index=True, return_inverse=True)
    return kinds, first


def _unit_variant(
    asked: Sampling, unit: Unit, terms: Integers, known: dict[tuple[int, int, int], Choice]
) -> Variant | JointVariant:
    """The circuit of a unit where these terms are drawn, (links,)."""
    chosen: dict[int, list[Choice]] = {position: [] for position in unit.fragments}
    where: dict[tuple[int, int], tuple[int, int]] = {}
    for k, end in unit.ends:
        position = asked.links[k].fragments[end]
        where[k, end] = unit.fragments.index(position), len(chosen[position])
        key = k, end, int(asked.links[k].circuits[end][terms[k]])
        if key not in known:
            known[key] = _choice(asked, *key)
        chosen[position].append(known[key])
    variants = tuple(
        Variant(position, asked.network.fragments[position], asked.values, tuple(own), asked.bases[position])
        for position, own in chosen.items()
    )
    return variants[0] if len(variants) == 1 else JointVariant(variants, tuple(_steerings(asked, terms, where)))


def _steerings(
    asked: Sampling, terms: Integers, where: Mapping[tuple[int, int], tuple[int, int]]
) -> Iterator[Steering]:
    """The wires with feed-forward among some ends of links, (link, end), that are at these (variant, choice)."""
    for k in sorted({k for k, _ in where}):
        steering = asked.links[k].terms[terms[k]].steering
        if steering is not None:
            yield Steering(where[k, 0], where[k, 1], *steering)


def _choice(asked: Sampling, k: int, end: int, term: int) -> Choice:
    link = asked.links[k]
    name = f"term {term} of bond {' and '.join(map(str, link.bonds))}"
    return Choice(link.places[end], name, padded(link.terms[term].ends[end].vectors), not asked.midway)


# --- runs ---


@dataclass(frozen=True, eq=False)
class Drawn:
    """Samples before they are run.

    Attributes:
        asked: what is sampled.
        terms: the terms drawn, (samples, links).
        circuits: those of each unit.
        seeds: for each unit those of its circuits, and in front the one by which shots are dealt.
    """

    asked: Sampling
    terms: Integers
    circuits: tuple[Circuits, ...]
    seeds: tuple[tuple[int, ...], ...]

    @property
    def jobs(self) -> list[Job]:
        """The circuits that say something, each as often as samples need it."""
        return [
            Job(variant, len(members), seed)
            for own, seeds in zip(self.circuits, self.seeds, strict=True)
            for variant, members, seed in zip(own.variants, own.members, seeds[1:], strict=True)
            if variant.num_bits
        ]

    @property
    def shots(self) -> int:
        """Those of all fragments."""
        return sum(
            len(members) * len(unit.fragments)
            for unit, own in zip(self.asked.units, self.circuits, strict=True)
            for variant, members in zip(own.variants, own.members, strict=True)
            if variant.num_bits
        )


def draw(parts: Sequence[Sampling], counts: Sequence[int], seed: int) -> list[Drawn]:
    """Draw so many samples of each part."""
    found = []
    for g, (one, count) in enumerate(zip(parts, counts, strict=True)):
        terms = drawn_terms(one, count, np.random.default_rng([seed, g]))
        circuits = tuple(unit_circuits(one, unit, terms) for unit in one.units)
        seeds = (
            np.random.SeedSequence([seed, g, u]).generate_state(1 + len(own.variants), np.uint64)
            for u, own in enumerate(circuits)
        )
        found.append(Drawn(one, terms, circuits, tuple(tuple(own.tolist()) for own in seeds)))
    return found


def run_draws(drawn: Sequence[Drawn], runner: Runner, max_circuits: int | None) -> list[list[Counts]]:
    """For each part the counts of its jobs, in their order.

    Raises:
        ShotsError: there are more circuits than allowed.
        CountsError: the runner returned what no device can.
    """
    jobs = [one.jobs for one in drawn]
    total = sum(map(len, jobs))
    if max_circuits is not None and total > max_circuits:
        raise ShotsError(
            f"the terms drawn need {total} circuits, but max_circuits={max_circuits}; cut less, take fewer shots, or "
            "use the default method, whose number of circuits does not grow with the shots"
        )
    found = iter([own for call in _calls([job for own in jobs for job in own]) for own in run_jobs(runner, call)])
    return [[next(found) for _ in own] for own in jobs]


def _calls(jobs: Sequence[Job]) -> list[list[Job]]:
    """Jobs in few calls of the runner."""
    found: list[list[Job]] = []
    room = 0
    for job in jobs:
        size = 1 << job.num_bits
        if size > room or not found:
            found.append([])
            room = MOST_OUTCOMES
        found[-1].append(job)
        room -= size
    return found
