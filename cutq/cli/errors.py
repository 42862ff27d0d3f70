"""Faults of the input as one line and an exit status."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import typer

from cutq.errors import CutqError

BAD_INPUT = 2
"""Exit status where the input is at fault."""

INTERRUPTED = 130
"""Exit status after Ctrl-C."""

CHECK_FAILED = 1
"""Exit status where ``--check`` found a difference."""

P = ParamSpec("P")


def one_line(message: str) -> str:
    """A message as it is printed.

    >>> one_line("no such\\nfile")
    'cutq: no such file'
    """
    return f"cutq: {' '.join(message.split())}"


def one_line_errors(command: Callable[P, None]) -> Callable[P, None]:
    """The command with every :class:`CutqError` printed as one line and exit status 2."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except CutqError as error:
            typer.echo(one_line(str(error)), err=True)
            raise typer.Exit(BAD_INPUT) from error

    return guarded
