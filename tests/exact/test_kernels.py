"""Compiled loops: every kind of operation against dense matrices, the way back, sines, densities and readouts."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cutq.exact import kernels
from cutq.exact.densities import from_basis, to_basis
from cutq.exact.lanes import LANES
from cutq.exact.lowering import Op
from cutq.exact.placing import side_by_side
from tests.exact.test_lowering import apply, interpreted, random_shape
from tests.exact.test_placing import lanes_of_angles, run, turns
from tests.strategies import haar

BITS = 5
Array = NDArray[Any]

OPS = {
    "turn x": Op("rotate_x", 2, angle=1),
    "turn x back": Op("rotate_x", 0, signs=(-1, -1), angle=1),
    "controlled turn x": Op("rotate_x", 1, 4, signs=(0, 1), angle=1),
    "turn x unless": Op("rotate_x", 4, 1, signs=(1, 0), angle=1),
    "turn xx": Op("rotate_x", 3, 0, both=True, angle=1),
    "turn yy": Op("rotate_x", 0, 3, both=True, signs=(-1, 1), angle=1),
    "turn zx": Op("rotate_x", 3, 2, signs=(1, -1), angle=1),
    "turn y": Op("rotate_y", 4, angle=1),
    "controlled turn y": Op("rotate_y", 0, 2, signs=(0, 1), angle=1),
    "turn y unless": Op("rotate_y", 3, 0, signs=(1, 0), angle=1),
    "phase": Op("phase", 3, angle=1),
    "lowest phase": Op("phase", 0, angle=1),
    "controlled phase": Op("phase", 4, 1, angle=1),
    "controlled phase, other order": Op("phase", 1, 4, angle=1),
    "diagonal": Op("diagonal", terms=(((0,), 1), ((0, 1), 2), ((1, 3), 3), ((4,), 1), ((0, 4), 4))),
    "diagonal on high bits": Op("diagonal", terms=(((2,), 1), ((2, 4), 2), ((3, 4), 3), ((3,), 4))),
    "all pairs": Op("diagonal", terms=tuple(((j, k), 1 + (j + k) % 4) for k in range(BITS) for j in range(k))),
    "matrix": Op("matrix", 2, entries=tuple(haar(1, 1).ravel().tolist())),
    "controlled matrix": Op("matrix", 0, 3, entries=tuple(haar(1, 2).ravel().tolist())),
    "matrix unless": Op("matrix", 4, 0, value=0, entries=tuple(haar(1, 3).ravel().tolist())),
    "pair": Op("matrix2", 1, 3, entries=tuple(haar(2, 4).ravel().tolist())),
    "pair, other order": Op("matrix2", 4, 2, entries=tuple(haar(2, 5).ravel().tolist())),
    "flip": Op("flip", 1),
    "controlled flip": Op("flip", 0, 4),
    "flip unless": Op("flip", 4, 0, value=0),
    "swap": Op("swap", 1, 4),
    "swap neighbours": Op("swap", 3, 2),
}
"""Operations whose bits are those of a row's number, 0 the lowest."""

ANGLES = 5


def table(op: Op) -> tuple[Array, Array, Array]:
    """A row for the kernels with its terms and matrix entries."""
    kind = getattr(kernels, op.kind.upper())
    terms = sorted((max(bits), min(bits) if len(bits) > 1 else -1, angle) for bits, angle in op.terms)
    entries = np.repeat(np.array(op.entries, complex)[:, None], LANES, axis=1)
    constants = np.stack([entries.real, entries.imag], axis=1).ravel()
    low, high = op.signs if op.kind.startswith("rotate") else (0, 0)
    row = [kind, op.bit, op.other, op.value, low, high, max(op.angle, 0), 0]
    if op.kind.startswith("rotate"):
        row[3] = int(op.both)
    if op.kind == "matrix" or op.kind == "matrix2":
        row[6] = 0
    if op.kind == "diagonal":
        row[1:5] = [0, len(terms), min(bit for bits, _ in op.terms for bit in bits), 0]
    return np.array(row), np.array(terms, dtype=np.int64).reshape(-1, 3), constants


