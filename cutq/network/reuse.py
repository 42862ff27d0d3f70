"""Using qubits again: an order of a fragment's items in which few segments are live at a time.

A segment is live from its first item to its last; then its qubit is measured and reset, and hosts another. Parts of a
fragment that nothing has joined yet are independent, so one may run after the other. They are merged in that way, in
the order of two that takes fewer qubits, as the items join them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from networkx.utils import UnionFind

from cutq.network.network import Fragment, Slot, Step


@dataclass(frozen=True)
class Schedule:
    """How a fragment runs on few qubits.

    Attributes:
        items: positions of the fragment's items in the order in which they run.
        host: for each segment the qubit that it is on.
        width: how many qubits that takes.
    """

    items: tuple[int, ...]
    host: tuple[int, ...]
    width: int


def schedule(fragment: Fragment) -> Schedule:
    """The better one of two orders: parts merged from the first item on, and from the last one.

    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> star = Circuit(5, tuple(Operation("cx", (q, 4)) for q in range(4)))
    >>> found = schedule(split(star, CutPlan.uncut()).fragments[0])
    >>> found.width, found.host
    (2, (0, 0, 0, 0, 1))
    """
    order = _close(fragment)
    forward, backward = _merged(fragment, order), _merged(fragment, order[::-1])[::-1]
    return min((_hosted(fragment, order) for order in (forward, backward)), key=lambda found: found.width)


def segments(item: Step | Slot) -> tuple[int, ...]:
    """The segments that an item acts on."""
    return (item.segment,) if isinstance(item, Slot) else item.operation.qubits


def _close(fragment: Fragment) -> list[int]:
    """The items, those on one segment beside a neighbour on more, lest they keep their segment waiting."""
    blocks: list[list[int]] = []
    anchor: dict[int, list[int]] = {}
    waiting: dict[int, list[int]] = {}
    for item, what in enumerate(fragment.items):
        touched = segments(what)
        if len(touched) > 1:
            block = [one for segment in touched for one in waiting.pop(segment, [])]
            blocks.append([*block, item])
            anchor.update(dict.fromkeys(touched, blocks[-1]))
        elif touched[0] in anchor:
            anchor[touched[0]].append(item)
        else:
            waiting.setdefault(touched[0], []).append(item)
    return [item for block in (*blocks, *waiting.values()) for item in block]


def _merged(fragment: Fragment, order: Sequence[int]) -> list[int]:
    """The items part by part, where they are met in this order, of time or of the reverse of time."""
    last = {segment: item for item in order for segment in segments(fragment.items[item])}
    union = UnionFind(range(fragment.width))
    most, live = [1] * fragment.width, [1] * fragment.width
    sequence: list[deque[int]] = [deque() for _ in range(fragment.width)]
    for item in order:
        touched = segments(fragment.items[item])
        for segment in touched[1:]:
            a, b = union[touched[0]], union[segment]
            if a != b:
                if max(most[b], live[b] + most[a]) < max(most[a], live[a] + most[b]):
                    a, b = b, a
                union.union(a, b)
                root = union[a]
                most[root], live[root] = max(most[a], live[a] + most[b]), live[a] + live[b]
                sequence[root] = _chained(sequence[a], sequence[b])
        root = union[touched[0]]
        sequence[root].append(item)
        live[root] -= sum(last[segment] == item for segment in touched)
    return [item for segment in range(fragment.width) if union[segment] == segment for item in sequence[segment]]


def _chained(first: deque[int], second: deque[int]) -> deque[int]:
    """One after the other; the shorter one moves."""
    if len(first) < len(second):
        second.extendleft(reversed(first))
        return second
    first.extend(second)
    return first


def _hosted(fragment: Fragment, order: Sequence[int]) -> Schedule:
    """The qubits that an order takes: each segment moves to the lowest one that is free at its first item."""
    last = {segment: item for item in order for segment in segments(fragment.items[item])}
    host, free, width = [-1] * fragment.width, list[int](), 0
    for item in order:
        touched = segments(fragment.items[item])
        for segment in touched:
            if host[segment] < 0:
                if not free:
                    free.append(width)
                    width += 1
                host[segment] = min(free)
                free.remove(host[segment])
        free += [host[segment] for segment in touched if last[segment] == item]
    idle = [segment for segment in range(fragment.width) if host[segment] < 0]
    for segment in idle:
        host[segment] = 0
    return Schedule(tuple(order), tuple(host), max(width, 1 if idle else 0))
