"""What runners may return, what experiments may cost, and what is said where either is wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from qiskit.primitives import StatevectorSampler

from cutq import (
    Circuit,
    Counts,
    CountsError,
    CutPlan,
    CutqError,
    GateCut,
    Job,
    Network,
    Operation,
    PlanError,
    ShotsError,
    SimulatedRunner,
    TooLargeError,
    WireCut,
    estimate,
    estimate_gradient,
    estimate_probabilities,
    estimate_samples,
    expectation,
    own_frame,
    param,
    split,
)
from cutq.shots.allocation import ALLOCATIONS
from cutq.shots.jobs import run_jobs
from cutq.shots.observables import observable_experiment
from tests.shots.devices import NETWORKS, across, layered, op
from tests.strategies import haar

NETWORK = across(op("cx", 0, 1))
CIRCUITS = observable_experiment(NETWORK, "Z0 Z1", None, None).num_circuits


class Altered:
    """Simulates, and alters the results."""

    def __init__(self, alter: Callable[[list[Any]], object]) -> None:
        self.alter, self.jobs = alter, list[Job]()

    def run(self, jobs: Sequence[Job]) -> Any:
        self.jobs = list(jobs)
        return self.alter([counts.as_dict() for counts in SimulatedRunner().run(jobs)])


class Never:
    """Must not be asked."""

    def run(self, jobs: Sequence[Job]) -> list[Counts]:
        raise AssertionError(f"{len(jobs)} circuits were run")


def third(change: Callable[[dict[str, int]], object]) -> Callable[[list[Any]], object]:
    """Change the third result, and only that."""
    return lambda results: [*results[:2], change(results[2]), *results[3:]]


def scaled(counts: Mapping[str, int], factor: float) -> dict[str, float]:
    return {text: factor * number for text, number in counts.items()}


def negative(counts: dict[str, int]) -> dict[str, int]:
    first, *rest = counts.items()
    return {first[0]: -1, "1" * len(first[0]) if first[0][0] == "0" else "0" * len(first[0]): first[1] + 1} | dict(rest)


BAD: dict[str, tuple[Callable[[dict[str, int]], object], str]] = {
    "a bit too many": (lambda own: {"0" + text: n for text, n in own.items()}, "bits of 0 and 1"),
    "a bit too few": (lambda own: {text[1:]: n for text, n in own.items()}, "bits of 0 and 1"),
    "no bits": (lambda own: {"x" * len(text): n for text, n in own.items()}, "bits of 0 and 1"),
    "integers for bit strings": (lambda own: {int(text, 2) + 16: n for text, n in own.items()}, "bits of 0 and 1"),
    "a negative number": (negative, "0 or more, got -1"),
    "half a count": (lambda own: scaled(own, 0.5), "whole numbers"),
    "floats": (lambda own: scaled(own, 1.0), "whole numbers"),
    "a quasi-distribution": (lambda own: scaled(own, 1 / sum(own.values())), "quasi-distribution"),
    "truth": (lambda own: dict.fromkeys(own, True), "whole numbers"),
    "a shot too many": (lambda own: own | {min(own): own[min(own)] + 1}, "its counts sum to"),
    "half the shots": (lambda own: {text: n // 2 for text, n in own.items()}, "its counts sum to"),
    "nothing": (lambda own: {}, "its counts sum to 0"),
    "no mapping": (list, "mappings from bit strings to counts"),
    "none": (lambda own: None, "mappings from bit strings to counts"),
    "an array of another width": (
        lambda own: Counts(np.zeros((1, 9), dtype=np.uint8), np.array([sum(own.values())])),
        "array of shape",
    ),
    "an array of other numbers": (
        lambda own: Counts(np.full((1, len(next(iter(own)))), 2, dtype=np.uint8), np.array([sum(own.values())])),
        "of 0 and 1",
    ),
    "an array of floats": (
        lambda own: Counts(
            np.zeros((2, len(next(iter(own)))), dtype=np.uint8), np.array([0.5, sum(own.values()) - 0.5])
        ),
        "whole numbers",
    ),
    "more numbers than outcomes": (
        lambda own: Counts(np.zeros((1, len(next(iter(own)))), dtype=np.uint8), np.array([1, sum(own.values()) - 1])),
        "array of shape",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_counts_that_no_device_returns_are_refused_by_the_name_of_their_circuit(name: str) -> None:
    change, why = BAD[name]
    runner = Altered(third(change))
    with pytest.raises(CountsError, match=why) as caught:
        estimate(NETWORK, "Z0 Z1", runner=runner, shots=100 * CIRCUITS)
    assert str(runner.jobs[2].variant) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert set(caught.value.counts) == set(range(CIRCUITS)) - {2}
    for k, counts in caught.value.counts.items():
        assert counts.shots == runner.jobs[k].shots


def test_missing_results_are_named_and_the_others_kept() -> None:
    runner = Altered(lambda results: results[:-2])
    with pytest.raises(CountsError, match=f"{CIRCUITS - 2} came back for {CIRCUITS}") as caught:
        estimate(NETWORK, "Z0 Z1", runner=runner, shots=100 * CIRCUITS)
    assert str(runner.jobs[-2].variant) in str(caught.value)
    assert set(caught.value.counts) == set(range(CIRCUITS - 2))


def test_results_for_nobody_are_refused() -> None:
    runner = Altered(lambda results: [*results, results[0]])
    with pytest.raises(CountsError, match=f"{CIRCUITS + 1} came back for {CIRCUITS}") as caught:
        estimate(NETWORK, "Z0 Z1", runner=runner, shots=100 * CIRCUITS)
    assert len(caught.value.counts) == CIRCUITS


def test_no_results_at_all_are_refused() -> None:
    with pytest.raises(CountsError):
        estimate(NETWORK, "Z0 Z1", runner=Altered(lambda results: None), shots=100 * CIRCUITS)


def test_a_runner_that_fails_is_named_with_its_circuit_and_cause() -> None:
    def fail(results: list[Any]) -> object:
        raise ConnectionError("the queue is closed")

    runner = Altered(fail)
    with pytest.raises(CountsError, match=r"Altered failed.*ConnectionError: the queue is closed") as caught:
        estimate(NETWORK, "Z0 Z1", runner=runner, shots=100 * CIRCUITS)
    assert str(runner.jobs[0].variant) in str(caught.value)
    assert isinstance(caught.value.__cause__, ConnectionError)
    assert caught.value.counts == {}


def test_what_a_runner_kept_is_kept() -> None:
    kept = Counts.of({"0": 1})

    def stop(results: list[Any]) -> object:
        raise CountsError("half of it", {3: kept})

    with pytest.raises(CountsError, match="half of it") as caught:
        estimate(NETWORK, "Z0 Z1", runner=Altered(stop), shots=100 * CIRCUITS)
    assert caught.value.counts == {3: kept}


class Mine:
    """A runner of one's own: Qiskit's circuits in, dictionaries out."""

    def run(self, jobs: Sequence[Job]) -> list[dict[str, int]]:
        return [self.counts(job) for job in jobs]

    def counts(self, job: Job) -> dict[str, int]:
        result = StatevectorSampler(seed=job.seed % 2**32).run([job.circuit], shots=job.shots).result()
        return {text[::-1]: number for text, number in result[0].join_data().get_counts().items()}


def test_a_runner_of_ten_lines_works() -> None:
    """Qiskit's state vectors have no measurement in the middle, which wires do without."""
    network = split(layered(2, op("cx", 0, 1), op("ry", 1, params=(0.7,))), CutPlan((WireCut(0, 0), WireCut(1, 2))))
    found = estimate(network, ["Z0 Z1", "X0"], runner=Mine(), shots=40_000)
    exact = [expectation(network, name) for name in found.names]
    assert np.all(np.abs(found.values - exact) < 5 * found.stderr)
    assert np.all((found.stderr > 0) & (found.stderr < 0.05))


