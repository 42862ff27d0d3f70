"""Small modules as dense arrays: Kraus operators, the channel, and expectation values, by plain matrix products.

Nothing of the engines is used here, so that this is a reference for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutq.circuits.checks import shown
from cutq.circuits.circuit import Operation
from cutq.circuits.gates import PAULIS, Matrix
from cutq.compose.assembly import Assembly, Node
from cutq.compose.check import check
from cutq.compose.circuits import Laid, Source, lay
from cutq.compose.composition import Composition
from cutq.compose.flatten import Flat, Reading, flatten
from cutq.compose.module import Module
from cutq.compose.ports import ClassicalIn, QuantumIn, QuantumOut
from cutq.compose.weight import Weight
from cutq.compose.wiring import Wiring
from cutq.errors import CompositionError, ParameterError, TooLargeError

MOST_QUBITS, MOST_AXES = 12, 24
"""Qubits that a module may have, and qubits with open inputs counted again."""

MOST_CHANNEL_AXES = 24
"""Qubits of the inputs and outputs of a channel, each counted twice."""


def channel(
    module: Module | Composition, params: ArrayLike | None = None, data: Mapping[str, ArrayLike] | None = None
) -> Matrix:
    """What a module does to a state: ``rho_out[a, b] = sum_cd C[a, b, c, d] rho_in[c, d]``.

    Qubits that no output takes are traced out, measured ones included. Ports are in their order, the first qubit of
    the first port most significant. Compositions may have no classical links inside.

    Args:
        module: up to 10 qubits or so in total.
        params: its trainable weights, one after the other, (P,); None for the values they have.
        data: for each classical input its numbers.

    Returns:
        C, (2**out, 2**out, 2**in, 2**in).

    Raises:
        CompositionError: classical links inside, by name.
        ParameterError: weights or data that are missing or of another shape.
        TooLargeError: more qubits than fit.

    >>> from cutq.circuits.circuit import Circuit
    >>> wire = Module("wire", Circuit(2, (Operation("cx", (0, 1)),)), (QuantumIn("in", (0,)), QuantumOut("out", (0,))))
    >>> dephased = np.einsum("abcd,cd", channel(wire), np.full((2, 2), 0.5))
    >>> dephased.real.tolist()
    [[0.5, 0.0], [0.0, 0.5]]
    """
    operators = kraus(module, params, data)
    _, outs, ins = operators.shape
    if 2 * int(outs * ins).bit_length() - 2 > MOST_CHANNEL_AXES:
        raise TooLargeError(
            f"a channel from dimension {ins} to {outs} has {(outs * ins) ** 2:,} entries; kraus(...) has "
            f"{operators.size:,}"
        )
    return cast(Matrix, np.einsum("kac,kbd->abcd", operators, operators.conj(), optimize=True))


def kraus(
    module: Module | Composition, params: ArrayLike | None = None, data: Mapping[str, ArrayLike] | None = None
) -> Matrix:
    """The Kraus operators of a module, (2**traced, 2**out, 2**in), one for each string of the traced qubits.

    Arguments and errors are those of :func:`channel`.
    """
    return dense(module, params, data).kraus


@dataclass(frozen=True, eq=False)
class Dense:
    """A module as one isometry.

    Attributes:
        state: all qubits at the end, for each basis state of the inputs, (2,) * qubits + (2**in,).
        outs: the axes of the quantum outputs, in the order of ports.
        flat: its leaves.
        laid: its circuit.
        prefix: of its ports' names among those of the leaves.
        module: the module.
    """

    state: Matrix
    outs: tuple[int, ...]
    flat: Flat
    laid: Laid
    prefix: str
    module: Module

    @property
    def kraus(self) -> Matrix:
        """The Kraus operators, (2**traced, 2**out, 2**in)."""
        axes = self.state.ndim - 1
        traced = [axis for axis in range(axes) if axis not in self.outs]
        moved = self.state.transpose((*traced, *self.outs, axes))
        return np.ascontiguousarray(moved.reshape(2 ** len(traced), 2 ** len(self.outs), -1))

    def values(self, state: Matrix) -> NDArray[np.float64]:
        """The numbers of all classical outputs, for a pure state of the inputs (2**in,)."""
        after = self.state @ state
        return np.array([self._number(after, one) for one in self._readings()])

    def _readings(self) -> Iterator[Reading]:
        for port in self.module.classical_outputs:
            yield from self.flat.lookup[f"{self.prefix}{port.name}"]

    def _number(self, after: Matrix, number: Reading) -> float:
        total = 0.0
        for weight, word in number:
            acted = after
            for leaf, qubit, letter in word:
                axis = self.laid.register[leaf, qubit]
                acted = np.moveaxis(np.tensordot(PAULIS[letter], acted, (1, axis)), 0, axis)
            total += weight * float(np.vdot(after, acted).real)
        return total


def dense(
    module: Module | Composition, params: ArrayLike | None = None, data: Mapping[str, ArrayLike] | None = None
) -> Dense:
    """A module as one isometry; arguments and errors are those of :func:`channel`."""
    whole = module.module if isinstance(module, Composition) else module
    assembly, prefix = _assembly(whole)
    check(assembly)
    flat = flatten(assembly)
    _check_wires(whole, flat)
    laid = lay(Wiring(flat), range(len(flat.leaves)))
    ins = _axes(whole, flat, laid, prefix, QuantumIn)
    _check_size(whole, laid.circuit.num_qubits, len(ins))
    known = _weights(whole, prefix, params) | _data(whole, flat, prefix, {} if data is None else data)
    angles = {name: _driven(name, source, known) for name, source in laid.sources.items()}
    state = _inputs(laid.circuit.num_qubits, ins) * np.exp(1j * laid.circuit.global_phase.at(angles))
    for op in laid.circuit.operations:
        state = _applied(op, state, angles)
    return Dense(state, _axes(whole, flat, laid, prefix, QuantumOut), flat, laid, prefix, whole)


def _assembly(module: Module) -> tuple[Assembly, str]:
    """A module as a graph, and what its ports' names begin with there."""
    if isinstance(module.body, Assembly):
        return module.body, ""
    return Assembly((Node("m", module),)), "m."


