"""Checkpoints: everything that training needs to go on as if it had never stopped, as arrays without pickles."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutq.errors import TrainingError

FORMAT = 1
"""Version of the file."""

MOST_BYTES = 2**32
"""Largest checkpoint that is read."""


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A state of training.

    Attributes:
        about: what it belongs to: the digests of composition and data, and the options of training.
        said: numbers and texts of the state.
        arrays: its arrays.
    """

    about: Mapping[str, Any]
    said: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write it, whole or not at all.

        Raises:
            TrainingError: the file cannot be written.
        """
        target = Path(path)
        text = json.dumps({"format": FORMAT, "about": dict(self.about), "said": dict(self.said)})
        arrays = {**self.arrays, "text": np.frombuffer(text.encode(), dtype=np.uint8)}
        try:
            handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    np.savez(file, **arrays)  # type: ignore[arg-type]
                os.replace(name, target)
            except OSError:
                with suppress(OSError):
                    os.unlink(name)
                raise
        except OSError as cause:
            raise TrainingError(f"{target}: the checkpoint cannot be written: {cause.strerror or cause}") from cause


def read_checkpoint(path: str | os.PathLike[str], about: Mapping[str, Any]) -> Checkpoint | None:
    """The checkpoint of a file; None where there is no file.

    Raises:
        TrainingError: the file is none, or belongs to other training; both values are named.
    """
    target = Path(path)
    if not target.exists():
        return None
    try:
        if target.stat().st_size > MOST_BYTES:
            raise ValueError(f"more than {MOST_BYTES} bytes")
        with np.load(target, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        data = json.loads(arrays.pop("text").tobytes().decode())
        found = Checkpoint(data["about"], data["said"], arrays)
        version = data["format"]
    except Exception as cause:
        raise TrainingError(f"{target}: is no checkpoint of training: {cause}; delete it to begin anew") from cause
    if version != FORMAT:
        raise TrainingError(f"{target}: checkpoints of format {FORMAT} are read, got {version!r}; begin anew")
    for name, value in about.items():
        if found.about.get(name) != value:
            raise TrainingError(
                f"{target}: is of another training: its {name} is {found.about.get(name)!r}, but here it is {value!r}; "
                "delete it to begin anew, or name another file"
            )
    return found
