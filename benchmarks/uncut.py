"""Cut against uncut: ``python -m benchmarks.uncut [--quick]``.

The honest competitor of cutting is a good contraction order of the light cone without any cut. cotengra gets the cone
with its one-qubit gates multiplied into their neighbours, searches for a tree once, and only the contraction along
that tree is timed; cutq's time holds everything that depends on the angles. The table says who wins.
"""

from __future__ import annotations

import argparse
import time

import cotengra
import numpy as np

import cutq
from benchmarks.families import Case, bound, brick, dist_vqe, ising, module_chain, module_ring, module_tree, staircase
from benchmarks.table import Table, at_least, one_thread, paired, time_text
from cutq.circuits.gates import PAULIS

SEARCH_SECONDS = 10.0

TABLE = Table("circuit,compile,cutq,search,uncut,log2 width,difference,winner,uncut/cutq,target", first=28)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.uncut")
    parser.add_argument("--quick", action="store_true", help="small circuits")
    options = parser.parse_args()
    TABLE.head("One value: fragments of the natural plan, and the light cone contracted uncut")
    with one_thread():
        for name, case in (quick_cases() if options.quick else cases()).items():
            _measure(name, case)


def cases() -> dict[str, Case]:
    """The circuits of the table."""
    return {
        "modules, 50 qubits": module_chain(8, 6),
        "modules, 184 qubits": module_chain(4, 60),
        "tree of 31 modules": module_tree(4, 31),
        "ring of 12 modules": module_ring(4, 12),
        "brick 100, depth 4": brick(100, 4, 10),
        "staircase 100, depth 4": staircase(100, 4, 10),
        "Ising 100, 4 steps": _middle(ising(100, 4, 10)),
        "dist-VQE 40, clusters of 10": dist_vqe(40, 10),
    }


def quick_cases() -> dict[str, Case]:
    """The same families in small."""
    return {
        "modules, 10 qubits": module_chain(4, 2),
        "brick 20, depth 4": brick(20, 4, 5),
        "staircase 20, depth 2": staircase(20, 2, 5),
    }


TARGETS = {
    "modules, 50 qubits": (at_least, 20.0),
    "brick 100, depth 4": (at_least, 0.5),
    "staircase 100, depth 4": (at_least, 0.5),
}
"""On the ratio uncut / cutq: at least 20 times faster, and never more than 2 times slower."""


def _middle(case: Case) -> Case:
    return Case(case.circuit, case.plan, (f"Z{case.circuit.num_qubits // 2}",))


def _measure(name: str, case: Case) -> None:
    angles = case.draw()
    start = time.process_time()
    program = cutq.compile(case.network(), case.observables)
    compiled = time.process_time() - start
    inputs, arrays, factor = cone_tensors(bound(case.circuit, angles), case.observables[0])
    start = time.process_time()
    tree = contraction_tree(inputs)
    searched = time.process_time() - start

    def uncut() -> float:
        return float((factor * tree.contract(arrays)).real)

    difference = program(angles)[0] - uncut()
    pair = paired(lambda: program(angles), uncut, rounds=3)
    times = (time_text(compiled), time_text(pair.ours), time_text(searched), time_text(pair.theirs))
    winner = "cut" if pair.ratio > 1 else "UNCUT"
    judge, target = TARGETS.get(name, (None, 0.0))
    verdict = judge(pair.ratio, target) if judge else ""
    TABLE.row(name, *times, tree.contraction_width(), f"{difference:.0e}", winner, pair.ratio, verdict)


def contraction_tree(inputs: list[tuple[str, ...]]) -> cotengra.ContractionTree:
    """The best tree of a bounded search."""
    names = dict.fromkeys(index for indices in inputs for index in indices)
    letters = {name: cotengra.get_symbol(number) for number, name in enumerate(names)}  # trees read single letters
    search = cotengra.HyperOptimizer(
        methods=["greedy", "labels"],
        minimize="flops",
        max_repeats=256,
        max_time=SEARCH_SECONDS,
        parallel=False,
        progbar=False,
        optlib="random",
        seed=0,
    )
    renamed = [tuple(letters[index] for index in indices) for indices in inputs]
    return search.search(renamed, (), dict.fromkeys(letters.values(), 2))


def cone_tensors(circuit: cutq.Circuit, word: str) -> tuple[list[tuple[str, ...]], list[np.ndarray], complex]:
    """The light cone of a Pauli word as indices and arrays of ket and bra, and a factor of qubits that stand alone."""
    letters = dict(cutq.Observable(word).terms[0][0])
    waiting: dict[int, np.ndarray] = {}  # what one-qubit gates made of |0>, or of a wire since its last two-qubit gate
    wire: dict[int, int] = {}  # number of the wire's present index
    inputs: list[tuple[str, ...]] = []
    arrays: list[np.ndarray] = []
    for op in cone(circuit, set(letters)):
        pending = [waiting.get(qubit, np.array([1.0, 0.0])) for qubit in op.qubits]
        if len(op.qubits) == 1:
            waiting[op.qubits[0]] = op.unitary({}) @ pending[0]
            continue
        before = tuple(f"q{qubit}.{wire[qubit]}" for qubit in op.qubits if qubit in wire)
        for qubit in op.qubits:
            waiting[qubit] = np.eye(2)
            wire[qubit] = wire.get(qubit, -1) + 1
        inputs.append((*(f"q{qubit}.{wire[qubit]}" for qubit in op.qubits), *before))
        first, second = (matrix.reshape(2, -1) for matrix in pending)
        tensor = op.unitary({}) @ np.kron(first, second)
        arrays.append(tensor.reshape((2,) * len(inputs[-1])))
    return _closed(inputs, arrays, waiting, wire, letters)


def _closed(
    inputs: list[tuple[str, ...]],
    arrays: list[np.ndarray],
    waiting: dict[int, np.ndarray],
    wire: dict[int, int],
    letters: dict[int, str],
) -> tuple[list[tuple[str, ...]], list[np.ndarray], complex]:
    """Ket, bra and the observed qubits between; on the others the last index of the ket is that of the bra."""
    observed, factor = {f"q{qubit}.{wire[qubit]}" for qubit in letters if qubit in wire}, 1.0 + 0j
    ends = {f"q{qubit}.{last}" for qubit, last in wire.items()} - observed
    bra = [tuple(index if index in ends else f"{index}*" for index in indices) for indices in inputs]
    conjugates = [array.conj() for array in arrays]
    joints, operators = [], []
    for qubit, letter in letters.items():
        local = waiting.get(qubit, np.array([1.0, 0.0]))
        operator = local.conj().T @ PAULIS[letter] @ local
        if qubit in wire:
            joints.append((f"q{qubit}.{wire[qubit]}*", f"q{qubit}.{wire[qubit]}"))
            operators.append(operator)
        else:
            factor *= operator
    return [*inputs, *bra, *joints], [*arrays, *conjugates, *operators], factor


def cone(circuit: cutq.Circuit, qubits: set[int]) -> list[cutq.Operation]:
    """The operations that the qubits can see, in order."""
    kept = []
    for op in reversed(circuit.operations):
        if qubits & set(op.qubits):
            qubits |= set(op.qubits)
            kept.append(op)
    return kept[::-1]


if __name__ == "__main__":
    main()
