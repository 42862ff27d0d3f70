"""Modules: circuits, classical functions and compositions with typed ports."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from cutq.circuits.circuit import Circuit
from cutq.circuits.qasm.text import dumps
from cutq.compose.assembly import Assembly
from cutq.compose.card import Card
from cutq.compose.expressions import Expression
from cutq.compose.functions import Classical, Reals
from cutq.compose.operators import Chained
from cutq.compose.ports import ClassicalIn, ClassicalOut, Numbers, Port, QuantumIn, QuantumOut, Weight, check_name
from cutq.errors import ModuleError

_ELEMENT = re.compile(r"([^\[\]]+)\[(\d+(?:,\d+)*)\]")


@dataclass(frozen=True, eq=False)
class Module(Chained):
    """A circuit, a classical function or a composition with typed ports: a channel from its quantum inputs to its
    quantum outputs for each value of its classical inputs, and expectation values.

    Attributes:
        name: its name.
        body: a :class:`~cutq.circuits.circuit.Circuit`, whose qubits start in 0 where no port brings them; or what
            ``cutq.classical`` and ``Composition.module`` put there, which know their ports themselves.
        ports: quantum and classical ports with different names; qubits that no port takes out are traced out.
        weights: trainable arrays. Left out, they follow from the names of the circuit's parameters that no input and
            no entry of ``angles`` drives: ``theta[0]`` and ``theta[1]`` make a weight ``theta`` of shape (2,).
        angles: the input map: for parameters of the circuit that are no element of an input or a weight, an expression
            of elements (:mod:`cutq.compose.expressions`).
        card: what it is for and what it promises.

    Raises:
        ModuleError: the parts do not fit together.

    >>> from cutq.circuits.angles import param
    >>> from cutq.circuits.circuit import Operation
    >>> circuit = Circuit(1, (Operation("ry", (0,), (param("turn"),)), Operation("rx", (0,), (param("w[0]"),))))
    >>> ports = (ClassicalIn("x", low=-1.0, high=1.0), QuantumOut("out", (0,)), ClassicalOut("z", ("Z0",)))
    >>> encoder = Module("encoder", circuit, ports, angles={"turn": "2*arccos(x)"})
    >>> [weight.name for weight in encoder.weights], encoder.port("out").type
    (['w'], 'quantum out, 1 qubit')
    """

    name: str
    body: Circuit | Classical | Assembly
    ports: tuple[Port | Numbers, ...] = ()
    weights: tuple[Weight, ...] = ()
    angles: Mapping[str, Expression] = field(default_factory=dict)
    card: Card = field(default_factory=Card)

    def __post_init__(self) -> None:
        check_name(self.name)
        if not isinstance(self.body, Circuit | Classical | Assembly):
            raise ModuleError(f"the body of module {self.name!r} is a cutq.Circuit, got {type(self.body).__name__}")
        if not isinstance(self.card, Card):
            raise ModuleError(f"the card of module {self.name!r} is a cutq.Card, got {type(self.card).__name__}")
        for what in ("ports", "weights"):
            object.__setattr__(self, what, _tuple(self.name, what, getattr(self, what)))
        if not isinstance(self.angles, Mapping):
            raise ModuleError(f"the angles of module {self.name!r} are a mapping such as {{'phi': '2*x[0]'}}")
        angles = {key: one if isinstance(one, Expression) else Expression(one) for key, one in self.angles.items()}
        object.__setattr__(self, "angles", angles)
        if isinstance(self.body, Circuit):
            if not self.weights:
                object.__setattr__(self, "weights", _inferred(self.body, self.ports, angles))
            _check(self)
        elif isinstance(self.body, Assembly):
            object.__setattr__(self, "ports", self.body.ports)
            object.__setattr__(self, "weights", self.body.weights)

    def port(self, name: str) -> Port | Numbers:
        """The port of this name.

        Raises:
            ModuleError: there is none, with the nearest name.
        """
        if name not in self._ports:
            near = difflib.get_close_matches(name, self._ports, n=1, cutoff=0.0)
            hint = f"; its ports are {', '.join(self._ports)}, the nearest is {near[0]!r}" if near else "; it has none"
            raise ModuleError(f"module {self.name!r} has no port {name!r}{hint}")
        return self._ports[name]

    @cached_property
    def _ports(self) -> Mapping[str, Port | Numbers]:
        return {port.name: port for port in self.ports}

    @property
    def quantum_inputs(self) -> tuple[QuantumIn, ...]:
        """Its quantum inputs."""
        return tuple(port for port in self.ports if isinstance(port, QuantumIn))

    @property
    def quantum_outputs(self) -> tuple[QuantumOut, ...]:
        """Its quantum outputs."""
        return tuple(port for port in self.ports if isinstance(port, QuantumOut))

    @property
    def classical_inputs(self) -> tuple[ClassicalIn, ...]:
        """Its classical inputs."""
        return tuple(port for port in self.ports if isinstance(port, ClassicalIn))

    @property
    def classical_outputs(self) -> tuple[ClassicalOut | Numbers, ...]:
        """Its classical outputs."""
        return tuple(port for port in self.ports if isinstance(port, ClassicalOut | Numbers))

    @property
    def num_weights(self) -> int:
        """How many numbers its weights are."""
        return sum(weight.size for weight in self.weights)

    def with_weights(self, values: Mapping[str, Any]) -> Module:
        """The same module with other values of some weights.

        Raises:
            ModuleError: no such weight, or another shape, with both shapes.
        """
        names = [weight.name for weight in self.weights]
        for name in values:
            if name not in names:
                raise ModuleError(f"module {self.name!r} has no weight {name!r}; its weights are {', '.join(names)}")
        chosen = tuple(
            Weight(one.name, one.shape, values[one.name]) if one.name in values else one for one in self.weights
        )
        if isinstance(self.body, Assembly):
            return replace(self, body=self.body.with_weights(values), ports=(), weights=())
        return replace(self, weights=chosen)

    def initialised(self, seed: int, scale: float = np.pi) -> Module:
        """The same module with values for the weights that have none, uniform in -scale to scale."""
        rng = np.random.default_rng(seed)
        fresh = {one.name: rng.uniform(-scale, scale, one.shape) for one in self.weights if one.values is None}
        return self.with_weights(fresh) if fresh else self

    @cached_property
    def digest(self) -> str:
        """The sha256 of everything that it is; equal modules have equal digests."""
        return hashlib.sha256(json.dumps(self._canonical(), sort_keys=True).encode()).hexdigest()

    def _canonical(self) -> list[Any]:
        body: Any = self.body.canonical() if isinstance(self.body, Assembly) else repr(self.body)
        if isinstance(self.body, Circuit):
            body = dumps(replace(self.body, metadata={}))
        elif isinstance(self.body, Classical) and self.body.call is not None:
            raise ModuleError(
                f"module {self.name!r} is a callable of yours, which has no digest and is not saved; use a function of "
                "the table"
            )
        weights = [
            [one.name, one.shape, None if one.values is None else one.values.tobytes().hex()] for one in self.weights
        ]
        angles = {name: one.text for name, one in self.angles.items()}
        return [self.name, body, [repr(port) for port in self.ports], weights, angles, repr(self.card)]

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Module) and self.digest == other.digest)

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        ports = "; ".join(f"{port.name}: {port.type}" for port in self.ports)
        return f"Module({self.name!r}, {self.num_weights} weights, {ports})"


def classical(
    function: str | Callable[[Reals], Any],
    inputs: int,
    outputs: int | None = None,
    *,
    pullback: Callable[[Reals, Reals], Any] | None = None,
    seed: int = 0,
) -> Module:
    """A classical function as a module with the ports ``x`` and ``y``.

    Args:
        function: a name of :data:`cutq.compose.functions.FUNCTIONS`, or a callable, (..., inputs) to (..., outputs).
        inputs, outputs: sizes; as many outputs as inputs if left out.
        pullback: for a callable: from inputs and derivatives by the outputs to derivatives by the inputs.
        seed: of the first weights, where the function has some.

    Raises:
        ModuleError: no such function, or sizes that it cannot have.

    >>> head = classical("linear", 4, 2)
    >>> [(weight.name, weight.shape) for weight in head.weights]
    [('weight', (2, 4)), ('bias', (2,))]
    """
    size = inputs if outputs is None else outputs
    if callable(function):
        shown = getattr(function, "__name__", type(function).__name__)
        body = Classical(shown, inputs, size, function, pullback)
    else:
        body = Classical(function, inputs, size)
    rng = np.random.default_rng(seed)
    bound = 1 / np.sqrt(body.inputs)
    weights = tuple(Weight(name, shape, rng.uniform(-bound, bound, shape)) for name, shape in body.weights.items())
    name = re.sub(r"[^A-Za-z0-9_]+", "_", body.function).strip("_")
    fit = name if re.match(r"[A-Za-z_]", name) else f"f_{name}"
    return Module(fit, body, (ClassicalIn("x", (body.inputs,)), Numbers("y", (body.outputs,))), weights)


def _tuple(name: str, what: str, values: object) -> tuple[Any, ...]:
    kinds: tuple[type, ...] = (
        (Weight,) if what == "weights" else (QuantumIn, QuantumOut, ClassicalIn, ClassicalOut, Numbers)
    )
    found = tuple(values) if isinstance(values, Iterable) and not isinstance(values, str) else (values,)
    for one in found:
        if not isinstance(one, kinds):
            raise ModuleError(
                f"the {what} of module {name!r} are values of {', '.join(f'cutq.{k.__name__}' for k in kinds)}, "
                f"got {one!r}"
            )
    return found


def _inferred(
    circuit: Circuit, ports: Iterable[Port | Numbers], angles: Mapping[str, Expression]
) -> tuple[Weight, ...]:
    """The weights that a circuit's parameters, and the elements that expressions name, stand for."""
    inputs = {name for port in ports if isinstance(port, ClassicalIn) for name in port.elements}
    used = [name for one in angles.values() for name in one.names]
    left = [name for name in dict.fromkeys((*circuit.parameters, *used)) if name not in inputs and name not in angles]
    indices: dict[str, list[tuple[int, ...]]] = {}
    for name in left:
        found = _ELEMENT.fullmatch(name)
        base, index = (found[1], tuple(map(int, found[2].split(",")))) if found else (name, ())
        indices.setdefault(base, []).append(index)
    weights = []
    for base, own in indices.items():
        depth = {len(index) for index in own}
        shape = tuple(max(axis) + 1 for axis in zip(*own, strict=True)) if len(depth) == 1 else ()
        weights.append(Weight(base, shape))
    return tuple(weights)


