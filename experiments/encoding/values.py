"""What circuits give for many samples: exactly, cut and uncut, and with a number of shots for each."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

import cutq
from experiments.encoding.circuits import Split
from experiments.encoding.encodings import Reals

NARROW = 9
"""Qubits up to which fragments are run; values of circuits with wider ones are found from their light cones."""

WIDEST_STATE = 16
"""Qubits up to which a circuit is run as one state, on as many rows as keep it short."""

STATE_SIZE = 2**20
"""Amplitudes of all these rows."""

WARM = 8
"""Rows that are run before time is taken."""

EACH = 1000
"""Shots of each circuit where the variance of linked modules is found."""


@dataclass(frozen=True, eq=False)
class Values:
    """Values and what they took.

    Attributes:
        way: "fragments" or "light cones".
        table: (rows, observables).
        compiled: seconds, once, with a first call.
        seconds: for 1,000 rows.
    """

    way: str
    table: Reals
    compiled: float
    seconds: float


def narrow(case: Split) -> bool:
    """Whether its fragments are run."""
    return max(case.network().widths) <= NARROW


def values(case: Split, rows: Reals) -> Values:
    """All observables of all rows, from fragments where they are narrow and else one qubit's at a time."""
    return fragments(case, rows) if narrow(case) else light_cones(case, rows)


def fragments(case: Split, rows: Reals, letter: str = "Z") -> Values:
    """The values from the fragments."""
    return _timed("fragments", case.network(), [case.observables(letter)], rows)


def light_cones(case: Split, rows: Reals) -> Values:
    """The values of the uncut circuit, each two observables from what they depend on alone."""
    count, names = case.circuit.num_qubits, case.observables()
    found = _timed("light cones", case.network(cut=False), [names[q::count] for q in range(count)], rows)
    places = [*range(0, 2 * count, 2), *range(1, 2 * count - 1, 2)]
    return Values(found.way, found.table[:, places], found.compiled, found.seconds)


def state(case: Split, rows: Reals) -> Values:
    """The values of the first rows, from the state of the uncut circuit."""
    kept = rows[: max(8, min(256, STATE_SIZE >> case.circuit.num_qubits))]
    return _timed("fragments", case.network(cut=False), [case.observables()], kept)


def _timed(way: str, network: cutq.Network, groups: Sequence[Sequence[str]], rows: Reals) -> Values:
    route = "fragments" if way == "fragments" else "auto"
    start = time.process_time()
    programs = [cutq.compile(network, group, route=route) for group in groups]
    for program in programs:
        program(rows[:WARM])
    compiled = time.process_time()
    tables = [program(rows) for program in programs]
    seconds = (time.process_time() - compiled) * 1000 / len(rows)
    return Values(way, np.concatenate(tables, axis=1), compiled - start, seconds)


# --- shots ---


def variances(case: Split, table: Reals, rows: Reals, seed: int) -> Reals | None:
    """By row and observable N times the variance of N shots for a sample, equally many for each circuit.

    Of linked modules that of the first test row, as its estimate states it; None where they are too wide to be run.
    """
    if not case.plan.cuts:
        return _alone(case, table)
    return _linked(case, rows[-1], seed)[None, :] if narrow(case) else None


def three_bases(case: Split, rows: Reals, first: Reals) -> tuple[Reals, Reals]:
    """Values of unlinked modules in the bases Z, X and Y, three circuits each, and N times their variance."""
    tables = [first, *(fragments(case, rows, letter).table for letter in "XY")]
    return np.concatenate(tables, axis=1), 3 * np.concatenate([_alone(case, one) for one in tables], axis=1)


def _alone(case: Split, table: Reals) -> Reals:
    """Z and ZZ within a module share its shots; those of two modules are products of independent means.

    The variance of a product has a term that falls with the square of the shots; it is left out.
    """
    variance = case.modules * (1 - table**2)
    count = case.circuit.num_qubits
    for block in case.blocks[:-1]:
        a, b = block[-1], block[-1] + 1
        variance[:, count + a] = table[:, a] ** 2 * variance[:, b] + table[:, b] ** 2 * variance[:, a]
    return variance


def _linked(case: Split, row: Reals, seed: int) -> Reals:
    """The estimator itself, once."""
    network, names = case.network(), case.observables()
    total = EACH * sum(map(len, cutq.variants(network, names, row)))
    found = cutq.estimate(
        network, names, row, runner=cutq.SimulatedRunner(seed), shots=total, allocation="uniform", seed=seed
    )
    return total * found.stderr**2


def with_shots(table: Reals, variance: Reals, shots: int, seed: int) -> Reals:
    """The values as so many shots for each sample would give them, by the normal distribution."""
    noise = np.random.default_rng([seed, 7]).normal(size=table.shape)
    return table + noise * np.sqrt(np.maximum(variance, 0.0) / shots)
