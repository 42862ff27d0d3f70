"""What a module shows to others: quantum wires and numbers, in and out, each with a name and a type."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.observable import Observable, observable
from cutq.errors import ModuleError

MOST_PROBABILITIES = 10
"""Qubits whose joint probabilities a port may give."""

MOST_NUMBERS = 10**6
"""Numbers of a port or a weight."""

MOST_AXES = 16
"""Axes of a port or a weight."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:[.-][A-Za-z0-9_]+)*", re.ASCII)


@dataclass(frozen=True)
class QuantumIn:
    """Wires that come in.

    Attributes:
        name: its name.
        qubits: qubits of the module's circuit that they become, in the order of the wires.

    >>> QuantumIn("in", (0, 1)).type
    'quantum in, 2 qubits'
    """

    name: str
    qubits: tuple[int, ...]

    def __post_init__(self) -> None:
        _check_name(self.name)
        object.__setattr__(self, "qubits", _distinct(self.name, self.qubits))

    @property
    def shape(self) -> tuple[int, ...]:
        """One axis: its wires."""
        return (len(self.qubits),)

    @property
    def type(self) -> str:
        """Its type in words."""
        return f"quantum in, {_counted(len(self.qubits), 'qubit')}"


@dataclass(frozen=True)
class QuantumOut:
    """Wires that go out; a wire goes to one place only. Qubits that no port names are traced out.

    Attributes:
        name: its name.
        qubits: qubits of the module's circuit, in the order of the wires.
    """

    name: str
    qubits: tuple[int, ...]

    def __post_init__(self) -> None:
        _check_name(self.name)
        object.__setattr__(self, "qubits", _distinct(self.name, self.qubits))

    @property
    def shape(self) -> tuple[int, ...]:
        """One axis: its wires."""
        return (len(self.qubits),)

    @property
    def type(self) -> str:
        """Its type in words."""
        return f"quantum out, {_counted(len(self.qubits), 'qubit')}"


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
        _check_name(self.name)
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
        _check_name(self.name)
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
        _check_name(self.name)
        object.__setattr__(self, "shape", checked_shape(self.name, self.shape))

    @property
    def type(self) -> str:
        """Its type in words."""
        return f"values out, shape {self.shape}"


@dataclass(frozen=True, eq=False)
class Weight:
    """A named array of trainable numbers.

    Attributes:
        name: its name; elements are named as those of :class:`ClassicalIn`.
        shape: its shape.
        values: the numbers; None where they are not chosen yet.
        frozen: whether training leaves it as it is.

    >>> Weight("theta", (2,), [0.1, 0.2]).elements
    ('theta[0]', 'theta[1]')
    """

    name: str
    shape: tuple[int, ...]
    values: NDArray[np.float64] | None = None
    frozen: bool = False

    def __post_init__(self) -> None:
        _check_name(self.name)
        object.__setattr__(self, "shape", checked_shape(self.name, self.shape))
        if not isinstance(self.frozen, bool):
            raise ModuleError(f"weight {self.name!r} is frozen or not, True or False, got {shown(self.frozen)}")
        if self.values is not None:
            object.__setattr__(self, "values", weight_values(self.name, self.shape, self.values))

    @property
    def elements(self) -> tuple[str, ...]:
        """Names of its elements, row after row."""
        return elements(self.name, self.shape)

    @property
    def size(self) -> int:
        """How many numbers."""
        return math.prod(self.shape)


def weight_values(name: str, shape: tuple[int, ...], values: Any) -> NDArray[np.float64]:
    """Numbers of a weight as a read-only array of its shape."""
    try:
        array = reals(values).copy()
    except (TypeError, ValueError) as cause:
        raise ModuleError(f"the values of weight {name!r} are real numbers, got {shown(values)}") from cause
    if array.shape != shape:
        raise ModuleError(f"weight {name!r} has shape {shape}, but its values have shape {array.shape}")
    if not np.isfinite(array).all():
        where = tuple(int(k) for k in np.argwhere(~np.isfinite(array))[0])
        raise ModuleError(f"the values of weight {name!r} are finite numbers, got {array[where]} at {list(where)}")
    array.flags.writeable = False
    return array


def check_weights(values: object) -> None:
    """Raise :class:`ModuleError` where values of weights have no names."""
    if not isinstance(values, Mapping):
        raise ModuleError(
            f"values of weights are a mapping from names to arrays, such as {{'theta': [0.1]}}, got {shown(values)}"
        )


def reals(values: Any) -> NDArray[np.float64]:
    """Numbers as an array.

    Raises:
        TypeError, ValueError: they are no real numbers, such as text.
    """
    array = np.asarray(values)
    if array.dtype.kind not in "biuf" and array.size:
        raise TypeError(f"no real numbers: {array.dtype}")
    return array.astype(np.float64, copy=False)


def elements(name: str, shape: tuple[int, ...]) -> tuple[str, ...]:
    """Names of the elements of an array, row after row.

    >>> elements("w", (2, 2)), elements("w", ())
    (('w[0,0]', 'w[0,1]', 'w[1,0]', 'w[1,1]'), ('w',))
    """
    if not shape:
        return (name,)
    return tuple(f"{name}[{','.join(map(str, index))}]" for index in np.ndindex(*shape))


def checked_shape(name: str, shape: object) -> tuple[int, ...]:
    """A shape as a tuple of positive whole numbers; one number means one axis."""
    given = listed(shape) if isinstance(shape, tuple | list | np.ndarray) else (shape,)
    if given is None or not all(
        isinstance(size, int | np.integer) and not isinstance(size, bool) and size > 0 for size in given
    ):
        raise ModuleError(f"the shape of {name!r} is a tuple of positive whole numbers, got {shown(shape)}")
    found = tuple(int(size) for size in given)
    if math.prod(found) > MOST_NUMBERS or len(found) > MOST_AXES:
        raise ModuleError(
            f"{name!r} has at most {MOST_NUMBERS} numbers and {MOST_AXES} axes, got shape {shown(found)}; make several"
        )
    return found


def listed(values: Any) -> tuple[Any, ...] | None:
    """Several values as a tuple; None where they are not several, such as a text."""
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        return None
    try:
        return tuple(values)
    except TypeError:  # an array without axes
        return None


def shown(value: object) -> str:
    """A value in a message, shortened where it is long."""
    try:
        text = repr(value)
    except ValueError:
        text = "a number of thousands of digits"
    return text if len(text) <= 120 else f"{text[:117]}..."


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


def _check_name(name: object) -> None:
    if not isinstance(name, str) or len(name) > 200 or not _NAME.fullmatch(name):
        raise ModuleError(
            "a name has at most 200 letters, digits and _ and begins with no digit (parts joined by '.' or '-'), got "
            f"{shown(name)}"
        )


def check_name(name: object) -> str:
    """A name that is fit for modules, ports and weights."""
    _check_name(name)
    return str(name)


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


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
