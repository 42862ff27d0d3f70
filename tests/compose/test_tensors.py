"""Tensors of frozen modules kept next to their folders."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

import cutq
from cutq.compose.sums import TENSORS
from cutq.compose.tensors import KeptTensors, homes, read_tensors, write_tensors
from tests.compose.test_estimate import cell, turned


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return cell().save(tmp_path / "cell")


def chain(module: cutq.Module, **options: object) -> cutq.Composition:
    whole = cutq.Composition("row")
    whole.add("start", turned("start", 1.0))
    for k in range(4):
        whole.add(f"c{k}", module, **options)
        whole.connect("start.out" if k == 0 else f"c{k - 1}.out", f"c{k}.in")
    return whole


DATA = {"start.x": 0.3}


def test_frozen_modules_are_evaluated_once_and_for_all(home: Path) -> None:
    whole = chain(cutq.load_module(home), frozen=True)
    exact = whole.compile(["Z@c3.out"], keep=False)(data=DATA)
    assert not (home / TENSORS).exists()
    assert whole.compile(["Z@c3.out"])(data=DATA) == pytest.approx(exact, abs=1e-14)
    kept = read_tensors(str(home), cell().digest)
    assert kept  # the copies in the middle are one tensor
    assert whole.compile(["Z@c3.out"])(data=DATA) == pytest.approx(exact, abs=1e-14)
    assert cutq.load_module(home) == cell()


def test_they_are_read_instead_of_computed(home: Path) -> None:
    whole = chain(cutq.load_module(home), frozen=True)
    exact = whole.compile(["Z@c3.out"])(data=DATA)
    digest = cell().digest
    write_tensors(str(home), digest, {key: 2 * one for key, one in read_tensors(str(home), digest).items()})
    assert abs(whole.compile(["Z@c3.out"])(data=DATA) - exact).max() > 1e-3


@pytest.mark.parametrize("damage", ["flip", "cut", "other", "link", "empty", "huge"])
def test_damaged_files_count_as_none(home: Path, tmp_path: Path, damage: str) -> None:
    whole = chain(cutq.load_module(home), frozen=True)
    exact = whole.compile(["Z@c3.out"])(data=DATA)
    file = home / TENSORS
    content = bytearray(file.read_bytes())
    if damage == "flip":
        content[-5] ^= 1
    elif damage == "cut":
        content = content[:-9]
    elif damage == "empty":
        content = bytearray()
    elif damage == "huge":
        content[:8] = (2**60).to_bytes(8, "little")
    if damage == "other":
        write_tensors(str(home), "another digest", read_tensors(str(home), cell().digest))
    elif damage == "link":
        (tmp_path / "elsewhere").write_bytes(content)
        file.unlink()
        os.symlink(tmp_path / "elsewhere", file)
    else:
        file.write_bytes(content)
    assert read_tensors(str(home), cell().digest) == {}
    again = chain(cell(), frozen=True) if damage == "link" else chain(cutq.load_module(home), frozen=True)
    assert again.compile(["Z@c3.out"])(data=DATA) == pytest.approx(exact, abs=1e-14)


def test_other_weights_come_from_nowhere(home: Path) -> None:
    module = cutq.load_module(home)
    assert module.home == str(home)
    assert module.with_weights({"w": np.zeros(3)}).home is None
    assert list(homes(chain(module).assembly)) == []  # not frozen
    assert set(homes(chain(module, frozen=True).assembly)) == {(str(home), module.digest)}


def test_modules_of_nested_compositions_count(home: Path) -> None:
    outer = cutq.Composition("outer")
    outer.add("inner", chain(cutq.load_module(home)), frozen=True)
    assert set(homes(outer.assembly)) == {(str(home), cell().digest)}


def test_nothing_is_kept_where_nothing_can_be_written(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*arguments: object, **options: object) -> None:
        raise OSError("read-only")

    monkeypatch.setattr("tempfile.mkstemp", refused)
    chain(cutq.load_module(home), frozen=True).compile(["Z@c3.out"])
    assert not (home / TENSORS).exists()


def test_it_is_a_mapping() -> None:
    kept = KeptTensors({})
    kept["a"] = np.ones(3)
    assert dict(kept) == {"a": kept["a"]}
    del kept["a"]
    assert len(kept) == 0
    kept.save()
