"""The main job on larger circuits of many shapes: find cuts for a width, evaluate the fragments, compare with uncut."""

from __future__ import annotations

import math

import networkx as nx
import numpy as np
import pytest

from cutq import Circuit, Operation, dumps, expectations, find_cuts, loads, split
from tests import oracle
from tests.zoo import dense, line, qft, star, tfim, u3_layer

MOST_STATES = 2**12
"""Plans whose bonds multiply to more are only checked for their width."""


def on_graph(graph: nx.Graph, layers: int, seed: int) -> Circuit:
    """Layers of random RX and of a random diagonal or swapping gate on every edge of a graph."""
    rng = np.random.default_rng(seed)
    ops = []
    for _ in range(layers):
        ops += [Operation("rx", (q,), (float(rng.uniform(0, 3)),)) for q in graph.nodes]
        for a, b in graph.edges:
            name = str(rng.choice(["rzz", "cx", "cp", "crx", "iswap"], p=[0.4, 0.3, 0.1, 0.15, 0.05]))
            angles = (float(rng.uniform(0, 1)),) if name in ("rzz", "cp", "crx") else ()
            ops.append(Operation(name, (a, b), angles))
    return Circuit(len(graph), tuple(ops))


CIRCUITS = {
    "ladder": on_graph(nx.convert_node_labels_to_integers(nx.grid_2d_graph(2, 7)), 1, 0),
    "grid": on_graph(nx.convert_node_labels_to_integers(nx.grid_2d_graph(3, 4)), 1, 1),
    "ring": on_graph(nx.cycle_graph(14), 2, 2),
    "tree": on_graph(nx.balanced_tree(2, 3), 2, 3),
    "caves": on_graph(nx.connected_caveman_graph(3, 4), 1, 4),
    "random": on_graph(nx.random_regular_graph(3, 12, seed=5), 1, 5),
    "dense": dense(10, 18, 6),
    "line": line(16, 3),
    "star": star(16),
    "ising": tfim(18, 3),
    "qft": qft(8),
}


@pytest.mark.long
@pytest.mark.parametrize("name", CIRCUITS)
def test_values_from_fragments_are_those_of_the_whole(name: str) -> None:
    circuit = loads(dumps(u3_layer(CIRCUITS[name])))
    qubits = circuit.num_qubits
    rng = np.random.default_rng(9)
    random = [" ".join(f"{letter}{q}" for q, letter in enumerate(rng.choice(list("XYZ"), qubits))) for _ in range(3)]
    words = [f"Z{q}" for q in range(qubits)] + random
    state = oracle.statevector(circuit)
    expected = [oracle.word_value(state, tuple((int(t[1:]), t[0]) for t in word.split())) for word in words]
    evaluated = 0
    for width in sorted({3, qubits // 3, qubits // 2, qubits // 2 + 2, qubits - 1}):
        plan = find_cuts(circuit, width)
        network = split(circuit, plan)
        assert max(network.widths) <= width
        if math.prod(plan.price.bond_dims) <= MOST_STATES:
            evaluated += 1
            np.testing.assert_allclose(expectations(network, words), expected, rtol=0, atol=1e-10)
    assert evaluated >= 1
