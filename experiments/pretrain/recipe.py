"""What a pretrained module is made by: its training from a seed, its scores, and its card."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import cutq


@dataclass(frozen=True)
class Trained:
    """The result of one run.

    Attributes:
        module: the module with its weights, without a card.
        scores: what it reaches, by name.
        history: training loss by epoch.
    """

    module: cutq.Module
    scores: Mapping[str, float]
    history: tuple[float, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """How a module is trained and published.

    Attributes:
        name: of the module, and of its folder.
        train: from a seed to a trained module; the same seed gives the same weights on the same machine.
        card: the card of a trained module; its metrics are those that ``verify`` recomputes.
        baseline: scores of the best classical model with as many parameters, by the names of the module's scores.
        about: what recipe.toml says besides: data set and its sha256, optimiser, epochs.
        seed: whose weights are published.
        text: what the README says below the card.
    """

    name: str
    train: Callable[[int], Trained]
    card: Callable[[Trained], cutq.Card]
    baseline: Callable[[], Mapping[str, float]]
    about: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    text: str = ""


SEEDS = 5
"""Over how many seeds the spread of scores is reported."""
