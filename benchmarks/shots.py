"""Shots: errors at equal shots, times, circuits: ``python -m benchmarks.shots [--quick] [--only PART ...] [--figure]``.

The parts: ``ansatz``: a cut ansatz beside qiskit-addon-cutting, both on Aer, and uncut; ``times``: from counts to an
estimate; ``chain``: three fragments, all ways to spend shots; ``growth``: the variance over the number of cuts;
``circuits``: how many are run; ``gradient``: those of a gradient.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence

import cutq
from benchmarks import shots_ansatz, shots_chain, shots_times
from benchmarks.families import Case, module_chain
from benchmarks.shots_cases import link_chain, num_variants
from benchmarks.shots_peers import wire_chain_experiments
from benchmarks.table import Table, at_most, one_thread

CIRCUITS = Table("cut wires,sic,six,addon,different,addon / sic", first=16)
GRADIENT = Table("modules; wires,angles,circuits,formula,whole chain,circuits / formula,target", first=16)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.shots")
    parser.add_argument("--quick", action="store_true", help="few seeds and short chains")
    parser.add_argument("--only", nargs="*", default=list(PARTS), choices=tuple(PARTS), help="parts that are run")
    parser.add_argument("--figure", action="store_true", help="also draw the growth of the variance, as an SVG")
    options = parser.parse_args()
    with one_thread():
        for name in options.only:
            start = time.perf_counter()
            PARTS[name](options)
            print(f"({name}: {time.perf_counter() - start:.0f} s)", flush=True)


def _ansatz(options: argparse.Namespace) -> None:
    shots_ansatz.errors_table(7, shots_ansatz.QUICK if options.quick else shots_ansatz.FULL)
    for seed in () if options.quick else (1, 2, 3):
        shots_ansatz.errors_table(seed, shots_ansatz.MORE)


def _times(options: argparse.Namespace) -> None:
    shots_times.processing_table(shots_ansatz.SHOTS[: 1 if options.quick else None])
    shots_times.simulated_table(rounds=5 if options.quick else 30)


def _chain(options: argparse.Namespace) -> None:
    shots_chain.chain_table(*((2, 4) if options.quick else (8, 60)))


def _growth(options: argparse.Namespace) -> None:
    sizes = ((1, 2, 4, 8), (2, 2), (2, 1)) if options.quick else ()
    found = shots_chain.growth_table(*sizes)
    if options.figure:
        shots_chain.draw(found)
        print(f"drawn: {shots_chain.FIGURE.name}")


def _circuits(options: argparse.Namespace) -> None:
    circuits_table((1, 2, 3, 4), 2 if options.quick else 3)


def _gradient(options: argparse.Namespace) -> None:
    gradient_table(module_chain(4, 2 if options.quick else 6))


PARTS: Mapping[str, Callable[[argparse.Namespace], None]] = {
    "ansatz": _ansatz,
    "times": _times,
    "chain": _chain,
    "growth": _growth,
    "circuits": _circuits,
    "gradient": _gradient,
}


def circuits_table(cuts: Sequence[int], counted: int) -> None:
    """Print how many circuits chains of cut wires take.

    Args:
        cuts: numbers of cut wires.
        counted: up to how many those of the addon are made and counted.
    """
    CIRCUITS.head(
        "Circuits for Z at the end of a chain of cut wires; of the addon all it makes, and the different ones"
    )
    for number in cuts:
        network, word = link_chain(number, 0, "contractive")
        theirs = _addon_circuits(network, word) if number <= counted else None
        all_of_them = 8**number * (number + 1) if theirs is None else theirs[0]
        different = "-" if theirs is None else theirs[1]
        label = f"{all_of_them}{' (not made)' if theirs is None else ''}"
        own = num_variants(network, word)
        CIRCUITS.row(number, own, num_variants(network, word, "six"), label, different, f"{all_of_them / own:.1f}")


def _addon_circuits(network: cutq.Network, word: str) -> tuple[int, int] | None:
    try:
        return wire_chain_experiments(network, word)
    except ImportError:
        return None


def gradient_table(case: Case) -> None:
    """Print how many circuits the gradient of a module chain takes."""
    GRADIENT.head("Circuits of a gradient; formula: sum_f V_f (1 + 2 P_f) for V_f circuits and P_f angles in the cone")
    network, word = case.network(), case.observables[0]
    angles = case.draw()
    formula, whole = expected_circuits(case)
    found = cutq.estimate_gradient(
        network, word, angles, runner=cutq.SimulatedRunner(), shots=20 * whole, allocation="uniform"
    )  # fmt: skip
    ratio = found.num_circuits / formula
    size = f"{len(network.fragments)}; {max(network.widths)}"
    GRADIENT.row(size, len(angles), found.num_circuits, formula, whole, ratio, at_most(ratio, 1.2))


def expected_circuits(case: Case) -> tuple[int, int]:
    """``sum_f V_f (1 + 2 P_f)`` for the angles that the observable depends on, and for all angles of the chain.

    An observable depends on an angle where the exact derivative is not zero.
    """
    network, word, angles = case.network(), case.observables[0], case.draw()
    variants = [len(own) for own in cutq.variants(network, word, angles)]
    slopes = dict(zip(network.parameters, cutq.gradient(network, word, angles), strict=True))
    alive = {name for name, slope in slopes.items() if abs(slope) > 1e-12}
    held = [{name for item in f.items for name in item.operation.parameters} for f in network.fragments]
    return (
        sum(v * (1 + 2 * len(names & alive)) for v, names in zip(variants, held, strict=False)),
        sum(v * (1 + 2 * len(names)) for v, names in zip(variants, held, strict=False)),
    )


if __name__ == "__main__":
    main()
