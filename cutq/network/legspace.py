"""The leg space: all that a device can learn at the ends of bonds, in the Pauli basis of virtual qubits.

A place of dimension ``chi`` (one component of a leg) is ``log2(chi)`` virtual qubits. With the amplitudes ``T[x, a]``
of a fragment the state ``sum_a |a> |T_a>`` has a virtual part, and ``D_P = <P (x) f>`` for a function ``f`` of the
outputs is the leg tensor, (chi**2): for a wire the Paulis of that wire, for a CZ the four operations p, q, r, m.
Whatever is done on a device at a place has outcomes ``s`` with Kraus operators ``sum_a v_s[a] L_a`` in the letters of
the place, so that outcome ``s`` has the probability ``sum_P F_s[P] D_P`` with ``F_s[P] = sum_ab v_s[a] conj(v_s[b])
P[a, b] / chi``. What joins two legs is a fixed real matrix between their spaces, which belongs to the cut.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutq.circuits.gates import PAULIS
from cutq.network.network import Bond, Fragment, Slot

Reals = NDArray[np.float64]
Complexes = NDArray[np.complex128]


@dataclass(frozen=True)
class Place:
    """One component of a leg of a fragment.

    Attributes:
        leg: position of the leg in the fragment.
        component: which of its components.
        dim: its dimension ``chi``, a power of 2.
        kind: ``"in"`` where a wire begins, ``"out"`` where one ends, ``"gate"``.
        segment: for wires, the segment; else None.
        slots: for gates, where the fragment lets it choose an operation, in the order of the items.
    """

    leg: int
    component: int
    dim: int
    kind: str
    segment: int | None = None
    slots: tuple[Slot, ...] = ()

    @property
    def size(self) -> int:
        """Dimension of its leg space, ``chi**2``."""
        return self.dim * self.dim

    @property
    def norm(self) -> int:
        """Its identity entry where nothing of the outputs is asked for: the norm of the virtual state."""
        return 1 if self.kind == "out" else self.dim


def places(fragment: Fragment) -> tuple[Place, ...]:
    """The places of a fragment: the components of its legs, leg by leg.

    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> pair = Circuit(2, (Operation("h", (0,)), Operation("cx", (0, 1))))
    >>> [(place.kind, place.dim) for place in places(split(pair, CutPlan.from_partition(pair, "AB")).fragments[0])]
    [('gate', 2)]
    """
    found = []
    for position, leg in enumerate(fragment.legs):
        if leg.segment is not None:
            found.append(Place(position, 0, leg.dim, "in" if leg.end else "out", leg.segment))
            continue
        for component, dim in enumerate(leg.dims):
            slots = tuple(
                item
                for item in fragment.items
                if isinstance(item, Slot) and (item.leg, item.component) == (position, component)
            )
            found.append(Place(position, component, dim, "gate", slots=slots))
    return tuple(found)


@functools.cache
def paulis(dim: int) -> Complexes:
    """The Pauli words of ``log2(dim)`` virtual qubits, (dim**2, dim, dim); I, X, Y, Z of each, the first one slowest.

    >>> paulis(2)[3].real
    array([[ 1.,  0.],
           [ 0., -1.]])
    """
    one = np.stack([PAULIS[letter] for letter in "IXYZ"])
    found = np.ones((1, 1, 1), dtype=complex)
    while found.shape[1] < dim:
        found = np.kron(found, one)
    found.flags.writeable = False
    return found


def functionals(vectors: ArrayLike) -> Reals:
    """``F_s`` of the outcomes of what is done at a place, (outcomes, chi**2), from ``v_s``, (outcomes, chi).

    >>> functionals([[1, 0]]).tolist()
    [[0.5, 0.0, 0.0, 0.5]]
    """
    own = np.asarray(vectors, dtype=complex)
    dim = own.shape[-1]
    squares = own[:, :, None] * own.conj()[:, None, :]
    return np.asarray((squares.reshape(len(own), -1) @ paulis(dim).reshape(dim * dim, -1).T).real / dim)


def leg_tensor(amplitudes: Complexes, dims: Sequence[int]) -> Reals:
    """``D_P`` of amplitudes (outputs, chi of each place ...), for ``f = 1``, (chi**2 of each place ...)."""
    whole = amplitudes.reshape(len(amplitudes), math.prod(dims))
    density = (whole.T @ whole.conj()).reshape((*dims, *dims))
    for k, dim in enumerate(dims):
        # The ket index of the place is axis k, its bra index the first one of the bras that are left.
        density = np.moveaxis(np.tensordot(paulis(dim), density, axes=((2, 1), (k, len(dims)))), 0, k)
    return np.asarray(density.real, order="C")


def transfers(bond: Bond, values: Mapping[str, float]) -> tuple[Reals, ...]:
    """For each component of a bond the matrix between the leg spaces of end 0 and end 1, (chi**2, chi**2).

    >>> from cutq.network.cuts import WireCut
    >>> transfers(Bond(WireCut(0, 0), (0, 1)), {})[0].diagonal().tolist()
    [0.5, 0.5, -0.5, 0.5]
    """
    return tuple(transfer(matrix) for matrix in bond.couplings(values) or (np.eye(2, dtype=complex),))


def transfer(coupling: Complexes) -> Reals:
    """What a coupling ``C`` is between leg spaces: ``sum P[a, b] C[a, c] conj(C[b, d]) Q[c, d] / (chi chi')``."""
    one, two = paulis(coupling.shape[0]), paulis(coupling.shape[1])
    found = np.einsum("Pab,ac,bd,Qcd->PQ", one, coupling, coupling.conj(), two, optimize=True)
    return np.asarray(found.real / (coupling.shape[0] * coupling.shape[1]))
