"""Modules: circuits, classical functions and compositions with typed ports."""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cutq.circuits.circuit import Circuit
from cutq.compose.assembly import Assembly
from cutq.compose.canonical import canonical_circuit, canonical_value
from cutq.compose.card import Card
from cutq.compose.expressions import Expression
from cutq.compose.functions import Classical, Reals
from cutq.compose.names import check_name, checked_shape, listed, shown
from cutq.compose.operators import Chained
from cutq.compose.parts import check_classical, check_parts
from cutq.compose.ports import ClassicalIn, ClassicalOut, Numbers, Port, QuantumIn, QuantumOut
from cutq.compose.weight import Weight, check_weights
from cutq.errors import CutqError, ModuleError
from cutq.exact.checks import whole_number

if TYPE_CHECKING:
    from cutq.compose.verify import Verification

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

    home: ClassVar[str | None] = None
    """The folder that it was loaded from; None for other modules. Copies with other weights come from nowhere."""

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
            raise ModuleError(
                f"the angles of module {self.name!r} are a mapping such as {{'phi': '2*x[0]'}}, got "
                f"{shown(self.angles)}"
            )
        angles = {key: one if isinstance(one, Expression) else Expression(one) for key, one in self.angles.items()}
        object.__setattr__(self, "angles", angles)
        if isinstance(self.body, Circuit):
            if not self.weights:
                object.__setattr__(self, "weights", _inferred(self.body, self.ports, angles))
            check_parts(self)
        elif isinstance(self.body, Assembly):
            object.__setattr__(self, "ports", self.body.ports)
            object.__setattr__(self, "weights", self.body.weights)
        else:
            check_classical(self, self.body)

    def port(self, name: str) -> Port | Numbers:
        """The port of this name.

        Raises:
            ModuleError: there is none, with the nearest name.
        """
        if not isinstance(name, str) or name not in self._ports:
            near = difflib.get_close_matches(str(name)[:200], self._ports, n=1, cutoff=0.0)
            known = ", ".join(self._ports)[:300]
            hint = f"; its ports are {known}, the nearest is {near[0]!r}" if near else "; it has none"
            raise ModuleError(f"module {self.name!r} has no port {shown(name)}{hint}")
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
        check_weights(values)
        names = {weight.name for weight in self.weights}
        for name in values:
            if name not in names:
                known = ", ".join(weight.name for weight in self.weights) or "(none)"
                raise ModuleError(f"module {self.name!r} has no weight {shown(name)}; its weights are {known[:300]}")
        if isinstance(self.body, Assembly):
            return replace(self, body=self.body.with_weights(values), ports=(), weights=())
        return replace(
            self,
            weights=tuple(replace(one, values=values[one.name]) if one.name in values else one for one in self.weights),
        )

    def initialised(self, seed: int, scale: float = np.pi) -> Module:
        """The same module with values for the weights that have none, uniform in -scale to scale."""
        if not isinstance(scale, int | float) or not 0 <= scale <= 1e300:
            raise ModuleError(f"weights are drawn from -scale to scale, a number from 0, got {shown(scale)}")
        rng = np.random.default_rng(whole_number("seed", seed, 0))
        fresh = {one.name: rng.uniform(-scale, scale, one.shape) for one in self.weights if one.values is None}
        return self.with_weights(fresh) if fresh else self

    def verify(self) -> Verification:
        """Every number on its card computed again, against references that know nothing of its circuit."""
        # Checks are made of modules, so their file is not loaded before it is asked for.
        found: Verification = import_module("cutq.compose.verify").verify(self)
        return found

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        readme: str | None = None,
        recipe: Mapping[str, Any] | None = None,
        figure: str | bytes | None = None,
        overwrite: bool = False,
    ) -> Path:
        """Write it to a folder that :func:`cutq.load_module` reads, whole or not at all.

        Args:
            path: a new or empty folder.
            readme: text for people; made of the card if left out.
            recipe: how it was trained: data set, seeds, optimiser, command, versions.
            figure: an SVG picture.
            overwrite: whether the folder of another module is replaced.

        Returns:
            The folder.

        Raises:
            ModuleError: something else is there, or the module cannot be saved, such as one with a callable.
        """
        # What is read from folders are modules, so that file is not loaded before it is asked for.
        folder = import_module("cutq.compose.folder")
        written: Path = folder.save_module(self, path, readme=readme, recipe=recipe, figure=figure, overwrite=overwrite)
        return written

    @cached_property
    def digest(self) -> str:
        """The sha256 of everything that it is; equal modules have equal digests."""
        return hashlib.sha256(json.dumps(self._canonical(), sort_keys=True).encode()).hexdigest()

    def _canonical(self) -> list[Any]:
        if isinstance(self.body, Circuit):
            body: Any = canonical_circuit(self.body)
        elif isinstance(self.body, Assembly):
            body = self.body.canonical()
        elif self.body.call is None:
            body = canonical_value(self.body)
        else:
            raise ModuleError(
                f"module {self.name!r} is a callable of yours, which has no digest and is not saved; use a function of "
                "the table"
            )
        weights = [
            [one.name, one.shape, None if one.values is None else one.values.tobytes().hex(), one.frozen]
            for one in self.weights
        ]
        angles = {name: one.text for name, one in self.angles.items()}
        return [self.name, body, canonical_value(self.ports), weights, angles, canonical_value(self.card)]

    @cached_property
    def _value(self) -> object:
        """What is equal for equal modules; those with callables are equal to themselves alone."""
        try:
            return self.digest
        except CutqError:
            return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Module) and self._value == other._value)

    def __hash__(self) -> int:
        return hash(self._value)

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
    if pullback is not None and not (callable(function) and callable(pullback)):
        raise ModuleError(
            f"a pullback is a callable that stands beside a callable, got {shown(pullback)} for {shown(function)}"
        )
    if callable(function):
        label = getattr(function, "__name__", type(function).__name__)
        body = Classical(label, inputs, size, function, pullback)
    else:
        body = Classical(function, inputs, size)
    rng = np.random.default_rng(whole_number("seed", seed, 0))
    bound = 1 / np.sqrt(body.inputs)
    shapes = {name: checked_shape(name, shape) for name, shape in body.weights.items()}
    weights = tuple(Weight(name, shape, rng.uniform(-bound, bound, shape)) for name, shape in shapes.items())
    name = re.sub(r"[^A-Za-z0-9_]+", "_", body.function).strip("_")
    fit = name if re.match(r"[A-Za-z_]", name) else f"f_{name}"
    return Module(fit, body, (ClassicalIn("x", (body.inputs,)), Numbers("y", (body.outputs,))), weights)


def _tuple(name: str, what: str, values: object) -> tuple[Any, ...]:
    kinds: tuple[type, ...] = (
        (Weight,) if what == "weights" else (QuantumIn, QuantumOut, ClassicalIn, ClassicalOut, Numbers)
    )
    found = listed(values)
    found = (values,) if found is None else found
    for one in found:
        if not isinstance(one, kinds):
            raise ModuleError(
                f"the {what} of module {name!r} are values of {', '.join(f'cutq.{k.__name__}' for k in kinds)}, "
                f"got {shown(one)}"
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
