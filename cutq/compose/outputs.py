"""What is asked of a composition: Pauli words at its wires, or its classical outputs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cutq.compose.addresses import Spot, spot, terms
from cutq.compose.assembly import Assembly, is_quantum
from cutq.compose.flatten import Flat, Number
from cutq.compose.names import listed, shown
from cutq.compose.ports import ClassicalIn, Numbers, Port, QuantumOut
from cutq.errors import CompositionError, ModuleError

_NUMERIC = re.compile(r"[\s\d.+*-]")
"""How sums of words begin, and no address does."""


@dataclass(frozen=True)
class Asked:
    """One output as it was written, or several numbers of one port.

    Attributes:
        text: what was written.
        at: the classical output; None where it is a sum of words.
        names: for each number its name.
        read: the ports that are read, as (node, port).
        measured: whether it is a measured output of the whole.
    """

    text: str
    at: Spot | None
    names: tuple[str, ...]
    read: tuple[tuple[str, str], ...] = ()
    measured: bool = False

    def numbers(self, flat: Flat) -> tuple[Number, ...]:
        """The numbers in the leaves."""
        if self.measured:
            return flat.lookup[self.text]
        if self.at is None:
            return (flat.readings(self.text),)
        ends = flat.inside[self.at.node][self.at.port]
        which = range(len(ends)) if self.at.elements is None else self.at.elements
        return tuple(ends[k] for k in which)


def asked(assembly: Assembly, outputs: Sequence[str] | None) -> tuple[Asked, ...]:
    """What outputs ask for; None for all open classical outputs.

    Raises:
        CompositionError: an output that is not there.
        ObservableError: a text without meaning.
    """
    if outputs is None:
        return _all(assembly)
    texts = listed(outputs)
    if texts is None:
        raise CompositionError(f"outputs are a list such as ['Z@mix.out[0]'], got {shown(outputs)}")
    found = tuple(_one(assembly, text) for text in texts)
    if not found:
        raise CompositionError("at least one output is needed, such as 'Z@mix.out[0]'")
    return found


def _all(assembly: Assembly) -> tuple[Asked, ...]:
    found = [_measured(one.name, len(one.outputs)) for one in assembly.measured]
    for name, at in assembly.open:
        port = assembly.port(at)
        if not is_quantum(port) and not isinstance(port, ClassicalIn):
            names = tuple(f"{name}[{k}]" for k in range(port.shape[0]))
            found.append(Asked(name, at, names, ((at.node, at.port),)))
    if not found:
        raise CompositionError(
            "there is no classical output; name what to read, such as compile(['Z@mix.out[0]']), or measure it"
        )
    return tuple(found)


def _one(assembly: Assembly, text: str) -> Asked:
    counts = {one.name: len(one.outputs) for one in assembly.measured}
    if isinstance(text, str) and text in counts:
        return _measured(text, counts[text])
    if isinstance(text, str) and "@" not in text and "." in text and not _NUMERIC.match(text):
        return _classical(assembly, text)
    read = [(at.node, at.port) for _, word in terms(text) for _, at in word]
    for node, name in read:
        port = _known(assembly, text, Spot(node, name))
        if not isinstance(port, QuantumOut):
            raise CompositionError(
                f"output {shown(text)}: Paulis are measured at quantum outputs, but {node}.{name} is {port.type}"
            )
    return Asked(text, None, (text,), tuple(read))


def _measured(name: str, count: int) -> Asked:
    return Asked(name, None, tuple(f"{name}[{k}]" for k in range(count)), measured=True)


def _classical(assembly: Assembly, text: str) -> Asked:
    renamed = dict(assembly.open).get(text)
    at = renamed or spot(text)
    port = _known(assembly, text, at)
    if is_quantum(port) or isinstance(port, ClassicalIn):
        raise CompositionError(f"{shown(text)} is {port.type}; read a Pauli of a quantum output, such as 'Z@{text}[0]'")
    which = assembly.elements(at)
    if max(which) >= port.shape[0]:
        raise CompositionError(f"{shown(text)} does not exist: the port has {port.shape[0]} numbers, counted from 0")
    return Asked(text, at, tuple(f"{Spot(at.node, at.port)}[{k}]" for k in which), ((at.node, at.port),))


def _known(assembly: Assembly, text: str, at: Spot) -> Port | Numbers:
    if at.node not in assembly.modules:
        raise CompositionError(
            f"output {shown(text)}: there is no module {at.node!r}; the modules are {', '.join(assembly.modules)[:300]}"
        )
    try:
        return assembly.port(at)
    except ModuleError as cause:
        raise CompositionError(f"output {shown(text)}: {cause}") from cause
