"""Trainable modules of common forms: brickwork, hardware-efficient, and Hamiltonian variational."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence

from cutq.circuits.angles import Angle, param
from cutq.circuits.circuit import Circuit, Operation
from cutq.compose.blocks.sizes import sized
from cutq.compose.card import Card
from cutq.compose.module import Module
from cutq.compose.ports import Numbers, Port, QuantumIn, QuantumOut
from cutq.compose.weight import Weight
from cutq.errors import ModuleError

MOST_QUBITS, MOST_LAYERS = 10_000, 10_000


def brickwork(
    qubits: int, layers: int, *, seed: int | None = None, ports: Iterable[Port | Numbers] | None = None
) -> Module:
    """Layers of RY and RZ on each qubit and CZ on neighbours, every other pair in turn as bricks of a wall.

    Args:
        qubits: how many qubits.
        layers: how many layers; even ones couple the pairs (0, 1), (2, 3), ..., odd ones (1, 2), (3, 4), ...
        seed: of the first weights, uniform in -pi to pi; None leaves the weights ``theta`` (layers, qubits, 2) open.
        ports: its ports; by default ``in`` and ``out`` of all qubits.

    Source: alternating layered ansatz, Cerezo et al., Nat. Commun. 12, 1791 (2021).

    >>> brickwork(4, layers=2)
    Module('brickwork-4-2', 16 weights, in: quantum in, 4 qubits; out: quantum out, 4 qubits)
    """
    qubits, layers = _sizes(qubits, layers)
    operations: list[Operation] = []
    for layer in range(layers):
        operations += _rotations(layer, qubits)
        operations += [Operation("cz", pair) for pair in _bricks(qubits, layer % 2)]
    weight = Weight("theta", (layers, qubits, 2))
    return _made(f"brickwork-{qubits}-{layers}", Circuit(qubits, tuple(operations)), (weight,), ports, seed)


def hardware_efficient(
    qubits: int, layers: int, *, seed: int | None = None, ports: Iterable[Port | Numbers] | None = None
) -> Module:
    """Layers of RY and RZ on each qubit and a ladder of CX, with rotations once more at the end.

    Args:
        qubits: how many qubits.
        layers: how many ladders; one layer of rotations more.
        seed: of the first weights, uniform in -pi to pi; None leaves ``theta`` (layers + 1, qubits, 2) open.
        ports: its ports; by default ``in`` and ``out`` of all qubits.

    Source: Kandala et al., Nature 549, 242 (2017), equation 1.

    >>> hardware_efficient(3, 1).weights[0].shape
    (2, 3, 2)
    """
    qubits, layers = _sizes(qubits, layers)
    operations: list[Operation] = []
    for layer in range(layers):
        operations += _rotations(layer, qubits)
        operations += [Operation("cx", pair) for pair in itertools.pairwise(range(qubits))]
    operations += _rotations(layers, qubits)
    weight = Weight("theta", (layers + 1, qubits, 2))
    return _made(f"hardware-efficient-{qubits}-{layers}", Circuit(qubits, tuple(operations)), (weight,), ports, seed)


def hva(
    qubits: int, layers: int, model: str = "tfim", *, periodic: bool = False, seed: int | None = None,
    ports: Iterable[Port | Numbers] | None = None,
) -> Module:  # fmt: skip
    """Layers of exponentials of a Hamiltonian's terms, all terms of one type with one angle for each layer.

    ``"tfim"``: ``exp(-i gamma/2 ZZ)`` on all bonds, then ``exp(-i beta/2 X)`` on all qubits. ``"heisenberg"``:
    ``exp(-i gamma/2 (XX + YY + ZZ))`` on even bonds, then the same with ``beta`` on odd bonds.

    Args:
        qubits: how many qubits, in a line.
        layers: how many layers; the weights ``gamma`` and ``beta`` have the shape (layers,).
        model: ``"tfim"`` or ``"heisenberg"``.
        periodic: whether the last qubit is a neighbour of the first.
        seed: of the first weights, uniform in -pi to pi; None leaves them open.
        ports: its ports; by default ``in`` and ``out`` of all qubits.

    Source: Wecker, Hastings and Troyer, PRA 92, 042303 (2015); Wiersema et al., PRX Quantum 1, 020319 (2020).

    >>> [(weight.name, weight.shape) for weight in hva(6, 3, "heisenberg").weights]
    [('gamma', (3,)), ('beta', (3,))]
    """
    qubits, layers = _sizes(qubits, layers, least=2)
    if model not in _MODELS:
        raise ModuleError(f"the model is one of {', '.join(map(repr, _MODELS))}, got {model!r}")
    even, odd = _bonds(qubits, periodic)
    operations: list[Operation] = []
    for layer in range(layers):
        operations += _MODELS[model](qubits, even, odd, param(f"gamma[{layer}]"), param(f"beta[{layer}]"))
    weights = [Weight("gamma", (layers,)), Weight("beta", (layers,))]
    if model == "heisenberg" and not odd:
        weights.pop()
    name = f"hva-{model}-{'ring-' if periodic else ''}{qubits}-{layers}"
    return _made(name, Circuit(qubits, tuple(operations)), weights, ports, seed)


Bonds = Sequence[tuple[int, int]]


def _tfim(qubits: int, even: Bonds, odd: Bonds, gamma: Angle, beta: Angle) -> Iterator[Operation]:
    for pair in (*even, *odd):
        yield Operation("rzz", pair, (gamma,))
    for qubit in range(qubits):
        yield Operation("rx", (qubit,), (beta,))


def _heisenberg(qubits: int, even: Bonds, odd: Bonds, gamma: Angle, beta: Angle) -> Iterator[Operation]:
    for pairs, angle in ((even, gamma), (odd, beta)):
        for pair in pairs:
            yield from (Operation(name, pair, (angle,)) for name in ("rxx", "ryy", "rzz"))


_MODELS = {"tfim": _tfim, "heisenberg": _heisenberg}


def _bonds(qubits: int, periodic: bool) -> tuple[Bonds, Bonds]:
    """Even and odd bonds of a line, or of a ring, which has one more where there are more than two qubits."""
    pairs = list(itertools.pairwise(range(qubits)))
    if periodic and qubits > 2:
        if qubits % 2:
            raise ModuleError(f"even and odd bonds of a ring need an even number of qubits, got {qubits}")
        pairs.append((qubits - 1, 0))
    return pairs[::2], pairs[1::2]


def _bricks(qubits: int, first: int) -> Iterator[tuple[int, int]]:
    return ((k, k + 1) for k in range(first, qubits - 1, 2))


def _rotations(layer: int, qubits: int) -> Iterator[Operation]:
    for qubit in range(qubits):
        for which, name in enumerate(("ry", "rz")):
            yield Operation(name, (qubit,), (param(f"theta[{layer},{qubit},{which}]"),))


def _sizes(qubits: object, layers: object, least: int = 1) -> tuple[int, int]:
    return (
        sized("the number of qubits", qubits, least, MOST_QUBITS),
        sized("the number of layers", layers, 1, MOST_LAYERS),
    )


def _made(
    name: str,
    circuit: Circuit,
    weights: Iterable[Weight],
    ports: Iterable[Port | Numbers] | None,
    seed: int | None,
) -> Module:
    everything = tuple(range(circuit.num_qubits))
    chosen = (QuantumIn("in", everything), QuantumOut("out", everything)) if ports is None else tuple(ports)
    card = Card(summary=f"{name}, {sum(one.size for one in weights)} weights" if weights else name)
    module = Module(name, circuit, chosen, tuple(weights), card=card)
    return module if seed is None else module.initialised(seed, math.pi)
