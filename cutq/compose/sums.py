"""Files of a module's folder, read without following anything out of it, and held against SHA256SUMS before use."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import NoReturn

from cutq.errors import ModuleError

TOML, CIRCUIT, WEIGHTS = "module.toml", "circuit.qasm", "weights.safetensors"
RECIPE, README, FIGURE = "recipe.toml", "README.md", "figure.svg"
SUMS, PARTS, TENSORS = "SHA256SUMS", "parts", "tensors.safetensors"

MIB = 2**20

INNER = {TOML: MIB, CIRCUIT: 64 * MIB, WEIGHTS: 1024 * MIB}
"""Files of every module, and how many bytes they have at most."""

TOP = {**INNER, RECIPE: MIB, README: MIB, FIGURE: 16 * MIB, SUMS: 4 * MIB}
"""Files of a published module, which may have modules inside."""

MOST_TENSORS = 1024 * MIB
"""Largest cache of tensors, which lies next to the files and is none of them."""

MOST_FILES = 10_000
"""Most files of a folder, those of inner modules included."""

MOST_BYTES = 2048 * MIB
"""Most bytes of all files together."""

MOST_DEPTH = 8
"""How deep modules lie inside of modules."""

PART = re.compile("[0-9a-f]{16}", re.ASCII)
"""Names of the folders of inner modules."""

# A pipe must not block, and where a link leads is not opened.
_FILE = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_FOLDER = _FILE | getattr(os, "O_DIRECTORY", 0)


@dataclass(frozen=True)
class Content:
    """What the files of a folder hold.

    Attributes:
        root: the folder.
        files: contents by path inside the folder, such as ``parts/0123456789abcdef/module.toml``.
    """

    root: str
    files: Mapping[str, bytes] = field(repr=False)

    def has(self, folder: str) -> bool:
        """Whether there are files below a folder."""
        return any(name.startswith(f"{folder}/") for name in self.files)

    def where(self, name: str) -> str:
        """A path of the folder as messages name it."""
        return f"{self.root}/{name}"


def sums_text(files: Mapping[str, bytes]) -> str:
    """The text of SHA256SUMS over all other files, as ``sha256sum --check`` reads it.

    >>> print(sums_text({"b": b"2", "a": b"1"}), end="")
    6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b  a
    d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35  b
    """
    lines = (f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files) if name != SUMS)
    return "".join(lines)


def check_limits(content: Content) -> None:
    """Raise :class:`ModuleError` for contents that are not read again."""
    for name, own in content.files.items():
        most = TOP[name.rpartition("/")[2]]
        if len(own) > most:
            raise ModuleError(
                f"{content.where(name)}: has {len(own)} bytes, but at most {most} are read; split the module"
            )
    total = sum(map(len, content.files.values()))
    if len(content.files) > MOST_FILES or total > MOST_BYTES:
        raise ModuleError(
            f"{content.root}: a module has at most {MOST_FILES} files of {MOST_BYTES} bytes in all, but these are "
            f"{len(content.files)} of {total} bytes; split it"
        )


def read_checked(root: str) -> Content:
    """The files of a folder whose SHA256SUMS says what is there.

    Raises:
        ModuleError: something is not as it was written, or has no place in such a folder.
    """
    content = read_folder(root)
    _check_sums(content)
    return content


def read_folder(root: str) -> Content:
    """The files of a folder, whatever their sums.

    Raises:
        ModuleError: a file has no place there, is too large, or no plain file.
    """
    reading = _Reading(root)
    with reading.opened(root) as folder:
        reading.module(folder, "", 0)
    return Content(root, reading.files)


def read_one(root: str, name: str) -> bytes:
    """One file of a folder, with the same care.

    Raises:
        ModuleError: there is none, or it is too large, or no plain file.
    """
    reading = _Reading(root)
    with reading.opened(root) as folder:
        return reading.file(folder, "", name, TOP[name])


class _Reading:
    """The short-lived state of reading a folder."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.files: dict[str, bytes] = {}
        self.total = 0

    def module(self, folder: int, prefix: str, depth: int) -> None:
        """Read the files of a module and of those inside of it."""
        allowed = INNER if depth else TOP
        names = self.names(folder, prefix)
        for name in names:
            if name in allowed:
                self.files[prefix + name] = self.file(folder, prefix, name, allowed[name])
            elif name == PARTS:
                self.parts(folder, prefix, depth + 1)
            elif name == TENSORS and not depth:
                self.check_plain(folder, prefix, name, MOST_TENSORS)
            else:
                self.fail(
                    prefix + name, f"has no place in a module's folder; known are {', '.join(allowed)}; remove it"
                )
        if TOML not in names:
            self.fail(prefix + TOML, "is missing; this is no folder that module.save(path) wrote")

    def parts(self, folder: int, prefix: str, depth: int) -> None:
        """Read the modules inside of a module."""
        if depth > MOST_DEPTH:
            self.fail(prefix + PARTS, f"modules lie at most {MOST_DEPTH} deep inside of each other; join some of them")
        where = f"{prefix}{PARTS}/"
        with self.opened(PARTS, folder, prefix) as parts:
            for name in self.names(parts, where):
                if not PART.fullmatch(name):
                    self.fail(where + name, "is no name of 16 hexadecimal digits, as inner modules have; remove it")
                with self.opened(name, parts, where) as own:
                    self.module(own, f"{where}{name}/", depth)

    def names(self, folder: int, prefix: str) -> list[str]:
        """The names in a folder."""
        with os.scandir(folder) as entries:
            found = sorted(entry.name for entry in islice(entries, MOST_FILES + 1))
        if len(found) > MOST_FILES:
            self.fail(prefix, f"a module has at most {MOST_FILES} files, but here are more")
        return found

    def file(self, folder: int, prefix: str, name: str, most: int) -> bytes:
        """What a file holds."""
        size = self.check_plain(folder, prefix, name, most)
        self.total += size
        if len(self.files) >= MOST_FILES or self.total > MOST_BYTES:
            self.fail(prefix + name, f"a module has at most {MOST_FILES} files of {MOST_BYTES} bytes in all")
        with os.fdopen(os.open(name, _FILE, dir_fd=folder), "rb") as stream:
            # The name may stand for another thing by now.
            plain = stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
            found = stream.read(size + 1) if plain else b""
        if not plain or len(found) != size:
            self.fail(prefix + name, f"has {size} bytes, but not while it was read; let nothing write to the folder")
        return found

    def check_plain(self, folder: int, prefix: str, name: str, most: int) -> int:
        """The size of a file, which is refused where it is too large or no plain file."""
        try:
            found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except OSError as cause:
            self.fail(prefix + name, f"cannot be read: {cause.strerror}")
        if not stat.S_ISREG(found.st_mode):
            self.fail(prefix + name, f"is a plain file in a module's folder, but here {_kind(found.st_mode)}")
        if found.st_size > most:
            self.fail(prefix + name, f"has {found.st_size} bytes, but at most {most} are read")
        return found.st_size

    @contextmanager
    def opened(self, name: str, folder: int | None = None, prefix: str = "") -> Iterator[int]:
        """A folder; no link, but where its own path is one, for that was chosen by who asked for it."""
        flags = _FOLDER if folder is not None else _FOLDER & ~getattr(os, "O_NOFOLLOW", 0)
        try:
            found = os.open(name, flags, dir_fd=folder)
        except (OSError, ValueError) as cause:
            own = "" if folder is None else prefix + name
            reason = getattr(cause, "strerror", None) or str(cause)
            self.fail(own, f"is no folder of a module: {reason}")
        try:
            yield found
        finally:
            os.close(found)

    def fail(self, name: str, why: str) -> NoReturn:
        """Raise :class:`ModuleError` about a path of the folder."""
        raise ModuleError(f"{self.root}{'/' if name else ''}{_printed(name)}: {why}")


