"""Operations, circuits, angles and values as frozen values with their laws."""

from __future__ import annotations

import math
import pickle
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from cutq import Angle, Circuit, CircuitError, Group, Operation, ParameterError, param
from cutq.circuits.values import checked
from tests.zoo import ZOO


def test_affine_angles() -> None:
    s, t = param("s"), param("t")
    angle = 2 * s - t + 0.1
    assert angle == Angle((("s", 2.0), ("t", -1.0)), 0.1)
    assert angle.at({"s": 1.0, "t": 0.5}) == pytest.approx(1.6)
    assert s - s == Angle()
    assert (1 - s) / 2 == Angle((("s", -0.5),), 0.5)
    assert sum([s, t], Angle()) == s + t


def test_products_of_parameters_are_refused() -> None:
    with pytest.raises(ParameterError, match="affine"):
        param("s") * param("t")
    with pytest.raises(ParameterError, match="affine"):
        param("s") / param("t")


@pytest.mark.parametrize("bad", [math.nan, math.inf, "0.3", None, 1j])
def test_angles_are_finite_numbers(bad: object) -> None:
    with pytest.raises(ParameterError, match="finite real number"):
        Operation("rx", (0,), (bad,))


def test_parameter_names() -> None:
    assert param("enc.theta[0]").parameters == ("enc.theta[0]",)
    for bad in ("", "  ", "a\nb", "\ud800", 3):
        with pytest.raises(ParameterError, match="name"):
            param(bad)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Operation("cx", (0,)), "acts on 2 qubits"),
        (lambda: Operation("cx", (1, 1)), "distinct"),
        (lambda: Operation("x", (-1,)), "numbered from 0"),
        (lambda: Operation("rx", (0,)), "takes 1 angles, got 0"),
        (lambda: Operation("nope", (0,)), "unknown gate 'nope'"),
        (lambda: Operation("x", (0,), matrix=np.eye(2)), "only 'unitary' operations"),
        (lambda: Operation("unitary", (0,), matrix=[[1, 1], [0, 1]]), "unitary, but"),
        (lambda: Operation("unitary", (0,), matrix=np.eye(4)), "shape"),
        (lambda: Operation("unitary", (0,), matrix=[[math.nan, 0], [0, 1]]), "unitary, but"),
        (lambda: Circuit(2, (Operation("x", (2,)),)), "has 2 qubits"),
        (lambda: Circuit(3, (Operation("ccx", (0, 1, 2)),)), r"Circuit\.of"),
        (lambda: Circuit(-1), "0 or more qubits"),
    ],
)
def test_broken_laws_are_named(make: object, message: str) -> None:
    with pytest.raises(CircuitError, match=message):
        make()


def test_values_are_frozen_and_hashable_and_pickle() -> None:
    circuit = Circuit(2, (Operation("unitary", (0, 1), matrix=np.eye(4)), Operation("rx", (0,), (param("t"),))))
    assert pickle.loads(pickle.dumps(circuit)) == circuit
    assert hash(circuit) == hash(pickle.loads(pickle.dumps(circuit)))
    with pytest.raises(FrozenInstanceError):
        circuit.num_qubits = 3


def test_parameters_keep_the_order_of_first_appearance() -> None:
    b, a = param("b"), param("a")
    circuit = Circuit(1, (Operation("rx", (0,), (b,)), Operation("rx", (0,), (a + b,))), global_phase=param("z") + a)
    assert circuit.parameters == ("b", "a", "z")
    np.testing.assert_array_equal(circuit.values({"z": 3, "a": 1, "b": 2}), [2, 1, 3])


def test_larger_gates_are_decomposed_and_recorded() -> None:
    toffoli = ZOO["toffoli"]
    assert [(group.name, len(group.ops)) for group in toffoli.groups] == [("ccx", 15), ("cswap", 17)]
    assert all(len(op.qubits) <= 2 for op in toffoli.operations)


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"s": 1.0}, "no value for 't'"),
        ({"s": 1.0, "t": 1.0, "u": 1.0}, "'u' is no parameter"),
        ({"s": 1.0, "t": math.nan}, "finite numbers, got t = nan"),
        ({"s": 1.0, "t": "x"}, "real numbers"),
    ],
)
def test_wrong_values_are_named(mapping: dict[str, float], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        ZOO["shared"].values(mapping)


def test_arrays_of_values_have_one_entry_for_each_parameter() -> None:
    np.testing.assert_array_equal(checked(("a", "b"), [1, 2]), [1.0, 2.0])
    with pytest.raises(ParameterError, match=r"2 parameter values are needed.*shape \(3,\)"):
        checked(("a", "b"), [1, 2, 3])
    with pytest.raises(ParameterError, match=r"2 parameter values are needed.*shape \(0,\)"):
        checked(("a", "b"), None)


def test_groups_name_operations_that_exist_in_the_order_of_time() -> None:
    assert Group("ccz", (2, 0, 1)).ops == (0, 1, 2)
    with pytest.raises(CircuitError, match="'ccz' names none"):
        Group("ccz", ())
    with pytest.raises(CircuitError, match="the group 'ccz' names the operations 0 to 4, but the circuit has 1"):
        Circuit(1, (Operation("h", (0,)),), groups=(Group("ccz", (0, 4)),))
