"""A shallow or very wide circuit, gate by gate: bra and ket as one network of gate tensors.

Each gate is a tensor with one index for each piece of wire that it ends, in the ket and, conjugated, in the bra; a wire
that begins in ``|0>`` has no index there. A measured qubit joins ket and bra through its Pauli matrix, any other qubit
directly. Words are read out at the Pauli matrices, so that all words share what they have in common.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.angles import Angle
from cutq.circuits.circuit import Circuit, Operation
from cutq.circuits.gates import PAULIS
from cutq.circuits.observable import Word
from cutq.exact.densities import Complexes, Reals
from cutq.exact.gatetensors import AngleRows, derivatives, matrices, real_sum
from cutq.exact.homes import LeafSpec
from cutq.exact.plan import Constants, Plan, Source
from cutq.exact.sums import WordSums
from cutq.exact.tape import Tape, plan_tape
from cutq.exact.trees import contraction_tree

Integers = NDArray[np.int64]
Index = Hashable

HOME_COST = 1.0
"""Words are read out at Pauli matrices; all of them cost the same."""


@dataclass(frozen=True)
class _GateLeaf:
    """A gate in the ket or in the bra: which of its inputs begin in ``|0>``, and its indices, outputs first."""

    op: Operation
    bra: bool
    fresh: tuple[bool, ...]
    indices: tuple[Index, ...]


def gatewise_plan(circuit: Circuit, parameters: tuple[str, ...], sums: WordSums) -> Plan:
    """The contraction of a circuit's gates for the words of some observables.

    >>> from cutq.circuits.observable import Observable
    >>> from cutq.exact.sums import word_sums
    >>> bell = Circuit(2, (Operation("h", (0,)), Operation("cx", (0, 1))))
    >>> gatewise_plan(bell, (), word_sums([Observable("Z0 Z1")])).tape.flops < 2000
    True
    """
    measured = sorted({qubit for word in sums.words for qubit, _ in word})
    gates, caps = _leaves(circuit, measured)
    leaves = [LeafSpec(leaf.indices) for leaf in gates]
    leaves += [LeafSpec(cap, frozenset({qubit}), HOME_COST) for qubit, cap in zip(measured, caps, strict=True)]
    leaves = leaves or [LeafSpec(())]
    sizes = {index: 2 for leaf in leaves for index in leaf.indices}
    tape = plan_tape(leaves, sizes, contraction_tree([leaf.indices for leaf in leaves], sizes), sums.words)
    position = {name: k for k, name in enumerate(parameters)}
    offsets = {leaf: int(offset) for leaf, offset in zip(tape.leaves, tape.offsets, strict=False)}
    constants, sources = _gate_sources(gates, offsets, position)
    constants += [
        (offset, _pauli(word, caps[leaf - len(gates)]))
        for (leaf, word), offset in offsets.items()
        if leaf >= len(gates)
    ]
    reading = _readings(tape, [len(cap) for cap in caps], len(gates))
    return Plan(parameters, (), (*sources, reading), Constants.of(constants), tape, sums, np.dtype(complex))


def _leaves(circuit: Circuit, measured: Sequence[int]) -> tuple[list[_GateLeaf], list[tuple[Index, ...]]]:
    """The gates in ket and bra, and for each measured qubit the indices of its Pauli matrix, bra first."""
    last = [sum(qubit in op.qubits for op in circuit.operations) for qubit in range(circuit.num_qubits)]

    def index(bra: bool, qubit: int, time: int) -> Index:
        return (bra and (time < last[qubit] or qubit in inside), qubit, time)

    inside = set(measured)
    found = []
    time = [0] * circuit.num_qubits
    for op in circuit.operations:
        fresh = tuple(time[qubit] == 0 for qubit in op.qubits)
        for bra in (False, True):
            ends = [index(bra, qubit, time[qubit] + 1) for qubit in op.qubits]
            begins = [index(bra, qubit, time[qubit]) for qubit in op.qubits if time[qubit]]
            found.append(_GateLeaf(op, bra, fresh, (*ends, *begins)))
        for qubit in op.qubits:
            time[qubit] += 1
    caps: list[tuple[Index, ...]] = [
        (index(True, q, last[q]), index(False, q, last[q])) if last[q] else () for q in measured
    ]
    return found, caps


def _pauli(word: Word, cap: tuple[Index, ...]) -> Complexes:
    """The Pauli matrix between bra and ket; on a qubit without gates its value in ``|0>``."""
    matrix = PAULIS[word[0][1]] if word else PAULIS["I"]
    return matrix if cap else matrix[:1, :1]


def _gate_sources(
    gates: Sequence[_GateLeaf], offsets: Mapping[tuple[int, Word], int], position: Mapping[str, int]
) -> tuple[list[tuple[int, Any]], list[Source]]:
    """The tensors of fixed gates, and the others by name and by which inputs begin in ``|0>``."""
    constants: list[tuple[int, Any]] = []
    varying: dict[tuple[str, tuple[bool, ...]], list[tuple[Operation, int, bool]]] = {}
    for number, leaf in enumerate(gates):
        offset = offsets.get((number, ()))
        if offset is None:
            continue
        if leaf.op.parameters:
            varying.setdefault((leaf.op.name, leaf.fresh), []).append((leaf.op, offset, leaf.bra))
        else:
            tensor = _begun(leaf.op.unitary({}), leaf.fresh)
            constants.append((offset, tensor.conj() if leaf.bra else tensor))
    return constants, [_source(*key, places, position) for key, places in varying.items()]


def _source(
    name: str, fresh: tuple[bool, ...], places: Sequence[tuple[Operation, int, bool]], position: Mapping[str, int]
) -> GateSource:
    offsets = np.array([offset for _, offset, _ in places], dtype=np.int64)
    bras = np.array([bra for *_, bra in places])
    angles: list[tuple[Angle, ...]] = [op.params for op, _, _ in places]
    return GateSource(name, fresh, AngleRows.of(angles, position), offsets, bras)


def _begun(unitary: Complexes, fresh: Sequence[bool]) -> Complexes:
    """Unitaries (..., d, d) without the inputs that begin in ``|0>``, (..., entries)."""
    qubits = len(fresh)
    tensor = unitary.reshape(*unitary.shape[:-1], *(2,) * qubits)
    tensor = tensor[(..., *(0 if first else slice(None) for first in fresh))]
    return np.ascontiguousarray(tensor).reshape(*unitary.shape[:-2], -1)


def _unbegun(tensor: Complexes, fresh: Sequence[bool]) -> Complexes:
    """The reverse of :func:`_begun` for derivatives: zero for inputs that do not occur."""
    qubits = len(fresh)
    dim = 2**qubits
    found = np.zeros((*tensor.shape[:-1], dim, *(2,) * qubits), tensor.dtype)
    part = found[(..., *(0 if first else slice(None) for first in fresh))]
    part[...] = tensor.reshape(part.shape)
    return found.reshape(*tensor.shape[:-1], dim, dim)


@dataclass(frozen=True, eq=False)
class GateSource:
    """Gates of one name whose angles depend on parameters.

    Attributes:
        name: the gate.
        fresh: which of its inputs begin in ``|0>``.
        angles: the angles of each.
        offsets: where their tensors lie in a row of data.
        bras: whether each stands in the bra, conjugated.
    """

    name: str
    fresh: tuple[bool, ...]
    angles: AngleRows
    offsets: Integers
    bras: NDArray[np.bool_]

    def start(self, params: Reals, data: Any) -> GateState:
        """Write the tensors to the data."""
        values = self.angles.at(params)
        tensors = _begun(matrices(self.name, values), self.fresh)
        tensors = np.where(self.bras[:, None], tensors.conj(), tensors)
        data[:, self.offsets[:, None] + np.arange(tensors.shape[-1])] = tensors
        return GateState(self, values)


@dataclass(frozen=True, eq=False)
class GateState:
    """Gates at some rows of parameters."""

    source: GateSource
    values: Reals

    def write_values(self, data: Any, exponents: Integers, values: Reals) -> None:
        """Nothing is read out at a gate."""

    def pull(self, weights: Reals, data: Any, exponents: Integers, left: Any) -> None:
        """Nothing is read out at a gate."""

    def push(self, bras: None, left: Any, out: Reals) -> None:
        """Add to ``out``, (rows, parameters), what derivatives by the tensors, in ``left``, mean there."""
        source = self.source
        entries = 1 << (2 * len(source.fresh) - sum(source.fresh))
        own = left[:, source.offsets[:, None] + np.arange(entries)]
        own = _unbegun(np.where(source.bras[:, None], own.conj(), own), source.fresh)
        found = [real_sum(own, one) / 2 for one in derivatives(source.name, self.values)]
        out += source.angles.back(np.stack(found, axis=-1))


# --- reading words out at Pauli matrices -----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Reading:
    """Words that are read out at Pauli matrices: state and source in one, as it depends on no parameter.

    Attributes:
        places: for each word where its environment lies, its entries one by one; all words have as many.
        paulis: for each word the entries of its Pauli matrix there.
        tensors: for each word the number of its environment.
        columns: for each word the number of its value.
    """

    places: Integers
    paulis: Complexes
    tensors: Integers
    columns: Integers

    def start(self, params: Reals, data: Any) -> Reading:
        """Nothing to write."""
        return self

    def write_values(self, data: Any, exponents: Integers, values: Reals) -> None:
        """Read the values out in the environments that the contraction left in data."""
        found = (data[:, self.places] * self.paulis).sum(axis=-1).real
        values[:, self.columns] = np.ldexp(found, exponents[:, self.tensors])

    def pull(self, weights: Reals, data: Any, exponents: Integers, left: Any) -> None:
        """Add the derivatives by the environments to ``left``."""
        scaled = np.ldexp(weights[:, self.columns], exponents[:, self.tensors])
        np.add.at(left.T, self.places, (scaled[:, :, None] * self.paulis).transpose(1, 2, 0))

    def push(self, bras: None, left: Any, out: Reals) -> None:
        """Nothing depends on parameters."""


def _readings(tape: Tape, sizes: Sequence[int], first: int) -> Reading:
    """All words of a tape; the environment of a qubit without gates is a number, repeated with zeros for its matrix."""
    places, paulis, tensors = [], [], []
    for readout, local in tape.placements:
        one = tape.readouts[readout]
        offset = int(tape.offsets[one.tensor])
        joined = sizes[one.home - first] > 0
        places.append(offset + np.arange(4) * joined)
        matrix = _pauli(local, (0, 0)).ravel()
        paulis.append(matrix if joined else matrix * [1, 0, 0, 0])
        tensors.append(one.tensor)
    count = len(places)
    return Reading(
        np.array(places, dtype=np.int64).reshape(count, 4),
        np.array(paulis, dtype=complex).reshape(count, 4),
        np.array(tensors, dtype=np.int64),
        np.arange(count),
    )
