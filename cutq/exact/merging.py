"""In which order the tensors of a state are multiplied together, pair by pair, from their sizes alone."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Outline:
    """The size of a tensor over outcomes, traced indices and bonds.

    Attributes:
        outcomes: how many outcomes of its qubits are told apart.
        traced: dimension of what is summed over between bra and ket.
        dims: the dimension of each bond.
    """

    outcomes: int
    traced: int
    dims: Mapping[int, int]

    @property
    def entries(self) -> int:
        """Number of entries."""
        return self.outcomes * self.traced * math.prod(self.dims.values())

    @property
    def compressed(self) -> Outline:
        """With no more traced indices than the bonds can tell apart."""
        return Outline(self.outcomes, min(self.traced, math.prod(self.dims.values())), self.dims)

    def joined(self, other: Outline) -> Outline:
        """Of the product, summed over common bonds."""
        dims = {bond: dim for bond, dim in (*self.dims.items(), *other.dims.items()) if not self._share(other, bond)}
        return Outline(self.outcomes * other.outcomes, self.traced * other.traced, dims)

    def _share(self, other: Outline, bond: int) -> bool:
        return bond in self.dims and bond in other.dims


@dataclass(frozen=True)
class Merging:
    """An order of pairwise products of tensors that bonds join.

    Attributes:
        pairs: positions of the two tensors of each step; the product takes the next free position.
        outlines: the tensors and then the products, compressed.
        peak: entries of all tensors that are held at the worst moment of all steps but the last.
        largest: entries of the largest product of all steps but the last, before it is compressed.
    """

    pairs: tuple[tuple[int, int], ...]
    outlines: tuple[Outline, ...]
    peak: int
    largest: int


def plan_merges(outlines: Sequence[Outline]) -> Merging:
    """The greedy order: always the pair whose product grows least over what goes in, then the one of least work.

    The tensors are joined by bonds to one whole.

    >>> ends, middle = Outline(4, 1, {0: 2}), Outline(4, 1, {0: 2, 1: 2})
    >>> plan_merges([ends, middle, Outline(2, 1, {1: 2})]).pairs
    ((1, 2), (0, 3))
    """
    found = [outline.compressed for outline in outlines]
    owners: dict[int, set[int]] = {}
    for position, outline in enumerate(found):
        for bond in outline.dims:
            owners.setdefault(bond, set()).add(position)
    queue = [_offer(found, *sorted(pair)) for pair in owners.values()]
    heapq.heapify(queue)
    pairs: list[tuple[int, int]] = []
    gone: set[int] = set()
    while queue:
        _, _, first, second = heapq.heappop(queue)
        if first in gone or second in gone:
            continue
        gone |= {first, second}
        pairs.append((first, second))
        found.append(found[first].joined(found[second]).compressed)
        for bond in found[-1].dims:
            owners[bond] = (owners[bond] - {first, second}) | {len(found) - 1}
        for other in {other for bond in found[-1].dims for other in owners[bond]} - {len(found) - 1}:
            heapq.heappush(queue, _offer(found, other, len(found) - 1))
    held = list(_held(found, pairs[:-1]))
    return Merging(
        tuple(pairs),
        tuple(found),
        max([sum(outline.entries for outline in found[: len(outlines)]), *(total for total, _ in held)]),
        max((product for _, product in held), default=0),
    )


def _offer(found: Sequence[Outline], first: int, second: int) -> tuple[int, int, int, int]:
    """What a product grows by, what it costs, and which pair it is of."""
    one, two = found[first], found[second]
    product = one.joined(two)
    shared = math.prod(dim for bond, dim in one.dims.items() if bond in two.dims)
    return product.compressed.entries - one.entries - two.entries, product.entries * shared, first, second


def _held(found: Sequence[Outline], pairs: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """For each step the entries held while it works, and those of its product before it is compressed."""
    start = len(found) - len(pairs) - 1 if pairs else len(found)
    held = sum(outline.entries for outline in found[:start])
    for step, (first, second) in enumerate(pairs):
        product = found[first].joined(found[second]).entries
        yield held + product, product
        held += found[start + step].entries - found[first].entries - found[second].entries
