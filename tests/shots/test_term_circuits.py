"""Terms on devices: the instruments of every protocol become programs, and what these measure gives the exact value."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from cutq import CutPlan, GateCut, Operation, WireCut, param, split
from cutq.errors import DeviceError
from cutq.network.legspace import leg_tensor, places
from cutq.network.network import Network, merge
from cutq.network.signed import Signed, Term
from cutq.network.terms import bond_terms
from cutq.network.wire_terms import WIRES
from cutq.shots.instructions import variant_program
from cutq.shots.program import Gate, Measure
from cutq.shots.variants import Choice, Variant
from tests import oracle
from tests.shots.devices import NETWORKS, across, expected, layered, local, op, simulated

EXACT = 1e-9


@dataclass(frozen=True)
class Row:
    """A network of one bond, the values of its parameters, and at which ends it takes ancillas."""

    network: Network
    values: dict[str, float] = field(default_factory=dict)
    takes: tuple[int, ...] = ()
    stars: bool = False


def jointly(num_qubits: int, *ops: Operation) -> Network:
    """All gates between the first half of the qubits and the second one as one cut."""
    circuit = layered(num_qubits, *ops)
    half = num_qubits // 2
    cut = [k for k, own in enumerate(circuit.operations) if len({q < half for q in own.qubits}) == 2]
    return split(circuit, CutPlan((GateCut(tuple(cut), tuple(range(half))),)))


def gate(name: str, *angles: float) -> Row:
    return Row(across(op(name, 0, 1, params=angles)))


def partition(labels: str, *ops: Operation) -> Network:
    return across(*ops, labels=labels, joint=True)


def dressed(letters: str, seed: int) -> Operation:
    """A gate of rank 4 and of three equal angles between random gates: no decomposition of it is the only one."""
    turn = np.eye(4, dtype=complex)
    for letter in letters:
        turn = turn @ op(f"r{letter}{letter}", 0, 1, params=(0.7,)).unitary({})
    return Operation("unitary", (0, 1), matrix=local(seed) @ turn @ local(seed + 2))  # type: ignore[arg-type]


def two_stars() -> Network:
    """Stars with hubs on either side, and a gate between them."""
    one, two = (op("cx", 0, 3), op("cp", 0, 4, params=(0.4,))), (op("cx", 5, 1), op("cz", 5, 2))
    return jointly(6, *one, op("rzz", 2, 4, params=(0.9,)), *two)


RZZ, CX = op("rzz", 0, 2, params=(0.4,)), op("cx", 1, 3)

TABLE: dict[str, Row] = {
    "cx": gate("cx"),
    "rzz": gate("rzz", 0.4),
    "ecr": gate("ecr"),
    "cu": gate("cu", 0.4, 1.2, -0.3, 0.5),
    "iswap": gate("iswap"),
    "swap": gate("swap"),
    "any gate": Row(NETWORKS["rank 4"]),
    "any gate of rank 2": Row(NETWORKS["rank 2"]),
    "any gate of rank 1": Row(NETWORKS["rank 1"]),
    "a dressed gate": Row(across(dressed("xyz", 3))),
    "a dressed gate of two angles": Row(across(dressed("xy", 4))),
    "a parameter": Row(across(Operation("crx", (0, 1), (2 * param("t"),))), {"t": 0.8}),
    "a parameter at zero": Row(across(Operation("cu3", (0, 1), (param("t"), 0.0, 0.0))), {"t": 0.0}),
    "two cx": Row(jointly(4, op("cx", 0, 2), CX)),
    "two cx crosswise": Row(jointly(4, op("cx", 0, 2), op("cx", 3, 1))),
    "two rzz": Row(jointly(4, RZZ, op("rzz", 3, 1, params=(1.1,)))),
    "three gates": Row(jointly(6, op("cx", 0, 3), op("rzz", 1, 4, params=(0.7,)), op("ch", 5, 2))),
    "bases of their own": Row(jointly(4, op("ryy", 0, 2, params=(0.3,)), op("cu3", 1, 3, params=(1.0, 0.7, 0.2)))),
    "one of rank 1": Row(NETWORKS["three gates"]),
    "a parameter in two gates": Row(
        jointly(4, Operation("rzz", (0, 2), (param("s"),)), Operation("crx", (1, 3), (2 * param("s"),))), {"s": 0.4}
    ),
    "a swap and a gate": Row(jointly(4, RZZ, op("swap", 1, 3))),
    "two iswap": Row(NETWORKS["two iswap"]),
    "early and late": Row(jointly(4, op("t", 1), RZZ, op("h", 1), op("h", 0), op("s", 3), CX, op("h", 2))),
    "late and early": Row(jointly(4, op("cx", 0, 1), RZZ, op("h", 0), op("h", 2), op("h", 1), op("h", 3), CX)),
    "between": Row(jointly(4, op("cx", 0, 2), op("cx", 0, 1), CX), takes=(0,)),
    "between on both sides": Row(jointly(4, op("cx", 0, 2), op("cx", 0, 1), op("cy", 3, 2), CX), takes=(0, 1)),
    "one qubit twice": Row(jointly(4, op("cx", 0, 1), op("cx", 0, 2), op("rxx", 3, 0, params=(0.6,))), takes=(0,)),
    "star": Row(NETWORKS["star"], stars=True),
    "star, the hub second": Row(
        partition("BBA", op("cx", 2, 0), op("t", 2), op("cu", 2, 1, params=(0.4, 1, 2, 0.3))), stars=True
    ),
    "star and gate": Row(NETWORKS["star and gate"], stars=True),
    "toffoli": Row(partition("AAB", op("ccx", 0, 1, 2))),
    "toffoli, the target with a control": Row(partition("ABB", op("ccx", 0, 1, 2))),
    "four qubits": Row(NETWORKS["group of four"]),
    "a toffoli and a gate": Row(jointly(4, op("ccx", 0, 1, 2), op("cx", 3, 1)), takes=(0,)),
    "two toffolis": Row(jointly(4, op("ccx", 0, 1, 2), op("ccx", 2, 3, 1)), takes=(0, 1)),
    "two stars and a gate": Row(two_stars(), stars=True),
}

WIRE = split(layered(3, op("cx", 0, 1), op("ry", 1, params=(0.4,)), op("cx", 1, 2)), CutPlan((WireCut(1, 4),)))

LONG = ("two iswap", "two stars and a gate")
CASES = [
    pytest.param(name, ancilla, marks=[pytest.mark.long] if name in LONG else [])
    for name, row in TABLE.items()
    for ancilla in (True, False)
    if ancilla or not (row.stars or row.takes)
]


def term_variant(row: Row, end: int, own: Signed) -> Variant:
    """What one side of a term is on a device, with outputs in X, Y, Z in turn."""
    position = row.network.bonds[0].ends[end]
    fragment = row.network.fragments[position]
    size = 1 << (len(own.vectors) - 1).bit_length()
    vectors = np.concatenate([own.vectors, np.zeros((size - len(own.vectors), own.vectors.shape[1]))])
    choice = Choice(tuple(range(len(places(fragment)))), "term", vectors)
    return Variant(position, fragment, row.values, (choice,), letters(len(fragment.outputs)))


def letters(count: int) -> str:
    return "".join(itertools.islice(itertools.cycle("XYZ"), count))


def key(own: Signed) -> bytes:
    return own.vectors.tobytes() + own.scores.tobytes()


def instruments(row: Row, ancilla: bool, end: int) -> dict[bytes, Signed]:
    """Those of all terms at one end, each once."""
    terms = bond_terms(row.network.bonds[0], row.values, ancilla=ancilla)
    return {key(own): own for term in terms for own in [(term.left, term.right)[end]]}


def mean(row: Row, end: int, own: Signed) -> float:
    """The mean of the product of all outputs and of the score, from infinitely many shots of a program."""
    one = term_variant(row, end, own)
    found = simulated(variant_program(one))
    assert np.abs(found - expected(one)).max() < EXACT
    chances = found.reshape(1 << one.num_outputs, -1)[:, : len(own.scores)]
    signs = np.array([(-1) ** bits.bit_count() for bits in range(len(chances))])
    return float(signs @ chances @ own.scores)


def exact_value(row: Row) -> float:
    """Of the product of what ``mean`` reads of all fragments."""
    word = [(q, letter) for own in row.network.fragments
            for q, letter in zip(own.outputs, letters(len(own.outputs)), strict=True)]  # fmt: skip
    return oracle.word_value(oracle.statevector(merge(row.network), row.values), tuple(word))


def total(row: Row, terms: Sequence[Term]) -> float:
    """Sampling in the limit of infinitely many shots of every term."""
    sides: list[dict[bytes, float]] = [{}, {}]
    for end, side in enumerate(sides):
        for term in terms:
            own = (term.left, term.right)[end]
            if key(own) not in side:
                side[key(own)] = mean(row, end, own)
    return sum(term.coefficient * sides[0][key(term.left)] * sides[1][key(term.right)] for term in terms)


@pytest.mark.parametrize(("name", "ancilla"), CASES)
def test_every_term_is_a_program_and_all_of_them_give_the_value(name: str, ancilla: bool) -> None:
    row = TABLE[name]
    exact = exact_value(row)
    assert abs(exact) > 1e-3
    assert abs(total(row, bond_terms(row.network.bonds[0], row.values, ancilla=ancilla)) - exact) < EXACT


@pytest.mark.parametrize("size", [1e-4, 1e-7, 1e-8, 1e-9, 1e-11])
def test_gates_near_the_identity_run_as_well_as_their_letters_are_known(size: float) -> None:
    """The letters 1 and V nearly coincide, so that vectors are as large as 1 / size."""
    t = param("t")
    row = Row(jointly(4, RZZ, Operation("cu3", (1, 3), (t, 0.3 * t, -0.1 * t))), {"t": size})
    for end, ancilla in itertools.product((0, 1), (True, False)):
        for own in instruments(row, ancilla, end).values():
            one = term_variant(row, end, own)
            assert np.abs(simulated(variant_program(one)) - expected(one)).max() < max(EXACT, 1e-14 / size)


@pytest.mark.parametrize("wires", WIRES)
def test_every_term_of_a_wire(wires: str) -> None:
    row = Row(WIRE)
    exact = exact_value(row)
    assert abs(exact) > 1e-3
    assert abs(total(row, bond_terms(WIRE.bonds[0], {}, wires=wires)) - exact) < EXACT


@pytest.mark.parametrize(("name", "ancilla"), CASES)
def test_terms_on_few_qubits_and_without_measurements_midway(name: str, ancilla: bool) -> None:
    row = TABLE[name]
    for end in (0, 1):
        known = list(instruments(row, ancilla, end).values())
        for own in known[:: 1 + len(known) // 24]:
            one = term_variant(row, end, own)
            exact, plain = expected(one), variant_program(one)
            few, last = variant_program(one, reuse=True), variant_program(one, midway=False)
            assert few.num_qubits <= plain.num_qubits
            assert last.needs == frozenset()
            for program in (few, last):
                assert np.abs(simulated(program) - exact).max() < EXACT


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row.takes])
def test_rotations_of_parities_that_are_none_at_one_time_are_refused(name: str) -> None:
    """Everything else runs, on the other side and in the measurements, which may take ancillas."""
    row = TABLE[name]
    for end in (0, 1):
        refused = []
        for own in instruments(row, False, end).values():
            try:
                mean(row, end, own)
            except DeviceError as error:
                refused.append((own, str(error)))
        assert bool(refused) == (end in row.takes)
        assert all(len(own.vectors) == 1 and "ancilla=True" in why for own, why in refused)


LADDERS = {"two cx": 2, "two rzz": 2, "three gates": 4, "early and late": 2, "late and early": 3}
"""CX gates of the longest programs, those of the fragment included."""


@pytest.mark.parametrize("name", LADDERS)
def test_parities_of_joint_gates_take_ladders_of_cx(name: str) -> None:
    row, most = TABLE[name], 0
    for own in instruments(row, False, 0).values():
        one = term_variant(row, 0, own)
        program = variant_program(one)
        assert program.num_qubits == one.fragment.width
        assert sum(isinstance(instruction, Measure) for instruction in program.instructions) == one.num_bits
        several = [i.operation.name for i in program.instructions if isinstance(i, Gate) and len(i.qubits) > 1]
        assert set(several) <= {"cx"}
        most = max(most, len(several))
    assert most == LADDERS[name]


def test_the_leg_tensor_of_a_fragment_without_legs_is_a_number() -> None:
    found = leg_tensor(np.array([[0.6], [0.8j]]), ())
    assert found.shape == ()
    assert abs(found - 1) < EXACT
