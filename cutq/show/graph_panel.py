"""The fragment graph: fragments with their widths, links with the dimension and gamma of their bonds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import Ellipse

from cutq.network.network import Network
from cutq.show.graph_layout import Arrangement, Link, arrange, links
from cutq.show.labels import LABEL_POINTS, Label, label_size, place_labels
from cutq.show.palette import GREY, INK, fragment_colour, tint
from cutq.show.strokes import box, line, text

MOST_ROWS = 12
"""Links without a label that are listed below the graph."""
ROW_HEIGHT = 0.16


@dataclass(frozen=True)
class GraphPicture:
    """Everything that is drawn of a fragment graph.

    Attributes:
        widths: qubits of each fragment.
        links: the links.
        arrangement: where the fragments stand.
        labels: the links' labels, where they have room.
        rows: lines of text for the links that have no label.
    """

    widths: tuple[int, ...]
    links: tuple[Link, ...]
    arrangement: Arrangement
    labels: dict[Link, Label]
    rows: tuple[str, ...]

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the panel, in inches."""
        width, height = self.arrangement.size
        return max(width, 4.0 if self.rows else 1.0), height + ROW_HEIGHT * len(self.rows) + 0.15


def graph_picture(network: Network, room: tuple[float, float]) -> GraphPicture:
    """The picture of a network's fragment graph, in a panel about as large as the room."""
    found = links(network)
    widest = max((label_size(link)[0] for link in found), default=1.0)
    arrangement = arrange(len(network.fragments), [link.ends for link in found], room, widest)
    labels = place_labels(found, arrangement)
    return GraphPicture(
        network.widths, found, arrangement, labels, table([link for link in found if link not in labels])
    )


def table(found: Sequence[Link]) -> tuple[str, ...]:
    """Links as lines of text, those of the largest gamma first.

    >>> table([Link((0, 2), (4,), 2, math.log10(3))])
    ('F0 - F2: bond 4, dim 2, gamma 3',)
    """
    costly = sorted(found, key=lambda link: (-round(link.log_gamma, 9), link.ends))
    rows = [f"F{link.ends[0]} - F{link.ends[1]}: {link.label}".replace("\n", ", ") for link in costly[:MOST_ROWS]]
    more = [f"and {len(found) - MOST_ROWS} more links"] if len(found) > MOST_ROWS else []
    return (*rows, *more)


def draw_graph(axes: Axes, picture: GraphPicture) -> None:
    """Draw the fragment graph on axes in inches."""
    for link in picture.links:
        _draw_link(axes, link, picture)
    for fragment in picture.arrangement.places:
        _draw_fragment(axes, fragment, picture)
    for row, content in enumerate(picture.rows):
        place = (0.2, picture.arrangement.size[1] + ROW_HEIGHT * (row + 0.5))
        text(axes, place, content, LABEL_POINTS, INK, ha="left")


def _draw_link(axes: Axes, link: Link, picture: GraphPicture) -> None:
    places = picture.arrangement.places
    width = 0.7 if picture.arrangement.small else min(6.0, 1.4 + 1.1 * math.log2(len(link.bonds)))
    if link.ends[0] == link.ends[1]:
        _draw_loop(axes, places[link.ends[0]], picture.arrangement.node, width)
    else:
        line(axes, [places[f] for f in link.ends], "#9AA1AC", width, zorder=1, solid_capstyle="butt")
    if link in picture.labels:
        frame = {"boxstyle": "square,pad=0.08", "facecolor": "white", "edgecolor": "none", "alpha": 0.9}
        label = picture.labels[link]
        text(axes, label.place, link.label, LABEL_POINTS, INK, bbox=frame, zorder=4, linespacing=1.15)


def _draw_loop(axes: Axes, place: tuple[float, float], node: tuple[float, float], width: float) -> None:
    x, y = place
    loop = Ellipse((x, y - node[1] / 2), 0.45 * node[0], 0.75 * node[1], fill=False, edgecolor=GREY, linewidth=width)
    axes.add_artist(loop)


def _draw_fragment(axes: Axes, fragment: int, picture: GraphPicture) -> None:
    colour, width = fragment_colour(fragment), picture.widths[fragment]
    x, y = picture.arrangement.places[fragment]
    box(axes, (x, y), picture.arrangement.node, tint(colour, 0.7), colour, linewidth=1.6)
    if picture.arrangement.small:
        text(axes, (x, y - 0.045), f"F{fragment}", 5.8, INK, weight="bold")
        text(axes, (x, y + 0.06), f"{width} q", 5.0, INK)
    else:
        text(axes, (x, y - 0.085), f"F{fragment}", 9.0, INK, weight="bold")
        text(axes, (x, y + 0.095), f"{width} qubit{'s' * (width != 1)}", 8.0, INK)
