"""A table of circuits of every kind, by name."""

from __future__ import annotations

import numpy as np

from cutq import Circuit, Operation, param


def _op(name: str, *qubits: int, params: tuple[float, ...] = ()) -> Operation:
    return Operation(name, qubits, params)


def u3_layer(circuit: Circuit, seed: int = 0) -> Circuit:
    """The circuit with a random u3 on every qubit, so that no value vanishes by symmetry."""
    rng = np.random.default_rng(seed)
    layer = tuple(Operation("u3", (q,), tuple(rng.uniform(-np.pi, np.pi, 3))) for q in range(circuit.num_qubits))
    return Circuit(circuit.num_qubits, circuit.operations + layer)


def tfim(num_qubits: int, steps: int) -> Circuit:
    ops = []
    for _ in range(steps):
        ops += [_op("rzz", q, q + 1, params=(0.4,)) for q in range(0, num_qubits - 1, 2)]
        ops += [_op("rzz", q, q + 1, params=(0.4,)) for q in range(1, num_qubits - 1, 2)]
        ops += [_op("rx", q, params=(0.26,)) for q in range(num_qubits)]
    return Circuit(num_qubits, tuple(ops))


def star(num_qubits: int) -> Circuit:
    return Circuit(num_qubits, (_op("h", 0), *(_op("cx", 0, q) for q in range(1, num_qubits))))


def line(num_qubits: int, layers: int) -> Circuit:
    ops = []
    for layer in range(layers):
        ops += [_op("ry", q, params=(0.3 + 0.1 * q + layer,)) for q in range(num_qubits)]
        ops += [_op("cx", q, q + 1) for q in range(num_qubits - 1)]
    return Circuit(num_qubits, tuple(ops))


def ring(num_qubits: int) -> Circuit:
    ops = [_op("h", q) for q in range(num_qubits)]
    ops += [_op("cp", q, (q + 1) % num_qubits, params=(0.5 + 0.2 * q,)) for q in range(num_qubits)]
    return Circuit(num_qubits, tuple(ops))


def qft(num_qubits: int) -> Circuit:
    ops = []
    for q in range(num_qubits):
        ops.append(_op("h", q))
        ops += [_op("cp", r, q, params=(np.pi / 2 ** (r - q),)) for r in range(q + 1, num_qubits)]
    return Circuit(num_qubits, tuple(ops))


def dense(num_qubits: int, gates: int, seed: int) -> Circuit:
    rng = np.random.default_rng(seed)
    ops = []
    for _ in range(gates):
        a, b = (int(q) for q in rng.choice(num_qubits, 2, replace=False))
        ops += [_op("ry", a, params=(float(rng.uniform(0, 3)),)), _op(("cx", "cz")[int(rng.integers(2))], a, b)]
    return Circuit(num_qubits, tuple(ops))


def shared_parameters() -> Circuit:
    s, t = param("s"), param("t")
    return Circuit(
        4,
        (
            Operation("ry", (0,), (2 * s - t + 0.1,)),
            Operation("rzz", (0, 1), (s,)),
            Operation("crx", (1, 2), (t,)),
            Operation("cu3", (2, 3), (s, t, 0.3)),
            Operation("ry", (3,), (t,)),
        ),
    )


ZOO: dict[str, Circuit] = {
    "empty": Circuit(0),
    "idle": Circuit(3),
    "one_qubit": Circuit(1, (_op("h", 0), _op("t", 0))),
    "disconnected": Circuit(5, (_op("h", 0), _op("cx", 0, 1), _op("ry", 3, params=(0.3,)), _op("swap", 3, 4))),
    "tfim_n8": tfim(8, 2),
    "star_n9": star(9),
    "line_n8": line(8, 3),
    "ring_n6": ring(6),
    "qft_n6": qft(6),
    "dense_n6": dense(6, 20, 1),
    "toffoli": Circuit.of(4, [_op("h", 0), _op("h", 1), _op("ccx", 0, 1, 2), _op("cswap", 1, 2, 3)]),
    "shared": shared_parameters(),
}
