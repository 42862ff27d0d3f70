"""``draw_front``: a Pareto front of plans as one picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from matplotlib.figure import Figure

from cutq.network.plan import CutPlan
from cutq.show.captions import counted
from cutq.show.files import check_picture, write_whole
from cutq.show.front_layout import Columns, columns, decades, scale
from cutq.show.front_panel import FOOT, HEIGHT, LEFT, RIGHT, Chart, draw_chart, draw_foot, draw_table, table_size
from cutq.show.front_rows import checked, is_proven, number_text, reuses, rows, width
from cutq.show.page import GAP, NARROWEST, SMALL_GAP, Panel, legend, pasted, rendered, title

CHARTS: tuple[tuple[str, str, str, Callable[[CutPlan], float]], ...] = (
    ("circuits", "device circuits", "#0072B2", lambda plan: plan.price.circuits),
    ("gamma", "gamma", "#A34E00", lambda plan: plan.price.gamma),
    ("flops", "flops of one exact evaluation", "#00724F", lambda plan: plan.price.flops),
)
"""The charts: objective, name, colour, and the figure of a plan."""

CHART_GAP = 0.06


def draw_front(plans: Sequence[CutPlan], path: str | Path) -> None:
    """Write a picture of a Pareto front, as svg or png by the path's ending.

    Device circuits, gamma and flops of each plan stand over the width of its widest fragment; plans have their numbers
    in the sequence. The same plans give the same bytes.

    Args:
        plans: plans that a search found, as :func:`cutq.find_plans` returns them.
        path: the file to write.

    Raises:
        CutqError: the ending is neither ``.svg`` nor ``.png``, or the file cannot be written.
        PlanError: there are no plans, or one was made by hand and does not know its price.
    """
    target = Path(path)
    check_picture(target)
    found = checked(plans)
    write_whole(target, rendered(lambda: figure(found), target.suffix.lower()[1:]))


def figure(plans: Sequence[CutPlan]) -> Figure:
    """The picture as a figure: title, the charts over one axis of widths, how to read them, and the table."""
    places = columns([width(plan) for plan in plans], NARROWEST - LEFT - RIGHT)
    page = LEFT + places.size + RIGHT
    table = rows(plans)
    size = table_size(table, page)
    panels = [title(heading(plans), facts(plans), page)]
    charts = [chart(plans, *about) for about in CHARTS]
    panels += [Panel((page, HEIGHT), partial(draw_chart, chart=one, columns=places)) for one in charts]
    panels.append(Panel((page, FOOT), partial(draw_foot, columns=places, name=axis_name(plans, places))))
    panels.append(legend(reading(plans, places), page))
    panels.append(Panel(size, partial(draw_table, rows=table, width=size[0])))
    gaps = [SMALL_GAP, CHART_GAP, CHART_GAP, 0.0, SMALL_GAP, GAP, 0.0]
    return pasted(panels, _stacked(panels, gaps))


def _stacked(panels: Sequence[Panel], gaps: Sequence[float]) -> list[tuple[float, float]]:
    """Corners of panels one below the other, with a gap below each."""
    tops = [0.0]
    for panel, gap in zip(panels, gaps, strict=True):
        tops.append(tops[-1] + panel.size[1] + gap)
    return [(0.0, top) for top in tops[:-1]]


def chart(plans: Sequence[CutPlan], objective: str, name: str, colour: str, value: Callable[[CutPlan], float]) -> Chart:
    """The chart of one figure of the plans."""
    powers = tuple(decades(value(plan)) for plan in plans)
    return Chart(name, colour, powers, tuple(is_proven(plan, objective) for plan in plans), scale(powers))


def heading(plans: Sequence[CutPlan]) -> str:
    """The first line: how many plans, and their widths.

    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.search.front import find_plans
    >>> heading(find_plans(Circuit(2, (Operation("cx", (0, 1)),)), 2))
    '2 plans, widths 1 to 2'
    """
    least, most = min(map(width, plans)), max(map(width, plans))
    return f"{counted(len(plans), 'plan')}, {f'width {least}' if least == most else f'widths {least} to {most}'}"


def facts(plans: Sequence[CutPlan]) -> str:
    """The second line: from where to where the figures go, and what the plans are for."""
    parts = []
    for objective, *_, value in CHARTS:
        least, most = (number_text(choose(map(value, plans))) for choose in (min, max))
        parts.append(f"{objective} {least}" if least == most else f"{objective} {least} to {most}")
    purposes = sorted({", ".join(map(str, plan.observables)) for plan in plans if plan.observables})
    return " · ".join([*parts, *(f"only for {purpose}" for purpose in purposes)])


def axis_name(plans: Sequence[CutPlan], places: Columns) -> str:
    """What the axis of widths shows."""
    again = ", qubits used again" if any(map(reuses, plans)) else ""
    return f"qubits of the widest fragment{again}{'' if places.linear else ' (distances not to scale)'}"


def reading(plans: Sequence[CutPlan], places: Columns) -> str:
    """How to read the marks."""
    proven = any(is_proven(plan, objective) for plan in plans for objective, *_ in CHARTS)
    parts = ["numbers: plans"]
    if proven:
        parts.append("filled: proven, no plan of this width with these kinds of cuts is lower")
        parts.append("hollow: not proven")
    if len(places.centres) > 1:
        parts.append("line: the lowest of all plans up to a width")
    if any(count > 1 for count in places.counts.values()):
        parts.append("grey band: plans of one width")
    if any(math.isinf(plan.price.gamma) for plan in plans):
        parts.append("arrow: beyond 1e+308")
    return " · ".join(parts)
