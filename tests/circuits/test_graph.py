"""The networkx graph of a circuit."""

from __future__ import annotations

import networkx as nx
import pytest

from cutq import from_graph, to_graph
from tests.zoo import ZOO


@pytest.mark.parametrize("name", ZOO)
def test_operations_are_nodes_and_wire_segments_are_edges(name: str) -> None:
    circuit = ZOO[name]
    graph = to_graph(circuit)
    assert nx.is_directed_acyclic_graph(graph)
    assert len(graph) == len(circuit.operations) + 2 * circuit.num_qubits
    assert graph.number_of_edges() == circuit.num_qubits + sum(len(op.qubits) for op in circuit.operations)
    for qubit in range(circuit.num_qubits):
        wire = [(u, v) for u, v, key in graph.edges(keys=True) if key == qubit]
        ops = [number for number, op in enumerate(circuit.operations) if qubit in op.qubits]
        assert set(wire) == set(zip([("in", qubit), *ops], [*ops, ("out", qubit)], strict=True))


@pytest.mark.parametrize("name", ZOO)
def test_the_graph_gives_the_circuit_back(name: str) -> None:
    assert from_graph(to_graph(ZOO[name])) == ZOO[name]
