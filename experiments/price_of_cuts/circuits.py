"""Small fragments joined in chains, trees, rings and stars, so that nothing but the number of cuts is large."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

import cutq
from benchmarks.families import Case
from benchmarks.shots_cases import haar, link_chain
from cutq import Circuit, CutPlan, Network, Operation, WireCut

PHASE = math.pi / 3
"""Of GHZ states, so that X on all of their qubits has the value cos(PHASE), and uncut shots vary as well."""

LAYERS = 4
"""Of bricks for each wire."""

SHAPES = ("chain", "tree", "ring", "star")


def pass_through(cuts: int, wires: int, seed: int) -> tuple[Network, str]:
    """Fragments that turn ``wires`` wires by a random unitary and pass them on; Z on all of them at the end.

    The whole signal goes through every cut. Chains of one seed end in the same fragments.
    """
    operations, places = list[Operation](), list[WireCut]()
    for number in range(cuts + 1):
        operations += _scrambler(wires, np.random.default_rng([seed, wires, cuts - number]))
        last = {wire: k for k, one in enumerate(operations) for wire in one.qubits}
        places += [WireCut(wire, last[wire]) for wire in range(wires) if number < cuts]
    network = cutq.split(Circuit(wires, tuple(operations)), CutPlan(tuple(places)))
    return network, " ".join(f"Z{wire}" for wire in range(wires))


def _scrambler(wires: int, rng: np.random.Generator) -> list[Operation]:
    """A random unitary; on three wires and more bricks of random gates on two, which come close to one."""
    if wires < 3:
        return [Operation("unitary", tuple(range(wires)), matrix=haar(wires, rng))]
    pairs = [(first, first + 1) for layer in range(LAYERS * wires) for first in range(layer % 2, wires - 1, 2)]
    return [Operation("unitary", pair, matrix=haar(2, rng)) for pair in pairs]


def contractive(cuts: int, seed: int, observable: str) -> tuple[Network, str]:
    """Random gates on the wire that comes in and a fresh one, which is passed on; Z at the end, or on all qubits."""
    network, word = link_chain(cuts, seed, "contractive")
    return network, word if observable == "local" else " ".join(f"Z{qubit}" for qubit in range(cuts + 2))


def parents(shape: str, cuts: int) -> list[int]:
    """For each fragment but the first the one that it continues.

    >>> parents("chain", 3), parents("tree", 4), parents("star", 3)
    ([0, 1, 2], [0, 0, 1, 1], [0, 0, 0])
    """
    of: Mapping[str, Callable[[int], int]] = {"chain": lambda k: k, "tree": lambda k: k // 2, "star": lambda _: 0}
    return [of[shape](k) for k in range(cuts)]


def ghz(shape: str, cuts: int, seed: int) -> Case:
    """A GHZ state made fragment by fragment, and X on all qubits, which needs every cut.

    A fragment has the wire that comes in, a qubit of its own, and one for each wire that it hands on: three wires in a
    chain. Each cut wire is turned by a random gate before the cut and back behind it, which changes no state, but lets
    no letter of the cut be left out. A ring is two chains from the first fragment that meet in the last one; it has as
    many fragments as cuts, the other shapes have one more.
    """
    draft = _Draft(seed)
    if shape == "ring":
        return _ring(draft, cuts)
    for parent in [None, *parents(shape, cuts)]:
        draft.fragment(parent)
    return draft.case()


def _ring(draft: _Draft, cuts: int) -> Case:
    """The wires of both chains meet in a CX, behind which X on one of the two is X on both."""
    half = (cuts - 1) // 2
    for number in range(cuts - 1):
        draft.fragment(None if number == 0 else 0 if number in (1, half + 1) else number - 1)
    draft.fragment(half)
    other = draft.handed(draft.wires[cuts - 2 if cuts - 2 > half else 0])
    draft.operations.append(Operation("cx", (other, draft.wires[-1])))
    return draft.case(draft.wires[-1])


class _Draft:
    """The circuit so far: its operations, where it is cut, and for each fragment the wire that others copy."""

    def __init__(self, seed: int) -> None:
        self.seed, self.used = seed, 0
        self.operations: list[Operation] = []
        self.places: list[WireCut] = []
        self.wires: list[int] = []

    def fresh(self) -> int:
        """A new qubit."""
        self.used += 1
        return self.used - 1

    def fragment(self, parent: int | None) -> None:
        """One more fragment: a wire from its parent, or a first one, and a copy of its own."""
        wire = self.fresh() if parent is None else self.handed(self.wires[parent])
        if parent is None:
            self.operations += [Operation("h", (wire,)), Operation("rz", (wire,), (PHASE,))]
        self.wires.append(wire)
        self.operations.append(Operation("cx", (wire, self.fresh())))

    def handed(self, source: int) -> int:
        """A copy of a wire, cut between a random gate and its inverse."""
        wire, turn = self.fresh(), haar(1, np.random.default_rng([self.seed, len(self.places)]))
        self.operations += [Operation("cx", (source, wire)), Operation("unitary", (wire,), matrix=turn)]
        self.places.append(WireCut(wire, len(self.operations) - 1))
        self.operations.append(Operation("unitary", (wire,), matrix=turn.conj().T))
        return wire

    def case(self, unread: int | None = None) -> Case:
        """All of it, and X on all qubits but one."""
        word = " ".join(f"X{qubit}" for qubit in range(self.used) if qubit != unread)
        return Case(Circuit(self.used, tuple(self.operations)), CutPlan(tuple(self.places)), (word,))


def system(family: str, shape: str, observable: str, cuts: int, wires: int, seed: int) -> tuple[Network, str]:
    """The fragments and what is measured."""
    if family == "unitary":
        return pass_through(cuts, wires, seed)
    if family == "contractive":
        return contractive(cuts, seed, observable)
    case = ghz(shape, cuts, seed)
    return case.network(), case.observables[0]
