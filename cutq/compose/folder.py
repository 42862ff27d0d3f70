"""Modules as folders: written whole or not at all, and read without trusting anything that they hold."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from cutq.circuits.circuit import Circuit
from cutq.circuits.qasm.text import dumps
from cutq.compose.assembly import Assembly
from cutq.compose.circuits import lay
from cutq.compose.entries import converted
from cutq.compose.flatten import flatten
from cutq.compose.module import Module
from cutq.compose.published import Folder, find
from cutq.compose.reading import read_module
from cutq.compose.readme import readme_text
from cutq.compose.sums import (
    CIRCUIT,
    FIGURE,
    MOST_DEPTH,
    PARTS,
    README,
    RECIPE,
    SUMS,
    TOML,
    TOP,
    WEIGHTS,
    Content,
    check_limits,
    read_checked,
    read_folder,
    sums_text,
)
from cutq.compose.tomlfile import module_entry, module_text, part_name, toml_text
from cutq.compose.weights import weights_bytes
from cutq.compose.wiring import Wiring
from cutq.errors import ModuleError

Files = dict[str, bytes]
"""Contents by path inside a folder."""


def load_module(name: Folder) -> Module:
    """A published module by its name, or the module of a folder.

    Nothing of it is executed, and nothing outside of the folder is opened. ``SHA256SUMS`` must be what its files make
    it before any of them is read further, every key and array must be known, and what comes out must have the digest
    that ``module.toml`` says.

    Args:
        name: a name that :func:`cutq.modules` lists, or the path of a folder that ``module.save(path)`` wrote; a text
            is a path where it has a separator, or where no module is published under it and such a folder exists.

    Raises:
        ModuleError: there is no such module, with the nearest names; or its folder is damaged, unsafe, of a newer
            version, or none of a module; one line that starts with the path.

    >>> from cutq.compose.module import classical
    >>> head = classical("linear", 4, 2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = head.save(f"{folder}/head")
    ...     load_module(f"{folder}/head") == head
    True
    """
    root = find(name)
    with converted(root):
        found = read_module(read_checked(root))
    object.__setattr__(found, "home", os.path.realpath(root))
    return found


def save_module(
    module: Module,
    path: Folder,
    *,
    readme: str | None = None,
    recipe: Mapping[str, Any] | None = None,
    figure: str | bytes | None = None,
    overwrite: bool = False,
) -> Path:
    """Write a module to a folder, whole or not at all; see :meth:`cutq.Module.save`."""
    with converted(str(path)):
        target = Path(os.path.realpath(path))
    with converted(str(target)):
        _check_target(target, overwrite)
        files = _files(module, "", 0) | _top_files(module, target.name, readme, recipe, figure)
        files[SUMS] = sums_text(files).encode()
        content = Content(str(target), files)
        check_limits(content)
        read_module(content)  # lest something be written that is not read again
        _write(target, files)
    return target


def _check_target(target: Path, overwrite: bool) -> None:
    """Raise :class:`ModuleError` where nothing may be written to, or what is there may not be lost."""
    if not target.parent.is_dir():
        raise ModuleError(f"{target}: {str(target.parent)!r} is no folder; make it first")
    if not os.path.lexists(target) or (target.is_dir() and not any(target.iterdir())):
        return
    if not overwrite:
        raise ModuleError(f"{target}: is there already; choose another path, or say overwrite=True to replace a module")
    try:
        content = read_folder(str(target))
        module_entry(content.where(TOML), content.files[TOML])
    except ModuleError as cause:
        raise ModuleError(f"{target}: only the folder of a module is replaced, but {cause}") from cause


def _files(module: Module, prefix: str, depth: int) -> Files:
    """The files of a module and of those inside of it."""
    if depth > MOST_DEPTH:
        raise ModuleError(
            f"modules lie at most {MOST_DEPTH} deep inside of each other, but {module.name!r} lies deeper"
        )
    files = {prefix + TOML: module_text(module).encode()}
    if isinstance(module.body, Assembly):
        for node in module.body.nodes:
            inner = f"{prefix}{PARTS}/{part_name(node.module)}/"
            if inner + TOML not in files:
                files |= _files(node.module, inner, depth + 1)
    if isinstance(module.body, Circuit):
        files[prefix + CIRCUIT] = dumps(replace(module.body, metadata={})).encode()
    if not isinstance(module.body, Assembly) and any(one.values is not None for one in module.weights):
        files[prefix + WEIGHTS] = weights_bytes(module.weights)
    return files


def _top_files(
    module: Module, folder: str, readme: str | None, recipe: Mapping[str, Any] | None, figure: str | bytes | None
) -> Files:
    """The files that only a published module has."""
    text = readme_text(module, folder, figure is not None) if readme is None else readme
    files = {README: text.encode()}
    if recipe is not None:
        files[RECIPE] = toml_text(recipe).encode()
    if figure is not None:
        files[FIGURE] = figure.encode() if isinstance(figure, str) else bytes(figure)
    flat = _flat_circuit(module.body) if isinstance(module.body, Assembly) else None
    if flat is not None and len(flat) <= TOP[CIRCUIT]:
        files[CIRCUIT] = flat
    return files


def _flat_circuit(assembly: Assembly) -> bytes | None:
    """The circuit of a composition, for other tools; None where wires come in or numbers go between modules."""
    flat = flatten(assembly)
    if flat.links or flat.open or any(leaf.circuit is None for leaf in flat.leaves):
        return None
    return dumps(lay(Wiring(flat), range(len(flat.leaves))).circuit).encode()


def _write(target: Path, files: Mapping[str, bytes]) -> None:
    """Write all files to a folder beside the target, which takes its place at once."""
    with tempfile.TemporaryDirectory(prefix=".cutq-", dir=target.parent) as beside:
        fresh, old = Path(beside, "new"), Path(beside, "old")
        for name, content in files.items():
            file = fresh / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        try:
            if target.exists():
                os.rename(target, old)
            os.rename(fresh, target)
        except BaseException:
            if old.exists() and not target.exists():
                os.rename(old, target)
            raise
