"""Training: digits beside PennyLane's TorchLayer, and a long chain: ``python -m benchmarks.training [--quick]``.

The digits model has the patch encoder of ``experiments/pretrain/digits.py`` four times with the same weights, and a
linear head; cross-entropy, Adam, batches of 32. A step is values, derivatives and the move of Adam. PennyLane gets all
patches of a batch in one call; its layer broadcasts them where the device does, and else runs one after the other. It
is measured on a few batches and scaled to an epoch. Steps in CPU time of one thread, whole trainings in wall time.
"""

from __future__ import annotations

import argparse
import itertools
import time
from typing import Any

import numpy as np

import cutq
from benchmarks.modules import source
from benchmarks.table import Step, Table, at_least, at_most, one_thread, paired, seconds, time_text
from cutq.compose.datasets import Labels, Reals, dataset
from cutq.compose.learn.losses import LOSSES
from cutq.compose.learn.optimisers import Stepper
from cutq.compose.learn.problem import Problem, starts
from cutq.compose.scores import numbers
from experiments.pretrain.digits import (
    BATCH,
    CLASSES,
    EPOCHS,
    LAYERS,
    PATCHES,
    PIXELS,
    QUBITS,
    RATE,
    digits_model,
    fitted,
    images,
    patch_encoder,
)

DEVICES = {"default.qubit": "backprop", "lightning.qubit": "adjoint"}
"""Devices of PennyLane with the fastest way that each has to derivatives."""

RATIO = 20.0
"""How many times faster an epoch of the digits is to be than PennyLane's best."""

CHAIN, WIDTH, STEPS, LIMIT = 100, 6, 100, 3.0
"""Modules of a chain, their qubits, steps of Adam, and in how many seconds."""

DIGITS = Table("PennyLane,cutq step,its step,cutq epoch,its epoch,difference,ratio,target", first=25)
LONG = Table("modules,parameters,compile,100 steps,a step,first energy,last energy,target", first=7)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, and a short chain")
    options = parser.parse_args()
    with one_thread():
        _digits(rounds=1 if options.quick else 5)
        _chain(10 if options.quick else CHAIN)


# --- digits ---


def _digits(rounds: int) -> None:
    data = dataset("digits")
    batches = len(data.train) / BATCH
    DIGITS.head(f"Digits: a step of {BATCH} images, and an epoch of {batches:.1f} steps")
    for device, method in DEVICES.items():
        theirs, values = torch_step(device, method)
        apart = float(np.abs(values - numbers(patch_encoder(0), _batch()[0].reshape(-1, PIXELS))).max())
        clocks = paired(our_step(), theirs, rounds=rounds)
        DIGITS.row(
            f"{device}, {method}", time_text(clocks.ours), time_text(clocks.theirs), time_text(clocks.ours * batches),
            time_text(clocks.theirs * batches), f"{apart:.0e}", clocks.ratio, at_least(clocks.ratio, RATIO),
        )  # fmt: skip
    whole = digits_model(patch_encoder(0))
    taken = seconds(lambda: fitted(whole, 0), clock=time.perf_counter)
    score = (whole.compile()(data=images(data.test)).argmax(axis=1) == data.test_labels).mean()
    print(f"{EPOCHS} epochs of cutq.train, everything included: {taken:.1f} s; test accuracy {score:.3f}")


def our_step() -> Step:
    """One step of what ``cutq.train`` does with a batch."""
    problem = Problem(digits_model(patch_encoder(0)).compile(), LOSSES["cross-entropy"])
    inputs, labels = _batch()
    data, rows = problem.data((images(inputs), labels)), np.arange(BATCH)[None]
    state = [starts(problem.model, 0, 1, 0.3)]
    stepper = Stepper("adam", RATE, state[0])

    def step() -> None:
        _, slopes = problem.slopes(state[0], data, rows)
        state[0] = stepper.step(state[0], slopes)

    return step


def torch_step(device: str, method: str) -> tuple[Step, Reals]:
    """One step of the same model as a TorchLayer, and its first numbers of all patches."""
    import pennylane as qml
    import torch

    weights = {one.name: torch.tensor(np.array(one.values)) for one in patch_encoder(0).weights}
    node = qml.QNode(_circuit, qml.device(device, wires=QUBITS), interface="torch", diff_method=method)
    layer = qml.qnn.TorchLayer(node, {name: tuple(one.shape) for name, one in weights.items()}).double()
    layer.load_state_dict(weights)
    head = torch.nn.Linear(10 * PATCHES, CLASSES, dtype=torch.float64)
    adam = torch.optim.Adam([*layer.parameters(), *head.parameters()], lr=RATE)
    inputs, labels = (torch.tensor(np.array(one)) for one in _batch())

    def step() -> None:
        adam.zero_grad()
        found = layer(inputs.reshape(-1, PIXELS)).reshape(BATCH, -1)
        torch.nn.functional.cross_entropy(head(found), labels).backward()
        adam.step()

    return step, layer(inputs.reshape(-1, PIXELS)).detach().numpy()


def _circuit(inputs: Any, turn: Any, scale: Any, shift: Any) -> Any:
    """The patch encoder with PennyLane's gates; inputs are (16,) or (rows, 16)."""
    import pennylane as qml

    for layer in range(LAYERS):
        for q in range(QUBITS):
            k = QUBITS * layer + q
            qml.RY(scale[k] * inputs[..., k] + shift[k], wires=q)
            qml.RZ(turn[layer, q], wires=q)
        for q in range(QUBITS):
            qml.CNOT(wires=(q, (q + 1) % QUBITS))
    for q in range(QUBITS):
        qml.RY(turn[LAYERS, q], wires=q)
    pairs = [qml.PauliZ(a) @ qml.PauliZ(b) for a, b in itertools.combinations(range(QUBITS), 2)]
    return [qml.expval(one) for one in (*map(qml.PauliZ, range(QUBITS)), *pairs)]


def _batch() -> tuple[Reals, Labels]:
    data = dataset("digits")
    return data.train[:BATCH], data.train_labels[:BATCH]


# --- a long chain ---


def _chain(length: int) -> None:
    LONG.head(f"A chain of modules of {WIDTH} qubits, all weights free: {STEPS} steps of Adam on one energy")
    cell = cutq.ansatz.brickwork(WIDTH, 2, ports=(cutq.QuantumIn("in", (0,)), cutq.QuantumOut("out", (WIDTH - 1,))))
    chain = source() >> cutq.repeat(cell, length)
    chain.assign({one.name: np.random.default_rng(k).uniform(-1, 1, one.shape) for k, one in enumerate(chain.weights)})
    outputs = [f"Z@c{length - 1}.out"]
    compiled = seconds(lambda: chain.compile(outputs), clock=time.perf_counter)
    start = time.perf_counter()
    fit = cutq.train(chain, "energy", outputs=outputs, epochs=STEPS, learning_rate=0.05, seed=0)
    taken = time.perf_counter() - start - compiled
    LONG.row(
        length, len(fit.parameters), time_text(compiled), time_text(taken), time_text(taken / STEPS),
        float(fit.losses[0, 0]), float(fit.losses[-1, 0]), at_most(taken, LIMIT),
    )  # fmt: skip


if __name__ == "__main__":
    main()
