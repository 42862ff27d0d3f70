"""Windows: two neighbouring fragments taken out of a plan as a small problem of their own, to be solved exactly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace

from cutq.search.cuts import Cuts, Fragments
from cutq.search.problem import Problem, Seam, Unit

Pair = frozenset[Hashable]
"""Two fragments."""


@dataclass(frozen=True)
class Window:
    """A part of a problem.

    Attributes:
        problem: the part, as a problem.
        units: for each of its units the position in the whole.
        seams: for each seam (unit, position of the wire) of the part that of the whole.
        known: what the whole plan cuts inside the window.
    """

    problem: Problem
    units: tuple[int, ...]
    seams: Mapping[tuple[int, int], tuple[int, int]]
    known: Cuts


def neighbours(fragments: Fragments) -> list[Pair]:
    """Pairs of fragments that some cut separates, those that pay most for it first."""
    paid: dict[Pair, float] = defaultdict(float)
    units, pieces, home = fragments.problem.units, fragments.pieces, fragments.home
    for index, way in fragments.cuts.units.items():
        ends = frozenset(home[segment] for segment in pieces[index])
        if len(ends) == 2:
            paid[ends] += units[index].ways[way].price
    for index, position in fragments.cuts.seams:
        wire, piece = pieces[index][position]
        seam = units[index].seams[position]
        ends = frozenset((home[wire, piece - 1], home[wire, piece]))
        if len(ends) == 2 and seam is not None:
            paid[ends] += seam.price
    return sorted(paid, key=lambda pair: (-paid[pair], sorted(map(str, pair))))


def window(fragments: Fragments, pair: Pair) -> Window:
    """The units whose segments are all in these two fragments; what leaves them stays cut."""
    builder = _Builder(fragments, pair)
    for index, unit in enumerate(fragments.problem.units):
        builder.add(index, unit)
    whole = fragments.problem
    part = Problem(tuple(builder.units), tuple(builder.widths), loads=whole.loads, star=whole.star)
    return Window(part, tuple(builder.numbers), builder.seams, builder.cuts())


def put_back(fragments: Fragments, pair: Pair, part: Window, cuts: Cuts) -> Cuts:
    """The whole plan with other cuts inside the window."""
    inside = set(_inside(fragments, pair))
    numbers = set(part.units)
    units = {index: way for index, way in fragments.cuts.units.items() if index not in numbers}
    units |= {part.units[index]: way for index, way in cuts.units.items()}
    return Cuts(units, (fragments.cuts.seams - inside) | {part.seams[seam] for seam in cuts.seams})


def _inside(fragments: Fragments, pair: Pair) -> Iterator[tuple[int, int]]:
    for index, position in fragments.cuts.seams:
        wire, piece = fragments.pieces[index][position]
        if {fragments.home[wire, piece - 1], fragments.home[wire, piece]} <= pair:
            yield index, position


class _Builder:
    """Reads the units of a window; the short-lived state of :func:`window`."""

    def __init__(self, fragments: Fragments, pair: Pair) -> None:
        self.fragments, self.pair = fragments, pair
        self.units: list[Unit] = []
        self.numbers: list[int] = []
        self.widths: list[int] = []
        self.seams: dict[tuple[int, int], tuple[int, int]] = {}
        self.ways: dict[int, int] = {}
        self.cut: set[tuple[int, int]] = set()
        self.wire: dict[int, int | None] = {}
        """By wire of the whole the wire of the part that it is now; None while it is outside."""
        self.begun: set[int] = set()
        self.broken: set[int] = set()
        """Wires of the part that are cut since their last unit."""
        self.open: dict[int, tuple[Seam, tuple[int, int]]] = {}
        """By wire of the part the cheapest seam since its last unit."""

    def add(self, index: int, unit: Unit) -> None:
        fragments = self.fragments
        segments = fragments.pieces[index]
        for position, segment in enumerate(segments):
            self._pass(index, position, segment, unit.seams[position])
        if not all(fragments.home[segment] in self.pair for segment in segments):
            return
        if index in fragments.cuts.units:
            self.ways[len(self.units)] = fragments.cuts.units[index]
        own: list[tuple[int, Seam | None, int]] = []
        for position, (wire, _) in enumerate(segments):
            name = self.wire[wire]
            assert name is not None
            seam, origin = self.open.pop(name, (None, (index, position))) if name in self.begun else (None, (0, 0))
            self.open.pop(name, None)
            self.begun.add(name)
            if seam is not None and name in self.broken:
                self.cut.add((len(self.units), position))
            self.broken.discard(name)
            self.seams[len(self.units), position] = origin
            own.append((name, seam, position))
        self.units.append(replace(unit, wires=tuple(name for name, _, _ in own), seams=tuple(s for _, s, _ in own)))
        self.numbers.append(index)

    def cuts(self) -> Cuts:
        """What is cut inside the window."""
        return Cuts(self.ways, frozenset(self.cut))

    def _pass(self, index: int, position: int, segment: tuple[int, int], seam: Seam | None) -> None:
        """Follow a wire to its next unit: into the window, on inside it, or out of it."""
        wire = segment[0]
        cut = (index, position) in self.fragments.cuts.seams
        if self.fragments.home[segment] not in self.pair:
            self.wire[wire] = None
            return
        name = self.wire.get(wire)
        if name is None:
            self.wire[wire] = name = len(self.widths)
            self.widths.append(self.fragments.problem.widths[wire])
        elif seam is not None:
            if cut:
                self.broken.add(name)
            if name not in self.open or seam.price < self.open[name][0].price:
                self.open[name] = (seam, (index, position))
