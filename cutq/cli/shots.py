"""What ``cutq run`` asks of shots: one bundle of options, and the estimates that it leads to."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from typer import Option

from cutq.circuits.observable import Observable
from cutq.circuits.values import Values
from cutq.cli.bundles import with_bundle
from cutq.cli.estimates import estimate_data, estimate_rows, estimate_table
from cutq.cli.options import SHOTS_PANEL, FrameNames, frame_names
from cutq.cli.output import Answer
from cutq.errors import CutqError, ShotsError
from cutq.exact.checks import whole_number
from cutq.network.frames import chosen_frames
from cutq.network.network import Network
from cutq.shots.estimate import Estimate

if TYPE_CHECKING:
    from cutq.shots.jobs import Runner

RUNNERS = ("simulated", "aer")
"""What circuits can be run on, by name."""


@dataclass(frozen=True)
class Measuring:
    """What the command line asks of shots.

    Attributes:
        shots: how many for each estimate; None where the error decides.
        target_error: the largest standard error; None where the shots decide.
        runner: the name of what runs the circuits.
        frames: names of frames; None for those that are used by default.
        adaptive: whether circuits are added after a pilot.
    """

    shots: int | None
    target_error: float | None
    runner: str = RUNNERS[0]
    frames: tuple[str, ...] | None = None
    adaptive: bool = False

    def values(self, network: Network, sums: list[Observable], values: Values, seed: int) -> Estimate:
        """The estimate of observables."""
        from cutq.shots.estimating import estimate

        return estimate(
            network,
            sums,
            values,
            runner=runner_of(self.runner, seed),
            shots=self.shots,
            target_error=self.target_error,
            frames=self.frames,
            adaptive=self.adaptive,
            seed=seed,
        )

    def gradients(self, network: Network, sums: list[Observable], values: Values, seed: int) -> list[Estimate]:
        """For each observable the estimate of its derivatives; none where there are no parameters."""
        from cutq.shots.gradient import estimate_gradient

        # Each estimate has seeds of its own, lest the errors of two have to do with each other.
        return [
            estimate_gradient(
                network,
                one,
                values,
                runner=runner_of(self.runner, seed + number),
                shots=self.shots,
                target_error=self.target_error,
                frames=self.frames,
                seed=seed + number,
            )
            for number, one in enumerate(sums if network.parameters else (), start=1)
        ]


def measuring(
    shots: Annotated[
        int | None,
        Option(help="Estimate from so many shots, with error bars.", show_default=False, rich_help_panel=SHOTS_PANEL),
    ] = None,
    target_error: Annotated[
        float | None,
        Option(
            help="Estimate from as many shots as it takes to this standard error.",
            show_default=False,
            rich_help_panel=SHOTS_PANEL,
        ),
    ] = None,
    runner: Annotated[
        str | None,
        Option(
            help=f"What runs the circuits: {' or '.join(RUNNERS)}.",
            metavar="NAME",
            show_default=RUNNERS[0],
            rich_help_panel=SHOTS_PANEL,
        ),
    ] = None,
    frames: FrameNames = None,
    adaptive: Annotated[
        bool, Option("--adaptive", help="Add circuits that a pilot suggests.", rich_help_panel=SHOTS_PANEL)
    ] = False,
) -> Measuring | None:
    """What the options say; None where nothing is to be estimated.

    Raises:
        CutqError: they contradict each other, or one is out of range; before any work is done.
    """
    if shots is None and target_error is None:
        if runner is not None or frames is not None or adaptive:
            raise ShotsError("--runner, --frames and --adaptive are about shots; give --shots or --target-error too")
        return None
    if shots is not None and target_error is not None:
        raise ShotsError("either --shots or --target-error says how much to run; leave one of the two out")
    if shots is not None:
        whole_number("--shots", shots, least=1)
    elif not (target_error is not None and 0 < target_error < math.inf):
        raise ShotsError(f"--target-error is a positive standard error such as 0.01, got {target_error!r}")
    names = frame_names(frames)
    chosen_frames(names)
    chosen = RUNNERS[0] if runner is None else runner
    runner_of(chosen, 0)
    return Measuring(shots, target_error, chosen, names, adaptive)


with_shots = with_bundle("measuring", measuring)
"""Makes commands that have the options of :func:`measuring` in place of their parameter of that name."""


def estimated(
    measuring: Measuring,
    network: Network,
    sums: list[Observable],
    values: Values,
    reference: Values | None,
    gradient: bool,
    seed: int,
) -> Answer:
    """The values of observables from shots, beside those of the uncut circuit if they are given."""
    found = measuring.values(network, sums, values, seed)
    gradients = measuring.gradients(network, sums, values, seed) if gradient else None
    rows = estimate_rows(found, reference, gradients, network.parameters)
    data = {"results": rows, "seed": seed, "estimate": estimate_data(found)}
    if gradients is not None:
        data["gradients"] = [estimate_data(one) for one in gradients]
    return Answer(rows, data, estimate_table(found, rows, gradients or ()))


def runner_of(name: str, seed: int) -> Runner:
    """The runner of this name.

    Raises:
        CutqError: there is none.
    """
    if name == "aer":
        from cutq.cli.aer import aer_runner

        return aer_runner(seed)
    if name != "simulated":
        raise CutqError(f"--runner is {' or '.join(RUNNERS)}, got {name!r}")
    from cutq.shots.simulated import SimulatedRunner

    # Its draws are decided by the seeds of the jobs.
    return SimulatedRunner()
