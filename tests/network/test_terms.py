"""Protocols for sampling: every bond is rebuilt from its terms, at its gamma, by instruments that are physical."""

from __future__ import annotations

import functools
import itertools
import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit

from cutq import Circuit, CutPlan, GateCut, Operation, WireCut, from_qiskit, param, split
from cutq.circuits.gates import GATES, PAULIS
from cutq.circuits.qiskit.kak import kak
from cutq.errors import PlanError
from cutq.exact.amplitudes import fragment_amplitudes
from cutq.network.legspace import functionals, leg_tensor, transfers
from cutq.network.network import Bond, Network
from cutq.network.protocols import joint_gamma, schmidt_form
from cutq.network.signed import Signed, Term, gamma
from cutq.network.terms import STAR, bond_terms
from cutq.network.wire_terms import WIRES, steered_wires
from tests import oracle
from tests.strategies import haar, joint_cuts, ladders

FACTS = {
    row["name"]: row
    for row in json.loads((Path(__file__).parent / "qpd_facts.json").read_text(encoding="utf-8"))["decompositions"]
}
"""Gammas and numbers of terms of decompositions that were computed on their own."""

OTHER_COUNTS = {"gate_RZZ(3.1416)": 1, "star_LO_one_ancilla": 6}
"""Here terms of coefficient 0 are left out, and the hub of a star does unitaries instead of mixtures of two."""

TWO_QUBIT = [name for name, row in GATES.items() if row.num_qubits == 2]
WIRE = Bond(WireCut(0, 0), (0, 1))


def op(name: str, *qubits: int, params: Sequence[Any] = ()) -> Operation:
    return Operation(name, qubits, tuple(params))


def matrix_gate(matrix: np.ndarray) -> Operation:
    return Operation("unitary", (0, 1), matrix=matrix)  # type: ignore[arg-type]


def random_gate(name: str, seed: int) -> Operation:
    return op(name, 0, 1, params=np.random.default_rng(seed).uniform(-4, 4, GATES[name].num_angles))


def joint_bond(num_qubits: int, ops: Sequence[Operation], cut: Iterable[int], side: tuple[int, ...]) -> Bond:
    return split(Circuit(num_qubits, tuple(ops)), CutPlan((GateCut(tuple(cut), side),))).bonds[0]


def gate_bond(gate: Operation, flipped: bool = False) -> Bond:
    return joint_bond(2, [gate], [0], gate.qubits[1:] if flipped else gate.qubits[:1])


def means(instruments: Sequence[Signed]) -> np.ndarray:
    """The functionals of many instruments, (instruments, dim**2)."""
    starts = np.cumsum([0, *(len(own.scores) for own in instruments[:-1])])
    scores = np.concatenate([own.scores for own in instruments])
    found = functionals(np.concatenate([own.vectors for own in instruments]))
    return np.add.reduceat(scores[:, None] * found, starts, axis=0)


def rebuilt(terms: Sequence[Term]) -> np.ndarray:
    coefficients = np.array([term.coefficient for term in terms])
    left, right = means([term.left for term in terms]), means([term.right for term in terms])
    return (coefficients[:, None] * left).T @ right


def whole(bond: Bond, values: dict[str, float] | None = None) -> np.ndarray:
    """The matrix between the leg spaces of all components together."""
    return functools.reduce(np.kron, transfers(bond, values or {}), np.eye(1))


def agrees(bond: Bond, terms: Sequence[Term], expected: float, values: dict[str, float] | None = None) -> None:
    np.testing.assert_allclose(rebuilt(terms), whole(bond, values), rtol=0, atol=1e-10)
    assert gamma(terms) == pytest.approx(expected, abs=1e-9)


def letters(bond: Bond, end: int, values: dict[str, float]) -> np.ndarray:
    """The letters of a single gate at one end, (dim, 2, 2)."""
    (component,) = bond.components
    form = schmidt_form(component.operation)
    side = form.left if end == int(component.flipped) else form.right
    return np.stack([letter.unitary(values) for letter in side])


def is_physical(own: Signed, operators: np.ndarray) -> None:
    """Every shot has exactly one outcome, and a score of modulus 1 or less: ``sum K^+ K = 1``."""
    kraus = np.einsum("sa,aij->sij", own.vectors, operators)
    total = np.einsum("sji,sjk->ik", kraus.conj(), kraus)
    np.testing.assert_allclose(total, np.eye(len(total)), rtol=0, atol=1e-9)
    assert np.abs(own.scores).max() <= 1
    assert own.scores.shape == (len(own.vectors),)


