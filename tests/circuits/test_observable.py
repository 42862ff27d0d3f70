"""Observables: text, sums, printing, errors that point at the word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutq import CutqError, Observable, ObservableError
from tests.strategies import observables


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("0.5*X1 - 1.2*Z0 Z2 + 3", "3.0 - 1.2*Z0 Z2 + 0.5*X1"),
        ("Z3 Z0", "Z0 Z3"),
        ("1", "1.0"),
        ("-X0", "-X0"),
        ("+ 2*3*Z1*Z2", "6.0*Z1 Z2"),
        ("1e-3*Y12", "0.001*Y12"),
        ("Z0 Z2 + X1 + 2*Z2 Z0 - X1", "3.0*Z0 Z2"),
        ("Z0 - Z0", "0"),
        ("I0 Z1", "Z1"),
        ("I5", "1.0"),
    ],
)
def test_reading_and_printing(text: str, printed: str) -> None:
    assert str(Observable(text)) == printed
    assert Observable(printed) == Observable(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("Z0 + Q3", "character 6: 'Q3'"),
        ("Z0Z1", "character 1: 'Z0Z1'"),
        ("X", "'X' is no Pauli"),
        ("Z-1", "'Z-1'"),
        ("X1 Y1", "qubit 1 occurs twice"),
        ("Z0 3", "character 4: '3' stands behind"),
        ("Z0 +", "factor is missing"),
        ("* Z0", "factor on its left"),
        ("Z0 ** Z1", "factor on its left"),
        ("1e999*Z0", "weight inf"),
        ("Z" + "9" * 5000, "no Pauli"),
        ("0.5j*Z0", "character 4: 'j' is no Pauli"),
    ],
)
def test_malformed_text_is_pointed_at(text: str, message: str) -> None:
    with pytest.raises(ObservableError, match=message.replace("*", r"\*")):
        Observable(text)


def test_a_qubit_that_is_not_there() -> None:
    with pytest.raises(ObservableError, match="X7 in 'X7' acts on qubit 7, but the circuit has 3 qubits"):
        Observable("X7").check(3)


@given(observables(6))
def test_printing_round_trips(one: Observable) -> None:
    assert Observable(str(one)) == one
    assert eval(repr(one)) == one


@given(st.text(alphabet="XYZI01234 .+-*eE", max_size=20))
def test_any_text_is_an_observable_or_an_error(text: str) -> None:
    try:
        one = Observable(text)
    except CutqError:
        return
    assert Observable(str(one)) == one


@pytest.mark.parametrize("word", [((0, "Q"),), ((0, "z"),), ((-1, "Z"),), ((0, "X"), (0, "Z")), ((0, "X"), (0, "I"))])
def test_words_that_are_none_are_refused(word: tuple[tuple[int, str], ...]) -> None:
    with pytest.raises(ObservableError):
        Observable.of([(word, 1.0)])


def test_words_are_put_in_order() -> None:
    assert Observable.of([(((3, "X"), (1, "I"), (0, "Z")), 1.0)]) == Observable("Z0 X3")


def test_sums_and_multiples() -> None:
    x, z = Observable("X0"), Observable("Z1")
    assert x + 2 * z == Observable("X0 + 2*Z1")
    assert x - z == Observable("X0 - Z1")
    assert (x + z).qubits == (0, 1)
