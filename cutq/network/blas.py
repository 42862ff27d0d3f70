"""One thread for the matrix products of a contraction."""

from __future__ import annotations

import functools
from contextlib import AbstractContextManager, nullcontext
from typing import Any


def one_thread() -> AbstractContextManager[Any]:
    """A context in which matrix products take one thread, where threadpoolctl is installed.

    A contraction is many products of tall, narrow matrices. Threads do not make these faster; on a machine with other
    work they wait for each other and make them a hundred times slower.
    """
    libraries = _libraries()
    return nullcontext() if libraries is None else libraries.limit(limits=1, user_api="blas")


@functools.cache
def _libraries() -> Any:
    """The libraries that multiply matrices; looking for them takes a millisecond."""
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return None
    return ThreadpoolController()
