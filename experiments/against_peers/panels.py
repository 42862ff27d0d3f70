"""What is in each figure: its title, and by label the rows of its cases."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from experiments.against_peers.rows import Row, selected


@dataclass(frozen=True)
class Panel:
    """What is in a figure.

    Attributes:
        title: what the rows show.
        xlabel: what the marks are of.
        cases: by label the rows of each case, from top to bottom.
        line: what stands at 1.
        absolute: whether marks are the numbers themselves, cutq's among them, and not peer / cutq.
        note: by label a text in a line of its own, for what has no place on the axis.
    """

    title: str
    xlabel: str
    cases: Callable[[Sequence[Row]], Mapping[str, Sequence[Row]]]
    line: str = "cutq"
    absolute: bool = False
    note: Callable[[Sequence[Row]], Mapping[str, str]] = lambda rows: {}


def _cases(rows: Sequence[Row], label: Callable[[Row], str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(label(row), []).append(row)
    return found


def _exact(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Values and gradients of chains, whole workflows, and uncut circuits."""
    parts = ("chains", "contractions", "workflows")
    return _cases(_ordered(selected(rows, part=parts, quantity="seconds"), parts), _named)


def _ordered(rows: Sequence[Row], parts: Sequence[str]) -> list[Row]:
    """Rows by part; workflows by what is cut and how often."""
    return sorted(rows, key=lambda row: (parts.index(row["part"]), row["case"] if row["part"] == "workflows" else ""))


SHORT = {"value": "value", "gradient": "gradient", "shift gradient": "shifts"}


def _named(row: Row) -> str:
    end = "from scratch" if row["part"] == "workflows" else SHORT[row["step"]]
    return f"{row['case']}, {end}"


def _alone(rows: Sequence[Row]) -> dict[str, list[Row]]:
    return _cases(selected(rows, part=("lines", "clusters", "distributions"), quantity="seconds"), _published_name)


def _published_name(row: Row) -> str:
    return f"{row['case']}, {row['step']}" if row["part"] == "lines" else row["case"]


def _searches(rows: Sequence[Row]) -> dict[str, list[Row]]:
    own = [row for row in selected(rows, part="plans", quantity="seconds") if not math.isnan(row["ratio"])]
    return _cases(own, _plan_name)


def _plan_name(row: Row) -> str:
    step = {"plan": "", "plan, circuits": ", fewest circuits", "plan, joint": ", joint"}[row["step"]]
    return f"{row['case']}{step}"


def _circuits(rows: Sequence[Row]) -> dict[str, list[Row]]:
    parts = ("chains", "workflows", "lines", "clusters")
    own = _ordered(selected(rows, part=parts, quantity="circuits"), parts)
    plans = selected(rows, part="plans", quantity=("gamma", "circuits"))
    plans = [row for row in plans if not math.isnan(row["ratio"])]
    return {**_cases(own, _counted), **_cases(plans, _figured)}


def _counted(row: Row) -> str:
    return f"{row['case']}, cuts found" if row["step"] == "plan and recombine" else row["case"]


def _figured(row: Row) -> str:
    return f"{_plan_name(row)}: gamma" if row["quantity"] == "gamma" else _plan_name(row)


def _errors(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Errors over that of the uncut circuit with as many shots."""
    own = selected(rows, part="shots", quantity="RMSE")
    addon = [{**row, "step": "qiskit-addon-cutting"} for row in selected(own, step="uncut", peer="addon")]
    schemes = [_inverted(row) for row in selected(own, peer="uncut")]
    found = [{**row, "peer": f"{row['shots']:.0f} shots"} for row in (*addon, *schemes)]
    return _cases(found, lambda row: row["step"])


def _inverted(row: Row) -> Row:
    """A row of cutq over its peer; what is published of the peer has no place there."""
    ratio, low, high = (1 / row[name] for name in ("ratio", "high", "low"))
    step = f"cutq: {row['step']}"
    return {**row, "step": step, "ratio": ratio, "low": low, "high": high, "published": math.nan}


def _exactly(rows: Sequence[Row]) -> dict[str, str]:
    """What contraction of the uncut circuit takes."""
    found = selected(rows, part="shots", quantity="seconds", peer="cotengra")
    return {f"{row['peer']}, uncut": f"exact in {1e3 * row['peer_value']:.1f} ms, without shots" for row in found}


PANELS: Mapping[str, Panel] = {
    "seconds": Panel("Peers that cut take longer; not cutting sometimes wins", "CPU time, peer / cutq", _exact),
    "published": Panel("Of published seconds only qTPU's recombining beats cutq", "seconds, peer / cutq", _alone),
    "searches": Panel(
        "Searching for cuts takes longer than a state of up to 16 qubits", "CPU time, peer / cutq", _searches
    ),
    "circuits": Panel(
        "No peer that cuts has fewer circuits or a smaller gamma", "circuits, or gamma", _circuits, "uncut", True,
        lambda rows: {"cotengra, uncut": "none"},
    ),
    "shots": Panel(
        "At equal shots cutting about doubles the error, the addon's is ninefold", "RMSE, cut / uncut", _errors,
        "uncut", note=_exactly,
    ),
}  # fmt: skip
"""By the name of its file what is in a figure."""
