"""OpenQASM texts come in with their errors named and go out without loss."""

import math
import re

import numpy as np
import pytest
from qiskit import QuantumCircuit, qasm2, qasm3
from qiskit.circuit import library as lib
from qiskit.quantum_info import Operator, random_unitary

from cutq.circuits.angles import Angle, angle, param
from cutq.circuits.circuit import Circuit, Group, Operation
from cutq.circuits.gates import GATES
from cutq.circuits.qasm.text import dump, dumps, load, loads
from cutq.circuits.qiskit.convert import from_qiskit, to_qiskit
from cutq.circuits.qiskit.expand import Expansion
from cutq.circuits.qiskit.matrices import unitary
from cutq.errors import QasmError

TWO = 'OPENQASM 2.0;\ninclude "qelib1.inc";\n'
THREE = 'OPENQASM 3.0;\ninclude "stdgates.inc";\n'


def matrix(circuit, values=None):
    values = values or {}
    phase = np.exp(1j * circuit.global_phase.at(values))
    return phase * unitary(circuit.operations, circuit.num_qubits, values)


def foreign(text):
    """The unitary that a reader without cutq's header gets, qubit 0 most significant."""
    body = re.sub(r"^// cutq:.*\n", "", text, flags=re.MULTILINE)
    assert "cutq" not in body
    if "OPENQASM 2" in body:
        qc = qasm2.loads(body, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)
    else:
        qc = qasm3.loads(body)
    return Operator(qc).reverse_qargs().data


def assert_equal_up_to_phase(left, right):
    overlap = np.vdot(left, right)
    np.testing.assert_allclose(left * overlap / abs(overlap), right, atol=1e-9)


def unitary_gate(size, seed, qubits):
    return Operation("unitary", qubits, (), random_unitary(size, seed=seed).data)


def every_row():
    rng = np.random.default_rng(3)
    small = [row for row in GATES.values() if row.num_qubits <= 2]
    return tuple(Operation(row.name, (2, 0)[: row.num_qubits], tuple(rng.normal(size=row.num_angles))) for row in small)


NUMBERS = (
    0.1,
    -0.0,
    1e-17,
    5e-324,
    1e22,
    1.7976931348623157e308,
    math.pi,
    math.pi / 3 + 1e-13,
    -1e-5,
    1.0000000000000002,
)
S, T = param("s"), param("t")
MANY = Angle(tuple((f"w{n:04}", n + 0.5) for n in range(700)))

NUMERIC = {
    "no qubits": Circuit(0),
    "only a phase": Circuit(0, (), angle(-0.3)),
    "idle qubits": Circuit(5, (Operation("h", (3,)),)),
    "every row": Circuit(3, every_row()),
    "phase beyond a turn": Circuit(1, (Operation("x", (0,)),), angle(123.456)),
    "tiny phase": Circuit(1, (), angle(-1e-17)),
    "numbers": Circuit(1, tuple(Operation("rz", (0,), (value,)) for value in NUMBERS)),
    "matrices": Circuit(
        3,
        (
            unitary_gate(4, 1, (2, 0)),
            unitary_gate(2, 2, (1,)),
            unitary_gate(4, 1, (0, 1)),
            Operation("unitary", (0, 1), (), np.diag(np.exp(1j * np.array([0, 1e-6, -1e-6, 0])))),
            Operation("unitary", (1,), (), np.eye(2)),
            Operation("unitary", (1, 2), (), GATES["swap"].matrix()),
            Operation("unitary", (2, 1), (), GATES["iswap"].matrix() * 1j),
        ),
        angle(0.25),
    ),
    "groups": Circuit.of(4, [Operation("ccx", (3, 0, 1)), Operation("h", (0,)), Operation("cswap", (0, 1, 2))]),
    "a group that is not in one piece": Circuit(
        2,
        (Operation("h", (0,)), Operation("x", (1,)), Operation("h", (0,))),
        groups=(Group("odd name", (0, 2)),),
    ),
}

