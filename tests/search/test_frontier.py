"""The compiled sweeps against the readable count of what they found, in both directions."""

from __future__ import annotations

import math

import pytest

from cutq.search.cuts import Fragments
from cutq.search.frontier import NO_LIMIT, take
from cutq.search.kernels import Rules
from cutq.search.problem import problem
from cutq.search.replay import replayed
from cutq.search.sweep import sweep
from tests.search.exhaustive import loaded, random_graph

STAR = (math.log(4), (5.0, 5.0))


def swept(seed: int, width: int, *, loads: bool, joint: bool, reuse: bool, beam: int = 0) -> list[float]:
    """What sweeps there and back say their best plans cost; each is counted anew."""
    graph = loaded(random_graph(seed, 3 + seed % 4, 3 + seed % 8, uneven=seed % 4 == 3), seed)
    task = problem(graph, loads=loads, star=STAR if joint else None)
    order, costs = tuple(range(len(task.units))), []
    for backward in (False, True):
        one = sweep(task, order, backward=backward)
        rules = Rules(width, reuse, loads, joint, 0, NO_LIMIT, 1e300, beam)
        outcome = take(one, rules, lambda: None)
        costs.append(outcome.cost)
        if outcome.cost < math.inf:
            fragments = Fragments(task, replayed(one, outcome.choices, width, release=reuse))
            widths = fragments.reused_widths(order[:: -1 if backward else 1]) if reuse else fragments.widths
            assert max(widths.values(), default=0) <= width
            counted = fragments.cost - (task.alone if loads else 0)
            # Jointly cut gates are one bond in the sweep's bound, but one for each pair of fragments in the plan.
            assert counted >= outcome.cost - 1e-7 if joint and not loads else counted == pytest.approx(outcome.cost)
    return costs


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize(("loads", "joint"), [(False, False), (True, False), (False, True), (True, True)])
def test_both_directions_agree_and_their_plans_cost_what_they_say(seed: int, loads: bool, joint: bool) -> None:
    there, back = swept(seed, 1 + seed % 3, loads=loads, joint=joint, reuse=False)
    assert there == pytest.approx(back)


@pytest.mark.parametrize("seed", range(40))
def test_used_again_qubits_suffice_and_cost_no_more(seed: int) -> None:
    plain = swept(seed, 2 + seed % 2, loads=False, joint=False, reuse=False)
    reused = swept(seed, 2 + seed % 2, loads=False, joint=False, reuse=True)
    assert min(reused) <= min(plain) + 1e-9


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("beam", [1, 4])
def test_a_beam_finds_a_plan_that_is_no_better_than_the_best(seed: int, beam: int) -> None:
    best = swept(seed, 1 + seed % 3, loads=False, joint=False, reuse=False)
    found = swept(seed, 1 + seed % 3, loads=False, joint=False, reuse=False, beam=beam)
    assert all(one >= other - 1e-9 for one, other in zip(found, best, strict=True))
