"""A classifier of the phases of the Ising chain: two readers of four sites with the same weights, and a linear head."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

import cutq
from cutq import Card, Circuit, ClassicalOut, Composition, Metric, Module, QuantumIn, Weight
from cutq.compose.blocks.encoders import amplitude_encoder
from cutq.compose.physics import Reals, fields, ising_states, spins
from cutq.compose.trained_checks import phase_accuracy
from experiments.pretrain.physics import bricks, capability_metrics, digest
from experiments.pretrain.recipe import Recipe, Trained

SITES, HALF = 8, 4
LOW, HIGH, COUNT = 0.2, 1.8, 40
EPOCHS, STARTS = 60, 2


def reader() -> Module:
    """Bricks of real turns on four sites; Z of the two in the middle is read."""
    operations, count = bricks(HALF, 1)
    ports = (QuantumIn("in", tuple(range(HALF))), ClassicalOut("z", ("Z1", "Z2")))
    return Module("phase-reader-4", Circuit(HALF, operations), ports, (Weight("theta", (count,)),))


def classifier(seed: int) -> Composition:
    """Amplitudes of eight sites, two readers, and their four numbers in a linear head."""
    whole = Composition("training")
    whole.add("states", amplitude_encoder(SITES))
    for k, name in enumerate(("left", "right")):
        whole.add(name, reader(), tie="reader")
        whole.connect(f"states.out[{HALF * k}:{HALF * (k + 1)}]", f"{name}.in")
    whole.add("head", cutq.classical("linear", 4, 1, seed=seed))
    whole.connect("left.z", "head.x[0:2]")
    whole.connect("right.z", "head.x[2:4]")
    return whole


def absorbed(theta: Reals, slopes: Reals, bias: float) -> Module:
    """Both readers as one circuit; a linear head is a weighted sum of what is read: one observable."""
    one, count = bricks(HALF, 1)
    other = [op.on(tuple(HALF + qubit for qubit in op.qubits)) for op in one]
    words = ("Z1", "Z2", "Z5", "Z6")
    logit = " ".join(f"{slope:+.17g}*{word}" for slope, word in zip(slopes, words, strict=True)) + f" {bias:+.17g}"
    ports = (QuantumIn("in", tuple(range(SITES))), ClassicalOut("logit", (logit,), labels=("logit",)))
    return Module("phase-classifier-8", Circuit(SITES, (*one, *other)), ports, (Weight("theta", (count,), theta),))


def options(part: str) -> dict[str, Any]:
    return {"sites": SITES, "low": LOW, "high": HIGH, "count": COUNT, "part": part}


@cache
def data(part: str) -> tuple[Reals, Reals]:
    """Ground states, and 1 where they are ferromagnetic."""
    chosen = fields(LOW, HIGH, COUNT, part)
    return ising_states(SITES, chosen), (chosen < 1).astype(float)


def train(seed: int, starts: int = STARTS, epochs: int = EPOCHS) -> Trained:
    """The best of some starts, by the training states alone."""
    states, labels = data("train")
    whole = classifier(seed)
    fit = cutq.train(whole, "binary-cross-entropy", ({"states.x": states}, labels), outputs=["head.y[0]"],
                     optimiser="l-bfgs", epochs=epochs, seed=seed, seeds=starts, scale=1.0)  # fmt: skip
    values = {one.name: one.values for one in whole.weights}
    module = absorbed(values["reader.theta"], values["head.weight"][0], float(values["head.bias"][0]))
    scores = {f"{part} accuracy": phase_accuracy(module, options(part)) for part in ("train", "test")}
    return Trained(module, scores, tuple(float(one) for one in fit.losses[:, fit.best]))


def card(trained: Trained) -> Card:
    test = Metric("test accuracy", "phase_accuracy", trained.scores["test accuracy"], 0.0,
                  baselines()["test accuracy"], options("test"))  # fmt: skip
    return Card(
        summary="reads from eight sites of an Ising chain which phase its ground state is in",
        task="The number logit is positive for the ferromagnetic phase, field < 1, of H = -sum ZZ - field sum X, open "
        "chain: two readers of four sites with the same weights, two numbers each, and a linear head, trained on "
        "amplitudes as data.",
        limits=f"Trained on fields {LOW} to {HIGH}; the classical baseline is as good: logistic regression "
        "on mean <ZZ> and <X>, three parameters.",
        source="this project; for the task see Cong, Choi and Lukin, Nat. Phys. 15, 1273 (2019)",
        metrics=(test, *capability_metrics(trained.module, 500)),
    )


@cache
def baselines() -> Mapping[str, float]:
    """The better, on the training states, of logistic regressions on <ZZ> and <X>, and on principal amplitudes.

    The first has 3 parameters. The second has as many as the classifier, and is taken where it is better.
    """
    size = sum(one.size for one in classifier(0).weights) - 1
    _, _, vectors = np.linalg.svd(data("train")[0], full_matrices=False)
    found = [
        _regression(*(one(data(part)[0]) for part in ("train", "test")))
        for one in (spins, lambda states: states @ vectors[:size].T)
    ]
    return max(found, key=lambda one: one["train accuracy"])


def _regression(train: Reals, test: Reals) -> Mapping[str, float]:
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=1e4, max_iter=10_000).fit(train, data("train")[1])
    return {f"{part} accuracy": float(fitted.score(rows, data(part)[1]))
            for part, rows in (("train", train), ("test", test))}  # fmt: skip


TEXT = f"""
The baseline is the better, on the training states, of two logistic regressions: on mean <ZZ> and mean <X>, with 3
parameters, and on principal amplitudes, with as many parameters as the classifier. Fields for training are
linspace({LOW}, {HIGH}, {COUNT}), for tests the centres of {COUNT} equal intervals, none of them a training field.
The circuit is two readers of four sites with the same weights; the linear head that was trained with them is the
observable that is read. A module with eight wires out, such as a chain of blocks with glue, can be read by it as well.
"""

RECIPES = (
    Recipe("phase-classifier-8", train, card, baselines, {
        "optimiser": "l-bfgs", "epochs": EPOCHS, "starts": STARTS, "loss": "binary-cross-entropy",
        "data": f"ground states of {SITES} sites; training: linspace({LOW}, {HIGH}, {COUNT}); test: the centres of "
                f"{COUNT} equal intervals",
        "sha256": digest(data("train")[0], data("test")[0]),
    }, text=TEXT),
)  # fmt: skip
