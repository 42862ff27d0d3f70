"""Partitions of wires to start annealing from: grown together greedily, and from METIS where it is installed."""

from __future__ import annotations

import heapq
import importlib
from collections import defaultdict
from collections.abc import Iterator

import networkx as nx
import numpy as np

from cutq.search.landscape import Numbers

MORE_PARTS = 4
"""So many numbers of parts, from the least that can hold the wires, METIS is asked for."""


def grown(graph: nx.Graph, sizes: Numbers, most: int) -> Numbers:
    """Wires joined pair by pair, those first whose separation costs the most for their size, up to a size."""
    size = {wire: int(sizes[wire]) for wire in graph}
    pulls = {wire: {other: edge["weight"] for other, edge in graph[wire].items()} for wire in graph}
    parent = list(range(len(size)))

    def entry(a: int, b: int) -> tuple[float, int, int]:
        return -pulls[a][b] / min(size[a], size[b]), -a, -b

    waiting = [entry(a, b) for a, row in pulls.items() for b in row if a < b]
    heapq.heapify(waiting)
    while waiting:
        top = heapq.heappop(waiting)
        a, b = -top[1], -top[2]
        if b not in pulls.get(a, {}) or top != entry(a, b) or size[a] + size[b] > most:
            continue
        size[a] += size.pop(b)
        parent[b] = a
        for other, pull in pulls.pop(b).items():
            del pulls[other][b]
            if other != a:
                pulls[a][other] = pulls[other][a] = pulls[a].get(other, 0.0) + pull
        for other in pulls[a]:
            heapq.heappush(waiting, entry(min(a, other), max(a, other)))
    return _roots(parent)


def _roots(parent: list[int]) -> Numbers:
    for wire in range(len(parent)):
        while parent[parent[wire]] != parent[wire]:
            parent[wire] = parent[parent[wire]]
    return np.array(parent, dtype=np.int64)


def metis(graph: nx.Graph, sizes: Numbers, most: int) -> Iterator[Numbers]:
    """Partitions by METIS into a few more parts than are needed; none where pymetis is not installed."""
    try:
        pymetis = importlib.import_module("pymetis")
    except ImportError:
        return
    rows = [sorted(graph[wire].items()) for wire in range(len(graph))]
    scale = 1000 / (max((edge["weight"] for row in rows for _, edge in row), default=0.0) or 1.0)
    weights = [max(1, round(scale * edge["weight"])) for row in rows for _, edge in row]
    starts = np.cumsum([0, *map(len, rows)]).tolist()
    others = [other for row in rows for other, _ in row]
    least = max(2, -(-int(sizes.sum()) // most))
    edges = pymetis.CSRAdjacency(starts, others)
    for parts in range(least, min(least + MORE_PARTS, len(graph))):
        _, part = pymetis.part_graph(parts, adjacency=edges, eweights=weights, vweights=sizes.tolist())
        yield np.array(part, dtype=np.int64)


def fitting(part: Numbers, sizes: Numbers, room: Numbers) -> Numbers:
    """The partition with labels that exist, and wires that do not fit moved to where there is most room.

    Where sizes are uneven some label may stay overfull.
    """
    members: dict[int, list[int]] = defaultdict(list)
    for wire, where in enumerate(part.tolist()):
        members[where].append(wire)
    free = room.copy()
    found = np.full(len(part), -1)
    left: list[int] = []
    spare = sorted(range(len(room)), key=lambda label: -room[label])
    for group in sorted(members.values(), key=lambda group: -sizes[group].sum()):
        label = next((one for one in spare if free[one] == room[one]), None)
        for wire in group:
            if label is not None and free[label] >= sizes[wire]:
                found[wire] = label
                free[label] -= sizes[wire]
            else:
                left.append(wire)
    for wire in sorted(left, key=lambda wire: -sizes[wire]):
        found[wire] = label = int(np.argmax(free))
        free[label] -= sizes[wire]
    return found