ODD_NAMES = (
    "t",
    "pi",
    "q",
    "U",
    "input",
    "enc.theta",
    "theta[0]",
    "θ",
    "λ_1",
    "two words",
    "2x",
    "param_0",
    "unitary_0",
)

PARAMETRIC = {
    "odd names": Circuit(1, tuple(Operation("rx", (0,), (param(name),)) for name in ODD_NAMES)),
    "order of parameters": Circuit(1, (Operation("u", (0,), (param("z"), param("a"), param("m"))),)),
    "affine": Circuit(
        2, (Operation("rzz", (1, 0), (2 * S - 0.3 * T + 0.1,)), Operation("cu", (0, 1), (S, T, -S, S + T)))
    ),
    "affine phase": Circuit(1, (Operation("h", (0,)),), 0.5 * S - 1.25 * T + 7.5),
    "coefficients that Qiskit rounds": Circuit(
        1, (Operation("rx", (0,), (1e-17 * S + 1.0000000000000002 * T + 1e-18,)),), 1e-20 * S
    ),
    "a parameter of the header": Circuit(1, (Operation("rx", (0,), (1e-300 * param("a b"),)),)),
    "many terms": Circuit(1, (Operation("rz", (0,), (MANY,)),)),
    "every rotation": Circuit(
        2, tuple(Operation(row.name, (1, 0)[: row.num_qubits], (S, T, 2 * S, 0.1)[: row.num_angles])
                 for row in GATES.values() if row.num_angles)
    ),
}  # fmt: skip


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("circuit", NUMERIC.values(), ids=NUMERIC)
def test_numeric_circuits_come_back_exactly(circuit, version):
    assert loads(dumps(circuit, version)) == circuit


@pytest.mark.parametrize("circuit", PARAMETRIC.values(), ids=PARAMETRIC)
def test_circuits_with_parameters_come_back_exactly(circuit):
    again = loads(dumps(circuit))
    assert again == circuit
    assert again.parameters == circuit.parameters


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("name", [name for name in NUMERIC if name not in ("only a phase", "no qubits", "numbers")])
def test_readers_that_ignore_the_header_get_the_same_unitary(name, version):
    circuit = NUMERIC[name]
    assert_equal_up_to_phase(foreign(dumps(circuit, version)), matrix(circuit))


@pytest.mark.parametrize("name", [name for name, row in GATES.items() if row.num_qubits <= 2])
@pytest.mark.parametrize("version", [2, 3])
def test_every_row_keeps_its_name_and_unitary(name, version):
    row = GATES[name]
    circuit = Circuit(2, (Operation(name, (1, 0)[: row.num_qubits], (0.3, -1.2, 2.5, 0.7)[: row.num_angles]),))
    text = dumps(circuit, version)
    assert loads(text) == circuit
    assert_equal_up_to_phase(foreign(text), Operator(to_qiskit(circuit)).reverse_qargs().data)


@pytest.mark.parametrize("name", [*GATES, "unitary"])
def test_strict_readers_of_version_2_get_the_same_unitary(name):
    if name == "unitary":
        operation = unitary_gate(4, 1, (2, 0))
    else:
        row = GATES[name]
        operation = Operation(name, (2, 0, 1)[: row.num_qubits], (0.3, -1.2, 2.5, 0.7)[: row.num_angles])
    circuit = Circuit.of(3, [operation])
    text = dumps(circuit, version=2)
    assert loads(text) == circuit
    assert_equal_up_to_phase(Operator(qasm2.loads(text)).reverse_qargs().data, matrix(circuit))


