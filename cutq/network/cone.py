"""What an exact value needs of a network: the light cone of its qubits, and the cuts that separate something."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from cutq.circuits.circuit import Circuit
from cutq.network.cuts import Cut, GateCut, WireCut
from cutq.network.network import Network, merge
from cutq.network.plan import CutPlan
from cutq.network.split import split


def light_cone(network: Network, qubits: Collection[int]) -> Network:
    """The network with only the operations that can change the final state of these qubits.

    An operation that no later operation carries to one of the qubits cancels against its adjoint in every expectation
    value there. Cuts of operations that go, and of wires that nothing happens to on one side, go with them. Cuts whose
    two ends lie in one fragment are mended: uncut they make it no wider.

    >>> from cutq.circuits.circuit import Operation
    >>> chain = Circuit(4, tuple(Operation("cx", (q, q + 1)) for q in range(3)))
    >>> cone = light_cone(split(chain, CutPlan.from_partition(chain, "ABCD")), [0])
    >>> cone.widths, len(cone.bonds)
    ((1, 1, 1, 1), 1)
    """
    circuit = merge(network)
    kept = _seen(circuit, qubits)
    separating = [bond.cut for bond in network.bonds if bond.ends[0] != bond.ends[1]]
    if len(kept) == len(circuit.operations) and len(separating) == len(network.bonds):
        return network
    new_number = {number: position for position, number in enumerate(kept)}
    cuts = [moved for cut in separating if (moved := _moved(cut, circuit, kept, new_number))]
    smaller = replace(circuit, operations=tuple(circuit.operations[number] for number in kept), groups=())
    return split(smaller, CutPlan(tuple(dict.fromkeys(cuts))))


def _seen(circuit: Circuit, qubits: Collection[int]) -> list[int]:
    """The numbers of the operations in the past of the qubits, in order."""
    reached, kept = set(qubits), []
    for number in range(len(circuit.operations) - 1, -1, -1):
        own = circuit.operations[number].qubits
        if not reached.isdisjoint(own):
            reached.update(own)
            kept.append(number)
    return kept[::-1]


def _moved(cut: Cut, circuit: Circuit, kept: Sequence[int], new_number: dict[int, int]) -> Cut | None:
    """The cut in the numbers of the smaller circuit; None where it separates nothing there."""
    if isinstance(cut, GateCut):
        ops = tuple(new_number[number] for number in cut.ops if number in new_number)
        return replace(cut, ops=ops) if ops else None
    on_wire = [number for number in kept if cut.qubit in circuit.operations[number].qubits]
    before = [number for number in on_wire if number <= cut.after]
    return WireCut(cut.qubit, new_number[before[-1]]) if before and len(before) < len(on_wire) else None
