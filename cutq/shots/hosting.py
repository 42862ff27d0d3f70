"""When and where the parts of a program run: lines begin before their first item, end after their last one.

A line is a segment of a fragment or an ancilla. Instructions are first written on lines; a line then gets a qubit,
one of its own or one whose line has ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import networkx as nx

from cutq.network.network import Fragment
from cutq.network.reuse import segments
from cutq.shots.program import Instruction, Reset

Block = tuple[Instruction, ...]
"""Instructions that run in succession."""


def succession(fragment: Fragment, ties: Sequence[Sequence[int]]) -> list[int] | None:
    """The items in an order in which those of each tie, some slots, are done at one time; of a tie only the first one.

    Returns:
        None where a slot of a tie can only be done after another one.

    >>> from cutq.circuits.circuit import Operation
    >>> from cutq.network.network import Segment, Slot, Step
    >>> turns = [Step(k + 1, Operation("h", (k,))) for k in (0, 1)]
    >>> both = Fragment((Segment(0), Segment(1)), (Slot(0, 0, 0, 0, ()), *turns, Slot(3, 0, 1, 1, ())), (), (0, 1))
    >>> succession(both, [(0, 3)])
    [2, 0, 1]
    """
    if not ties:
        return list(range(len(fragment.items)))
    first = {item: tie[0] for tie in ties for item in tie}
    graph, last = nx.DiGraph(), dict[int, int]()
    for k, item in enumerate(fragment.items):
        own = first.get(k, k)
        graph.add_node(own)
        for segment in segments(item):
            if segment in last:
                graph.add_edge(last[segment], own)
            last[segment] = own
    return list(nx.lexicographical_topological_sort(graph)) if nx.is_directed_acyclic_graph(graph) else None


def ordered(starts: Iterable[Block], middle: Sequence[Block], ends: Iterable[Block]) -> tuple[Instruction, ...]:
    """One succession of instructions.

    Args:
        starts: what is done as soon as any of its lines is met in the middle.
        middle: what is done in this order.
        ends: what is done once the middle has met all of its lines for the last time.

    Lines that the middle does not meet begin and end after it.
    """
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for k, block in enumerate(middle):
        for line in _lines(block):
            first.setdefault(line, k)
            last[line] = k
    size = len(middle)
    before: list[list[Block]] = [[] for _ in range(size + 1)]
    behind: list[list[Block]] = [[] for _ in range(size + 1)]
    for block in starts:
        before[min((first.get(line, size) for line in _lines(block)), default=size)].append(block)
    for block in ends:
        behind[max((last.get(line, size) for line in _lines(block)), default=size)].append(block)
    found: list[Instruction] = []
    for k, block in enumerate((*middle, ())):
        for part in (*before[k], block, *behind[k]):
            found += part
    return tuple(found)


def hosted(instructions: Iterable[Instruction]) -> tuple[tuple[Instruction, ...], int]:
    """The instructions on few qubits, and how many: a line moves to the lowest qubit that is free when it begins.

    >>> from cutq.circuits.circuit import Operation
    >>> from cutq.shots.program import Gate, Measure
    >>> one = [Gate(Operation("h", (0,))), Measure(0, 0)]
    >>> hosted([*one, Measure(5, 1)])[0][2:]
    (Reset(qubit=0), Measure(qubit=0, bit=1))
    """
    instructions = tuple(instructions)
    last = {line: k for k, instruction in enumerate(instructions) for line in instruction.qubits}
    host = [-1] * (max(last, default=-1) + 1)
    found: list[Instruction] = []
    free: set[int] = set()
    width = 0
    for k, instruction in enumerate(instructions):
        for line in instruction.qubits:
            if host[line] < 0 and free:
                host[line] = min(free)
                free.remove(host[line])
                found.append(Reset(host[line]))
            elif host[line] < 0:
                host[line], width = width, width + 1
        found.append(instruction.on(host))
        free.update(host[line] for line in instruction.qubits if last[line] == k)
    return tuple(found), width


def _lines(block: Block) -> set[int]:
    return {line for instruction in block for line in instruction.qubits}
