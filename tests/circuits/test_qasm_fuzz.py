"""OpenQASM texts that are mutated at random give a circuit or a CutqError, and nothing else."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cutq.circuits.angles import param
from cutq.circuits.circuit import Circuit, Group, Operation
from cutq.circuits.qasm.text import dumps, loads
from cutq.errors import CutqError

TWO = """OPENQASM 2.0;
include "qelib1.inc";
// a comment
gate pair(a, b) x, y { cx x, y; u3(a, b, -pi/2) y; barrier x; rzz(sin(a)^2) x, y; }
gate rzx(t) x, y { h y; cx x, y; rz(t) y; cx x, y; h y; }
opaque delay(t) q;
qreg q[3];
qreg r[2];
creg c[3];
h q;
pair(pi/4, 1.5e-3) q[0], r[1];
cx q[1], q[2];
rzx(0.3) q[0], q[1];
ccx q[0], q[1], r[0];
barrier q, r;
measure q -> c;
"""

THREE = """OPENQASM 3.0;
include "stdgates.inc";
input float[64] theta;
input angle[32] phi;
/* a
   comment */
gate pair(a, b) x, y { cx x, y; U(a, b, -pi/2) y; gphase(a/2); }
qubit[3] q;
qubit r;
bit[3] c;
let both = q[0:1];
h q;
pair(theta/2, 2*phi + 0.1) q[0], r;
ctrl @ x q[1], q[2];
negctrl(2) @ inv @ s q[0], q[1], r;
pow(2) @ rx(theta) both;
rzz(0.25) q[{0, 2}], q[1];
gphase(-0.5*theta);
barrier q;
reset r;
c = measure q;
if (c[0]) { x q[0]; }
"""

WRITTEN = dumps(
    Circuit(
        2,
        (
            Operation("rx", (0,), (2 * param("two words") + 0.1,)),
            Operation("unitary", (1, 0), (), [[1, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 1j]]),
            Operation("ryy", (0, 1), (param("t"),)),
        ),
        param("t") + 9.0,
        (Group("both", (0, 2)),),
    )
)

TEXTS = (TWO, THREE, WRITTEN, THREE.replace("reset r;\n", "").rsplit("if", 1)[0])

WORDS = [
    "qreg",
    "qubit",
    "creg",
    "gate",
    "opaque",
    "include",
    "OPENQASM",
    "input",
    "const",
    "def",
    "measure",
    "reset",
    "if (c == 1) ",
    "for uint i in [0:3] ",
    "\nwhile (true) ",
    "ctrl @ ",
    "inv @ ",
    "pow(3) @ ",
    "gphase",
    "barrier",
    "delay[10ns] ",
    "let",
    "box",
    "cal",
    "defcal",
    "pragma",
    "@note ",
    "return",
    "end",
    "->",
    "++",
    "\n1e999",
    "99999999999999999999",
    "1000000000000",
    "-1",
    "0.0/0.0",
    "sin(",
    "ln(0)",
    "pi",
    "q",
    "q[0]",
    "rx",
    "U",
    "cx",
    "x q;\n",
    "true",
    "$7",
    "$99999999999",
    "\n// cutq: {",
    "\r\n",
    "\ufeff",
]

PIECES = (*"0123456789;,.(){}[]@$\"'/*-+^:=\\#\0\n\t `~!%&|<>é∞", *WORDS, "(" * 300, "[" * 300, "{" * 50)


@st.composite
def mutated(draw):
    """A valid text with a few edits of characters, words or lines."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        stop = start + draw(st.sampled_from((0, 0, 1, 1, 2, 5, 30)))
        piece = draw(st.sampled_from(PIECES) | st.text(max_size=3))
        size = draw(st.sampled_from(("0", "2", "33", "1000", "99999", "1000000000000", "18446744073709551616")))
        text = draw(
            st.sampled_from((text[:start] + piece + text[stop:], moved(text, start, stop), resized(text, start, size)))
        )
    return text


def resized(text, start, size):
    """The text with the first number from a place on replaced."""
    return text[:start] + re.sub(r"\d+", size, text[start:], count=1)


def moved(text, first, second):
    """The text with one line copied elsewhere."""
    lines = text.split("\n")
    lines.insert(second % len(lines), lines[first % len(lines)])
    return "\n".join(lines)


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(mutated())
def test_mutated_texts_give_a_circuit_or_an_error_in_one_line(text):
    circuit = read(text)
    if circuit is not None:
        assert loads(dumps(circuit)) == circuit


def read(text):
    """The circuit of a text, or None after an error that is one readable line; other exceptions escape."""
    try:
        circuit = loads(text)
    except CutqError as error:
        message = str(error)
    else:
        assert isinstance(circuit, Circuit)
        return circuit
    assert 0 < len(message) < 1000
    assert message.isprintable()
    return None


@pytest.mark.parametrize("text", TEXTS)
def test_every_prefix_gives_a_circuit_or_an_error(text):
    for end in range(0, len(text), 7):
        read(text[:end])
