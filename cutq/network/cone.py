"""What an exact value needs of a network: the light cone of its qubits, and the cuts that separate something."""

from __future__ import annotations

import bisect
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from cutq.circuits.circuit import Circuit
from cutq.errors import PlanError
from cutq.network.cuts import Cut, GateCut, WireCut
from cutq.network.influence import completed, influence, outside
from cutq.network.layout import Layout, moved_groups, network_layout
from cutq.network.network import Network
from cutq.network.plan import CutPlan
from cutq.network.split import split


def light_cone(network: Network, asked: Collection[int] | Mapping[int, str]) -> Network:
    """The network with only the operations that can change what is asked for.

    An operation that no later operation carries to one of the qubits cancels against its adjoint in every expectation
    value there. Cuts of operations that go, and of wires that nothing happens to on one side, go with them. Cuts whose
    two ends lie in one fragment are mended: uncut they make it no wider.

    Args:
        network: the network.
        asked: qubits whose final state is asked for; or a mapping from them to what it is asked for, see
            :func:`cutq.network.influence.targets`.

    Raises:
        PlanError: the network was reduced for some observables, and this depends on an operation that was left out.

    >>> from cutq.circuits.circuit import Operation
    >>> chain = Circuit(4, tuple(Operation("cx", (q, q + 1)) for q in range(3)))
    >>> cone = light_cone(split(chain, CutPlan.from_partition(chain, "ABCD")), [0])
    >>> cone.widths, len(cone.bonds)
    ((1, 1, 1, 1), 1)
    """
    wanted = asked if isinstance(asked, Mapping) else dict.fromkeys(asked, "")
    laid = network_layout(network)
    if network.dropped:
        _check(network, laid.circuit, wanted)
    circuit = laid.laid_out
    kept = completed(influence(circuit, wanted), _groups(network, laid))
    separating = [laid.moved(bond.cut) for bond in network.bonds if bond.ends[0] != bond.ends[1]]
    if network.order is None and len(kept) == len(circuit.operations) and len(separating) == len(network.bonds):
        return network
    new_number = {number: position for position, number in enumerate(kept)}
    on_wire = _on_wires(circuit, kept)
    cuts = [moved for cut in separating if (moved := _moved(cut, on_wire, new_number))]
    operations, groups = tuple(circuit.operations[number] for number in kept), moved_groups(circuit, new_number)
    smaller = replace(circuit, operations=operations, groups=groups)
    return split(smaller, CutPlan(tuple(dict.fromkeys(cuts))))


def _groups(network: Network, laid: Layout) -> Iterator[list[int]]:
    """The operations of the groups that bonds carry, in the numbers of the circuit that is laid out."""
    for bond in network.bonds:
        for component in bond.components:
            if component.number is not None and isinstance(bond.cut, GateCut):
                numbers = [bond.cut.ops[k] for k in component.ops] + [number for number, _ in component.inner]
                yield [laid.position[number] for number in numbers]


def _check(network: Network, circuit: Circuit, wanted: Mapping[int, str]) -> None:
    """Raise :class:`PlanError` if what is wanted depends on an operation that the network leaves out."""
    kept = set(range(len(circuit.operations))) - {number for number, _ in network.dropped}
    missing = outside(circuit, kept, wanted)
    if missing:
        op = circuit.operations[missing[0]]
        asked = next((qubit for qubit in wanted if missing[0] in outside(circuit, kept, {qubit: wanted[qubit]})), None)
        name = "what is asked for" if asked is None else f"{wanted[asked].upper() or 'the state of qubit '}{asked}"
        raise PlanError(
            f"this network was reduced for {', '.join(map(str, network.observables))}, but {name} depends on "
            f"operation {missing[0]} ({op.name} on {op.qubits}), which was left out; find a plan for these observables"
        )


def _on_wires(circuit: Circuit, kept: Sequence[int]) -> dict[int, list[int]]:
    """For each qubit the operations on it that are kept, in their order."""
    found: dict[int, list[int]] = {}
    for number in kept:
        for qubit in circuit.operations[number].qubits:
            found.setdefault(qubit, []).append(number)
    return found


def _moved(cut: Cut, on_wires: Mapping[int, Sequence[int]], new_number: Mapping[int, int]) -> Cut | None:
    """The cut in the numbers of the smaller circuit; None where it separates nothing there."""
    if isinstance(cut, GateCut):
        ops = tuple(new_number[number] for number in cut.ops if number in new_number)
        return replace(cut, ops=ops) if ops else None
    on_wire = on_wires.get(cut.qubit, ())
    before = bisect.bisect_right(on_wire, cut.after)
    return WireCut(cut.qubit, new_number[on_wire[before - 1]]) if 0 < before < len(on_wire) else None
