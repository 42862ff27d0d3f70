"""Planning: what is shared, where words are read out, how many contractions there are, what is refused."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pytest

from cutq import ObservableError, PlanError
from cutq.circuits.observable import Word
from cutq.exact.homes import LeafSpec
from cutq.exact.sharing import Tree
from cutq.exact.tape import COMPILED_LIMIT, Tape, plan_tape


@dataclass(frozen=True)
class Case:
    """What a tape is planned for."""

    leaves: tuple[LeafSpec, ...]
    sizes: dict[Hashable, int]
    tree: Tree
    words: tuple[Word, ...]

    @property
    def tape(self) -> Tape:
        return plan_tape(self.leaves, self.sizes, self.tree, self.words)


def letters(text: str) -> Word:
    """``letters("Z0 X3")``."""
    return tuple((int(pauli[1:]), pauli[0]) for pauli in text.split())


def random_word(rng: np.random.Generator, qubits: int, weight: int) -> Word:
    chosen = sorted(rng.choice(qubits, size=min(weight, qubits), replace=False).tolist())
    return tuple((qubit, "XYZ"[rng.integers(3)]) for qubit in chosen)


def random_tree(rng: np.random.Generator, leaves: int) -> Tree:
    nodes, pairs = list(range(leaves)), []
    for number in range(leaves, 2 * leaves - 1):
        i, j = (nodes.pop(int(rng.integers(len(nodes)))) for _ in range(2))
        pairs.append((i, j))
        nodes.append(number)
    return pairs


def random_case(seed: int, leaves: int | None = None) -> Case:
    """A random network of up to eight tensors, connected or not, with loops and double edges, and any order."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 9)) if leaves is None else leaves
    indices: list[list[Hashable]] = [[] for _ in range(count)]
    sizes: dict[Hashable, int] = {}
    for edge in range(int(rng.integers(0, 2 * count)) if count > 1 else 0):
        sizes[f"e{edge}"] = int(rng.integers(1, 4))
        for end in rng.choice(count, size=2, replace=False):
            indices[end].insert(int(rng.integers(len(indices[end]) + 1)), f"e{edge}")
    support: list[set[int]] = [set() for _ in range(count)]
    qubits = 2 * count
    for qubit in range(qubits):
        readers = 2 if rng.random() < 0.1 and count > 1 else 1
        for leaf in rng.choice(count, size=readers, replace=False):
            support[leaf].add(qubit)
    costs = rng.integers(0, 3, size=count).tolist()
    words = {random_word(rng, qubits, int(rng.integers(0, 5))) for _ in range(25)}
    specs = tuple(LeafSpec(tuple(i), frozenset(s), c) for i, s, c in zip(indices, support, costs, strict=True))
    return Case(specs, sizes, random_tree(rng, count), tuple(sorted(words)))


def chain(length: int, bond: int, words: tuple[Word, ...]) -> Case:
    """One qubit for each leaf, contracted from the left."""
    leaves = []
    for k in range(length):
        left, right = [("bond", k)] * (k > 0), [("bond", k + 1)] * (k < length - 1)
        leaves.append(LeafSpec((*left, *right), frozenset({k}), 1.0))
    tree = [(0 if k == 1 else length + k - 2, k) for k in range(1, length)]
    return Case(tuple(leaves), {("bond", k): bond for k in range(1, length)}, tree, words)


def ising(length: int) -> tuple[Word, ...]:
    """The words of an open Ising chain."""
    fields = [((k, "X"),) for k in range(length)]
    return (*fields, *(((k, "Z"), (k + 1, "Z")) for k in range(length - 1)))


def test_words_with_one_home_and_one_rest_share_an_environment() -> None:
    leaves = (LeafSpec(("a",), frozenset({0, 1}), 5.0), LeafSpec(("a",), frozenset({2}), 1.0))
    words = [letters(text) for text in ("Z0", "X1", "Z0 X1", "Z0 Z2", "X1 Z2", "Z2")]
    tape = plan_tape(leaves, {"a": 2}, [(0, 1)], words)
    assert [(one.home, one.rest) for one in tape.readouts] == [(0, ()), (0, letters("Z2")), (1, ())]
    assert [number for number, _ in tape.placements] == [0, 0, 0, 1, 1, 2]
    assert [local for _, local in tape.placements] == [letters(t) for t in ("Z0", "X1", "Z0 X1", "Z0", "X1", "Z2")]
    assert set(tape.leaves) == {(1, ()), (1, letters("Z2")), (0, ())}