def random_state(seed: int, bits: int = BITS, dtype: type = np.float64) -> tuple[Array, Array]:
    re, im = np.random.default_rng(seed).normal(size=(2, LANES << bits)).astype(dtype)
    return re, im


def random_turns(seed: int = 0) -> tuple[Array, Array]:
    """Angles (angle, lane), and their cosines and sines as kernels take them."""
    angles = np.random.default_rng([seed, 3]).normal(size=(ANGLES, LANES))
    return angles, np.concatenate([np.cos(angles).ravel(), np.sin(angles).ravel()])


def act(
    op: Op, angles: Array, re: Array, im: Array, *, adjoint: bool = False, bits: int = BITS, parts: int = 1
) -> None:
    row, terms, constants = table(op)
    scratch = np.empty((2, 2 * LANES << bits), re.dtype)
    pieces = kernels.pieces(row, bits)
    edges = [pieces * k // parts for k in range(parts + 1)]
    for lo, hi in itertools.pairwise(edges):
        kernels.act(
            row, terms, constants.astype(re.dtype), angles.astype(re.dtype), adjoint, re, im, bits, lo, hi, *scratch
        )


def dense(op: Op, angles: Array, re: Array, im: Array, bits: int = BITS) -> Array:
    """What an operation makes of a state, (rows, lanes), by the plain interpreter; its axis 0 is the highest bit."""
    renamed = replace(
        op,
        bit=bits - 1 - op.bit,
        other=bits - 1 - op.other if op.other >= 0 else -1,
        terms=tuple((tuple(bits - 1 - bit for bit in own), angle) for own, angle in op.terms),
    )
    state = (re + 1j * im).reshape(-1, LANES)
    columns = [apply(renamed, state[:, k].reshape((2,) * bits), angles[:, k]).ravel() for k in range(LANES)]
    return np.stack(columns, axis=1)


@pytest.mark.parametrize("name", OPS)
@pytest.mark.parametrize(("dtype", "atol"), [(np.float64, 1e-14), (np.float32, 1e-5)])
def test_each_operation_is_its_matrix_in_every_lane(name: str, dtype: type, atol: float) -> None:
    angles, own = random_turns()
    re, im = random_state(1, dtype=dtype)
    expected = dense(OPS[name], angles, re, im)
    act(OPS[name], own, re, im)
    assert re.dtype == dtype
    np.testing.assert_allclose((re + 1j * im).reshape(-1, LANES), expected, rtol=0, atol=atol)


@pytest.mark.parametrize("name", OPS)
def test_the_adjoint_undoes_and_pieces_change_no_bit(name: str) -> None:
    _, own = random_turns()
    start, one, many = random_state(2), random_state(2), random_state(2)
    act(OPS[name], own, *one)
    act(OPS[name], own, *many, parts=3)
    assert np.array_equal(one, many)
    assert not np.allclose(one, start)
    act(OPS[name], own, *one, adjoint=True)
    np.testing.assert_allclose(one, start, rtol=0, atol=1e-14)


@pytest.mark.parametrize("name", OPS)
def test_the_way_back_undoes_both_states_and_differentiates(name: str) -> None:
    """The derivative of ``2 Re <bra|U|state>`` for a fixed bra, by its angles in each lane, against differences."""
    op = OPS[name]
    angles, own = random_turns()
    start, bra = random_state(3), random_state(4)
    ket = [part.copy() for part in start]
    act(op, own, *ket)
    bra_before = [part.copy() for part in bra]
    act(op, own, *bra_before, adjoint=True)
    expected = np.zeros_like(angles)
    for k in range(ANGLES):
        for step, sign in ((1e-5, 1), (-1e-5, -1)):
            moved = angles.copy()
            moved[k] += step
            overlap = (np.conj(bra[0] + 1j * bra[1]).reshape(-1, LANES) * dense(op, moved, *start)).sum(axis=0)
            expected[k] += sign * 2 * overlap.real / 2e-5
    gradient = np.full(ANGLES * LANES, 0.25)
    row, terms, constants = table(op)
    scratch = np.empty((2, 2 * LANES << BITS))
    pieces = kernels.pieces(row, BITS)
    kernels.act_back(row, terms, constants, own, *ket, *bra, BITS, 0, pieces, *scratch, gradient)
    np.testing.assert_allclose(gradient.reshape(ANGLES, LANES) - 0.25, expected, rtol=0, atol=1e-8)
    np.testing.assert_allclose(ket, start, rtol=0, atol=1e-14)
    np.testing.assert_allclose(bra, bra_before, rtol=0, atol=1e-14)
    assert bool(expected.any()) == (op.kind in ("rotate_x", "rotate_y", "phase", "diagonal"))


def test_a_phase_of_all_rows() -> None:
    """What is left of a phase whose bits are all lanes; each lane has its own angle, or none."""
    angles, own = random_turns()
    row = np.array([kernels.PHASE, -1, -1, 0, 0, 0, 2, 0])
    start, bra = random_state(5), random_state(6)
    ket = [part.copy() for part in start]
    none, scratch = np.zeros((0, 3), np.int64), np.empty((2, 2 * LANES << BITS))
    pieces = kernels.pieces(row, BITS)
    kernels.act(row, none, np.zeros(0), own, False, *ket, BITS, 0, pieces, *scratch)
    expected = (start[0] + 1j * start[1]).reshape(-1, LANES) * np.exp(-1j * angles[2])
    np.testing.assert_allclose((ket[0] + 1j * ket[1]).reshape(-1, LANES), expected, rtol=0, atol=1e-15)
    overlap = (np.conj(bra[0] + 1j * bra[1]).reshape(-1, LANES) * expected).sum(axis=0)
    gradient = np.zeros(ANGLES * LANES)
    kernels.act_back(row, none, np.zeros(0), own, *ket, *bra, BITS, 0, pieces, *scratch, gradient)
    np.testing.assert_allclose(gradient.reshape(ANGLES, LANES)[2], 2 * (-1j * overlap).real, rtol=0, atol=1e-12)
    np.testing.assert_allclose(ket, start, rtol=0, atol=1e-15)


@pytest.mark.parametrize("bits", [kernels.LOW_BITS, kernels.LOW_BITS + 1, kernels.LOW_BITS + 2])
def test_diagonals_of_more_bits_than_a_block(bits: int) -> None:
    pairs = [(j, k) for k in range(bits) for j in range(k) if k >= bits - 3 or j < 2]
    terms = (*((pair, 1 + sum(pair) % 4) for pair in pairs), *(((k,), 1 + k % 4) for k in range(bits)))
    op = Op("diagonal", terms=terms)
    angles, own = random_turns(bits)
    start, bra = random_state(7, bits), random_state(8, bits)
    rows = np.arange(1 << bits)
    marks = np.zeros((ANGLES, 1 << bits))
    for own_bits, angle in terms:
        marks[angle] += np.all([(rows >> bit) & 1 for bit in own_bits], axis=0)
    expected = (start[0] + 1j * start[1]).reshape(-1, LANES) * np.exp(-1j * marks.T @ angles)
    ket = [part.copy() for part in start]
    act(op, own, *ket, bits=bits, parts=kernels.pieces(table(op)[0], bits))
    np.testing.assert_allclose((ket[0] + 1j * ket[1]).reshape(-1, LANES), expected, rtol=0, atol=1e-12)
    overlaps = np.conj(bra[0] + 1j * bra[1]).reshape(-1, LANES) * expected
    row, table_of_terms, none = table(op)
    gradient = np.zeros(ANGLES * LANES)
    scratch = np.empty((2, 2 * LANES << kernels.LOW_BITS))
    pieces = kernels.pieces(row, bits)
    kernels.act_back(row, table_of_terms, none, own, *ket, *bra, bits, 0, pieces, *scratch, gradient)
    wanted = 2 * (marks @ (-1j * overlaps)).real
    np.testing.assert_allclose(gradient.reshape(ANGLES, LANES), wanted, rtol=1e-11, atol=1e-9)
    np.testing.assert_allclose(ket, start, rtol=0, atol=1e-12)


@pytest.mark.parametrize("bit", range(BITS))
@pytest.mark.parametrize("lane_bit", range(3))
def test_lane_swaps_exchange_a_bit_of_the_row_and_one_of_the_lane(bit: int, lane_bit: int) -> None:
    re, im = random_state(9)
    axes = list(range(BITS + 3))
    low, high = BITS + 3 - 1 - lane_bit, BITS - 1 - bit
    axes[low], axes[high] = axes[high], axes[low]
    expected = [part.reshape((2,) * (BITS + 3)).transpose(axes).ravel() for part in (re, im)]
    row = np.array([kernels.LANE_SWAP, bit, lane_bit, 0, 0, 0, 0, 0])
    empty = np.zeros(0)
    pieces = kernels.pieces(row, BITS)
    kernels.act(row, np.zeros((0, 3), np.int64), empty, empty, False, re, im, BITS, 0, pieces, empty, empty)
    assert np.array_equal((re, im), expected)


@pytest.mark.parametrize("bit", range(BITS + 1))
def test_new_bits_copy_and_fold_back(bit: int) -> None:
    row = np.array([kernels.DUPLICATE, bit, -1, 0, 0, 0, 0, 0])
    re, im = np.zeros((2, LANES << (BITS + 1)))
    re[: LANES << BITS], im[: LANES << BITS] = start = random_state(10)
    kernels.duplicate(row, re, im, 1 << BITS)
    shape = (1 << (BITS - bit), 2, LANES << bit)
    for part, before in zip((re, im), start, strict=True):
        assert np.array_equal(part.reshape(shape), np.repeat(before.reshape(shape[0], 1, -1), 2, axis=1))
    bra = random_state(11, BITS + 1)
    sums = [part.reshape(shape).sum(axis=1).ravel() for part in bra]
    kernels.fold(row, re, im, *bra, 1 << (BITS + 1))
    half = LANES << BITS
    assert np.array_equal((re[:half], im[:half]), start)
    np.testing.assert_allclose([part[:half] for part in bra], sums, rtol=0, atol=1e-15)


@pytest.mark.parametrize("seed", range(15))
def test_forward_and_backward_of_whole_fragments(seed: int) -> None:
    """The start comes back, and derivatives of ``2 Re <bra|final>`` by all angles are those of differences."""
    shape, _ = random_shape(seed, width=3, ops=14)
    placed, angles = side_by_side(shape), lanes_of_angles(shape, seed)
    re, im = run(placed, angles)
    rng = np.random.default_rng(seed)
    bra_re, bra_im = rng.normal(size=(2, *re.shape))
    weights = [np.conj(bra_re + 1j * bra_im)[:, lane].reshape((2,) * shape.num_bits) for lane in range(LANES)]

    def overlaps(at: Array) -> Array:
        finals = [interpreted(shape, at[:, lane]).transpose(placed.order) for lane in range(LANES)]
        return np.array([2 * (w * f).sum().real for w, f in zip(weights, finals, strict=True)])

    expected = np.zeros_like(angles)
    for k in range(1, shape.num_angles):
        step = np.zeros_like(angles)
        step[k] = 1e-4
        near, far = (overlaps(angles + n * step) - overlaps(angles - n * step) for n in (1, 2))
        expected[k] = (8 * near - far) / 12e-4
    gradient = np.zeros((1, angles.size))
    own = turns(placed, angles)[None]
    scratch = np.empty((2, 2 * LANES * placed.scratch))
    states = [part.reshape(1, -1).copy() for part in (re, im, bra_re, bra_im)]
    kernels.backward(
        placed.ops, placed.terms, placed.constants, own, placed.num_bits, *states, gradient, 0, 1, *scratch
    )
    np.testing.assert_allclose(gradient.reshape(angles.shape), expected, rtol=0, atol=1e-9)
    first = np.zeros((2, LANES << placed.first_bits))
    kernels.start(placed.places, own[0], False, placed.first_bits, *first)
    assert (first[0].reshape(-1, LANES)[placed.places[:, 0]] == np.cos(angles[0])).all()
    for part, wanted in zip(states, first, strict=False):
        np.testing.assert_allclose(part[0, : len(wanted)], wanted, rtol=0, atol=1e-13)


# --- sines ------------------------------------------------------------------------------------------------------------


def sines(raw: Array) -> tuple[Array, Array]:
    cosines, found = np.empty((2, len(raw)))
    kernels.sines(raw, cosines, found)
    return cosines, found


@pytest.mark.parametrize("size", [1e-300, 1e-8, 1.0, 4.0, 100.0, 1e4, 1e6, 1e9, 1e15, 1e300])
def test_sines_to_rounding(size: float) -> None:
    raw = size * np.random.default_rng(12).uniform(-1, 1, 4000)
    cosines, found = sines(raw)
    np.testing.assert_allclose(cosines, np.cos(raw), rtol=0, atol=2.3e-16)
    np.testing.assert_allclose(found, np.sin(raw), rtol=0, atol=2.3e-16)
    # Small sines are right in their own digits.
    if size <= 1:
        np.testing.assert_allclose(found, np.sin(raw), rtol=4e-16)


def test_sines_near_quarter_turns() -> None:
    turns = np.arange(-600_000, 600_000, 997)
    raw = turns * (math.pi / 2)
    near = np.concatenate([raw, np.nextafter(raw, np.inf), raw + 1e-9, raw - math.pi / 4])
    cosines, found = sines(near)
    np.testing.assert_allclose(cosines, np.cos(near), rtol=0, atol=2.3e-16)
    np.testing.assert_allclose(found, np.sin(near), rtol=0, atol=2.3e-16)
    assert [part.tolist() for part in sines(np.zeros(1))] == [[1.0], [0.0]]


def test_sines_of_what_is_no_number() -> None:
    raw = np.array([np.nan, np.inf, -np.inf, 1.0])
    for part in sines(raw):
        assert np.isnan(part).tolist() == [True, True, True, False]


# --- sums over rows, densities, readouts ------------------------------------------------------------------------------


def test_parity() -> None:
    for number in (0, 1, 3, 7, 2**40 + 1, 2**62, 2**40 + 2**20 + 1, 0b1011_0110):
        assert kernels.parity(number) == number.bit_count() % 2


@pytest.mark.parametrize("rows", [1, 2, 8, 32])
def test_hadamard(rows: int) -> None:
    sums = np.random.default_rng(13).normal(size=(rows, LANES))
    found = sums.ravel().copy()
    kernels._hadamard(found, rows)
    index = np.arange(rows)
    signs = (-1.0) ** np.bitwise_count(index[:, None] & index)
    np.testing.assert_allclose(found.reshape(rows, LANES), signs @ sums, rtol=0, atol=1e-13)


def word_times(amplitudes: Array, flip: int, sign: int, power: int) -> Array:
    """``W T`` of a word, (rows, legs)."""
    rows = np.arange(len(amplitudes))
    signs = 1 - 2 * (np.bitwise_count(rows & sign) & 1).astype(float)
    return (-1j) ** power * signs[:, None] * amplitudes[rows ^ flip]


ROWS, DIGITS, MEMBERS, ITEMS = 2 * kernels.BLOCK_ROWS, 2, 3, 15
DIM = 1 << DIGITS
DEAL = np.array([0, 1, 4, 5])
TURNED = np.array([0, 1])
WORDS = np.array([[0, 0, 0], [0, 5, 0], [6, 0, 0], [6, 3, 1], [7, 7, 3], [9, 1, 1], [3, 11, 2]])
"""Words as (flip, sign, count of Y)."""
BY_FLIP = np.array([[0, 0, 2], [6, 2, 4], [7, 4, 5], [9, 5, 6], [3, 6, 7]])


def group_state(seed: int) -> tuple[Array, Array, Array]:
    """Amplitudes (items, rows, legs) of two lane groups, the last lane unused, and both parts as kernels take them."""
    rng = np.random.default_rng(seed)
    parts = rng.normal(size=(2, 2, ROWS, DIM, LANES))
    amplitudes = (parts[0] + 1j * parts[1]).transpose(0, 3, 1, 2).reshape(-1, ROWS, DIM)[:ITEMS]
    return amplitudes, *parts.reshape(2, 2, -1)


def scratch() -> tuple[Array, Array, Array]:
    return *np.full((2, LANES * ROWS * DIM), np.nan), np.full(2 * LANES * DIM**2, np.nan)


def offsets_of(words: int, seed: int) -> Array:
    """Where densities lie in a row of data, some nowhere; and after them one that is not touched."""
    places = np.random.default_rng(seed).permutation(words * MEMBERS).reshape(words, MEMBERS)
    return np.where(places % 4 == 1, -1, places * DIM**2)


def test_squares_are_densities_of_words() -> None:
    amplitudes, re, im = group_state(14)
    offsets = offsets_of(len(WORDS), 0)
    data = np.zeros((ITEMS // MEMBERS, len(WORDS) * MEMBERS * DIM**2))
    kernels.squares(re, im, ROWS, DEAL, DIGITS, TURNED, WORDS, offsets, ITEMS, MEMBERS, data, 0, 2, *scratch())
    expected = np.zeros_like(data)
    for item, own in enumerate(amplitudes):
        for w, word in enumerate(WORDS):
            at = offsets[w, item % MEMBERS]
            if at >= 0:
                density = own.conj().T @ word_times(own, *word)
                expected[item // MEMBERS, at : at + DIM**2] = to_basis(density, TURNED.astype(bool).tolist())
    np.testing.assert_allclose(data, expected, rtol=0, atol=1e-12)


def test_squares_back_is_the_derivative() -> None:
    """``sum_w <data_w, density_w>`` has the bra ``sum_w W T H_w``, half its derivative by conj(T)."""
    amplitudes, re, im = group_state(15)
    offsets = offsets_of(len(WORDS), 1)
    data = np.random.default_rng(1).normal(size=(ITEMS // MEMBERS, len(WORDS) * MEMBERS * DIM**2))
    for group in range(2):
        bra = np.ones((2, 1, LANES * ROWS * DIM))
        kernels.squares_back(
            re, im, ROWS, DEAL, DIGITS, TURNED, WORDS, offsets, ITEMS, MEMBERS, data, *bra, group, group + 1, *scratch()
        )
        found = (bra[0] + 1j * bra[1]).reshape(ROWS, DIM, LANES) - (1 + 1j)
        for lane in range(LANES):
            item = LANES * group + lane
            expected = np.zeros((ROWS, DIM), complex)
            for w, word in enumerate(WORDS):
                if item < ITEMS and offsets[w, item % MEMBERS] >= 0:
                    own = data[item // MEMBERS, offsets[w, item % MEMBERS] :][: DIM**2]
                    expected += word_times(amplitudes[item], *word) @ from_basis(own, TURNED.astype(bool).tolist())
            np.testing.assert_allclose(found[..., lane], expected, rtol=0, atol=1e-12)


def reading(seed: int) -> tuple[Array, Array, Array, Array]:
    """Columns (words, members), offsets and tensors (members), exponents (rows, tensors)."""
    columns = np.random.default_rng(seed).permutation(len(WORDS) * MEMBERS).reshape(-1, MEMBERS)
    columns[2, 1] = -1
    columns[:, 2] = -1
    exponents = np.random.default_rng(seed).integers(-4, 4, (ITEMS // MEMBERS, 2))
    return columns, np.array([DIM**2, 0, -1]), np.array([1, 0, -1]), exponents


def value_of(amplitudes: Array, word: Sequence[int], environment: Array) -> float:
    density = amplitudes.conj().T @ word_times(amplitudes, *word)
    return float(to_basis(density, TURNED.astype(bool).tolist()) @ environment)


@pytest.mark.parametrize("alone", [None, 0, 2, 3, 5])
def test_readouts_are_densities_in_their_environments(alone: int | None) -> None:
    """Of many words, and of one word alone."""
    amplitudes, re, im = group_state(16)
    columns, offsets, tensors, exponents = reading(2)
    words, flips = WORDS, BY_FLIP
    if alone is not None:
        words, columns = WORDS[alone : alone + 1], columns[alone : alone + 1]
        flips = np.array([[words[0, 0], 0, 1]])
    data = np.random.default_rng(3).normal(size=(ITEMS // MEMBERS, 2 * DIM**2))
    values = np.full((ITEMS // MEMBERS, columns.max() + 1), 7.0)
    expected = values.copy()
    kernels.readouts(
        re, im, ROWS, DEAL, DIGITS, TURNED, words, flips, columns, offsets, tensors, exponents, ITEMS, MEMBERS, data,
        values, 0, 2, *scratch(), np.full(2 * LANES * DIM**2, np.nan), *np.full((2, LANES * ROWS), np.nan),
    )  # fmt: skip
    for item, own in enumerate(amplitudes):
        row, member = divmod(item, MEMBERS)
        for w, word in enumerate(words):
            if columns[w, member] >= 0:
                environment = data[row, offsets[member] :][: DIM**2] * 2.0 ** exponents[row, tensors[member]]
                expected[row, columns[w, member]] = value_of(own, word, environment)
    np.testing.assert_allclose(values, expected, rtol=0, atol=1e-10)


def test_readouts_back_is_the_derivative() -> None:
    """By the environment, and by conj(T): the change of all values when either moves a little."""
    amplitudes, re, im = group_state(17)
    columns, offsets, tensors, exponents = reading(4)
    rng = np.random.default_rng(5)
    data = rng.normal(size=(ITEMS // MEMBERS, 2 * DIM**2))
    weights = rng.normal(size=(ITEMS // MEMBERS, columns.max() + 1))
    bra, left = np.zeros((2, *re.shape)), np.full_like(data, 0.5)
    sums = np.full((2, LANES * ROWS), np.nan)
    kernels.readouts_back(
        re, im, ROWS, DEAL, DIGITS, TURNED, WORDS, BY_FLIP, columns, offsets, tensors, exponents, ITEMS, MEMBERS, data,
        weights, *bra, left, 0, 2, *scratch(), *sums,
    )  # fmt: skip
    bras = (bra[0] + 1j * bra[1]).reshape(2, ROWS, DIM, LANES).transpose(0, 3, 1, 2).reshape(-1, ROWS, DIM)
    expected = np.full_like(left, 0.5)
    for item, own in enumerate(amplitudes):
        row, member = divmod(item, MEMBERS)
        wanted = np.zeros((ROWS, DIM), complex)
        for w, word in enumerate(WORDS):
            if columns[w, member] >= 0:
                scale = weights[row, columns[w, member]] * 2.0 ** exponents[row, tensors[member]]
                density = own.conj().T @ word_times(own, *word)
                place = slice(offsets[member], offsets[member] + DIM**2)
                expected[row, place] += scale * to_basis(density, TURNED.astype(bool).tolist())
                environment = from_basis(data[row, place], TURNED.astype(bool).tolist())
                wanted += scale * word_times(own, *word) @ environment
        np.testing.assert_allclose(bras[item], wanted, rtol=0, atol=1e-10)
    np.testing.assert_allclose(left, expected, rtol=0, atol=1e-10)
