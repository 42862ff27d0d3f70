"""The command line as a user types it: the real process for a few, the same program in-process for the rest."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import cutq
from cutq.cli import main as cli
from cutq.cli.output import cut_data, result_table
from tests.zoo import line, shared_parameters, tfim, u3_layer


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    path = tmp_path / "chain.qasm"
    cutq.dump(u3_layer(tfim(8, 2)), path)
    return path


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    path = tmp_path / "shared.qasm"
    cutq.dump(shared_parameters(), path)
    return path


def call(*words: object) -> Result:
    return CliRunner().invoke(cli.app, [str(word) for word in words])


def data(*words: object) -> dict:
    result = call(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_plan_prints_the_table_and_its_data(chain: Path) -> None:
    text = call("plan", chain, "--max-qubits", 5)
    assert text.exit_code == 0
    plan = data("plan", chain, "--max-qubits", 5)["plan"]
    for part in ("8 qubits", "gamma", "device circuits", "proven optimal", f"cuts ({len(plan['cuts'])})"):
        assert part in text.stdout
    assert plan["proven_optimal"] is True
    assert max(plan["widths"]) <= 5
    gates = data("plan", chain, "--max-qubits", 5, "--no-wire-cuts")["plan"]
    assert {cut["kind"] for cut in gates["cuts"]} == {"gate"}
    wires = data("plan", chain, "--max-qubits", 5, "--no-gate-cuts")["plan"]
    assert {cut["kind"] for cut in wires["cuts"]} == {"wire"}


def test_run_gives_the_uncut_values(chain: Path) -> None:
    found = data("run", chain, "--max-qubits", 4, "-o", "Z0 Z1", "-o", "0.5*X3 X4 - Z7 + 2", "--check")
    assert [row["observable"] for row in found["results"]] == ["Z0 Z1", "2.0 + 0.5*X3 X4 - Z7"]
    for row in found["results"]:
        assert row["value"] == pytest.approx(row["uncut"], abs=1e-12)
    text = call("run", chain, "-q", 4, "-o", "Z0", "--check").stdout
    assert "uncut" in text
    assert "difference" in text


def test_run_binds_parameters(shared: Path, tmp_path: Path) -> None:
    (tmp_path / "values.json").write_text('{"s": 0.4, "t": 9.0}')
    words = ("run", shared, "-q", 2, "-o", "Z3", "--check")
    given = data(*words, "--param", "s=0.4", "--param", "t=-1.1")
    mixed = data(*words, "--params", tmp_path / "values.json", "--param", "t=-1.1")
    assert given["results"] == mixed["results"]
    network = cutq.split(shared_parameters(), cutq.CutPlan.uncut())
    assert given["results"][0]["value"] == pytest.approx(cutq.expectation(network, "Z3", [0.4, -1.1]), abs=1e-12)


def test_a_failed_check_has_its_own_status(chain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "CHECK_TOLERANCE", -1.0)
    result = call("run", chain, "-q", 4, "-o", "Z0", "--check")
    assert result.exit_code == 1
    assert "differ" in result.stderr


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_draw_writes_the_picture(chain: Path, tmp_path: Path, ending: str) -> None:
    picture = tmp_path / f"plan.{ending}"
    assert data("draw", chain, "-q", 5, "-o", picture)["picture"] == str(picture)
    assert picture.stat().st_size > 1000


BAD = {
    "missing file": (["plan", "nowhere.qasm", "-q", "3"], "nowhere.qasm"),
    "binary file": (["plan", "BINARY", "-q", "3"], "binary"),
    "syntax error": (["plan", "SYNTAX", "-q", "3"], "line 3"),
    "width below 1": (["plan", "CHAIN", "-q", "0"], "at least 1, got 0"),
    "no time": (["plan", "CHAIN", "-q", "4", "--time-limit", "0"], "positive number of seconds"),
    "missing qubit": (["run", "CHAIN", "-q", "4", "-o", "Z99"], "qubit 99"),
    "malformed observable": (["run", "CHAIN", "-q", "4", "-o", "Z0 + Q1"], "'Q1'"),
    "missing value": (["run", "SHARED", "-q", "4", "-o", "Z0", "--param", "s=1"], "no value for 't'"),
    "extra value": (["run", "CHAIN", "-q", "4", "-o", "Z0", "--param", "x=1"], "'x' is no parameter"),
    "NaN": (["run", "SHARED", "-q", "4", "-o", "Z0", "--param", "s=nan", "--param", "t=0"], "s = nan"),
    "missing value of samples": (["sample", "SHARED", "-q", "4", "--shots", "5", "--param", "s=1"], "no value for 't'"),
    "more samples than memory": (["sample", "CHAIN", "-q", "4", "--shots", "1" + "0" * 12], "GB allowed"),
    "malformed value": (["run", "SHARED", "-q", "4", "-o", "Z0", "--param", "s"], "name=value"),
    "value beyond 1e308": (["run", "SHARED", "-q", "4", "-o", "Z0", "--params", "big.json"], "real numbers"),
    "deep values file": (["run", "SHARED", "-q", "4", "-o", "Z0", "--params", "deep.json"], "deep.json"),
    "no values file": (["run", "SHARED", "-q", "4", "-o", "Z0", "--params", "none.json"], "none.json"),
    "unknown picture": (["draw", "CHAIN", "-q", "4", "-o", "plan.pdf"], ".pdf"),
    "unknown objective": (
        ["plan", "CHAIN", "-q", "4", "--objective", "beauty"],
        "known: gamma, circuits, shots, flops",
    ),
    "no sizes": (["plan", "CHAIN", "-q", "4", "--device-sizes", "5;7"], "such as 5,7,27"),
    "no fragments": (["run", "CHAIN", "-q", "4", "-o", "Z0", "--max-fragments", "0"], "at least 1, got 0"),
    "seed of the search": (["draw", "CHAIN", "-q", "4", "-o", "a.svg", "--seed", "-1"], "at least 0, got -1"),
    "contradicting options": (["plan", "CHAIN", "-q", "4", "--reuse", "--device-sizes", "5,5"], "leave one of the two"),
    "budget of circuits": (["plan", "CHAIN", "-q", "4", "--max-circuits", "2"], "at most max_circuits=2 circuits"),
    "missing qubit of a plan": (["plan", "CHAIN", "-q", "4", "-o", "Z99"], "qubit 99"),
    "objective of a front": (
        ["plan", "CHAIN", "-q", "4", "--front", "--objective", "gamma"],
        "leave --objective gamma",
    ),
    "one file for a front": (["plan", "CHAIN", "-q", "4", "--front", "--save", "plan.json"], "leave --front out"),
    "no folder for a plan": (["plan", "CHAIN", "-q", "4", "--save", "nowhere/plan.json"], "nowhere"),
    "folder in place of a plan": (["plan", "CHAIN", "-q", "4", "--save", "."], "is a directory"),
    "neither width nor plan": (["run", "CHAIN", "-o", "Z0"], "give --max-qubits"),
    "no width for a front": (["draw", "CHAIN", "--front", "-o", "a.svg"], "give --max-qubits"),
    "front of a plan": (["draw", "CHAIN", "-q", "4", "--front", "--plan", "x", "-o", "a.svg"], "leave --plan out"),
    "missing plan": (["sample", "CHAIN", "--plan", "none.json", "--shots", "5"], "none.json"),
    "no plan": (["run", "CHAIN", "--plan", "big.json", "-o", "Z0"], "big.json"),
    "deep plan": (["run", "CHAIN", "--plan", "deep.json", "-o", "Z0"], "deep.json"),
    "binary plan": (["run", "CHAIN", "--plan", "BINARY", "-o", "Z0"], "binary.qasm"),
    "no folder": (["draw", "CHAIN", "-q", "4", "-o", "nowhere/plan.svg"], "nowhere"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gets_one_line_and_status_two(
    case: str, chain: Path, shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "binary.qasm").write_bytes(b"\x7fELF\x00\x01\xff")
    (tmp_path / "syntax.qasm").write_text('OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2\n')
    (tmp_path / "big.json").write_text('{"s": 1, "t": 1' + "0" * 400 + "}")
    (tmp_path / "deep.json").write_text("[" * 100_000)
    files = {"CHAIN": chain, "SHARED": shared, "BINARY": "binary.qasm", "SYNTAX": "syntax.qasm"}
    words, part = BAD[case]
    before = set(tmp_path.iterdir())
    result = call(*(files.get(word, word) for word in words))
    assert result.exit_code == 2, result.output
    assert len(result.stderr.strip().splitlines()) == 1
    assert result.stderr.startswith("cutq: ")
    assert part in result.stderr
    assert result.stdout == ""
    assert set(tmp_path.iterdir()) == before


def test_the_installed_program(chain: Path, tmp_path: Path) -> None:
    program = [sys.executable, "-m", "cutq"]
    good = subprocess.run([*program, "plan", chain, "-q", "5"], capture_output=True, text=True, check=False)
    assert (good.returncode, good.stderr) == (0, "")
    bad = subprocess.run([*program, "plan", tmp_path, "-q", "5"], capture_output=True, text=True, check=False)
    assert bad.returncode == 2
    assert bad.stderr.startswith("cutq: ")
    assert "Traceback" not in bad.stderr


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ([], "Missing command"),
        (["nosuch"], "No such command 'nosuch'"),
        (["plan", "FILE"], "Missing option '--max-qubits'"),
        (["plan", "FILE", "-q", "2.5"], "'--max-qubits'"),
        (["run", "FILE", "-q", "2"], "Missing option '--observable'"),
        (["sample", "FILE", "-q", "2"], "Missing option '--shots'"),
        (["sample", "FILE", "-q", "2", "--shots", "1e3"], "'--shots'"),
    ],
)
def test_usage_errors_are_one_line_too(
    words: list[str], part: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["cutq", *words])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 2
    error = capsys.readouterr().err
    assert part in error
    assert error.startswith("cutq: ")
    assert len(error.splitlines()) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_one_line_too(chain: Path) -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "cutq", "plan", str(chain), "-q", "5"]
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr.startswith("cutq: cannot write the result")
    assert len(result.stderr.splitlines()) == 1


def test_gradient_prints_the_derivatives(shared: Path) -> None:
    words = ("run", shared, "-q", 2, "-o", "Z3", "-o", "X0 Z1", "--param", "s=0.3", "--param", "t=-0.7", "--gradient")
    circuit = cutq.load(shared)
    network = cutq.split(circuit, cutq.CutPlan.uncut())
    values = circuit.values({"s": 0.3, "t": -0.7})
    for row in data(*words)["results"]:
        derivatives = cutq.gradient(network, row["observable"], values)
        assert list(row["gradient"]) == list(circuit.parameters)
        assert list(row["gradient"].values()) == pytest.approx(derivatives.tolist(), abs=1e-12)
    assert "d/d s" in call(*words).stdout


def test_samples_are_counted_and_their_seed_is_shown(chain: Path) -> None:
    found = data("sample", chain, "-q", 5, "--shots", 200, "--seed", 7)
    assert (found["shots"], found["seed"], sum(found["counts"].values())) == (200, 7, 200)
    assert {len(bits) for bits in found["counts"]} == {8}
    assert list(found["counts"].values()) == sorted(found["counts"].values(), reverse=True)
    drawn = data("sample", chain, "-q", 5, "--shots", 5)["seed"]
    again = call("sample", chain, "-q", 5, "--shots", 5, "--seed", drawn).stdout
    assert f"seed {drawn}" in again


@pytest.mark.parametrize("words", [("--shots", "0"), ("--shots", "-3"), ("--shots", "5", "--seed", "-1")])
def test_samples_refuse_bad_numbers_before_the_search(
    words: tuple[str, ...], chain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cutq.cli.asked.find_cuts", lambda *_, **__: pytest.fail("searched"))
    result = call("sample", chain, "-q", 5, *words)
    assert result.exit_code == 2
    assert "whole number from" in result.stderr


def test_a_wide_shallow_circuit_is_checked_uncut(tmp_path: Path) -> None:
    cutq.dump(line(98, 1), tmp_path / "wide.qasm")
    (row,) = data("run", tmp_path / "wide.qasm", "-q", 4, "-o", "Z0 Z1 X50", "--check")["results"]
    assert abs(row["difference"]) < 1e-12


def test_a_check_that_does_not_fit_says_so(chain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise cutq.TooLargeError("a fragment of 98 qubits does not fit")

    monkeypatch.setattr("cutq.exact.values.expectations", refuse)
    result = call("run", chain, "-q", 4, "-o", "Z0", "--check")
    assert result.exit_code == 2
    assert (
        result.stderr
        == "cutq: --check computes the uncut circuit, but a fragment of 98 qubits does not fit; leave --check out\n"
    )


def test_the_table_shows_the_most_frequent_and_says_what_it_hides(chain: Path) -> None:
    words = ("sample", chain, "-q", 5, "--shots", 2000, "--seed", 1)
    counts = data(*words)["counts"]
    assert len(counts) > 20
    shown = call(*words).stdout.split("samples (")[1].splitlines()[1:]
    assert [line.split() for line in shown[:-1]] == [[bits, str(n)] for bits, n in list(counts.items())[:20]]
    assert shown[-1].split() == ["and", str(len(counts) - 20), "more;", "see", "--json"]


def test_many_derivatives_are_shown_in_part() -> None:
    row = {"observable": "Z0", "value": 1.0, "gradient": {f"p{k}": 0.0 for k in range(25)}}
    lines = result_table([row]).splitlines()
    assert sum("d/d p" in line for line in lines) == 20
    assert lines[-1].strip() == "and 5 more; see --json"


def test_a_gradient_without_parameters_is_empty(chain: Path) -> None:
    words = ("run", chain, "-q", 5, "-o", "Z0 Z1", "--gradient")
    assert data(*words)["results"][0]["gradient"] == {}
    assert "d/d" not in call(*words).stdout


def test_a_printed_cut_can_be_rebuilt() -> None:
    star = [cutq.Operation("cp", (0, q), (0.3 * q,)) for q in range(1, 4)]
    circuit = cutq.Circuit(4, (cutq.Operation("h", (0,)), *star, cutq.Operation("cx", (1, 2))))
    cuts = (*cutq.CutPlan.from_partition(circuit, "ABBB", joint=True).cuts, cutq.WireCut(1, 1))
    assert any(isinstance(cut, cutq.GateCut) and cut.side is not None for cut in cuts)
    kinds = {"gate": cutq.GateCut, "wire": cutq.WireCut}
    for cut in cuts:
        printed = json.loads(json.dumps(cut_data(cut)))
        fields = {name: tuple(v) if isinstance(v, list) else v for name, v in printed.items() if name != "kind"}
        assert kinds[printed["kind"]](**fields) == cut
