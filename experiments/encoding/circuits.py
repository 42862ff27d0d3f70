"""Features split over modules: chains whose modules are linked by one wire each, or not; and what they cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

import cutq
from cutq import Circuit, CutPlan, Operation, WireCut
from experiments.encoding.encodings import ENCODINGS, Reals, neighbours, turned

LAYERS = 2
"""Of fixed RY and RZ on each wire and CZ of neighbours, after a module's features; then RY."""

FIRST, MIDDLE, LAST = 3, 12, 4
"""Circuits of a module: three bases where its wire goes out, four states where one comes in."""


@dataclass(frozen=True)
class Split:
    """A circuit for features that are split over modules.

    Attributes:
        encoding: of :data:`~experiments.encoding.encodings.ENCODINGS`.
        features, modules: how many.
        circuit: of all modules, with a parameter for each angle that depends on data.
        plan: the cuts of the wires between modules; none where they are not linked.
        blocks: the wires of each module.
    """

    encoding: str
    features: int
    modules: int
    circuit: Circuit
    plan: CutPlan
    blocks: tuple[range, ...]

    def observables(self, letter: str = "Z") -> list[str]:
        """Z of each qubit, then ZZ of each two neighbours, also of different modules; or all in another basis."""
        count = self.circuit.num_qubits
        pairs = (f"{letter}{q} {letter}{q + 1}" for q in range(count - 1))
        return [*(f"{letter}{q}" for q in range(count)), *pairs]

    def network(self, cut: bool = True) -> cutq.Network:
        """Its fragments."""
        return cutq.split(self.circuit, self.plan if cut else CutPlan.uncut())

    def rows(self, x: Reals) -> Reals:
        """Parameters (rows, P) of features (rows, features) with mean 0 and deviation 1."""
        parts = np.split(x, self.modules, axis=1)
        columns = [ENCODINGS[self.encoding].columns(part) for part in parts]
        names = [f"m{m}_{k}" for m, one in enumerate(columns) for k in range(one.shape[1])]
        places = {name: k for k, name in enumerate(names)}
        return np.concatenate(columns, axis=1)[:, [places[name] for name in self.circuit.parameters]]


def fits(encoding: str, features: int, modules: int) -> bool:
    """Whether each module has features, and enough of them."""
    return features % modules == 0 and features // modules >= ENCODINGS[encoding].least


def split(encoding: str, features: int, modules: int, linked: bool, seed: int) -> Split:
    """The circuit of an encoding; without links it is the same one less the gates of the links."""
    own, operations, cuts, last = features // modules, list[Operation](), list[WireCut](), -1
    count = ENCODINGS[encoding].wires(own)
    blocks = tuple(range(m * count, (m + 1) * count) for m in range(modules))
    for m, wires in enumerate(blocks):
        rng = np.random.default_rng([seed, m])
        angles = ENCODINGS[encoding].angles(own, f"m{m}_")
        operations += ENCODINGS[encoding].upload(wires, angles, rng)
        if m and linked:
            cuts.append(WireCut(wires[0] - 1, last))
            operations += _link(wires[0], np.random.default_rng([seed, m, 1]))
        operations += _mixed(wires, rng)
        last = len(operations) - 1
    circuit = Circuit(modules * count, tuple(operations))
    return Split(encoding, features, modules, circuit, CutPlan(tuple(cuts)), blocks)


def _mixed(wires: Sequence[int], rng: np.random.Generator) -> Iterator[Operation]:
    """Fixed layers; the last wire is turned last."""
    for _ in range(LAYERS):
        yield from turned(wires, rng)
        yield from neighbours(wires)
    yield from (Operation("ry", (wire,), (float(rng.uniform(-np.pi, np.pi)),)) for wire in wires)


def _link(wire: int, rng: np.random.Generator) -> Iterator[Operation]:
    """The wire that came in meets the module's first one: CZ, RY on both, CZ."""
    yield Operation("cz", (wire - 1, wire))
    yield from (Operation("ry", (one,), (float(rng.uniform(-np.pi, np.pi)),)) for one in (wire - 1, wire))
    yield Operation("cz", (wire - 1, wire))


# --- prices ---


def formula(modules: int, linked: bool) -> int:
    """Circuits for a sample: one for each module, or 3 + 12 (m - 2) + 4 where they are linked.

    >>> formula(4, False), formula(1, True), formula(2, True), formula(4, True)
    (4, 1, 7, 31)
    """
    if not linked or modules == 1:
        return modules
    return FIRST + MIDDLE * (modules - 2) + LAST


def gates(circuit: Circuit) -> tuple[int, int]:
    """Gates on one and on two qubits, of all modules."""
    pairs = sum(len(op.qubits) == 2 for op in circuit.operations)
    return len(circuit.operations) - pairs, pairs


def depth(case: Split) -> int:
    """Gates one after another in the deepest fragment: after a cut a wire begins anew."""
    cuts = {(cut.qubit, cut.after) for cut in case.plan.cuts}
    at, deepest = dict.fromkeys(range(case.circuit.num_qubits), 0), 0
    for number, op in enumerate(case.circuit.operations):
        after = 1 + max(at[qubit] for qubit in op.qubits)
        deepest = max(deepest, after)
        at.update((qubit, 0 if (qubit, number) in cuts else after) for qubit in op.qubits)
    return deepest
