"""Cut finders of other systems, each from a circuit and a width to a plan of cutq.

A finder runs in a process of its own, so that it can be stopped, and its time holds neither imports nor the translation
of circuits and plans. What a system needs beside itself: kahypar for PennyLane.

- qiskit-addon-cutting: ``find_cuts`` as it is, with seed 0.
- PennyLane: ``find_and_place_cuts`` with KaHyPar, which cuts wires only, as ``cut_circuit(auto_cutter=True)`` calls it,
  with seed 0 and Z measured on every qubit. It drops cuts within one fragment itself, so they are dropped here.
- QCut: ``find_cuts`` with METIS, each gate and wire cut on its own, or gates merged and cut jointly; never with
  communication. The number of parts has to be said: the least possible one and the next two are tried, and the best
  answer that is narrow enough is kept.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import math
import resource
import signal
import statistics
import time
import warnings
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

import cutq
from benchmarks.table import one_thread
from cutq import Circuit, CutPlan, GateCut, Operation, WireCut

INDEPENDENT = cutq.Search(merge_gates=False, joint=False, time_limit=10.0)
"""The model that all peers have: every gate and every wire is cut on its own."""

MORE_PARTS = 2
"""Numbers of parts that QCut is asked for beyond the least possible one."""

ROUNDS, SHORT = 3, 1.0
"""A search is timed three times, and once where the first takes more than a second."""

CHAIN = Circuit(4, tuple(Operation("cx", (q, q + 1)) for q in range(3)))
"""What every finder cuts once before its time is taken."""


@dataclass(frozen=True)
class Finder:
    """A cut finder in three steps, of which the second is timed.

    Attributes:
        package: where it comes from.
        modules: what has to be importable.
        prepare: the circuit in its own terms.
        find: its answer for a width.
        read: the answer's plan, None where it is not to be had, and the sampling overhead that it claims for it.
    """

    package: str
    modules: tuple[str, ...]
    prepare: Callable[[Circuit], Any]
    find: Callable[[Any, int], Any]
    read: Callable[[Circuit, Any], tuple[CutPlan | None, float]]

    @property
    def installed(self) -> bool:
        """Whether it can be imported here."""
        return all(importlib.util.find_spec(module) for module in self.modules)

    @property
    def version(self) -> str:
        """The version of its package."""
        return importlib.metadata.version(self.package)


def _wire(circuit: Circuit, qubit: int, before: Sequence[int]) -> list[WireCut]:
    """The cut of a wire after the last of the operations that come before it; none where it has not begun."""
    earlier = [number for number in before if qubit in circuit.operations[number].qubits]
    return [WireCut(qubit, earlier[-1])] if earlier else []


def _cutq(objective: str, search: cutq.Search) -> Finder:
    find = partial(cutq.find_cuts, objective=objective, search=search)
    return Finder("cutq", ("cutq",), lambda circuit: circuit, find, _read_cutq)


def _read_cutq(circuit: Circuit, plan: CutPlan) -> tuple[CutPlan, float]:
    return plan, plan.price.sampling_overhead


def _find_addon(circuit: Any, width: int) -> Any:
    from qiskit_addon_cutting.automated_cut_finding import DeviceConstraints, OptimizationParameters, find_cuts

    return find_cuts(circuit, OptimizationParameters(seed=0), DeviceConstraints(qubits_per_subcircuit=width))


def _read_addon(circuit: Circuit, answer: Any) -> tuple[CutPlan, float]:
    marked, found = answer
    cuts: list[GateCut | WireCut] = []
    number = 0
    for step in marked.data:
        if step.operation.name == "cut_wire":
            cuts += _wire(circuit, marked.find_bit(step.qubits[0]).index, range(number))
            continue
        if step.operation.name == "qpd_2q":
            cuts.append(GateCut((number,)))
        number += 1
    return CutPlan(tuple(cuts)), float(found["sampling_overhead"])


def _prepare_pennylane(circuit: Circuit) -> Any:
    import pennylane as qml

    operations = [qml.QubitUnitary(op.unitary({}), wires=op.qubits) for op in circuit.operations]
    measured = qml.expval(qml.prod(*map(qml.Z, range(circuit.num_qubits))))
    return qml.tape.QuantumScript(operations, [measured])


def _find_pennylane(tape: Any, width: int) -> Any:
    from pennylane import qcut

    strategy = qcut.CutStrategy(max_free_wires=width)
    return tape, qcut.find_and_place_cuts(qcut.tape_to_graph(tape), cut_strategy=strategy, seed=0)


def _read_pennylane(circuit: Circuit, answer: Any) -> tuple[CutPlan, float]:
    import pennylane as qml

    tape, graph = answer
    number = {id(op): k for k, op in enumerate(tape.operations)}
    cuts = [node for node in graph.nodes if isinstance(node.obj, qml.WireCut)]
    placed = [WireCut(node.obj.wires[0], number[id(next(graph.predecessors(node)).obj)]) for node in cuts]
    bonds = cutq.split(circuit, CutPlan(tuple(placed))).bonds
    plan = CutPlan(tuple(bond.cut for bond in bonds if bond.ends[0] != bond.ends[1]))
    return plan, math.prod([16.0] * len(plan.cuts))


def _find_qcut(circuit: Any, width: int, **kinds: Any) -> Any:
    import QCut

    fewest = max(2, math.ceil(circuit.num_qubits / width))
    found: list[Any] = []
    failures: list[Exception] = [ValueError("no answer is narrow enough")]
    for parts in range(fewest, fewest + MORE_PARTS + 1):
        options = QCut.CutOptions(finder_max_qubits=width, finder_num_partitions=parts, seed=0, **kinds)
        try:
            found.append(QCut.find_cuts(circuit, options=options))
        except Exception as error:  # numbers of parts that it cannot make end in errors of many kinds
            failures.append(error)
    fitting = [one for one in found if max(one.num_qubits) <= width]
    if not fitting:
        raise failures[-1]
    return min(fitting, key=lambda one: one.gamma)


def _read_qcut(circuit: Circuit, answer: Any) -> tuple[CutPlan, float]:
    order = _order_in_qcut(circuit)
    gates: list[int] = []
    wires: list[WireCut] = []
    for cut in answer.cut_locations:  # an index does not count the gates that are cut before it
        place = cut.index + len(gates)
        if hasattr(cut, "gate_name"):
            gates.append(order[place])
        else:
            wires += _wire(circuit, cut.meas, order[:place])
    return CutPlan((*(GateCut((number,)) for number in gates), *wires)), answer.gamma * answer.gamma


def _order_in_qcut(circuit: Circuit) -> list[int]:
    """The circuit's operation numbers in the order in which QCut has them; it translates gates one by one."""
    from QCut.QCutFind.cut_finding import BASIS_GATES
    from qiskit import transpile

    source = cutq.to_qiskit(circuit).remove_final_measurements(inplace=False)
    theirs = transpile(source, optimization_level=0, basis_gates=BASIS_GATES)
    assert len(theirs.data) == len(circuit.operations)
    lines = [deque(k for k, op in enumerate(circuit.operations) if q in op.qubits) for q in range(circuit.num_qubits)]
    steps = [{lines[theirs.find_bit(qubit).index].popleft() for qubit in step.qubits} for step in theirs.data]
    return [number for (number,) in steps]


