"""What a module shows to others: quantum wires and numbers, in and out, each with a name and a type."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from cutq.circuits.observable import Observable, observable
from cutq.compose.names import check_name, checked_shape, elements, listed, shown
from cutq.errors import ModuleError

MOST_PROBABILITIES = 10
"""Qubits whose joint probabilities a port may give."""


@dataclass(frozen=True)
class Wires:
    """Wires of a module.

    Attributes:
        name: their name.
        qubits: qubits of the module's circuit, in the order of the wires.
    """

    way: ClassVar[str]
    name: str
    qubits: tuple[int, ...]

    def __post_init__(self) -> None:
        check_name(self.name)
        object.__setattr__(self, "qubits", _distinct(self.name, self.qubits))

    @property
    def shape(self) -> tuple[int, ...]:
        """One axis: the wires."""
        return (len(self.qubits),)

    @property
    def type(self) -> str:
        """Their type in words."""
        count = len(self.qubits)
        return f"quantum {self.way}, {count} qubit{'' if count == 1 else 's'}"


@dataclass(frozen=True)
class QuantumIn(Wires):
    """Wires that come in and become qubits of the module's circuit.

    >>> QuantumIn("in", (0, 1)).type
    'quantum in, 2 qubits'
    """

    way: ClassVar[str] = "in"


@dataclass(frozen=True)
class QuantumOut(Wires):
    """Wires that go out, each to one place only. Qubits that no port names are traced out.

    >>> QuantumOut("out", (1,)).type
    'quantum out, 1 qubit'
    """

    way: ClassVar[str] = "out"


@dataclass(frozen=True)
class ClassicalIn:
    """Numbers that come in: data, or angles in radians.

    Attributes:
        name: its name; elements are ``x`` where the shape is empty, else ``x[0]``, ``x[0,1]``.
        shape: their shape.
        kind: ``"data"`` or ``"angle"``; what the numbers mean, no difference in what they do.
        low, high: the range they must lie in, both ends included.

    >>> ClassicalIn("x", (2,), low=0.0, high=1.0).type
    'data in, shape (2,), 0 to 1'
    """

    name: str
    shape: tuple[int, ...] = ()
    kind: str = "data"
    low: float = -math.inf
    high: float = math.inf

    def __post_init__(self) -> None:
        check_name(self.name)
        object.__setattr__(self, "shape", checked_shape(self.name, self.shape))
        if not isinstance(self.kind, str) or self.kind not in ("data", "angle"):
            raise ModuleError(
                f"the numbers of port {self.name!r} are of kind 'data' or 'angle', got {shown(self.kind)}"
            )
        low, high = (_number(self.name, end) for end in (self.low, self.high))
        if not low <= high or low == math.inf or high == -math.inf:
            raise ModuleError(f"the range of port {self.name!r} goes from low to high, got {low} to {high}")
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)

    @property
    def type(self) -> str:
        """Its type in words."""
        limits = "" if math.inf == self.high == -self.low else f", {self.low:g} to {self.high:g}"
        return f"{self.kind} in, shape {self.shape}{limits}"

    @property
    def elements(self) -> tuple[str, ...]:
        """Names of its elements, row after row."""
        return elements(self.name, self.shape)


@dataclass(frozen=True)
class ClassicalOut:
    """Numbers that go out: expectation values of observables, or joint probabilities of qubits.

    Attributes:
        name: its name.
        observables: on the module's qubits at its end, as text or :class:`~cutq.circuits.observable.Observable`.
        labels: their names; by default their texts.
        probabilities: instead of observables, the qubits whose ``2**n`` joint probabilities are given, first qubit
            most significant.

    >>> ClassicalOut("z", ("Z0", "Z0 Z1")).type
    'values out, shape (2,)'
    >>> [str(one) for one in ClassicalOut("p", probabilities=(3,)).observables]
    ['0.5 + 0.5*Z3', '0.5 - 0.5*Z3']
    """

    name: str
    observables: tuple[Observable, ...] = ()
    labels: tuple[str, ...] = ()
    probabilities: tuple[int, ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        check_name(self.name)
        object.__setattr__(self, "probabilities", _distinct(self.name, self.probabilities, empty=True))
        found = tuple(observable(one) for one in _several(self.name, "observables", self.observables))
        if self.probabilities:
            expected = _projectors(self.name, self.probabilities)
            if found and found != expected:
                raise ModuleError(f"port {self.name!r} gives observables or probabilities, but both were named")
            found = expected
        if not found:
            raise ModuleError(f"port {self.name!r} gives numbers, but names no observables and no probabilities")
        object.__setattr__(self, "observables", found)
        labels = _several(self.name, "labels", self.labels)
        labels = labels or (self._bits() if self.probabilities else tuple(map(str, found)))
        texts = all(isinstance(one, str) for one in labels)
        if len(labels) != len(found) or not texts or len(set(labels)) < len(labels):
            raise ModuleError(
                f"port {self.name!r} has {len(found)} observables and as many different texts as labels, got "
                f"{shown(labels)}"
            )
        object.__setattr__(self, "labels", labels)

    @property
    def shape(self) -> tuple[int, ...]:
        """One axis: its numbers."""
        return (len(self.observables),)

    @property
    def type(self) -> str:
        """Its type in words."""
        return f"{'probabilities' if self.probabilities else 'values'} out, shape {self.shape}"

    def _bits(self) -> tuple[str, ...]:
        width = len(self.probabilities)
        return tuple(f"{number:0{width}b}" for number in range(2**width))


Port = QuantumIn | QuantumOut | ClassicalIn | ClassicalOut


@dataclass(frozen=True)
class Numbers:
    """Numbers that go out of a classical function or of a composition.

    Attributes:
        name: its name.
        shape: their shape.
    """

    name: str
    shape: tuple[int, ...]

    def __post_init__(self) -> None:
        check_name(self.name)
        object.__setattr__(self, "shape", checked_shape(self.name, self.shape))

    @property
    def type(self) -> str:
        """Its type in words."""
        return f"values out, shape {self.shape}"


def _projectors(name: str, qubits: Sequence[int]) -> tuple[Observable, ...]:
    """The projectors on the bit strings of some qubits, as sums of words of Z."""
    if len(qubits) > MOST_PROBABILITIES:
        raise ModuleError(f"port {name!r} gives probabilities of {len(qubits)} qubits, more than {MOST_PROBABILITIES}")
    found: list[dict[tuple[int, ...], float]] = [{(): 1.0}]
    for qubit in qubits:
        found = [
            {key: value / 2 for key, value in one.items()}
            | {(*key, qubit): sign * value / 2 for key, value in one.items()}
            for one in found
            for sign in (1, -1)
        ]
    return tuple(Observable.of(((tuple((q, "Z") for q in key), value) for key, value in one.items())) for one in found)


def _distinct(name: str, qubits: object, *, empty: bool = False) -> tuple[int, ...]:
    """Distinct qubit numbers."""
    found = (qubits,) if isinstance(qubits, int | np.integer) else listed(qubits)
    if found is None:
        raise ModuleError(f"the qubits of port {name!r} are a tuple of numbers, got {shown(qubits)}")
    if not all(isinstance(q, int | np.integer) and not isinstance(q, bool) and q >= 0 for q in found):
        raise ModuleError(f"the qubits of port {name!r} are whole numbers from 0, got {shown(found)}")
    if len(set(found)) < len(found) or not (found or empty):
        raise ModuleError(f"port {name!r} names different qubits, at least one, got {shown(found)}")
    return tuple(int(q) for q in found)


def _several(name: str, what: str, values: Any) -> tuple[Any, ...]:
    """One value, or several, as a tuple."""
    if isinstance(values, str | Observable):
        return (values,)
    found = listed(values)
    if found is None:
        raise ModuleError(f"the {what} of port {name!r} are a tuple of texts, got {shown(values)}")
    return found


def _number(name: str, value: object) -> float:
    if not isinstance(value, int | float | np.number) or isinstance(value, bool | np.complexfloating):
        raise ModuleError(f"the range of port {name!r} is two real numbers, got {shown(value)}")
    try:
        return float(value)
    except OverflowError as cause:
        raise ModuleError(f"the range of port {name!r} is two real numbers, got one beyond 1e308") from cause
