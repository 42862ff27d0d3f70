"""The table of stars: every gate as an arm, seen from either qubit, and what leaves a hub's basis alone."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cutq import Operation, param
from cutq.circuits.gates import GATES, gate
from cutq.network.stars import ARMS, BASES, STAR_COUPLING, Arm, arm, keeps
from tests.strategies import haar

TWO_QUBIT = [name for name, row in GATES.items() if row.num_qubits == 2]

WITHOUT = {("cu3", 1), ("cu", 1), ("ecr", 0), ("swap", 0), ("swap", 1), ("iswap", 0), ("iswap", 1)}
"""Gates without an eigenbasis on a qubit, at angles that are nothing special."""


def rebuilt(arm: Arm, hub: int, values: dict[str, float]) -> np.ndarray:
    """sum_sb C_sb W^s (x) V_b, the hub's factor on its side."""
    reflection = gate(arm.basis).matrix()
    total = np.zeros((4, 4), dtype=complex)
    for s, power in enumerate((np.eye(2), reflection)):
        for b in (0, 1):
            other = np.eye(2, dtype=complex)
            for pair in arm.letters:
                other = pair[b].unitary(values) @ other
            sides = (power, other) if hub == 0 else (other, power)
            total += STAR_COUPLING[s, b] * np.kron(*sides)
    return total


@pytest.mark.parametrize("hub", [0, 1])
@pytest.mark.parametrize("name", TWO_QUBIT)
def test_every_gate_is_rebuilt_from_its_arm(name: str, hub: int) -> None:
    rng = np.random.default_rng(1)
    count = GATES[name].num_angles
    for _ in range(3):
        op = Operation(name, (0, 1), tuple(rng.uniform(-4, 4, count)))
        found = arm(op, hub)
        assert (found is None) == ((name, hub) in WITHOUT)
        if found is not None:
            np.testing.assert_allclose(rebuilt(found, hub, {}), op.unitary({}), atol=1e-14)


@pytest.mark.parametrize(("name", "hub"), [(n, hub) for n, rows in ARMS.items() for hub in (0, 1) if rows[hub]])
def test_arms_keep_parameters(name: str, hub: int) -> None:
    values = {"s": 0.7, "t": -2.9}
    angles = tuple((k + 1) * param("s") - param("t") / 3 + 0.1 for k in range(GATES[name].num_angles))
    op = Operation(name, (0, 1), angles)
    found = arm(op, hub)
    assert found is not None
    assert {p for pair in found.letters for letter in pair for p in letter.parameters} == set(op.parameters)
    np.testing.assert_allclose(rebuilt(found, hub, values), op.unitary(values), atol=1e-14)


@pytest.mark.parametrize("basis", BASES)
@pytest.mark.parametrize("hub", [0, 1])
def test_matrix_gates_with_an_eigenbasis_are_arms(basis: str, hub: int) -> None:
    """A controlled gate turned into the basis, by its matrix only."""
    _, states = np.linalg.eigh(gate(basis).matrix())
    blocks = [np.kron(np.outer(state, state.conj()), haar(1, k)) for k, state in enumerate(states.T)]
    matrix = sum(blocks).reshape(2, 2, 2, 2)
    matrix = matrix if hub == 0 else matrix.transpose(1, 0, 3, 2)
    op = Operation("unitary", (0, 1), matrix=matrix.reshape(4, 4))
    found = arm(op, hub)
    assert found is not None
    assert found.basis == basis
    assert arm(op, 1 - hub) is None
    np.testing.assert_allclose(rebuilt(found, hub, {}), op.unitary({}), atol=1e-14)


def test_matrix_gates_without_an_eigenbasis_are_none() -> None:
    op = Operation("unitary", (0, 1), matrix=haar(2, 5))
    assert arm(op, 0) is None
    assert arm(op, 1) is None


@pytest.mark.parametrize("name", [name for name, row in GATES.items() if row.num_qubits <= 2])
@pytest.mark.parametrize("basis", BASES)
def test_what_keeps_a_basis_commutes_with_it_at_every_value(name: str, basis: str) -> None:
    row = GATES[name]
    op = Operation(name, tuple(range(row.num_qubits)), tuple(param(f"a{k}") for k in range(row.num_angles)))
    values = {f"a{k}": 0.4 + k for k in range(row.num_angles)}
    for position in range(row.num_qubits):
        sides = [gate(basis).matrix() if q == position else np.eye(2) for q in range(row.num_qubits)]
        reflection = sides[0] if row.num_qubits == 1 else np.kron(*sides)
        matrix = op.unitary(values)
        assert keeps(op, position, basis) == np.allclose(matrix @ reflection, reflection @ matrix)


def test_angles_that_are_known_count() -> None:
    s, t = param("s"), param("t")
    assert keeps(Operation("u3", (0,), (0.0, s, t)), 0, "z")
    assert not keeps(Operation("u3", (0,), (0.1, s, t)), 0, "z")
    assert keeps(Operation("rx", (0,), (2 * math.pi,)), 0, "z")
    assert not keeps(Operation("rx", (0,), (s,)), 0, "z")
    assert keeps(Operation("u3", (0,), (0.7, -math.pi / 2, math.pi / 2)), 0, "x")
