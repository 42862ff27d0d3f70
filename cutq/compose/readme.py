"""The README.md of a module's folder, for people: its card, its ports, its weights, and an example."""

from __future__ import annotations

from collections.abc import Sequence

from cutq.compose.module import Module

MOST_ROWS = 50
"""Rows of a table that are shown; ``module.toml`` has all."""


def readme_text(module: Module, folder: str, figure: bool) -> str:
    """The text of a module whose author wrote none.

    Args:
        module: the module.
        folder: the name of its folder.
        figure: whether there is one.

    >>> from cutq.compose.module import classical
    >>> print(readme_text(classical("tanh", 2), "tanh", False).splitlines()[0])
    # tanh
    """
    card = module.card
    parts = [f"# {module.name}", card.summary, card.task, "![](figure.svg)" if figure else ""]
    parts += ["## Ports", _table(("port", "type"), [(one.name, one.type) for one in module.ports])]
    if module.weights:
        rows = [(one.name, str(one.shape), _state(one.values is not None, one.frozen)) for one in module.weights]
        parts += ["## Weights", _table(("weight", "shape", ""), rows)]
    if card.metrics:
        promised = [(one.name, f"{one.value:.6g}", f"{one.tolerance:g}", _number(one.baseline)) for one in card.metrics]
        parts += ["## What it promises", _table(("metric", "value", "tolerance", "best classical model"), promised)]
    parts += ["## Limits" if card.limits else "", card.limits, "## Use", _example(folder)]
    parts += [f"Source: {card.source}" if card.source else "", f"Licence: {card.licence}" if card.licence else ""]
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows[:MOST_ROWS]]
    text = "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)
    hidden = len(rows) - MOST_ROWS
    return f"{text}\n\nand {hidden} more; see module.toml" if hidden > 0 else text


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _state(chosen: bool, frozen: bool) -> str:
    return ("" if chosen else "not chosen yet, ") + ("frozen" if frozen else "trainable")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def _example(folder: str) -> str:
    lines = (
        "import cutq",
        f"module = cutq.load_module({folder!r})",
        "print(module, module.card.summary)",
        "print({weight.name: weight.values for weight in module.weights})",
    )
    return "\n".join(("```python", *lines, "```"))
