"""Random modules and compositions for the laws."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st

from cutq import (
    Circuit,
    ClassicalIn,
    ClassicalOut,
    Composition,
    CompositionError,
    Module,
    Operation,
    QuantumIn,
    QuantumOut,
    Weight,
    classical,
    param,
)
from cutq.compose.addresses import spot
from cutq.compose.assembly import Assembly
from tests.strategies import numbers, operations

MOST_QUBITS = 8
"""Of a whole composition, those that are traced out included."""

SHAPES = ((), (1,), (2,), (1, 2))


def expressions(names: Sequence[str]) -> st.SearchStrategy[str]:
    """Texts of the grammar that have values and derivatives everywhere."""
    leaf = st.sampled_from([*names, "pi", "0.7", "2"])
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda one: f"({one[0]} {one[1]} {one[2]})"),
            inner.map(lambda a: f"-{a}" if not a.startswith("-") else a),
            st.tuples(st.sampled_from(("sin", "cos", "tanh", "arctan")), inner).map(lambda one: f"{one[0]}({one[1]})"),
            inner.map(lambda a: f"2*arccos(0.9*tanh({a}))"),
            inner.map(lambda a: f"arcsin(sin({a})/2)"),
            inner.map(lambda a: f"log(2 + cos({a}))"),
            st.tuples(inner, inner).map(lambda one: f"arctan2(sin({one[0]}), 2 + cos({one[1]}))"),
            st.tuples(inner, inner).map(lambda one: f"norm(1, sin({one[0]}), cos({one[1]}))"),
            st.tuples(inner, inner).map(lambda one: f"sin({one[0]}) / sqrt(1 + cos({one[1]})*cos({one[1]}))"),
            inner.map(lambda a: f"exp(-abs(2 + sin({a})))"),
        ),
        max_leaves=4,
    )


@st.composite
def circuit_modules(draw: st.DrawFn, wires: int, spare: int, classical_inputs: bool = True) -> Module:
    """A module whose quantum inputs are so many wires, with at most so many qubits more."""
    num_qubits = max(1, wires + draw(st.integers(0, min(2, spare))))
    inputs = draw(st.permutations(range(num_qubits)))[:wires]
    outputs = draw(st.permutations(range(num_qubits)))[: draw(st.integers(0, 2 * num_qubits))]
    ports: list[Any] = [
        *(QuantumIn(f"in{k or ''}", part) for k, part in enumerate(_parts(draw, inputs))),
        *(QuantumOut(f"out{k or ''}", part) for k, part in enumerate(_parts(draw, outputs))),
    ]
    shapes = draw(st.lists(st.sampled_from(SHAPES), max_size=2)) if classical_inputs else []
    ports += [ClassicalIn(f"x{k}", shape) for k, shape in enumerate(shapes)]
    ports += draw(_classical_outputs(num_qubits))
    weights = draw(_weights())
    given = [name for port in ports if isinstance(port, ClassicalIn) for name in port.elements]
    known = [*given, *(name for weight in weights for name in weight.elements)]
    angles = {f"phi{k}": draw(expressions(known)) for k in range(draw(st.integers(0, 2)))}
    ops = draw(st.lists(operations(num_qubits, (*known, *angles)), max_size=6))
    for name in (*given, *angles):
        ops.append(
            Operation(draw(st.sampled_from(("rx", "ry"))), (draw(st.integers(0, num_qubits - 1)),), (param(name),))
        )
    if draw(st.booleans()):
        ops += [Operation("ry", (q,), (0.3 + q,)) for q in range(num_qubits)]
    circuit = Circuit(num_qubits, tuple(ops))
    angles = {name: text for name, text in angles.items() if name in circuit.parameters}
    return Module(f"m{num_qubits}", circuit, tuple(ports), tuple(weights), angles)


@st.composite
def _weights(draw: st.DrawFn) -> list[Weight]:
    found = []
    for k in range(draw(st.integers(0, 2))):
        shape = draw(st.sampled_from(SHAPES))
        values = np.array([draw(numbers) for _ in range(math.prod(shape))]).reshape(shape)
        found.append(Weight(f"w{k}", shape, values, frozen=draw(st.sampled_from((False, False, True)))))
    return found


@st.composite
def _classical_outputs(draw: st.DrawFn, num_qubits: int) -> list[ClassicalOut]:
    found = []
    if draw(st.integers(0, 3)):
        words = st.lists(st.sampled_from("IXYZ"), min_size=num_qubits, max_size=num_qubits)
        texts = [_text(draw(words)) for _ in range(draw(st.integers(1, 2)))]
        found.append(ClassicalOut("z", tuple(dict.fromkeys(texts)), tuple(f"l{k}" for k in range(len(set(texts))))))
    if draw(st.integers(0, 3)) == 0:
        qubits = draw(st.permutations(range(num_qubits)))[: draw(st.integers(1, min(2, num_qubits)))]
        found.append(ClassicalOut("p", probabilities=tuple(qubits)))
    return found


def _text(letters: Sequence[str]) -> str:
    return f"0.5*{' '.join(word)} - 1" if (word := [f"{p}{q}" for q, p in enumerate(letters) if p != "I"]) else "0.3"


def _parts(draw: st.DrawFn, wires: Sequence[int]) -> list[tuple[int, ...]]:
    """The wires of one port or of two."""
    cut = draw(st.integers(1, max(1, len(wires))))
    return [tuple(part) for part in (wires[:cut], wires[cut:]) if part]


Act = tuple[str, tuple[Any, ...], dict[str, Any]]
"""A method of compositions, and what it is called with."""


@dataclass
class Recipe:
    """How a composition is made, step by step.

    Attributes:
        acts: the steps.
        wires: outputs that are not connected yet, as (address, element).
        numbers: classical outputs, as (address, size).
        outs: all quantum outputs, as (address, element).
        used: qubits so far.
    """

    acts: list[Act] = field(default_factory=list)
    wires: list[tuple[str, int]] = field(default_factory=list)
    numbers: list[tuple[str, int]] = field(default_factory=list)
    outs: list[tuple[str, int]] = field(default_factory=list)
    used: int = 0

    def build(self, acts: Sequence[Act] = ()) -> Composition:
        """The composition, perhaps with more steps."""
        return built([*self.acts, *acts])

    def tried(self, acts: Sequence[Act]) -> bool:
        """Take more steps where the laws of time allow it."""
        try:
            whole = self.build(acts)
            for one in unused(whole):
                whole.discard(one)
            whole.check()
        except CompositionError as error:
            if not all(any(why in one for why in TIME) for one in error.faults):
                raise
            return False
        self.acts += acts
        return True


def unused(whole: Composition) -> list[str]:
    """What is left of quantum outputs that are connected in part."""
    used: dict[tuple[str, str], set[int]] = {}
    for join in whole.assembly.joins:
        if isinstance(whole.assembly.port(join.source), QuantumOut):
            own = used.setdefault((join.source.node, join.source.port), set())
            own.update(whole.assembly.elements(join.source))
    sizes = {at: len(whole.assembly.modules[at[0]].port(at[1]).qubits) for at in used}
    return [f"{at[0]}.{at[1]}[{k}]" for at, own in used.items() for k in range(sizes[at]) if k not in own]


TIME = ("feed-forward", "no channel", "wait for each other")
"""Faults that depend on the rest of the graph."""


def built(acts: Sequence[Act], name: str = "random") -> Composition:
    """A composition from its steps."""
    found = Composition(name)
    for method, args, options in acts:
        getattr(found, method)(*args, **options)
    return found


def act(method: str, *args: Any, **options: Any) -> Act:
    return method, args, options


@st.composite
def recipes(draw: st.DrawFn, inputs: int = 0, depth: int = 2, qubits: int = MOST_QUBITS, links: bool = True) -> Recipe:
    """The steps of a random composition, with so many open quantum wires in."""
    made = Recipe(used=inputs)
    modules: list[tuple[Module, dict[str, Any]]] = []
    if inputs:
        _place(draw, made, "first", draw(circuit_modules(inputs, qubits - inputs, links)), {}, links, feed=False)
    for k in range(draw(st.integers(2, 5))):
        kind = draw(st.sampled_from(("circuit", "circuit", "circuit", "again", "nested", "function", "function")))
        width = min(draw(st.integers(0, 4)), 3, len(made.wires))
        spare = qubits - made.used
        if kind == "function" and links and made.numbers:
            _function(draw, made, f"n{k}")
        elif kind == "again" and modules:
            module, options = draw(st.sampled_from(modules))
            if _wide(module) <= len(made.wires) and _fresh(module) <= spare:
                _place(draw, made, f"n{k}", module, options, links)
        elif kind == "nested" and depth and spare >= 2:
            inner = draw(recipes(min(width, 2), depth - 1, min(4, spare), links))
            _place(draw, made, f"n{k}", finished(draw, inner), {"frozen": draw(st.booleans())}, links)
        elif spare or width:
            module = draw(circuit_modules(width, spare, links))
            options = {"frozen": draw(st.integers(0, 3)) == 0, "tie": draw(st.sampled_from((None, f"t{k}")))}
            modules.append((module, options))
            _place(draw, made, f"n{k}", module, options, links)
    if not made.acts:
        _place(draw, made, "only", draw(circuit_modules(0, qubits, links)), {}, links)
    return made


def finished(draw: st.DrawFn, inner: Recipe) -> Composition:
    """A composition that is to be nested: some of its outputs discarded, measured or called otherwise."""
    acts = _ends(draw, inner, everything=False)
    found = built([*inner.acts, *acts], "inner")
    ports = [port.name for port in found.ports if "." in port.name]
    for k, name in enumerate(ports):
        if draw(st.booleans()):
            found.expose(name, f"port{k}")
    return found


def _ends(draw: st.DrawFn, made: Recipe, everything: bool) -> list[Act]:
    """Discard and measure what is left."""
    acts: list[Act] = []
    ports: dict[str, list[int]] = {}
    for address, k in made.wires:
        ports.setdefault(address, []).append(k)
    whole = made.build()
    for address, left in ports.items():
        partly = len(left) < whole.assembly.port(spot(address)).shape[0]
        choice = draw(st.sampled_from(("measure", "discard", "leave")))
        if choice == "measure":
            acts.append(act("measure", f"m-{address.replace('.', '-')}", f"Z@{address}[{left[0]}] - 0.5"))
        elif partly or choice == "discard" or everything:
            acts.append(act("discard", f"{address}[{','.join(map(str, left))}]"))
    return acts


def _wide(module: Module | Composition) -> int:
    inner = module.module if isinstance(module, Composition) else module
    return sum(len(port.qubits) for port in inner.quantum_inputs)


def _fresh(module: Module | Composition) -> int:
    """Qubits that begin in a module."""
    body = (module.module if isinstance(module, Composition) else module).body
    if isinstance(body, Circuit):
        return body.num_qubits - _wide(module)
    return sum(_fresh(node.module) for node in body.nodes) if isinstance(body, Assembly) else 0


def _place(
    draw: st.DrawFn, made: Recipe, name: str, module: Module | Composition, options: dict[str, Any], links: bool,
    feed: bool = True,
) -> None:  # fmt: skip
    """Add a module: wires first, then numbers where the laws of time allow."""
    inner = module.module if isinstance(module, Composition) else module
    acts = [act("add", name, module, **options)]
    ins = [(port, k) for port in inner.quantum_inputs for k in range(len(port.qubits))] if feed else []
    if len(ins) > len(made.wires):
        return
    chosen = draw(st.permutations(made.wires))[: len(ins)]
    acts += _edges(draw, name, list(zip(chosen, ins, strict=True)))
    if not made.tried(acts):
        return
    made.wires = [wire for wire in made.wires if wire not in chosen]
    made.used += _fresh(inner)
    numbers = list(made.numbers)
    for port in inner.quantum_outputs:
        made.wires += [(f"{name}.{port.name}", k) for k in range(len(port.qubits))]
        made.outs += [(f"{name}.{port.name}", k) for k in range(len(port.qubits))]
    made.numbers += [(f"{name}.{port.name}", math.prod(port.shape)) for port in inner.classical_outputs]
    for port in inner.classical_inputs:
        if links and numbers and draw(st.integers(0, 3)):
            made.tried(_links(draw, numbers, f"{name}.{port.name}", math.prod(port.shape)))


def _edges(draw: st.DrawFn, name: str, pairs: list[tuple[tuple[str, int], Any]]) -> list[Act]:
    """Edges of wires: those between the same two ports as one, or each for itself."""
    groups: dict[tuple[str, ...], list[tuple[int, int]]] = {}
    apart = draw(st.booleans())
    for (address, k), (port, j) in pairs:
        key = (address, f"{name}.{port.name}", *((str(j),) if apart else ()))
        groups.setdefault(key, []).append((k, j))
    found = []
    for (source, target, *_), own in groups.items():
        ks, js = (",".join(str(one[end]) for one in own) for end in (0, 1))
        found.append(act("connect", f"{source}[{ks}]", f"{target}[{js}]"))
    return found


def _links(draw: st.DrawFn, numbers: list[tuple[str, int]], target: str, size: int) -> list[Act]:
    """Links to all elements of an input, from one output or from several."""
    fitting = [(address, count) for address, count in numbers if count >= size]
    if fitting and draw(st.booleans()):
        address, count = draw(st.sampled_from(fitting))
        ks = draw(st.permutations(range(count)))[:size]
        listed, js = (",".join(map(str, one)) for one in (ks, range(size)))
        through = draw(st.sampled_from((None, "tanh", "softmax", "half-turn", wave(size))))
        return [act("connect", f"{address}[{listed}]", f"{target}[{js}]", through)]
    found = []
    for j in range(size):
        address, count = draw(st.sampled_from(numbers))
        through = draw(st.sampled_from((None, "sigmoid", "square")))
        found.append(act("connect", f"{address}[{draw(st.integers(0, count - 1))}]", f"{target}[{j}]", through))
    return found


def wave(size: int) -> Module:
    """A callable with its pullback."""
    return classical(lambda x: np.sin(x + 0.2), size, pullback=lambda x, bar: bar * np.cos(x + 0.2))


def pairs_of(size: int) -> Module:
    """A callable that gives fewer numbers than it takes."""

    def value(x: np.ndarray) -> np.ndarray:
        return np.stack([x.sum(axis=-1), (x * x).sum(axis=-1)], axis=-1)

    def back(x: np.ndarray, bar: np.ndarray) -> np.ndarray:
        return bar[..., :1] + 2 * x * bar[..., 1:]

    return classical(value, size, 2, pullback=back)


def _function(draw: st.DrawFn, made: Recipe, name: str) -> None:
    size = draw(st.integers(1, 3))
    choices: tuple[Callable[[], Module], ...] = (
        lambda: classical("tanh", size),
        lambda: classical("softmax", size),
        lambda: classical("linear", size, 2, seed=size),
        lambda: pairs_of(size),
    )
    module = draw(st.sampled_from(choices))()
    made.acts.append(act("add", name, module, frozen=draw(st.integers(0, 3)) == 0))
    if draw(st.integers(0, 3)):
        made.tried(_links(draw, list(made.numbers), f"{name}.x", size))
    made.numbers.append((f"{name}.y", module.port("y").shape[0]))


@dataclass
class Case:
    """A composition with what is read of it, and numbers for all that it needs.

    Attributes:
        acts: how it is made.
        texts: outputs.
        whole: it.
        data: inputs, some with leading axes.
    """

    acts: list[Act]
    texts: list[str]
    whole: Composition
    data: dict[str, np.ndarray]

    def lead_of(self) -> tuple[int, ...]:
        """The leading axes of the data."""
        depth = {port.name: len(port.shape) for port in self.whole.ports}
        return max((one.shape[: one.ndim - depth[name]] for name, one in self.data.items()), key=len, default=())


@st.composite
def cases(draw: st.DrawFn, links: bool = True, lead: bool = True) -> Case:
    """Compositions that can be run."""
    made = draw(recipes(links=links))
    acts = [*made.acts, *_ends(draw, made, everything=True)]
    whole = built(acts)
    texts = [one[1][0] for one in acts if one[0] == "measure"]
    texts += [text for text, _ in draw(st.lists(st.sampled_from(made.numbers), max_size=2))] if made.numbers else []
    for _ in range(draw(st.integers(1, 3))):
        letters = draw(st.lists(st.sampled_from(made.outs), min_size=1, max_size=3, unique=True)) if made.outs else []
        word = " ".join(f"{draw(st.sampled_from('XYZ'))}@{at}[{k}]" for at, k in letters)
        texts.append(f"0.7*{word} + 0.2" if word else "1")
    axes = draw(st.sampled_from(((), (), (2,), (2, 1)))) if lead else ()
    data = {}
    for port in whole.ports:
        if isinstance(port, ClassicalIn):
            shape = (*(axes if draw(st.booleans()) else ()), *port.shape)
            data[port.name] = np.array([draw(numbers) for _ in range(math.prod(shape))]).reshape(shape)
    return Case(acts, texts, whole, data)
