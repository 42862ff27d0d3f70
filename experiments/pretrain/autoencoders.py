"""Quantum autoencoders: ground states of Ising chains on fewer qubits, the others thrown away in 0."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import Any

import cutq
from cutq import Card, Circuit, ClassicalOut, Composition, Metric, Module, QuantumIn, QuantumOut, Weight
from cutq.compose.blocks.encoders import amplitude_encoder
from cutq.compose.physics import Reals, fields, ising_states, principal_fidelity
from cutq.compose.trained_checks import compression, kept, reconstruction
from experiments.pretrain.physics import bricks, capability_metrics, digest
from experiments.pretrain.recipe import Recipe, Trained

LOW, HIGH, COUNT = 0.5, 1.5, 20
SIZES = ((6, 2), (4, 1))
"""Qubits, and qubits of the code."""

LAYERS, EPOCHS, STARTS = 2, 250, 2


def encoder(qubits: int, code: int) -> Module:
    """Bricks of real turns on neighbours: RY on both, YZ and ZY; the code is in the middle, the trash around it."""
    operations, count = bricks(qubits, LAYERS)
    first = (qubits - code) // 2
    taken = tuple(range(first, first + code))
    trash = tuple(q for q in range(qubits) if q not in taken)
    ports = (
        QuantumIn("in", tuple(range(qubits))),
        QuantumOut("out", taken),
        ClassicalOut("kept", (kept(trash),), labels=("trash is 0",)),
    )
    return Module(f"autoencoder-{qubits}-{code}", Circuit(qubits, operations), ports, (Weight("theta", (count,)),))


def options(qubits: int, part: str) -> dict[str, Any]:
    """Which states, as checks have it."""
    return {"sites": qubits, "low": LOW, "high": HIGH, "count": COUNT, "part": part}


@cache
def states(qubits: int, part: str) -> Reals:
    return ising_states(qubits, fields(LOW, HIGH, COUNT, part))


def train(qubits: int, code: int, seed: int, starts: int = STARTS, epochs: int = EPOCHS) -> Trained:
    """The best of some starts, by the training states alone."""
    whole = Composition("autoencoder")
    whole.add("states", amplitude_encoder(qubits))
    whole.add("m", encoder(qubits, code))
    whole.connect("states.out", "m.in")
    whole.discard("m.out")
    fit = cutq.train(whole, "infidelity", {"states.x": states(qubits, "train")}, outputs=["m.kept[0]"],
                     optimiser="l-bfgs", epochs=epochs, seed=seed, seeds=starts, scale=1.0)  # fmt: skip
    values = next(one.values for one in whole.weights if one.name == "m.theta")
    module = encoder(qubits, code).with_weights({"theta": values})
    scores = {
        "training fidelity": compression(module, options(qubits, "train")),
        "test fidelity": compression(module, options(qubits, "test")),
        "test fidelity of reconstruction": reconstruction(module, options(qubits, "test")),
    }
    return Trained(module, scores, tuple(float(one) for one in fit.losses[:, fit.best]))


def card(qubits: int, code: int, trained: Trained) -> Card:
    dimension = 2**code
    bound = {part: principal(qubits, dimension, part) for part in ("train", "test")}
    rows = (
        ("mean probability that the trash is 0, test", "compression", "test fidelity"),
        ("mean fidelity of reconstruction, test", "reconstruction", "test fidelity of reconstruction"),
    )
    promises = (
        Metric(name, check, trained.scores[score], 1e-6, bound["test"], options(qubits, "test"))
        for name, check, score in rows
    )
    return Card(
        summary=f"encoder of ground states of {qubits} sites of the Ising chain on {code} of its {qubits} qubits",
        task=f"A wire of {qubits} sites in, the code out; the other qubits end near 0 and are traced out. The number "
        "kept is the probability that all of them are 0, the fidelity that training maximises; the fidelity of "
        "reconstruction is that of the state which the inverse circuit makes of the code and fresh zeros.",
        limits=f"Trained on H = -sum ZZ - field sum X, open chain, fields {LOW} to {HIGH}; the baseline, the span of "
        f"{dimension} principal vectors of the training states, is classical, and better: it may be any subspace.",
        source="Romero, Olson and Aspuru-Guzik, Quantum Sci. Technol. 2, 045001 (2017)",
        metrics=(*promises, *capability_metrics(trained.module, 1000)),
    )


def principal(qubits: int, dimension: int, part: str) -> float:
    """The mean fidelity of the best subspace for the training states."""
    return principal_fidelity(states(qubits, "train"), states(qubits, part), dimension)


def baselines(qubits: int, code: int) -> Mapping[str, float]:
    test = principal(qubits, 2**code, "test")
    return {
        "training fidelity": principal(qubits, 2**code, "train"),
        "test fidelity": test,
        "test fidelity of reconstruction": test,
    }


def about(qubits: int) -> dict[str, Any]:
    return {
        "optimiser": "l-bfgs", "epochs": EPOCHS, "starts": STARTS,
        "data": f"ground states of {qubits} sites; training: linspace({LOW}, {HIGH}, {COUNT}); "
                f"test: the centres of {COUNT} equal intervals, none of them a training field",
        "sha256": digest(states(qubits, "train"), states(qubits, "test")),
    }  # fmt: skip


TEXT = """
The baseline is the span of as many principal vectors of the training states as the code has dimensions: no encoder of
this kind can be better on the training states. It is an arbitrary subspace, stored as vectors, and wins.
"""

RECIPES = tuple(
    Recipe(f"autoencoder-{qubits}-{code}", partial(train, qubits, code), partial(card, qubits, code),
           partial(baselines, qubits, code), about(qubits), text=TEXT)
    for qubits, code in SIZES
)  # fmt: skip
