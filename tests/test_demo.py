"""``make demo``: the program behind it and the circuit files it ships."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import cutq
from experiments.circuits.generate import CIRCUITS, HERE

ROOT = Path(__file__).parent.parent


def test_the_demo_prints_the_job_and_writes_the_picture(tmp_path: Path) -> None:
    picture = tmp_path / "plan.svg"
    command = [sys.executable, "-m", "experiments.demo", "--output", str(picture)]
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    for part in ("gamma", "device circuits", "from the fragments", "uncut", str(picture)):
        assert part in result.stdout
    differences = [float(text) for text in re.findall(r"-?\d\.\de[+-]\d\d(?=\n)", result.stdout)]
    assert len(differences) == 3
    assert max(map(abs, differences)) < 1e-10
    assert picture.read_text().lstrip().startswith("<?xml")


@pytest.mark.parametrize("name", CIRCUITS)
def test_the_circuit_files_are_those_of_their_generator(name: str) -> None:
    assert cutq.load(HERE / f"{name}.qasm") == CIRCUITS[name]
