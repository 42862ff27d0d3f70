"""Checks of what trained modules score: accuracies on data sets, and what their circuits are capable of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutq.compose.composition import Composition
from cutq.compose.datasets import Labels, Reals, dataset
from cutq.compose.learn import capability
from cutq.compose.module import Module
from cutq.errors import ModuleError

Options = Mapping[str, Any]


def numbers(module: Module, inputs: Reals) -> Reals:
    """All expectation values of a module with one classical input, (rows, values), for inputs (rows, *its shape).

    >>> import numpy as np
    >>> from cutq.compose.blocks.encoders import angle_encoder
    >>> from cutq.compose.blocks.readouts import readout
    >>> numbers((angle_encoder(1) >> readout(count=1)).module, np.zeros((2, 1))).tolist()
    [[1.0], [1.0]]
    """
    if len(module.classical_inputs) != 1 or not module.classical_outputs:
        raise ModuleError(f"{module.name!r} is scored by what comes out of its classical ports for one input")
    one = Composition("one")
    one.add("m", module, frozen=True)
    one.discard(*(f"m.{port.name}" for port in module.quantum_outputs))
    model = one.compile([f"m.{port.name}" for port in module.classical_outputs])
    return model(data={f"m.{module.classical_inputs[0].name}": inputs})


def digits_accuracy(module: Module, options: Options) -> float:
    """The share of test images that a linear head names right from what the module says of their four patches."""
    found = dataset("digits")
    features = [numbers(module, one.reshape(-1, 16)).reshape(len(one), -1) for one in (found.train, found.test)]
    return refitted(features[0], found.train_labels, features[1], found.test_labels)


def refitted(train: Reals, train_labels: Labels, test: Reals, test_labels: Labels) -> float:
    """The accuracy on test rows of a linear head: multinomial logistic regression from features (rows, features).

    Its settings are fixed, and it is convex: the same features give the same head on every machine, but for rounding.
    """
    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError as cause:
        raise ModuleError(
            "heads are fitted by scikit-learn, which is not installed: pip install 'cutq[experiments]'"
        ) from cause
    head = LogisticRegression(C=10.0, tol=1e-6, max_iter=10_000).fit(train, train_labels)
    return float(head.score(test, test_labels))


def circles_accuracy(module: Module, options: Options) -> float:
    """The share of test points whose side of the circle is the sign of the module's first number."""
    found = dataset("circles")
    return signs_right(numbers(module, found.test)[:, 0], found.test_labels)


def signs_right(values: Reals, labels: Labels) -> float:
    """The share of numbers that are positive where the label is 1, and not elsewhere."""
    return float(((values > 0) == (labels == 1)).mean())


def expressibility(module: Module, options: Options) -> float:
    """How far its fidelities are from those of random states."""
    return capability.expressibility(module, **options)


def entangling_capability(module: Module, options: Options) -> float:
    """The mean Meyer-Wallach entanglement of its states."""
    return capability.entangling_capability(module, **options)
