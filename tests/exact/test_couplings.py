"""Couplings of cut gates between densities: those of the bonds, in both orientations, and their derivatives."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from cutq import Bond, Circuit, CutPlan, GateCut, Operation, param, split
from cutq.circuits.gates import GATES
from cutq.exact.couplings import Couplings, CouplingSource, PhaseCouplings, transfer, transfer_back
from cutq.exact.densities import to_basis
from cutq.exact.gatetensors import AngleRows
from cutq.network.protocols import CONTROLLED_U

TURNING = sorted(name for name, row in GATES.items() if row.num_qubits == 2 and row.num_angles)
"""Two-qubit gates with angles."""

NAMES = ("a", "b", "c", "d")
CASES = pytest.mark.parametrize(("name", "flipped"), list(itertools.product(TURNING, (False, True))))


def angles(name: str, gates: int = 1) -> tuple[tuple[object, ...], ...]:
    """Affine angles that share parameters, different in each gate."""
    count = GATES[name].num_angles
    return tuple(
        tuple((1 + k) * param(NAMES[j]) - 0.5 * param("a") + 0.1 * k for j in range(count)) for k in range(gates)
    )


def bond(name: str, flipped: bool) -> Bond:
    """The bond of this gate cut alone; ``flipped`` where the gate's second qubit is at end 0."""
    circuit = Circuit(2, (Operation(name, (1, 0) if flipped else (0, 1), angles(name)[0]),))
    (found,) = split(circuit, CutPlan((GateCut((0,), (0,)),))).bonds
    assert found.flipped == (flipped,)
    return found


def couplings(name: str, flipped: bool, gates: int = 1) -> Couplings:
    make = PhaseCouplings if name in CONTROLLED_U else Couplings
    return make(name, flipped, angles(name, gates))


def source(name: str, flipped: bool, gates: int, dim: int) -> CouplingSource:
    made = couplings(name, flipped, gates)
    position = {one: k for k, one in enumerate(NAMES)}
    offsets = 5 + np.arange(gates)[::-1] * dim**4
    return CouplingSource(made, AngleRows.of(made.angles, position), offsets)


@CASES
def test_matrices_are_those_of_the_bond(name: str, flipped: bool) -> None:
    joined, made = bond(name, flipped), couplings(name, flipped)
    params = np.random.default_rng(0).normal(size=(4, len(NAMES)))
    table = AngleRows.of(made.angles, {one: k for k, one in enumerate(NAMES)})
    found = made.matrices(table.at(params))
    for row, values in enumerate(params):
        (expected,) = joined.couplings(dict(zip(NAMES, values, strict=True)))
        np.testing.assert_allclose(found[row, 0], expected, rtol=0, atol=1e-14)


@CASES
def test_derivatives_are_those_of_differences(name: str, flipped: bool) -> None:
    made, count = couplings(name, flipped), GATES[name].num_angles
    values = np.random.default_rng(1).normal(size=(3, 2, count))
    found = made.derivatives(values)
    assert len(found) == count
    for k, one in enumerate(found):
        step = 1e-3 * np.eye(count)[k]
        near, far = (made.matrices(values + n * step) - made.matrices(values - n * step) for n in (1, 2))
        np.testing.assert_allclose(one, (8 * near - far) / 12e-3, rtol=0, atol=1e-11)


def random_matrix(seed: int, *shape: int) -> NDArray[np.complex128]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


@pytest.mark.parametrize("bits", [0, 1, 2])
def test_transfer_joins_two_densities(bits: int) -> None:
    """``sum conj(C[k, j]) C[l, m] M[k, l] N[j, m]`` is ``M S N`` in the bases of the two ends."""
    dim = 1 << bits
    coupling, one, two = random_matrix(2, dim, dim), *(random_matrix(k, dim, dim) for k in (3, 4))
    one, two = one + one.conj().T, two + two.conj().T
    expected = np.einsum("kj,lm,kl,jm->", coupling.conj(), coupling, one, two)
    found = to_basis(one, [False] * bits) @ transfer(coupling) @ to_basis(two, [True] * bits)
    assert found == pytest.approx(expected.real, rel=1e-12)
    assert expected.imag == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize("dim", [2, 4])
def test_transfer_back_is_its_derivative(dim: int) -> None:
    coupling, step = random_matrix(5, 3, dim, dim), random_matrix(6, 3, dim, dim)
    left = np.random.default_rng(7).normal(size=(3, dim**2, dim**2))
    found = 2 * (transfer_back(coupling, left) * step).sum(axis=(1, 2)).real
    change = transfer(coupling + 1e-3 * step) - transfer(coupling - 1e-3 * step)
    np.testing.assert_allclose(found, (left * change).sum(axis=(1, 2)) / 2e-3, rtol=0, atol=1e-9)


@CASES
def test_a_source_writes_its_tensors_and_pushes_derivatives_to_parameters(name: str, flipped: bool) -> None:
    gates, dim = 3, bond(name, flipped).dims[0]
    made = source(name, flipped, gates, dim)
    rng = np.random.default_rng(8)
    params, left = rng.normal(size=(2, len(NAMES))), rng.normal(size=(2, 5 + gates * dim**4))

    def written(at: NDArray[np.float64]) -> NDArray[np.float64]:
        data = np.zeros_like(left)
        made.start(at, data)
        return data

    data = written(params)
    assert not data[:, :5].any()
    values = made.angles.at(params)
    for k, offset in enumerate(made.offsets):
        expected = transfer(made.couplings.matrices(values)[1, k])
        np.testing.assert_allclose(data[1, offset : offset + dim**4].reshape(dim**2, -1), expected, rtol=0, atol=1e-14)
    out = np.ones_like(params)
    made.start(params, np.zeros_like(left)).push(None, left, out)
    for k in range(len(NAMES)):
        step = 1e-3 * np.eye(len(NAMES))[k]
        near, far = (written(params + n * step) - written(params - n * step) for n in (1, 2))
        slope = (left * (8 * near - far)).sum(axis=1) / 12e-3
        np.testing.assert_allclose(out[:, k] - 1, slope, rtol=0, atol=1e-8)
