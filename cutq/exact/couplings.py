"""Couplings of cut gates as tensors between the densities of two legs, and their derivatives.

A cut gate joins two legs by ``U = sum C[k, j] L_k (x) R_j``. Between densities in the Hermitian basis that is the real
matrix ``S[P, Q] = sum conj(C[k, j]) C[l, m] B_P[k, l] B_Q[m, j]``. The angle of a cut rotation lives in ``C`` alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np


from cutq.circuits.angles import Angle
from cutq.circuits.circuit import Operation
from cutq.circuits.gates import Factor, gate
from cutq.exact.densities import BASIS, Complexes, Reals
from cutq.network.protocols import SchmidtForm, schmidt_form


def transfer(coupling: Complexes) -> Reals:
    """``S`` of coupling matrices (..., dim, dim), (..., dim**2, dim**2).

    >>> bool(np.allclose(transfer(np.eye(2)), np.eye(4)))
    True
    """
    basis = _basis(coupling.shape[-1])
    left = np.einsum("...kj,Pkl->...Plj", coupling.conj(), basis)
    return np.asarray(np.einsum("...Plj,...lm,Qmj->...PQ", left, coupling, basis, optimize=True).real)


def transfer_back(coupling: Complexes, left: Reals) -> Complexes:
    """``A`` such that the derivative is ``2 Re sum A dC``, from the derivatives by ``S``."""
    basis = _basis(coupling.shape[-1])
    return np.asarray(np.einsum("...PQ,...kj,Pkl,Qmj->...lm", left, coupling.conj(), basis, basis, optimize=True))


def _basis(dim: int) -> Complexes:
    """The Hermitian basis of so many values of a leg, (dim**2, dim, dim), bit after bit."""
    basis = np.ones((1, 1, 1), dtype=complex)
    while basis.shape[1] < dim:
        basis = np.kron(basis, BASIS)
    return basis


@dataclass(frozen=True, eq=False)
class Couplings:
    """Cut gates of one name whose couplings depend on parameters.

    Attributes:
        name: the gate.
        flipped: whether the gate's second qubit is at end 0 of its bond.
        angles: for each gate its angles.
    """

    name: str
    flipped: bool
    angles: tuple[tuple[Angle, ...], ...]

    def matrices(self, values: Reals) -> Complexes:
        """``C`` from end 0 to end 1 for angles (rows, gates, angles), (rows, gates, dim, dim)."""
        return self._coupled(self._unitary(values, None))

    def derivatives(self, values: Reals) -> list[Complexes]:
        """``dC / d angle`` for each of the gate's angles."""
        return [self._coupled(self._unitary(values, k)) for k in range(values.shape[-1])]

    @cached_property
    def _form(self) -> SchmidtForm:
        return schmidt_form(Operation(self.name, (0, 1), self.angles[0]))

    def _coupled(self, unitary: Complexes) -> Complexes:
        """The coupling, which is linear in the unitary."""
        left, right = (
            np.linalg.pinv(np.stack([letter.unitary({}).ravel() for letter in side], axis=1))
            for side in (self._form.left, self._form.right)
        )
        realigned = unitary.reshape(*unitary.shape[:-2], 2, 2, 2, 2).swapaxes(-3, -2)
        coupling = left @ realigned.reshape(*unitary.shape[:-2], 4, 4) @ right.T
        return coupling.swapaxes(-1, -2) if self.flipped else coupling

    def _unitary(self, values: Reals, derivative: int | None) -> Complexes:
        """The gate's matrices, or their derivatives by one of its angles: a sum over the factors it drives."""
        factors = gate(self.name).factors
        if derivative is None:
            return _product([_factor(f, values, False) for f in factors])
        driven = [k for k, f in enumerate(factors) if f.angle == derivative]
        return np.asarray(sum(_product([_factor(f, values, k == j) for j, f in enumerate(factors)]) for k in driven))


@dataclass(frozen=True, eq=False)
class PhaseCouplings(Couplings):
    """Controlled gates that are letters themselves; only the phase of the control is in the coupling."""

    def matrices(self, values: Reals) -> Complexes:
        """``C`` from end 0 to end 1 for angles (rows, gates, angles), (rows, gates, dim, dim)."""
        return self._phased(np.exp(1j * values[..., 3:].sum(axis=-1)), 0.5)

    def derivatives(self, values: Reals) -> list[Complexes]:
        """``dC / d angle`` for each of the gate's angles."""
        phase = np.exp(1j * values[..., 3:].sum(axis=-1))
        nothing = np.zeros((*phase.shape, 2, 2), dtype=complex)
        return [nothing] * 3 + [self._phased(1j * phase, 0.0)] * (values.shape[-1] - 3)

    def _phased(self, phase: Complexes, first: float) -> Complexes:
        found = np.empty((*phase.shape, 2, 2), dtype=complex)
        found[..., 0] = first
        found[..., 0, 1], found[..., 1, 1] = phase / 2, -phase / 2
        return found.swapaxes(-1, -2) if self.flipped else found


def _factor(factor: Factor, values: Reals, differentiated: bool) -> Complexes:
    """A factor of a gate at arrays of angles, (..., 4, 4)."""
    if factor.angle is None:
        return factor.matrix
    energies, states = np.linalg.eigh(factor.matrix)
    phases = np.exp(-1j * values[..., factor.angle, None] * energies)
    if differentiated:
        phases = -1j * energies * phases
    return np.asarray((states * phases[..., None, :]) @ states.conj().T)


def _product(matrices: Sequence[Complexes]) -> Complexes:
    total = matrices[0]
    for matrix in matrices[1:]:
        total = total @ matrix
    return total


@dataclass(frozen=True, eq=False)
class AngleRows:
    """Angles of several gates as one affine map of the parameters: ``params @ matrix + constant``."""

    constant: Reals
    matrix: Reals

    @classmethod
    def of(cls, angles: Sequence[Sequence[Angle]], position: Mapping[str, int]) -> AngleRows:
        """The map of (gates, angles); parameters in the order of ``position``."""
        constant = np.array([[one.constant for one in row] for row in angles])
        matrix = np.zeros((len(position), *constant.shape))
        for g, row in enumerate(angles):
            for k, one in enumerate(row):
                for name, coefficient in one.terms:
                    matrix[position[name], g, k] += coefficient
        return cls(constant, matrix)

    def at(self, params: Reals) -> Reals:
        """Values of the angles, (rows, gates, angles)."""
        return np.asarray(np.tensordot(params, self.matrix, axes=1) + self.constant)

    def back(self, left: Reals) -> Reals:
        """Derivatives by the parameters, (rows, parameters), from those by the angles."""
        return np.asarray(np.tensordot(left, self.matrix, axes=([1, 2], [1, 2])))


def real_sum(adjoint: Complexes, derivative: Complexes) -> Any:
    """``2 Re sum A dC`` over the last two axes."""
    return 2 * np.einsum("...lm,...lm->...", adjoint, derivative).real


