"""``python -m experiments.noise.figure [FOLDER]``: the figures, from the CSV alone."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.harness import Median
from experiments.noise import rows as of
from experiments.noise.rows import NAMES, Place, Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE = (6.4, 3.6)
ALMOST_ZERO = 1e-17
"""Where differences of exactly zero are drawn."""


@dataclass(frozen=True)
class Style:
    """How a line looks; colours of Okabe and Ito, told apart by markers too."""

    colour: str
    marker: str
    dash: str = "-"


BLACK, SKY, ORANGE = "#000000", "#56b4e9", "#e69f00"
STYLES: Mapping[Place, Style] = {
    ("none", "chain"): Style(BLACK, "P", ":"),
    ("idle", "chain"): Style("#0072b2", "o"),
    ("routing", "bus"): Style("#009e73", "^"),
    ("crosstalk, read early", "chain"): Style(SKY, "v"),
    ("readout", "chain"): Style("#cc79a7", "D"),
    ("all", "chain"): Style(ORANGE, "s"),
    ("all", "bus"): Style("#d55e00", "X"),
}


def pictures(results: Path) -> dict[str, Figure]:
    """By name the figures."""
    found = of.load(results)
    return {name: _figure(panel, found) for name, panel in PANELS.items()}


def draw(results: Path, into: Path) -> list[Path]:
    """Write each figure as SVG and PNG; the same rows give the same bytes."""
    from cutq.show.page import rendered

    paths, found = [], of.load(results)
    for name, panel in PANELS.items():
        for kind in ("svg", "png"):
            paths.append(into / f"{name}.{kind}")
            paths[-1].write_bytes(rendered(lambda panel=panel: _figure(panel, found), kind))
    return paths


def _figure(panel: Callable[[Sequence[Row], Axes], None], rows: Sequence[Row]) -> Figure:
    from matplotlib.figure import Figure

    drawing = Figure(figsize=SIZE, layout="constrained")
    axes = drawing.subplots()
    panel(rows, axes)
    axes.spines[["top", "right"]].set_visible(False)
    axes.plot([], [], " ", label=_classical(rows))
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return drawing


def _classical(rows: Sequence[Row]) -> str:
    off, seconds = of.classical(rows)
    power = int(np.ceil(np.log10(max(off, ALMOST_ZERO))))
    return f"simulated exactly:\n< 1e{power} in {1e3 * seconds:.2g} ms"


def error(rows: Sequence[Row], axes: Axes) -> None:
    """Root mean square errors against shots, uncut and of fragments."""
    for place in (("idle", "chain"), ("readout", "chain")):
        style = STYLES[place]
        for way, dash in (("uncut", "--"), ("fragments", "-")):
            filled = style.colour if way == "fragments" else "white"
            label = f"{NAMES[place]}, {way}"
            _plot(axes, of.errors(rows, place, way), style, label, dash=dash, markerfacecolor=filled)
    _plot(axes, of.errors(rows, ("none", "chain"), "uncut"), STYLES["none", "chain"], "no noise, uncut")
    _shots(axes)
    axes.set(yscale="log", ylabel="root mean square error")
    axes.yaxis.set_minor_formatter("")
    axes.set_title("Waiting floors the uncut circuit; wrong readings floor both", loc="left", fontsize=11)


def ratio(rows: Sequence[Row], axes: Axes) -> None:
    """The error of fragments in units of the uncut one's."""
    for number, (place, style) in enumerate(STYLES.items()):
        _plot(axes, of.ratios(rows, place), style, NAMES[place], dash=style.dash, aside=1.03 ** (number - 3))
    _shots(axes)
    axes.hlines(1.0, *axes.get_xlim(), color=BLACK, lw=1, label="uncut (1)")
    axes.margins(x=0)
    axes.set(yscale="log", ylabel="error of fragments / uncut")
    ticks = (0.2, 0.5, 1, 2)
    axes.yaxis.set_ticks(ticks, [f"{one:g}" for one in ticks])
    axes.yaxis.set_ticks([], minor=True)
    axes.set_title("Medians: fragments win where they wait or swap less, given the shots", loc="left", fontsize=11)


