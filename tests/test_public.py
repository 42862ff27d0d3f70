"""The public names: each is there, type checkers see the same ones, and importing cutq imports nothing else."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import cutq


def test_type_checkers_see_the_names_that_are_there() -> None:
    stub = ast.parse(Path(cutq.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    seen = {alias.name: node.module for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert sorted(seen) == cutq.__all__
    for name, file in seen.items():
        assert getattr(cutq, name) is getattr(sys.modules[file], name)
    assert set(cutq.__all__) <= set(dir(cutq))


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'cut_everything'"):
        cutq.cut_everything  # noqa: B018


def test_importing_cutq_imports_nothing_heavy() -> None:
    program = "import sys, cutq; print([m for m in ('numpy', 'networkx', 'qiskit', 'typer') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_splitting_and_pricing_do_not_load_the_compiler() -> None:
    program = (
        "import sys, cutq; circuit = cutq.loads('OPENQASM 2.0; include \"qelib1.inc\"; qreg q[2]; cx q[0],q[1];');"
        "import cutq.cli.main; network = cutq.split(circuit, cutq.CutPlan.from_partition(circuit, 'AB'));"
        "print(cutq.price(network).gamma, 'numba' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["3.0", "False"]
