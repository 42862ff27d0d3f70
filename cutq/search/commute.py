"""Operations that commute in another order, so that cuts find more of them together.

On each qubit operations that follow each other and all keep one reflection may be in any order. Gates are gathered by
where they act: all that can be done inside a cluster of qubits first, then what joins it to the next; gates on one pair
come together. A wire can then be cut between two clusters where gates of both alternated before.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Sequence

import networkx as nx
import numpy as np

from cutq.circuits.circuit import Circuit, Operation
from cutq.network.stars import BASES, keeps
from cutq.search.seeds import grown


def gathered(circuit: Circuit, max_qubits: int) -> tuple[int, ...]:
    """The numbers of the operations in such an order; that of time where nothing may change places.

    >>> chain = [("cz", (0, 1)), ("cz", (2, 3)), ("cz", (1, 2)), ("cz", (0, 1))]
    >>> gathered(Circuit(4, tuple(Operation(*op) for op in chain)), 2)
    (0, 3, 2, 1)
    """
    before = _dependencies(circuit)
    cluster = _clusters(circuit, max_qubits)
    waiting = [len(earlier) for earlier in before]
    after: dict[int, list[int]] = defaultdict(list)
    for number, earlier in enumerate(before):
        for other in earlier:
            after[other].append(number)
    ready = [(_rank(op, cluster), k) for k, op in enumerate(circuit.operations) if not waiting[k]]
    heapq.heapify(ready)
    order: list[int] = []
    while ready:
        number = heapq.heappop(ready)[1]
        order.append(number)
        for other in after[number]:
            waiting[other] -= 1
            if not waiting[other]:
                heapq.heappush(ready, (_rank(circuit.operations[other], cluster), other))
    return tuple(order)


def _rank(op: Operation, cluster: Sequence[int]) -> tuple[int, ...]:
    """Clusters first, then pairs; operations on one qubit as soon as they can."""
    qubits = sorted(op.qubits, key=lambda qubit: (cluster[qubit], qubit))
    places = [cluster[qubit] for qubit in qubits]
    return (places[0], places[-1], *(qubits if len(qubits) > 1 else (-1, -1)))


def _clusters(circuit: Circuit, max_qubits: int) -> list[int]:
    """A cluster for each qubit: those that meet most often together, numbered along the circuit."""
    graph = nx.Graph()
    graph.add_nodes_from(range(circuit.num_qubits), weight=1)
    for op in circuit.operations:
        if len(op.qubits) == 2:
            known = graph.get_edge_data(*op.qubits, {"weight": 0.0})["weight"]
            graph.add_edge(*op.qubits, weight=known + 1.0)
    found = grown(graph, np.ones(circuit.num_qubits, dtype=np.int64), max_qubits).tolist()
    number = {name: k for k, name in enumerate(dict.fromkeys(found))}
    return [number[name] for name in found]


def _dependencies(circuit: Circuit) -> list[set[int]]:
    """For each operation those that have to come before it, of the last ones on its qubits."""
    groups: dict[int, tuple[set[str], list[int], list[int]]] = {}
    """By qubit the reflections that all of its current group keep, the group, and the group before."""
    found: list[set[int]] = []
    for number, op in enumerate(circuit.operations):
        earlier: set[int] = set()
        moved = op.on(tuple(range(len(op.qubits))))
        for position, qubit in enumerate(op.qubits):
            kept = {basis for basis in BASES if keeps(moved, position, basis)}
            bases, group, last = groups.get(qubit, (set(BASES), [], []))
            if bases & kept:
                groups[qubit] = (bases & kept, [*group, number], last)
                earlier.update(last)
            else:
                groups[qubit] = (kept, [number], group)
                earlier.update(group)
        found.append(earlier)
    return found
