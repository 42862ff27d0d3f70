"""Qiskit circuits come in and go out with the same unitary, names and global phase."""

import numpy as np
import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Gate, Parameter, ParameterVector
from qiskit.circuit import library as lib
from qiskit.quantum_info import Clifford, Operator, random_clifford, random_unitary

from cutq.circuits.angles import Angle, param
from cutq.circuits.circuit import Circuit, Group, Operation
from cutq.circuits.gates import GATES, MATRIX_GATE
from cutq.circuits.qiskit.convert import from_qiskit, to_qiskit
from cutq.circuits.qiskit.expand import Expansion, InstructionError
from cutq.circuits.qiskit.matrices import unitary
from cutq.errors import CircuitError, CutqError


def matrix(circuit, values=None):
    """The unitary of a circuit with its global phase, qubit 0 most significant."""
    values = values or {}
    phase = np.exp(1j * circuit.global_phase.at(values))
    return phase * unitary(circuit.operations, circuit.num_qubits, values)


def assert_same(qc):
    circuit = from_qiskit(qc)
    np.testing.assert_allclose(matrix(circuit), Operator(qc).reverse_qargs().data, atol=1e-10)
    return circuit


def on_own_qubits(operation):
    qc = QuantumCircuit(max(operation.num_qubits, 1))
    qc.append(operation, range(operation.num_qubits))
    return qc


@pytest.mark.parametrize("name", GATES)
def test_every_row_has_the_unitary_of_its_qiskit_gate(name):
    row = GATES[name]
    angles = np.random.default_rng(0).normal(size=row.num_angles)
    circuit = Circuit.of(3, [Operation(name, (2, 0, 1)[: row.num_qubits], tuple(angles))])
    qc = to_qiskit(circuit)
    np.testing.assert_allclose(matrix(circuit), Operator(qc).reverse_qargs().data, atol=1e-12)
    if row.num_qubits <= 2:
        assert qc.data[0].operation.name == name
        assert from_qiskit(qc) == circuit


@pytest.mark.parametrize("name", ["ccx", "ccz", "cswap"])
def test_three_qubit_rows_are_decomposed_and_grouped(name):
    qc = QuantumCircuit(4)
    qc.h(0)
    qc.append({"ccx": lib.CCXGate, "ccz": lib.CCZGate, "cswap": lib.CSwapGate}[name](), [3, 0, 2])
    circuit = assert_same(qc)
    assert circuit.groups == (Group(name, tuple(range(1, len(circuit.operations)))),)


LARGE = [
    lib.RCCXGate(),
    lib.RC3XGate(),
    lib.C3XGate(),
    lib.MCXGate(4),
    lib.C3SXGate(),
    lib.CCXGate(ctrl_state=1),
    lib.CCZGate(ctrl_state=2),
    lib.CRXGate(0.3).control(2),
    lib.QFTGate(4),
    lib.MSGate(3, 0.3),
    lib.PauliGate("XYZ"),
    lib.PermutationGate([2, 0, 3, 1]),
    lib.LinearFunction([[1, 1, 0], [0, 1, 0], [0, 0, 1]]),
    lib.UnitaryGate(random_unitary(8, seed=1)),
    lib.UnitaryGate(np.diag(np.exp(1e-6j * np.arange(8)))),
    lib.UGate(0.1, 0.2, 0.3).control(2, annotated=True),
    lib.HGate().control(2, ctrl_state=1, annotated=True).inverse(annotated=True),
    Clifford(random_clifford(3, seed=1)),
]


@pytest.mark.parametrize("operation", LARGE, ids=lambda operation: operation.name)
def test_larger_gates_are_decomposed_into_one_group(operation):
    circuit = assert_same(on_own_qubits(operation))
    assert [group.name for group in circuit.groups] == [operation.name]
    assert circuit.groups[0].ops == tuple(range(len(circuit.operations)))
    assert max(len(op.qubits) for op in circuit.operations) <= 2


SMALL = [
    lib.CXGate(ctrl_state=0),
    lib.CU3Gate(0.1, 0.2, 0.3, ctrl_state=0),
    lib.RGate(0.1, 0.2),
    lib.DCXGate(),
    lib.XXPlusYYGate(0.1, 0.2),
    lib.GlobalPhaseGate(0.4),
    lib.GlobalPhaseGate(0.4).control(1),
    lib.UnitaryGate(np.array([[1j]])),
    lib.DiagonalGate([1, 1j, -1, 1]),
    lib.RZGate(0.2).inverse(annotated=True),
    lib.CXGate().power(0.5, annotated=True),
    lib.UnitaryGate(random_unitary(2, seed=1)).control(1),
]


