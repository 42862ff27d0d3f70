"""Programs of variants: their bits are distributed as the amplitudes say, exactly, whatever is done at the places."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from cutq import Circuit, CutPlan, CutqError, GateCut, Operation, Search, find_cuts, param, split
from cutq.circuits.qiskit.matrices import unitary
from cutq.errors import DeviceError
from cutq.network.legspace import places
from cutq.network.network import Slot
from cutq.network.reuse import schedule
from cutq.network.terms import bond_terms
from cutq.shots.instructions import needs, variant_program
from cutq.shots.program import Conditional, Gate, Measure, Reset
from cutq.shots.synthesis import controlled, inverted, one_qubit, prepared, rotated
from cutq.shots.variants import Choice, Shift, Variant, shifted
from tests.shots.devices import NETWORKS, ROTATIONS, expected, layered, op, simulated, variant, variants
from tests.strategies import haar
from tests.zoo import star, u3_layer

EXACT = 1e-9
BELL = np.array([1, 0, 0, 1]) / np.sqrt(2)
BELL_BASIS = np.array([[1, 0, 0, 1], [1j, 0, 0, -1j], [0, 1, 1, 0], [0, 1, -1, 0]]) / np.sqrt(2)
PAULIS = np.stack([np.eye(2), *(op(name, 0).unitary({}) for name in "xyz")])


def check(one: Variant) -> None:
    """All programs of a variant have its distribution."""
    exact = expected(one)
    assert abs(exact.sum() - 1) < EXACT, "the vectors are no operation"
    for reuse, midway in ((False, True), (True, True), (False, False)):
        program = variant_program(one, reuse=reuse, midway=midway)
        assert program.num_bits == one.num_bits
        assert np.abs(simulated(program) - exact).max() < EXACT, str(one)
        assert midway or program.needs == frozenset()


def kraus(*operators: np.ndarray) -> np.ndarray:
    """Vectors, in the letters id, x, y, z, of operators on one qubit."""
    return np.einsum("lba,sba->sl", PAULIS.conj(), np.stack(operators)) / 2


def state(num_qubits: int, seed: int) -> np.ndarray:
    return haar(num_qubits, seed)[:1]


@pytest.mark.parametrize("name", NETWORKS)
def test_every_row_of_every_frame_has_its_distribution(name: str) -> None:
    seen = set()
    for one in variants(NETWORKS[name]):
        check(one)
        seen.update(choice.name for choice in one.choices)
    assert len(seen) >= (1 if name == "rank 1" else 4)


def test_a_cut_cx_takes_gates_with_names_only() -> None:
    names, midway = set(), set()
    for one in variants(NETWORKS["cx"]):
        program = variant_program(one)
        names.update(i.operation.name for i in program.instructions if isinstance(i, Gate))
        midway.update((choice.name[0], *sorted(program.needs)) for choice in one.choices)
    assert names <= {"u3", "x", "z", "h", "s", "sdg", "sx", "sxdg", "cx", "cz"}
    assert midway == {("0",), ("1",), ("p",), ("q",), ("m", "mid-circuit measurement"), ("y",)}


JOINT_WIRES = {
    "product": ([state(1, 1), state(1, 2), state(1, 3)], [haar(1, 4), haar(1, 5), haar(1, 6)]),
    "bell": ([BELL[None], state(1, 3)], [BELL_BASIS * np.exp(1j * np.arange(4))[:, None], haar(1, 6)]),
    "pair": ([state(1, 3), state(2, 4)], [haar(1, 6), haar(2, 7)]),
    "three": ([state(3, 5)], [haar(3, 8)]),
    "ghz": ([np.eye(8)[[0]] * 0.6 + np.eye(8)[[7]] * 0.8j], [np.kron(BELL_BASIS, ROTATIONS["Y"])]),
}


@pytest.mark.parametrize("kind", JOINT_WIRES)
@pytest.mark.parametrize("joint", [False, True])
def test_wires_that_begin_and_end_together(kind: str, joint: bool) -> None:
    """As separate choices and, as far as they are, as one choice of three places."""
    network = NETWORKS["parallel wires"]
    up, down = network.bonds[0].ends
    for position, tables in ((up, JOINT_WIRES[kind][1]), (down, JOINT_WIRES[kind][0])):
        if joint:
            whole = np.ones((1, 1))
            for table in tables:
                whole = np.kron(whole, table)
            check(variant(network, position, [((0, 1, 2), whole)]))
        else:
            sizes = np.cumsum([0, *(int(np.log2(table.shape[1])) for table in tables)])
            where = [tuple(range(a, b)) for a, b in itertools.pairwise(sizes)]
            check(variant(network, position, list(zip(where, tables, strict=True))))


def test_joint_wires_in_another_order() -> None:
    network = NETWORKS["parallel wires"]
    up, down = network.bonds[0].ends
    check(variant(network, up, [((2, 0), haar(2, 1)), ((1,), haar(1, 2))]))
    check(variant(network, down, [((1,), state(1, 1)), ((2, 0), state(2, 2))]))


def weighted(size: int, seed: int, active: list[int] | None = None, outcomes: int | None = None) -> np.ndarray:
    """Vectors ``c[a] conj(b_s[a])`` with random c and an orthonormal basis."""
    rng = np.random.default_rng(seed)
    active = list(range(size)) if active is None else active
    weights = rng.dirichlet(np.ones(len(active))) ** 0.5
    found = np.zeros((outcomes or size, size), dtype=complex)
    found[:, active] = haar(int(np.log2(len(found))), seed)[:, : len(active)] * weights
    return found


U, V = haar(1, 1), haar(1, 2)
M, P = np.array([[1, 1], [1, -1]]) / 2, np.array([[1, 1j]]) / np.sqrt(2)

GATES_TOGETHER = {
    "all letters": ("iswap", [((0,), weighted(4, 1))]),
    "three letters": ("iswap", [((0,), weighted(4, 2, [0, 2, 3]))]),
    "two letters": ("rank 4", [((0,), weighted(4, 3, [1, 2], 2))]),
    "two letters, four outcomes": ("rank 4", [((0,), weighted(4, 4, [1, 2], 4))]),
    "a coin": ("cx", [((0,), np.array([[0.6, 0], [0.8j, 0]]))]),
    "an outcome that never happens": ("iswap", [((0,), np.concatenate([weighted(4, 5, [0, 3], 2), np.zeros((2, 4))]))]),
    "both gates": ("two cx", [((0, 1), weighted(4, 6))]),
    "both gates, three strings": ("two cx", [((0, 1), weighted(4, 7, [0, 1, 3]))]),
    "both gates, two strings": ("two cx", [((0, 1), weighted(4, 8, [0, 3], 2))]),
    "both gates, one string": ("two cx", [((1, 0), np.eye(4)[[2]])]),
    "a product of measurements": ("two cx", [((0, 1), np.kron(M, M))]),
    "a product of both kinds": ("two cx", [((1, 0), np.kron(M, P))]),
    "a product of gates": ("two cx", [((0, 1), np.kron(P, P))]),
    "sixteen letters": ("two iswap", [((0, 1), weighted(16, 9))]),
    "sixteen letters, a product": ("two iswap", [((1, 0), np.kron(weighted(4, 10), weighted(4, 11)))]),
    "nine of sixteen": ("two iswap", [((0, 1), weighted(16, 12, [0, 1, 2, 4, 5, 6, 8, 9, 10]))]),
    "four of sixteen": ("two iswap", [((0, 1), weighted(16, 13, [0, 5, 10, 15], 4))]),
    "three strings of a Toffoli": ("toffoli", [((0, 1, 2), weighted(8, 14, [0, 3, 6])), ((3,), M)]),
    "a Toffoli whole": ("toffoli", [((3, 1, 0, 2), weighted(16, 15))]),
    "four outcomes": ("iswap", [((0,), kraus(*(np.outer(U[k], V[k]) / np.sqrt(2) for k in (0, 1, 1, 0))))]),
    "a gate of rank 1 between others": ("three gates", [((0, 1, 2), weighted(4, 16))]),
    "a rotated measurement": ("iswap", [((0,), kraus(np.outer(U[0], V[0]), np.outer(U[1], V[1])))]),
    "any gate": ("iswap", [((0,), kraus(haar(1, 3)))]),
    "a measurement that prepares": ("iswap", [((0,), kraus(np.diag([1, 0]), np.array([[0, 0.6], [0, 0.8]])))]),
    "another one that prepares": ("iswap", [((0,), kraus(np.outer(U[0], V[0]), np.outer(haar(1, 6)[1], V[1])))]),
}  # fmt: skip


@pytest.mark.parametrize("name", GATES_TOGETHER)
def test_cut_gates_with_vectors_of_their_own(name: str) -> None:
    network, choices = GATES_TOGETHER[name]
    for position in (0, 1):
        one = variant(NETWORKS[network], position, choices)
        check(one)
        assert ("feed-forward" in needs(one)) == (" prepares" in name)


def test_products_of_letters_that_are_not_orthogonal() -> None:
    """A controlled U has the letters 1 and U, in which its eigenprojectors have vectors of any norm."""
    network = NETWORKS["rzz and cu"]
    position = network.bonds[0].ends[1]
    slot = next(i for i in network.fragments[position].items if isinstance(i, Slot) and i.component == 1)
    one, other = np.linalg.eigvals(slot.letters[1].unitary({}))
    projectors = np.array([[-other, 1], [one, -1]]) / (one - other)
    assert abs(np.linalg.norm(projectors) - 1) > 0.1
    for order, table in (((0, 1), np.kron(M, projectors)), ((1, 0), np.kron(projectors, M))):
        check(variant(network, position, [(order, table)]))
        check(variant(network, position, [(order, table[[0, 2, 1, 3]])]))


WITH_ANCILLA = ("star", "star and gate", "two cx")
"""Stars, and gates with others between them, are cut with an ancilla."""


@pytest.mark.parametrize(
    ("name", "ancilla"),
    [
        (name, ancilla)
        for name, network in NETWORKS.items()
        for ancilla in (True, False)
        if len(network.bonds) == 1 and (ancilla or name not in WITH_ANCILLA)
    ],
)
def test_instruments_of_the_protocols_for_sampling(name: str, ancilla: bool) -> None:
    """Strings of any gates, phases of groups, and products of outcomes."""
    network = NETWORKS[name]
    some = bond_terms(network.bonds[0], {}, ancilla=ancilla)
    for end, position in enumerate(network.bonds[0].ends):
        count = len(places(network.fragments[position]))
        for term in some[:: max(1, len(some) // 40)]:
            own = (term.left, term.right)[end]
            check(variant(network, position, [(tuple(range(count)), own.vectors)]))


def test_random_strings_of_letters_of_a_star_and_a_group() -> None:
    for name in ("star", "group", "cu", "ecr", "rank 2"):
        for seed, position in enumerate((0, 1, 0, 1)):
            check(variant(NETWORKS[name], position, [((0,), weighted(2, seed))]))


def test_parameters_and_shifts() -> None:
    s, t = param("s"), param("t")
    ops = (
        Operation("ry", (0,), (2 * s + 0.3,)),
        Operation("cu3", (0, 1), (s, t, 0.3)),
        Operation("rzz", (0, 1), (t,)),
        Operation("rx", (1,), (t - s,)),
    )
    circuit = Circuit(2, ops)
    network = split(circuit, CutPlan.from_partition(circuit, "AB"))
    values = {"s": 0.4, "t": -1.1}
    for position, fragment in enumerate(network.fragments):
        choices = tuple(Choice((k,), "own", weighted(2, k)) for k in range(2))
        shifts = (Shift(0, 1, 0, 0.7), Shift(2, 0, 0, -0.2)) if position else (Shift(0, 0, 0, 0.5),)
        plain = Variant(position, fragment, values, choices, "X")
        moved = Variant(position, fragment, values, choices, "X", shifts)
        check(plain)
        exact = expected(moved, shifted(fragment, shifts))
        assert np.abs(exact - expected(plain)).max() > 0.01
        program = variant_program(moved)
        assert not any(i.operation.parameters for i in program.instructions if isinstance(i, Gate))
        assert np.abs(simulated(program) - exact).max() < EXACT


def test_qubits_are_used_again_where_that_takes_fewer() -> None:
    circuit = u3_layer(star(6))
    network = split(circuit, find_cuts(circuit, 2, search=Search(reuse=True)))
    one = Variant(0, network.fragments[0], {}, (), "XYZIZZ")
    plain, fewer = variant_program(one), variant_program(one, reuse=True)
    assert (plain.num_qubits, plain.needs) == (6, frozenset())
    assert (fewer.num_qubits, needs(one, reuse=True)) == (2, {"reset", "mid-circuit measurement"})
    assert np.abs(simulated(fewer) - expected(one)).max() < EXACT
    whole = Variant(0, NETWORKS["group"].fragments[0], {}, (Choice((0,), "0", np.eye(2)[:1]),), "ZZ")
    assert variant_program(whole, reuse=True) == variant_program(whole)


@pytest.mark.parametrize("name", NETWORKS)
def test_reuse_takes_the_qubits_of_the_schedule_and_of_ancillas(name: str) -> None:
    for one in variants(NETWORKS[name]):
        plain = variant_program(one)
        ancillas = plain.num_qubits - one.fragment.width
        found = variant_program(one, reuse=True).num_qubits
        assert found <= min(plain.num_qubits, schedule(one.fragment).width + ancillas)


def test_an_outcome_that_is_not_read_is_not_measured() -> None:
    one = Variant(0, NETWORKS["star"].fragments[1], {}, (Choice((0,), "0", np.eye(2)[:1]),), "IY")
    program = variant_program(one)
    assert [i for i in program.instructions if isinstance(i, Measure | Reset | Conditional)] == [Measure(1, 0)]
    check(one)


def test_gates_up_to_phases() -> None:
    for seed in range(20):
        for turn in (haar(1, seed), np.diag(haar(1, seed)[0] / np.abs(haar(1, seed)[0])), haar(1, seed)[::-1]):
            for matrix in (turn, turn.conj().T):
                found = unitary(one_qubit(matrix, 0), 1, {})
                assert abs(abs(np.trace(found.conj().T @ matrix)) - 2) < 1e-9
                undone = unitary([*one_qubit(matrix, 0), *inverted(one_qubit(matrix, 0))], 1, {})
                assert abs(abs(np.trace(undone)) - 2) < 1e-9
        for size in (1, 2, 3, 4):
            vector = haar(size, seed)[0]
            made = unitary(prepared(vector, range(size)), size, {})[:, 0]
            assert abs(abs(np.vdot(made, vector)) - 1) < 1e-9
    for size in (1, 2, 3):
        rows = haar(size, size)
        found = unitary(rotated(rows, range(size)), size, {}) @ rows.conj().T
        assert np.abs(np.abs(found) - np.eye(2**size)).max() < 1e-9
    for small in (1e-5, 1e-8, 1e-11):  # near gates that have names, and near the poles of the angles
        near = op("ry", 0, params=(small,)).unitary({}) @ op("rz", 0, params=(1.0,)).unitary({})
        for matrix in (near, near @ op("x", 0).unitary({})):
            found = unitary(one_qubit(matrix, 0), 1, {})
            assert np.abs(found * np.vdot(found, matrix) / 2 - matrix).max() < 1e-10


@pytest.mark.parametrize("name", ["x", "y", "z", "h", "s", "sdg", "sx", "p", "u1", "rx", "ry", "rz", "u3", "t", "u2"])
def test_controlled_letters(name: str) -> None:
    params = (0.3, 0.9, -0.4)[: {"p": 1, "u1": 1, "rx": 1, "ry": 1, "rz": 1, "u3": 3, "u2": 2}.get(name, 0)]
    zero, one = Operation("id", (1,)), Operation(name, (1,), params)
    for first, second in ((zero, one), (one, zero), (one, Operation("y", (1,))), (one, one)):
        block = np.zeros((4, 4), dtype=complex)
        block[:2, :2], block[2:, 2:] = first.unitary({}), second.unitary({})
        assert np.abs(unitary(controlled(0, first, second), 2, {}) - block).max() < 1e-12


WRONG = {
    "no state": ("parallel wires", 1, [((0, 1), haar(2, 1)[:2]), ((2,), state(1, 1))], "normalised state"),
    "no unit state": ("parallel wires", 1, [((0,), [[1, 1]]), ((1, 2), state(2, 1))], "normalised state"),
    "no basis": ("parallel wires", 0, [((0,), [[1, 0], [0.6, 0.8]]), ((1, 2), haar(2, 1))], "orthonormal basis"),
    "half a basis": ("parallel wires", 0, [((0,), [[1, 0]]), ((1, 2), haar(2, 1))], "orthonormal basis"),
    "no instrument": ("cx", 0, [((0,), [[1, 1]])], "no product of unitaries"),
    "no instrument of two": ("cx", 0, [((0,), [[1, 0], [0.1, 0.4]])], "do not add up"),
    "no ancilla": ("two cx", 0, [((0, 1), np.array([[1, 1j, 0, 0.3]]) / np.sqrt(2.09))], "no product of unitaries"),
    "no strings": ("two cx", 0, [((0, 1), haar(2, 1)[:2] / np.sqrt(2))], "ancillas choose letters"),
    "half a letter": ("cx", 0, [((0,), [[0.5, 0]])], "no product of unitaries"),
    "half a string": ("two cx", 0, [((0, 1), [[0, 0.5, 0, 0]])], "no product of unitaries"),
    "a place too few": ("two cx", 0, [((0,), np.eye(2)[:1])], "each of the 2 places"),
    "a place twice": ("cx", 0, [((0,), np.eye(2)[:1]), ((0,), np.eye(2)[:1])], "each of the 1 places"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_operation_is_refused(name: str) -> None:
    network, position, choices, reason = WRONG[name]
    network = NETWORKS[network]
    position = network.bonds[0].ends[position] if len(network.bonds) == 3 else position
    with pytest.raises(DeviceError, match=reason) as caught:
        variant_program(variant(network, position, choices))
    assert isinstance(caught.value, CutqError)


def test_what_is_too_large_is_refused_by_its_limit() -> None:
    ops = [op("cx", q, 8 + q) for q in range(7)]
    network = split(layered(16, *ops), CutPlan((GateCut(tuple(range(16, 23))),)))
    phases = np.exp(1j * np.arange(128) ** 2)
    vectors = np.fft.fft(np.eye(128)) / 128 * phases
    with pytest.raises(DeviceError, match="at most 6 qubits, got"):
        variant_program(variant(network, 0, [(tuple(range(7)), vectors)]))
