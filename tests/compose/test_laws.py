"""Laws of random compositions, against a dense reference that neither flattens nor cuts."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from cutq import (
    Circuit,
    Composition,
    CompositionError,
    CutPlan,
    Model,
    Module,
    Observable,
    QuantumIn,
    QuantumOut,
    expectations,
    merge,
    split,
)
from tests import oracle
from tests.compose.dense import Dense, NoTimeError
from tests.compose.strategies import Act, Case, built, cases
from tests.strategies import PARAMETERS, circuits, numbers, observables

TOLERANCE = 1e-10


def compiled(case: Case, **options: object) -> Model | None:
    """The model of a case; words that are read at no time are left out, where the reference says so too."""
    kept = []
    for text in case.texts:
        if "@" in text:
            try:
                case.whole.compile([text], engine="numpy")
            except CompositionError as error:
                if "read at one time" not in str(error):
                    raise
                with pytest.raises(NoTimeError):
                    Dense(case.whole, {}, row(case.data, case, (0,) * len(case.lead_of()))).output(text)
                event("a word at no time")
                continue
        kept.append(text)
    case.texts = kept
    return case.whole.compile(kept, **options) if kept else None


def row(data: Mapping[str, np.ndarray], case: Case, index: tuple[int, ...]) -> dict[str, np.ndarray]:
    """The data of one row."""
    shapes = {port.name: port.shape for port in case.whole.ports}
    return {name: array[index] if array.ndim > len(shapes[name]) else array for name, array in data.items()}


def dense_values(case: Case, params: np.ndarray, names: tuple[str, ...], index: tuple[int, ...]) -> list[float]:
    own = params[index] if params.ndim > 1 else params
    dense = Dense(case.whole, dict(zip(names, own, strict=True)), row(case.data, case, index))
    measured = {one.name for one in case.whole.assembly.measured}
    found: list[float] = []
    for text in case.texts:
        if text in measured:
            found += dense.measured(text)
        elif "@" not in text and "." in text:
            found += dense.port(*text.split(".", 1))
        else:
            found.append(dense.output(text))
    return found


@given(cases(), st.data())
@settings(max_examples=60)
def test_values_are_those_of_the_dense_reference(case: Case, data: st.DataObject) -> None:
    model = compiled(case, max_qubits=data.draw(st.sampled_from((None, 5, 8))))
    if model is None:
        return
    assert set(model.parameters) == set(Dense(case.whole, {}, {}).trainable)
    values = model(None, case.data)
    assert values.shape == (*case.lead_of(), len(model.outputs))
    for index in np.ndindex(*case.lead_of()):
        expected = dense_values(case, model.initial, model.parameters, index)
        np.testing.assert_allclose(values[index], expected, rtol=0, atol=TOLERANCE)


@given(cases(), st.data())
@settings(max_examples=40)
def test_derivatives_are_finite_differences(case: Case, data: st.DataObject) -> None:
    model = compiled(case, engine="numpy")
    if model is None:
        return
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    axes = data.draw(st.sampled_from(((), case.lead_of())))
    params = np.broadcast_to(model.initial, (*axes, len(model.parameters))) + 0.1 * rng.normal()
    values, pullback = model.vjp_all(params, case.data)
    weights = rng.normal(size=values.shape)
    found = pullback(weights)
    assert found.params.shape == params.shape
    assert {name: one.shape for name, one in found.data.items()} == {name: one.shape for name, one in case.data.items()}
    for _ in range(2):
        step = rng.normal(size=params.shape)
        ahead, behind = (model(params + h * step, case.data) for h in (1e-5, -1e-5))
        assert (found.params * step).sum() == pytest.approx(((ahead - behind) * weights).sum() / 2e-5, abs=1e-6)
    for name, one in case.data.items():
        step = rng.normal(size=one.shape)
        ahead, behind = (model(params, case.data | {name: one + h * step}) for h in (1e-5, -1e-5))
        assert (found.data[name] * step).sum() == pytest.approx(((ahead - behind) * weights).sum() / 2e-5, abs=1e-6)
    again, jacobian = model.value_and_jacobian(params, case.data)
    np.testing.assert_array_equal(again, values)
    lead = np.broadcast_shapes(axes, case.lead_of())
    whole = np.einsum("...o,...op->...p", weights, jacobian)
    extra = tuple(range(len(lead) - len(axes)))
    np.testing.assert_allclose(whole.sum(axis=extra), found.params, rtol=0, atol=1e-9)


@given(cases(), st.data())
@settings(max_examples=25)
def test_rows_are_run_as_one_by_one(case: Case, data: st.DataObject) -> None:
    model = compiled(case, engine="numpy")
    if model is None:
        return
    lead = data.draw(st.sampled_from((case.lead_of() or (3,), (0,)) if not case.lead_of() else (case.lead_of(),)))
    rng = np.random.default_rng(0)
    params = rng.uniform(-3, 3, (*lead, len(model.parameters)))
    values, pullback = model.vjp(params, case.data)
    assert values.shape == (*lead, len(model.outputs))
    weights = rng.normal(size=values.shape)
    gradients = pullback(weights)
    for index in np.ndindex(*lead):
        alone, back = model.vjp(params[index], row(case.data, case, index))
        np.testing.assert_allclose(values[index], alone, rtol=0, atol=TOLERANCE)
        np.testing.assert_allclose(gradients[index], back(weights[index]), rtol=0, atol=TOLERANCE)


@given(cases(lead=False), st.data())
@settings(max_examples=40)
def test_widths_engines_names_orders_and_nesting_change_no_value(case: Case, data: st.DataObject) -> None:
    model = compiled(case, engine="numpy")
    if model is None:
        return
    values = model(None, case.data)
    for options in ({"max_qubits": 5}, {"max_qubits": 100, "engine": "numpy"}, {"engine": "numba"}):
        found = case.whole.compile(case.texts, **options)(None, case.data)  # type: ignore[arg-type]
        np.testing.assert_allclose(found, values, rtol=0, atol=TOLERANCE)
    # Other names, in another order.
    names = [node.name for node in case.whole.assembly.nodes]
    others = dict(zip(names, data.draw(st.permutations([f"o{k}" for k in range(len(names))])), strict=True))
    adds = data.draw(st.permutations([one for one in case.acts if one[0] == "add"]))
    rest = data.draw(st.permutations([one for one in case.acts if one[0] != "add"]))
    again = built([renamed(one, others) for one in (*adds, *rest)])
    inputs = {_other(name, others): one for name, one in case.data.items()}
    found = again.compile([_other(text, others) for text in case.texts], engine="numpy")
    np.testing.assert_allclose(found(None, inputs), values, rtol=0, atol=TOLERANCE)
    # As one module.
    inner = built([*case.acts, ("measure", ("all", "1", *_sums(case)), {})])
    outer = Composition("outer")
    outer.add("inner", inner)
    nested = outer.compile(["inner.all"], engine="numpy")
    found = nested(None, {f"inner.{name}": one for name, one in case.data.items()})
    expected = [1.0, *(value for value, name in zip(values, model.outputs, strict=True) if name in _sums(case))]
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE)


def _sums(case: Case) -> list[str]:
    return [text for text in case.texts if "@" in text or text == "1"]


def _other(text: str, others: Mapping[str, str]) -> str:
    return re.sub(r"(?<![\w.-])(?:n\d+|first|only)(?![\w-])", lambda found: others[found[0]], text)


def renamed(one: Act, others: Mapping[str, str]) -> Act:
    """A step with other names of instances."""
    method, args, options = one
    if method == "measure":
        return method, (args[0], *(_other(text, others) for text in args[1:])), options
    return method, tuple(_other(arg, others) if isinstance(arg, str) else arg for arg in args), options


@given(cases(links=False), st.sampled_from((None, 1, 2, 3, 4, 8)))
@settings(max_examples=60)
def test_networks_are_cuts_of_the_circuit(case: Case, width: int | None) -> None:
    circuit = case.whole.circuit()
    try:
        network = case.whole.network(width)
    except CompositionError as error:
        if width is None or not re.fullmatch(r"a fragment fits max_qubits=.*, but module .*; .*", str(error)):
            raise
        event("too wide")
        return
    assert merge(network) == circuit
    assert width is None or max(network.widths) <= width
    cuts = tuple(bond.cut for bond in network.bonds)
    assert split(circuit, CutPlan(cuts)) == network
    values = {name: 0.1 + 0.2 * k for k, name in enumerate(circuit.parameters)}
    text = " ".join(f"Z{q}" for q in range(circuit.num_qubits))
    found = expectations(network, [text], circuit.values(values))
    np.testing.assert_allclose(found, [oracle.value(circuit, Observable(text), values)], rtol=0, atol=TOLERANCE)


@given(circuits(parameters=PARAMETERS), st.data())
@settings(max_examples=30)
def test_pieces_of_a_circuit_are_the_circuit(circuit: Circuit, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 4))
    marks = sorted(data.draw(st.integers(0, len(circuit.operations))) for _ in range(count - 1))
    every = tuple(range(circuit.num_qubits))
    bounds = [0, *marks, len(circuit.operations)]
    pieces = []
    for k, (first, last) in enumerate(itertools.pairwise(bounds)):
        phase = circuit.global_phase if k == 0 else 0.0
        own = Circuit(circuit.num_qubits, circuit.operations[first:last], phase)
        ports = (*((QuantumIn("in", every),) if k else ()), QuantumOut("out", every))
        pieces.append(Module("piece", own, ports))
    chain = functools.reduce(lambda left, right: left >> right, pieces)
    whole = chain if isinstance(chain, Composition) else _alone(chain)
    laid = whole.circuit()
    assert [(op.name, op.qubits) for op in laid.operations] == [(op.name, op.qubits) for op in circuit.operations]
    values = {name: data.draw(numbers) for name in circuit.parameters}
    own = {name: values[name.split(".", 1)[1]] for name in laid.parameters}
    np.testing.assert_allclose(
        oracle.statevector(laid, own), oracle.statevector(circuit, values), rtol=0, atol=TOLERANCE
    )
    last = whole.assembly.nodes[-1].name
    one = data.draw(observables(circuit.num_qubits))
    text = re.sub(r"([XYZ])(\d+)", rf"\1@{last}.out[\2]", str(one))
    whole.measure("value", text, f"Z@{last}.out[0]")
    model = whole.compile(max_qubits=circuit.num_qubits, engine="numpy")
    found = model([own.get(name, 0.3) for name in model.parameters])
    np.testing.assert_allclose(found[0], oracle.value(circuit, one, values), rtol=0, atol=TOLERANCE)


def _alone(module: Module) -> Composition:
    found = Composition("alone")
    found.add("piece", module)
    return found
