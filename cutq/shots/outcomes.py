"""The outcomes of drawn circuits as values of the samples that they were run for.

The shots of one circuit are dealt to its samples in a random order, so that samples stay independent of each other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.observable import Word
from cutq.network.legspace import Reals
from cutq.shots.draws import Circuits, Sampling, row_kinds
from cutq.shots.jobs import Counts
from cutq.shots.joint import JointVariant
from cutq.shots.links import Integers, Unit
from cutq.shots.readings import word_values
from cutq.shots.variants import Variant

MOST_VALUES = 2**20
"""Samples times words that are held at a time."""

Batches = tuple[Integers, Reals]
"""How many samples each has, (batches,), and the means of the quantities over them, (batches, quantities)."""


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What was found on a unit.

    Attributes:
        outputs: the bits of its outputs that are measured, (samples, measured outputs).
        choices: the outcome at each end of a link, (samples, ends).
    """

    outputs: NDArray[np.uint8]
    choices: Integers


def dealt(
    asked: Sampling, unit: Unit, circuits: Circuits, counts: Sequence[Counts | None], rng: np.random.Generator
) -> Outcomes:
    """The outcomes of a unit, those of equal circuits in a random order; a circuit without bits has None."""
    size = sum(map(len, circuits.members))
    measured = sum(len(asked.bases[position]) - asked.bases[position].count("I") for position in unit.fragments)
    found = Outcomes(np.zeros((size, measured), dtype=np.uint8), np.zeros((size, len(unit.ends)), dtype=np.int64))
    for variant, own, seen in zip(circuits.variants, circuits.members, counts, strict=True):
        if seen is not None:
            shots = np.repeat(seen.bits, seen.numbers, axis=0)[rng.permutation(len(own))]
            found.outputs[own], found.choices[own] = _read(variant, shots)
    return found


def _read(variant: Variant | JointVariant, bits: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], Integers]:
    """The bits of the outputs, (shots, outputs), and the outcomes of the choices, (shots, choices)."""
    outputs, outcomes, at = [bits[:, :0]], [np.zeros((len(bits), 0), dtype=np.int64)], 0
    for own in variant.variants if isinstance(variant, JointVariant) else (variant,):
        outputs.append(bits[:, at : at + own.num_outputs])
        at += own.num_outputs
        for choice in own.choices:
            weights = 1 << np.arange(choice.num_bits, dtype=np.int64)[::-1]
            outcomes.append((bits[:, at : at + choice.num_bits] @ weights)[:, None])
            at += choice.num_bits
    return np.concatenate(outputs, axis=1), np.concatenate(outcomes, axis=1)


@dataclass(frozen=True, eq=False)
class _Side:
    """What a unit contributes to samples.

    Attributes:
        scores: the products of its scores, (samples,).
        words: the different parts of the words on its outputs.
        index: for each word which of them it has, (words,).
        bases, outputs: of all its fragments.
        bits: as in :class:`Outcomes`.
        kinds: numbers of the instruments and batches of samples, (samples,), by which values are averaged; None where
            they are not.
    """

    scores: Reals
    words: tuple[Word, ...]
    index: Integers
    bases: str
    outputs: tuple[int, ...]
    bits: NDArray[np.uint8]
    kinds: Integers | None

    def values(self, own: slice) -> Reals:
        """What it contributes to each word, (samples, words)."""
        found = word_values(self.words, self.bases, self.outputs, self.bits[own]) * self.scores[own, None]
        if self.kinds is not None:
            found = _averaged(found, self.kinds[own])
        return np.asarray(found[:, self.index])


def batches(asked: Sampling, terms: Integers, outcomes: Sequence[Outcomes], count: int) -> Iterator[Batches]:
    """The means of the quantities over so many batches of samples; the samples themselves where there are as many.

    Within a batch a unit's values are averaged over the samples with the same instruments there, where these are few:
    units are independent, so that products of averages are unbiased, and they vary less.
    """
    size = len(terms)
    signs = np.ones(size)
    for k, link in enumerate(asked.links):
        signs *= link.gamma * np.sign(link.coefficients[terms[:, k]])
    edges = np.arange(count + 1) * size // count
    sides = [_side(asked, unit, terms, own, edges) for unit, own in zip(asked.units, outcomes, strict=True)]
    step = max(1, MOST_VALUES * count // (size * max(1, len(asked.words))))
    for first in range(0, count, step):
        last = min(first + step, count)
        starts, stop = edges[first:last], edges[last]
        own = slice(starts[0], stop)
        words = math.prod((side.values(own) for side in sides), start=signs[own, None])
        numbers = np.diff(starts, append=stop)
        yield numbers, np.add.reduceat(words @ asked.weights.T, starts - starts[0]) / numbers[:, None]


def _side(asked: Sampling, unit: Unit, terms: Integers, outcomes: Outcomes, edges: Integers) -> _Side:
    """What a unit contributes; averaged where batches, between these edges, have samples for all its instruments."""
    scores = np.ones(len(terms))
    for column, (k, end) in enumerate(unit.ends):
        scores *= asked.links[k].scores[end][terms[:, k], outcomes.choices[:, column]]
    outputs = tuple(qubit for position in unit.fragments for qubit in asked.network.fragments[position].outputs)
    numbers: dict[Word, int] = {}
    held = set(outputs)
    parts = (tuple(pair for pair in word if pair[0] in held) for word in asked.words)
    index = np.array([numbers.setdefault(part, len(numbers)) for part in parts], dtype=np.int64)
    kinds, sizes = None, np.diff(edges)
    if 1 < sizes.min() >= asked.rows(unit):
        columns = [asked.links[k].instruments[end][terms[:, k]] for k, end in unit.ends]
        kinds, _ = row_kinds([np.repeat(np.arange(len(sizes)), sizes), *columns], len(terms))
    bases = "".join(asked.bases[position] for position in unit.fragments)
    return _Side(scores, tuple(numbers), index, bases, outputs, outcomes.outputs, kinds)


def _averaged(values: Reals, kinds: Integers) -> Reals:
    """Each row replaced by the mean of all rows of its kind."""
    _, kinds, numbers = np.unique(kinds, return_inverse=True, return_counts=True)
    sums = np.zeros((len(numbers), values.shape[1]))
    np.add.at(sums, kinds, values)
    return np.asarray((sums / numbers[:, None])[kinds])
