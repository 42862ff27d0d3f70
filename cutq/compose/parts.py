"""Whether the parts of a module fit together."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from cutq.circuits.circuit import Circuit
from cutq.compose.functions import Classical
from cutq.compose.names import shown
from cutq.compose.ports import ClassicalIn, Numbers, Port, QuantumIn, QuantumOut
from cutq.compose.weight import Weight
from cutq.errors import ModuleError

if TYPE_CHECKING:
    from cutq.compose.module import Module


def check_parts(module: Module) -> None:
    """Raise :class:`ModuleError` where the parts of a module with a circuit do not fit together."""
    assert isinstance(module.body, Circuit)
    counts = Counter(part.name for part in (*module.ports, *module.weights))
    twice = [name for name, count in counts.items() if count > 1]
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


def check_classical(module: Module, body: Classical) -> None:
    """Raise :class:`ModuleError` where ports or weights are not those of a classical function."""
    ports = [(type(port), port.name, port.shape) for port in module.ports]
    if ports != [(ClassicalIn, "x", (body.inputs,)), (Numbers, "y", (body.outputs,))]:
        raise ModuleError(
            f"module {module.name!r} has the ports x and y of its function {body.function!r}, got {shown(ports)}; make "
            "it with cutq.classical(...)"
        )
    weights = {one.name: one.shape for one in module.weights}
    if weights != dict(body.weights):
        raise ModuleError(
            f"module {module.name!r} has the weights {dict(body.weights)} of its function {body.function!r}, got "
            f"{shown(weights)}; make it with cutq.classical(...)"
        )


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
