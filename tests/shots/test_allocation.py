"""Shares of shots: the design that a pilot leads to is better than the same for all, and near the best there is."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import cutq
from cutq import Circuit, CutPlan, GateCut, Operation

SHOTS = 200_000
PARITY = "Z0 Z1 Z2 Z3 Z4 Z5 Z6 Z7"


def there_and_back(strength: float, seed: int, width: int = 4, depth: int = 4) -> cutq.Network:
    """Two modules, linked weakly in the middle, that nearly undo what they did: all values are near 1."""
    rng = np.random.default_rng(seed)
    angles = rng.uniform(-np.pi, np.pi, (depth, 2, 2 * width))
    moved = angles + 0.05 * rng.standard_normal(angles.shape)
    pairs = [Operation("cz", (q, q + 1)) for q in range(2 * width - 1) if q != width - 1]
    there = [[*_turns(row[0], "ry"), *_turns(row[1], "rz"), *pairs] for row in angles]
    back = [[*pairs, *_turns(-row[1], "rz"), *_turns(-row[0], "ry")] for row in moved[::-1]]
    link = Operation("rzz", (width - 1, width), (0.5 * math.pi * strength,))
    operations = [*itertools.chain(*there), link, *itertools.chain(*back)]
    return cutq.split(Circuit(2 * width, tuple(operations)), CutPlan((GateCut((operations.index(link),)),)))


def _turns(angles: np.ndarray, name: str) -> list[Operation]:
    return [Operation(name, (q,), (angle,)) for q, angle in enumerate(angles.tolist())]


def shots_times_variance(strength: float, seed: int, frames: str, allocation: str) -> float:
    """As an estimate states it."""
    found = cutq.estimate(
        there_and_back(strength, seed), PARITY, runner=cutq.SimulatedRunner(seed), shots=SHOTS, frames=frames,
        allocation=allocation, seed=seed,
    )  # fmt: skip
    return SHOTS * float(found.stderr[0]) ** 2


@pytest.mark.parametrize("frames", ["full", "lean"])
@pytest.mark.parametrize("strength", [0.03, 0.3, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_a_pilot_is_better_than_the_same_for_all(strength: float, seed: int, frames: str) -> None:
    uniform, pilot = (shots_times_variance(strength, seed, frames, one) for one in ("uniform", "pilot"))
    assert pilot < 0.95 * uniform


@pytest.mark.parametrize("seed", range(3))
def test_more_circuits_are_no_loss_where_few_of_them_tell_nearly_everything(seed: int) -> None:
    full, lean = (shots_times_variance(0.03, seed, frames, "pilot") for frames in ("full", "lean"))
    assert full < 1.5 * lean


def test_errors_after_a_pilot_are_those_that_are_stated() -> None:
    network = there_and_back(0.1, 0)
    exact = cutq.expectation(network, PARITY)
    found = [
        cutq.estimate(network, PARITY, runner=cutq.SimulatedRunner(seed), shots=20_000, seed=seed) for seed in range(60)
    ]
    deviations = np.array([(one.values[0] - exact) / one.stderr[0] for one in found])
    assert abs(deviations.mean()) < 4 / math.sqrt(60)
    assert 0.7 < deviations.std() < 1.35
