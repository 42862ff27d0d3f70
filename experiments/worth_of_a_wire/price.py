"""What rows of modules cost: circuits, shots for an error, and seconds of this computer."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import cutq
from cutq import Composition, Network, Operation
from experiments.harness import Median, median
from experiments.worth_of_a_wire.ising import hamiltonian
from experiments.worth_of_a_wire.line import Line

Reals = NDArray[np.float64]

SHOTS_EACH = 1000
"""Of each circuit, from which the variance of more shots follows: it falls with their number."""

ROUNDS, LEAST_SECONDS = 5, 0.02


@dataclass(frozen=True)
class Shots:
    """What an estimate of the energy takes on a device.

    Attributes:
        circuits: different ones.
        variance: shots times the variance of the energy: with N shots the standard error is the root of variance / N.
    """

    circuits: int
    variance: float


def cut_shots(whole: Composition, line: Line, field: float, seed: int) -> Shots:
    """In fragments, by the estimator with simulated shots, a fifth of them as a pilot that shares the others."""
    network = whole.network(line.width)
    text, params = energy_text(whole, line, field), parameters(whole, network)
    circuits = cutq.price(network, [text], params).ways[0].circuits
    found = cutq.estimate(network, [text], params, runner=cutq.SimulatedRunner(seed), shots=SHOTS_EACH * circuits,
                          seed=seed)  # fmt: skip
    return Shots(found.num_circuits, found.shots * float(found.stderr[0]) ** 2)


def uncut_shots(whole: Composition, line: Line, field: float) -> Shots:
    """In one piece, exactly: all sites measured along Z or along X, shots shared in the best way between these two.

    ``N Var = (sigma_zz + sigma_x)**2`` with the standard deviations of the two parts of the energy in one shot.
    """
    places = sites(whole, line)
    aligned, turned = (distribution(whole, places, along) for along in "ZX")
    spins = 1.0 - 2.0 * (np.arange(2**line.qubits)[:, None] >> np.arange(line.qubits)[::-1] & 1)
    bonds = (spins[:, 1:] * spins[:, :-1]).sum(axis=1)
    spread = _spread(aligned, bonds) + field * _spread(turned, spins.sum(axis=1))
    return Shots(2, spread**2)


def _spread(probabilities: Reals, values: Reals) -> float:
    mean = probabilities @ values
    return math.sqrt(max(probabilities @ (values - mean) ** 2, 0.0))


def distribution(whole: Composition, places: tuple[int, ...], along: str) -> Reals:
    """Probabilities of all outcomes of the sites measured along Z or X, (2**sites,)."""
    circuit = whole.circuit()
    ends = [Operation("h", (qubit,)) for qubit in places] if along == "X" else []
    turned = cutq.Circuit(circuit.num_qubits, (*circuit.operations, *ends))
    network = cutq.split(turned, cutq.CutPlan.uncut())
    return cutq.probabilities(network, places, parameters(whole, network)).ravel()


def sites(whole: Composition, line: Line) -> tuple[int, ...]:
    """The qubits of the flat circuit that are the sites of the chain."""
    return tuple(whole.qubits(line.place(site))[0] for site in range(line.qubits))


def energy_text(whole: Composition, line: Line, field: float) -> str:
    """The energy as an observable of the flat circuit."""
    places = sites(whole, line)
    return hamiltonian(line.qubits, field, lambda letter, site: f"{letter}{places[site]}")


def parameters(whole: Composition, network: Network) -> Reals:
    """The weights of a line in the order of a network."""
    named = {
        f"{one.name}[{','.join(map(str, index))}]": number
        for one in whole.weights
        for index, number in np.ndenumerate(one.values)
    }
    return np.array([named[name] for name in network.parameters])


def timed(step: Callable[[], object]) -> Median:
    """CPU seconds of one call, after a first one that is not counted."""
    start = time.process_time()
    step()
    step()
    calls = max(1, round(LEAST_SECONDS / max((time.process_time() - start) / 2, 1e-6)))
    return median([_mean(step, calls) for _ in range(ROUNDS)])


def _mean(step: Callable[[], object], calls: int) -> float:
    start = time.process_time()
    for _ in range(calls):
        step()
    return (time.process_time() - start) / calls
