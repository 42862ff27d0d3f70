"""Adaptive frames: after a pilot, circuits in the eigenbases of what the rest of the network makes of a fragment.

The environment of a leg tensor is a Hermitian matrix on the virtual qubits of the fragment. Measured, or prepared, in
its eigenbasis a quantity is read directly instead of being put together from many bases. These circuits are more rows
in the one fit of all data, so that nothing depends on the pilot being good.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from cutq.network.legspace import Complexes, Place, Reals, paulis, places
from cutq.shots.evaluation import derivatives, fits
from cutq.shots.experiment import Experiment
from cutq.shots.moments import Moments
from cutq.shots.readings import readable
from cutq.shots.tomography import Tomography, choice_functionals
from cutq.shots.variants import Choice, Variant

MOST_DIM = 4
"""Dimension of the virtual qubits that are measured or prepared together: a unitary on two qubits."""

SIGNIFICANT = 0.05
"""Share of the largest environment below which one has no circuits of its own."""


def with_eigenframes(asked: Experiment, data: Sequence[Moments]) -> tuple[Experiment, list[Moments]]:
    """The experiment with circuits in the eigenbases that a pilot suggests, and its data with room for theirs."""
    environments = derivatives(asked, data, fits(asked, data))
    tomographies, more = [], []
    for one, own, (_, back) in zip(asked.tomographies, data, environments, strict=True):
        variants = [] if not one.num_variants else list(_variants(one, back))
        tomographies.append(_extended(one, variants))
        more.append(_padded(own, len(variants), tomographies[-1].model.shape[1]))
    return replace(asked, tomographies=tuple(tomographies)), more


def _variants(one: Tomography, back: Reals) -> Iterator[Variant]:
    """The circuits that read the environments of a fragment, (quantities, words, entries), word by word."""
    own = one.variants[0].places
    ancilla = any(choice.ancilla for choice in one.variants[0].choices)
    sizes = np.sqrt((back**2).sum(axis=2))
    seen: set[str] = set()
    for k, w in zip(*np.nonzero(sizes > SIGNIFICANT * sizes.max(initial=0)), strict=True):
        bases = next((v.bases for v in one.variants if readable(one.words[w], v.bases, v.fragment.outputs)), None)
        if bases is None or not one.needed[w].any():
            continue
        for choices in _choices(own, back[k, w], f"{k}.{w}", ancilla):
            variant = replace(one.variants[0], choices=choices, bases=bases)
            if variant.key not in seen:
                seen.add(variant.key)
                yield variant


def _choices(own: Sequence[Place], environment: Reals, name: str, ancilla: bool) -> Iterator[tuple[Choice, ...]]:
    """What is done at the places: prepared at those where wires begin, measured at the others."""
    begin = tuple(k for k, place in enumerate(own) if place.kind == "in")
    end = tuple(k for k in range(len(own)) if k not in begin)
    if any(math.prod(own[k].dim for k in group) > MOST_DIM for group in (begin, end)):
        return
    whole = environment.reshape([place.size for place in own]).transpose(*begin, *end)
    matrix = whole.reshape(math.prod(own[k].size for k in begin), -1)
    left, weights, right = np.linalg.svd(matrix, full_matrices=False)
    for r in np.flatnonzero(weights > SIGNIFICANT * weights[0]):
        measured = _measured(own, end, right[r], f"eigen {name}.{r}", ancilla)
        if not begin:
            yield measured
            continue
        for s, state in enumerate(_eigenvectors(left[:, r])):
            yield (Choice(begin, f"eigen {name}.{r}.{s}", state[None]), *measured)


def _measured(
    own: Sequence[Place], end: tuple[int, ...], entries: Reals, name: str, ancilla: bool
) -> tuple[Choice, ...]:
    if not end:
        return ()
    scale = math.prod(own[k].dim for k in end if own[k].kind == "gate")
    return (Choice(end, name, _eigenvectors(entries) / math.sqrt(scale), ancilla),)


def _eigenvectors(entries: Reals) -> Complexes:
    """Kraus vectors of the eigenstates of ``sum_P e_P P``, (dimension, dimension)."""
    dim = math.isqrt(len(entries))
    _, states = np.linalg.eigh(np.tensordot(entries, paulis(dim), axes=1))
    return np.asarray(states.conj().T)


def _extended(one: Tomography, variants: Sequence[Variant]) -> Tomography:
    """The tomography with more circuits."""
    if not variants:
        return one
    own = places(one.variants[0].fragment)
    rows = [choice_functionals(variant.choices, own) for variant in variants]
    outcomes = max(one.model.shape[1], *(len(row) for row in rows))
    model = np.zeros((one.num_variants + len(rows), outcomes, one.model.shape[2]))
    model[: one.num_variants, : one.model.shape[1]] = one.model
    for k, row in enumerate(rows):
        model[one.num_variants + k, : len(row)] = row
    reads = [[readable(word, v.bases, v.fragment.outputs) for word in one.words] for v in variants]
    return replace(
        one,
        variants=(*one.variants, *variants),
        model=model,
        reads=np.concatenate([one.reads, np.array(reads, dtype=bool)]),
        prior=model[:, :, 0] * math.prod(place.norm for place in own),
    )


def _padded(own: Moments, variants: int, outcomes: int) -> Moments:
    """Moments with room for more variants and outcomes."""
    more = (0, variants), (0, outcomes - own.first.shape[1]), (0, 0)
    return Moments(np.pad(own.shots, more[0]), np.pad(own.first, more), np.pad(own.second, (*more, (0, 0))))
