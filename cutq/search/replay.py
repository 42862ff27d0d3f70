"""The choices of a sweep taken again in plain Python: what the compiled loops do to one state, and what it means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cutq.search.cuts import Cuts, Star
from cutq.search.frontier import Choice
from cutq.search.sweep import Sweep


class Fragment:
    """A fragment while it grows: its width as the sweep counts it, its live qubits, and the slots of its live wires."""

    def __init__(self, slot: int, width: int) -> None:
        self.slots, self.width, self.live = {slot}, width, width


class OpenStar:
    """A star that may still be joined: its units so far, and the fragment on its far side."""

    def __init__(self, unit: int, hub: int, far: Fragment) -> None:
        self.units, self.hub, self.far = [unit], hub, far


def replayed(sweep: Sweep, choices: Iterable[Choice], max_qubits: int, *, release: bool = False) -> Cuts:
    """The cuts that these choices are.

    Args:
        sweep: the sweep.
        choices: what it does, where it does more than leave a unit whole.
        max_qubits: most qubits of a fragment.
        release: whether qubits are used again.

    Raises:
        AssertionError: a fragment is wider than that; the compiled sweep would not have come here.
    """
    replay = _Replay(sweep, max_qubits, release)
    by_step = {choice.step: choice for choice in choices}
    for step in range(len(sweep.order)):
        replay.step(step, by_step.get(step))
    return replay.cuts()


class _Replay:
    """The state: which fragment each slot is in, and which stars are open at it."""

    def __init__(self, sweep: Sweep, max_qubits: int, release: bool) -> None:
        self.sweep, self.max_qubits, self.release = sweep, max_qubits, release
        self.fragments: dict[int, Fragment] = {}
        self.waiting: dict[int, Fragment] = {}
        """Fragments without live wires that a star is open to, by the slot that the compiled loops keep them in."""
        self.open: dict[int, list[OpenStar]] = {}
        self.last: dict[int, int] = {}
        self.cut_behind: set[int] = set()
        """Wires that were cut just behind their last step."""
        self.units: dict[int, int] = {}
        self.seams: set[tuple[int, int]] = set()
        self.stars: list[OpenStar] = []

    def step(self, step: int, choice: Choice | None) -> None:
        """One step; None leaves its unit whole."""
        tables, index = self.sweep.tables, self.sweep.order[step]
        unit, legs = self.sweep.problem.units[index], range(tables.legs[step], tables.legs[step + 1])
        slots = [int(tables.slot[leg]) for leg in legs]
        cut = [position for position in range(len(slots)) if choice and (choice.cut >> position) & 1]
        for position, (leg, slot) in enumerate(zip(legs, slots, strict=True)):
            if unit.wires[position] in self.cut_behind:
                self.cut_behind.remove(unit.wires[position])
                self.seams.add(self._seam(index, position))
            if position in cut and not self.release:
                self.seams.add(self._seam(index, position))
                self._leave(slot, int(tables.size[leg]))
            if slot not in self.fragments:
                self.fragments[slot] = Fragment(slot, int(tables.size[leg]))
            if not tables.goes_on[leg]:
                self.open.pop(slot, None)
        self.last.update(dict.fromkeys(unit.wires, index))
        option = self.sweep.options[choice.option] if choice else self.sweep.options[tables.options[step]]
        blocks = option.way.blocks if option.way else (tuple(range(len(slots))),)
        for block in blocks:
            for position in block[1:]:
                self._unite(self.fragments[slots[block[0]]], self.fragments[slots[position]])
        if option.way is None:
            whole = self.fragments[slots[0]]
            self._widened(
                whole, max(whole.width, whole.live + unit.width) if self.release else whole.width + unit.width
            )
        else:
            self.units[index] = next(k for k, way in enumerate(unit.ways) if way.blocks == blocks)
        if option.hub >= 0:
            assert choice is not None
            self._star(index, unit.wires[option.hub], slots[option.hub], slots[1 - option.hub], option.joins, choice)
        behind = [position for position in cut if self.release]
        self.cut_behind.update(unit.wires[position] for position in behind)
        self._end(legs, behind)

    def cuts(self) -> Cuts:
        """All that was cut."""
        stars = tuple(Star(tuple(sorted(star.units)), star.hub) for star in self.stars if len(star.units) > 1)
        return Cuts(self.units, frozenset(self.seams), stars)

    def _seam(self, index: int, position: int) -> tuple[int, int]:
        """The seam just before a unit; a backward sweep cuts behind it, before the unit that it took last there."""
        if not self.sweep.backward:
            return index, position
        wire = self.sweep.problem.units[index].wires[position]
        later = self.last[wire]
        return later, self.sweep.problem.units[later].wires.index(wire)

    def _star(self, unit: int, wire: int, hub: int, far: int, joins: bool, choice: Choice) -> None:
        """Open a star between a hub and a fragment, or join one that is open, tying the fragments on its far side."""
        if not joins:
            self.stars.append(OpenStar(unit, wire, self.fragments[far]))
            self.open.setdefault(hub, []).append(self.stars[-1])
            return
        target = self.fragments.get(choice.target) or self.waiting[choice.target]
        star = next(star for star in self.open[hub] if star.far is target)
        star.units.append(unit)
        self._unite(self.fragments[far], target)

    def _unite(self, one: Fragment, other: Fragment) -> None:
        if one is other:
            return
        one.slots |= other.slots
        if self.release:
            first, second = max(one.width, one.live + other.width), max(other.width, other.live + one.width)
            self._widened(one, min(first, second))
        else:
            self._widened(one, one.width + other.width)
        one.live += other.live
        self.fragments.update(dict.fromkeys(other.slots, one))
        self.waiting = {slot: fragment for slot, fragment in self.waiting.items() if fragment is not other}
        for star in self.stars:
            star.far = one if star.far is other else star.far

    def _widened(self, fragment: Fragment, width: int) -> None:
        fragment.width = width
        assert fragment.width <= self.max_qubits, f"a fragment of {fragment.width} qubits, more than {self.max_qubits}"

    def _leave(self, slot: int, size: int) -> None:
        """A wire leaves its fragment: cut off, or at its end."""
        fragment = self.fragments.pop(slot)
        self.open.pop(slot, None)
        fragment.slots.remove(slot)
        fragment.live -= size
        if not fragment.slots and fragment.width < self.max_qubits and self._wanted(fragment):
            free = next(place for place in range(self.sweep.width, 10**6) if place not in self.waiting)
            self.waiting[free] = fragment

    def _wanted(self, fragment: Fragment) -> bool:
        return any(star.far is fragment for stars in self.open.values() for star in stars)

    def _end(self, legs: Sequence[int], behind: Sequence[int]) -> None:
        tables = self.sweep.tables
        for position, leg in enumerate(legs):
            if tables.hub_ends[leg]:
                self.open.pop(int(tables.slot[leg]), None)
            if tables.ends[leg] or position in behind:
                self._leave(int(tables.slot[leg]), int(tables.size[leg]))
        self.waiting = {slot: fragment for slot, fragment in self.waiting.items() if self._wanted(fragment)}
