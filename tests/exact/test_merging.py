"""Orders of pairwise products: complete, small, and with the memory they say."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cutq.exact.merging import Outline, plan_merges


def test_one_tensor_needs_no_product() -> None:
    plan = plan_merges([Outline(8, 4, {})])
    assert plan.pairs == ()
    assert plan.outlines == (Outline(8, 1, {}),)
    assert (plan.peak, plan.largest) == (8, 0)


@pytest.mark.parametrize("seed", range(5))
def test_every_tensor_is_used_once_and_all_bonds_close(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ends = [(k, int(rng.integers(k))) for k in range(1, 12)] + [(3, 7), (2, 9), (2, 9)]
    dims: list[dict[int, int]] = [{} for _ in range(12)]
    for bond, (first, second) in enumerate(ends):
        dims[first][bond] = dims[second][bond] = int(rng.integers(1, 5))
    plan = plan_merges([Outline(2, 2, own) for own in dims])
    assert sorted(k for pair in plan.pairs for k in pair) == list(range(2 * 12 - 2))
    assert plan.outlines[-1] == Outline(2**12, 1, {})
    assert plan.peak >= max(outline.entries for outline in plan.outlines[:-1])


def test_a_chain_never_makes_more_than_its_bond() -> None:
    bonds = [{k: 2 for k in (left, left + 1) if 0 <= k < 99} for left in range(-1, 99)]
    plan = plan_merges([Outline(1, 64, own) for own in bonds])
    assert max(math.prod(outline.dims.values()) for outline in plan.outlines) <= 4
    assert plan.largest <= 16 * 4
