"""QAOA on clustered chains and clusters with all-to-all gates, small: the large sizes stand in the benchmarks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.families import dist_vqe
from benchmarks.qaoa_chain import cluster_chain, edge_values, qaoa
from cutq import compile, merge
from tests import oracle

ANGLES = {"gamma": np.array([0.21, 0.34]), "beta": np.array([1.1, 0.6])}


@pytest.mark.parametrize(("clusters", "size", "seed"), [(2, 4, 0), (3, 4, 1), (3, 8, 2)])
@pytest.mark.parametrize("threads", [1, 2])
def test_every_edge_term_is_the_sum_over_paths(clusters: int, size: int, seed: int, threads: int) -> None:
    graph = cluster_chain(clusters, size, seed)
    case = qaoa(graph)
    network = case.network()
    assert {math.prod(bond.dims) for bond in network.bonds} == {2}
    program = compile(network, case.observables, route="fragments", threads=threads)
    named = {f"{name}_{k}": value for name, values in ANGLES.items() for k, value in enumerate(values)}
    found = program(case.circuit.values(named))
    np.testing.assert_allclose(found, edge_values(graph, ANGLES["gamma"], ANGLES["beta"]), atol=1e-12)


@pytest.mark.parametrize(("num_qubits", "cluster"), [(9, 3), (10, 4)])
def test_clusters_with_all_pairs(num_qubits: int, cluster: int) -> None:
    case = dist_vqe(num_qubits, cluster)
    params = case.draw(3)
    network = case.network()
    state = oracle.statevector(merge(network), dict(zip(case.circuit.parameters, params.tolist(), strict=True)))
    expected = oracle.word_value(state, tuple((q, "Z") for q in range(num_qubits)))
    assert compile(network, case.observables, route="fragments")(params)[0] == pytest.approx(expected, abs=1e-12)
