"""The circuit of a fragment for a device: qubits whose wire has ended are measured, reset and used again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cutq.circuits.angles import Angle
from cutq.circuits.circuit import Operation
from cutq.circuits.qiskit.gates import qiskit_gate
from cutq.errors import PlanError
from cutq.network.network import Fragment, Slot
from cutq.network.reuse import Schedule, schedule, segments

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

BASES: dict[str, tuple[str, ...]] = {"Z": (), "X": ("h",), "Y": ("sdg", "h")}
"""Gates before a measurement, by the Pauli matrix that is measured."""

PREPARATIONS: dict[str, tuple[str, ...]] = {
    "0": (), "1": ("x",), "+": ("h",), "-": ("x", "h"), "r": ("h", "s"), "l": ("h", "sdg"),
}  # fmt: skip
"""Gates that make a state of ``|0>``, by its name; r and l are the eigenstates of Y for +1 and -1."""


def fragment_circuit(
    fragment: Fragment,
    *,
    bases: Mapping[int, str] | None = None,
    preparations: Mapping[int, str] | None = None,
    letters: Mapping[int, Sequence[int]] | None = None,
    values: Mapping[str, float] | None = None,
) -> QuantumCircuit:
    """The circuit of a fragment with its legs set, on as many qubits as its schedule takes.

    Args:
        fragment: the fragment.
        bases: by segment, the Pauli matrix that its qubit is measured in at its end; Z where none is named.
        preparations: by leg, the state that an incoming wire begins in, see ``PREPARATIONS``; 0 where none is named.
        letters: by leg of a gate cut, which of its operations are run, one number for each component; the first ones
            where none are named.
        values: numbers for parameters.

    Returns:
        A circuit whose classical bit ``k`` is what segment ``k`` ended in.

    Raises:
        PlanError: a name or a number that there is not.

    >>> from cutq.circuits.circuit import Circuit
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> star = Circuit(5, tuple(Operation("cx", (q, 4)) for q in range(4)))
    >>> qc = fragment_circuit(split(star, CutPlan.uncut()).fragments[0])
    >>> qc.num_qubits, qc.count_ops()["reset"], qc.count_ops()["measure"]
    (2, 3, 5)
    """
    from qiskit import QuantumCircuit

    plan = schedule(fragment)
    writer = _Writer(fragment, plan, QuantumCircuit(plan.width, fragment.width), values or {})
    writer.bases, writer.letters = dict(bases or {}), dict(letters or {})
    writer.starts = _starts(fragment, preparations or {})
    return writer.written()


def _starts(fragment: Fragment, preparations: Mapping[int, str]) -> dict[int, str]:
    """By segment the state that it begins in."""
    found = {}
    for leg, state in preparations.items():
        if not 0 <= leg < len(fragment.legs) or fragment.legs[leg].segment is None or fragment.legs[leg].end != 1:
            raise PlanError(f"leg {leg} is no incoming wire of the fragment, so there is no state {state!r} to prepare")
        if state not in PREPARATIONS:
            raise PlanError(f"leg {leg} is to begin in {state!r}; known states are {', '.join(PREPARATIONS)}")
        segment = fragment.legs[leg].segment
        assert segment is not None
        found[segment] = state
    return found


class _Writer:
    """Writes the items in the order of the schedule; the short-lived state of :func:`fragment_circuit`."""

    def __init__(
        self, fragment: Fragment, plan: Schedule, circuit: QuantumCircuit, values: Mapping[str, float]
    ) -> None:
        self.fragment, self.plan, self.circuit, self.values = fragment, plan, circuit, values
        self.bases: dict[int, str] = {}
        self.letters: dict[int, Sequence[int]] = {}
        self.starts: dict[int, str] = {}
        self.used: set[int] = set()
        """Qubits that have held a segment."""
        self.begun: set[int] = set()

    def written(self) -> QuantumCircuit:
        """The circuit, with every segment measured."""
        last = {segment: item for item in self.plan.items for segment in segments(self.fragment.items[item])}
        for segment in set(range(self.fragment.width)) - set(last):
            self._begin(segment)
            self._end(segment)
        for item in self.plan.items:
            touched = segments(self.fragment.items[item])
            for segment in touched:
                self._begin(segment)
            self._run(item)
            for segment in touched:
                if last[segment] == item:
                    self._end(segment)
        return self.circuit

    def _begin(self, segment: int) -> None:
        if segment in self.begun:
            return
        self.begun.add(segment)
        qubit = self.plan.host[segment]
        if qubit in self.used:
            self.circuit.reset(qubit)
        self.used.add(qubit)
        self._gates(PREPARATIONS[self.starts.get(segment, "0")], qubit)

    def _run(self, item: int) -> None:
        what = self.fragment.items[item]
        op = self._letter(what) if isinstance(what, Slot) else what.operation
        bound = Operation(op.name, op.qubits, tuple(Angle() + angle.at(self.values) for angle in op.params), op.matrix)
        self.circuit.append(qiskit_gate(bound, {}), [self.plan.host[segment] for segment in op.qubits])

    def _letter(self, slot: Slot) -> Operation:
        chosen = self.letters.get(slot.leg, ())
        number = chosen[slot.component] if slot.component < len(chosen) else 0
        if not 0 <= number < len(slot.letters):
            raise PlanError(
                f"leg {slot.leg} has {len(slot.letters)} operations to choose from at operation {slot.number}, "
                f"numbered from 0, got {number}"
            )
        return slot.letters[number]

    def _end(self, segment: int) -> None:
        basis = self.bases.get(segment, "Z")
        if basis not in BASES:
            raise PlanError(f"segment {segment} is to be measured in {basis!r}; known are {', '.join(BASES)}")
        qubit = self.plan.host[segment]
        self._gates(BASES[basis], qubit)
        self.circuit.measure(qubit, segment)

    def _gates(self, names: Sequence[str], qubit: int) -> None:
        for name in names:
            getattr(self.circuit, name)(qubit)
