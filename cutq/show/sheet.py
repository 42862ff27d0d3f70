"""Columns in inches: how wide each is, and where long circuits are folded into systems, like music."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cutq.show.glyphs import glyphs, line_text
from cutq.show.layout import CircuitLayout, Stretch

ROW = 0.46
"""Distance of neighbouring wires."""
COLUMN = 0.42
"""Width of the narrowest column."""
LEFT = 0.95
"""Where the wires begin; left of it stand fragments and qubits."""
RIGHT = 0.2
"""Margin right of the wires."""
SYSTEM_GAP = 0.4
"""Distance between systems."""

NAME_POINTS, ANGLE_POINTS = 7.5, 5.6
"""Letter sizes of names and angles of gates."""

LONGEST_LINE = 13.0
"""Circuits up to this width are not folded."""
SHORTEST_LINE = 8.0
"""Folding leaves at least this width."""
PROPORTION = 1.9
"""Width over height that folding aims at."""


def text_width(text: str, points: float) -> float:
    """About how wide a text is, in inches, from the average letter of the font.

    >>> round(text_width("gamma 81", 9), 2)
    0.62
    """
    return len(text) * 0.62 * points / 72


@dataclass(frozen=True)
class Sheet:
    """Where columns and wires stand, in inches from the upper left corner.

    Attributes:
        num_qubits: wires of each system.
        centres: the middle of each column.
        widths: width of each column.
        systems: in which system each column stands.
        ends: where the wires of each system end.
    """

    num_qubits: int
    centres: tuple[float, ...]
    widths: tuple[float, ...]
    systems: tuple[int, ...]
    ends: tuple[float, ...]

    @property
    def width(self) -> float:
        """Width of the whole sheet."""
        return max(self.ends) + RIGHT

    @property
    def height(self) -> float:
        """Height of the whole sheet."""
        return len(self.ends) * (self.num_qubits * ROW + SYSTEM_GAP) - SYSTEM_GAP

    def y(self, qubit: float, system: int) -> float:
        """The height of a wire, or of a place between wires, in a system."""
        return system * (self.num_qubits * ROW + SYSTEM_GAP) + (qubit + 0.5) * ROW

    def at(self, column: int, qubit: float) -> tuple[float, float]:
        """The place of a column on a wire."""
        return self.centres[column], self.y(qubit, self.systems[column])

    def pieces(self, stretch: Stretch) -> Iterator[tuple[float, float, float]]:
        """A stretch of wire as one piece (left, right, y) for each system that it runs through."""
        first = 0 if stretch.start is None else self.systems[stretch.start]
        last = len(self.ends) - 1 if stretch.stop is None else self.systems[stretch.stop]
        for system in range(first, last + 1):
            begins = stretch.start is not None and system == first
            stops = stretch.stop is not None and system == last
            left = self.centres[stretch.start] if begins and stretch.start is not None else LEFT
            right = self.centres[stretch.stop] if stops and stretch.stop is not None else self.ends[system]
            yield left, right, self.y(stretch.qubit, system)


def sheet(layout: CircuitLayout) -> Sheet:
    """The sheet on which a circuit is drawn, folded where it is much wider than high."""
    widths = column_widths(layout)
    systems = folded(widths, layout.num_qubits)
    centres: list[float] = []
    ends: dict[int, float] = {0: LEFT + 2 * COLUMN}
    for system, group in itertools.groupby(range(len(widths)), key=systems.__getitem__):
        left = LEFT + 0.1
        for column in group:
            centres.append(left + widths[column] / 2)
            left += widths[column]
        ends[system] = left + 0.1
    return Sheet(layout.num_qubits, tuple(centres), widths, systems, tuple(ends.values()))


def column_widths(layout: CircuitLayout) -> tuple[float, ...]:
    """The width of each column: that of its widest gate."""
    widths = [COLUMN] * layout.num_columns
    for gate in layout.gates:
        beside = text_width(line_text(gate.operation), ANGLE_POINTS)
        widths[gate.column] = max(
            widths[gate.column], 2 * beside + (0.5 if gate.bond is not None else 0.2) if beside else 0.0
        )
        for glyph in glyphs(gate.operation):
            widths[gate.column] = max(widths[gate.column], box_width(glyph.name, glyph.angles) + 0.1)
    for cut in layout.cuts:
        widths[cut.column] = max(widths[cut.column], 0.5)
    return tuple(widths)


def box_width(name: str, angles: str) -> float:
    """The width of the box around a name and angles."""
    return max(COLUMN - 0.12, text_width(name, NAME_POINTS) + 0.1, text_width(angles, ANGLE_POINTS) + 0.08)


def folded(widths: Sequence[float], num_qubits: int) -> tuple[int, ...]:
    """The system of each column, so that the sheet has pleasant proportions.

    >>> folded([1.0] * 4, 3), set(folded([1.0] * 60, 3))
    ((0, 0, 0, 0), {0, 1, 2, 3})
    """
    line = sum(widths) / _num_systems(sum(widths), num_qubits) + 1e-9
    systems: list[int] = []
    system, filled = 0, 0.0
    for width in widths:
        if filled + width / 2 > line:
            system, filled = system + 1, 0.0
        systems.append(system)
        filled += width
    return tuple(systems)


def _num_systems(total: float, num_qubits: int) -> int:
    if total <= LONGEST_LINE:
        return 1
    height = num_qubits * ROW + SYSTEM_GAP
    choices = range(1, 1 + int(total / SHORTEST_LINE))
    return min(choices, key=lambda k: abs(math.log(total / k / (k * height) / PROPORTION)))
