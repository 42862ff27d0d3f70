"""The energy of a long open Ising chain: ``python -m benchmarks.hamiltonian [--quick]``.

All words of the Hamiltonian in one program over the fragments, beside the amplitudes alone (the same fragments in the
same batches, nothing read out) and beside one word that reads every fragment. A few words are compared with a
contraction of their light cones uncut, by cotengra.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

import numpy as np

import cutq
from benchmarks.families import Case, bound, ising, ising_hamiltonian, module_chain
from benchmarks.table import Table, at_most, median, one_thread, paired, time_text
from benchmarks.wide import light_cone_value
from cutq.exact.apart import state_of
from cutq.exact.groups import Squares

TABLE = Table(
    "circuit; qubits; widest,words,compile,one word,ratio,difference,energy,amplitudes,ratio,target", first=32
)

CHECKED = ({0: "Z", 1: "Z"}, {3: "X"}, {5: "Z", 6: "Z"})
"""Words whose light cones are contracted uncut."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hamiltonian")
    parser.add_argument("--quick", action="store_true", help="20 qubits")
    options = parser.parse_args()
    TABLE.head("The open Ising Hamiltonian in one pass")
    chains = {
        "Trotter, 2 steps": ising(20 if options.quick else 500, 2, 10),
        "modules of 8, 2 shared": module_chain(8, 2 if options.quick else 82, shared=2),
    }
    with one_thread():
        for name, case in chains.items():
            _measure(name, case)


def _measure(name: str, case: Case) -> None:
    network, angles = case.network(), case.draw()
    energy = ising_hamiltonian(network.num_qubits)
    start = time.process_time()
    program = cutq.compile(network, [energy], route="fragments")
    compiled = time.process_time() - start
    every = cutq.compile(network, [" ".join(f"Z{fragment.outputs[-1]}" for fragment in network.fragments)])
    bare = [
        replace(group, squares=Squares((), np.zeros((0, group.members), int)), readouts=())
        for group in program.plan.groups
    ]

    def amplitudes() -> None:
        state_of(bare, angles[None], np.zeros((1, 1)), program.settings)

    whole, one = paired(amplitudes, lambda: program(angles)), median(lambda: every(angles))
    widest = f"{name}, {network.num_qubits}, {max(network.widths)}"
    first = (2 * network.num_qubits - 1, time_text(compiled), time_text(one), whole.theirs / one)
    error = f"{_error(case, network, angles):.1e}"
    last = (time_text(whole.theirs), time_text(whole.ours), whole.ratio, at_most(whole.ratio, 3))
    TABLE.row(widest, *first, error, *last)


def _error(case: Case, network: cutq.Network, angles: object) -> float:
    """The largest difference of a few words from their uncut light cones."""
    circuit = bound(case.circuit, angles)
    texts = [" ".join(f"{letter}{qubit}" for qubit, letter in word.items()) for word in CHECKED]
    found = cutq.compile(network, texts)(angles)
    return max(abs(value - light_cone_value(circuit, word)) for value, word in zip(found, CHECKED, strict=True))


if __name__ == "__main__":
    main()
