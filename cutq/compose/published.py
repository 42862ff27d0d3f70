"""The published modules: where they lie, what is there, and which one a name means."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from pathlib import Path

from cutq.compose.entries import converted
from cutq.compose.reading import read_card
from cutq.compose.sums import TOML, read_one
from cutq.compose.tomlfile import VERSION, module_entry
from cutq.errors import ModuleError

Folder = str | os.PathLike[str]


@dataclass(frozen=True)
class Listing:
    """A row of :func:`modules`, as its ``module.toml`` alone says it; :func:`cutq.load_module` checks all of it.

    Attributes:
        name: what it is loaded by: the name of its folder.
        path: its folder.
        summary: what it is, in a line.
        version: of the format, as it is read.
        body: ``"circuit"``, ``"classical"`` or ``"composition"``.
        licence: an SPDX identifier.
        digest: the digest that it promises.
        error: why it cannot be read; empty where it can, and the attributes before are empty where it cannot.
    """

    name: str
    path: str
    summary: str = ""
    version: int = 0
    body: str = ""
    licence: str = ""
    digest: str = ""
    error: str = ""


def modules(folder: Folder | None = None) -> tuple[Listing, ...]:
    """The modules of a folder, sorted by name; those that cannot be read have their error instead of a summary.

    Args:
        folder: a folder of modules' folders; the published modules if left out.

    Raises:
        ModuleError: there is no such folder.

    >>> import tempfile
    >>> from cutq.compose.module import classical
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = classical("tanh", 2).save(f"{folder}/squash")
    ...     [(row.name, row.body) for row in modules(folder)]
    [('squash', 'classical')]
    """
    homes = [Path(folder)] if folder is not None else [home for home in _homes() if home.is_dir()]
    return tuple(_listing(home / name) for home in homes for name in _names(home))


def find(name: object) -> str:
    """The folder of the module that a name or a path means.

    Raises:
        ModuleError: there is none, with the nearest names.
    """
    if not isinstance(name, str | os.PathLike):
        raise ModuleError(f"a module is loaded by its name or the path of its folder, got {name!r}")
    path = os.fspath(name)
    known = {one: home for home in reversed(_homes()) if home.is_dir() for one in _names(home)}
    if isinstance(name, str) and name in known:
        return str(known[name] / name)
    if isinstance(path, str) and os.path.isdir(path):
        return path
    near = difflib.get_close_matches(str(path), known, n=3, cutoff=0.0)
    hint = f"; the nearest published ones are {', '.join(near)}" if near else "; none are published here"
    raise ModuleError(f"{path!r}: no published module has this name, and no folder this path{hint}")


def _homes() -> list[Path]:
    """Where published modules lie: in the package of a wheel, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    checkout = [package.parent / "modules"] if (package.parent / "pyproject.toml").is_file() else []
    return [package / "published", *checkout]


def _names(home: Path) -> list[str]:
    """The names of the folders in a folder that may be modules."""
    with converted(str(home)), os.scandir(home) as entries:
        return sorted(one.name for one in entries if one.is_dir() and one.name[0] not in "._")


def _listing(path: Path) -> Listing:
    where = f"{path}/{TOML}"
    try:
        with converted(where, str(path)):
            entry = module_entry(where, read_one(str(path), TOML))
            card = read_card(entry)
            body, digest = entry.text("body"), entry.text("digest")
        return Listing(path.name, str(path), card.summary, VERSION, body, card.licence, digest)
    except ModuleError as cause:
        return Listing(path.name, str(path), error=str(cause))
