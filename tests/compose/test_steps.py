"""Boards of numbers: sums of products, bindings of parameters, links and functions, forward and backward."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutq import ModuleError, ParameterError, classical
from cutq.compose.binding import add_at, bind
from cutq.compose.circuits import Source
from cutq.compose.expressions import Expression
from cutq.compose.functions import FUNCTIONS, Classical
from cutq.compose.steps import FunctionStep, LinkStep, Sums
from tests.strategies import numbers

COLUMNS = 6

terms = st.lists(st.tuples(numbers, st.lists(st.integers(0, COLUMNS - 1), max_size=3).map(tuple)), max_size=4)


def slope(value: object, board: np.ndarray, step: np.ndarray) -> np.ndarray:
    """The derivative of a function of boards in one direction."""
    return (value(board + 1e-6 * step) - value(board - 1e-6 * step)) / 2e-6  # type: ignore[operator]


@given(st.lists(terms, min_size=1, max_size=4))
@settings(max_examples=80)
def test_sums_of_products(given_terms: list[list[tuple[float, tuple[int, ...]]]]) -> None:
    sums = Sums.of(given_terms)
    rng = np.random.default_rng(0)
    board, step = rng.normal(size=(2, 3, COLUMNS))
    expected = [[sum(w * np.prod(row[list(k)]) for w, k in own) for own in given_terms] for row in board]
    np.testing.assert_allclose(sums.value(board), np.array(expected).reshape(3, -1), atol=1e-12)
    assert set(sums.inputs) == {k for own in given_terms for _, columns in own for k in columns}
    pulled, bar = rng.normal(size=(3, len(given_terms))), np.zeros((3, COLUMNS))
    sums.back(board, pulled, bar)
    assert (bar * step).sum() == pytest.approx((pulled * slope(sums.value, board, step)).sum(), abs=1e-6)


def test_columns_that_occur_more_than_once_add_up() -> None:
    board = np.zeros((2, 3))
    add_at(board, np.array([1, 1, 0]), np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    np.testing.assert_array_equal(board, [[3, 3, 0], [6, 9, 0]])


def test_bindings_of_plain_and_mapped_parameters() -> None:
    product = Expression("a*sin(b)")
    sources = {
        "p": Source({"x": "one"}),
        "q": Source({"a": "one", "b": "two"}, product),
        "r": Source({"x": "three"}),
        "s": Source({"a": "two", "b": "two"}, product),
        "t": Source({"x": "one"}),
    }
    column = {"one": 0, "two": 1, "three": 2}.__getitem__
    binding = bind(tuple(sources), sources, column)
    assert list(binding.inputs) == [0, 1, 2]
    assert len(binding.mapped) == 1
    rng = np.random.default_rng(0)
    board, step = rng.normal(size=(2, 4, 3))
    one, two, three = board.T
    expected = np.stack([one, one * np.sin(two), three, two * np.sin(two), one], axis=-1)
    np.testing.assert_allclose(binding.rows(board), expected)
    pulled, bar = rng.normal(size=(4, 5)), np.zeros((4, 3))
    binding.back(board, pulled, bar)
    assert (bar * step).sum() == pytest.approx((pulled * slope(binding.rows, board, step)).sum(), abs=1e-6)


def test_a_binding_of_nothing() -> None:
    binding = bind((), {}, {}.__getitem__)
    assert binding.rows(np.zeros((3, 2))).shape == (3, 0)
    assert len(binding.inputs) == 0


@pytest.mark.parametrize("name", [name for name, row in FUNCTIONS.items() if row.pull is not None])
def test_derivatives_of_every_function(name: str) -> None:
    function = Classical(name, 3, 2 if name == "linear" else 3)
    weights = sum(int(np.prod(shape)) for shape in function.weights.values())
    rng = np.random.default_rng(1)
    x, w = rng.normal(size=(4, 3)), rng.normal(size=(4, weights))
    dx, dw, bar = rng.normal(size=x.shape), rng.normal(size=w.shape), rng.normal(size=(4, function.outputs))
    by_x, by_w = function.pull(x, w, bar)
    step = 1e-6
    moved = function.value(x + step * dx, w + step * dw) - function.value(x - step * dx, w - step * dw)
    assert (by_x * dx).sum() + (by_w * dw).sum() == pytest.approx((bar * moved).sum() / (2 * step), abs=1e-6)


def test_a_function_step_adds_to_arguments_that_are_read_twice() -> None:
    step = FunctionStep(Classical("square", 2, 2), np.array([0, 0]), np.array([], dtype=int), np.array([1, 2]))
    board = np.array([[3.0, 0.0, 0.0]])
    pull = step.start(board)
    np.testing.assert_array_equal(board, [[3, 9, 9]])
    bar = np.array([[0.0, 1.0, 2.0]])
    pull(board, bar)
    assert bar[0, 0] == 18


def link(function: Classical | None = None, low: float = -np.inf, high: float = np.inf) -> LinkStep:
    sums = Sums.of([[(2.0, (0,)), (-1.0, ())]])
    return LinkStep(sums, function, np.array([1]), np.array([low]), np.array([high]), ("a.z to b.x",))


def test_links_put_rounding_back_into_the_range_and_refuse_the_rest() -> None:
    board = np.array([[1 + 1e-12, 0.0], [0.5, 0.0]])
    link(low=-1.0, high=1.0).run(board)
    np.testing.assert_array_equal(board[:, 1], [1.0, 0.0])
    with pytest.raises(ParameterError, match=r"a.z to b.x carries 2, outside of the range -1 to 1"):
        link(low=-1.0, high=1.0).run(np.array([[0.5, 0.0], [1.5, 0.0]]))
    with pytest.raises(ParameterError, match="carries nan"):
        link().run(np.array([[np.nan, 0.0]]))


def test_links_pull_through_their_function() -> None:
    board, bar = np.array([[0.3, 0.0]]), np.array([[0.0, 1.0]])
    step = link(Classical("tanh", 1, 1))
    step.start(board)(board, bar)
    assert board[0, 1] == pytest.approx(np.tanh(-0.4))
    assert bar[0, 0] == pytest.approx(2 * (1 - np.tanh(-0.4) ** 2))


def test_softmax_of_large_numbers_and_digits() -> None:
    nothing = np.empty((1, 0))
    assert Classical("softmax", 2, 2).value(np.array([[1000.0, 0.0]]), nothing) == pytest.approx(np.array([[1.0, 0.0]]))
    assert Classical("sigmoid", 1, 1).value(np.array([[-1000.0]]), nothing)[0, 0] == 0.0
    assert Classical("digit", 1, 1).value(np.array([[1.7]]), nothing)[0, 0] == 2.0
    with pytest.raises(ModuleError, match="no gradient through 'digit'"):
        Classical("digit", 1, 1).pull(np.zeros((1, 1)), nothing, np.zeros((1, 1)))


def test_linear_heads_begin_with_small_weights_of_a_seed() -> None:
    one, two, three = (classical("linear", 4, 2, seed=seed) for seed in (0, 0, 1))
    assert one == two != three
    assert all(np.abs(weight.values).max() <= 0.5 for weight in one.weights if weight.values is not None)
