"""Observables from values of words and back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from cutq import Observable
from cutq.exact.sums import word_sums

CASES: dict[str, Sequence[str]] = {
    "sums": ["Z0 + 0.5*X1", "2*X1 - Y0 + 3", "Z0 Z1"],
    "one word each": ["Z0", "X1", "Z0 X1"],
    "one word twice": ["Z0", "Z0"],
    "a weight": ["Z0", "2*X1"],
    "a constant": ["Z0", "X1 + 1"],
    "the identity alone": ["1", "Z0", "2.5"],
    "only constants": ["1", "-4"],
    "nothing between others": ["Z0", "Z1 - Z1", "X0"],
    "nothing at all": ["Z0 - Z0"],
    "no observables": [],
    "words in another order": ["X1 + Z0", "Z0", "X1"],
}


@pytest.mark.parametrize("name", CASES)
def test_values_are_weighted_sums_and_back_is_their_transpose(name: str) -> None:
    observables = [Observable(text) for text in CASES[name]]
    sums = word_sums(observables)
    assert sums.num_words == len(sums.words) == len(set(sums.words))
    assert () not in sums.words
    rng = np.random.default_rng(0)
    words = rng.normal(size=(3, sums.num_words))
    expected = np.zeros((3, len(observables)))
    matrix = np.zeros((len(observables), sums.num_words))
    for k, one in enumerate(observables):
        for word, weight in one.terms:
            if word:
                matrix[k, sums.words.index(word)] += weight
            else:
                expected[:, k] += weight
    expected += words @ matrix.T
    np.testing.assert_allclose(sums.values(words), expected, rtol=0, atol=1e-14)
    weights = rng.normal(size=(3, len(observables)))
    found = sums.back(weights)
    np.testing.assert_allclose(found, weights @ matrix, rtol=0, atol=1e-14)
    assert found.flags.c_contiguous


def test_every_word_is_there_once() -> None:
    sums = word_sums([Observable("Z0 Z1 + X0"), Observable("X0 - 2*Z0 Z1"), Observable("Y2")])
    assert set(sums.words) == {((0, "Z"), (1, "Z")), ((0, "X"),), ((2, "Y"),)}


def test_a_long_hamiltonian() -> None:
    texts = [f"{k + 1}*Z{k} Z{k + 1}" for k in range(200)] + [f"X{k}" for k in range(200)]
    whole = Observable(" + ".join(texts))
    sums = word_sums([whole, Observable("Z0 Z1")])
    assert sums.num_words == 400
    found = sums.values(np.ones((1, 400)))
    assert found.tolist() == [[200 * 201 / 2 + 200, 1.0]]
