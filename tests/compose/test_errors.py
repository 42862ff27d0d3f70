"""What compositions refuse: each error names the law, the element, both sides and one fix; nothing else escapes."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cutq import (
    Card,
    Circuit,
    ClassicalIn,
    ClassicalOut,
    Composition,
    CompositionError,
    CutqError,
    Metric,
    Module,
    ModuleError,
    ObservableError,
    Operation,
    ParameterError,
    QuantumIn,
    QuantumOut,
    Weight,
    classical,
    param,
    repeat,
)
from cutq.compose.addresses import Spot
from cutq.compose.assembly import Assembly, Join, Measured, Node
from cutq.compose.check import check
from cutq.compose.functions import Classical
from cutq.compose.ports import Numbers

ONE = Circuit(1, (Operation("ry", (0,), (0.3,)),))
TURNED = Circuit(1, (Operation("ry", (0,), (param("x"),)),))
SOURCE = Module("source", ONE, (QuantumOut("out", (0,)),))
PAIR = Module("pair", Circuit(2, (Operation("cx", (0, 1)),)), (QuantumOut("out", (0, 1)),))
STEP = Module("step", ONE, (QuantumIn("in", (0,)), QuantumOut("out", (0,)), ClassicalOut("z", ("Z0",))))
WIDE = Module("wide", Circuit(2), (QuantumIn("in", (0, 1)), QuantumOut("out", (0, 1))))
ANGLE = Module("angle", TURNED, (ClassicalIn("x"), QuantumOut("out", (0,)), ClassicalOut("z", ("Z0", "X0"))))
DRIVEN = Module("driven", TURNED, (QuantumIn("in", (0,)), ClassicalIn("x"), ClassicalOut("z", ("Z0",))))
HEAD = classical("linear", 2, 1)
MODULES = {
    "source": SOURCE, "pair": PAIR, "step": STEP, "wide": WIDE, "angle": ANGLE, "driven": DRIVEN, "head": HEAD,
}  # fmt: skip


def graph(nodes: str, *edges: str, **options: Any) -> Composition:
    """Instances, as ``"a:source b:step"``, and edges, as ``"a.out b.in"``."""
    whole = Composition("whole")
    for node in nodes.split():
        name, module = node.split(":")
        whole.add(name, MODULES[module])
    for edge in edges:
        whole.connect(*edge.split())
    return whole


def done(whole: Composition, method: str, *args: Any) -> Composition:
    getattr(whole, method)(*args)
    return whole


FAULTS: dict[str, tuple[Callable[[], object], str]] = {
    "an edge backwards": (
        lambda: graph("a:source b:step", "b.in a.out").check(),
        "an edge leads from an output to an input, but this one from b.in (quantum in, 1 qubit) to a.out (quantum out, "
        "1 qubit); turn it round",
    ),
    "a wire to a number": (
        lambda: graph("a:source b:angle", "a.out b.x").check(),
        "wires go to wires and numbers to numbers, but an edge leads from a.out (quantum out, 1 qubit) to b.x (data "
        "in, "
        "shape ()); measure the wire, or encode the number with an encoder module",
    ),
    "widths": (
        lambda: graph("a:pair b:step", "a.out b.in").check(),
        "widths match along wires, but an edge leads from a.out (quantum out, 2 qubits) to b.in (quantum in, 1 "
        "qubit): 2 "
        "to 1; name a slice, such as a.out[0:1]",
    ),
    "an element that is not there": (
        lambda: graph("a:pair b:step", "a.out[2] b.in").check(),
        "a.out[2] does not exist: the port has 2 elements, numbered from 0",
    ),
    "a function on a wire": (
        lambda: graph("a:source b:step", "a.out b.in tanh").check(),
        "wires go through no classical function, but the edge from a.out (quantum out, 1 qubit) to b.in (quantum in, 1 "
        "qubit) goes through 'tanh'",
    ),
    "shapes": (
        lambda: graph("a:angle b:head c:angle", "a.z c.x").check(),
        "shapes match along links, but an edge leads from a.z (values out, shape (2,)) to c.x (data in, shape ()): "
        "(2,) to "
        "(); name elements, or put cutq.classical('linear', ...) between",
    ),
    "a function of another size": (
        lambda: done(graph("a:angle b:head"), "connect", "a.z", "b.x", classical(np.tanh, 3)).check(),
        "the function 'tanh' takes 3 numbers and gives 3, but stands on the link from a.z (values out, shape (2,)) to "
        "b.x "
        "(data in, shape (2,)): 2 to 2",
    ),
    "discarding a number": (
        lambda: done(graph("a:angle"), "discard", "a.z").check(),
        "quantum outputs are discarded, but a.z is values out, shape (2,); leave it out",
    ),
    "discarding what is not there": (
        lambda: done(graph("a:pair"), "discard", "a.out[5]").check(),
        "a.out[5] does not exist: the port has 2 qubits, numbered from 0",
    ),
    "measuring a number": (
        lambda: done(graph("a:angle"), "measure", "m", "Z@a.z[0]").check(),
        "Paulis are measured at quantum outputs, but 'Z@a.z[0]' names values out, shape (2,); name a wire",
    ),
    "measuring what is not there": (
        lambda: done(graph("a:pair"), "measure", "m", "Z@a.out[7]").check(),
        "measured 'm': output 'Z@a.out[7]': a.out[7] does not exist; the port has 2 qubits",
    ),
    "measuring a whole port": (
        lambda: done(graph("a:pair"), "measure", "m", "Z@a.out").check(),
        "measured 'm': output 'Z@a.out': a.out has 2 qubits; name one of them, such as a.out[0]",
    ),
    "measuring twice": (
        lambda: done(graph("a:pair"), "measure", "m", "Z@a.out[0] X@a.out[0]").check(),
        "measured 'm': output 'Z@a.out[0] X@a.out[0]': a.out[0] occurs twice in one word; multiply the two Paulis out "
        "first",
    ),
    "two sources": (
        lambda: graph("a:source b:source c:step", "a.out c.in", "b.out c.in").check(),
        "an input has one source, but c.in[0] (quantum in, 1 qubit) has 2; remove one of its edges",
    ),
    "half an input": (
        lambda: graph("a:source b:wide", "a.out b.in[0]").check(),
        "an input without a source: b.in[1] (quantum in, 2 qubits); connect an output to it, such as that of a module "
        "that "
        "prepares its state",
    ),
    "an open input": (
        lambda: graph("b:wide").compile(["Z@b.out[0]"]),
        "an input without a source: b.in (quantum in, 2 qubits); connect an output to it, such as that of a module "
        "that "
        "prepares its state",
    ),
    "cloning": (
        lambda: graph("a:source b:step c:step", "a.out b.in", "a.out c.in").check(),
        "no cloning: the wire a.out[0] (quantum out, 1 qubit) goes to b.in and to c.in; measure it and send the "
        "number, or "
        "add a second instance of its module",
    ),
    "half an output": (
        lambda: graph("a:pair b:step", "a.out[1] b.in").check(),
        "an output that dangles: a.out[0] (quantum out, 2 qubits) is neither connected nor read; connect it, measure "
        "it, or "
        "say discard('a.out[0]')",
    ),
    "an output that nobody reads": (
        lambda: graph("a:source b:source").compile(["Z@a.out"]),
        "an output that dangles: b.out (quantum out, 1 qubit) is neither connected nor read; connect it, measure it, "
        "or say "
        "discard('b.out')",
    ),
    "a cycle": (
        lambda: graph("a:step b:step", "a.out b.in", "b.out a.in").check(),
        "time goes one way, but these modules wait for each other: a -> b -> a; remove an edge",
    ),
    "a module that waits for itself": (
        lambda: graph("a:step", "a.out a.in").check(),
        "time goes one way, but these modules wait for each other: a -> a; remove an edge",
    ),
    "a tie of different modules": (
        lambda: done(graph("a:head b:step"), "tie", "g", "a", "b").check(),
        "tied modules have equal weights, but 'a' has [('weight', (1, 2)), ('bias', (1,))] and 'b' []; untie one",
    ),
    "a tie frozen in part": (
        lambda: done(done(graph("a:head b:head"), "tie", "g", "a", "b"), "freeze", "a").check(),
        "tied modules are frozen together, but of 'a' and 'b' only one is; freeze both",
    ),
    "a tie called like a module": (
        lambda: done(graph("a:head b:head c:head"), "tie", "c", "a", "b").check(),
        "a tie group and a module outside of it are called differently, but both are 'c'; rename one",
    ),
    "exposing what is connected": (
        lambda: done(graph("a:source b:step", "a.out b.in"), "expose", "a.out", "o").check(),
        "only open ports are exposed, but a.out, exposed as 'o', is connected, measured or discarded",
    ),
    "equal names of ports": (
        lambda: done(graph("a:source b:source"), "expose", "a.out", "b.out").check(),
        "ports have different names, but 2 are called 'b.out'; expose them under other names",
    ),
    "feed-forward": (
        lambda: graph("a:step b:driven s:source", "s.out a.in", "a.out b.in", "a.z b.x").check(),
        "a number would have to be known while its circuit runs (feed-forward): the link from a.z to b.x joins "
        "modules of "
        "one network; prepare the state again in a second instance and read the number there",
    ),
    "a number after an open input": (
        lambda: graph("a:step b:angle", "a.z b.x").check(),
        "the link from a.z to b.x leaves 'a', which has an open quantum input in its past, so the whole would be no "
        "channel; connect that input, or send the number from elsewhere",
    ),
    "links in a circuit": (
        lambda: graph("a:angle b:angle", "a.z[0] b.x").circuit(),
        "a circuit has wires only, but 'whole' has classical links: a.z[0] to b.x; compile(...) runs them",
    ),
    "functions in a network": (
        lambda: graph("a:head").network(),
        "a network has wires only, but 'whole' has classical links: classical functions; compile(...) runs them",
    ),
    "weights on a link": (
        lambda: done(graph("a:angle b:head"), "connect", "a.z", "b.x", classical("linear", 2)),
        "'linear' has weights of its own, so it is no function of a link; add it as a module: add('head', "
        "cutq.classical('linear', ...))",
    ),
    "an output of no module": (
        lambda: graph("a:source").compile(["Z@b.out"]),
        "output 'Z@b.out': there is no module 'b'; the modules are a",
    ),
    "an output of no port": (
        lambda: graph("a:source").compile(["Z@a.ou"]),
        "output 'Z@a.ou': module 'source' has no port 'ou'; its ports are out, the nearest is 'out'",
    ),
    "an output of numbers": (
        lambda: graph("a:angle").compile(["Z@a.z"]),
        "output 'Z@a.z': Paulis are measured at quantum outputs, but a.z is values out, shape (2,)",
    ),
    "a wire for a number": (
        lambda: graph("a:source").compile(["a.out"]),
        "'a.out' is quantum out, 1 qubit; read a Pauli of a quantum output, such as 'Z@a.out[0]'",
    ),
    "a number that is not there": (
        lambda: graph("a:angle").compile(["a.z[2]"]),
        "'a.z[2]' does not exist: the port has 2 numbers, counted from 0",
    ),
    "nothing to read": (
        lambda: done(graph("a:source"), "discard", "a.out").compile(),
        "there is no classical output; name what to read, such as compile(['Z@mix.out[0]']), or measure it",
    ),
    "no outputs": (
        lambda: graph("a:source").compile([]),
        "at least one output is needed, such as 'Z@mix.out[0]'",
    ),
    "no such instance": (
        lambda: graph("mixer:source").connect("mixr.out", "b.in"),
        "'whole' has no instance 'mixr'; the nearest is 'mixer'",
    ),
    "no such port": (
        lambda: graph("a:step").discard("a.aut"),
        "module 'step' has no port 'aut'; its ports are in, out, z, the nearest is 'out'",
    ),
    "a name twice": (
        lambda: graph("a:step a:step"),
        "instances have different names without dots, but 'a' is taken",
    ),
    "an observable beyond the circuit": (
        lambda: Module("m", ONE, (ClassicalOut("z", ("Z3",)),)),
        "port 'z' of module 'm' names qubit 3, but its circuit has 1 qubits, numbered from 0",
    ),
    "a qubit in two ports": (
        lambda: Module("m", ONE, (QuantumOut("a", (0,)), QuantumOut("b", (0,)))),
        "a qubit belongs to one port, but qubit 0 of module 'm' belongs to 'a' and 'b'",
    ),
    "a name of two ports": (
        lambda: Module("m", ONE, (QuantumIn("a", (0,)), QuantumOut("a", (0,)))),
        "ports and weights of module 'm' have different names, but 'a' is twice",
    ),
    "an input that drives nothing": (
        lambda: Module("m", ONE, (ClassicalIn("x"),)),
        "the input 'x' of module 'm' drives no angle",
    ),
    "a parameter that nothing drives": (
        lambda: Module("m", TURNED, (), (Weight("w", (2,)),)),
        "the parameter 'x' of module 'm' is driven by nothing; name it like an element of an input or weight, or give "
        "it "
        "an expression in angles",
    ),
    "an angle of no parameter": (
        lambda: Module("m", TURNED, (), angles={"y": "2*w"}),
        "the angle 'y' of module 'm' is no parameter of its circuit",
    ),
    "an angle that is an input": (
        lambda: Module("m", TURNED, (ClassicalIn("x"),), angles={"x": "2*w"}),
        "'x' of module 'm' is both an angle and an element of an input or weight",
    ),
    "an expression of nothing": (
        lambda: Module("m", TURNED, (ClassicalIn("data", (2,)),), (Weight("w", ()),), angles={"x": "2*data[2]"}),
        "the angle 'x' of module 'm' is '2.0*data[2]', but 'data[2]' is no element of its inputs and weights; did you "
        "mean "
        "'data[1]'?",
    ),
    "numbers of a circuit": (
        lambda: Module("m", ONE, (Numbers("y", (1,)),)),
        "port 'y' of module 'm' is a cutq.ClassicalOut of observables",
    ),
    "ports of a function": (
        lambda: Module("m", Classical("tanh", 2, 2)),
        "module 'm' has the ports x and y of its function 'tanh', got []; make it with cutq.classical(...)",
    ),
    "an unknown function": (
        lambda: classical("tnah", 2),
        "no classical function is called 'tnah'; the nearest is 'tanh' of identity, negative, tanh, relu, sigmoid, "
        "sin, "
        "cos, square, half-turn, digit, softmax, linear",
    ),
    "a function of other sizes": (
        lambda: classical("softmax", 2, 3),
        "'softmax' gives as many numbers as it takes, got 2 in and 3 out",
    ),
    "no gradient through a decision": (
        lambda: decided("digit").vjp(None, {"a.x": 0.1}),
        "there is no gradient through 'digit', which decides like a sample does; send the expectation value itself, or "
        "freeze what is before it",
    ),
    "no gradient through a callable": (
        lambda: decided(classical(np.cos, 1)).vjp(None, {"a.x": 0.1}),
        "the callable 'cos' has no pullback, so there is no gradient through it; give cutq.classical(..., "
        "pullback=lambda x, bar: ...)",
    ),
    "a callable of another shape": (
        lambda: decided(classical(lambda x: x[..., :0], 1))(None, {"a.x": 0.1}),
        "'<lambda>' gives numbers of shape (1, 1), but returned (1, 0)",
    ),
    "a callable of text": (
        lambda: decided(classical(lambda x: "no", 1))(None, {"a.x": 0.1}),
        "'<lambda>' gives real numbers, but returned 'no'",
    ),
    "a callable of nothing": (
        lambda: decided(classical(lambda x: x * np.nan, 1))(None, {"a.x": 0.1}),
        "'<lambda>' gives finite numbers, but returned nan or inf; limit its inputs",
    ),
    "a pullback of another shape": (
        lambda: decided(classical(np.cos, 1, pullback=lambda x, bar: 0.0)).vjp(None, {"a.x": 0.1})[1]([1.0]),
        "the pullback of 'cos' gives numbers of shape (1, 1), but returned ()",
    ),
    "a number out of range": (
        lambda: ranged("square")(None, {"a.x": 0.0}),
        "the link from a.z[0] to b.x carries 1, outside of the range -0.5 to 0.5 of its port; send it through a "
        "function "
        "such as 'tanh' or 'sigmoid'",
    ),
    "data out of range": (
        lambda: ranged("sin")(None, {"a.x": 0.0, "c.x": 3.0}),
        "there is no input 'c.x'; the inputs are a.x",
    ),
    "no data": (lambda: graph("a:angle").compile()(), "no data for the input 'a.x' (data in, shape ())"),
    "data of another shape": (
        lambda: done(graph("h:head"), "expose", "h.y", "y").compile()(None, {"h.x": [0.1]}),
        "data of the input 'h.x' have shape (..., 2,), got (1,)",
    ),
    "leading axes": (
        lambda: graph("a:angle b:angle").compile(["a.z", "b.z"])(None, {"a.x": [0.1, 0.2], "b.x": [0.1, 0.2, 0.3]}),
        "leading axes are the same or none, but 'a.x' has (2,) and 'b.x' has (3,)",
    ),
    "weights without values": (
        lambda: done_module(Module("m", TURNED, (ClassicalOut("z", ("Z0",)),))).compile()(),
        "the weight 'a.x' has no value yet; give params, or modules with values, such as module.initialised(seed=0)",
    ),
    "no value there": (
        lambda: done_module(
            Module("m", TURNED, (ClassicalIn("u"), ClassicalOut("z", ("Z0",))), angles={"x": "arccos(u)"})
        ).compile()(None, {"a.u": 1.5}),
        "'arccos(u)' has no value at u = 1.5; keep the inputs inside its range",
    ),
    "no derivative there": (
        lambda: done_module(
            Module("m", TURNED, (ClassicalIn("u"), ClassicalOut("z", ("Z0",))), angles={"x": "sqrt(u)"})
        ).compile().vjp(None, {"a.u": 0.0})[1]([1.0]),
        "'sqrt(u)' has no derivative at u = 0; keep the inputs inside its range",
    ),
    "callables have no digest": (
        lambda: done_module(classical(np.cos, 1)).digest,
        "module 'cos' is a callable of yours, which has no digest and is not saved; use a function of the table",
    ),
    "a callable on a link has no digest": (
        lambda: done(graph("a:angle b:angle"), "connect", "a.z[0]", "b.x", classical(np.cos, 1)).digest,
        "the link from a.z[0] to b.x goes through a callable of yours, which has no digest and is not saved; use a "
        "function "
        "of the table",
    ),
}  # fmt: skip


def done_module(module: Module) -> Composition:
    whole = Composition("whole")
    whole.add("a", module)
    return whole


def decided(through: Any) -> Any:
    return done(graph("a:angle b:angle"), "connect", "a.z[0]", "b.x", through).compile(["b.z[0]"], engine="numpy")


def ranged(through: str) -> Any:
    whole = graph("a:angle")
    whole.add("b", Module("m", TURNED, (ClassicalIn("x", low=-0.5, high=0.5), ClassicalOut("z", ("Z0",)))))
    whole.connect("a.z[0]", "b.x", through)
    return whole.compile(["b.z[0]"], engine="numpy")


@pytest.mark.parametrize("name", FAULTS)
def test_faults_are_named_with_both_sides_and_a_fix(name: str) -> None:
    make, expected = FAULTS[name]
    with pytest.raises(CutqError) as caught:
        make()
    assert re.sub(r"\s+", " ", str(caught.value)) == expected


def test_all_faults_at_once() -> None:
    whole = graph("a:pair b:step c:step d:wide", "a.out b.in", "c.in a.out", "d.out c.z")
    whole.discard("a.out[9]")
    with pytest.raises(CompositionError) as caught:
        whole.check()
    assert len(caught.value.faults) == 4
    late = graph("a:source b:step c:step d:pair e:wide", "a.out b.in", "a.out c.in", "d.out[0] e.in[0]")
    late.expose("b.in", "x")
    with pytest.raises(CompositionError) as caught:
        late.check(closed=True)
    assert sorted(fault.split(":")[0].split(",")[0] for fault in caught.value.faults) == [
        "an input without a source", "an output that dangles", "an output that dangles", "an output that dangles",
        "an output that dangles", "no cloning", "only open ports are exposed",
    ]  # fmt: skip


def test_graphs_that_were_read_are_checked_as_well() -> None:
    nodes = (Node("a", HEAD, tie="g.h"), Node("b", HEAD, tie="g.h"))
    with pytest.raises(CompositionError, match=r"tie groups have names without dots, but 'a' is tied in 'g.h'"):
        check(Assembly(nodes))
    with pytest.raises(CompositionError, match=r"measured 'm': there is no instance 'q'; add it"):
        check(Assembly((Node("a", SOURCE),), measured=(Measured("m", ("Z@q.out",)),)))
    frozen = Module("m", TURNED, (), (Weight("x", (), 0.1, frozen=True),))
    free = Module("m", TURNED, (), (Weight("x", (), 0.1),))
    with pytest.raises(CompositionError, match="frozen together"):
        check(Assembly((Node("a", frozen, tie="g"), Node("b", free, tie="g"))))
    join = Join(Spot("a", "out"), Spot("b", "in"))
    check(Assembly((Node("a", SOURCE), Node("b", STEP)), (join,)))


# --- nothing but CutqError ---

STRANGE: tuple[Any, ...] = (
    None, True, 0, -1, 3, 1.5, math.nan, math.inf, 10**9, 10**400, 1j, "", "x", "a.out", "é.é", "a.out[-1]",
    "a.out[1000000000]", "a.out[0:1000000000]", "a" * 100_000, "a." + "b" * 100_000, "\ud800", "\0", b"a", [], [None],
    ["a"], [1, "a"], [[1], [1, 2]], {}, {"a": None}, {1: 2}, {"x": "y"}, {"t": [math.nan]}, object(), np.array([1.0]),
    np.array(["a"]), np.array(None), np.float64(2), lambda *args: None, int, SOURCE, Composition("c"), range(5), (1, 2),
    (10**9,), (-1,), (0, 0), "Z0", "Z@a.out[1000000000]", "Z@a.out[0] Z", "2*Z@a.out", "*", "9e999*Z@a.out", "1e", "x[",
    "__import__('os')", "1/0", "x" * 5000, "(" * 300, "x[-1]", "x[1000000000]", "pi*x", "9" * 5000, "1e999", "x**2",
)  # fmt: skip


def whole() -> Composition:
    return graph("a:pair b:angle c:wide", "a.out c.in")


RUNNABLE = graph("a:angle h:head", "a.z h.x").compile(["h.y"], engine="numpy")

FACE: dict[str, Callable[[Any], object]] = {
    "a module's name": lambda x: Module(x, ONE),
    "a module's body": lambda x: Module("m", x),
    "a module's ports": lambda x: Module("m", ONE, x),
    "a module's port": lambda x: Module("m", ONE, (x,)),
    "a module's weights": lambda x: Module("m", ONE, (), x),
    "a module's angles": lambda x: Module("m", ONE, (), (), x),
    "a module's angle": lambda x: Module("m", TURNED, (ClassicalIn("u"),), (), {"x": x}),
    "a module's card": lambda x: Module("m", ONE, card=x),
    "the port of a module": lambda x: PAIR.port(x),
    "other weights": lambda x: HEAD.with_weights(x),
    "another weight": lambda x: HEAD.with_weights({"bias": x}),
    "a seed": lambda x: Module("m", TURNED).initialised(x),
    "a scale": lambda x: Module("m", TURNED).initialised(0, x),
    "qubits in": lambda x: QuantumIn("in", x),
    "a qubit in": lambda x: Module("m", ONE, (QuantumIn("in", (x,)),)),
    "qubits out": lambda x: QuantumOut("out", x),
    "a port's name": lambda x: QuantumOut(x, (0,)),
    "an input's name": lambda x: ClassicalIn(x),
    "an input's shape": lambda x: ClassicalIn("x", x),
    "an input's axis": lambda x: Module("m", TURNED, (ClassicalIn("x", (x,)),)),
    "an input's kind": lambda x: ClassicalIn("x", (), x),
    "an input's range": lambda x: ClassicalIn("x", (), low=x),
    "an output's observables": lambda x: ClassicalOut("z", x),
    "an output's observable": lambda x: ClassicalOut("z", (x,)),
    "an output's labels": lambda x: ClassicalOut("z", ("Z0",), x),
    "an output's label": lambda x: ClassicalOut("z", ("Z0",), (x,)),
    "an output's probabilities": lambda x: ClassicalOut("z", probabilities=x),
    "a weight's name": lambda x: Weight(x, ()),
    "a weight's shape": lambda x: Weight("w", x),
    "a weight's values": lambda x: Weight("w", (2,), x),
    "a weight's value": lambda x: Weight("w", (), x),
    "a frozen weight": lambda x: Weight("w", (), 0.1, x),
    "a card's summary": lambda x: Card(summary=x),
    "a card's metrics": lambda x: Card(metrics=x),
    "a metric's value": lambda x: Metric("m", "state", x),
    "a function": lambda x: classical(x, 2),
    "a function's inputs": lambda x: classical("linear", x),
    "a function's outputs": lambda x: classical("linear", 2, x),
    "a function's pullback": lambda x: classical(np.tanh, 2, pullback=x),
    "a function's seed": lambda x: classical("linear", 2, seed=x),
    "copies": lambda x: repeat(STEP, x),
    "copies of": lambda x: repeat(x, 2),
    "links of copies": lambda x: repeat(STEP, 2, x),
    "the tie of copies": lambda x: repeat(STEP, 2, tie=x),
    "the name of copies": lambda x: repeat(STEP, 2, name=x),
    "a composition's name": lambda x: Composition(x),
    "adding": lambda x: whole().add("new", x),
    "adding under a name": lambda x: whole().add(x, STEP),
    "adding frozen": lambda x: whole().add("new", STEP, frozen=x),
    "adding tied": lambda x: whole().add("new", STEP, tie=x),
    "connecting from": lambda x: done(whole(), "connect", x, "b.x").check(),
    "connecting to": lambda x: done(whole(), "connect", "b.z[0]", x).check(),
    "connecting through": lambda x: done(whole(), "connect", "b.z[0]", "b.x", x).check(),
    "discarding": lambda x: done(whole(), "discard", x).check(),
    "measuring": lambda x: done(whole(), "measure", "m", x).check(),
    "measuring under a name": lambda x: done(whole(), "measure", x, "Z@a.out[0]").check(),
    "exposing": lambda x: done(whole(), "expose", x, "n").check(),
    "exposing under a name": lambda x: done(whole(), "expose", "b.x", x).check(),
    "tying": lambda x: done(whole(), "tie", "g", x).check(),
    "tying under a name": lambda x: done(whole(), "tie", x, "a").check(),
    "freezing": lambda x: whole().freeze(x),
    "unfreezing": lambda x: whole().unfreeze(x),
    "hiding": lambda x: whole().unexpose(x),
    "assigning": lambda x: whole().assign(x),
    "assigning a value": lambda x: graph("h:head").assign({"h.bias": x}),
    "outputs": lambda x: whole().compile(x, keep=False),
    "an output": lambda x: whole().compile([x], keep=False),
    "a width": lambda x: graph("a:pair c:wide", "a.out c.in").network(x),
    "a width of a model": lambda x: graph("a:angle").compile(["a.z"], x, engine="numpy"),
    "an engine": lambda x: graph("a:angle").compile(["a.z"], engine=x[:50] if isinstance(x, str) else x),
    "qubits": lambda x: graph("a:pair c:wide", "a.out c.in").qubits(x),
    "parameters": lambda x: RUNNABLE(x, {"a.x": 0.1}),
    "data": lambda x: RUNNABLE(None, x),
    "data of an input": lambda x: RUNNABLE(None, {"a.x": x}),
    "data of a vjp": lambda x: RUNNABLE.vjp_all(None, {"a.x": x}),
    "weights of a pullback": lambda x: RUNNABLE.vjp(None, {"a.x": 0.1})[1](x),
    "weights by name": lambda x: RUNNABLE.values(x),
    "a weight by name": lambda x: RUNNABLE.values({"h.weight": x}),
    "one after the other": lambda x: PAIR >> x,
    "side by side": lambda x: PAIR | x,
}  # fmt: skip


@pytest.mark.parametrize("name", FACE)
def test_strange_arguments_get_an_error_of_cutq_or_are_taken(name: str) -> None:
    refused = 0
    for value in STRANGE:
        try:
            FACE[name](value)
        except CutqError as error:
            refused += len(str(error)) < 2000 or pytest.fail(f"a very long message for {str(value)[:40]}")
    assert refused > len(STRANGE) // 3


def test_kinds_of_errors() -> None:
    for kind, make in itertools.chain(
        ((CompositionError, lambda: whole().connect("a", "b")), (ModuleError, lambda: QuantumIn("in", ()))),
        ((ObservableError, lambda: whole().compile([""])), (ParameterError, lambda: RUNNABLE([0.1]))),
    ):
        with pytest.raises(kind):
            make()
        assert issubclass(kind, ValueError)
