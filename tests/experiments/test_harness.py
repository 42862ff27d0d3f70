"""The harness: each task once, interruptions, other versions, missing packages, medians."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from experiments import harness
from experiments.harness import Experiment, ExperimentError, append, digest, main, median, needed, read, run


@dataclass(frozen=True)
class Task:
    size: int
    seed: int = 0


@dataclass(frozen=True)
class Record:
    root: float
    note: str | None = None


@dataclass
class Bench:
    """Measures square roots, and is interrupted before so many."""

    stop: int = 10**9
    done: list[int] = field(default_factory=list)

    def __call__(self, task: Task) -> Record:
        if len(self.done) == self.stop:
            raise KeyboardInterrupt
        self.done.append(task.size)
        return Record(task.size**0.5)


def experiment(bench: Bench, version: int = 1) -> Experiment:
    sizes = {"quick": 3, "medium": 5, "full": 8}
    return Experiment(
        "roots", version, Task, Record, lambda mode: map(Task, range(sizes[mode])), bench,
        lambda results, into: (into / "roots.txt").write_text(str(len(read(results)))), dict.fromkeys(sizes, "help"),
    )  # fmt: skip


def test_every_row_says_what_made_it(tmp_path: Path) -> None:
    one = experiment(Bench())
    run(one, "quick", tmp_path / "results.csv", lambda line: None)
    rows = read(tmp_path / "results.csv")
    assert tuple(rows[0]) == one.columns
    for size, row in enumerate(rows):
        assert row["id"] == digest(one, Task(size))
        assert (row["format"], row["mode"], row["size"], row["seed"]) == ("roots 1", "quick", str(size), "0")
        assert float(row["root"]) == pytest.approx(size**0.5, rel=1e-5)
        assert not row["note"]
        assert row["numpy"] == np.__version__
        assert all(row[name] for name in ("started", "cutq", "numba", "python", "cpu"))


def test_rows_say_the_versions_of_other_packages(tmp_path: Path) -> None:
    one = replace(experiment(Bench()), packages=("scipy", "no-such-package"))
    run(one, "quick", tmp_path / "results.csv", lambda line: None)
    for row in read(tmp_path / "results.csv"):
        assert row["scipy"] == metadata.version("scipy")
        assert row["no-such-package"] == ""


def test_a_digest_is_of_settings_and_version() -> None:
    one = experiment(Bench())
    assert digest(one, Task(1)) == digest(one, Task(1))
    others = {digest(one, Task(2)), digest(one, Task(1, seed=1)), digest(experiment(Bench(), 2), Task(1))}
    assert len(others | {digest(one, Task(1))}) == 4


def test_goes_on_after_an_interruption(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = Bench(stop=2)
    assert main(experiment(first), tmp_path, ["--medium"]) == harness.INTERRUPTED
    assert "goes on where it stopped" in capsys.readouterr().err
    before = (tmp_path / "results.csv").read_bytes()
    second = Bench()
    assert main(experiment(second), tmp_path, ["--medium"]) == 0
    assert first.done + second.done == [0, 1, 2, 3, 4]
    assert (tmp_path / "results.csv").read_bytes().startswith(before)
    assert (tmp_path / "roots.txt").read_text() == "5"
    again = Bench()
    assert main(experiment(again), tmp_path, []) == 0
    assert not again.done


def test_larger_modes_measure_what_is_new(tmp_path: Path) -> None:
    bench = Bench()
    for mode in ("medium", "full"):
        main(experiment(bench), tmp_path, [f"--{mode}"])
    assert bench.done == list(range(8))


def test_a_line_that_was_cut_off_is_measured_again(tmp_path: Path) -> None:
    path, bench = tmp_path / "results.csv", Bench()
    run(experiment(bench), "quick", path, lambda line: None)
    whole = path.read_bytes()
    for length in (1, 20):
        path.write_bytes(whole[:-length])
        assert len(read(path)) == 2
        run(experiment(bench), "quick", path, lambda line: None)
        assert [row["size"] for row in read(path)] == ["0", "1", "2"]
    assert bench.done == [0, 1, 2, 2, 2]


def test_quick_results_stay_apart(tmp_path: Path) -> None:
    assert main(experiment(Bench()), tmp_path, ["--quick"]) == 0
    assert not (tmp_path / "results.csv").exists()
    assert len(read(tmp_path / "quick" / "results.csv")) == 3
    assert (tmp_path / "quick" / ".gitignore").read_text() == "*\n"
    assert main(experiment(Bench()), tmp_path, ["--quick", "--into", str(tmp_path / "there")]) == 0
    assert len(read(tmp_path / "there" / "results.csv")) == 3


def test_another_version_of_the_experiment_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(experiment(Bench()), tmp_path, [])
    bench = Bench()
    assert main(experiment(bench, version=2), tmp_path, []) == harness.BAD_INPUT
    told = capsys.readouterr().err
    assert "'roots 1'" in told
    assert "'roots 2'" in told
    assert "--into" in told
    assert not bench.done


def test_another_version_of_cutq_is_refused(tmp_path: Path) -> None:
    path, one = tmp_path / "results.csv", experiment(Bench())
    run(one, "quick", path, lambda line: None)
    own = read(path)[0]["cutq"]
    path.write_text(path.read_text().replace(f",{own},", ",9.9,"))
    with pytest.raises(ExperimentError, match=rf"cutq '9\.9' and this is '{own}'"):
        run(one, "medium", path, lambda line: None)


def test_other_files_are_refused(tmp_path: Path) -> None:
    path, one = tmp_path / "results.csv", experiment(Bench())
    path.write_text("a,b\n1,2\n")
    with pytest.raises(ExperimentError, match="no column format"):
        run(one, "quick", path)
    path.unlink()
    run(one, "quick", path, lambda line: None)
    row = read(path)[0] | {"more": "1"}
    path.unlink()
    append(path, list(row), row)
    with pytest.raises(ExperimentError, match="more"):
        run(one, "quick", path)


def test_a_column_has_one_meaning() -> None:
    with pytest.raises(ExperimentError, match="size"):
        replace(experiment(Bench()), record=Task)


def test_a_missing_package_names_its_command() -> None:
    assert needed("json", "experiments").dumps([]) == "[]"
    with pytest.raises(ExperimentError, match=r"no_such_package is missing.*pip install -e '\.\[experiments\]'"):
        needed("no_such_package", "experiments")


def test_modes_exclude_each_other(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(experiment(Bench()), tmp_path, ["--quick", "--full"])


@pytest.mark.parametrize("n", [6, 9, 15, 40])
def test_intervals_of_medians_cover(n: int) -> None:
    draws = np.random.default_rng(0).exponential(size=(2000, n))
    found = [median(row.tolist()) for row in draws]
    covered = np.mean([one.low <= np.log(2) <= one.high for one in found])
    assert 0.94 <= covered <= 0.985
    assert all(one.low <= one.value <= one.high for one in found)


def test_few_samples_have_their_extremes() -> None:
    assert median([3.0]) == harness.Median(3.0, 3.0, 3.0)
    assert median([3.0, 1.0, 2.0]) == harness.Median(2.0, 1.0, 3.0)