ALONE = {"joint_rotation_cuts": False, "wire_cut_communication": "never", "consolidate": "never"}
TOGETHER = {"wire_cut_communication": "never"}
"""Options of QCut: every gate and wire on its own; and gates merged and cut jointly, without communication."""


def _qcut(read: Callable[[Circuit, Any], tuple[CutPlan | None, float]], kinds: dict[str, Any]) -> Finder:
    return Finder("QCut", ("QCut",), cutq.to_qiskit, partial(_find_qcut, **kinds), read)


FINDERS = {
    "cutq": _cutq("gamma", INDEPENDENT),
    "addon": Finder("qiskit-addon-cutting", ("qiskit_addon_cutting",), cutq.to_qiskit, _find_addon, _read_addon),
    "PennyLane": Finder("pennylane", ("pennylane", "kahypar"), _prepare_pennylane, _find_pennylane, _read_pennylane),
    "QCut": _qcut(_read_qcut, ALONE),
    "cutq, circuits": _cutq("circuits", INDEPENDENT),
    "cutq, together": _cutq("gamma", cutq.Search()),
    "QCut, together": _qcut(lambda _, answer: (None, answer.gamma * answer.gamma), TOGETHER),
}
"""Every cut finder by name."""


@dataclass(frozen=True)
class Answer:
    """What a finder says of one circuit and width.

    Attributes:
        plan: its cuts; None where there are none to be had.
        claimed: the sampling overhead that it claims itself.
        seconds: median CPU time of the search alone.
        failure: why there is no plan, in words.
    """

    plan: CutPlan | None = None
    claimed: float = math.nan
    seconds: float = math.nan
    failure: str = ""


@dataclass
class Worker:
    """A process that asks one finder and is ended where it takes too long.

    Attributes:
        name: of the finder.
        limit: CPU seconds of one question.
    """

    name: str
    limit: float
    process: BaseProcess | None = None
    pipe: Connection | None = None

    def ask(self, circuit: Circuit, width: int) -> Answer:
        """The finder's answer, within the limit."""
        try:
            if self.process is None:
                self._start()
            assert self.pipe is not None
            self.pipe.send((circuit, width))
            answer: Answer = self.pipe.recv()
        except EOFError:
            code = self.end()
            late = code == -signal.SIGXCPU
            return Answer(failure=f"no answer within {self.limit:g} s" if late else f"its process ended with {code}")
        return answer

    def _start(self) -> None:
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(self.name, self.limit, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self.pipe.recv()

    def end(self) -> int | None:
        """End the process, if it still runs, and return what it ended with."""
        process, self.process = self.process, None
        if process is None:
            return None
        process.join(0.1)
        process.kill()
        process.join()
        return process.exitcode


def _serve(name: str, limit: float, pipe: Connection) -> None:
    warnings.filterwarnings("ignore")
    finder = FINDERS[name]
    with one_thread():
        finder.find(finder.prepare(CHAIN), 3)
        pipe.send("ready")
        while True:
            circuit, width = pipe.recv()
            _end_after(limit)
            pipe.send(_answer(finder, circuit, width))


def _end_after(limit: float) -> None:
    """Let the system end this process when it has used so much more CPU time."""
    most = math.ceil(time.process_time() + limit)
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _answer(finder: Finder, circuit: Circuit, width: int) -> Answer:
    source = finder.prepare(circuit)
    times: list[float] = []
    try:
        while len(times) < (1 if times and times[0] > SHORT else ROUNDS):
            start = time.process_time()
            found = finder.find(source, width)
            times.append(time.process_time() - start)
    except Exception as error:  # whatever a finder raises is its answer
        return Answer(failure=f"{type(error).__name__}: {error}")
    return Answer(*finder.read(circuit, found), statistics.median(times))
