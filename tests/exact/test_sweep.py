"""Running a tape: values against einsum for each word, reverse mode, both engines, rows, exponents."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cutq.circuits.observable import Word
from cutq.exact import sweep, tape_kernels
from cutq.exact.tape import Tape
from tests.exact.test_tape import Case, chain, ising, letters, random_case, random_word

Tensors = Callable[[int, Word], NDArray[Any]]


def compiled_forward(tape: Tape, data: NDArray[Any], exponents: NDArray[np.int64]) -> None:
    tape_kernels.forward(tape, data, exponents, 0, len(data))


def compiled_backward(tape: Tape, data: NDArray[Any], exponents: NDArray[np.int64], bars: NDArray[Any]) -> None:
    tape_kernels.backward(tape, data, exponents, bars, 0, len(data))


ENGINES = {"numpy": (sweep.forward, sweep.backward), "compiled": (compiled_forward, compiled_backward)}
"""Both engines with one face."""


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Any:
    return ENGINES[request.param]


def local_word(case: Case, leaf: int, word: Word) -> Word:
    return tuple(pair for pair in word if pair[0] in case.leaves[leaf].support)


def random_tensors(case: Case, rows: int, dtype: type, scale: float = 1.0) -> Tensors:
    """A different random tensor for each leaf and letters, ``(rows, *sizes)``, the same at each call."""

    def tensor(leaf: int, word: Word) -> NDArray[Any]:
        rng = np.random.default_rng([leaf, *(4 * qubit + "XYZ".index(letter) + 1 for qubit, letter in word)])
        shape = (rows, *(case.sizes[index] for index in case.leaves[leaf].indices))
        real = rng.standard_normal(shape)
        return scale * (real + 1j * rng.standard_normal(shape) if dtype is complex else real)

    return tensor


def start(tape: Tape, rows: int, tensor: Tensors, dtype: type) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Data with the leaf tensors written, NaN elsewhere."""
    data = np.full((rows, tape.entries), np.nan, dtype)
    for number, (leaf, word) in enumerate(tape.leaves):
        data[:, tape.slot(number)] = tensor(leaf, word).reshape(rows, -1)
    return data, np.zeros((rows, len(tape.shapes)), np.int64)


def part(tape: Tape, data: NDArray[Any], number: int) -> NDArray[Any]:
    return data[:, tape.slot(number)]


def values(tape: Tape, data: NDArray[Any], exponents: NDArray[np.int64], tensor: Tensors) -> NDArray[Any]:
    """The value of each word, ``(rows, words)``: the product with the tensor at home, as the caller forms it."""
    columns = []
    for number, local in tape.placements:
        readout = tape.readouts[number]
        environment = part(tape, data, readout.tensor) * np.ldexp(1.0, exponents[:, readout.tensor])[:, None]
        columns.append((environment * tensor(readout.home, local).reshape(len(data), -1)).sum(axis=1))
    return np.array(columns).T


def by_einsum(case: Case, tensor: Tensors, row: int, word: Word) -> Any:
    labels = {index: number for number, index in enumerate(case.sizes)}
    operands: list[Any] = []
    for leaf, spec in enumerate(case.leaves):
        operands += [tensor(leaf, local_word(case, leaf, word))[row], [labels[index] for index in spec.indices]]
    return np.einsum(*operands, [], optimize="greedy")


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize("seed", range(30))
def test_values_are_those_of_einsum(seed: int, dtype: type, engine: Any) -> None:
    case = random_case(seed)
    tape, tensor = case.tape, random_tensors(case, 3, dtype)
    data, exponents = start(tape, 3, tensor, dtype)
    engine[0](tape, data, exponents)
    found = values(tape, data, exponents, tensor)
    for row in range(3):
        wanted = [by_einsum(case, tensor, row, word) for word in case.words]
        np.testing.assert_allclose(found[row], wanted, rtol=1e-11, atol=1e-11 * np.abs(wanted).max())


