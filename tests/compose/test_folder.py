"""Modules as folders: what is saved is what is loaded, and what other tools see of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import cutq
from cutq import (
    Card,
    Circuit,
    ClassicalIn,
    ClassicalOut,
    Composition,
    Metric,
    Module,
    ModuleError,
    Operation,
    QuantumIn,
    QuantumOut,
    Weight,
    classical,
    load_module,
    modules,
    param,
)
from cutq.compose import assembled, published, tomlfile
from cutq.compose.assembly import Assembly
from tests.compose.published_zoo import encoder, mixer, nested, reader, resum, rewrite, source, zoo

ZOO = zoo()


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def insides(module: Module) -> Iterator[Module]:
    yield module
    if isinstance(module.body, Assembly):
        for node in module.body.nodes:
            yield from insides(node.module)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return encoder().save(tmp_path / "encoder", recipe={"seed": 1, "data": {"name": "x"}}, figure="<svg/>")


# --- what is saved is what is loaded ---


@pytest.mark.parametrize("name", ZOO)
def test_round_trip(name: str, tmp_path: Path) -> None:
    module = ZOO[name]
    folder = module.save(tmp_path / "m")
    again = load_module(folder)
    assert folder == tmp_path / "m"
    assert again.digest == module.digest
    for was, now in zip(insides(module), insides(again), strict=True):
        assert (was.name, was.ports, was.card, was.angles) == (now.name, now.ports, now.card, now.angles)
        for one, other in zip(was.weights, now.weights, strict=True):
            assert (one.name, one.shape, one.frozen) == (other.name, other.shape, other.frozen)
            assert (one.values is None) == (other.values is None)
            assert one.values is None or one.values.tobytes() == other.values.tobytes()
        if isinstance(was.body, Assembly):
            assert isinstance(now.body, Assembly)
            assert (was.body.joins, was.body.names) == (now.body.joins, now.body.names)
            assert [(n.name, n.frozen, n.tie) for n in was.body.nodes] == [
                (n.name, n.frozen, n.tie) for n in now.body.nodes
            ]
            assert (was.body.measured, was.body.discarded) == (now.body.measured, now.body.discarded)
        else:
            assert was.body == now.body


@pytest.mark.parametrize("name", ZOO)
def test_equal_modules_make_equal_folders(name: str, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = ZOO[name].save(tmp_path / "a" / "m")
    second = load_module(first).save(tmp_path / "b" / "m")
    assert files(first) == files(second)


def test_compositions_give_equal_values_again(tmp_path: Path) -> None:
    inputs = {"data": [0.1, -0.2], "enc.phi": 0.3}
    weights = {"enc.v": 0.7, "second.v": -0.2}
    found = []
    for module in (ZOO["model"], load_module(ZOO["model"].save(tmp_path / "m"))):
        whole = Composition("whole")
        whole.add("m", module)
        for name in inputs:
            whole.expose(f"m.{name}", name)
        whole.discard("m.second.out[0]", "m.second.out[1]")
        program = whole.compile(["m.answer", "m.second.p"])
        given = program.initial.copy()
        for name, value in weights.items():
            given[list(program.parameters).index(f"m.{name}")] = value
        found.append(program(given, inputs))
    assert np.array_equal(found[0], found[1])


def test_a_composition_saves_the_module_that_it_is(tmp_path: Path) -> None:
    assert load_module(reader().save(tmp_path / "r", readme="mine\n")) == reader().module
    assert (tmp_path / "r" / "README.md").read_text() == "mine\n"


def test_modules_inside_are_saved_once(tmp_path: Path) -> None:
    parts = {path.name for path in (reader().save(tmp_path / "r") / "parts").iterdir()}
    assert parts == {module.digest[:16] for module in (source(), mixer(1), mixer(2))}


def test_weights_whose_memory_lies_otherwise(tmp_path: Path) -> None:
    values = np.arange(6.0).reshape(2, 3)
    for k, way in enumerate((np.asfortranarray(values), values[::-1, ::-1], values.astype(">f8"), values.tolist())):
        circuit = Circuit(1, tuple(Operation("rx", (0,), (param(f"w[{i},{j}]"),)) for i in range(2) for j in range(3)))
        module = Module("m", circuit, (QuantumOut("out", (0,)),), (Weight("w", (2, 3), way),))
        again = load_module(module.save(tmp_path / str(k)))
        assert np.array_equal(again.weights[0].values, np.asarray(way, dtype=float))


def test_card_and_names_of_any_letters(tmp_path: Path) -> None:
    text = "\"'''\\ \u2028 \U0001f600 # [a] = {}\n\n\x7f 'single' \"\"\""
    card = Card(text, text, text, text, text, (Metric(text, text, 0.1 + 0.2, options={text: [text, [1e300, -0.0]]}),))
    circuit = Circuit(1, (Operation("rx", (0,), (param('a.b "c"'),)),))
    ports = (ClassicalIn("x"), QuantumOut("a-b.c", (0,)), ClassicalOut("z", ("Z0",), (text,)))
    module = Module("n-1.a", circuit, ports, angles={'a.b "c"': "x"}, card=card)
    again = load_module(module.save(tmp_path / "m"))
    assert again == module
    assert again.card == card


# --- what other tools see ---


@pytest.mark.parametrize("name", ["encoder", "mixer", "plain", "reader"])
def test_qiskit_reads_the_circuit(name: str, tmp_path: Path) -> None:
    qasm3 = pytest.importorskip("qiskit.qasm3")
    from qiskit.quantum_info import Operator

    folder = ZOO[name].save(tmp_path / "m")
    circuit = cutq.load(folder / "circuit.qasm")
    theirs = qasm3.loads((folder / "circuit.qasm").read_text())
    rng = np.random.default_rng(0)
    values = dict(zip(circuit.parameters, rng.normal(size=len(circuit.parameters)), strict=True))
    header = re.search(r"// cutq: (.*)", (folder / "circuit.qasm").read_text())
    names = json.loads(header[1])["names"] if header else {}
    bound = theirs.assign_parameters({one: values[names.get(one.name, one.name)] for one in theirs.parameters})
    made = cutq.to_qiskit(circuit)
    ours = made.assign_parameters({one: values[one.name] for one in made.parameters})
    assert Operator(ours).equiv(Operator(bound))


def test_sums_are_those_of_sha256sum(saved: Path) -> None:
    program = shutil.which("sha256sum")
    if program is None:
        pytest.skip("no sha256sum here")
    import subprocess

    done = subprocess.run([program, "--check", "--strict", "SHA256SUMS"], cwd=saved, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    listed = {line.split("  ")[1] for line in (saved / "SHA256SUMS").read_text().splitlines()}
    assert listed == set(files(saved)) - {"SHA256SUMS"}


def test_other_readers_see_toml_and_arrays(saved: Path) -> None:
    from safetensors.numpy import load_file

    tables = tomllib.loads((saved / "module.toml").read_text())
    assert (tables["format"], tables["version"], tables["digest"]) == ("cutq-module", 1, encoder().digest)
    assert {name: array.tolist() for name, array in load_file(saved / "weights.safetensors").items()} == {
        "w": [0.1, -1 / 3]
    }
    assert tomllib.loads((saved / "recipe.toml").read_text()) == {"seed": 1, "data": {"name": "x"}}
    assert (saved / "figure.svg").read_text() == "<svg/>"
    text = (saved / "README.md").read_text()
    for words in ("# encoder", "encodes two numbers", "| x | data in", "mean z", "|x| above 1", "figure.svg", "MIT"):
        assert words in text


def test_the_example_of_the_readme_runs(saved: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.chdir(saved.parent)
    example = (saved / "README.md").read_text().split("```python\n")[1].split("```")[0]
    assert len(example.splitlines()) == 4
    exec(example, {})
    assert "encodes two numbers" in capsys.readouterr().out


def test_flat_circuits_only_where_there_are_wires_alone(tmp_path: Path) -> None:
    assert (reader().save(tmp_path / "a") / "circuit.qasm").exists()
    assert not (ZOO["model"].save(tmp_path / "b") / "circuit.qasm").exists()
    assert not ((mixer() >> mixer()).save(tmp_path / "c") / "circuit.qasm").exists()


# --- names and lists ---


def test_names_paths_and_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, other = tmp_path / "modules", tmp_path / "elsewhere"
    home.mkdir()
    other.mkdir()
    monkeypatch.setattr(published, "_homes", lambda: [tmp_path / "not-there", home])
    monkeypatch.chdir(other)
    encoder().save(home / "patch-encoder-4")
    mixer().save(home / "mixer")
    mixer(5).save(other / "mixer")
    source().save(other / "own")
    assert load_module("patch-encoder-4") == encoder()
    assert load_module("mixer") == mixer()
    assert load_module("./mixer") == load_module(Path("mixer")) == load_module(str(other / "mixer")) == mixer(5)
    assert load_module("own") == source()
    with pytest.raises(ModuleError, match=r"^'patch-encoder-5': .*the nearest published ones are patch-encoder-4"):
        load_module("patch-encoder-5")
    for wrong in ("..", "", "a\0b", "/nowhere/at/all", Path("nowhere"), 3, None, b"mixer"):
        with pytest.raises(ModuleError):
            load_module(wrong)  # type: ignore[arg-type]
    (home / "README.md").write_text("not a module")
    (home / "broken").mkdir()
    (home / "worse").mkdir()
    (home / "worse" / "module.toml").write_text("a = [")
    rows = modules()
    assert [row.name for row in rows] == ["broken", "mixer", "patch-encoder-4", "worse"]
    assert [bool(row.error) for row in rows] == [True, False, False, True]
    assert rows[2].summary == "encodes two numbers"
    assert (rows[2].version, rows[2].body, rows[2].licence, rows[2].digest) == (1, "circuit", "MIT", encoder().digest)
    assert rows[3].error.startswith(str(home / "worse"))
    assert [row.name for row in modules(other)] == ["mixer", "own"]
    with pytest.raises(ModuleError, match="nowhere"):
        modules("nowhere")


def test_all_published_modules_load() -> None:
    for row in modules():
        assert not row.error
        assert load_module(row.name).digest == row.digest


def test_a_link_to_a_folder_is_a_path_like_others(saved: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(saved)
    assert load_module(tmp_path / "link") == encoder()
    mixer().save(tmp_path / "link", overwrite=True)
    assert load_module(saved) == mixer()
    assert (tmp_path / "link").is_symlink()


def test_a_cache_of_tensors_may_lie_beside(saved: Path) -> None:
    (saved / "tensors.safetensors").write_bytes(b"whatever another part of cutq keeps here")
    assert load_module(saved) == encoder()
    encoder().save(saved, overwrite=True)
    assert not (saved / "tensors.safetensors").exists()


# --- what is not saved, and what is not lost ---


def test_nothing_else_is_overwritten(saved: Path, tmp_path: Path) -> None:
    before = files(saved)
    with pytest.raises(ModuleError, match="overwrite=True"):
        mixer().save(saved)
    assert files(saved) == before
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.tex").write_text("years")
    for overwrite in (False, True):
        with pytest.raises(ModuleError):
            mixer().save(tmp_path / "thesis", overwrite=overwrite)
    (saved / "notes.txt").write_text("mine")
    with pytest.raises(ModuleError, match=r"notes\.txt"):
        mixer().save(saved, overwrite=True)
    (saved / "notes.txt").unlink()
    (saved / "README.md").write_text("damaged")
    mixer().save(saved, overwrite=True)
    assert load_module(saved) == mixer()
    assert "recipe.toml" not in files(saved)
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file", tmp_path / "no" / "such" / "parent", "a\0b"):
        with pytest.raises(ModuleError):
            mixer().save(path, overwrite=True)
    (tmp_path / "empty").mkdir()
    assert load_module(mixer().save(tmp_path / "empty")) == mixer()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("failing", ["first", "second"])
def test_a_failure_leaves_everything_as_it_was(
    failing: str, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, rename, calls = files(saved), os.rename, []

    def broken(source: str, target: str) -> None:
        calls.append(target)
        if len(calls) == (1 if failing == "first" else 2):
            raise OSError(28, "No space left on device")
        rename(source, target)

    monkeypatch.setattr(os, "rename", broken)
    with pytest.raises(ModuleError, match="No space left"):
        mixer().save(saved, overwrite=True)
    assert files(saved) == before
    assert [path.name for path in tmp_path.iterdir()] == ["encoder"]


def test_an_interrupt_passes_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        mixer().save(tmp_path / "m")
    assert not list(tmp_path.iterdir())
    monkeypatch.undo()
    mixer().save(tmp_path / "m")
    monkeypatch.setattr(tomllib, "loads", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load_module(tmp_path / "m")


def test_callables_are_refused(tmp_path: Path) -> None:
    mine = classical(lambda x: 2 * x, 2)
    with pytest.raises(ModuleError, match="use a function of the table"):
        mine.save(tmp_path / "m")
    whole = Composition("w")
    whole.add("a", encoder())
    whole.add("b", encoder())
    whole.connect("a.z", "b.x", through=mine)
    with pytest.raises(ModuleError, match="use a function of the table"):
        whole.save(tmp_path / "m")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("value", [(1, 2), np.float64(1.0), float("inf"), {"a": 1}, None, b"x", [[object()]]])
def test_options_that_would_not_come_back(value: object, tmp_path: Path) -> None:
    card = Card(metrics=(Metric("m", "mean", 0.0, options={"key": value}),))
    module = Module("m", source().body, source().ports, card=card)
    with pytest.raises(ModuleError, match="'key' of metric 'm'"):
        module.save(tmp_path / "m")
    assert not list(tmp_path.iterdir())


def test_recipes_and_figures_that_cannot_be_written(tmp_path: Path) -> None:
    for options in ({"recipe": {"a": object()}}, {"recipe": {1: 2}}, {"figure": 3.5}, {"readme": "x" * (2**20 + 1)}):
        with pytest.raises(ModuleError) as caught:
            mixer().save(tmp_path / "m", **options)
        assert str(caught.value).startswith(str(tmp_path / "m"))
        assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_modules_lie_at_most_eight_deep(tmp_path: Path) -> None:
    module = source()
    for depth in range(9):
        whole = Composition("w")
        whole.add("inner", module)
        module = whole.module
        if depth < 8:
            assert load_module(module.save(tmp_path / str(depth))) == module
    with pytest.raises(ModuleError, match="at most 8 deep"):
        module.save(tmp_path / "9")


# --- versions ---


def test_older_versions_are_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = nested().save(tmp_path / "m")
    for path in folder.rglob("module.toml"):
        text = path.read_text().replace("version = 1\n", "version = 0\n").replace("body = ", "flesh = ")
        path.write_text(text)
    resum(folder)
    with pytest.raises(ModuleError, match=r"version 0, which nothing leads from to version 1"):
        load_module(folder)
    moved = lambda old: {("body" if key == "flesh" else key): value for key, value in old.items()}  # noqa: E731
    monkeypatch.setitem(tomlfile.MIGRATIONS, 0, moved)
    assert load_module(folder) == nested().module
    assert [row.error for row in modules(tmp_path)] == [""]


def test_newer_versions_ask_for_a_newer_cutq(saved: Path) -> None:
    rewrite(saved, "module.toml", "version = 1\n", "version = 7\n")
    with pytest.raises(ModuleError, match=r"module\.toml: is of version 7, .* up to 1; upgrade cutq"):
        load_module(saved)


# --- faults are named ---

FAULTS = {
    "type": ('name = "encoder"', "name = 3", r"module\.toml: 'name' is a text, got 3"),
    "key": ('name = "encoder"', 'name = "encoder"\nnmae = 1', r"module\.toml: the key 'nmae' is not known; known are"),
    "missing": ('body = "circuit"\n', "", "'body' is a text, got None"),
    "body": ('body = "circuit"', 'body = "python"', "'body' is one of circuit, classical, composition, got 'python'"),
    "format": ('"cutq-module"', '"other"', "'format' is 'cutq-module', got 'other'"),
    "digest": ('digest = "', 'digest = "0', r"'digest' is '0.*, but what the files say has the digest"),
    "port kind": ('"quantum out"', '"quantum tunnel"', r"ports\[2\]: 'kind' is one of quantum in"),
    "port key": ("qubits = [\n    1,", "wires = [\n    1,", r"ports\[2\]: no key 'qubits'"),
    "qubit": ("qubits = [\n    1,", "qubits = [\n    -1,", r"ports\[2\]: 'qubits' is a list of whole numbers from 0"),
    "qubit far": ("qubits = [\n    1,", "qubits = [\n    7,", "names qubit 7, but its circuit has 2"),
    "shape": (
        "shape = [\n    2,\n]\nvalues",
        "shape = [\n    3,\n]\nvalues",
        r"shape \(3,\), got float64 of shape \(2,\)",
    ),
    "huge shape": ("shape = []\nvalues", "shape = [999999999]\nvalues", "at most 1000000 numbers"),
    "huge input": ("shape = []\nmeaning", "shape = [1000000]\nmeaning", "inputs and weights have"),
    "meaning": ('"angle"', '"pickle"', "kind 'data' or 'angle', got 'pickle'"),
    "range": ("high = 3.5", "high = nan", "'high' is a finite number, got nan"),
    "observable": ('"Z0"', '"Q0"', "ports.3.: observable 'Q0'"),
    "long": ('"Z0"', '"' + "Z0 + " * 30_000 + 'Z0"', "at most 100000 letters"),
    "both": ("probabilities = [", 'observables = ["Z0"]\nprobabilities = [', "left out where probabilities are given"),
    "expression": ("2.0*arccos", "__import__", "'__import__.* is no number, element"),
    "angles": ('turn = "', 'turn = 3 #"', "angles: 'turn' is a text, got 3"),
    "metric": ("value = 0.25", 'value = "big"', r"card: metrics\[0\]: 'value' is a finite number, got 'big'"),
    "option": ("exact = true", "exact = 2020-01-01", "options: 'exact' is a text, a finite number or a list of these"),
    "frozen": ("frozen = true", "frozen = false", "'digest' is"),
    "no weights": ("values = true", "values = false", r"weights\.safetensors: has no place, for module.toml has no"),
    "more weights": ("values = false", "values = true", "weight 'v' is an array of float64 of shape .., got none"),
    "twice": ('name = "v"', 'name = "w"', "a list of weights with different names"),
    "weight name": ('name = "v"', 'name = "not fit"', "a name has"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_name_file_key_and_values(fault: str, saved: Path) -> None:
    old, new, message = FAULTS[fault]
    rewrite(saved, "module.toml", old, new)
    with pytest.raises(ModuleError, match=message) as caught:
        load_module(saved)
    assert str(caught.value).startswith(f"{saved}/")
    assert "\n" not in str(caught.value)


COMPOSED_FAULTS = {
    "module": ('module = "', 'module = "f', r"nodes\[0\]: 'module' is one of the folders in parts"),
    "node twice": ('name = "b"', 'name = "a"', "instances have different names, but 'a' is twice"),
    "dots": ('name = "b"', 'name = "a.b"', "names without dots"),
    "instance": ('source = "src.out"', 'source = "nobody.out"', "'nobody.out' names an instance that is not there"),
    "port": ('source = "src.out"', 'source = "src.exit"', "has no port 'exit'"),
    "elements": ("b.out[1]", "b.out[7]", r"'b.out\[7\]' names more than port 'out' has"),
    "many": ("b.out[1]", "b.out[0:1000000]", r"names more than port 'out' has"),
    "law": ("b.out[1]", "b.out[0]", "no cloning"),
    "output": ("Z@c.out[0]", "Z@c.out[5]", "does not exist"),
    "key": ("discarded = []", "discarded = []\nmore = 1", "composition: the key 'more' is not known"),
    "weights": ("name = \"t.theta\"", "name = \"u.theta\"", "'weights' is a list of the weights of the modules inside"),
    "ports": ('kind = "numbers out"\nname = "z"', 'kind = "numbers out"\nname = "y"', "'ports' is a list of the open"),
    "tie": ('tie = "t"', 'tie = "s"', "'weights' is a list of the weights"),
}  # fmt: skip


@pytest.mark.parametrize("fault", COMPOSED_FAULTS)
def test_faults_of_compositions(fault: str, tmp_path: Path) -> None:
    folder = reader().save(tmp_path / "m")
    old, new, message = COMPOSED_FAULTS[fault]
    rewrite(folder, "module.toml", old, new)
    with pytest.raises(ModuleError, match=message) as caught:
        load_module(folder)
    assert str(caught.value).startswith(f"{folder}/")
    assert "\n" not in str(caught.value)


def test_parts_are_named_after_their_digests_and_all_used(tmp_path: Path) -> None:
    folder = reader().save(tmp_path / "m")
    shutil.copytree(folder / "parts" / mixer(2).digest[:16], folder / "parts" / ("0" * 16))
    resum(folder)
    with pytest.raises(ModuleError, match="named after the digest"):
        load_module(folder)
    shutil.rmtree(folder / "parts" / ("0" * 16))
    resum(folder)
    assert load_module(folder) == reader().module
    extra = mixer(9).save(tmp_path / "extra")
    part = folder / "parts" / mixer(9).digest[:16]
    part.mkdir()
    for name in ("module.toml", "circuit.qasm", "weights.safetensors"):
        shutil.copy(extra / name, part / name)
    resum(folder)
    with pytest.raises(ModuleError, match="no instance is of the module"):
        load_module(folder)


def test_few_lines_do_not_become_millions_of_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = nested().save(tmp_path / "m")
    monkeypatch.setattr(assembled, "MOST_PIECES", 60)
    with pytest.raises(ModuleError, match="pieces, but at most 60"):
        load_module(folder)


def test_keys_of_half_a_million_dots_take_no_time(saved: Path) -> None:
    for line in ("a." * 400_000 + "a = 1", "[" + "a." * 400_000 + "a]", 'x = "é"\n' + '"b" . ' * 150_000 + "c = 1"):
        text = (saved / "module.toml").read_text()
        (saved / "module.toml").write_text(f"{line}\n")
        resum(saved)
        start = time.perf_counter()
        with pytest.raises(ModuleError, match="more than 50 dots"):
            load_module(saved)
        assert time.perf_counter() - start < 5
        (saved / "module.toml").write_text(text)


def test_long_observables_are_no_keys(tmp_path: Path) -> None:
    text = " + ".join(f"0.{k + 1}*Z0 X1" if k % 2 else f"1.{k + 1}*Z1" for k in range(300))
    ports = (ClassicalOut("e", (text, " + ".join(["0.5*Z0 X1"] * 200))), QuantumIn("in", (0, 1)))
    module = Module("h", Circuit(2), ports, card=Card(summary="a.b." * 100))
    assert load_module(module.save(tmp_path / "m")) == module