@pytest.mark.parametrize("operation", SMALL, ids=lambda operation: operation.name)
def test_small_gates_that_are_no_rows_are_expanded_without_a_group(operation):
    assert assert_same(on_own_qubits(operation)).groups == ()


@pytest.mark.parametrize("size", [2, 4])
def test_matrix_gates_survive_bit_for_bit(size):
    qc = QuantumCircuit(3)
    qc.append(lib.UnitaryGate(random_unitary(size, seed=2)), [2, 0][: size // 2])
    circuit = assert_same(qc)
    assert circuit.operations[0].name == MATRIX_GATE
    assert from_qiskit(to_qiskit(circuit)) == circuit


def test_qiskit_library_circuits():
    assert_same(lib.QFTGate(4).definition)
    assert_same(lib.quantum_volume(4, seed=3))
    assert from_qiskit(lib.quantum_volume(5, 4, seed=1)).groups == ()
    circuit = from_qiskit(lib.efficient_su2(3, reps=1))
    assert circuit.parameters[:2] == ("θ[0]", "θ[1]")
    assert from_qiskit(to_qiskit(circuit)) == circuit


def test_affine_angles_keep_names_and_exact_coefficients():
    theta, s = ParameterVector("theta", 2), Parameter("enc.s")
    qc = QuantumCircuit(1, global_phase=0.1 * s)
    qc.rx(0.7 * theta[1] - theta[0] / 3 + 0.1, 0)
    qc.rz(s, 0)
    circuit = from_qiskit(qc)
    assert circuit.operations[0].params[0] == 0.7 * param("theta[1]") - (1 / 3) * param("theta[0]") + 0.1
    assert circuit.operations[1].params[0] == param("enc.s")
    assert circuit.global_phase == 0.1 * param("enc.s")
    assert from_qiskit(to_qiskit(circuit)) == circuit


@pytest.mark.parametrize(
    "make",
    [lambda s, t: s * t, lambda s, t: s.sin(), lambda s, t: s / t, lambda s, t: abs(s), lambda s, t: s**2],
)
def test_angles_that_are_not_affine_are_refused_by_name(make):
    qc = QuantumCircuit(1)
    qc.rx(make(Parameter("speed"), Parameter("time")), 0)
    with pytest.raises(CircuitError, match=r"affine.*speed"):
        from_qiskit(qc)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_angles_that_are_not_finite_are_refused(value):
    qc = QuantumCircuit(1)
    qc.rx(value, 0)
    with pytest.raises(CutqError, match="finite"):
        from_qiskit(qc)


def custom(name, definition, params=()):
    operation = Gate(name, definition.num_qubits, list(params))
    operation.definition = definition
    return operation


def test_a_gate_named_like_a_row_is_that_row_only_if_its_matrix_agrees():
    t = Parameter("t")
    right, wrong = QuantumCircuit(2), QuantumCircuit(2)
    for body in (right, wrong):
        body.cx(0, 1)
        body.rz(t if body is right else 2 * t, 1)
        body.cx(0, 1)
    accepted = from_qiskit(on_own_qubits(custom("rzz", right, [t])))
    expanded = from_qiskit(on_own_qubits(custom("rzz", wrong, [t])))
    assert accepted.operations == (Operation("rzz", (0, 1), (param("t"),)),)
    assert [op.name for op in expanded.operations] == ["cx", "rz", "cx"]


def test_a_row_whose_definition_lacks_a_constant_phase_is_that_row_with_the_phase():
    body = QuantumCircuit(1, global_phase=0.3)
    body.x(0)
    circuit = assert_same(on_own_qubits(custom("x", body)))
    assert circuit.operations == (Operation("x", (0,)),)
    np.testing.assert_allclose(circuit.global_phase.constant, 0.3, atol=1e-12)


def test_phases_of_nested_definitions_add_up_and_controls_take_them_over():
    inner = QuantumCircuit(1, global_phase=0.4)
    inner.rx(0.2, 0)
    outer = QuantumCircuit(1, global_phase=0.3)
    outer.append(custom("inner", inner), [0])
    gate = custom("outer", outer)
    assert_same(on_own_qubits(gate))
    assert_same(on_own_qubits(gate.control(2)))


def test_idle_qubits_ancillas_and_the_source_are_kept():
    qc = QuantumCircuit(QuantumRegister(2, "a"), QuantumRegister(3, "b"), name="five")
    qc.swap(3, 1)
    qc.barrier()
    qc.delay(10, 0)
    qc.rccx(0, 1, 2)
    circuit = from_qiskit(qc)
    assert circuit.num_qubits == 5
    assert circuit.operations[0] == Operation("swap", (3, 1))
    assert circuit.metadata["name"] == "five"
    assert circuit.metadata["source"] == (0, *[3] * (len(circuit.operations) - 1))
    assert circuit.metadata["notes"] == ()
    assert to_qiskit(circuit).name == "five"


def test_final_measurements_are_dropped_with_a_note():
    qc = QuantumCircuit(3, 3)
    qc.h(0)
    qc.measure([0, 1, 2], [0, 1, 2])
    qc.barrier()
    qc.measure(0, 1)
    assert from_qiskit(qc).metadata["notes"] == ("dropped the final measurement of qubits 0, 1, 2",)


def test_resets_of_untouched_qubits_are_dropped():
    qc = QuantumCircuit(2)
    qc.reset([0, 1])
    qc.h(0)
    qc.initialize([0, 1], 1)
    assert {op.qubits for op in from_qiskit(qc).operations} <= {(0,), (1,)}


def test_resets_after_final_measurements_are_dropped_with_a_note():
    qc = QuantumCircuit(2, 2)
    qc.h([0, 1])
    qc.measure([0, 1], [0, 1])
    qc.reset([0, 1])
    notes = ("dropped the final measurement of qubits 0, 1", "dropped the reset after the measurement of qubits 0, 1")
    assert from_qiskit(qc).metadata["notes"] == notes
    qc.measure(0, 0)
    with pytest.raises(InstructionError, match="measurement of qubit 0 after its reset"):
        from_qiskit(qc)


@pytest.mark.parametrize("name", [5, None, ["a"]])
def test_names_that_are_no_strings_are_left_out(name):
    assert isinstance(to_qiskit(Circuit(1, metadata={"name": name})).name, str)


def build(*, measured=False, reset=False, conditional=False, looped=False):
    qc = QuantumCircuit(QuantumRegister(2, "q"), ClassicalRegister(1, "c"))
    qc.h(0)
    if measured:
        qc.measure(0, 0)
        qc.cx(0, 1)
    if reset:
        qc.reset(0)
    if conditional:
        with qc.if_test((qc.clbits[0], True)):
            qc.x(1)
    if looped:
        with qc.for_loop(range(2)):
            qc.x(1)
    return qc


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("measured", "mid-circuit measurement: qubit 0"),
        ("reset", "reset of qubit 0"),
        ("conditional", "classical control"),
        ("looped", "classical control"),
    ],
)
def test_what_is_not_unitary_is_refused_with_its_place(kind, message):
    with pytest.raises(InstructionError, match=message) as caught:
        from_qiskit(build(**{kind: True}))
    assert caught.value.index == 1


@pytest.mark.parametrize(("name", "message"), [("hh", "unknown gate 'hh'.*'h'"), ("cx", "cx is opaque")])
def test_opaque_gates_are_refused_by_name(name, message):
    with pytest.raises(CircuitError, match=message):
        from_qiskit(on_own_qubits(Gate(name, 2, [])))


def nested(depth, leaf):
    gate = leaf
    for level in range(depth):
        body = QuantumCircuit(1)
        body.append(gate, [0])
        body.append(gate, [0])
        gate = custom(f"g{level}", body)
    return gate


@pytest.mark.parametrize("leaf", [lib.HGate(), custom("nothing", QuantumCircuit(1))], ids=["h", "empty"])
def test_definitions_that_grow_without_bound_are_refused(monkeypatch, leaf):
    monkeypatch.setattr(Expansion.__init__, "__defaults__", (10_000, 10**9, Angle()))
    with pytest.raises(CircuitError, match="too many operations"):
        from_qiskit(on_own_qubits(nested(40, leaf)))


def test_a_circuit_without_qubits():
    circuit = from_qiskit(QuantumCircuit(0, global_phase=0.5))
    assert circuit == Circuit(0, (), circuit.global_phase)
    assert from_qiskit(to_qiskit(circuit)) == circuit
