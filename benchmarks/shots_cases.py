"""What the benchmarks of shots run: the cut ansatz, chains of random links, and how they are measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

import cutq
from cutq import Circuit, CutPlan, Network, Operation, WireCut

ANSATZ_QUBITS = 8
OBSERVABLES = ("Z0", "Z3", "Z4", "Z3 Z4", " ".join(f"Z{q}" for q in range(ANSATZ_QUBITS)))
"""What is measured of the ansatz, all of equal weight."""


@dataclass(frozen=True)
class Ansatz:
    """EfficientSU2 on 8 qubits in a line, two repetitions, with angles of a seed."""

    seed: int = 7

    @cached_property
    def qiskit(self) -> Any:
        """The circuit in Qiskit's terms, angles in Qiskit's order."""
        from qiskit.circuit.library import efficient_su2

        circuit = efficient_su2(ANSATZ_QUBITS, entanglement="linear", reps=2)
        angles = np.random.default_rng(self.seed).uniform(-np.pi, np.pi, circuit.num_parameters)
        return circuit.assign_parameters(angles)

    @cached_property
    def circuit(self) -> Circuit:
        """The circuit."""
        return cutq.from_qiskit(self.qiskit)

    @cached_property
    def networks(self) -> Mapping[str, Network]:
        """Uncut; the two CX in the middle cut; and wires cut on both sides of them, into fragments of 5 qubits."""
        first, second = (
            k for k, op in enumerate(self.circuit.operations) if op.name == "cx" and set(op.qubits) == {3, 4}
        )
        plans = {
            "uncut": CutPlan.uncut(),
            "gates": CutPlan.from_partition(self.circuit, "AAAABBBB"),
            "wires": CutPlan((WireCut(4, first), WireCut(3, _before(self.circuit, 3, second)))),
        }
        return {name: cutq.split(self.circuit, plan) for name, plan in plans.items()}

    @cached_property
    def exact(self) -> np.ndarray:
        """The exact values."""
        return np.asarray(cutq.expectations(self.networks["uncut"], list(OBSERVABLES)))


def _before(circuit: Circuit, qubit: int, number: int) -> int:
    """The last operation on a qubit before another."""
    return max(k for k in range(number) if qubit in circuit.operations[k].qubits)


def haar(num_qubits: int, rng: np.random.Generator) -> np.ndarray:
    """A random unitary."""
    shape = (2**num_qubits, 2**num_qubits)
    q, r = np.linalg.qr(rng.normal(size=shape) + 1j * rng.normal(size=shape))
    return np.asarray(q * (np.diagonal(r) / np.abs(np.diagonal(r))))


def brick_chain(seed: int, depth: int = 3) -> tuple[Network, str]:
    """Three fragments of three qubits that share one wire: bricks of random gates on two qubits; Z on all seven."""
    rng, operations, cuts = np.random.default_rng(seed), [], []
    for first in (0, 2, 4):
        for layer in range(depth):
            qubits = (first + layer % 2, first + layer % 2 + 1)
            operations.append(Operation("unitary", qubits, matrix=haar(2, rng)))
        cuts.append(WireCut(first + 2, max(k for k, op in enumerate(operations) if first + 2 in op.qubits)))
    network = cutq.split(Circuit(7, tuple(operations)), CutPlan(tuple(cuts[:2])))
    return network, " ".join(f"Z{q}" for q in range(7))


LINKS = ("unitary", "contractive")


def link_chain(cuts: int, seed: int, link: str) -> tuple[Network, str]:
    """A chain of ``cuts + 1`` fragments, and Z at its end.

    Args:
        cuts: how many wires are cut.
        seed: of the random gates; chains of one seed end in the same ones.
        link: what a fragment does with the wire that it takes: ``"unitary"``: a random gate on it, and one on a second
            qubit of its own; ``"contractive"``: a random gate on both, after which the second one is passed on.
    """
    operations, places, wire = [], [], 0
    for number in range(cuts + 1):
        rng = np.random.default_rng([seed, cuts - number])
        if link == "unitary":
            operations.append(Operation("unitary", (number + 1,), matrix=haar(1, rng)))
            operations.append(Operation("unitary", (wire,), matrix=haar(1, rng)))
        else:
            operations.append(Operation("unitary", (wire, number + 1), matrix=haar(2, rng)))
            wire = number + 1
        places.append(WireCut(wire, len(operations) - 1))
    network = cutq.split(Circuit(cuts + 2, tuple(operations)), CutPlan(tuple(places[:-1])))
    return network, f"Z{wire}"


def num_variants(network: Network, word: str, frames: str = "sic") -> int:
    """How many circuits an estimate runs."""
    return sum(map(len, cutq.variants(network, word, frames=frames)))


@dataclass
class Errors:
    """Squared errors of estimates, and what they took.

    Attributes:
        squares: the mean squared error of each estimate.
        variances: the mean variance that each stated.
        num_circuits: how many circuits the last one ran.
    """

    squares: list[float] = field(default_factory=list)
    variances: list[float] = field(default_factory=list)
    num_circuits: int = 0

    def add(self, found: cutq.Estimate | cutq.Projected, exact: Any) -> None:
        """Add one estimate; of a projected one its projected values."""
        plain = found.unprojected if isinstance(found, cutq.Projected) else found
        values = found.projected if isinstance(found, cutq.Projected) else found.values
        self.squares.append(float(np.mean((values - exact) ** 2)))
        self.variances.append(float(np.mean(plain.stderr**2)))
        self.num_circuits = plain.num_circuits

    def __add__(self, other: Errors) -> Errors:
        return Errors(self.squares + other.squares, self.variances + other.variances, other.num_circuits)

    @property
    def rmse(self) -> float:
        """The root of the mean squared error; nan where nothing was run."""
        return math.sqrt(np.mean(self.squares)) if self.squares else math.nan

    @property
    def spread(self) -> float:
        """The standard error of :attr:`rmse`, from the spread of the squares; nan for fewer than two."""
        if len(self.squares) < 2:
            return math.nan
        return float(np.std(self.squares, ddof=1) / math.sqrt(len(self.squares)) / (2 * self.rmse))


def repeated(
    network: Network,
    what: Sequence[str],
    exact: Any,
    shots: int,
    seeds: Iterable[int],
    estimator: Callable[..., Any] = cutq.estimate,
    **options: Any,
) -> Errors:
    """Estimates with simulated shots, one for each seed; the options are those of the estimator."""
    errors = Errors()
    for seed in seeds:
        runner = cutq.SimulatedRunner(seed=seed)
        errors.add(estimator(network, list(what), runner=runner, shots=shots, seed=seed, **options), exact)
    return errors


class Replay:
    """A runner that repeats what another returned, so that all the time that is spent is not a runner's.

    Estimates of equal seeds ask for equal jobs, round by round.
    """

    def __init__(self, runner: Any) -> None:
        self.runner, self.rounds, self.next = runner, [], 0

    def run(self, jobs: Sequence[cutq.Job]) -> Any:
        """What was returned in this round."""
        if self.next == len(self.rounds):
            self.rounds.append(list(self.runner.run(jobs)))
        self.next += 1
        return self.rounds[self.next - 1]

    def again(self) -> Replay:
        """Itself, from the first round on."""
        self.next = 0
        return self
