"""The command line: ``cutq plan | price | run | sample | draw FILE -q Q``, ``cutq jobs | module | experiment``."""

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
from cutq.cli.experiments import experiment_app
from cutq.cli.inputs import named_values
from cutq.cli.jobs import jobs
from cutq.cli.modules import module_app
from cutq.cli.options import (
    AsJson,
    File,
    FrameNames,
    Front,
    MaxQubits,
    MaxQubitsOrPlan,
    Observables,
    Param,
    Params,
    Saved,
    Seed,
    frame_names,
)
from cutq.cli.output import (
    Answer,
    counted,
    counts_table,
    front_table,
    plan_data,
    result_rows,
    result_table,
    show,
)
from cutq.cli.prices import price_data, price_table
from cutq.cli.shots import Measuring, estimated, with_shots
from cutq.errors import ParameterError, PlanError, TooLargeError
from cutq.network.network import Network
from cutq.network.plan import CutPlan
from cutq.network.split import split
from cutq.shots.pricing import SHOT_RATE
from cutq.shots.pricing import price as network_price
from cutq.show.files import check_folder, check_picture, write_whole

CHECK_TOLERANCE = 1e-8
"""Largest difference between cut and uncut values that is put down to rounding."""

MOST_DEVIATIONS = 5.0
"""Standard errors between an estimate and the uncut value that are put down to chance."""

UsageError: Any = typer.BadParameter.__bases__[0]
"""What the command line's parser raises; typer carries its own copy of click, under a private name."""

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Cut quantum circuits into fragments that fit a small device, and recombine their values.",
)

app.add_typer(jobs, name="jobs")
app.add_typer(module_app, name="module")
app.add_typer(experiment_app, name="experiment")


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
        show(file, circuit, as_json, _plans_data(plans), front_table(plans))
        return
    found = asked.plan(circuit, max_qubits, observables or ())
    if save is not None:
        write_whole(save, found.to_json().encode())
    written = {} if save is None else {"saved": str(save)}
    show(file, circuit, as_json, {"plan": plan_data(found), **written}, str(found), *_written(save))


@app.command()
@one_line_errors
@with_search
@with_shots
def run(
    file: File,
    observables: Observables,
    asked: Asked,
    measuring: Measuring | None,
    max_qubits: MaxQubitsOrPlan = None,
    saved: Saved = None,
    param: Param = None,
    params: Params = None,
    gradient: Annotated[bool, typer.Option("--gradient", help="Print the derivatives by the parameters too.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Compare with an uncut computation.")] = False,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Cut a circuit and print the values of observables: exactly, or from shots of its fragments with error bars."""
    circuit = load(file)
    sums = [Observable(text) for text in observables]
    for one in sums:
        one.check(circuit.num_qubits)
    values = circuit.values(named_values(param or [], params))
    reference = _uncut_values(circuit, sums, values) if check else None
    found = asked.seeded(seed).plan_or_saved(circuit, max_qubits, saved)
    network = split(circuit, found)
    if measuring is None:
        answer = _exact(network, sums, values, reference, gradient)
    else:
        answer = estimated(measuring, network, sums, values, reference, gradient, seed)
    show(file, circuit, as_json, {"plan": plan_data(found), **answer.data}, str(found), answer.text)
    _check_agreement(answer.rows, reference)


@app.command()
@one_line_errors
@with_search
def price(
    file: File,
    observables: Observables,
    asked: Asked,
    max_qubits: MaxQubitsOrPlan = None,
    saved: Saved = None,
    shots: Annotated[int | None, typer.Option("--shots", help="Price so many shots.", show_default=False)] = None,
    target_error: Annotated[
        float | None,
        typer.Option("--target-error", help="Price this standard error; 0.01 if left out.", show_default=False),
    ] = None,
    gradient: Annotated[bool, typer.Option("--gradient", help="Price the gradient of the observable.")] = False,
    frames: FrameNames = None,
    shot_rate: Annotated[float, typer.Option("--shot-rate", help="Shots in a second.")] = SHOT_RATE,
    max_circuits: Annotated[int | None, typer.Option("--max-circuits", help="Fail beyond.", show_default=False)] = None,
    max_shots: Annotated[int | None, typer.Option("--max-shots", help="Fail beyond.", show_default=False)] = None,
    param: Param = None,
    params: Params = None,
    as_json: AsJson = False,
) -> None:
    """Cut a circuit and say what estimating observables takes on devices, before anything is run."""
    circuit = load(file)
    values = circuit.values(named_values(param or [], params)) if param or params else None
    found = asked.plan_or_saved(circuit, max_qubits, saved)
    priced = network_price(
        split(circuit, found),
        observables,
        values,
        shots=shots,
        target_error=target_error,
        gradient=gradient,
        frames=frame_names(frames),
        shot_rate=shot_rate,
        max_circuits=max_circuits,
        max_shots=max_shots,
    )
    data = {"plan": plan_data(found), "price": price_data(priced)}
    show(file, circuit, as_json, data, str(found), price_table(priced))


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
    show(file, circuit, as_json, data, str(found), counts_table(counts, shots, chosen))


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
    show(file, circuit, as_json, {**data, "picture": str(output)}, table, *_written(output))


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


def _exact(
    network: Network, sums: list[Observable], values: Values, reference: Values | None, gradient: bool
) -> Answer:
    """The values of observables without shots."""
    from cutq.exact.values import expectations, values_and_jacobian

    if gradient:
        results, gradients = values_and_jacobian(network, sums, values)
    else:
        results, gradients = expectations(network, sums, values), None
    rows = result_rows(sums, results, reference, gradients, network.parameters)
    return Answer(rows, {"results": rows}, result_table(rows))


def _check_agreement(rows: Sequence[dict[str, Any]], reference: Values | None) -> None:
    """Exit with a status of its own where a value is not what the uncut circuit says."""
    if reference is None:
        return
    if not all(abs(row.get("deviations", 0.0)) <= MOST_DEVIATIONS for row in rows):
        _disagree(f"an estimate is more than {MOST_DEVIATIONS:g} standard errors from the value of the uncut circuit")
    if not all("deviations" in row or abs(row["difference"]) <= CHECK_TOLERANCE for row in rows):
        _disagree("the values of the cut and of the uncut circuit differ")


def _disagree(message: str) -> NoReturn:
    typer.echo(one_line(message), err=True)
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
