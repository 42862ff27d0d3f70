"""What is said where the library of an adapter is not installed."""

from __future__ import annotations

from cutq.errors import CutqError


class MissingExtraError(CutqError, ImportError):
    """An adapter whose library is not installed; the message says what to install."""


def missing(library: str, extra: str) -> MissingExtraError:
    """The error for a library that comes with an extra.

    >>> str(missing("PyTorch", "torch"))
    'PyTorch is not installed; pip install "cutq[torch]"'
    """
    return MissingExtraError(f'{library} is not installed; pip install "cutq[{extra}]"', name=extra)
