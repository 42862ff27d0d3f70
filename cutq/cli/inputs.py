"""What the command line reads besides the circuit: parameter values and saved plans."""

from __future__ import annotations

import json
from pathlib import Path

from cutq.errors import ParameterError, PlanError
from cutq.network.plan import CutPlan


def plan_of_file(file: Path) -> CutPlan:
    """The plan that ``cutq plan --save`` wrote.

    Raises:
        PlanError: the file cannot be read, or holds no plan.
    """
    try:
        return CutPlan.from_json(file.read_text(encoding="utf-8"))
    except (OSError, TypeError, ValueError, RecursionError) as cause:
        raise PlanError(f"--plan: {file} holds no plan that can be read: {cause}") from cause


def named_values(pairs: list[str], file: Path | None) -> dict[str, float]:
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
