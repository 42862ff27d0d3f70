"""Brute force: the whole circuit as a state vector, as plainly as possible and without any of cutq's engines."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cutq import Circuit, Observable
from cutq.circuits.gates import PAULIS
from cutq.circuits.observable import Word


def statevector(circuit: Circuit, values: Mapping[str, float] | None = None) -> np.ndarray:
    """The state of shape (2,) * num_qubits, global phase included."""
    values = values or {}
    state = np.zeros((2,) * circuit.num_qubits, dtype=complex)
    state[(0,) * circuit.num_qubits] = np.exp(1j * circuit.global_phase.at(values))
    for op in circuit.operations:
        k = len(op.qubits)
        tensor = op.unitary(values).reshape((2,) * (2 * k))
        state = np.moveaxis(np.tensordot(tensor, state, axes=(range(k, 2 * k), op.qubits)), range(k), op.qubits)
    return state


def word_value(state: np.ndarray, word: Word) -> float:
    """<state| word |state>."""
    acted = state
    for qubit, letter in word:
        acted = np.moveaxis(np.tensordot(PAULIS[letter], acted, axes=(1, qubit)), 0, qubit)
    return float(np.vdot(state, acted).real)


def value(circuit: Circuit, observable: Observable, values: Mapping[str, float] | None = None) -> float:
    """The expectation value of an observable."""
    state = statevector(circuit, values)
    return sum(weight * word_value(state, word) for word, weight in observable.terms)
