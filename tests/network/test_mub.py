"""Mutually unbiased bases: the field's matrices, the states, the circuits and the rows of frames."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from cutq.circuits.qiskit.matrices import unitary
from cutq.errors import PlanError
from cutq.network.legspace import Place, functionals
from cutq.network.mub import mub_bases, mub_circuit, mub_matrices, mub_measurements, mub_states

MATRICES = json.loads((Path(__file__).parent / "qpd_facts.json").read_text(encoding="utf-8"))["mub"]
"""A table that was computed on its own."""

SIZES = (1, 2, 3, 4)


@pytest.mark.parametrize("n", SIZES)
def test_matrices_are_those_of_the_table(n: int) -> None:
    assert mub_matrices(n).tolist() == MATRICES[str(n)]


@pytest.mark.parametrize("n", SIZES)
def test_bases_are_orthonormal_and_unbiased(n: int) -> None:
    bases, size = mub_bases(n), 2**n
    assert bases.shape == (size + 1, size, size)
    overlaps = np.abs(np.einsum("ayx,bzx->abyz", bases.conj(), bases)) ** 2
    for a in range(size + 1):
        for b in range(size + 1):
            expected = np.eye(size) if a == b else np.full((size, size), 1 / size)
            np.testing.assert_allclose(overlaps[a, b], expected, atol=1e-14)


@pytest.mark.parametrize("n", SIZES)
def test_circuits_make_the_bases(n: int) -> None:
    np.testing.assert_array_equal(mub_bases(n)[0], np.eye(2**n))
    for a in range(2**n):
        circuit = mub_circuit(n, a)
        np.testing.assert_allclose(unitary(circuit, n, {}).T, mub_bases(n)[1 + a], atol=1e-14)
        assert sum(op.name == "cz" for op in circuit) <= n * (n - 1) // 2


@pytest.mark.parametrize("n", SIZES)
def test_frames_span_the_leg_space_and_read_every_pauli_word_in_one_basis(n: int) -> None:
    size = 2**n
    states = mub_states(Place(0, 0, size, "in"))
    assert len(states) == len({name for name, _ in states}) == size * (size + 1)
    prepared = np.concatenate([functionals(vectors) for _, vectors in states])
    assert np.linalg.matrix_rank(prepared) == size**2
    bases = mub_measurements(Place(0, 0, size, "out"))
    seen = np.array([np.abs(functionals(vectors)).max(axis=0) > 1e-12 for _, vectors in bases])
    np.testing.assert_array_equal(seen.sum(axis=0), [size + 1, *[1] * (size**2 - 1)])


@pytest.mark.parametrize("n", SIZES)
def test_measurements_are_complete(n: int) -> None:
    """Of wires the outcomes sum to the identity, of gates to the mean over the letters, each a unitary."""
    for kind, share in (("out", 1.0), ("gate", 2.0**-n)):
        for _, vectors in mub_measurements(Place(0, 0, 2**n, kind)):
            np.testing.assert_allclose(vectors.T @ vectors.conj(), share * np.eye(2**n), atol=1e-14)


def test_measured_wires_have_conjugate_vectors() -> None:
    """The state r, of which Y is 1, is always the first outcome in the basis of Y."""
    state = np.array([1, 1j]) / math.sqrt(2)
    amplitudes = dict(mub_measurements(Place(0, 0, 2, "out")))["mub2"] @ state
    np.testing.assert_allclose(np.abs(amplitudes) ** 2, [1, 0], atol=1e-15)


@pytest.mark.parametrize("n", [0, 5])
def test_other_numbers_of_qubits_are_refused(n: int) -> None:
    with pytest.raises(PlanError, match=f"1 to 4 qubits, got {n}"):
        mub_matrices(n)
