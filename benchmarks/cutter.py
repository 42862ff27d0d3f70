"""The cut finder beside those of other systems: ``python -m benchmarks.cutter [FOLDER] [--quick] [--seconds 60]``.

Circuits of 8 to 100 qubits, generated here or read from a folder of .qasm files, are cut for widths of about a half and
a third of their qubits by cutq and by every one of qiskit-addon-cutting, PennyLane with KaHyPar and QCut that is
installed; :mod:`benchmarks.cutter_peers` says how each is asked. Every plan is translated into one of cutq, split,
checked for its width, and priced by one rule: gamma 4 for a wire and 2 (sum |u_i|)^2 - 1 for a gate with
operator-Schmidt coefficients u_i. *Overhead* is the square of their product, *circuits* are the different ones of all
fragments that ``cutq.price`` counts, *time* is CPU time of the search alone.

Three tables: least overhead and fewest circuits where every gate and wire is cut on its own, for which the peers' plans
are the same; and least overhead where gates may be merged and cut jointly, for which QCut's plan keeps QCut's price.
The ratio is the best peer's figure over cutq's, with a word on whether the latter is proven to be the least possible. A
peer's figure that is better than cutq's is an error at the end.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import networkx as nx
import numpy as np

import cutq
from benchmarks.cutter_peers import FINDERS, Answer, Worker
from benchmarks.table import Table, time_text
from cutq import Circuit, Operation
from cutq.network.plan import magnitude
from tests.zoo import qft, tfim

PEERS = ("addon", "PennyLane", "QCut")

CONTESTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Least sampling overhead", "overhead", ("cutq", *PEERS)),
    ("Fewest device circuits", "circuits", ("cutq, circuits", *PEERS)),
    ("Least sampling overhead of gates merged and cut jointly", "overhead", ("cutq, together", "QCut, together")),
)
"""For each table what it shows, the figure that is compared, and the finders, cutq first."""

ROUNDING = 1e-9
"""Relative difference of two figures that counts as none."""

MOST_CIRCUITS = 10**300
"""More circuits are not told apart."""

QUICK = 8
"""Cases of a quick run."""


@dataclass(frozen=True)
class Case:
    """A circuit and the width that its fragments may have."""

    name: str
    circuit: Circuit
    width: int

    def __str__(self) -> str:
        return f"{self.name}, {self.width}"


@dataclass(frozen=True)
class Result:
    """What a finder's plan costs; nan where there is none.

    Attributes:
        overhead: the square of gamma.
        circuits: device circuits.
        seconds: CPU time of the search.
        proven: whether no better plan exists, as the finder has proven.
        remark: a failure or an oddity, in words.
    """

    overhead: float = math.nan
    circuits: float = math.nan
    seconds: float = math.nan
    proven: bool = False
    remark: str = ""

    @property
    def cells(self) -> tuple[str, str, str]:
        """Its three columns of a table."""
        if math.isnan(self.overhead):
            return "-", "-", "-"
        circuits = "-" if math.isnan(self.circuits) else magnitude(int(self.circuits))
        return f"{self.overhead:.4g}", circuits, time_text(self.seconds)


def priced(case: Case, answer: Answer) -> Result:
    """The result of an answer, by cutq's price of its plan; by its own where the plan is not known."""
    if answer.plan is None:
        return Result(answer.claimed, seconds=answer.seconds, remark=answer.failure)
    network = cutq.split(case.circuit, answer.plan)
    if max(network.widths) > case.width:
        return Result(remark=f"a fragment of {max(network.widths)} qubits")
    price = cutq.price(network)
    agrees = math.isclose(answer.claimed, price.sampling_overhead, rel_tol=1e-6)
    remark = "" if agrees else f"claims an overhead of {answer.claimed:.6g} instead of {price.sampling_overhead:.6g}"
    circuits = float(min(price.circuits, MOST_CIRCUITS))
    return Result(price.sampling_overhead, circuits, answer.seconds, answer.plan.proven_optimal, remark)


