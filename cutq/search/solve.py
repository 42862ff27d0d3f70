"""Where to cut: beams for a good plan, a proof that none is cheaper, and if that fails annealing and wider beams."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from time import monotonic

import networkx as nx

from cutq.errors import PlanError
from cutq.search.beam import beam
from cutq.search.blocks import blocks
from cutq.search.frontier import Clock, OutOfBudgetError, Path
from cutq.search.order import orders
from cutq.search.problem import TOLERANCE, Bundle, Edge, Node, Problem
from cutq.search.prove import prove
from cutq.search.sweep import Step, steps

ORDERS = 4
"""Orders that are swept, each in both directions."""
STAGES = (0.2, 0.6, 0.8, 1.0)
"""The parts of the time after which the first beams, the proof, the annealing and the last beams end."""
FIRST_SIZES = (1, 16)
"""Beam sizes before the proof: 16 states find the optimum of most circuits of 20 qubits."""
LAST_SIZES = (64, 256, 1024, 4096)
"""Beam sizes when the proof has failed."""
ROUNDS = 1000
"""Proposals for every wire in the first annealing; each one after it is twice as long."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the search did: `states` of proving sweeps kept, their `limits`, number of `orders` and of `beams`."""

    states: int = 0
    limits: tuple[float, ...] = ()
    orders: int = 0
    beams: int = 0

    def __add__(self, other: Report) -> Report:
        return Report(self.states + other.states, self.limits + other.limits,
                      self.orders + other.orders, self.beams + other.beams)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Solution:
    """Bundles to cut, and wires to cut, each as (bundle, side) just before which it is cut.

    `cost` is the sum of their prices, log gamma. No solution is cheaper than `bound`; `proven` says that the two are
    equal, for independent cuts in the given order of time without reuse of qubits.
    """

    cost: float
    bundles: tuple[int, ...]
    wires: tuple[tuple[int, int], ...]
    bound: float
    proven: bool
    report: Report


def solve(problem: Problem, max_qubits: int, *, wire_cuts: bool = True, gate_cuts: bool = True,
          time_limit: float = 10.0, seed: int = 0) -> Solution:  # fmt: skip
    """The cheapest cuts after which no fragment has more than `max_qubits` wire segments.

    `time_limit` is in seconds; some plan is returned however short it is. `seed` chooses among equally good orders of
    the sweep. Nodes of price 0 stay cut even without `gate_cuts`: there is nothing to cut in them.
    """
    bundles = [_allowed(bundle, wire_cuts, gate_cuts) for bundle in problem.bundles]
    deadline = monotonic() + time_limit
    parts = _parts(bundles)
    solutions: list[Solution] = []
    for number, part in enumerate(parts):
        now = monotonic()
        share = max(0.0, deadline - now) / (len(parts) - number)
        solution = _solve_connected([bundles[index] for index in part], max_qubits, now, share, seed)
        solutions.append(_renumbered(solution, part))
    return _together(solutions)


def cuts(problem: Problem, solution: Solution) -> tuple[frozenset[Node], frozenset[Edge]]:
    """The nodes and the edges of the graph that a solution cuts, nodes of price 0 among them."""
    nodes = {node for index in solution.bundles for node in problem.bundles[index].nodes}
    return problem.free | nodes, frozenset(problem.bundles[index].edges[side] for index, side in solution.wires)


def _allowed(bundle: Bundle, wire_cuts: bool, gate_cuts: bool) -> Bundle:
    return replace(bundle, price=bundle.price if gate_cuts else math.inf,
                   wire_prices=bundle.wire_prices if wire_cuts else (math.inf, math.inf))  # fmt: skip


def _parts(bundles: Sequence[Bundle]) -> list[list[int]]:
    """The numbers of the bundles of each connected part; parts share no wire, so each can be solved alone."""
    wires = nx.Graph(bundle.wires for bundle in bundles)
    part_of = {wire: number for number, part in enumerate(nx.connected_components(wires)) for wire in part}
    parts: dict[int, list[int]] = {}
    for index, bundle in enumerate(bundles):
        parts.setdefault(part_of[bundle.wires[0]], []).append(index)
    return list(parts.values())


