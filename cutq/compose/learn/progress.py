"""A bar on a terminal that says how far training is."""

from __future__ import annotations

import sys
from typing import TextIO

from cutq.compose.learn.fit import Epoch

WIDTH = 24
"""Letters of the bar."""


class Bar:
    """A listener that rewrites one line after each epoch, and ends it after the last one.

    >>> import io
    >>> out = io.StringIO()
    >>> Bar(out)(Epoch(5, 10, 0.25))
    >>> out.getvalue().strip()
    '[############............] 5/10  loss 0.25'
    """

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = sys.stderr if out is None else out

    def __call__(self, epoch: Epoch) -> None:
        """Write the line."""
        done = WIDTH * epoch.number // max(epoch.epochs, 1)
        text = f"[{'#' * done}{'.' * (WIDTH - done)}] {epoch.number}/{epoch.epochs}  loss {epoch.loss:.6g}"
        if epoch.validation is not None:
            text += f"  validation {epoch.validation:.6g}"
        self.out.write(f"\r{text:<79}" + ("\n" if epoch.number >= epoch.epochs else ""))
        self.out.flush()
