"""The command line where shots are concerned: values with error bars, and jobs that go through a folder."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

import cutq
from cutq import Circuit, Operation
from cutq.cli import main as cli
from cutq.shots.manifest import read_manifest
from tests.zoo import shared_parameters, tfim, u3_layer

SHARED = ("--param", "s=0.3", "--param", "t=-0.7")


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    path = tmp_path / "chain.qasm"
    cutq.dump(u3_layer(tfim(6, 2)), path)
    return path


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    path = tmp_path / "shared.qasm"
    cutq.dump(u3_layer(shared_parameters()), path)
    return path


def call(*words: object) -> Result:
    return CliRunner().invoke(cli.app, [str(word) for word in words])


def data(*words: object) -> dict:
    result = call(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_shots_give_values_with_errors(chain: Path) -> None:
    words = ("run", chain, "-q", 4, "-o", "Z0 Z5", "-o", "0.5*X3 + 2", "--shots", 20_000, "--check")
    found = data(*words)
    estimate = found["estimate"]
    assert {"names", "values", "covariance", "shots", "num_circuits", "contributions", "method"} < set(estimate)
    assert (estimate["shots"], found["seed"], estimate["method"]["seed"]) == (20_000, 0, 0)
    exact = cutq.expectations(cutq.split(cutq.load(chain), cutq.CutPlan.uncut()), ["Z0 Z5", "0.5*X3 + 2"])
    for k, row in enumerate(found["results"]):
        assert (row["value"], row["stderr"]) == (estimate["values"][k], estimate["stderr"][k])
        assert row["uncut"] == pytest.approx(exact[k], abs=1e-10)
        assert row["deviations"] == pytest.approx((row["value"] - exact[k]) / row["stderr"])
        assert 0 < row["stderr"] < 0.1
    text = call(*words).stdout
    assert f"values (20000 shots of {estimate['num_circuits']} circuits)" in text
    assert "±" in text
    assert "standard errors off" in text


def test_equal_seeds_give_equal_values(chain: Path) -> None:
    words = ("run", chain, "-q", 4, "-o", "Z0", "--shots", 2000)
    first, again, other = (data(*words, "--seed", seed)["results"][0]["value"] for seed in (3, 3, 4))
    assert first == again != other


def test_an_error_is_reached(shared: Path) -> None:
    found = data("run", shared, "-q", 3, "-o", "Z3", "-o", "X0", *SHARED, "--target-error", 0.03)
    assert max(found["estimate"]["stderr"]) <= 0.03
    assert found["estimate"]["shots"] < 1_000_000


def test_gradients_have_errors_too(shared: Path) -> None:
    words = ("run", shared, "-q", 3, "-o", "Z3", "-o", "X0 Z1", *SHARED, "--shots", 30_000, "--gradient")
    found = data(*words)
    circuit = cutq.load(shared)
    network = cutq.split(circuit, cutq.CutPlan.uncut())
    for row, estimate in zip(found["results"], found["gradients"], strict=True):
        exact = cutq.gradient(network, row["observable"], circuit.values({"s": 0.3, "t": -0.7}))
        assert list(row["gradient"]) == list(row["gradient_stderr"]) == list(circuit.parameters)
        errors = np.array(list(row["gradient_stderr"].values()))
        assert np.all(np.abs(np.array(list(row["gradient"].values())) - exact) < 5 * errors)
        assert estimate["shots"] == 30_000
    text = call(*words).stdout
    assert "derivatives (30000 shots of" in text
    assert "d/d s" in text


def test_no_parameters_have_no_derivatives(chain: Path) -> None:
    found = data("run", chain, "-q", 4, "-o", "Z0", "--shots", 1000, "--gradient")
    assert (found["results"][0]["gradient"], found["gradients"]) == ({}, [])
    assert "d/d" not in call("run", chain, "-q", 4, "-o", "Z0", "--shots", 1000, "--gradient").stdout


def test_frames_and_pilots_are_chosen(shared: Path) -> None:
    words = ("run", shared, "-q", 3, "-o", "Z0 X2", *SHARED, "--shots", 20_000, "--no-wire-cuts")
    plain, lean, adaptive = (
        data(*words, *more)["estimate"]["num_circuits"] for more in ((), ("--frames", "lean, six"), ("--adaptive",))
    )
    assert lean < plain < adaptive


def test_a_failed_check_has_its_own_status(chain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "MOST_DEVIATIONS", -1.0)
    result = call("run", chain, "-q", 4, "-o", "Z0", "--shots", 1000, "--check")
    assert result.exit_code == 1
    assert "standard errors from the value of the uncut circuit" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_aer_runs_the_circuits(shared: Path) -> None:
    pytest.importorskip("qiskit_aer")
    words = ("run", shared, "-q", 3, "-o", "Z3", *SHARED, "--shots", 4000, "--runner", "aer", "--check")
    first, again = (data(*words)["results"][0] for _ in range(2))
    assert first == again
    assert abs(first["deviations"]) < 5


def test_circuits_on_aer_have_seeds_of_their_own() -> None:
    """Aer begins anew from a seed in every call, and in one call for every number of shots."""
    pytest.importorskip("qiskit_aer")
    from cutq.cli.aer import aer_runner
    from cutq.network.network import Fragment, Segment, Step
    from cutq.shots.jobs import Job
    from cutq.shots.variants import Variant

    coin = Fragment((Segment(0),), (Step(0, Operation("h", (0,))),), (), (0,))
    jobs = [Job(Variant(0, coin, {}, (), "Z"), shots) for shots in (1000, 1000, 1000, 1001)]
    runner = aer_runner(0)
    counts = [counts.as_dict()["0"] for counts in [*runner.run(jobs), *runner.run(jobs)]]
    assert len(set(counts)) > 4
    assert [one.as_dict()["0"] for one in aer_runner(0).run(jobs)] == counts[:4]


def test_aer_that_is_not_installed(chain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "qiskit_aer.primitives", None)
    monkeypatch.setattr("cutq.cli.asked.find_cuts", lambda *_, **__: pytest.fail("searched"))
    result = call("run", chain, "-q", 4, "-o", "Z0", "--shots", 100, "--runner", "aer")
    assert result.exit_code == 2
    assert 'pip install "cutq[aer]"' in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


BAD = {
    "shots and an error": (["run", "--shots", "10", "--target-error", "0.1"], "leave one of the two out"),
    "no shots": (["run", "--shots", "0"], "--shots is a whole number from 1, got '0'"),
    "no error": (["run", "--target-error", "0"], "positive standard error"),
    "infinite error": (["run", "--target-error", "inf"], "positive standard error"),
    "runner without shots": (["run", "--runner", "aer"], "give --shots or --target-error"),
    "adaptive without shots": (["run", "--adaptive"], "give --shots or --target-error"),
    "unknown runner": (["run", "--shots", "100", "--runner", "ibm"], "simulated or aer, got 'ibm'"),
    "unknown frame": (["run", "--shots", "100", "--frames", "sic,nine"], "got 'nine'"),
    "two frames for one kind": (["run", "--shots", "100", "--frames", "sic,six"], "one frame for each kind"),
    "seed": (["run", "--shots", "100", "--seed", "-1"], "at least 0, got -1"),
    "no shots of jobs": (["jobs", "export", "--shots", "0", "--folder", "new"], "--shots is a whole number from 1"),
    "full folder": (["jobs", "export", "--shots", "100", "--folder", "."], "new or empty folder"),
    "frames of jobs": (["jobs", "export", "--shots", "9", "--folder", "new", "--frames", "x"], "got 'x'"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gets_one_line_before_the_search(
    case: str, chain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, part = BAD[case]
    monkeypatch.chdir(tmp_path)
    if case != "seed":  # the search refuses it
        monkeypatch.setattr("cutq.cli.asked.find_cuts", lambda *_, **__: pytest.fail("searched"))
    result = call(*words, chain, "-q", 4, "-o", "Z0")
    assert result.exit_code == 2, result.output
    assert part in result.stderr
    assert result.stderr.startswith("cutq: ")
    assert len(result.stderr.strip().splitlines()) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["chain.qasm"]


def test_shots_that_do_not_suffice(chain: Path) -> None:
    result = call("run", chain, "-q", 4, "-o", "X3", "-o", "Y0 Z5", "--shots", 1)
    assert result.exit_code == 2
    assert "fewer than the" in result.stderr


def fill(folder: Path) -> None:
    """Counts for all jobs of a folder."""
    manifest = read_manifest(folder)
    variants = [v for one in manifest.recipe.experiment().tomographies for v in one.variants if v.num_bits]
    jobs = [cutq.Job(v, job.shots, k) for k, (v, job) in enumerate(zip(variants, manifest.jobs, strict=True))]
    found = cutq.SimulatedRunner().run(jobs)
    counts = {j.id: one.as_dict() for j, one in zip(manifest.jobs, found, strict=True) if j.shots}
    (folder / "counts" / "all.json").write_text(json.dumps({"manifest": manifest.hash, "counts": counts}))


def test_jobs_go_through_a_folder(shared: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    assert call("plan", shared, "-q", 3, "--save", plan).exit_code == 0
    words = ("jobs", "export", shared, "--plan", plan, "-o", "Z3", "-o", "X0 - Z1", *SHARED)
    written = data(*words, "--shots", 5000, "--folder", tmp_path / "one", "--seed", 2)
    folder = tmp_path / "one"
    assert (written["shots"], written["folder"]) == (5000, str(folder))
    assert written["circuits"] == len(list((folder / "circuits").iterdir()))
    assert written["manifest"] == read_manifest(folder).hash
    missing = call("jobs", "import", folder)
    assert missing.exit_code == 2
    assert f"{written['circuits']} of {written['circuits']} circuits are missing" in missing.stderr
    assert len(missing.stderr.strip().splitlines()) == 1
    fill(folder)
    found = data("jobs", "import", folder)
    assert (found["estimate"]["shots"], found["estimate"]["method"]["seed"]) == (5000, 2)
    network = cutq.split(cutq.load(shared), cutq.CutPlan.uncut())
    exact = cutq.expectations(network, ["Z3", "X0 - Z1"], [0.3, -0.7])
    for row, value in zip(found["results"], exact, strict=True):
        assert abs(row["value"] - value) < 5 * row["stderr"]
    assert "values (5000 shots of" in call("jobs", "import", folder).stdout

    text = call(*words, "--shots", 7000, "--folder", tmp_path / "two", "--pilot", folder)
    assert text.exit_code == 0, text.output
    assert "written: " in text.stdout
    assert read_manifest(tmp_path / "two").hash in text.stdout
    fill(tmp_path / "two")
    pooled = data("jobs", "import", tmp_path / "two")["estimate"]
    assert (pooled["shots"], pooled["method"]["allocation"]) == (12_000, "pilot")


def test_jobs_that_cannot_be_read(tmp_path: Path) -> None:
    result = call("jobs", "import", tmp_path)
    assert result.exit_code == 2
    assert "has no manifest.json" in result.stderr


def test_wide_circuits_are_estimated(tmp_path: Path) -> None:
    ops = [Operation("h", (0,)), *(Operation("cx", (q, q + 1)) for q in range(29))]
    cutq.dump(u3_layer(Circuit(30, tuple(ops))), tmp_path / "wide.qasm")
    words = ("run", tmp_path / "wide.qasm", "-q", 6, "-o", "Z0 X29", "--shots", 50_000, "--check")
    (row,) = data(*words)["results"]
    assert abs(row["deviations"]) < 5
