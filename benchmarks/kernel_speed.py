"""How close the kernels come to a matrix product: ``python -m benchmarks.kernel_speed [--quick]``.

One value of a deep chain of modules beside ``numpy.matmul`` of complex matrices that takes the same number of
floating-point operations. The operations are those that the gates need, by the structure of their matrices: for each
amplitude 6 for RY (real) and for RZ (diagonal), none for CZ (signs). What the kernels fuse away counts all the same;
the contraction, small here, is not counted.
"""

from __future__ import annotations

import argparse

import numpy as np

import cutq
from benchmarks.families import module_chain
from benchmarks.table import Table, at_most, one_thread, paired, time_text
from cutq.network.network import Fragment

FLOPS = {"ry": 6, "rz": 6, "cz": 0}
"""Real operations for each amplitude; the issue's own count of a dense gate would be 14."""

MATRIX = 256
PRODUCT_FLOPS = 8 * MATRIX**3

TABLE = Table("modules; wires; layers,Gflop,cutq,Gflop/s,matmul,ratio,target", first=22)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kernel_speed")
    parser.add_argument("--quick", action="store_true", help="ten modules")
    options = parser.parse_args()
    TABLE.head("One value of a module chain against a complex matrix product of the same number of operations")
    with one_thread():
        for wires, layers in ((8, 4),) if options.quick else ((4, 4), (8, 4), (12, 4)):
            _measure(10 if options.quick or wires > 8 else 100, wires, layers)


def _measure(modules: int, wires: int, layers: int) -> None:
    case = module_chain(wires, modules - 1, layers=layers)
    network, angles = case.network(), case.draw()
    program = cutq.compile(network, case.observables)
    flops = sum(gate_flops(fragment) for fragment in network.fragments)
    rng = np.random.default_rng(0)
    left, right = rng.normal(size=(2, MATRIX, MATRIX)) + 1j * rng.normal(size=(2, MATRIX, MATRIX))
    pair = paired(lambda: program(angles), lambda: left @ right)
    product = pair.theirs * flops / PRODUCT_FLOPS
    ratio = pair.ours / product
    cells = (flops / 1e9, time_text(pair.ours), flops / pair.ours / 1e9, time_text(product), ratio, at_most(ratio, 8))
    TABLE.row(f"{modules}, {wires}, {layers}", *cells)


def gate_flops(fragment: Fragment) -> int:
    """Operations of the fragment's gates on all its amplitudes, its incoming wires as a batch."""
    incoming = sum(leg.end == 1 for leg in fragment.legs)
    return sum(FLOPS[item.operation.name] for item in fragment.items) << (fragment.width + incoming)


if __name__ == "__main__":
    main()
