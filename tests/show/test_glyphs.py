"""How gates and angles look."""

from __future__ import annotations

import math

import pytest

from cutq.circuits.angles import angle, param
from cutq.circuits.circuit import Operation
from cutq.circuits.gates import GATES
from cutq.show.glyphs import CROSS, DOT, PLUS, Shape, angle_text, angles_text, clipped, glyphs, line_text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "0"),
        (math.pi, "π"),
        (-math.pi / 2, "-π/2"),
        (3 * math.pi / 4, "3π/4"),
        (0.123456, "0.123"),
        (1e-9, "1e-09"),
        (2 * math.pi, "2π"),
    ],
)
def test_constant_angles(value: float, expected: str) -> None:
    assert angle_text(angle(value)) == expected


def test_angles_with_parameters_keep_signs_and_factors() -> None:
    assert angle_text(-param("s") + 2.5 * param("t") - math.pi) == "-s+2.5t-π"


def test_many_angles_are_clipped() -> None:
    text = angles_text((angle(0.111), angle(0.222), angle(0.333)))
    assert len(text) == 14
    assert text.endswith("…")


def test_unprintable_letters_are_replaced() -> None:
    assert clipped("a\x00b", 5) == "a?b"


@pytest.mark.parametrize(
    ("name", "params", "expected"),
    [
        ("cx", (), (DOT, PLUS)),
        ("cz", (), (DOT, DOT)),
        ("cp", (0.3,), (DOT, DOT)),
        ("swap", (), (CROSS, CROSS)),
    ],
)
def test_gates_without_boxes(name: str, params: tuple[float, ...], expected: object) -> None:
    op = Operation(name, (4, 2), params)
    assert glyphs(op) == expected
    assert line_text(op) == ("0.3" if params else "")


def test_controlled_gates_have_a_dot_and_a_box_with_the_angle() -> None:
    dot, target = glyphs(Operation("crx", (0, 1), (0.5,)))
    assert dot == DOT
    assert (target.shape, target.name, target.angles) == (Shape.BOX, "RX", "0.5")


def test_boxes_of_directed_gates_are_numbered() -> None:
    assert [glyph.name for glyph in glyphs(Operation("rzx", (0, 1), (0.5,)))] == ["RZX₀", "RZX₁"]


def test_every_gate_has_one_glyph_for_each_qubit() -> None:
    for row in GATES.values():
        op = Operation(row.name, tuple(range(row.num_qubits)), (0.3,) * row.num_angles)
        assert len(glyphs(op)) == row.num_qubits
