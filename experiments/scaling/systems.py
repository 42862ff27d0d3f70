"""Systems of k modules of n qubits: chains, trees, rings and grids, each with its natural cuts.

A module is two layers of RX, RY on each wire and a staircase of CX. Back along a staircase, Z on the last wire comes to
act on all wires: no gate of a system lies outside of the light cone of what is measured, Z on the last wire of all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from benchmarks.families import Case, Draft, Source
from cutq import CutPlan, WireCut

LAYERS = 2

Inputs = list[list[Source]]
"""For each module the (module, wire) that its first wires continue."""


def module(draft: Draft, wires: Sequence[int]) -> None:
    """Append a module on these wires."""
    for _ in range(LAYERS):
        for wire in wires:
            draft.add("rx", wire, angle="new")
            draft.add("ry", wire, angle="new")
        for first, second in pairwise(wires):
            draft.add("cx", first, second)


def joined(inputs: Inputs, num_wires: int) -> Case:
    """Modules cut from each other where wires are handed over."""
    draft, wires, cuts, used = Draft(), [], [], 0
    for sources in inputs:
        carried = [wires[source][wire] for source, wire in sources]
        cuts += [WireCut(qubit, draft.last[qubit]) for qubit in carried]
        fresh = num_wires - len(carried)
        wires.append([*carried, *range(used, used + fresh)])
        used += fresh
        module(draft, wires[-1])
    return Case(draft.circuit(), CutPlan(tuple(cuts)), (f"Z{wires[-1][-1]}",))


def chain(num_wires: int, modules: int, shared: int) -> Inputs:
    """The last wires of a module are the first of the next."""
    out = range(num_wires - shared, num_wires)
    return [[(m - 1, wire) for wire in out] if m else [] for m in range(modules)]


def tree(num_wires: int, modules: int, shared: int) -> Inputs:
    """A binary tree from its leaves to its root: two modules hand their last wire to a third."""
    children = [[c for c in (2 * m + 1, 2 * m + 2) if c < modules] for m in range(modules)]
    return [[(modules - 1 - c, num_wires - 1) for c in children[m]] for m in reversed(range(modules))]


def ring(num_wires: int, modules: int, shared: int) -> Inputs:
    """A chain whose first module also hands its first wire to the last."""
    found = chain(num_wires, modules, 1)
    found[-1].append((0, 0))
    return found


def grid(num_wires: int, modules: int, shared: int) -> Inputs:
    """Three rows: each module hands its last wire to the right and the one before down."""
    right, down = num_wires - 1, num_wires - 2

    def sources(m: int) -> list[Source]:
        left = [(m - ROWS, right)] if m >= ROWS else []
        return left + ([(m - 1, down)] if m % ROWS else [])

    return [sources(m) for m in range(modules)]


ROWS = 3

SHAPES: Mapping[str, Callable[[int, int, int], Inputs]] = {"chain": chain, "tree": tree, "ring": ring, "grid": grid}


def system(shape: str, num_wires: int, modules: int, shared: int = 1) -> Case:
    """The circuit of a system with its cuts, and Z on the last wire of its last module."""
    return joined(SHAPES[shape](num_wires, modules, shared), num_wires)
