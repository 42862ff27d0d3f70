"""The grammar of input maps: what it reads, what it refuses, values and derivatives."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutq import ModuleError, ParameterError
from cutq.compose.expressions import FUNCTIONS, MOST_DEPTH, MOST_LETTERS, Expression
from tests.compose.dense import SCOPE
from tests.compose.strategies import expressions
from tests.strategies import numbers

NAMES = ("x[0]", "x[1]", "w", "m[0,1]")


def scope(values: dict[str, float]) -> dict[str, object]:
    """The names as Python knows them."""
    grid = np.zeros((1, 2))
    grid[0, 1] = values["m[0,1]"]
    return {"x": np.array([values["x[0]"], values["x[1]"]]), "w": values["w"], "m": grid}


@given(expressions(NAMES), st.tuples(*[numbers] * len(NAMES)))
@settings(max_examples=150)
def test_values_are_those_of_python_and_derivatives_finite_differences(text: str, given_values: tuple[float]) -> None:
    one, values = Expression(text), dict(zip(NAMES, given_values, strict=True))
    arrays = {name: np.asarray(value) for name, value in values.items()}
    expected = eval(text, {"__builtins__": {}}, SCOPE | scope(values))
    assert float(one.value(arrays)) == pytest.approx(expected, abs=1e-12)
    value, slopes = one.derivatives(arrays)
    assert float(value) == pytest.approx(expected, abs=1e-12)
    assert set(slopes) == set(one.names)
    for name in one.names:
        ahead, behind = (one.value(arrays | {name: arrays[name] + step}) for step in (1e-6, -1e-6))
        assert float(slopes[name]) == pytest.approx(float(ahead - behind) / 2e-6, abs=1e-5, rel=1e-5)


@given(expressions(NAMES))
@settings(max_examples=100)
def test_what_is_written_is_read_again(text: str) -> None:
    one = Expression(text)
    assert Expression(one.text) == one
    assert Expression(one.text).node == one.node
    assert set(one.names) <= set(NAMES)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives_of_every_function(name: str) -> None:
    count = FUNCTIONS[name].arguments or 3
    arguments = [f"x[{k}]" for k in range(count)]
    one = Expression(f"{name}({', '.join(arguments)})")
    at = {argument: np.array([0.3 + 0.2 * k, 0.7]) for k, argument in enumerate(arguments)}
    _, slopes = one.derivatives(at)
    for argument in arguments:
        ahead, behind = (one.value(at | {argument: at[argument] + step}) for step in (1e-6, -1e-6))
        np.testing.assert_allclose(slopes[argument], (ahead - behind) / 2e-6, rtol=1e-7)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (" 2 *x[0]+ pi ", "2.0*x[0] + pi"),
        ("-(x + y)*z", "-(x + y)*z"),
        ("-x*y", "-x*y"),
        ("--x", "-(-x)"),
        ("+x", "x"),
        ("a - (b - c)", "a - (b - c)"),
        ("(a - b) - c", "a - b - c"),
        ("a/(b*c)", "a/(b*c)"),
        ("a/b*c", "a/b*c"),
        ("w[0, 1]", "w[0,1]"),
        ("3.141592653589793", "pi"),
        ("1e-7", "1e-07"),
        ("norm(x)", "norm(x)"),
    ],
)
def test_how_expressions_are_written(text: str, written: str) -> None:
    assert Expression(text).text == written
    assert Expression(written).text == written


REFUSED = {
    "": "an expression is a text",
    "  ": "an expression is a text",
    "x +": "cannot be read",
    "x y": "cannot be read",
    "x\n+ y": "cannot be read",
    "\0": "cannot be read",
    "\ud800": "cannot be read",
    "(" * 500: "cannot be read",
    "x**2": "'x**2' is no number, element",
    "x // 2": "'x // 2' is no number",
    "x % 2": "is no number",
    "x if y else z": "is no number",
    "lambda: x": "is no number",
    "__import__('os')": "is no number",
    "x.y": "'x.y' is no number",
    "sin": "'sin' is no number",
    "sin[0]": "is no number",
    "pi[0]": "is no number",
    "sin()": "is no number",
    "sin(x, y)": "sin takes 1 arguments, got 2",
    "arctan2(x)": "arctan2 takes 2 arguments, got 1",
    "sin(x=1)": "is no number",
    "sin(*x)": "is no number",
    "f(x)": "'f(x)' is no number",
    "x[-1]": "elements are named by whole numbers",
    "x[y]": "elements are named by whole numbers",
    "x[0:2]": "elements are named by whole numbers",
    "x[True]": "elements are named by whole numbers",
    "x[0][1]": "is no number",
    "'x'": "is no number",
    "True": "is no number",
    "1j": "is no number",
    "1e999": "is no number",
    "9" * 400: "is no number",
    "x < y": "is no number",
    "2(x)": "is no number",
    "[x]": "is no number",
    "x := 2": "cannot be read",
    "+".join("x" * MOST_LETTERS): f"at most {MOST_LETTERS} letters",
    "-" * (MOST_DEPTH + 2) + "x": "nested more than 120 deep",
}


@pytest.mark.parametrize("text", REFUSED, ids=[text[:20].encode("unicode_escape").decode() for text in REFUSED])
def test_what_is_not_of_the_grammar(text: str) -> None:
    with pytest.raises(ModuleError) as caught:
        Expression(text)
    assert REFUSED[text] in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("log(x)", "'log(x)' has no value at x = 0"),
        ("1/x", r"'1.0/x' has no value at x = 0"),
        ("x/0", r"'x/0.0' has no value at x = 1"),
        ("arccos(x + 2)", "has no value at x = 1"),
        ("exp(1000)", r"'exp(1000.0)' has no value; keep"),
        ("sqrt(y) + x", "has no derivative at y = 0, x = 0"),
        ("norm(x)", "has no derivative at x = 0"),
        ("y*(1/0)", "has no"),
    ],
)
def test_where_there_is_no_value(text: str, message: str) -> None:
    at = {"x": np.array([[1.0, 0.0], [0.5, 0.5]]), "y": np.array([[1.0, 0.0], [0.5, 0.5]])}
    with pytest.raises(ParameterError) as caught:
        Expression(text).derivatives(at)
    assert message in str(caught.value)


def test_whole_arrays_at_once() -> None:
    one = Expression("x*w + pi")
    value, slopes = one.derivatives({"x": np.ones((3, 2)), "w": np.asarray(2.0)})
    np.testing.assert_array_equal(value, np.full((3, 2), 2 + math.pi))
    np.testing.assert_array_equal(slopes["w"], np.ones((3, 2)))
