"""Chains of cut wires: errors of every way to spend shots, and how the variance grows with the number of cuts."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import cutq
from benchmarks.shots_cases import LINKS, Errors, brick_chain, link_chain, num_variants, repeated
from benchmarks.table import Table

SHOTS = 20_000
"""Of the comparison of three fragments."""

CLOSE = 0.2
"""How far from the reference a measured error may be."""


@dataclass(frozen=True)
class Scheme:
    """A way to spend shots on a chain.

    Attributes:
        reference: the error on eight other random circuits of this kind, by a calculation without this package.
        options: of the estimator.
        estimator: what estimates.
    """

    reference: float
    options: Mapping[str, Any]
    estimator: Callable[..., Any] = cutq.estimate


def _tabulated(frames: str, allocation: str, reference: float, **more: Any) -> Scheme:
    return Scheme(reference, {"frames": frames, "allocation": allocation, **more})


def _positive(frames: str, reference: float) -> Scheme:
    return Scheme(reference, {"frames": frames, "resamples": 2}, cutq.estimate_mlft)


def _one_shot(reference: float, **options: Any) -> Scheme:
    return Scheme(reference, {"pooled": False, **options}, cutq.sampled_estimate)


SCHEMES: Mapping[str, Scheme] = {
    "std4, uniform": _tabulated("std4", "uniform", 0.0129),
    "std4, coefficient": _tabulated("std4", "coefficient", 0.0135),
    "std4, pilot": _tabulated("std4", "pilot", 0.0109),
    "six, uniform": _tabulated("six", "uniform", 0.0114),
    "six, coefficient": _tabulated("six", "coefficient", 0.0107),
    "six, pilot": _tabulated("six", "pilot", 0.0089),
    "sic, uniform": _tabulated("sic", "uniform", 0.0111),
    "sic, coefficient": _tabulated("sic", "coefficient", 0.0100),
    "sic, pilot": _tabulated("sic", "pilot", 0.0090),
    "sic, adaptive": _tabulated("sic", "pilot", 0.0070, adaptive=True),
    "std4, uniform, mlft": _positive("std4", 0.0114),
    "six, uniform, mlft": _positive("six", 0.0103),
    "sic, uniform, mlft": _positive("sic", 0.0103),
    "one-shot LO": _one_shot(0.196, wires="pauli"),
    "one-shot LOCC": _one_shot(0.110, communication=True),
}

CHAIN = Table("scheme,circuits,RMSE,+-,reference,it / reference,it / uncut,verdict", first=20)


def chain_table(circuits: int = 8, repetitions: int = 60, schemes: Iterable[str] = tuple(SCHEMES)) -> None:
    """Print the errors of all ways to spend 20000 shots on chains of three fragments."""
    chains = [brick_chain(seed) for seed in range(circuits)]
    exact = [float(cutq.expectations(network, [word])[0]) for network, word in chains]
    CHAIN.head(
        f"Three fragments of 3 qubits, two wires cut, Z on all 7: {SHOTS} shots, {circuits} random circuits of "
        f"{repetitions} repetitions; uncut has a third of the shots, +- is the spread of the circuits"
    )
    uncut = math.sqrt(np.mean([(1 - value**2) / (SHOTS // 3) for value in exact]))
    CHAIN.row("uncut", 1, uncut, "exact", 0.0122, uncut / 0.0122, 1.0, _verdict(uncut / 0.0122))
    for name in schemes:
        one, errors = SCHEMES[name], Errors()
        for (network, word), value in zip(chains, exact, strict=True):
            own = repeated(network, [word], value, SHOTS, range(repetitions), one.estimator, **one.options)
            errors += Errors([float(np.mean(own.squares))], num_circuits=own.num_circuits)
        ratio = errors.rmse / one.reference
        beside = (errors.spread, one.reference, ratio, errors.rmse / uncut)
        CHAIN.row(name, errors.num_circuits, errors.rmse, *beside, _verdict(ratio))


def _verdict(ratio: float) -> str:
    """How far a measured error is from its reference.

    >>> _verdict(0.9), _verdict(1.3)
    ('within 20 %', '30 % above')
    """
    away = abs(ratio - 1)
    return "within 20 %" if away <= CLOSE else f"{100 * away:.0f} % {'above' if ratio > 1 else 'below'}"


EACH = 1000
"""Shots for each circuit of the long chains."""


@dataclass(frozen=True)
class Growth:
    """Variances for one kind of chain and allocation, times the shots.

    Attributes:
        cuts: numbers of cuts.
        stated: the mean of what the estimates stated.
        seen: from the errors of the estimates.
        circuits: how many circuits were run.
    """

    cuts: tuple[int, ...]
    stated: tuple[float, ...]
    seen: tuple[float, ...]
    circuits: tuple[int, ...]

    @property
    def exponent(self) -> float:
        """Of ``(cuts + 1)`` in the stated variances, fitted from four cuts on; nan for fewer than two of those."""
        rows = [(math.log(k + 1), math.log(v)) for k, v in zip(self.cuts, self.stated, strict=True) if k >= 4]
        return float(np.polyfit(*zip(*rows, strict=True), 1)[0]) if len(rows) > 1 else math.nan


GROWTH = Table("link,allocation,cuts,circuits,N Var,from errors,/ (K+1),/ (K+1)^2", first=12)


def growth_table(
    cuts: Sequence[int] = (1, 2, 4, 8, 16, 32), uniform: tuple[int, int] = (8, 25), pilot: tuple[int, int] = (8, 4)
) -> dict[tuple[str, str], Growth]:
    """Print how variances grow with the number of cuts.

    Args:
        cuts: numbers of cuts.
        uniform, pilot: how many random chains, and how many estimates of each, for each allocation.
    """
    GROWTH.head(f"Chains with K cuts, Z at the end, {EACH} shots for each circuit: shots times variance")
    found = {}
    for link in LINKS:
        for allocation, (chains, repetitions) in (("uniform", uniform), ("pilot", pilot)):
            growth = _growth(link, allocation, cuts, chains, repetitions)
            found[link, allocation] = growth
            for k, circuits, stated, seen in zip(cuts, growth.circuits, growth.stated, growth.seen, strict=True):
                GROWTH.row(
                    link, allocation, k, circuits, stated, seen, stated / (k + 1), f"{stated / (k + 1) ** 2:.4g}"
                )
            print(f"{link}, {allocation}: fitted from 4 cuts on, N Var ~ (K + 1)^{growth.exponent:.2f}")
    return found


def _growth(link: str, allocation: str, cuts: Sequence[int], chains: int, repetitions: int) -> Growth:
    rows = []
    for count in cuts:
        errors, shots = Errors(), 0
        for seed in range(chains):
            network, word = link_chain(count, seed, link)
            shots = EACH * num_variants(network, word)
            exact = float(cutq.expectations(network, [word])[0])
            errors += repeated(network, [word], exact, shots, range(repetitions), allocation=allocation)
        rows.append((shots * float(np.mean(errors.variances)), shots * errors.rmse**2, errors.num_circuits))
    stated, seen, circuits = zip(*rows, strict=True)
    return Growth(tuple(cuts), stated, seen, circuits)


FIGURE = Path(__file__).parent / "figures" / "shots_chain.svg"

LINES = {
    ("unitary", "uniform"): ("#0072B2", "o", "-"),
    ("unitary", "pilot"): ("#56B4E9", "s", "-"),
    ("contractive", "uniform"): ("#D55E00", "^", "-"),
    ("contractive", "pilot"): ("#E69F00", "v", "-"),
}
"""Colours of Okabe and Ito, and a marker, for each line."""


def draw(found: Mapping[tuple[str, str], Growth], target: Path = FIGURE) -> None:
    """Draw the variances over the number of cuts."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": "cutq", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(5.2, 3.8), layout="constrained")
        axes = figure.add_subplot()
        for key, growth in found.items():
            colour, marker, style = LINES[key]
            axes.loglog(growth.cuts, growth.stated, style, color=colour, marker=marker, label=f"{key[0]}, {key[1]}")
        cuts = np.array(next(iter(found.values())).cuts)
        axes.loglog(cuts, 8 * (cuts + 1) ** 2, ":", color="#22262B", label="8 (K + 1)²")
        axes.loglog(cuts, 8 * cuts, "--", color="#6B7280", label="8 K")
        axes.set_xlabel("cut wires K (number)")
        axes.set_ylabel("shots times variance of Z (dimensionless)")
        axes.set_xticks(cuts, [str(count) for count in cuts])
        axes.minorticks_off()
        axes.grid(color="#E5E7EB", linewidth=0.6)
        axes.legend(frameon=False, title="links, shots shared")
        target.parent.mkdir(exist_ok=True)
        figure.savefig(target, metadata={"Date": None})
