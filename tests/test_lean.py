"""The quickstart for circuits built in Python needs networkx, numpy, cotengra, opt_einsum and numba alone."""

from __future__ import annotations

import subprocess
import sys

BLOCKED = "qiskit qiskit_qasm3_import matplotlib typer rich threadpoolctl scipy pandas torch jax".split()

QUICKSTART = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in BLOCKED:
            raise ImportError(f"{name} is blocked in this test")
sys.meta_path.insert(0, Block())

import cutq
t = cutq.param("t")
ring = [cutq.Operation("ry", (q,), (2 * t + 0.1 * q,)) for q in range(6)]
ring += [cutq.Operation("cx", (q, (q + 1) % 6)) for q in range(6)]
circuit = cutq.Circuit(6, tuple(ring))
plan = cutq.find_cuts(circuit, max_qubits=2, objective="gamma", search=cutq.Search(joint=False))
print(plan)
network = cutq.split(circuit, plan)
value = cutq.expectation(network, "Z0 Z1 + 0.5*X3", circuit.values({"t": 0.3}))
uncut = cutq.expectation(cutq.split(circuit, cutq.CutPlan.uncut()), "Z0 Z1 + 0.5*X3", [0.3])
assert len(network.fragments) == 3 and len(network.graph.edges) >= 3, network.widths
assert abs(value - uncut) < 1e-12, (value, uncut)
program = cutq.compile(network, ["Z0 Z1", "X3"])
values, jacobian = program.value_and_jacobian([0.3])
assert abs(jacobian[0] - cutq.gradient(network, "Z0 Z1", [0.3])).max() < 1e-12
assert abs(cutq.probabilities(network, range(6), [0.3]).sum() - 1) < 1e-12
assert cutq.sample(network, 10, [0.3], seed=0).shape == (10, 6)
"""


def test_quickstart_with_the_other_imports_blocked() -> None:
    program = f"BLOCKED = {BLOCKED!r}\n{QUICKSTART}"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stderr
