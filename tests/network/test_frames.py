"""Frames: each spans the leg space of its kind of place, and rows that learn nothing needed are left out."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from cutq import Circuit, CutPlan, GateCut, Operation, own_frame, split
from cutq.errors import PlanError
from cutq.network.frames import FRAMES, chosen_frames, needed_rows, pair_phases
from cutq.network.legspace import Place, functionals, places

GATES = {
    "cx": (Circuit(2, (Operation("cx", (0, 1)),)), CutPlan((GateCut((0,)),))),
    "ecr": (Circuit(2, (Operation("ecr", (0, 1)),)), CutPlan((GateCut((0,)),))),
    "swap": (Circuit(2, (Operation("swap", (0, 1)),)), CutPlan((GateCut((0,)),))),
    "star": (
        Circuit(3, (Operation("cp", (0, 1), (0.4,)), Operation("cp", (0, 2), (0.9,)), Operation("cx", (1, 2)))),
        None,
    ),
}  # fmt: skip


def gate_places(name: str) -> list[Place]:
    circuit, plan = GATES[name]
    network = split(circuit, plan or CutPlan.from_partition(circuit, "ABB", joint=True))
    return [place for fragment in network.fragments for place in places(fragment)]


def rank(rows: list[tuple[str, np.ndarray]]) -> int:
    return int(np.linalg.matrix_rank(np.concatenate([functionals(vectors) for _, vectors in rows]), tol=1e-9))


@pytest.mark.parametrize("name", [name for name, frame in FRAMES.items() if frame.kind == "gate" and not frame.joint])
@pytest.mark.parametrize("gate", GATES)
def test_frames_of_gates_span_the_leg_space(gate: str, name: str) -> None:
    for place in gate_places(gate):
        assert rank(list(FRAMES[name].rows(place))) == place.dim**2


@pytest.mark.parametrize("name", [name for name, frame in FRAMES.items() if frame.kind != "gate" or frame.joint])
def test_frames_of_wires_and_joint_frames_span_the_leg_space(name: str) -> None:
    for dim in (2, 4, 8) if FRAMES[name].joint else (2,):
        rows = list(FRAMES[name].rows(Place(0, 0, dim, FRAMES[name].kind)))
        assert rank(rows) == dim**2


def test_how_many_circuits() -> None:
    control = gate_places("cx")[0]
    assert [len(FRAMES[name].rows(control)) for name in ("full", "lean", "ancilla")] == [5, 3, 4]
    swapped = gate_places("swap")[0]
    assert [len(FRAMES[name].rows(swapped)) for name in ("full", "lean", "ancilla")] == [22, 13, 16]
    assert len(FRAMES["mub_states"].rows(Place(0, 0, 4, "in"))) == 20
    assert len(FRAMES["mub_bases"].rows(Place(0, 0, 4, "out"))) == 5


def test_outcomes_of_a_row_are_complete() -> None:
    """The functionals of a row's outcomes sum to one that keeps the norm: their identity entries to that of a state."""
    for place in (*gate_places("cx"), *gate_places("swap"), Place(0, 0, 2, "in", 0), Place(0, 0, 2, "out", 0)):
        for frame in FRAMES.values():
            if frame.kind == place.kind and not frame.joint:
                for _, vectors in frame.rows(place):
                    assert functionals(vectors)[:, 0].sum() * place.norm == pytest.approx(1.0)


@pytest.mark.parametrize("name", ["sic", "six", "std4", "pauli"])
def test_dead_letters_take_fewer_circuits_and_leave_the_others_known(name: str) -> None:
    frame = FRAMES[name]
    place = Place(0, 0, 2, frame.kind, 0)
    for letters in itertools.product((False, True), repeat=3):
        live = np.array([True, *letters])
        rows = needed_rows(frame, place, live)
        seen = np.concatenate([functionals(vectors) for _, vectors in rows])
        assert np.linalg.matrix_rank(seen[:, live], tol=1e-9) == live.sum()
        assert len(rows) <= len(list(frame.rows(place)))
        if name != "std4" and any(letters):
            assert np.abs(seen[:, ~live]).max(initial=0) < 1e-12
    assert len(needed_rows(frame, place, np.array([True, False, False, False]))) == 1


def test_stars_have_no_reflection_without_an_ancilla() -> None:
    arm = next(place for place in gate_places("star") if len(place.slots) > 1)
    assert pair_phases(arm) is None
    assert {len(vectors) for _, vectors in FRAMES["full"].rows(arm)} == {1, 2}


def test_frames_that_there_are_not() -> None:
    with pytest.raises(PlanError, match=r"frames are sic, six, .*, got 'sik'"):
        chosen_frames("sik")
    with pytest.raises(PlanError, match=r"'sic' and 'six' are both for 'in'"):
        chosen_frames(("sic", "six"))


def test_own_frames_that_break_a_law() -> None:
    with pytest.raises(PlanError, match="row 'a' of frame 'mine' is one normalised state"):
        own_frame("mine", "in", [("a", [1, 1])])
    with pytest.raises(PlanError, match="an orthonormal basis"):
        own_frame("mine", "out", [("a", [[1, 0], [1, 0]])])
    with pytest.raises(PlanError, match="reach 2 of the 4 entries"):
        own_frame("mine", "in", [("0", [1, 0]), ("1", [0, 1])])
    with pytest.raises(PlanError, match=r"begin \('in'\) or end \('out'\), got 'gate'"):
        own_frame("mine", "gate", [])
