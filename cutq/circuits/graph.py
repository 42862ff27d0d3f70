"""A circuit as a networkx graph: operations are nodes, wire segments are edges."""

from __future__ import annotations

import networkx as nx

from cutq.circuits.angles import Angle
from cutq.circuits.circuit import Circuit, Operation


def to_graph(circuit: Circuit) -> nx.MultiDiGraph:
    """The circuit as a directed multigraph in the order of time.

    Nodes are operation numbers with the attribute ``operation``, and one ``("in", qubit)`` and one
    ``("out", qubit)`` for every qubit. Edges ``(u, v, key=qubit)`` are the wire segments, with the attribute ``qubit``.
    Graph attributes: ``num_qubits, global_phase, groups, metadata``.

    >>> graph = to_graph(Circuit(2, (Operation("h", (0,)), Operation("cx", (0, 1)))))
    >>> sorted(graph.edges(keys=True), key=str)
    [(('in', 0), 0, 0), (('in', 1), 1, 1), (0, 1, 0), (1, ('out', 0), 0), (1, ('out', 1), 1)]
    """
    graph = nx.MultiDiGraph(
        num_qubits=circuit.num_qubits,
        global_phase=circuit.global_phase,
        groups=circuit.groups,
        metadata=circuit.metadata,
    )
    last: list[object] = [("in", qubit) for qubit in range(circuit.num_qubits)]
    graph.add_nodes_from(last)
    for number, op in enumerate(circuit.operations):
        graph.add_node(number, operation=op)
        for qubit in op.qubits:
            graph.add_edge(last[qubit], number, key=qubit, qubit=qubit)
            last[qubit] = number
    for qubit, node in enumerate(last):
        graph.add_edge(node, ("out", qubit), key=qubit, qubit=qubit)
    return graph


def from_graph(graph: nx.MultiDiGraph) -> Circuit:
    """The circuit of a graph made by :func:`to_graph`; its operations in the order of their numbers."""
    numbers = sorted(node for node in graph.nodes if not isinstance(node, tuple))
    operations: list[Operation] = [graph.nodes[number]["operation"] for number in numbers]
    about = graph.graph
    return Circuit(
        about["num_qubits"],
        tuple(operations),
        global_phase=about.get("global_phase", Angle()),
        groups=about.get("groups", ()),
        metadata=about.get("metadata", {}),
    )
