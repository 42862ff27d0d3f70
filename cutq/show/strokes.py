"""The few strokes of which all pictures are made, on axes whose unit is the inch and whose y points down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, FancyBboxPatch, Rectangle

from cutq.show.glyphs import clipped
from cutq.show.palette import CUT

Point = tuple[float, float]

BADGE_POINTS = 6.4
"""Letter size of bond numbers."""

LONGEST_TEXT = 400


def line(axes: Axes, points: Sequence[Point], colour: str, width: float = 1.0, **style: Any) -> None:
    """A line through points; the width is in points."""
    x, y = zip(*points, strict=True)
    axes.add_artist(Line2D(x, y, color=colour, linewidth=width, clip_on=False, **style))


def box(axes: Axes, centre: Point, size: Point, fill: str, edge: str, **style: Any) -> None:
    """A box with slightly round corners around a centre."""
    (x, y), (width, height) = centre, size
    style = {"linewidth": 1.1, "zorder": 3, **style}
    corner = (x - width / 2, y - height / 2)
    shape = "round,pad=0,rounding_size=0.04"
    patch = FancyBboxPatch(
        corner, width, height, boxstyle=shape, facecolor=fill, edgecolor=edge, clip_on=False, **style
    )
    axes.add_artist(patch)


def area(axes: Axes, corner: Point, size: Point, fill: str, zorder: float = 0.0) -> None:
    """A rectangle without outline, from its upper left corner."""
    axes.add_artist(Rectangle(corner, *size, facecolor=fill, edgecolor="none", zorder=zorder, clip_on=False))


def disc(axes: Axes, centre: Point, radius: float, fill: str, edge: str, zorder: float = 3) -> None:
    """A disc."""
    patch = Circle(centre, radius, facecolor=fill, edgecolor=edge, linewidth=1.1, zorder=zorder, clip_on=False)
    axes.add_artist(patch)


def text(axes: Axes, place: Point, content: str, points: float, colour: str, **style: Any) -> None:
    """A text, centred unless the style says otherwise; never read as mathematics."""
    style = {"ha": "center", "va": "center", "zorder": 5, **style}
    clean = "\n".join(clipped(row, LONGEST_TEXT) for row in content.split("\n"))
    axes.text(*place, clean, fontsize=points, color=colour, clip_on=False, parse_math=False, **style)


def badge(axes: Axes, place: Point, number: int, colour: str = CUT) -> None:
    """The number of a bond on its cut."""
    frame = {
        "boxstyle": "round,pad=0.22,rounding_size=0.6",
        "facecolor": colour,
        "edgecolor": "white",
        "linewidth": 0.7,
    }
    text(axes, place, str(number), BADGE_POINTS, "white", weight="bold", bbox=frame, zorder=7)


def scissors(axes: Axes, tip: Point, towards: Point, colour: str = CUT, size: float = 0.16) -> None:
    """Open scissors whose blades meet near the tip and point in a direction, a unit vector."""
    (x, y), (dx, dy) = tip, towards

    def place(along: float, across: float) -> Point:
        return x - size * (along * dx + across * dy), y - size * (along * dy - across * dx)

    for side in (-1, 1):
        line(
            axes,
            [place(0.78, 0.24 * side), place(0.0, -0.24 * side)],
            colour,
            0.9,
            zorder=6,
            solid_capstyle="round",
        )
        ring = Circle(place(0.95, 0.33 * side), 0.2 * size, fill=False, edgecolor=colour, linewidth=0.9, zorder=6)
        axes.add_artist(ring)