def test_bit_strings_may_have_spaces_between_registers() -> None:
    spaced = Altered(lambda results: [{" ".join(text): n for text, n in own.items()} for own in results])
    plain = Altered(lambda results: results)
    found, same = (estimate(NETWORK, "Z0 Z1", runner=runner, shots=5_000) for runner in (spaced, plain))
    assert found.values == same.values


def test_counts_are_dictionaries_and_back() -> None:
    counts = {"010": 3, "111": 4}
    assert Counts.of(counts).as_dict() == counts
    assert Counts.of(counts).shots == 7
    assert Counts.of({"": 5}).as_dict() == {"": 5}


def test_no_jobs_ask_no_runner() -> None:
    assert run_jobs(Never(), []) == []


# Costs


@pytest.mark.parametrize("allocation", ALLOCATIONS)
def test_fewer_shots_than_circuits_are_refused_with_the_least(allocation: str) -> None:
    with pytest.raises(ShotsError, match=f"{CIRCUITS - 1} shots are fewer than the {CIRCUITS} circuits.*{CIRCUITS}"):
        estimate(NETWORK, "Z0 Z1", runner=Never(), shots=CIRCUITS - 1, allocation=allocation)
    found = estimate(NETWORK, "Z0 Z1", runner=SimulatedRunner(), shots=CIRCUITS, allocation=allocation)
    assert found.shots == CIRCUITS
    assert found.method["variance"] == "first order"


