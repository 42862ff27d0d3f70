"""Digits read by a line of four modules, one for each quarter of an image: trained alone, then joined by wires."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

import cutq
from cutq import ClassicalIn, Composition, Module
from cutq.compose.datasets import dataset
from experiments.harness import needed
from experiments.pretrain.digits import PIXELS, patch_encoder
from experiments.worth_of_a_wire.line import PORTS, QUBITS, Line, joined

Reals = NDArray[np.float64]
Labels = NDArray[np.int64]

ORDER = (0, 1, 3, 2)
"""Quarters of an image along the line, so that neighbours touch: top left, top right, bottom right, bottom left."""

CLASSES, FEATURES = 10, QUBITS + QUBITS * (QUBITS - 1) // 2
BATCH, RATE = 32, 0.03
TANH = 4
"""Numbers that a classical module makes of a quarter, with 68 weights; a quantum one has 52, and glue of two wires 28
at each of three borders: 272 beside 208 to 292."""


# --- the models ---


def quarter(seed: int) -> Module:
    """Sixteen pixels on four qubits: the circuit of the published patch encoder with first weights of its own."""
    made = patch_encoder(seed)
    ports = (ClassicalIn("x", (PIXELS,), low=0.0, high=1.0), *PORTS)
    return Module("quarter", made.body, ports, made.weights, made.angles)


def eyes(line: Line, modules: Sequence[Module], frozen: bool = False) -> Composition:
    """A line of modules that measures Z of each wire and ZZ of each two wires of a module, whatever is open."""
    whole = joined(line, modules, frozen)
    for k in range(line.modules):
        ends = [f"Z@{line.place(QUBITS * k + qubit)}" for qubit in range(QUBITS)]
        whole.measure(f"z{k}", *ends, *(f"{a} {b}" for a, b in itertools.combinations(ends, 2)))
    return whole


def tanh_eyes(seed: int) -> Composition:
    """``W x + b`` of each quarter, of which a head is given tanh: classical modules of as many weights."""
    whole, rng = Composition("line"), np.random.default_rng([seed, 11])
    for k in range(len(ORDER)):
        drawn = {"weight": rng.uniform(-0.3, 0.3, (TANH, PIXELS)), "bias": np.zeros(TANH)}
        whole.add(f"b{k}", cutq.classical("linear", PIXELS, TANH).with_weights(drawn))
    return whole


def reader(parts: Composition, head: Head, through: str | None = None) -> Composition:
    """A linear head on all that a line measures."""
    whole = Composition("reader")
    whole.add("eyes", parts)
    whole.add("head", cutq.classical("linear", head.weight.shape[1], CLASSES).with_weights(asdict(head)))
    first = 0
    for port in parts.module.classical_outputs:
        size = int(np.prod(port.shape))
        whole.connect(f"eyes.{port.name}", f"head.x[{first}:{first + size}]", through)
        first += size
    return whole


# --- data and heads ---


def images(part: str, rows: int | None, places: Sequence[int] = ORDER) -> tuple[dict[str, Reals], Labels]:
    """By inputs of a line the pixels of these quarters, (rows, 16) each, and labels; the first rows of a part.

    Raises:
        ExperimentError: scikit-learn is missing, which the digits come with.
    """
    needed("sklearn", "experiments")
    data = dataset("digits")
    inputs, labels = getattr(data, part)[:rows], getattr(data, f"{part}_labels")[:rows]
    return {f"b{k}.x": inputs[:, place] for k, place in enumerate(places)}, labels


@dataclass(frozen=True, eq=False)
class Head:
    """A linear head.

    Attributes:
        weight: (classes, features).
        bias: (classes,).
    """

    weight: Reals
    bias: Reals

    def accuracy(self, features: Reals, labels: Labels) -> float:
        """The share of rows that it names right."""
        return float(((features @ self.weight.T + self.bias).argmax(axis=1) == labels).mean())


def best_head(features: Reals, labels: Labels) -> Head:
    """Multinomial logistic regression with the settings of the published module's card: convex, so without luck."""
    needed("sklearn", "experiments")
    from sklearn.linear_model import LogisticRegression

    found = LogisticRegression(C=10.0, tol=1e-6, max_iter=10_000).fit(features, labels)
    return Head(found.coef_, found.intercept_)


