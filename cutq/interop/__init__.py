"""Programs and models inside other libraries: each adapter is loaded when it is first asked for, with its extra."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cutq.interop import jax as jax
    from cutq.interop import torch as torch

_ADAPTERS = ("jax", "torch")


def __getattr__(name: str) -> object:
    if name not in _ADAPTERS:
        raise AttributeError(f"module 'cutq.interop' has no attribute {name!r}")
    return import_module(f"cutq.interop.{name}")


def __dir__() -> list[str]:
    return list(_ADAPTERS)
