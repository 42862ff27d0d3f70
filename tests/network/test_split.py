"""Splitting: fragments, legs, bonds, sides of joint cuts, and every way to point at nothing."""

from __future__ import annotations

import pytest

from cutq import Circuit, CutPlan, GateCut, Operation, PlanError, Segment, Slot, WireCut, merge, split
from tests.zoo import ZOO, line, star


def cx(a: int, b: int) -> Operation:
    return Operation("cx", (a, b))


CHAIN = Circuit(4, (Operation("h", (0,)), cx(0, 1), cx(1, 2), Operation("t", (2,)), cx(2, 3)))


def test_a_gate_cut_makes_one_bond_with_a_slot_at_each_end() -> None:
    network = split(CHAIN, CutPlan((GateCut((2,)),)))
    assert network.widths == (2, 2)
    assert [fragment.outputs for fragment in network.fragments] == [(0, 1), (2, 3)]
    (bond,) = network.bonds
    assert (bond.ends, bond.dims, bond.gamma) == ((0, 1), (2,), 3.0)
    slots = [[item for item in fragment.items if isinstance(item, Slot)] for fragment in network.fragments]
    assert [[(slot.number, slot.segment) for slot in own] for own in slots] == [[(2, 1)], [(2, 0)]]


def test_a_wire_cut_ends_one_segment_and_begins_another() -> None:
    network = split(CHAIN, CutPlan((WireCut(2, 3),)))
    assert network.widths == (3, 2)
    assert network.fragments[0].segments == (Segment(0), Segment(1), Segment(2))
    assert network.fragments[1].segments == (Segment(2, 1), Segment(3))
    assert network.fragments[0].outputs == (0, 1)
    assert [leg.segment for fragment in network.fragments for leg in fragment.legs] == [2, 0]
    assert network.gamma == 4.0


def test_two_cuts_of_one_wire_make_three_segments() -> None:
    network = split(star(4), CutPlan((WireCut(0, 2), WireCut(0, 1))))
    assert network.widths == (2, 2, 2)
    assert [bond.ends for bond in network.bonds] == [(0, 1), (1, 2)]


def test_both_ends_of_a_cut_may_fall_in_one_fragment() -> None:
    network = split(Circuit(2, (cx(0, 1), cx(0, 1))), CutPlan((WireCut(0, 0), GateCut((1,)))))
    assert [bond.ends for bond in network.bonds] == [(0, 1), (1, 0)]
    looped = split(Circuit(2, (cx(0, 1), cx(0, 1))), CutPlan((GateCut((1,)),)))
    assert looped.bonds[0].ends == (0, 0)
    assert looped.widths == (2,)


def test_a_fragment_may_have_no_outputs() -> None:
    circuit = Circuit(2, (Operation("h", (0,)), cx(0, 1)))
    network = split(circuit, CutPlan((WireCut(0, 0),)))
    assert [fragment.outputs for fragment in network.fragments] == [(), (0, 1)]


def test_an_uncut_circuit_falls_into_its_connected_parts() -> None:
    assert split(ZOO["disconnected"], CutPlan.uncut()).widths == (2, 1, 2)
    assert split(ZOO["idle"], CutPlan.uncut()).widths == (1, 1, 1)
    assert split(ZOO["empty"], CutPlan.uncut()).fragments == ()


def test_sides_of_a_joint_cut_follow_the_fragments() -> None:
    """The second gate is turned round, so that each end of the bond lies in one fragment."""
    circuit = Circuit(4, (cx(0, 1), cx(2, 3), cx(1, 2), cx(3, 0)))
    network = split(circuit, CutPlan((GateCut((2, 3)),)))
    assert network.widths == (2, 2)
    assert network.bonds[0].flipped == (False, True)
    assert network.bonds[0].dims == (2, 2)
    assert network.gamma == pytest.approx(7)


def test_sides_of_a_joint_cut_can_be_given() -> None:
    circuit = Circuit(4, (cx(0, 1), cx(2, 3)))
    assert split(circuit, CutPlan((GateCut((0, 1), side=(0, 3)),))).bonds[0].flipped == (False, True)
    assert split(circuit, CutPlan((GateCut((0, 1), side=(0, 2)),))).bonds[0].flipped == (False, False)


def test_a_leg_ties_what_it_acts_on_into_one_fragment() -> None:
    network = split(Circuit(4, (cx(0, 1), cx(2, 3))), CutPlan((GateCut((0, 1)),)))
    assert [fragment.outputs for fragment in network.fragments] == [(0, 2), (1, 3)]


def test_the_fragment_graph() -> None:
    graph = split(line(6, 2), CutPlan.from_partition(line(6, 2), "AABBCC")).graph
    assert sorted(graph.nodes(data="width")) == [(0, 2), (1, 2), (2, 2)]
    assert sorted((u, v) for u, v in graph.edges()) == [(0, 1), (0, 1), (1, 2), (1, 2)]
    assert {dim for _, _, dim in graph.edges(data="dim")} == {2}


def test_a_partition_cuts_every_crossing_gate() -> None:
    plan = CutPlan.from_partition(CHAIN, "AABB")
    assert plan.cuts == (GateCut((2,)),)
    assert merge(split(CHAIN, plan)) == CHAIN
    assert CutPlan.from_partition(CHAIN, [1, 1, 1, 1]) == CutPlan.uncut()


@pytest.mark.parametrize(
    ("cuts", "message"),
    [
        ((WireCut(0, 99),), "points at operation 99.*has 5 operations, numbered from 0"),
        ((WireCut(0, -1),), "points at operation -1"),
        ((WireCut(3, 1),), r"operation 1 \(cx\) acts on qubits \(0, 1\), not on qubit 3"),
        ((GateCut((0,)),), "operation 0 is h"),
        ((GateCut((7,)),), "points at operation 7"),
        ((WireCut(0, 1), WireCut(0, 1)), "a second cut names it: wire of qubit 0 after operation 1"),
        ((GateCut((1,)), GateCut((1, 2))), "a second cut names it"),
        ((GateCut((1, 2), side=(0, 1)),), "one qubit in side"),
        ((GateCut((1, 2), side=(0,)),), "one qubit in side"),
    ],
)
def test_cuts_that_point_at_nothing_are_refused(cuts: tuple[WireCut | GateCut, ...], message: str) -> None:
    with pytest.raises(PlanError, match=message):
        split(CHAIN, CutPlan(cuts))


def test_a_gate_cut_names_different_operations() -> None:
    for ops in ((), (3, 3)):
        with pytest.raises(PlanError, match="one or more different operations"):
            GateCut(ops)


@pytest.mark.parametrize("labels", ["AAB", "AAABB", ""])
def test_a_partition_has_one_label_for_each_qubit(labels: str) -> None:
    with pytest.raises(PlanError, match=f"{len(labels)} labels were given for 4 qubits"):
        CutPlan.from_partition(CHAIN, labels)
