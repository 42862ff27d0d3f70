"""Random circuits, plans and observables for the laws."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st

from cutq import Angle, Circuit, CutPlan, GateCut, Observable, Operation, Search, WireCut, param
from cutq.circuits.gates import GATES

NAMES = sorted(name for name, row in GATES.items() if row.num_qubits <= 2)
PARAMETERS = ("s", "t", "enc.theta", "v[0]")

numbers = st.floats(-math.pi, math.pi, allow_nan=False).map(lambda x: round(x, 3))


def haar(num_qubits: int, seed: int) -> np.ndarray:
    """A random unitary."""
    rng = np.random.default_rng(seed)
    shape = (2**num_qubits, 2**num_qubits)
    q, r = np.linalg.qr(rng.normal(size=shape) + 1j * rng.normal(size=shape))
    return q * (np.diagonal(r) / np.abs(np.diagonal(r)))


@st.composite
def angles(draw: st.DrawFn, parameters: tuple[str, ...]) -> Angle:
    """A number, or an affine expression in some of the parameters."""
    total = Angle() + draw(numbers)
    for name in draw(st.lists(st.sampled_from(parameters), max_size=2)) if parameters else []:
        total = total + draw(numbers) * param(name)
    return total


@st.composite
def operations(draw: st.DrawFn, num_qubits: int, parameters: tuple[str, ...]) -> Operation:
    """A gate of the table or a random unitary, on any of the qubits."""
    name = draw(st.sampled_from([*NAMES, "cx", "cz", "rzz", "unitary", "unitary"]))
    most = 2 if num_qubits >= 2 else 1
    if name == "unitary":
        size = draw(st.integers(1, most))
        qubits = draw(st.permutations(range(num_qubits)))[:size]
        return Operation(name, tuple(qubits), matrix=haar(size, draw(st.integers(0, 99))))
    if GATES[name].num_qubits > most:
        name = "h"
    qubits = draw(st.permutations(range(num_qubits)))[: GATES[name].num_qubits]
    params = [draw(angles(parameters)) for _ in range(GATES[name].num_angles)]
    return Operation(name, tuple(qubits), tuple(params))


@st.composite
def circuits(draw: st.DrawFn, parameters: tuple[str, ...] = (), max_qubits: int = 5, max_ops: int = 16) -> Circuit:
    """A random circuit; some qubits may have no gates."""
    num_qubits = draw(st.integers(1, max_qubits))
    ops = draw(st.lists(operations(num_qubits, parameters), max_size=max_ops))
    return Circuit(num_qubits, tuple(ops), global_phase=draw(angles(parameters)))


@st.composite
def plans(draw: st.DrawFn, circuit: Circuit, max_cuts: int = 5) -> CutPlan:
    """Random wire, gate and joint cuts, in any order, several on one wire, whatever fragments they make."""
    ops = list(enumerate(circuit.operations))
    wires = [WireCut(qubit, number) for number, op in ops for qubit in op.qubits]
    gates = [number for number, op in ops if len(op.qubits) == 2]
    chosen: list[WireCut | GateCut] = list(draw(st.permutations(wires)))[: draw(st.integers(0, max_cuts))]
    left = list(draw(st.permutations(gates)))[: draw(st.integers(0, max_cuts - len(chosen)))]
    while left:
        size = draw(st.integers(1, 3))
        chosen.append(GateCut(tuple(left[:size])))
        left = left[size:]
    return CutPlan(tuple(draw(st.permutations(chosen))))


@st.composite
def ladders(draw: st.DrawFn, parameters: tuple[str, ...] = (), max_qubits: int = 5, max_ops: int = 14) -> Circuit:
    """A random circuit that is full of stars and runs: gates of few bases between qubits 0, 1 and the others."""
    num_qubits = draw(st.integers(3, max_qubits))
    names = st.sampled_from(("cx", "cx", "cz", "cp", "rzz", "rxx", "cu", "crx", "t", "rz", "x", "h", ""))
    ops: list[Operation] = []
    for name in draw(st.lists(names, min_size=max_ops // 2, max_size=max_ops)):
        if name:
            pair = draw(st.permutations((draw(st.integers(0, 1)), draw(st.integers(2, num_qubits - 1)))))
            params = tuple(draw(angles(parameters)) for _ in range(GATES[name].num_angles))
            ops.append(Operation(name, tuple(pair[: GATES[name].num_qubits]), params))
        else:
            ops.append(draw(operations(num_qubits, parameters)))
    return Circuit(num_qubits, tuple(ops))


@st.composite
def joint_cuts(draw: st.DrawFn, circuit: Circuit) -> CutPlan:
    """All gates that cross from qubit 0, or from 0 and 1, to the others, but for a few, in one or two joint cuts."""
    side = draw(st.sampled_from(((0,), (0, 1), (0, 1))))
    gates = [
        n
        for n, op in enumerate(circuit.operations)
        if len(op.qubits) == 2 and (op.qubits[0] in side) != (op.qubits[1] in side)
    ]
    uncut = draw(st.sets(st.sampled_from(gates or [0]), max_size=1))
    kept = [number for number in gates if number not in uncut]
    first = draw(st.sampled_from((0, 0, len(kept) // 2)))
    joint = [GateCut(part, side) for part in (tuple(kept[:first]), tuple(kept[first:])) if part]
    wires = [WireCut(qubit, number) for number, op in enumerate(circuit.operations) for qubit in op.qubits]
    return CutPlan((*joint, *draw(st.lists(st.sampled_from(wires), max_size=2, unique=True))))


@st.composite
def observables(draw: st.DrawFn, num_qubits: int) -> Observable:
    """A weighted sum of a few Pauli words."""
    terms = []
    for _ in range(draw(st.integers(1, 3))):
        letters = draw(st.lists(st.sampled_from("IXYZ"), min_size=num_qubits, max_size=num_qubits))
        terms.append((tuple((q, p) for q, p in enumerate(letters) if p != "I"), draw(numbers)))
    return Observable.of(terms)


searches = st.builds(
    Search,
    wire_cuts=st.booleans(),
    gate_cuts=st.just(True),
    merge_gates=st.booleans(),
    joint=st.booleans(),
    reuse=st.booleans(),
    time_limit=st.just(2.0),
    seed=st.integers(0, 3),
)
"""Options with which there always is a plan."""
