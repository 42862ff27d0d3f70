"""Modules in a row that weak links join: scrambled, linked, and unscrambled again but for small errors.

Without the way back a deep module would leave every value near 2 ** (-n / 2), and zero would be right to 1e-3. With it
the value is near ``cos(t / 2) ** (2 * links)``, whatever the width and the depth, and every gate still counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import cutq
from benchmarks.families import Draft
from cutq import Circuit, CutPlan, GateCut, Network

Reals = NDArray[np.float64]

SHALLOW = 2
"""Layers of a shallow module; a deep one has as many as qubits."""

DRIFT = 0.3
"""Of all angles of a module on its way back, as a root of the sum of their squares."""


@dataclass(frozen=True)
class System:
    """A circuit with its links.

    Attributes:
        circuit, angles: all gates, and values of their parameters.
        links: the numbers of the linking gates.
        observable: the parity of all qubits.
    """

    circuit: Circuit
    angles: Reals
    links: tuple[int, ...]

    @property
    def observable(self) -> str:
        return " ".join(f"Z{qubit}" for qubit in range(self.circuit.num_qubits))

    def network(self) -> Network:
        """The modules, cut at each linking gate."""
        return cutq.split(self.circuit, CutPlan(tuple(GateCut((number,)) for number in self.links)))

    def whole(self) -> Network:
        """The circuit uncut."""
        return cutq.split(self.circuit, CutPlan.uncut())


def angle(strength: float) -> float:
    """Of RZZ, in radians: a strength of 1 is as good as a CZ."""
    return 0.5 * math.pi * strength


def gamma(strength: float, links: int = 1) -> float:
    """Of links that are cut one by one: ``(1 + 2 |sin t|) ** links``.

    >>> round(gamma(1.0), 9), round(gamma(1.0, 2), 9)
    (3.0, 9.0)
    """
    return (1 + 2 * abs(math.sin(angle(strength)))) ** links


def joint_gamma(strength: float, links: int) -> float:
    """Of links between the same modules that are cut together: ``2 (1 + |sin t|) ** links - 1``.

    >>> round(joint_gamma(1.0, 1), 9), round(joint_gamma(1.0, 3), 9)
    (3.0, 15.0)
    """
    return 2 * (1 + abs(math.sin(angle(strength)))) ** links - 1


def system(width: int, modules: int, links: int, strength: float, layers: int, seed: int) -> System:
    """Modules of so many qubits in a row, neighbours joined by so many RZZ."""
    draft, rng = Draft(), np.random.default_rng(seed)
    wires = [range(m * width, (m + 1) * width) for m in range(modules)]
    for own in wires:
        _scramble(draft, own, layers)
    numbers = tuple(_link(draft, wires[m], wires[m + 1], j, strength) for m in range(modules - 1) for j in range(links))
    for own in wires:
        _unscramble(draft, own, layers)
    there = rng.uniform(-np.pi, np.pi, (modules, layers, width, 2))
    drift = rng.normal(0.0, DRIFT / math.sqrt(there[0].size), there.shape)
    back = -there[:, ::-1, :, ::-1] + drift
    return System(draft.circuit(), np.concatenate([there.ravel(), back.ravel()]), numbers)


def _scramble(draft: Draft, wires: range, layers: int) -> None:
    for _ in range(layers):
        for wire in wires:
            draft.add("ry", wire, angle="new")
            draft.add("rz", wire, angle="new")
        for wire in wires[:-1]:
            draft.add("cz", wire, wire + 1)


def _unscramble(draft: Draft, wires: range, layers: int) -> None:
    for _ in range(layers):
        for wire in wires[:-1]:
            draft.add("cz", wire, wire + 1)
        for wire in wires:
            draft.add("rz", wire, angle="new")
            draft.add("ry", wire, angle="new")


def _link(draft: Draft, left: range, right: range, number: int, strength: float) -> int:
    return draft.add("rzz", left[-1 - number], right[number], angle=angle(strength))