def bias(rows: Sequence[Row], axes: Axes) -> None:
    """Magnitude of the bias against the strength of the noise, uncut and of fragments."""
    for place in (("idle", "chain"), ("routing", "bus"), ("readout", "chain"), ("all", "bus")):
        style, numbers = STYLES[place], of.strengths(rows, place)
        for way, dash in (("uncut", "--"), ("fragments", "-")):
            found = [(one, of.bias(rows, place, way, one)) for one in numbers]
            points = [(one, own) for one, own in found if own is not None and own.value > 1e-10]
            filled = style.colour if way == "fragments" else "white"
            label = f"{NAMES[place]}, {way}" if points else f"{NAMES[place]}, {way}: 0"
            _plot(axes, points, style, label, dash=dash, markerfacecolor=filled)
    numbers = of.strengths(rows, ("all", "bus"))
    axes.set(xscale="log", yscale="log", xlabel="strength of the noise", ylabel="magnitude of the bias")
    axes.yaxis.set_minor_formatter("")
    axes.set_xlim(0.8 * min(numbers), 1.25 * max(numbers))
    axes.xaxis.set_ticks(numbers, [f"{one:g}" for one in numbers])
    axes.xaxis.set_ticks([], minor=True)
    axes.set_title("Cutting all but removes the bias of waits and SWAPs, not of readings", loc="left", fontsize=11)


def control(rows: Sequence[Row], axes: Axes) -> None:
    """How far fragments are from the uncut circuit on the same device, circuit by circuit, and its bias."""
    shown = of.places(rows)[::-1]
    differences = [(max(one, ALMOST_ZERO), y) for y, place in enumerate(shown) for one in of.apart(rows, place)]
    biases = [(max(own.value, ALMOST_ZERO), y) for y, own in enumerate(of.bias(rows, p, "uncut") for p in shown) if own]
    axes.plot(*np.array(biases).T, "X", color="#d55e00", ms=8, mfc="white", label="uncut\nfrom ideal")
    axes.plot(*np.array(differences).T, "o", color="#0072b2", ms=4.5, alpha=0.7, label="fragments\nfrom uncut")
    axes.set(xscale="log", xlabel="magnitude of the difference", ylabel="kind of noise")
    axes.set_xlim(ALMOST_ZERO / 3, 1.0)
    axes.xaxis.set_ticks([1e-16, 1e-12, 1e-8, 1e-4, 1])
    axes.yaxis.set_ticks(range(len(shown)), [NAMES[place] for place in shown], fontsize=9)
    axes.set_title("Noise of the circuit's own gates: cutting changes nothing", loc="left", fontsize=11)


PANELS: Mapping[str, Callable[[Sequence[Row], Axes], None]] = {
    "ratio": ratio,
    "error": error,
    "bias": bias,
    "control": control,
}
"""By the name of its file what is in a figure."""


def _shots(axes: Axes) -> None:
    axes.set(xscale="log", xlabel="total shots")
    axes.xaxis.set_minor_formatter("")


def _plot(axes: Axes, points: Sequence[tuple[float, Median]], style: Style, label: str, **looks: Any) -> None:
    """A line with the intervals of its medians, each so many times further right, lest several hide each other."""
    x = [place for place, _ in points]
    y, low, high = np.array([(one.value, one.low, one.high) for _, one in points]).reshape(-1, 3).T
    axes.vlines(np.multiply(x, looks.pop("aside", 1.0)), low, high, color=style.colour, alpha=0.5, lw=1.5)
    dash = looks.pop("dash", style.dash)
    axes.plot(x, y, dash, color=style.colour, marker=style.marker, ms=5, lw=1.5, label=label, **looks)


if __name__ == "__main__":
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    draw(home / "results.csv", home)
