"""A cell that keeps the parity of bits, learned from strings of two to four bits."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np

import cutq
from cutq import Card, Circuit, ClassicalIn, Composition, Metric, Module, Operation, QuantumIn, QuantumOut, Weight
from cutq.compose.blocks.states import zero
from cutq.compose.trained_checks import parity_values
from experiments.pretrain.physics import capability_metrics, digest
from experiments.pretrain.recipe import Recipe, Trained

LENGTHS = (2, 3, 4)
LONG, STRINGS = 256, 100
EPOCHS, STARTS = 400, 4


def cell() -> Module:
    """The carry on qubit 0, the bit on qubit 1, which is traced out; all angles are learned, the scale of the bit too.

    RY on both, RX by ``scale * bit + shift`` on the bit's qubit, then U on both, RZX, RXX and U on the carry.
    """
    operations = (
        Operation("rx", (1,), (cutq.param("loaded"),)),
        *_turned("before", 0),
        *_turned("bit_turn", 1),
        Operation("rzx", (1, 0), (cutq.param("coupling[0]"),)),
        Operation("rxx", (0, 1), (cutq.param("coupling[1]"),)),
        *_turned("after", 0),
    )
    ports = (QuantumIn("in", (0,)), ClassicalIn("bit", low=0.0, high=1.0), QuantumOut("out", (0,)))
    weights = (
        Weight("scale", ()), Weight("shift", ()), Weight("before", (3,)), Weight("bit_turn", (3,)),
        Weight("coupling", (2,)), Weight("after", (3,)),
    )  # fmt: skip
    return Module("parity-cell", Circuit(2, operations), ports, weights, angles={"loaded": "scale*bit + shift"})


def _turned(name: str, qubit: int) -> tuple[Operation, ...]:
    return tuple(Operation(gate, (qubit,), (cutq.param(f"{name}[{k}]"),)) for k, gate in enumerate(("rz", "ry", "rz")))


def chains(one: Module) -> Composition:
    """Chains of all lengths side by side, with the same weights."""
    whole = Composition("chains")
    for length in LENGTHS:
        whole.add(f"begin{length}", zero())
        for k in range(length):
            whole.add(f"c{length}_{k}", one, tie="cell")
            whole.connect(f"c{length}_{k - 1}.out" if k else f"begin{length}.out", f"c{length}_{k}.in")
    return whole


def data() -> tuple[dict[str, np.ndarray], np.ndarray]:
    """All strings of four bits, of which each chain reads the first ones; targets are 1 for even, -1 for odd."""
    bits = np.array(list(itertools.product((0.0, 1.0), repeat=max(LENGTHS))))
    given = {f"c{length}_{k}.bit": bits[:, k] for length in LENGTHS for k in range(length)}
    return given, np.stack([1 - 2 * (bits[:, :length].sum(axis=1) % 2) for length in LENGTHS], axis=1)


def train(seed: int, starts: int = STARTS, epochs: int = EPOCHS) -> Trained:
    """The best of some starts."""
    whole = chains(cell())
    fit = cutq.train(whole, "squared-error", data(), outputs=[f"Z@c{n}_{n - 1}.out" for n in LENGTHS],
                     optimiser="l-bfgs", epochs=epochs, seed=seed, seeds=starts)  # fmt: skip
    values = {one.name.removeprefix("cell."): one.values for one in whole.weights if one.name.startswith("cell.")}
    module = cell().with_weights(values)
    found = parity_values(module, options(LONG))
    scores = {"accuracy at 256": float((found > 0).mean()), "least margin at 256": float(found.min()),
              "mean margin at 256": float(abs(found).mean())}  # fmt: skip
    return Trained(module, scores, tuple(float(one) for one in fit.losses[:, fit.best]))


def options(length: int) -> dict[str, Any]:
    return {"length": length, "draws": STRINGS, "seed": 0}


def card(trained: Trained) -> Card:
    scores = trained.scores
    long = options(LONG)
    return Card(
        summary="a cell that keeps the parity of the bits it read; learned from strings of two to four bits",
        task="The carry comes in and goes out as |0> for even and |1> for odd; the bit is a number, 0 or 1. Trained on "
        "all strings of two, three and four bits, and promised for chains of 256 cells.",
        limits="Angles are those of an exact cell to about 1e-5, so that the margin falls slowly with the length. The "
        "classical baseline, addition modulo two, is exact.",
        source="this project; exact counterpart: the published module parity-4",
        metrics=(
            Metric(f"accuracy of {LONG} cells, {STRINGS} random strings", "parity_accuracy",
                   scores["accuracy at 256"], 0.0, 1.0, long),
            Metric(f"least <Z> of the right sign, {LONG} cells", "parity_margin",
                   scores["least margin at 256"], 1e-6, 1.0, long),
            *capability_metrics(trained.module),
        ),
    )  # fmt: skip


def baselines() -> Mapping[str, float]:
    """Addition modulo two."""
    return dict.fromkeys(("accuracy at 256", "least margin at 256", "mean margin at 256"), 1.0)


TEXT = """
What the cell learned from chains of two to four cells holds for 256: the loss ends where all angles are those of a
parity gate up to turns that no chain can see. The baseline is addition modulo two, which is exact.
"""

RECIPES = (
    Recipe("parity-cell", train, card, baselines, {
        "optimiser": "l-bfgs", "epochs": EPOCHS, "starts": STARTS,
        "data": f"all strings of {min(LENGTHS)} to {max(LENGTHS)} bits",
        "sha256": digest(*data()[0].values(), data()[1]),
    }, text=TEXT),
)  # fmt: skip
