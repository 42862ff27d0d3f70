"""What needs no shared module: linear models, the best classical model that we know of a problem, published modules."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import cutq
from cutq.compose.scores import numbers, refitted, signs_right
from cutq.compose.trained_checks import parity_values
from experiments.harness import needed
from experiments.parameter_efficiency.problems import PROBLEMS, RELATED, SITES, Problem, Reals, chance, problem

LENGTHS = (8, 64, 256)
"""Bits of the strings that chains of the published cell of parity read."""


def linear(name: str, seed: int) -> float:
    """A linear head on the numbers themselves."""
    found = problem(name, seed)
    return refitted(found.train.raw, found.train.labels, found.test.raw, found.test.labels)


def strong(name: str, seed: int) -> float:
    """The best of simple classical models, chosen beforehand for each problem."""
    return STRONG[name](problem(name, seed))


def published(name: str, seed: int) -> float | None:
    """A module of ``modules/`` that was made for the problem, as it is: nothing is fitted here."""
    return PUBLISHED[name](problem(name, seed)) if name in PUBLISHED else None


def longer_parity(bits: int, seed: int) -> float:
    """How many of 100 random strings a chain of so many published cells reads right."""
    options = {"length": bits, "draws": 100, "seed": seed}
    return float((parity_values(cutq.load_module("parity-cell"), options) > 0).mean())


def _kernel(found: Problem) -> float:
    machine = needed("sklearn.svm", "experiments").SVC(C=10.0, gamma="scale")
    return float(machine.fit(found.train.raw, found.train.labels).score(found.test.raw, found.test.labels))


def _addition(found: Problem) -> float:
    """Addition modulo two, which learns nothing."""
    return float((found.test.raw.sum(axis=1).astype(int) % 2 == found.test.labels).mean())


def _on(numbers_of: Callable[[Reals], Reals]) -> Callable[[Problem], float]:
    """Logistic regression on a few numbers that someone thought of."""

    def fitted(found: Problem) -> float:
        train, test = (numbers_of(one.raw) for one in (found.train, found.test))
        return refitted(train, found.train.labels, test, found.test.labels)

    return fitted


def _quadratic(points: Reals) -> Reals:
    """Monomials up to degree 2 of coordinates from -1 to 1."""
    x, y = 2 * points.T - 1
    return np.stack([x, y, x * x, x * y, y * y], axis=1)


def _means(correlations: Reals) -> Reals:
    """The mean X of all sites, and the mean ZZ."""
    return correlations.reshape(-1, 2, SITES).mean(axis=2)


STRONG: dict[str, Callable[[Problem], float]] = {
    **dict.fromkeys(RELATED, _kernel),
    "parity": _addition,
    "phase": _on(_means),
    "circles": _on(_quadratic),
    "wine": _on(lambda rows: rows),
}


def _cells(found: Problem) -> float:
    """One cell of the published module for each bit, in a chain."""
    whole = cutq.Composition("parity")
    whole.add("begin", cutq.load_module("zero"))
    count = found.test.raw.shape[1]
    for k in range(count):
        whole.add(f"c{k}", cutq.load_module("parity-cell"), frozen=True)
        whole.connect(f"c{k - 1}.out" if k else "begin.out", f"c{k}.in")
    model = whole.compile([f"Z@c{count - 1}.out"])
    values = model(data={f"c{k}.bit": found.test.raw[:, k] for k in range(count)})[:, 0]
    return signs_right(-values, found.test.labels)


def _reuploading(found: Problem) -> float:
    module = cutq.load_module("reuploading-2")
    return signs_right(numbers(module, 2 * found.test.raw - 1)[:, 0], found.test.labels)


PUBLISHED: dict[str, Callable[[Problem], float]] = {"parity": _cells, "circles": _reuploading}

BASELINES: dict[str, Callable[[str, int], float | None]] = {
    "chance": chance,
    "linear": linear,
    "strong": strong,
    "published": published,
}
"""By name; chance is the class that is most frequent among the rows to learn from."""


def parameters(name: str, seed: int) -> int | None:
    """Numbers that are fitted for all problems together; None where support vectors and rules are among them."""
    if name == "linear":
        return sum((problem(one, seed).train.raw.shape[1] + 1) * problem(one, seed).outputs for one in PROBLEMS)
    return None if name == "strong" else 0