def test_budgets_are_kept_before_anything_is_run() -> None:
    with pytest.raises(ShotsError, match=f"takes {CIRCUITS} circuits, but max_circuits={CIRCUITS - 1}"):
        estimate(NETWORK, "Z0 Z1", runner=Never(), shots=10_000, max_circuits=CIRCUITS - 1)
    with pytest.raises(ShotsError, match="10000 shots were asked for, but max_shots=9999"):
        estimate(NETWORK, "Z0 Z1", runner=Never(), shots=10_000, max_shots=9_999)
    with pytest.raises(ShotsError, match="max_shots"):
        estimate(NETWORK, "Z0 Z1", runner=Never(), target_error=0.1, max_shots=10)
    with pytest.raises(ShotsError, match="max_circuits"):
        estimate_samples(NETWORK, 5, runner=Never(), shots=10_000, max_circuits=3)
    with pytest.raises(ShotsError, match="max_circuits"):
        estimate_probabilities(NETWORK, [0, 1], runner=Never(), shots=10_000, max_circuits=3)
    found = estimate(NETWORK, "Z0 Z1", runner=SimulatedRunner(), shots=9_999, max_circuits=CIRCUITS, max_shots=9_999)
    assert found.shots == 9_999


EFFORTS: dict[str, dict[str, Any]] = {
    "neither": {},
    "both": {"shots": 1000, "target_error": 0.1},
    "no error": {"target_error": 0.0},
    "a negative error": {"target_error": -0.1},
    "an endless error": {"target_error": math.inf},
    "no number": {"target_error": math.nan},
    "half a shot": {"shots": 1000.5},
    "a float of shots": {"shots": 1e4},
    "no shots": {"shots": 0},
    "negative shots": {"shots": -5},
    "true": {"shots": True},
    "an unknown allocation": {"shots": 1000, "allocation": "best"},
    "an unknown frame": {"shots": 1000, "frames": "seven"},
    "an unknown frame among some": {"shots": 1000, "frames": ("six", "seven")},
    "two frames of a kind": {"shots": 1000, "frames": ("six", "std4")},
    "a number for a frame": {"shots": 1000, "frames": (3,)},
}


TURNED = split(layered(2, op("rx", 0, params=(param("t"),)), op("cx", 0, 1)), CutPlan((GateCut((3,)),)))

ESTIMATES: dict[str, Callable[..., object]] = {
    "values": lambda **effort: estimate(NETWORK, "Z0 Z1", **effort),
    "gradient": lambda **effort: estimate_gradient(TURNED, "Z0 Z1", [0.3], **effort),
    "probabilities": lambda **effort: estimate_probabilities(NETWORK, [0, 1], **effort),
}


@pytest.mark.parametrize("name", EFFORTS)
@pytest.mark.parametrize("what", ESTIMATES)
def test_mistakes_are_named_before_anything_is_run(name: str, what: str) -> None:
    with pytest.raises(CutqError) as caught:
        ESTIMATES[what](runner=Never(), **EFFORTS[name])
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("target", [0.03, 0.01])
@pytest.mark.parametrize("name", ["cx", "wires", "iswap"])
def test_a_target_error_is_reached_and_not_much_more(name: str, target: float) -> None:
    found = estimate(NETWORKS[name], "Z0 Z1", runner=SimulatedRunner(seed=1), target_error=target)
    assert 0.9 * target <= found.stderr[0] <= 1.01 * target
    assert abs(found.values[0] - expectation(NETWORKS[name], "Z0 Z1")) < 5 * target


def test_the_largest_of_several_errors_is_the_target() -> None:
    found = estimate(NETWORK, ["Z0 Z1", "3*X0 X1", "Z0"], runner=SimulatedRunner(), target_error=0.03)
    assert 0.027 <= found.stderr.max() <= 0.0303


def test_an_easy_target_takes_the_pilot_alone() -> None:
    found = estimate(NETWORK, "Z0 Z1", runner=SimulatedRunner(), target_error=10.0)
    assert found.shots == 100 * CIRCUITS


