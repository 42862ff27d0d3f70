"""QAOA on clustered chains: ``python -m benchmarks.qaoa [--quick] [--size 77 103 129]``.

Two layers, clusters of 25 nodes with one separator between neighbours, every edge term of the cost in one run. First
small chains are compared with an independent sum over paths; the full sizes, which take minutes, run where they are
asked for. Wall-clock time in double precision; the published minutes are those of 40 A100 GPUs.
"""

from __future__ import annotations

import argparse
import math
import time

import numpy as np

import cutq
from benchmarks.qaoa_chain import ClusterChain, cluster_chain, edge_values, qaoa
from benchmarks.table import Table, at_most, one_thread, peak_megabytes, seconds, time_text

CLUSTERS = {77: 3, 103: 4, 129: 5}
MINUTES = {77: 5.0, 129: 12.0}
PUBLISHED_MINUTES = {77: 40.0, 103: 77.0, 129: 114.0}

SMALL = ((2, 4, 0), (3, 4, 1), (3, 8, 2), (3, 12, 3), (5, 8, 4))
"""Clusters, nodes of each, seed: the chains that are checked."""

GAMMAS, BETAS = np.array([0.21, 0.34]), np.array([1.1, 0.6])

CHECKS = Table("qubits; edges,bonds,cut value,path sum,difference,cutq", first=14)
SIZES = Table("qubits; edges,compile,cost,published,published/cutq,peak MB,cutq,target", first=14)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.qaoa")
    parser.add_argument("--quick", action="store_true", help="the two smallest checks alone")
    parser.add_argument("--size", type=int, nargs="*", default=[], choices=tuple(CLUSTERS), help="qubits")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0, help="of the graphs of the full sizes")
    parser.add_argument("--max-bytes", type=float, default=14e9)
    parser.add_argument("--dtype", choices=("complex128", "complex64"), default="complex128")
    options = parser.parse_args()
    with one_thread():
        CHECKS.head("Every edge term against a sum over the separators' paths, two layers")
        for clusters, size, seed in SMALL[: 2 if options.quick else None]:
            _check(cluster_chain(clusters, size, seed), options)
        if options.size:
            SIZES.head(f"Clusters of 25, {options.threads} threads, {options.dtype}, wall-clock of one run")
        for size in options.size:
            _measure(cluster_chain(CLUSTERS[size], 25, options.seed), options)


def _check(graph: ClusterChain, options: argparse.Namespace) -> None:
    program, angles = _program(graph, options)
    found, expected = program(angles), edge_values(graph, GAMMAS, BETAS)
    dims = [math.prod(bond.dims) for bond in qaoa(graph).network().bonds]
    bonds = f"{len(dims)} of 2" if max(dims) == 2 else f"{len(dims)} up to {max(dims)}"
    difference = f"{np.abs(found - expected).max():.1e}"
    spent = seconds(lambda: program(angles), clock=time.perf_counter)
    CHECKS.row(_label(graph), bonds, found.sum(), expected.sum(), difference, time_text(spent))


def _measure(graph: ClusterChain, options: argparse.Namespace) -> None:
    start = time.perf_counter()
    program, angles = _program(graph, options)
    compiled = time.perf_counter() - start
    start = time.perf_counter()
    cost = program(angles).sum()
    minutes = (time.perf_counter() - start) / 60
    published = PUBLISHED_MINUTES[graph.num_nodes]
    beside = (f"{published:g} min", published / minutes, f"{peak_megabytes():.0f}")
    verdict = at_most(minutes, MINUTES[graph.num_nodes]) + " min" if graph.num_nodes in MINUTES else ""
    SIZES.row(_label(graph), time_text(compiled), cost, *beside, f"{minutes:.2f} min", verdict)


def _program(graph: ClusterChain, options: argparse.Namespace) -> tuple[cutq.Program, np.ndarray]:
    """The compiled values of all edges, and the angles in the order of the circuit's parameters."""
    case = qaoa(graph, len(GAMMAS))
    program = cutq.compile(
        case.network(),
        case.observables,
        threads=options.threads,
        max_bytes=options.max_bytes,
        dtype=options.dtype,
    )
    named = {f"gamma_{k}": gamma for k, gamma in enumerate(GAMMAS)} | {
        f"beta_{k}": beta for k, beta in enumerate(BETAS)
    }
    return program, case.circuit.values(named)


def _label(graph: ClusterChain) -> str:
    return f"{graph.num_nodes}, {len(graph.edges)}"


if __name__ == "__main__":
    main()
