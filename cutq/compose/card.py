"""The card of a module: what it is for, and the numbers it promises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cutq.compose.names import shown
from cutq.errors import ModuleError


@dataclass(frozen=True)
class Metric:
    """A number that a module promises and that can be computed again.

    Attributes:
        name: what it is called on the card.
        check: how it is computed: a row of :data:`cutq.compose.checks.CHECKS`.
        value: the promised number.
        tolerance: how far the recomputed number may be from it.
        baseline: the number of the best classical model of equal size, where that makes sense.
        options: arguments of the check: texts, numbers, and lists of these.
    """

    name: str
    check: str
    value: float
    tolerance: float = 1e-9
    baseline: float | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for what in ("name", "check"):
            if not isinstance(getattr(self, what), str) or not getattr(self, what):
                raise ModuleError(f"the {what} of a metric is a text, got {getattr(self, what)!r}")
        for what in ("value", "tolerance"):
            number = getattr(self, what)
            if not isinstance(number, int | float) or isinstance(number, bool) or not abs(number) <= 1e300:
                raise ModuleError(f"the {what} of metric {self.name!r} is a finite number, got {shown(number)}")
            object.__setattr__(self, what, float(number))
        if self.tolerance < 0:
            raise ModuleError(f"the tolerance of metric {self.name!r} is not negative, got {self.tolerance}")


@dataclass(frozen=True)
class Card:
    """What a module is, for people and for :meth:`~cutq.compose.module.Module.verify`.

    Attributes:
        summary: one line.
        task: what it does, in words.
        limits: where it fails or what it does not do.
        licence: an SPDX identifier.
        source: paper or textbook, with equation.
        metrics: the numbers it promises.
    """

    summary: str = ""
    task: str = ""
    limits: str = ""
    licence: str = "Apache-2.0"
    source: str = ""
    metrics: tuple[Metric, ...] = ()

    def __post_init__(self) -> None:
        for what in ("summary", "task", "limits", "licence", "source"):
            text = getattr(self, what)
            if not isinstance(text, str) or any(ord(letter) < 32 and letter != "\n" for letter in text):
                raise ModuleError(f"the {what} of a card is a text without control characters, got {shown(text)}")
        metrics = tuple(self.metrics) if isinstance(self.metrics, tuple | list) else (self.metrics,)
        if not all(isinstance(one, Metric) for one in metrics):
            raise ModuleError(f"the metrics of a card are values of cutq.Metric, got {shown(self.metrics)}")
        object.__setattr__(self, "metrics", metrics)
