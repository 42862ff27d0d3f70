"""Modules of four qubits in a line, joined at w wires of each border, in two ways.

*Glue* acts on the last w wires of a module and the first w of the next. A *link* takes the last w wires of a module
into the whole of the next one, and acts on all of its qubits. Either way, fragments of 4 + w qubits leave w wires to
be cut at each border.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cutq import Circuit, Composition, Module, QuantumIn, QuantumOut, Weight
from experiments.pretrain.physics import bricks

QUBITS = 4
"""Of a module; each has a port of its own, s0 to s3."""

PORTS = tuple(QuantumOut(f"s{qubit}", (qubit,)) for qubit in range(QUBITS))

BREAKING = 0.1
"""Standard deviation of what is added to trained weights before joint training: at points of symmetry, such as ground
states that are even under flips, the slope towards anything better may vanish."""


@dataclass(frozen=True)
class Line:
    """A line of modules.

    Attributes:
        modules: how many.
        wires: that are open at each border; 0 for modules side by side.
        joint: ``"glue"`` or ``"link"``.
    """

    modules: int
    wires: int
    joint: str = "glue"

    @property
    def qubits(self) -> int:
        """Of all modules."""
        return QUBITS * self.modules

    @property
    def width(self) -> int:
        """Qubits of the widest fragment."""
        return QUBITS + self.wires

    def place(self, qubit: int) -> str:
        """Where a qubit of the line is at the end: in what joins its module to others, or in its module.

        >>> [Line(2, 1).place(qubit) for qubit in (0, 3, 4, 7)]
        ['b0.s0', 'g0.s0', 'g0.s1', 'b1.s3']
        >>> [Line(3, 1, "link").place(qubit) for qubit in (2, 3, 4, 7)]
        ['b0.s2', 'g0.s0', 'g0.s1', 'g1.s0']
        """
        k, inside = divmod(qubit, QUBITS)
        if inside >= QUBITS - self.wires and k < self.modules - 1:
            return f"g{k}.s{inside - QUBITS + self.wires}"
        if k > 0 and inside < (self.wires if self.joint == "glue" else QUBITS * bool(self.wires)):
            return f"g{k - 1}.s{self.wires + inside}"
        return f"b{k}.s{inside}"


def joint(line: Line) -> Module:
    """What joins two modules, at first the identity: real gates on 2 w qubits for glue, on 4 + w for a link.

    Glue on two qubits can be any rotation in its four real dimensions. On four it has gates across the border before
    gates beside it, so that it is more than glue on two and what modules could do alone. Links have a layer more than
    wires; with one less the second wire was worth nothing to them.
    """
    size, layers = (2 * line.wires, line.wires) if line.joint == "glue" else (line.width, line.wires + 1)
    operations, numbers = bricks(size, layers)
    ports = (QuantumIn("in", tuple(range(size))), *(QuantumOut(f"s{qubit}", (qubit,)) for qubit in range(size)))
    weights = (Weight("theta", (numbers,), np.zeros(numbers)),)
    return Module(f"{line.joint}-{line.wires}", Circuit(size, operations), ports, weights)


def joined(line: Line, modules: Sequence[Module], frozen: bool = False) -> Composition:
    """Modules b0, b1, ... and what joins them, g0, g1, ...; every weight is of its own."""
    whole = Composition("line")
    for k, module in enumerate(modules):
        whole.add(f"b{k}", module, frozen=frozen)
        if k and line.wires:
            whole.add(f"g{k - 1}", joint(line))
            _connect(whole, line, k)
    return whole


def _connect(whole: Composition, line: Line, k: int) -> None:
    """What joins module k to the one before it."""
    before = Line(k, line.wires, line.joint)  # the line so far: where its last qubits are
    for j in range(line.wires):
        whole.connect(before.place(before.qubits - line.wires + j), f"g{k - 1}.in[{j}]")
    for j in range(line.wires if line.joint == "glue" else QUBITS):
        whole.connect(f"b{k}.s{j}", f"g{k - 1}.in[{line.wires + j}]")


def nudge(whole: Composition, seed: int) -> None:
    """Move the weights that are trained by a little."""
    rng = np.random.default_rng([seed, 7])
    moved = [one for one in whole.weights if not one.frozen]
    whole.assign({one.name: one.values + rng.normal(0.0, BREAKING, one.shape) for one in moved})
