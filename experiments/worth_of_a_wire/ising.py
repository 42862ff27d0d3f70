"""Ising chains made of blocks: ``H = -sum Z_j Z_(j+1) - field sum X_j``, open, four sites for each block."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

import cutq
from cutq import Circuit, Composition, Module, Weight
from cutq.compose.physics import ising_energy, ising_terms
from experiments.pretrain.physics import bricks
from experiments.worth_of_a_wire.line import PORTS, QUBITS, Line, joined, nudge

LAYERS = 2
STARTS, PRETRAINING, SCALE = 4, 200, 0.8
"""Starts and steps of the training of a block alone, of which the best is kept, and the range of first weights."""


def block() -> Module:
    """A real state of four sites; 28 weights without values yet, where any such state has 15 numbers."""
    operations, size = bricks(QUBITS, LAYERS)
    return Module("block", Circuit(QUBITS, operations), PORTS, (Weight("theta", (size,)),))


def hamiltonian(sites: int, field: float, named: Callable[[str, int], str]) -> str:
    """The Hamiltonian of a chain as text, in which a letter at a site is named as asked.

    >>> hamiltonian(2, 0.5, lambda letter, site: f"{letter}{site}")
    '- 1.0*Z0 Z1 - 0.5*X0 - 0.5*X1'
    """
    words = [
        f"{'-' if weight < 0 else '+'} {abs(weight)}*" + " ".join(named(letter, site) for site, letter in word)
        for weight, word in ising_terms(sites, field)
    ]
    return " ".join(words)


def output(line: Line, field: float) -> str:
    """The energy as an output of a line of blocks."""
    return hamiltonian(line.qubits, field, lambda letter, site: f"{letter}@{line.place(site)}")


def exact(line: Line, field: float) -> float:
    """The energy of the ground state, by free fermions."""
    return ising_energy(line.qubits, field)


def relative(energy: float, line: Line, field: float) -> float:
    """How far an energy is above the ground state's, as a share of it."""
    return (energy - exact(line, field)) / abs(exact(line, field))


def energy(whole: Composition, line: Line, field: float) -> float:
    """The energy of a line, from its fragments."""
    return float(whole.compile([output(line, field)], line.width)()[0])


def minimised(whole: Composition, line: Line, field: float, steps: int, width: int | None = None) -> float:
    """The least energy that training finds, whose weights are assigned."""
    fit = cutq.train(whole, "energy", outputs=[output(line, field)], max_qubits=width or line.width,
                     optimiser="l-bfgs", epochs=steps)  # fmt: skip
    return float(fit.losses[-1, fit.best])


@cache
def pretrained(field: float, seed: int) -> Module:
    """A block of least energy alone, the best of some starts."""
    line = Line(1, 0)
    alone = joined(line, [block()])
    cutq.train(alone, "energy", outputs=[output(line, field)], optimiser="l-bfgs", epochs=PRETRAINING, seed=seed,
               seeds=STARTS, scale=SCALE)  # fmt: skip
    return block().with_weights({"theta": alone.weights[0].values})


def trained(line: Line, field: float, *, frozen: bool, steps: int, seed: int) -> Composition:
    """Pretrained blocks whose wires were opened and trained; as they were, wires shut, should that be better.

    With frozen blocks only what joins them is trained, so that without wires nothing is.
    """
    shut, whole = (joined(line, [pretrained(field, seed)] * line.modules, frozen) for _ in range(2))
    if frozen and not line.wires:
        return shut
    nudge(whole, seed)
    found = minimised(whole, line, field, steps)
    return whole if found < energy(shut, line, field) else shut


def from_scratch(line: Line, field: float, *, steps: int, seed: int) -> Composition:
    """The same circuit in one piece, from weights drawn like those of blocks that are trained alone."""
    whole, rng = joined(line, [block()] * line.modules), np.random.default_rng([seed, 8])
    whole.assign({one.name: rng.uniform(-SCALE, SCALE, one.shape) for one in whole.weights})
    minimised(whole, line, field, steps, line.qubits)
    return whole
