"""Couplings of cut gates as tensors between the densities of two legs, and their derivatives.

A cut gate joins two legs by ``U = sum C[k, j] L_k (x) R_j``. Between densities in the Hermitian basis that is the real
matrix ``S[P, Q] = sum conj(C[k, j]) C[l, m] B_P[k, l] B_Q[m, j]``. The angle of a cut rotation lives in ``C`` alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.angles import Angle
from cutq.circuits.circuit import Operation
from cutq.exact.densities import BASIS, Complexes, Reals
from cutq.exact.gatetensors import AngleRows, derivatives, matrices, real_sum
from cutq.network.protocols import schmidt_form


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
        return self._coupled(matrices(self.name, values))

    def derivatives(self, values: Reals) -> list[Complexes]:
        """``dC / d angle`` for each of the gate's angles."""
        return [self._coupled(one) for one in derivatives(self.name, values)]

    def _coupled(self, unitary: Complexes) -> Complexes:
        """The coupling, which is linear in the unitary."""
        form = schmidt_form(Operation(self.name, (0, 1), self.angles[0]))
        left, right = (
            np.linalg.pinv(np.stack([letter.unitary({}).ravel() for letter in side], axis=1))
            for side in (form.left, form.right)
        )
        realigned = unitary.reshape(*unitary.shape[:-2], 2, 2, 2, 2).swapaxes(-3, -2)
        coupling = left @ realigned.reshape(*unitary.shape[:-2], 4, 4) @ right.T
        return coupling.swapaxes(-1, -2) if self.flipped else coupling


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


@dataclass(frozen=True, eq=False)
class CouplingSource:
    """Couplings with parameters as tensors between densities.

    Attributes:
        couplings: the cut gates.
        angles: their angles.
        offsets: for each gate where its tensor lies in a row of data.
    """

    couplings: Couplings
    angles: AngleRows
    offsets: NDArray[np.int64]

    def start(self, params: Reals, data: Reals) -> CouplingState:
        """Write the tensors to the data."""
        values = self.angles.at(params)
        found = self.couplings.matrices(values)
        tensors = transfer(found)
        data[:, self.offsets[:, None] + np.arange(tensors[0, 0].size)] = tensors.reshape(*tensors.shape[:2], -1)
        return CouplingState(self, values, found)


@dataclass(frozen=True, eq=False)
class CouplingState:
    """Couplings at some rows of parameters: their angles and matrices."""

    source: CouplingSource
    values: Reals
    matrices: Complexes

    def write_values(self, data: Reals, exponents: NDArray[np.int64], values: Reals) -> None:
        """Nothing is read out at a coupling."""

    def pull(self, weights: Reals, data: Reals, exponents: NDArray[np.int64], left: Reals) -> None:
        """Nothing is read out at a coupling."""

    def push(self, bras: None, left: Reals, out: Reals) -> None:
        """Add to ``out``, (rows, parameters), what derivatives by the tensors, in ``left``, mean there."""
        source, dim = self.source, self.matrices.shape[-1] ** 2
        own = left[:, source.offsets[:, None] + np.arange(dim * dim)].reshape(*self.matrices.shape[:2], dim, dim)
        adjoint = transfer_back(self.matrices, own)
        found = [real_sum(adjoint, one) for one in source.couplings.derivatives(self.values)]
        out += source.angles.back(np.stack(found, axis=-1))
