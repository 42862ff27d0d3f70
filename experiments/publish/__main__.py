"""``python -m experiments.publish [--check] [--into FOLDER] [NAME ...]``: write the exact modules into ``modules/``."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from cutq import Module
from cutq.compose.blocks.catalogue import CATALOGUE
from cutq.errors import CutqError
from experiments.publish.figure import figure
from experiments.publish.texts import readme, recipe

MODULES = Path(__file__).resolve().parents[2] / "modules"


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    names = options.names or list(CATALOGUE)
    unknown = [name for name in names if name not in CATALOGUE]
    if unknown:
        print(f"no exact module is called {unknown[0]!r}; they are {', '.join(CATALOGUE)}", file=sys.stderr)
        return 2
    broken = [name for name in names if not _done(name, options.into, options.check)]
    print(f"{len(names) - len(broken)} of {len(names)} modules {'are as published' if options.check else 'published'}")
    return 1 if broken else 0


def _done(name: str, home: Path, check: bool) -> bool:
    """Write a module, or compare it with what is there; whether all is well."""
    module = CATALOGUE[name]()
    promises = module.verify()
    if not promises.ok:
        print(promises, file=sys.stderr)
        return False
    with tempfile.TemporaryDirectory() as beside:
        fresh = _contents(write(module, name, Path(beside)))
    there = _contents(home / name)
    changed = sorted(file for file in {*fresh, *there} if fresh.get(file) != there.get(file))
    if not changed:
        return True
    print(f"{name}: {', '.join(changed)}")
    if not check:
        write(module, name, home)
    return not check


def write(module: Module, name: str, home: Path) -> Path:
    """Write the folder of a module."""
    text = readme(module, CATALOGUE[name])
    return module.save(home / name, figure=figure(module), readme=text, recipe=recipe(CATALOGUE[name]), overwrite=True)


def _contents(folder: Path) -> Mapping[str, bytes]:
    """The files of a folder but for the cache of tensors, by name."""
    files = sorted(folder.rglob("*")) if folder.is_dir() else []
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in files
        if file.is_file() and file.name != "tensors.safetensors"
    }


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m experiments.publish", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="modules of the catalogue; all if left out")
    parser.add_argument("--check", action="store_true", help="write nothing; say what differs from what is published")
    parser.add_argument("--into", type=Path, default=MODULES, metavar="FOLDER", help="where the folders lie")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CutqError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
