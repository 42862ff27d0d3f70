"""What structure says of leg tensors, against the leg tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutq import Circuit, CutPlan, Fragment, GateCut, Network, Operation, WireCut, split
from cutq.circuits.gates import GATES, PAULIS
from cutq.exact.amplitudes import fragment_amplitudes
from cutq.network import purified
from cutq.network.legspace import paulis, places, transfers
from cutq.network.purified import Word
from cutq.network.structure import Structure, _leg_structure, leg_structure, useful
from tests import oracle
from tests.strategies import PARAMETERS, circuits, joint_cuts, ladders, plans

LETTERS = {**PAULIS, "0": np.diag([1.0, 0.0]), "1": np.diag([0.0, 1.0])}
VALUES = {name: 0.37 * k - 0.9 for k, name in enumerate(PARAMETERS)}
ATOL = 1e-10

CLIFFORD = ("x", "y", "z", "h", "s", "sdg", "sx", "sxdg", "cx", "cz", "cy", "ecr", "cx", "h", "s", "cx")
REAL = ("ry", "ry", "h", "x", "z", "cx", "cz", "ch", "cry", "swap", "ry", "cx")
DIAGONAL = ("h", "rz", "t", "cz", "cp", "rzz", "cs", "crz", "cx", "x")


def op(name: str, *qubits: int, params: Sequence[object] = ()) -> Operation:
    return Operation(name, qubits, tuple(params))  # type: ignore[arg-type]


def brute_force(fragment: Fragment, word: Word, values: Mapping[str, float] = VALUES) -> np.ndarray:
    """The leg tensor of a word, from the amplitudes."""
    dims = [place.dim for place in places(fragment)]
    amplitudes = fragment_amplitudes(fragment, values).reshape((2,) * len(fragment.outputs) + (-1,))
    asked = amplitudes
    for qubit, letter in word:
        axis = fragment.outputs.index(qubit)
        asked = np.moveaxis(np.tensordot(LETTERS[letter], asked, axes=(1, axis)), 0, axis)
    whole = amplitudes.shape[-1]
    density = (asked.reshape(-1, whole).T @ amplitudes.reshape(-1, whole).conj()).reshape((*dims, *dims))
    for k, dim in enumerate(dims):
        density = np.moveaxis(np.tensordot(paulis(dim), density, axes=((2, 1), (k, len(dims)))), 0, k)
    assert np.abs(density.imag).max() < ATOL
    return density.real


def check(network: Network, words_of: Mapping[int, str], values: Mapping[str, float] = VALUES) -> list[Structure]:
    """The law: what is dead is zero, what is known is so; for words that are restrictions of these letters."""
    found = []
    for fragment in network.fragments:
        own = tuple((qubit, words_of[qubit]) for qubit in fragment.outputs)
        words = [(), own, *((one,) for one in own), tuple((q, "01"[letter in "XI0"]) for q, letter in own)]
        structure = leg_structure(fragment, words, values)
        assert structure.live.shape == (len(words), *(place.size for place in places(fragment)))
        for k, word in enumerate(words):
            holds(structure, k, brute_force(fragment, word, values))
        found.append(structure)
    return found


def holds(structure: Structure, k: int, expected: np.ndarray) -> None:
    live, known = structure.live[k], structure.known[k]
    assert np.abs(expected[~live]).max(initial=0) < ATOL
    np.testing.assert_array_equal(known[~live], 0)
    certain = ~np.isnan(known)
    np.testing.assert_allclose(known[certain], expected[certain], atol=ATOL)


@st.composite
def letters(draw: st.DrawFn, circuit: Circuit, of: str = "IXYZ01") -> dict[int, str]:
    return {qubit: draw(st.sampled_from(of)) for qubit in range(circuit.num_qubits)}


@st.composite
def circuits_of(draw: st.DrawFn, names: Sequence[str], max_ops: int = 14) -> Circuit:
    """A random circuit of some gates, with angles that are nothing special."""
    num_qubits = draw(st.integers(2, 4))
    ops = []
    for name in draw(st.lists(st.sampled_from(names), min_size=4, max_size=max_ops)):
        qubits = draw(st.permutations(range(num_qubits)))[: GATES[name].num_qubits]
        ops.append(op(name, *qubits, params=(0.813, 0.4, 1.7)[: GATES[name].num_angles]))
    return Circuit(num_qubits, tuple(ops))


@given(st.data())
@settings(max_examples=60)
def test_nothing_alive_is_called_dead(data: st.DataObject) -> None:
    circuit = data.draw(circuits(PARAMETERS, max_qubits=4, max_ops=12))
    check(split(circuit, data.draw(plans(circuit, max_cuts=3))), data.draw(letters(circuit)))


@given(st.data())
@settings(max_examples=30)
def test_stars_and_runs(data: st.DataObject) -> None:
    circuit = data.draw(ladders(PARAMETERS, max_qubits=4, max_ops=8))
    network = split(circuit, data.draw(joint_cuts(circuit)))
    if all(np.prod([place.size for place in places(f)], initial=1) <= 4**6 for f in network.fragments):
        check(network, data.draw(letters(circuit)))


@pytest.mark.parametrize("names", [CLIFFORD, REAL, DIAGONAL], ids=["clifford", "real", "diagonal"])
@given(st.data())
@settings(max_examples=40)
def test_gates_with_structure(names: Sequence[str], data: st.DataObject) -> None:
    circuit = data.draw(circuits_of(names))
    network = split(circuit, data.draw(plans(circuit, max_cuts=3)))
    found = check(network, data.draw(letters(circuit)))
    for fragment, structure in zip(network.fragments, found, strict=True):
        # Runs of Clifford gates of rank 4 have the letters 1, X, Y, Z, and to choose between these is no Clifford gate.
        if all(table.clifford for table, _ in purified.purified(fragment, VALUES).steps):
            assert not np.isnan(structure.known).any()
        else:
            assert names is not CLIFFORD or any(place.dim == 4 for place in places(fragment))


@given(st.data())
@settings(max_examples=20)
def test_words_together_and_no_words_at_all(data: st.DataObject) -> None:
    circuit = data.draw(circuits_of((*REAL, "t", "rz"), max_ops=10))
    network = split(circuit, data.draw(plans(circuit, max_cuts=2)))
    asked = data.draw(letters(circuit, "01Z"))
    for fragment in network.fragments:
        word = tuple((qubit, asked[qubit]) for qubit in fragment.outputs)
        alone, expected = leg_structure(fragment, [word], VALUES), brute_force(fragment, word)
        for work in (2 * alone.live.size * len(fragment.items), 0):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(purified, "MOST_WORK", work)
                found = _leg_structure.__wrapped__(fragment, (word,), ())
            holds(found, 0, expected)
            assert not (alone.live & ~found.live).any()


def test_deep_fragments() -> None:
    """Many more generators are met than are independent."""
    rng = np.random.default_rng(3)
    for names in (("ry", "cx"), ("t", "h", "cx"), ("rxx", "rzz", "ryy"), ("u3", "cz")):
        ops = []
        for name in rng.choice(names, 260).tolist():
            qubits = rng.permutation(4)[: GATES[name].num_qubits].tolist()
            ops.append(op(name, *qubits, params=rng.uniform(0.3, 1.2, GATES[name].num_angles).tolist()))
        cuts = [WireCut(ops[n].qubits[0], n) for n in (20, 200)]
        check(split(Circuit(4, tuple(ops)), CutPlan(tuple(cuts))), {0: "X", 1: "Z", 2: "I", 3: "Y"})


def generic_and(num_qubits: int, *ops: Operation, name: str = "ry", seed: int = 0) -> Circuit:
    """The operations, each after generic gates on its qubits, and generic gates at the end."""
    rng = np.random.default_rng(seed)

    def generic(qubit: int) -> Operation:
        return op(name, qubit, params=tuple(rng.uniform(0.3, 1.2, GATES[name].num_angles)))

    found = [one for own in ops for one in (*map(generic, own.qubits), own)]
    return Circuit(num_qubits, (*found, *map(generic, range(num_qubits))))


BLOCK = (("cx", 0, 1), ("cz", 1, 2), ("cx", 2, 3), ("cz", 3, 0), ("cx", 1, 3), ("cx", 2, 0), ("cz", 0, 1), ("cx", 3, 2))


def two_blocks(cuts: int, name: str) -> Network:
    """A block of gates on qubits 0 to 3, then one on some of them and on fresh ones; the wires between are cut."""
    first = [op(gate, *pair) for gate, *pair in BLOCK]
    fresh = (*range(cuts), *range(4, 8 - cuts))
    second = [op(gate, *(fresh[q] for q in pair)) for gate, *pair in BLOCK]
    circuit = generic_and(8 - cuts, *first, *second, name=name)
    last = 3 * len(first) - 1
    on_wire = [max(n for n in range(last + 1) if q in circuit.operations[n].qubits) for q in range(cuts)]
    return split(circuit, CutPlan(tuple(WireCut(q, n) for q, n in enumerate(on_wire))))


def count(fragment: Fragment, letter: str) -> int:
    word = tuple((qubit, letter) for qubit in fragment.outputs)
    structure = leg_structure(fragment, [word], VALUES)
    holds(structure, 0, expected := brute_force(fragment, word))
    assert np.count_nonzero(np.abs(expected) > ATOL) == structure.live.sum()
    return int(structure.live.sum())


@pytest.mark.parametrize("cuts", [1, 2, 3])
def test_real_fragments_have_an_even_number_of_y(cuts: int) -> None:
    upstream, downstream = two_blocks(cuts, "ry").fragments
    even = (4**cuts + 2**cuts) // 2
    assert count(upstream, "Z") == count(upstream, "I") == count(downstream, "Z") == even
    assert count(downstream, "I") == 1


@pytest.mark.parametrize("cuts", [1, 2, 3])
def test_in_generic_fragments_all_is_alive(cuts: int) -> None:
    upstream, downstream = two_blocks(cuts, "u3").fragments
    assert count(upstream, "Z") == count(upstream, "I") == count(downstream, "Z") == 4**cuts
    assert count(downstream, "I") == 1


def live(fragment: Fragment, *word: tuple[int, str]) -> list[str]:
    """The letters that are alive where one wire is cut."""
    found = leg_structure(fragment, [word], VALUES).live[0]
    return ["IXYZ"[k] for k in np.flatnonzero(found)]


def test_beyond_the_light_cone_only_the_identity_is_alive() -> None:
    circuit = generic_and(3, op("cx", 0, 1), op("cx", 1, 2), name="u3")
    downstream = split(circuit, CutPlan((WireCut(1, 2),))).fragments[1]
    assert live(downstream, (2, "Z")) == ["I", "X", "Y", "Z"]
    chain = Circuit(3, (op("h", 0), op("cx", 0, 1), op("t", 1), op("u3", 2, params=(1, 2, 3)), op("cz", 2, 1)))
    assert live(split(chain, CutPlan((WireCut(1, 1),))).fragments[1], (2, "Z")) == ["I"]


def test_gates_that_a_word_does_not_see_may_be_complex() -> None:
    ops = [op("ry", 0, params=(0.3,)), op("ry", 1, params=(0.9,)), op("cx", 0, 1), op("t", 0), op("h", 1)]
    upstream = split(Circuit(2, tuple(ops)), CutPlan((WireCut(1, 2),))).fragments[0]
    assert live(upstream, (0, "Z")) == ["I", "X", "Z"]
    assert live(upstream, (0, "X")) == ["I", "X", "Y"]


def test_where_a_wire_is_only_a_control_x_and_y_are_dead() -> None:
    ops = [op("u3", 0, params=(1, 2, 3)), op("ry", 1, params=(0.4,)), op("crx", 0, 1, params=(0.7,)), op("t", 0)]
    downstream = split(Circuit(2, tuple(ops)), CutPlan((WireCut(0, 0),))).fragments[1]
    assert live(downstream, (1, "Z")) == ["I", "Z"]
    assert live(downstream, (0, "Z")) == ["Z"]
    assert live(downstream, (0, "X")) == ["X", "Y"]
    assert live(downstream, (0, "1"), (1, "0")) == ["I", "Z"]


def test_letters_of_a_cut_gate_are_places_like_wires() -> None:
    pair = Circuit(2, (op("h", 0), op("h", 1), op("cz", 0, 1), op("h", 1)))
    first, second = split(pair, CutPlan((GateCut((2,)),))).fragments
    words = [((0, "X"),), ((0, "Z"),), ((0, "0"),), ((0, "Y"),)]
    expected = [[0, 0, 0, 2], [0, 2, 0, 0], [1, 1, 0, 0], [0, 0, 2, 0]]
    np.testing.assert_array_equal(leg_structure(first, words, {}).known, expected)
    np.testing.assert_array_equal(leg_structure(second, [((1, "Z"),)], {}).known, expected[:1])


def test_of_no_words_nothing_is_said() -> None:
    fragment = split(Circuit(2, (op("cx", 0, 1),)), CutPlan((GateCut((0,)),))).fragments[0]
    assert leg_structure(fragment, [], {}).known.shape == (0, 4)


def contracted(network: Network, tensors: Sequence[np.ndarray], values: Mapping[str, float]) -> float:
    """The value of one word, from a leg tensor of each fragment."""
    names: dict[tuple[int, int, int], int] = {}
    operands: list[Any] = []
    for fragment, tensor in zip(network.fragments, tensors, strict=True):
        ends = [(fragment.legs[p.leg].bond, fragment.legs[p.leg].end, p.component) for p in places(fragment)]
        operands += [tensor, [names.setdefault(end, len(names)) for end in ends]]
    for position, bond in enumerate(network.bonds):
        for component, matrix in enumerate(transfers(bond, values)):
            operands += [matrix, [names[position, end, component] for end in (0, 1)]]
    return float(np.einsum(*operands, [], optimize="greedy"))


@pytest.mark.parametrize("names", [CLIFFORD, REAL, DIAGONAL, None], ids=["clifford", "real", "diagonal", "all"])
@given(st.data())
@settings(max_examples=20)
def test_what_is_of_no_use_changes_no_value(names: Sequence[str] | None, data: st.DataObject) -> None:
    circuit = data.draw(circuits(PARAMETERS, 4, 10) if names is None else circuits_of(names, max_ops=10))
    network = split(circuit, data.draw(plans(circuit, max_cuts=3)))
    word = {qubit: letter for qubit, letter in data.draw(letters(circuit, "IXYZ")).items() if letter != "I"}
    own = [tuple((q, word[q]) for q in fragment.outputs if q in word) for fragment in network.fragments]
    structures = [leg_structure(f, [one], VALUES) for f, one in zip(network.fragments, own, strict=True)]
    masks = useful(network, structures, VALUES)
    assert not any((mask & ~structure.live).any() for mask, structure in zip(masks, structures, strict=True))
    tensors = [brute_force(f, one) * mask[0] for f, one, mask in zip(network.fragments, own, masks, strict=True)]
    expected = oracle.word_value(oracle.statevector(circuit, VALUES), tuple(word.items()))
    assert abs(contracted(network, tensors, VALUES) - expected) < ATOL


def test_a_chain_of_real_fragments_needs_no_y() -> None:
    pairs = [(0, 1), (1, 0), (1, 2), (2, 1), (2, 3), (3, 2)]
    circuit = generic_and(4, *(op("cx", *pair) for pair in pairs))
    network = split(circuit, CutPlan((WireCut(1, 5), WireCut(2, 11))))
    structures = [leg_structure(f, [tuple((q, "Z") for q in f.outputs)], {}) for f in network.fragments]
    assert [structure.live.sum() for structure in structures] == [3, 10, 3]
    masks = useful(network, structures, {})
    assert [mask.sum() for mask in masks] == [3, 9, 3]
    np.testing.assert_array_equal(masks[1][0], np.outer(masks[0][0], masks[2][0]))
