"""Linear heads on what circuits give, and the classical baselines on the same rows."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from experiments.encoding.data import TRAIN, Data
from experiments.encoding.encodings import Reals
from experiments.harness import needed

STEPS = 5000
"""Of the logistic regression at most; none takes as many."""


def accuracy(table: Reals, labels: np.ndarray) -> float:
    """Of logistic regression on standardised columns (rows, columns), on the rows behind the training ones."""
    mean, deviation = table[:TRAIN].mean(axis=0), table[:TRAIN].std(axis=0)
    x = (table - mean) / np.where(deviation > 1e-9, deviation, np.inf)
    return float(_logistic().fit(x[:TRAIN], labels[:TRAIN]).score(x[TRAIN:], labels[TRAIN:]))


def with_products(table: Reals, blocks: tuple[range, ...]) -> Reals:
    """Values of modules that are not linked, Z first, and the products of all two Z of different modules."""
    home = np.repeat(np.arange(len(blocks)), [len(block) for block in blocks])
    first, second = np.triu_indices(len(home), 1)
    apart = home[first] != home[second]
    return np.concatenate([table, table[:, first[apart]] * table[:, second[apart]]], axis=1)


def classical(name: str, own: Data) -> tuple[float, float]:
    """Accuracy of a baseline, and seconds to name 1,000 rows."""
    x, model = BASELINES[name](own)
    model.fit(x[:TRAIN], own.labels[:TRAIN])
    start = time.process_time()
    score = model.score(x[TRAIN:], own.labels[TRAIN:])
    return float(score), (time.process_time() - start) * 1000 / (len(x) - TRAIN)


def _logistic() -> Any:
    return needed("sklearn.linear_model", "experiments").LogisticRegression(max_iter=STEPS)


def _kernel() -> Any:
    return needed("sklearn.svm", "experiments").SVC()


BASELINES = {
    "logistic": lambda own: (own.plain, _logistic()),
    "RBF-SVM": lambda own: (own.scaled, _kernel()),
}
"""Classical baselines; the kernel has scikit-learn's width, one over the features' number and variance."""
