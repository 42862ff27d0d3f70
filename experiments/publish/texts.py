"""The texts of a published exact module: its README and its recipe."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module

from cutq import Module
from cutq.compose.readme import readme_text


def readme(module: Module, build: Callable[[], Module]) -> str:
    """The card, and below it how the module is built, with the builder's example."""
    return f"{readme_text(module, module.name, True)}\n## Built by `{call(build)}`\n\n{_markdown(build)}\n"


def recipe(build: Callable[[], Module]) -> Mapping[str, str]:
    """How it came about: exact modules are built, not trained."""
    return {"kind": "exact", "builder": call(build), "command": "python -m experiments.publish"}


def call(build: Callable[[], Module]) -> str:
    """The expression that builds a module.

    >>> from cutq.compose.blocks.catalogue import CATALOGUE
    >>> call(CATALOGUE["parity-4"])
    'cutq.compose.blocks.arithmetic.parity(4)'
    """
    function, arguments = (build.func, build.args) if isinstance(build, partial) else (build, ())
    return f"{function.__module__}.{function.__name__}({', '.join(map(repr, arguments))})"


def _markdown(build: Callable[[], Module]) -> str:
    """The builder's docstring, its examples as code."""
    function = build.func if isinstance(build, partial) else build
    parts = (inspect.getdoc(function) or "").split("\n\n")
    return "\n\n".join(_code(part, function.__module__) if part.startswith(">>>") else part for part in parts)


def _code(example: str, file: str) -> str:
    """An example with what it needs of the builder's own file."""
    own = [name for name, one in vars(import_module(file)).items() if getattr(one, "__module__", "") == file]
    used = [name for name in own if re.search(rf"\b{name}\(", example)]
    return f"```python\n>>> from {file} import {', '.join(used)}\n{example}\n```"
