"""The command line: ``cutq plan | run | sample | draw FILE --max-qubits Q``."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, NoReturn, ParamSpec

import typer

from cutq.circuits.circuit import Circuit
from cutq.circuits.observable import Observable
from cutq.circuits.qasm.text import load
from cutq.circuits.values import Values
from cutq.cli.inputs import named_values
from cutq.cli.output import (
    circuit_data,
    counted,
    counts_table,
    headline,
    json_text,
    plan_data,
    result_rows,
    result_table,
)
from cutq.errors import CutqError, ParameterError, TooLargeError
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
Param = Annotated[list[str] | None, typer.Option("--param", help="name=value; may be repeated.")]
Params = Annotated[Path | None, typer.Option("--params", help="A JSON file of names and values.")]

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
        typer.echo(json_text({"file": str(file), **circuit_data(circuit), "plan": plan_data(found)}))
    else:
        typer.echo(headline(file, circuit))
        typer.echo(str(found))


@app.command()
@one_line_errors
def run(
    file: File,
    max_qubits: MaxQubits,
    observables: Annotated[
        list[str], typer.Option("--observable", "-o", help='For example "Z0 Z1" or "0.5*X1 - Z0"; may be repeated.')
    ],
    param: Param = None,
    params: Params = None,
    gradient: Annotated[bool, typer.Option("--gradient", help="Print the derivatives by the parameters too.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Compare with an uncut computation.")] = False,
    time_limit: TimeLimit = 10.0,
    no_wire_cuts: NoWires = False,
    no_gate_cuts: NoGates = False,
    as_json: AsJson = False,
) -> None:
    """Cut a circuit, evaluate its fragments exactly and print the values of observables."""
    from cutq.exact.values import expectations, values_and_jacobian

    circuit = load(file)
    sums = [Observable(text) for text in observables]
    for one in sums:
        one.check(circuit.num_qubits)
    values = circuit.values(named_values(param or [], params))
    reference = _uncut_values(circuit, sums, values) if check else None
    found = find_cuts(circuit, max_qubits, search=_search(time_limit, no_wire_cuts, no_gate_cuts))
    network = split(circuit, found)
    if gradient:
        results, gradients = values_and_jacobian(network, sums, values)
    else:
        results, gradients = expectations(network, sums, values), None
    rows = result_rows(sums, results, reference, gradients, circuit.parameters)
    if as_json:
        data = {"file": str(file), **circuit_data(circuit), "plan": plan_data(found), "results": rows}
        typer.echo(json_text(data))
    else:
        typer.echo(f"{headline(file, circuit)}\n{found}\n{result_table(rows)}")
    _check_agreement(results, reference)


@app.command()
@one_line_errors
def sample(
    file: File,
    max_qubits: MaxQubits,
    shots: Annotated[int, typer.Option("--shots", help="How many bit strings to draw.", show_default=False)],
    seed: Annotated[
        int | None, typer.Option("--seed", help="Same seed, same samples; drawn and shown if left out.")
    ] = None,
    param: Param = None,
    params: Params = None,
    time_limit: TimeLimit = 10.0,
    no_wire_cuts: NoWires = False,
    no_gate_cuts: NoGates = False,
    as_json: AsJson = False,
) -> None:
    """Cut a circuit and draw bit strings exactly from its fragments."""
    from cutq.exact.samples import sample as draw_samples

    circuit = load(file)
    values = circuit.values(named_values(param or [], params))
    if shots < 1:
        raise ParameterError(f"shots is a whole number from 1, got {shots}")
    chosen = secrets.randbits(32) if seed is None else seed
    if chosen < 0:
        raise ParameterError(f"seed is a whole number from 0, got {chosen}")
    found = find_cuts(circuit, max_qubits, search=_search(time_limit, no_wire_cuts, no_gate_cuts))
    counts = counted(draw_samples(split(circuit, found), shots, values, seed=chosen))
    if as_json:
        drawn = {"shots": shots, "seed": chosen, "counts": counts}
        typer.echo(json_text({"file": str(file), **circuit_data(circuit), "plan": plan_data(found), **drawn}))
    else:
        typer.echo(f"{headline(file, circuit)}\n{found}\n{counts_table(counts, shots, chosen)}")


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
        typer.echo(
            json_text({"file": str(file), **circuit_data(circuit), "plan": plan_data(found), "picture": str(output)})
        )
    else:
        typer.echo(f"{headline(file, circuit)}\n{found}\nwritten: {output}")


def _search(time_limit: float, no_wire_cuts: bool, no_gate_cuts: bool) -> Search:
    return Search(wire_cuts=not no_wire_cuts, gate_cuts=not no_gate_cuts, time_limit=time_limit)


def _uncut_values(circuit: Circuit, sums: list[Observable], values: Values) -> Values:
    """The values of the uncut circuit."""
    from cutq.exact.values import expectations

    try:
        return expectations(split(circuit, CutPlan.uncut()), sums, values)
    except TooLargeError as error:
        raise TooLargeError(f"--check computes the uncut circuit, but {error}; leave --check out") from error


def _check_agreement(results: Values, reference: Values | None) -> None:
    if reference is not None and not abs(results - reference).max() <= CHECK_TOLERANCE:
        typer.echo("cutq: the values of the cut and of the uncut circuit differ", err=True)
        raise typer.Exit(CHECK_FAILED)


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
