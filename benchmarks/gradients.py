"""What a gradient costs beside a value, and what a module costs: ``python -m benchmarks.gradients [--quick]``.

The gradient has all parameters and the value; it is compared with central differences of the same program on a few
parameters. The second table follows chains of 30 to 3000 modules: the time of one module should not depend on them.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

import cutq
from benchmarks.families import Case, module_chain
from benchmarks.table import Table, at_most, median, one_thread, paired, time_text

SHAPES = ((4, 1, 10), (4, 1, 1000), (4, 2, 100), (8, 1, 100), (8, 3, 100), (12, 2, 30), (16, 1, 10), (16, 3, 10))
"""Wires of a module, wires shared with the next, modules."""

LENGTHS = (30, 100, 300, 1000, 3000)
STEP = 1e-4
CHECKED = 6
"""Parameters compared with differences of fourth order: so many evenly over the circuit, so many of steepest slope."""

COSTS = Table("wires; shared; modules,parameters,value,gradient,difference,ratio,target", first=23)
GROWTH = Table("modules,compile,value,per module,gradient,per module", first=7)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gradients")
    parser.add_argument("--quick", action="store_true", help="small chains alone")
    options = parser.parse_args()
    with one_thread():
        _costs([shape for shape in SHAPES if not options.quick or shape[0] * shape[2] <= 40])
        _growth([length for length in LENGTHS if not options.quick or length <= 100])


def _costs(shapes: list[tuple[int, int, int]]) -> None:
    COSTS.head("Value and gradient in all parameters beside the value alone")
    worst = 0.0
    for wires, shared, modules in shapes:
        case = module_chain(wires, modules - 1, shared=shared)
        angles = case.draw()
        program = cutq.compile(case.network(), case.observables)
        pair = paired(lambda p=program, a=angles: p(a), lambda p=program, a=angles: p.value_and_jacobian(a))
        error = difference_error(program, angles)
        worst = max(worst, error)
        cells = (time_text(pair.ours), time_text(pair.theirs), f"{error:.1e}", pair.ratio, at_most(pair.ratio, 4))
        COSTS.row(f"{wires}, {shared}, {modules}", angles.size, *cells)
    print(f"largest difference from finite differences {worst:.1e}, {at_most(worst, 1e-8)}")


def difference_error(program: cutq.Program, angles: np.ndarray) -> float:
    """The largest deviation of the jacobian from differences of fourth order."""
    jacobian = program.value_and_jacobian(angles)[1]
    steepest = np.argsort(-np.abs(jacobian[0]))[:CHECKED]
    chosen = np.union1d(np.linspace(0, angles.size - 1, CHECKED).astype(int), steepest)
    moves = STEP * np.eye(angles.size)[chosen]
    two, one, back, back_two = (program(angles + factor * moves) for factor in (2, 1, -1, -2))
    slopes = (back_two - 8 * back + 8 * one - two) / (12 * STEP)
    return float(np.abs(slopes.T - jacobian[:, chosen]).max())


def _growth(lengths: list[int]) -> None:
    GROWTH.head("Time of one module, 4 wires, one shared")
    each = []
    for modules in lengths:
        case = module_chain(4, modules - 1)
        compiled, value, gradient = chain_times(case)
        each.append((value / modules, gradient / modules))
        cells = (time_text(value), time_text(each[-1][0]), time_text(gradient), time_text(each[-1][1]))
        GROWTH.row(modules, time_text(compiled), *cells)
    for name, column in zip(("value", "gradient"), zip(*each, strict=True), strict=True):
        spread = max(column) / min(column)
        print(f"{name}: slowest over fastest time of one module {spread:.2f}, {at_most(spread, 1.5)}")


def chain_times(case: Case) -> tuple[float, float, float]:
    """Seconds of compilation, and median seconds of the value and of the value with its gradient."""
    angles, network = case.draw(), case.network()
    start = time.process_time()
    program = cutq.compile(network, case.observables)
    compiled = time.process_time() - start
    return compiled, median(lambda: program(angles)), median(lambda: program.value_and_jacobian(angles))


if __name__ == "__main__":
    main()
