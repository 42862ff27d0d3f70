"""Which doctests are collected: those of an adapter only where its library is installed."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore = [f"cutq/interop/{name}.py" for name in ("torch", "jax") if find_spec(name) is None]
