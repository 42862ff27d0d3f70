"""Columns, stretches of wire, and their places in inches."""

from __future__ import annotations

import itertools
import random

import pytest

from cutq.circuits.circuit import Circuit, Operation
from cutq.network.cuts import GateCut, WireCut
from cutq.network.plan import CutPlan
from cutq.network.split import split
from cutq.show.compact_panel import grid, spread
from cutq.show.layout import CircuitLayout, Stretch, lay_out, runs
from cutq.show.sheet import LEFT, column_widths, folded, sheet


def laid_out(circuit: Circuit, *cuts: WireCut | GateCut) -> CircuitLayout:
    return lay_out(circuit, split(circuit, CutPlan(cuts)))


def random_circuit(seed: int) -> Circuit:
    rng = random.Random(seed)
    pairs = [tuple(rng.sample(range(7), rng.choice((1, 2)))) for _ in range(40)]
    return Circuit(7, tuple(Operation("h" if len(pair) == 1 else "cx", pair) for pair in pairs))


@pytest.mark.parametrize("seed", range(4))
def test_nothing_overlaps_and_time_runs_to_the_right(seed: int) -> None:
    circuit = random_circuit(seed)
    wires = [WireCut(op.qubits[0], number) for number, op in enumerate(circuit.operations) if number % 9 == 0]
    layout = laid_out(circuit, *wires)
    taken = [(c.column, c.qubit) for c in layout.cuts]
    for gate in layout.gates:
        qubits = gate.operation.qubits
        taken += [(gate.column, qubit) for qubit in range(min(qubits), max(qubits) + 1)]
    assert len(taken) == len(set(taken))
    assert max(column for column, _ in taken) == layout.num_columns - 1
    for one, two in itertools.combinations(layout.gates, 2):
        if set(one.operation.qubits) & set(two.operation.qubits):
            assert one.column < two.column


def test_a_wire_cut_has_a_column_between_its_stretches() -> None:
    circuit = Circuit(3, (Operation("cx", (0, 1)), Operation("cx", (1, 2))))
    layout = laid_out(circuit, WireCut(1, 0))
    (cut,) = layout.cuts
    assert (cut.qubit, cut.column, cut.bond, cut.fragment) == (1, 1, 0, 1)
    assert [gate.column for gate in layout.gates] == [0, 2]
    assert layout.stretches == (
        Stretch(0, None, None, 0), Stretch(1, None, 1, 0), Stretch(1, 1, None, 1), Stretch(2, None, None, 1),
    )  # fmt: skip


def test_cut_gates_know_their_bond_and_both_fragments() -> None:
    circuit = Circuit(
        4,
        (Operation("cx", (0, 1)), Operation("cz", (1, 2)), Operation("cz", (2, 3)), Operation("cx", (2, 1))),
    )
    layout = laid_out(circuit, GateCut((1, 3)))
    assert [gate.bond for gate in layout.gates] == [None, 0, None, 0]
    assert [gate.fragments for gate in layout.gates] == [(0, 0), (0, 1), (1, 1), (1, 0)]


def test_runs_join_neighbouring_wires_of_one_fragment() -> None:
    stretches = tuple(Stretch(qubit, None, None, fragment) for qubit, fragment in enumerate((0, 0, 1, 0)))
    assert list(runs(stretches)) == [(0, 1, 0), (2, 2, 1), (3, 3, 0)]
    assert list(runs(())) == []


def test_columns_are_as_wide_as_their_widest_gate() -> None:
    circuit = Circuit(2, (Operation("h", (0,)), Operation("u3", (0,), (0.111, 0.222, 0.333)), Operation("h", (1,))))
    first, second = column_widths(laid_out(circuit))
    assert second > 1.5 * first


def test_long_circuits_are_folded_into_systems_of_like_width() -> None:
    systems = folded([0.5] * 100, 3)
    assert list(systems) == sorted(systems)
    sizes = [systems.count(system) for system in range(systems[-1] + 1)]
    assert len(sizes) > 1
    assert max(sizes) - min(sizes) <= len(sizes)
    assert folded([], 3) == ()


def test_a_stretch_has_one_piece_in_every_system_that_it_meets() -> None:
    layout = laid_out(Circuit(1, (Operation("h", (0,)),) * 100), WireCut(0, 60))
    paper = sheet(layout)
    before, after = ([*paper.pieces(stretch)] for stretch in layout.stretches)
    cut = paper.at(layout.cuts[0].column, 0)
    assert before[0][0] == LEFT
    assert before[-1][1:] == (cut[0], cut[1])
    assert after[0][::2] == (cut[0], cut[1])
    assert len(before) + len(after) == len(paper.ends) + 1
    assert all(left < right < paper.width and 0 < y < paper.height for left, right, y in before + after)


def test_empty_circuits_have_a_sheet() -> None:
    assert sheet(laid_out(Circuit(0))).width > 0
    assert sheet(laid_out(Circuit(2))).height > 0


def test_the_grid_of_large_circuits_keeps_to_its_size() -> None:
    wide, high = grid(100_000, 500).size
    assert wide < 14
    assert high < 10


def test_spread_places_keep_their_distance() -> None:
    rng = random.Random(1)
    places = [(n, (rng.random() * 3, rng.random() * 3)) for n in range(200)]
    kept = spread(places, (0.3, 0.2))
    assert len(kept) > 20
    for (_, one), (_, two) in itertools.combinations(kept, 2):
        assert abs(one[0] - two[0]) >= 0.3 or abs(one[1] - two[1]) >= 0.2
