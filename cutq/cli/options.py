"""Options and arguments that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cutq.network.frames import FRAMES

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
Observables = Annotated[
    list[str], typer.Option("--observable", "-o", help='For example "Z0 Z1" or "0.5*X1 - Z0"; may be repeated.')
]
Front = Annotated[
    bool, typer.Option("--front", help="All plans of the Pareto front of width, circuits, gamma and flops.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Param = Annotated[list[str] | None, typer.Option("--param", help="name=value; may be repeated.", show_default=False)]
Params = Annotated[Path | None, typer.Option("--params", help="A JSON file of names and values.", show_default=False)]
Seed = Annotated[int, typer.Option("--seed", help="Seed of the search's random choices, and of the shots.")]

SHOTS_PANEL = "Shots"
"""Where ``--help`` lists what is about shots."""

FrameNames = Annotated[
    str | None,
    typer.Option(
        "--frames",
        help=f"What is run where bonds were cut, such as six,lean; known: {', '.join(FRAMES)}.",
        metavar="NAMES",
        show_default=False,
        rich_help_panel=SHOTS_PANEL,
    ),
]


def frame_names(text: str | None) -> tuple[str, ...] | None:
    """Names of frames from the command line.

    >>> frame_names("six, lean")
    ('six', 'lean')
    """
    return None if text is None else tuple(name.strip() for name in text.split(","))
