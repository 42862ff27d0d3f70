"""Why there is no plan, and which width would do."""

from __future__ import annotations

import math
from dataclasses import replace

from cutq.search.cuts import Cuts, Fragments
from cutq.search.problem import Problem, Unit, Way
from cutq.search.task import Task


def least_width(problem: Problem) -> int:
    """Qubits that some fragment has in any plan: what falls apart in no way, and of each unit its largest block."""
    apart = replace(problem, units=tuple(_fallen_apart(unit) for unit in problem.units))
    blocks = (
        min(max(sum(problem.widths[unit.wires[leg]] for leg in block) for block in way.blocks) for way in unit.ways)
        for unit in problem.units
        if unit.ways
    )
    return max([*finest(apart).widths.values(), *blocks], default=0)


def _fallen_apart(unit: Unit) -> Unit:
    """The unit with one way to be cut, in which all wires are apart that are apart in any."""
    sides = list(zip(*(_sides(way, len(unit.wires)) for way in unit.ways), strict=True))
    blocks = [tuple(leg for leg, own in enumerate(sides) if own == side) for side in dict.fromkeys(sides)]
    return replace(unit, ways=(Way(tuple(blocks), 0.0, (1.0,) * len(blocks), 0.0),)) if unit.ways else unit


def _sides(way: Way, legs: int) -> list[int]:
    return [next(k for k, block in enumerate(way.blocks) if leg in block) for leg in range(legs)]


def finest(problem: Problem) -> Fragments:
    """The fragments where all is cut that may be and separates something, units so that the largest block is least."""
    ways = {index: min(range(len(unit.ways)), key=lambda k: max(map(len, unit.ways[k].blocks)))
            for index, unit in enumerate(problem.units) if unit.ways}  # fmt: skip
    seams = {(index, position) for index, unit in enumerate(problem.units) for position, seam in enumerate(unit.seams)
             if seam is not None and seam.price < math.inf}  # fmt: skip
    all_cut = Fragments(problem, Cuts(ways, frozenset(seams)))
    home, pieces = all_cut.home, all_cut.pieces
    behind = {seam: pieces[seam[0]][seam[1]] for seam in seams}
    useful = frozenset(seam for seam, (wire, piece) in behind.items() if home[wire, piece] != home[wire, piece - 1])
    return Fragments(problem, Cuts(ways, useful))


def not_found(problem: Problem, task: Task) -> str:
    """Why there is no plan, as far as is known, and the closest that there is."""
    least = max(finest(problem).widths.values(), default=0)
    what = f"no plan was found in time with fragments of {task.max_qubits} qubits"
    if task.devices is not None:
        return (
            f"{what} that fit together on devices of {', '.join(map(str, task.devices))} qubits; the circuit has "
            f"{sum(problem.widths)} qubits, the devices {sum(task.devices)}, and every cut of a wire needs one more; "
            "add a device, or leave device_sizes out to run one fragment after another"
        )
    if task.max_fragments is not None:
        needed = -(-sum(problem.widths) // task.max_qubits)
        return (
            f"{what} and at most {task.max_fragments} of them; {needed} or more are needed for {sum(problem.widths)} "
            "qubits, and every cut of a wire needs one more; allow more fragments or more qubits"
        )
    return f"{what}; {least} qubits would do, with everything cut that may be"
