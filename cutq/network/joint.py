"""What a joint cut is made of: its gates shared out to groups, stars, runs and single gates for the smallest bond.

A gate of rank 2 with an eigenbasis on a qubit may belong to the star of such gates there, at either of its ends: so
stars that hold all gates are nodes that cover the edges of a bipartite graph, and the fewest come from a largest
matching (Koenig's theorem). Which gates become runs is chosen outside of that, by comparing.
"""

from __future__ import annotations

import functools
import itertools
import math
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import networkx as nx
from networkx.algorithms.bipartite import hopcroft_karp_matching, to_vertex_cover
from networkx.utils import UnionFind

from cutq.circuits.circuit import Circuit
from cutq.network.cuts import GateCut
from cutq.network.groups import group_components
from cutq.network.network import Component, Segment
from cutq.network.runs import CutGate, Runs, Stretch, run_choices, run_stretches
from cutq.network.stars import STAR_RANK, arm, keeps
from cutq.network.wires import Wires, cut_wires

MOST_CHOICES = 64
"""Choices of runs that are all compared; beyond, those next to all runs and next to none."""


@dataclass(frozen=True)
class Hub:
    """Where gates meet as one star.

    Attributes:
        end: the end of the bond.
        segment: the qubit.
        basis: the reflection that they commute with.
        age: how many operations before them on that segment do not commute with it.
    """

    end: int
    segment: Segment
    basis: str
    age: int


Hubs = dict[tuple[int, int], Hub]
"""By the position of a gate and an end: the hub that the gate has there."""


def joint_components(wires: Wires, gates: Sequence[CutGate]) -> tuple[Component, ...]:
    """The components of a joint cut in the order of their first gates.

    The product of their dimensions is the smallest there is unless many gates follow each other on one pair of qubits
    (``MOST_CHOICES`` here, ``MOST_PIECES`` in :mod:`cutq.network.runs`). Of equal ones it is the one of the fewest
    components, then of the longest runs.

    >>> from cutq.circuits.circuit import Operation
    >>> from cutq.network.wires import cut_wires
    >>> wires = cut_wires(Circuit(3, (Operation("cx", (0, 1)), Operation("cz", (0, 2)))), ())
    >>> cut = [CutGate(k, k, op, wires.at[k], False) for k, op in enumerate(wires.circuit.operations)]
    >>> [(component.ops, component.dim) for component in joint_components(wires, cut)]
    [((0, 1), 2)]
    """
    groups = group_components(wires, gates)
    found = [*groups, *_shared(wires, _without(gates, groups))]
    if groups:
        found = min(found, _shared(wires, gates), key=_size)
    return tuple(sorted(found, key=lambda component: component.ops))


def _shared(wires: Wires, gates: Sequence[CutGate]) -> list[Component]:
    """The components where no group is one."""
    hubs = _hubs(wires, gates)
    stretches = run_stretches(wires, gates)
    found: list[Component] = []
    for group in _linked(gates, stretches, hubs):
        members = {gate.position for gate in group}
        choices = [run_choices(wires, stretch) for stretch in stretches if stretch[0].position in members]
        runs = _best_runs(group, choices, hubs)
        found += [*runs, *_stars(_without(group, runs), hubs)]
    return found


def joint_cuts(circuit: Circuit, labels: Sequence[object], crossing: Iterable[int]) -> list[GateCut]:
    """The gates between qubits of different labels as cuts, those of one group, star or run together.

    Args:
        circuit: the circuit.
        labels: a label for each qubit.
        crossing: numbers of the gates.
    """
    crossing = tuple(crossing)
    wires = replace(cut_wires(circuit, ()), cut_gates=frozenset(crossing))
    order = {label: k for k, label in enumerate(dict.fromkeys(labels))}
    between: dict[tuple[int, ...], list[CutGate]] = {}
    for number in crossing:
        first, second = wires.at[number]
        ranks = order[labels[first.qubit]], order[labels[second.qubit]]
        own = between.setdefault(tuple(sorted(ranks)), [])
        flipped = ranks[0] > ranks[1]
        ends = (second, first) if flipped else (first, second)
        own.append(CutGate(len(own), number, circuit.operations[number], ends, flipped))
    return [_as_cut(component, gates) for gates in between.values() for component in joint_components(wires, gates)]


def _as_cut(component: Component, gates: Sequence[CutGate]) -> GateCut:
    """The cut of a component, whose first side is the hub of a star, and else what is at end 0."""
    own = [gates[position] for position in component.ops]
    side = None if len(own) == 1 else tuple({gate.ends[component.hub or 0].qubit: None for gate in own})
    return GateCut(tuple(gate.number for gate in own), side)


