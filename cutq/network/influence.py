"""Which operations can change an expectation value: the light cone, seen through what commutes.

Seen backwards in time an observable is unknown on a qubit that the cone reaches, or there commutes with a reflection.
An operation that commutes with those reflections on all qubits that are reached cancels against its adjoint.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np

from cutq.circuits.circuit import Circuit, Operation
from cutq.circuits.gates import gate
from cutq.circuits.observable import Observable
from cutq.network.stars import BASES, COMMUTING, keeps

Targets = Mapping[int, str]
"""By qubit the reflection, one of ``BASES``, that all observables commute with there; empty if there is none."""


def targets(observables: Iterable[Observable]) -> Targets:
    """What these observables are on their qubits.

    >>> targets([Observable("Z0 X1 + X1"), Observable("Y0")])
    {0: '', 1: 'x'}
    """
    letters: dict[int, set[str]] = {}
    for one in observables:
        for word, _ in one.terms:
            for qubit, letter in word:
                letters.setdefault(qubit, set()).add(letter.lower())
    return {qubit: min(found) if len(found) == 1 else "" for qubit, found in sorted(letters.items())}


def influence(circuit: Circuit, asked: Targets) -> list[int]:
    """The numbers of the operations that can change such expectation values, in order.

    >>> circuit = Circuit(3, tuple(Operation(*op) for op in [("h", (0,)), ("cx", (0, 1)), ("t", (0,)), ("cx", (1, 2))]))
    >>> influence(circuit, {0: "z"}), influence(circuit, {2: "z"})
    ([0], [0, 1, 3])
    """
    reached, kept = dict(asked), list[int]()
    for number in range(len(circuit.operations) - 1, -1, -1):
        op = circuit.operations[number]
        if not reached.keys().isdisjoint(op.qubits):
            after = _before(op, reached)
            if after is not None:
                reached.update(after)
                kept.append(number)
    return kept[::-1]


def _before(op: Operation, reached: Mapping[int, str]) -> dict[int, str] | None:
    """What is known on the qubits of an operation before it; None if it does not matter."""
    moved = op.on(tuple(range(len(op.qubits))))
    before: dict[int, str] = {}
    cancels = True
    for position, qubit in enumerate(op.qubits):
        if qubit in reached:
            basis = reached[qubit]
            stays = bool(basis) and keeps(moved, position, basis)
            cancels = cancels and stays
            before[qubit] = basis if stays else _turned(op, basis)
        else:
            before[qubit] = next((basis for basis in BASES if keeps(moved, position, basis)), "")
    return None if cancels else before


def _turned(op: Operation, basis: str) -> str:
    """The reflection that a one-qubit operation turns into this one; empty where it is none of ``BASES``."""
    if not basis or len(op.qubits) > 1 or op.parameters:
        return ""
    matrix = op.unitary({})
    turned = matrix.conj().T @ gate(basis).matrix() @ matrix
    close = (basis for basis in BASES if np.abs(np.abs(np.trace(turned @ gate(basis).matrix())) - 2) < COMMUTING)
    return next(close, "")


def outside(circuit: Circuit, kept: Collection[int], asked: Targets) -> list[int]:
    """Numbers of operations that are not kept although they can change such expectation values."""
    return sorted(set(influence(circuit, asked)) - set(kept))


def completed(kept: Iterable[int], groups: Iterable[Collection[int]]) -> list[int]:
    """Operations in order, with all of a group where there is one of it.

    Keeping more than what is asked for depends on changes nothing: it cancels against its adjoint.

    >>> completed([0, 2], [(2, 3), (4, 5)])
    [0, 2, 3]
    """
    found = set(kept)
    return sorted(found.union(*(group for group in groups if not found.isdisjoint(group))))
