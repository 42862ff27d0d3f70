"""The command line where modules are concerned: list, show, verify, new, compose."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import cutq
from cutq.cli import main as cli
from tests.compose.published_zoo import encoder, mixer, source


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder of modules, one of them broken."""
    folder = tmp_path / "home"
    folder.mkdir()
    encoder().save(folder / "encoder")
    mixer().save(folder / "mixer")
    source().save(folder / "pair")
    (folder / "broken").mkdir()
    return folder


@pytest.fixture
def qasm(tmp_path: Path) -> Path:
    path = tmp_path / "step.qasm"
    path.write_text(
        'OPENQASM 3.0; include "stdgates.inc"; input float[64] theta; input float[64] data; qubit[3] q;'
        "ry(theta) q[0]; rx(data) q[1]; cx q[0], q[1]; cx q[1], q[2];"
    )
    return path


def call(*words: object) -> Result:
    return CliRunner().invoke(cli.app, [str(word) for word in ("module", *words)])


def data(*words: object) -> dict:
    result = call(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def fails(*words: object) -> str:
    result = call(*words)
    assert result.exit_code == 2, result.output
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_list(home: Path) -> None:
    rows = data("list", "--folder", home)["modules"]
    assert [row["name"] for row in rows] == ["broken", "encoder", "mixer", "pair"]
    assert [bool(row["error"]) for row in rows] == [True, False, False, False]
    assert rows[1]["summary"] == "encodes two numbers"
    text = call("list", "--folder", home).stdout
    assert text.startswith("modules (4)\n")
    assert "encodes two numbers" in text
    assert call("list").exit_code == 0
    assert "nowhere" in fails("list", "--folder", "nowhere")


def test_show(home: Path) -> None:
    found = data("show", home / "encoder")
    assert found["digest"] == encoder().digest
    assert found["weights"][0]["values"] == encoder().weights[0].values.tolist()
    assert found["card"]["metrics"][0]["name"] == "mean z"
    text = call("show", home / "encoder").stdout
    for words in ("encoder: encodes two numbers", "ports (5)", "data in, shape (2,)", "weights (2)", "promises (2)"):
        assert words in text
    (home / "encoder" / "circuit.qasm").write_text("OPENQASM 3.0;")
    assert "SHA256SUMS says" in fails("show", home / "encoder")
    assert "no published module has this name" in fails("show", "nothing-like-this")


def test_verify(home: Path) -> None:
    verify = pytest.importorskip("cutq.compose.verify")
    good = call("verify", home / "mixer")
    assert good.exit_code == 0, good.output
    assert good.stdout.strip() == str(verify.verify(mixer()))
    assert data("verify", home / "pair")["ok"] is True
    card = cutq.Card(metrics=(cutq.Metric("trace", "isometry", 0.5, options={"draws": 2}),))
    cutq.Module("m", source().body, source().ports, card=card).save(home / "wrong")
    bad = call("verify", home / "wrong", "--json")
    assert bad.exit_code == 1
    rows = json.loads(bad.stdout)["rows"]
    assert rows[0]["ok"] is False
    assert "none of" in fails("verify", home / "encoder")


def test_new(qasm: Path, tmp_path: Path) -> None:
    words = ("new", tmp_path / "step", "--circuit", qasm, "--in", "in=0,1", "--out", "out=2", "--out", "rest=1,0")
    words += ("--values", "z=Z0,0.5*Z0 Z1", "--summary", "a step", "--input", "data")
    result = call(*words)
    assert result.exit_code == 0, result.output
    assert f"written: {tmp_path / 'step'}" in result.stdout
    found = cutq.load_module(tmp_path / "step")
    assert (found.name, found.card.summary) == ("step", "a step")
    assert [(port.name, port.type) for port in found.ports] == [
        ("in", "quantum in, 2 qubits"),
        ("out", "quantum out, 1 qubit"),
        ("rest", "quantum out, 2 qubits"),
        ("data", "data in, shape ()"),
        ("z", "values out, shape (2,)"),
    ]
    assert [weight.name for weight in found.weights] == ["theta"]
    assert "overwrite" in fails(*words)
    assert data(*words, "--overwrite", "--name", "other")["name"] == "other"


def test_new_names_what_is_wrong(qasm: Path, tmp_path: Path) -> None:
    words = ("new", tmp_path / "m", "--circuit", qasm)
    assert "--in is written name=..." in fails(*words, "--in", "0,1")
    assert "--in is written name=0,1" in fails(*words, "--in", "in=a")
    assert "names qubit 7" in fails(*words, "--out", "out=7")
    assert "'Q0'" in fails(*words, "--values", "z=Q0")
    assert "cannot be read" in fails("new", tmp_path / "m", "--circuit", tmp_path / "none.qasm")
    assert not (tmp_path / "m").exists()


def test_compose(home: Path, tmp_path: Path) -> None:
    words = ("compose", tmp_path / "reader", home / "pair", home / "mixer", home / "mixer")
    result = call(*words, "--summary", "two in a row")
    assert result.exit_code == 0, result.output
    for line in ("reader: two in a row", "modules (3)", "mixer_2", "edges (2)", "pair.out -> mixer.in"):
        assert line in result.stdout
    chain = source() >> mixer() >> mixer()
    chain.name, chain.card = "reader", cutq.Card("two in a row")
    assert cutq.load_module(tmp_path / "reader") == chain.module
    assert data("compose", tmp_path / "named", home / "pair", home / "mixer", "--name", "n")["name"] == "n"
    assert "at least two modules" in fails("compose", tmp_path / "one", home / "pair")
    assert "one after the other" in fails("compose", tmp_path / "two", home / "mixer", home / "encoder")
    assert not (tmp_path / "one").exists()
