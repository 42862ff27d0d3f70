"""The circuits by name: chains, workflows, lines, clusters, ladders and uncut circuits, and what is planned.

All are built from the families of the benchmarks; angles are those of a seed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial

import networkx as nx
import numpy as np

from benchmarks.cutter import Case as Wanted
from benchmarks.cutter import efficient_su2, qaoa
from benchmarks.families import Case, bound, brick, dist_vqe, ladder, module_chain, staircase
from cutq import Circuit, CutPlan, Operation


def _halves(cuts: int) -> Case:
    """EfficientSU2 on 8 qubits with so many CX between its halves, and Z on all qubits."""
    circuit = efficient_su2(8, cuts)
    return Case(circuit, CutPlan.from_partition(circuit, "AAAABBBB"), (_word(8),))


def _wires(cuts: int) -> Case:
    """A chain of modules of three wires with numbers for its angles."""
    case = module_chain(3, cuts)
    return Case(bound(case.circuit, case.draw(0)), case.plan, case.observables)


def _line(num_qubits: int) -> Case:
    """EfficientSU2 with one ladder of CX, in fragments of 10 qubits: one cut between each two; Z on all qubits."""
    circuit = efficient_su2(num_qubits, 1)
    plan = CutPlan.from_partition(circuit, [qubit // 10 for qubit in range(num_qubits)])
    return Case(circuit, plan, (_word(num_qubits),))


def _word(num_qubits: int) -> str:
    return " ".join(f"Z{qubit}" for qubit in range(num_qubits))


FACTORIES: Mapping[str, Callable[[], Case]] = {
    **{f"chain n=4 K={k}": partial(module_chain, 4, k) for k in (1, 4, 6, 60)},
    "chain n=8 K=6": partial(module_chain, 8, 6),
    **{f"gates K={k}": partial(_halves, k) for k in range(1, 6)},
    **{f"wires K={k}": partial(_wires, k) for k in range(1, 4)},
    **{f"line {n} in 10s": partial(_line, n) for n in (40, 50, 80)},
    **{f"clusters of {c}": partial(dist_vqe, 100, c) for c in (10, 16, 18, 19)},
    **{f"ladder {n} in 3s": partial(ladder, n) for n in (10, 12, 14, 16)},
    "brick 20 x4": partial(brick, 20, 4, 5),
    "brick 100 x4": partial(brick, 100, 4, 10),
    "staircase 100 x4": partial(staircase, 100, 4, 10),
}
"""Circuits with their cuts and observables."""


@cache
def case_of(name: str) -> Case:
    """A circuit with its cuts and observables."""
    return FACTORIES[name]()


def grid(rows: int, columns: int, layers: int) -> Circuit:
    """Layers of RY on every qubit and CZ along all rows, or along all columns in every second layer."""
    rng, operations = np.random.default_rng(0), []
    number = np.arange(rows * columns).reshape(rows, columns)
    for layer in range(layers):
        operations += [Operation("ry", (int(q),), (rng.uniform(-np.pi, np.pi),)) for q in number.flat]
        first, second = (number[:, :-1], number[:, 1:]) if layer % 2 == 0 else (number[:-1], number[1:])
        operations += [Operation("cz", (int(a), int(b))) for a, b in zip(first.flat, second.flat, strict=True)]
    return Circuit(rows * columns, tuple(operations))


WANTED: Mapping[str, Callable[[], Circuit]] = {
    "EfficientSU2 12, 7": partial(efficient_su2, 12, 2),
    "QAOA cubic 16, 6": lambda: qaoa(nx.random_regular_graph(3, 16, seed=16), 1),
    "EfficientSU2 100, 25": partial(efficient_su2, 100, 2),
    "grid 4x4 x8, 8": partial(grid, 4, 4, 8),
    "grid 6x6 x4, 20": partial(grid, 6, 6, 4),
}
"""Circuits that are planned; the last number is the width of a fragment."""


@cache
def wanted(name: str) -> Wanted:
    """A circuit and the width that its fragments may have."""
    return Wanted(name, WANTED[name](), int(name.rpartition(", ")[2]))
