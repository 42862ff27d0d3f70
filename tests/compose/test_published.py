"""The published folders: what their builders make, byte for byte, and what they promise to those who load them."""

from __future__ import annotations

import doctest
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import cutq
from cutq import ModuleError, load_module
from cutq.compose.blocks.catalogue import CATALOGUE
from experiments.publish.__main__ import main as publish
from experiments.publish.figure import figure
from experiments.publish.texts import readme, recipe

MODULES = Path(cutq.__file__).parents[1] / "modules"
NAMES = sorted(CATALOGUE)

MOST_BYTES = 60_000
"""Largest picture."""


@pytest.mark.parametrize("name", NAMES)
def test_published_folders_are_what_builders_make(name: str, tmp_path: Path) -> None:
    build = CATALOGUE[name]
    module = build()
    loaded = load_module(name)
    assert loaded.digest == module.digest
    assert loaded == module
    module.save(tmp_path / name, readme=readme(module, build), recipe=recipe(build))
    # Pictures and the sums over them change with versions of matplotlib.
    for file in ("module.toml", "circuit.qasm", "recipe.toml", "README.md"):
        assert (tmp_path / name / file).read_bytes() == (MODULES / name / file).read_bytes(), file


@pytest.mark.parametrize("name", NAMES)
def test_what_is_loaded_keeps_its_promises(name: str) -> None:
    found = load_module(name).verify()
    assert found.ok, str(found)


@pytest.mark.parametrize("name", NAMES)
def test_pictures(name: str) -> None:
    there = (MODULES / name / "figure.svg").read_bytes()
    assert len(there) < MOST_BYTES
    texts = [one.text or "" for one in ElementTree.fromstring(there).iter("{http://www.w3.org/2000/svg}text")]
    assert texts[0] == name
    for port in load_module(name).ports:
        assert any(port.name in text for text in texts), port
    module = CATALOGUE[name]()
    assert figure(module) == figure(module)


def test_examples_of_readmes_work() -> None:
    runner = doctest.DocTestRunner(verbose=False)
    for name in NAMES:
        text = (MODULES / name / "README.md").read_text(encoding="utf-8").replace("```", "\n")
        test = doctest.DocTestParser().get_doctest(text, {}, name, name, 0)
        assert test.examples, name
        assert runner.run(test).failed == 0, name


def test_loaded_modules_compose() -> None:
    chain = load_module("amplitude-encoder-4") >> load_module("readout-z-4")
    x = np.arange(-7.0, 9.0)
    found = chain.compile(max_qubits=4)(data={"amplitude-encoder-4.x": x})
    weights = (x**2 / (x @ x)).reshape(2, 2, 2, 2)
    expected = [weights.sum(axis=tuple(j for j in range(4) if j != k)) @ [1, -1] for k in range(4)]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_check_says_what_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    into = ("--into", str(tmp_path))
    assert publish([*into, "zero", "majority"]) == 0
    capsys.readouterr()
    assert publish([*into, "--check", "zero", "majority"]) == 0
    assert capsys.readouterr().out == "2 of 2 modules are as published\n"
    (tmp_path / "majority" / "README.md").write_text("something else")
    assert publish([*into, "--check", "zero", "majority"]) == 1
    assert capsys.readouterr().out.splitlines() == ["majority: README.md", "1 of 2 modules are as published"]
    assert publish([*into, "nothing"]) == 2
    assert "'nothing'" in capsys.readouterr().err


def test_publishing_is_a_command() -> None:
    command = [sys.executable, "-m", "experiments.publish", "--help"]
    found = subprocess.run(command, capture_output=True, text=True, check=True, cwd=MODULES.parent)
    assert "--check" in found.stdout


def test_damage_is_seen(tmp_path: Path) -> None:
    module = CATALOGUE["majority"]()
    module.save(tmp_path / "majority")
    circuit = tmp_path / "majority" / "circuit.qasm"
    circuit.write_text(circuit.read_text().replace("cx q[2]", "cz q[2]", 1))
    with pytest.raises(ModuleError, match="SHA256SUMS"):
        load_module(tmp_path / "majority")