def _check(module: Module) -> None:
    """Raise :class:`ModuleError` where the parts of a module with a circuit do not fit together."""
    assert isinstance(module.body, Circuit)
    names = [part.name for part in (*module.ports, *module.weights)]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ModuleError(
            f"ports and weights of module {module.name!r} have different names, but {twice[0]!r} is twice"
        )
    for ports in (module.quantum_inputs, module.quantum_outputs):
        _check_qubits(module, ports)
    for port in module.classical_outputs:
        if isinstance(port, Numbers):
            raise ModuleError(f"port {port.name!r} of module {module.name!r} is a cutq.ClassicalOut of observables")
        worst = max((qubit for one in port.observables for qubit in one.qubits), default=0)
        _check_number(module, port, worst)
    _check_angles(module)


def _check_qubits(module: Module, ports: Iterable[QuantumIn | QuantumOut]) -> None:
    seen: dict[int, str] = {}
    for port in ports:
        for qubit in port.qubits:
            _check_number(module, port, qubit)
            if qubit in seen:
                raise ModuleError(
                    f"a qubit belongs to one port, but qubit {qubit} of module {module.name!r} belongs to "
                    f"{seen[qubit]!r} and {port.name!r}"
                )
            seen[qubit] = port.name


def _check_number(module: Module, port: Port, qubit: int) -> None:
    assert isinstance(module.body, Circuit)
    if qubit >= module.body.num_qubits:
        raise ModuleError(
            f"port {port.name!r} of module {module.name!r} names qubit {qubit}, but its circuit has "
            f"{module.body.num_qubits} qubits, numbered from 0"
        )


