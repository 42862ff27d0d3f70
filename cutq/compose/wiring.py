"""The order of leaves in time, the networks that classical links separate, and the registers of circuits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import networkx as nx

from cutq.compose.flatten import Flat, Link, Place


@dataclass(frozen=True)
class Wiring:
    """The order and the parts of leaves.

    Attributes:
        flat: the leaves.
    """

    flat: Flat

    @cached_property
    def order(self) -> tuple[int, ...]:
        """The leaves in an order of time."""
        return tuple(nx.topological_sort(self.graph))

    @cached_property
    def graph(self) -> nx.DiGraph:
        """Leaves joined by wires and links."""
        graph = self.flat.graph.copy()
        graph.add_edges_from(edge for link in self.flat.links for edge in link_edges(link))
        return graph

    @cached_property
    def parts(self) -> tuple[frozenset[int], ...]:
        """Leaves that wires join, directly or through others; classical leaves are alone."""
        return tuple(frozenset(part) for part in nx.weakly_connected_components(self.flat.graph))

    @cached_property
    def part_of(self) -> dict[int, int]:
        """For each leaf its part."""
        return {leaf: number for number, part in enumerate(self.parts) for leaf in part}

    @cached_property
    def part_graph(self) -> nx.MultiDiGraph:
        """Parts joined by classical links."""
        graph = nx.MultiDiGraph()
        graph.add_nodes_from(range(len(self.parts)))
        for number, link in enumerate(self.flat.links):
            for source, target in link_edges(link):
                graph.add_edge(self.part_of[source], self.part_of[target], link=number)
        return graph

    @cached_property
    def levels(self) -> tuple[tuple[int, ...], ...]:
        """Parts by how many steps of evaluation come before them, in the order of their leaves."""
        level: dict[int, int] = {}
        for part in nx.topological_sort(self.part_graph):
            level[part] = max((level[before] + 1 for before in self.part_graph.predecessors(part)), default=0)
        found: list[list[int]] = [[] for _ in range(max(level.values(), default=-1) + 1)]
        for part in sorted(level):
            found[level[part]].append(part)
        return tuple(map(tuple, found))

    def past(self, leaves: Iterable[int]) -> frozenset[int]:
        """These leaves and all from which wires lead to them."""
        return reached(self.flat.graph.predecessors, leaves)

    def register(self, leaves: Collection[int]) -> dict[Place, int]:
        """Qubits of a circuit of some leaves, for each qubit of each leaf, numbered in the order of time.

        A wire keeps its qubit from leaf to leaf; wires from leaves that are not among these begin anew.
        """
        found: dict[Place, int] = {}
        count = 0
        for leaf in self.order:
            circuit = self.flat.leaves[leaf].circuit
            if leaf not in leaves or circuit is None:
                continue
            for qubit in range(circuit.num_qubits):
                source = self.flat.wires.get((leaf, qubit))
                if source is not None and source in found:
                    found[leaf, qubit] = found[source]
                else:
                    found[leaf, qubit] = count
                    count += 1
        return found


def reached(step: Callable[[int], Iterable[int]], starts: Iterable[int]) -> frozenset[int]:
    """These leaves and all that steps lead to from them."""
    found = set(starts)
    todo = list(found)
    while todo:
        new = [leaf for leaf in step(todo.pop()) if leaf not in found]
        found.update(new)
        todo += new
    return frozenset(found)


def link_edges(link: Link) -> Iterator[tuple[int, int]]:
    """Pairs of leaves that a link leads from and to."""
    sources = {leaf for number in link.sources for leaf in source_leaves(number)}
    targets = {leaf for leaf, _ in link.targets}
    return ((source, target) for source in sorted(sources) for target in sorted(targets))


def source_leaves(number: object) -> Iterator[int]:
    """The leaves that a number comes from."""
    assert isinstance(number, tuple)
    if is_result(number):
        yield number[0]
    else:
        yield from (leaf for _, word in number for leaf, _, _ in word)


def is_result(number: tuple[object, ...]) -> bool:
    """Whether a number is that of a classical leaf."""
    return len(number) == 2 and isinstance(number[0], int)
