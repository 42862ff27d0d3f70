"""Joint cuts: what is a star and what a run, the smallest bonds, their gammas, and that no value changes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutq import Circuit, CutPlan, GateCut, Operation, Slot, WireCut, expectations, merge, param, price, split
from cutq.network.cone import light_cone
from cutq.network.network import Bond
from cutq.network.protocols import gate_gamma, joint_gamma, schmidt_rank
from cutq.network.stars import BASES, arm, keeps
from tests import oracle
from tests.strategies import PARAMETERS, haar, joint_cuts, ladders, numbers, observables
from tests.zoo import line, qft, u3_layer

T = param("t")


def op(name: str, *qubits: int, params: Sequence[object] = ()) -> Operation:
    return Operation(name, qubits, tuple(params))  # type: ignore[arg-type]


def matrix_gate(matrix: np.ndarray, *qubits: int) -> Operation:
    return Operation("unitary", qubits, matrix=matrix)  # type: ignore[arg-type]


def bond_of(num_qubits: int, ops: Sequence[Operation], cut: Sequence[int], side: tuple[int, ...] | None = None) -> Bond:
    """The bond of one joint cut, once the circuit with random one-qubit gates around it has its right values."""
    shift = num_qubits
    start = [op("u3", q, params=(0.3 + q, 1.1 * q + 0.2, -0.4)) for q in range(num_qubits)]
    circuit = u3_layer(Circuit(num_qubits, (*start, *ops)))
    network = split(circuit, CutPlan((GateCut(tuple(n + shift for n in cut), side),)))
    values = dict.fromkeys(circuit.parameters, 0.6)
    rng = np.random.default_rng(0)
    state = oracle.statevector(circuit, values)
    words = [tuple((q, "IXYZ"[k]) for q, k in enumerate(rng.integers(0, 4, num_qubits)) if k) for _ in range(6)]
    texts = [" ".join(f"{letter}{q}" for q, letter in word) or "1" for word in words]
    found = expectations(network, texts, circuit.values(values))
    np.testing.assert_allclose(found, [oracle.word_value(state, word) for word in words], atol=1e-12)
    assert merge(network) == circuit
    return network.bonds[0]


STARS: dict[str, tuple[int, list[Operation], tuple[int, ...]]] = {
    "controls": (3, [op("cx", 0, 1), op("h", 1), op("cz", 2, 0), op("ch", 0, 1)], (0, 2, 3)),
    "targets": (3, [op("cx", 1, 0), op("sx", 0), op("rxx", 0, 2, params=(0.4,)), op("cx", 2, 0)], (0, 2, 3)),
    "in y": (3, [op("cy", 1, 0), op("ry", 0, params=(T,)), op("ryy", 0, 2, params=(T,))], (0, 2)),
    "in h": (3, [op("ch", 1, 0), op("h", 0), op("ch", 2, 0)], (0, 2)),
    "phases": (3, [op("cu", 0, 1, params=(T, 0.2, 2 * T, -T)), op("t", 0), op("crz", 2, 0, params=(T,))], (0, 2)),
    "uncut gates of the basis": (4, [op("cx", 0, 1), op("cz", 0, 3), op("cx", 0, 2)], (0, 2)),
    "matrix gates": (
        3,
        [op("cx", 0, 1), matrix_gate(np.diag(np.exp([0, 1j, 3j, 2.5j])), 1, 0), op("cp", 0, 2, params=(1.0,))],
        (0, 1, 2),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STARS)
def test_gates_of_one_basis_on_one_qubit_are_one_bond_of_rank_two(name: str) -> None:
    num_qubits, ops, cut = STARS[name]
    bond = bond_of(num_qubits, ops, cut, side=(0,))
    assert bond.dims == (2,)
    assert (bond.components[0].operation, bond.components[0].hub) == (None, 0)
    assert bond.gamma == min(4.0, joint_gamma(bond.ops))


def test_the_hub_may_be_at_either_end() -> None:
    ops = [op("cx", 0, 1), op("cx", 0, 2)]
    assert bond_of(3, ops, (0, 1), side=(1, 2)).components[0].hub == 1
    assert bond_of(3, ops, (0, 1)).dims == (2,)


@pytest.mark.parametrize(
    "between", [op("h", 0), op("rx", 0, params=(T,)), op("cx", 3, 0), op("swap", 0, 3), op("u3", 0, params=(T, 0, 0))]
)
def test_what_leaves_the_basis_ends_a_star(between: Operation) -> None:
    assert bond_of(4, [op("cz", 0, 1), between, op("cz", 0, 2)], (0, 2), side=(0,)).dims == (2, 2)


def test_a_cut_wire_ends_a_star() -> None:
    circuit = Circuit(3, (op("cx", 0, 1), op("t", 0), op("cx", 0, 2)))
    network = split(circuit, CutPlan((GateCut((0, 2)), WireCut(0, 1))))
    assert network.bonds[0].dims == (2, 2)


def test_a_star_has_one_slot_on_its_hub_and_one_for_each_gate_elsewhere() -> None:
    circuit = Circuit(3, (op("cx", 0, 1), op("h", 1), op("cx", 0, 2), op("cz", 0, 1)))
    hub, other = split(circuit, CutPlan((GateCut((0, 2, 3)),))).fragments
    assert [item.number for item in hub.items] == [0]
    slots = [item for item in other.items if isinstance(item, Slot)]
    assert [(slot.number, slot.segment, slot.component) for slot in slots] == [(0, 0, 0), (2, 1, 0), (3, 0, 0)]
    assert [[letter.name for letter in slot.letters] for slot in slots] == [["id", "x"], ["id", "x"], ["id", "z"]]


RUNS: dict[str, tuple[list[Operation], int]] = {
    "nothing is left": ([op("cx", 0, 1), op("cx", 0, 1)], 1),
    "swap of three": ([op("cx", 0, 1), op("cx", 1, 0), op("cx", 0, 1)], 4),
    "iswap and its inverse": ([op("iswap", 0, 1), op("z", 0), op("z", 1), op("iswap", 0, 1)], 1),
    "with one-qubit gates": ([op("cx", 0, 1), op("ry", 0, params=(0.3,)), op("rz", 1, params=(1,)), op("cx", 0, 1)], 4),
    "turned back": ([op("cx", 0, 1), op("h", 1), op("cz", 0, 1), op("h", 1), op("cp", 1, 0, params=(0.3,))], 2),
    "no common basis, rank two": ([op("cx", 0, 1), op("x", 0), op("cp", 0, 1, params=(0.3,))], 2),
}


@pytest.mark.parametrize("name", RUNS)
def test_runs_on_one_pair_are_one_bond_of_the_rank_of_their_product(name: str) -> None:
    ops, rank = RUNS[name]
    product = np.eye(4, dtype=complex)
    for one in ops:
        tensor = one.unitary({}).reshape((2,) * (2 * len(one.qubits)))
        grown = np.tensordot(
            tensor, product.reshape(2, 2, 4), axes=(range(len(one.qubits), 2 * len(one.qubits)), one.qubits)
        )
        product = np.moveaxis(grown, range(len(one.qubits)), one.qubits).reshape(4, 4)
    assert schmidt_rank(product) == rank
    gates = tuple(k for k, one in enumerate(ops) if len(one.qubits) == 2)
    bond = bond_of(2, ops, gates)
    assert bond.dims == (rank,)
    whole = Operation("unitary", (0, 1), matrix=product)
    assert bond.gamma == pytest.approx(gate_gamma(whole))


def test_gates_of_unknown_angle_in_no_common_basis_stay_apart() -> None:
    ops = [op("rzz", 0, 1, params=(T,)), op("ry", 0, params=(0.3,)), op("ry", 1, params=(T,)), op("cx", 0, 1)]
    assert bond_of(2, ops, (0, 3)).dims == (2, 2)
    assert bond_of(2, ops[:1] * 3, (0, 1, 2)).dims == (2,)
    between = [op("ry", 0, params=(T,)), op("rz", 1, params=(0.3,))]
    assert bond_of(2, [op("cx", 0, 1), *between, op("cx", 0, 1)], (0, 3)).dims == (2, 2)


def test_stars_runs_and_single_gates_in_one_cut() -> None:
    ops = [
        op("cx", 0, 2), op("swap", 1, 3), op("t", 0), op("cz", 0, 3), op("iswap", 1, 3), op("rx", 0, params=(T,)),
        op("rzz", 0, 2, params=(T,)),
    ]  # fmt: skip
    bond = bond_of(4, ops, (0, 1, 3, 4, 6), side=(0, 1))
    assert [component.ops for component in bond.components] == [(0, 2), (1,), (3,), (4,)]
    assert bond.dims == (2, 4, 4, 2)
    assert bond.gamma == pytest.approx(4 * joint_gamma((bond.ops[1], bond.ops[3], bond.ops[4])))


def test_weak_stars_are_cut_gate_by_gate_on_a_device() -> None:
    weak = [op("rzz", 0, 1, params=(0.1,)), op("rzz", 0, 2, params=(0.1,))]
    assert bond_of(3, weak, (0, 1)).gamma == pytest.approx(joint_gamma(tuple(weak)))


def test_two_stars_cost_the_product_of_their_gammas() -> None:
    ops = [op("cx", a, b) for a in (0, 1) for b in (2, 3, 4)]
    bond = bond_of(5, ops, range(6), side=(0, 1))
    assert bond.dims == (2, 2)
    assert bond.gamma == 16.0


def test_the_price_of_a_star_is_that_of_one_gate() -> None:
    circuit = Circuit(4, tuple(op("cx", 0, q) for q in (1, 2, 3)))
    found = price(split(circuit, CutPlan.from_partition(circuit, "ABBB", joint=True)))
    assert (found.circuits, found.gamma, found.bond_dims) == (10, 4.0, (2,))


# --- the smallest bond ---


def _partitions(items: list[int]) -> Iterator[list[list[int]]]:
    if not items:
        yield []
        return
    first, *rest = items
    for smaller in _partitions(rest):
        yield [[first], *smaller]
        for k, block in enumerate(smaller):
            yield [*smaller[:k], [first, *block], *smaller[k + 1 :]]


def _star_dim(circuit: Circuit, block: list[int]) -> float:
    for hub, basis in itertools.product(range(circuit.num_qubits), BASES):
        if all(hub in circuit.operations[number].qubits for number in block):
            inside = [one for one in circuit.operations[block[0] : block[-1] + 1] if hub in one.qubits]
            arms = [arm(circuit.operations[n], circuit.operations[n].qubits.index(hub)) for n in block]
            if all(arms) and all(keeps(one, one.qubits.index(hub), basis) for one in inside):
                return 2
    return math.inf


def _run_dim(circuit: Circuit, block: list[int]) -> float:
    pair = circuit.operations[block[0]].qubits
    inside = [
        (number, one)
        for number, one in enumerate(circuit.operations)
        if block[0] <= number <= block[-1] and set(one.qubits) & set(pair)
    ]
    if any(one.parameters for _, one in inside) or [n for n, one in inside if len(one.qubits) == 2] != block:
        return math.inf
    if any(not set(one.qubits) <= set(pair) for _, one in inside):
        return math.inf
    states = np.eye(4, dtype=complex).reshape(2, 2, 4)
    for _, one in inside:
        axes = [pair.index(q) for q in one.qubits]
        k = len(axes)
        states = np.moveaxis(
            np.tensordot(one.unitary({}).reshape((2,) * (2 * k)), states, axes=(range(k, 2 * k), axes)), range(k), axes
        )
    return schmidt_rank(states.reshape(4, 4))


def _smallest(circuit: Circuit, cut: Sequence[int]) -> float:
    """The smallest product of dimensions over all ways to share the gates out."""

    def dim(block: list[int]) -> float:
        if len(block) == 1:
            single = circuit.operations[block[0]]
            return 2 if single.parameters else schmidt_rank(single.unitary({}))
        return min(_star_dim(circuit, block), _run_dim(circuit, block))

    return min(math.prod(dim(sorted(block)) for block in some) for some in _partitions(list(cut)))


@given(st.data())
@settings(max_examples=100)
def test_no_way_to_share_the_gates_out_makes_the_bond_smaller(data: st.DataObject) -> None:
    circuit = data.draw(ladders(parameters=("t",), max_ops=12))
    cuts = CutPlan.from_partition(circuit, [q % 2 for q in range(circuit.num_qubits)]).cuts
    gates = [number for cut in cuts if isinstance(cut, GateCut) for number in cut.ops][:6]
    if gates:
        even = tuple(range(0, circuit.num_qubits, 2))
        (bond,) = split(circuit, CutPlan((GateCut(tuple(gates), even),))).bonds
        assert math.prod(bond.dims) == _smallest(circuit, gates)


# --- values ---


@given(st.data())
@settings(max_examples=200)
def test_joint_cuts_change_no_value(data: st.DataObject) -> None:
    circuit = data.draw(ladders(parameters=PARAMETERS))
    plan = data.draw(joint_cuts(circuit))
    network = split(circuit, plan)
    assert merge(network) == circuit
    one = data.draw(observables(circuit.num_qubits))
    values = {name: data.draw(numbers) for name in circuit.parameters}
    found = expectations(network, [one], circuit.values(values))
    np.testing.assert_allclose(found, [oracle.value(circuit, one, values)], rtol=0, atol=1e-10)


@given(st.data())
@settings(max_examples=100)
def test_partitions_cut_jointly_change_no_value_and_cost_no_more(data: st.DataObject) -> None:
    circuit = data.draw(ladders(parameters=PARAMETERS))
    labels = data.draw(st.lists(st.sampled_from("ABC"), min_size=circuit.num_qubits, max_size=circuit.num_qubits))
    single, joint = (split(circuit, CutPlan.from_partition(circuit, labels, joint=j)) for j in (False, True))
    assert merge(joint) == circuit
    assert math.prod(dim for bond in joint.bonds for dim in bond.dims) <= math.prod(
        dim for bond in single.bonds for dim in bond.dims
    )
    assert joint.gamma <= single.gamma * (1 + 1e-9)
    one = data.draw(observables(circuit.num_qubits))
    values = {name: data.draw(numbers) for name in circuit.parameters}
    found = expectations(joint, [one], circuit.values(values))
    np.testing.assert_allclose(found, [oracle.value(circuit, one, values)], rtol=0, atol=1e-10)


@pytest.mark.parametrize(("labels", "bonds"), [("AAAABBBB", 4), ("ABABABAB", 7), ("AABBCCDD", 12)])
def test_a_fourier_transform_is_cut_into_stars(labels: str, bonds: int) -> None:
    circuit = u3_layer(qft(8))
    network = split(circuit, CutPlan.from_partition(circuit, labels, joint=True))
    assert [bond.dims for bond in network.bonds] == [(2,)] * bonds
    state = oracle.statevector(circuit)
    words = ["Z0 Z7", "X1 Y2 Z3 X5", "Y4 Y6", " ".join(f"Z{q}" for q in range(8))]
    expected = [oracle.word_value(state, tuple((int(t[1:]), t[0]) for t in word.split())) for word in words]
    np.testing.assert_allclose(expectations(network, words), expected, atol=1e-12)


def test_all_crossing_gates_as_one_cut_are_four_stars() -> None:
    circuit = qft(8)
    gates = [number for cut in CutPlan.from_partition(circuit, "AAAABBBB").cuts for number in cut.ops]  # type: ignore[union-attr]
    (bond,) = split(circuit, CutPlan((GateCut(tuple(gates)),))).bonds
    assert bond.dims == (2, 2, 2, 2)
    assert sorted(len(component.ops) for component in bond.components) == [4, 4, 4, 4]


def test_long_stretches_are_one_run_or_none() -> None:
    rng = np.random.default_rng(3)
    ops = []
    for _ in range(5):
        for pair in ((0, 1), (2, 3), (4, 5)):
            ops += [op("ry", q, params=(float(rng.uniform(0, 3)),)) for q in pair]
            ops.append(op("cx", *pair))
        ops.append(op("cz", 0, 2))
    ops += [matrix_gate(haar(2, seed), 0, 1) for seed in range(6)]
    gates = [k for k, one in enumerate(ops) if len(one.qubits) == 2 and one.qubits != (0, 2)]
    bond = bond_of(6, ops, gates, side=(0, 2, 4))
    assert [(len(c.ops), c.dim) for c in bond.components if len(c.ops) > 1] == [(5, 4), (6, 4)]


def test_many_stretches_at_one_hub_are_one_star() -> None:
    """Each stretch alone would rather be a run, also of rank 2."""
    ops = [one for q in range(1, 9) for one in (op("cz", 0, q), op("h", q), op("cz", 0, q))]
    gates = [k for k, one in enumerate(ops) if one.name == "cz"]
    assert bond_of(9, ops, gates, side=(0,)).dims == (2,)


def test_many_stretches_that_cancel_are_no_bond() -> None:
    ops = [one for q in range(1, 9) for one in (op("cz", 0, q), op("s", 0), op("cz", 0, q))]
    gates = [k for k, one in enumerate(ops) if one.name == "cz"]
    assert math.prod(bond_of(9, ops, gates, side=(0,)).dims) == 1


def test_the_cone_of_a_joint_cut_is_a_smaller_joint_cut() -> None:
    circuit = u3_layer(Circuit(4, (op("h", 0), op("cx", 0, 1), op("cx", 0, 2), op("cz", 0, 3), op("cx", 0, 1))))
    network = split(circuit, CutPlan.from_partition(circuit, "ABBB", joint=True))
    cone = light_cone(network, [2])
    assert [bond.ops for bond in cone.bonds] == [(circuit.operations[2],)]
    assert [bond.dims for bond in cone.bonds] == [(2,)]
    state = oracle.statevector(circuit)
    for q in range(4):
        expected = oracle.word_value(state, ((q, "X"),))
        np.testing.assert_allclose(expectations(network, [f"X{q}"]), [expected], atol=1e-12)


def test_gates_of_a_line_stay_apart() -> None:
    circuit = line(4, 3)
    assert CutPlan.from_partition(circuit, "AABB", joint=True) == CutPlan.from_partition(circuit, "AABB")
