"""Signed instruments and the terms that are made of them: what shot-by-shot sampling draws from.

A bond is ``sum_t c_t F_t (x) G_t``, where ``F_t`` is done at end 0 and ``G_t`` at end 1. Terms are drawn with the
probabilities ``|c_t| / gamma``, ``gamma = sum |c_t|``, and each shot counts ``gamma sign(c_t)`` times its scores. What
is done at an end is an instrument, described by Kraus vectors in the letters of that end
(:mod:`cutq.network.legspace`), whose outcomes have scores of modulus 1 or less.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from cutq.network.legspace import Complexes, Reals, functionals


@dataclass(frozen=True, eq=False)
class Signed:
    """A signed instrument at one end of a bond.

    Attributes:
        vectors: for each outcome its Kraus vector in the letters of the end, (outcomes, dim).
        scores: what each outcome counts, (outcomes,), of modulus 1 or less.
    """

    vectors: Complexes
    scores: Reals

    @classmethod
    def of(cls, vectors: ArrayLike, scores: ArrayLike = (1.0,)) -> Signed:
        """From anything that numpy takes, as arrays that cannot be written to; left out, the score is 1.

        >>> Signed.of([[1, 0], [0, 1]], [1, -1]).functional.tolist()  # Z of a wire that ends
        [0.0, 0.0, 0.0, 1.0]
        """
        own = cls(np.array(vectors, dtype=complex), np.array(scores, dtype=float))
        own.vectors.flags.writeable = own.scores.flags.writeable = False
        return own

    @property
    def functional(self) -> Reals:
        """Its mean score for each entry of the leg tensor, (dim**2,)."""
        return self.scores @ functionals(self.vectors)


@dataclass(frozen=True, eq=False)
class Term:
    """One term of a bond: what is done at its ends, and the coefficient.

    Attributes:
        coefficient: ``c``.
        left: at end 0.
        right: at end 1.
    """

    coefficient: float
    left: Signed
    right: Signed

    @property
    def transfer(self) -> Reals:
        """Its part of the matrix between the leg spaces, (dim**2, dim**2)."""
        return self.coefficient * np.outer(self.left.functional, self.right.functional)


@dataclass(frozen=True, eq=False)
class Steered:
    """One term of wires that are cut with feed-forward: the outcome upstream decides what is prepared downstream.

    Attributes:
        coefficient: ``c``.
        measured: for each outcome its Kraus vector, the conjugate of a state of the basis, (d, d).
        states: the states downstream, (states, d).
        odds: with which probability each is prepared after each outcome, (d, states).
    """

    coefficient: float
    measured: Complexes
    states: Complexes
    odds: Reals

    @property
    def transfer(self) -> Reals:
        """Its part of the matrix between the leg spaces, (d**2, d**2)."""
        return self.coefficient * functionals(self.measured).T @ self.odds @ functionals(self.states)


def gamma(terms: Iterable[Term | Steered]) -> float:
    """``sum |c_t|``: sampling costs its square in shots.

    >>> up, down = Signed.of([[1, 0], [0, 1]], [1, -1]), Signed.of([[1, 0]])
    >>> gamma([Term(0.5, up, down), Term(-0.5, up, down)])
    1.0
    """
    return math.fsum(abs(term.coefficient) for term in terms)
