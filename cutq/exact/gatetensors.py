"""Matrices of many gates of one name at once, for arrays of angles, and their derivatives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.angles import Angle
from cutq.circuits.gates import Factor, gate
from cutq.exact.densities import Complexes, Reals


def matrices(name: str, values: Reals) -> Complexes:
    """Unitaries of a gate of the table for angles (..., angles), (..., d, d).

    >>> matrices("rz", np.zeros((3, 1))).shape
    (3, 2, 2)
    """
    return _product([_factor(factor, values, False) for factor in gate(name).factors])


def derivatives(name: str, values: Reals) -> list[Complexes]:
    """The derivatives of the unitaries by each angle of the gate: sums over the factors that it drives."""
    factors = gate(name).factors
    found = []
    for angle in range(values.shape[-1]):
        driven = [k for k, factor in enumerate(factors) if factor.angle == angle]
        parts = [_product([_factor(f, values, j == k) for j, f in enumerate(factors)]) for k in driven]
        found.append(np.asarray(sum(parts)))
    return found


def _factor(factor: Factor, values: Reals, differentiated: bool) -> Complexes:
    """A factor of a gate at arrays of angles, (..., d, d)."""
    if factor.angle is None:
        return np.broadcast_to(factor.matrix, (*values.shape[:-1], *factor.matrix.shape))
    energies, states = np.linalg.eigh(factor.matrix)
    phases = np.exp(-1j * values[..., factor.angle, None] * energies)
    if differentiated:
        phases = -1j * energies * phases
    return np.asarray((states * phases[..., None, :]) @ states.conj().T)


def _product(factors: Sequence[Complexes]) -> Complexes:
    total = factors[0]
    for factor in factors[1:]:
        total = total @ factor
    return total


@dataclass(frozen=True, eq=False)
class AngleRows:
    """Angles of several gates as sparse affine functions of the parameters.

    Attributes:
        constant: what does not depend on parameters, (gates, angles).
        places: for each term its gate and angle as one number.
        indices: for each term its parameter.
        weights: for each term its coefficient.
        num_parameters: how many parameters there are.
    """

    constant: Reals
    places: NDArray[np.int64]
    indices: NDArray[np.int64]
    weights: Reals
    num_parameters: int

    @classmethod
    def of(cls, angles: Sequence[Sequence[Angle]], position: Mapping[str, int]) -> AngleRows:
        """The angles of gates, (gates, angles), in parameters at these positions."""
        constant = np.array([[one.constant for one in row] for row in angles]).reshape(len(angles), -1)
        flat = [one for row in angles for one in row]
        terms = [(k, position[name], weight) for k, one in enumerate(flat) for name, weight in one.terms]
        places, indices = (np.array([term[k] for term in terms], dtype=np.int64) for k in (0, 1))
        weights = np.array([weight for *_, weight in terms], dtype=float)
        return cls(constant, places, indices, weights, len(position))

    def at(self, params: Reals) -> Reals:
        """Values of the angles, (rows, gates, angles)."""
        found = np.repeat(self.constant.reshape(1, -1), len(params), axis=0)
        np.add.at(found.T, self.places, (params[:, self.indices] * self.weights).T)
        return found.reshape(len(params), *self.constant.shape)

    def back(self, left: Reals) -> Reals:
        """Derivatives by the parameters, (rows, parameters), from those by the angles."""
        found = np.zeros((self.num_parameters, len(left)))
        np.add.at(found, self.indices, (left.reshape(len(left), -1)[:, self.places] * self.weights).T)
        return found.T


def real_sum(adjoint: Complexes, derivative: Complexes) -> Reals:
    """``2 Re sum A dU`` over the last two axes."""
    return np.asarray(2 * np.einsum("...lm,...lm->...", adjoint, derivative).real)
