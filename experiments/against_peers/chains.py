"""Chains of modules beside PennyLane's ``cut_circuit``, and uncut by lightning and by contraction.

The gradient is by all angles: adjoint on both sides, or by parameter shifts of the peer's whole workflow. Compiling is
not in the time of cutq.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

import cutq
from benchmarks.families import Case
from benchmarks.pennylane_chain import pennylane_steps
from experiments.against_peers import contraction, states
from experiments.against_peers.beside import Beside, counted, spent, timed
from experiments.against_peers.cases import case_of
from experiments.against_peers.tasks import Task


def compared(task: Task) -> Beside:
    """Seconds, or circuits, of a chain."""
    if task.peer.startswith("cotengra"):
        return contraction.compared(task)
    case = case_of(task.case)
    angles = case.draw(task.seed)
    if task.quantity == "circuits":
        return counted(num_circuits(case, angles), cut_tapes(case, angles))
    steps, compiled = contraction.own_steps(case, angles)
    ours, theirs = steps["value" if task.step == "value" else "gradient"], peer(task, case)
    once = compiled + spent(ours)
    difference = None if task.peer_rounds == 1 else float(np.abs(_last(ours()) - _last(theirs(angles))).max())
    found = timed(ours, lambda: theirs(angles), task.rounds, task.peer_rounds, difference)
    return replace(found, ours_once=once)


def _last(found: Any) -> np.ndarray:
    """The value, or the gradient of one that comes with its value."""
    return np.asarray(found[1] if isinstance(found, tuple) else found)


def peer(task: Task, case: Case) -> Callable[[np.ndarray], Any]:
    """The peer's side of a task."""
    if task.step == "shift gradient":
        return shift_gradient(case)
    steps = states.uncut(case) if task.peer == "lightning" else pennylane_steps(case)
    return steps[task.step == "gradient"]


def num_circuits(case: Case, angles: np.ndarray) -> int:
    """Different circuits that cutq would run on a device for one value."""
    return sum(map(len, cutq.variants(case.network(), case.observables, angles)))


def cut_tapes(case: Case, angles: np.ndarray) -> int:
    """Circuits that ``cut_circuit`` makes for one value."""
    import pennylane as qml

    (tape,), _ = qml.workflow.construct_batch(marked(case), level="user")(angles)
    tapes, _ = qml.cut_circuit(tape, use_opt_einsum=True, device_wires=qml.wires.Wires(range(_width(case))))
    return len(tapes)


def shift_gradient(case: Case) -> Callable[[np.ndarray], Any]:
    """The gradient of ``cut_circuit`` by parameter shifts."""
    import pennylane as qml

    wires = qml.wires.Wires(range(_width(case)))
    slope = qml.grad(qml.cut_circuit(marked(case, "parameter-shift"), device_wires=wires))
    return lambda angles: slope(qml.numpy.array(angles, requires_grad=True))


def marked(case: Case, method: str = "adjoint") -> Any:
    """A quantum node with marks where wires are cut."""
    import pennylane as qml

    gates = {"ry": qml.RY, "rz": qml.RZ, "cz": qml.CZ}
    index = {name: number for number, name in enumerate(case.circuit.parameters)}
    places = {(cut.after, cut.qubit) for cut in case.plan.cuts}

    @qml.qnode(qml.device("lightning.qubit", wires=_width(case)), diff_method=method)
    def node(angles: np.ndarray) -> Any:
        for number, op in enumerate(case.circuit.operations):
            gates[op.name](*(angles[index[name]] for name in op.parameters), wires=list(op.qubits))
            for qubit in op.qubits:
                if (number, qubit) in places:
                    qml.WireCut(wires=qubit)
        return qml.expval(qml.Z(int(case.observables[0].removeprefix("Z"))))

    return node


def _width(case: Case) -> int:
    return max(case.network().widths)