@dataclass
class Comparison:
    """All finders that are installed, what they found, and where a peer found something better.

    Attributes:
        workers: the finders, by name.
        results: for each case and finder what it found.
        better: figures of a peer below those of cutq.
    """

    workers: Mapping[str, Worker]
    results: dict[tuple[str, str], Result] = field(default_factory=dict)
    better: list[str] = field(default_factory=list)

    def result(self, case: Case, finder: str) -> Result:
        """What a finder finds for a case, which it is asked once."""
        key = str(case), finder
        if key not in self.results and finder in self.workers:
            self.results[key] = priced(case, self.workers[finder].ask(case.circuit, case.width))
        return self.results.get(key, Result())

    def row(self, case: Case, figure: str, finders: Sequence[str]) -> list[str]:
        """One row of a table: what each finder found, and the best peer's figure over that of cutq."""
        results = [self.result(case, finder) for finder in finders]
        ours, *theirs = (float(getattr(result, figure)) for result in results)
        known = {finder: value for finder, value in zip(finders[1:], theirs, strict=True) if not math.isnan(value)}
        for finder, value in known.items():
            if not value >= ours * (1 - ROUNDING):  # also where cutq has none
                self.better.append(f"{case}: {figure} {value:.10g} of {finder}, {ours:.10g} of cutq")
        ratio = f"{min(known.values()) / ours:.4g}" if known else "-"
        ratio += ", proven" if results[0].proven else ""
        return [str(case), *(cell for result in results for cell in result.cells), ratio]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cutter")
    parser.add_argument("folder", type=Path, nargs="?", help="cut the .qasm files of this folder instead")
    parser.add_argument("--most-qubits", type=int, default=100, help="of a file")
    parser.add_argument("--seconds", type=float, default=60.0, help="CPU time of each search")
    parser.add_argument("--quick", action="store_true", help=f"the first {QUICK} cases alone")
    options = parser.parse_args()
    circuits = _files(options.folder, options.most_qubits) if options.folder else generated()
    cases = _cases(circuits)[: QUICK if options.quick else None]
    workers = {name: Worker(name, options.seconds) for name, finder in FINDERS.items() if finder.installed}
    print(", ".join(f"{FINDERS[name].package} {FINDERS[name].version}" for name in PEERS if name in workers))
    comparison = Comparison(workers)
    for contest in CONTESTS:
        _print_table(*contest, cases, comparison)
    for worker in workers.values():
        worker.end()
    _print_verdict(comparison)


def _print_table(
    title: str, figure: str, finders: Sequence[str], cases: Sequence[Case], comparison: Comparison
) -> None:
    names = ",".join(f"{finder.partition(',')[0]},circuits,time" for finder in finders)
    table = Table(f"circuit and width,{names},ratio", 24).head(title)
    for case in cases:
        table.row(*comparison.row(case, figure, finders))


def _print_verdict(comparison: Comparison) -> None:
    print()
    for (case, finder), result in comparison.results.items():
        if result.remark:
            print(f"{case}: {finder}: {result.remark}")
    if comparison.better:
        raise SystemExit("\n".join(["\nbetter than cutq:", *comparison.better]))
    print("\nno figure of a peer is better than that of cutq")


def _cases(circuits: Mapping[str, Circuit]) -> list[Case]:
    """Every circuit with widths of one more than a half and a third of its qubits."""
    return [
        Case(name, circuit, math.ceil(circuit.num_qubits / parts) + 1)
        for name, circuit in circuits.items()
        for parts in (2, 3)
    ]


def _files(folder: Path, most_qubits: int) -> dict[str, Circuit]:
    circuits = {path.stem: cutq.load(path) for path in sorted(folder.glob("*.qasm"))}
    return {name: circuit for name, circuit in circuits.items() if circuit.num_qubits <= most_qubits}


