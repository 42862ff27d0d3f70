"""What a picture says in words: the plan's price in its title, how to read the marks below the circuit."""

from __future__ import annotations

import itertools
import math
import re
import textwrap
from collections.abc import Iterable

from cutq.circuits.circuit import Circuit
from cutq.network.network import Network
from cutq.network.plan import CutPlan, Found, magnitude
from cutq.network.price import price
from cutq.show.compact_panel import MOST_MARKS
from cutq.show.front_rows import reuses
from cutq.show.glyphs import clipped
from cutq.show.graph_layout import gamma_text
from cutq.show.sheet import text_width

AUTOMATIC_NAME = re.compile(r"circuit-[0-9-]+")
"""Names that Qiskit counts up; they say nothing and would differ from run to run."""

LONGEST_NAME = 48
"""Characters that a circuit's name may take in the title."""


def heading(circuit: Circuit, network: Network) -> str:
    """The first line: the circuit's name, if it has one, and what became of it."""
    name = clipped(str(circuit.metadata.get("name") or ""), LONGEST_NAME)
    name = "circuit" if not name or AUTOMATIC_NAME.fullmatch(name) else name
    size = f"{counted(circuit.num_qubits, 'qubit')}, {counted(len(circuit.operations), 'gate')}"
    pieces = counted(len(network.fragments), "fragment")
    return f"{name}: {size}, {'cut into ' if network.bonds else ''}{pieces}"


def facts(plan: CutPlan, network: Network) -> str:
    """The second line: widths, gamma, device circuits, and whether a search proved the plan."""
    if not network.fragments:
        return "no qubits"
    log_gamma = sum(math.log10(bond.gamma) for bond in network.bonds)
    circuits = price(network).circuits
    again = f" ({widths_text(plan.price.reused_widths)} with qubits used again)" if reuses(plan) else ""
    parts = [
        f"widths {widths_text(network.widths)}{again}",
        counted(len(network.bonds), "bond"),
        f"gamma {gamma_text(log_gamma)}",
        f"{magnitude(circuits)} device circuit{'' if circuits == 1 else 's'}",
    ]
    return " · ".join([*parts, *([_proof(plan.found)] if plan.found else [])])


def widths_text(widths: Iterable[int]) -> str:
    """Widths from the largest, equal ones counted.

    >>> widths_text((2, 5, 5, 2, 5, 3))
    '5 (3 times), 3, 2 (2 times)'
    """
    groups = itertools.groupby(sorted(widths, reverse=True))
    sizes = [(width, len(list(group))) for width, group in groups]
    return ", ".join(f"{width} ({count} times)" if count > 1 else str(width) for width, count in sizes)


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "bond"), counted(0, "bond")
    ('1 bond', '0 bonds')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def reading(network: Network, *, compact: bool) -> str:
    """How to read the circuit's marks; nothing where nothing is cut or moved."""
    wires = any(not bond.ops for bond in network.bonds)
    gates = any(bond.ops for bond in network.bonds)
    joint = any(len(bond.ops) > 1 for bond in network.bonds)
    parts = ["large circuit: gates without names"] if compact else []
    marks = sum(max(1, len(bond.ops)) for bond in network.bonds)
    if network.bonds and not (compact and marks > MOST_MARKS):
        parts.append("numbers: bonds")
    if wires:
        parts.append("bar across a wire: cut wire" if compact else "scissors: cut wire")
    if gates:
        parts.append("line between dark bars: cut gate" if compact else "grey, dashed: cut gate")
    if joint:
        parts.append("same number and colour: gates cut jointly as one bond")
    if network.order is not None and list(network.order) != sorted(network.order):
        parts.append("gates in the order of the plan")
    if network.dropped:
        parts.append(f"{counted(len(network.dropped), 'gate')} that the observables do not depend on left out")
    return " · ".join(parts)


def wrapped(text: str, width: float, points: float) -> list[str]:
    """A text in lines that fit into a width, in inches."""
    letters = max(20, int(width / text_width("m", points)))
    return textwrap.wrap(text, letters, break_long_words=False)


def _proof(found: Found) -> str:
    if found.proven_optimal:
        return f"{found.objective} proven optimal"
    return f"not proven: {found.objective} at least {found.bound:.4g}"
