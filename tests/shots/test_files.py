"""Devices that are reached by file: what goes through a folder is what a runner gives, and nothing wrong does."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import cutq
from cutq import (
    Circuit,
    CountsError,
    CutPlan,
    CutqError,
    Estimate,
    Job,
    Operation,
    PlanError,
    ShotsError,
    SimulatedRunner,
    WireCut,
    own_frame,
    param,
    split,
)
from cutq.errors import ParameterError
from cutq.network.frames import FRAMES, Frame
from cutq.network.network import Network
from cutq.shots.allocation import pilot_shares
from cutq.shots.files import export_jobs, import_counts
from cutq.shots.jobfolder import README_NAME
from cutq.shots.manifest import ID, Manifest, read_manifest
from cutq.shots.measure import Effort, Record, estimate_of
from cutq.shots.recipe import read_recipe, recipe_of
from cutq.shots.strict import Entry
from tests.shots.devices import NETWORKS, layered, op
from tests.strategies import PARAMETERS, circuits, haar, ladders, plans
from tests.zoo import line, tfim, u3_layer

TILTED = (
    own_frame("tilted in", "in", [(f"state {k}", haar(1, 20 + k)[0]) for k in range(5)]),
    own_frame("tilted\nout", "out", [(f"basis\n{k}", haar(1, 30 + k)) for k in range(4)]),
)
VALUES = [0.4, -1.1]


def shared() -> Network:
    """A wire and a gate cut, and two parameters, one in an angle of the gate."""
    s, t = param("s"), param("enc.t")
    ops = (
        Operation("ry", (0,), (2 * s - t + 0.1,)),
        op("h", 1),
        Operation("rzz", (0, 1), (s,)),
        Operation("crx", (1, 2), (t,)),
        Operation("unitary", (2, 3), matrix=haar(2, 3)),
        Operation("ry", (3,), (t,)),
    )
    circuit = u3_layer(Circuit(4, ops, global_phase=s))
    return split(circuit, CutPlan((WireCut(1, 2), cutq.GateCut((3,)))))


def reduced() -> Network:
    """A plan with an order of its own, good for one observable."""
    circuit = u3_layer(tfim(6, 2))
    network = split(circuit, cutq.find_cuts(circuit, 3, observables=["Z0 Z5"]))
    assert network.order is not None
    return network


CASES: dict[str, tuple[Network, list[str], list[float], Any]] = {
    "parameters": (shared(), ["Z3", "0.5*X0 Z1 - 1e-05*Y2 + 2"], VALUES, None),
    "own frame": (shared(), ["Z3", "X0"], VALUES, (*TILTED, "lean")),
    "reduced": (reduced(), ["Z0 Z5"], [], "six"),
    "star": (NETWORKS["star"], ["Z0 X1 Y2"], [], None),
    "what reads nothing is not run": (NETWORKS["iswap"], ["Z0"], [], None),
    "uncut": (split(u3_layer(line(3, 1)), CutPlan.uncut()), ["Z0", "X1 X2"], [], None),
}


class Recording:
    """A simulated runner that remembers its counts by the ids of the jobs."""

    def __init__(self) -> None:
        self.counts: dict[str, dict[str, int]] = {}

    def run(self, jobs: list[Job]) -> list[Any]:
        found = SimulatedRunner().run(jobs)
        for job, counts in zip(jobs, found, strict=True):
            self.counts[f"f{job.variant.position}-{job.variant.key}"] = counts.as_dict()
        return found


def fill(folder: Path, manifest: str, counts: Mapping[str, Any], name: str = "all", **more: Any) -> Path:
    file = folder / "counts" / f"{name}.json"
    file.write_text(json.dumps({"manifest": manifest, "counts": counts, **more}))
    return file


def simulated(manifest: Manifest, seed: int = 0) -> dict[str, dict[str, int]]:
    """Counts for what a folder asks for."""
    variants = [v for one in manifest.recipe.experiment().tomographies for v in one.variants if v.num_bits]
    jobs = [Job(v, job.shots, seed + k) for k, (v, job) in enumerate(zip(variants, manifest.jobs, strict=True))]
    found = SimulatedRunner().run(jobs)
    files = zip(manifest.jobs, found, strict=True)
    return {job.id: counts.as_dict() for job, counts in files if job.file is not None}


def assert_same(one: Estimate, two: Estimate) -> None:
    """To the last bit."""
    assert one.to_json() == two.to_json()


@pytest.fixture
def exported(tmp_path: Path) -> tuple[Path, Manifest, dict[str, dict[str, int]]]:
    """A folder without counts, its manifest, and counts for it."""
    network, observables, values, _ = CASES["parameters"]
    manifest = export_jobs(network, observables, tmp_path / "jobs", values, shots=20_000)
    return tmp_path / "jobs", manifest, simulated(manifest)


@pytest.mark.parametrize("case", CASES)
def test_files_give_what_a_runner_gives(case: str, tmp_path: Path) -> None:
    network, observables, values, frames = CASES[case]
    runner = Recording()
    direct = cutq.estimate(
        network, observables, values, runner=runner, shots=30_000, frames=frames, allocation="uniform", seed=5
    )
    manifest = export_jobs(network, observables, tmp_path / "jobs", values, shots=30_000, frames=frames, seed=5)
    files = {job.id for job in manifest.jobs if job.file is not None}
    assert files == {job.id for job in manifest.jobs} == set(runner.counts)
    assert {file.stem for file in (tmp_path / "jobs/circuits").iterdir()} == files
    fill(tmp_path / "jobs", manifest.hash, {id_: runner.counts[id_] for id_ in files})
    assert_same(import_counts(tmp_path / "jobs"), direct)


def test_counts_come_in_parts_in_any_order(exported: tuple, tmp_path: Path) -> None:
    folder, manifest, counts = exported
    rng = np.random.default_rng(0)
    parts: list[dict[str, dict[str, int]]] = [{}, {}, {}]
    for id_ in reversed(counts):
        for bits, number in counts[id_].items():
            for part, share in zip(parts, rng.multinomial(number, [0.5, 0.3, 0.2]).tolist(), strict=True):
                part.setdefault(id_, {})[bits] = share
    # The last part is written as Qiskit writes, its bits apart.
    parts[2] = {id_: {" ".join(bits[::-1]): n for bits, n in own.items()} for id_, own in parts[2].items()}
    fill(folder, manifest.hash, parts[0], "z")
    fill(folder, manifest.hash, parts[1], "a")
    with pytest.raises(CountsError, match="missing or not complete"):
        import_counts(folder)
    fill(folder, manifest.hash, parts[2], "m", order="qiskit")
    in_parts = import_counts(folder)
    for file in (folder / "counts").iterdir():
        file.unlink()
    fill(folder, manifest.hash, counts)
    assert_same(import_counts(folder), in_parts)


def test_missing_counts_are_named_and_nothing_is_lost(exported: tuple) -> None:
    folder, manifest, counts = exported
    first, second, *others = counts
    half = {bits: number // 2 for bits, number in counts[second].items()}
    fill(folder, manifest.hash, {id_: counts[id_] for id_ in others}, "monday")
    fill(folder, manifest.hash, {second: half}, "tuesday")
    lacking = sum(counts[second].values()) - sum(half.values())
    with pytest.raises(CountsError) as caught:
        import_counts(folder)
    message = str(caught.value)
    assert f"2 of {len(counts)} circuits" in message
    assert f"{first} ({sum(counts[first].values())} shots)" in message
    assert f"{second} ({lacking} shots)" in message
    assert {manifest.jobs[k].id for k in caught.value.counts} == set(others)
    k = next(k for k, job in enumerate(manifest.jobs) if job.id == others[0])
    assert caught.value.counts[k].as_dict() == counts[others[0]]
    rest = {bits: number - half[bits] for bits, number in counts[second].items()}
    fill(folder, manifest.hash, {first: counts[first], second: rest}, "friday")
    assert import_counts(folder).shots == 20_000


BAD: dict[str, tuple[Callable[[str, dict, str], dict], str]] = {
    "another manifest": (lambda _, counts, __: {"manifest": "0" * 32, "counts": counts}, f"{'0' * 32}.*HASH"),
    "unknown id": (
        lambda h, c, _: {"manifest": h, "counts": {**c, "f0-0123456789abcdef": {"0": 1}}},
        "no job 'f0-0123",
    ),
    "path for an id": (lambda h, _, __: {"manifest": h, "counts": {"../../x": {"0": 1}}}, r"no job '\.\./"),
    "short": (lambda h, _, i: {"manifest": h, "counts": {i: {"": 1}}}, "ID: a shot is [1-9] bits of 0 and 1, got ''"),
    "letters": (lambda h, _, i: {"manifest": h, "counts": {i: {"0x1": 1}}}, "bits of 0 and 1, got '0x1'"),
    "negative": (
        lambda h, c, i: {"manifest": h, "counts": {i: dict.fromkeys(c[i], -1)}},
        "whole number from 0, got -1",
    ),
    "quasi": (lambda h, c, i: {"manifest": h, "counts": {i: dict.fromkeys(c[i], 0.5)}}, "whole number from 0, got 0.5"),
    "float": (lambda h, c, i: {"manifest": h, "counts": {i: dict.fromkeys(c[i], 3.0)}}, "whole number from 0, got 3.0"),
    "truth": (
        lambda h, c, i: {"manifest": h, "counts": {i: dict.fromkeys(c[i], True)}},
        "whole number from 0, got True",
    ),
    "text": (lambda h, c, i: {"manifest": h, "counts": {i: dict.fromkeys(c[i], "3")}}, "whole number from 0, got '3'"),
    "list": (lambda h, c, i: {"manifest": h, "counts": {i: list(c[i])}}, "'ID' is an object"),
    "all in a list": (lambda h, c, _: {"manifest": h, "counts": [c]}, "'counts' is an object"),
    "unknown key": (lambda h, c, _: {"manifest": h, "counts": c, "Order": "qiskit"}, "the key 'Order' is not known"),
    "unknown order": (lambda h, c, _: {"manifest": h, "counts": c, "order": "Qiskit"}, "'order' is 'qiskit'"),
    "no manifest": (lambda _, counts, __: {"counts": counts}, "no key 'manifest'"),
    "too many": (lambda h, c, i: {"manifest": h, "counts": {i: dict.fromkeys(c[i], 10**6)}}, "ID has .* counts"),
}


@pytest.mark.parametrize("case", BAD)
def test_wrong_counts_are_refused(case: str, exported: tuple) -> None:
    folder, manifest, counts = exported
    id_ = next(iter(counts))
    make, message = BAD[case]
    file = folder / "counts" / "bad.json"
    file.write_text(json.dumps(make(manifest.hash, counts, id_)))
    with pytest.raises(CountsError, match=message.replace("HASH", manifest.hash).replace("ID", id_)) as caught:
        import_counts(folder)
    assert str(file) in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"manifest": "a", "manifest": "b"}', "the key 'manifest' comes twice"),
        ('{"manifest": "a", "counts": {"x": NaN}}', "NaN is no number of JSON"),
        ("[1]", "one JSON object, got"),
        ("{", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        ("\xff", "cannot be read"),
    ],
)
def test_files_that_are_no_counts(text: str, message: str, exported: tuple) -> None:
    folder, _, _ = exported
    (folder / "counts" / "bad.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(CountsError, match=message):
        import_counts(folder)


def test_a_file_that_is_there_twice(exported: tuple) -> None:
    folder, manifest, counts = exported
    shutil.copy(fill(folder, manifest.hash, counts), folder / "counts" / "copy.json")
    with pytest.raises(CountsError, match=r"copy\.json.*is a file there twice"):
        import_counts(folder)


def change(folder: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    data = json.loads((folder / "manifest.json").read_text())
    edit(data)
    (folder / "manifest.json").write_text(json.dumps(data))


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda data: data["jobs"][0].update(shots=1), "it was changed since it was written"),
        (lambda data: data["experiment"]["params"].update(s=0.5), "it was changed since it was written"),
        (lambda data: data["experiment"]["params"].update(s="0.5"), "params: 's' is a finite number"),
        (lambda data: data["experiment"]["frames"].append("nine"), "'nine' is no frame"),
        (lambda data: data["experiment"]["plan"].update(version=9), "a plan is a JSON object"),
        (lambda data: data["experiment"].update(circuit=3), r"manifest\.json: experiment: 'circuit' is a text, got 3"),
        (lambda data: data.update(pilot={"manifest": "", "counts": {}}), "counts for each of the"),
        (lambda data: data["jobs"][0].update(id="../../etc/passwd"), "'id' is a fragment and a hash"),
        (lambda data: data["jobs"][0].update(file="/etc/passwd"), "'file' is 'circuits/f0-"),
        (lambda data: data["jobs"].append(data["jobs"][0]), "jobs of different ids"),
        (lambda data: data.update(version=2), "version 1, got 'cutq jobs' and 2"),
        (lambda data: data.update(allocation="best"), "'allocation' is one of"),
        (lambda data: data.pop("pilot"), "no key 'pilot'"),
        (lambda data: data.update(seed=-1), "'seed' is a whole number from 0, got -1"),
    ],
)
def test_a_changed_manifest_is_refused(edit: Callable, message: str, exported: tuple) -> None:
    folder, _, _ = exported
    change(folder, edit)
    with pytest.raises(CountsError, match=message) as caught:
        import_counts(folder)
    assert "manifest.json" in str(caught.value)


def test_a_folder_without_manifest(tmp_path: Path) -> None:
    with pytest.raises(CountsError, match=r"has no manifest\.json"):
        import_counts(tmp_path)


def test_circuits_of_another_version_are_refused(exported: tuple, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, manifest, counts = exported
    fill(folder, manifest.hash, counts)
    monkeypatch.setitem(FRAMES, "sic", FRAMES["six"])
    with pytest.raises(CountsError, match="read its counts with the version that wrote it"):
        import_counts(folder)


def test_two_rounds_share_by_the_first_and_pool_both(tmp_path: Path) -> None:
    network, observables, values, _ = CASES["parameters"]
    first = export_jobs(network, observables, tmp_path / "one", values, shots=3_000)
    with pytest.raises(CountsError, match="missing"):
        export_jobs(network, observables, tmp_path / "two", values, shots=9_000, pilot=tmp_path / "one")
    assert not (tmp_path / "two").exists()
    before = simulated(first)
    fill(tmp_path / "one", first.hash, before)
    second = export_jobs(network, observables, tmp_path / "two", values, shots=9_000, pilot=tmp_path / "one", seed=3)
    after = simulated(second, seed=1000)
    fill(tmp_path / "two", second.hash, after)
    # What is in the first folder is in the second as well.
    shutil.rmtree(tmp_path / "one")
    found = import_counts(tmp_path / "two")

    asked = first.recipe.experiment()
    record = Record(asked)
    record.run(Replay(before), [np.array(own) for own in shots_of(first)], 0)
    shares = np.concatenate(pilot_shares(asked, record.data, np.ones(2)))
    so_far, more = (np.concatenate(shots_of(manifest)) for manifest in (first, second))
    assert (so_far.sum(), more.sum()) == (3_000, 9_000)
    left_out = shares * 12_000 < so_far
    assert np.all(more[left_out] == 0)
    np.testing.assert_allclose(more[~left_out], (shares * 12_000 - so_far)[~left_out], rtol=0.2, atol=1.5)
    record.run(Replay(after), [np.array(own) for own in shots_of(second)], 0)
    assert_same(found, estimate_of(asked, record.data, Effort(12_000, None, "pilot", 3)))
    assert (found.shots, found.num_circuits) == (12_000, len(first.jobs))
    third = export_jobs(network, observables, tmp_path / "three", values, shots=100, pilot=tmp_path / "two")
    fill(tmp_path / "three", third.hash, simulated(third, seed=2000))
    assert import_counts(tmp_path / "three").shots == 12_100


def shots_of(manifest: Manifest) -> list[list[int]]:
    shots = [job.shots for job in manifest.jobs]
    ends = np.cumsum([one.num_variants for one in manifest.recipe.experiment().tomographies])
    return [own.tolist() for own in np.split(np.array(shots), ends[:-1])]


class Replay:
    """A runner that has its counts already."""

    def __init__(self, counts: Mapping[str, dict[str, int]]) -> None:
        self.counts = counts

    def run(self, jobs: list[Job]) -> list[dict[str, int]]:
        return [self.counts[f"f{job.variant.position}-{job.variant.key}"] for job in jobs]


def test_a_pilot_of_another_experiment_is_refused(exported: tuple, tmp_path: Path) -> None:
    folder, manifest, counts = exported
    fill(folder, manifest.hash, counts)
    network, observables, values, _ = CASES["parameters"]
    others: list[tuple[Network, list[str], list[float], Any]] = [
        (network, observables, [0.4, -1.2], None),
        (network, observables[:1], values, None),
        (network, observables, values, "six"),
        (split(cutq.merge(network), CutPlan((cutq.GateCut((3,)),))), observables, values, None),
    ]
    for other, asked, at, frames in others:
        own = recipe_of(other, asked, at, frames).hash
        with pytest.raises(CountsError, match=f"no pilot of this experiment.*{manifest.recipe.hash}.*{own}"):
            export_jobs(other, asked, tmp_path / "two", at, shots=20_000, frames=frames, pilot=folder)


@pytest.mark.parametrize(("frames", "name"), [(None, "plain"), ((*TILTED, "lean"), "own"), ("ancilla", "ancilla")])
def test_the_circuits_run_in_qiskit(frames: Any, name: str, tmp_path: Path) -> None:
    aer = pytest.importorskip("qiskit_aer")
    from qiskit import qasm3, transpile

    network = split(layered(3, op("cx", 0, 1), op("iswap", 1, 2)), CutPlan((cutq.GateCut((3,)), WireCut(1, 4))))
    observables = ["Z0 Z1", "X2 Y0"]
    manifest = export_jobs(network, observables, tmp_path / name, shots=60_000, frames=frames)
    simulator = aer.AerSimulator(seed_simulator=11)
    files = [job for job in manifest.jobs if job.file is not None]
    loaded = [qasm3.loads((tmp_path / name / str(job.file)).read_text()) for job in files]
    run = simulator.run(transpile(loaded, simulator), shots=max(job.shots for job in files)).result()
    for k, job in enumerate(files):
        text = (tmp_path / name / str(job.file)).read_text()
        assert text.startswith(f"// id {job.id}\n// shots {job.shots}\n// manifest {manifest.hash}\n// fragment")
        counts = run.get_counts(k)
        surplus = sum(counts.values()) - job.shots
        counts[max(counts, key=counts.get)] -= surplus  # at most one shot, so that all can be run at once
        fill(tmp_path / name, manifest.hash, {job.id: counts}, f"{k}", order="qiskit")
    found = import_counts(tmp_path / name)
    exact = cutq.expectations(network, observables)
    assert np.all(np.abs(found.values - exact) < 5 * found.stderr)
    assert np.all(found.stderr < 0.1)


def test_a_folder_says_what_to_do(exported: tuple) -> None:
    folder, manifest, _ = exported
    text = (folder / README_NAME).read_text()
    for part in (manifest.hash, "circuits/", "counts/", "qiskit", f"{manifest.num_circuits} circuits", "20000"):
        assert part in text
    assert read_manifest(folder).hash == manifest.hash
    assert str(manifest) == f"{manifest.num_circuits} circuits, 20000 shots, manifest {manifest.hash}"
    assert all(ID.fullmatch(job.id) for job in manifest.jobs)


def test_what_is_known_needs_no_counts(tmp_path: Path) -> None:
    bell = Circuit(2, (op("h", 0), op("cx", 0, 1)))
    network = split(bell, CutPlan.from_partition(bell, "AB"))
    assert export_jobs(network, "Z0 Z1", tmp_path / "jobs", shots=100).jobs == ()
    found = import_counts(tmp_path / "jobs")
    assert found.values == pytest.approx([1.0])
    assert (found.stderr.tolist(), found.shots, found.num_circuits) == ([0.0], 0, 0)


def test_efforts_that_cannot_be_made(exported: tuple, tmp_path: Path) -> None:
    folder, manifest, counts = exported
    fill(folder, manifest.hash, counts)
    network, observables, values, _ = CASES["parameters"]

    def refused(error: type[Exception], message: str, **how: Any) -> None:
        with pytest.raises(error, match=message):
            export_jobs(network, observables, tmp_path / "no", values, **{"shots": 1000, **how})
        assert not (tmp_path / "no").exists()

    refused(ShotsError, "fewer than the .* circuits", shots=3)
    refused(ParameterError, "shots is a whole number", shots=2.5)
    refused(ParameterError, "seed is a whole number", seed=-1)
    refused(ShotsError, "max_circuits=2", max_circuits=2)
    refused(ShotsError, "21000 shots .* max_shots=20500", max_shots=20_500, pilot=folder)
    refused(ShotsError, "name it with pilot", allocation="pilot")
    refused(ShotsError, "takes no pilot", allocation="coefficient", pilot=folder)
    refused(ShotsError, "allocation is one of", allocation="fair")
    assert export_jobs(network, observables, tmp_path / "c", values, shots=900, allocation="coefficient").shots == 900


def test_only_new_or_empty_folders_are_written(tmp_path: Path) -> None:
    network, observables, values, _ = CASES["parameters"]
    (tmp_path / "file").write_text("mine")
    for folder in (tmp_path, tmp_path / "file"):
        with pytest.raises(CutqError, match="new or empty folder"):
            export_jobs(network, observables, folder, values, shots=1000)
    with pytest.raises(CutqError, match="cannot write"):
        export_jobs(network, observables, tmp_path / "file" / "below", values, shots=1000)
    assert (tmp_path / "file").read_text() == "mine"
    (tmp_path / "new").mkdir()
    export_jobs(network, observables, tmp_path / "new", values, shots=1000)


def test_a_circuit_that_cannot_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network, observables, values, _ = CASES["parameters"]
    monkeypatch.setattr("cutq.shots.jobfolder.qiskit_text", lambda _: (_ for _ in ()).throw(cutq.QasmError("no")))
    with pytest.raises(cutq.QasmError):
        export_jobs(network, observables, tmp_path / "jobs", values, shots=1000)
    assert list((tmp_path / "jobs").iterdir()) == []


def test_frames_that_cannot_be_written(tmp_path: Path) -> None:
    network, observables, values, _ = CASES["parameters"]
    again = own_frame("again", "out", [(name, haar(1, k)) for name, k in zip("abcc", (1, 2, 3, 3), strict=True)])
    depending = Frame("depending", "in", lambda place: FRAMES["six"].rows(place)[: 4 + place.leg])
    for frame, message in (
        (Frame("own", "gate", FRAMES["lean"].rows), "cannot be written"),
        (Frame("six", "in", FRAMES["std4"].rows), "under other names"),
        (Frame("joint", "in", FRAMES["std4"].rows, joint=True), "cannot be written"),
        (Frame("few", "out", lambda place: FRAMES["pauli"].rows(place)[:2]), "reach 3 of the 4"),
        (again, "a row twice"),
    ):
        with pytest.raises(PlanError, match=message):
            export_jobs(network, observables, tmp_path / "jobs", values, shots=10_000, frames=frame)
    two = split(layered(3, op("cx", 0, 1), op("cx", 1, 2)), CutPlan((WireCut(1, 3), WireCut(0, 0), WireCut(2, 2))))
    with pytest.raises(PlanError, match="other rows at other places"):
        export_jobs(two, "Z0", tmp_path / "jobs", shots=10_000, frames=depending)


@settings(max_examples=25)
@given(st.data())
def test_recipes_make_the_same_networks_and_hashes(data: st.DataObject) -> None:
    circuit = data.draw(circuits(PARAMETERS) | ladders(("s",)))
    try:
        network = split(circuit, data.draw(plans(circuit)))
    except PlanError:
        assume(False)
    values = np.linspace(-1, 1, len(circuit.parameters))
    recipe = recipe_of(network, "0.1*Z0 - 1e-20*X0", values, TILTED)
    text = json.dumps(recipe.data())
    again = read_recipe(Entry("text", json.loads(text)))
    assert again.hash == recipe.hash
    assert again.network == network
    assert json.dumps(again.data()) == text


def test_a_network_that_no_plan_makes(tmp_path: Path) -> None:
    network, observables, values, _ = CASES["parameters"]
    other = Network(**{**vars_of(network), "fragments": network.fragments[::-1]})
    with pytest.raises(PlanError, match="do not make it of its merged circuit"):
        export_jobs(other, observables, tmp_path / "jobs", values, shots=1000)


def vars_of(network: Network) -> dict[str, Any]:
    return {name: getattr(network, name) for name in network.__dataclass_fields__}


def test_nothing_is_pickled_and_ids_are_names(exported: tuple) -> None:
    folder, manifest, _ = exported
    assert {file.suffix for file in folder.rglob("*") if file.is_file()} == {".json", ".txt", ".qasm"}
    assert all(re.fullmatch(r"circuits/f\d+-[0-9a-f]{16}\.qasm", str(job.file)) for job in manifest.jobs)
