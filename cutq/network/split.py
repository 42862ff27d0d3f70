"""From a circuit and a plan to a network: fragments are the connected components of what the cuts leave."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from networkx.utils import UnionFind

from cutq.circuits.circuit import Circuit, Operation
from cutq.errors import PlanError
from cutq.network.cuts import Cut, GateCut, WireCut, cut_text
from cutq.network.joint import joint_components
from cutq.network.layout import layout
from cutq.network.network import Bond, Component, Fragment, Leg, Network, Segment, Slot, Step
from cutq.network.plan import CutPlan
from cutq.network.protocols import schmidt_form
from cutq.network.runs import CutGate
from cutq.network.stars import arm
from cutq.network.wires import Wires, cut_wires

Ends = tuple[Segment, Segment]
"""The two segments that a cut separates: at end 0 and at end 1 of its bond."""


def split(circuit: Circuit, plan: CutPlan) -> Network:
    """The network of fragments that a plan makes of a circuit.

    Raises:
        PlanError: a cut points at nothing, or two cuts contradict each other.

    >>> from cutq.circuits.circuit import Operation
    >>> circuit = Circuit(2, (Operation("h", (0,)), Operation("cx", (0, 1))))
    >>> split(circuit, CutPlan((GateCut((1,)),))).widths
    (1, 1)
    """
    if not isinstance(circuit, Circuit) or not isinstance(plan, CutPlan):
        raise PlanError(
            f"split takes a cutq.Circuit and a cutq.CutPlan, got {type(circuit).__name__} and {type(plan).__name__}; "
            "see cutq.from_qiskit and cutq.CutPlan((cut, ...))"
        )
    _check(circuit, plan.cuts)
    if plan.order is None:
        return _split(circuit, plan.cuts)
    laid = layout(circuit, plan)
    return laid.restored(_split(laid.laid_out, [laid.moved(cut) for cut in plan.cuts]), plan)


def _split(circuit: Circuit, cuts: Sequence[Cut]) -> Network:
    """The network of a circuit whose operations are run in their own order; its bonds are in the order of the cuts."""
    wires = cut_wires(circuit, cuts)
    separated = _separated(circuit, cuts, wires)
    members = _components(wires, [*_uncut_pairs(circuit, cuts, wires), *_ties(separated)])
    places = {segment: (f, local) for f, group in enumerate(members) for local, segment in enumerate(group)}
    bonds = tuple(_bond(circuit, cut, ends, wires, places) for cut, ends in zip(cuts, separated, strict=True))
    legs = _legs(bonds, separated, places, len(members))
    items = _items(circuit, bonds, separated, wires, places, legs)
    return Network(
        circuit.num_qubits,
        tuple(
            Fragment(tuple(group), tuple(items[f]), tuple(legs[f]), tuple(s.qubit for s in group if s in wires.last))
            for f, group in enumerate(members)
        ),
        bonds,
        global_phase=circuit.global_phase,
        groups=circuit.groups,
        metadata=circuit.metadata,
    )


def _separated(circuit: Circuit, cuts: Sequence[Cut], wires: Wires) -> list[tuple[Ends, ...]]:
    """For each cut what it separates: one pair of segments for a wire, one for each gate of a gate cut."""
    groups = _components(wires, _uncut_pairs(circuit, cuts, wires))
    home = {segment: f for f, group in enumerate(groups) for segment in group}
    return [
        _gate_ends(circuit, cut, wires, home) if isinstance(cut, GateCut) else (_wire_ends(circuit, cut, wires),)
        for cut in cuts
    ]


def _wire_ends(circuit: Circuit, cut: WireCut, wires: Wires) -> Ends:
    before = wires.at[cut.after][circuit.operations[cut.after].qubits.index(cut.qubit)]
    return before, Segment(before.qubit, before.piece + 1)


def _gate_ends(circuit: Circuit, cut: GateCut, wires: Wires, home: dict[Segment, int]) -> tuple[Ends, ...]:
    """The ends of each gate: as the cut's ``side`` says, else so that each end meets as few components as it can."""
    found: list[Ends] = []
    met: tuple[set[int], set[int]] = (set(), set())
    for number in cut.ops:
        first, second = wires.at[number]
        if cut.side is not None:
            flip = circuit.operations[number].qubits[1] in cut.side
        else:
            straight = (home[first] in met[0]) + (home[second] in met[1])
            flip = (home[second] in met[0]) + (home[first] in met[1]) > straight
        found.append((second, first) if flip else (first, second))
        for end, segment in enumerate(found[-1]):
            met[end].add(home[segment])
    return tuple(found)


