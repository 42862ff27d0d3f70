"""One thread for the matrix products of a contraction."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any


def one_thread() -> AbstractContextManager[Any]:
    """A context in which matrix products take one thread, where threadpoolctl is installed.

    A contraction is many products of tall, narrow matrices. Threads do not make these faster; on a machine with other
    work they wait for each other and make them a hundred times slower.
    """
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        return nullcontext()
    limit: AbstractContextManager[Any] = threadpool_limits(limits=1, user_api="blas")
    return limit
