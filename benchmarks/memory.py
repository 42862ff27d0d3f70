"""Peak memory of exact runs: ``python -m benchmarks.memory``; each case in a process of its own.

The promise is at most twice the largest fragment tensor plus 300 MB, the interpreter and its packages included.
"""

from __future__ import annotations

import resource
import subprocess
import sys

import cutq
from tests.zoo import line, tfim, u3_layer


def chain() -> tuple[cutq.Circuit, str]:
    """Three fragments in a row, the middle one with eight legs."""
    return u3_layer(line(34, 4)), "A" * 9 + "B" * 16 + "C" * 9


def pair() -> tuple[cutq.Circuit, str]:
    """Two wide fragments with four bonds between."""
    return u3_layer(tfim(40, 4)), "A" * 20 + "B" * 20


def ring() -> tuple[cutq.Circuit, str]:
    """Three wide fragments on a loop."""
    circuit = u3_layer(line(57, 1))
    closing = tuple(cutq.Operation("rzz", (q, (q + 19) % 57), (0.5,)) for q in (2, 21, 40))
    return cutq.Circuit(57, circuit.operations + closing), "A" * 19 + "B" * 19 + "C" * 19


CASES = {"chain": chain, "pair": pair, "ring": ring}


def main() -> None:
    if len(sys.argv) == 2:
        _measure(sys.argv[1])
        return
    print(f"{'case':<8}{'widths':<16}{'largest MB':>11}{'peak MB':>9}{'promise MB':>12}")
    for name in CASES:
        subprocess.run([sys.executable, "-m", "benchmarks.memory", name], check=True)


def _measure(name: str) -> None:
    circuit, labels = CASES[name]()
    network = cutq.split(circuit, cutq.CutPlan.from_partition(circuit, labels))
    largest = cutq.price(network).bytes / 1e6
    cutq.expectation(network, " ".join(f"Z{q}" for q in range(circuit.num_qubits)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    widths = ", ".join(map(str, network.widths))
    print(f"{name:<8}{widths:<16}{largest:>11.0f}{peak:>9.0f}{2 * largest + 300:>12.0f}", flush=True)


if __name__ == "__main__":
    main()
