"""Densities of fragments without parameters, kept from one program for the next."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cutq import Angle
from cutq.errors import ParameterError
from cutq.exact import fixed
from tests.exact import test_copies
from tests.exact.test_copies import ENGINES, made, rows, same


def tensors_of(pattern: str, what: list[str], **settings: object) -> dict[str, NDArray[np.float64]]:
    found: dict[str, NDArray[np.float64]] = {}
    made(pattern, what, tensors=found, **settings)
    return found


def refuse(*args: object) -> None:
    raise AssertionError("a fragment was run")


@ENGINES
@pytest.mark.parametrize("pattern", ["cccccc", "tctctctc", "ttfttcc"])
def test_densities_from_before_are_taken(monkeypatch: pytest.MonkeyPatch, engine: str, pattern: str) -> None:
    tensors: dict[str, NDArray[np.float64]] = {}
    program = made(pattern, tensors=tensors, engine=engine)
    assert tensors
    assert all(len(key) == 64 and set(tensor.shape) <= {4} for key, tensor in tensors.items())
    kept = {key: tensor.copy() for key, tensor in tensors.items()}
    monkeypatch.setattr(fixed, "state_of", refuse)
    again = made(pattern, tensors=tensors, engine=engine)
    assert tensors.keys() == kept.keys()
    params = rows(program)
    assert np.array_equal(again(params), program(params))
    with pytest.raises(AssertionError, match="was run"):
        made(pattern, engine=engine)


def test_only_what_is_missing_is_made() -> None:
    what = ["X12", "X12 Y3 Z7"]
    tensors = tensors_of("cccccc", what[:1])
    before = dict(tensors)
    program = made("cccccc", what, tensors=tensors)
    assert before.keys() < tensors.keys()
    assert all(tensors[key] is before[key] for key in before)
    same(program, made("cccccc", what))


def test_engines_share_densities_and_precisions_do_not() -> None:
    one, other = (tensors_of("cccc", ["X8"], engine=engine) for engine in ("numba", "numpy"))
    assert one.keys() == other.keys()
    for key, tensor in one.items():
        np.testing.assert_allclose(tensor, other[key], rtol=0, atol=1e-14)
    assert one.keys().isdisjoint(tensors_of("cccc", ["X8"], dtype="complex64"))


def test_the_key_is_of_everything_that_a_density_depends_on(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = tensors_of("cccccc", ["X12"])
    assert len(plain) == 1
    assert plain.keys() == tensors_of("cccccccc", ["X16"]).keys()
    assert plain.keys() < tensors_of("cccccc", ["X12", "X12 Y3 Z7"]).keys()
    assert plain.keys().isdisjoint(tensors_of("cccccc", ["X13"], links=2))
    monkeypatch.setattr(test_copies, "angles", lambda kind, module, count: [Angle((), 0.1 * k) for k in range(count)])
    assert plain.keys().isdisjoint(tensors_of("cccccc", ["X12"]))


@pytest.mark.parametrize(
    "damaged",
    [np.zeros(3), np.zeros((4, 4, 4)), np.zeros((4, 4), np.float32), np.full((4, 4), np.nan), np.array("x"), None],
    ids=["short", "long", "single", "nan", "text", "none"],
)
def test_damaged_densities_are_made_again(damaged: object) -> None:
    tensors = tensors_of("cccccc", ["X12"])
    kept = dict(tensors)
    tensors |= dict.fromkeys(tensors, damaged)  # type: ignore[arg-type]
    same(made("cccccc", ["X12"], tensors=tensors), made("cccccc", ["X12"]))
    for key, tensor in kept.items():
        np.testing.assert_array_equal(tensors[key], tensor)


def test_what_cannot_be_filled_is_refused() -> None:
    with pytest.raises(ParameterError, match="tensors are a mapping such as a dict, which is filled, got list"):
        made("cc", ["X4"], tensors=[])


def test_a_program_keeps_its_own_numbers() -> None:
    tensors = tensors_of("cccccc", ["X12"])
    program = made("cccccc", ["X12"], tensors=tensors)
    before = program([])
    for tensor in tensors.values():
        tensor[...] = 0
    assert np.array_equal(program([]), before)
