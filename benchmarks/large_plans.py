"""Plans for very large circuits: ``python -m benchmarks.large_plans [GATES]``; each case in a process of its own.

The promise is a valid plan for 50,000 two-qubit gates on 400 qubits within 5 minutes and 2 GB, with a limit of 60 s.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

import cutq
from cutq.network.plan import magnitude

QUBITS, WIDTH, LIMIT, SIDE = 400, 100, 60.0, 20


def line(rng: np.random.Generator) -> tuple[int, int]:
    """Two neighbours of a line."""
    first = int(rng.integers(QUBITS - 1))
    return first, first + 1


def grid(rng: np.random.Generator) -> tuple[int, int]:
    """Two neighbours of a square grid."""
    row, column = int(rng.integers(SIDE)), int(rng.integers(SIDE - 1))
    one, other = row * SIDE + column, row * SIDE + column + 1
    turned = rng.integers(2)
    return (column * SIDE + row, (column + 1) * SIDE + row) if turned else (one, other)


def anywhere(rng: np.random.Generator) -> tuple[int, int]:
    """Any two qubits."""
    first, second = rng.choice(QUBITS, 2, replace=False)
    return int(first), int(second)


PAIRS: dict[str, Callable[[np.random.Generator], tuple[int, int]]] = {"line": line, "grid": grid, "anywhere": anywhere}


def main() -> None:
    if len(sys.argv) == 4:
        _measure(sys.argv[1], sys.argv[2], int(sys.argv[3]))
        return
    gates = sys.argv[1] if len(sys.argv) == 2 else "50000"
    print(f"{'pairs':<10}{'objective':<11}{'s':>6}{'peak MB':>9}{'cuts':>8}{'fragments':>11}{'widest':>8}  circuits")
    for pairs in PAIRS:
        for objective in ("circuits", "gamma"):
            subprocess.run([sys.executable, "-m", "benchmarks.large_plans", pairs, objective, gates], check=True)


def _measure(pairs: str, objective: str, gates: int) -> None:
    rng = np.random.default_rng(0)
    circuit = cutq.Circuit(QUBITS, tuple(cutq.Operation("cx", PAIRS[pairs](rng)) for _ in range(gates)))
    start = time.perf_counter()
    plan = cutq.find_cuts(circuit, WIDTH, objective=objective, search=cutq.Search(time_limit=LIMIT))
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    network = cutq.split(circuit, plan)
    assert max(network.widths) <= WIDTH
    assert cutq.merge(network) == circuit
    print(f"{pairs:<10}{objective:<11}{seconds:>6.0f}{peak:>9.0f}{len(plan.cuts):>8}{len(plan.widths):>11}"
          f"{max(plan.widths):>8}  {magnitude(plan.price.circuits)}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
