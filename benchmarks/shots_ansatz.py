"""Errors of a cut ansatz at equal shots: cutq and qiskit-addon-cutting, both on Aer, and uncut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

import cutq
from benchmarks.shots_cases import OBSERVABLES, Ansatz, Errors, repeated
from benchmarks.shots_peers import Addon, aer_runner
from benchmarks.table import Table

SHOTS = (10**4, 10**5, 10**6)

PLAIN, ADAPTIVE = (0.029, 0.0085, 0.0027), (0.021, 0.0062, 0.0020)
"""Root mean squared errors that are aimed at, for these shots."""


@dataclass(frozen=True)
class Scheme:
    """A way to spend shots.

    Attributes:
        network: which of the ansatz's networks.
        allocation: how shots are shared.
        adaptive: whether circuits in eigenbases are added.
        targets: the errors that are aimed at.
    """

    network: str
    allocation: str = "pilot"
    adaptive: bool = False
    targets: tuple[float, ...] = ()

    def errors(self, case: Ansatz, shots: int, seeds: int, *, aer: bool = False) -> Errors:
        """The errors of so many estimates."""
        network = case.networks[self.network]
        options = {"allocation": self.allocation, "adaptive": self.adaptive}
        if not aer:
            return repeated(network, OBSERVABLES, case.exact, shots, range(seeds), **options)
        found = Errors()
        for seed in range(seeds):
            one = cutq.estimate(network, list(OBSERVABLES), runner=aer_runner(seed), shots=shots, seed=seed, **options)
            found.add(one, case.exact)
        return found


SCHEMES: Mapping[str, Scheme] = {
    "uncut": Scheme("uncut", "uniform"),
    "gates, uniform": Scheme("gates", "uniform"),
    "gates, pilot": Scheme("gates", targets=PLAIN),
    "gates, adaptive": Scheme("gates", adaptive=True, targets=ADAPTIVE),
    "wires (5 + 5), pilot": Scheme("wires"),
    "wires (5 + 5), adaptive": Scheme("wires", adaptive=True, targets=ADAPTIVE),
}


@dataclass(frozen=True)
class Amount:
    """How many estimates are made for each number of shots: simulated, of cutq on Aer, and of the addon on Aer."""

    simulated: tuple[int, ...]
    aer: tuple[int, ...]
    addon: tuple[int, ...]


FULL = Amount((200, 200, 200), (8, 5, 2), (30, 15, 4))
MORE = Amount((60, 60, 60), (), (12, 6, 2))
QUICK = Amount((5, 5), (1,), (1,))
TINY = Amount((3,), (1,), (1,))

TABLE = Table("scheme,runner,circuits,seeds,1e4 shots,1e5,1e6,it / uncut,addon / it,target", first=25)


def errors_table(seed: int, amount: Amount, schemes: Sequence[str] = tuple(SCHEMES)) -> None:
    """Print the errors of all schemes on the ansatz with angles of this seed."""
    case = Ansatz(seed)
    TABLE.head(f"EfficientSU2 on 8 qubits, angles of seed {seed}: root mean squared error of {len(OBSERVABLES)} values")
    rows = addon_rows(case, amount.addon)
    addon = _rmses(rows)
    _print("qiskit-addon-cutting", "Aer", rows, (), addon)
    uncut: tuple[float, ...] = ()
    for name in schemes:
        for runner, seeds in (("simulated", amount.simulated), ("Aer", amount.aer)):
            rows = [
                SCHEMES[name].errors(case, shots, count, aer=runner == "Aer")
                for shots, count in zip(SHOTS, seeds, strict=False)
            ]
            if name == "uncut" and runner == "simulated":
                uncut = _rmses(rows)
            _print(name, runner, rows, uncut, addon)


def addon_rows(case: Ansatz, seeds: Sequence[int]) -> list[Errors]:
    """The addon's errors for each number of shots; none where it is not installed."""
    try:
        addon = Addon(case)
    except ImportError:
        return []
    rows = []
    for shots, count in zip(SHOTS, seeds, strict=False):
        rows.append(Errors(num_circuits=addon.num_circuits))
        for seed in range(count):
            rows[-1].squares.append(float(np.mean((addon.estimate(shots, seed).values - case.exact) ** 2)))
    return rows


def _rmses(rows: Sequence[Errors]) -> tuple[float, ...]:
    return tuple(row.rmse for row in rows)


def _print(name: str, runner: str, rows: Sequence[Errors], uncut: Sequence[float], addon: Sequence[float]) -> None:
    if not rows:
        return
    own = _rmses(rows)
    errors = [f"{own[k]:.4f}" if k < len(own) else "-" for k in range(len(SHOTS))]
    seeds = " ".join(str(len(row.squares)) for row in rows)
    beside = (_ratios(own, uncut), _ratios(addon, own))
    targets = SCHEMES[name].targets if name in SCHEMES else ()
    TABLE.row(name, runner, rows[-1].num_circuits, seeds, *errors, *beside, _verdict(own, targets))


def _ratios(above: Sequence[float], below: Sequence[float]) -> str:
    """Ratios for each number of shots, as text.

    >>> _ratios((0.02, 0.01), (0.01, 0.004, 0.001))
    '2.0 2.5'
    """
    return " ".join(f"{a / b:.1f}" for a, b in zip(above, below, strict=False)) or "-"


def _verdict(errors: Sequence[float], targets: Sequence[float]) -> str:
    """Which of the errors are small enough."""
    pairs = list(zip(errors, targets, strict=False))
    return ", ".join(f"{'met' if error <= target else 'missed'} ({target:g})" for error, target in pairs)
