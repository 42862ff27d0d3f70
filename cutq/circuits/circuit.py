"""Operations and circuits as frozen values.

Qubit 0 is axis 0 of every state and the leftmost character of every bit string. Operations are numbered from 0 in
time order, and a cut refers to these numbers.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cutq.circuits.angles import Angle, angle
from cutq.circuits.gates import MATRIX_GATE, Gate, Matrix, gate
from cutq.circuits.values import Values, from_mapping
from cutq.errors import CircuitError

Entries = tuple[tuple[complex, ...], ...]
"""A matrix as nested tuples, so that operations compare, hash and pickle by value."""


@dataclass(frozen=True)
class Operation:
    """A gate on named qubits.

    Attributes:
        name: a gate of the table, or ``"unitary"`` for a gate given by its matrix.
        qubits: the qubits it acts on, the gate's first qubit first.
        params: its angles in radians; numbers become constant :class:`Angle` values.
        matrix: the unitary of a matrix gate, (2, 2) or (4, 4), first qubit most significant; else None.

    >>> Operation("rzz", (0, 3), (0.4,))
    Operation(name='rzz', qubits=(0, 3), params=(0.4,), matrix=None)
    """

    name: str
    qubits: tuple[int, ...]
    params: tuple[Angle, ...] = ()
    matrix: Entries | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "qubits", _whole_numbers(self.name, "qubits", self.qubits))
        object.__setattr__(self, "params", tuple(angle(value) for value in _several(self.name, "angles", self.params)))
        if len(set(self.qubits)) < len(self.qubits) or min(self.qubits, default=0) < 0:
            raise CircuitError(f"{self.name} acts on distinct qubits numbered from 0, got {self.qubits}")
        if self.name == MATRIX_GATE:
            if self.params:
                raise CircuitError(f"a matrix gate takes no angles, got {self.params}")
            object.__setattr__(self, "matrix", _unitary_entries(self.matrix, len(self.qubits)))
        else:
            self._check_row(gate(self.name))

    def _check_row(self, row: Gate) -> None:
        if self.matrix is not None:
            raise CircuitError(f"only {MATRIX_GATE!r} operations carry a matrix, but {self.name!r} was given one")
        if len(self.qubits) != row.num_qubits:
            raise CircuitError(f"{self.name} acts on {row.num_qubits} qubits, got {self.qubits}")
        if len(self.params) != row.num_angles:
            raise CircuitError(f"{self.name} takes {row.num_angles} angles, got {len(self.params)}: {self.params}")

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters its angles depend on, in order of appearance."""
        return tuple(dict.fromkeys(name for value in self.params for name in value.parameters))

    @property
    def diagonal(self) -> bool:
        """Whether its matrix is diagonal for every value of its parameters."""
        if self.matrix is not None:
            matrix = np.array(self.matrix)
            return bool(np.all(matrix == np.diag(np.diagonal(matrix))))
        return gate(self.name).diagonal

    def unitary(self, values: Mapping[str, float]) -> Matrix:
        """Its matrix where every parameter has a value, (2**n, 2**n), first qubit most significant.

        >>> Operation("x", (5,)).unitary({}).real
        array([[0., 1.],
               [1., 0.]])
        """
        if self.matrix is not None:
            return np.array(self.matrix, dtype=complex)
        return gate(self.name).matrix([value.at(values) for value in self.params])

    def on(self, qubits: tuple[int, ...]) -> Operation:
        """The same operation on other qubits."""
        moved = object.__new__(Operation)
        moved.__dict__.update(self.__dict__, qubits=qubits)
        return moved


@dataclass(frozen=True)
class Group:
    """Operations that stand for one gate on more than two qubits of the source.

    Attributes:
        name: the source's gate, for example ``"ccx"``.
        ops: the numbers of its operations in the circuit.
    """

    name: str
    ops: tuple[int, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "ops", tuple(sorted(self.ops)))
        if not self.ops:
            raise CircuitError(f"a group names the operations that stand for its gate, but {self.name!r} names none")


