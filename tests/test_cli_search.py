"""What the command line asks of the search, and the plans it prints, saves and reads."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import typer

import cutq
from cutq.cli import main as cli
from cutq.cli.progress import WIPE, progress_line
from cutq.search.options import Listener, Progress
from tests.test_cli import call, data
from tests.zoo import dense, tfim, u3_layer

CHAIN = cutq.Circuit(4, tuple(cutq.Operation("cx", (q, q + 1)) for q in range(3)))
"""A circuit of which every plan is proven at once."""

OPTIONS = """objective time_limit no_wire_cuts no_gate_cuts no_merge no_joint reuse max_fragments max_circuits
             device_sizes seed""".split()


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    path = tmp_path / "chain.qasm"
    cutq.dump(CHAIN, path)
    return path


@pytest.fixture
def steps(tmp_path: Path) -> Path:
    path = tmp_path / "steps.qasm"
    cutq.dump(u3_layer(tfim(8, 2)), path)
    return path


@pytest.fixture
def saved(steps: Path, tmp_path: Path) -> Path:
    path = tmp_path / "plan.json"
    assert data("plan", steps, "-q", 5, "--save", path)["saved"] == str(path)
    return path


def forbid_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cutq.cli.asked.find_cuts", lambda *_, **__: pytest.fail("searched"))


class Terminal(io.StringIO):
    """A terminal that remembers what was written."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("command", ["plan", "run", "sample", "draw"])
def test_every_command_has_the_options_of_the_search(command: str) -> None:
    parameters = {one.name: one for one in typer.main.get_command(cli.app).commands[command].params}  # type: ignore[attr-defined]
    assert set(OPTIONS) <= set(parameters)
    assert "asked" not in parameters
    assert parameters["seed"].default == (None if command == "sample" else 0)


