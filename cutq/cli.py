"""The command line: ``cutq plan | run | draw FILE --max-qubits Q``."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, NoReturn, ParamSpec

import typer

from cutq.circuits.circuit import Circuit
from cutq.circuits.observable import Observable
from cutq.circuits.qasm.text import load
from cutq.circuits.values import Values
from cutq.errors import CutqError, ParameterError, TooLargeError
from cutq.exact.amplitudes import amplitude_bytes
from cutq.exact.values import expectations
from cutq.network.contraction import MAX_BYTES, size_text
from cutq.network.cuts import Cut, GateCut, WireCut
from cutq.network.network import Network
from cutq.network.plan import CutPlan
from cutq.network.split import split
from cutq.search.find import Search, find_cuts

BAD_INPUT = 2
"""Exit status where the input is at fault."""

INTERRUPTED = 130
"""Exit status after Ctrl-C."""

CHECK_FAILED = 1
"""Exit status where ``--check`` found a difference."""

CHECK_TOLERANCE = 1e-8
"""Largest difference between cut and uncut values that is put down to rounding."""

UsageError: Any = typer.BadParameter.__bases__[0]
"""What the command line's parser raises; typer carries its own copy of click, under a private name."""

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Cut quantum circuits into fragments that fit a small device, and recombine their values.",
)