def test_version_2_defines_just_what_strict_readers_lack():
    for row in GATES.values():
        called = {"u": "U"}.get(row.name, row.name)
        angles = f"({', '.join(['0.5'] * row.num_angles)})" if row.num_angles else ""
        operands = ", ".join(f"q[{qubit}]" for qubit in range(row.num_qubits))
        try:
            qasm2.loads(f"{TWO}qreg q[3];\n{called}{angles} {operands};")
        except qasm2.QASM2ParseError:
            lacking = True
        else:
            lacking = False
        if row.num_qubits <= 2:
            circuit = Circuit(2, (Operation(row.name, (0, 1)[: row.num_qubits], (0.5,) * row.num_angles),))
            assert ("\ngate " in dumps(circuit, version=2)) == lacking, row.name


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("a\nb", "a b"), ("\0a\r\n\tb\x1b", "a b"), ("a\u2028b\x85", "a b"), ("\ud800x", "x"),
        ("two  words", "two  words"),
        ("θ // \\ \"", "θ // \\ \""), ("\n \t", None), (" ", None), ("", None), (5, None), (None, None), (["a"], None),
    ],
)  # fmt: skip
def test_any_name_can_be_written(name, kept, version):
    circuit = Circuit(1, (Operation("h", (0,)),), 0.5, metadata={"name": name})
    again = loads(dumps(circuit, version))
    assert again == circuit
    assert again.metadata["name"] == kept


@pytest.mark.parametrize("name", ["a\nb", "", " ", "\ud800", "\0"])
def test_names_of_groups_come_back_exactly(name):
    circuit = Circuit(2, (Operation("cx", (0, 1)),), groups=(Group(name, (0,)),))
    assert loads(dumps(circuit)) == circuit


def test_readers_that_ignore_the_header_get_the_same_parameters():
    circuit, values = PARAMETRIC["affine"], {"s": 0.4, "t": -1.3}
    qc = qasm3.loads(re.sub(r"^// cutq:.*\n", "", dumps(circuit), flags=re.MULTILINE))
    bound = qc.assign_parameters({"param_0": values["s"], "param_1": values["t"]})  # s and t are gates
    assert_equal_up_to_phase(Operator(bound).reverse_qargs().data, matrix(circuit, values))


def test_qiskit_writes_and_cutq_reads():
    qc = lib.quantum_volume(4, 3, seed=5)
    qc.ryy(0.3, 0, 1)
    qc.ecr(1, 2)
    qc.mcx([0, 1, 2], 3)
    want = Operator(qc).reverse_qargs().data
    for text in (qasm2.dumps(qc), qasm3.dumps(qc)):
        circuit = loads(text)
        assert_equal_up_to_phase(matrix(circuit), want)
        assert {"ryy", "ecr"} <= {op.name for op in circuit.operations}
        assert circuit.groups


def test_library_circuits_come_back():
    for qc in (lib.quantum_volume(5, 5, seed=1), lib.efficient_su2(4, reps=2), lib.QFTGate(5).definition):
        circuit = from_qiskit(qc)
        assert loads(dumps(circuit)) == circuit


def test_a_small_text_has_no_header_and_one_line_for_each_operation():
    circuit = Circuit(2, (Operation("h", (0,)), Operation("crx", (0, 1), (0.1 * param("w") + 2,))))
    assert dumps(circuit) == (
        'OPENQASM 3.0;\ninclude "stdgates.inc";\ninput float[64] w;\nqubit[2] q;\nh q[0];\n'
        "crx(0.1*w + 2.0) q[0], q[1];\n"
    )


def test_an_edited_body_wins_over_the_header():
    circuit = Circuit(
        2,
        (unitary_gate(4, 1, (0, 1)), *Circuit.of(2, [Operation("rx", (0,), (param("a.b"),))]).operations),
        angle(7.0),
        (Group("pair", (0, 1)),),
    )
    text = dumps(circuit)
    reformatted = loads(text.replace("\n", "\r\n").replace("q[0], q[1]", "q[0],  q[1]"))
    assert reformatted == circuit
    edited = loads(text.replace("rx(", "ry("))
    assert edited.operations[1] == Operation("ry", (0,), (param("a.b"),))
    assert edited.operations[0] == circuit.operations[0]
    assert edited.groups == ()
    np.testing.assert_allclose(edited.global_phase.constant, 7.0 - 2 * math.pi, atol=1e-12)


