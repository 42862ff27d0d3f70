"""Densities in a real basis: the reference that the kernels are held against."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from cutq.exact.densities import BASIS, from_basis, hadamard, to_basis

TURNS = [turned for bits in range(4) for turned in itertools.product((False, True), repeat=bits)]


def random_density(seed: int, bits: int) -> NDArray[np.complex128]:
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(1 << bits, 1 << bits)) + 1j * rng.normal(size=(1 << bits, 1 << bits))
    return matrix @ matrix.conj().T


def basis(turned: tuple[bool, ...]) -> NDArray[np.complex128]:
    """All products of basis matrices, (4 ** bits, D, D)."""
    found = np.ones((1, 1, 1), complex)
    for turn in turned:
        found = np.kron(found, BASIS.transpose(0, 2, 1) if turn else BASIS)
    return found


def test_the_basis_is_hermitian_and_orthonormal() -> None:
    assert np.array_equal(BASIS, BASIS.conj().transpose(0, 2, 1))
    np.testing.assert_allclose(np.einsum("pkl,qlk->pq", BASIS, BASIS), np.eye(4), rtol=0, atol=1e-15)


@pytest.mark.parametrize("turned", TURNS)
def test_coefficients_are_traces_and_give_the_density_back(turned: tuple[bool, ...]) -> None:
    density = random_density(1, len(turned))
    found = to_basis(density, turned)
    assert found.dtype == float
    np.testing.assert_allclose(found, np.einsum("pkl,lk->p", basis(turned), density).real, rtol=0, atol=1e-12)
    np.testing.assert_allclose(from_basis(found, turned), density, rtol=0, atol=1e-12)


@pytest.mark.parametrize("bits", range(4))
def test_both_ends_of_bonds_contract_entry_by_entry(bits: int) -> None:
    """A bond sums over the same bra index and the same ket index at both ends: ``sum M[k, l] N[k, l]``."""
    one, two = random_density(2, bits), random_density(3, bits)
    expected = (one * two).sum()
    found = to_basis(one, [False] * bits) @ to_basis(two, [True] * bits)
    assert found == pytest.approx(expected.real, rel=1e-12)
    assert expected.imag == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize("rows", [1, 2, 4, 64])
def test_hadamard_is_its_matrix(rows: int) -> None:
    rng = np.random.default_rng(4)
    found = before = rng.normal(size=rows) + 1j * rng.normal(size=rows)
    found = before.copy()
    hadamard(found)
    index = np.arange(rows)
    signs = (-1.0) ** np.bitwise_count(index[:, None] & index)
    np.testing.assert_allclose(found, signs @ before, rtol=0, atol=1e-12)
