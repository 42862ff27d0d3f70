"""The hybrid model of digits in torch: published encoders, quantum modules that join patches, and a classical head."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

import cutq
from cutq.compose.datasets import dataset
from cutq.interop.torch import Layer
from experiments.pretrain.digits import CLASSES, PATCHES, QUBITS, images, patch_encoder

ARMS = ("frozen", "fine-tuned", "from scratch")
"""Published encoder as it is, published encoder trained further, and a fresh encoder; all else is the same."""

MIXES, LAYERS, WIDTH = 2, 3, 4
BATCH, RATE = 32, 0.03


@dataclass(frozen=True)
class Epoch:
    """What is known after an epoch.

    Attributes:
        number: counted from 1.
        loss: mean cross-entropy on the way, on the training images.
        accuracy: on the test images; nothing is chosen by it.
        confusion: how many test images of each class (rows) are named so (columns).
    """

    number: int
    loss: float
    accuracy: float
    confusion: tuple[tuple[int, ...], ...]


def composition(encoder: cutq.Module, seed: int) -> cutq.Composition:
    """Four encoders with the same weights; wire j of each goes into mix j, a brickwork of one wire of each patch."""
    whole = cutq.Composition("hybrid")
    for patch in range(PATCHES):
        whole.add(f"p{patch}", encoder, tie="encoder")
    for j in range(MIXES):
        # Near to doing nothing at first: random angles would hide from the head what the encoders know.
        mix = cutq.ansatz.brickwork(PATCHES, LAYERS).initialised(1000 * seed + j, 0.3)
        whole.add(f"mix{j}", mix)
        for patch in range(PATCHES):
            whole.connect(f"p{patch}.out[{j}]", f"mix{j}.in[{patch}]")
    return whole


def outputs() -> list[str]:
    """What the head sees: for each patch Z and ZZ of its four wires at their ends, as the encoder was trained for."""
    found = []
    for patch in range(PATCHES):
        mixed = [f"Z@mix{j}.out[{patch}]" for j in range(MIXES)]
        ends = [*mixed, *(f"Z@p{patch}.out[{wire}]" for wire in range(MIXES, QUBITS))]
        found += [*ends, *(f"{a} {b}" for a, b in itertools.combinations(ends, 2))]
    return found


def network(arm: str, seed: int) -> nn.Sequential:
    """The model of an arm, each fragment on at most four qubits."""
    torch.manual_seed(seed)
    encoder = patch_encoder(seed) if arm == "from scratch" else cutq.load_module("patch-encoder-4")
    layer = Layer(composition(encoder, seed).compile(outputs(), max_qubits=WIDTH))
    if arm == "frozen":
        layer.freeze("encoder")
    return nn.Sequential(layer, nn.Linear(len(outputs()), CLASSES, dtype=torch.float64))


def train(arm: str, seed: int, epochs: int, rows: int | None = None) -> Iterator[Epoch]:
    """Train on the training images, or the first of them; the same seed gives the same epochs."""
    data = dataset("digits")
    inputs, labels = _tensors(data.train[:rows]), torch.tensor(data.train_labels[:rows])
    model, order = network(arm, seed), np.random.default_rng([seed, 5])
    adam = torch.optim.Adam([one for one in model.parameters() if one.requires_grad], lr=RATE)
    for number in range(1, epochs + 1):
        total = 0.0
        for batch in torch.tensor(order.permutation(len(labels))).split(BATCH):
            adam.zero_grad()
            loss = nn.functional.cross_entropy(model({name: x[batch] for name, x in inputs.items()}), labels[batch])
            loss.backward()
            adam.step()
            total += loss.item() * len(batch) / len(labels)
        yield _judged(model, number, total)


def _judged(model: nn.Module, number: int, loss: float) -> Epoch:
    data = dataset("digits")
    with torch.no_grad():
        named = model(_tensors(data.test)).argmax(dim=1).numpy()
    confusion = np.zeros((CLASSES, CLASSES), dtype=int)
    np.add.at(confusion, (data.test_labels, named), 1)
    return Epoch(number, loss, float(np.trace(confusion) / len(named)), tuple(map(tuple, confusion.tolist())))


def _tensors(inputs: np.ndarray) -> dict[str, Tensor]:
    return {name: torch.tensor(np.array(x)) for name, x in images(inputs).items()}