def test_an_edited_definition_wins_over_the_matrix_of_the_header():
    circuit = Circuit(1, (unitary_gate(2, 1, (0,)),))
    text = re.sub(r"U\([^)]*\)", "U(0.1, 0.2, 0.3)", dumps(circuit))
    assert [op.name for op in loads(text).operations] == ["u"]


@pytest.mark.parametrize("header", ["{", '{"names": 3}', '{"groups": [[1, 2]]}', '{"matrices": {"g": [[[0, 0]]]}}'])
def test_a_damaged_header_is_named(header):
    if header == "{":
        assert loads(f"{THREE}// cutq: {header}\nqubit q;").num_qubits == 1
    else:
        with pytest.raises(QasmError, match="line 3: the header comment of cutq is damaged"):
            loads(f"{THREE}// cutq: {header}\nqubit q;")


# What texts may say ----------------------------------------------------------------------------------------


def test_definitions_broadcasts_barriers_and_final_measurements():
    circuit = loads(
        TWO + "gate pair(a) x, y { cx x, y; rz(a/2) y; barrier x; }\nqreg a[2];\nqreg b[2];\ncreg c[2];\n"
        "h a;\npair(pi) a, b;\nbarrier a, b;\nmeasure a -> c;\n"
    )
    assert [(op.name, op.qubits) for op in circuit.operations] == [
        ("h", (0,)), ("h", (1,)), ("cx", (0, 2)), ("rz", (2,)), ("cx", (1, 3)), ("rz", (3,)),
    ]  # fmt: skip
    assert circuit.operations[3].params == (angle(math.pi / 2),)
    assert circuit.metadata["notes"] == ("dropped the final measurement of qubits 0, 1",)


@pytest.mark.parametrize("head", [TWO + "qreg q[2];\ncreg c[2];\n", THREE + "qubit[2] q;\nbit[2] c;\n"], ids=[2, 3])
def test_resets_after_final_measurements_are_dropped(head):
    measure = "measure q[1] -> c[1];"
    circuit = loads(f"{head}h q;\n{measure}\nreset q[1];\nx q[0];\nreset q[1];")
    assert [op.name for op in circuit.operations] == ["h", "h", "x"]
    assert circuit.metadata["notes"] == (
        "dropped the final measurement of qubit 1",
        "dropped the reset after the measurement of qubit 1",
    )
    with pytest.raises(QasmError, match="line 6: mid-circuit measurement: qubit 1"):
        loads(f"{head}h q;\n{measure}\nreset q[1];\nx q[1];")
    with pytest.raises(QasmError, match="line 8: measurement of qubit 1 after its reset"):
        loads(f"{head}h q;\n{measure}\nreset q[1];\n{measure}")
    with pytest.raises(QasmError, match="line 7: reset of qubit 0 after gates on it"):
        loads(f"{head}h q;\n{measure}\nreset q;")


def test_version_3_parameters_definitions_and_modifiers():
    circuit = loads(
        THREE + "input float[64] a;\ninput angle b;\nqubit[3] q;\nbit[3] c;\n"
        "gate mix(second, first) x { rx(first) x; rz(2*second) x; }\n"
        "mix(a, b + 0.5) q[1];\nctrl @ inv @ s q[0], q[1];\nnegctrl @ x q[0], q[2];\npow(2) @ rx(a) q[0];\n"
        "gphase(a/2);\nrzz(a) q[0], q[2];\nc = measure q;\n"
    )
    a, b = param("a"), param("b")
    assert circuit.operations[0] == Operation("rx", (1,), (b + 0.5,))
    assert circuit.operations[1] == Operation("rz", (1,), (2 * a,))
    assert circuit.operations[2] == Operation("csdg", (0, 1))
    assert circuit.operations[-2:] == (Operation("rx", (0,), (2 * a,)), Operation("rzz", (0, 2), (a,)))
    assert circuit.global_phase == 0.5 * a