def _uncut_pairs(circuit: Circuit, cuts: Sequence[Cut], wires: Wires) -> list[tuple[Segment, ...]]:
    cut_gates = {number for cut in cuts if isinstance(cut, GateCut) for number in cut.ops}
    return [pair for number, pair in enumerate(wires.at) if len(pair) == 2 and number not in cut_gates]


def _ties(separated: Iterable[tuple[Ends, ...]]) -> list[tuple[Segment, ...]]:
    """A leg lies in one fragment, so all segments at one end of a joint cut belong together."""
    return [tuple(pair[end] for pair in pairs) for pairs in separated for end in (0, 1)]


def _components(wires: Wires, together: Sequence[tuple[Segment, ...]]) -> list[list[Segment]]:
    """Groups of segments that belong together; in each, those that reach the end of the circuit come first."""
    union = UnionFind(wires.segments)
    for group in together:
        union.union(*group)
    groups: dict[Segment, list[Segment]] = {}
    for segment in wires.segments:
        groups.setdefault(union[segment], []).append(segment)
    return [sorted(group, key=lambda segment: segment not in wires.last) for group in groups.values()]


Places = dict[Segment, tuple[int, int]]
"""For each segment its fragment and its position there."""


def _bond(circuit: Circuit, cut: Cut, separated: tuple[Ends, ...], wires: Wires, places: Places) -> Bond:
    first, second = separated[0]
    fragments = (places[first][0], places[second][0])
    if isinstance(cut, WireCut):
        return Bond(cut, fragments)
    ops = tuple(circuit.operations[number] for number in cut.ops)
    flipped = tuple(pair != wires.at[number] for number, pair in zip(cut.ops, separated, strict=True))
    if len(ops) == 1:
        return Bond(cut, fragments, ops, flipped, (Component((0,), ops[0], flipped[0]),))
    gates = [CutGate(k, *rest) for k, rest in enumerate(zip(cut.ops, ops, separated, flipped, strict=True))]
    return Bond(cut, fragments, ops, flipped, joint_components(wires, gates))


def _legs(
    bonds: Sequence[Bond], separated: Sequence[tuple[Ends, ...]], places: Places, num_fragments: int
) -> list[list[Leg]]:
    """The legs of each fragment, by bond."""
    legs: list[list[Leg]] = [[] for _ in range(num_fragments)]
    for position, (bond, pairs) in enumerate(zip(bonds, separated, strict=True)):
        for end, fragment in enumerate(bond.ends):
            segment = None if bond.ops else places[pairs[0][end]][1]
            legs[fragment].append(Leg(position, end, bond.dims, segment))
    return legs


def _items(
    circuit: Circuit,
    bonds: Sequence[Bond],
    separated: Sequence[tuple[Ends, ...]],
    wires: Wires,
    places: Places,
    legs: Sequence[Sequence[Leg]],
) -> list[list[Step | Slot]]:
    """The operations and slots of each fragment, in the order of their numbers."""
    carried = _carried(bonds)
    instead = _instead(bonds, separated, places, legs)
    items: list[list[Step | Slot]] = [[] for _ in legs]
    for number, op in enumerate(circuit.operations):
        if number in carried:
            for fragment, item in instead.get(number, ()):
                items[fragment].append(item)
        else:
            local = tuple(places[segment][1] for segment in wires.at[number])
            items[places[wires.at[number][0]][0]].append(Step(number, op.on(local)))
    return items


def _carried(bonds: Sequence[Bond]) -> set[int]:
    """Numbers of the operations that bonds carry."""
    gates = {number for bond in bonds if isinstance(bond.cut, GateCut) for number in bond.cut.ops}
    return gates | {number for bond in bonds for component in bond.components for number, _ in component.inner}


