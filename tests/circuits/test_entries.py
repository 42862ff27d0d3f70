"""Tables that are asked for by key and kind: each kind takes its own values alone, and faults name file and key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cutq.circuits.entries import Entry
from cutq.compose.entries import Entry as TomlEntry
from cutq.errors import CountsError, CutqError, ModuleError
from cutq.shots.strict import Entry as JsonEntry

VALUES: dict[str, Any] = {
    "a text": "a",
    "true or false": True,
    "a whole number from 1": 2,
    "a finite number": 0.5,
    "a list of texts": ["a"],
    "a list of whole numbers from 1": [1, 2],
    "a table": {"a": 1},
    "a list of tables": [{"a": 1}],
}
READ: dict[str, Callable[[Entry], object]] = {
    "a text": lambda entry: entry.text("k"),
    "true or false": lambda entry: entry.flag("k"),
    "a whole number from 1": lambda entry: entry.whole("k", 1),
    "a finite number": lambda entry: entry.number("k"),
    "a list of texts": lambda entry: list(entry.texts("k")),
    "a list of whole numbers from 1": lambda entry: list(entry.wholes("k", 1)),
    "a table": lambda entry: entry.entry("k").data,
    "a list of tables": lambda entry: [one.data for one in entry.entries("k")],
}
ALSO = {("a whole number from 1", "a finite number")}
"""(value, kind) that is read as another kind too."""


@pytest.mark.parametrize("asked", READ)
@pytest.mark.parametrize("given", VALUES)
def test_each_kind_takes_its_own_values(given: str, asked: str) -> None:
    entry = Entry("f", {"k": VALUES[given]})
    if given == asked or (given, asked) in ALSO:
        assert READ[asked](entry) == VALUES[given]
    else:
        with pytest.raises(CutqError, match=f"^f: 'k' is {asked}, got "):
            READ[asked](entry)


@pytest.mark.parametrize("value", [0, -1, True, float("nan"), float("inf"), None, 10**400])
def test_numbers_that_are_none(value: object) -> None:
    with pytest.raises(CutqError):
        Entry("f", {"k": value}).whole("k", 10**401)
    if value not in (0, -1):
        with pytest.raises(CutqError):
            Entry("f", {"k": value}).number("k")


def test_missing_values_are_wrong_values() -> None:
    for read in READ.values():
        with pytest.raises(CutqError, match="got None"):
            read(Entry("f", {}))


def test_keys() -> None:
    entry = Entry("f", {"a": 1, "b": 2})
    entry.check_keys(["a"], ["b"])
    with pytest.raises(CutqError, match="f: no key 'c', but it has a, c"):
        entry.check_keys(["a", "c"], ["b"])
    with pytest.raises(CutqError, match="f: the key 'b' is not known; known are a"):
        entry.check_keys(["a"])


@pytest.mark.parametrize(("kind", "error"), [(JsonEntry, CountsError), (TomlEntry, ModuleError)])
def test_formats_raise_their_own_error_inside_too(kind: type[Entry], error: type[CutqError]) -> None:
    inside = kind("f", {"a": {"b": [{"c": 1}]}}).entry("a").entries("b")[0]
    assert isinstance(inside, kind)
    with pytest.raises(error, match=r"^f: a: b\[0\]: 'c' is a text, got 1"):
        inside.text("c")


def test_tables_of_toml_may_be_left_out() -> None:
    entry = TomlEntry("f", {})
    assert (entry.table("a").data, entry.tables("a")) == ({}, [])
