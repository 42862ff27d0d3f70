"""Compositions by hand: chains, ties, frozen modules, names, and what each of them means."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from cutq import (
    Circuit,
    ClassicalIn,
    ClassicalOut,
    Composition,
    CompositionError,
    Module,
    ModuleError,
    Operation,
    QuantumIn,
    QuantumOut,
    Weight,
    classical,
    param,
    repeat,
)

PLUS = Module("plus", Circuit(1, (Operation("ry", (0,), (0.7,)),)), (QuantumOut("out", (0,)),))
PAIR = Module(
    "pair", Circuit(2, (Operation("ry", (0,), (0.4,)), Operation("cx", (0, 1)))), (QuantumOut("out", (0, 1)),)
)
TURN = Module(
    "turn",
    Circuit(1, (Operation("rx", (0,), (param("t"),)), Operation("ry", (0,), (0.3,)))),
    (QuantumIn("in", (0,)), QuantumOut("out", (0,))),
    (Weight("t", (), 0.5),),
)
READ = Module(
    "read", Circuit(1, (Operation("rx", (0,), (param("x"),)),)), (ClassicalIn("x"), ClassicalOut("z", ("Z0",)))
)


def wires(count: int, name: str = "wide") -> Module:
    every = tuple(range(count))
    return Module(name, Circuit(count), (QuantumIn("in", every), QuantumOut("out", every)))


def value(whole: Composition, *texts: str) -> np.ndarray:
    return whole.compile(texts or None, engine="numpy")()


def chained(*pairs: tuple[str, Module], **options: bool) -> Composition:
    """A source and one module after the other."""
    whole = Composition("whole")
    whole.add("plus", PLUS)
    before = "plus"
    for name, module in pairs:
        whole.add(name, module, **options)
        whole.connect(f"{before}.out", f"{name}.in")
        before = name
    return whole


def test_one_after_the_other_is_connected_by_hand() -> None:
    found = PLUS >> TURN >> TURN
    assert [node.name for node in found.assembly.nodes] == ["plus", "turn", "turn_2"]
    expected = chained(("a", TURN), ("b", TURN))
    np.testing.assert_allclose(value(found, "Z@turn_2.out"), value(expected, "Z@b.out"))
    assert found.circuit().num_qubits == 1


def test_wires_are_counted_across_ports() -> None:
    found = (PLUS | PLUS) >> wires(2) >> (TURN | TURN)
    assert value(found, "Z@turn.out Z@turn_2.out")[0] == pytest.approx(value(PLUS >> TURN, "Z@turn.out")[0] ** 2)
    with pytest.raises(CompositionError, match="'plus' has 1 open outputs and 'wide' 2 open inputs"):
        PLUS >> wires(2)
    with pytest.raises(CompositionError, match="int"):
        PLUS >> 3


def test_side_by_side_has_the_ports_of_both() -> None:
    found = PAIR | TURN
    assert [port.name for port in found.ports] == ["pair.out", "turn.in", "turn.out"]


def test_operators_take_apart_what_operators_made_and_keep_what_has_a_name() -> None:
    named = Composition("pairs")
    named.add("a", TURN)
    assert [node.name for node in (PLUS >> named >> TURN).assembly.nodes] == ["plus", "pairs", "turn"]
    exposed = TURN >> TURN
    exposed.expose("turn.in", "first")
    whole = PLUS >> exposed
    whole.check(closed=False)
    np.testing.assert_allclose(value(whole, "Z@turn_2.out"), value(PLUS >> TURN >> TURN, "Z@turn_2.out"))
    with pytest.raises(CompositionError, match="exposed as 'first' already"):
        exposed | exposed


def test_copies_in_a_row() -> None:
    found = repeat(TURN, 3)
    assert found.weights[0].name == "c0.t"
    whole = PLUS >> found
    expected = chained(("c0", TURN), ("c1", TURN), ("c2", TURN))
    np.testing.assert_allclose(value(whole, "Z@c2.out"), value(expected, "Z@c2.out"))
    assert [one.name for one in repeat(TURN, 3, tie="all").weights] == ["all.t"]
    assert repeat(TURN, 3, {}).assembly.joins == ()
    assert len(repeat(READ, np.int64(2), {"z": "x"}, frozen=True).assembly.joins) == 1


def test_tied_weights_are_the_same_number_twice() -> None:
    apart, tied = chained(("a", TURN), ("b", TURN)), chained(("a", TURN), ("b", TURN))
    tied.tie("group", "a", "b")
    model, one = apart.compile(["Z@b.out"], engine="numpy"), tied.compile(["Z@b.out"], engine="numpy")
    assert (model.parameters, one.parameters) == (("a.t", "b.t"), ("group.t",))
    values, jacobian = model.value_and_jacobian([0.9, 0.9])
    again, tied_jacobian = one.value_and_jacobian([0.9])
    np.testing.assert_allclose(again, values)
    np.testing.assert_allclose(tied_jacobian, jacobian.sum(axis=-1, keepdims=True))


def test_tied_weights_are_those_of_the_first_wherever_they_are_used() -> None:
    # In a network of its own the second instance comes before the first.
    whole = Composition("whole")
    for name, number in (("late", 0.3), ("early", 1.1)):
        module = Module(
            "m",
            Circuit(1, (Operation("ry", (0,), (param("t"),)),)),
            (ClassicalOut("z", ("Z0",)),),
            (Weight("t", (), number),),
        )
        whole.add(name, module, tie="g", frozen=True)
    assert value(whole, "early.z", "late.z") == pytest.approx([math.cos(0.3)] * 2)
    alone = whole.compile(["early.z"], engine="numpy")
    assert alone() == pytest.approx([math.cos(0.3)])


def test_one_module_frozen_and_free() -> None:
    whole = chained(("a", TURN), ("b", TURN))
    whole.freeze("a")
    model = whole.compile(["Z@b.out"], engine="numpy")
    assert model.parameters == ("b.t",)
    free = chained(("a", TURN), ("b", TURN)).compile(["Z@b.out"], engine="numpy")
    np.testing.assert_allclose(model([1.3]), free([0.5, 1.3]))
    whole.unfreeze("a")
    assert whole.compile(["Z@b.out"], engine="numpy").parameters == ("a.t", "b.t")


def test_frozen_weights_stay_but_may_be_written_once() -> None:
    bare = Module("bare", TURN.body, TURN.ports)
    whole = chained(("a", bare))
    whole.freeze("a")
    with pytest.raises(CompositionError, match=r"frozen weights have values, but 'a.t' has none"):
        value(whole, "Z@a.out")
    whole.assign({"a.t": 0.5})
    np.testing.assert_allclose(value(whole, "Z@a.out"), value(chained(("a", TURN)), "Z@a.out"))
    with pytest.raises(CompositionError, match=r"'a.t' is frozen"):
        whole.assign({"a.t": 0.6})


def test_a_frozen_weight_stays_frozen_when_it_is_written() -> None:
    module = Module("m", TURN.body, TURN.ports, (Weight("t", (), None, frozen=True),)).initialised(0)
    assert module.weights[0].frozen
    assert chained(("a", module)).compile(["Z@a.out"], engine="numpy").parameters == ()


def test_assigning_reaches_tied_and_nested_modules() -> None:
    inner = Composition("inner")
    inner.add("x", TURN, tie="g")
    inner.add("y", TURN, tie="g")
    inner.connect("x.out", "y.in")
    inner.expose("x.in", "in")
    inner.expose("y.out", "out")
    whole = chained(("a", inner.module), ("b", inner.module))
    whole.assign({"b.g.t": 1.2})
    model = whole.compile(["Z@b.out"], engine="numpy")
    assert model.parameters == ("a.g.t", "b.g.t")
    assert list(model.initial) == [0.5, 1.2]


def test_equal_modules_and_modules_of_callables() -> None:
    assert Module("m", TURN.body, TURN.ports) == Module("m", TURN.body, TURN.ports)
    assert Module("turn", TURN.body, TURN.ports, (Weight("t", (), 0.5, frozen=True),)) != TURN
    assert TURN != 3
    own = classical(np.tanh, 2, pullback=lambda x, bar: bar)
    assert own == own
    assert own != classical(np.tanh, 2, pullback=lambda x, bar: bar)
    assert len({own, TURN, TURN}) == 2


def test_ports_are_exposed_once() -> None:
    whole = PLUS >> TURN
    whole.expose("turn.out", "first")
    whole.expose("turn.out", "second")
    assert [port.name for port in whole.ports] == ["second"]
    whole.unexpose("turn.out")
    assert [port.name for port in whole.ports] == ["turn.out"]


def test_words_in_the_middle_of_wires() -> None:
    whole = chained(("a", TURN), ("b", TURN))
    found = value(whole, "Z@plus.out", "Z@a.out", "Z@b.out")
    alone = [value(PLUS >> TURN, "Z@turn.out")[0], value(PLUS >> TURN >> TURN, "Z@turn_2.out")[0]]
    np.testing.assert_allclose(found, [math.cos(0.7), *alone])
    with pytest.raises(CompositionError, match="read at one time, but Z on qubit 0 of 'a'"):
        value(whole, "Z@a.out Z@b.out")


def test_sums_and_constants_are_outputs() -> None:
    whole = chained(("a", TURN))
    (z,) = value(whole, "Z@a.out")
    assert value(whole, "0.5", "1", "-2*Z@a.out + 0.25", "Z@a.out") == pytest.approx([0.5, 1, 0.25 - 2 * z, z])


def test_all_classical_outputs_that_are_open() -> None:
    whole = done(READ)
    whole.add("b", PLUS)
    whole.measure("m", "X@b.out", "Z@b.out")
    model = whole.compile(engine="numpy")
    assert model.outputs == ("m[0]", "m[1]", "a.z[0]")
    assert model(None, {"a.x": 0.2}) == pytest.approx([math.sin(0.7), math.cos(0.7), math.cos(0.2)])


def test_products_over_networks() -> None:
    whole = Composition("two")
    whole.add("a", PLUS)
    whole.add("b", PLUS)
    assert value(whole, "Z@a.out Z@b.out") == pytest.approx([math.cos(0.7) ** 2])
    linked = Composition("linked")
    linked.add("first", READ)
    linked.add("second", Module("m", READ.body, (*READ.ports, QuantumOut("out", (0,)))))
    linked.add("third", Module("m", READ.body, (ClassicalIn("x"), QuantumOut("out", (0,)))))
    linked.connect("first.z", "second.x")
    linked.connect("second.z", "third.x")
    model = linked.compile(["Z@second.out Z@third.out"], engine="numpy")
    data = {"first.x": np.array([0.3, 1.0])}
    one = np.cos(np.cos(data["first.x"]))
    np.testing.assert_allclose(model(None, data)[:, 0], one * np.cos(one))
    _, pullback = model.vjp_all(None, data)
    step = 1e-6
    ahead, behind = (model(None, {"first.x": data["first.x"] + h})[:, 0] for h in (step, -step))
    np.testing.assert_allclose(pullback(np.ones((2, 1))).data["first.x"], (ahead - behind) / (2 * step), atol=1e-8)


def test_an_input_may_be_called_params() -> None:
    whole = Composition("whole")
    whole.add("a", READ)
    whole.expose("a.x", "params")
    model = whole.compile(engine="numpy")
    np.testing.assert_allclose(model(None, {"params": [0.1, 0.2]})[:, 0], np.cos([0.1, 0.2]))
    assert model(None, {"params": np.empty(0)}).shape == (0, 1)
    assert model.vjp_all(None, {"params": 0.3})[1]([1.0]).data["params"] == pytest.approx(-math.sin(0.3))


def test_rows_of_data_without_parameters_on_an_executor() -> None:
    model = done(READ).compile(engine="numpy")
    data = {"a.x": np.linspace(0, 1, 5)}
    with ThreadPoolExecutor(1) as executor:
        np.testing.assert_array_equal(model.map(None, data, executor=executor), model(None, data))
        assert model.map(None, {"a.x": np.empty((2, 0))}, executor=executor).shape == (2, 0, 1)


def test_no_rows_through_a_head() -> None:
    whole = done(classical("linear", 3, 2))
    values, pullback = whole.compile().vjp_all(None, {"a.x": np.empty((0, 3))})
    assert values.shape == (0, 2)
    assert pullback(values).params.tolist() == [0.0] * 8
    assert pullback(values).data["a.x"].shape == (0, 3)


def done(module: Module) -> Composition:
    """A composition of one module."""
    whole = Composition("whole")
    whole.add("a", module)
    return whole


def test_weights_by_name() -> None:
    module = Module(
        "m",
        Circuit(1, tuple(Operation("ry", (0,), (param(f"w[{i},{j}]"),)) for i in range(2) for j in range(3))),
        (ClassicalOut("z", ("Z0",)),),
    )
    whole = Composition("whole")
    whole.add("a", module)
    model = whole.compile(engine="numpy")
    grid = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(model.values({"a.w": grid}), grid.ravel())
    assert model(model.values({"a.w": grid})) == pytest.approx([math.cos(15.0)])
    with pytest.raises(CompositionError, match="no weight"):
        whole.assign({"a.v": 1.0})
    with pytest.raises(ModuleError, match=r"shape \(2, 3\), but its values have shape \(3, 2\)"):
        whole.assign({"a.w": grid.T})


def test_qubits_of_outputs() -> None:
    whole = PAIR >> wires(2)
    assert whole.qubits("wide.out") == (0, 1)
    assert whole.qubits("wide.out[1]") == (1,)
    with pytest.raises(CompositionError, match="does not exist"):
        whole.qubits("wide.out[2]")
    with pytest.raises(CompositionError, match="quantum in"):
        whole.qubits("wide.in")


def test_the_graph_of_very_many_wires() -> None:
    whole = Composition("wide")
    whole.add("a", Module("a", Circuit(600), (QuantumOut("out", tuple(range(600))),)))
    whole.add("b", wires(600))
    whole.connect("a.out", "b.in")
    ((_, _, edge),) = whole.graph.edges(data=True)
    assert (edge["width"], edge["gamma"]) == (600, math.inf)
    assert edge["price"] == pytest.approx(600 * math.log(4))
