"""The gate table: unitarity, closed forms, generators, shift rules, decompositions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cutq import Circuit, CircuitError, Operation
from cutq.circuits.gates import GATES, PAULIS, gate, shift_rule
from tests import oracle

REQUIRED = (
    "id x y z h s sdg t tdg sx sxdg rx ry rz p u1 u2 u3 u cx cy cz ch cp cu1 crx cry crz cu3 cs csdg csx swap iswap "
    "ecr rxx ryy rzz rzx ccx ccz cswap"
).split()

DIAGONAL = set("id z s sdg t tdg rz p u1 cz cp cu1 crz cs csdg rzz ccz".split())

CLOSED_FORMS = {
    "rx": lambda t: [[math.cos(t / 2), -1j * math.sin(t / 2)], [-1j * math.sin(t / 2), math.cos(t / 2)]],
    "ry": lambda t: [[math.cos(t / 2), -math.sin(t / 2)], [math.sin(t / 2), math.cos(t / 2)]],
    "rz": lambda t: np.diag([np.exp(-0.5j * t), np.exp(0.5j * t)]),
    "p": lambda t: np.diag([1, np.exp(1j * t)]),
    "cp": lambda t: np.diag([1, 1, 1, np.exp(1j * t)]),
    "rzz": lambda t: np.diag(np.exp(-0.5j * t * np.array([1, -1, -1, 1]))),
    "crz": lambda t: np.diag([1, 1, np.exp(-0.5j * t), np.exp(0.5j * t)]),
    "u3": lambda t, f, g: [
        [math.cos(t / 2), -np.exp(1j * g) * math.sin(t / 2)],
        [np.exp(1j * f) * math.sin(t / 2), np.exp(1j * (f + g)) * math.cos(t / 2)],
    ],
    "u2": lambda f, g: np.array([[1, -np.exp(1j * g)], [np.exp(1j * f), np.exp(1j * (f + g))]]) / math.sqrt(2),
}


def random_angles(name: str, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-math.pi, math.pi, GATES[name].num_angles)


def test_the_required_gates_are_there() -> None:
    assert set(REQUIRED) <= set(GATES)


@pytest.mark.parametrize("name", GATES)
def test_every_row_is_a_unitary_of_its_size(name: str) -> None:
    matrix = gate(name).matrix(random_angles(name))
    assert matrix.shape == (2 ** GATES[name].num_qubits,) * 2
    np.testing.assert_allclose(matrix @ matrix.conj().T, np.eye(len(matrix)), atol=1e-14)


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_closed_forms(name: str) -> None:
    params = random_angles(name)
    np.testing.assert_allclose(gate(name).matrix(params), CLOSED_FORMS[name](*params), atol=1e-15)


def test_the_first_qubit_is_the_most_significant() -> None:
    cx = gate("cx").matrix()
    assert cx[0b11, 0b10] == cx[0b10, 0b11] == 1
    np.testing.assert_allclose(
        gate("rzx").matrix([0.3]),
        math.cos(0.15) * np.eye(4) - 1j * math.sin(0.15) * np.kron(PAULIS["Z"], PAULIS["X"]),
        atol=1e-15,
    )


def test_diagonal_rows() -> None:
    assert {name for name in REQUIRED if GATES[name].diagonal} == DIAGONAL


@pytest.mark.parametrize("name", [name for name in GATES if GATES[name].num_angles])
def test_generators_and_shift_rules_give_derivatives(name: str) -> None:
    """d/dt <O> of a random state and observable, from finite differences of the matrix and from the shift rule."""
    row, params = GATES[name], random_angles(name)
    dim = 2**row.num_qubits
    rng = np.random.default_rng(5)
    state = rng.normal(size=dim) + 1j * rng.normal(size=dim)
    hermitian = rng.normal(size=(dim, dim)) + 1j * rng.normal(size=(dim, dim))
    hermitian += hermitian.conj().T

    def value(angles: np.ndarray) -> float:
        out = row.matrix(angles) @ state
        return float(np.vdot(out, hermitian @ out).real)

    for k in range(row.num_angles):
        step = np.eye(row.num_angles)[k]
        shifted = sum(c * value(params + shift * step) for c, shift in row.shift_rule(k))
        assert shifted == pytest.approx((value(params + 1e-5 * step) - value(params - 1e-5 * step)) / 2e-5, abs=1e-6)
        generator = row.generator(k)
        np.testing.assert_allclose(generator, generator.conj().T)


@pytest.mark.parametrize("name", [name for name in GATES if GATES[name].parts])
def test_decompositions_of_larger_gates(name: str) -> None:
    matrix, columns = gate(name).matrix(), []
    for bits in range(8):
        flips = [Operation("x", (q,)) for q in range(3) if bits >> (2 - q) & 1]
        circuit = Circuit.of(3, [*flips, Operation(name, (0, 1, 2))])
        columns.append(oracle.statevector(circuit).ravel())
    np.testing.assert_allclose(np.array(columns).T, matrix, atol=1e-15)


def test_an_unknown_gate_names_the_nearest() -> None:
    with pytest.raises(CircuitError, match=r"unknown gate 'rxz'; the nearest known gate is 'r[xz]"):
        gate("rxz")


@pytest.mark.parametrize("frequencies", [(1.0,), (0.5, 1.0), (1.0, 2.0), (0.5, 1.0, 1.5), (2.0, 4.0, 6.0, 8.0)])
def test_shift_rules_of_equidistant_frequencies(frequencies: tuple[float, ...]) -> None:
    rng = np.random.default_rng(3)
    waves = rng.normal(size=(len(frequencies), 2))

    def value(t: float) -> float:
        return sum(a * np.cos(w * t) + b * np.sin(w * t) for w, (a, b) in zip(frequencies, waves, strict=True))

    slope = sum(w * (b * np.cos(w * 0.3) - a * np.sin(w * 0.3)) for w, (a, b) in zip(frequencies, waves, strict=True))
    rule = shift_rule(frequencies)
    assert sum(coefficient * value(0.3 + shift) for coefficient, shift in rule) == pytest.approx(slope)
    assert len(rule) == 2 * len(frequencies)
    assert sum(abs(coefficient) for coefficient, _ in rule) == pytest.approx(max(frequencies))


def test_frequencies_that_have_no_rule() -> None:
    with pytest.raises(CircuitError, match="equidistant"):
        shift_rule((1.0, 3.5))
