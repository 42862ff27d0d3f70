"""Schedules that use qubits again."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from cutq import Circuit, CutPlan, Operation, WireCut, split
from cutq.network.reuse import schedule, segments
from tests.zoo import line, star, u3_layer


def check(circuit: Circuit, plan: CutPlan) -> list[int]:
    """The widths of all fragments, after a look at each schedule: time is kept, and no qubit holds two segments."""
    widths = []
    for fragment in split(circuit, plan).fragments:
        found = schedule(fragment)
        assert sorted(found.items) == list(range(len(fragment.items)))
        for segment in range(fragment.width):
            own = [item for item in found.items if segment in segments(fragment.items[item])]
            assert own == sorted(own)
        spans: dict[int, list[tuple[int, int]]] = {}
        for segment in range(fragment.width):
            places = [k for k, item in enumerate(found.items) if segment in segments(fragment.items[item])]
            if places:
                spans.setdefault(found.host[segment], []).append((places[0], places[-1]))
        for own_spans in spans.values():
            ordered = sorted(own_spans)
            assert all(one[1] < other[0] for one, other in itertools.pairwise(ordered))
        assert max(found.host, default=0) < max(found.width, 1)
        widths.append(found.width)
    return widths


def test_a_star_takes_two_qubits_and_a_line_in_one_direction_too() -> None:
    assert check(u3_layer(star(9)), CutPlan.uncut()) == [2]
    assert check(u3_layer(line(9, 1)), CutPlan.uncut()) == [2]


def test_operations_behind_the_last_gate_do_not_keep_a_qubit() -> None:
    ops = [Operation("cx", (q, 5)) for q in range(5)] + [Operation("h", (q,)) for q in range(6)]
    assert check(Circuit(6, tuple(ops)), CutPlan.uncut()) == [2]


@pytest.mark.parametrize("seed", range(20))
def test_random_circuits_with_cut_wires(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ops = [Operation("cx", tuple(map(int, rng.choice(6, 2, replace=False)))) for _ in range(12)]
    cuts = tuple({WireCut(ops[k].qubits[0], k) for k in map(int, rng.choice(8, 3, replace=False))})
    circuit = u3_layer(Circuit(6, tuple(ops)))
    moved = dict(enumerate(k for k, op in enumerate(circuit.operations) if op.name == "cx"))
    plan = CutPlan(tuple(WireCut(cut.qubit, moved[cut.after]) for cut in cuts))
    for width, fragment in zip(check(circuit, plan), split(circuit, plan).fragments, strict=True):
        assert 1 <= width <= fragment.width
