"""``cutq jobs export | import``: circuits for devices that are reached by file, and the counts that come back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cutq.circuits.observable import Observable
from cutq.circuits.qasm.text import load
from cutq.cli.asked import Asked, with_search
from cutq.cli.errors import one_line_errors
from cutq.cli.estimates import estimate_data, estimate_rows, estimate_table
from cutq.cli.inputs import named_values
from cutq.cli.options import (
    AsJson,
    File,
    FrameNames,
    MaxQubitsOrPlan,
    Observables,
    Param,
    Params,
    Saved,
    Seed,
    frame_names,
)
from cutq.cli.output import json_text, plan_data, show
from cutq.exact.checks import whole_number
from cutq.network.frames import chosen_frames
from cutq.network.split import split

jobs = typer.Typer(help="Circuits for devices that are reached by file, and the counts that come back.")


@jobs.command("export")
@one_line_errors
@with_search
def export_command(
    file: File,
    observables: Observables,
    shots: Annotated[int, typer.Option("--shots", help="How many shots in total.", show_default=False)],
    folder: Annotated[Path, typer.Option("--folder", help="A new or empty folder.", show_default=False)],
    asked: Asked,
    max_qubits: MaxQubitsOrPlan = None,
    saved: Saved = None,
    param: Param = None,
    params: Params = None,
    frames: FrameNames = None,
    allocation: Annotated[
        str, typer.Option("--allocation", help="How shots are shared: uniform or coefficient.", metavar="NAME")
    ] = "uniform",
    pilot: Annotated[
        Path | None,
        typer.Option(
            "--pilot", help="An earlier folder with its counts, which say how shots are shared.", show_default=False
        ),
    ] = None,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Write the circuits of an estimate to a folder, one OpenQASM 3 file for each."""
    from cutq.shots.files import export_jobs
    from cutq.shots.jobfolder import fresh_folder

    fresh_folder(folder)
    names = frame_names(frames)
    chosen_frames(names)
    whole_number("--shots", shots, least=1)
    circuit = load(file)
    sums = [Observable(text) for text in observables]
    for one in sums:
        one.check(circuit.num_qubits)
    values = circuit.values(named_values(param or [], params))
    found = asked.seeded(seed).plan_or_saved(circuit, max_qubits, saved)
    written = export_jobs(
        split(circuit, found),
        sums,
        folder,
        values,
        shots=shots,
        frames=names,
        allocation=allocation,
        seed=seed,
        pilot=pilot,
    )
    data = {
        "plan": plan_data(found),
        "folder": str(folder),
        "manifest": written.hash,
        "circuits": written.num_circuits,
        "shots": written.shots,
    }
    show(file, circuit, as_json, data, str(found), f"written: {folder}: {written}")


@jobs.command("import")
@one_line_errors
def import_command(
    folder: Annotated[Path, typer.Argument(help="A folder of cutq jobs export, with its counts.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Print the values that the counts in a folder say, or which of them are missing."""
    from cutq.shots.files import import_counts

    found = import_counts(folder)
    rows = estimate_rows(found)
    if as_json:
        typer.echo(json_text({"folder": str(folder), "results": rows, "estimate": estimate_data(found)}))
    else:
        typer.echo(estimate_table(found, rows))
