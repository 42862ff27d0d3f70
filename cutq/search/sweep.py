"""The sweep as arrays: for each unit in turn what may be done, and which wires are live before and after it.

Wires are cut just before a unit: any other wire cut can be moved there. A sweep from the end of time to its start
solves the same problem; it then cuts wires just after a unit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cutq.search.problem import Problem, Seam, Unit, Way

Numbers = NDArray[Any]


class Tables(NamedTuple):
    """A sweep for the kernels, by step, by leg (a wire of a step), by option and by leg of an option.

    Attributes:
        legs: for each step its first leg; one more at the end.
        slot: where the leg's wire is while it is live.
        begins, ends: whether the wire begins or ends with this step.
        near: price of cutting the wire just before this step; infinite where it may not be.
        old, new: factors of the loads of the pieces before and behind that cut.
        far, far_old: price of cutting the wire just behind this step, and the factor of the piece before that cut.
        size: qubits of the wire.
        settled: whether such a cut is never needed where the leg is in a block of its own.
        goes_on: whether the wire's hub is that of its previous step.
        hub_ends: whether it is not that of its next step.
        extra: for each step the qubits it needs besides its wires.
        options: for each step its first option; one more at the end.
        price, strength: of each option.
        hub: the leg of the step that is the hub of a star, or -1.
        joins: whether the option joins a star that is open, instead of opening it.
        places: for each option where its legs begin in ``block`` and ``factor``.
        block: number of the block that the leg is in.
        factor: what the load of the leg's fragment is multiplied by; 1 but for the first leg of a block.
    """

    legs: Numbers
    slot: Numbers
    begins: Numbers
    ends: Numbers
    near: Numbers
    old: Numbers
    new: Numbers
    far: Numbers
    far_old: Numbers
    size: Numbers
    settled: Numbers
    goes_on: Numbers
    hub_ends: Numbers
    extra: Numbers
    options: Numbers
    price: Numbers
    strength: Numbers
    hub: Numbers
    joins: Numbers
    places: Numbers
    block: Numbers
    factor: Numbers


class Option(NamedTuple):
    """What may be done to a unit: nothing (``way`` None), a way to cut it, or to cut it as part of a star.

    Attributes:
        way: the way.
        hub: position of the wire that is the hub of the star, or -1.
        joins: whether the star is there already.
    """

    way: Way | None
    hub: int = -1
    joins: bool = False


@dataclass(frozen=True)
class Sweep:
    """A sweep over a problem.

    Attributes:
        problem: the problem.
        order: the units in the order of the sweep.
        backward: whether that is from the end of time to its start.
        tables: the sweep for the kernels.
        options: the options of all steps, in their order.
        width: how many wires are live at a time at most.
    """

    problem: Problem
    order: tuple[int, ...]
    backward: bool
    tables: Tables
    options: tuple[Option, ...]
    width: int


def sweep(problem: Problem, order: Sequence[int], *, backward: bool = False) -> Sweep:
    """The sweep over the units in this order, a linear extension of time, or from its end to its start."""
    sequence = tuple(order[::-1] if backward else order)
    units = [problem.units[index] for index in sequence]
    builder = _Builder(problem, units, backward)
    builder.run()
    return Sweep(problem, sequence, backward, builder.tables(), tuple(builder.options), builder.width)


class _Builder:
    """Fills the tables step by step; the short-lived state of :func:`sweep`."""

    def __init__(self, problem: Problem, units: Sequence[Unit], backward: bool) -> None:
        self.problem, self.units, self.backward = problem, units, backward
        self.last = {wire: step for step, unit in enumerate(units) for wire in unit.wires}
        self.nearby = _nearby(units, backward)
        self.slots: dict[int, int] = {}
        self.hubs: dict[int, tuple[object, int]] = {}
        self.width = 0
        self.columns: dict[str, list[Any]] = {name: [] for name in Tables._fields}
        self.options: list[Option] = []

    def run(self) -> None:
        for step, unit in enumerate(self.units):
            self._first("legs", "slot")
            self._first("options", "price")
            self._add(extra=unit.width)
            for position, wire in enumerate(unit.wires):
                self._leg(step, unit, position, wire)
            for option in _options(self.problem, unit):
                self._option(unit, option)
            for wire in unit.wires:
                if self.last[wire] == step:
                    del self.slots[wire]
        self._first("legs", "slot")
        self._first("options", "price")

    def tables(self) -> Tables:
        """The columns as arrays."""
        whole = ("legs", "slot", "size", "extra", "options", "hub", "places", "block")
        real = ("near", "old", "new", "far", "far_old", "price", "strength", "factor")
        kinds = {name: np.int64 if name in whole else np.float64 if name in real else np.bool_ for name in self.columns}
        return Tables(**{name: np.array(column, dtype=kinds[name]) for name, column in self.columns.items()})

    def _add(self, **entries: object) -> None:
        for name, entry in entries.items():
            self.columns[name].append(entry)

    def _first(self, name: str, of: str) -> None:
        self.columns[name].append(len(self.columns[of]))

    def _leg(self, step: int, unit: Unit, position: int, wire: int) -> None:
        near, far = self.nearby[step][position]
        begins = wire not in self.slots
        if begins:
            self.slots[wire] = min(set(range(len(self.slots) + 1)) - set(self.slots.values()))
            self.width = max(self.width, self.slots[wire] + 1)
        old, new = near.factors[::-1] if near and self.backward else near.factors if near else (1.0, 1.0)
        price = near.price if near else math.inf
        hub = unit.hubs[position] if position < len(unit.hubs) else None
        before, leg = self.hubs.get(wire, (None, -1))
        goes_on = hub is not None and before == hub
        if goes_on:
            self.columns["hub_ends"][leg] = False
        self._add(
            slot=self.slots[wire],
            begins=begins,
            ends=self.last[wire] == step,
            near=price,
            old=old,
            new=new,
            far=far.price if far else math.inf,
            far_old=far.factors[1 if self.backward else 0] if far else 1.0,
            size=self.problem.widths[wire],
            settled=not self.problem.loads and not unit.width and (far.price if far else 0.0) <= price,
            goes_on=goes_on,
            hub_ends=True,
        )
        self.hubs[wire] = (hub, len(self.columns["slot"]) - 1)

    def _option(self, unit: Unit, option: Option) -> None:
        way = option.way
        blocks = way.blocks if way else (tuple(range(len(unit.wires))),)
        factors = way.factors if way else (1.0,)
        self._add(
            price=way.price if way else 0.0,
            strength=way.strength if way else 0.0,
            hub=option.hub,
            joins=option.joins,
            places=len(self.columns["block"]),
        )
        self.options.append(option)
        where = {leg: block for block, legs in enumerate(blocks) for leg in legs}
        for leg in range(len(unit.wires)):
            self._add(block=where[leg], factor=factors[where[leg]] if leg == blocks[where[leg]][0] else 1.0)


def _nearby(units: Sequence[Unit], backward: bool) -> list[list[tuple[Seam | None, Seam | None]]]:
    """For each step and wire the seams that the sweep meets just before it and just after it; None at a wire's ends."""
    later: dict[int, tuple[int, int]] = {}
    found: list[list[tuple[Seam | None, Seam | None]]] = [[(None, None)] * len(unit.wires) for unit in units]
    for step, unit in enumerate(units):
        for position, (wire, seam) in enumerate(zip(unit.wires, unit.seams, strict=True)):
            before = later.get(wire)
            between = units[before[0]].seams[before[1]] if backward and before else seam
            found[step][position] = (between if before else None, None)
            if before:
                near, _ = found[before[0]][before[1]]
                found[before[0]][before[1]] = (near, between)
            later[wire] = (step, position)
    return found


def _options(problem: Problem, unit: Unit) -> Iterator[Option]:
    """What may be done to a unit. Without joint cuts a strength means nothing, with them a price of its own neither."""
    yield Option(None)
    for way in unit.ways:
        yield from _cuts(problem, unit, way)


def _cuts(problem: Problem, unit: Unit, way: Way) -> Iterator[Option]:
    if problem.star is None:
        yield Option(way._replace(strength=0.0))
        return
    price, factors = problem.star
    hubs = [position for position, hub in enumerate(unit.hubs) if hub is not None]
    star = way._replace(price=price, factors=factors, strength=0.0)
    jointly = len(unit.wires) == 2 and not problem.loads
    member = way._replace(price=0.0) if jointly else way._replace(strength=0.0)
    if not (hubs and problem.loads and factors == way.factors):
        yield Option(member)
    for hub in hubs:
        yield Option(star, hub)
        yield Option(star._replace(price=0.0, factors=(1.0, 1.0)), hub, joins=True)
