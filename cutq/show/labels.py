"""Places for the labels of links such that none covers another, a fragment or another link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cutq.show.graph_layout import Arrangement, Link, Point
from cutq.show.sheet import text_width

LABEL_POINTS = 7.0
"""Letter size of labels."""
LABEL_HEIGHT = 0.28
"""Height of a label of two rows."""

ALONG = (0.5, 0.42, 0.58, 0.35, 0.65, 0.28, 0.72, 0.22, 0.78)
"""Where on its link a label is tried, as shares of the link."""


@dataclass(frozen=True)
class Label:
    """The label of a link.

    Attributes:
        link: the link.
        place: its middle.
        size: its width and height.
    """

    link: Link
    place: Point
    size: Point

    def meets(self, place: Point, size: Point) -> bool:
        """Whether it covers part of a box around a place."""
        return all(abs(self.place[axis] - place[axis]) < (self.size[axis] + size[axis]) / 2 for axis in (0, 1))


def label_size(link: Link) -> Point:
    """Width and height of a link's label."""
    return max(text_width(row, LABEL_POINTS) for row in link.label.split("\n")) + 0.06, LABEL_HEIGHT


def place_labels(found: Sequence[Link], arrangement: Arrangement) -> dict[Link, Label]:
    """Labels for the links that have room for one; links of small fragments have none."""
    placed: dict[Link, Label] = {}
    for link in () if arrangement.small else found:
        free = [
            label
            for label in _candidates(link, arrangement.places)
            if not any(label.meets(place, arrangement.node) for place in arrangement.places.values())
            and not any(label.meets(other.place, other.size) for other in placed.values())
        ]
        clear = next((label for label in free if not _crossed(label, found, arrangement.places)), None)
        if clear:
            placed[link] = clear
    return placed


def _candidates(link: Link, places: Mapping[int, Point]) -> list[Label]:
    size = label_size(link)
    (x0, y0), (x1, y1) = (places[f] for f in link.ends)
    if link.ends[0] == link.ends[1]:
        return [Label(link, (x0, y0 - 0.57), size)]
    lifts = (0.19, -0.21) if abs(y0 - y1) < 0.01 else (0.0,)
    return [Label(link, (x0 + t * (x1 - x0), y0 + t * (y1 - y0) - lift), size) for lift in lifts for t in ALONG]


def _crossed(label: Label, found: Sequence[Link], places: Mapping[int, Point]) -> bool:
    """Whether another link runs through the label."""
    others = [link for link in found if link != label.link]
    return any(
        label.meets((x0 + k / 40 * (x1 - x0), y0 + k / 40 * (y1 - y0)), (0.0, 0.0))
        for (x0, y0), (x1, y1) in ([places[f] for f in link.ends] for link in others)
        for k in range(41)
    )
