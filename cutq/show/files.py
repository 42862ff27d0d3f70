"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from cutq.errors import CutqError

ENDINGS = (".svg", ".png")
"""Kinds of pictures."""


def check_picture(target: Path) -> None:
    """Refuse a path that cannot become a picture.

    Raises:
        CutqError: its ending is neither ``.svg`` nor ``.png``, or its folder cannot be written to.
    """
    if target.suffix.lower() not in ENDINGS:
        known = " or ".join(ENDINGS)
        raise CutqError(f"a picture's file ends in {known}, but {str(target)!r} ends in {target.suffix!r}")
    check_folder(target)


def check_folder(target: Path) -> None:
    """Refuse a path that is a folder, or whose folder cannot be written to.

    Raises:
        CutqError: there can be no such file.
    """
    if target.is_dir():
        raise CutqError(f"cannot write {str(target)!r}: it is a directory")
    if not target.parent.is_dir() or not os.access(target.parent, os.W_OK):
        where = str(target.parent)
        raise CutqError(f"cannot write {str(target)!r}: {where!r} is no directory that can be written to")


def write_whole(target: Path, content: bytes) -> None:
    """Write the whole file or nothing.

    Raises:
        CutqError: the file cannot be written.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=".cutq-", dir=target.parent) as beside:
            part = Path(beside, target.name)
            part.write_bytes(content)
            os.replace(part, target)
    except OSError as error:
        raise CutqError(f"cannot write {str(target)!r}: {error}") from error
