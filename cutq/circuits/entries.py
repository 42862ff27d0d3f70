"""Tables of files that people and machines wrote, read strictly: every fault names the file and the key."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NoReturn, Self

from cutq.circuits.checks import as_real, shown
from cutq.errors import CutqError


@dataclass(frozen=True)
class Entry:
    """A table whose values are asked for by key and kind; a format of files says what it raises.

    Attributes:
        where: its file, and the keys that lead to it.
        data: the table.

    >>> entry = Entry("a.json", {"shots": 10, "name": 3})
    >>> entry.whole("shots", least=1)
    10
    >>> entry.text("name")
    Traceback (most recent call last):
    ...
    cutq.errors.CutqError: a.json: 'name' is a text, got 3
    """

    where: str
    data: Mapping[str, Any]

    error: ClassVar[type[CutqError]] = CutqError
    one: ClassVar[str] = "a table"
    many: ClassVar[str] = "a list of tables"
    fix: ClassVar[str] = ""
    """End of every message."""

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def check_keys(self, required: Collection[str], optional: Collection[str] = ()) -> None:
        """Raise for keys that are missing or unknown."""
        missing = [key for key in required if key not in self.data]
        unknown = [key for key in self.data if key not in required and key not in optional]
        if missing:
            raise self.error(f"{self.where}: no key {missing[0]!r}, but it has {', '.join(required)}{self.fix}")
        if unknown:
            known = ", ".join([*required, *optional]) or "none"
            raise self.error(f"{self.where}: the key {shown(unknown[0])} is not known; known are {known}{self.fix}")

    def text(self, key: str) -> str:
        """A text."""
        return str(self._of(key, str, "a text"))

    def one_of(self, key: str, known: Collection[str]) -> str:
        """A text out of some."""
        value = self.text(key)
        if value not in known:
            self.fail(key, f"one of {', '.join(known)}")
        return value

    def flag(self, key: str) -> bool:
        """True or false."""
        return bool(self._of(key, bool, "true or false"))

    def whole(self, key: str, least: int) -> int:
        """A whole number from ``least``."""
        value = self.data.get(key)
        if type(value) is not int or value < least:
            self.fail(key, f"a whole number from {least}")
        return value

    def number(self, key: str) -> float:
        """A finite number."""
        value = as_real(self.data.get(key))
        if not math.isfinite(value):
            self.fail(key, "a finite number")
        return value

    def items(self, key: str) -> list[Any]:
        """A list."""
        return list(self._of(key, list, "a list"))

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        found = self._of(key, list, "a list of texts")
        if not all(isinstance(one, str) for one in found):
            self.fail(key, "a list of texts")
        return tuple(found)

    def wholes(self, key: str, least: int) -> tuple[int, ...]:
        """A list of whole numbers from ``least``."""
        words = f"a list of whole numbers from {least}"
        found = self._of(key, list, words)
        if not all(type(one) is int and one >= least for one in found):
            self.fail(key, words)
        return tuple(found)

    def entry(self, key: str) -> Self:
        """A table inside."""
        return type(self)(f"{self.where}: {key}", self._of(key, dict, self.one))

    def entries(self, key: str) -> list[Self]:
        """A list of tables inside."""
        found = self._of(key, list, self.many)
        if not all(isinstance(one, dict) for one in found):
            self.fail(key, self.many)
        return [type(self)(f"{self.where}: {key}[{k}]", one) for k, one in enumerate(found)]

    def fail(self, key: str, words: str) -> NoReturn:
        """Raise: a value is not what it should be."""
        raise self.error(f"{self.where}: {key!r} is {words}, got {shown(self.data.get(key))}{self.fix}")

    def _of(self, key: str, kind: type, words: str) -> Any:
        value = self.data.get(key)
        if not isinstance(value, kind):
            self.fail(key, words)
        return value