def test_the_table_is_known_in_both_versions():
    for row in GATES.values():
        angles = f"({', '.join('0.5' for _ in range(row.num_angles))})" if row.num_angles else ""
        operands = ", ".join(f"q[{qubit}]" for qubit in range(row.num_qubits))
        want = Circuit.of(3, [Operation(row.name, tuple(range(row.num_qubits)), (0.5,) * row.num_angles)])
        for head in (TWO + "qreg q[3];", THREE + "qubit[3] q;"):
            assert loads(f"{head}\n{row.name}{angles} {operands};").operations == want.operations, row.name


@pytest.mark.parametrize("head", [TWO + "qreg q[2];", THREE + "qubit[2] q;"])
def test_a_definition_named_like_a_row_counts_by_its_matrix(head):
    right = "gate rzz(t) a, b { cx a, b; rz(t) b; cx a, b; }\n"
    wrong = "gate rzz(t) a, b { cx a, b; rz(2*t) b; cx a, b; }\n"
    call = "\nrzz(0.3) q[0], q[1];"
    version, include, register = head.split("\n")
    assert loads("\n".join([version, include, right, register, call])).operations == (Operation("rzz", (0, 1), (0.3,)),)
    assert [op.name for op in loads("\n".join([version, include, wrong, register, call])).operations] == [
        "cx",
        "rz",
        "cx",
    ]


def test_the_version_is_found_without_its_line():
    assert loads('include "qelib1.inc"; qreg q[2]; cx q[0], q[1];').num_qubits == 2
    assert loads('include "stdgates.inc"; qubit[2] q; cx q[0], q[1];').num_qubits == 2


def test_plain_calls_and_other_statements_keep_their_order():
    circuit = loads(
        THREE + "qubit[2] q; x q[0]; h q; /* y q[0]; */ z q[1];\n rx(\n-0.5) q[0]; y q[1]; // x q[0];\nrz(pi) q[0];"
    )
    assert [op.name for op in circuit.operations] == ["x", "h", "h", "z", "rx", "y", "rz"]
    assert circuit.operations[4].params == (angle(-0.5),)


# Files -----------------------------------------------------------------------------------------------------


def test_files(tmp_path):
    circuit = NUMERIC["matrices"]
    dump(circuit, tmp_path / "a.qasm", version=2)
    assert load(tmp_path / "a.qasm") == circuit
    assert load(str(tmp_path / "a.qasm")).metadata["name"] == "a"
    (tmp_path / "bom.qasm").write_bytes(b"\xef\xbb\xbf" + dumps(circuit).encode())
    assert load(tmp_path / "bom.qasm") == circuit


@pytest.mark.parametrize("content", [b"\x7fELF\x00\x01", b"\xff\xfe\x00", bytes(range(256))])
def test_binary_files_are_named(tmp_path, content):
    (tmp_path / "binary.qasm").write_bytes(content)
    with pytest.raises(QasmError, match=r"binary\.qasm: ") as caught:
        load(tmp_path / "binary.qasm")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["missing.qasm", ".", "no/such/folder/x.qasm"])
def test_files_that_cannot_be_opened_are_named(tmp_path, name):
    with pytest.raises(QasmError, match="cannot be read: "):
        load(tmp_path / name)
    with pytest.raises(QasmError, match="cannot be written: "):
        dump(Circuit(1), tmp_path / "no" / "such" / "folder" / "x.qasm")


