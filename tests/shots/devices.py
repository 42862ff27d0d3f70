"""Variants of every kind and their exact distributions, against which programs and runners are held."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from qiskit import QuantumCircuit

from cutq import Circuit, CutPlan, GateCut, Operation, WireCut, from_qiskit, split
from cutq.exact.amplitudes import fragment_amplitudes
from cutq.network.frames import FRAMES, Row
from cutq.network.legspace import Place, places
from cutq.network.network import Fragment, Network
from cutq.shots.jobs import Counts
from cutq.shots.program import Conditional, Gate, Measure, Program, Reset
from cutq.shots.variants import Choice, Variant, joined
from tests.strategies import haar


def op(name: str, *qubits: int, params: tuple[float, ...] = ()) -> Operation:
    return Operation(name, qubits, params)


def layered(num_qubits: int, *middle: Operation, seed: int = 0) -> Circuit:
    """Operations between two layers of random u3, so that nothing vanishes by symmetry."""
    rng = np.random.default_rng(seed)
    first, last = ([op("u3", q, params=tuple(rng.uniform(-3, 3, 3))) for q in range(num_qubits)] for _ in range(2))
    return Circuit.of(num_qubits, [*first, *middle, *last])


def across(*middle: Operation, labels: str = "AB", joint: bool = False) -> Network:
    circuit = layered(len(labels), *middle)
    return split(circuit, CutPlan.from_partition(circuit, labels, joint=joint))


def three_gates() -> Network:
    """A joint cut of a CX, a gate that is none but in name, and another CX, on pairs of their own."""
    nothing = Operation("unitary", (1, 4), matrix=local(8))
    circuit = layered(6, op("cx", 0, 3), nothing, op("cx", 2, 5), op("cz", 0, 1), op("cx", 1, 2), op("cz", 3, 5))
    return split(circuit, CutPlan((GateCut((6, 7, 8)),)))


def star_and_gate() -> Network:
    """A star and a unitary of rank 4 in one bond."""
    unitary = Operation("unitary", (1, 4), matrix=haar(2, 7))
    circuit = layered(5, op("cx", 0, 2), op("cp", 3, 0, params=(0.8,)), unitary, op("cx", 0, 1), op("cx", 2, 4))
    return split(circuit, CutPlan((GateCut((5, 6, 7)),)))


def group_of_four() -> Network:
    """An X with three controls between two qubits and two."""
    qc = QuantumCircuit(4)
    for qubit in range(4):
        qc.u(0.3 + qubit, 0.2, 0.1, qubit)
    qc.mcx([0, 1, 2], 3)
    for qubit in range(4):
        qc.u(1.3 + qubit, 0.2, 0.1, qubit)
    circuit = from_qiskit(qc)
    return split(circuit, CutPlan.from_partition(circuit, "ABAB", joint=True))


def local(seed: int) -> np.ndarray:
    """A random unitary on each of two qubits."""
    return np.kron(haar(1, seed), haar(1, seed + 1))


def wires() -> Network:
    """Two wires between two parts, and one more within the second."""
    ops = [op("cx", 0, 1), op("ry", 1, params=(0.4,)), op("cz", 1, 2), op("rxx", 2, 3, params=(0.9,))]
    circuit = layered(4, *ops)
    return split(circuit, CutPlan((WireCut(1, 5), WireCut(2, 6))))


def parallel_wires() -> Network:
    """Three wires between two parts, and a qubit of each part's own."""
    ops = [op("cx", 0, 1), op("ry", 1, params=(0.4,)), op("cx", 1, 2), op("crx", 2, 3, params=(1.1,))]
    rest = [op("cx", 1, 4), op("rzz", 2, 4, params=(0.7,)), op("cx", 3, 4), op("h", 1)]
    circuit = layered(5, *ops, *rest)
    return split(circuit, CutPlan((WireCut(1, 7), WireCut(2, 8), WireCut(3, 8))))


