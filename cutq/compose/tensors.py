"""Tensors of frozen modules, kept next to the folders that the modules came from and bound to their digests."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cutq.compose.assembly import Assembly
from cutq.compose.sums import TENSORS
from cutq.compose.weights import packed, unpacked

Tensor = NDArray[np.float64]

MOST_BYTES = 2**26
"""Largest file of tensors that is read or written."""

MOST_HOMES = 16
"""Of so many folders at most are tensors kept; a composition of more modules computes them anew."""


def homes(assembly: Assembly, frozen: bool = False) -> Iterator[tuple[str, str]]:
    """Folders of modules whose weights stay as they are, each with the digest of its module."""
    for node in assembly.nodes:
        module = node.module
        if module.home and (frozen or node.frozen or not module.weights):
            yield module.home, module.digest
        if isinstance(module.body, Assembly):
            yield from homes(module.body, frozen or node.frozen)


class KeptTensors(MutableMapping[str, Tensor]):
    """Tensors by their hashes: those of the files of some folders, and new ones until they are saved.

    A file that is damaged, or that belongs to another module, counts as none.
    """

    def __init__(self, folders: Mapping[str, str]) -> None:
        self.folders = dict(folders) if len(folders) <= MOST_HOMES else {}
        self.fresh: dict[str, Tensor] = {}

    @classmethod
    def of(cls, assembly: Assembly) -> KeptTensors:
        """Those of a composition's frozen modules."""
        return cls(dict(homes(assembly)))

    @cached_property
    def _files(self) -> Mapping[str, Mapping[str, Tensor]]:
        return {folder: read_tensors(folder, digest) for folder, digest in self.folders.items()}

    @cached_property
    def _known(self) -> dict[str, Tensor]:
        return {key: tensor for own in self._files.values() for key, tensor in own.items()}

    def __getitem__(self, key: str) -> Tensor:
        return self._known[key]

    def __setitem__(self, key: str, tensor: Tensor) -> None:
        self._known[key] = self.fresh[key] = tensor

    def __delitem__(self, key: str) -> None:
        del self._known[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def save(self) -> None:
        """Write what is new to the folders; where nothing can be written nothing is kept."""
        if not self.fresh:
            return
        for folder, digest in self.folders.items():
            merged = {**self._files[folder], **self.fresh}
            if sum(tensor.nbytes for tensor in merged.values()) < MOST_BYTES // 2:
                with suppress(OSError):
                    write_tensors(folder, digest, merged)
        self.fresh = {}


def read_tensors(folder: str, digest: str) -> Mapping[str, Tensor]:
    """The tensors of a folder's file; none where it is damaged or belongs to a module of another digest."""
    try:
        content = _content(os.path.join(folder, TENSORS))
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["__metadata__"]
        found = unpacked(content)
    except Exception:  # whatever is wrong with a cache, what it holds is computed again
        return {}
    good = all(tensor.dtype == np.float64 for tensor in found.values())
    return found if good and header == {"module": digest, "sha256": _sum(digest, found)} else {}


def write_tensors(folder: str, digest: str, tensors: Mapping[str, Tensor]) -> None:
    """Write a folder's file, whole or not at all."""
    content = packed(tensors, {"module": digest, "sha256": _sum(digest, tensors)})
    handle, name = tempfile.mkstemp(prefix=f".{TENSORS}.", dir=str(Path(folder).parent))
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(name, os.path.join(folder, TENSORS))
    except OSError:
        with suppress(OSError):
            os.unlink(name)
        raise


def _sum(digest: str, tensors: Mapping[str, Tensor]) -> str:
    total = hashlib.sha256(digest.encode())
    for key in sorted(tensors):
        total.update(f"{key} {tensors[key].shape}".encode())
        total.update(tensors[key].tobytes())
    return total.hexdigest()


def _content(path: str) -> bytes:
    """A plain file that is not too large; a link is not followed, and a pipe does not block."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "rb") as file:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode) or about.st_size > MOST_BYTES:
            raise OSError(f"{path} is no plain file of at most {MOST_BYTES} bytes")
        return file.read()