def _instead(
    bonds: Sequence[Bond],
    separated: Sequence[tuple[Ends, ...]],
    places: Places,
    legs: Sequence[Sequence[Leg]],
) -> dict[int, list[tuple[int, Step | Slot]]]:
    """What stands in place of the operations that are cut, by their numbers, each with the fragment that holds it."""
    leg_at = {(leg.bond, leg.end): position for own in legs for position, leg in enumerate(own)}
    found: dict[int, list[tuple[int, Step | Slot]]] = {}
    for position, (bond, pairs) in enumerate(zip(bonds, separated, strict=True)):
        for index, component in enumerate(bond.components):
            for number, end, segments, letters in _acts(bond, pairs, component):
                fragment, local = places[segments[0]][0], tuple(places[segment][1] for segment in segments)
                own = tuple(letter.on(local) for letter in letters)
                item: Step | Slot = Step(number, own[0])
                if component.number is None or len(own) > 1:
                    item = Slot(number, leg_at[position, end], index, local[0], own)
                found.setdefault(number, []).append((fragment, item))
    return found


def _acts(
    bond: Bond, pairs: Sequence[Ends], component: Component
) -> Iterator[tuple[int, int, tuple[Segment, ...], tuple[Operation, ...]]]:
    """Where a component acts: (number of the operation, end, segments, letters there)."""
    assert isinstance(bond.cut, GateCut)
    if component.number is not None:
        yield from ((component.number, act.end, act.segments, act.letters) for act in component.acts)
        return
    for gate, end, letters in _letters(bond, component):
        yield bond.cut.ops[gate], end, (pairs[gate][end],), letters


def _letters(bond: Bond, component: Component) -> Iterator[tuple[int, int, tuple[Operation, ...]]]:
    """Where a component acts: (position of the gate in the bond, end, letters there)."""
    if component.operation is not None:
        form = schmidt_form(component.operation)
        yield component.ops[0], int(component.flipped), form.left
        yield component.ops[0], int(not component.flipped), form.right
        return
    assert component.hub is not None
    yield component.ops[0], component.hub, (Operation("id", (0,)), Operation(component.basis, (0,)))
    for gate in component.ops:
        seen = arm(bond.ops[gate], component.hub ^ bond.flipped[gate])
        assert seen is not None
        for letters in seen.letters:
            yield gate, 1 - component.hub, letters


def _check(circuit: Circuit, cuts: Collection[Cut]) -> None:
    """Raise :class:`PlanError` for the first cut that points at nothing or repeats another."""
    seen: set[object] = set()
    for cut in cuts:
        places: list[object]
        if isinstance(cut, WireCut):
            _check_wire(circuit, cut)
            places = [(cut.qubit, cut.after)]
        else:
            _check_gates(circuit, cut)
            places = list(cut.ops)
        for place in places:
            if place in seen:
                raise PlanError(f"a place is cut once, but a second cut names it: {cut_text(cut)}")
            seen.add(place)


def _check_number(circuit: Circuit, number: int, cut: Cut) -> None:
    if not 0 <= number < len(circuit.operations):
        raise PlanError(
            f"the cut of {cut_text(cut)} points at operation {number}, but the circuit has {len(circuit.operations)} "
            "operations, numbered from 0"
        )


def _check_wire(circuit: Circuit, cut: WireCut) -> None:
    _check_number(circuit, cut.after, cut)
    op = circuit.operations[cut.after]
    if cut.qubit not in op.qubits:
        raise PlanError(
            f"a wire is cut after an operation on its qubit, but operation {cut.after} ({op.name}) acts on qubits "
            f"{op.qubits}, not on qubit {cut.qubit}"
        )


def _check_gates(circuit: Circuit, cut: GateCut) -> None:
    for number in cut.ops:
        _check_number(circuit, number, cut)
        op = circuit.operations[number]
        if len(op.qubits) != 2:
            raise PlanError(f"a gate cut takes two-qubit gates, but operation {number} is {op.name} on {op.qubits}")
        if cut.side is not None and len(set(op.qubits) & set(cut.side)) != 1:
            raise PlanError(
                f"each gate of a joint cut has one qubit in side={cut.side}, but operation {number} ({op.name}) acts "
                f"on {op.qubits}"
            )