def pair_of_cx() -> Network:
    """Two CX with something in between that makes them two components of one bond."""
    circuit = layered(4, op("cx", 0, 2), op("u3", 0, params=(0.3, 0.8, -0.2)), op("cx", 0, 1), op("cx", 1, 3))
    return split(circuit, CutPlan((GateCut((4, 7)),)))


NETWORKS = {
    "wires": wires(),
    "parallel wires": parallel_wires(),
    "cx": across(op("cx", 0, 1)),
    "ch": across(op("ch", 0, 1)),
    "ecr": across(op("ecr", 0, 1)),
    "rzz": across(op("rzz", 0, 1, params=(0.4,))),
    "cu": across(op("cu", 0, 1, params=(0.4, 1.2, -0.3, 0.5))),
    "cu3": across(op("cu3", 0, 1, params=(1.0, 0.7, 0.2))),
    "iswap": across(op("iswap", 0, 1)),
    "rank 1": across(Operation("unitary", (0, 1), matrix=np.kron(haar(1, 1), haar(1, 2)))),
    "rank 2": across(Operation("unitary", (0, 1), matrix=local(3) @ np.diag([1, 1, 1, np.exp(0.7j)]) @ local(4))),
    "rank 4": across(Operation("unitary", (0, 1), matrix=haar(2, 5))),
    "two cx": pair_of_cx(),
    "two iswap": split(layered(4, op("iswap", 0, 2), op("iswap", 1, 3)), CutPlan((GateCut((4, 5)),))),
    "three gates": three_gates(),
    "rzz and cu": split(
        layered(4, op("rzz", 0, 2, params=(0.4,)), op("cu", 1, 3, params=(0.5, 1.0, 0.2, 0.7))),
        CutPlan((GateCut((4, 5)),)),
    ),
    "group of four": group_of_four(),
    "star and gate": star_and_gate(),
    "star": across(
        op("cx", 0, 1),
        op("t", 0),
        op("crx", 0, 2, params=(0.6,)),
        op("cp", 1, 0, params=(0.5,)),
        labels="ABB",
        joint=True,
    ),
    "group": across(op("ccx", 0, 1, 2), labels="AAB", joint=True),
    "toffoli": across(op("ccx", 0, 1, 2), labels="AAB"),
}
"""Cuts of every kind."""


def frame_rows(place: Place) -> list[tuple[str, Row]]:
    """Every row of every frame for a place, with the frame's name."""
    return [(name, row) for name, frame in FRAMES.items() if frame.kind == place.kind and not frame.joint
            for row in frame.rows(place)]  # fmt: skip


def variants(network: Network, *, seed: int = 0) -> Iterator[Variant]:
    """For each fragment variants in which every row of every frame occurs at every place, and bases change."""
    rng = np.random.default_rng(seed)
    for position, fragment in enumerate(network.fragments):
        rows = [frame_rows(place) for place in places(fragment)]
        for turn in range(max(map(len, rows), default=1)):
            choices = [
                Choice((k,), name, vectors)
                for k, own in enumerate(rows)
                for _, (name, vectors) in [own[(turn + 3 * k) % len(own)]]
            ]
            bases = "".join(rng.choice(list("IXYZ"), size=len(fragment.outputs), p=[0.1, 0.3, 0.3, 0.3]))
            yield Variant(position, fragment, {}, tuple(choices), bases)


def variant(network: Network, position: int, choices: list[tuple[tuple[int, ...], np.ndarray]]) -> Variant:
    """A variant with these vectors, by places, and outputs that are measured in X, Y, Z in turn."""
    fragment = network.fragments[position]
    bases = "".join(itertools.islice(itertools.cycle("XYZ"), len(fragment.outputs)))
    chosen = tuple(Choice(where, "own", np.asarray(vectors, dtype=complex)) for where, vectors in choices)
    return Variant(position, fragment, {}, chosen, bases)


ROTATIONS = {
    "Z": np.eye(2),
    "X": np.array([[1, 1], [1, -1]]) / np.sqrt(2),
    "Y": np.array([[1, -1j], [1, 1j]]) / np.sqrt(2),
}
"""Rows are the conjugates of the states of the basis."""


