"""How a gate looks: for each of its qubits a glyph, and its angles in a few characters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from cutq.circuits.angles import Angle
from cutq.circuits.circuit import Operation

LONGEST_ANGLES = 14
"""Characters that the angles of one gate may take."""

LARGEST_DENOMINATOR = 16
"""Rational multiples of pi are shown as such up to this denominator."""


class Shape(Enum):
    """What is drawn on a wire."""

    BOX = "box"
    DOT = "dot"
    PLUS = "circled plus"
    CROSS = "cross"


@dataclass(frozen=True)
class Glyph:
    """What a gate shows on one of its qubits; only boxes carry text.

    Attributes:
        shape: dot, circled plus, cross or box.
        name: the gate's name in the box.
        angles: its angles in the box, below the name.
    """

    shape: Shape
    name: str = ""
    angles: str = ""


DOT, PLUS, CROSS = Glyph(Shape.DOT), Glyph(Shape.PLUS), Glyph(Shape.CROSS)

PICTURED: dict[str, tuple[Glyph, Glyph]] = {
    "cx": (DOT, PLUS),
    "cz": (DOT, DOT),
    "cp": (DOT, DOT),
    "cu1": (DOT, DOT),
    "swap": (CROSS, CROSS),
}
"""Two-qubit gates that are drawn without boxes."""

CONTROLLED: dict[str, str] = {
    "cy": "Y", "ch": "H", "cs": "S", "csdg": "S†", "csx": "√X",
    "crx": "RX", "cry": "RY", "crz": "RZ", "cu": "U", "cu3": "U3",
}  # fmt: skip
"""Two-qubit gates drawn as a dot and a box with this name."""

NAMES: dict[str, str] = {
    "id": "I", "sdg": "S†", "tdg": "T†", "sx": "√X", "sxdg": "√X†", "unitary": "U", "iswap": "iSWAP",
}  # fmt: skip
"""Names in boxes that are not the gate's own in capitals."""

DIRECTED = ("rzx", "ecr", "unitary")
"""Gates drawn as two boxes whose qubits play different parts, which the boxes number."""


def glyphs(op: Operation) -> tuple[Glyph, ...]:
    """What the operation shows on each of its qubits.

    >>> [glyph.shape.value for glyph in glyphs(Operation("cx", (3, 1)))]
    ['dot', 'circled plus']
    >>> glyphs(Operation("rz", (0,), (0.25,)))[0].angles
    '0.25'
    """
    angles = angles_text(op.params)
    if op.name in PICTURED:
        return PICTURED[op.name]
    if op.name in CONTROLLED:
        return DOT, Glyph(Shape.BOX, CONTROLLED[op.name], angles)
    name = NAMES.get(op.name, op.name.upper())
    if len(op.qubits) == 2 and op.name in DIRECTED:
        return Glyph(Shape.BOX, name + "₀", angles), Glyph(Shape.BOX, name + "₁", angles)
    return (Glyph(Shape.BOX, name, angles),) * len(op.qubits)


def line_text(op: Operation) -> str:
    """The angles of a gate without boxes, to be written beside its line; empty where its boxes hold them."""
    return angles_text(op.params) if op.name in PICTURED else ""


def angles_text(params: tuple[Angle, ...]) -> str:
    """Angles in a few characters.

    >>> from cutq.circuits.angles import angle, param
    >>> angles_text((2 * param("t") - 0.5, angle(3 * math.pi / 4)))
    '2t-0.5, 3π/4'
    """
    return clipped(", ".join(map(angle_text, params)), LONGEST_ANGLES)


def angle_text(value: Angle) -> str:
    """One angle: terms with three digits, multiples of pi where it is one."""
    text = "".join(_signed(_factor(abs(c)) + name, c < 0) for name, c in value.terms)
    if value.constant or not text:
        text += _signed(_constant(abs(value.constant)), value.constant < 0)
    return text.removeprefix("+")


def clipped(text: str, longest: int) -> str:
    """The text without unprintable characters, its end replaced by an ellipsis where it is too long.

    >>> clipped("circuit", 5)
    'circ…'
    """
    clean = "".join(letter if letter.isprintable() else "?" for letter in text)
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"


def _signed(text: str, negative: bool) -> str:
    return f"{'-' if negative else '+'}{text}"


def _factor(coefficient: float) -> str:
    return "" if coefficient == 1.0 else f"{coefficient:.3g}"


def _constant(value: float) -> str:
    ratio = Fraction(value / math.pi).limit_denominator(LARGEST_DENOMINATOR)
    if ratio == 0 or abs(float(ratio) * math.pi - value) > 1e-9 * max(1.0, value):
        return f"{value:.3g}"
    top = "π" if ratio.numerator == 1 else f"{ratio.numerator}π"
    return top if ratio.denominator == 1 else f"{top}/{ratio.denominator}"