def _check_angles(module: Module) -> None:
    assert isinstance(module.body, Circuit)
    parts: list[ClassicalIn | Weight] = [*module.classical_inputs, *module.weights]
    known = {name for part in parts for name in part.elements}
    free = set(module.body.parameters)
    for name, one in module.angles.items():
        if name not in free:
            raise ModuleError(f"the angle {name!r} of module {module.name!r} is no parameter of its circuit")
        if name in known:
            raise ModuleError(
                f"{name!r} of module {module.name!r} is both an angle and an element of an input or weight"
            )
        lost = [used for used in one.names if used not in known]
        if lost:
            raise ModuleError(
                f"the angle {name!r} of module {module.name!r} is {one.text!r}, but {lost[0]!r} is no element of its "
                f"inputs and weights{_hint(lost[0], known)}"
            )
    lost = sorted(free - known - set(module.angles))
    if lost:
        raise ModuleError(
            f"the parameter {lost[0]!r} of module {module.name!r} is driven by nothing; name it like an element of an "
            f"input or weight, or give it an expression in angles{_hint(lost[0], known)}"
        )
    driven = free.union(*(one.names for one in module.angles.values()))
    for port in module.classical_inputs:
        if driven.isdisjoint(port.elements):
            raise ModuleError(f"the input {port.name!r} of module {module.name!r} drives no angle")


def _hint(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
