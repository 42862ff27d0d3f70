"""Pages: panels pasted at their corners, and their content as a file; the same page gives the same bytes."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutq.show.captions import wrapped
from cutq.show.palette import GREY, INK
from cutq.show.strokes import Point, text

NARROWEST = 7.0
"""Width of the smallest picture, in inches."""
MARGIN, GAP, SMALL_GAP = 0.2, 0.22, 0.08
HEADING_POINTS, FACTS_POINTS, READING_POINTS = 11.5, 8.5, 7.0

DPI, MOST_PIXELS = 160, 16_000_000
"""Pixels per inch, fewer where a picture would have more pixels than this."""


@dataclass(frozen=True)
class Panel:
    """A part of the picture.

    Attributes:
        size: its width and height, in inches.
        draw: what draws it on axes of that size.
    """

    size: Point
    draw: Callable[[Axes], None]


def title(heading: str, facts: str, width: float) -> Panel:
    """A heading with a line of facts below."""
    return _lines([(heading, HEADING_POINTS, INK), (facts, FACTS_POINTS, GREY)], width)


def legend(content: str, width: float) -> Panel:
    """How to read a picture."""
    return _lines([(content, READING_POINTS, GREY)], width)


def _lines(paragraphs: list[tuple[str, float, str]], width: float) -> Panel:
    """A panel of text: (text, letter size, colour) for each paragraph."""
    rows = [(row, points, ink) for content, points, ink in paragraphs for row in wrapped(content, width, points)]

    def write(axes: Axes) -> None:
        y = 0.0
        for row, points, ink in rows:
            y += points * 1.5 / 72
            weight = "bold" if points == HEADING_POINTS else "normal"
            text(axes, (0.05, y), row, points, ink, ha="left", va="bottom", weight=weight)

    return Panel((width, sum(points * 1.5 / 72 for _, points, _ in rows)), write)


def pasted(panels: Sequence[Panel], corners: Sequence[Point]) -> Figure:
    """Panels at their upper left corners; the unit of all axes is the inch, their origin that corner."""
    shown = [(panel, corner) for panel, corner in zip(panels, corners, strict=True) if min(panel.size) > 0]
    wide, high = (max(c[axis] + panel.size[axis] for panel, c in shown) + 2 * MARGIN for axis in (0, 1))
    picture = Figure(figsize=(wide, high), facecolor="white")
    for panel, (left, top) in shown:
        width, height = panel.size
        place = ((MARGIN + left) / wide, 1 - (MARGIN + top + height) / high, width / wide, height / high)
        axes = picture.add_axes(place, xlim=(0, width), ylim=(height, 0))
        axes.set_axis_off()
        panel.draw(axes)
    return picture


def rendered(figure: Callable[[], Figure], kind: str) -> bytes:
    """The figure that is made, whatever the user's settings, as a file's content; kind is ``"svg"`` or ``"png"``."""
    defaults = {key: value for key, value in matplotlib.rcParamsDefault.items() if not key.startswith("backend")}
    settings: dict[Any, Any] = {**defaults, "svg.fonttype": "none", "svg.hashsalt": "cutq"}
    buffer = io.BytesIO()
    with matplotlib.rc_context(settings):
        picture = figure()
        width, height = picture.get_size_inches()
        dpi = min(DPI, math.sqrt(MOST_PIXELS / (width * height)))
        picture.savefig(buffer, format=kind, dpi=dpi, metadata={"Date": None} if kind == "svg" else None)
    return buffer.getvalue()
