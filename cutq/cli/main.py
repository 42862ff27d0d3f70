"""The command line: ``cutq plan | run | sample | draw FILE --max-qubits Q``."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from cutq.circuits.circuit import Circuit
from cutq.circuits.observable import Observable
from cutq.circuits.qasm.text import load
from cutq.circuits.values import Values
from cutq.cli.asked import Asked, needed, with_search
from cutq.cli.errors import BAD_INPUT, CHECK_FAILED, INTERRUPTED, one_line, one_line_errors
from cutq.cli.inputs import named_values
from cutq.cli.output import (
    circuit_data,
    counted,
    counts_table,
    front_table,
    headline,
    json_text,
    plan_data,
    result_rows,
    result_table,
)
from cutq.errors import ParameterError, PlanError, TooLargeError
from cutq.network.plan import CutPlan
from cutq.network.split import split
from cutq.show.files import check_folder, check_picture, write_whole

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
MaxQubitsOrPlan = Annotated[
    int | None,
    typer.Option(
        "--max-qubits",
        "-q",
        help="Largest number of qubits of a fragment; may be left out with --plan.",
        show_default=False,
    ),
]
Saved = Annotated[
    Path | None,
    typer.Option("--plan", help="A plan that cutq plan --save wrote, used instead of a search.", show_default=False),
]
Front = Annotated[
    bool, typer.Option("--front", help="All plans of the Pareto front of width, circuits, gamma and flops.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Param = Annotated[list[str] | None, typer.Option("--param", help="name=value; may be repeated.", show_default=False)]
Params = Annotated[Path | None, typer.Option("--params", help="A JSON file of names and values.", show_default=False)]


@app.command()
@one_line_errors
@with_search
def plan(
    file: File,
    max_qubits: MaxQubits,
    asked: Asked,
    observables: Annotated[
        list[str] | None,
        typer.Option("--observable", "-o", help="Plan for this observable alone; may be repeated.", show_default=False),
    ] = None,
    front: Front = False,
    save: Annotated[
        Path | None, typer.Option("--save", help="Write the plan to this file, for --plan.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find the cuts of a circuit and say what they cost."""
    if front and save is not None:
        raise PlanError("--save writes one plan, so leave --front out")
    if save is not None:
        check_folder(save)
    circuit = load(file)
    if front:
        plans = asked.front(circuit, max_qubits, observables or ())
        _show(file, circuit, as_json, _plans_data(plans), front_table(plans))
        return
    found = asked.plan(circuit, max_qubits, observables or ())
    if save is not None:
        write_whole(save, found.to_json().encode())
    written = {} if save is None else {"saved": str(save)}
    _show(file, circuit, as_json, {"plan": plan_data(found), **written}, str(found), *_written(save))


@app.command()
@one_line_errors
@with_search
def run(
    file: File,
    observables: Annotated[
        list[str], typer.Option("--observable", "-o", help='For example "Z0 Z1" or "0.5*X1 - Z0"; may be repeated.')
    ],
    asked: Asked,
    max_qubits: MaxQubitsOrPlan = None,
    saved: Saved = None,
    param: Param = None,
    params: Params = None,
    gradient: Annotated[bool, typer.Option("--gradient", help="Print the derivatives by the parameters too.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Compare with an uncut computation.")] = False,
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
    found = asked.plan_or_saved(circuit, max_qubits, saved)
    network = split(circuit, found)
    if gradient:
        results, gradients = values_and_jacobian(network, sums, values)
    else:
        results, gradients = expectations(network, sums, values), None
    rows = result_rows(sums, results, reference, gradients, circuit.parameters)
    _show(file, circuit, as_json, {"plan": plan_data(found), "results": rows}, str(found), result_table(rows))
    _check_agreement(results, reference)


@app.command()
@one_line_errors
@with_search
def sample(
    file: File,
    shots: Annotated[int, typer.Option("--shots", help="How many bit strings to draw.", show_default=False)],
    asked: Asked,
    max_qubits: MaxQubitsOrPlan = None,
    saved: Saved = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", help="Same seed, same samples; drawn and shown if left out.", show_default=False),
    ] = None,
    param: Param = None,
    params: Params = None,
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
    found = asked.plan_or_saved(circuit, max_qubits, saved)
    counts = counted(draw_samples(split(circuit, found), shots, values, seed=chosen))
    data = {"plan": plan_data(found), "shots": shots, "seed": chosen, "counts": counts}
    _show(file, circuit, as_json, data, str(found), counts_table(counts, shots, chosen))


@app.command()
@one_line_errors
@with_search
def draw(
    file: File,
    output: Annotated[Path, typer.Option("--output", "-o", help="The picture to write: .svg or .png.")],
    asked: Asked,
    max_qubits: MaxQubitsOrPlan = None,
    saved: Saved = None,
    front: Front = False,
    as_json: AsJson = False,
) -> None:
    """Draw a circuit with its cuts and its fragments, or the Pareto front of its plans."""
    from cutq.show.draw import draw as draw_plan
    from cutq.show.front import draw_front

    check_picture(output)
    if front and saved is not None:
        raise PlanError("--front searches for many plans, so leave --plan out")
    circuit = load(file)
    if front:
        plans = asked.front(circuit, needed(max_qubits))
        draw_front(plans, output)
        data, table = _plans_data(plans), front_table(plans)
    else:
        found = asked.plan_or_saved(circuit, max_qubits, saved)
        draw_plan(circuit, found, output)
        data, table = {"plan": plan_data(found)}, str(found)
    _show(file, circuit, as_json, {**data, "picture": str(output)}, table, *_written(output))


def _show(file: Path, circuit: Circuit, as_json: bool, data: dict[str, Any], *texts: str) -> None:
    """Print the circuit and what became of it, as data or as texts."""
    if as_json:
        typer.echo(json_text({"file": str(file), **circuit_data(circuit), **data}))
    else:
        typer.echo("\n".join([headline(file, circuit), *texts]))


def _written(path: Path | None) -> list[str]:
    return [] if path is None else [f"written: {path}"]


def _plans_data(plans: Sequence[CutPlan]) -> dict[str, Any]:
    return {"plans": [plan_data(one) for one in plans]}


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
    print(one_line(message), file=sys.stderr)
    sys.exit(BAD_INPUT)