MISCOUNTS = {
    "rx q[0];": "line 5, column 1: 'rx' takes 1 angle, got 0",
    "rx() q[0];": "line 5, column 1: 'rx' takes 1 angle, got 0",
    "rx(1, 2) q[0];": "line 5, column 1: 'rx' takes 1 angle, got 2",
    "h q[0]; rx\n q;": "line 5, column 9: 'rx' takes 1 angle, got 0",
    "h(1) q[0];": "line 5, column 1: 'h' takes 0 angles, got 1",
    "ryy q[0], q[1];": "line 5, column 1: 'ryy' takes 1 angle, got 0",
    "cu(1, 2, 3) q[0], q[1];": "line 5, column 1: 'cu' takes 4 angles, got 3",
    "U q[0];": "line 5, column 1: 'U' takes 3 angles, got 0",
    "U(1, 2) q[0];": "line 5, column 1: 'U' takes 3 angles, got 2",
    "gate g(t) a { rx a; }": "line 5, column 15: 'rx' takes 1 angle, got 0",
    "gate g(t) a { h a; }\ng q[0];": "line 6, column 1: 'g' takes 1 angle, got 0",
    "gate g(t) a { h a; }\ng(1, 2) q[0];": "line 6, column 1: 'g' takes 1 angle, got 2",
    "gate g(t) a { h a; }\ng(1) q[0], q[1];": "line 6, column 1: 'g' takes 1 qubit, got 2",
    "cx q[0];": "line 5, column 1: 'cx' takes 2 qubits, got 1",
    "x q[0], q[1];": "line 5, column 1: 'x' takes 1 qubit, got 2",
    "ryy(0.1) q[0];": "line 5, column 1: 'ryy' takes 2 qubits, got 1",
}


@pytest.mark.parametrize("head", [TWO + "\nqreg q[2];\n", THREE + "\nqubit[2] q;\n"], ids=[2, 3])
@pytest.mark.parametrize("call", MISCOUNTS)
def test_too_few_and_too_many_angles_and_qubits_are_counted(head, call):
    with pytest.raises(QasmError) as caught:
        loads(head + call)
    assert str(caught.value) == MISCOUNTS[call]


@pytest.mark.parametrize(
    "text",
    [
        TWO + "gate ry_all(rx) rz { h rz; }\nqreg q[1];",
        "OPENQASM 2.0;\nqreg rx[1];",
        TWO + "gate rx_all(rx) ry { h ry; }\nqreg q[1];",
    ],
)
def test_angles_are_counted_in_calls_only(text):
    assert loads(text).num_qubits == 1


@pytest.mark.parametrize(
    "cause",
    [
        TypeError("_Reader._trusted.<locals>.<lambda>() missing 1 required positional argument: 't'"),
        AttributeError("'NoneType' object has no attribute 'data'"),
        ValueError("<function _Reader.visit at 0x7f00> failed"),
        BaseException("called `Option::unwrap()` on a `None` value"),
    ],
)
@pytest.mark.parametrize("head", [TWO + "qreg q[1];", THREE + "qubit q;"], ids=[2, 3])
def test_texts_of_internal_exceptions_stay_inside(monkeypatch, cause, head):
    def broken(*_):
        raise cause

    monkeypatch.setattr("cutq.circuits.qasm.read2._parse", broken)
    monkeypatch.setattr("cutq.circuits.qasm.read3._Reader.visit_QuantumGate", broken)
    with pytest.raises(QasmError, match=f"Qiskit cannot make sense of it .{type(cause).__name__}.$") as caught:
        loads(f"{head}\nh q;")
    assert not re.search("_Reader|NoneType|unwrap|0x", str(caught.value))


# Errors ----------------------------------------------------------------------------------------------------

