"""The encoder that all problems share, its variants with equally many weights, and what is made of its copies."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

import cutq
from cutq.compose.blocks.states import zero
from experiments.parameter_efficiency.problems import INPUTS, Reals

QUBITS, UPLOADS = 4, 4
WEIGHTS = 2 * INPUTS + (UPLOADS + 1) * QUBITS
"""A scale and a shift for each input, four turns after each upload and four at the end: 52, as ``patch-encoder-4``."""

PAIRS = {
    "none": (),
    "pairs": ((0, 1), (2, 3)),
    "chain": ((0, 1), (1, 2), (2, 3)),
    "ring": ((0, 1), (1, 2), (2, 3), (3, 0)),
}
"""Which qubits CX joins, in this order."""

READS = {1: ("Z0",), 4: ("Z0", "Z1", "Z2", "Z3")}
READS[10] = (*READS[4], *(f"Z{a} Z{b}" for a, b in itertools.combinations(range(QUBITS), 2)))
"""What is read of a copy, by how many numbers that are."""


@dataclass(frozen=True)
class Form:
    """Of the encoder; its weights are equally many in all forms.

    Attributes:
        entangler: of :data:`PAIRS`.
        rounds: of the entangler: after each of the four uploads, after each second one, or after the last.
        axis: about which inputs turn, "y" or "x"; weights turn about Z.
        joined: whether a wire goes from each copy into the next one, or a number where the module is classical.
    """

    entangler: str = "ring"
    rounds: int = 4
    axis: str = "y"
    joined: bool = False


def encoder(form: Form, reads: int, seed: int) -> cutq.Module:
    """The encoder with the weights that training begins with.

    Upload l turns qubit q by ``scale * x[4 l + q] + shift``; scales are near 1.5, so that nothing wraps around yet.

    >>> [(weight.name, weight.shape) for weight in encoder(Form(), 4, seed=0).weights]
    [('turn', (5, 4)), ('scale', (16,)), ('shift', (16,))]
    """
    angles = {f"input_{k}": f"scale[{k}]*x[{k}] + shift[{k}]" for k in range(INPUTS)}
    every = tuple(range(QUBITS))
    wires = (cutq.QuantumIn("in", every[:1]), cutq.QuantumOut("out", every[-1:]))
    ports = (
        cutq.ClassicalIn("x", (INPUTS,), low=0.0, high=1.0),
        cutq.ClassicalOut("z", READS[reads]),
        *(wires if form.joined else (cutq.QuantumOut("out", every),)),
    )
    return _started(cutq.Module("encoder", cutq.Circuit(QUBITS, operations(form)), ports, angles=angles), seed)


def operations(form: Form) -> tuple[cutq.Operation, ...]:
    """The gates of a form."""
    found: list[cutq.Operation] = []
    for layer in range(UPLOADS):
        for q in range(QUBITS):
            found.append(cutq.Operation(f"r{form.axis}", (q,), (cutq.param(f"input_{QUBITS * layer + q}"),)))
            found.append(cutq.Operation("rz", (q,), (cutq.param(f"turn[{layer},{q}]"),)))
        if (layer + 1) % (UPLOADS // form.rounds) == 0:
            found += [cutq.Operation("cx", pair) for pair in PAIRS[form.entangler]]
    last = (cutq.Operation("ry", (q,), (cutq.param(f"turn[{UPLOADS},{q}]"),)) for q in range(QUBITS))
    return (*found, *last)


def _started(module: cutq.Module, seed: int) -> cutq.Module:
    rng = np.random.default_rng([seed, 4])
    centres = {"scale": (1.5, 0.3), "shift": (0.0, 0.5), "turn": (0.0, 0.5)}
    return module.with_weights(
        {
            one.name: centres[one.name][0] + rng.uniform(-1, 1, one.shape) * centres[one.name][1]
            for one in module.weights
        }
    )


def tanh_layer(joined: bool, reads: int, seed: int) -> cutq.Module:
    """``W x + b``, which ``tanh`` follows: so many numbers of a copy; with three of them 51 weights.

    Joined, a copy takes the first number of the one before it as a seventeenth input.
    """
    rng, inputs = np.random.default_rng([seed, 6]), INPUTS + joined
    weight = rng.uniform(-1, 1, (reads, inputs)) * np.sqrt(3 / inputs)
    return cutq.classical("linear", inputs, reads).with_weights({"weight": weight, "bias": np.zeros(reads)})


def copies(module: cutq.Module, count: int, *, frozen: bool) -> cutq.Composition:
    """Copies with the same weights, side by side or as a chain."""
    whole = cutq.Composition("copies")
    for k in range(count):
        whole.add(f"p{k}", module, tie="encoder", frozen=frozen)
    if module.quantum_inputs:
        _wired(whole, count)
    elif _takes_a_number(module):
        _linked(whole, count)
    elif module.quantum_outputs:
        whole.discard(*(f"p{k}.out" for k in range(count)))
    return whole


def _wired(whole: cutq.Composition, count: int) -> None:
    """A wire from each copy into the next one; |0> into the first."""
    whole.add("begin", zero())
    for k in range(count):
        whole.connect(f"p{k - 1}.out" if k else "begin.out", f"p{k}.in")
    whole.discard(f"p{count - 1}.out")


def _linked(whole: cutq.Composition, count: int) -> None:
    """A number from each copy into the next one; what is given as ``begin`` into the first."""
    whole.add("begin", cutq.classical("identity", 1))
    for k in range(count):
        whole.add(f"given{k}", cutq.classical("identity", INPUTS))
        whole.connect(f"given{k}.y", f"p{k}.x[0:{INPUTS}]")
        whole.connect(f"p{k - 1}.y[0]" if k else "begin.y", f"p{k}.x[{INPUTS}]", "tanh")


def _takes_a_number(module: cutq.Module) -> bool:
    return module.classical_inputs[0].shape == (INPUTS + 1,)


def data(module: cutq.Module, inputs: Reals) -> dict[str, Reals]:
    """Inputs (rows, copies, 16) as data of copies of a module."""
    linked = _takes_a_number(module)
    found = {f"{'given' if linked else 'p'}{k}.x": inputs[:, k] for k in range(inputs.shape[1])}
    return found | {"begin.x": np.zeros((len(inputs), 1))} if linked else found
