"""Why there is no plan, and which width would do."""

from __future__ import annotations

import math

from cutq.search.cuts import Cuts, Fragments
from cutq.search.problem import Problem
from cutq.search.task import Task


def finest(problem: Problem) -> Fragments:
    """The fragments where everything is cut that may be cut and separates something."""
    ways = {index: max(range(len(unit.ways)), key=lambda k: len(unit.ways[k].blocks))
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
    what = f"no plan was found in {task.time_limit:.3g} seconds with fragments of {task.max_qubits} qubits"
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
