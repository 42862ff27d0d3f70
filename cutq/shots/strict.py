"""JSON from people and machines, read strictly: every fault names the file and the key."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from cutq.circuits.checks import shown
from cutq.errors import CountsError

MOST_BYTES = 100_000_000
"""Size of a file up to which it is read."""


def read_json(file: Path) -> Entry:
    """The JSON object of a file.

    Raises:
        CountsError: the file cannot be read, is too large, holds no JSON object, a key twice, or no finite numbers.
    """
    try:
        with open(file, "rb") as stream:
            content = stream.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ValueError(f"more than {MOST_BYTES} bytes")
        data = json.loads(content.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
        if not isinstance(data, dict):
            raise ValueError(f"one JSON object, got {shown(data)}")
    except (OSError, ValueError, RecursionError) as cause:
        reason = getattr(cause, "strerror", None) or str(cause)
        raise CountsError(f"{file} cannot be read: {reason}") from cause
    return Entry(str(file), data)


@dataclass(frozen=True)
class Entry:
    """A JSON object whose values are asked for by key and kind.

    Attributes:
        where: its file, and the keys that lead to it.
        data: the object.

    >>> entry = Entry("a.json", {"shots": 10, "name": 3})
    >>> entry.whole("shots", least=1)
    10
    >>> entry.text("name")
    Traceback (most recent call last):
    ...
    cutq.errors.CountsError: a.json: 'name' is a text, got 3
    """

    where: str
    data: Mapping[str, Any]

    def check_keys(self, required: Collection[str], optional: Collection[str] = ()) -> None:
        """Raise :class:`CountsError` for keys that are missing or unknown."""
        missing = [key for key in required if key not in self.data]
        unknown = [key for key in self.data if key not in required and key not in optional]
        if missing:
            raise CountsError(f"{self.where}: no key {missing[0]!r}, but it has {', '.join(required)}")
        if unknown:
            known = ", ".join([*required, *optional])
            raise CountsError(f"{self.where}: the key {shown(unknown[0])} is not known; known are {known}")

    def text(self, key: str) -> str:
        """A text."""
        return str(self._of(key, str, "a text"))

    def whole(self, key: str, least: int) -> int:
        """A whole number from ``least``."""
        value = self.data.get(key)
        if type(value) is not int or value < least:
            self.fail(key, f"a whole number from {least}")
        return value

    def entry(self, key: str) -> Entry:
        """An object."""
        return Entry(f"{self.where}: {key}", self._of(key, dict, "an object"))

    def items(self, key: str) -> list[Any]:
        """A list."""
        return list(self._of(key, list, "a list"))

    def entries(self, key: str) -> list[Entry]:
        """A list of objects."""
        found = self.items(key)
        if not all(isinstance(one, dict) for one in found):
            self.fail(key, "a list of objects")
        return [Entry(f"{self.where}: {key}[{k}]", one) for k, one in enumerate(found)]

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        found = self.items(key)
        if not all(isinstance(one, str) for one in found):
            self.fail(key, "a list of texts")
        return tuple(found)

    def _of(self, key: str, kind: type, words: str) -> Any:
        value = self.data.get(key)
        if not isinstance(value, kind):
            self.fail(key, words)
        return value

    def fail(self, key: str, words: str) -> NoReturn:
        """Raise :class:`CountsError`: a value is not what it should be."""
        raise CountsError(f"{self.where}: {key!r} is {words}, got {shown(self.data.get(key))}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; a key that comes twice would lose a value unseen."""
    found = dict(pairs)
    if len(found) < len(pairs):
        (key, _), *_ = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"the key {shown(key)} comes twice")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON")