def test_a_target_beyond_the_budget_is_refused_with_what_it_would_take() -> None:
    with pytest.raises(ShotsError, match=r"takes about [0-9]+ shots, but max_shots=5000"):
        estimate(NETWORK, "Z0 Z1", runner=SimulatedRunner(), target_error=1e-4, max_shots=5_000)


# Frames


def test_an_own_frame_gives_the_same_value() -> None:
    states = own_frame("five states", "in", [(f"{k}", haar(1, k)[0]) for k in range(5)])
    bases = own_frame("four bases", "out", [(f"{k}", haar(1, 10 + k)) for k in range(4)])
    network = NETWORKS["wires"]
    plain = observable_experiment(network, "Z0 X1", None, None).num_circuits
    found = estimate(network, "Z0 X1", runner=SimulatedRunner(), shots=200_000, frames=(states, bases))
    assert found.num_circuits > plain
    assert abs(found.values[0] - expectation(network, "Z0 X1")) < 5 * found.stderr[0]


FRAMES: dict[str, tuple[str, list[tuple[str, Any]]]] = {
    "three states": ("in", [("0", [1, 0]), ("1", [0, 1]), ("+", [0.6, 0.8])]),
    "states of one plane": ("in", [(f"{a}", [np.cos(a), np.sin(a)]) for a in range(6)]),
    "one basis": ("out", [("z", np.eye(2))]),
    "two bases": ("out", [("z", np.eye(2)), ("x", [[0.6, 0.8], [0.8, -0.6]])]),
    "a state that is too long": ("in", [("0", [1, 1])]),
    "a basis that is none": ("out", [("z", [[1, 0], [0.6, 0.8]])]),
    "a state for a basis": ("out", [("z", [1, 0])]),
    "a basis for a state": ("in", [("z", np.eye(2))]),
    "a state of two qubits": ("in", [("00", [1, 0, 0, 0])]),
    "a frame for gates": ("gate", [("z", np.eye(2))]),
    "no kind": ("wire", [("z", np.eye(2))]),
    "no rows": ("in", []),
}


@pytest.mark.parametrize("name", FRAMES)
def test_own_frames_that_do_not_do_are_refused(name: str) -> None:
    with pytest.raises(PlanError) as caught:
        own_frame(name, *FRAMES[name])
    assert len(str(caught.value).splitlines()) == 1


# Sizes


def star_of_wires(legs: int) -> Network:
    """A fragment into which so many wires run."""
    turns = [op("u3", q, params=(0.4 + q, 0.3, 0.2)) for q in range(legs)]
    gates = [op("cx", q, q + 1) for q in range(legs - 1)]
    return split(Circuit(legs, (*turns, *gates)), CutPlan(tuple(WireCut(q, q) for q in range(legs))))


def test_fragments_with_too_many_legs_are_refused_before_anything_is_run() -> None:
    assert observable_experiment(star_of_wires(5), "Z0 Z4", None, None).num_circuits > 0
    with pytest.raises(TooLargeError, match=r"fragment [0-9]+ has 6 legs.*4096 entries"):
        estimate(star_of_wires(6), "Z0 Z5", runner=Never(), shots=10**9)
    with pytest.raises(TooLargeError, match="6 legs"):
        estimate_samples(star_of_wires(6), 10, runner=Never(), shots=10**9)


def test_a_distribution_of_many_qubits_is_refused() -> None:
    network = split(Circuit(11, tuple(op("h", q) for q in range(11))), CutPlan.uncut())
    with pytest.raises(TooLargeError, match="estimate_samples"):
        estimate_probabilities(network, range(11), runner=Never(), shots=10**6)


def test_equal_seeds_give_equal_estimates_and_others_do_not() -> None:
    first, same, other = (
        estimate(NETWORK, ["Z0 Z1"], runner=SimulatedRunner(), shots=5_000, seed=seed) for seed in (3, 3, 4)
    )
    assert first.to_json() == same.to_json()
    assert first.values != other.values


def test_angles_of_a_network_are_asked_for() -> None:
    circuit = Circuit(2, (Operation("rx", (0,), (param("t"),)), op("cx", 0, 1)))
    network = split(circuit, CutPlan.from_partition(circuit, "AB"))
    for params in (None, [0.1, 0.2], [np.nan], [[0.1]]):
        with pytest.raises(CutqError):
            estimate(network, "Z0", params, runner=Never(), shots=1_000)