def _check_wires(module: Module, flat: Flat) -> None:
    links = [link.name for link in flat.links] + [leaf.path for leaf in flat.leaves if leaf.circuit is None]
    if links:
        raise CompositionError(
            f"a channel has wires only, but {module.name!r} has classical links or functions: {', '.join(links)[:300]}"
        )


def _check_size(module: Module, qubits: int, ins: int) -> None:
    if qubits > MOST_QUBITS or qubits + ins > MOST_AXES:
        raise TooLargeError(
            f"module {module.name!r} has {qubits} qubits in total, of which {ins} are open inputs; dense arrays are "
            f"made of at most {MOST_QUBITS} qubits"
        )


def _axes(
    module: Module, flat: Flat, laid: Laid, prefix: str, kind: type[QuantumIn] | type[QuantumOut]
) -> tuple[int, ...]:
    ports = [port for port in module.ports if isinstance(port, kind)]
    return tuple(laid.register[place] for port in ports for place in flat.lookup[f"{prefix}{port.name}"])


def _inputs(num_qubits: int, ins: tuple[int, ...]) -> Matrix:
    """Every basis state of the inputs in turn, the other qubits in 0."""
    state = np.zeros((2,) * (num_qubits + len(ins)), dtype=complex)
    rest = tuple(axis for axis in range(num_qubits) if axis not in ins)
    moved = state.transpose((*rest, *ins, *range(num_qubits, num_qubits + len(ins))))
    moved[(0,) * len(rest)] = np.eye(2 ** len(ins)).reshape((2,) * (2 * len(ins)))
    return state.reshape((2,) * num_qubits + (-1,))


def _applied(op: Operation, state: Matrix, angles: Mapping[str, float]) -> Matrix:
    width = len(op.qubits)
    tensor = op.unitary(angles).reshape((2,) * (2 * width))
    moved = np.tensordot(tensor, state, (range(width, 2 * width), op.qubits))
    return np.moveaxis(moved, range(width), op.qubits)


def _driven(name: str, source: Source, known: Mapping[str, float]) -> float:
    if source.expression is None:
        return known[name]
    return float(source.expression.value({one: np.asarray(known[whole]) for one, whole in source.names.items()}))


def _weights(module: Module, prefix: str, params: ArrayLike | None) -> dict[str, float]:
    """The numbers of the weights, by the names of their elements."""
    fixed = {one.name for one in module.weights if one.frozen and one.values is not None}
    chosen = [one for one in module.weights if params is None or one.name in fixed]
    own = {f"{prefix}{name}": float(x) for one in chosen for name, x in zip(one.elements, _own(one), strict=True)}
    if params is None:
        return own
    names = [f"{prefix}{name}" for one in module.weights if one.name not in fixed for name in one.elements]
    numbers = np.asarray(params, dtype=float)
    if numbers.shape != (len(names),) or not np.isfinite(numbers).all():
        raise ParameterError(f"module {module.name!r} takes {len(names)} finite weights, got shape {numbers.shape}")
    return own | dict(zip(names, map(float, numbers), strict=True))


def _own(weight: Weight) -> NDArray[np.float64]:
    if weight.values is None:
        raise ParameterError(
            f"the weight {weight.name!r} has no values yet; give params, or use module.initialised(seed=0)"
        )
    return weight.values.ravel()


def _data(module: Module, flat: Flat, prefix: str, data: Mapping[str, ArrayLike]) -> dict[str, float]:
    """The numbers of the classical inputs, by the names of their elements in the leaves."""
    ports = {port.name: port for port in module.classical_inputs}
    strange = [name for name in data if name not in ports]
    missing = [name for name in ports if name not in data]
    if strange or missing:
        wrong = f"there is no input {strange[0]!r}" if strange else f"no data for the input {missing[0]!r}"
        raise ParameterError(f"{wrong}; the inputs of {module.name!r} are {', '.join(ports) or '(none)'}")
    found: dict[str, float] = {}
    for name, port in ports.items():
        ends = [f"{flat.leaves[leaf].path}.{inner}" for leaf, inner in flat.lookup[f"{prefix}{name}"]]
        numbers = _checked(port, data[name])
        found |= zip(ends, numbers, strict=True)
    return found


def _checked(port: ClassicalIn, values: ArrayLike) -> list[float]:
    array = np.asarray(values, dtype=float)
    if array.shape != port.shape or not (np.isfinite(array) & (array >= port.low) & (array <= port.high)).all():
        raise ParameterError(f"data of the input {port.name!r} are {port.type}, got {shown(values)}")
    return [float(number) for number in array.ravel()]