def generated() -> dict[str, Circuit]:
    """The circuits of the tables; x and a number count layers, the last number is that of the qubits."""
    rows = (
        ("EfficientSU2 x1", efficient_su2(8, 1)),
        ("QFT", qft(8)),
        ("adder", adder(4)),
        ("QAOA cubic", qaoa(nx.random_regular_graph(3, 10, seed=10), 1)),
        ("EfficientSU2 x3", efficient_su2(12, 3)),
        ("QFT", qft(12)),
        ("Ising x3", tfim(12, 3)),
        ("QAOA ring x2", qaoa(nx.cycle_graph(12), 2)),
        ("brick x6", brickwork(12, 6)),
        ("QAOA cubic", qaoa(nx.random_regular_graph(3, 16, seed=16), 1)),
        ("adder", adder(8)),
        ("GHZ", ghz(20)),
        ("Ising x4", tfim(20, 4)),
        ("QAOA cubic", qaoa(nx.random_regular_graph(3, 20, seed=20), 1)),
        ("brick x4", brickwork(20, 4)),
        ("adder", adder(24)),
        ("QAOA cubic", qaoa(nx.random_regular_graph(3, 50, seed=50), 1)),
        ("brick x4", brickwork(50, 4)),
        ("Ising x5", tfim(100, 5)),
        ("EfficientSU2 x2", efficient_su2(100, 2)),
    )
    return {f"{name} {circuit.num_qubits}": circuit for name, circuit in rows}


def ghz(num_qubits: int) -> Circuit:
    """One ladder of CX."""
    ladder = (Operation("cx", (q, q + 1)) for q in range(num_qubits - 1))
    return Circuit(num_qubits, (Operation("h", (0,)), *ladder))


def adder(bits: int) -> Circuit:
    """The ripple-carry adder of Cuccaro and others: a carry, pairs of bits, and the last carry."""
    first = [(2 * k, 2 * k + 1, 2 * k + 2) for k in range(bits)]
    down = [op for c, b, a in first for op in (("cx", a, b), ("cx", a, c), ("ccx", c, b, a))]
    up = [op for c, b, a in reversed(first) for op in (("ccx", c, b, a), ("cx", a, c), ("cx", c, b))]
    rows = [*down, ("cx", 2 * bits, 2 * bits + 1), *up]
    return Circuit.of(2 * bits + 2, [Operation(name, tuple(qubits)) for name, *qubits in rows])


def qaoa(graph: nx.Graph, layers: int) -> Circuit:
    """RZZ on every edge and RX on every node, with an angle of its own for each layer."""
    operations = [Operation("h", (q,)) for q in graph]
    for layer in range(layers):
        operations += [Operation("rzz", edge, (0.7 + 0.2 * layer,)) for edge in sorted(graph.edges)]
        operations += [Operation("rx", (q,), (0.9 - 0.2 * layer,)) for q in graph]
    return Circuit(len(graph), tuple(operations))


def efficient_su2(num_qubits: int, layers: int) -> Circuit:
    """Layers of RY and RZ on every qubit, with a ladder of CX between each two; random angles."""
    rng = np.random.default_rng(num_qubits)
    operations = []
    for layer in range(layers + 1):
        if layer:
            operations += [Operation("cx", (q, q + 1)) for q in range(num_qubits - 1)]
        for name in ("ry", "rz"):
            operations += [Operation(name, (q,), (rng.uniform(-np.pi, np.pi),)) for q in range(num_qubits)]
    return Circuit(num_qubits, tuple(operations))


def brickwork(num_qubits: int, layers: int) -> Circuit:
    """Layers of random U3 on every qubit and RZZ of a random angle on every second pair."""
    rng = np.random.default_rng(num_qubits)
    operations = []
    for layer in range(layers):
        operations += [Operation("u3", (q,), tuple(rng.uniform(-np.pi, np.pi, 3))) for q in range(num_qubits)]
        pairs = [(q, q + 1) for q in range(layer % 2, num_qubits - 1, 2)]
        operations += [Operation("rzz", pair, (rng.uniform(0.2, 1.5),)) for pair in pairs]
    return Circuit(num_qubits, tuple(operations))


if __name__ == "__main__":
    main()
