"""Mutually unbiased bases of a few qubits, as states, as circuits and as rows of frames.

In the field of ``2**n`` elements with the basis ``e_j = x**j`` the symmetric binary matrices
``A_jk = tr(a e_j e_k)`` of its elements ``a`` make the bases ``|b_y> = D_a H^n |y>`` with
``D_a = prod_j S_j^(A_jj) prod_(j<k) CZ_jk^(A_jk)``; with the computational basis these are all ``2**n + 1`` that there
are (Wootters, Fields, Ann. Phys. 191 363).
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.circuit import Operation
from cutq.errors import PlanError
from cutq.network.legspace import Complexes, Place

POLYNOMIALS = {1: 0b11, 2: 0b111, 3: 0b1011, 4: 0b10011}
"""Irreducible polynomials by number of qubits, bit k the coefficient of x**k: x + 1, x^2 + x + 1, x^3 + x + 1,
x^4 + x + 1."""


@functools.cache
def mub_matrices(num_qubits: int) -> NDArray[np.int64]:
    """The matrices ``A`` of all elements ``a`` of the field, (2**n, n, n); bit j of ``a`` is its part along ``e_j``.

    Raises:
        PlanError: there is no polynomial for so many qubits.

    >>> mub_matrices(2)[1].tolist()
    [[0, 1], [1, 1]]
    """
    if num_qubits not in POLYNOMIALS:
        raise PlanError(f"mutually unbiased bases are in the table for 1 to 4 qubits, got {num_qubits}")
    basis = [1 << j for j in range(num_qubits)]
    products = [[_times(e, f, num_qubits) for f in basis] for e in basis]
    found = np.array([
        [[_trace(_times(a, ef, num_qubits), num_qubits) for ef in row] for row in products]
        for a in range(1 << num_qubits)
    ])  # fmt: skip
    found.flags.writeable = False
    return found


def _times(one: int, two: int, degree: int) -> int:
    """The product of two elements of the field."""
    found = 0
    for k in range(degree):
        found ^= (one << k) * (two >> k & 1)
    for k in range(2 * degree - 2, degree - 1, -1):
        found ^= (POLYNOMIALS[degree] << (k - degree)) * (found >> k & 1)
    return found


def _trace(element: int, degree: int) -> int:
    """The sum of its conjugates ``element**(2**k)``, 0 or 1."""
    found = 0
    for _ in range(degree):
        found, element = found ^ element, _times(element, element, degree)
    return found


@functools.cache
def mub_bases(num_qubits: int) -> Complexes:
    """All mutually unbiased bases, (2**n + 1, 2**n, 2**n): basis, state, amplitudes; qubit 0 is most significant.

    Basis 0 is the computational one and basis ``1 + a`` that of :func:`mub_circuit`.

    >>> mub_bases(1)[2].round(3)  # the eigenstates of Y
    array([[0.707+0.j   , 0.   +0.707j],
           [0.707+0.j   , 0.   -0.707j]])
    """
    matrices = mub_matrices(num_qubits)
    size = 1 << num_qubits
    bits = np.arange(size)[:, None] >> np.arange(num_qubits)[::-1] & 1
    powers = np.einsum("xj,ajk,xk->ax", bits, matrices, bits)[:, None, :] + 2 * (bits @ bits.T)
    turned = np.array([1, 1j, -1, complex(0, -1)])[powers % 4] / np.sqrt(size)
    found = np.concatenate([np.eye(size, dtype=complex)[None], turned])
    found.flags.writeable = False
    return found


def mub_circuit(num_qubits: int, a: int) -> tuple[Operation, ...]:
    """The circuit ``D_a H^n`` on qubits 0 to n - 1, which makes ``|b_y>`` of basis ``1 + a`` from ``|y>``.

    Its inverse measures in that basis. It needs at most n (n - 1) / 2 CZ.

    >>> [(op.name, op.qubits) for op in mub_circuit(2, 1)]
    [('h', (0,)), ('h', (1,)), ('s', (1,)), ('cz', (0, 1))]
    """
    matrix = mub_matrices(num_qubits)[a]
    turns = [Operation("s", (j,)) for j in range(num_qubits) if matrix[j, j]]
    pairs = [Operation("cz", (j, k)) for j in range(num_qubits) for k in range(j + 1, num_qubits) if matrix[j, k]]
    return (*(Operation("h", (j,)) for j in range(num_qubits)), *turns, *pairs)


NOTHING: tuple[tuple[str, Complexes], ...] = (("0", np.ones((1, 1), dtype=complex)),)
"""The one row of a place of dimension 1, that of a gate that is a product."""


def mub_states(place: Place) -> tuple[tuple[str, Complexes], ...]:
    """Rows of a frame for wires that begin together: every state of every basis.

    Args:
        place: the place of their product, of dimension ``2**n``.

    Returns:
        Names and Kraus vectors, (1, 2**n) each.

    >>> len(mub_states(Place(0, 0, 4, "in")))
    20
    """
    if place.dim == 1:
        return NOTHING
    bases = mub_bases(place.dim.bit_length() - 1)
    return tuple((f"mub{b}.{y}", state[None]) for b, basis in enumerate(bases) for y, state in enumerate(basis))


def mub_measurements(place: Place) -> tuple[tuple[str, Complexes], ...]:
    """Rows of a frame for wires that end together, or for cut gates: every basis.

    The virtual qubits of gates are ancillas that start in the uniform superposition of the letters.

    Args:
        place: the place of their product, of dimension ``2**n``.

    Returns:
        Names and Kraus vectors, (2**n, 2**n) each.

    >>> [name for name, _ in mub_measurements(Place(0, 0, 2, "out"))]
    ['mub0', 'mub1', 'mub2']
    """
    if place.dim == 1:
        return NOTHING
    bases = mub_bases(place.dim.bit_length() - 1).conj() / (np.sqrt(place.dim) if place.kind == "gate" else 1.0)
    return tuple((f"mub{b}", basis) for b, basis in enumerate(bases))
