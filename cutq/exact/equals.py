"""Fragments that are equal: which of them are run, and where else their densities go."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from cutq.exact.groups import Mask

Places = Mapping[Mask, Sequence[int]]
"""For each word the offsets of its density in a row of data."""


@dataclass(frozen=True, eq=False)
class Division:
    """What becomes of equal fragments.

    Attributes:
        run: those that are run in every evaluation: those that words are read out at, or else one.
        squares: the densities that the first of them makes.
        fixed: the densities that depend on no parameter, made before.
    """

    run: tuple[int, ...]
    squares: Places
    fixed: Places


def divided(
    equal: Sequence[int], constant: bool, wanted: Mapping[int, Mapping[Mask, int]], homes: Container[int]
) -> Division:
    """Divide equal fragments.

    Args:
        equal: their numbers.
        constant: whether their angles depend on no parameter.
        wanted: for each fragment the words whose densities the contraction needs, and where.
        homes: the fragments that words are read out at; they are run whatever else is known.

    Two fragments of which the second is a home are run once, but where they depend on no parameter the density of the
    first is made before:

    >>> one, wanted = Mask(), {0: {Mask(): 16}, 1: {Mask(): 32}}
    >>> divided([0, 1], False, wanted, {1}).run, divided([0, 1], False, wanted, {1}).squares[one]
    ((1,), [16, 32])
    >>> divided([0, 1], True, wanted, {1}).run, divided([0, 1], True, wanted, {1}).fixed[one]
    ((1,), [16, 32])
    """
    run = tuple(number for number in equal if number in homes)
    before = {mask for n in equal if n not in homes for mask in wanted.get(n, ())} if constant else set()
    squares, fixed = dict[Mask, list[int]](), dict[Mask, list[int]]()
    for number in equal:
        for mask, offset in wanted.get(number, {}).items():
            (fixed if mask in before else squares).setdefault(mask, []).append(offset)
    return Division(run or tuple(equal[:1]) * bool(squares), squares, fixed)