def _linked(gates: Sequence[CutGate], stretches: Iterable[Stretch], hubs: Hubs) -> list[list[CutGate]]:
    """Gates that no hub and no stretch joins can be decided apart."""
    union = UnionFind(gate.position for gate in gates)
    at_hub: dict[Hub, list[int]] = {}
    for (position, _), hub in hubs.items():
        at_hub.setdefault(hub, []).append(position)
    for joined in (*at_hub.values(), *([gate.position for gate in stretch] for stretch in stretches)):
        union.union(*joined)
    groups: dict[int, list[CutGate]] = {}
    for gate in gates:
        groups.setdefault(union[gate.position], []).append(gate)
    return list(groups.values())


def _hubs(wires: Wires, gates: Sequence[CutGate]) -> Hubs:
    """The hubs of the gates of rank 2, where they have one."""

    @functools.cache
    def leaving(segment: Segment, basis: str) -> list[int]:
        return [
            number
            for number in wires.on[segment]
            if not keeps(wires.circuit.operations[number], wires.at[number].index(segment), basis)
        ]

    found = {}
    for gate, end in itertools.product(gates, (0, 1)):
        seen = arm(gate.operation, gate.qubit_at(end)) if gate.rank == STAR_RANK else None
        if seen is not None:
            age = bisect_left(leaving(gate.ends[end], seen.basis), gate.number)
            found[gate.position, end] = Hub(end, gate.ends[end], seen.basis, age)
    return found


def _stars(gates: Sequence[CutGate], hubs: Hubs) -> list[Component]:
    """As few stars as can hold all gates that have a hub; of one gate, and of any other, the gate itself."""
    places = _places(gates, hubs)
    held = cover([places[gate.position] for gate in gates if gate.rank == STAR_RANK])
    groups: dict[object, list[CutGate]] = {}
    for gate in gates:
        owner = next((place for place in places[gate.position] if place in held), gate.position)
        groups.setdefault(owner, []).append(gate)
    return [_star(owner, group) for owner, group in groups.items()]


_Place = TypeVar("_Place", bound=Hashable)

Place = Hub | tuple[int, int]
"""Where a gate may be held at one end: at a hub, or at (position, end) for itself."""


def _places(gates: Iterable[CutGate], hubs: Hubs) -> dict[int, tuple[Place, Place]]:
    def place(position: int, end: int) -> Place:
        return hubs.get((position, end), (position, end))

    return {gate.position: (place(gate.position, 0), place(gate.position, 1)) for gate in gates}


def cover(edges: Sequence[tuple[_Place, _Place]]) -> set[_Place]:
    """The fewest places that hold an end of every edge, first ends on one side and second ends on the other.

    They are the same ones on every run, so they are numbered.

    >>> cover([("hub", "a"), ("hub", "b"), ("c", "d")]) in ({"hub", "c"}, {"hub", "d"})
    True
    """
    places = list(dict.fromkeys(itertools.chain.from_iterable(edges)))
    number = {place: k for k, place in enumerate(places)}
    graph = nx.Graph((number[first], number[second]) for first, second in edges)
    top = sorted({number[first] for first, _ in edges})
    return {places[k] for k in to_vertex_cover(graph, hopcroft_karp_matching(graph, top), top)}


def _star(owner: object, gates: Sequence[CutGate]) -> Component:
    ops = tuple(gate.position for gate in gates)
    if isinstance(owner, Hub) and len(gates) > 1:
        return Component(ops, hub=owner.end, basis=owner.basis)
    return Component(ops, gates[0].operation, gates[0].flipped)


def _best_runs(gates: Sequence[CutGate], choices: Sequence[Sequence[Runs]], hubs: Hubs) -> Runs:
    """The runs, of one choice for each stretch, with which everything costs least."""

    def cost(some: Sequence[Runs]) -> tuple[float, int]:
        runs = tuple(itertools.chain.from_iterable(some))
        return _cost(gates, runs, hubs)

    if math.prod(map(len, choices)) <= MOST_CHOICES:
        some: Iterable[Sequence[Runs]] = itertools.product(*choices)
    else:
        some = [_descended([several[end] for several in choices], choices, cost) for end in (0, -1)]
    best: Sequence[Runs] = min(some, key=cost)
    return tuple(itertools.chain.from_iterable(best))


def _descended(
    start: list[Runs], choices: Sequence[Sequence[Runs]], cost: Callable[[Sequence[Runs]], tuple[float, int]]
) -> list[Runs]:
    """One choice for each stretch, found by improving one after the other once."""
    chosen = start
    for k, several in enumerate(choices):
        chosen = min(([*chosen[:k], one, *chosen[k + 1 :]] for one in (chosen[k], *several)), key=cost)
    return chosen


def _cost(gates: Sequence[CutGate], runs: Runs, hubs: Hubs) -> tuple[float, int]:
    return _size([*runs, *_stars(_without(gates, runs), hubs)])


def _size(found: Sequence[Component]) -> tuple[float, int]:
    """Virtual qubits of the bond and number of its components."""
    return sum(math.log2(component.dim) for component in found), len(found)


def _without(gates: Iterable[CutGate], runs: Iterable[Component]) -> list[CutGate]:
    taken = {position for run in runs for position in run.ops}
    return [gate for gate in gates if gate.position not in taken]
