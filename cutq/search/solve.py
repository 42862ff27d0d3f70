"""Where to cut: beams for a good plan, a proof that none is cheaper, and if that fails annealing, windows, wider beams.

A part of the problem that shares no wire with the rest is solved alone.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property, partial
from time import monotonic

import numpy as np
from networkx.utils import UnionFind

from cutq.errors import PlanError
from cutq.search.anneal import annealed_groups, annealed_legs, annealed_wires
from cutq.search.cuts import Cuts, Fragments
from cutq.search.devices import packing
from cutq.search.frontier import GHOSTS, NO_LIMIT, Outcome, OutOfBudgetError, compiled, take
from cutq.search.kernels import Rules
from cutq.search.landscape import Landscape, Numbers
from cutq.search.options import Listener, Progress
from cutq.search.order import Order, orders
from cutq.search.problem import TOLERANCE, Problem, Unit
from cutq.search.prove import below, prove
from cutq.search.reasons import finest, least_width, not_found
from cutq.search.replay import replayed
from cutq.search.seeds import grown, metis
from cutq.search.stars import with_stars
from cutq.search.sweep import Sweep, sweep
from cutq.search.task import NoPlanError, Report, Solution, Task
from cutq.search.windows import Window, neighbours, put_back, window

ORDERS = 6
"""Orders that are swept, each in both directions."""
MANY_UNITS = 5000
"""Units from which on only one order is swept, in both directions."""
FIRST_SIZES = (1, 16)
"""Beam sizes before the proof: 16 states find the optimum of most circuits of 20 qubits."""
LAST_SIZES = (64, 256, 1024, 4096)
"""Beam sizes when the proof has failed."""
MOST_STAR_SLOTS = 62
"""Live wires, and slots for fragments that a star keeps, of a sweep with stars: hubs are bits of a word."""
BEAMS_UNTIL, PROOF_UNTIL = 0.15, 0.35
"""The parts of the time after which the first beams and the proof end."""
WINDOW_TIME = 0.015
"""The part of the time that one window may take."""
BEAM_TIME = 0.08
"""The part of the time that beams of one size may take where there is annealing, too."""
ROUNDS = 2000
"""Proposals for every wire in the first annealing; each one after it is longer."""
SHARES = (2, 3, 4, 6, 8)
"""Groups of wires that are annealed as one are at most this part of the largest fragment."""
HEATS = (1.0, 0.3, 2.0)
"""First temperatures, as parts of the mean price, of the annealings of one turn after another."""
REFINED = 0.2
"""The first temperature where a good partition is known."""
SHIFTS, MOST_PROPOSALS = 400, 10_000_000
"""Proposals for each leg, and of one annealing at most."""
WINDOW_BEAM = 256
"""States of the beam over a window before it is solved exactly."""


def solve(problem: Problem, task: Task, listener: Listener | None = None) -> Solution:
    """The cheapest cuts that fit.

    Raises:
        PlanError: nothing fits, or nothing was found in time.
    """
    compiled()
    alone = max(_untouched(problem), default=0)
    _check_width(alone, alone, task)
    parts = [list(range(len(problem.units)))] if task.joined else list(_parts(problem.units))
    task = replace(task, known=task.known - (problem.alone if problem.loads else 0) if len(parts) == 1 else math.inf)
    start, seconds = monotonic(), task.time_limit
    found: list[Solution] = []
    for number, part in enumerate(parts):
        left = max(0.0, start + seconds - monotonic()) / (len(parts) - number)
        own = replace(problem, units=tuple(problem.units[index] for index in part), alone=0)
        found.append(_Solver(own, task, left, _told(listener, start, task, found, number == len(parts) - 1)).solved())
        if found[-1].report.interrupted:
            seconds = 0.0
    return _together(problem, parts, found)


Tell = Callable[[str, float, float], None]
"""Told what is done, the cost of the best plan of this part, and its bound."""


def _told(listener: Listener | None, start: float, task: Task, found: Sequence[Solution], last: bool) -> Tell:
    """Passes on what a part says as progress of the whole, ten times a second; its cost is known in the last part."""
    paid, bound = sum(one.cost for one in found), sum(one.bound for one in found)
    heard = [-math.inf]

    def tell(stage: str, cost: float, least: float) -> None:
        now = monotonic()
        if listener is not None and now > heard[0] + 0.1:
            heard[0] = now
            total = paid + cost if last else math.inf
            listener(Progress(stage, now - start, task.time_limit, total, bound + least))

    return tell


def _parts(units: Sequence[Unit]) -> Iterator[list[int]]:
    """The numbers of the units of each connected part."""
    wires = UnionFind(wire for unit in units for wire in unit.wires)
    for unit in units:
        wires.union(*unit.wires)
    parts: dict[int, list[int]] = {}
    for index, unit in enumerate(units):
        parts.setdefault(wires[unit.wires[0]], []).append(index)
    yield from parts.values()


def _together(problem: Problem, parts: Sequence[Sequence[int]], found: Sequence[Solution]) -> Solution:
    """The solution of parts that share no wire, in the numbers of the whole."""
    pairs = list(zip(parts, found, strict=True))
    cuts = Cuts(
        {part[index]: way for part, one in pairs for index, way in one.cuts.units.items()},
        frozenset((part[index], position) for part, one in pairs for index, position in one.cuts.seams),
        tuple(replace(star, units=tuple(part[index] for index in star.units)) for part, one in pairs
              for star in one.cuts.stars),
    )  # fmt: skip
    alone = problem.alone if problem.loads else 0
    return Solution(
        cuts,
        sum(one.cost for one in found) + alone,
        sum(one.bound for one in found) + alone,
        tuple(part[index] for part, one in pairs for index in one.order),
        sum((one.report for one in found), Report()),
    )


def _untouched(problem: Problem) -> list[int]:
    """Qubits of the wires that no unit touches."""
    touched = {wire for unit in problem.units for wire in unit.wires}
    return [width for wire, width in enumerate(problem.widths) if wire not in touched]


def _check_width(least: int, enough: int, task: Task) -> None:
    """Refuse fragments that are narrower than what may not be cut, and say how many qubits are enough."""
    if least > task.max_qubits:
        raise NoPlanError(
            f"no plan exists with fragments of {task.max_qubits} qubits: what may not be cut there joins {least} "
            f"qubits; {enough} qubits would do"
        )


class _Solver:
    """The best plan so far of one part, and all that is tried to improve it; the short-lived state of :func:`solve`."""

    def __init__(self, problem: Problem, task: Task, seconds: float, tell: Tell) -> None:
        self.problem, self.task, self.tell = problem, task, tell
        self.start, self.seconds = monotonic(), seconds
        self.bare = replace(problem, star=None)
        """Without stars: quicker to sweep, and the plans become plans with stars afterwards."""
        self.best: Cuts | None = None
        self.order: Order = tuple(range(len(problem.units)))
        self.cost, self.log_gamma = math.inf, math.inf
        self.bound = 1.0 if problem.loads else 0.0
        self.report = Report()
        self.limits: dict[tuple[bool, bool], float] = defaultdict(lambda: math.inf)
        """What a sweep may cost to be of use, by whether it pays for loads and whether it knows stars."""
        self.windowed: Cuts | None = None
        """The plan of which all windows have been solved in vain."""

    def solved(self) -> Solution:
        """The best plan when it is proven, the time is up, or there is an interrupt from the keyboard."""
        if not self.task.reuse:
            _check_width(least_width(self.problem), max(finest(self.problem).widths.values(), default=0), self.task)
        try:
            self._search(finest(self.problem).cuts)
        except KeyboardInterrupt:
            if self.best is None:
                raise
            self.report += Report(interrupted=True)
        if self.best is None:
            kind = NoPlanError if math.isinf(self.bound) else PlanError
            raise kind(not_found(self.problem, self.task))
        return Solution(self.best, self.cost, min(self.bound, self.cost), self.order, self.report)

    def _search(self, everything: Cuts) -> None:
        self._offer(Cuts({}, frozenset()), self.order)
        if self.proven:
            return
        self._offer(everything, self.order)
        self._beams(FIRST_SIZES[:1], math.inf)
        self._beams(FIRST_SIZES[1:], BEAMS_UNTIL)
        if not self.proven and not self.task.reuse:
            self._proof()
        for idea in self._ideas():
            if self.proven or self._used >= 1.0:
                return
            with suppress(OutOfBudgetError):
                idea()

    @property
    def proven(self) -> bool:
        """Whether nothing can be cheaper than the best plan, or than that which is known already."""
        return self.best is not None and self.bound > below(min(self.cost, self.task.known))

    @property
    def _used(self) -> float:
        """The part of the time that is gone."""
        return (monotonic() - self.start) / self.seconds if self.seconds > 0 else math.inf

    def _until(self, part: float, what: str) -> Callable[[], None]:
        """A clock that stops when this part of the time is gone, and tells what is done meanwhile."""

        def clock() -> None:
            self.tell(what, self.cost, self.bound)
            if self._used > part:
                raise OutOfBudgetError

        return clock

    # --- plans --------------------------------------------------------------------------------------------------------

    def _offer(self, cuts: Cuts, order: Order) -> None:
        """Take a plan if it fits and is better; order is that of the units in time."""
        fragments = Fragments(self.problem, cuts)
        if fragments.cost > self.cost + TOLERANCE or not self._fits(fragments, order):
            return
        if fragments.cost < below(self.cost) or fragments.log_gamma < self.log_gamma - TOLERANCE:
            self.best, self.order, self.cost, self.log_gamma = cuts, order, fragments.cost, fragments.log_gamma

    def _fits(self, fragments: Fragments, order: Order) -> bool:
        widths = list((_reused(fragments, order) if self.task.reuse else fragments.widths).values())
        if max(widths, default=0) > self.task.max_qubits:
            return False
        idle = self._idle
        if self.task.max_fragments is not None and len(widths) + len(idle) > self.task.max_fragments:
            return False
        return self.task.devices is None or packing([*widths, *idle], self.task.devices) is not None

    @cached_property
    def _idle(self) -> list[int]:
        """Qubits of the wires that no unit touches; they only count where parts are not solved alone."""
        return _untouched(self.problem)

    # --- sweeps -------------------------------------------------------------------------------------------------------

    @cached_property
    def _orders(self) -> list[Order]:
        return orders(self.problem.units, ORDERS if len(self.problem.units) < MANY_UNITS else 1, self.task.seed)

    @cached_property
    def _sweeps(self) -> list[tuple[Sweep, Sweep]]:
        """Sweeps there and back over all orders; with joint cuts those with stars, where they can be made, and those
        without; where loads are paid for, those that pay prices too, as plans of few cuts often have small loads."""
        problems = [self.problem] if self.problem.star is None else [self.problem, self.bare]
        problems += [replace(self.bare, loads=False)] if self.problem.loads else []
        pairs = [(sweep(problem, order), sweep(problem, order, backward=True))
                 for order in self._orders for problem in problems]  # fmt: skip
        return [pair for pair in pairs if pair[0].problem.star is None or pair[0].width + GHOSTS <= MOST_STAR_SLOTS]

    def _rules(self, one: Sweep, limit: float, beam: int) -> Rules:
        pieces = NO_LIMIT if self.task.max_fragments is None else self.task.max_fragments - len(self._idle)
        return Rules(self.task.max_qubits, self.task.reuse, one.problem.loads, one.problem.star is not None, 0, pieces,
                     limit, beam)  # fmt: skip

    def _beams(self, sizes: Sequence[int], until: float) -> None:
        """Beams of these sizes over all orders, or those of them that the time allows."""
        with suppress(OutOfBudgetError):
            for size, both in itertools.product(sizes, self._sweeps):
                for one in both:
                    self._beam(one, size, self._until(until, f"beams of {size} states"))
                    if self.proven:
                        return

    def _beam(self, one: Sweep, size: int, clock: Callable[[], None]) -> None:
        stars, loads = one.problem.star is not None, one.problem.loads
        limit = self.limits[loads, stars]
        if loads == self.problem.loads and (stars or self.problem.star is None):
            limit = min(limit, self.cost)
        outcome = take(one, self._rules(one, below(limit), size), clock)
        self.report += Report(beams=1)
        if outcome.cost < limit:
            self.limits[loads, stars] = outcome.cost
            self._replay(one, outcome)

    def _replay(self, one: Sweep, outcome: Outcome) -> None:
        cuts = replayed(one, outcome.choices, self.task.max_qubits, release=self.task.reuse)
        order = one.order[::-1] if one.backward else one.order
        self._offer(cuts, order)
        if self.problem.star is not None and not self.task.reuse:
            self._offer(with_stars(self.problem, cuts), order)

    def _proof(self) -> None:
        """Sweeps that leave nothing out."""
        there, back = self._sweeps[0]
        if there.problem.star is None and self.problem.star is not None:
            return
        known = min(self.cost, self.task.known)
        proof = prove(there, back, self._rules(there, known, 0), known, self._until(PROOF_UNTIL, "proof"))
        self.report += Report(states=proof.states, limits=len(proof.limits))
        self.bound = max(self.bound, proof.bound)
        if proof.found is not None:
            self._replay(*proof.found)

    # --- what is tried when the proof has failed ----------------------------------------------------------------------

    def _ideas(self) -> Iterator[Callable[[], None]]:
        """Ever larger attempts."""
        annealing = not self.task.reuse and all(len(unit.wires) == 2 and not unit.width for unit in self.problem.units)
        for turn in itertools.count() if annealing else range(len(LAST_SIZES)):
            if annealing:
                yield from self._annealings(turn)
                yield self._windows
            if turn < len(LAST_SIZES):
                until = min(1.0, self._used + BEAM_TIME) if annealing else 1.0
                yield partial(self._beams, LAST_SIZES[turn : turn + 1], until)

    @cached_property
    def _land(self) -> Landscape:
        wires = {wire for unit in self.problem.units for wire in unit.wires}
        total = sum(self.problem.widths[wire] for wire in wires)
        return Landscape(self.problem, self.task.devices or _room(self.task, total, len(self._idle)))

    def _annealings(self, turn: int) -> Iterator[Callable[[], None]]:
        """Annealings of this turn: of groups of wires, of wires, and of the legs of the best plan of them."""
        land, rounds = self._land, ROUNDS * 4 ** min(turn, 4)
        heat = HEATS[turn % len(HEATS)]
        seed = self.task.seed + 100 * turn
        if turn == 0:
            starts = [grown(land.graph, land.sizes, max(land.room)), *metis(land.graph, land.sizes, max(land.room))]
            for number, part in enumerate(starts):
                yield partial(self._anneal, partial(annealed_wires, land, part, rounds, REFINED, seed + number))
        for share in SHARES:
            yield partial(self._anneal, partial(annealed_groups, land, share, rounds, heat, seed + share))
        spread = np.arange(len(land.wires)) % len(land.room)
        yield partial(self._anneal, partial(annealed_wires, land, spread, rounds, heat, seed))

    def _anneal(self, wires: Callable[[], Numbers]) -> None:
        """A plan from whole wires, and what annealing its legs makes of it."""
        self._until(1.0, "annealing")()
        land = self._land
        label = land.labels(wires())
        self._offer_labels(label)
        shifts = min(SHIFTS * len(label), MOST_PROPOSALS)
        self._offer_labels(annealed_legs(land, label, shifts, 1.0, self.task.seed))
        self.report += Report(annealings=1)

    def _offer_labels(self, label: Numbers) -> None:
        """The plan that cuts what joins legs of different labels, if all of that may be cut."""
        cuts, units = self._land.cuts(label), self.problem.units
        seams = [units[index].seams[position] for index, position in cuts.seams]
        if all(units[index].ways for index in cuts.units) and all(seam and seam.price < math.inf for seam in seams):
            self._offer(with_stars(self.problem, cuts), self.order)

    def _windows(self) -> None:
        """Pairs of neighbouring fragments of the best plan, each solved anew as a problem of its own."""
        if self.best is None or self.best is self.windowed:
            return
        plain = Fragments(self.bare, replace(self.best, stars=()))
        for pair in neighbours(plain):
            self._until(1.0, "windows")()
            part = window(plain, pair)
            clock = self._until(min(1.0, self._used + WINDOW_TIME), "windows")
            best = self._solved_window(part, clock)
            self.report += Report(windows=1)
            if best is not None:
                before = self.cost
                cuts = put_back(plain, pair, part, best)
                self._offer(with_stars(self.problem, cuts), self.order)
                if self.cost < before:
                    return
        self.windowed = self.best

    def _solved_window(self, part: Window, clock: Callable[[], None]) -> Cuts | None:
        """Cheaper cuts of a window; None if there are none, or none were found in time."""
        known = Fragments(part.problem, part.known).cost
        first = orders(part.problem.units, 1, self.task.seed)[0]
        there, back = sweep(part.problem, first), sweep(part.problem, first, backward=True)
        rules = self._rules(there, known, 0)
        try:
            outcome = take(there, rules._replace(limit=below(known), beam=WINDOW_BEAM), clock)
            if outcome.cost < math.inf:
                return replayed(there, outcome.choices, self.task.max_qubits)
            proof = prove(there, back, rules, known, clock)
        except OutOfBudgetError:
            return None
        return replayed(proof.found[0], proof.found[1].choices, self.task.max_qubits) if proof.found else None


def _reused(fragments: Fragments, order: Order) -> dict[Hashable, int]:
    """Qubits of each fragment that uses them again, its parts merged along time or against it."""
    forward, backward = fragments.reused_widths(order), fragments.reused_widths(order[::-1])
    return {fragment: min(width, backward[fragment]) for fragment, width in forward.items()}


def _room(task: Task, total: int, idle: int) -> tuple[int, ...]:
    """Labels of equal room: enough for any partition that is worth looking at."""
    least = -(-total // task.max_qubits)
    most = min(total, 2 * least + 8) if task.max_fragments is None else task.max_fragments - idle
    return (task.max_qubits,) * max(1, most)
