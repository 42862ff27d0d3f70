"""Clusters of qubits joined by a few CX: ``python -m benchmarks.distributed_vqe [--quick] [--most 15]``.

100 qubits in clusters, three layers of random RY, RZ and CX between all pairs of a cluster, one CX to the next cluster
after the first two; the exact value of Z on all qubits. Wall-clock time on two threads, after compilation. The first
row, a small circuit, is compared with a state vector; the published seconds are those of an uncut contraction by
cuTensorNet on a GPU, read from its users' logs.
"""

from __future__ import annotations

import argparse
import time

import cutq
from benchmarks.families import Case, dist_vqe
from benchmarks.table import Table, at_most, median, one_thread, peak_megabytes, time_text
from tests import oracle

TARGETS = {10: 0.5, 15: 5.0, 19: 120.0}
PUBLISHED = {10: 8.0, 16: 72.0, 18: 284.0, 19: 1608.0}
MAX_BYTES = 4e9

TABLE = Table("qubits; cluster,bonds,compile,value,difference,published,published/cutq,peak MB,cutq,target", first=14)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.distributed_vqe")
    parser.add_argument("--quick", action="store_true", help="the small circuits alone")
    parser.add_argument("--most", type=int, default=19, help="the widest cluster")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    TABLE.head(f"Dist-VQE, exact Z...Z, {options.threads} threads, at most {MAX_BYTES:.2g} bytes, wall-clock")
    with one_thread():
        for qubits, cluster in ((10, 4), (13, 5)):
            _measure(qubits, cluster, options.threads)
        for cluster in () if options.quick else TARGETS:
            if cluster <= options.most:
                _measure(100, cluster, options.threads)


def _measure(qubits: int, cluster: int, threads: int) -> None:
    case = dist_vqe(qubits, cluster)
    angles = case.draw()
    start = time.perf_counter()
    program = cutq.compile(case.network(), case.observables, threads=threads, max_bytes=MAX_BYTES)
    compiled = time.perf_counter() - start
    value = program(angles)[0]
    spent = median(lambda: program(angles), rounds=1 if cluster > 15 else 3, clock=time.perf_counter)
    difference = f"{value - brute_force(case, angles):.1e}" if qubits < 20 else ""
    published = PUBLISHED.get(cluster) if qubits == 100 else None
    beside = (time_text(published), published / spent) if published else ("", "")
    cells = (len(case.plan.cuts), time_text(compiled), f"{value:.1e}", difference, *beside, f"{peak_megabytes():.0f}")
    verdict = at_most(spent, TARGETS[cluster]) + " s" if qubits == 100 else ""
    TABLE.row(f"{qubits}, {cluster}", *cells, time_text(spent), verdict)


def brute_force(case: Case, angles: object) -> float:
    """The value by a state vector."""
    values = dict(zip(case.circuit.parameters, angles, strict=True))
    return oracle.value(case.circuit, cutq.Observable(case.observables[0]), values)


if __name__ == "__main__":
    main()
