"""Chains of small modules with so many parameters, and how many circuits each way to their derivatives takes."""

from __future__ import annotations

from benchmarks.families import Case, Draft
from cutq import CutPlan, WireCut

WIRES, LAYERS = 3, 2
EACH = 2 * WIRES * LAYERS
"""Parameters of a module: RX and RY on each of three wires, twice."""

FIRST, MIDDLE, LAST = 3, 12, 4
"""Circuits of a module: three bases where its wire goes out, four states where it comes in."""


def chain(modules: int) -> Case:
    """Modules in a row, each with RX, RY and a staircase of CX, cut at the wire between them; Z on the last wire.

    No rotation commutes with what comes after it, so every parameter counts.
    """
    draft, cuts = Draft(), []
    for m in range(modules):
        first = m * (WIRES - 1)
        if m:
            cuts.append(WireCut(first, draft.last[first]))
        _module(draft, range(first, first + WIRES))
    return Case(draft.circuit(), CutPlan(tuple(cuts)), (f"Z{modules * (WIRES - 1)}",))


def _module(draft: Draft, wires: range) -> None:
    for _ in range(LAYERS):
        for wire in wires:
            draft.add("rx", wire, angle="new")
            draft.add("ry", wire, angle="new")
        for wire in wires[:-1]:
            draft.add("cx", wire, wire + 1)


def variants(modules: int) -> tuple[int, ...]:
    """Circuits of each module for a value.

    >>> variants(1), variants(4)
    ((1,), (3, 12, 12, 4))
    """
    return (1,) if modules == 1 else (FIRST, *[MIDDLE] * (modules - 2), LAST)


def uncut_shift(modules: int) -> int:
    """Two circuits of all qubits for each parameter."""
    return 2 * EACH * modules


def workflow_shift(modules: int) -> int:
    """Two estimates of the value, from all fragments, for each parameter."""
    return 2 * EACH * modules * sum(variants(modules))


def fragment_shift(modules: int) -> int:
    """The value, and the circuits of the one fragment that holds a parameter twice more: ``sum_f V_f (1 + 2 P_f)``.

    >>> fragment_shift(2), workflow_shift(2)
    (175, 336)
    """
    return sum(variants(modules)) * (1 + 2 * EACH)
