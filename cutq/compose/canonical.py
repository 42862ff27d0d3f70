"""Values as plain lists, for digests: what they are, not how they are written or printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

from cutq.circuits.angles import Angle
from cutq.circuits.circuit import Circuit, Operation
from cutq.circuits.observable import Observable


def canonical_circuit(circuit: Circuit) -> list[Any]:
    """A circuit without its remarks.

    >>> canonical_circuit(Circuit(2, (Operation("rx", (1,), (0.5,)),)))
    [2, [['rx', [1], [[0.5, []]], None]], [0.0, []], []]
    """
    operations = [_operation(op) for op in circuit.operations]
    groups = [[group.name, list(group.ops)] for group in circuit.groups]
    return [circuit.num_qubits, operations, _angle(circuit.global_phase), groups]


def canonical_value(value: object) -> Any:
    """A frozen value as the name of its class and the fields that are not as they are by default.

    A field that a later version adds changes nothing where it is left out.

    >>> from cutq.compose.ports import ClassicalIn
    >>> canonical_value(ClassicalIn("x", (2,), low=0.0))
    ['ClassicalIn', {'name': 'x', 'shape': [2], 'low': '0x0.0p+0'}]
    """
    if hasattr(value, "__dataclass_fields__") and not isinstance(value, Observable):
        found = {one.name: getattr(value, one.name) for one in fields(value)}  # type: ignore[arg-type]
        default = {one.name: _default(one) for one in fields(value)}  # type: ignore[arg-type]
        kept = {name: canonical_value(own) for name, own in found.items() if own != default[name]}
        return [type(value).__name__, kept]
    if isinstance(value, Mapping):
        return {str(key): canonical_value(own) for key, own in value.items()}
    if isinstance(value, tuple | list):
        return [canonical_value(own) for own in value]
    if isinstance(value, float):
        return value.hex()
    return value if isinstance(value, str | int | bool | None) else str(value)


def _default(one: Any) -> Any:
    return one.default_factory() if one.default_factory is not MISSING else one.default


def _operation(op: Operation) -> list[Any]:
    matrix = None if op.matrix is None else [[[entry.real, entry.imag] for entry in row] for row in op.matrix]
    return [op.name, list(op.qubits), [_angle(one) for one in op.params], matrix]


def _angle(one: Angle) -> list[Any]:
    # The sign of a zero is nothing that texts keep.
    return [one.constant + 0.0, [list(term) for term in one.terms]]
