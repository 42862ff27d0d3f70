"""``python -m experiments.worth_of_a_wire.figure [FOLDER]``: the figures, from the CSV alone."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.worth_of_a_wire.rows import (
    LEAST_EACH,
    Row,
    Value,
    accuracies,
    bootstrapped,
    error,
    fields,
    longest,
    parsed,
    priced,
    total_error,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE = (6.4, 3.6)
WIRES = (0, 1, 2)
SHOTS = np.geomspace(1e3, 1e8, 11)
LEAST_ERROR = 1e-7
"""Relative errors below which an energy is exact, as far as it was minimised; they have no place on a logarithm."""

Point = tuple[float, Value]


@dataclass(frozen=True)
class Style:
    """How a line looks; colours of Okabe and Ito, told apart by markers too."""

    label: str
    colour: str
    marker: str
    dash: str = "-"


STYLES = {
    "frozen glue": Style("frozen, glue", "#0072b2", "o"),
    "tuned glue": Style("tuned, glue", "#56b4e9", "s"),
    "tuned link": Style("tuned, link", "#009e73", "^"),
    "scratch": Style("uncut, from scratch", "#d55e00", "X", "--"),
    "classical": Style("classical, bond $2^w$", "#e69f00", "v", ":"),
    "mean field": Style("mean field", "#cc79a7", "D", ":"),
}
READERS = {
    **{name: STYLES[name] for name in ("frozen glue", "tuned glue", "tuned link")},
    "scratch": Style("whole, from scratch", "#d55e00", "X", "--"),
    "classical": Style("tanh modules", "#e69f00", "v", ":"),
    "pixels": Style("logistic, pixels", "#000000", "D", ":"),
}
BY_FIELD = (
    ("frozen glue", 0, Style("frozen, no wire", "#0072b2", "o", "-.")),
    ("frozen glue", 1, Style("frozen, glue", "#0072b2", "o")),
    ("tuned glue", 0, Style("tuned, no wire", "#56b4e9", "s", "-.")),
    ("tuned glue", 1, Style("tuned, glue", "#56b4e9", "s")),
    ("tuned link", 1, Style("tuned, link", "#009e73", "^")),
    ("scratch", 1, Style("uncut, from scratch", "#d55e00", "X", "--")),
    ("classical", 1, Style("classical, bond 2", "#e69f00", "v", ":")),
)
"""Rows whose error is drawn against the field: method, wires, style."""

TOTALS = (
    ("tuned glue", 0, "variance", Style("no wire", "#56b4e9", "s")),
    ("tuned glue", 1, "variance", Style("1 wire, glue", "#0072b2", "o")),
    ("tuned glue", 2, "variance", Style("2 wires, glue", "#cc79a7", "D")),
    ("tuned link", 1, "variance", Style("1 wire, link", "#009e73", "^")),
    ("tuned link", 2, "variance", Style("2 wires, link", "#000000", "P")),
    ("tuned link", 1, "uncut_variance", Style("1 wire, link, uncut", "#d55e00", "X", "--")),
)
"""Fine-tuned rows whose total error is drawn: method, wires, column of the variance, style."""


def pictures(results: Path) -> dict[str, Figure]:
    """By name the figures."""
    with results.open(newline="", encoding="utf-8") as file:
        rows = parsed(csv.DictReader(file))
    return {name: _figure(panel, rows) for name, panel in PANELS.items()}


def draw(results: Path, into: Path) -> list[Path]:
    """Write each figure as SVG and PNG; the same rows give the same bytes."""
    from cutq.show.page import rendered

    paths = []
    for name in PANELS:
        for kind in ("svg", "png"):
            paths.append(into / f"{name}.{kind}")
            paths[-1].write_bytes(rendered(lambda name=name: pictures(results)[name], kind))
    return paths


def _figure(panel: Callable[[Sequence[Row], Axes], None], rows: Sequence[Row]) -> Figure:
    from matplotlib.figure import Figure

    drawing = Figure(figsize=SIZE, layout="constrained")
    axes = drawing.subplots()
    panel(rows, axes)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return drawing


def tfim(rows: Sequence[Row], axes: Axes) -> None:
    """Error of the energy against open wires, at the critical field."""
    for method, style in STYLES.items():
        found = [(wires, error(rows, method, wires)) for wires in WIRES]
        _plot(axes, style, [(wires, one) for wires, one in found if one])
    where = f"({4 * longest(rows)} sites, h = 1)"
    axes.set(yscale="log", ylabel="relative error of the energy", xlabel=f"open wires at each border, w {where}")
    axes.set_xticks(WIRES)
    axes.set_title("One wire into a whole module beats two wires into glue", loc="left", fontsize=11)


def by_field(rows: Sequence[Row], axes: Axes) -> None:
    """Error of the energy against the field, without and with a wire."""
    for method, wires, style in BY_FIELD:
        found = [(field, error(rows, method, wires, field)) for field in fields(rows)]
        _plot(axes, style, [(field, one) for field, one in found if one])
    axes.set(yscale="log", ylabel="relative error of the energy", xlabel="field h (critical at 1)")
    axes.set_title("Tuning is worth more than a wire up to the critical field, less above", loc="left", fontsize=11)


def price(rows: Sequence[Row], axes: Axes) -> None:
    """Total error of an estimate against its shots, at the critical field."""
    for method, wires, column, style in TOTALS:
        row = priced(rows, method, wires, 1.0)
        if row:
            shots = SHOTS[LEAST_EACH * row["circuits"] <= SHOTS] if column == "variance" else SHOTS
            axes.plot(shots, [total_error(row, one, column) for one in shots], style.dash, color=style.colour,
                      marker=style.marker, ms=4.5, lw=1.5, label=style.label)  # fmt: skip
    bound = error(rows, "classical", 1)
    if bound:
        style = Style("classical, bond 2", "#e69f00", "v", ":")
        _plot(axes, style, [(shots, bound) for shots in SHOTS])
    where = f"({4 * longest(rows)} sites, h = 1)"
    axes.set(xscale="log", yscale="log", xlabel=f"shots in total {where}", ylabel="error of the energy, relative (rms)")
    axes.set_title("One cut wire pays from some thousand shots, two from ten times that", loc="left", fontsize=11)


def digits(rows: Sequence[Row], axes: Axes) -> None:
    """Accuracy on digits against open wires."""
    offsets = np.linspace(-0.1, 0.1, len(READERS))
    for (method, style), offset in zip(READERS.items(), offsets, strict=True):
        constant = bootstrapped(accuracies(rows, method, 0)) if method in ("classical", "pixels") else None
        found = [(wires, constant or _mean(rows, method, wires)) for wires in WIRES]
        points = [(wires + offset, one) for wires, one in found if one]
        axes.vlines([x for x, _ in points], *_ends(points), color=style.colour, lw=1.2)
        _line(axes, style, points)
    axes.set(ylabel="accuracy on 540 test images", xlabel="open wires at each border, w")
    axes.set_xticks(WIRES)
    axes.set_title("Wires add 0.3 points to frozen modules and none to tuned ones", loc="left", fontsize=11)


def _mean(rows: Sequence[Row], method: str, wires: int) -> Value | None:
    found = accuracies(rows, method, wires)
    return bootstrapped(found) if found else None


PANELS: Mapping[str, Callable[[Sequence[Row], Axes], None]] = {
    "tfim": tfim,
    "fields": by_field,
    "price": price,
    "digits": digits,
}
"""By the name of its file what is in a figure."""


def _plot(axes: Axes, style: Style, points: Sequence[Point]) -> None:
    """A line with the intervals of its values, on a logarithm."""
    points = [(x, one) for x, one in points if one.low > LEAST_ERROR]
    if points:
        axes.fill_between([x for x, _ in points], *_ends(points), color=style.colour, alpha=0.2, lw=0)
        _line(axes, style, points)


def _line(axes: Axes, style: Style, points: Sequence[Point]) -> None:
    if points:
        x, y = [x for x, _ in points], [one.value for _, one in points]
        axes.plot(x, y, style.dash, color=style.colour, marker=style.marker, ms=4.5, lw=1.5, label=style.label)


def _ends(points: Sequence[Point]) -> tuple[list[float], list[float]]:
    return [one.low for _, one in points], [one.high for _, one in points]


if __name__ == "__main__":
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    draw(home / "results.csv", home)
