"""``verify``: promises that hold, promises that do not, and that every mutant of a published block is found."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from cutq import Card, Circuit, Metric, Module, ModuleError, Operation, QuantumIn, QuantumOut, Verification
from cutq.compose.blocks.arithmetic import full_adder, parity, ripple_adder
from cutq.compose.blocks.catalogue import CATALOGUE
from cutq.compose.blocks.phases import iterative_phase_estimation, qft
from cutq.compose.blocks.states import plus, zero
from cutq.compose.checks import CHECKS

ANGLES = (math.pi / 8, 3 * math.pi / 8)


def with_metrics(module: Module, *metrics: Metric) -> Module:
    return replace(module, card=replace(module.card, metrics=metrics))


def test_what_it_says() -> None:
    found = full_adder().verify()
    assert isinstance(found, Verification)
    assert found.ok
    text = str(found)
    assert text.startswith("full-adder: all promises hold")
    assert "truth table, largest deviation" in text
    assert text.count(" ok") == len(found.rows) == 4


def test_a_broken_promise() -> None:
    found = with_metrics(full_adder(), Metric("gates", "two_qubit_gates", 3.0, 0.5)).verify()
    assert not found.ok
    (broken,) = (row for row in found.rows if not row.ok)
    assert (broken.metric, broken.promised, broken.found) == ("gates", 3.0, 14.0)
    assert "BROKEN" in str(found)
    assert "promises are broken" in str(found)


def test_checks_that_do_not_exist() -> None:
    with pytest.raises(ModuleError, match="none of truth_table"):
        with_metrics(plus(), Metric("a", "vibes", 1.0)).verify()


def test_references_that_do_not_exist() -> None:
    found = with_metrics(plus(), Metric("a", "unitary", 0.0, options={"reference": "plusplus"})).verify()
    assert not found.ok
    assert "'plusplus'" in str(found)


def test_shapes_that_do_not_fit() -> None:
    found = with_metrics(plus(2), Metric("a", "unitary", 0.0, options={"reference": "plus", "qubits": 3})).verify()
    assert not found.ok
    assert found.rows[0].found == float("inf")


def mutants(module: Module) -> list[Module]:
    """The module with one more turn at the end of a qubit that goes out or is read, or without one of its gates."""
    assert isinstance(module.body, Circuit)
    read = {qubit for port in module.quantum_outputs for qubit in port.qubits}
    read |= {
        qubit
        for port in module.classical_outputs
        for one in getattr(port, "observables", ())
        for word, _ in one.terms
        for qubit, _ in word
    }
    operations = module.body.operations
    turned = [(*operations, Operation("u", (qubit,), (0.4, 0.3, 0.2))) for qubit in sorted(read)]
    return [replace(module, body=replace(module.body, operations=one, groups=())) for one in turned]


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_every_mutant_is_found(name: str) -> None:
    for mutant in mutants(CATALOGUE[name]()):
        found = mutant.verify()
        assert not found.ok, str(mutant.body)
        assert all(row.ok for row in found.rows[len(mutant.card.metrics) :])


def test_gates_that_are_missing_are_found() -> None:
    # Blocks where every gate matters; phases before a qubit is traced out, for example in Toffolis, do not.
    for module in (parity(2), CATALOGUE["detect-422"](), CATALOGUE["qft-step-4"](), CATALOGUE["ghz-grow-5"]()):
        for gone in range(len(module.body.operations)):
            rest = tuple(op for k, op in enumerate(module.body.operations) if k != gone)
            mutant = replace(module, body=replace(module.body, operations=rest, groups=()))
            kept = [row for row in mutant.verify().rows if "gates" not in row.metric]
            assert not all(row.ok for row in kept), gone


def test_compositions_are_verified_too() -> None:
    assert qft(3).module.verify().ok
    assert [row.metric for row in ripple_adder(4).module.verify().rows] == ["weights that are not finite"]
    assert iterative_phase_estimation(2).module.verify().ok


@pytest.mark.parametrize(
    ("module", "options", "expected"),
    [
        # All spins up is a ground state without a field, with 1 for each of 3 bonds.
        (zero(4), {"reference": "tfim", "qubits": 4, "field": 0.0}, 0.0),
        (plus(4), {"reference": "tfim", "qubits": 4, "field": 0.0}, 1.0),
        # Two spins: the singlet has -3, a pair of equal spins has 1.
        (zero(2), {"reference": "heisenberg", "qubits": 2}, 4 / 3),
        # The free-fermion energy of 4 spins in a critical ring is -2 sum_k sin(k), k = pi/8 and 3 pi/8, twice.
        (plus(4), {"reference": "tfim", "qubits": 4, "periodic": True}, 1 - 4 / (4 * sum(map(math.sin, ANGLES)))),
        (zero(3), {"reference": "tfim", "qubits": 4}, math.inf),
    ],
)
def test_energies(module: Module, options: dict[str, object], expected: float) -> None:
    assert CHECKS["energy"](module, options) == pytest.approx(expected)


def test_plain_numbers() -> None:
    module = Module(
        "pair",
        Circuit(2, (Operation("h", (0,)), Operation("cx", (0, 1)), Operation("x", (0,)))),
        (QuantumIn("in", (1,)), QuantumOut("out", (0, 1))),
        card=Card(
            metrics=(
                Metric("a", "depth", 3.0, 0.0),
                Metric("b", "qubits", 2.0, 0.0),
                Metric("c", "weights", 0.0, 0.0),
                Metric("d", "two_qubit_gates", 1.0, 0.0),
                Metric("e", "isometry", 0.0),
            )
        ),
    )
    assert module.verify().ok
    assert {metric.check for metric in module.card.metrics} <= set(CHECKS)
