"""What the command line prints: tables for people, plain data for ``--json``."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import typer
from numpy.typing import NDArray

from cutq.circuits.circuit import Circuit
from cutq.circuits.observable import Observable
from cutq.circuits.values import Values
from cutq.network.cuts import Cut, GateCut, WireCut
from cutq.network.plan import CutPlan
from cutq.show.front_rows import HEADER, rows

MOST_ROWS = 20
"""Bit strings, and derivatives of one observable, that a table shows; ``--json`` holds all."""


@dataclass(frozen=True)
class Answer:
    """The values of observables as they are printed.

    Attributes:
        rows: for each observable its value, and what was asked for besides.
        data: all of it as plain data.
        text: all of it for people.
    """

    rows: list[dict[str, Any]]
    data: dict[str, Any]
    text: str


def show(file: Path, circuit: Circuit, as_json: bool, data: dict[str, Any], *texts: str) -> None:
    """Print the circuit and what became of it, as data or as texts."""
    if as_json:
        typer.echo(json_text({"file": str(file), **circuit_data(circuit), **data}))
    else:
        typer.echo("\n".join([headline(file, circuit), *texts]))


def plan_data(plan: CutPlan) -> dict[str, Any]:
    """A plan as plain data for JSON; plans made by hand have no more than their cuts, order and observables."""
    data: dict[str, Any] = {
        "cuts": [cut_data(cut) for cut in plan.cuts],
        "order": None if plan.order is None else list(plan.order),
        "observables": [str(one) for one in plan.observables],
    }
    return data if plan.found is None else {**data, **asdict(plan.found), "gamma": plan.gamma}


def front_table(plans: Sequence[CutPlan]) -> str:
    """A Pareto front as text, a row for each plan."""
    *columns, proofs = zip(HEADER, *rows(plans), strict=True)
    widths = [max(map(len, column)) for column in columns]
    lines = [
        "  ".join([*(text.rjust(width) for text, width in zip(texts, widths, strict=True)), proof])
        for *texts, proof in zip(*columns, proofs, strict=True)
    ]
    return "\n".join([f"plans ({len(plans)})", *(f"  {line}" for line in lines)])


def cut_data(cut: Cut) -> dict[str, Any]:
    """A cut as plain data."""
    if isinstance(cut, WireCut):
        return {"kind": "wire", "qubit": cut.qubit, "after": cut.after}
    assert isinstance(cut, GateCut)
    side = {} if cut.side is None else {"side": list(cut.side)}
    return {"kind": "gate", "ops": list(cut.ops), **side}


def circuit_data(circuit: Circuit) -> dict[str, Any]:
    """What a circuit is, as plain data."""
    return {
        "num_qubits": circuit.num_qubits,
        "num_operations": len(circuit.operations),
        "parameters": list(circuit.parameters),
        "notes": list(circuit.metadata.get("notes", ())),
    }


def headline(file: Path, circuit: Circuit) -> str:
    """A circuit in a line, with the importer's notes below."""
    two = sum(len(op.qubits) == 2 for op in circuit.operations)
    line = f"{file.name}: {circuit.num_qubits} qubits, {len(circuit.operations)} operations, {two} on two qubits"
    return "\n".join([line, *(f"note: {note}" for note in circuit.metadata.get("notes", ()))])


def result_rows(
    sums: list[Observable],
    results: Values,
    reference: Values | None,
    gradients: NDArray[np.float64] | None,
    parameters: tuple[str, ...],
) -> list[dict[str, Any]]:
    """For each observable its value and what was asked for besides."""
    rows: list[dict[str, Any]] = [
        {"observable": str(one), "value": float(value)} for one, value in zip(sums, results, strict=True)
    ]
    for k, row in enumerate(rows):
        if reference is not None:
            row |= {"uncut": float(reference[k]), "difference": float(results[k] - reference[k])}
        if gradients is not None:
            row["gradient"] = dict(zip(parameters, gradients[k].tolist(), strict=True))
    return rows


def result_table(rows: list[dict[str, Any]]) -> str:
    """The rows of :func:`result_rows` as text."""
    width = max(len(row["observable"]) for row in rows)
    lines = ["values"]
    for row in rows:
        line = f"  {row['observable']:<{width}}  {row['value']:+.12f}"
        if "uncut" in row:
            line += f"   uncut {row['uncut']:+.12f}   difference {row['difference']:+.1e}"
        lines += [line, *_derivatives(row.get("gradient", {}))]
    return "\n".join(lines)


def _derivatives(gradient: dict[str, float]) -> list[str]:
    """Lines of the derivatives by the parameters."""
    width = max(map(len, gradient), default=0)
    lines = [f"    d/d {name:<{width}}  {value:+.12f}" for name, value in list(gradient.items())[:MOST_ROWS]]
    hidden = len(gradient) - MOST_ROWS
    return [*lines, f"    and {hidden} more; see --json"] if hidden > 0 else lines


def counted(bits: NDArray[np.uint8]) -> dict[str, int]:
    """How often each bit string was drawn, the most frequent first; qubit 0 is the leftmost character.

    >>> counted(np.array([[0, 1], [1, 1], [0, 1]], dtype=np.uint8))
    {'01': 2, '11': 1}
    """
    strings = Counter("".join(map(str, row)) for row in bits.tolist())
    return dict(sorted(strings.items(), key=lambda pair: (-pair[1], pair[0])))


def counts_table(counts: dict[str, int], shots: int, seed: int) -> str:
    """Counts as text."""
    lines = [f"samples ({shots} shots, seed {seed}, {len(counts)} different)"]
    lines += [f"  {bits}  {count}" for bits, count in list(counts.items())[:MOST_ROWS]]
    hidden = len(counts) - MOST_ROWS
    return "\n".join([*lines, f"  and {hidden} more; see --json"] if hidden > 0 else lines)


def json_text(data: dict[str, Any]) -> str:
    """One JSON object."""
    return json.dumps(_finite(data), indent=2)


def _finite(data: Any) -> Any:
    """Data without infinities, which JSON does not know: they become null."""
    if isinstance(data, dict):
        return {key: _finite(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_finite(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data