def test_the_home_is_dearest_then_has_fewest_rests_then_comes_first() -> None:
    def home(costs: tuple[float, ...], words: list[str]) -> int:
        leaves = [LeafSpec((), frozenset({k}), cost) for k, cost in enumerate(costs)]
        tape = plan_tape(leaves, {}, [(0, 1), (3, 2)], [letters(text) for text in words])
        return tape.readouts[tape.placements[0][0]].home

    assert home((1, 2, 3), ["Z0 Z1"]) == 1
    assert home((2, 2, 3), ["Z0 Z1"]) == 0
    assert home((2, 2, 3), ["Z0 Z1", "Z0 X1", "Z0 Y1"]) == 1
    assert home((1, 2, 3), [""]) == 2
    assert home((3, 3, 3), ["", "Z1"]) == 1


def test_a_leaf_alone_has_the_scalar_one_around_it() -> None:
    tape = plan_tape([LeafSpec((), frozenset({0}))], {}, [], [(), letters("Z0")])
    assert tape.leaves == ()
    assert [one.tensor for one in tape.readouts] == [tape.unit]
    assert tape.shapes[tape.unit] == ()
    assert tape.entries == 1


def test_no_words_need_nothing() -> None:
    tape = chain(5, 2, ()).tape
    assert (tape.leaves, len(tape.steps), tape.readouts) == ((), 0, ())


@pytest.mark.parametrize("seed", range(30))
def test_tensors_are_used_as_they_are_stored(seed: int) -> None:
    case = random_case(seed)
    tape = case.tape
    used = {int(tensor) for tensor in tape.steps[:, 1:].ravel()} | {one.tensor for one in tape.readouts}
    assert used | {tape.unit} == set(range(len(tape.shapes))), "every tensor is needed"
    for number, (kind, a, b) in enumerate(tape.steps.tolist(), len(tape.leaves)):
        one = tape.contractions[kind]
        assert (one.a_shape, one.b_shape, one.out_shape) == (tape.shapes[a], tape.shapes[b], tape.shapes[number])
        assert max(a, b) < number or tape.unit in (a, b)
    assert len(set(map(tuple, tape.steps.tolist()))) == len(tape.steps), "nothing is contracted twice"
    for one in tape.readouts:
        assert tape.shapes[one.tensor] == tuple(case.sizes[index] for index in case.leaves[one.home].indices)
    assert np.array_equal(np.diff(tape.offsets), [int(np.prod(shape)) for shape in tape.shapes])
    work = [2 * one.m * one.k * one.n for one in tape.contractions]
    assert tape.flops == sum(work[kind] for kind in tape.steps[:, 0])


def test_steps_grow_linearly_with_a_chain_of_neighbour_words() -> None:
    steps = [len(chain(length, 4, ising(length)).tape.steps) for length in (50, 100, 200)]
    assert steps[2] - steps[1] == 2 * (steps[1] - steps[0])
    assert steps[0] <= 6 * 50


def test_one_word_on_a_long_chain_costs_one_sweep() -> None:
    word = tuple((k, "Z") for k in range(3000))
    tape = chain(3000, 4, (word,)).tape
    assert len(tape.steps) < 3000
    assert len(tape.contractions) <= 6
    assert len(tape.leaves) == 2999
    assert np.all(tape.tables.kinds[:, 3:] == -1), "vector times matrix, all as they are stored"


def test_large_steps_are_told_apart() -> None:
    pair = (LeafSpec(("a",)), LeafSpec(("a", "b")), LeafSpec(("b",), frozenset({0}), 1.0))
    small, large = (
        plan_tape(pair, {"a": size, "b": 2 * COMPILED_LIMIT // 64}, [(0, 1), (3, 2)], [letters("Z0")]).small
        for size in (32, 64)
    )
    assert small
    assert not large


@pytest.mark.parametrize(
    ("leaves", "sizes", "tree", "message"),
    [
        ([LeafSpec(("a",)), LeafSpec(("a",))], {"a": 2}, [], "0 pairs do not contract 2 leaves"),
        ([], {}, [], "0 pairs do not contract 0 leaves"),
        ([LeafSpec(()), LeafSpec(())], {}, [(0, 0)], "each node is used once"),
        ([LeafSpec(()), LeafSpec(())], {}, [(0, 2)], "contracts node 2"),
        ([LeafSpec(("a",)), LeafSpec(())], {"a": 2}, [(0, 1)], r"index 'a' is on the leaves \[0\]"),
        ([LeafSpec(("a", "a"))], {"a": 2}, [], "two different leaves"),
        ([LeafSpec(("a",)), LeafSpec(("a",))], {}, [(0, 1)], "size None"),
    ],
)
def test_what_is_no_network_is_refused(
    leaves: list[LeafSpec], sizes: dict[Hashable, int], tree: Tree, message: str
) -> None:
    with pytest.raises(PlanError, match=message):
        plan_tape(leaves, sizes, tree, [])


def test_a_qubit_that_nothing_reads_is_refused() -> None:
    with pytest.raises(ObservableError, match="X7 acts on qubit 7"):
        plan_tape([LeafSpec((), frozenset({0}))], {}, [], [letters("X7")])