def _solve_connected(bundles: Sequence[Bundle], max_qubits: int, start: float, time: float, seed: int) -> Solution:
    """Each stage gets a part of the time, and the later ones run only while the plan is not proven optimal."""
    first_beams, proving, annealing, last_beams = (_until(start + time * part) for part in STAGES)
    sweeps = [(steps(bundles, order), steps(bundles, order, backward=True)) for order in orders(bundles, ORDERS, seed)]
    known = beam(sweeps[0][0], max_qubits, 1, math.inf, lambda: None)
    known, beams = _beamed(known, sweeps, max_qubits, FIRST_SIZES, first_beams)
    proof = prove(*sweeps[0], max_qubits, _cost(known), proving)
    best = proof.path or known
    if proof.bound < _cost(best) - TOLERANCE:
        best = _annealed(best, bundles, max_qubits, random.Random(seed), annealing)
        best, more = _beamed(best, sweeps, max_qubits, LAST_SIZES, last_beams)
        beams += more
    if best is None:
        raise PlanError(_why_not(bundles, max_qubits, proof.bound))
    return _solution(best, proof.bound, Report(proof.states, proof.limits, len(sweeps), 1 + beams))


def _beamed(best: Path | None, sweeps: Sequence[tuple[tuple[Step, ...], ...]], max_qubits: int, sizes: Iterable[int],
            clock: Clock) -> tuple[Path | None, int]:  # fmt: skip
    """The best plan after beams of these sizes, or of those that the clock allows; and their number."""
    beams = 0
    with suppress(OutOfBudgetError):
        for size, sweep in ((size, sweep) for size in sizes for both in sweeps for sweep in both):
            best = beam(sweep, max_qubits, size, _cost(best) - TOLERANCE, clock) or best
            beams += 1
    return best, beams


def _annealed(best: Path | None, bundles: Sequence[Bundle], max_qubits: int, rng: random.Random, clock: Clock
              ) -> Path | None:  # fmt: skip
    """The best plan after annealings of growing length, until the clock stops them."""
    if any(bundle.price == math.inf for bundle in bundles):
        return best
    with suppress(OutOfBudgetError):
        for power in count():
            best = min(best, blocks(bundles, max_qubits, ROUNDS * 2**power, rng, clock), key=_cost)
    return best


def _cost(path: Path | None) -> float:
    return path.cost if path else math.inf


def _until(deadline: float) -> Clock:
    def clock() -> None:
        if monotonic() > deadline:
            raise OutOfBudgetError

    return clock


def _solution(path: Path, bound: float, report: Report) -> Solution:
    """What the choices of a path cut."""
    choices = tuple(path.choices())
    gates = sorted(choice.bundle for choice in choices if choice.gate)
    wires = sorted((seam.bundle, seam.side) for choice in choices for seam in choice.seams)
    bound = min(bound, path.cost)
    return Solution(path.cost, tuple(gates), tuple(wires), bound, bound >= path.cost - TOLERANCE, report)


def _renumbered(solution: Solution, numbers: Sequence[int]) -> Solution:
    """The solution of a part in the numbers of the whole."""
    return replace(solution, bundles=tuple(numbers[index] for index in solution.bundles),
                   wires=tuple((numbers[index], side) for index, side in solution.wires))  # fmt: skip


def _together(parts: Sequence[Solution]) -> Solution:
    """The solution of parts that share no wire."""
    return Solution(
        cost=sum(part.cost for part in parts),
        bundles=tuple(sorted(index for part in parts for index in part.bundles)),
        wires=tuple(sorted(wire for part in parts for wire in part.wires)),
        bound=sum(part.bound for part in parts),
        proven=all(part.proven for part in parts),
        report=sum((part.report for part in parts), Report()),
    )


def _why_not(bundles: Sequence[Bundle], max_qubits: int, bound: float) -> str:
    """The one line of the error, with the width of the plan that cuts all that may be cut."""
    found = "no plan exists" if bound == math.inf else "no plan was found in time"
    return (f"{found} with fragments of {max_qubits} qubits: what may not be cut there joins "
            f"{_widest(bundles)} wires, so {_widest(bundles)} qubits would do")  # fmt: skip


def _widest(bundles: Sequence[Bundle]) -> int:
    """The width of the widest fragment when everything is cut that may be cut and separates something.

    Legs are (bundle, wire). Two legs of a wire that follow each other in one fragment are one segment.
    """
    together = nx.Graph()
    follows: dict[int, tuple[int, int]] = {}
    pairs: list[tuple[tuple[int, int], tuple[int, int]]] = []
    for index, bundle in enumerate(bundles):
        legs = [(index, wire) for wire in bundle.wires]
        together.add_nodes_from(legs)
        if bundle.price == math.inf:
            together.add_edge(*legs)
        for leg, wire, price in zip(legs, bundle.wires, bundle.wire_prices, strict=True):
            if wire in follows:
                pairs.append((follows[wire], leg))
                if price == math.inf:
                    together.add_edge(*pairs[-1])
            follows[wire] = leg
    fragments = list(nx.connected_components(together))
    return max(len(fragment) - sum(a in fragment and b in fragment for a, b in pairs) for fragment in fragments)
