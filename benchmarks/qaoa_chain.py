"""QAOA on clusters joined by separators: the circuit, its cuts, and an independent computation of its values.

Nodes are numbered along the chain: cluster, separator, cluster, ... The cost of an edge is Z Z with weight one; a layer
is RZZ(gamma) on every edge and RX(beta) on every node. Each separator is a fragment of its own: its gates of one layer
with one cluster are a star, one bond of rank 2.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from benchmarks.families import Case
from cutq import Circuit, CutPlan, GateCut, Operation, param

Edge = tuple[int, int]


@dataclass(frozen=True)
class ClusterChain:
    """Random clusters in a row with one separator node between neighbours.

    Attributes:
        clusters: the nodes of each cluster.
        separators: the nodes between; number k stands between clusters k and k + 1.
        edges: pairs of nodes in order, inside a cluster or from a separator to one of its clusters.
    """

    clusters: tuple[range, ...]
    separators: tuple[int, ...]
    edges: tuple[Edge, ...]

    @property
    def num_nodes(self) -> int:
        """Number of nodes, which are the circuit's qubits."""
        return self.clusters[-1].stop

    @cached_property
    def owner(self) -> dict[int, int]:
        """The cluster of each node that is no separator."""
        return {node: number for number, nodes in enumerate(self.clusters) for node in nodes}

    def star(self, separator: int, cluster: int) -> list[Edge]:
        """The edges between a separator and a cluster."""
        nodes = self.clusters[cluster]
        return [edge for edge in self.edges if separator in edge and (edge[0] in nodes or edge[1] in nodes)]


def cluster_chain(clusters: int, size: int, seed: int, *, inside: float = 0.7, across: float = 0.3) -> ClusterChain:
    """A random chain: edges inside a cluster with one probability, to the separators beside it with another."""
    rng = np.random.default_rng(seed)
    ranges = tuple(range(k * (size + 1), k * (size + 1) + size) for k in range(clusters))
    separators = tuple(nodes.stop for nodes in ranges[:-1])
    pairs = [(pair, inside) for nodes in ranges for pair in itertools.combinations(nodes, 2)]
    for k, separator in enumerate(separators):
        beside = (*ranges[k], *ranges[k + 1])
        pairs += [((min(node, separator), max(node, separator)), across) for node in beside]
    return ClusterChain(ranges, separators, tuple(sorted(pair for pair, chance in pairs if rng.random() < chance)))


def qaoa(graph: ClusterChain, layers: int = 2) -> Case:
    """The circuit with angles gamma_k, beta_k, cut around every separator, and all edge terms as observables."""
    ops = [Operation("h", (node,)) for node in range(graph.num_nodes)]
    cuts = []
    for layer in range(layers):
        number = {edge: len(ops) + k for k, edge in enumerate(graph.edges)}
        ops += [Operation("rzz", edge, (param(f"gamma_{layer}"),)) for edge in graph.edges]
        ops += [Operation("rx", (node,), (param(f"beta_{layer}"),)) for node in range(graph.num_nodes)]
        for k, separator in enumerate(graph.separators):
            stars = (graph.star(separator, k), graph.star(separator, k + 1))
            cuts += [GateCut(tuple(number[edge] for edge in star), side=(separator,)) for star in stars if star]
    words = tuple(f"Z{a} Z{b}" for a, b in graph.edges)
    return Case(Circuit(graph.num_nodes, tuple(ops)), CutPlan(tuple(cuts)), words)


Paths = tuple[int, ...]
"""The basis states of a separator in every layer's cost, then at the end."""


def edge_values(graph: ClusterChain, gammas: np.ndarray, betas: np.ndarray) -> np.ndarray:
    """All values <Z Z> in the order of the edges, (E,), as a sum over paths of the separators.

    Given the basis states through which its separators go, a cluster is a state vector of its own; the values follow
    by passing a matrix over pairs of paths (of ket and bra) along the chain. Nothing of cutq takes part.
    """
    layers = len(gammas)
    inner = list(itertools.product((0, 1), repeat=layers))
    kets = [_cluster_kets(graph, k, gammas, betas, inner) for k in range(len(graph.clusters))]
    weights = {sign: _separator_weights(betas, inner, sign) for sign in (False, True)}
    return np.array([_value(graph, kets, weights, edge) for edge in graph.edges])