ERRORS = {
    "": "empty",
    "OPENQASM 4.0;": "line 1: OpenQASM has versions 2.0 and 3.0, got 4.0",
    TWO + "qreg q[2];\nh q[0]": "line 4, column 1: .*end-of-file",
    TWO + "qreg q[2];\n  h ( q[0];": "line 4, column [0-9]+: ",
    TWO + "qreg q[2];\n hh q[0];": "line 4, column 2: unknown gate 'hh'; the nearest known gate is 'h'",
    TWO + "qreg q[2];\n rzy(0.1) q[0], q[1];": "line 4, column 2: unknown gate 'rzy'",
    "OPENQASM 2.0;\nqreg q[2];\nh q[0];": "line 3, column 1: gate 'h' is not defined.*qelib1",
    TWO + "qreg q[2];\nh r[0];": "line 4, column 3: 'r' is not defined",
    TWO + "qreg q[2];\nx q[7];": "line 4, column 5: .*7.*out-of-range",
    TWO + "qreg q[2];\nx q[99999999999999999999999];": "line 4: index 9+ is out of range",
    TWO + "qreg q[1000000000000];": "line 3: .*more than 100000 qubits",
    TWO + "qreg q[1];\ncreg c[1000000000000];": "line 4: .*more than 100000 qubits",
    TWO + "qreg q[99999999999999999999999999];": "line 3: .*more than 100000 qubits",
    TWO + "qreg q[2];\ncreg c[2];\nh q[0];\nmeasure q -> c;\nx q[1];": "line 6: mid-circuit measurement.* 1",
    TWO + "qreg q[2];\nh q;\n\n// why\nreset q;": "line 7: reset of qubit 0",
    TWO + "qreg q[2];\ncreg c[2];\nif (c == 1) x q[0];": r"line 5: classical control \(if_else\)",
    TWO + "qreg q[2];\nopaque magic a;\nmagic q[0];": "line 5: .*unknown gate 'magic'",
    TWO + 'include "/etc/passwd";': "line 3: include '/etc/passwd' is not read",
    TWO + "qreg q[1];\nrx(1/0) q[0];": "line 4, column [0-9]+: .*divide by zero",
    TWO + "qreg q[1];\nrx(1e999) q[0];": "line 4: .*finite",
    TWO + "qreg q[1];\n\0": "line 4: a NUL character",
    TWO + "qreg q[1];\nrx(" + "-" * 20_000 + "1) q[0];": "line 4: an expression has more than",
    TWO + "qreg q[100000];\n" + "x q;\n" * 51: "line [0-9]+: the text has more than 5000000 instructions",
    THREE + "qubit[2] q;\nh q[0]": "line 4, column 7: unexpected end of the text",
    THREE + "qubit[2] q;\nh ) q[0];": "line 4, column 3: unexpected '[)]'",
    THREE + "qubit[2] q;\n hh q[0];": "line 4, column 2: unknown gate 'hh'; the nearest known gate is 'h'",
    "OPENQASM 3.0;\nqubit q;\nh q;": "line 3, column 1: gate 'h' is not defined.*stdgates",
    THREE + "qubit[2] q;\nx q[7];": "line 4, column [0-9]+: qubit 7 is out of range: q has 2 qubits",
    THREE + "qubit[2] q;\nx q[{0, 9}];": "line 4, column 3: qubit 9 is out of range: q has 2 qubits",
    THREE + "qubit[2] q;\nlet a = q[0:0];\nx a[1];": "line 5, column [0-9]+: qubit 1 is out of range: a has 1 qubit$",
    THREE + "qubit[2] q;\nlet a = q[0:0] ++ q[{7}];": "line 4, column [0-9]+: qubit 7 is out of range: q has 2 qubits",
    THREE + "qubit q;\nbit[2] c;\nc[5] = measure q;": "line 5, column 1: bit 5 is out of range: c has 2 bits",
    THREE + "qubit[2] q;\nctrl @ x q[0];": "line 4, column 1: 'ctrl @ x' takes 2 qubits, got 1",
    THREE + "qubit[2] q;\ngphase(1) q[0];": "line 4, column 1: 'gphase' takes 0 qubits, got 1",
    THREE + "qubit[2] q;\nx r[0];": "line 4, column 1: Undefined symbol 'r'",
    THREE + "qubit[1000000000000] q;": "line 3: .*more than 100000 qubits",
    THREE + "qubit[1000000 * 1000000] q;": "line 3, column 1: more than 100000 qubits",
    THREE + "const int n = 1000000000000;\nqubit[n] q;": "line 3",
    THREE + "bit[1000000000000] c;": "line 3: .*more than 100000 qubits",
    THREE + "x $1000000000000;": "line 3: .*more than 100000 qubits",
    THREE + "qubit[2] q;\nbit[2] c;\nh q;\nc = measure q;\ncx q[0], q[1];": "line 6: mid-circuit.* 0",
    THREE + "qubit[2] q;\nh q;\nreset q[1];": "line 5: reset of qubit 1",
    THREE + "qubit q;\nbit c;\nif (c) { x q; }": "line 5, column 1: classical control",
    THREE + "qubit q;\nfor uint i in [0:3] { x q; }": "line 4, column 1: classical control",
    THREE + "qubit q;\nwhile (true) { x q; }": "line 4, column 1: classical control",
    THREE + "input float[64] a;\nqubit q;\n\nrx(a*a) q;": "line 6, column 1: .*affine",
    THREE + "input float[64] t;": "line 3, column 1: input 't' has the name of a gate",
    THREE + "qubit q;\nrx(1/0) q;": "line 4.*",
    THREE + "qubit q;\nrx(" + "(" * 5000 + "1" + ")" * 5000 + ") q;": "line 4: brackets are nested",
    THREE + "qubit[2] q;\nctrl(1000000) @ x q[0], q[1];": "line 4, column 1: 1000000 controls in 1 modifiers",
    THREE + "gate g a { h a; }\nqubit q;\npow(1000000000) @ g q;": "line 5, column 1: g is too large for",
    THREE + "qubit q;\n`": "line 4, column 1: ",
}  # fmt: skip


