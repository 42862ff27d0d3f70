"""The state of a network as tensors: one array for each fragment, over its outputs and its bonds.

``psi(x) = sum over the bonds of prod_f T_f[x_f, bonds of f]``. Couplings are folded in at one end of each bond, so that
a bond is an index that two tensors share, and contracting means summing over shared indices.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from cutq.exact.amplitudes import fragment_amplitudes
from cutq.network.network import Bond, Fragment, Leg, Network

Amplitudes = NDArray[np.complex128]

AMPLITUDE_BYTES = 16
"""A double-precision complex number."""

WORK_BYTES = 1 << 20
"""Memory for everything that does not grow with the network."""

FINE = 64
"""Arrays whose largest entry lies between ``2**-64`` and ``2**64`` are left as they are."""

MOST_SHIFT = 2000
"""Powers of 2 beyond this turn every number into 0."""


@dataclass(frozen=True, eq=False)
class StateTensor:
    """The amplitudes of a fragment.

    Attributes:
        array: amplitudes, (2**len(qubits), dimension of each bond ...).
        qubits: its outputs; the first is the most significant bit of axis 0.
        bonds: numbers of the bonds of axes 1, 2, ...
    """

    array: Amplitudes
    qubits: tuple[int, ...]
    bonds: tuple[int, ...]


def state_tensor(network: Network, position: int, values: Mapping[str, float]) -> StateTensor:
    """The tensor of one fragment: simulated, coupled, and closed over bonds from the fragment to itself.

    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> circuit = Circuit(2, (Operation("h", (0,)), Operation("cx", (0, 1))))
    >>> tensor = state_tensor(split(circuit, CutPlan.from_partition(circuit, "AB")), 1, {})
    >>> tensor.array.shape, tensor.qubits, tensor.bonds
    ((2, 2), (1,), (0,))
    """
    fragment = network.fragments[position]
    array = fragment_amplitudes(fragment, values)
    for axis, leg in enumerate(fragment.legs, start=1):
        bond = network.bonds[leg.bond]
        if bond.ops and leg.end == _coupled_end(network, bond):
            array = _coupled(array, axis, bond, leg.end, values)
    bonds = [leg.bond for leg in fragment.legs]
    while repeated := [bond for bond in bonds if bonds.count(bond) == 2]:
        first = bonds.index(repeated[0])
        second = bonds.index(repeated[0], first + 1)
        array = np.trace(array, axis1=1 + first, axis2=1 + second)
        del bonds[second], bonds[first]
    return StateTensor(array, fragment.outputs, tuple(bonds))


def normalised(array: Amplitudes) -> tuple[Amplitudes, int]:
    """The array with the power of 2 of its largest entry taken out where that is very large or small, and that power.

    >>> normalised(np.array([0.0, 3e-200]))[1], normalised(np.array([0.0, 0.5]))[1]
    (-662, 0)
    """
    power = int(np.frexp(np.abs(array).max(initial=0.0))[1])
    return (array, 0) if abs(power) <= FINE else (shifted(array, -power), power)


def shifted(array: Amplitudes, power: int) -> Amplitudes:
    """The array times a power of 2, in two steps, since the power itself may be too large for a number."""
    if power == 0:
        return array
    bounded = max(-MOST_SHIFT, min(power, MOST_SHIFT))
    result = array * 2.0 ** (bounded // 2)
    result *= 2.0 ** (bounded - bounded // 2)
    return result


def bond_dims(fragment: Fragment) -> dict[int, int]:
    """The dimension of each bond from the fragment to another, by the bond's number."""
    numbers = [leg.bond for leg in fragment.legs]
    return {leg.bond: leg.dim for leg in fragment.legs if numbers.count(leg.bond) == 1}


def parts(network: Network) -> list[list[int]]:
    """Positions of the fragments of each part of the network that no bond joins to another part."""
    return sorted(sorted(part) for part in nx.connected_components(network.graph))


def simulation_bytes(fragments: Iterable[Fragment]) -> int:
    """Memory for the amplitudes of these fragments and for two copies of the largest, while it is brought into form."""
    sizes = [AMPLITUDE_BYTES * _simulated_entries(fragment) for fragment in fragments]
    return sum(sizes) + 2 * max(sizes, default=0) + WORK_BYTES


def _coupled_end(network: Network, bond: Bond) -> int:
    """The end whose fragment has the smaller amplitudes; its tensor takes the coupling."""
    first, second = (_simulated_entries(network.fragments[fragment]) for fragment in bond.ends)
    return int(second < first)


def _coupled(array: Amplitudes, axis: int, bond: Bond, end: int, values: Mapping[str, float]) -> Amplitudes:
    """The couplings of a bond applied to one axis, component by component."""
    shape = array.shape
    outer, inner = math.prod(shape[:axis]), math.prod(shape[axis:])
    for coupling in bond.couplings(values):
        matrix = coupling.T if end == 0 else coupling
        inner //= len(matrix)
        array = np.matmul(matrix, array.reshape(outer, len(matrix), inner))
        outer *= len(matrix)
    return array.reshape(shape)


def _simulated_entries(fragment: Fragment) -> int:
    return max(1 << fragment.width, _batch(fragment.legs) << len(fragment.outputs))


def _batch(legs: Sequence[Leg]) -> int:
    return math.prod(leg.dim for leg in legs)
