"""Data re-uploading: one and two qubits that tell the inside of a circle from its outside."""

from __future__ import annotations

import statistics
import warnings
from collections.abc import Mapping
from functools import cache, partial

import numpy as np

import cutq
from cutq.compose.datasets import DATASETS, Reals, dataset
from cutq.compose.scores import circles_accuracy, entangling_capability, expressibility, refitted
from experiments.pretrain.recipe import SEEDS, Recipe, Trained

LAYERS = {1: 6, 2: 4}
"""Layers by the number of qubits: 30 and 40 weights."""

STEPS = 300
SCORE = "test accuracy"


def unit(qubits: int) -> cutq.Module:
    """Layers that upload both coordinates to each qubit, joined by CZ between layers; weights without values.

    A layer turns about Y by ``scale * x[0] + shift``, about Z likewise by ``x[1]``, and about Y by a weight: five
    weights. The sign of ``z`` names the class.
    """
    operations, angles = [], {}
    for layer in range(LAYERS[qubits]):
        for q in range(qubits):
            for k, letter in enumerate("yz"):
                at = f"{layer},{q},{k}"
                angles[f"turn_{layer}_{q}_{k}"] = f"scale[{at}]*x[{k}] + shift[{at}]"
                operations.append(cutq.Operation(f"r{letter}", (q,), (cutq.param(f"turn_{layer}_{q}_{k}"),)))
            operations.append(cutq.Operation("ry", (q,), (cutq.param(f"last[{layer},{q}]"),)))
        if layer < LAYERS[qubits] - 1:
            operations += [cutq.Operation("cz", (q, q + 1)) for q in range(qubits - 1)]
    ports = (
        cutq.ClassicalIn("x", (2,), low=-1.0, high=1.0),
        cutq.QuantumOut("out", tuple(range(qubits))),
        cutq.ClassicalOut("z", ("Z0",)),
    )
    return cutq.Module(f"reuploading-{qubits}", cutq.Circuit(qubits, tuple(operations)), ports, angles=angles)


def train(seed: int, qubits: int, steps: int = STEPS) -> Trained:
    """L-BFGS on the squared distance of ``z`` from 1 inside and -1 outside."""
    whole = cutq.Composition("circles")
    whole.add("unit", unit(qubits).initialised(seed))
    whole.discard("unit.out")
    data = dataset("circles")
    targets = 2.0 * data.train_labels - 1.0
    fit = cutq.train(
        whole, "squared-error", ({"unit.x": data.train}, targets), outputs=["unit.z"], epochs=steps,
        optimiser="l-bfgs", seed=seed,
    )  # fmt: skip
    found = {one.name.removeprefix("unit."): one.values for one in whole.weights}
    module = unit(qubits).with_weights(found)
    return Trained(module, {SCORE: circles_accuracy(module, {})}, tuple(fit.losses[:, 0]))


# --- classical models of equal size ---


@cache
def baseline(qubits: int) -> Mapping[str, float]:
    """The better one of a network and of polynomials with at most as many weights, and all of them."""
    weights = unit(qubits).num_weights
    hidden = (weights - 1) // 4
    degree = max(d for d in range(1, 10) if (d + 1) * (d + 2) // 2 <= weights)
    found = {
        f"tanh network with {hidden} hidden units, {4 * hidden + 1} weights": network(hidden),
        f"polynomial of degree {degree}, {(degree + 1) * (degree + 2) // 2} weights": polynomial(degree),
        "polynomial of degree 2, 6 weights": polynomial(2),
    }
    return {SCORE: max(found.values()), **found}


def network(hidden: int) -> float:
    """The mean accuracy over the seeds of a network with one hidden layer, trained by L-BFGS too."""
    from sklearn.neural_network import MLPClassifier

    data = dataset("circles")
    scores = []
    for seed in range(SEEDS):
        model = MLPClassifier((hidden,), activation="tanh", solver="lbfgs", max_iter=STEPS, random_state=seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it stops after so many steps
            model.fit(data.train, data.train_labels)
        scores.append(float(model.score(data.test, data.test_labels)))
    return statistics.mean(scores)


def polynomial(degree: int) -> float:
    """The accuracy of logistic regression on all monomials up to a degree."""
    data = dataset("circles")
    return refitted(_monomials(data.train, degree), data.train_labels, _monomials(data.test, degree), data.test_labels)


def _monomials(points: Reals, degree: int) -> Reals:
    pairs = [(a, b) for a in range(degree + 1) for b in range(degree + 1 - a) if a + b]
    return np.stack([points[:, 0] ** a * points[:, 1] ** b for a, b in pairs], axis=1)


# --- cards ---


def card(own: Trained, qubits: int) -> cutq.Card:
    name = f"{qubits} qubit{'s' if qubits > 1 else ''}"
    gates = float((qubits - 1) * (LAYERS[qubits] - 1))
    score = cutq.Metric(SCORE, "circles_accuracy", own.scores[SCORE], 0.002, baseline(qubits)[SCORE])
    metrics = [score, cutq.Metric("expressibility", "expressibility", expressibility(own.module, {}), 0.01)]
    if qubits > 1:
        joined = entangling_capability(own.module, {})
        metrics.append(cutq.Metric("entangling capability", "entangling_capability", joined, 1e-6))
    return cutq.Card(
        summary=f"two coordinates uploaded {LAYERS[qubits]} times to {name}, trained on a circle",
        task="The sign of z says whether a point of the square from -1 to 1 is inside of the circle of half its area.",
        limits="Trained on 200 points. A polynomial of degree 2 with six weights is better at circles.",
        source="Perez-Salinas et al., Quantum 4, 226 (2020), section 5",
        metrics=(*metrics, cutq.Metric("two-qubit gates", "two_qubit_gates", gates, 0.0)),
    )


TEXT = f"""Trained by at most {STEPS} steps of L-BFGS on 200 points, tested on 4,000. The baseline is the better one of
a tanh network and of polynomial logistic regression with at most as many weights; `recipe.toml` has all of them under
`baseline`. A circle is a polynomial of degree 2, so polynomials win. Against networks, which do not know this either,
one qubit reaches 0.946 beside 0.952 and two qubits 0.957 beside 0.941, means over five seeds.
"""


def _recipe(qubits: int) -> Recipe:
    return Recipe(
        f"reuploading-{qubits}",
        partial(train, qubits=qubits),
        partial(card, qubits=qubits),
        partial(baseline, qubits),
        {
            "data": {"name": "circles", "sha256": DATASETS["circles"].sha256, "about": DATASETS["circles"].about},
            "optimiser": {"name": "l-bfgs", "steps": STEPS},
        },
        text=TEXT,
    )


RECIPES = tuple(_recipe(qubits) for qubits in LAYERS)
