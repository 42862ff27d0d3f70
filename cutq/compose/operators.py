"""The operators of modules and compositions: ``a >> b`` one after the other, ``a | b`` side by side."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Chained:
    """What modules and compositions have in common."""

    def __rshift__(self, other: Any) -> Any:
        """One after the other: the quantum outputs of the left become the quantum inputs of the right, wire by wire."""
        return _chains().after(self, other)

    def __or__(self, other: Any) -> Any:
        """Side by side."""
        return _chains().beside(self, other)


def _chains() -> Any:
    # Compositions are made of modules, so their file is not loaded before an operator asks for it.
    return import_module("cutq.compose.chains")
