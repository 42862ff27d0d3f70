"""What all commands ask of a search: one bundle of options, and the plans that it leads to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from typer import Option

from cutq.circuits.circuit import Circuit
from cutq.cli.bundles import with_bundle
from cutq.cli.inputs import plan_of_file
from cutq.cli.progress import progress_line
from cutq.errors import PlanError
from cutq.network.plan import CutPlan
from cutq.network.split import split
from cutq.search.find import find_cuts
from cutq.search.front import find_plans
from cutq.search.options import OBJECTIVES, Search
from cutq.show.front_rows import width

DEFAULT_OBJECTIVE = "circuits"
PANEL = "Search"
"""Where ``--help`` lists the options."""


@dataclass(frozen=True)
class Asked:
    """What the command line asks of a search.

    Attributes:
        objective: what is minimised.
        search: options and limits.
    """

    objective: str
    search: Search

    def seeded(self, seed: int) -> Asked:
        """The same with this seed.

        Raises:
            PlanError: it is none.
        """
        return replace(self, search=replace(self.search, seed=seed))

    def plan(self, circuit: Circuit, max_qubits: int, observables: Sequence[str] = ()) -> CutPlan:
        """The best plan found, for these observables or, without them, for all."""
        with progress_line(self.search.time_limit) as listener:
            return find_cuts(
                circuit,
                max_qubits,
                objective=self.objective,
                search=self.search,
                observables=observables or None,
                progress=listener,
            )

    def front(self, circuit: Circuit, max_qubits: int, observables: Sequence[str] = ()) -> tuple[CutPlan, ...]:
        """The Pareto front of plans.

        Raises:
            PlanError: an objective was chosen, or there is no plan.
        """
        if self.objective != DEFAULT_OBJECTIVE:
            raise PlanError(f"--front shows plans of all objectives, so leave --objective {self.objective} out")
        with progress_line(self.search.time_limit) as listener:
            return find_plans(
                circuit, max_qubits, search=self.search, observables=observables or None, progress=listener
            )

    def plan_or_saved(self, circuit: Circuit, max_qubits: int | None, saved: Path | None) -> CutPlan:
        """The plan of a file, or, without one, the best plan found.

        Raises:
            PlanError: neither a file nor a width is given, or the file's plan is none of this circuit, or too wide.
        """
        if saved is not None:
            return saved_plan(saved, circuit, max_qubits)
        return self.plan(circuit, needed(max_qubits))


def needed(max_qubits: int | None) -> int:
    """The width of fragments, of commands that have to search.

    Raises:
        PlanError: it is missing.
    """
    if max_qubits is None:
        raise PlanError("give --max-qubits, the largest number of qubits of a fragment, or --plan, a file with a plan")
    return max_qubits


def saved_plan(file: Path, circuit: Circuit, max_qubits: int | None) -> CutPlan:
    """The plan of a file, checked against the circuit and, if it is given, the width.

    Raises:
        PlanError: the file holds no plan, one of another circuit, or one with a wider fragment.
    """
    plan = plan_of_file(file)
    widths = split(circuit, plan).widths
    widest = max(widths, default=0) if plan.found is None else width(plan)
    if plan.found is not None and plan.widths != widths:
        raise PlanError(
            f"--plan: {file} was found for another circuit: it says fragments of widths {list(plan.widths)}, but makes "
            f"fragments of widths {list(widths)} of this one"
        )
    if max_qubits is not None and widest > max_qubits:
        raise PlanError(f"--plan: {file} has a fragment of {widest} qubits, more than --max-qubits {max_qubits}")
    return plan


def asked(
    objective: Annotated[
        str, Option(help=f"What is minimised: {', '.join(OBJECTIVES)}.", metavar="NAME", rich_help_panel=PANEL)
    ] = DEFAULT_OBJECTIVE,
    time_limit: Annotated[
        float, Option(help="Seconds after which the best plan so far is taken.", rich_help_panel=PANEL)
    ] = 10.0,
    no_wire_cuts: Annotated[bool, Option("--no-wire-cuts", help="Cut gates only.", rich_help_panel=PANEL)] = False,
    no_gate_cuts: Annotated[bool, Option("--no-gate-cuts", help="Cut wires only.", rich_help_panel=PANEL)] = False,
    no_merge: Annotated[
        bool, Option("--no-merge", help="Never cut the product of gates on one pair of qubits.", rich_help_panel=PANEL)
    ] = False,
    no_joint: Annotated[
        bool, Option("--no-joint", help="Never cut several gates as one bond.", rich_help_panel=PANEL)
    ] = False,
    reuse: Annotated[
        bool,
        Option("--reuse", help="Measure and reset qubits that are done with, to use again.", rich_help_panel=PANEL),
    ] = False,
    max_fragments: Annotated[
        int | None, Option(help="Most fragments.", show_default=False, rich_help_panel=PANEL)
    ] = None,
    max_circuits: Annotated[
        int | None, Option(help="Most circuits on a device.", show_default=False, rich_help_panel=PANEL)
    ] = None,
    device_sizes: Annotated[
        str | None,
        Option(
            help="Devices that hold all fragments at once, such as 5,7,27.", show_default=False, rich_help_panel=PANEL
        ),
    ] = None,
    seed: Annotated[int, Option(help="Seed of the search's random choices.", rich_help_panel=PANEL)] = 0,
) -> Asked:
    """What the options say; their names are those of the command line.

    Raises:
        PlanError: an option is out of range.
    """
    search = Search(
        wire_cuts=not no_wire_cuts,
        gate_cuts=not no_gate_cuts,
        merge_gates=not no_merge,
        joint=not no_joint,
        reuse=reuse,
        max_fragments=max_fragments,
        max_circuits=max_circuits,
        device_sizes=None if device_sizes is None else sizes(device_sizes),
        time_limit=time_limit,
        seed=seed,
    )
    return Asked(objective, search)


def sizes(text: str) -> tuple[int, ...]:
    """Sizes of devices from the command line.

    >>> sizes("5, 7,27")
    (5, 7, 27)
    """
    try:
        return tuple(int(size) for size in text.split(","))
    except ValueError as cause:
        raise PlanError(
            f"--device-sizes are whole numbers with commas between, such as 5,7,27, got {text!r}"
        ) from cause


with_search = with_bundle("asked", asked)
"""Makes commands that have the options of :func:`asked` in place of their parameter of that name."""
