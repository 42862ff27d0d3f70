"""TOML read strictly: every table, key and kind is asked for, and every fault names the file and the key."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

from cutq.errors import ModuleError

MOST_DOTS = 50
"""Most dots of a key; reading takes time with the square of them."""

SHOWN = 60
"""Characters of a wrong value that a message shows."""

FIX = "save the module again with module.save(path)"
"""What helps in most cases."""

_STRING = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'")


@contextmanager
def converted(where: str, root: str | None = None) -> Iterator[None]:
    """Turns whatever is raised inside into a :class:`ModuleError` of one line that starts with ``where``.

    Args:
        where: the file, and the keys that lead to the place in it.
        root: messages that start with this are left as they are; ``where`` if left out.

    >>> with converted("a.toml"):
    ...     int("x")
    Traceback (most recent call last):
    ...
    cutq.errors.ModuleError: a.toml: ValueError: invalid literal for int() with base 10: 'x'
    """
    try:
        yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as cause:  # panics of parsers in Rust are no Exceptions
        message = "; ".join(str(cause).splitlines())
        if isinstance(cause, ModuleError) and message.startswith(where if root is None else root):
            raise
        kind = "" if type(cause).__module__.startswith("cutq.") else f"{type(cause).__name__}: "
        raise ModuleError(f"{where}: {kind}{message[:1000]}") from cause


def read_toml(where: str, content: bytes) -> dict[str, Any]:
    """The TOML document of a file.

    Raises:
        ModuleError: it is none.
    """
    with converted(where):
        text = content.decode("utf-8")
        outside = _STRING.sub("''", text)
        if any(part.count(".") > MOST_DOTS for part in re.split(r"[\n=,\[\]{}]", outside)):
            raise ModuleError(f"a key has more than {MOST_DOTS} dots; {FIX}")
        return tomllib.loads(text)


@dataclass(frozen=True)
class Entry:
    """A table whose values are asked for by key and kind.

    Attributes:
        where: its file, and the keys that lead to it.
        data: the table.

    >>> entry = Entry("a.toml", {"inputs": 10, "name": 3})
    >>> entry.whole("inputs", least=1)
    10
    >>> entry.text("name")
    Traceback (most recent call last):
    ...
    cutq.errors.ModuleError: a.toml: 'name' is a text, got 3; save the module again with module.save(path)
    """

    where: str
    data: Mapping[str, Any]

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def check_keys(self, required: Collection[str], optional: Collection[str] = ()) -> None:
        """Raise :class:`ModuleError` for keys that are missing or unknown."""
        missing = [key for key in required if key not in self.data]
        unknown = [key for key in self.data if key not in required and key not in optional]
        if missing:
            raise ModuleError(f"{self.where}: no key {missing[0]!r}, but it has {', '.join(required)}; {FIX}")
        if unknown:
            known = ", ".join([*required, *optional]) or "none"
            raise ModuleError(f"{self.where}: the key {shown(unknown[0])} is not known; known are {known}; {FIX}")

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
        value = self.data.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.fail(key, "a finite number")
        return float(value)

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

    def table(self, key: str) -> Entry:
        """A table; an empty one where there is none."""
        if key not in self.data:
            return Entry(f"{self.where}: {key}", {})
        return Entry(f"{self.where}: {key}", self._of(key, dict, "a table"))

    def tables(self, key: str) -> list[Entry]:
        """A list of tables; an empty one where there is none."""
        found = self._of(key, list, "a list of tables") if key in self.data else []
        if not all(isinstance(one, dict) for one in found):
            self.fail(key, "a list of tables")
        return [Entry(f"{self.where}: {key}[{k}]", one) for k, one in enumerate(found)]

    def _of(self, key: str, kind: type, words: str) -> Any:
        value = self.data.get(key)
        if not isinstance(value, kind):
            self.fail(key, words)
        return value

    def fail(self, key: str, words: str) -> NoReturn:
        """Raise :class:`ModuleError`: a value is not what it should be."""
        raise ModuleError(f"{self.where}: {key!r} is {words}, got {shown(self.data.get(key))}; {FIX}")


def shown(value: object) -> str:
    """A value as messages show it: on one line, and not all of it where it is long."""
    text = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
