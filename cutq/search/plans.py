"""From what a search found back to a circuit: the cuts of a plan."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import networkx as nx

from cutq.circuits.circuit import Circuit
from cutq.errors import PlanError
from cutq.network.cuts import Cut, GateCut, WireCut
from cutq.network.network import Bond, Network
from cutq.network.plan import CutPlan
from cutq.network.split import split
from cutq.search.cuts import Cuts
from cutq.search.problem import Problem


def as_plan(graph: nx.MultiDiGraph, problem: Problem, cuts: Cuts) -> CutPlan:
    """The plan that makes these cuts in the circuit of a priced graph."""
    return CutPlan((*_wires(graph, problem, cuts), *_gates(graph, problem, cuts)))


def _wires(graph: nx.MultiDiGraph, problem: Problem, cuts: Cuts) -> Iterator[Cut]:
    for index, position in cuts.seams:
        seam = problem.units[index].seams[position]
        assert seam is not None
        before, behind, qubit = seam.edge
        yield WireCut(qubit, graph.edges[before, behind, qubit]["after"])


def _gates(graph: nx.MultiDiGraph, problem: Problem, cuts: Cuts) -> Iterator[Cut]:
    in_stars = {index for star in cuts.stars for index in star.units}
    for index in sorted(set(cuts.units) - in_stars):
        unit = problem.units[index]
        side = {problem.names[unit.wires[position]] for position in unit.ways[cuts.units[index]].blocks[0]}
        yield from (_gate(graph.nodes[node]["ops"], side) for node in unit.nodes)
    for node in sorted(problem.free):
        ops = graph.nodes[node]["ops"]
        yield _gate(ops, {min(qubit for qubits in ops.values() for qubit in qubits)})
    for star in cuts.stars:
        nodes = [node for index in star.units for node in problem.units[index].nodes]
        yield GateCut(
            tuple(number for node in nodes for number in graph.nodes[node]["ops"]), (int(str(problem.names[star.hub])),)
        )


def _gate(ops: Mapping[int, tuple[int, ...]], side: Collection[object]) -> GateCut:
    """The cut of those of some gates that have one qubit on this side."""
    ends = {number: [qubit for qubit in qubits if qubit in side] for number, qubits in ops.items()}
    crossing = {number: inside[0] for number, inside in ends.items() if len(inside) == 1}
    return GateCut(tuple(crossing), None if len(crossing) == 1 else tuple(dict.fromkeys(crossing.values())))


def needed(circuit: Circuit, plan: CutPlan, *, reuse: bool) -> CutPlan:
    """The plan without cuts that separate nothing; with reuse of qubits, without those among them that cost nothing."""
    bonds = split(circuit, plan).bonds
    return CutPlan(tuple(bond.cut for bond in bonds if bond.ends[0] != bond.ends[1] or (reuse and bond.dims != (1,))))


def joined(circuit: Circuit, plan: CutPlan) -> CutPlan:
    """The plan with the gates cut between two fragments, but for stars, as one bond.

    The gamma of gates cut jointly is below the product. The plan stays as it is where that makes a fragment wider.

    >>> from cutq.circuits.circuit import Operation
    >>> pair = Circuit(4, (Operation("cx", (0, 2)), Operation("cx", (1, 3)), Operation("cx", (0, 1)),
    ...                    Operation("cx", (2, 3))))
    >>> joined(pair, CutPlan((GateCut((0,)), GateCut((1,))))).cuts
    (GateCut(ops=(0, 1), side=(0, 1)),)
    """
    network = split(circuit, plan)
    together: dict[tuple[int, int], list[int]] = {}
    kept: list[Cut] = []
    for bond in network.bonds:
        first, second = sorted(bond.ends)
        if _joins(bond):
            together.setdefault((first, second), []).extend(bond.cut.ops if isinstance(bond.cut, GateCut) else ())
        else:
            kept.append(bond.cut)
    some = CutPlan((*kept, *(_jointly(network, circuit, first, ops) for (first, _), ops in together.items())))
    try:
        other = split(circuit, some)
    except PlanError:
        return plan
    narrow = max(other.widths, default=0) <= max(network.widths, default=0)
    return some if narrow and other.gamma < network.gamma else plan


def _joins(bond: Bond) -> bool:
    """Whether a bond is of gates between two fragments, and is no star."""
    stars = any(component.hub is not None for component in bond.components)
    return isinstance(bond.cut, GateCut) and bond.ends[0] != bond.ends[1] and bond.dims != (1,) and not stars


def _jointly(network: Network, circuit: Circuit, first: int, ops: Sequence[int]) -> GateCut:
    """The cut of these gates; its first side are the qubits that they have in the first fragment."""
    if len(ops) == 1:
        return GateCut(tuple(ops))
    inside = {segment.qubit for segment in network.fragments[first].segments}
    side = {qubit for number in ops for qubit in circuit.operations[number].qubits if qubit in inside}
    both = any(side.issuperset(circuit.operations[number].qubits) for number in ops)
    return GateCut(tuple(ops), None if both else tuple(side))
