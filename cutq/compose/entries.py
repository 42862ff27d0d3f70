"""TOML read strictly: every table, key and kind is asked for, and every fault names the file and the key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cutq.circuits import entries
from cutq.errors import ModuleError

MOST_DOTS = 50
"""Most dots of a key; reading takes time with the square of them."""

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


class Entry(entries.Entry):
    """A table of TOML; what is wrong with it is a :class:`ModuleError`.

    >>> Entry("a.toml", {"n": 0}).whole("n", least=1)
    Traceback (most recent call last):
    ...
    cutq.errors.ModuleError: a.toml: 'n' is a whole number from 1, got 0; save the module again with module.save(path)
    """

    error, fix = ModuleError, f"; {FIX}"

    def table(self, key: str) -> Entry:
        """A table; an empty one where there is none."""
        return self.entry(key) if key in self else Entry(f"{self.where}: {key}", {})

    def tables(self, key: str) -> list[Entry]:
        """A list of tables; an empty one where there is none."""
        return list(self.entries(key)) if key in self else []
