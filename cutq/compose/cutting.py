"""Cuts between modules: the wires that join them, but for those inside groups that fit a device together."""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Sequence

import numpy as np

from cutq.circuits.circuit import Circuit
from cutq.compose.circuits import Layout
from cutq.compose.names import shown
from cutq.errors import CompositionError, PlanError
from cutq.network.cuts import GateCut, WireCut, cut_text
from cutq.network.network import Network, Step
from cutq.network.plan import CutPlan
from cutq.network.split import split
from cutq.search.find import find_cuts
from cutq.search.options import Search

SECONDS = 2.0
"""How long to look for cuts inside a module that is too wide, to name them in an error."""


def cut(layout: Layout, max_qubits: int | None, names: Sequence[str]) -> Network:
    """The network of a circuit of modules, cut between them.

    Args:
        layout: the circuit.
        max_qubits: modules are kept together while their fragment has no more qubits; None cuts every wire.
        names: of the leaves, for errors.

    Raises:
        CompositionError: a module has a connected part that is wider.
    """
    check_width(max_qubits)
    group = _groups(layout, max_qubits)
    cuts = [
        WireCut(qubit, number)
        for qubit, runs in enumerate(layout.runs)
        for (unit, number), (after, _) in itertools.pairwise(runs)
        if group[unit] != group[after]
    ]
    network = split(layout.laid.circuit, CutPlan(tuple(cuts)))
    if max_qubits is not None and max(network.widths, default=0) > max_qubits:
        raise CompositionError(_too_wide(layout, network, max_qubits, names))
    return network


def check_width(max_qubits: object) -> None:
    """Raise :class:`PlanError` where it is no number of qubits."""
    whole = isinstance(max_qubits, int | np.integer) and not isinstance(max_qubits, bool) and max_qubits >= 1
    if max_qubits is not None and not whole:
        raise PlanError(f"max_qubits is a whole number from 1 or None, got {shown(max_qubits)}")


def _groups(layout: Layout, max_qubits: int | None) -> list[int]:
    """For each unit its group; neighbours that share most wires come together first."""
    count = max(layout.units, default=-1) + 1
    group = list(range(count))
    if max_qubits is None:
        return group
    width = Counter[int](unit for runs in layout.runs for unit, _ in runs)
    shared: list[Counter[int]] = [Counter() for _ in range(count)]
    for runs in layout.runs:
        for (unit, _), (after, _) in itertools.pairwise(runs):
            shared[unit][after] += 1
            shared[after][unit] += 1
    heap = [(-wires, one, other) for one in range(count) for other, wires in shared[one].items() if one < other]
    heapq.heapify(heap)
    while heap:
        wires, one, other = heapq.heappop(heap)
        if shared[one][other] != -wires or width[one] + width[other] + wires > max_qubits:
            continue
        width[one] += width[other] + wires
        group[other] = one
        for third, number in shared[other].items():
            del shared[third][other]
            if third != one:
                shared[one][third] += number
                shared[third][one] += number
                heapq.heappush(heap, (-shared[one][third], min(one, third), max(one, third)))
        shared[other].clear()
    return [_root(group, unit) for unit in range(count)]


def _root(group: list[int], unit: int) -> int:
    while group[unit] != unit:
        group[unit] = group[group[unit]]
        unit = group[unit]
    return unit


def _too_wide(layout: Layout, network: Network, max_qubits: int, names: Sequence[str]) -> str:
    """What to say of the widest fragment, with the cheapest cuts that would help."""
    widest = max(network.fragments, key=lambda fragment: fragment.width)
    # Legs carry the number of the operation that they are cut after, which is no part of the fragment.
    numbers = [item.number for item in widest.items if isinstance(item, Step)]
    owner = layout.laid.owners[numbers[0]]
    qubits = sorted({segment.qubit for segment in widest.segments})
    return (
        f"a fragment fits max_qubits={max_qubits}, but module {names[owner]!r} has a connected part of {widest.width} "
        f"qubits; {_help(layout.laid.circuit, numbers, qubits, max_qubits)}"
    )


def _help(circuit: Circuit, numbers: Sequence[int], qubits: Sequence[int], max_qubits: int) -> str:
    """The cheapest cuts inside the part of a circuit, in the numbers of the circuit."""
    local = {qubit: k for k, qubit in enumerate(qubits)}
    ops = (circuit.operations[number] for number in numbers)
    piece = Circuit(len(qubits), tuple(op.on(tuple(local[q] for q in op.qubits)) for op in ops))
    try:
        plan = find_cuts(piece, max_qubits=max_qubits, search=Search(time_limit=SECONDS))
    except PlanError:
        return "no cuts inside it make it fit; raise max_qubits"
    cuts = [
        WireCut(qubits[one.qubit], numbers[one.after])
        if isinstance(one, WireCut)
        else GateCut(tuple(numbers[k] for k in one.ops))
        for one in plan.cuts[:4]
    ]
    listed = ", ".join(map(cut_text, cuts)) + (", ..." if len(plan.cuts) > 4 else "")
    return (
        f"the cheapest cuts found inside it are {len(plan.cuts)} of gamma {plan.gamma:.6g} ({listed}, in the "
        "numbers of circuit()): cut the whole with find_cuts(composition.circuit(), ...), or raise max_qubits"
    )
