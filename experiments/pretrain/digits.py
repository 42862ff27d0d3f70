"""An encoder of image patches, trained on handwritten digits together with a linear head, and published without it."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from functools import cache

import numpy as np

import cutq
from cutq.compose.datasets import DATASETS, Reals, dataset
from cutq.compose.scores import digits_accuracy, entangling_capability, expressibility, refitted
from experiments.pretrain.recipe import SEEDS, Recipe, Trained

NAME = "patch-encoder-4"
QUBITS, LAYERS, PATCHES, PIXELS, CLASSES = 4, 4, 4, 16, 10
EPOCHS, BATCH, RATE = 15, 32, 0.03

REFITTED = "test accuracy, linear head refitted"
JOINT = "test accuracy, head of the training"
BEFORE = "test accuracy before training, linear head refitted"

EQUAL = 3
"""Numbers of a patch that a classical encoder makes with as many weights: 16 * 3 + 3 = 51, and 52 in the module."""


# --- the modules ---


def patch_encoder(seed: int) -> cutq.Module:
    """Sixteen pixels on four qubits, four in each layer, with first weights; 52 weights.

    Each layer turns qubit q about Y by ``scale * pixel + shift`` and about Z by a weight, and joins the qubits by a
    ring of CX; a last rotation about Y chooses what is measured: Z of each qubit and ZZ of each pair.
    """
    layers = [op for layer in range(LAYERS) for op in _layer(layer)]
    last = [cutq.Operation("ry", (q,), (cutq.param(f"turn[{LAYERS},{q}]"),)) for q in range(QUBITS)]
    pairs = [f"Z{a} Z{b}" for a in range(QUBITS) for b in range(a + 1, QUBITS)]
    ports = (
        cutq.ClassicalIn("x", (PIXELS,), low=0.0, high=1.0),
        cutq.QuantumOut("out", tuple(range(QUBITS))),
        cutq.ClassicalOut("z", (*(f"Z{q}" for q in range(QUBITS)), *pairs)),
    )
    angles = {f"pixel_{k}": f"scale[{k}]*x[{k}] + shift[{k}]" for k in range(PIXELS)}
    return _started(cutq.Module(NAME, cutq.Circuit(QUBITS, (*layers, *last)), ports, angles=angles), seed)


def _layer(layer: int) -> list[cutq.Operation]:
    turns = [
        op
        for q in range(QUBITS)
        for op in (
            cutq.Operation("ry", (q,), (cutq.param(f"pixel_{QUBITS * layer + q}"),)),
            cutq.Operation("rz", (q,), (cutq.param(f"turn[{layer},{q}]"),)),
        )
    ]
    return turns + [cutq.Operation("cx", (q, (q + 1) % QUBITS)) for q in range(QUBITS)]


def _started(module: cutq.Module, seed: int) -> cutq.Module:
    """With first weights: pixels turn by about a quarter each, so that nothing wraps around yet."""
    rng = np.random.default_rng([seed, 4])
    centres = {"scale": (1.5, 0.3), "shift": (0.0, 0.5), "turn": (0.0, 0.5)}
    drawn = {
        one.name: centres[one.name][0] + rng.uniform(-1, 1, one.shape) * centres[one.name][1] for one in module.weights
    }
    return module.with_weights(drawn)


def digits_model(encoder: cutq.Module, through: str | None = None) -> cutq.Composition:
    """The four patches of an image, one encoder for all, and a linear head from its numbers to ten classes."""
    out = encoder.classical_outputs[0]
    size = int(np.prod(out.shape))
    whole = cutq.Composition("digits")
    whole.add("head", cutq.classical("linear", PATCHES * size, CLASSES))
    for k in range(PATCHES):
        whole.add(f"p{k}", encoder, tie="encoder")
        whole.connect(f"p{k}.{out.name}", f"head.x[{k * size}:{(k + 1) * size}]", through)
        whole.discard(*(f"p{k}.{port.name}" for port in encoder.quantum_outputs))
    return whole


def images(inputs: Reals) -> dict[str, Reals]:
    """Images (rows, 4, 16) as data of the model."""
    return {f"p{k}.x": inputs[:, k] for k in range(PATCHES)}


# --- training and scores ---


def fitted(whole: cutq.Composition, seed: int, epochs: int = EPOCHS, rows: int | None = None) -> cutq.Fit:
    """Train the model on the training images, or the first of them."""
    data = dataset("digits")
    given = images(data.train[:rows]), data.train_labels[:rows]
    return cutq.train(
        whole, "cross-entropy", given, epochs=epochs, batch_size=BATCH, learning_rate=RATE, seed=seed, scale=0.3
    )


def trained_encoder(whole: cutq.Composition, encoder: cutq.Module) -> cutq.Module:
    """The encoder with the weights that it has in the model."""
    found = {one.name.removeprefix("encoder."): one.values for one in whole.weights if one.name.startswith("encoder.")}
    return encoder.with_weights(found)


def train(seed: int) -> Trained:
    first = patch_encoder(seed)
    whole = digits_model(first)
    fit = fitted(whole, seed)
    module = trained_encoder(whole, first)
    scores = {
        REFITTED: digits_accuracy(module, {}),
        JOINT: _accuracy(whole),
        BEFORE: digits_accuracy(first, {}),
    }
    return Trained(module, scores, tuple(fit.losses[:, 0]))


def _accuracy(whole: cutq.Composition) -> float:
    data = dataset("digits")
    return float((whole.compile()(data=images(data.test)).argmax(axis=1) == data.test_labels).mean())


def classical_encoder(size: int, seed: int) -> tuple[float, float]:
    """Accuracies of ``tanh(W x + b)`` of each patch, trained like the module: with a head refitted, and its own."""
    whole = digits_model(cutq.classical("linear", PIXELS, size), "tanh")
    fitted(whole, seed)
    found = {one.name: np.asarray(one.values) for one in whole.weights}
    matrix, bias = found["encoder.weight"], found["encoder.bias"]
    data = dataset("digits")
    features = [np.tanh(one @ matrix.T + bias).reshape(len(one), -1) for one in (data.train, data.test)]
    return refitted(features[0], data.train_labels, features[1], data.test_labels), _accuracy(whole)


@cache
def baseline() -> Mapping[str, float]:
    """Means over the seeds for classical encoders; pixels have no seed."""
    data = dataset("digits")
    equal = [classical_encoder(EQUAL, seed) for seed in range(SEEDS)]
    wide = [classical_encoder(10, seed)[0] for seed in range(SEEDS)]
    pixels = [one.reshape(len(one), -1) for one in (data.train, data.test)]
    return {
        REFITTED: statistics.mean(own for own, _ in equal),
        JOINT: statistics.mean(own for _, own in equal),
        "tanh layer of 16 to 10 for each patch, 170 weights": statistics.mean(wide),
        "logistic regression on all pixels": refitted(pixels[0], data.train_labels, pixels[1], data.test_labels),
    }


def card(own: Trained) -> cutq.Card:
    score = cutq.Metric(REFITTED, "digits_accuracy", own.scores[REFITTED], 0.008, baseline()[REFITTED])
    return cutq.Card(
        summary="16 pixels of an image patch on 4 qubits, trained on handwritten digits",
        task="Encodes 4 x 4 pixels, row by row from 0 to 1, as a state of 4 qubits; z are its 4 Z and 6 ZZ.",
        limits="Trained on 8 x 8 digits as four patches; logistic regression on the 64 pixels is better at these.",
        source="Perez-Salinas et al., Quantum 4, 226 (2020), for uploading data in layers",
        metrics=(score, *_abilities(own.module), cutq.Metric("two-qubit gates", "two_qubit_gates", 16.0, 0.0)),
    )


def _abilities(module: cutq.Module) -> tuple[cutq.Metric, ...]:
    """What its circuit is capable of with drawn weights and pixels."""
    spread = cutq.Metric("expressibility", "expressibility", expressibility(module, {}), 0.01)
    joined = cutq.Metric("entangling capability", "entangling_capability", entangling_capability(module, {}), 1e-6)
    return spread, joined


TEXT = """The head is fitted again to the frozen encoder by multinomial logistic regression with fixed settings, so
that everyone gets the same number. The baseline has as many weights: `tanh(W x + b)` with three numbers for each patch,
trained in the same way. `recipe.toml` has two stronger ones under `baseline`: ten numbers for each patch, and logistic
regression on all pixels, which needs no encoder; both are better than this module. The form of the circuit, the
learning rate and the strength of regularisation were chosen on 257 of the training images, and seed 0 beforehand.
"""

RECIPES = (
    Recipe(
        NAME,
        train,
        card,
        baseline,
        {
            "data": {"name": "digits", "sha256": DATASETS["digits"].sha256, "about": DATASETS["digits"].about},
            "optimiser": {"name": "adam", "learning rate": RATE, "epochs": EPOCHS, "batch size": BATCH},
        },
        text=TEXT,
    ),
)
