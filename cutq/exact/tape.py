"""Many Pauli words at once: their values as one list of pairwise contractions that the words share.

The value of a word in a cut network is the contraction of *leaf* tensors. Some leaves depend on the word, but only on
the letters on their own qubits. Over a binary contraction tree two recursions say everything that can be shared:

- ``up(node, letters below it)``: the subtree contracted, ``up(left)`` with ``up(right)``;
- ``down(node, letters elsewhere)``: the environment of the subtree, ``down(parent)`` with ``up(sibling)``.

Each word is read out at one leaf, its *home*: its value is the sum of the product of the home's tensor and
``down(home, rest of the word)``, so that all words of one home and one rest share one environment. A :class:`Tape`
lists each distinct contraction once, in an order that runs forward for values and in reverse for derivatives.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cutq.circuits.observable import Word
from cutq.exact.homes import LeafSpec, Reading, read_words
from cutq.exact.pairwise import Contraction, IntArray, contraction, places
from cutq.exact.sharing import Shape, Sharing, Tree, check_indices, check_tree

COMPILED_LIMIT = 2**18
"""Multiply-adds of one step above which matrix products of numpy are faster than compiled loops."""


@dataclass(frozen=True, eq=False)
class Tables:
    """The contractions of a tape as flat arrays, for compiled loops.

    Attributes:
        kinds: ``(C, 6)``: m, k, n, and for a, b and out where in ``places`` its table starts, or -1 where the tensor
            is stored in the order of its matrix.
        places: for each entry of a matrix its place in the stored tensor.
        scratch: entries of the largest matrix.
    """

    kinds: IntArray
    places: IntArray
    scratch: int


@dataclass(frozen=True)
class Readout:
    """Where words are read out.

    Attributes:
        home: the leaf whose tensor closes the sum.
        rest: the letters of the word that other leaves read.
        tensor: the number of the environment, with the axes of the home leaf.
    """

    home: int
    rest: Word
    tensor: int


@dataclass(frozen=True, eq=False)
class Tape:
    """A list of contractions; tensors are numbered: the leaf tensors, one for each step, last the scalar 1.

    Data of one row are one flat array in which the tensors lie one after another.

    Attributes:
        leaves: pairs (leaf, letters on its qubits) of the leaf tensors that the caller supplies.
        shapes: the shape of each tensor.
        offsets: the place of each tensor in the flat data, and the end, ``(T + 1,)``.
        contractions: the distinct contractions.
        steps: ``(S, 3)``: number of the contraction, tensors a and b; step s makes tensor ``len(leaves) + s``.
        readouts: the distinct pairs of home and rest.
        placements: for each word the number of its readout and its letters at home.
    """

    leaves: tuple[tuple[int, Word], ...]
    shapes: tuple[tuple[int, ...], ...]
    offsets: IntArray
    contractions: tuple[Contraction, ...]
    steps: IntArray
    readouts: tuple[Readout, ...]
    placements: tuple[tuple[int, Word], ...]

    @property
    def unit(self) -> int:
        """The number of the scalar 1: the environment of a leaf that stands alone."""
        return len(self.shapes) - 1

    @property
    def entries(self) -> int:
        """The numbers in all tensors of one row."""
        return int(self.offsets[-1])

    def slot(self, tensor: int) -> slice:
        """Where a tensor lies in the flat data of a row."""
        return slice(int(self.offsets[tensor]), int(self.offsets[tensor + 1]))

    @cached_property
    def flops(self) -> int:
        """Twice the real multiply-adds of all steps, for one row of real tensors."""
        work = [2 * one.m * one.k * one.n for one in self.contractions]
        return sum(work[kind] for kind in self.steps[:, 0].tolist())

    @cached_property
    def small(self) -> bool:
        """Whether compiled loops suit every step; otherwise the matrix products of numpy do."""
        return all(one.m * one.k * one.n <= COMPILED_LIMIT for one in self.contractions)

    @cached_property
    def tables(self) -> Tables:
        """The contractions as flat arrays."""
        kinds = np.full((len(self.contractions), 6), -1, np.int64)
        blocks = [np.zeros(0, np.int64)]
        end = 0
        for row, one in zip(kinds, self.contractions, strict=True):
            row[:3] = one.m, one.k, one.n
            for column, table in enumerate(places(one), 3):
                if np.any(np.diff(table) != 1):
                    row[column], end = end, end + len(table)
                    blocks.append(table)
        sides = [max(one.m * one.k, one.k * one.n, one.m * one.n) for one in self.contractions]
        return Tables(kinds, np.concatenate(blocks), max(sides, default=0))


# --- the tape ---------------------------------------------------------------------------------------------------------


Order = tuple[Hashable, ...]


class _Writer:
    """The tape while it is written: tensors get their numbers in the order in which they are made."""

    def __init__(self, sizes: Mapping[Hashable, int]) -> None:
        self.sizes = sizes
        self.shapes: list[tuple[int, ...]] = []
        self.blocks: list[IntArray] = []
        self.kinds: dict[Contraction, int] = {}

    def add(self, shape: tuple[int, ...], count: int) -> int:
        """Numbers for tensors of one shape: the first of them."""
        self.shapes += [shape] * count
        return len(self.shapes) - count

    def contract(
        self, a: IntArray, a_order: Order, b: IntArray, b_order: Order, target: Order | None = None
    ) -> tuple[int, Order]:
        """Contract pairs of tensors of one kind: the number of the first result, and the indices of its axes."""
        indices = list(dict.fromkeys((*a_order, *b_order)))
        label = {index: number for number, index in enumerate(indices)}
        labels = (tuple(label[index] for index in order) for order in (a_order, b_order))
        goal = None if target is None else tuple(label[index] for index in target)
        kind, swapped, axes = contraction(*labels, goal, tuple(self.sizes[index] for index in indices))
        block = np.empty((len(a), 3), np.int64)
        block[:, 0] = self.kinds.setdefault(kind, len(self.kinds))
        block[:, 1], block[:, 2] = (b, a) if swapped else (a, b)
        self.blocks.append(block)
        return self.add(kind.out_shape, len(a)), tuple(indices[number] for number in axes)


@dataclass(frozen=True)
class _Up:
    """The tensors of one node: number of that with the identity (there or not), and the indices of their axes."""

    first: int
    order: Order


@dataclass(frozen=True)
class _Down:
    """The environments of one node: the readouts with a home below it, the tensor of each, the indices of the axes."""

    readouts: IntArray
    tensors: IntArray
    order: Order


_UNIT = -1
"""The scalar 1 until the number of tensors is known."""


def plan_tape(leaves: Sequence[LeafSpec], sizes: Mapping[Hashable, int], tree: Tree, words: Sequence[Word]) -> Tape:
    """The tape for the values of Pauli words.

    Args:
        leaves: the tensors; each index is on exactly two of them.
        sizes: the dimension of each index.
        tree: pairs of nodes to contract, down to one node; nodes may share no index.
        words: in the order of the tape's ``placements``.

    Raises:
        PlanError: where the tree is no tree over the leaves, or an index is not on two leaves.
        ObservableError: where a word acts on a qubit that no leaf reads.

    Two leaves with one qubit each, joined by an index of size 4. ``Z0`` and ``Z1`` are read out at home, ``Z0 Z1`` at
    leaf 0 with ``Z1`` as its rest; nothing is left to contract:

    >>> ends = [LeafSpec(("bond",), frozenset({qubit})) for qubit in (0, 1)]
    >>> words = [((0, "Z"),), ((1, "Z"),), ((0, "Z"), (1, "Z"))]
    >>> tape = plan_tape(ends, {"bond": 4}, [(0, 1)], words)
    >>> tape.leaves
    ((0, ()), (1, ()), (1, ((1, 'Z'),)))
    >>> tape.readouts[2], len(tape.steps)
    (Readout(home=0, rest=((1, 'Z'),), tensor=2), 0)
    """
    shape = check_tree(len(leaves), tree)
    check_indices(leaves, sizes)
    reading = read_words(leaves, words)
    sharing, writer = Sharing(shape, reading), _Writer(sizes)
    supplied, ups = _leaf_tensors(leaves, reading, sharing, writer)
    _write_up(shape, sharing, writer, ups)
    environments = _write_down(leaves, shape, sharing, writer, ups)
    return _finish(writer, reading, supplied, environments)


def _leaf_tensors(
    leaves: Sequence[LeafSpec], reading: Reading, sharing: Sharing, writer: _Writer
) -> tuple[list[tuple[int, Word]], list[_Up]]:
    supplied: list[tuple[int, Word]] = []
    ups = []
    for number, leaf in enumerate(leaves):
        words = [*[()] * sharing.nodes[number].identity, *reading.seen[number]]
        first = writer.add(tuple(writer.sizes[index] for index in leaf.indices), len(words))
        supplied += [(number, word) for word in words]
        ups.append(_Up(first - (not sharing.nodes[number].identity), leaf.indices))
    return supplied, ups


def _write_up(shape: Shape, sharing: Sharing, writer: _Writer, ups: list[_Up]) -> None:
    """Contract each subtree for all letters below it that some environment needs."""
    for number, (left, right) in enumerate(shape.pairs):
        node = sharing.nodes[shape.leaves + number]
        none = np.zeros(int(node.identity), np.int64)
        if not node.identity and not len(node.left):
            ups.append(_Up(0, ()))
            continue
        a = ups[left].first + np.concatenate((none, node.left))
        b = ups[right].first + np.concatenate((none, node.right))
        first, order = writer.contract(a, ups[left].order, b, ups[right].order)
        ups.append(_Up(first - (not node.identity), order))


def _write_down(
    leaves: Sequence[LeafSpec], shape: Shape, sharing: Sharing, writer: _Writer, ups: Sequence[_Up]
) -> IntArray:
    """Contract the environments on the paths from the root to the homes: the tensor of each readout."""
    everything = np.arange(len(sharing.place))
    downs = {shape.root: _Down(everything, np.full(len(everything), _UNIT), ())}
    for node in range(shape.root, shape.leaves - 1, -1):
        pair = shape.pairs[node - shape.leaves]
        if node not in downs:
            continue
        above = downs.pop(node)
        for child, sibling in (pair, pair[::-1]):
            keep = sharing.inside(child, above.readouts)
            if keep.any():
                inside = _Down(above.readouts[keep], above.tensors[keep], above.order)
                target = leaves[child].indices if child < shape.leaves else None
                downs[child] = _environment(inside, sibling, target, sharing, writer, ups[sibling])
    tensors = np.full(len(everything), _UNIT)
    for below in downs.values():
        tensors[below.readouts] = below.tensors
    return tensors


def _environment(above: _Down, sibling: int, target: Order | None, sharing: Sharing, writer: _Writer, up: _Up) -> _Down:
    beside = up.first + sharing.states(sibling, above.readouts)
    if above.tensors[0] == _UNIT and target in (None, up.order):
        return _Down(above.readouts, beside, up.order)
    many = int(beside.max()) + 1
    codes, inverse = np.unique((above.tensors + 1) * many + beside, return_inverse=True)
    first, order = writer.contract(codes // many - 1, above.order, codes % many, up.order, target)
    return _Down(above.readouts, first + inverse, order)


def _finish(writer: _Writer, reading: Reading, supplied: Sequence[tuple[int, Word]], environments: IntArray) -> Tape:
    unit = writer.add((), 1)
    steps = np.concatenate([np.empty((0, 3), np.int64), *writer.blocks])
    steps[steps == _UNIT] = unit
    tensors = np.where(environments == _UNIT, unit, environments).tolist()
    size = {shape: math.prod(shape) for shape in set(writer.shapes)}
    offsets = np.cumsum([0, *(size[shape] for shape in writer.shapes)])
    readouts = tuple(map(Readout, reading.homes, reading.rests, tensors))
    return Tape(
        tuple(supplied), tuple(writer.shapes), offsets, tuple(writer.kinds), steps, readouts, reading.placements
    )
