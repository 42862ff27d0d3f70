"""``python -m experiments.demo [FILE] [--max-qubits Q]``: cut a circuit file, run its fragments, compare with uncut."""

from __future__ import annotations

import argparse
from pathlib import Path

import cutq
from cutq.show.draw import draw

HERE = Path(__file__).parent
CIRCUITS = HERE.parent / "circuits"


def main() -> None:
    options = _options()
    circuit = cutq.load(options.file)
    print(f"{options.file.name}: {circuit.num_qubits} qubits, {len(circuit.operations)} operations\n")

    plan = cutq.find_cuts(circuit, options.max_qubits)
    print(f"The plan and its price\n\n{plan}\n")

    middle = circuit.num_qubits // 2
    observables = [f"Z{middle}", f"X{middle - 1} X{middle}", _magnetisation(circuit.num_qubits)]
    cut = cutq.expectations(cutq.split(circuit, plan), observables)
    uncut = cutq.expectations(cutq.split(circuit, cutq.CutPlan.uncut()), observables)
    print(f"{'observable':<24} {'from the fragments':>20} {'uncut':>20} {'difference':>12}")
    for name, value, reference in zip([*observables[:2], "sum of all Z"], cut, uncut, strict=True):
        print(f"{name:<24} {value:>20.12f} {reference:>20.12f} {value - reference:>12.1e}")

    options.output.parent.mkdir(parents=True, exist_ok=True)
    draw(circuit, plan, options.output)
    print(f"\nThe picture: {options.output}")


def _magnetisation(num_qubits: int) -> str:
    return " + ".join(f"Z{qubit}" for qubit in range(num_qubits))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m experiments.demo", description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=CIRCUITS / "tfim_chain_n14.qasm")
    parser.add_argument("--max-qubits", type=int, default=8)
    parser.add_argument("--output", type=Path, default=Path("demo-output") / "plan.svg")
    return parser.parse_args()


if __name__ == "__main__":
    main()
