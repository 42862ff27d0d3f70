"""Fragments on devices of unequal size: which fits where, side by side."""

from __future__ import annotations

from collections.abc import Sequence

TRIES = 20_000
"""Placements that are tried before the search for a packing gives up."""


def packing(widths: Sequence[int], devices: Sequence[int]) -> tuple[int, ...] | None:
    """A device for each fragment so that no device holds more qubits than it has; None if none was found.

    The widest fragments are placed first, each on the fullest device that still holds it, with backtracking.

    >>> packing((3, 4, 4, 5), (8, 8))
    (0, 1, 1, 0)
    >>> packing((5, 5), (9,)) is None
    True
    """
    if sum(widths) > sum(devices):
        return None
    order = sorted(range(len(widths)), key=lambda fragment: -widths[fragment])
    free, chosen, tries = list(devices), list[int](), 0
    waiting = [_choices(widths, order, free, 0)]
    while waiting and len(chosen) < len(order) and tries < TRIES:
        tries += 1
        if not waiting[-1]:
            waiting.pop()
            if chosen:
                free[chosen[-1]] += widths[order[len(chosen) - 1]]
                chosen.pop()
            continue
        device = waiting[-1].pop()
        free[device] -= widths[order[len(chosen)]]
        chosen.append(device)
        waiting.append(_choices(widths, order, free, len(chosen)))
    if len(chosen) < len(order):
        return None
    place = dict(zip(order, chosen, strict=True))
    return tuple(place[fragment] for fragment in range(len(widths)))


def _choices(widths: Sequence[int], order: Sequence[int], free: Sequence[int], position: int) -> list[int]:
    """Devices that hold the next fragment, the fullest last, one of those equally full."""
    if position == len(order):
        return []
    by_room = {room: device for device, room in reversed(list(enumerate(free))) if room >= widths[order[position]]}
    return [by_room[room] for room in sorted(by_room, reverse=True)]
