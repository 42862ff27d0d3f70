"""Time from counts to an estimate, beside qiskit-addon-cutting, and of shots that are simulated."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

import cutq
from benchmarks.families import module_chain
from benchmarks.shots_ansatz import SCHEMES, SHOTS
from benchmarks.shots_cases import OBSERVABLES, Ansatz, Replay
from benchmarks.shots_peers import Addon, FreshAer
from benchmarks.table import Table, at_most, median, seconds
from cutq.shots.devices import tallied

MICROSECONDS, MILLISECONDS = 0.05, 15.0
"""Targets: for each shot from counts to an estimate, and for a million simulated shots."""

TIMED = ("gates, uniform", "gates, pilot", "gates, adaptive", "wires (5 + 5), adaptive")
ROUNDS = 7

PROCESSING = Table("scheme,shots,ms,us/shot,addon ms,us/shot,addon / it,target", first=25)
SIMULATED = Table("fragment,variants,shots,fastest,median,target", first=18)


def processing_table(shots: Sequence[int] = SHOTS) -> None:
    """Print the time of estimates without their runner, and of the addon's reconstruction."""
    case = Ansatz()
    PROCESSING.head("From counts to estimates, without the runner: CPU time of one thread")
    for number in shots:
        theirs = _addon_seconds(case, number)
        tally = _tally_seconds(case, number)
        for name in TIMED:
            own = _estimate_seconds(case, name, number)
            each = 1e6 * own / number
            beside = ("-",) * 3 if theirs is None else (1e3 * theirs, 1e6 * theirs / number, theirs / own)
            PROCESSING.row(name, f"{number:.0e}", 1e3 * own, each, *beside, at_most(each, MICROSECONDS))
        PROCESSING.row("counts of packed bits", f"{number:.0e}", 1e3 * tally, 1e6 * tally / number, "-", "-", "-", "")


def _estimate_seconds(case: Ansatz, name: str, shots: int) -> float:
    """Of an estimate whose counts are there."""
    scheme = SCHEMES[name]
    runner = Replay(cutq.SimulatedRunner())
    network = case.networks[scheme.network]

    def step() -> object:
        return cutq.estimate(
            network, list(OBSERVABLES), runner=runner.again(), shots=shots,
            allocation=scheme.allocation, adaptive=scheme.adaptive,
        )  # fmt: skip

    return median(step, rounds=ROUNDS)


def _tally_seconds(case: Ansatz, shots: int) -> float:
    """Of the counts of a sampler's bits, which cutq's runner for samplers makes."""
    sampler = FreshAer(0)
    scheme = SCHEMES["gates, uniform"]
    runner = cutq.SamplerRunner(sampler)
    cutq.estimate(
        case.networks[scheme.network], list(OBSERVABLES), runner=runner, shots=shots, allocation="uniform"
    )  # fmt: skip
    arrays = [result.data.c for result in sampler.results]
    return median(lambda: [tallied(bits.array, bits.num_bits) for bits in arrays], rounds=ROUNDS)


def _addon_seconds(case: Ansatz, shots: int) -> float | None:
    try:
        addon = Addon(case)
    except ImportError:
        return None
    return statistics.median(addon.estimate(shots, seed).seconds for seed in range(3 if shots < 10**6 else 1))


def simulated_table(shots: int = 10**6, rounds: int = 30) -> None:
    """Print the time of simulated shots of all variants of one fragment with two wires on each side."""
    case = module_chain(8, 2, shared=2)
    everywhere = " ".join(f"Z{q}" for q in range(case.circuit.num_qubits))
    variants = cutq.variants(case.network(), everywhere, case.draw())[1]
    jobs = [cutq.Job(variant, shots // len(variants), seed) for seed, variant in enumerate(variants)]
    runner = cutq.SimulatedRunner()
    runner.run(jobs)
    times = [1e3 * seconds(lambda: runner.run(jobs), clock=time.process_time) for _ in range(rounds)]
    middle = statistics.median(times)
    SIMULATED.head("SimulatedRunner after a first call, CPU time in ms")
    label = f"{len(variants[0].fragment.segments)} qubits"
    SIMULATED.row(label, len(jobs), f"{shots:.0e}", min(times), middle, at_most(middle, MILLISECONDS) + " ms")
