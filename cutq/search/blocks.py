"""Annealing of blocks of whole wires: plans that only cut bundles, for circuits whose sweeps are too wide.

The number of blocks is free; forcing the least number can cost far more.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Sequence

from cutq.search.frontier import Clock, Path
from cutq.search.problem import Bundle
from cutq.search.sweep import Choice

COLDEST = 0.1
"""The last temperature, as a part of the first, which is the mean price of separating two wires that meet."""
STRAY = 0.02
"""How often a wire is sent to any block, which may be an empty one, instead of to one that it meets."""


def blocks(bundles: Sequence[Bundle], max_qubits: int, rounds: int, rng: random.Random, clock: Clock) -> Path:
    """The plan that `rounds` proposals for every wire end in. Every bundle must have a finite price."""
    state = _Blocks(bundles, max_qubits)
    hot = state.mean_price()
    for turn in range(rounds):
        clock()
        temperature = hot * COLDEST ** (turn / rounds)
        for wire in rng.choices(state.wires, k=len(state.wires)):
            state.propose(wire, temperature, rng)
    path = Path(0.0, None)
    for index, bundle in enumerate(bundles):
        if state.separates(*bundle.wires):
            path = Path(path.cost + bundle.price, (Choice(bundle.price, index, True, (), ()), path.last))
    return path


class _Blocks:
    """A partition of the wires while it is annealed; there are as many blocks as wires, most of them empty."""

    def __init__(self, bundles: Sequence[Bundle], max_qubits: int) -> None:
        self.prices: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
        for bundle in bundles:
            for wire, other in (bundle.wires, bundle.wires[::-1]):
                self.prices[wire][other] += bundle.price
        self.wires = list(self.prices)
        self.meets = {wire: list(others) for wire, others in self.prices.items()}
        self.max_qubits = max_qubits
        self.block = {wire: number // max_qubits for number, wire in enumerate(self.wires)}
        self.members: list[list[int]] = [[] for _ in self.wires]
        for wire, block in self.block.items():
            self.members[block].append(wire)

    def mean_price(self) -> float:
        """The mean price of separating two wires that meet."""
        rows = self.prices.values()
        return sum(sum(row.values()) for row in rows) / sum(map(len, rows))

    def separates(self, wire: int, other: int) -> bool:
        """Whether two wires are in different blocks."""
        return self.block[wire] != self.block[other]

    def propose(self, wire: int, temperature: float, rng: random.Random) -> None:
        """Move a wire to another block, in exchange for one of its wires if it is full, or leave it (Metropolis)."""
        here = self.block[wire]
        stray = rng.random() < STRAY
        there = rng.randrange(len(self.wires)) if stray else self.block[rng.choice(self.meets[wire])]
        if there == here:
            return
        loss = self._pull(wire, here) - self._pull(wire, there)
        back = rng.choice(self.members[there]) if len(self.members[there]) >= self.max_qubits else None
        if back is not None:
            loss += self._pull(back, there) - self._pull(back, here) + 2 * self.prices[wire].get(back, 0.0)
        if loss <= 0 or rng.random() < math.exp(-loss / temperature):
            self._move(wire, there)
            if back is not None:
                self._move(back, here)

    def _pull(self, wire: int, block: int) -> float:
        """The price of separating a wire from a block."""
        return sum(price for other, price in self.prices[wire].items() if self.block[other] == block)

    def _move(self, wire: int, there: int) -> None:
        self.members[self.block[wire]].remove(wire)
        self.members[there].append(wire)
        self.block[wire] = there