def expected(variant: Variant, fragment: Fragment | None = None) -> np.ndarray:
    """``p(x, s)`` from the amplitudes, (2**bits,), the first bit most significant."""
    fragment = fragment or variant.fragment
    amplitudes = fragment_amplitudes(fragment, variant.values)
    outputs = len(fragment.outputs)
    dims = [place.dim for place in places(fragment)]
    state = amplitudes.reshape(2**outputs, *dims)
    order = [k for choice in variant.choices for k in choice.places]
    state = state.transpose(0, *(1 + k for k in order)).reshape(2**outputs, -1) @ joined(variant.choices).T
    state = state.reshape((2,) * outputs + (-1,))
    for axis, letter in enumerate(variant.bases):
        state = np.moveaxis(np.tensordot(ROTATIONS.get(letter, np.eye(2)), state, (1, axis)), 0, axis)
    unread = tuple(axis for axis, letter in enumerate(variant.bases) if letter == "I")
    return (np.abs(state) ** 2).sum(axis=unread).ravel()


def simulated(program: Program) -> np.ndarray:
    """The distribution of the bits of a program, (2**bits,): every outcome of every measurement is a branch."""
    start = np.zeros((2,) * program.num_qubits, dtype=complex)
    start[(0,) * program.num_qubits] = 1.0
    branches = [((None,) * program.num_bits, start)]
    for instruction in program.instructions:
        branches = [after for branch in branches for after in _stepped(*branch, instruction)]
    found = np.zeros(2**program.num_bits)
    for bits, state in branches:
        assert None not in bits, "a bit is never written"
        found[int("".join(map(str, bits)) or "0", 2)] += np.vdot(state, state).real
    return found


def _stepped(bits: tuple, state: np.ndarray, instruction: object) -> Iterator[tuple[tuple, np.ndarray]]:
    if isinstance(instruction, Gate) or (isinstance(instruction, Conditional) and bits[instruction.bit] == 1):
        size = len(instruction.qubits)
        tensor = instruction.operation.unitary({}).reshape((2,) * (2 * size))
        state = np.tensordot(tensor, state, (range(size, 2 * size), instruction.qubits))
        yield bits, np.moveaxis(state, range(size), instruction.qubits)
    elif isinstance(instruction, Conditional):
        assert bits[instruction.bit] == 0, "a bit is written before it is asked for"
        yield bits, state
    else:
        assert isinstance(instruction, Measure | Reset)
        for outcome in (0, 1):
            kept = np.zeros_like(state)
            index = (slice(None),) * instruction.qubit
            target = outcome if isinstance(instruction, Measure) else 0
            kept[(*index, target)] = state[(*index, outcome)]
            if np.vdot(kept, kept).real < 1e-24:
                continue
            if isinstance(instruction, Measure):
                assert bits[instruction.bit] is None, "a bit is written once"
                yield (*bits[: instruction.bit], outcome, *bits[instruction.bit + 1 :]), kept
            else:
                yield bits, kept


def frequencies(counts: Counts, num_bits: int) -> np.ndarray:
    """How often each outcome was seen, (2**bits,)."""
    found = np.zeros(2**num_bits, dtype=int)
    weights = 1 << np.arange(num_bits)[::-1]
    np.add.at(found, counts.bits.astype(int) @ weights, counts.numbers)
    return found


def assert_follows(counts: Counts, exact: np.ndarray, num_bits: int) -> None:
    """Counts against their distribution: nothing impossible, and a chi-square within six deviations of its mean."""
    found = frequencies(counts, num_bits)
    possible = exact > 1e-9
    assert found[~possible].sum() == 0
    means = counts.shots * exact[possible]
    chi_square = float(((found[possible] - means) ** 2 / means).sum())
    # The variance of the statistic, exactly: 2 (k - 1) and what rare outcomes add.
    k, rare = int(possible.sum()), float((1 / exact[possible]).sum())
    variance = 2 * (k - 1) * (1 - 1 / counts.shots) + (rare - k * k) / counts.shots
    assert abs(chi_square - (k - 1)) <= 6 * np.sqrt(max(variance, 0.0)) + 1e-6