File = Annotated[Path, typer.Argument(help="A circuit in OpenQASM 2 or 3.", metavar="FILE", show_default=False)]
MaxQubits = Annotated[
    int, typer.Option("--max-qubits", "-q", help="Largest number of qubits of a fragment.", show_default=False)
]
TimeLimit = Annotated[float, typer.Option(help="Seconds after which the search returns the best plan so far.")]
NoWires = Annotated[bool, typer.Option("--no-wire-cuts", help="Cut gates only.")]
NoGates = Annotated[bool, typer.Option("--no-gate-cuts", help="Cut wires only.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

P = ParamSpec("P")


def one_line_errors(command: Callable[P, None]) -> Callable[P, None]:
    """The command with every :class:`CutqError` printed as one line and exit status 2."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except CutqError as error:
            typer.echo(f"cutq: {' '.join(str(error).split())}", err=True)
            raise typer.Exit(BAD_INPUT) from error

    return guarded


@app.command()
@one_line_errors
def plan(
    file: File,
    max_qubits: MaxQubits,
    time_limit: TimeLimit = 10.0,
    no_wire_cuts: NoWires = False,
    no_gate_cuts: NoGates = False,
    as_json: AsJson = False,
) -> None:
    """Find the cuts of a circuit and say what they cost."""
    circuit = load(file)
    found = find_cuts(circuit, max_qubits, search=_search(time_limit, no_wire_cuts, no_gate_cuts))
    if as_json:
        _print_json({"file": str(file), **_circuit_data(circuit), "plan": plan_data(found)})
    else:
        typer.echo(_headline(file, circuit))
        typer.echo(str(found))


@app.command()
@one_line_errors
def run(
    file: File,
    max_qubits: MaxQubits,
    observables: Annotated[
        list[str], typer.Option("--observable", "-o", help='For example "Z0 Z1" or "0.5*X1 - Z0"; may be repeated.')
    ],
    param: Annotated[list[str] | None, typer.Option("--param", help="name=value; may be repeated.")] = None,
    params: Annotated[Path | None, typer.Option("--params", help="A JSON file of names and values.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Compare with an uncut computation.")] = False,
    time_limit: TimeLimit = 10.0,
    no_wire_cuts: NoWires = False,
    no_gate_cuts: NoGates = False,
    as_json: AsJson = False,
) -> None:
    """Cut a circuit, evaluate its fragments exactly and print the values of observables."""
    circuit = load(file)
    sums = [Observable(text) for text in observables]
    for one in sums:
        one.check(circuit.num_qubits)
    values = circuit.values(_named_values(param or [], params))
    uncut = _uncut_network(circuit) if check else None
    found = find_cuts(circuit, max_qubits, search=_search(time_limit, no_wire_cuts, no_gate_cuts))
    results = expectations(split(circuit, found), sums, values)
    reference = None if uncut is None else expectations(uncut, sums, values)
    if as_json:
        rows = _result_rows(sums, results, reference)
        _print_json({"file": str(file), **_circuit_data(circuit), "plan": plan_data(found), "results": rows})
    else:
        typer.echo(f"{_headline(file, circuit)}\n{found}\n{_result_table(sums, results, reference)}")
    _check_agreement(results, reference)


@app.command()
@one_line_errors
def draw(
    file: File,
    max_qubits: MaxQubits,
    output: Annotated[Path, typer.Option("--output", "-o", help="The picture to write: .svg or .png.")],
    time_limit: TimeLimit = 10.0,
    no_wire_cuts: NoWires = False,
    no_gate_cuts: NoGates = False,
    as_json: AsJson = False,
) -> None:
    """Draw a circuit with its cuts and its fragments."""
    from cutq.show.draw import check_path
    from cutq.show.draw import draw as draw_plan

    check_path(output)
    circuit = load(file)
    found = find_cuts(circuit, max_qubits, search=_search(time_limit, no_wire_cuts, no_gate_cuts))
    draw_plan(circuit, found, output)
    if as_json:
        _print_json({"file": str(file), **_circuit_data(circuit), "plan": plan_data(found), "picture": str(output)})
    else:
        typer.echo(f"{_headline(file, circuit)}\n{found}\nwritten: {output}")


def plan_data(found: CutPlan) -> dict[str, Any]:
    """A found plan as plain data for JSON."""
    assert found.found is not None
    about = asdict(found.found)
    return {"cuts": [_cut_data(cut) for cut in found.cuts], **about, "gamma": found.gamma}


def _cut_data(cut: Cut) -> dict[str, Any]:
    if isinstance(cut, WireCut):
        return {"kind": "wire", "qubit": cut.qubit, "after": cut.after}
    assert isinstance(cut, GateCut)
    return {"kind": "gate", "ops": list(cut.ops)}


def _circuit_data(circuit: Circuit) -> dict[str, Any]:
    return {
        "num_qubits": circuit.num_qubits,
        "num_operations": len(circuit.operations),
        "parameters": list(circuit.parameters),
        "notes": list(circuit.metadata.get("notes", ())),
    }


def _headline(file: Path, circuit: Circuit) -> str:
    two = sum(len(op.qubits) == 2 for op in circuit.operations)
    line = f"{file.name}: {circuit.num_qubits} qubits, {len(circuit.operations)} operations, {two} on two qubits"
    return "\n".join([line, *(f"note: {note}" for note in circuit.metadata.get("notes", ()))])


def _search(time_limit: float, no_wire_cuts: bool, no_gate_cuts: bool) -> Search:
    return Search(wire_cuts=not no_wire_cuts, gate_cuts=not no_gate_cuts, time_limit=time_limit)


def _named_values(pairs: list[str], file: Path | None) -> dict[str, float]:
    """Parameter values from the command line over those of a file."""
    named = _values_of_file(file) if file else {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        try:
            if not equals:
                raise ValueError("no '='")
            named[name.strip()] = float(text)
        except ValueError as cause:
            raise ParameterError(f"--param is written name=value with a number, got {pair!r}") from cause
    return named


def _values_of_file(file: Path) -> dict[str, float]:
    try:
        named = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as cause:
        raise ParameterError(f"--params: {file} is no readable JSON file: {cause}") from cause
    if not isinstance(named, dict) or any(
        isinstance(v, bool) or not isinstance(v, int | float) for v in named.values()
    ):
        raise ParameterError(f"--params: {file} holds one JSON object of names and numbers")
    return named


def _uncut_network(circuit: Circuit) -> Network:
    """The uncut circuit, refused where a connected part of it does not fit in memory."""
    network = split(circuit, CutPlan.uncut())
    need = max(map(amplitude_bytes, network.fragments), default=0)
    if need > MAX_BYTES:
        raise TooLargeError(
            f"--check computes the uncut circuit, but a connected part of {max(network.widths)} qubits needs "
            f"{size_text(need)}, more than the {size_text(MAX_BYTES)} allowed; leave --check out"
        )
    return network


def _result_rows(sums: list[Observable], results: Values, reference: Values | None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {"observable": str(one), "value": float(value)} for one, value in zip(sums, results, strict=True)
    ]
    for row, uncut in zip(rows, [] if reference is None else reference, strict=False):
        row |= {"uncut": float(uncut), "difference": float(row["value"] - uncut)}
    return rows


def _result_table(sums: list[Observable], results: Values, reference: Values | None) -> str:
    width = max(len(str(one)) for one in sums)
    lines = ["values"]
    for row in _result_rows(sums, results, reference):
        line = f"  {row['observable']:<{width}}  {row['value']:+.12f}"
        if reference is not None:
            line += f"   uncut {row['uncut']:+.12f}   difference {row['difference']:+.1e}"
        lines.append(line)
    return "\n".join(lines)


def _check_agreement(results: Values, reference: Values | None) -> None:
    if reference is not None and not abs(results - reference).max() <= CHECK_TOLERANCE:
        typer.echo("cutq: the values of the cut and of the uncut circuit differ", err=True)
        raise typer.Exit(CHECK_FAILED)


def _print_json(data: dict[str, Any]) -> None:
    typer.echo(json.dumps(_finite(data), indent=2))


def _finite(data: Any) -> Any:
    """Data without infinities, which JSON does not know: they become null."""
    if isinstance(data, dict):
        return {key: _finite(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_finite(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data


def main() -> None:
    """Entry point of the ``cutq`` command: every fault of the input is one line and exit status 2."""
    sys.set_int_max_str_digits(0)
    try:
        status = app(standalone_mode=False)
        sys.stdout.flush()
    except UsageError as error:
        _fail(f"{error.format_message().rstrip('.')}; see cutq --help")
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # lest the exit fail in the same way
        _fail(f"cannot write the result: {error.strerror}")
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    sys.exit(status)


def _fail(message: str) -> NoReturn:
    print(f"cutq: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(BAD_INPUT)
