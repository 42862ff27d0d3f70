"""Cut finders beside one another: each in a process of its own, which is ended where it takes too long.

Every plan is split and priced by cutq, except that of QCut's joint cuts, which keeps its own price. A finder is asked
with the options of :mod:`benchmarks.cutter_peers`; PennyLane's needs KaHyPar, which is not in the extras. Beside the
search alone stands the whole way to one exact value without a cut: the light cone of Z in the middle, ordered and
contracted by cotengra, and the state by lightning.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from functools import cache

import cutq
from benchmarks.cutter import Result, priced
from benchmarks.cutter_peers import Worker
from benchmarks.families import Case
from benchmarks.table import seconds
from experiments.against_peers import states
from experiments.against_peers.beside import Beside, counted, once
from experiments.against_peers.cases import wanted
from experiments.against_peers.contraction import NO_ANGLES, contractions
from experiments.against_peers.tasks import Task
from experiments.harness import median

FINDERS = {
    "plan": ("cutq", {"addon": "addon", "QCut": "QCut"}),
    "plan, circuits": ("cutq, circuits", {"addon": "addon", "QCut": "QCut"}),
    "plan, joint": ("cutq, together", {"QCut": "QCut, together"}),
}
"""For each step the finder of cutq, and of each peer: least gamma with every gate and wire cut on its own, fewest
circuits, and least gamma with gates cut jointly."""

SEARCH_LIMIT = 25.0
"""CPU seconds of one search."""


def compared(task: Task) -> Beside:
    """Gamma, circuits or seconds of two plans."""
    if task.peer in UNCUT:
        return _beside_uncut(task)
    own, peers = FINDERS[task.step]
    pairs = [
        tuple(found(name, task.case, SEARCH_LIMIT, number) for name in (own, peers[task.peer]))
        for number in range(task.rounds)
    ]
    ours, theirs = pairs[0]
    remark = "; ".join(filter(None, ["proven optimal" if ours.proven else "", theirs.remark]))
    if math.isnan(theirs.overhead):
        return Beside(_figure(ours, task.quantity), math.nan, None, remark=remark)
    if task.quantity != "seconds":
        return counted(_figure(ours, task.quantity), _figure(theirs, task.quantity), remark)
    left, right = (statistics.median(one.seconds for one in side) for side in zip(*pairs, strict=True))
    ratios = [b.seconds / a.seconds for a, b in pairs]
    return Beside(left, right, once(ratios[0]) if len(ratios) == 1 else median(ratios), remark=remark)


def _beside_uncut(task: Task) -> Beside:
    """Seconds of a search for cuts, and of an exact value of the uncut circuit from the beginning."""
    circuit = wanted(task.case).circuit
    case = Case(circuit, cutq.CutPlan.uncut(), (f"Z{circuit.num_qubits // 2}",))
    step = UNCUT[task.peer](case, task.limit)
    step()  # the libraries are loaded
    pairs = []
    for number in range(task.rounds):
        own = found("cutq", task.case, SEARCH_LIMIT, number)
        pairs.append((own.seconds, seconds(step)))
    left, right = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratios = [b / a for a, b in pairs]
    return Beside(left, right, once(ratios[0]) if len(ratios) == 1 else median(ratios))


def _contracted(case: Case, limit: float) -> Callable[[], object]:
    return lambda: contractions(case, NO_ANGLES, limit, compiled=False)["value"]()


def _state(case: Case, limit: float) -> Callable[[], object]:
    return lambda: states.uncut(case)[0](NO_ANGLES)


UNCUT = {"cotengra": _contracted, "lightning": _state}
"""Ways to an exact value without a cut, beginning with the circuit."""


def _figure(result: Result, quantity: str) -> float:
    return {"seconds": result.seconds, "circuits": result.circuits}.get(quantity, math.sqrt(result.overhead))


@cache
def found(finder: str, name: str, limit: float, number: int) -> Result:
    """What a finder answers for a case when it is asked for the ``number``-th time."""
    case = wanted(name)
    return priced(case, _worker(finder, limit).ask(case.circuit, case.width))


@cache
def _worker(finder: str, limit: float) -> Worker:
    return Worker(finder, limit)
