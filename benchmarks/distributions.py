"""Full distributions from amplitudes over bonds: ``python -m benchmarks.distributions [--quick]``.

Two halves with three cut gates, beside numpy doing only the final product and its square; and a line in pieces of
three qubits, beside the sum of 4**cuts Kronecker products of Pauli tensors that cutting tools without a contraction
compute. cutq's times hold the simulation of the fragments; the Kronecker loop gets its tensors for nothing.
"""

from __future__ import annotations

import argparse
import itertools

import numpy as np

import cutq
from benchmarks.families import Case, ladder, two_halves
from benchmarks.table import Table, at_least, at_most, one_thread, paired, time_text
from cutq.circuits.gates import PAULIS
from cutq.exact.amplitudes import fragment_amplitudes

CUTQC2_SECONDS = {10: 0.048, 12: 0.24, 14: 1.56, 16: 12.6}
"""What cutqc2 takes for such a line, by qubits; read, on one thread of another machine."""

HALVES = Table("qubits; bonds,cutq,numpy,sum - 1,difference,ratio,target")
LINES = Table("qubits; cuts,cutq,4^cuts loop,ratio,difference,cutqc2 (read),ratio,target")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.distributions")
    parser.add_argument("--quick", action="store_true", help="small circuits")
    options = parser.parse_args()
    with one_thread():
        HALVES.head("Two halves, three cut CZ: all probabilities beside |A B|^2 alone")
        _halves(16 if options.quick else 24, 3)
        LINES.head("A line in pieces of three qubits")
        for qubits in (10, 12) if options.quick else CUTQC2_SECONDS:
            _line(qubits)


def _halves(qubits: int, bonds: int) -> None:
    case = two_halves(qubits, bonds)
    network, angles = case.network(), case.draw()
    values = dict(zip(network.parameters, angles.tolist(), strict=True))
    rows, columns = (
        fragment_amplitudes(fragment, values).reshape(2 ** (qubits // 2), 2**bonds) for fragment in network.fragments
    )
    coupling = np.array([[1.0]])
    for bond in network.bonds:
        coupling = np.kron(coupling, bond.couplings(values)[0])
    left, right = rows @ coupling, np.ascontiguousarray(columns.T)

    def product_and_square() -> np.ndarray:
        product = left @ right
        return product.real**2 + product.imag**2

    def ours() -> np.ndarray:
        return cutq.probabilities(network, range(qubits), angles)

    found = ours().reshape(-1)
    total, difference = found.sum() - 1, np.abs(found - product_and_square().reshape(-1)).max()
    pair = paired(ours, product_and_square, rounds=3)
    ratio = 1 / pair.ratio
    cells = (time_text(pair.ours), time_text(pair.theirs), f"{total:.1e}", f"{difference:.1e}", ratio)
    HALVES.row(f"{qubits}, {bonds}", *cells, at_most(ratio, 2))


def _line(qubits: int) -> None:
    case = ladder(qubits)
    network, angles = case.network(), case.draw()
    tensors = pauli_tensors(case, angles)
    found = cutq.probabilities(network, range(qubits), angles).reshape(-1)
    difference = np.abs(found - kronecker_sum(tensors)).max()
    pair = paired(lambda: cutq.probabilities(network, range(qubits), angles), lambda: kronecker_sum(tensors), rounds=1)
    published = CUTQC2_SECONDS[qubits]
    beside = (time_text(pair.ours), time_text(pair.theirs), pair.ratio, f"{difference:.1e}")
    verdict = at_least(published / pair.ours, 1000) if qubits == 16 else ""
    LINES.row(f"{qubits}, {len(case.plan.cuts)}", *beside, time_text(published), published / pair.ours, verdict)


def pauli_tensors(case: Case, angles: np.ndarray) -> list[np.ndarray]:
    """For each piece the probabilities of its outputs over the Paulis of its two legs, (4, 4, 2**outputs), or (1, ...).

    The factor 1/2 of each cut stands in the tensor of its upstream end.
    """
    network = case.network()
    values = dict(zip(network.parameters, angles.tolist(), strict=True))
    paulis = np.stack([PAULIS[letter] for letter in "IXYZ"])
    tensors = []
    for position, fragment in enumerate(network.fragments):
        ends = [leg.end for leg in fragment.legs]
        incoming = paulis if 1 in ends else np.ones((1, 1, 1))
        outgoing = paulis / 2 if 0 in ends else np.ones((1, 1, 1))
        ket = fragment_amplitudes(fragment, values).reshape(-1, incoming.shape[1], outgoing.shape[1])
        assert position == 0 or fragment.outputs[0] > network.fragments[position - 1].outputs[-1]
        tensors.append(np.einsum("xio,xjp,aij,bpo->abx", ket, ket.conj(), incoming, outgoing, optimize=True).real)
    return tensors


def kronecker_sum(tensors: list[np.ndarray]) -> np.ndarray:
    """The sum over I, X, Y, Z of every cut of the Kronecker product of the pieces' vectors."""
    total = np.zeros(int(np.prod([tensor.shape[2] for tensor in tensors])))
    for letters in itertools.product(range(4), repeat=len(tensors) - 1):
        vector = np.ones(1)
        for tensor, before, after in zip(tensors, (0, *letters), (*letters, 0), strict=True):
            vector = np.multiply.outer(vector, tensor[before, after]).reshape(-1)
        total += vector
    return total


if __name__ == "__main__":
    main()
