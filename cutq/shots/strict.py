"""JSON from people and machines, read strictly: every fault names the file and the key."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, NoReturn

from cutq.circuits import entries
from cutq.circuits.checks import shown
from cutq.errors import CountsError

MOST_BYTES = 100_000_000
"""Size of a file up to which it is read."""


class Entry(entries.Entry):
    """A JSON object; what is wrong with it is a :class:`CountsError`.

    >>> Entry("a.json", {"job": [3]}).entries("job")
    Traceback (most recent call last):
    ...
    cutq.errors.CountsError: a.json: 'job' is a list of objects, got [3]
    """

    error, one, many = CountsError, "an object", "a list of objects"


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


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; a key that comes twice would lose a value unseen."""
    found = dict(pairs)
    if len(found) < len(pairs):
        (key, _), *_ = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"the key {shown(key)} comes twice")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON")
