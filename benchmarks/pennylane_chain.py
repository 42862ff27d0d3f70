"""A chain of modules beside PennyLane's ``cut_circuit``: ``python -m benchmarks.pennylane_chain [--quick]``.

PennyLane runs on lightning.qubit with adjoint gradients, and contracts with opt_einsum where its own einsum would run
out of letters. Both sides get the same circuit, cuts and angles. cutq's time does not hold its compilation, which
stands in a column of its own.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

import cutq
from benchmarks.families import Case, module_chain
from benchmarks.table import Table, at_least, at_most, one_thread, paired, time_text

TARGETS = {(4, 6): 1000.0, (8, 6): 700.0, (4, 60): 5000.0}
"""(wires of a module, joints): how many times faster, forward and with the gradient."""

COMPILE_SECONDS = 3.0

TABLE = Table("wires and joints,pass,compile,cutq,PennyLane,ratio,difference,target")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pennylane_chain")
    parser.add_argument("--quick", action="store_true", help="the smallest chain alone")
    options = parser.parse_args()
    try:
        import pennylane
    except ImportError:
        raise SystemExit("PennyLane is not installed: pip install pennylane pennylane-lightning") from None
    TABLE.head(f"Module chain, two layers, Z on the last wire, against PennyLane {pennylane.__version__} cut_circuit")
    with one_thread():
        for wires, joints in list(TARGETS)[: 1 if options.quick else None]:
            _measure(wires, joints, 2 if joints > 20 else 5)


def _measure(wires: int, joints: int, rounds: int) -> None:
    case = module_chain(wires, joints)
    angles = case.draw()
    start = time.process_time()
    program = cutq.compile(case.network(), case.observables)
    program.value_and_jacobian(angles)
    compiled = time.process_time() - start
    value, gradient = pennylane_steps(case)
    theirs = gradient(angles)
    values, jacobian = program.value_and_jacobian(angles)
    passes = (
        ("value", lambda: program(angles), lambda: value(angles), values[0] - value(angles)),
        ("gradient", lambda: program.value_and_jacobian(angles), lambda: gradient(angles), jacobian[0] - theirs),
    )
    for name, ours, other, difference in passes:
        pair = paired(ours, other, rounds=rounds)
        times = (time_text(compiled), time_text(pair.ours), time_text(pair.theirs))
        worst, verdict = f"{np.abs(difference).max():.1e}", at_least(pair.ratio, TARGETS[wires, joints])
        TABLE.row(f"{wires}, {joints}", name, *times, pair.ratio, worst, verdict)
    print(f"compile and first run with gradient: {at_most(compiled, COMPILE_SECONDS)} s")


def pennylane_steps(case: Case) -> tuple[Callable[[np.ndarray], float], Callable[[np.ndarray], np.ndarray]]:
    """The case's value and its gradient by PennyLane, as functions of the angles."""
    import pennylane as qml

    gates = {"ry": qml.RY, "rz": qml.RZ, "cz": qml.CZ}
    index = {name: k for k, name in enumerate(case.circuit.parameters)}
    cut_after = {(cut.after, cut.qubit) for cut in case.plan.cuts}
    width = max(case.network().widths)
    measured = int(case.observables[0].removeprefix("Z"))

    @qml.qnode(qml.device("lightning.qubit", wires=width), diff_method="adjoint")
    def whole(angles: np.ndarray) -> object:
        for number, op in enumerate(case.circuit.operations):
            gates[op.name](*(angles[index[name]] for name in op.parameters), wires=list(op.qubits))
            for qubit in op.qubits:
                if (number, qubit) in cut_after:
                    qml.WireCut(wires=qubit)
        return qml.expval(qml.Z(measured))

    cut = qml.cut_circuit(whole, use_opt_einsum=len(cut_after) > 20, device_wires=qml.wires.Wires(range(width)))
    slope = qml.grad(cut)
    return lambda angles: float(cut(angles)), lambda angles: slope(qml.numpy.array(angles, requires_grad=True))


if __name__ == "__main__":
    main()
