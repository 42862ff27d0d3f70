"""What trained modules of physics are held against: ground states and energies by free fermions and diagonalisation.

Chains are open: ``-sum Z_j Z_(j+1) - field sum X_j`` (transverse field Ising, ferromagnetic) and
``sum X_j X_(j+1) + Y_j Y_(j+1) + Z_j Z_(j+1)`` (Heisenberg, antiferromagnetic). Site 0 is most significant.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.gates import PAULIS
from cutq.errors import TooLargeError

Reals = NDArray[np.float64]
Term = tuple[float, tuple[tuple[int, str], ...]]
"""A weight, and sites with letters."""

MOST_SITES = 12
"""Sites of a chain that is diagonalised."""


def ising_terms(sites: int, field: float = 1.0) -> list[Term]:
    """The terms of the Ising chain.

    >>> ising_terms(2, 0.5)
    [(-1.0, ((0, 'Z'), (1, 'Z'))), (-0.5, ((0, 'X'),)), (-0.5, ((1, 'X'),))]
    """
    bonds = [(-1.0, ((j, "Z"), (j + 1, "Z"))) for j in range(sites - 1)]
    return [*bonds, *((-float(field), ((j, "X"),)) for j in range(sites))]


def heisenberg_terms(sites: int) -> list[Term]:
    """The terms of the Heisenberg chain."""
    return [(1.0, ((j, letter), (j + 1, letter))) for j in range(sites - 1) for letter in "XYZ"]


TERMS: dict[str, Callable[..., list[Term]]] = {"tfim": ising_terms, "heisenberg": heisenberg_terms}
"""Terms of Hamiltonians by the names that ``cutq.ansatz.hva`` has for them."""


def ising_energy(sites: int, field: float = 1.0) -> float:
    """The ground energy of the Ising chain of any length, by free fermions.

    Minus the sum of the singular values of the bidiagonal matrix with ``field`` on the diagonal and 1 beside it.

    Source: Lieb, Schultz and Mattis, Ann. Phys. 16, 407 (1961); Pfeuty, Ann. Phys. 57, 79 (1970).

    >>> abs(ising_energy(6, 0.7) - ground("tfim", 6, 0.7)[0]) < 1e-10
    True
    """
    matrix = float(field) * np.eye(sites) + np.eye(sites, k=1)
    return -float(np.linalg.svd(matrix, compute_uv=False).sum())


def chain_energy(model: str, sites: int, field: float = 1.0) -> float:
    """The ground energy by the formula where there is one, else by diagonalisation, up to 12 sites.

    Raises:
        TooLargeError: there is no formula, and too many sites.
    """
    return ising_energy(sites, field) if model == "tfim" else ground(model, sites)[0]


@cache
def ground(model: str, sites: int, field: float = 1.0) -> tuple[float, Reals]:
    """The ground energy, and the real ground state (2**sites,), its largest amplitude positive; up to 12 sites."""
    from scipy.sparse.linalg import eigsh

    if sites > MOST_SITES:
        raise TooLargeError(f"chains of up to {MOST_SITES} sites are diagonalised, got {sites}")
    # The start of Lanczos is fixed, so that the same bits come out again; that of the Ising chain is even under flips,
    # as its ground state is: for small fields an odd state has nearly the same energy.
    start = np.ones(2**sites) if model == "tfim" else np.cos(np.arange(2.0**sites))
    values, vectors = eigsh(_matrix(model, sites, field), k=1, which="SA", v0=start)
    vector = vectors[:, 0] * np.sign(vectors[np.argmax(abs(vectors[:, 0])), 0])
    if model == "tfim":
        vector = (vector + vector[::-1]) / np.linalg.norm(vector + vector[::-1])
    vector.flags.writeable = False
    return float(values[0]), vector


def _matrix(model: str, sites: int, field: float) -> Any:
    coupling, turning = _parts(model, sites)
    return coupling + field * turning


@cache
def _parts(model: str, sites: int) -> tuple[Any, Any]:
    """The Hamiltonian's terms on two sites, and those on one site for a field of 1."""
    terms = TERMS[model](sites)
    pairs, single = ([one for one in terms if len(one[1]) == width] for width in (2, 1))
    return _summed(pairs, sites), _summed(single, sites)


def _summed(terms: list[Term], sites: int) -> Any:
    from scipy.sparse import csr_array, kron

    total = csr_array((2**sites, 2**sites), dtype=complex)
    for weight, word in terms:
        letters = dict(word)
        product = csr_array([[weight + 0j]])
        for site in range(sites):
            product = kron(product, PAULIS[letters.get(site, "I")], format="csr")
        total = total + product
    return total.real


def ising_states(sites: int, fields: Sequence[float] | Reals) -> Reals:
    """Ground states of Ising chains, (fields, 2**sites)."""
    return np.stack([ground("tfim", sites, float(field))[1] for field in fields])


def fields(low: float, high: float, count: int, part: str) -> Reals:
    """Fields for training, ``linspace(low, high, count)``, or for tests: the ``count`` centres of equal intervals.

    No field is in both parts where ``count`` is even.

    >>> fields(0.5, 1.5, 2, "train").tolist(), fields(0.5, 1.5, 2, "test").tolist()
    ([0.5, 1.5], [0.75, 1.25])
    """
    if part == "train":
        return np.linspace(low, high, count)
    edges = np.linspace(low, high, count + 1)
    return (edges[:-1] + edges[1:]) / 2


def product_energy(model: str, sites: int, field: float = 1.0) -> float:
    """The lowest energy of a product state, one angle for each site: mean field.

    For the Heisenberg chain it is that of the Neel state, ``1 - sites``. For the Ising chain spins lie in the plane of
    X and Z, and the energy is minimised from several uniform starts.
    """
    if model == "heisenberg":
        return 1.0 - sites
    from scipy.optimize import minimize

    def energy(angles: Reals) -> tuple[float, Reals]:
        z, x = np.cos(angles), np.sin(angles)
        near = np.concatenate([z[1:], [0.0]]) + np.concatenate([[0.0], z[:-1]])
        return -float(z[1:] @ z[:-1] + field * x.sum()), z_slope(near, z, x)

    def z_slope(near: Reals, z: Reals, x: Reals) -> Reals:
        return near * x - field * z

    starts = (0.2, 0.6, 1.0, 1.4)
    found = [minimize(energy, np.full(sites, start), jac=True, method="BFGS") for start in starts]
    return float(min(one.fun for one in found))


def principal_fidelity(train: Reals, test: Reals, kept: int) -> float:
    """The mean weight of test states in the span of the first principal vectors of the training states.

    No encoder that throws qubits away keeps more than so many dimensions, so that this bounds its mean fidelity on the
    training states, and on others as far as they are like these.
    """
    _, _, vectors = np.linalg.svd(train, full_matrices=False)
    return float(((test @ vectors[:kept].T) ** 2).sum(axis=1).mean())


def spins(states: Reals) -> Reals:
    """Mean ``<Z_j Z_(j+1)>`` and mean ``<X_j>`` of real states, (rows, 2)."""
    rows, sites = len(states), states.shape[1].bit_length() - 1
    bits = np.array(list(itertools.product((1, -1), repeat=sites)))
    aligned = (bits[:, 1:] * bits[:, :-1]).mean(axis=1)
    turned = [np.flip(states.reshape(rows, 2**j, 2, -1), axis=2).reshape(rows, -1) for j in range(sites)]
    along = np.mean([(states * one).sum(axis=1) for one in turned], axis=0)
    return np.stack([states**2 @ aligned, along], axis=1)
