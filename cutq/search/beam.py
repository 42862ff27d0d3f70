"""The beam: the same sweep, but only the cheapest few states survive each step. Good plans soon, proof never."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nsmallest

from cutq.search.frontier import START, Clock, Labels, Layer, Path, Widths, advance
from cutq.search.sweep import Step


def beam(steps: Sequence[Step], max_qubits: int, size: int, limit: float, clock: Clock) -> Path | None:
    """The cheapest plan of cost at most `limit` that `size` states at a time lead to, if any."""
    layer = START
    for step in steps:
        layer = _narrowed(advance(layer, step, max_qubits, limit, clock)[0], size)
    return layer[()][()] if layer else None


def _narrowed(layer: Layer, size: int) -> Layer:
    """The cheapest states; of equal ones those in more and narrower fragments, which leave more room."""
    states = ((labels, widths, path) for labels, front in layer.items() for widths, path in front.items())
    narrow: Layer = {}
    for labels, widths, path in nsmallest(size, states, key=_rank):
        narrow.setdefault(labels, {})[widths] = path
    return narrow


def _rank(state: tuple[Labels, Widths, Path]) -> tuple[float, int, int, Labels, Widths]:
    labels, widths, path = state
    return path.cost, -len(widths), sum(widths), labels, widths
