"""Data sets of published modules: their numbers, their split, and what is said where they cannot be had."""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy as np
import pytest

from cutq import ModuleError, ParameterError
from cutq.compose import datasets
from cutq.compose.datasets import DATASETS, Dataset, Source, dataset

SHAPES = {"digits": ((1257, 4, 16), (540, 4, 16), 10), "circles": ((200, 2), (4000, 2), 2)}


@pytest.fixture(params=sorted(DATASETS))
def name(request: pytest.FixtureRequest) -> str:
    if request.param == "digits":
        pytest.importorskip("sklearn")
    return str(request.param)


def test_shapes_labels_and_digests(name: str) -> None:
    found, (train, test, classes) = dataset(name), SHAPES[name]
    assert (found.train.shape, found.test.shape) == (train, test)
    for inputs, labels in ((found.train, found.train_labels), (found.test, found.test_labels)):
        assert labels.shape == (len(inputs),)
        assert sorted(set(labels.tolist())) == list(range(classes))
    assert found.sha256 == DATASETS[name].sha256


def test_loading_again_gives_the_same_arrays(name: str) -> None:
    assert DATASETS[name].load().sha256 == DATASETS[name].load().sha256
    assert dataset(name) is dataset(name)


def test_arrays_cannot_be_written_to(name: str) -> None:
    with pytest.raises(ValueError, match="read-only"):
        dataset(name).train[0] = 0


def test_parts_have_no_row_in_common(name: str) -> None:
    rows = [{one.tobytes() for one in part} for part in (dataset(name).train, dataset(name).test)]
    assert not rows[0] & rows[1]


def test_patches_are_the_quarters_of_an_image() -> None:
    image = np.arange(64.0).reshape(1, 8, 8)
    patches = datasets._patches(image)[0].reshape(4, 4, 4)
    np.testing.assert_array_equal(np.block([[patches[0], patches[1]], [patches[2], patches[3]]]), image[0])


def test_digits_are_those_of_scikit_learn() -> None:
    found = pytest.importorskip("sklearn.datasets").load_digits()
    data = dataset("digits")
    assert data.train.min() == 0
    assert data.train.max() == 1
    total = 16 * (data.train.sum() + data.test.sum())
    assert total == found.images.sum()
    # Each class has its share in both parts.
    shares = [np.bincount(labels) / len(labels) for labels in (data.train_labels, data.test_labels)]
    np.testing.assert_allclose(*shares, atol=0.002)


def test_half_of_the_square_is_inside_of_the_circle() -> None:
    data = dataset("circles")
    assert abs(data.test_labels.mean() - 0.5) < 0.03
    far = np.hypot(*data.test.T)
    assert far[data.test_labels == 1].max() < math.sqrt(2 / math.pi) < far[data.test_labels == 0].min()


def test_the_digest_sees_every_array() -> None:
    arrays = {
        "train": np.zeros((2, 1)),
        "train_labels": np.array([0, 1]),
        "test": np.ones((1, 1)),
        "test_labels": np.array([1]),
    }
    digests = {Dataset(**{one: own.copy() for one, own in arrays.items()}).sha256}
    for which in arrays:
        digests.add(Dataset(**{one: own + 1 if one == which else own.copy() for one, own in arrays.items()}).sha256)
    digests.add(Dataset(**{one: own.T.copy() for one, own in arrays.items()}).sha256)
    assert len(digests) == 6


def test_unknown_names_and_other_numbers_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ParameterError, match="no data set is called 'mnist'; they are digits, circles"):
        dataset("mnist")
    monkeypatch.setitem(DATASETS, "changed", Source(datasets._circles, "0" * 64, ""))
    with pytest.raises(ModuleError, match="another version of its library changed them"):
        dataset("changed")


def test_what_is_said_without_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name.startswith("sklearn"):
            raise ImportError(name)
        return whole(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ModuleError, match=r"not installed: pip install 'cutq\[experiments\]'"):
        datasets._digits()
