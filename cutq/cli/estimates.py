"""What the command line prints of estimates: tables for people, plain data for ``--json``."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from cutq.circuits.values import Values
from cutq.cli.output import MOST_ROWS
from cutq.shots.estimate import Estimate

EXACT = 1e-8
"""Difference up to which a value without an error is right."""


def estimate_data(estimate: Estimate) -> dict[str, Any]:
    """All that an estimate says, as plain data."""
    return {**json.loads(estimate.to_json()), "stderr": estimate.stderr.tolist()}


def estimate_rows(
    estimate: Estimate,
    reference: Values | None = None,
    gradients: Sequence[Estimate] | None = None,
    parameters: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """For each value its standard error, and what was asked for besides."""
    pairs = zip(estimate.names, estimate.values.tolist(), estimate.stderr.tolist(), strict=True)
    rows: list[dict[str, Any]] = [{"observable": name, "value": value, "stderr": error} for name, value, error in pairs]
    for k, row in enumerate(rows):
        if reference is not None:
            difference = row["value"] - float(reference[k])
            row |= {"uncut": float(reference[k]), "difference": difference}
            row["deviations"] = deviations(difference, row["stderr"])
        if gradients is not None:
            values, errors = (gradients[k].values, gradients[k].stderr) if gradients else ((), ())
            row["gradient"] = dict(zip(parameters, map(float, values), strict=True))
            row["gradient_stderr"] = dict(zip(parameters, map(float, errors), strict=True))
    return rows


def deviations(difference: float, stderr: float) -> float:
    """A difference in units of the standard error.

    >>> deviations(0.03, 0.01), deviations(1e-12, 0.0), deviations(0.1, 0.0)
    (3.0, 0.0, inf)
    """
    if stderr > 0:
        return difference / stderr
    return 0.0 if abs(difference) <= EXACT else math.inf


def estimate_table(estimate: Estimate, rows: Sequence[dict[str, Any]], gradients: Sequence[Estimate] = ()) -> str:
    """The rows of :func:`estimate_rows` as text."""
    width = max((len(row["observable"]) for row in rows), default=0)
    lines = [f"values ({effort_text(estimate)})"]
    for k, row in enumerate(rows):
        line = f"  {row['observable']:<{width}}  {with_error(row['value'], row['stderr'])}"
        if "uncut" in row:
            line += f"   uncut {row['uncut']:+.6f}   {row['deviations']:+.1f} standard errors off"
        lines.append(line)
        if gradients:
            lines += [f"    derivatives ({effort_text(gradients[k])})", *_derivatives(row)]
    return "\n".join(lines)


def effort_text(estimate: Estimate) -> str:
    """What an estimate took."""
    return f"{estimate.shots} shots of {estimate.num_circuits} circuits"


def with_error(value: float, stderr: float) -> str:
    """A value with its error, to two digits of it.

    >>> with_error(-0.64821, 0.0024), with_error(12.0, 0.0)
    ('-0.6482 ± 0.0024', '+12.000000 ± 0.000000')
    """
    digits = max(0, 1 - math.floor(math.log10(stderr))) if stderr > 0 else 6
    return f"{value:+.{digits}f} ± {stderr:.{digits}f}"


def _derivatives(row: dict[str, Any]) -> list[str]:
    gradient, errors = row["gradient"], row["gradient_stderr"]
    width = max(map(len, gradient), default=0)
    names = list(gradient)[:MOST_ROWS]
    lines = [f"    d/d {name:<{width}}  {with_error(gradient[name], errors[name])}" for name in names]
    hidden = len(gradient) - MOST_ROWS
    return [*lines, f"    and {hidden} more; see --json"] if hidden > 0 else lines
