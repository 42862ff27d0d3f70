"""Sampling in the limit of infinitely many shots: every joint term, and every outcome of it exactly."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping

import numpy as np

from cutq import Network, Observable
from cutq.shots.draws import Sampling, unit_circuits
from cutq.shots.feedforward import joint_probabilities
from cutq.shots.joint import JointVariant
from cutq.shots.links import Unit
from cutq.shots.observables import quantities
from cutq.shots.readings import word_values
from cutq.shots.sampling import Protocol, samplings
from cutq.shots.simulated import all_bits
from cutq.shots.variants import Variant
from tests.shots.devices import expected

Distribution = Callable[[Variant | JointVariant], np.ndarray]


def sampled(network: Network, *observables: str | Observable, values: Mapping[str, float] | None = None,
            **protocol: object) -> tuple[Sampling, ...]:  # fmt: skip
    """What is sampled for some observables."""
    several = [one if isinstance(one, Observable) else Observable(one) for one in observables]
    return samplings(network, quantities(several), values or {}, Protocol(**protocol))  # type: ignore[arg-type]


def exactly(variant: Variant | JointVariant) -> np.ndarray:
    """The distribution of a circuit, from amplitudes."""
    return joint_probabilities(variant) if isinstance(variant, JointVariant) else expected(variant)


def joint_terms(asked: Sampling) -> np.ndarray:
    """All of them, (joint terms, links)."""
    found = list(itertools.product(*(range(len(link.terms)) for link in asked.links)))
    return np.array(found, dtype=np.int64).reshape(len(found), len(asked.links))


def limit(asked: Sampling, distribution: Distribution = exactly) -> np.ndarray:
    """The quantities without their constants, (quantities,)."""
    terms = joint_terms(asked)
    found = np.ones((len(terms), len(asked.words)))
    for k, link in enumerate(asked.links):
        found *= link.coefficients[terms[:, k], None]
    for unit in asked.units:
        circuits = unit_circuits(asked, unit, terms)
        for variant, members in zip(circuits.variants, circuits.members, strict=True):
            chances = distribution(variant)
            for member in members.tolist():
                found[member] *= chances @ _values(asked, unit, variant, terms[member])
    return asked.weights @ found.sum(axis=0)


def _values(asked: Sampling, unit: Unit, variant: Variant | JointVariant, terms: np.ndarray) -> np.ndarray:
    """What every outcome of a circuit counts, (2**bits, words), read bit by bit."""
    bits = all_bits(variant.num_bits)
    found = np.ones((len(bits), len(asked.words)))
    at = 0
    for own in variant.variants if isinstance(variant, JointVariant) else (variant,):
        outputs = own.fragment.outputs
        words = [tuple(pair for pair in word if pair[0] in outputs) for word in asked.words]
        found *= word_values(words, own.bases, outputs, bits[:, at : at + own.num_outputs])
        at += own.num_outputs
        ends = [(k, end) for k, end in unit.ends if asked.links[k].fragments[end] == own.position]
        for (k, end), choice in zip(ends, own.choices, strict=True):
            scores = np.zeros(len(choice.vectors))
            given = asked.links[k].terms[terms[k]].ends[end].scores
            scores[: len(given)] = given
            texts = ["".join(map(str, row)) or "0" for row in bits[:, at : at + choice.num_bits].tolist()]
            found *= scores[[int(text, 2) for text in texts]][:, None]
            at += choice.num_bits
    return found
