"""Bad input of all that estimates: each a CutqError of one line, before anything is run, and none taken in silence."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qiskit.primitives import StatevectorSampler

import cutq
from cutq import (
    Circuit,
    Counts,
    CountsError,
    CutPlan,
    CutqError,
    Estimate,
    Job,
    ObservableError,
    Operation,
    ParameterError,
    PlanError,
    ShotsError,
    SimulatedRunner,
    TooLargeError,
    param,
    split,
)
from cutq.circuits.checks import shown
from cutq.exact.settings import Settings


class Never:
    """Fails as soon as anything is run, and so does its repr, as that of many an object of users."""

    def run(self, jobs: Sequence[Job]) -> list[Counts]:
        raise AssertionError(f"{len(jobs)} circuits were run")

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


class Returns:
    """Returns the same for each job."""

    def __init__(self, result: object) -> None:
        self.result = result

    def run(self, jobs: Sequence[Job]) -> list[Any]:
        return [self.result for _ in jobs]


CIRCUIT = Circuit(2, (Operation("ry", (0,), (param("t"),)), Operation("cx", (0, 1))))
NETWORK = split(CIRCUIT, CutPlan.from_partition(CIRCUIT, "AB"))
FRAGMENT = NETWORK.fragments[0]
STATES = [("0", [1, 0]), ("1", [0, 1]), ("+", [0.6, 0.8]), ("r", [0.6, 0.8j])]
FOUND = Estimate(("Z0",), np.array([0.5]), np.array([[0.01]]), 100, 4, np.array([[0.01]]))

HUGE, LONG = 10**400, "x" * 5000
Values = tuple[Any, ...]

OBJECTS: Values = (object(), Never(), int, len)
TEXTS: Values = ("", "a", LONG, "a\nb", b"ab")
HOLDERS: Values = (
    [], [1], ["a"], {}, {"a": 1}, (), (1, 2), set(), np.array([1, 2]), np.array(["a"]), np.eye(3),
)  # fmt: skip
NO_TEXTS: Values = (True, 1.5, -1, HUGE, 10**5000, math.nan, 1j, b"ab", np.eye(2), *OBJECTS)
NO_LISTS: Values = (True, 3, 1.5, HUGE, math.inf, np.array(1), *OBJECTS)
NO_NUMBERS: Values = (*TEXTS, *HOLDERS, 1j, *OBJECTS, True, np.True_)
NO_REALS: Values = (*NO_NUMBERS, math.nan, math.inf, -math.inf, -1, 0, HUGE, -(10**5000), 1e300, 1e-300)
NO_WHOLES: Values = (
    *NO_NUMBERS, math.nan, math.inf, 1.5, 1.0, Fraction(1, 2), np.float32(2), -1, -(10**5000), 10**5000,
)  # fmt: skip
NO_TRUTHS: Values = (None, 0, 1, 0.0, "True", *TEXTS, *HOLDERS, *OBJECTS)
NO_NETWORKS: Values = (CIRCUIT, FRAGMENT, None, "circuit.qasm", 3, *OBJECTS)
NO_RUNNERS: Values = (None, SimulatedRunner, "aer", 3, [], {"run": 1}, len, True)
NO_OBSERVABLES: Values = (
    *NO_LISTS, None, "", "a", LONG, [3], ["a"], [None], [["Z0"]], [b"Z0"], {"Z0": 2.0}, "Z9", np.eye(2),
)  # fmt: skip
NO_QUBITS: Values = (3, 1.5, HUGE, None, len, "ab", [], ["a"], [1.5], [None], [2], [-1], [0, 0], np.array(1))
NO_FRAMES: Values = (
    *NO_LISTS, False, 0, "", "a", LONG, [3], [None], {"six": 1}, {"six"}, np.array(["six"]), ["six", "sic"],
)  # fmt: skip
NO_VALUES: Values = (
    None, "a", LONG, [], ["a"], {"t": 0.3}, [0.3, 0.4], [[0.3]], [math.nan], [math.inf], [1j], [HUGE], 0.3,
    [[1], [1, 2]],
)  # fmt: skip
NO_FOLDERS: Values = (None, True, 3, 1.5, b"ab", [], {}, "\0", "\ud800", *OBJECTS)
NO_METHODS: Values = (None, *NO_TEXTS, "guess", LONG, ["tabulated"], np.array(["sampled", "locc"]))

ASKED: dict[str, Any] = {"network": NETWORK, "params": [0.3], "runner": Never(), "shots": 1000}

SAMPLED: dict[str, Values] = {
    "network": NO_NETWORKS,
    "params": NO_VALUES,
    "runner": NO_RUNNERS,
    "shots": (*NO_WHOLES, None, 2**53 + 1, 10**30, HUGE),
    "seed": (*NO_WHOLES, None),
}
DRAWN = {**SAMPLED, "frames": NO_FRAMES, "max_circuits": NO_WHOLES}
MEASURED = {
    **DRAWN,
    "allocation": (None, *NO_TEXTS, "best", LONG, [], ["pilot"]),
    "max_shots": NO_WHOLES,
    "target_error": (1.0,),
}
PROJECTED = {**SAMPLED, "frames": NO_FRAMES, "resamples": (*NO_WHOLES, None, 1)}

NAMES: Values = (None, *NO_TEXTS)
ROWS: Values = (
    None, *NO_LISTS, "ab", b"ab", [],
    *([one] for one in (3, None, "0", ("0",), ("0", 1, 2), (3, [1, 0]), (None, [1, 0]), (10**5000, [1, 0]))),
)  # fmt: skip
NO_BASES: Values = (
    *NO_LISTS, "Z", [], ["Z"], {9: "Z"}, {-1: "Z"}, {"0": "Z"}, {None: "Z"}, {0: "W"}, {0: 3}, {0: ["Z"]}, {0: None},
)  # fmt: skip
NO_PREPARATIONS: Values = (
    *NO_LISTS, "0", [], {9: "0"}, {-1: "0"}, {"0": "0"}, {0: "0"}, {True: "0"}, {0.0: "0"}, {HUGE: "0"},
)  # fmt: skip
NO_LETTERS: Values = (
    *NO_LISTS, "0", [], {9: (0,)}, {"a": (0,)}, {0: 1}, {0: None}, {0: (2,)}, {0: (-1,)}, {0: ("a",)}, {0: (True,)},
    {0: (HUGE,)},
)  # fmt: skip
NO_MAPPINGS: Values = (
    *NO_LISTS, None, "t", [0.3], {}, {"s": 0.3}, {"t": "a"}, {"t": None}, {"t": math.nan}, {"t": 1j}, {"t": HUGE},
)  # fmt: skip
NO_COUNTS: Values = (
    None, *NO_LISTS, *TEXTS, [], ["01"], {"0x": 3}, {"01": -3}, {"01": 1.5}, {"01": 2.0}, {"01": True}, {"01": None},
    {"01": "3"}, {"01": HUGE}, {"01": 2**53, "10": 1}, {"0": 1, "01": 1}, {1: 3}, {None: 3}, {10**5000: 3}, {b"01": 3},
    {"²": 3}, {LONG: 3}, {"0": 10**5000}, {"0": -(10**5000)}, {"0": Never()},
)  # fmt: skip
NO_ENTRIES: tuple[tuple[str, Any], ...] = (
    ("names", "a"), ("names", []), ("names", None), ("values", 0.5), ("values", ["a"]), ("values", [[1], [1, 2]]),
    ("covariance", [1.0, 2.0]), ("covariance", None), ("shots", -1), ("shots", 1.5), ("shots", math.inf),
    ("num_circuits", None), ("num_circuits", True), ("contributions", 3), ("contributions", [[None, "a"]]),
    ("method", None), ("method", []), ("cautious", [1.0, 2.0]), ("cautious", "a"),
)  # fmt: skip
NO_ESTIMATES: Values = (
    None, *NO_LISTS, *TEXTS, "[]", "3", "{}", '{"format": 2}', '{"format": 1}', "[" * 100_000, "NaN",
    *(json.dumps({**json.loads(FOUND.to_json()), name: value}) for name, value in NO_ENTRIES),
)  # fmt: skip

Case = tuple[Callable[..., object], dict[str, Any], Mapping[str, Values]]

FUNCTIONS: dict[str, Case] = {
    "estimate": (
        cutq.estimate,
        {**ASKED, "observables": ["Z1"]},
        {
            **MEASURED,
            "observables": NO_OBSERVABLES,
            "method": NO_METHODS,
            "adaptive": NO_TRUTHS,
            "share": NO_TRUTHS,
        },
    ),
    "estimate for an error": (
        cutq.estimate,
        {**ASKED, "observables": ["Z1"], "shots": None},
        {"target_error": (*NO_REALS, None)},
    ),
    "estimate through samples": (
        cutq.estimate,
        {**ASKED, "observables": ["Z1"], "method": "sampled"},
        {
            **MEASURED,
            "observables": NO_OBSERVABLES,
            "frames": (*NO_FRAMES, "six"),
            "max_shots": (*NO_WHOLES, 999),
            "adaptive": (True, *NO_TRUTHS),
            "share": (True, *NO_TRUTHS),
        },
    ),
    "estimate_probabilities": (
        cutq.estimate_probabilities,
        {**ASKED, "qubits": [0]},
        {**MEASURED, "qubits": NO_QUBITS},
    ),
    "estimate_samples": (
        cutq.estimate_samples,
        {**ASKED, "num_samples": 10},
        {**DRAWN, "num_samples": (*NO_WHOLES, None, 10**12, HUGE)},
    ),
    "estimate_gradient": (
        cutq.estimate_gradient,
        {**ASKED, "observable": "Z1"},
        {**MEASURED, "observable": (*NO_OBSERVABLES, ["Z0"]), "method": (*NO_METHODS, "sampled")},
    ),
    "sampled_estimate": (
        cutq.sampled_estimate,
        {**ASKED, "observables": ["Z1"]},
        {
            **SAMPLED,
            **dict.fromkeys(("communication", "ancilla", "midway", "pooled"), NO_TRUTHS),
            "shots": (*SAMPLED["shots"], 10**13),
            "max_circuits": NO_WHOLES,
            "observables": NO_OBSERVABLES,
            "wires": (None, *NO_TEXTS, "bell", ["sic"], {}),
        },
    ),
    "estimate_mlft": (
        cutq.estimate_mlft,
        {**ASKED, "observables": ["Z1"]},
        {**PROJECTED, "observables": (*NO_OBSERVABLES, [])},
    ),
    "estimate_mlft_probabilities": (
        cutq.estimate_mlft_probabilities,
        {**ASKED, "qubits": [0]},
        {**PROJECTED, "qubits": NO_QUBITS},
    ),
    "variants": (
        cutq.variants,
        {"network": NETWORK, "observables": ["Z1"], "params": [0.3]},
        {"network": NO_NETWORKS, "observables": NO_OBSERVABLES, "params": NO_VALUES, "frames": NO_FRAMES},
    ),
    "price": (
        cutq.price,
        {"network": NETWORK, "observables": ["Z1"]},
        {
            "network": NO_NETWORKS,
            "observables": tuple(own for own in NO_OBSERVABLES if own is not None),
            "params": NO_VALUES[1:],
            "frames": NO_FRAMES,
            "shots": NO_REALS,
            "target_error": NO_REALS,
            "shot_rate": (*NO_REALS, None),
            "gradient": NO_TRUTHS,
            "max_circuits": NO_WHOLES,
            "max_shots": NO_WHOLES,
        },
    ),
    "price without observables": (
        cutq.price,
        {"network": NETWORK},
        {"network": NO_NETWORKS, "target_error": NO_REALS, "max_shots": NO_WHOLES, "gradient": NO_TRUTHS},
    ),
    "SimulatedRunner": (
        SimulatedRunner,
        {},
        {
            "seed": (*NO_WHOLES, None),
            "readout_error": (*NO_NUMBERS, None, math.nan, -0.1, 1.1, HUGE, [0.1, 0.2], (0.1, "a"), (0.1, None)),
        },
    ),
    "SamplerRunner": (
        cutq.SamplerRunner,
        {"sampler": StatevectorSampler()},
        {
            "sampler": (*NO_RUNNERS, StatevectorSampler),
            "pass_manager": NO_RUNNERS[1:],
            "max_qubits": (*NO_WHOLES, 0),
            "mid_circuit": NO_TRUTHS,
        },
    ),
    "own_frame": (
        cutq.own_frame,
        {"name": "mine", "kind": "in", "rows": STATES},
        {"name": NAMES, "kind": (*NAMES, "gate", "", [], ["in"]), "rows": ROWS},
    ),
    "Frame": (
        cutq.Frame,
        {"name": "mine", "kind": "in", "rows": list},
        {"name": NAMES, "kind": (*NAMES, "wire", ["in"]), "rows": (None, [], "ab", 3)},
    ),
    "fragment_circuit": (
        cutq.fragment_circuit,
        {"fragment": FRAGMENT, "values": {"t": 0.3}},
        {
            "fragment": (NETWORK, CIRCUIT, None, 0, *OBJECTS),
            "bases": NO_BASES,
            "preparations": NO_PREPARATIONS,
            "letters": NO_LETTERS,
            "values": NO_MAPPINGS,
        },
    ),
    "import_counts": (cutq.import_counts, {}, {"folder": (*NO_FOLDERS, LONG, "there is none", "a\nb")}),
    "Counts": (
        Counts,
        {"bits": np.zeros((1, 1), dtype=np.uint8), "numbers": np.ones(1, dtype=np.int64)},
        {
            "bits": (None, 3, "01", [[0]], np.zeros(1), np.zeros((1, 1, 1)), np.array([["a"]]), *OBJECTS),
            "numbers": (None, 3, "01", [1], np.ones((1, 1)), np.array(["a"]), np.array([None]), *OBJECTS),
        },
    ),
    "Counts.of": (Counts.of, {}, {"counts": NO_COUNTS}),
    "Estimate.interval": (FOUND.interval, {}, {"level": (*NO_REALS, None, 1, 1.0, 2.5, 1 - 1e-16)}),
    "Estimate.from_json": (Estimate.from_json, {}, {"text": NO_ESTIMATES}),
    "sample": (
        cutq.sample,
        {"network": NETWORK, "shots": 1, "params": [0.3], "seed": 0},
        {"network": NO_NETWORKS, "shots": (*NO_WHOLES, 0), "seed": (*NO_WHOLES, None)},
    ),
    "probabilities": (
        cutq.probabilities,
        {"network": NETWORK, "qubits": [0], "params": [0.3]},
        {"network": NO_NETWORKS, "qubits": NO_QUBITS[:6]},
    ),
    "amplitude": (cutq.amplitude, {"network": NETWORK, "bits": "00", "params": [0.3]}, {"network": NO_NETWORKS}),
    "heavy_outputs": (
        cutq.heavy_outputs,
        {"network": NETWORK, "count": 1, "params": [0.3]},
        {"network": NO_NETWORKS, "count": (*NO_WHOLES, 0), "max_nodes": (*NO_WHOLES, 0)},
    ),
    "Settings": (
        Settings,
        {},
        {
            **dict.fromkeys(("engine", "dtype"), (*NAMES, "a", LONG, [], np.array(["numba", "numpy"]))),
            "threads": (*NO_WHOLES[:-1], 0),
            "max_bytes": (*NO_NUMBERS, None, math.nan, 0, -1, -(10**5000)),
        },
    ),
}


def refused(function: Callable[..., object], arguments: Mapping[str, Any]) -> None:
    """It raises a CutqError of one line that is not long."""
    with pytest.raises(CutqError) as caught:
        function(**arguments)
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("name", "argument"), [(name, argument) for name, (*_, bad) in FUNCTIONS.items() for argument in bad]
)
def test_bad_arguments_are_refused_before_anything_is_run(name: str, argument: str) -> None:
    function, arguments, bad = FUNCTIONS[name]
    for value in bad[argument]:
        refused(function, {**arguments, argument: value})


EXPORT: dict[str, Values] = {
    **{name: DRAWN[name] for name in ("network", "params", "frames", "shots", "seed", "max_circuits")},
    "observables": NO_OBSERVABLES,
    "folder": (*NO_FOLDERS, LONG),
    "allocation": (*NAMES, "pilot", "best", LONG, ["uniform"]),
    "pilot": (*NO_FOLDERS[1:], LONG, "there is none"),
    "max_shots": NO_WHOLES,
}


@pytest.mark.parametrize("argument", EXPORT)
def test_nothing_is_written_for_bad_arguments(argument: str, tmp_path: Path) -> None:
    arguments = {"network": NETWORK, "observables": ["Z1"], "params": [0.3], "folder": tmp_path / "jobs", "shots": 1000}
    for value in EXPORT[argument]:
        refused(cutq.export_jobs, {**arguments, argument: value})
    assert not list(tmp_path.iterdir())


def test_a_frame_whose_name_no_file_can_hold_leaves_nothing(tmp_path: Path) -> None:
    wire = split(Circuit(1, (Operation("h", (0,)), Operation("ry", (0,), (0.3,)))), CutPlan((cutq.WireCut(0, 0),)))
    odd = cutq.own_frame("\ud800", "in", [("\ud800" + name, states) for name, states in STATES])
    refused(cutq.export_jobs, {"network": wire, "observables": "X0", "folder": tmp_path, "shots": 1000, "frames": odd})
    assert not list(tmp_path.iterdir())


NO_STATES: Values = (
    None, "ab", "1", ["1", "0"], [], [1], [1, 1], [1, math.nan], [math.inf, 0], [1e308, 1e308], [1, "a"], [[1], [1, 2]],
    [HUGE, 0], {}, 3, np.zeros((2, 3, 4)), [0] * 5000, *OBJECTS,
)  # fmt: skip


@pytest.mark.parametrize("states", NO_STATES, ids=range(len(NO_STATES)))
def test_rows_that_are_no_states_are_refused(states: object) -> None:
    for kind in ("in", "out"):
        refused(cutq.own_frame, {"name": "mine", "kind": kind, "rows": [*STATES, ("bad", states)]})


RESULTS: Values = (
    *NO_LISTS, *TEXTS, {"0": HUGE}, {"0": -HUGE}, {"0": None}, {"0": "3"}, {None: 3}, {10**5000: 3}, {b"0": 3},
    Counts(np.zeros((1, 1)), np.array([3])), Counts(np.zeros((1, 1), dtype=np.uint8), np.array([3.0])),
)  # fmt: skip


def test_results_that_are_no_counts_are_refused() -> None:
    for result in RESULTS:
        arguments = {"network": NETWORK, "observables": "Z1", "params": [0.3], "shots": 1000}
        refused(cutq.estimate, {**arguments, "runner": Returns(result)})


def test_what_is_no_device_of_pennylane_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cutq.shots.pennylane._pennylane", lambda: None)  # takes seconds to load
    for device in (None, "default.qubit", 3, SimulatedRunner(), *OBJECTS):
        refused(cutq.PennyLaneRunner, {"device": device})


KINDS: dict[str, tuple[type[CutqError], Callable[..., object], dict[str, Any]]] = {
    "a circuit": (PlanError, cutq.estimate_samples, {**ASKED, "network": CIRCUIT, "num_samples": 1}),
    "a frame": (PlanError, cutq.estimate, {**ASKED, "observables": "Z0", "frames": 3}),
    "no observable": (ObservableError, cutq.estimate, {**ASKED, "observables": 3}),
    "a seed": (ParameterError, SimulatedRunner, {"seed": -1}),
    "a runner's class": (ParameterError, cutq.estimate, {**ASKED, "observables": "Z0", "runner": SimulatedRunner}),
    "a budget": (ParameterError, cutq.estimate, {**ASKED, "observables": "Z0", "max_shots": math.nan}),
    "an error": (ShotsError, cutq.estimate, {**ASKED, "observables": "Z0", "shots": None, "target_error": "a"}),
    "a method": (ShotsError, cutq.estimate, {**ASKED, "observables": "Z0", "method": 3}),
    "negative counts": (CountsError, Counts.of, {"counts": {"01": -3}}),
    "samples beyond memory": (TooLargeError, cutq.estimate_samples, {**ASKED, "num_samples": 10**12}),
}


@pytest.mark.parametrize("name", KINDS)
def test_errors_are_of_their_kind(name: str) -> None:
    kind, function, arguments = KINDS[name]
    with pytest.raises(kind):
        function(**arguments)


def test_a_target_error_beyond_all_shots_is_refused_after_the_pilot() -> None:
    arguments = {"network": NETWORK, "observables": "Z1", "params": [0.3], "runner": SimulatedRunner()}
    for target in (1e-9, 1e-150):
        with pytest.raises(ShotsError, match=r"takes about .{1,30} shots, but the most there can be are 90071992547"):
            cutq.estimate(**arguments, target_error=target)


# What is good is taken.


def test_numbers_of_numpy_are_numbers_and_can_be_written() -> None:
    found = cutq.estimate(
        NETWORK, "Z1", np.array([0.3]), runner=SimulatedRunner(np.int64(1), readout_error=np.float32(0)),
        shots=np.int64(1000), seed=np.uint8(3), max_shots=np.int32(1000), share=np.False_,
    )  # fmt: skip
    plain = cutq.estimate(NETWORK, "Z1", [0.3], runner=SimulatedRunner(1), shots=1000, seed=3, share=False)
    assert found.to_json() == plain.to_json()
    drawn = cutq.sampled_estimate(
        NETWORK, "Z1", [0.3], runner=SimulatedRunner(), shots=np.int64(100), seed=np.int64(3), pooled=np.True_
    )
    assert Estimate.from_json(drawn.to_json()).method["seed"] == 3


def test_qubits_may_be_iterated_once() -> None:
    for function in (cutq.estimate_probabilities, cutq.estimate_mlft_probabilities):
        found = function(NETWORK, iter([0, 1]), [0.3], runner=SimulatedRunner(), shots=1000)
        values = found.values if isinstance(found, Estimate) else found.projected
        assert values.shape == (2, 2)


def test_weights_beyond_floats_have_a_price() -> None:
    (tabulated, _) = cutq.price(NETWORK, "1e300*Z1").ways
    assert tabulated.shots == math.inf
    assert all(way.stderr == 0 for way in cutq.price(NETWORK, "1e-300*Z1").ways)


def test_values_are_shown_on_one_short_line() -> None:
    assert shown("a\nb") == r"'a\nb'"
    assert shown(np.eye(2)) == "array([[1., 0.], [0., 1.]])"
    assert shown(10**5000) == "an object of type int"
    assert shown(Never()) == "an object of type Never"
    assert len(shown("x" * 1000)) == 63
