"""What is asked of a search, and what it answers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cutq.errors import PlanError
from cutq.search.cuts import Cuts
from cutq.search.order import Order
from cutq.search.problem import TOLERANCE


class NoPlanError(PlanError):
    """There is no plan, which is more than that none was found."""


@dataclass(frozen=True)
class Task:
    """What is asked of a problem.

    Attributes:
        max_qubits: most qubits of a fragment.
        reuse: whether a qubit whose wire has ended may host another.
        max_fragments: most fragments; None for any number.
        devices: sizes of the devices that all fragments have to fit side by side; None for any number of them.
        time_limit: in seconds; some plan is returned however short it is.
        seed: of every random choice.
        known: what a plan costs that is known already: the proof only looks for cheaper ones.
    """

    max_qubits: int
    reuse: bool = False
    max_fragments: int | None = None
    devices: tuple[int, ...] | None = None
    time_limit: float = 10.0
    seed: int = 0
    known: float = math.inf

    @property
    def joined(self) -> bool:
        """Whether parts that share no wire still compete for something."""
        return self.max_fragments is not None or self.devices is not None


@dataclass(frozen=True)
class Report:
    """What a search did: `states` of proving sweeps tried, their number of `limits`, `beams`, `annealings`, `windows`
    that were solved; and whether it was `interrupted`."""

    states: int = 0
    limits: int = 0
    beams: int = 0
    annealings: int = 0
    windows: int = 0
    interrupted: bool = False

    def __add__(self, other: Report) -> Report:
        return Report(self.states + other.states, self.limits + other.limits, self.beams + other.beams,
                      self.annealings + other.annealings, self.windows + other.windows,
                      self.interrupted or other.interrupted)  # fmt: skip

    def __str__(self) -> str:
        parts = [f"{self.beams} beams"]
        if self.limits:
            parts.append(f"a proof that tried {self.states} states under {self.limits} limits")
        if self.annealings:
            parts.append(f"{self.annealings} annealings")
        if self.windows:
            parts.append(f"{self.windows} windows")
        return ", ".join(parts) + ("; interrupted" if self.interrupted else "")


@dataclass(frozen=True)
class Solution:
    """What was found.

    Attributes:
        cuts: the cuts.
        cost: what they cost.
        bound: nothing in the model is cheaper.
        order: the order of the units under which the qubits suffice; that of time without reuse.
        report: what was done.
    """

    cuts: Cuts
    cost: float
    bound: float
    order: Order
    report: Report

    @property
    def proven(self) -> bool:
        """Whether the bound meets the cost."""
        return self.bound >= self.cost - TOLERANCE * max(1.0, self.cost)
