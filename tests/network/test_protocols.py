"""The table of cuts: exact forms of every two-qubit gate, ranks and gammas of the literature."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cutq import Operation, param
from cutq.circuits.gates import GATES
from cutq.network.protocols import (
    gate_gamma,
    joint_gamma,
    schmidt_coefficients,
    schmidt_form,
    schmidt_rank,
)
from tests.strategies import haar

TWO_QUBIT = [name for name, row in GATES.items() if row.num_qubits == 2]

RANKS = {name: 4 if name in ("swap", "iswap") else 2 for name in TWO_QUBIT}

T = 0.7
GAMMAS = {
    "cx": 3.0, "cy": 3.0, "cz": 3.0, "ch": 3.0, "ecr": 3.0, "swap": 7.0, "iswap": 7.0,
    "cs": 1 + math.sqrt(2), "csdg": 1 + math.sqrt(2), "csx": 1 + math.sqrt(2),
    "cp": 1 + 2 * abs(math.sin(T / 2)), "cu1": 1 + 2 * abs(math.sin(T / 2)),
    "crx": 1 + 2 * abs(math.sin(T / 2)), "cry": 1 + 2 * abs(math.sin(T / 2)), "crz": 1 + 2 * abs(math.sin(T / 2)),
    "rxx": 1 + 2 * abs(math.sin(T)), "ryy": 1 + 2 * abs(math.sin(T)), "rzz": 1 + 2 * abs(math.sin(T)),
    "rzx": 1 + 2 * abs(math.sin(T)),
}  # fmt: skip
"""Optimal gammas at angle T: Mitarai and Fujii (NJP 23 023021), Piveteau and Sutter (arXiv:2205.00016)."""


def rebuilt(op: Operation, values: dict[str, float]) -> np.ndarray:
    """sum_ij C_ij L_i (x) R_j."""
    form = schmidt_form(op)
    coupling = form.coupling(op, values)
    left = [letter.unitary(values) for letter in form.left]
    right = [letter.unitary(values) for letter in form.right]
    return sum(coupling[i, j] * np.kron(left[i], right[j]) for i in range(form.rank) for j in range(form.rank))


@pytest.mark.parametrize("name", TWO_QUBIT)
@pytest.mark.parametrize("seed", range(3))
def test_bound_gates_are_rebuilt_from_their_letters(name: str, seed: int) -> None:
    angles = np.random.default_rng(seed).uniform(-4, 4, GATES[name].num_angles)
    op = Operation(name, (0, 1), tuple(angles))
    np.testing.assert_allclose(rebuilt(op, {}), op.unitary({}), atol=1e-13)
    assert schmidt_form(op).rank == RANKS[name]


@pytest.mark.parametrize("name", [name for name in TWO_QUBIT if GATES[name].num_angles])
def test_gates_with_parameters_are_rebuilt_at_any_value(name: str) -> None:
    op = Operation(name, (0, 1), tuple(param(f"a{k}") for k in range(GATES[name].num_angles)))
    for value in (0.0, 0.3, math.pi, 2 * math.pi):
        values = {f"a{k}": value * (k + 1) for k in range(4)}
        np.testing.assert_allclose(rebuilt(op, values), op.unitary(values), atol=1e-13)
    assert schmidt_form(op).rank == 2


def test_gates_that_are_local_at_their_angles_have_rank_one() -> None:
    for op in (Operation("rzz", (0, 1), (0.0,)), Operation("crx", (0, 1), (2 * math.pi,))):
        assert schmidt_form(op).rank == 1
        assert gate_gamma(op) == 1.0
        np.testing.assert_allclose(rebuilt(op, {}), op.unitary({}), atol=1e-14)


@pytest.mark.parametrize("seed", range(40))
def test_matrix_gates_of_every_rank(seed: int) -> None:
    rng = np.random.default_rng(seed)
    angle = float(rng.choice([0.0, 1e-13, 1e-9, 1e-4, 0.3, math.pi / 2, math.pi]))
    core = GATES[str(rng.choice(["rzz", "crx", "cp"]))].matrix([angle]) if seed % 2 else GATES["ch"].matrix()
    local = [np.kron(haar(1, 2 * seed + k), haar(1, 3 * seed + k)) for k in range(2)]
    matrix = haar(2, seed) if seed % 5 == 0 else local[0] @ core @ local[1]
    op = Operation("unitary", (0, 1), matrix=matrix)
    np.testing.assert_allclose(rebuilt(op, {}), matrix, atol=2e-12)
    assert schmidt_form(op).rank == schmidt_rank(matrix)


def test_coefficients_are_normalised() -> None:
    coefficients = schmidt_coefficients(haar(2, 3))
    assert np.sum(coefficients**2) == pytest.approx(1)
    assert list(coefficients) == sorted(coefficients, reverse=True)


@pytest.mark.parametrize("name", GAMMAS)
def test_gammas_of_the_literature(name: str) -> None:
    angles = (T,) * GATES[name].num_angles
    assert gate_gamma(Operation(name, (0, 1), angles)) == pytest.approx(GAMMAS[name], abs=1e-9)


def test_gammas_of_named_unitaries() -> None:
    root_swap = np.array([[2, 0, 0, 0], [0, 1 + 1j, 1 - 1j, 0], [0, 1 - 1j, 1 + 1j, 0], [0, 0, 0, 2]]) / 2
    root_iswap = np.eye(4, dtype=complex)
    root_iswap[1:3, 1:3] = np.array([[1, 1j], [1j, 1]]) / math.sqrt(2)
    assert gate_gamma(Operation("unitary", (0, 1), matrix=root_iswap)) == pytest.approx(2 + 2 * math.sqrt(2))
    assert gate_gamma(Operation("unitary", (0, 1), matrix=root_swap)) == pytest.approx(5.8541, abs=1e-4)


def test_unbound_angles_are_priced_at_their_worst_case() -> None:
    for name in ("rzz", "cp", "crx", "cu3"):
        op = Operation(name, (0, 1), tuple(param(f"a{k}") for k in range(GATES[name].num_angles)))
        worst = max(
            gate_gamma(Operation(name, (0, 1), (t, *[0.0] * (GATES[name].num_angles - 1))))
            for t in np.linspace(-2 * math.pi, 2 * math.pi, 401)
        )
        assert gate_gamma(op) == pytest.approx(3.0)
        assert worst == pytest.approx(3.0, abs=1e-3)


def test_joint_cuts() -> None:
    cx = Operation("cx", (0, 1))
    assert joint_gamma((cx,)) == pytest.approx(3)
    assert joint_gamma((cx, cx)) == pytest.approx(7)
    assert joint_gamma((cx, cx, cx)) == pytest.approx(15)


@pytest.mark.parametrize("name", ["cu3", "cu"])
def test_controlled_gates_near_the_identity_are_rebuilt(name: str) -> None:
    """At multiples of 2 pi the two letters of the target coincide up to rounding."""
    t = param("t")
    op = Operation(name, (0, 1), (t, t, t, 2 * t + 0.1)[: GATES[name].num_angles])
    for value in [2 * math.pi * k for k in range(0, 100, 5)] + [10.0**-k for k in range(17)] + [2.3e-15]:
        np.testing.assert_allclose(rebuilt(op, {"t": value}), op.unitary({"t": value}), atol=1e-14)


def test_angles_that_do_not_matter_do_not_make_a_gate_dearer() -> None:
    """Of a controlled U only theta and phi + lambda turn the coefficients."""
    t = param("t")
    bound = gate_gamma(Operation("cu", (0, 1), (0.4, 0.1, 0.2, 0.7)))
    assert gate_gamma(Operation("cu", (0, 1), (0.4, 0.1, 0.2, t))) == pytest.approx(bound)
    assert gate_gamma(Operation("cu3", (0, 1), (0.4, t + 0.1, 0.2 - t))) == pytest.approx(bound)
    assert gate_gamma(Operation("cu3", (0, 1), (0.4, t, t))) == pytest.approx(3.0)