def channel(own: Signed, operators: np.ndarray) -> np.ndarray:
    """The signed instrument as a superoperator, of row-major matrices."""
    kraus = np.einsum("sa,aij->sij", own.vectors, operators)
    return np.sum([s * np.kron(k, k.conj()) for s, k in zip(own.scores, kraus, strict=True)], axis=0)


def pair_channel(terms: Iterable[Term], left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The sum of the terms as a superoperator of two qubits, with the axes of (first, second) as in ``kron``."""
    total = np.zeros((16, 16), dtype=complex)
    for term in terms:
        one, two = channel(term.left, left).reshape([2] * 4), channel(term.right, right).reshape([2] * 4)
        both = np.einsum("abcd,efgh->aebfcgdh", one, two).reshape(16, 16)
        total += term.coefficient * both
    return total


# --- wires ---


@pytest.mark.parametrize(
    ("row", "fact"),
    [("pauli", "wire_LO_pauli_8term"), ("sic", "wire_LO_SIC_4term"), ("std4", "wire_LO_4prep_3bases_10term")],
)
def test_wires(row: str, fact: str) -> None:
    terms = bond_terms(WIRE, {}, wires=row)
    agrees(WIRE, terms, FACTS[fact]["gamma"])
    assert len(terms) == FACTS[fact]["n_terms"]
    for term in terms:
        np.testing.assert_allclose(term.left.vectors.T @ term.left.vectors.conj(), np.eye(2), atol=1e-14)
        np.testing.assert_allclose(np.linalg.norm(term.right.vectors, axis=1), 1, atol=1e-14)
        assert np.abs(term.left.scores).max() == 1
        assert term.right.scores.tolist() == [1]


def test_the_states_of_wires_are_those_that_their_frames_prepare() -> None:
    """Upstream an outcome is a state, downstream the state itself, not its conjugate: ``r`` stays ``r``."""
    state = np.array([1, 1j]) / math.sqrt(2)
    for row in WIRES.values():
        through = np.zeros((2, 2), dtype=complex)
        for term in row:
            mean = term.left.scores @ np.abs(term.left.vectors @ state) ** 2
            prepared = term.right.vectors[0]
            through += term.coefficient * mean * np.outer(prepared, prepared.conj())
        np.testing.assert_allclose(through, np.outer(state, state.conj()), atol=1e-14)


def test_sic_states_have_the_smaller_second_moment() -> None:
    """Of the score times gamma, for a wire in the maximally mixed state."""

    def moment(terms: Iterable[Term]) -> float:
        own = tuple(terms)
        return gamma(own) * sum(abs(term.coefficient) * np.mean(term.left.scores**2) for term in own)

    assert moment(WIRES["sic"]) == pytest.approx(10)
    assert moment(WIRES["pauli"]) == pytest.approx(16)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_parallel_wires_with_feed_forward(n: int) -> None:
    terms, size = steered_wires(n), 2**n
    assert gamma(terms) == FACTS[f"wire_LOCC_MUB_n{n}"]["gamma"] == 2 ** (n + 1) - 1
    assert len(terms) == FACTS[f"wire_LOCC_MUB_n{n}"]["n_terms"]
    through = np.zeros((size,) * 4, dtype=complex)
    for term in terms:
        np.testing.assert_allclose(term.odds.sum(axis=1), 1, atol=1e-15)
        assert term.odds.min() >= 0
        np.testing.assert_allclose(term.measured.T @ term.measured.conj(), np.eye(size), atol=1e-14)
        after = np.einsum("ym,mi,mj->yij", term.odds, term.states, term.states.conj())
        through += term.coefficient * np.einsum("yij,ya,yb->ijab", after, term.measured, term.measured.conj())
    np.testing.assert_allclose(through.reshape(size**2, -1), np.eye(size**2), rtol=0, atol=1e-12)
    if n < 4:
        total = np.sum([term.transfer for term in terms], axis=0)
        np.testing.assert_allclose(total, functools.reduce(np.kron, [whole(WIRE)] * n), rtol=0, atol=1e-12)


def test_after_the_computational_basis_every_other_string_is_prepared() -> None:
    last = steered_wires(2)[-1]
    np.testing.assert_allclose(last.odds, (1 - np.eye(4)) / 3)
    np.testing.assert_array_equal(last.states, np.eye(4))


# --- single gates ---


@pytest.mark.parametrize("ancilla", [True, False])
@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("name", TWO_QUBIT)
def test_every_gate_at_random_angles(name: str, flipped: bool, ancilla: bool) -> None:
    for seed in range(3):
        gate = random_gate(name, seed)
        bond = gate_bond(gate, flipped)
        assert bond.flipped == (flipped,)
        terms = bond_terms(bond, {}, ancilla=ancilla)
        agrees(bond, terms, bond.gamma)
        left, right = letters(bond, 0, {}), letters(bond, 1, {})
        for term in terms:
            is_physical(term.left, left)
            is_physical(term.right, right)
        unitary = gate.unitary({})
        unitary = unitary.reshape([2] * 4).transpose(1, 0, 3, 2).reshape(4, 4) if flipped else unitary
        expected = np.kron(unitary, unitary.conj())
        np.testing.assert_allclose(pair_channel(terms, left, right), expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", [name for name in TWO_QUBIT if GATES[name].num_angles])
def test_gates_with_parameters_have_the_gamma_of_their_values(name: str) -> None:
    count = GATES[name].num_angles
    bond = gate_bond(op(name, 0, 1, params=[param(f"a{k}") for k in range(count)]))
    for seed in range(3):
        angles = np.random.default_rng(seed).uniform(-4, 4, count)
        values = {f"a{k}": float(angle) for k, angle in enumerate(angles)}
        agrees(bond, bond_terms(bond, values), joint_gamma((op(name, 0, 1, params=angles),)), values)
    zero = bond_terms(bond, {f"a{k}": 0.0 for k in range(count)})
    assert (len(zero), gamma(zero)) == (1, pytest.approx(1))


@pytest.mark.parametrize("size", [1e-3, 1e-5, 1e-7, 1e-9, 1e-11, 1e-14, 0.0])
def test_a_controlled_gate_near_the_identity_stays_a_channel(size: float) -> None:
    """The letters 1 and V nearly coincide; their projectors are still measured."""
    gate = op("cu3", 0, 1, params=[param("a"), 0.3 * param("a"), -0.1 * param("a")])
    bond, values = gate_bond(gate), {"a": size}
    left, right = letters(bond, 0, values), letters(bond, 1, values)
    terms = bond_terms(bond, values)
    unitary = gate.unitary(values)
    expected = np.kron(unitary, unitary.conj())
    np.testing.assert_allclose(pair_channel(terms, left, right), expected, rtol=0, atol=2e-9)
    assert gamma(terms) <= 1 + 2 * size
    for term in terms:
        kraus = np.einsum("sa,aij->sij", term.right.vectors, right)
        np.testing.assert_allclose(np.einsum("sji,sjk->ik", kraus.conj(), kraus), np.eye(2), atol=1e-6)


@pytest.mark.parametrize("seed", range(8))
def test_random_unitaries(seed: int) -> None:
    bond = gate_bond(matrix_gate(haar(2, seed)), bool(seed % 2))
    terms = bond_terms(bond, {})
    agrees(bond, terms, bond.gamma)
    assert len(terms) == 16
    free = bond_terms(bond, {}, ancilla=False)
    np.testing.assert_allclose(rebuilt(free), whole(bond), rtol=0, atol=1e-10)
    assert len(free) == 58
    assert gamma(free) > bond.gamma
    for end, side in itertools.product((0, 1), (terms, free)):
        for term in side:
            is_physical((term.left, term.right)[end], letters(bond, end, {}))


@pytest.mark.parametrize("seed", range(8))
def test_weak_unitaries_of_rank_four(seed: int) -> None:
    rng = np.random.default_rng(seed)
    bond = gate_bond(dressed(10.0 ** -rng.uniform(1, 5) * rng.normal(size=3), seed))
    agrees(bond, bond_terms(bond, {}), bond.gamma)


def dressed(angles: Sequence[float], seed: int) -> Operation:
    """``exp(i (a XX + b YY + c ZZ))`` between random one-qubit gates."""
    matrix = np.eye(4, dtype=complex)
    for angle, letter in zip(angles, "XYZ", strict=True):
        matrix = matrix @ (np.cos(angle) * np.eye(4) + 1j * np.sin(angle) * np.kron(PAULIS[letter], PAULIS[letter]))
    before, after = (np.kron(haar(1, 4 * seed + k), haar(1, 4 * seed + k + 1)) for k in (0, 2))
    return matrix_gate(after @ matrix @ before)


@pytest.mark.parametrize("name", [name for name, row in FACTS.items() if "kak" in row])
def test_named_unitaries_of_the_table(name: str) -> None:
    fact = FACTS[name]
    bond = gate_bond(dressed(fact["kak"], 7))
    terms = bond_terms(bond, {}, ancilla=not name.endswith("ancilla_free"))
    agrees(bond, terms, fact["gamma"])
    assert len(terms) == fact["n_terms"]


def fact_gate(name: str) -> Operation:
    kind = name.removeprefix("gate_").removeprefix("named_").split("(")[0].lower()
    kind = {"cnot": "cx"}.get(kind, kind)
    return op(kind, 0, 1, params=[FACTS[name]["theta"]] if GATES[kind].num_angles else [])


@pytest.mark.parametrize(
    "name", [name for name in FACTS if name.startswith(("gate_RZZ", "gate_CRX", "gate_CZ", "gate_CNOT", "named_"))]
)
def test_named_gates_of_the_table(name: str) -> None:
    bond = gate_bond(fact_gate(name))
    terms = bond_terms(bond, {})
    agrees(bond, terms, FACTS[name]["gamma"])
    if "n_terms" in FACTS[name]:
        assert len(terms) == OTHER_COUNTS.get(name, FACTS[name]["n_terms"])


def test_a_controlled_z_is_its_six_terms() -> None:
    """1/2 [S.S + S^+.S^+ + M.1 - M.Z + 1.M - Z.M] (Mitarai, Fujii, NJP 23 023021)."""
    expected = {("S", "S"): 0.5, ("D", "D"): 0.5, ("M", "I"): 0.5, ("M", "Z"): -0.5, ("I", "M"): 0.5, ("Z", "M"): -0.5}
    known = {"I": np.eye(2), "Z": np.diag([1, -1]), "S": np.diag([1, 1j]), "D": np.diag([1, -1j])}
    superops = {name: np.kron(matrix, matrix.conj()) for name, matrix in known.items()}
    superops["M"] = np.diag([1, 0, 0, -1])
    operators = np.array([np.eye(2), np.diag([1, -1])])

    def name_of(own: Signed) -> tuple[str, int]:
        found = channel(own, operators)
        return next((n, s) for n, m in superops.items() for s in (1, -1) if np.allclose(found, s * m))

    found = {}
    for term in bond_terms(gate_bond(op("cz", 0, 1)), {}):
        (one, s), (two, t) = name_of(term.left), name_of(term.right)
        found[one, two] = s * t * term.coefficient
    assert found == pytest.approx(expected)


# --- the Cartan decomposition ---


@pytest.mark.parametrize("seed", range(6))
def test_the_cartan_decomposition_is_exact(seed: int) -> None:
    """Also next to gates of high symmetry, to which Qiskit would round."""
    angles = (math.pi / 4, math.pi / 4, math.pi / 4) + 10.0 ** -(2 * seed + 2) * np.array([1, 0.4, -0.7])
    unitary = np.array(dressed(angles, seed).matrix)
    found = kak(unitary)
    total = sum(
        u * np.kron(*(a @ PAULIS[letter] @ b for a, b in zip(found.after, found.before, strict=True)))
        for u, letter in zip(found.weights, "IXYZ", strict=True)
    )
    np.testing.assert_allclose(total, unitary, rtol=0, atol=1e-12)


# --- several gates ---


def parallel(thetas: Sequence[float]) -> Bond:
    k = len(thetas)
    ops = [op("rzz", q, q + k, params=[theta]) for q, theta in enumerate(thetas)]
    return joint_bond(2 * k, ops, range(k), tuple(range(k)))


@pytest.mark.parametrize("name", [name for name in FACTS if "joint" in name])
def test_joint_rotations_of_the_table(name: str) -> None:
    fact = FACTS[name]
    bond = parallel(fact["thetas"])
    assert bond.dims == (2,) * len(fact["thetas"])
    terms = bond_terms(bond, {}, ancilla="blackbox" in name)
    agrees(bond, terms, fact["gamma"])
    assert len(terms) == fact["n_terms"]
    assert gamma(terms) == pytest.approx(bond.gamma)
    operators = strings([np.array([np.eye(2), PAULIS["Z"]])] * len(fact["thetas"]))
    for term in terms:
        is_physical(term.left, operators)
        is_physical(term.right, operators)


def strings(sides: Sequence[np.ndarray]) -> np.ndarray:
    """Products of the letters of gates on different qubits, the first one slowest."""
    return np.stack([functools.reduce(np.kron, word) for word in itertools.product(*sides)])


def in_turn(sides: Sequence[np.ndarray], seed: int) -> np.ndarray:
    """Products of the letters of gates on one qubit of two, one after the other, with random gates in between."""
    words = []
    for word in itertools.product(*sides):
        whole_word = np.eye(4, dtype=complex)
        for k, letter in enumerate(word):
            whole_word = haar(2, seed + k) @ np.kron(letter, np.eye(2)) @ whole_word
        words.append(whole_word)
    return np.stack(words)


JOINT: dict[str, tuple[int, list[Operation], tuple[int, ...], tuple[int, ...]]] = {
    "two cx": (4, [op("cx", 0, 2), op("cx", 3, 1)], (0, 1), (0, 1)),
    "turned": (3, [op("cx", 0, 2), op("h", 0), op("cp", 2, 1, params=[0.7])], (0, 2), (0, 1)),
    "in bases of their own": (4, [op("ecr", 2, 0), op("ch", 1, 3), op("ryy", 0, 2, params=[1.1])], (0, 1, 2), (0, 1)),
    "with a swap": (4, [op("rzx", 0, 2, params=[0.3]), op("swap", 3, 1)], (0, 1), (0, 1)),
    "a run and a gate": (
        4,
        [op("cx", 0, 2), op("ry", 0, params=[0.4]), op("cx", 2, 0), op("cu", 1, 3, params=[0.4, 1, 2, 0.3])],
        (0, 2, 3),
        (0, 1),
    ),
    "one that is local": (4, [op("rzz", 0, 2, params=[0.0]), op("cz", 1, 3)], (0, 1), (0, 1)),
}


@pytest.mark.parametrize("name", JOINT)
def test_joint_bonds(name: str) -> None:
    bond = joint_bond(*JOINT[name])
    assert len(bond.components) > 1
    terms = bond_terms(bond, {})
    agrees(bond, terms, bond.gamma)
    for end in (0, 1):
        sides = [letters(Bond(bond.cut, bond.ends, bond.ops, components=(own,)), end, {}) for own in bond.components]
        for operators in (strings(sides), in_turn(sides, 5)):
            for term in terms:
                is_physical((term.left, term.right)[end], operators)


def test_a_joint_bond_without_an_ancilla_is_rebuilt() -> None:
    bond = joint_bond(*JOINT["with a swap"])
    terms = bond_terms(bond, {}, ancilla=False)
    np.testing.assert_allclose(rebuilt(terms), whole(bond), rtol=0, atol=1e-10)
    sides = [letters(Bond(bond.cut, bond.ends, bond.ops, components=(own,)), 0, {}) for own in bond.components]
    for term in terms:
        is_physical(term.left, strings(sides))


def test_parameters_of_joint_bonds() -> None:
    ops = [op("rzz", 0, 2, params=[param("s")]), op("h", 0), op("crx", 0, 3, params=[2 * param("s")])]
    bond = joint_bond(4, ops, (0, 2), (0, 1))
    values = {"s": 0.4}
    bound = (op("rzz", 0, 2, params=[0.4]), op("crx", 0, 3, params=[0.8]))
    agrees(bond, bond_terms(bond, values), joint_gamma(bound), values)


@given(st.data())
@settings(max_examples=30)
def test_random_joint_cuts(data: st.DataObject) -> None:
    circuit = data.draw(ladders(max_ops=8))
    for bond in split(circuit, data.draw(joint_cuts(circuit))).bonds:
        if math.prod(bond.dims) <= 8:
            stars = any(own.operation is None for own in bond.components)
            terms = bond_terms(bond, {})
            agrees(bond, terms, gamma(terms) if stars else bond.gamma)
            assert gamma(terms) >= bond.gamma - 1e-9


# --- stars and groups ---


def fan(count: int) -> list[Operation]:
    return [gate for q in range(1, count + 1) for gate in (op("cx", 0, q), op("ry", q, params=[0.3]), op("t", 0))]


@pytest.mark.parametrize("hub", [0, 1])
def test_a_star(hub: int) -> None:
    gates = fan(3)
    cut = [k for k, gate in enumerate(gates) if gate.name == "cx"]
    bond = joint_bond(4, gates, cut, (0,) if hub == 0 else (1, 2, 3))
    assert bond.components[0].hub == hub
    terms = bond_terms(bond, {})
    agrees(bond, terms, FACTS["star_LO_one_ancilla"]["gamma"])
    assert gamma(terms) == bond.gamma
    assert len(terms) == OTHER_COUNTS["star_LO_one_ancilla"]
    sides = [np.array([np.eye(2), PAULIS["Z"]]), np.stack([haar(2, 1), haar(2, 2)])]
    for term in terms:
        is_physical(term.left, sides[hub])
        is_physical(term.right, sides[1 - hub])


def test_stars_of_a_partition() -> None:
    circuit = Circuit(5, (op("h", 0), *fan(2), op("h", 0), op("cz", 0, 3), op("cz", 0, 4), op("cx", 0, 3)))
    network = split(circuit, CutPlan.from_partition(circuit, "ABBBB", joint=True))
    assert any(own.operation is None for bond in network.bonds for own in bond.components)
    for bond in network.bonds:
        agrees(bond, bond_terms(bond, {}), bond.gamma)


def test_the_hub_of_a_star_needs_no_ancilla() -> None:
    for term in STAR:
        kraus = np.einsum("sa,aij->sij", term.left.vectors, np.array([np.eye(2), PAULIS["Z"]]))
        for one in kraus:
            squared = one.conj().T @ one
            assert np.allclose(squared, np.eye(2)) or np.allclose(squared @ squared, squared)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_stars_among_other_components(order: tuple[int, ...]) -> None:
    """The letters are in the order of the components, wherever the stars are among them."""
    parts = [
        [op("cx", 0, 3), op("cx", 0, 4)],
        [op("rzz", 1, 5, params=[0.8])],
        [op("cz", 6, 2), op("crx", 6, 0, params=[1.9]), op("cz", 6, 2)],
    ]
    ops = [gate for k in order for gate in parts[k]]
    bond = joint_bond(7, ops, range(len(ops)), (0, 1, 2))
    kinds = [own.operation is None for own in bond.components]
    assert sorted(kinds) == [False, True, True]
    assert kinds.index(False) == order.index(1)
    terms = bond_terms(bond, {})
    agrees(bond, terms, bond.gamma)
    assert bond.gamma == pytest.approx(16 * (1 + 2 * math.sin(0.8)))


def test_a_weak_star_costs_more_than_its_gates() -> None:
    """Its gates, one by one, would need letters of their own, which its leg does not have."""
    ops = [op("rzz", 0, q, params=[0.1]) for q in (1, 2)]
    bond = joint_bond(3, ops, (0, 1), (0,))
    agrees(bond, bond_terms(bond, {}), 4.0)
    assert bond.gamma == pytest.approx(joint_gamma(tuple(ops)))
    assert bond.gamma < 1.5


def crossing(circuit: Circuit, side: tuple[int, ...]) -> GateCut:
    """All gates between these qubits and the others, as one cut."""
    gates = enumerate(circuit.operations)
    return GateCut(tuple(k for k, g in gates if len(g.qubits) == 2 and len({*g.qubits} & {*side}) == 1), side)


def multi_controlled(num_qubits: int) -> Circuit:
    qc = QuantumCircuit(num_qubits)
    qc.h(range(num_qubits))
    qc.mcx(list(range(num_qubits - 1)), num_qubits - 1)
    return from_qiskit(qc)


@pytest.mark.parametrize(("fact", "side"), [("1|2", (0,)), ("1|2", (0, 1)), ("2|2", (0, 3))])
def test_a_multi_controlled_gate_is_six_terms(fact: str, side: tuple[int, ...]) -> None:
    """With the reflection Z on a side of one qubit, and a controlled Z on one of two."""
    fact_row, num_qubits = FACTS[f"gate_MCZ_bipartition_{fact}"], 4 if fact == "2|2" else 3
    circuit = multi_controlled(num_qubits)
    (bond,) = split(circuit, CutPlan((crossing(circuit, side),))).bonds
    assert bond.components[0].number is not None
    terms = bond_terms(bond, {})
    agrees(bond, terms, fact_row["gamma"])
    assert len(terms) == fact_row["n_terms"]
    for end, width in enumerate((len(side), num_qubits - len(side))):
        reflection = np.diag([1.0] * (2**width - 1) + [-1])
        for term in terms:
            is_physical((term.left, term.right)[end], np.array([np.eye(2**width), reflection]))


# --- values ---


def leg_values(network: Network, position: int) -> np.ndarray:
    """The leg tensor of a fragment with one leg for Z on all of its outputs."""
    fragment = network.fragments[position]
    amplitudes = fragment_amplitudes(fragment, {})
    odd = np.array([bits.bit_count() % 2 for bits in range(len(amplitudes))], dtype=bool)
    even_part, odd_part = (leg_tensor(amplitudes[side], [fragment.legs[0].dim]) for side in (~odd, odd))
    return even_part - odd_part


def around(num_qubits: int, ops: Sequence[Operation]) -> Circuit:
    """Random gates before and after."""
    layers = [[op("u3", q, params=(1 + q, 0.3 * k + q, k)) for q in range(num_qubits)] for k in (0, 1)]
    return Circuit.of(num_qubits, (*layers[0], *ops, *layers[1]))


TOFFOLI = around(3, [op("ccx", 0, 1, 2)])
VALUES: dict[str, tuple[Circuit, tuple[Any, ...]]] = {
    "wire": (around(2, [op("cx", 0, 1), op("ry", 0, params=[0.4])]), (WireCut(1, 2),)),
    "gate": (around(2, [op("cu", 1, 0, params=[0.9, 0.2, 0.4, 1.3])]), (GateCut((2,), (0,)),)),
    "unitary": (around(2, [dressed((0.4, 0.3, 0.2), 3)]), (GateCut((2,)),)),
    "joint": (around(3, [op("cx", 0, 1), op("h", 0), op("iswap", 2, 0)]), (GateCut((3, 5), (0,)),)),
    "star": (around(3, [op("cx", 0, 1), op("t", 0), op("cz", 2, 0)]), (GateCut((3, 5), (0,)),)),
    "toffoli": (TOFFOLI, (crossing(TOFFOLI, (0,)),)),
}


@pytest.mark.parametrize("wires", WIRES)
@pytest.mark.parametrize("name", VALUES)
def test_terms_give_the_values_of_circuits(name: str, wires: str) -> None:
    """With the leg tensors of the fragments' own amplitudes."""
    circuit, cuts = VALUES[name]
    network = split(circuit, CutPlan(cuts))
    (bond,) = network.bonds
    left, right = (leg_values(network, position) for position in bond.ends)
    terms = bond_terms(bond, {}, wires=wires)
    found = sum(t.coefficient * (t.left.functional @ left) * (t.right.functional @ right) for t in terms)
    word = tuple((q, "Z") for q in range(circuit.num_qubits))
    expected = oracle.word_value(oracle.statevector(circuit), word)
    assert abs(expected) > 0.01
    assert found == pytest.approx(expected, abs=1e-12)


# --- refusals ---


def test_unknown_protocols_are_named() -> None:
    with pytest.raises(PlanError, match="sic, pauli, std4, got 'six'"):
        bond_terms(WIRE, {}, wires="six")


def test_a_star_without_an_ancilla_is_refused() -> None:
    with pytest.raises(PlanError, match="a star is cut with an ancilla"):
        bond_terms(joint_bond(3, [op("cx", 0, 1), op("cx", 0, 2)], (0, 1), (0,)), {}, ancilla=False)


def test_too_many_terms_are_counted() -> None:
    assert len(bond_terms(parallel([0.5] * 4), {})) == 256
    with pytest.raises(PlanError, match=f"{4**20} terms"):
        bond_terms(parallel([0.5] * 20), {})
