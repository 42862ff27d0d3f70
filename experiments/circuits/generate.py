"""Writes the circuit files of this folder: ``python -m experiments.circuits.generate``."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import cutq

HERE = Path(__file__).parent


def tfim_chain(num_qubits: int, steps: int, angle: float = 0.4, field: float = 0.6) -> cutq.Circuit:
    """Trotter steps of the transverse-field Ising chain, from a quenched start with random tilts (seed 7)."""
    tilts = np.random.default_rng(7).uniform(0.2, 1.2, num_qubits)
    ops = [cutq.Operation("ry", (q,), (float(tilt),)) for q, tilt in enumerate(tilts)]
    for _ in range(steps):
        bonds = [*range(0, num_qubits - 1, 2), *range(1, num_qubits - 1, 2)]
        ops += [cutq.Operation("rzz", (q, q + 1), (angle,)) for q in bonds]
        ops += [cutq.Operation("rx", (q,), (field,)) for q in range(num_qubits)]
    return cutq.Circuit(num_qubits, tuple(ops))


def ghz_star(num_qubits: int) -> cutq.Circuit:
    """A GHZ state from one hub: all CX have the same control."""
    ops = [cutq.Operation("h", (0,)), *(cutq.Operation("cx", (0, q)) for q in range(1, num_qubits))]
    return cutq.Circuit(num_qubits, tuple(ops))


def ansatz_line(num_qubits: int, layers: int) -> cutq.Circuit:
    """A hardware-efficient ansatz on a line whose angles are parameters ``theta_0, theta_1, ...``."""
    ops = []
    for layer in range(layers + 1):
        ops += [cutq.Operation("ry", (q,), (cutq.param(f"theta_{layer * num_qubits + q}"),)) for q in range(num_qubits)]
        if layer < layers:
            ops += [cutq.Operation("cx", (q, q + 1)) for q in range(num_qubits - 1)]
    return cutq.Circuit(num_qubits, tuple(ops))


CIRCUITS = {
    "tfim_chain_n14": tfim_chain(14, 3),
    "ghz_star_n12": ghz_star(12),
    "ansatz_line_n8": ansatz_line(8, 2),
}


def main() -> None:
    for name, circuit in CIRCUITS.items():
        version = 3 if circuit.parameters else 2
        cutq.dump(circuit, HERE / f"{name}.qasm", version=version)
        print(f"{name}.qasm: {circuit.num_qubits} qubits, {len(circuit.operations)} operations")


if __name__ == "__main__":
    main()
