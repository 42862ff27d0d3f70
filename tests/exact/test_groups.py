"""Groups: masks against Pauli matrices, angles as affine functions, tables."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from cutq import Operation, param
from cutq.circuits.gates import PAULIS
from cutq.circuits.observable import Word
from cutq.exact.groups import Mask, angle_table, flips_table, folded, mask, masks_table
from cutq.exact.lanes import LANES
from cutq.exact.lowering import lower
from cutq.exact.placing import alone, side_by_side
from tests.exact.test_lowering import at, random_fragment, whole

WORDS: list[Word] = [
    tuple((q, p) for q, p in zip((2, 5, 6), letters, strict=True) if p != "I")
    for letters in itertools.product("IXYZ", repeat=3)
]


def word_matrix(word: Word, qubits: Sequence[int]) -> NDArray[np.complex128]:
    """The matrix of a Pauli word on these qubits, the first the most significant."""
    named, matrix = dict(word), np.ones((1, 1), complex)
    for qubit in qubits:
        matrix = np.kron(matrix, PAULIS[named.get(qubit, "I")])
    return matrix


@pytest.mark.parametrize("word", WORDS, ids=str)
def test_a_mask_is_its_pauli_matrix(word: Word) -> None:
    outputs = (2, 5, 6)
    one = mask(word, outputs)
    rows = np.arange(8)
    found = np.zeros((8, 8), complex)
    found[rows, rows ^ one.flip] = (-1j) ** one.power * (-1.0) ** np.bitwise_count(rows & one.sign)
    assert np.array_equal(found, word_matrix(word, outputs))


def test_the_count_of_y_is_kept_modulo_four() -> None:
    word = tuple((q, "Y") for q in range(6))
    assert mask(word, range(7)) == Mask(0b1111110, 0b1111110, 2)


def test_tables_of_masks() -> None:
    masks = [Mask(0, 1, 0), Mask(0, 3, 0), Mask(2, 0, 0), Mask(3, 1, 1), Mask(3, 3, 2)]
    assert masks_table(masks).tolist() == [[0, 1, 0], [0, 3, 0], [2, 0, 0], [3, 1, 1], [3, 3, 2]]
    assert flips_table(masks).tolist() == [[0, 0, 2], [2, 2, 3], [3, 3, 5]]
    assert masks_table([]).shape == flips_table([]).shape == (0, 3)


@pytest.mark.parametrize("placement", [side_by_side, alone])
def test_angles_are_affine_in_the_parameters(placement: object) -> None:
    s, t = param("s"), param("t")
    cut = random_fragment(1, width=6)
    shape, constant = lower(cut)
    rng = np.random.default_rng(0)
    # Further terms on top of the fragment's own angles: some shared, some doubled, some that cancel.
    extra = [((k * s - t + 0.5, 1.5), (t, 0.25 * k), (s, -1.5 * k)) for k in range(shape.num_angles)]
    members = [[(*own, *more) for own, more in zip(constant, extra, strict=True)], list(constant)]
    placed = placement(shape)  # type: ignore[operator]
    table = angle_table(placed, [list(map(folded, member)) for member in members], {"t": 0, "s": 2})
    params = rng.normal(size=3)
    values = {"t": params[0], "s": params[2]}
    found = [
        table.constants[k] + (table.weights[own] @ params[table.indices[own]])
        for k in range(len(table.constants))
        for own in [slice(table.starts[k], table.starts[k + 1])]
    ]
    lanes = LANES if placed.alone else 1
    expected = [
        weight * at(member[angle], values)
        for member in members
        for angle, weights in placed.angles
        for weight in weights[:lanes]
    ]
    assert table.members == 2
    assert table.count == len(placed.angles) * lanes
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_terms_of_one_parameter_are_added_up() -> None:
    t = param("t")
    shape, affine = lower(whole(Operation("rz", (0,), (t,)), Operation("p", (0,), (2 * t + 1,)), width=1))
    table = angle_table(side_by_side(shape), [list(map(folded, affine))], {"t": 0})
    assert (table.starts[1:] - table.starts[:-1]).max() == 1
    assert len(table.weights) == 2
