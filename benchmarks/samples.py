"""Exact samples of chains of 100 qubits: ``python -m benchmarks.samples [--quick]``.

Time of one sample in batches of 1000, the simulation of the fragments included. The samples are compared with exact
values: Z on every qubit and on every pair of neighbours, deviations in standard errors of their number.
"""

from __future__ import annotations

import argparse
import math

import numpy as np

import cutq
from benchmarks.families import Case, brick, ising, module_chain
from benchmarks.table import Table, at_most, median, one_thread, time_text

BATCH = 1000
CHECKED = 20
"""Batches that are compared with exact values."""

TABLE = Table("circuit; qubits; fragments,deviation,expected,one sample,target", first=26)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.samples")
    parser.add_argument("--quick", action="store_true", help="short chains")
    options = parser.parse_args()
    cases = {
        "modules of 10": module_chain(6, 1) if options.quick else module_chain(10, 10),
        "brick, depth 4": brick(12 if options.quick else 100, 4, 10),
        "Ising, 2 steps": ising(12 if options.quick else 100, 2, 10),
    }
    TABLE.head(f"Exact samples in batches of {BATCH}")
    with one_thread():
        for name, case in cases.items():
            _measure(name, case)


def _measure(name: str, case: Case) -> None:
    network, angles = case.network(), case.draw()
    each = median(lambda: cutq.sample(network, BATCH, angles, seed=0), rounds=3) / BATCH
    samples = np.concatenate([cutq.sample(network, BATCH, angles, seed=seed) for seed in range(CHECKED)])
    deviations = standard_deviations(network, angles, samples)
    expected = math.sqrt(2 * math.log(2 * deviations.size))
    label = f"{name}, {network.num_qubits}, {len(network.fragments)}"
    TABLE.row(label, deviations.max(), expected, time_text(each), at_most(each * 1e6, 50) + " us")


def standard_deviations(network: cutq.Network, angles: np.ndarray, samples: np.ndarray) -> np.ndarray:
    """By how many standard errors the samples' means of Z and ZZ differ from the exact values."""
    count = network.num_qubits
    words = [f"Z{q}" for q in range(count)] + [f"Z{q} Z{q + 1}" for q in range(count - 1)]
    exact = cutq.compile(network, words)(angles)
    signs = 1 - 2 * samples.astype(float)
    means = np.concatenate([signs.mean(axis=0), (signs[:, :-1] * signs[:, 1:]).mean(axis=0)])
    errors = np.sqrt(np.maximum(1 - exact**2, 1e-12) / len(samples))
    return np.abs(means - exact) / errors


if __name__ == "__main__":
    main()
