"""The map of what pays: number of cuts by shots in a second, for each way to a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from experiments.price_of_cuts.rows import LATE, PAYS, RATES, SLOWER, Row, first_paying, lengths, state_seconds, verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WAYS: Mapping[str, str] = {
    "LOCC": "shots, fragments,\none by one, LOCC",
    "pilot": "shots, fragments,\ncontracted",
    "uncut": "shots, uncut:\n2 K + 2 qubits",
    "fragments": "exact fragments",
}
"""From below; what is exact has no shots, and one row."""

LOOKS = {PAYS: ("#009e73", ""), SLOWER: ("#f0e442", "..."), LATE: ("#cccccc", "////")}


def pays(rows: Sequence[Row], axes: Axes) -> None:
    """Time to a value of a GHZ chain to an error of 0.01, in three classes."""
    cuts, at, ticks = lengths(rows), 0.0, []
    for way, label in WAYS.items():
        rates = RATES[:1] if way == "fragments" else RATES
        for step, rate in enumerate(rates):
            _row(axes, at + step, [verdict(rows, way, k, rate) for k in cuts])
            ticks.append((at + step + 0.5, "any" if way == "fragments" else f"$10^{len(f'{rate:.0f}') - 1}$"))
        axes.text(1.012, at + len(rates) / 2, label, va="center", fontsize=9, transform=axes.get_yaxis_transform())
        at += len(rates) + 0.6
    _edge(rows, axes, cuts, at)
    axes.set(xlim=(0, len(cuts)), ylim=(0, at - 0.4))
    axes.set_xticks([k + 0.5 for k in range(len(cuts))], [f"{k:.0f}" for k in cuts])
    axes.set_yticks(*zip(*ticks, strict=True))
    axes.tick_params(length=0)
    axes.set(
        xlabel="cuts K in a GHZ chain; right of the dashed line the state is extrapolated", ylabel="shots per second"
    )
    axes.set_title(_title(rows), loc="left", fontsize=11)


def _title(rows: Sequence[Row]) -> str:
    """What the map says at a million shots in a second."""
    first, single = (first_paying(rows, way, RATES[-1]) for way in ("pilot", "LOCC"))
    if first is None:
        return "So few cuts never pay: the uncut state takes less time"
    return f"From {first:.0f} cuts contracted shots beat the uncut state{'' if single else ', single shots never'}"


def _row(axes: Axes, at: float, verdicts: Sequence[str]) -> None:
    """One cell for each number of cuts."""
    from matplotlib.patches import Rectangle

    for place, one in enumerate(verdicts):
        colour, hatch = LOOKS[one]
        axes.add_patch(Rectangle((place, at), 1, 1, facecolor=colour, hatch=hatch, edgecolor="white", lw=0.8))


def _edge(rows: Sequence[Row], axes: Axes, cuts: Sequence[float], top: float) -> None:
    """Where the state was no longer run, and the legend."""
    from matplotlib.patches import Patch

    last = sum(k <= max(widest) for k in cuts) if (widest := [k for k in cuts if state_seconds(rows, k)[1]]) else 0
    axes.vlines(last, 0, top - 0.6, color="black", lw=1.2, ls="--")
    patches = [Patch(facecolor=c, hatch=h, edgecolor="white", label=name) for name, (c, h) in LOOKS.items()]
    axes.legend(handles=patches, frameon=False, loc="upper center", bbox_to_anchor=(0.62, -0.2), ncol=2, fontsize=9)
