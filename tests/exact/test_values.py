"""Expectation values: weighted sums, parameters, closed forms, errors before work."""

from __future__ import annotations

import math

import pytest

from cutq import (
    Circuit,
    CutPlan,
    Observable,
    ObservableError,
    Operation,
    ParameterError,
    TooLargeError,
    expectation,
    expectations,
    param,
    split,
)
from cutq.exact import values
from cutq.exact.compile import compile
from tests import oracle
from tests.zoo import ZOO, line, star


def test_a_rotation_has_the_cosine_of_its_angle() -> None:
    circuit = Circuit(1, (Operation("rx", (0,), (2 * param("t"),)),))
    network = split(circuit, CutPlan.uncut())
    for t in (0.0, 0.4, 3.0):
        assert expectation(network, "Z0", [t]) == pytest.approx(math.cos(2 * t), abs=1e-15)
        assert expectation(network, "Y0", [t]) == pytest.approx(-math.sin(2 * t), abs=1e-15)


def test_ghz_correlations_across_wire_cuts() -> None:
    circuit = star(6)
    network = split(circuit, CutPlan.from_partition(circuit, "AAABBB"))
    assert expectations(network, ["Z0 Z5", "Z2", "X0 X1 X2 X3 X4 X5"]) == pytest.approx([1, 0, 1], abs=1e-14)


def test_weighted_sums_are_linear() -> None:
    circuit = line(5, 2)
    network = split(circuit, CutPlan.from_partition(circuit, "AABBB"))
    whole = expectation(network, "0.5*X1 - 1.2*Z0 Z2 + 3")
    x, zz = expectations(network, ["X1", "Z0 Z2"])
    assert whole == pytest.approx(0.5 * x - 1.2 * zz + 3, abs=1e-12)
    assert expectation(network, "Z0 - Z0") == 0.0


def test_shared_and_affine_parameters() -> None:
    circuit = ZOO["shared"]
    named = {"s": 0.4, "t": -1.1}
    network = split(circuit, CutPlan.from_partition(circuit, "ABCD"))
    for text in ("Z3", "X0 Y1", "Z0 Z1 Z2 Z3"):
        expected = oracle.value(circuit, Observable(text), named)
        assert expectation(network, text, circuit.values(named)) == pytest.approx(expected, abs=1e-13)


def test_nothing_to_measure_and_nothing_to_run() -> None:
    network = split(ZOO["empty"], CutPlan.uncut())
    assert expectation(network, "2.5") == 2.5
    assert expectations(network, []).shape == (0,)


@pytest.mark.parametrize(
    ("what", "params", "error", "message"),
    [
        ("Z9", [0.1, 0.2], ObservableError, "qubit 9"),
        ("Q0", [0.1, 0.2], ObservableError, "'Q0'"),
        (3, [0.1, 0.2], ObservableError, "written as text"),
        ("Z0", None, ParameterError, "2 parameter values"),
        ("Z0", [0.1], ParameterError, r"shape \(1,\)"),
        ("Z0", [0.1, math.nan], ParameterError, "t = nan"),
        ("Z0", [[0.1, 0.2]], ParameterError, r"shape \(1, 2\)"),
        ("Z0", ["a", "b"], ParameterError, "real numbers"),
        ("Z0", {"s": 0.1, "t": 0.2}, ParameterError, "circuit.values"),
    ],
)
def test_bad_input_is_refused_before_any_work(
    what: object, params: object, error: type, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(values, "_once", lambda *_: pytest.fail("work was done"))
    with pytest.raises(error, match=message):
        expectation(split(ZOO["shared"], CutPlan.uncut()), what, params)


def test_what_does_not_fit_is_refused_before_any_work() -> None:
    circuit = line(42, 1)
    network = split(circuit, CutPlan.from_partition(circuit, "A" * 4 + "B" * 38))
    with pytest.raises(TooLargeError, match="38 qubits"):
        compile(network, ["Z41"], route="fragments")
