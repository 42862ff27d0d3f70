"""The charts of a Pareto front, one above the other over the same widths, and the table of its plans."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from cutq.show.captions import counted
from cutq.show.front_layout import ENDLESS, PITCH, RADIUS, Columns, Scale, record
from cutq.show.front_rows import HEADER
from cutq.show.palette import GREY, INK, tint
from cutq.show.sheet import text_width
from cutq.show.strokes import Point, area, disc, line, text

LEFT, RIGHT = 0.62, 0.1
"""Margins beside the charts; numbers stand in the left one."""
HEIGHT, HEAD = 1.6, 0.22
"""Height of a chart, and that of its name above the paper."""
ABOVE, BELOW = 0.22, 0.17
"""Room on the paper above and below the values."""
FOOT = 0.42
"""Height of the axis of widths."""
NAME_POINTS, TICK_POINTS, NUMBER_POINTS, TABLE_POINTS = 8.5, 6.8, 6.4, 7.2
PAPER, GRID = "#F5F6F8", "#D9DCE1"

ROW_HEIGHT, COLUMN_ROOM = 0.165, 0.22
"""Height of a row of the table, and space between its columns."""
WIDEST_TABLE = 8.0
"""Wider pages leave space beside the table."""
MOST_ROWS = 60
"""Plans that the table shows."""


@dataclass(frozen=True)
class Chart:
    """One figure of all plans over their widths.

    Attributes:
        name: what the figure is.
        colour: of its marks.
        powers: the figure of each plan, as a power of ten.
        proven: for each plan, whether it is proven that nothing is below.
        scale: from powers to heights.
    """

    name: str
    colour: str
    powers: tuple[float, ...]
    proven: tuple[bool, ...]
    scale: Scale

    def y(self, power: float) -> float:
        """How far below the upper edge of the chart a power of ten stands, in inches."""
        return HEIGHT - BELOW - self.scale.part(power) * (HEIGHT - HEAD - ABOVE - BELOW)


def draw_chart(axes: Axes, chart: Chart, columns: Columns) -> None:
    """Draw one chart on axes in inches."""
    text(axes, (LEFT, 0.11), chart.name, NAME_POINTS, chart.colour, ha="left", weight="bold")
    area(axes, (LEFT, HEAD), (columns.size, HEIGHT - HEAD), PAPER)
    _draw_widths(axes, columns)
    for power, content in chart.scale.ticks:
        y = chart.y(power)
        line(axes, [(LEFT, y), (LEFT + columns.size, y)], GRID, 0.6, zorder=0.5)
        text(axes, (LEFT - 0.07, y), content, TICK_POINTS, GREY, ha="right")
    places = [(LEFT + x, chart.y(power)) for x, power in zip(columns.places, chart.powers, strict=True)]
    if len(columns.centres) > 1:
        _draw_step(axes, places, LEFT + columns.size, chart.colour)
    for number, place in enumerate(places):
        _draw_plan(axes, number, place, chart)


def _draw_widths(axes: Axes, columns: Columns) -> None:
    """A line for the only plan of a width, a band for several."""
    for width, centre in columns.centres.items():
        room = PITCH * columns.counts[width] + 0.06
        if columns.counts[width] > 1:
            area(axes, (LEFT + centre - room / 2, HEAD), (room, HEIGHT - HEAD), tint(GRID, 0.45), zorder=0.2)
        else:
            line(axes, [(LEFT + centre, HEAD), (LEFT + centre, HEIGHT)], GRID, 0.6, zorder=0.5)


def _draw_step(axes: Axes, places: Sequence[Point], end: float, colour: str) -> None:
    """The least value of all plans up to each width."""
    corners = [(x, -height) for x, height in record([(x, -y) for x, y in places])]
    line(axes, [*corners, (end, corners[-1][1])], colour, 1.5, zorder=2, solid_joinstyle="miter")


def _draw_plan(axes: Axes, number: int, place: Point, chart: Chart) -> None:
    filled = chart.proven[number]
    disc(axes, place, RADIUS, chart.colour if filled else "white", chart.colour, zorder=4)
    text(axes, place, str(number), NUMBER_POINTS, "white" if filled else INK, weight="bold" if filled else "normal")
    if chart.powers[number] == ENDLESS:
        text(axes, (place[0], place[1] - RADIUS - 0.06), "↑", NUMBER_POINTS, chart.colour, weight="bold")


def draw_foot(axes: Axes, columns: Columns, name: str) -> None:
    """Draw the axis of widths on axes in inches."""
    line(axes, [(LEFT, 0.0), (LEFT + columns.size, 0.0)], GREY, 0.8)
    for x in columns.ticks:
        line(axes, [(LEFT + x, 0.0), (LEFT + x, 0.03)], GREY, 0.8)
    for width, centre in columns.centres.items():
        line(axes, [(LEFT + centre, 0.0), (LEFT + centre, 0.06)], INK, 0.9)
        text(axes, (LEFT + centre, 0.13), str(width), TICK_POINTS + 0.7, INK)
    text(axes, (LEFT + columns.size / 2, 0.32), name, NAME_POINTS - 0.5, INK)


def table_size(rows: Sequence[Sequence[str]], page: float) -> Point:
    """Width and height of the table on a page of this width."""
    shown = min(len(rows), MOST_ROWS) + 1 + (len(rows) > MOST_ROWS)
    return max(min(page, WIDEST_TABLE), sum(_column_widths(rows))), ROW_HEIGHT * shown + 0.05


def draw_table(axes: Axes, rows: Sequence[Sequence[str]], width: float) -> None:
    """Draw the table of the plans on axes in inches: numbers end where their column does, words begin there."""
    ends = _column_ends(rows, width)
    _draw_row(axes, HEADER, ends, 0.5 * ROW_HEIGHT, GREY)
    line(axes, [(0.05, ROW_HEIGHT + 0.01), (width, ROW_HEIGHT + 0.01)], GRID, 0.8)
    for position, row in enumerate(rows[:MOST_ROWS]):
        _draw_row(axes, row, ends, (position + 1.5) * ROW_HEIGHT + 0.03, INK)
    if len(rows) > MOST_ROWS:
        place = (0.05, (MOST_ROWS + 1.5) * ROW_HEIGHT + 0.03)
        text(axes, place, f"and {counted(len(rows) - MOST_ROWS, 'more plan')}", TABLE_POINTS, GREY, ha="left")


def _draw_row(axes: Axes, row: Sequence[str], ends: Sequence[float], y: float, colour: str) -> None:
    for content, end in zip(row, ends, strict=False):
        text(axes, (end, y), content, TABLE_POINTS, colour, ha="right")
    text(axes, (ends[-1] + COLUMN_ROOM, y), row[-1], TABLE_POINTS, colour, ha="left")


def _column_widths(rows: Sequence[Sequence[str]]) -> list[float]:
    columns = zip(HEADER, *rows[:MOST_ROWS], strict=True)
    first, *others = [max(text_width(content, TABLE_POINTS) for content in column) for column in columns]
    return [first + 0.05, *(width + COLUMN_ROOM for width in others)]


def _column_ends(rows: Sequence[Sequence[str]], width: float) -> list[float]:
    """Where the columns of numbers end in a table of this width."""
    first, *others, last = _column_widths(rows)
    room = max(0.0, width - first - sum(others) - last) / len(others)
    return list(itertools.accumulate([first, *(other + room for other in others)]))