@dataclass(frozen=True)
class Circuit:
    """A unitary circuit on qubits that start in ``|0>``.

    Attributes:
        num_qubits: number of qubits, also those without gates.
        operations: gates on one or two qubits in time order; their positions are the operation numbers.
        global_phase: angle ``g`` of the factor ``exp(i g)``; kept, so that amplitudes are exact.
        groups: which operations came from one larger gate.
        metadata: remarks of the importer (``"name"``, ``"notes"``, ``"source"``); no part of equality.

    >>> circuit = Circuit(2, (Operation("h", (0,)), Operation("cx", (0, 1))))
    >>> circuit.num_qubits, circuit.parameters
    (2, ())
    """

    num_qubits: int
    operations: tuple[Operation, ...] = ()
    global_phase: Angle = Angle()
    groups: tuple[Group, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "operations", tuple(self.operations))
        object.__setattr__(self, "global_phase", angle(self.global_phase))
        object.__setattr__(self, "groups", tuple(self.groups))
        if not isinstance(self.num_qubits, int | np.integer) or self.num_qubits < 0:
            raise CircuitError(f"a circuit has 0 or more qubits, got {self.num_qubits!r}")
        strange = [op for op in self.operations if not isinstance(op, Operation)]
        if strange:
            raise CircuitError(f"a circuit holds values of cutq.Operation, got {strange[0]!r}")
        for group in self.groups:
            if not 0 <= group.ops[0] <= group.ops[-1] < len(self.operations):
                raise CircuitError(
                    f"the group {group.name!r} names the operations {group.ops[0]} to {group.ops[-1]}, but the circuit "
                    f"has {len(self.operations)}, numbered from 0"
                )
        for number, op in enumerate(self.operations):
            if len(op.qubits) > 2:
                raise CircuitError(
                    f"operation {number} ({op.name}) acts on {len(op.qubits)} qubits, but a circuit holds gates on "
                    "one or two; Circuit.of(...) decomposes larger ones"
                )
            if max(op.qubits) >= self.num_qubits:
                raise CircuitError(
                    f"operation {number} ({op.name}) acts on qubit {max(op.qubits)}, but the circuit has "
                    f"{self.num_qubits} qubits, numbered from 0"
                )

    @classmethod
    def of(cls, num_qubits: int, operations: Iterable[Operation]) -> Circuit:
        """A circuit whose gates on more than two qubits are decomposed, each recorded as a :class:`Group`.

        >>> circuit = Circuit.of(3, [Operation("ccx", (0, 1, 2))])
        >>> len(circuit.operations), circuit.groups[0].name
        (15, 'ccx')
        """
        flat: list[Operation] = []
        groups: list[Group] = []
        for op in operations:
            first = len(flat)
            flat.extend(decompose(op))
            if len(op.qubits) > 2:
                groups.append(Group(op.name, tuple(range(first, len(flat)))))
        return cls(num_qubits, tuple(flat), groups=tuple(groups))

    @property
    def parameters(self) -> tuple[str, ...]:
        """Parameter names in order of first appearance; the global phase's own come last."""
        named = dict.fromkeys(name for op in self.operations for name in op.parameters)
        return tuple(named | dict.fromkeys(self.global_phase.parameters))

    def values(self, mapping: Mapping[str, float]) -> Values:
        """Named values as an array in the order of ``parameters``, (P,).

        >>> from cutq.circuits.angles import param
        >>> Circuit(1, (Operation("rx", (0,), (param("t"),)),)).values({"t": 0.3})
        array([0.3])
        """
        return from_mapping(self.parameters, mapping)


def decompose(op: Operation) -> tuple[Operation, ...]:
    """The operation as operations on one or two qubits; itself where it already is one."""
    if len(op.qubits) <= 2:
        return (op,)
    return tuple(Operation(name, tuple(op.qubits[q] for q in local)) for name, local in gate(op.name).parts)


def _several(name: str, what: str, values: object) -> tuple[Any, ...]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise CircuitError(f"the {what} of {name} are a tuple, got {values!r}")
    return tuple(values)


def _whole_numbers(name: str, what: str, values: object) -> tuple[int, ...]:
    several = _several(name, what, values)
    try:
        return tuple(operator.index(value) for value in several)
    except TypeError as cause:
        raise CircuitError(f"the {what} of {name} are whole numbers, got {several}") from cause


def _unitary_entries(matrix: object, num_qubits: int) -> Entries:
    """The matrix as nested tuples, checked to be a unitary of the right size."""
    try:
        array = np.asarray(matrix, dtype=complex)
    except (TypeError, ValueError) as cause:
        raise CircuitError("a matrix gate needs a square array of numbers") from cause
    if num_qubits not in (1, 2) or array.shape != (2**num_qubits, 2**num_qubits):
        raise CircuitError(
            f"a matrix gate on {num_qubits} qubits needs a matrix of shape {(2**num_qubits,) * 2} and one or two "
            f"qubits, got shape {array.shape}"
        )
    deviation = np.abs(array @ array.conj().T - np.eye(len(array))).max()
    if not deviation < 1e-9:
        raise CircuitError(f"a matrix gate is unitary, but U U^+ differs from 1 by {deviation:.1e}")
    return tuple(tuple(complex(entry) for entry in row) for row in array)