def _kind(mode: int) -> str:
    kinds = {stat.S_ISLNK: "a link", stat.S_ISDIR: "a folder", stat.S_ISFIFO: "a pipe", stat.S_ISSOCK: "a socket"}
    return next((words for is_kind, words in kinds.items() if is_kind(mode)), "a device")


def _printed(name: str) -> str:
    """A name on one line, whatever letters it has."""
    return name if name.isprintable() else ascii(name)[1:-1]


def _check_sums(content: Content) -> None:
    """Raise :class:`ModuleError` where SHA256SUMS is not, byte for byte, what the files make it."""
    stored = content.files.get(SUMS)
    if stored is None:
        raise ModuleError(
            f"{content.where(SUMS)}: is missing, so that nothing says the files are whole; get them again"
        )
    expected = sums_text(content.files).encode()
    if stored != expected:
        raise ModuleError(_difference(content, stored, expected))


def _difference(content: Content, stored: bytes, expected: bytes) -> str:
    """What to say about sums that differ: the first file that is concerned."""
    said, found = _lines(stored), _lines(expected)
    for name in sorted({*said, *found}):
        if said.get(name) != found.get(name):
            what, other = said.get(name, "no file"), found.get(name, "no file")
            return (
                f"{content.where(_printed(name[:300]))}: {SUMS} says {_printed(what[:64])}, but here is {other}; the "
                "folder was changed or damaged, get or save it again"
            )
    return f"{content.where(SUMS)}: is not written as sha256sum does, in the order of the names; save the module again"


def _lines(text: bytes) -> dict[str, str]:
    """Sums by file, as far as a text has such lines."""
    pairs = (line.partition("  ") for line in text.decode("utf-8", "replace").split("\n"))
    return {name: digest for digest, _, name in pairs if name}