@pytest.mark.parametrize("seed", range(15))
def test_results_are_scaled_to_one(seed: int, engine: Any) -> None:
    case = random_case(seed, 7)
    tape, tensor = case.tape, random_tensors(case, 2, complex)
    data, exponents = start(tape, 2, tensor, complex)
    engine[0](tape, data, exponents)
    for number in range(len(tape.leaves), tape.unit):
        top = np.abs(part(tape, data, number).view(float)).max(axis=1)
        assert np.all((top >= 0.5) & (top < 1))


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize("seed", range(16))
def test_reverse_mode_is_the_derivative_by_every_leaf_entry(seed: int, dtype: type, engine: Any) -> None:
    case = random_case(seed)
    tape, tensor = case.tape, random_tensors(case, 1, dtype)
    rng = np.random.default_rng(seed)
    weights = [rng.standard_normal(len(part(tape, np.empty((1, tape.entries)), r.tensor)[0])) for r in tape.readouts]

    def energy(leaves: NDArray[Any]) -> Any:
        """A weighted sum of the entries of all environments, unscaled."""
        data, exponents = leaves.copy(), np.zeros((1, len(tape.shapes)), np.int64)
        engine[0](tape, data, exponents)
        scaled = zip(weights, tape.readouts, strict=True)
        return sum((w @ part(tape, data, r.tensor)[0]) * 2.0 ** exponents[0, r.tensor] for w, r in scaled)

    data, exponents = start(tape, 1, tensor, dtype)
    leaves = data.copy()
    engine[0](tape, data, exponents)
    bars = np.zeros_like(data)
    for weight, readout in zip(weights, tape.readouts, strict=True):
        part(tape, bars, readout.tensor)[0] += weight * 2.0 ** exponents[0, readout.tensor]
    engine[1](tape, data, exponents, bars)
    end = int(tape.offsets[len(tape.leaves)])
    for place in range(0, end, max(1, end // 15)):
        step = np.zeros_like(leaves)
        step[0, place] = 1e-4 * (1 if dtype is float else 1 + 2j)
        slope = (energy(leaves + step) - energy(leaves - step)) / (2 * step[0, place])
        # the energy is linear in each leaf tensor, so that the difference has no error of truncation
        assert bars[0, place] == pytest.approx(slope, rel=1e-7, abs=1e-7 * max(1.0, abs(bars).max()))


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize("seed", range(20))
def test_both_engines_agree_row_by_row(seed: int, dtype: type) -> None:
    case = random_case(seed + 100, 8)
    tape, tensor = case.tape, random_tensors(case, 5, dtype)
    data, exponents = start(tape, 5, tensor, dtype)
    other, others = data.copy(), exponents.copy()
    sweep.forward(tape, data, exponents)
    for lo, hi in ((0, 2), (2, 5)):
        tape_kernels.forward(tape, other, others, lo, hi)
    np.testing.assert_array_equal(exponents, others)
    np.testing.assert_allclose(data, other, rtol=1e-12, atol=1e-13)
    bars = np.random.default_rng(seed).standard_normal(data.shape).astype(dtype)
    again = bars.copy()
    sweep.backward(tape, data, exponents, bars)
    tape_kernels.backward(tape, other, others, again, 0, 2)
    tape_kernels.backward(tape, other, others, again, 2, 5)
    np.testing.assert_allclose(bars, again, rtol=1e-10, atol=1e-11 * np.abs(bars).max())


def test_large_batches_are_worked_on_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    case = random_case(3, 6)
    tape, tensor = case.tape, random_tensors(case, 7, float)
    data, exponents = start(tape, 7, tensor, float)
    other, others = data.copy(), exponents.copy()
    bars = np.ones_like(data)
    again = bars.copy()
    sweep.forward(tape, data, exponents)
    sweep.backward(tape, data, exponents, bars)
    monkeypatch.setattr(sweep, "CHUNK_ENTRIES", 20)
    sweep.forward(tape, other, others)
    sweep.backward(tape, other, others, again)
    np.testing.assert_allclose(data, other, rtol=1e-14)
    np.testing.assert_allclose(bars, again, rtol=1e-12)


@pytest.mark.parametrize("scale", [1e-3, 1e3])
def test_long_chains_neither_vanish_nor_overflow(scale: float, engine: Any) -> None:
    length = 3000
    case = chain(length, 3, (tuple((k, "Z") for k in range(length)), letters("X1500")))
    tape, tensor = case.tape, random_tensors(case, 1, float, scale)
    data, exponents = start(tape, 1, tensor, float)
    with np.errstate(all="raise"):
        engine[0](tape, data, exponents)
    for word, (number, local) in zip(case.words, tape.placements, strict=True):
        readout = tape.readouts[number]
        found = part(tape, data, readout.tensor)[0] @ tensor(readout.home, local).ravel()
        logarithm = math.log2(abs(found)) + exponents[0, readout.tensor]
        sign, wanted = log_of_chain(case, tensor, word)
        assert abs(wanted) > 9000, "far beyond the range of a double"
        assert logarithm == pytest.approx(wanted, abs=1e-7)
        assert math.copysign(1, found) == sign


def log_of_chain(case: Case, tensor: Tensors, word: Word) -> tuple[float, float]:
    """The sign of the value and the logarithm of its size to base 2, link by link."""
    row, logarithm = np.ones((1, 1)), 0.0
    for leaf in range(len(case.leaves)):
        link = tensor(leaf, local_word(case, leaf, word))[0]
        row = row @ (link.reshape(-1, 1) if leaf == len(case.leaves) - 1 else link.reshape(row.shape[1], -1))
        top = float(np.abs(row).max())
        row, logarithm = row / top, logarithm + math.log2(top)
    return math.copysign(1, row[0, 0]), logarithm + math.log2(abs(row[0, 0]))


def test_the_derivative_of_a_long_chain_keeps_its_size(engine: Any) -> None:
    length = 2000
    case = chain(length, 3, (tuple((k, "Z") for k in range(length)),))
    tape, tensor = case.tape, random_tensors(case, 1, float, 1e-3)
    data, exponents = start(tape, 1, tensor, float)
    engine[0](tape, data, exponents)
    (readout,) = tape.readouts
    home = tensor(readout.home, tape.placements[0][1]).reshape(1, -1)
    bars = np.zeros_like(data)
    part(tape, bars, readout.tensor)[:] += home
    engine[1](tape, data, exponents, bars)
    value = float(part(tape, data, readout.tensor)[0] @ home[0])
    for number in range(len(tape.leaves)):
        # linear in each leaf: derivative times leaf is the value again
        assert part(tape, bars, number)[0] @ part(tape, data, number)[0] == pytest.approx(value, rel=1e-9)


def test_tiny_leaves_are_scaled_first(engine: Any) -> None:
    case = chain(12, 2, ising(12))
    tape = case.tape
    tiny, plain = random_tensors(case, 1, float, 1e-200), random_tensors(case, 1, float)
    data, exponents = start(tape, 1, tiny, float)
    other, others = start(tape, 1, plain, float)
    sweep.scale_leaves(tape, data, exponents)
    engine[0](tape, data, exponents)
    engine[0](tape, other, others)
    found = values(tape, data, exponents * 0, plain)
    wanted = values(tape, other, others * 0, plain)
    assert np.all(exponents[0, [readout.tensor for readout in tape.readouts]] < -7000)
    for column, (number, _) in enumerate(tape.placements):
        tensor = tape.readouts[number].tensor
        ratio = math.log2(found[0, column] / wanted[0, column])
        assert ratio + exponents[0, tensor] - others[0, tensor] == pytest.approx(11 * math.log2(1e-200), abs=1e-6)


def test_zero_stays_zero_and_what_is_not_finite_stays_visible(engine: Any) -> None:
    case = chain(6, 2, (letters("Z0"), letters("Z5")))
    tape = case.tape
    for bad in (0.0, math.nan, math.inf):
        data, exponents = start(tape, 1, random_tensors(case, 1, float), float)
        number = next(k for k, (leaf, _) in enumerate(tape.leaves) if leaf == 3)
        part(tape, data, number)[:] = bad
        with np.errstate(invalid="ignore"):
            engine[0](tape, data, exponents)
        for readout in tape.readouts:
            found = part(tape, data, readout.tensor)
            assert np.all(found == 0) if bad == 0 else not np.any(np.isfinite(found))


def test_many_words_on_a_tree_of_wide_tensors(engine: Any) -> None:
    rng = np.random.default_rng(5)
    words = tuple({random_word(rng, 20, 3) for _ in range(200)})
    case = chain(20, 17, words)
    tape, tensor = case.tape, random_tensors(case, 2, float)
    data, exponents = start(tape, 2, tensor, float)
    engine[0](tape, data, exponents)
    found = values(tape, data, exponents, tensor)
    for column in range(0, len(words), 10):
        wanted = by_einsum(case, tensor, 1, words[column])
        assert found[1, column] == pytest.approx(wanted, rel=1e-9)
