"""The variance of derivatives, against known values, finite differences, and what modules change about it."""

from __future__ import annotations

import numpy as np
import pytest

import cutq
from cutq import (
    Circuit,
    ClassicalIn,
    Composition,
    Module,
    Operation,
    ParameterError,
    QuantumOut,
    TrainingError,
    gradient_variance,
    param,
)
from experiments.plateaus import lines, picture


def turned(gate: str = "ry", count: int = 1) -> Composition:
    whole = Composition("whole")
    circuit = Circuit(count, tuple(Operation(gate, (q,), (param(f"t[{q}]"),)) for q in range(count)))
    whole.add("turn", Module("turn", circuit, (QuantumOut("out", tuple(range(count))),)))
    return whole


def test_one_qubit() -> None:
    found = gradient_variance(turned(), ["Z@turn.out"], draws=20_000)
    assert found.variances == pytest.approx([0.5], abs=0.01)  # of -sin(t)
    assert found.parameters == ("turn.t[0]",)
    assert (found.draws, found.seed) == (20_000, 0)


@pytest.mark.parametrize("count", [2, 3, 4])
def test_products_of_qubits(count: int) -> None:
    word = " ".join(f"Z@turn.out[{q}]" for q in range(count))
    found = gradient_variance(turned(count=count), [word], draws=20_000)
    # -sin(t) beside count - 1 factors cos(t): the variance is 1/2**count.
    assert found.variances == pytest.approx(np.full(count, 0.5**count), rel=0.1)


def test_sums_of_outputs_are_what_is_differentiated() -> None:
    outputs = ["Z@turn.out[0]", "2*Z@turn.out[0]", "Z@turn.out[1]"]
    found = gradient_variance(turned(count=2), outputs, draws=5000)
    assert found.variances == pytest.approx([4.5, 0.5], rel=0.1)


def test_by_module() -> None:
    whole = Composition("chain")
    whole.add("a", cutq.ansatz.brickwork(2, 1, ports=(QuantumOut("out", (0, 1)),)))
    whole.add("b", cutq.ansatz.brickwork(2, 1), tie="pair")
    whole.add("c", cutq.ansatz.brickwork(2, 1), tie="pair")
    whole.add("fixed", cutq.ansatz.brickwork(2, 1, seed=0), frozen=True)
    for first, second in (("a", "b"), ("b", "c"), ("c", "fixed")):
        whole.connect(f"{first}.out", f"{second}.in")
    found = gradient_variance(whole, ["Z@fixed.out[0]"], draws=50)
    assert list(found.by_module) == ["a", "pair"]
    assert found.by_module["a"] == pytest.approx(found.variances[:4].mean())
    assert found.mean == pytest.approx(found.variances.mean())
    assert str(found).splitlines()[-1].startswith("together")
    assert "pair" in str(found)


def test_what_is_frozen_or_tied_needs_no_values_but_data_are_given() -> None:
    whole = Composition("data")
    circuit = Circuit(1, (Operation("ry", (0,), (param("x"),)), Operation("ry", (0,), (param("w"),))))
    whole.add("m", Module("m", circuit, (ClassicalIn("x"), QuantumOut("out", (0,)))))
    found = gradient_variance(whole, ["Z@m.out"], draws=5000, data={"m.x": 0.3})
    assert found.variances == pytest.approx([0.5], rel=0.05)
    with pytest.raises(ParameterError, match="no data"):
        gradient_variance(whole, ["Z@m.out"])
    with pytest.raises(ParameterError, match="shape"):
        gradient_variance(whole, ["Z@m.out"], data={"m.x": [0.3, 0.4]})


def test_seeds() -> None:
    first, same, other = (gradient_variance(turned(), ["Z@turn.out"], draws=20, seed=s).mean for s in (1, 1, 2))
    assert first == same != other


def test_mistakes() -> None:
    for draws in (0, 1, 2.5):
        with pytest.raises(ParameterError, match="draws"):
            gradient_variance(turned(), ["Z@turn.out"], draws=draws)  # type: ignore[arg-type]
    whole = turned()
    whole.assign({"turn.t": [0.1]})
    whole.freeze("turn")
    with pytest.raises(TrainingError, match="nothing to train"):
        gradient_variance(whole, ["Z@turn.out"])


def test_the_picture_of_plateaus() -> None:
    found = {one.label: one.variances for one in lines((2, 6), (1, 3), draws=30)}
    for steep in ("brickwork, Z of all qubits", "chain, Z of all qubits", "chain, Z at its end: first module"):
        assert found[steep][1] < found[steep][0] / 5
    flat = found["chain, sum of a Z of each module"]
    assert flat[1] > flat[0] / 2
    drawn = lines((2,), (1,), draws=2)
    assert picture(drawn) == picture(drawn)
