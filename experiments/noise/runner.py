"""A runner that asks Aer for the chances of all outcomes, once for each circuit, and draws counts from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cutq import Counts, Job
from experiments.harness import needed
from experiments.noise.devices import Device, noise_model
from experiments.noise.schedule import prepared

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

Reals = NDArray[np.float64]


class NoisyRunner:
    """Runs circuits with the noise of a device, as density matrices.

    Args:
        device: what is wrong with it.
        seed: of the draws, with those of the jobs.
        drawn: whether counts are drawn; if not, they are the expected ones, which is exact but for their rounding.

    Attributes:
        known: by the key of a variant the chances of its outcomes, for one network at one set of angles.
        sent: what the device ran of it.
    """

    def __init__(self, device: Device, seed: int = 0, *, drawn: bool = True) -> None:
        self.device, self.seed, self.drawn = device, seed, drawn
        self.known: dict[str, Reals] = {}
        self.sent: dict[str, QuantumCircuit] = {}

    def like(self, seed: int = 0, *, drawn: bool = True) -> NoisyRunner:
        """The same device with other draws, which knows what this one knows."""
        found = NoisyRunner(self.device, seed, drawn=drawn)
        found.known, found.sent = self.known, self.sent
        return found

    def run(self, jobs: Sequence[Job]) -> list[Counts]:
        """The counts of each job."""
        self._simulate({job.variant.key: job for job in jobs if job.variant.key not in self.known})
        return [self._counts(job, self.known[job.variant.key]) for job in jobs]

    def _simulate(self, jobs: dict[str, Job]) -> None:
        fresh = {key: prepared(job.circuit, self.device) for key, job in jobs.items()}
        self.known |= dict(zip(fresh, chances(list(fresh.values()), self.device), strict=True))
        self.sent |= fresh

    def _counts(self, job: Job, table: Reals) -> Counts:
        if self.drawn:
            numbers = np.random.default_rng([self.seed, job.seed]).multinomial(job.shots, table)
        else:
            numbers = expected(table, job.shots)
        seen = np.flatnonzero(numbers)
        bits = seen[:, None] >> np.arange(job.num_bits)[::-1] & 1
        return Counts(bits.astype(np.uint8), numbers[seen])


def chances(circuits: Sequence[QuantumCircuit], device: Device) -> list[Reals]:
    """The chance of each outcome of circuits that a device runs, (2**bits,), bit 0 the most significant."""
    if not circuits:
        return []
    simulator = needed("qiskit_aer", "aer").AerSimulator(method="density_matrix", noise_model=noise_model(device))
    asked = []
    for circuit in circuits:
        asked.append(circuit.copy())
        asked[-1].save_probabilities(circuit.metadata["read"][::-1])  # Qiskit's first qubit is the least significant
    done = simulator.run(asked, shots=1).result()
    return [misread(np.asarray(done.data(k)["probabilities"]), device.readout) for k in range(len(asked))]


def misread(table: Reals, chance: float) -> Reals:
    """The chances of what is read where each bit is read wrongly with this chance.

    >>> misread(np.array([1.0, 0.0]), 0.1)
    array([0.9, 0.1])
    """
    matrix = np.array([[1 - chance, chance], [chance, 1 - chance]])
    table = np.maximum(table, 0.0) / np.maximum(table, 0.0).sum()
    for bit in range(len(table).bit_length() - 1):
        table = np.einsum("ab,xbz->xaz", matrix, table.reshape(1 << bit, 2, -1)).reshape(-1)
    return table


def expected(table: Reals, shots: int) -> NDArray[np.int64]:
    """Whole numbers of shots next to their expectation, which sum to all of them."""
    found = np.floor(table * shots).astype(np.int64)
    found[np.argmax(table)] += shots - found.sum()
    return found
