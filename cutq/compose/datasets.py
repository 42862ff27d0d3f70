"""Data sets that published modules are trained and judged on: arrays with a known sha256, split once and for all."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache

import numpy as np
from numpy.typing import NDArray

from cutq.errors import ModuleError, ParameterError

Reals = NDArray[np.float64]
Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Numbers with labels, in two parts; its arrays cannot be written to.

    Attributes:
        train, test: inputs, (rows, *shape).
        train_labels, test_labels: whole numbers from 0, (rows,).
    """

    train: Reals
    train_labels: Labels
    test: Reals
    test_labels: Labels

    def __post_init__(self) -> None:
        for one in fields(self):
            getattr(self, one.name).flags.writeable = False

    @property
    def sha256(self) -> str:
        """The digest of all arrays: their names, shapes and numbers."""
        total = hashlib.sha256()
        for one in fields(self):
            array = np.ascontiguousarray(getattr(self, one.name))
            total.update(f"{one.name} {array.dtype.str} {array.shape}\n".encode())
            total.update(array.tobytes())
        return total.hexdigest()


@dataclass(frozen=True)
class Source:
    """A row of the table.

    Attributes:
        load: makes the data set, the same one each time.
        sha256: its digest.
        about: what it is, and how it is split.
    """

    load: Callable[[], Dataset]
    sha256: str
    about: str


def _digits() -> Dataset:
    try:
        from sklearn.datasets import load_digits
        from sklearn.model_selection import train_test_split
    except ImportError as cause:
        raise ModuleError(
            "the data set 'digits' comes with scikit-learn, which is not installed: pip install 'cutq[experiments]'"
        ) from cause
    found = load_digits()
    train, test = train_test_split(
        np.arange(len(found.target)), train_size=1257, test_size=540, stratify=found.target, random_state=0
    )
    inputs, labels = _patches(found.images / 16.0), found.target.astype(np.int64)
    return Dataset(inputs[train], labels[train], inputs[test], labels[test])


def _patches(images: Reals) -> Reals:
    """Images (rows, 8, 8) as patches (rows, 4, 16): top left, top right, bottom left, bottom right, row by row."""
    return images.reshape(-1, 2, 4, 2, 4).transpose(0, 1, 3, 2, 4).reshape(-1, 4, 16)


def _circles() -> Dataset:
    rng = np.random.default_rng(2020)
    points = rng.uniform(-1.0, 1.0, (4200, 2))
    labels = ((points**2).sum(axis=1) < 2 / math.pi).astype(np.int64)
    return Dataset(points[:200], labels[:200], points[200:], labels[200:])


DATASETS: dict[str, Source] = {
    "digits": Source(
        _digits,
        "3aa91bd1173d98a7115d4a67481d09cd8156b8b3760899cd15a6d1649aeff3e8",
        "Optical digits of scikit-learn (Alpaydin and Kaynak 1998), 8 x 8 pixels from 0 to 1 as four patches (4, 16); "
        "1,257 images to train on and 540 to test, train_test_split with stratify and random_state=0.",
    ),
    "circles": Source(
        _circles,
        "8664337e8e9dba50be017d4a803a0ba1849cff2d58b926a842c6926071767d28",
        "Points of the square from -1 to 1, labelled 1 inside of the circle of half its area; 200 to train on and "
        "4,000 to test, as in Perez-Salinas et al., Quantum 4, 226 (2020).",
    ),
}
"""The data sets by name."""


@cache
def dataset(name: str) -> Dataset:
    """The data set of this name.

    Raises:
        ParameterError: there is none.
        ModuleError: the library that it comes with is not installed, or brought other numbers.

    >>> found = dataset("circles")
    >>> found.train.shape, found.test.shape, found.sha256 == DATASETS["circles"].sha256
    ((200, 2), (4000, 2), True)
    """
    if name not in DATASETS:
        raise ParameterError(f"no data set is called {name!r}; they are {', '.join(DATASETS)}")
    found = DATASETS[name].load()
    if found.sha256 != DATASETS[name].sha256:
        raise ModuleError(
            f"the arrays of the data set {name!r} have the sha256 {found.sha256[:12]}..., not "
            f"{DATASETS[name].sha256[:12]}...; another version of its library changed them"
        )
    return found
