"""Families of circuits that the benchmarks share: each a circuit, its natural cuts and what is measured.

A *module* is ``layers`` times RY, RZ on each of its wires and a ring of CZ. Angles are named parameters in the order of
their gates, so that values are drawn by :meth:`Case.draw`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

import cutq
from cutq import Circuit, CutPlan, GateCut, Operation, WireCut, param

Source = tuple[int, int]
"""An output wire of a module: (module, wire)."""


@dataclass(frozen=True)
class Case:
    """A circuit with its cuts and observables."""

    circuit: Circuit
    plan: CutPlan
    observables: tuple[str, ...]

    def network(self) -> cutq.Network:
        """The fragments."""
        return cutq.split(self.circuit, self.plan)

    def draw(self, seed: int = 0, rows: int | None = None) -> np.ndarray:
        """Random angles, (P,) or (rows, P)."""
        shape = (len(self.circuit.parameters),) if rows is None else (rows, len(self.circuit.parameters))
        return np.random.default_rng(seed).uniform(-np.pi, np.pi, shape)


def bound(circuit: Circuit, angles: np.ndarray) -> Circuit:
    """The circuit with numbers for its parameters."""
    values = dict(zip(circuit.parameters, np.asarray(angles).tolist(), strict=True))
    fixed = (replace(op, params=tuple(angle.at(values) for angle in op.params)) for op in circuit.operations)
    return Circuit(circuit.num_qubits, tuple(fixed))


@dataclass
class Draft:
    """A circuit in the making: its operations so far, and the last one on each qubit."""

    operations: list[Operation] = field(default_factory=list)
    last: dict[int, int] = field(default_factory=dict)
    named: int = 0

    def add(self, name: str, *qubits: int, angle: object = None) -> int:
        """Append an operation and return its number; ``angle="new"`` names a parameter of its own."""
        if angle == "new":
            angle, self.named = param(f"t{self.named}"), self.named + 1
        self.operations.append(Operation(name, qubits, () if angle is None else (angle,)))
        self.last.update(dict.fromkeys(qubits, len(self.operations) - 1))
        return len(self.operations) - 1

    def module(self, wires: Sequence[int], layers: int) -> None:
        """Append a module on these wires."""
        for _ in range(layers):
            for wire in wires:
                self.add("ry", wire, angle="new")
                self.add("rz", wire, angle="new")
            for k in range(len(wires) if len(wires) > 2 else 1):
                self.add("cz", wires[k], wires[(k + 1) % len(wires)])

    def turn(self, wire: int) -> None:
        """Append a u3 with three angles of its own."""
        angles = tuple(param(f"t{self.named + k}") for k in range(3))
        self.named += 3
        self.operations.append(Operation("u3", (wire,), angles))
        self.last[wire] = len(self.operations) - 1

    def circuit(self) -> Circuit:
        """The circuit of all operations."""
        return Circuit(max(self.last) + 1, tuple(self.operations))


def joined(inputs: Sequence[Sequence[Source]], num_wires: int, layers: int) -> Case:
    """Modules whose first wires continue wires of earlier modules, cut where they are handed over; Z on the last wire.

    Args:
        inputs: for each module the output wires that its first wires continue; its other wires are fresh.
        num_wires: wires of a module.
        layers: layers of a module.
    """
    draft, wires, cuts, used = Draft(), [], [], 0
    for sources in inputs:
        carried = [wires[module][wire] for module, wire in sources]
        cuts += [WireCut(qubit, draft.last[qubit]) for qubit in carried]
        fresh = num_wires - len(carried)
        wires.append([*carried, *range(used, used + fresh)])
        used += fresh
        draft.module(wires[-1], layers)
    return Case(draft.circuit(), CutPlan(tuple(cuts)), (f"Z{wires[-1][-1]}",))


def module_chain(num_wires: int, joints: int, *, shared: int = 1, layers: int = 2) -> Case:
    """``joints + 1`` modules in a row; the last ``shared`` wires of one are the first of the next."""
    out = [num_wires - shared + k for k in range(shared)]
    inputs = [[(module - 1, wire) for wire in out] if module else [] for module in range(joints + 1)]
    return joined(inputs, num_wires, layers)


def module_tree(num_wires: int, modules: int, *, layers: int = 2) -> Case:
    """A binary tree: the last two wires of a module go to its two children."""
    inputs = [[((m - 1) // 2, num_wires - 1 - (m - 1) % 2)] if m else [] for m in range(modules)]
    return joined(inputs, num_wires, layers)


def module_ring(num_wires: int, modules: int, *, layers: int = 2) -> Case:
    """A chain whose first module also hands a wire to the last: one loop of bonds."""
    inputs: list[list[Source]] = [[(m - 1, num_wires - 1)] if m else [] for m in range(modules)]
    inputs[-1].append((0, 0))
    return joined(inputs, num_wires, layers)


def in_blocks(circuit: Circuit, block: int) -> CutPlan:
    """The cuts of every gate between neighbouring blocks of qubits."""
    return CutPlan.from_partition(circuit, [qubit // block for qubit in range(circuit.num_qubits)])


def brick(num_qubits: int, depth: int, block: int) -> Case:
    """``depth`` layers of RY, RZ on each qubit and CZ on every second pair; Z in the middle."""
    draft = Draft()
    for layer in range(depth):
        for qubit in range(num_qubits):
            draft.add("ry", qubit, angle="new")
            draft.add("rz", qubit, angle="new")
        for qubit in range(layer % 2, num_qubits - 1, 2):
            draft.add("cz", qubit, qubit + 1)
    return Case(draft.circuit(), in_blocks(draft.circuit(), block), (f"Z{num_qubits // 2}",))


def staircase(num_qubits: int, depth: int, block: int) -> Case:
    """``depth`` layers of RY, RZ on each qubit and a ladder of CX; Z in the middle."""
    draft = Draft()
    for _ in range(depth):
        for qubit in range(num_qubits):
            draft.add("ry", qubit, angle="new")
            draft.add("rz", qubit, angle="new")
        for qubit in range(num_qubits - 1):
            draft.add("cx", qubit, qubit + 1)
    return Case(draft.circuit(), in_blocks(draft.circuit(), block), (f"Z{num_qubits // 2}",))


def ising(num_qubits: int, steps: int, block: int) -> Case:
    """Trotter steps of the open Ising chain, two angles for each step, measured in its Hamiltonian."""
    draft = Draft()
    for step in range(steps):
        for first in (0, 1):
            for qubit in range(first, num_qubits - 1, 2):
                draft.add("rzz", qubit, qubit + 1, angle=param(f"j{step}"))
        for qubit in range(num_qubits):
            draft.add("rx", qubit, angle=param(f"h{step}"))
    return Case(draft.circuit(), in_blocks(draft.circuit(), block), (ising_hamiltonian(num_qubits),))


def ising_hamiltonian(num_qubits: int) -> str:
    """ZZ on each pair of neighbours and a field: ``2 * num_qubits - 1`` words."""
    return " + ".join([f"Z{q} Z{q + 1}" for q in range(num_qubits - 1)] + [f"0.7*X{q}" for q in range(num_qubits)])


def ladder(num_qubits: int) -> Case:
    """RY, one ladder of CX, RX; cut into pieces of three qubits that share one: a wire cut at every second qubit."""
    draft, cuts = Draft(), []
    for qubit in range(num_qubits):
        draft.add("ry", qubit, angle="new")
    for qubit in range(num_qubits - 1):
        number = draft.add("cx", qubit, qubit + 1)
        if qubit % 2 and qubit < num_qubits - 2:
            cuts.append(WireCut(qubit + 1, number))
    for qubit in range(num_qubits):
        draft.add("rx", qubit, angle="new")
    return Case(draft.circuit(), CutPlan(tuple(cuts)), (f"Z{num_qubits - 1}",))


def two_halves(num_qubits: int, bonds: int, layers: int = 2) -> Case:
    """Two modules side by side and then ``bonds`` CZ between them, followed by RY on every qubit."""
    draft, half = Draft(), num_qubits // 2
    for first in (0, half):
        draft.module(range(first, first + half), layers)
    cuts = [GateCut((draft.add("cz", half - 1 - k, half + k),)) for k in range(bonds)]
    for qubit in range(num_qubits):
        draft.add("ry", qubit, angle="new")
    return Case(draft.circuit(), CutPlan(tuple(cuts)), (f"Z{num_qubits - 1}",))


def dist_vqe(num_qubits: int, cluster: int, *, layers: int = 3) -> Case:
    """Clusters with RY, RZ and CX between all pairs; one CX to the next cluster after every layer but the last."""
    starts = range(0, num_qubits, cluster)
    draft, cuts = Draft(), []
    for layer in range(layers):
        for start in starts:
            _all_to_all(draft, range(start, min(start + cluster, num_qubits)))
        for border in starts[1:] if layer < layers - 1 else ():
            cuts.append(GateCut((draft.add("cx", border - 1, border),)))
    return Case(draft.circuit(), CutPlan(tuple(cuts)), (" ".join(f"Z{q}" for q in range(num_qubits)),))


def _all_to_all(draft: Draft, wires: range) -> None:
    for wire in wires:
        draft.add("ry", wire, angle="new")
        draft.add("rz", wire, angle="new")
    for i in wires:
        for j in range(i + 1, wires.stop):
            draft.add("cx", i, j)