@pytest.mark.parametrize("text", ERRORS, ids=range(len(ERRORS)))
def test_errors_are_one_line_and_name_the_place(text):
    with pytest.raises(QasmError, match=ERRORS[text]) as caught:
        loads(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_nothing_is_printed_about_bad_texts(capfd):
    for text in ERRORS:
        with pytest.raises(QasmError):
            loads(text)
    assert capfd.readouterr() == ("", "")


def grown(head, depth, leaf):
    lines = [f"gate g0(t) a {{ {leaf} }}"]
    lines += [f"gate g{n}(t) a {{ g{n - 1}(t) a; g{n - 1}(t) a; }}" for n in range(1, depth)]
    return "\n".join([head, *lines, f"g{depth - 1}(0.1) q[0];"])


@pytest.mark.parametrize("head", [TWO + "qreg q[1];", THREE + "qubit[1] q;"])
@pytest.mark.parametrize("leaf", ["rx(t) a;", ""])
def test_gates_that_grow_exponentially_are_refused(head, leaf, monkeypatch):
    monkeypatch.setattr(Expansion.__init__, "__defaults__", (1000, 10**9, Angle()))
    with pytest.raises(QasmError, match="too many operations"):
        loads(grown(head, 60, leaf))


def test_modifiers_on_gates_that_grow_exponentially_are_refused():
    text = grown(THREE + "qubit[2] q;", 60, "h a;").rsplit("\n", 1)[0]
    with pytest.raises(QasmError, match="line 64, column 1: g59 is too large for a modifier"):
        loads(text + "\nctrl @ g59(0.1) q[0], q[1];")


def test_version_2_has_no_parameters():
    with pytest.raises(QasmError, match="'s'"):
        dumps(Circuit(1, (Operation("rx", (0,), (S,)),)), version=2)
    with pytest.raises(QasmError, match="versions 2 and 3, got 1"):
        dumps(Circuit(1), version=1)


def test_a_circuit_of_qiskit_with_many_registers_comes_back():
    qc = QuantumCircuit(2, name="named")
    qc.h(0)
    circuit = from_qiskit(qc)
    assert loads(dumps(circuit)).metadata["name"] == "named"
