"""Cut gates of a plan put together: gates between the same two fragments as the stars and runs they make."""

from __future__ import annotations

from cutq.circuits.circuit import Circuit
from cutq.network.cuts import Cut, GateCut
from cutq.network.network import Network
from cutq.network.plan import CutPlan
from cutq.network.split import split


def joined_plan(circuit: Circuit, plan: CutPlan) -> CutPlan:
    """The plan with all gates cut between two fragments as one bond; what they make together is found by ``split``.

    A star of gates on one qubit, or a run on one pair, then has the rank of what it is instead of a product.

    >>> from cutq.circuits.circuit import Operation
    >>> star = [Operation("cz", (0, 1)), Operation("cz", (0, 2)), Operation("cx", (1, 2))]
    >>> joined_plan(Circuit(3, tuple(star)), CutPlan((GateCut((0,)), GateCut((1,))))).cuts
    (GateCut(ops=(0, 1), side=(0,)),)
    """
    network = split(circuit, plan)
    together: dict[tuple[int, int], list[int]] = {}
    kept: list[Cut] = []
    for bond in network.bonds:
        if isinstance(bond.cut, GateCut) and bond.ends[0] != bond.ends[1]:
            first, second = sorted(bond.ends)
            together.setdefault((first, second), []).extend(bond.cut.ops)
        else:
            kept.append(bond.cut)
    return CutPlan((*kept, *(_cut(network, circuit, first, ops) for (first, _), ops in together.items())))


def _cut(network: Network, circuit: Circuit, first: int, ops: list[int]) -> GateCut:
    """The cut of these gates; its first side are the qubits that they have in the first fragment."""
    if len(ops) == 1:
        return GateCut(tuple(ops))
    inside = {segment.qubit for segment in network.fragments[first].segments}
    side = {qubit for number in ops for qubit in circuit.operations[number].qubits if qubit in inside}
    both = any(side.issuperset(circuit.operations[number].qubits) for number in ops)
    return GateCut(tuple(ops), None if both else tuple(side))