def _cluster_kets(
    graph: ClusterChain, cluster: int, gammas: np.ndarray, betas: np.ndarray, inner: list[Paths]
) -> np.ndarray:
    """The cluster's states given the paths of its left and right separator, (left, right, 2**nodes)."""
    sides = [graph.separators[k : k + 1] if k >= 0 else () for k in (cluster - 1, cluster)]
    own, left_field, right_field = _energies(graph, cluster, sides)
    kets = np.empty((*(len(inner) if side else 1 for side in sides), len(own)), dtype=complex)
    for left, right in np.ndindex(*kets.shape[:2]):
        state = np.full(len(own), len(own) ** -0.5, dtype=complex)
        for layer, (gamma, beta) in enumerate(zip(gammas, betas, strict=True)):
            signs = [1 - 2 * inner[path][layer] for path in (left, right)]
            energy = own + signs[0] * left_field + signs[1] * right_field
            state = _mixed(np.exp(-0.5j * gamma * energy) * state, beta)
        kets[left, right] = state
    return kets


def _energies(graph: ClusterChain, cluster: int, sides: list[tuple[int, ...]]) -> list[np.ndarray]:
    """For each basis state of a cluster its own cost, and what either separator's spin +1 would add."""
    nodes = graph.clusters[cluster]
    spins = _spins(len(nodes))
    inside = [(a - nodes.start, b - nodes.start) for a, b in graph.edges if a in nodes and b in nodes]
    found = [sum((spins[a] * spins[b] for a, b in inside), np.zeros(2 ** len(nodes)))]
    for side in sides:
        star = graph.star(side[0], cluster) if side else []
        ends = [(edge[0] if edge[0] in nodes else edge[1]) - nodes.start for edge in star]
        found.append(spins[ends].sum(axis=0))
    return found


def _spins(count: int) -> np.ndarray:
    """+1 or -1 of each node in each basis state, (count, 2**count), node 0 most significant."""
    states = np.arange(2**count)
    return np.array([1.0 - 2 * (states >> (count - 1 - k) & 1) for k in range(count)]).reshape(count, 2**count)


def _mixer(beta: float) -> np.ndarray:
    return np.array([[np.cos(beta / 2), -1j * np.sin(beta / 2)], [-1j * np.sin(beta / 2), np.cos(beta / 2)]])


def _mixed(state: np.ndarray, beta: float) -> np.ndarray:
    """RX on every node of a cluster."""
    stride = 1
    while stride < len(state):
        state = np.einsum("ij,ajb->aib", _mixer(beta), state.reshape(-1, 2, stride)).reshape(-1)
        stride *= 2
    return state


def _separator_weights(betas: np.ndarray, inner: list[Paths], sign: bool) -> np.ndarray:
    """Weight of a pair of paths (ket, bra) of a separator, traced over its end, with Z there or without."""
    amplitudes = np.empty((2, len(inner)), dtype=complex)
    for end, (number, path) in itertools.product((0, 1), enumerate(inner)):
        hops = zip(betas, path, (*path[1:], end), strict=True)
        amplitudes[end, number] = 2**-0.5 * np.prod([_mixer(beta)[after, before] for beta, before, after in hops])
    signs = np.array([1.0, -1.0 if sign else 1.0])
    return np.einsum("ek,eb,e->kb", amplitudes, amplitudes.conj(), signs)


def _value(graph: ClusterChain, kets: list[np.ndarray], weights: dict[bool, np.ndarray], edge: Edge) -> float:
    """<Z Z> of one edge: the pairs of paths from left to right."""
    carried = np.ones((1, 1), dtype=complex)
    for cluster, states in enumerate(kets):
        nodes = graph.clusters[cluster]
        spins = _spins(len(nodes))
        signs = np.prod([spins[node - nodes.start] for node in edge if node in nodes], axis=0)
        acted = states * signs
        half = np.einsum("kb,krx->brx", carried, acted)
        carried = np.einsum("brx,bsx->rs", half, states.conj())
        if cluster < len(graph.separators):
            carried = carried * weights[graph.separators[cluster] in edge]
    return float(carried[0, 0].real)