@pytest.mark.parametrize("front", [False, True])
def test_the_options_reach_the_search(front: bool, chain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: dict[str, Any] = {}

    def find(*_: object, **options: object) -> cutq.CutPlan:
        heard.update(options)
        raise cutq.PlanError("enough")

    monkeypatch.setattr(f"cutq.cli.asked.{'find_plans' if front else 'find_cuts'}", find)
    words = "--no-wire-cuts --no-merge --no-joint --max-fragments 9 --max-circuits 90 --device-sizes 5,27,7 --seed 3"
    words += " --time-limit 1.5 -o Z0 -o X1" + (" --front" if front else " --objective gamma")
    assert call("plan", chain, "-q", 2, *words.split()).stderr == "cutq: enough\n"
    assert heard["search"] == cutq.Search(
        wire_cuts=False, merge_gates=False, joint=False, max_fragments=9, max_circuits=90, device_sizes=(27, 7, 5),
        time_limit=1.5, seed=3,
    )  # fmt: skip
    assert heard["observables"] == ["Z0", "X1"]
    assert front or heard["objective"] == "gamma"
    call("plan", chain, "-q", 2, "--no-gate-cuts", "--reuse", *(["--front"] if front else []))
    assert heard["search"] == cutq.Search(gate_cuts=False, reuse=True)
    assert heard["observables"] is None


def test_the_objective_is_minimised(steps: Path) -> None:
    gamma, circuits = (data("plan", steps, "-q", 4, "--objective", name)["plan"] for name in ("gamma", "circuits"))
    assert (gamma["objective"], circuits["objective"]) == ("gamma", "circuits")
    assert gamma["gamma"] < circuits["gamma"]
    assert gamma["price"]["circuits"] > circuits["price"]["circuits"]


def test_a_front_is_a_table_or_a_list(chain: Path) -> None:
    known = cutq.find_plans(CHAIN, 4)
    plans = data("plan", chain, "-q", 4, "--front")["plans"]
    assert [tuple(one["widths"]) for one in plans] == [one.widths for one in known]
    title, header, *rows = call("plan", chain, "-q", 4, "--front").stdout.splitlines()[1:]
    assert title == f"plans ({len(known)})"
    assert header.split() == "plan width fragments circuits gamma flops shots factor proven".split()
    assert [row.split()[:5] for row in rows] == [
        [str(k), str(max(one.widths)), str(len(one.widths)), str(one.price.circuits), f"{one.gamma:.4g}"]
        for k, one in enumerate(known)
    ]
    assert {row[header.index("proven") - 1] for row in rows} == {" "}
    assert rows[0][header.index("proven") :] == "uncut"


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_a_front_is_drawn(ending: str, chain: Path, tmp_path: Path) -> None:
    picture = tmp_path / f"front.{ending}"
    found = data("draw", chain, "-q", 4, "--front", "-o", picture)
    assert (len(found["plans"]), found["picture"]) == (len(cutq.find_plans(CHAIN, 4)), str(picture))
    assert picture.stat().st_size > 1000
    assert f"written: {picture}" in call("draw", chain, "-q", 4, "--front", "-o", picture).stdout


def test_a_plan_for_observables_says_so_and_is_good_for_nothing_else(steps: Path, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    plan = data("plan", steps, "-q", 5, "-o", "Z0 Z1", "--save", file)["plan"]
    assert plan["observables"] == ["Z0 Z1"]
    assert 0 < len(plan["order"]) < len(cutq.load(steps).operations)
    assert "only for         Z0 Z1" in call("plan", steps, "-q", 5, "-o", "Z0 Z1").stdout
    (row,) = data("run", steps, "--plan", file, "-o", "Z0 Z1", "--check")["results"]
    assert abs(row["difference"]) < 1e-12
    for words in (["run", "-o", "Z7"], ["sample", "--shots", "5"]):
        refused = call(words[0], steps, "--plan", file, *words[1:])
        assert refused.exit_code == 2
        assert len(refused.stderr.splitlines()) == 1


def test_a_saved_plan_takes_the_place_of_the_search(
    saved: Path, steps: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid_search(monkeypatch)
    plan = cutq.CutPlan.from_json(saved.read_text())
    ran = data("run", steps, "--plan", saved, "-o", "Z3 Z4", "--check")
    assert abs(ran["results"][0]["difference"]) < 1e-12
    drawn = data("draw", steps, "--plan", saved, "-o", tmp_path / "a.svg")
    sampled = data("sample", steps, "--plan", saved, "--shots", 3, "--seed", 1)
    for found in (ran, drawn, sampled):
        assert len(found["plan"]["cuts"]) == len(plan.cuts) > 0
        assert found["plan"]["gamma"] == plan.gamma
    assert call("run", steps, "--plan", saved, "-o", "Z0", "-q", 5).exit_code == 0


@pytest.mark.parametrize("found", [True, False])
def test_a_saved_plan_is_refused_where_it_is_too_wide(found: bool, saved: Path, steps: Path) -> None:
    plan = cutq.CutPlan.from_json(saved.read_text())
    if not found:
        saved.write_text(cutq.CutPlan(plan.cuts, plan.order).to_json())
    result = call("run", steps, "--plan", saved, "-o", "Z0", "-q", 3)
    assert result.exit_code == 2
    assert f"has a fragment of {max(plan.widths)} qubits, more than --max-qubits 3" in result.stderr


def test_a_saved_plan_counts_the_qubits_that_it_uses_again(chain: Path, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    plan = data("plan", chain, "-q", 2, "--reuse", "--save", file)["plan"]
    assert max(plan["widths"]) > 2 >= max(plan["price"]["reused_widths"])
    assert call("run", chain, "--plan", file, "-o", "Z0", "-q", 2, "--check").exit_code == 0


def test_a_plan_of_another_circuit_is_refused(saved: Path, steps: Path, tmp_path: Path) -> None:
    circuit = cutq.load(steps)
    cutq.dump(cutq.Circuit(9, circuit.operations), tmp_path / "other.qasm")
    result = call("run", tmp_path / "other.qasm", "--plan", saved, "-o", "Z0")
    assert result.exit_code == 2
    assert "was found for another circuit" in result.stderr


def test_a_plan_made_by_hand_is_used_too(chain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forbid_search(monkeypatch)
    (tmp_path / "plan.json").write_text(cutq.CutPlan((cutq.GateCut((1,)),)).to_json())
    found = data("run", chain, "--plan", tmp_path / "plan.json", "-o", "Z3", "--check")
    assert found["plan"] == {"cuts": [{"kind": "gate", "ops": [1]}], "order": None, "observables": []}
    assert found["results"][0]["value"] == pytest.approx(1)
    assert "cuts (1)" in call("run", chain, "--plan", tmp_path / "plan.json", "-o", "Z3").stdout


def test_a_saved_plan_is_the_plan(saved: Path, steps: Path) -> None:
    plan = cutq.CutPlan.from_json(saved.read_text())
    assert plan == cutq.find_cuts(cutq.load(steps), 5)
    assert plan.proven_optimal


def test_progress_is_one_line_that_is_wiped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cutq.cli.progress.INTERVAL", 0.0)
    terminal = Terminal()
    with progress_line(10.0, terminal) as listener:
        assert listener is not None
        listener(Progress("annealing", 1.0, 5.0, 50.0, 35.0))
        listener(Progress("a stage with a name of more letters than there are columns " * 3, 1.0, 5.0))
    before, first, second, after = terminal.getvalue().split(WIPE)
    assert first == "annealing: 0.0 of 10 s, cost 50, bound 35"
    assert len(second) == 79
    assert before == after == ""
    assert "\n" not in terminal.getvalue()


def test_progress_is_wiped_after_an_error() -> None:
    terminal = Terminal()
    with pytest.raises(cutq.PlanError), progress_line(10.0, terminal):
        raise cutq.PlanError("no plan")
    assert terminal.getvalue() == WIPE


def test_progress_goes_to_terminals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    with progress_line(10.0, io.StringIO()) as listener:
        assert listener is None
    monkeypatch.setenv("TERM", "dumb")
    with progress_line(10.0, Terminal()) as listener:
        assert listener is None


def test_an_interrupted_search_prints_the_best_plan_so_far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.cost < float("inf"):
            raise KeyboardInterrupt

    @contextmanager
    def line(_: float) -> Iterator[Listener]:
        yield interrupt

    monkeypatch.setattr("cutq.cli.asked.progress_line", line)
    cutq.dump(dense(12, 40, 0), tmp_path / "dense.qasm")
    result = call("plan", tmp_path / "dense.qasm", "-q", 6, "--time-limit", 600)
    assert result.exit_code == 0
    (row,) = [line for line in result.stdout.splitlines() if line.startswith("search")]
    assert row.endswith("interrupted")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_the_program_shows_progress_on_a_terminal(tmp_path: Path) -> None:
    cutq.dump(dense(14, 50, 0), tmp_path / "dense.qasm")
    ours, theirs = os.openpty()
    words = [sys.executable, "-m", "cutq", "plan", tmp_path / "dense.qasm", "-q", "6", "--time-limit", "1", "--json"]
    result = subprocess.run(words, stdout=subprocess.PIPE, stderr=theirs, text=True, check=True)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert " of 1 s, " in shown
    assert shown.endswith(WIPE)
    assert json.loads(result.stdout)["plan"]["objective"] == "circuits"
