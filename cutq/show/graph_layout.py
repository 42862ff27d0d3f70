"""Where the fragments and their links stand: chains in rows, stars around their hub, the rest in rings."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from cutq.network.network import Network
from cutq.network.plan import magnitude

Point = tuple[float, float]
Ends = tuple[int, int]

NODE = (0.95, 0.46)
"""Width and height of a fragment, in inches."""
SMALL_NODE = (0.36, 0.26)
"""The same where there are too many for words."""
STEP = (2.2, 1.0)
"""Distances of neighbours in a row, at least, and of rows."""
SMALL_STEP = (0.62, 0.52)

LARGEST_RING, MOST_FRAGMENTS, LARGEST_SMALL_RING = 14, 60, 80
"""Beyond the first two fragments are drawn small, beyond the third in a grid."""


@dataclass(frozen=True)
class Link:
    """All bonds between the same two fragments, or from a fragment to itself.

    Attributes:
        ends: the two fragments, the smaller number first.
        bonds: positions of the bonds.
        dim: product of their dimensions.
        log_gamma: decimal logarithm of the product of their gammas.
    """

    ends: Ends
    bonds: tuple[int, ...]
    dim: int
    log_gamma: float

    @property
    def label(self) -> str:
        """Its bonds, dimension and gamma in two rows."""
        count = f"{len(self.bonds)} bonds" if len(self.bonds) > 1 else f"bond {self.bonds[0]}"
        return f"{count}\ndim {magnitude(self.dim)}, gamma {gamma_text(self.log_gamma)}"


@dataclass(frozen=True)
class Arrangement:
    """Where the fragments stand, in inches from the upper left corner.

    Attributes:
        places: the middle of each fragment.
        small: whether fragments are drawn small and links without words.
        size: width and height of the whole.
    """

    places: Mapping[int, Point]
    small: bool
    size: Point

    @property
    def node(self) -> Point:
        """Width and height of a fragment."""
        return SMALL_NODE if self.small else NODE


def gamma_text(log_gamma: float) -> str:
    """A gamma from its decimal logarithm, in a few digits, at last as a power of ten.

    >>> gamma_text(math.log10(81)), gamma_text(4500.0)
    ('81', '1e+4500')
    """
    if log_gamma >= 300:
        return f"1e+{math.floor(log_gamma)}"
    digits = ".4g" if log_gamma < 4 else ".0f" if log_gamma < 6 else ".3g"
    return f"{10**log_gamma:{digits}}"


def links(network: Network) -> tuple[Link, ...]:
    """Parallel bonds taken together, by their ends."""
    found: dict[Ends, list[int]] = {}
    for position, bond in enumerate(network.bonds):
        found.setdefault((min(bond.ends), max(bond.ends)), []).append(position)
    return tuple(_link(network, ends, tuple(found[ends])) for ends in sorted(found))


def _link(network: Network, ends: Ends, positions: tuple[int, ...]) -> Link:
    bonds = [network.bonds[position] for position in positions]
    dim = math.prod(math.prod(bond.dims) for bond in bonds)
    return Link(ends, positions, dim, sum(math.log10(bond.gamma) for bond in bonds))


def arrange(num_fragments: int, ends: Iterable[Ends], room: Point, label: float = 1.0) -> Arrangement:
    """Places for fragments linked like this, no wider than the room where that is possible.

    Chains run in rows, in a room higher than wide in columns. Neighbours leave room for a label's width.

    >>> arrange(3, [(0, 1), (1, 2)], (8.0, 2.0)).size
    (5.95, 1.13)
    """
    graph = nx.Graph()
    graph.add_nodes_from(range(num_fragments))
    graph.add_edges_from(pair for pair in ends if pair[0] != pair[1])
    parts = sorted(map(sorted, nx.connected_components(graph)))
    rings = [len(part) for part in parts if not _is_path(graph, part)]
    small = num_fragments > MOST_FRAGMENTS or max(rings, default=0) > LARGEST_RING
    step = SMALL_STEP if small else (max(STEP[0], NODE[0] + label + 0.2), STEP[1])
    return _packed([_places(graph, part, step, room) for part in parts], small, room[0])


def _packed(parts: Sequence[Mapping[int, Point]], small: bool, room: float) -> Arrangement:
    """Connected parts side by side in shelves."""
    node, gap = (SMALL_NODE, 0.16) if small else (NODE, 0.4)
    places: dict[int, Point] = {}
    left, top, shelf, width = gap / 2, 0.0, 0.0, 0.0
    for part in parts:
        wide, high = (max(place[axis] for place in part.values()) + node[axis] + gap for axis in (0, 1))
        if left + wide > room and left > gap / 2:
            left, top, shelf = gap / 2, top + shelf, 0.0
        places |= {f: (left + x + node[0] / 2, top + y + (node[1] + gap) / 2) for f, (x, y) in part.items()}
        left, shelf = left + wide, max(shelf, high)
        width = max(width, left)
    lifted = {f: (x, y + (0.0 if small else 0.27)) for f, (x, y) in places.items()}
    height = round(top + shelf + (0.0 if small else 0.27), 9)
    return Arrangement(dict(sorted(lifted.items())), small, (round(width, 9), height))


def _is_path(graph: nx.Graph, part: Sequence[int]) -> bool:
    degrees: list[int] = [graph.degree(f) for f in part]
    return sum(degrees) == 2 * (len(part) - 1) and max(degrees) <= 2


def _places(graph: nx.Graph, part: list[int], step: Point, room: Point) -> dict[int, Point]:
    """Places of one connected part, smallest coordinates 0."""
    hub = max(part, key=graph.degree)
    if _is_path(graph, part):
        found = _snake(_path_order(graph, part), step, room)
    elif graph.degree(hub) == len(part) - 1 == graph.subgraph(part).number_of_edges():
        found = _ring([f for f in part if f != hub], step) | {hub: (0.0, 0.0)}
    elif len(part) <= LARGEST_SMALL_RING:
        found = _ring(ring_order(graph, part), step)
    else:
        order = list(itertools.chain.from_iterable(nx.bfs_layers(graph, hub)))
        found = _snake(order, step, (min(room[0], step[0] * 1.3 * math.sqrt(len(part))), 0.0))
    left, top = (min(place[axis] for place in found.values()) for axis in (0, 1))
    return {f: (x - left, y - top) for f, (x, y) in found.items()}


def _path_order(graph: nx.Graph, part: list[int]) -> list[int]:
    start = min((f for f in part if graph.degree(f) < 2), default=part[0])
    return list(nx.dfs_preorder_nodes(graph.subgraph(part), start))


def _snake(order: Sequence[int], step: Point, room: Point) -> dict[int, Point]:
    """A chain in rows that run right and left in turn; in a high room in columns that run down and up."""
    long, short = (1, 0) if room[1] > room[0] else (0, 1)
    most = max(2, 1 + int((room[long] - NODE[long] - 0.4) / step[long]))
    found = {}
    for position, fragment in enumerate(order):
        row, along = divmod(position, most)
        steps = {long: most - 1 - along if row % 2 else along, short: row}
        found[fragment] = (steps[0] * step[0], steps[1] * step[1])
    return found


def _ring(order: Sequence[int], step: Point) -> dict[int, Point]:
    """An ellipse: its points are in convex position, so that no link runs through a third fragment."""
    radius = step[0] / 2 / math.sin(math.pi / max(3, len(order)))
    flat = 0.62 if len(order) > 4 else 0.75
    turns = [2 * math.pi * (k - 0.5) / len(order) - math.pi / 2 for k in range(len(order))]
    return {f: (radius * math.cos(t), flat * radius * math.sin(t)) for f, t in zip(order, turns, strict=True)}


def ring_order(graph: nx.Graph, part: Sequence[int]) -> list[int]:
    """An order around a ring in which linked fragments are near each other, by exchanges that help."""
    order = list(nx.dfs_preorder_nodes(graph.subgraph(part), min(part)))
    edges = list(graph.subgraph(part).edges)
    best = _length(order, edges)
    for _ in range(8 if len(part) <= LARGEST_RING else 0):
        before = best
        for one, two in itertools.combinations(range(len(order)), 2):
            order[one], order[two] = order[two], order[one]
            length = _length(order, edges)
            if length < best:
                best = length
            else:
                order[one], order[two] = order[two], order[one]
        if best == before:
            break
    return order


def _length(order: Sequence[int], edges: Sequence[Ends]) -> int:
    """How far around the ring all links run together."""
    at = {f: position for position, f in enumerate(order)}
    gaps = (abs(at[one] - at[two]) for one, two in edges)
    return sum(min(gap, len(order) - gap) for gap in gaps)