def seen(parts: Composition, width: int | None, inputs: Mapping[str, Reals], through: str | None = None) -> Reals:
    """What a line says of images, (rows, features)."""
    found = np.asarray(parts.compile(max_qubits=width)(data=inputs))
    return np.tanh(found) if through == "tanh" else found


def accuracy(parts: Composition, width: int | None, rows: int | None, through: str | None = None) -> float:
    """The share of test images that the best head for the training images names right."""
    (train, labels), (test, named) = images("train", rows), images("test", None)
    head = best_head(seen(parts, width, train, through), labels)
    return head.accuracy(seen(parts, width, test, through), named)


def pixel_accuracy(rows: int | None) -> float:
    """Logistic regression on all pixels."""
    (train, labels), (test, named) = images("train", rows), images("test", None)
    pixels = [np.concatenate(list(one.values()), axis=1) for one in (train, test)]
    return best_head(pixels[0], labels).accuracy(pixels[1], named)


# --- training ---


@dataclass(frozen=True)
class Plan:
    """How readers are trained.

    Attributes:
        epochs: of Adam on the cross-entropy.
        rows: training images, the first ones; None for all.
        seed: of first weights and of batches.
    """

    epochs: int
    rows: int | None
    seed: int


def fit(parts: Composition, width: int | None, plan: Plan, places: Sequence[int] = ORDER, through: str | None = None
        ) -> None:  # fmt: skip
    """Train a line together with a head that begins as the best one; the line gets the weights of the best epoch."""
    needed("optax", "train")
    inputs, labels = images("train", plan.rows, places)
    whole = reader(parts, best_head(seen(parts, width, inputs, through), labels), through)
    data = ({f"eyes.{name}": pixels for name, pixels in inputs.items()}, labels)
    cutq.train(whole, "cross-entropy", data, max_qubits=width, epochs=plan.epochs, batch_size=BATCH,
               learning_rate=RATE, seed=plan.seed)  # fmt: skip
    moved = {one.name for one in parts.weights if not one.frozen}
    found = {one.name.removeprefix("eyes."): one.values for one in whole.weights}
    parts.assign({name: found[name] for name in moved})


@cache
def pretrained(plan: Plan) -> tuple[Module, ...]:
    """Each quarter's module, trained alone with a head of its own."""
    return tuple(_alone(place, plan) for place in ORDER)


def _alone(place: int, plan: Plan) -> Module:
    module = quarter(4 * plan.seed + place)
    parts = eyes(Line(1, 0), [module])
    fit(parts, QUBITS, plan, (place,))
    return module.with_weights({one.name.removeprefix("b0."): one.values for one in parts.weights})


def trained(line: Line, plan: Plan, frozen: bool) -> Composition:
    """Pretrained modules whose wires were opened, which changes nothing at first, and trained."""
    parts = eyes(line, pretrained(plan), frozen)
    if line.wires or not frozen:
        fit(parts, line.width, plan)
    return parts


def from_scratch(line: Line, plan: Plan) -> Composition:
    """The same circuit from first weights, with the epochs of pretraining added to those of others."""
    parts = eyes(line, [quarter(4 * plan.seed + place) for place in ORDER])
    fit(parts, line.width, replace(plan, epochs=2 * plan.epochs))
    return parts


def classical(plan: Plan) -> Composition:
    """Classical modules, trained for as many epochs as modules alone and joined together."""
    parts = tanh_eyes(plan.seed)
    fit(parts, None, replace(plan, epochs=2 * plan.epochs), through="tanh")
    return parts


# --- seconds ---


def step(parts: Composition, width: int, count: int) -> Callable[[], object]:
    """All that a line measures of so many images, and derivatives of their sum by all weights."""
    inputs, _ = images("train", count)
    model = parts.compile(max_qubits=width)
    ones = np.ones((count, len(model.outputs)))
    return lambda: model.vjp(None, inputs)[1](ones)
