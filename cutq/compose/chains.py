"""Common chains: one module after the other, side by side, and many copies in a row."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping

import numpy as np

from cutq.compose.assembly import size
from cutq.compose.composition import Composition
from cutq.compose.module import Module
from cutq.compose.names import shown
from cutq.errors import CompositionError

UNNAMED = "chain"
"""Compositions of this name, which operators make, are taken apart by the next operator; others stay one module."""

MOST_COPIES = 10**6
"""Most copies in a row."""


def after(first: Module | Composition, second: Module | Composition) -> Composition:
    """``first >> second``: the open quantum outputs of the first become, in order, the open inputs of the second.

    Raises:
        CompositionError: they have different numbers of wires.
    """
    whole = Composition(UNNAMED)
    left, right = _placed(whole, first), _placed(whole, second)
    # What is connected here is no port of the whole any more.
    whole.unexpose(*(at for at, _ in (*left.outs, *right.ins)))
    outs = [f"{at}[{k}]" for at, width in left.outs for k in range(width)]
    ins = [f"{at}[{k}]" for at, width in right.ins for k in range(width)]
    if len(outs) != len(ins) or not outs:
        raise CompositionError(
            f"one after the other needs as many wires out as in, but {_name(first)!r} has {len(outs)} open outputs and "
            f"{_name(second)!r} {len(ins)} open inputs; connect them by name"
        )
    if [width for _, width in left.outs] == [width for _, width in right.ins]:
        outs, ins = [at for at, _ in left.outs], [at for at, _ in right.ins]
    for source, target in zip(outs, ins, strict=True):
        whole.connect(source, target)
    return whole


def beside(first: Module | Composition, second: Module | Composition) -> Composition:
    """``first | second``: both, without an edge between them."""
    whole = Composition(UNNAMED)
    _placed(whole, first)
    _placed(whole, second)
    return whole


def repeat(
    module: Module | Composition, count: int, links: Mapping[str, str] | None = None, *, tie: str | None = None,
    frozen: bool = False, name: str = "chain",
) -> Composition:  # fmt: skip
    """Copies of a module in a row, named ``c0``, ``c1``, ...

    Args:
        module: the module.
        count: how many.
        links: which output of each goes to which input of the next; by default ``{"out": "in"}``.
        tie: the group in which all share their weights; None for weights of their own.
        frozen: whether their weights stay as they are.
        name: of the whole.

    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.compose.ports import QuantumIn, QuantumOut
    >>> step = Module("step", Circuit(2, (Operation("cx", (0, 1)),)), (QuantumIn("in", (0,)), QuantumOut("out", (1,))))
    >>> [port.name for port in repeat(step, 3).ports]
    ['c0.in', 'c2.out']
    """
    if not isinstance(count, int | np.integer) or isinstance(count, bool) or not 1 <= count <= MOST_COPIES:
        raise CompositionError(
            f"a module is repeated a whole number of times from 1 to {MOST_COPIES}, got {shown(count)}"
        )
    edges = {"out": "in"} if links is None else links
    if not isinstance(edges, Mapping) or not all(isinstance(one, str) for pair in edges.items() for one in pair):
        raise CompositionError(
            f"links are a mapping from outputs to inputs, such as {{'out': 'in'}}, got {shown(links)}"
        )
    inner = module.module if isinstance(module, Composition) else module
    whole = Composition(name)
    for k in range(count):
        whole.add(f"c{k}", inner, tie=tie, frozen=frozen)
    for k in range(count - 1):
        for source, target in edges.items():
            whole.connect(f"c{k}.{source}", f"c{k + 1}.{target}")
    return whole


class _Placed:
    """The open quantum ports of what was added, with their widths."""

    def __init__(self, ins: list[tuple[str, int]], outs: list[tuple[str, int]]) -> None:
        self.ins, self.outs = ins, outs


def _placed(whole: Composition, part: Module | Composition) -> _Placed:
    """Add a module, or what an operator made before, to the whole."""
    if isinstance(part, Composition) and part.name == UNNAMED:
        return _taken_apart(whole, part)
    if not isinstance(part, Module | Composition):
        raise CompositionError(f"modules and compositions are chained, got {type(part).__name__}")
    inner = part.module if isinstance(part, Composition) else part
    name = _fresh(whole, inner.name)
    whole.add(name, inner)
    return _Placed(
        [(f"{name}.{port.name}", size(port)) for port in inner.quantum_inputs],
        [(f"{name}.{port.name}", size(port)) for port in inner.quantum_outputs],
    )


def _taken_apart(whole: Composition, part: Composition) -> _Placed:
    assembly = part.assembly
    taken = {node.name for node in assembly.nodes}
    renamed = {name: _fresh(whole, name, taken) for name in taken}
    whole.include(assembly, renamed)
    found = _Placed([], [])
    for _, at in assembly.open:
        port = assembly.port(at)
        address = f"{renamed[at.node]}.{at.port}"
        if port in assembly.modules[at.node].quantum_inputs:
            found.ins.append((address, size(port)))
        elif port in assembly.modules[at.node].quantum_outputs:
            found.outs.append((address, size(port)))
    return found


def _fresh(whole: Composition, name: str, taken: Collection[str] = ()) -> str:
    """A name that is free in the whole: the name itself, or with a number."""
    base = name.replace(".", "_")
    if not whole.has(base):
        return base
    return next(one for one in (f"{base}_{k}" for k in itertools.count(2)) if not whole.has(one) and one not in taken)


def _name(part: Module | Composition) -> str:
    return part.name
